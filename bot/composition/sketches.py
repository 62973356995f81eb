"""Draws the regions of a wireframe with sketches of their contents, such as a crossed box for a picture."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.checks.svg import escape_text

# The opacity of outlines, of placeholders such as bars of text, and of a region's background.
_LINE_OPACITY, _MARK_OPACITY, _TINT_OPACITY = 0.55, 0.22, 0.05
# The mean width of a character of a label, in font sizes.
_CHARACTER_WIDTH = 0.62


@dataclass(frozen=True, slots=True)
class RegionBox:
    """A region of a wireframe: its name, what it holds in words, and its position and size in pixels."""

    name: str
    holds: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class _Pen:
    """Draws in one ink, with lines as thick as suits the font size in pixels."""

    font_size: int
    ink: str
    background: str

    def draw_box(self, box: RegionBox, opacity: float, *, is_outline: bool = False, corner_radius: float = 0.0) -> str:
        paint = f'fill="{self.ink}" fill-opacity="{opacity}"'
        if is_outline:
            width = max(1.5, self.font_size / 10)
            paint = f'fill="none" stroke="{self.ink}" stroke-opacity="{opacity}" stroke-width="{width:g}"'
        return (
            f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="{corner_radius:g}" {paint}/>'
        )

    def draw_line(self, x1: float, y1: float, x2: float, y2: float, opacity: float) -> str:
        return (
            f'<path d="M{x1:g} {y1:g}L{x2:g} {y2:g}" fill="none" stroke="{self.ink}" stroke-opacity="{opacity}" '
            f'stroke-width="{max(1.0, self.font_size / 14):g}"/>'
        )

    def draw_text(
        self, x: float, y: float, text: str, *, fill: str = "", is_bold: bool = False, anchor: str = "start"
    ) -> str:
        weight = ' font-weight="bold"' if is_bold else ""
        return (
            f'<text x="{x:g}" y="{y:g}" font-family="sans-serif" font-size="{self.font_size:g}"{weight} '
            f'text-anchor="{anchor}" fill="{fill or self.ink}">{escape_text(text)}</text>'
        )


_SketchDrawer = Callable[[RegionBox, _Pen], str]


def draw_region(box: RegionBox, font_size: int, ink: str, background: str) -> str:
    """Return a region as SVG: its frame, its name if there is room, and a sketch of its contents."""
    pen = _Pen(font_size, ink, background)
    name = box.name.replace("_", " ")
    if box.name.startswith("cta"):
        return _draw_button(box, pen, name.removeprefix("cta").strip() or "button")
    frame = pen.draw_box(box, _TINT_OPACITY, corner_radius=font_size / 4)
    frame += pen.draw_box(box, _LINE_OPACITY, is_outline=True, corner_radius=font_size / 4)
    if box.height < font_size * 1.5:
        return frame
    padding = font_size * 0.7
    max_characters = max(3, int((box.width - 2 * padding) / (font_size * _CHARACTER_WIDTH)))
    label = name if len(name) <= max_characters else name[: max_characters - 1] + "…"
    draw_sketch = _choose_sketch(box.name, box.holds)
    has_one_line = box.height < font_size * 3.2 or draw_sketch is _draw_link_strip
    if has_one_line:
        baseline = box.y + (box.height + font_size * 0.7) / 2
        label_width = (len(label) + 2) * font_size * _CHARACTER_WIDTH
        inner_box = _shrink_box(box, padding + label_width, 0, padding, 0)
        draw_sketch = _draw_link_strip if draw_sketch is _draw_link_strip else _draw_text_line
        has_room = inner_box.width > font_size * 6
    else:
        baseline = box.y + padding + font_size * 0.8
        inner_box = _shrink_box(box, padding, padding + font_size * 1.5, padding, padding)
        has_room = inner_box.height >= font_size and inner_box.width >= font_size * 2
    text = pen.draw_text(box.x + padding, baseline, label, is_bold=True)
    return frame + text + (draw_sketch(inner_box, pen) if has_room else "")


# The maximum number of characters searched in a region's name and contents; a wireframe has room for a few words.
_MAX_CONTENT_CHARACTERS = 400


def find_max_page_share(name: str, holds: str) -> float:
    """Return the maximum share of a page's height, from 0 to 1, that a region can use: a line or field needs little."""
    return 0.09 if name.startswith("cta") else _MAX_PAGE_SHARES.get(_choose_sketch(name, holds), 1.0)


