"""Any other text, written as requested: a toast, a job advert, minutes from notes, a reply to a review."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.content import Assignment, Kind, Size
from bot.markup import Document


class TextParts(BaseModel):
    """The text unchanged."""

    text: Annotated[str, Size(nouns=("text", "speech", "letter", "reply"))] = ""


def read(whole: Document, _assignment: Assignment) -> dict[str, Any]:
    """Return the full text, which is the only part."""
    text = whole.text.strip()
    return {"text": text} if text else {}


KIND = Kind(
    name="text",
    family="text",
    title="Text",
    description="Any other text: a toast, a job ad, minutes, a reply to a review.",
    read=read,
    parts=TextParts,
    form=Form(whole=("variant",)),
    likely_exports=("copy", "docx"),
)
