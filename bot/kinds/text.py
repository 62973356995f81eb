"""Anything else in words, written as it is asked for: a toast, a job advert, minutes from notes, a reply to a review."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.content import Assignment, Kind, Size
from bot.markup import Document


class Text(BaseModel):
    """The text as it is."""

    text: Annotated[str, Size(nouns=("text", "speech", "letter", "reply"))] = ""


def read(whole: Document, _assignment: Assignment) -> dict[str, Any]:
    """The whole, which is nothing but the text."""
    text = whole.text.strip()
    return {"text": text} if text else {}


KIND = Kind(
    name="text",
    family="text",
    title="Text",
    description="Any other text: a toast, a job ad, minutes, a reply to a review.",
    read=read,
    parts=Text,
    form=Form(whole=("variant",)),
    likely_exports=("copy", "docx"),
)
