"""Slides: one for the title, then one per section, more if a section is long."""

from __future__ import annotations

import io
from typing import Any

from bot.content import Content
from bot.reading.surrounding_labels import format_part_name

from ._blocks import TextBlock, parse_blocks, parse_runs, strip_marks

LABEL = "Slides (PowerPoint)"
SIGN = "📽️"
_LINES, _CHARACTERS = 9, 550
_TITLE_LAYOUT, _BODY_LAYOUT = 0, 1
# Parts shown as slides in addition to the sections, and the section that contains them if there is one.
_LISTS = {"weeks": "timeline", "channels": "channels", "kpis": "kpis"}


def fits(content: Content) -> bool:
    """Whether it has sections or weeks, as a lesson plan or a campaign has."""
    return bool(_build_slides(content))


def export(title: str, content: Content) -> bytes:
    """Return a presentation in PowerPoint's default theme."""
    from pptx import Presentation

    slides = _build_slides(content)
    presentation = Presentation()
    first = presentation.slides.add_slide(presentation.slide_layouts[_TITLE_LAYOUT])
    first.shapes.title.text = str(content.parts.get("title") or title)
    first.placeholders[1].text = title
    for heading, lines in slides:
        slide = presentation.slides.add_slide(presentation.slide_layouts[_BODY_LAYOUT])
        slide.shapes.title.text = heading
        _fill_frame(slide.placeholders[1].text_frame, lines)
    file = io.BytesIO()
    presentation.save(file)
    body = file.getvalue()
    assert read(body)[1:] == [
        (heading, [_join_lines(strip_marks(line)) for line in lines]) for heading, lines in slides
    ]
    return body


def read(body: bytes) -> list[tuple[str, list[str]]]:
    """Return each slide's title and lines."""
    from pptx import Presentation

    return [
        (slide.shapes.title.text, [one.text for one in slide.placeholders[1].text_frame.paragraphs])
        for slide in Presentation(io.BytesIO(body)).slides
    ]


def _fill_frame(frame: Any, lines: list[str]) -> None:
    from pptx.util import Pt

    size = Pt(24 if sum(map(len, lines)) < _CHARACTERS / 2 else 18)
    for number, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        for one in parse_runs(line):
            run = paragraph.add_run()
            run.text, run.font.bold, run.font.italic, run.font.size = (
                _join_lines(one.text),
                one.bold or None,
                one.slanted or None,
                size,
            )


def _build_slides(content: Content) -> list[tuple[str, list[str]]]:
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
        for lines in _split_pages([line for one in parse_blocks(text) for line in _format_lines(one)])
    ]


def _format_lines(block: TextBlock) -> list[str]:
    """Return the lines of a block; those of a table are its rows, without the heading if there are more."""
    if block.sort != "table":
        return block.text.split("\n")
    return [" – ".join(filter(None, row)) for row in block.rows[1:] or block.rows]


def _join_lines(text: str) -> str:
    return text.replace("\n", " ")


def _split_pages(lines: list[str]) -> list[list[str]]:
    """Return the lines in pages that fit a slide."""
    pages: list[list[str]] = []
    room = 0
    for line in filter(None, lines):
        if not pages or len(pages[-1]) == _LINES or room + len(line) > _CHARACTERS:
            pages.append([])
            room = 0
        pages[-1].append(line)
        room += len(line)
    return pages
