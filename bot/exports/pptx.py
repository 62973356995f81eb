"""PowerPoint slides: one for the title, then one per section, or several if it is long."""

from __future__ import annotations

import io
from typing import Any

from bot.content import Content
from bot.reading.surrounding_labels import format_part_name

from ._blocks import TextBlock, parse_blocks, parse_runs, strip_marks
from ._properties import set_core_properties

LABEL = "Slides (PowerPoint)"
NAMES = ("PowerPoint", "pptx")
SIGN = "📽️"
_MAX_SLIDE_LINES, _MAX_SLIDE_CHARACTERS = 9, 550
_TITLE_LAYOUT, _BODY_LAYOUT = 0, 1
# Parts of a content that get a slide of their own, unless the content has the section that covers them.
_SECTION_BY_LIST = {"weeks": "timeline", "channels": "channels", "kpis": "kpis"}


def fits(content: Content) -> bool:
    """Whether a content has sections, weeks, channels or key figures, as a lesson plan or a campaign does."""
    return bool(_build_slides(content))


def export(title: str, content: Content) -> bytes:
    """Return a presentation in PowerPoint's default theme."""
    from pptx import Presentation

    slides = _build_slides(content)
    presentation = Presentation()
    set_core_properties(presentation.core_properties, str(content.parts.get("title") or title))
    title_slide = presentation.slides.add_slide(presentation.slide_layouts[_TITLE_LAYOUT])
    title_slide.shapes.title.text = str(content.parts.get("title") or title)
    title_slide.placeholders[1].text = title
    for heading, lines in slides:
        slide = presentation.slides.add_slide(presentation.slide_layouts[_BODY_LAYOUT])
        slide.shapes.title.text = heading
        _add_lines(slide.placeholders[1].text_frame, lines)
    file = io.BytesIO()
    presentation.save(file)
    body = file.getvalue()
    assert read(body)[1:] == [
        (heading, [_replace_line_breaks(strip_marks(line)) for line in lines]) for heading, lines in slides
    ]
    return body


def read(body: bytes) -> list[tuple[str, list[str]]]:
    """Return each slide's title and lines."""
    from pptx import Presentation

    return [
        (slide.shapes.title.text, [paragraph.text for paragraph in slide.placeholders[1].text_frame.paragraphs])
        for slide in Presentation(io.BytesIO(body)).slides
    ]


def _add_lines(text_frame: Any, lines: list[str]) -> None:
    from pptx.util import Pt

    font_size = Pt(24 if sum(map(len, lines)) < _MAX_SLIDE_CHARACTERS / 2 else 18)
    for number, line in enumerate(lines):
        paragraph = text_frame.paragraphs[0] if number == 0 else text_frame.add_paragraph()
        for text_run in parse_runs(line):
            run = paragraph.add_run()
            run.text = _replace_line_breaks(text_run.text)
            run.font.bold = text_run.bold or None
            run.font.italic = text_run.italic or None
            run.font.size = font_size


def _build_slides(content: Content) -> list[tuple[str, list[str]]]:
    """Return the heading and lines of each slide after the title."""
    sections = content.parts.get("sections")
    texts: dict[str, str] = {}
    if isinstance(sections, dict):
        texts = {str(name): text for name, text in sections.items() if isinstance(text, str)}
    for name, section in _SECTION_BY_LIST.items():
        entries = content.parts.get(name)
        if isinstance(entries, list) and entries and section not in texts:
            texts[name] = "\n".join(f"- {entry}" for entry in entries if isinstance(entry, str))
    return [
        (format_part_name(name, content.language), slide_lines)
        for name, text in texts.items()
        for slide_lines in _split_into_slides([line for block in parse_blocks(text) for line in _format_lines(block)])
    ]


def _format_lines(block: TextBlock) -> list[str]:
    """Return the lines of a block: of a table its rows, without the header row unless it is the only one."""
    if block.type != "table":
        return block.text.split("\n")
    return [" – ".join(filter(None, row)) for row in block.rows[1:] or block.rows]


def _replace_line_breaks(text: str) -> str:
    return text.replace("\n", " ")


def _split_into_slides(lines: list[str]) -> list[list[str]]:
    """Return the non-empty lines, divided so that they fit on slides."""
    slides: list[list[str]] = []
    character_count = 0
    for line in filter(None, lines):
        is_full = slides and len(slides[-1]) == _MAX_SLIDE_LINES
        if not slides or is_full or character_count + len(line) > _MAX_SLIDE_CHARACTERS:
            slides.append([])
            character_count = 0
        slides[-1].append(line)
        character_count += len(line)
    return slides
