"""Slides: one for the title, then one for each section, more where a section is long."""

from __future__ import annotations

import io
from typing import Any

from bot.content import Content
from bot.kinds._labels import format_part_name

from ._blocks import Block, bare, blocks, runs

LABEL = "Slides (PowerPoint)"
SIGN = "📽️"
_LINES, _CHARACTERS = 9, 550
_TITLE_LAYOUT, _BODY_LAYOUT = 0, 1
# Parts that are shown as slides besides the sections, and the section that holds them where there is one.
_LISTS = {"weeks": "timeline", "channels": "channels", "kpis": "kpis"}


def fits(content: Content) -> bool:
    """It has sections or weeks, as a lesson plan or a campaign has."""
    return bool(_slides(content))


def export(title: str, content: Content) -> bytes:
    """A presentation in PowerPoint's default theme."""
    from pptx import Presentation

    slides = _slides(content)
    presentation = Presentation()
    first = presentation.slides.add_slide(presentation.slide_layouts[_TITLE_LAYOUT])
    first.shapes.title.text = str(content.parts.get("title") or title)
    first.placeholders[1].text = title
    for heading, lines in slides:
        slide = presentation.slides.add_slide(presentation.slide_layouts[_BODY_LAYOUT])
        slide.shapes.title.text = heading
        _fill(slide.placeholders[1].text_frame, lines)
    file = io.BytesIO()
    presentation.save(file)
    body = file.getvalue()
    assert read(body)[1:] == [(heading, [_in_a_row(bare(line)) for line in lines]) for heading, lines in slides]
    return body


def read(body: bytes) -> list[tuple[str, list[str]]]:
    """Each slide's title and lines."""
    from pptx import Presentation

    return [
        (slide.shapes.title.text, [one.text for one in slide.placeholders[1].text_frame.paragraphs])
        for slide in Presentation(io.BytesIO(body)).slides
    ]


def _fill(frame: Any, lines: list[str]) -> None:
    from pptx.util import Pt

    size = Pt(24 if sum(map(len, lines)) < _CHARACTERS / 2 else 18)
    for number, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        for one in runs(line):
            run = paragraph.add_run()
            run.text, run.font.bold, run.font.italic, run.font.size = (
                _in_a_row(one.text),
                one.bold or None,
                one.slanted or None,
                size,
            )


def _slides(content: Content) -> list[tuple[str, list[str]]]:
    sections = content.parts.get("sections")
    told: dict[str, str] = {}
    if isinstance(sections, dict):
        told = {str(name): str(text) for name, text in sections.items() if isinstance(text, str)}
    for name, section in _LISTS.items():
        listed = content.parts.get(name)
        if isinstance(listed, list) and listed and section not in told:
            told[name] = "\n".join(f"- {one}" for one in listed if isinstance(one, str))
    return [
        (format_part_name(name, content.language), lines)
        for name, text in told.items()
        for lines in _pages([line for one in blocks(text) for line in _lines(one)])
    ]


def _lines(block: Block) -> list[str]:
    """The lines of a block; those of a table are its rows, without its heads where it has more."""
    if block.sort != "table":
        return block.text.split("\n")
    return [" – ".join(filter(None, row)) for row in block.rows[1:] or block.rows]


def _in_a_row(text: str) -> str:
    return text.replace("\n", " ")


def _pages(lines: list[str]) -> list[list[str]]:
    """The lines in pages that a slide has room for."""
    pages: list[list[str]] = []
    room = 0
    for line in filter(None, lines):
        if not pages or len(pages[-1]) == _LINES or room + len(line) > _CHARACTERS:
            pages.append([])
            room = 0
        pages[-1].append(line)
        room += len(line)
    return pages
