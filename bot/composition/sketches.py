"""How a wireframe depicts the contents of a region: a crossed box for a picture, bars for text, a filled shape for a button."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.checks.svg import escape_text

# Opacity of the ink: outlines, placeholders, and the background of a region.
_LINE_OPACITY, _MARK_OPACITY, _TINT_OPACITY = 0.55, 0.22, 0.05


@dataclass(frozen=True, slots=True)
class RegionBox:
    """A placed region."""

    name: str
    holds: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class _Pen:
    """Draws in one ink, in sizes proportional to the lettering."""

    size: int
    ink: str
    ground: str

    def rect(self, box: RegionBox, strength: float, *, outline: bool = False, round_by: float = 0.0) -> str:
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


_SketchDrawer = Callable[[RegionBox, _Pen], str]


def draw_region(box: RegionBox, size: int, ink: str, ground: str) -> str:
    """Return a region as SVG: its frame, its name if there is room, and marks for its contents."""
    pen = _Pen(size, ink, ground)
    name = box.name.replace("_", " ")
    if box.name.startswith("cta"):
        return _draw_button(box, pen, name.removeprefix("cta").strip() or "button")
    frame = pen.rect(box, _TINT_OPACITY, round_by=size / 4) + pen.rect(
        box, _LINE_OPACITY, outline=True, round_by=size / 4
    )
    pad = size * 0.7
    if box.height < size * 1.5:
        return frame
    fits = max(3, int((box.width - 2 * pad) / (size * 0.62)))
    shown = name if len(name) <= fits else name[: fits - 1] + "…"
    sketch = _choose_sketch(box.name, box.holds)
    single = box.height < size * 3.2 or sketch is _draw_link_strip
    baseline = box.y + (box.height + size * 0.7) / 2 if single else box.y + pad + size * 0.8
    label = pen.text(box.x + pad, baseline, shown, bold=True)
    if single:
        taken = pad + (len(shown) + 2) * size * 0.62
        inner = _shrink_box(box, taken, 0, pad, 0)
        beside = _draw_link_strip if sketch is _draw_link_strip else _draw_text_line
        return frame + label + (beside(inner, pen) if inner.width > size * 6 else "")
    inner = _shrink_box(box, pad, pad + size * 1.5, pad, pad)
    return frame + label + (sketch(inner, pen) if inner.height >= size and inner.width >= size * 2 else "")


# The maximum number of characters of a region's contents that are read; a wireframe has room for a few words.
_MAX_CONTENT_CHARACTERS = 400


def find_max_page_share(name: str, holds: str) -> float:
    """Return the maximum share of a page's height that a region needs; a line or a field gains nothing from more."""
    return 0.09 if name.startswith("cta") else _MAX_PAGE_SHARES.get(_choose_sketch(name, holds), 1.0)


def find_min_weight(name: str, holds: str) -> float:
    """Return a region's minimum relative height, so that its contents are recognisable."""
    return _MIN_WEIGHTS.get(_choose_sketch(name, holds), 1.0)


def _choose_sketch(name: str, holds: str) -> _SketchDrawer:
    """Choose by the region's name if that is enough, else by its contents."""
    found = (
        draw for said in (name, holds) for words, draw in _SKETCHES if words.search(said[:_MAX_CONTENT_CHARACTERS])
    )
    return next(found, _draw_paragraph)


def _shrink_box(box: RegionBox, left: float, top: float, right: float, bottom: float) -> RegionBox:
    return RegionBox(
        box.name,
        box.holds,
        round(box.x + left),
        round(box.y + top),
        round(box.width - left - right),
        round(box.height - top - bottom),
    )


def _get_box_part(box: RegionBox, x: float, y: float, width: float, height: float) -> RegionBox:
    return RegionBox(box.name, box.holds, round(x), round(y), max(1, round(width)), max(1, round(height)))


