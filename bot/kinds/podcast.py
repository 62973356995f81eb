"""A podcast: who says what, timed by code at the pace people speak, with chapters."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks import AskedBy, Check, bounded
from bot.checks.terms import norm
from bot.content import MOST_MINUTES, MOST_WORDS, Assignment, Content, Count, Example, Kind, Size
from bot.kinds._additions import call_for
from bot.kinds._labels import label
from bot.kinds._shared import paragraphs, seconds_of, shared_out, span

# Words a minute that people say in a conversation, about.
PACE = 150
USUAL_SECONDS = 120


class Turn(BaseModel):
    """What one speaker says before the next one does."""

    speaker: Annotated[str, Size(24, least=2, form="phrase")]
    words: Annotated[str, Size(600, least=8, nouns=("line",), form="sentences")]


class Chapter(BaseModel):
    """A part of an episode under its heading."""

    heading: Annotated[str, Size(50, least=3, form="phrase")]
    turns: Annotated[list[Turn], Count(1, 24, 4, ("turn", "line"), each=30)]


# As briefs call them in the languages of the bot.
_CHAPTERS = ("chapter", "segment", "part", "section", "kapitel", "kapiteln", "capítulo", "capitulo", "chapitre")


class Podcast(BaseModel):
    """What a model writes."""

    title: Annotated[str, Size(70, least=4)]
    summary: Annotated[str, Size(220, least=20, form="sentences")]
    chapters: Annotated[list[Chapter], Count(1, 10, 3, _CHAPTERS)]


def seconds_wanted(assignment: Assignment) -> int:
    """How long the episode lasts."""
    return seconds_of(assignment, USUAL_SECONDS)


def words_wanted(assignment: Assignment) -> int:
    """How many words are said in that time."""
    return min(round(seconds_wanted(assignment) / 60 * PACE), MOST_WORDS)


def compose(output: Podcast, assignment: Assignment) -> Content:
    """The turns under their chapters with their times, longer ones getting more of it."""
    said = [turn for chapter in output.chapters for turn in chapter.turns]
    total = seconds_wanted(assignment)
    times = iter(shared_out(total, [len(turn.words.split()) + 1 for turn in said]))
    blocks, turns, chapters, at = list[str](), list[dict[str, Any]](), list[dict[str, Any]](), 0
    for chapter in output.chapters:
        lines = list[str]()
        chapters.append({"heading": chapter.heading, "start": at})
        for turn in chapter.turns:
            seconds = next(times)
            lines.append(f"**{turn.speaker}** ({span(at, at + seconds, assignment)}): {turn.words}")
            turns.append({**turn.model_dump(), "seconds": seconds})
            at += seconds
        blocks.append(f"### {chapter.heading}\n" + "\n\n".join(lines))
    closing = call_for(assignment, *(turn.words for turn in said))
    noted = f"**{label('Show notes', assignment)}:** {closing}" if closing else ""
    parts: dict[str, Any] = {
        "title": output.title,
        "summary": output.summary,
        "chapters": chapters,
        "turns": turns,
        "seconds": at,
    }
    return Content(paragraphs(f"## {output.title}\n{output.summary}", *blocks, noted), parts)


def examine(output: Podcast, content: Content, assignment: Assignment) -> list[Check]:
    """The turns fill the time, and nobody has to rush."""
    wanted = seconds_wanted(assignment)
    asked_by: AskedBy = "brief" if assignment.reading.lasting else "kind"
    words = sum(len(norm(turn.words).split()) for chapter in output.chapters for turn in chapter.turns)
    pace = round(60 * words / max(wanted, 1))
    hint = f"It lasts {wanted} seconds, in which people say about {words_wanted(assignment)} words; it has {words}. Say less."
    checks = [bounded("seconds", content.parts["seconds"], wanted, wanted, "seconds", asked_by=asked_by)]
    if assignment.as_written:
        checks.append(bounded("words a minute", pace, high=_FASTEST, unit="words a minute", path="chapters", hint=hint))
    return checks


# Words a minute from which on listeners do not follow any more, about.
_FASTEST = 200


KIND = Kind(
    name="podcast",
    family="media",
    title="Podcast",
    description="An episode as it is spoken: chapters, speakers, words, and the time of each turn.",
    output=Podcast,
    prompt="Write a podcast episode as it is spoken. Short natural sentences that are easy to say. The speakers answer each other, "
    "and each sounds like somebody. The first chapter says what it is about, the last one ends it. `summary` is what listeners read "
    "before they listen.",
    examples=(
        Example(
            "podcast on sourdough starters, two hosts, one minute, 2 chapters",
            Podcast(
                title="The jar on the shelf",
                summary="Two people talk about the jar that bubbles behind the flour, and how to keep it alive.",
                chapters=[
                    Chapter(
                        heading="It moved",
                        turns=[
                            Turn(
                                speaker="Ada",
                                words="So I came into the kitchen this morning, and the lid was on the floor. My starter had pushed it off in the night.",
                            ),
                            Turn(
                                speaker="Ben",
                                words="That is a good sign, you know. It only means that it was hungry and then ate very well.",
                            ),
                            Turn(
                                speaker="Ada",
                                words="Hungry? I thought it was angry. What does it actually want from me, day after day?",
                            ),
                        ],
                    ),
                    Chapter(
                        heading="Feeding time",
                        turns=[
                            Turn(
                                speaker="Ben",
                                words="Flour and water, the same weight of each, and a warm corner. When it has doubled, you bake, or you put it in the fridge and it sleeps.",
                            ),
                            Turn(
                                speaker="Ada",
                                words="And if I forget it for a while, is that the end of us?",
                            ),
                            Turn(
                                speaker="Ben",
                                words="Almost never. Pour off the grey water, feed it twice, and it forgives you. Bread people are patient, and so are their jars.",
                            ),
                        ],
                    ),
                ],
            ),
        ),
        Example(
            "30 second podcast trailer about night trains, 1 chapter",
            Podcast(
                title="Berth twelve",
                summary="A voice from a sleeping car invites you to travel along at night.",
                chapters=[
                    Chapter(
                        heading="Doors closing",
                        turns=[
                            Turn(
                                speaker="Noor",
                                words="It is late, the platform is empty, and one window is still lit. This is a show about people who travel while you sleep.",
                            ),
                            Turn(
                                speaker="Noor",
                                words="Each week I share a compartment with somebody, and they tell me why they are going. Pull down the blind and come along.",
                            ),
                        ],
                    ),
                ],
            ),
        ),
    ),
    compose=compose,
    examine=examine,
    words=(150, 300, 600),
    usual=words_wanted,
    minutes=(1, MOST_MINUTES),
    seconds=10,
    form=Form("chapter", lasts=True, timed=True, titles=("podcast episode", "episode")),
    likeliest=("docx", "vtt", "copy"),
)
