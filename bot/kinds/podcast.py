"""A podcast: chapters and speakers' turns."""

from __future__ import annotations

import itertools
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.composition.drawing import distribute_seconds
from bot.composition.scenes import parse_script
from bot.composition.script_parts import build_seconds_part, compute_durations, compute_length
from bot.content import Assignment, Count, Kind, Size
from bot.markup import Document


class PodcastTurn(BaseModel):
    """What one speaker says until the next one speaks."""

    speaker: str = ""
    words: Annotated[str, Size(nouns=("line",))] = ""
    seconds: int = 0


class Chapter(BaseModel):
    """A part of an episode."""

    heading: str = ""
    start: int = 0


class Podcast(BaseModel):
    """The parsed episode."""

    title: Annotated[str, Size(nouns=("title",))] = ""
    summary: Annotated[str, Size(nouns=("summary", "description"))] = ""
    chapters: Annotated[
        list[Chapter],
        Count(
            nouns=("chapter", "segment", "part", "section", "kapitel", "kapiteln", "capítulo", "capitulo", "chapitre")
        ),
    ] = []
    turns: Annotated[list[PodcastTurn], Count(nouns=("turn", "line"))] = []
    seconds: int = 0


def read(document: Document, _assignment: Assignment) -> dict[str, Any]:
    """Return the chapters and turns, with the times that are given."""
    script = parse_script(document, is_audio=True)
    scenes = [scene for scene in script.scenes if scene.turns]
    turn_times = [turn.time for scene in scenes for turn in scene.turns]
    turn_durations = iter(compute_durations(turn_times, script.total_seconds))
    scene_durations = compute_durations([scene.time for scene in scenes], script.total_seconds)
    turns, chapters = list[dict[str, Any]](), list[dict[str, Any]]()
    for scene, scene_seconds in zip(scenes, scene_durations, strict=True):
        durations = list(itertools.islice(turn_durations, len(scene.turns)))
        if scene_seconds and not any(durations):
            lengths = [len(turn.text) + 1 for turn in scene.turns]
            durations = list(map(float, distribute_seconds(round(scene_seconds), lengths)))
        for turn, seconds in zip(scene.turns, durations, strict=True):
            turns.append({"speaker": turn.speaker, "words": turn.text, **build_seconds_part(seconds)})
        if scene.heading:
            start = {"start": round(scene.time.start)} if scene.time.start is not None else {}
            chapters.append({"heading": scene.heading, **start})
    if not turns:
        return {}
    parts = {"title": script.title, "summary": script.summary, "chapters": chapters, "turns": turns}
    parts = {name: part for name, part in parts.items() if part}
    return {**parts, **build_seconds_part(compute_length(scenes, script.total_seconds))}


KIND = Kind(
    name="podcast",
    family="media",
    title="Podcast",
    description="The full script of an episode: chapters, speakers and what they say.",
    task="As it is spoken: each turn begins with the name of its speaker and a colon.",
    layout="Give each chapter a heading, and put each speaker's words in a line after the name.",
    parts=Podcast,
    read=read,
    form=Form("chapter", lasts=True, timed=True),
    likely_exports=("docx", "vtt", "copy"),
)
