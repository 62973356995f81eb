"""An article or blog post: title, introduction, and sections with headings."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.content import Assignment, Count, Kind, Size
from bot.markup import Document
from bot.reading.labels import Labels, find_labelled_texts
from bot.reading.sections import collect_sections, parse_outline

_NOUNS = (
    "section",
    "heading",
    "subheading",
    "sub-heading",
    "tip",
    "thing",
    "reason",
    "mistake",
    "myth",
    "question",
)


class Article(BaseModel):
    """Title, introduction, and the sections by their headings, including the introduction under a name of its own."""

    title: Annotated[str, Size(nouns=("title", "headline"))] = ""
    intro: Annotated[str, Size(nouns=("intro", "introduction"))] = ""
    headings: Annotated[list[str], Count(nouns=_NOUNS)] = []
    sections: dict[str, Annotated[str, Size(unit="words", nouns=("section", "tip", "reason"))]] = {}


_LABELS = Labels(
    title="Title|Headline|titel|h1",
    intro="Intro|introduction|einleitung|introducción|introdução",
    other="meta description",
)


def read(document: Document, _assignment: Assignment) -> dict[str, Any]:
    """Return the title, the text before the first heading, and the text below each heading."""
    labelled_texts = {
        labelled_text.part: labelled_text for labelled_text in reversed(find_labelled_texts(document, _LABELS))
    }
    outline = parse_outline(document, _LABELS)
    title = labelled_texts["title"].text if "title" in labelled_texts else outline.title.text if outline.title else ""
    sections = collect_sections(document, outline)
    opening = [
        line for line in outline.opening if "title" not in labelled_texts or line is not labelled_texts["title"].line
    ]
    intro = sections.pop(next((name for name in sections if _LABELS.find(name) == "intro"), ""), "")
    intro = intro or (
        labelled_texts["intro"].get_source(document)
        if "intro" in labelled_texts
        else document.get_source(opening)
        if sections
        else ""
    )
    parts: dict[str, Any] = {"title": title, "intro": intro, "headings": [*sections]}
    if intro or sections:
        parts["sections"] = ({"intro": intro} if intro else {}) | sections
    return {name: part for name, part in parts.items() if part}


KIND = Kind(
    name="article",
    family="marketing",
    title="Article",
    description="A blog post or article with title, introduction, headings and sections.",
    read=read,
    parts=Article,
    form=Form("", ("post",), lasts=True),
    likely_exports=("docx", "copy", "pdf", "md"),
)
