"""Haiku: three lines and a season."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel

from bot.api import Assignment, Count, Document, Form, Kind, Size

_LINES = 3


class Haiku(BaseModel):
    """The lines of each haiku, separated by line breaks."""

    haiku: Annotated[list[Annotated[str, Size(nouns=("haiku",))]], Count(nouns=("haiku", "poem"))] = []


def read(document: Document, _assignment: Assignment) -> dict[str, Any]:
    """Find the haiku in a text: every three lines."""
    lines = [line.text.strip() for line in document.lines if line.sort in ("text", "item") and line.text.strip()]
    poems = ["\n".join(lines[at : at + _LINES]) for at in range(0, len(lines), _LINES)]
    return {"haiku": poems} if poems else {}


KIND = Kind(
    name="haiku",
    family="text",
    title="Haiku",
    description="Three short lines about a moment and its season.",
    task="A haiku: three unrhymed lines of five, seven and five syllables, about one moment in one season.",
    read=read,
    parts=Haiku,
    form=Form(main="haiku"),
    exports=("scroll", "txt", "md"),
    likely_exports=("copy", "scroll"),
    package="quillmate_haiku",
)
