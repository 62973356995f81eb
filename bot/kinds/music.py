"""Music: a prompt for a model that makes music, with tempo, length and parts."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel

from bot.content import Assignment, Content, Count, Example, Kind, OneOf, Size
from bot.kinds._shared import paragraphs

# Beats a minute of the usual words for tempo: the middle of what each means.
TEMPOS = {"very slow": 55, "slow": 72, "walking": 92, "medium": 108, "lively": 124, "fast": 140, "very fast": 168}


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
_BPM = re.compile(r"\b(\d{2,3})\s*bpm\b", re.IGNORECASE)
_SECONDS = re.compile(r"\b(\d{1,3})\s*-?\s*(?:s|secs?|seconds?|sekunden|segundos|secondes|detik|सेकंड|秒|ثانية)(?!\w)", re.IGNORECASE)
_SUNG = re.compile(r"\b(?:vocals?|sung|singer|choir|voice)\b", re.IGNORECASE)
_NOT_SUNG = re.compile(r"\b(?:no|without)\s+(?:vocals?|sing\w*|voices?)|instrumental", re.IGNORECASE)


def seconds_wanted(assignment: Assignment) -> int:
    """How long the piece lasts."""
    found = _SECONDS.search(assignment.brief)
    return max(int(found[1]), 1) if found else (assignment.wishes.minutes or 0) * 60 or USUAL_SECONDS


def compose(output: Music, assignment: Assignment) -> Content:
    """One line to paste, and the course of the piece in seconds."""
    told = _BPM.search(assignment.brief)
    bpm = int(told[1]) if told else TEMPOS.get(output.tempo, 100)
    total = seconds_wanted(assignment)
    sung = bool(_SUNG.search(assignment.brief)) and not _NOT_SUNG.search(assignment.brief)
    voices = "with vocals" if sung else "instrumental, no vocals"
    prompt = ", ".join([output.genre, f"{output.mood} mood", f"{bpm} bpm", *output.instruments, voices])
    first, last = max(1, round(total * 0.2)), max(1, round(total * 0.2)) if total > 2 else 0
    course = [("opening", 0, first), ("middle", first, total - last), ("ending", total - last, total)]
    lines = [f"- {start} to {end} s: {getattr(output, name)}" for name, start, end in course if end > start]
    parts: dict[str, Any] = {"prompt": prompt, "bpm": bpm, "seconds": total}
    parts["course"] = [{"name": name, "start": start, "end": end} for name, start, end in course]
    return Content(paragraphs(f"```\n{prompt}\n```", f"**Length:** {total} s", "\n".join(lines)), parts)


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
    facts=False,
    exports=("md", "txt"),
    utterances="""
@music@
""",
)