def find_min_weight(name: str, holds: str) -> float:
    """Return a region's minimum weight among those that share a height, so that its contents are recognisable."""
    return _MIN_WEIGHTS.get(_choose_sketch(name, holds), 1.0)


def _choose_sketch(name: str, holds: str) -> _SketchDrawer:
    """Choose a sketch by the words of a region's name or, failing that, of its contents; else a paragraph."""
    for text in (name, holds):
        for pattern, draw_sketch in _SKETCHES:
            if pattern.search(text[:_MAX_CONTENT_CHARACTERS]):
                return draw_sketch
    return _draw_paragraph


def _shrink_box(box: RegionBox, left: float, top: float, right: float, bottom: float) -> RegionBox:
    return RegionBox(
        box.name,
        box.holds,
        round(box.x + left),
        round(box.y + top),
        round(box.width - left - right),
        round(box.height - top - bottom),
    )


def _place_box(box: RegionBox, x: float, y: float, width: float, height: float) -> RegionBox:
    """Return a box with another position and size, at least a pixel wide and high."""
    return RegionBox(box.name, box.holds, round(x), round(y), max(1, round(width)), max(1, round(height)))


def _draw_button(box: RegionBox, pen: _Pen, label: str) -> str:
    """Draw a filled box with a label in the centre of the region."""
    height = min(box.height, pen.font_size * 3.2)
    width = min(box.width, max(pen.font_size * 14, (len(label) + 6) * pen.font_size * _CHARACTER_WIDTH))
    x, y = box.x + (box.width - width) / 2, box.y + (box.height - height) / 2
    shape = pen.draw_box(_place_box(box, x, y, width, height), 1, corner_radius=pen.font_size / 2)
    return shape + pen.draw_text(
        x + width / 2, y + height / 2 + pen.font_size * 0.35, label, fill=pen.background, is_bold=True, anchor="middle"
    )


def _draw_link_strip(box: RegionBox, pen: _Pen) -> str:
    """Draw short bars at the right end, like the links of a header or a footer."""
    height = min(box.height, pen.font_size * 0.7)
    y = box.y + (box.height - height) / 2
    count = max(1, min(4, int(box.width / (pen.font_size * 7))))
    step, width = pen.font_size * 6, pen.font_size * 4.6
    return "".join(
        pen.draw_box(
            _place_box(box, box.x + box.width - width - number * step, y, width, height),
            _MARK_OPACITY,
            corner_radius=2,
        )
        for number in range(count)
    )


def _draw_text_line(box: RegionBox, pen: _Pen) -> str:
    """Draw a bar next to a name."""
    height = min(box.height, pen.font_size * 0.6)
    return pen.draw_box(
        _place_box(box, box.x, box.y + (box.height - height) / 2, box.width * 0.5, height),
        _MARK_OPACITY,
        corner_radius=2,
    )


def _draw_paragraph(box: RegionBox, pen: _Pen) -> str:
    """Draw bars for lines of text, the last one shorter."""
    step = pen.font_size * 1.5
    count = max(1, min(8, int(box.height / step)))
    return "".join(
        pen.draw_box(
            _place_box(
                box,
                box.x,
                box.y + number * step,
                box.width * (0.6 if number == count - 1 else 0.95),
                pen.font_size * 0.6,
            ),
            _MARK_OPACITY,
            corner_radius=2,
        )
        for number in range(count)
    )


def _draw_picture(box: RegionBox, pen: _Pen) -> str:
    """Draw a crossed box."""
    right, bottom = box.x + box.width, box.y + box.height
    return (
        pen.draw_box(box, _TINT_OPACITY)
        + pen.draw_box(box, _MARK_OPACITY, is_outline=True)
        + pen.draw_line(box.x, box.y, right, bottom, _MARK_OPACITY)
        + pen.draw_line(box.x, bottom, right, box.y, _MARK_OPACITY)
    )


