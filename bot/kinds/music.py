"""Music: a prompt for a model that makes music, with tempo, length and parts."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks.limits import find_limits
from bot.checks.units import UNITS
from bot.composition.drawing import join_paragraphs
from bot.composition.theory import parse_tempo
from bot.content import MAX_MINUTES, Assignment, Choice, Composer, Content, Count, Kind, Size
from bot.reading.surrounding_labels import translate_surrounding_label

DEFAULT_SECONDS = 30
# Genre, mood, tempo and voices, which no place's limit removes.
_MIN_TERMS = 4
_VOICES = {"no vocals": "instrumental, no vocals", "vocals": "with vocals"}


class Music(BaseModel):
    """What a model writes. The tempo is in beats per minute, such as "92"."""

    genre: Annotated[str, Size(40, low=3)]
    mood: Annotated[str, Size(40, low=3)]
    tempo: Annotated[str, Size(12, low=2)]
    voices: Annotated[str, Choice(tuple(_VOICES))]
    instruments: Annotated[list[Annotated[str, Size(28, low=3)]], Count(1, 6, 3, ("instrument",))]
    opening: Annotated[str, Size(70, low=6)]
    middle: Annotated[str, Size(70, low=6)]
    ending: Annotated[str, Size(70, low=6)]


def get_wanted_seconds(assignment: Assignment) -> int:
    """Return the duration of the piece: as its brief says, within what is possible, else the default."""
    lasting = assignment.reading.lasting
    seconds = round(lasting.seconds) if lasting else 60 * (assignment.requirements.minutes or 0)
    return min(max(seconds, 1), 60 * MAX_MINUTES) if seconds else DEFAULT_SECONDS


def compose(output: Music, assignment: Assignment) -> Content:
    """Compose one line to paste, and the course of the piece in seconds."""
    bpm, total = parse_tempo(output.tempo), get_wanted_seconds(assignment)
    voices = _VOICES.get(output.voices, _VOICES["no vocals"])
    mood = output.mood if "mood" in output.mood.casefold() else f"{output.mood} mood"
    terms = [output.genre, mood, f"{bpm} bpm", voices, *output.instruments]
    while len(terms) > _MIN_TERMS and not _is_within_limits(assignment.place, ", ".join(terms)):
        terms.pop()
    prompt = ", ".join([*terms[:3], *terms[4:], terms[3]])
    first, last = max(1, round(total * 0.2)), max(1, round(total * 0.2)) if total > 2 else 0
    course = [("opening", 0, first), ("middle", first, total - last), ("ending", total - last, total)]
    to, length = translate_surrounding_label("to", assignment), translate_surrounding_label("Length", assignment)
    lines = [f"- {start} {to} {end} s: {getattr(output, name)}" for name, start, end in course if end > start]
    parts: dict[str, Any] = {"prompt": prompt, "bpm": bpm, "seconds": total}
    parts["course"] = [{"name": name, "start": start, "end": end} for name, start, end in course]
    return Content(join_paragraphs(f"```\n{prompt}\n```", f"**{length}:** {total} s", "\n".join(lines)), parts)


def _is_within_limits(place: str, prompt: str) -> bool:
    """Whether a prompt is within the limits of its model."""
    return all(UNITS[limit.unit](prompt) <= limit.max for limit in find_limits(place) if limit.field == "prompt")


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
