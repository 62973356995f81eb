"""A script: scenes with what is seen, who speaks and what is said."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.composition.scenes import parse_script
from bot.composition.script_parts import build_seconds_part, compute_durations, compute_length
from bot.content import Assignment, Count, Kind, Size
from bot.markup import Document


class ScriptTurn(BaseModel):
    """One speaker's words; `picture` is what is seen before them."""

    speaker: str = ""
    words: Annotated[str, Size(nouns=("line",))] = ""
    picture: str = ""


class ScriptScene(BaseModel):
    """One scene."""

    heading: str = ""
    picture: str = ""
    seconds: int = 0
    turns: list[ScriptTurn] = []


class Script(BaseModel):
    """The parsed script."""

    title: Annotated[str, Size(nouns=("title",))] = ""
    scenes: Annotated[list[ScriptScene], Count(nouns=("scene", "shot", "beat", "part"))] = []
    seconds: int = 0


def read(document: Document, _assignment: Assignment) -> dict[str, Any]:
    """Return the scenes with their turns, and the times that are given."""
    found = parse_script(document)
    if not any(scene.turns for scene in found.scenes):
        return {}
    times = compute_durations([scene.time for scene in found.scenes], found.total_seconds)
    turns = [
        [{"speaker": one.speaker, "words": one.text, "picture": " ".join(one.visuals)} for one in scene.turns]
        for scene in found.scenes
    ]
    scenes = [
        {"heading": scene.heading, "picture": " ".join(scene.picture), **build_seconds_part(seconds), "turns": own}
        for scene, seconds, own in zip(found.scenes, times, turns, strict=True)
    ]
    lasts = compute_length(found.scenes, found.total_seconds) or (sum(filter(None, times)) if all(times) else None)
    return {**({"title": found.title} if found.title else {}), "scenes": scenes, **build_seconds_part(lasts)}


KIND = Kind(
    name="script",
    family="media",
    title="Script",
    description="Scenes for film, podcast or stage, with visuals, dialogue and timings.",
    task='A scene of a film stands under its heading, such as "INT. BAKERY – MORNING", and each speaker\'s name before what they say.',
    layout="# Title\n\n## Scene 1: place (0:00–0:05)\n*What is seen.*\n\nSPEAKER: What is said.",
    parts=Script,
    read=read,
    form=Form("scene", lasts=True, timed=True, shaped=True),
    likely_exports=("docx", "pdf", "copy"),
)
