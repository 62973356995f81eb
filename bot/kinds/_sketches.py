"""How a wireframe stands for what a region holds: a crossed box for a picture, bars for text, a filled shape for a button."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.checks.svg import escape_text

# Strength of the ink: outlines, placeholders, and the ground of a region.
_LINE, _MARK, _TINT = 0.55, 0.22, 0.05


@dataclass(frozen=True, slots=True)
class Box:
    """A placed region."""

    name: str
    holds: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class _Pen:
    """Draws in one ink, in sizes that go with the letters'."""

    size: int
    ink: str
    ground: str

    def rect(self, box: Box, strength: float, *, outline: bool = False, round_by: float = 0.0) -> str:
        line = (
            f'fill="none" stroke="{self.ink}" stroke-opacity="{strength}" stroke-width="{max(1.5, self.size / 10):g}"'
        )
        shown = line if outline else f'fill="{self.ink}" fill-opacity="{strength}"'
        return f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="{round_by:g}" {shown}/>'

    def line(self, x1: float, y1: float, x2: float, y2: float, strength: float) -> str:
        return (
            f'<path d="M{x1:g} {y1:g}L{x2:g} {y2:g}" fill="none" stroke="{self.ink}" stroke-opacity="{strength}" '
            f'stroke-width="{max(1.0, self.size / 14):g}"/>'
        )

    def text(self, x: float, y: float, said: str, *, fill: str = "", bold: bool = False, anchor: str = "start") -> str:
        weight = ' font-weight="bold"' if bold else ""
        return (
            f'<text x="{x:g}" y="{y:g}" font-family="sans-serif" font-size="{self.size:g}"{weight} '
            f'text-anchor="{anchor}" fill="{fill or self.ink}">{escape_text(said)}</text>'
        )


_Sketch = Callable[[Box, _Pen], str]


def sketched(box: Box, size: int, ink: str, ground: str) -> str:
    """A region: its frame, its name where there is room, and marks for what it holds."""
    pen = _Pen(size, ink, ground)
    name = box.name.replace("_", " ")
    if box.name.startswith("cta"):
        return _button(box, pen, name.removeprefix("cta").strip() or "button")
    frame = pen.rect(box, _TINT, round_by=size / 4) + pen.rect(box, _LINE, outline=True, round_by=size / 4)
    pad = size * 0.7
    if box.height < size * 1.5:
        return frame
    fits = max(3, int((box.width - 2 * pad) / (size * 0.62)))
    shown = name if len(name) <= fits else name[: fits - 1] + "…"
    sketch = _sketch_of(box.name, box.holds)
    single = box.height < size * 3.2 or sketch is _strip
    baseline = box.y + (box.height + size * 0.7) / 2 if single else box.y + pad + size * 0.8
    label = pen.text(box.x + pad, baseline, shown, bold=True)
    if single:
        taken = pad + (len(shown) + 2) * size * 0.62
        inner = _inset(box, taken, 0, pad, 0)
        beside = _strip if sketch is _strip else _line_of_text
        return frame + label + (beside(inner, pen) if inner.width > size * 6 else "")
    inner = _inset(box, pad, pad + size * 1.5, pad, pad)
    return frame + label + (sketch(inner, pen) if inner.height >= size and inner.width >= size * 2 else "")


# Characters of what a region holds that are looked at; a wireframe has room for a few words.
_MAX_READ = 400


def most_of_page(name: str, holds: str) -> float:
    """How much of a page's height a region needs at most; what is a line or a field gains nothing by being taller."""
    return 0.09 if name.startswith("cta") else _MAX.get(_sketch_of(name, holds), 1.0)


def least_weight(name: str, holds: str) -> float:
    """How tall a region is at least beside others, so that what it holds can be told."""
    return _MIN.get(_sketch_of(name, holds), 1.0)


def _sketch_of(name: str, holds: str) -> _Sketch:
    """By the name of a region where that tells, else by what it holds."""
    found = (draw for said in (name, holds) for words, draw in _SKETCHES if words.search(said[:_MAX_READ]))
    return next(found, _paragraph)


def _inset(box: Box, left: float, top: float, right: float, bottom: float) -> Box:
    return Box(box.name, box.holds, round(box.x + left), round(box.y + top), round(box.width - left - right), round(box.height - top - bottom))  # fmt: skip


def _part(box: Box, x: float, y: float, width: float, height: float) -> Box:
    return Box(box.name, box.holds, round(x), round(y), max(1, round(width)), max(1, round(height)))


def _button(box: Box, pen: _Pen, label: str) -> str:
    """A filled shape in the middle of its region, not wider than a button is."""
    height = min(box.height, pen.size * 3.2)
    width = min(box.width, max(pen.size * 14, (len(label) + 6) * pen.size * 0.62))
    x, y = box.x + (box.width - width) / 2, box.y + (box.height - height) / 2
    shape = pen.rect(_part(box, x, y, width, height), 1, round_by=pen.size / 2)
    return shape + pen.text(
        x + width / 2, y + height / 2 + pen.size * 0.35, label, fill=pen.ground, bold=True, anchor="middle"
    )


def _strip(box: Box, pen: _Pen) -> str:
    """Short bars at the right end, as links of a header or a footer."""
    height = min(box.height, pen.size * 0.7)
    y = box.y + (box.height - height) / 2
    count = max(1, min(4, int(box.width / (pen.size * 7))))
    step, width = pen.size * 6, pen.size * 4.6
    return "".join(
        pen.rect(_part(box, box.x + box.width - width - number * step, y, width, height), _MARK, round_by=2)
        for number in range(count)
    )


def _line_of_text(box: Box, pen: _Pen) -> str:
    """One bar beside a name."""
    height = min(box.height, pen.size * 0.6)
    return pen.rect(_part(box, box.x, box.y + (box.height - height) / 2, box.width * 0.5, height), _MARK, round_by=2)


