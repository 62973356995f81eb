"""A script: scenes with what is seen and what is said, timed by code."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks import AskedBy, Check, bounded
from bot.content import MOST_MINUTES, Assignment, Content, Count, Example, Kind, Size
from bot.kinds._additions import call_for
from bot.kinds._labels import label
from bot.kinds._shared import paragraphs, seconds_of, shared_out, span


class Scene(BaseModel):
    """One scene."""

    picture: Annotated[str, Size(90, least=6, form="phrase")]
    speaker: Annotated[str, Size(24, least=2, form="phrase")]
    words: Annotated[str, Size(170, least=8, nouns=("line",), form="sentences")]


class Script(BaseModel):
    """What a model writes."""

    title: Annotated[str, Size(60, least=4)]
    scenes: Annotated[list[Scene], Count(2, 12, 4, ("scene", "shot", "beat", "part"))]


# What a script lasts when the brief does not say it.
USUAL_SECONDS = 60


def seconds_wanted(assignment: Assignment) -> int:
    """How long it lasts: the brief's seconds or minutes."""
    return seconds_of(assignment, USUAL_SECONDS)


def compose(output: Script, assignment: Assignment) -> Content:
    """The scenes with their times, longer lines getting more of it, and the call to action at the end."""
    total = seconds_wanted(assignment)
    times = shared_out(total, [len(scene.words.split()) + 2 for scene in output.scenes])
    shown, scenes, at = [], [], 0
    for scene, seconds in zip(output.scenes, times, strict=True):
        shown.append(
            f"**{span(at, at + seconds, assignment)}**\n*{scene.picture}*\n{scene.speaker.upper()}: {scene.words}"
        )
        scenes.append({**scene.model_dump(), "seconds": seconds})
        at += seconds
    closing = call_for(assignment, *(scene.words for scene in output.scenes))
    text = paragraphs(
        f"## {output.title}", *shown, f"**{label('On screen', assignment)}:** {closing}" if closing else ""
    )
    return Content(text, {"title": output.title, "scenes": scenes, "seconds": sum(times)})


def examine(_output: Script, content: Content, assignment: Assignment) -> list[Check]:
    """The scenes fill the time."""
    wanted = seconds_wanted(assignment)
    asked_by: AskedBy = "brief" if assignment.reading.lasting else "kind"
    return [bounded("seconds", content.parts["seconds"], wanted, wanted, "seconds", asked_by=asked_by)]


KIND = Kind(
    name="script",
    family="media",
    title="Script",
    description="Scenes for a film, podcast or stage, with pictures, spoken lines and times.",
    output=Script,
    prompt="Write a short script. Each scene has a picture that can be filmed, who speaks, and spoken words in short natural "
    "sentences. The scenes follow each other as one story.",
    examples=(
        Example(
            "20 second clip for a plant shop, 2 scenes",
            Script(
                title="The last fern",
                scenes=[
                    Scene(
                        picture="a dry fern on a window sill",
                        speaker="Fern",
                        words="I have seen things. Mostly radiators.",
                    ),
                    Scene(
                        picture="a hand waters the fern and moves it to the shade",
                        speaker="Gardener",
                        words="Water on Sunday, shade all week. That is the whole trick.",
                    ),
                ],
            ),
        ),
        Example(
            "radio spot for a night market, 15 seconds, 2 voices",
            Script(
                title="After dark",
                scenes=[
                    Scene(
                        picture="a quiet street at night with one lamp",
                        speaker="Neighbour",
                        words="Everything is shut by now.",
                    ),
                    Scene(
                        picture="stalls full of light behind the corner",
                        speaker="Cook",
                        words="Not behind the church. Come and taste the dumplings.",
                    ),
                ],
            ),
        ),
    ),
    compose=compose,
    minutes=(1, MOST_MINUTES),
    seconds=5,
    examine=examine,
    words=(60, 120, 240),
    form=Form("scene", lasts=True, timed=True, shaped=True, titles=("video script",)),
    likeliest=("docx", "pdf", "copy"),
)
