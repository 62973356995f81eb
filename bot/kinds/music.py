"""Music: a prompt for a model that makes music, with tempo, length and parts."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.content import MOST_MINUTES, Assignment, Content, Count, Example, Kind, OneOf, Size
from bot.kinds._dialects import fits
from bot.kinds._labels import label_around
from bot.kinds._shared import BPM, TEMPOS, bounds, paragraphs, seconds_of


class Music(BaseModel):
    """What a model writes."""

    genre: Annotated[str, Size(40, least=3, form="phrase")]
    mood: Annotated[str, Size(40, least=3, form="phrase")]
    tempo: Annotated[str, OneOf(tuple(TEMPOS))]
    instruments: Annotated[list[Annotated[str, Size(28, least=3, form="phrase")]], Count(1, 6, 3, ("instrument",))]
    opening: Annotated[str, Size(70, least=6, form="phrase")]
    middle: Annotated[str, Size(70, least=6, form="phrase")]
    ending: Annotated[str, Size(70, least=6, form="phrase")]


USUAL_SECONDS = 30
# Genre, mood, tempo and voices, which no limit of a place takes away.
_LEAST_TERMS = 4
_VOICES = {
    "sung": "vocal(s)|sung|singer|choir|voice",
    "none": "(no|without) (vocal|vocals|voice|voices|singing|singer|singers)|instrumental",
}


def seconds_wanted(assignment: Assignment) -> int:
    """How long the piece lasts."""
    return seconds_of(assignment, USUAL_SECONDS)


def compose(output: Music, assignment: Assignment) -> Content:
    """One line to paste, and the course of the piece in seconds."""
    told = "bpm" in assignment.wishes.counts
    bpm = bounds(BPM, assignment.wishes)[0] if told else TEMPOS.get(output.tempo, BPM.default)
    total = seconds_wanted(assignment)
    sung = assignment.reading.chosen("voices") == ("sung",)
    voices = "with vocals" if sung else "instrumental, no vocals"
    terms = [output.genre, f"{output.mood} mood", f"{bpm} bpm", voices, *output.instruments]
    while len(terms) > _LEAST_TERMS and not fits(assignment.place, ", ".join(terms)):
        terms.pop()
    prompt = ", ".join([*terms[:3], *terms[4:], terms[3]])
    first, last = max(1, round(total * 0.2)), max(1, round(total * 0.2)) if total > 2 else 0
    course = [("opening", 0, first), ("middle", first, total - last), ("ending", total - last, total)]
    to, length = label_around("to", assignment), label_around("Length", assignment)
    lines = [f"- {start} {to} {end} s: {getattr(output, name)}" for name, start, end in course if end > start]
    parts: dict[str, Any] = {"prompt": prompt, "bpm": bpm, "seconds": total}
    parts["course"] = [{"name": name, "start": start, "end": end} for name, start, end in course]
    return Content(paragraphs(f"```\n{prompt}\n```", f"**{length}:** {total} s", "\n".join(lines)), parts)


KIND = Kind(
    name="music",
    family="media",
    title="Music",
    description="A prompt for a music model: genre, mood, tempo, instruments, length and course.",
    output=Music,
    prompt="Describe a piece of music for a model that makes music. Name what can be heard. English words, no names of artists.",
    examples=(
        Example(
            "music for a puppet show about bees",
            Music(
                genre="playful chamber music",
                mood="busy and sunny",
                tempo="lively",
                instruments=["pizzicato strings", "clarinet", "wood block"],
                opening="plucked strings alone, like small steps",
                middle="clarinet joins with a humming tune",
                ending="all stop on one soft note",
            ),
        ),
        Example(
            "calm loop for a waiting room",
            Music(
                genre="ambient piano",
                mood="still and warm",
                tempo="slow",
                instruments=["felt piano", "soft pad"],
                opening="single piano notes with long pauses",
                middle="the pad swells under the piano",
                ending="fades back to the first notes",
            ),
        ),
    ),
    compose=compose,
    places={"suno": ("suno",), "udio": ("udio",)},
    anywhere=True,
    counted=(BPM,),
    minutes=(1, MOST_MINUTES),
    seconds=1,
    facts=False,
    for_machines=True,
    exports=("md", "txt"),
    form=Form(lasts=True, timed=True, choices={"voices": _VOICES}, describing=True),
    copied=("prompt",),
)