def _paragraph(box: Box, pen: _Pen) -> str:
    """Bars for lines of text; the last one is shorter."""
    step = pen.size * 1.5
    count = max(1, min(8, int(box.height / step)))
    return "".join(
        pen.rect(_part(box, box.x, box.y + number * step, box.width * (0.6 if number == count - 1 else 0.95), pen.size * 0.6), _MARK, round_by=2)
        for number in range(count)
    )  # fmt: skip


def _picture(box: Box, pen: _Pen) -> str:
    """A crossed box."""
    right, bottom = box.x + box.width, box.y + box.height
    return (
        pen.rect(box, _TINT) + pen.rect(box, _MARK, outline=True)
        + pen.line(box.x, box.y, right, bottom, _MARK) + pen.line(box.x, bottom, right, box.y, _MARK)
    )  # fmt: skip


def _heading(box: Box, pen: _Pen) -> str:
    """One thick bar, and a thinner one where there is room."""
    thick = min(box.height, pen.size * 1.6)
    bars = pen.rect(_part(box, box.x, box.y, box.width * 0.7, thick), 2 * _MARK, round_by=3)
    if box.height > thick + pen.size * 1.8:
        thin = _part(box, box.x, box.y + thick + pen.size * 0.8, box.width * 0.45, pen.size * 0.7)
        bars += pen.rect(thin, _MARK, round_by=2)
    return bars


def _field(box: Box, pen: _Pen) -> str:
    """An outlined input with a mark at its end, as dates and numbers are chosen."""
    height = min(box.height, pen.size * 2.6)
    field = _part(box, box.x, box.y, min(box.width, pen.size * 34), height)
    end = field.x + field.width - pen.size
    mark = pen.line(end - pen.size * 0.7, field.y + height * 0.42, end - pen.size * 0.35, field.y + height * 0.6, _LINE)
    mark += pen.line(end - pen.size * 0.35, field.y + height * 0.6, end, field.y + height * 0.42, _LINE)
    text = pen.rect(
        _part(field, field.x + pen.size, field.y + height * 0.38, field.width * 0.4, height * 0.24), _MARK, round_by=2
    )
    return pen.rect(field, _LINE, outline=True, round_by=pen.size / 4) + text + mark


def _list(box: Box, pen: _Pen) -> str:
    """Marks with a bar each."""
    step = pen.size * 1.9
    made = []
    for number in range(max(1, min(7, int(box.height / step)))):
        y = box.y + number * step
        made.append(pen.rect(_part(box, box.x, y, pen.size * 0.9, pen.size * 0.9), 2 * _MARK, round_by=pen.size / 2))
        width = (box.width - pen.size * 1.8) * (0.85, 0.7, 0.9, 0.6)[number % 4]
        bar = _part(box, box.x + pen.size * 1.8, y + pen.size * 0.15, width, pen.size * 0.6)
        made.append(pen.rect(bar, _MARK, round_by=2))
    return "".join(made)


def _cards(box: Box, pen: _Pen) -> str:
    """Three cards side by side, fewer where there is no room."""
    count = max(1, min(3, int(box.width / (pen.size * 9))))
    gap = pen.size
    width = (box.width - gap * (count - 1)) / count
    made = []
    for number in range(count):
        card = _part(box, box.x + number * (width + gap), box.y, width, box.height)
        top = _part(card, card.x + gap / 2, card.y + gap / 2, card.width - gap, card.height * 0.45)
        lower = _inset(card, gap / 2, card.height * 0.45 + gap, gap / 2, gap / 2)
        made.append(pen.rect(card, _MARK, outline=True, round_by=pen.size / 4) + pen.rect(top, _TINT * 2))
        made.append(_paragraph(lower, pen) if lower.height > pen.size else "")
    return "".join(made)


def _chart(box: Box, pen: _Pen) -> str:
    """Columns on a line."""
    count = max(3, min(9, int(box.width / (pen.size * 4))))
    step = box.width / count
    heights = (0.45, 0.7, 0.55, 0.9, 0.65, 0.8, 0.4, 0.75, 0.6)
    columns = "".join(
        pen.rect(_part(box, box.x + number * step + step * 0.2, box.y + box.height * (1 - heights[number]), step * 0.6, box.height * heights[number]), _MARK)
        for number in range(count)
    )  # fmt: skip
    return columns + pen.line(box.x, box.y + box.height, box.x + box.width, box.y + box.height, _LINE)


# What a region's name and contents say of it; the first that occurs counts.
_SKETCHES: tuple[tuple[re.Pattern[str], _Sketch], ...] = tuple(
    (re.compile(rf"(?<![a-z])(?:{words})(?![a-z])", re.IGNORECASE), sketch)
    for words, sketch in (
        (r"header|nav\w*|footer|menu|bar|logo|tabs", _strip),
        (r"(?:\w+_)?(?:image|photo|picture|map|video|gallery|drawing|illustration|banner)s?\w*", _picture),
        (r"charts?|graphs?|stat\w*|dashboard", _chart),
        (r"features|reviews|testimonials|cards|plans|products|stories|team|grid|pricing", _cards),
        (r"dates?|people|price|form|field|search|e?mail|phone|guests|time|filters?|inputs?|login|password", _field),
        (r"list|ingredients|steps|items|programme|schedule|agenda|faq|answers|options|questions?", _list),
        (r"title|headline|hero|claim|name|slogan", _heading),
    )
)
_MAX: dict[_Sketch, float] = {_strip: 0.09, _field: 0.14, _heading: 0.15}
_MIN: dict[_Sketch, float] = {_picture: 3.5, _cards: 3.0, _chart: 3.5, _field: 1.8, _list: 2.0}
