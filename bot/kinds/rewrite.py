"""An existing text in another form or language."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.content import Assignment, Kind, Size
from bot.markup import Document


class RewriteParts(BaseModel):
    """The text as rewritten."""

    text: Annotated[str, Size(nouns=("text", "version"))] = ""


def read(whole: Document, _assignment: Assignment) -> dict[str, Any]:
    """Return the full text, which is the only part."""
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
    parts=RewriteParts,
    form=Form(whole=("variant",), own_text=True),
    likely_exports=("copy", "docx"),
)