def _draw_button(box: RegionBox, pen: _Pen, label: str) -> str:
    """Draw a filled shape in the centre of the region, no wider than a button."""
    height = min(box.height, pen.size * 3.2)
    width = min(box.width, max(pen.size * 14, (len(label) + 6) * pen.size * 0.62))
    x, y = box.x + (box.width - width) / 2, box.y + (box.height - height) / 2
    shape = pen.rect(_get_box_part(box, x, y, width, height), 1, round_by=pen.size / 2)
    return shape + pen.text(
        x + width / 2, y + height / 2 + pen.size * 0.35, label, fill=pen.ground, bold=True, anchor="middle"
    )


def _draw_link_strip(box: RegionBox, pen: _Pen) -> str:
    """Draw short bars at the right end, like the links of a header or a footer."""
    height = min(box.height, pen.size * 0.7)
    y = box.y + (box.height - height) / 2
    count = max(1, min(4, int(box.width / (pen.size * 7))))
    step, width = pen.size * 6, pen.size * 4.6
    return "".join(
        pen.rect(
            _get_box_part(box, box.x + box.width - width - number * step, y, width, height), _MARK_OPACITY, round_by=2
        )
        for number in range(count)
    )


def _draw_text_line(box: RegionBox, pen: _Pen) -> str:
    """Draw one bar next to a name."""
    height = min(box.height, pen.size * 0.6)
    return pen.rect(
        _get_box_part(box, box.x, box.y + (box.height - height) / 2, box.width * 0.5, height), _MARK_OPACITY, round_by=2
    )


def _draw_paragraph(box: RegionBox, pen: _Pen) -> str:
    """Draw bars for lines of text, the last one shorter."""
    step = pen.size * 1.5
    count = max(1, min(8, int(box.height / step)))
    return "".join(
        pen.rect(
            _get_box_part(
                box, box.x, box.y + number * step, box.width * (0.6 if number == count - 1 else 0.95), pen.size * 0.6
            ),
            _MARK_OPACITY,
            round_by=2,
        )
        for number in range(count)
    )


def _draw_picture(box: RegionBox, pen: _Pen) -> str:
    """Draw a crossed box."""
    right, bottom = box.x + box.width, box.y + box.height
    return (
        pen.rect(box, _TINT_OPACITY)
        + pen.rect(box, _MARK_OPACITY, outline=True)
        + pen.line(box.x, box.y, right, bottom, _MARK_OPACITY)
        + pen.line(box.x, bottom, right, box.y, _MARK_OPACITY)
    )


def _draw_heading(box: RegionBox, pen: _Pen) -> str:
    """Draw one thick bar, and a thinner one if there is room."""
    thick = min(box.height, pen.size * 1.6)
    bars = pen.rect(_get_box_part(box, box.x, box.y, box.width * 0.7, thick), 2 * _MARK_OPACITY, round_by=3)
    if box.height > thick + pen.size * 1.8:
        thin = _get_box_part(box, box.x, box.y + thick + pen.size * 0.8, box.width * 0.45, pen.size * 0.7)
        bars += pen.rect(thin, _MARK_OPACITY, round_by=2)
    return bars


def _draw_field(box: RegionBox, pen: _Pen) -> str:
    """Draw an outlined input with a mark at its end, as for dates and numbers."""
    height = min(box.height, pen.size * 2.6)
    field = _get_box_part(box, box.x, box.y, min(box.width, pen.size * 34), height)
    end = field.x + field.width - pen.size
    mark = pen.line(
        end - pen.size * 0.7, field.y + height * 0.42, end - pen.size * 0.35, field.y + height * 0.6, _LINE_OPACITY
    )
    mark += pen.line(end - pen.size * 0.35, field.y + height * 0.6, end, field.y + height * 0.42, _LINE_OPACITY)
    text = pen.rect(
        _get_box_part(field, field.x + pen.size, field.y + height * 0.38, field.width * 0.4, height * 0.24),
        _MARK_OPACITY,
        round_by=2,
    )
    return pen.rect(field, _LINE_OPACITY, outline=True, round_by=pen.size / 4) + text + mark


