"""A text that is there already, in another form or language."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.content import Assignment, Kind, Size
from bot.markup import Document


class Rewritten(BaseModel):
    """The text as it is now."""

    text: Annotated[str, Size(nouns=("text", "version"))] = ""


def read(whole: Document, _assignment: Assignment) -> dict[str, Any]:
    """The whole, which is nothing but the text."""
    text = whole.text.strip()
    return {"text": text} if text else {}


KIND = Kind(
    name="rewrite",
    family="text",
    title="Rewrite",
    description="Your text shorter, longer, friendlier, simpler, proofread or in another language.",
    task="Rewrite the text as asked and give only the new text. It keeps its meaning, its names, its figures and its form, and its "
    "language where no other is asked for.",
    read=read,
    parts=Rewritten,
    form=Form(whole=("variant",), own_text=True),
    likely_exports=("copy", "docx"),
)
