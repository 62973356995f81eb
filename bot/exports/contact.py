"""A storyboard as a contact sheet: a frame for each shot, and below it its number, time, size, camera, picture and sound.

A frame is what the part "frames" holds, as SVG: a picture that was drawn. Any other is empty, to be drawn by hand.
"""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

from bot.content import Content
from bot.kinds._labels import translate_label

from ._parts import entries
from .pdf import check_signs, direction_of, families, font_folders, quoted, read

LABEL = "Contact sheet"
SIGN = "🎞️"
ENDING = "pdf"
# Shots side by side: upright frames are narrower.
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
    """It is a storyboard."""
    return bool(entries(content, "shots")) and bool(content.parts.get("ratio"))


def export(title: str, content: Content) -> bytes:
    """The sheet, as many pages as it needs.

    Raises:
        FileError: it has signs that no font has.
    """
    (body,) = _set(title, content, "pdf")
    assert len(read(body)) >= 1, "it has pages"
    return body


def pages(title: str, content: Content) -> list[bytes]:
    """The pages of the sheet as PNG."""
    return _set(title, content, "png")


def _set(title: str, content: Content, form: str) -> list[bytes]:
    import typst

    shots = entries(content, "shots")
    width, height = content.parts["ratio"]
    name = str(content.parts.get("title") or title)
    check_signs("\n".join([name, *(str(value) for shot in shots for value in shot.values())]))
    frames: list[str] = _frames(content) or [""] * len(shots)
    timed = all(shot.get("seconds") for shot in shots)
    ends = list(itertools.accumulate(int(shot["seconds"]) if timed else 0 for shot in shots))
    cells = [
        _cell(shot, frame, end, f"{height / width:.4f}", content.language)
        for shot, frame, end in zip(shots, frames, ends, strict=True)
    ]
    columns = _UPRIGHT if height > width else _WIDE
    told = " ".join(str(shot.get("seen", "")) for shot in shots)
    source = _PAGE.format(
        title=quoted(name),
        fonts=families(),
        direction=direction_of(told),
        columns="1fr, " * columns,
        cells=",\n".join(cells),
    )
    set_by: dict[str, Any] = {"font_paths": _fonts(), "ignore_system_fonts": True, "format": form}
    set_by |= {"ppi": 110} if form == "png" else {}
    made: Any = typst.compile(source.encode(), **set_by)
    return made if isinstance(made, list) else [made]


def _frames(content: Content) -> list[str]:
    """The frames as they are, which are no texts for people."""
    frames = content.parts.get("frames")
    return list(frames) if isinstance(frames, list) and len(frames) == len(entries(content, "shots")) else []


def _cell(shot: dict[str, Any], frame: str, end: int, shape: str, language: str) -> str:
    """A shot; without a clock where not all have a time, which `end` 0 stands for."""
    start, seen = end - int(shot.get("seconds") or 0), str(shot.get("seen", ""))
    clock = f"{start // 60}:{start % 60:02d}–{end // 60}:{end % 60:02d}" if end else ""
    named = (translate_label(str(shot.get(name, "")), language) for name in ("size", "move"))
    told = " · ".join(filter(None, [str(shot.get("number", "")), clock, *named]))
    picture = f'image(bytes({quoted(frame)}), format: "svg", width: 100%, alt: {quoted(seen)})' if frame else ""
    held = f"layout(size => block(width: 100%, height: size.width * {shape}, clip: true, stroke: 0.5pt + luma(120), {picture or '[]'}))"
    lines = [f"strong({quoted(told)})", quoted(seen), f"emph({quoted(str(shot.get('heard', '')))})"]
    return f"block(breakable: false, {{ {held}; v(-1mm); {'; parbreak(); '.join(lines)} }})"


@cache
def _fonts() -> Any:
    import typst

    return typst.Fonts(font_paths=font_folders(), include_system_fonts=False)
