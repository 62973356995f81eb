"""A single answer that explains something; if the brief wants a text with a glossary, a passage with one."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.content import Assignment, Count, Kind, Size
from bot.markup import Document
from bot.reading.lists import parse_glossary
from bot.reading.sections import collect_nested_parts, get_parts_source, parse_title, split_parts


class GlossaryWord(BaseModel):
    """A word of the text and its meaning."""

    term: str = ""
    explanation: str = ""


class Explanation(BaseModel):
    """The parts of a text with a glossary."""

    title: str = ""
    source_text: Annotated[str, Size(nouns=("explanation", "text", "passage", "reading"))] = ""
    key_terms: Annotated[
        list[GlossaryWord], Count(nouns=("glossary word", "glossary", "word", "term", "entry", "entries"))
    ] = []


def read(document: Document, _assignment: Assignment) -> dict[str, Any]:
    """Return the glossary and the text before it; empty without a glossary."""
    parts = split_parts(document, "glossary")
    terms = parse_glossary(parts)
    title = parse_title(document)
    titled = {"title": title} if title else {}
    if not terms:
        return titled
    start = next((line.at for line in document.lines if line.text.strip() != title and line.sort != "rule"), 0)
    at = next(at for at, part in enumerate(parts) if part.is_called("glossary"))
    text = document.slice_source(start, parts[at].at).strip().removesuffix("---").strip()
    if not text:  # The glossary precedes the text.
        text = "\n\n".join(
            get_parts_source(document, [one]) for one in parts[at + len(collect_nested_parts(parts, at)) :]
        )
    return {**titled, **({"source_text": text} if text else {}), "key_terms": terms}


KIND = Kind(
    name="explanation",
    family="education",
    title="Explanation",
    description="Explains one thing at the reader's level, with an everyday example.",
    read=read,
    parts=Explanation,
    form=Form(whole=("explanation",)),
    likely_exports=("copy", "docx", "pdf"),
)
