"""A storyboard as a contact sheet: a frame per shot, and below it the shot's number, time, size, camera movement, picture and
sound.

The frames show the drawings in the part `frames`; without it they are empty, to be drawn in by hand.
"""

from __future__ import annotations

import itertools
from typing import Any, Literal

from bot.content import Content
from bot.reading.surrounding_labels import translate_label

from ._parts import get_entries
from .pdf import check_characters, detect_direction, format_font_families, quote_string, read, typeset

LABEL = "Contact sheet"
SIGN = "🎞️"
ENDING = "pdf"
# Frames per row.
_LANDSCAPE_COLUMNS, _PORTRAIT_COLUMNS = 3, 5
_PNG_PIXELS_PER_INCH = 110
_DOCUMENT = """#set document(title: {title})
#set page(paper: "a4", flipped: true, margin: 14mm, numbering: "1")
#set text(font: {fonts}, size: 9pt, dir: {direction})
#set par(leading: 0.5em, spacing: 0.6em)
#text(15pt, weight: "bold", {title})
#v(2mm)
#grid(columns: ({columns}), gutter: 5mm,
{cells}
)
"""


def fits(content: Content) -> bool:
    """Whether a content is a storyboard."""
    return bool(get_entries(content, "shots")) and bool(content.parts.get("ratio"))


def export(title: str, content: Content) -> bytes:
    """Return the sheet as a PDF of as many A4 pages as it needs.

    Raises:
        FileError: the storyboard has characters that no font has, or the typesetter is not installed.
    """
    (body,) = _typeset_sheet(title, content, "pdf")
    assert read(body), "it has no pages"
    return body


def render_pages(title: str, content: Content) -> list[bytes]:
    """Return each page of the sheet as a PNG.

    Raises:
        FileError: as `export`.
    """
    return _typeset_sheet(title, content, "png")


def _typeset_sheet(title: str, content: Content, file_format: Literal["pdf", "png"]) -> list[bytes]:
    """Return the sheet's files: one PDF, or a PNG per page."""
    shots = get_entries(content, "shots")
    width, height = content.parts["ratio"]
    name = str(content.parts.get("title") or title)
    check_characters("\n".join([name, *(str(value) for shot in shots for value in shot.values())]))
    frames: list[str] = _get_frames(content) or [""] * len(shots)
    are_timed = all(shot.get("seconds") for shot in shots)
    ends = list(itertools.accumulate(int(shot["seconds"]) if are_timed else 0 for shot in shots))
    cells = [
        _typeset_cell(shot, frame, end, f"{height / width:.4f}", content.language)
        for shot, frame, end in zip(shots, frames, ends, strict=True)
    ]
    source = _DOCUMENT.format(
        title=quote_string(name),
        fonts=format_font_families(),
        direction=detect_direction(" ".join(str(shot.get("seen", "")) for shot in shots)),
        columns="1fr, " * (_PORTRAIT_COLUMNS if height > width else _LANDSCAPE_COLUMNS),
        cells=",\n".join(cells),
    )
    return typeset(source, file_format, _PNG_PIXELS_PER_INCH)


def _get_frames(content: Content) -> list[str]:
    """Return a drawing per shot as SVG; empty if there are none."""
    frames = content.parts.get("frames")
    return list(frames) if isinstance(frames, list) and len(frames) == len(get_entries(content, "shots")) else []


def _typeset_cell(shot: dict[str, Any], frame: str, end: int, height: str, language: str) -> str:
    """Return a shot in Typst markup. `end` is its end in seconds, 0 to show no times; `height` is a share of the width."""
    start, picture, sound = end - int(shot.get("seconds") or 0), str(shot.get("seen", "")), str(shot.get("heard", ""))
    times = f"{start // 60}:{start % 60:02d}–{end // 60}:{end % 60:02d}" if end else ""
    size_and_movement = (translate_label(str(shot.get(name, "")), language) for name in ("size", "move"))
    heading = " · ".join(filter(None, [str(shot.get("number", "")), times, *size_and_movement]))
    image = f'image(bytes({quote_string(frame)}), format: "svg", width: 100%, alt: {quote_string(picture)})'
    box = f"width: 100%, height: size.width * {height}, clip: true, stroke: 0.5pt + luma(120)"
    lines = [
        f"strong({quote_string(heading)})",
        quote_string(picture),
        f"emph({quote_string(sound)})",
    ]
    return (
        f"block(breakable: false, {{ layout(size => block({box}, {image if frame else '[]'})); "
        f"v(-1mm); {'; parbreak(); '.join(lines)} }})"
    )
