"""A podcast: chapters and speakers' turns."""

from __future__ import annotations

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
    found = parse_script(document, is_audio=True)
    turns, chapters = list[dict[str, Any]](), list[dict[str, Any]]()
    scenes = [scene for scene in found.scenes if scene.turns]
    each = compute_durations([turn.time for scene in scenes for turn in scene.turns], found.total_seconds)
    for scene, seconds in zip(
        scenes, compute_durations([scene.time for scene in scenes], found.total_seconds), strict=True
    ):
        own, each = each[: len(scene.turns)], each[len(scene.turns) :]
        if seconds and not any(own):
            own = [
                float(one) for one in distribute_seconds(round(seconds), [len(turn.text) + 1 for turn in scene.turns])
            ]
        for turn, one in zip(scene.turns, own, strict=True):
            turns.append({"speaker": turn.speaker, "words": turn.text, **build_seconds_part(one)})
        if scene.heading:
            start = {"start": round(scene.time.start)} if scene.time.start is not None else {}
            chapters.append({"heading": scene.heading, **start})
    if not turns:
        return {}
    told: dict[str, Any] = {name: said for name, said in (("title", found.title), ("summary", found.summary)) if said}
    told |= {"chapters": chapters} if chapters else {}
    return {**told, "turns": turns, **build_seconds_part(compute_length(scenes, found.total_seconds))}


KIND = Kind(
    name="podcast",
    family="media",
    title="Podcast",
    description="The full script of an episode: chapters, speakers and what they say.",
    task="As it is spoken: each turn begins with the name of its speaker and a colon.",
    layout="# Title\nWhat it is about.\n\n## Chapter\n**Name:** What is said.\n\n**Other name:** What is said.",
    parts=Podcast,
    read=read,
    form=Form("chapter", lasts=True, timed=True),
    likely_exports=("docx", "vtt", "copy"),
)