def _draw_heading(box: RegionBox, pen: _Pen) -> str:
    """Draw one thick bar, and a thinner one if there is room."""
    title_height = min(box.height, pen.font_size * 1.6)
    bars = pen.draw_box(
        _place_box(box, box.x, box.y, box.width * 0.7, title_height), 2 * _MARK_OPACITY, corner_radius=3
    )
    if box.height > title_height + pen.font_size * 1.8:
        subtitle = _place_box(
            box, box.x, box.y + title_height + pen.font_size * 0.8, box.width * 0.45, pen.font_size * 0.7
        )
        bars += pen.draw_box(subtitle, _MARK_OPACITY, corner_radius=2)
    return bars


def _draw_field(box: RegionBox, pen: _Pen) -> str:
    """Draw an outlined input with a downward arrow at its end."""
    height = min(box.height, pen.font_size * 2.6)
    field = _place_box(box, box.x, box.y, min(box.width, pen.font_size * 34), height)
    arrow_right = field.x + field.width - pen.font_size
    arrow = pen.draw_line(
        arrow_right - pen.font_size * 0.7,
        field.y + height * 0.42,
        arrow_right - pen.font_size * 0.35,
        field.y + height * 0.6,
        _LINE_OPACITY,
    )
    arrow += pen.draw_line(
        arrow_right - pen.font_size * 0.35, field.y + height * 0.6, arrow_right, field.y + height * 0.42, _LINE_OPACITY
    )
    bar = pen.draw_box(
        _place_box(field, field.x + pen.font_size, field.y + height * 0.38, field.width * 0.4, height * 0.24),
        _MARK_OPACITY,
        corner_radius=2,
    )
    return pen.draw_box(field, _LINE_OPACITY, is_outline=True, corner_radius=pen.font_size / 4) + bar + arrow


def _draw_list(box: RegionBox, pen: _Pen) -> str:
    """Draw bullets with a bar each."""
    step = pen.font_size * 1.9
    marks = []
    for number in range(max(1, min(7, int(box.height / step)))):
        y = box.y + number * step
        marks.append(
            pen.draw_box(
                _place_box(box, box.x, y, pen.font_size * 0.9, pen.font_size * 0.9),
                2 * _MARK_OPACITY,
                corner_radius=pen.font_size / 2,
            )
        )
        width = (box.width - pen.font_size * 1.8) * (0.85, 0.7, 0.9, 0.6)[number % 4]
        bar = _place_box(box, box.x + pen.font_size * 1.8, y + pen.font_size * 0.15, width, pen.font_size * 0.6)
        marks.append(pen.draw_box(bar, _MARK_OPACITY, corner_radius=2))
    return "".join(marks)


def _draw_cards(box: RegionBox, pen: _Pen) -> str:
    """Draw up to three cards side by side, as many as there is room for."""
    count = max(1, min(3, int(box.width / (pen.font_size * 9))))
    gap = pen.font_size
    width = (box.width - gap * (count - 1)) / count
    marks = []
    for number in range(count):
        card = _place_box(box, box.x + number * (width + gap), box.y, width, box.height)
        picture = _place_box(card, card.x + gap / 2, card.y + gap / 2, card.width - gap, card.height * 0.45)
        text = _shrink_box(card, gap / 2, card.height * 0.45 + gap, gap / 2, gap / 2)
        marks.append(
            pen.draw_box(card, _MARK_OPACITY, is_outline=True, corner_radius=pen.font_size / 4)
            + pen.draw_box(picture, _TINT_OPACITY * 2)
        )
        marks.append(_draw_paragraph(text, pen) if text.height > pen.font_size else "")
    return "".join(marks)


def _draw_chart(box: RegionBox, pen: _Pen) -> str:
    """Draw the columns of a chart on a line."""
    count = max(3, min(9, int(box.width / (pen.font_size * 4))))
    step = box.width / count
    heights = (0.45, 0.7, 0.55, 0.9, 0.65, 0.8, 0.4, 0.75, 0.6)
    columns = "".join(
        pen.draw_box(
            _place_box(
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
    return columns + pen.draw_line(box.x, box.y + box.height, box.x + box.width, box.y + box.height, _LINE_OPACITY)


# The words of a region's name or contents that choose a sketch; the first match counts.
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
