"""A storyboard as a contact sheet: a frame for each shot, and below it its number, time, size, camera, picture and sound.

A frame shows the SVG in the part "frames", if there is one; others are empty, to be drawn by hand.
"""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

from bot.content import Content
from bot.reading.surrounding_labels import translate_label

from ._parts import get_entries
from .pdf import check_signs, find_font_folders, format_families, get_direction, quote_string, read

LABEL = "Contact sheet"
SIGN = "🎞️"
ENDING = "pdf"
# Shots per row: upright frames are narrower.
_WIDE, _UPRIGHT = 3, 5
_PAGE = """#set document(title: {title})
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
    """Whether it is a storyboard."""
    return bool(get_entries(content, "shots")) and bool(content.parts.get("ratio"))


def export(title: str, content: Content) -> bytes:
    """Return the sheet, with as many pages as it needs.

    Raises:
        FileError: it has characters that no font has.
    """
    (body,) = _typeset_pages(title, content, "pdf")
    assert len(read(body)) >= 1, "it has pages"
    return body


def render_pages(title: str, content: Content) -> list[bytes]:
    """Return the pages of the sheet as PNG."""
    return _typeset_pages(title, content, "png")


def _typeset_pages(title: str, content: Content, form: str) -> list[bytes]:
    import typst

    shots = get_entries(content, "shots")
    width, height = content.parts["ratio"]
    name = str(content.parts.get("title") or title)
    check_signs("\n".join([name, *(str(value) for shot in shots for value in shot.values())]))
    frames: list[str] = _get_frames(content) or [""] * len(shots)
    timed = all(shot.get("seconds") for shot in shots)
    ends = list(itertools.accumulate(int(shot["seconds"]) if timed else 0 for shot in shots))
    cells = [
        _typeset_cell(shot, frame, end, f"{height / width:.4f}", content.language)
        for shot, frame, end in zip(shots, frames, ends, strict=True)
    ]
    columns = _UPRIGHT if height > width else _WIDE
    told = " ".join(str(shot.get("seen", "")) for shot in shots)
    source = _PAGE.format(
        title=quote_string(name),
        fonts=format_families(),
        direction=get_direction(told),
        columns="1fr, " * columns,
        cells=",\n".join(cells),
    )
    set_by: dict[str, Any] = {"font_paths": _load_fonts(), "ignore_system_fonts": True, "format": form}
    set_by |= {"ppi": 110} if form == "png" else {}
    made: Any = typst.compile(source.encode(), **set_by)
    return made if isinstance(made, list) else [made]


def _get_frames(content: Content) -> list[str]:
    """Return the frames unchanged, as they are not texts for users."""
    frames = content.parts.get("frames")
    return list(frames) if isinstance(frames, list) and len(frames) == len(get_entries(content, "shots")) else []


def _typeset_cell(shot: dict[str, Any], frame: str, end: int, shape: str, language: str) -> str:
    """Typeset a shot; without a clock if some shots have no time, for which `end` is 0."""
    start, seen = end - int(shot.get("seconds") or 0), str(shot.get("seen", ""))
    clock = f"{start // 60}:{start % 60:02d}–{end // 60}:{end % 60:02d}" if end else ""
    named = (translate_label(str(shot.get(name, "")), language) for name in ("size", "move"))
    told = " · ".join(filter(None, [str(shot.get("number", "")), clock, *named]))
    picture = (
        f'image(bytes({quote_string(frame)}), format: "svg", width: 100%, alt: {quote_string(seen)})' if frame else ""
    )
    held = f"layout(size => block(width: 100%, height: size.width * {shape}, clip: true, stroke: 0.5pt + luma(120), {picture or '[]'}))"
    lines = [f"strong({quote_string(told)})", quote_string(seen), f"emph({quote_string(str(shot.get('heard', '')))})"]
    return f"block(breakable: false, {{ {held}; v(-1mm); {'; parbreak(); '.join(lines)} }})"


@cache
def _load_fonts() -> Any:
    import typst

    return typst.Fonts(font_paths=find_font_folders(), include_system_fonts=False)
