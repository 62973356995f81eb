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
    script = parse_script(document)
    if not any(scene.turns for scene in script.scenes):
        return {}
    durations = compute_durations([scene.time for scene in script.scenes], script.total_seconds)
    scenes = [
        {
            "heading": scene.heading,
            "picture": " ".join(scene.picture),
            **build_seconds_part(seconds),
            "turns": [
                {"speaker": turn.speaker, "words": turn.text, "picture": " ".join(turn.visuals)} for turn in scene.turns
            ],
        }
        for scene, seconds in zip(script.scenes, durations, strict=True)
    ]
    summed_seconds = sum(filter(None, durations)) if all(durations) else None
    total_seconds = compute_length(script.scenes, script.total_seconds) or summed_seconds
    title = {"title": script.title} if script.title else {}
    return {**title, "scenes": scenes, **build_seconds_part(total_seconds)}


KIND = Kind(
    name="script",
    family="media",
    title="Script",
    description="Scenes for film, podcast or stage, with visuals, dialogue and timings.",
    task='A scene of a film stands under its heading, such as "INT. BAKERY – MORNING", and each speaker\'s name before what they say.',
    layout="Give each scene a heading with its place and time, as in (0:00–0:05), say in italics what is seen, and put each "
    "speaker's words in a line after the name in capitals.",
    parts=Script,
    read=read,
    form=Form("scene", lasts=True, timed=True, shaped=True),
    likely_exports=("docx", "pdf", "copy"),
)
