"""A prompt for a video model: one clip, put into the words, length and size of the model that will make it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form, kept_out_in_english, kept_out_of
from bot.checks import Check, bounded, free_of
from bot.checks.limits import limits_of
from bot.checks.terms import has_term
from bot.checks.units import UNITS
from bot.content import MOST_MINUTES, Assignment, Content, Example, Kind, Size
from bot.kinds._dialects import film_ratio, nearest
from bot.kinds._labels import label_around
from bot.kinds._shared import paragraphs, seconds_of
from bot.kinds._video_dialects import VIDEO_DIALECTS, VIDEO_PLACES, Clip, prompt_of

USUAL_SECONDS = 8


class Video(BaseModel):
    """What a model writes: what is seen and heard in one clip, in words that can be filmed."""

    subject: Annotated[str, Size(100, least=4, form="phrase", called="motif")]
    action: Annotated[str, Size(110, least=6, form="phrase")]
    setting: Annotated[str, Size(100, least=6, form="phrase")]
    camera: Annotated[str, Size(80, least=4, form="phrase")]
    light: Annotated[str, Size(60, least=4, form="phrase")]
    style: Annotated[str, Size(60, least=4, form="phrase")]
    sound: Annotated[str, Size(110, least=3, form="phrase")]


def seconds_wanted(assignment: Assignment) -> int:
    """How long the clip is to be."""
    return seconds_of(assignment, USUAL_SECONDS)


def compose(output: Video, assignment: Assignment) -> Content:
    """The prompt to paste, what is to be kept out where the model takes that apart, and what to choose beside it."""
    place, out = assignment.place, kept_out_in_english(assignment.brief)
    dialect = VIDEO_DIALECTS[place]
    told = {name: _without(value, out) for name, value in output.model_dump().items()}
    prompt = prompt_of(place, Clip(**told, negatives=out))
    seconds, size = dialect.length(seconds_wanted(assignment)), nearest(film_ratio(assignment), dialect.sizes)
    negative = ", ".join(out) if dialect.apart else ""
    parts: dict[str, Any] = {
        "prompt": prompt, "raw": prompt, "negative_prompt": negative, "model": place, "seconds": seconds, "size": size,
    }  # fmt: skip
    avoided = f"**{label_around('Negative prompt', assignment)}**\n```\n{negative}\n```" if negative else ""
    lengths = f"{seconds} s"
    if assignment.wishes.reading.lasting and seconds != seconds_wanted(assignment):
        lengths += f" ({dialect.title}: {', '.join(map(str, dialect.lengths))} s)"
    settings = [("Model", dialect.title), ("Length", lengths), ("Size", size)]
    lines = "\n".join(f"**{label_around(name, assignment)}:** {value}" for name, value in settings)
    return Content(paragraphs(f"```\n{prompt}\n```", avoided, lines), parts)


def _without(said: str, out: tuple[str, ...]) -> str:
    """A phrase, left out where it names what is to be kept out."""
    return "" if any(has_term(said, word) for word in out) else said.strip(" .,")


def examine(_output: Video, content: Content, assignment: Assignment) -> list[Check]:
    """The prompt and the length keep to what the model takes, and nothing is asked for that is to be kept out."""
    place, out = assignment.place, kept_out_of(assignment.brief)
    dialect = VIDEO_DIALECTS[place]
    checks = [
        bounded("fits the model", UNITS[limit.unit](content.parts["prompt"]), high=limit.max, unit=limit.unit, path="action", wanted=(dialect.title,), asked_by="place", place=place)
        for limit in limits_of(place)
    ]  # fmt: skip
    checks.append(
        bounded("clip length", content.parts["seconds"], low=seconds_wanted(assignment), unit="seconds", wanted=(dialect.title,), asked_by="place", place=place, repairable=False)
    )  # fmt: skip
    if out and dialect.apart:
        seen = [word for word in out if has_term(content.parts["prompt"], word)]
        checks.append(free_of("kept out", seen, path="subject", asked_by="brief"))
    return checks


KIND = Kind(
    name="video_prompt",
    family="media",
    title="Video prompt",
    description="A prompt for Sora, Runway or Veo, within the length and size of the clips that each makes.",
    output=Video,
    prompt="Describe one video clip for a model that makes videos. One subject, one action that fits into a few seconds, one camera "
    "move. Only what can be seen and heard. English words. No cuts.",
    examples=(
        Example(
            "8 second video of a paper boat in a gutter, for veo",
            Video(
                subject="a small paper boat",
                action="sails down a rain-filled gutter and tips over a leaf",
                setting="a cobbled street after a storm, houses blurred behind",
                camera="low tracking shot at water level",
                light="soft grey daylight, glints on the water",
                style="cinematic, 35mm, shallow focus",
                sound="running water, a distant tram bell",
            ),
        ),
        Example(
            "runway clip, vertical, potter at the wheel, 10 seconds",
            Video(
                subject="a potter with clay up to her elbows",
                action="pulls a bowl upwards on a spinning wheel",
                setting="a narrow workshop with shelves of unfired cups",
                camera="slow push in from the doorway",
                light="warm window light from the left",
                style="documentary, natural colours",
                sound="the hum of the wheel",
            ),
        ),
    ),
    compose=compose,
    examine=examine,
    places=VIDEO_PLACES,
    facts=False,
    for_machines=True,
    minutes=(1, MOST_MINUTES),
    seconds=1,
    exports=("md", "txt"),
    form=Form(lasts=True, timed=True, shaped=True, describing=True, titles=("video prompt", "clip prompt")),
    copied=("raw", "negative_prompt"),
)
