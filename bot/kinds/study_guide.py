"""A study guide: key ideas, key terms, common mistakes, and questions to check oneself."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.content import Assignment, Count, Kind
from bot.markup import Document
from bot.reading.lists import parse_entries, parse_glossary
from bot.reading.sections import collect_parts_by_title, find_part_lines, parse_title, split_parts


class Term(BaseModel):
    """A word to know."""

    term: str = ""
    explanation: str = ""


class StudyGuide(BaseModel):
    """The parts of a study guide; `sections` are all of them by title."""

    title: str = ""
    sections: dict[str, str] = {}
    key_terms: Annotated[
        list[Term],
        Count(nouns=("key term", "term", "key word", "vocab word", "vocabulary word", "definition", "vocabulary")),
    ] = []
    key_ideas: Annotated[list[str], Count(nouns=("key idea", "idea", "main point", "key point", "point"))] = []
    common_mistakes: Annotated[list[str], Count(nouns=("mistake", "misconception", "trap"))] = []
    self_check: Annotated[list[str], Count(nouns=("question", "self-check", "check"))] = []


_NAMES = {"key_ideas": "ideas", "common_mistakes": "mistakes", "self_check": "checks"}


def read(document: Document, _assignment: Assignment) -> dict[str, Any]:
    """Return the sections by title, the terms, and the lists identified by their titles."""
    parts = split_parts(document, "glossary", *_NAMES.values())
    found: dict[str, Any] = {"sections": collect_parts_by_title(document, parts), "key_terms": parse_glossary(parts)}
    for field, name in _NAMES.items():
        found[field] = parse_entries(find_part_lines(parts, name, except_name="glossary") or ())
    found["title"] = parse_title(document, "glossary", *_NAMES.values())
    return {name: value for name, value in found.items() if value}


KIND = Kind(
    name="study_guide",
    family="education",
    title="Study guide",
    description="Key ideas, key terms, common mistakes and questions to check yourself.",
    read=read,
    parts=StudyGuide,
    form=Form("section", lasts=True),
    likely_exports=("pdf", "docx", "pptx"),
)
