"""Lyrics: the sections of a song under their names, as they are sung and as singing models read them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.composition.song_sections import parse_song
from bot.content import Assignment, Count, Kind, Size
from bot.markup import Document


class LyricsVerse(BaseModel):
    """Lines that are sung once."""

    lines: Annotated[list[str], Count(nouns=("line",))] = []


class Lyrics(BaseModel):
    """The parsed lyrics. `sections` are the texts by name, `lyrics` is the input of a singing model."""

    title: Annotated[str, Size(nouns=("title",))] = ""
    sections: dict[str, str] = {}
    verses: Annotated[list[LyricsVerse], Count(nouns=("verse", "stanza", "strophe"))] = []
    lyrics: str = ""


def read(document: Document, assignment: Assignment) -> dict[str, Any]:
    """Return the title, the sections by name, and the verses with their lines."""
    title, found = parse_song(document)
    if not found:
        return {}
    sections: dict[str, str] = {}
    for number, section in enumerate(found, 1):
        text, name = "\n".join(section.lines), section.name or f"verse_{number}"
        if text and sections.get(name, text) != text:
            occurrence = sum(known.startswith(f"{name} (") for known in sections) + 2
            name = f"{name} ({occurrence})"
        if text:
            sections[name] = text
    parts: dict[str, Any] = {
        "sections": sections,
        "verses": [{"lines": section.lines} for section in found if section.is_verse and section.lines],
    }
    if assignment.place:
        parts["lyrics"] = document.get_source([line for section in found for line in section.source_lines])
    return parts | ({"title": title} if title else {})


KIND = Kind(
    name="lyrics",
    family="media",
    title="Lyrics",
    description="Song lyrics with verses and a chorus.",
    task="Each section stands under its name (Verse 1, Chorus …). For Suno or Udio the names are tags in brackets, such as [Verse 1].",
    layout="Give it a title and put the name of each part, such as Verse 1 or Chorus, in a line above it.",
    parts=Lyrics,
    read=read,
    places={"suno": ("suno",), "udio": ("udio",)},
    form=Form("verse", lasts=True),
    likely_exports=("copy", "docx", "pdf"),
)
