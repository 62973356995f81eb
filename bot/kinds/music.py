"""A prompt for a music model, with tempo, length and structure."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks.limits import find_limits
from bot.checks.units import UNITS
from bot.composition.drawing import join_paragraphs
from bot.composition.theory import parse_tempo
from bot.content import MAX_MINUTES, Assignment, Choice, Composer, Content, Count, Kind, Size
from bot.reading.surrounding_labels import translate_label_around_prompt

DEFAULT_SECONDS = 30
# Terms that stay in the prompt however short it must be: genre, mood, tempo and vocals.
_MIN_TERMS = 4
_VOCALS = {"no vocals": "instrumental, no vocals", "vocals": "with vocals"}


class Music(BaseModel):
    """The parts of a music prompt as the language model writes them. `tempo` is in beats per minute, such as "92"."""

    genre: Annotated[str, Size(40, low=3)]
    mood: Annotated[str, Size(40, low=3)]
    tempo: Annotated[str, Size(12, low=2)]
    voices: Annotated[str, Choice(tuple(_VOCALS))]
    instruments: Annotated[list[Annotated[str, Size(28, low=3)]], Count(1, 6, 3, ("instrument",))]
    opening: Annotated[str, Size(70, low=6)]
    middle: Annotated[str, Size(70, low=6)]
    ending: Annotated[str, Size(70, low=6)]


def compute_seconds(assignment: Assignment) -> int:
    """Return the duration that the brief asks for, between 1 second and MAX_MINUTES, or the default."""
    duration = assignment.reading.lasting
    seconds = round(duration.seconds) if duration else 60 * (assignment.requirements.minutes or 0)
    return min(max(seconds, 1), 60 * MAX_MINUTES) if seconds else DEFAULT_SECONDS


def compose(output: Music, assignment: Assignment) -> Content:
    """Compose one line to paste, and the structure of the piece with times in seconds."""
    bpm, total = parse_tempo(output.tempo), compute_seconds(assignment)
    vocals = _VOCALS.get(output.voices, _VOCALS["no vocals"])
    mood = output.mood if "mood" in output.mood.casefold() else f"{output.mood} mood"
    terms = [output.genre, mood, f"{bpm} bpm", vocals, *output.instruments]
    while len(terms) > _MIN_TERMS and not _is_within_limits(assignment.place, ", ".join(terms)):
        terms.pop()
    prompt = ", ".join([*terms[:3], *terms[4:], terms[3]])
    opening_seconds, ending_seconds = max(1, round(total * 0.2)), max(1, round(total * 0.2)) if total > 2 else 0
    ending_start = total - ending_seconds
    sections = [
        ("opening", 0, opening_seconds),
        ("middle", opening_seconds, ending_start),
        ("ending", ending_start, total),
    ]
    to, length = translate_label_around_prompt("to", assignment), translate_label_around_prompt("Length", assignment)
    lines = [f"- {start} {to} {end} s: {getattr(output, name)}" for name, start, end in sections if end > start]
    parts: dict[str, Any] = {"prompt": prompt, "bpm": bpm, "seconds": total}
    parts["course"] = [{"name": name, "start": start, "end": end} for name, start, end in sections]
    return Content(join_paragraphs(f"```\n{prompt}\n```", f"**{length}:** {total} s", "\n".join(lines)), parts)


def _is_within_limits(service: str, prompt: str) -> bool:
    """Whether a prompt is within a service's limits."""
    return all(UNITS[limit.unit](prompt) <= limit.max for limit in find_limits(service) if limit.field == "prompt")


KIND = Kind(
    name="music",
    family="media",
    title="Music",
    description="A prompt for a music model: genre, mood, tempo, instruments, length and structure.",
    task="A piece of music for a model that makes music, in English: what can be heard, and no names of artists. The tempo is in beats a minute, "
    "as the request wants it or as the genre is played.",
    composer=Composer(output=Music, compose=compose),
    places={"suno": ("suno",), "udio": ("udio",)},
    exports=("md", "txt"),
    form=Form(lasts=True, timed=True, describing=True),
    pasted_parts=("prompt",),
)