def _draw_list(box: RegionBox, pen: _Pen) -> str:
    """Draw marks with a bar each."""
    step = pen.size * 1.9
    made = []
    for number in range(max(1, min(7, int(box.height / step)))):
        y = box.y + number * step
        made.append(
            pen.rect(
                _get_box_part(box, box.x, y, pen.size * 0.9, pen.size * 0.9), 2 * _MARK_OPACITY, round_by=pen.size / 2
            )
        )
        width = (box.width - pen.size * 1.8) * (0.85, 0.7, 0.9, 0.6)[number % 4]
        bar = _get_box_part(box, box.x + pen.size * 1.8, y + pen.size * 0.15, width, pen.size * 0.6)
        made.append(pen.rect(bar, _MARK_OPACITY, round_by=2))
    return "".join(made)


def _draw_cards(box: RegionBox, pen: _Pen) -> str:
    """Draw three cards side by side, fewer if there is no room."""
    count = max(1, min(3, int(box.width / (pen.size * 9))))
    gap = pen.size
    width = (box.width - gap * (count - 1)) / count
    made = []
    for number in range(count):
        card = _get_box_part(box, box.x + number * (width + gap), box.y, width, box.height)
        top = _get_box_part(card, card.x + gap / 2, card.y + gap / 2, card.width - gap, card.height * 0.45)
        lower = _shrink_box(card, gap / 2, card.height * 0.45 + gap, gap / 2, gap / 2)
        made.append(
            pen.rect(card, _MARK_OPACITY, outline=True, round_by=pen.size / 4) + pen.rect(top, _TINT_OPACITY * 2)
        )
        made.append(_draw_paragraph(lower, pen) if lower.height > pen.size else "")
    return "".join(made)


def _draw_chart(box: RegionBox, pen: _Pen) -> str:
    """Draw columns on a line."""
    count = max(3, min(9, int(box.width / (pen.size * 4))))
    step = box.width / count
    heights = (0.45, 0.7, 0.55, 0.9, 0.65, 0.8, 0.4, 0.75, 0.6)
    columns = "".join(
        pen.rect(
            _get_box_part(
                box,
                box.x + number * step + step * 0.2,
                box.y + box.height * (1 - heights[number]),
                step * 0.6,
                box.height * heights[number],
            ),
            _MARK_OPACITY,
        )
        for number in range(count)
    )
    return columns + pen.line(box.x, box.y + box.height, box.x + box.width, box.y + box.height, _LINE_OPACITY)


# How a region's name and contents are matched; the first match counts.
_SKETCHES: tuple[tuple[re.Pattern[str], _SketchDrawer], ...] = tuple(
    (re.compile(rf"(?<![a-z])(?:{words})(?![a-z])", re.IGNORECASE), sketch)
    for words, sketch in (
        (r"header|nav\w*|footer|menu|bar|logo|tabs", _draw_link_strip),
        (r"(?:\w+_)?(?:image|photo|picture|map|video|gallery|drawing|illustration|banner)s?\w*", _draw_picture),
        (r"charts?|graphs?|stat\w*|dashboard", _draw_chart),
        (r"features|reviews|testimonials|cards|plans|products|stories|team|grid|pricing", _draw_cards),
        (
            r"dates?|people|price|form|field|search|e?mail|phone|guests|time|filters?|inputs?|login|password",
            _draw_field,
        ),
        (r"list|ingredients|steps|items|programme|schedule|agenda|faq|answers|options|questions?", _draw_list),
        (r"title|headline|hero|claim|name|slogan", _draw_heading),
    )
)
_MAX_PAGE_SHARES: dict[_SketchDrawer, float] = {_draw_link_strip: 0.09, _draw_field: 0.14, _draw_heading: 0.15}
_MIN_WEIGHTS: dict[_SketchDrawer, float] = {
    _draw_picture: 3.5,
    _draw_cards: 3.0,
    _draw_chart: 3.5,
    _draw_field: 1.8,
    _draw_list: 2.0,
}
