"""Draws a plan: the frame in its shape with what stands in it, and beside it what cannot be placed. Pure.

A sheet is `_LONG` units or so long. What is in the frame is drawn first, labels last, so that nothing covers them.
"""

# ruff: noqa: E501 - shapes that are easier to read in long lines
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.checks.svg import written
from bot.checks.widths import drawn_width, wrapped
from bot.kinds._colours import colours_in

from .arranging import LEADING, LETTERS, PAD, Placed, Rect, arranged, horizon_of
from .plan import Place, Plan
from .swatches import swatch_of

_PAPER, _INK, _SOFT, _RULE, _FRAME = "#F4F1EA", "#1F2430", "#5A606C", "#C9C3B6", "#FFFFFF"
_LIGHT_INK, _BLOCK = "#8A5600", "#E3E8EF"
_FLOOR, _WALL, _EXCLUDED, _LIGHT = "#E9E4D8", "#F6F8FA", "#A32020", "#B87503"
# The nearer a thing is, the darker: subject, then by depth.
_TONES = {"main": "#2F3B4F", "foreground": "#4B586B", "middle": "#6F7C8F", "background": "#9AA5B4"}
_MARGIN, _LONG, _SIDE, _ROW = 36.0, 1130.0, 420.0, 40.0
# A frame is drawn no longer than so many times its shorter side; the format is told in numbers as well.
_MOST_RATIO = 3.2
_TITLE, _TITLE_ROW = 28.0, 36.0
_SMALL = 24.0


@dataclass(frozen=True, slots=True)
class Words:
    """What stands on a sheet beside the prompt's own words, in the reader's language."""

    title: str
    shape: str = "Format"
    light: str = "Light"
    style: str = "Style"
    palette: str = "Palette"
    no: str = "Not in it"
    free: str = "kept free"


@dataclass(slots=True)
class _Drawing:
    parts: list[str] = field(default_factory=list)

    def text(
        self, x: float, y: float, said: str, size: float, *, fill: str = _INK, bold: bool = False, anchor: str = "start"
    ) -> None:
        weight = ' font-weight="bold"' if bold else ""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-family="sans-serif" font-size="{size:g}"{weight} text-anchor="{anchor}" fill="{fill}">{written(said)}</text>'
        )

    def rect(
        self,
        box: Rect,
        fill: str,
        *,
        stroke: str = "none",
        round_by: float = 0.0,
        width: float = 2.0,
        opacity: float = 1.0,
    ) -> None:
        self.parts.append(
            f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="{round_by:g}" fill="{fill}" '
            f'fill-opacity="{opacity:g}" stroke="{stroke}" stroke-width="{width:g}"/>'
        )

    def line(self, data: str, stroke: str, width: float = 2.0, opacity: float = 1.0) -> None:
        self.parts.append(
            f'<path d="{data}" fill="none" stroke="{stroke}" stroke-width="{width:g}" stroke-opacity="{opacity:g}" stroke-linecap="round" stroke-linejoin="round"/>'
        )

    def dashed(self, box: Rect, stroke: str) -> None:
        step = 14.0
        data = ""
        for at in range(int(box.width / step / 2) + 1):
            x = box.x + 2 * at * step
            end = min(x + step, box.right)
            data += f"M{x:.1f} {box.y:.1f}L{end:.1f} {box.y:.1f}M{x:.1f} {box.bottom:.1f}L{end:.1f} {box.bottom:.1f}"
        for at in range(int(box.height / step / 2) + 1):
            y = box.y + 2 * at * step
            end = min(y + step, box.bottom)
            data += f"M{box.x:.1f} {y:.1f}L{box.x:.1f} {end:.1f}M{box.right:.1f} {y:.1f}L{box.right:.1f} {end:.1f}"
        self.line(data, stroke, 2.0)

    def moved(self, inner: _Drawing, x: float, y: float) -> None:
        self.parts.append(f'<g transform="translate({x:.1f} {y:.1f})">{"".join(inner.parts)}</g>')


def drawn(plan: Plan, words: Words, told: str) -> str:
    """The sheet as SVG; `told` is what somebody hears who does not see it."""
    width, height = _frame(plan.ratio)
    frame, things = _picture(plan, words, width, height)
    beside = width < height * 1.25
    key = [one for one in things if one.number]
    sheet = _Drawing()
    left = _MARGIN
    total = left + width + (_MARGIN + _SIDE if beside else 0) + _MARGIN
    title = wrapped(words.title, total - 2 * _MARGIN, _TITLE, 4)
    top = _MARGIN + len(title) * _TITLE_ROW + 12
    legend, tall = _legend(plan, words, key, _SIDE if beside else width)
    bottom = top + (max(height, tall) if beside else height + 26 + tall) + _MARGIN
    sheet.rect(Rect(0, 0, total, bottom), _PAPER)
    for at, line in enumerate(title):
        sheet.text(left, _MARGIN + _TITLE * 0.85 + at * _TITLE_ROW, line, _TITLE, bold=True)
    sheet.moved(frame, left, top)
    sheet.moved(legend, left + width + _MARGIN if beside else left, top if beside else top + height + 26)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total:.0f} {bottom:.0f}" width="{total:.0f}" height="{bottom:.0f}" '
        f'role="img" aria-label="{written(told)}">{"".join(sheet.parts)}</svg>'
    )


def framed(plan: Plan, words: Words) -> str:
    """What is within the frame alone, as SVG."""
    width, height = _frame(plan.ratio)
    frame, _ = _picture(plan, words, width, height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 -2 {width + 4:.0f} {height + 4:.0f}" width="{width + 4:.0f}" '
        f'height="{height + 4:.0f}"><rect width="{width:.0f}" height="{height:.0f}" fill="{_FRAME}"/>{"".join(frame.parts)}</svg>'
    )


def _frame(ratio: tuple[int, int]) -> tuple[float, float]:
    """The frame's width and height in units."""
    shape = min(max(ratio[0] / ratio[1], 1 / _MOST_RATIO), _MOST_RATIO)
    if shape >= 1.25:
        return _LONG, _LONG / shape
    height = 900.0 if shape > 0.7 else 1050.0
    return height * shape, height


def _picture(plan: Plan, words: Words, width: float, height: float) -> tuple[_Drawing, list[Placed]]:
    """What is within the frame, and the things that were placed in it."""
    drawing, taken = _Drawing(), list[Rect]()
    floor = horizon_of(plan, height)
    _ground(drawing, plan, width, height, floor)
    _thirds(drawing, width, height)
    if plan.text:
        taken.append(_lettering(drawing, plan, width, height))
    elif plan.free is not None and plan.free.told:
        taken.append(_kept_free(drawing, plan.free, words.free, width, height))
    if plan.light_from:
        taken.append(_light(drawing, plan.light_from, words.light, width, height, taken))
    setting = _setting_label(plan, width, height, floor, taken)
    if setting:
        taken.append(setting[0])
    things = arranged(plan, width, height, taken)
    for one in sorted(things, key=lambda one: one.box.bottom):
        _thing(drawing, one)
    for one in things:
        _label(drawing, one)
    if setting:
        where, lines = setting
        for at, line in enumerate(lines):
            drawing.text(where.x, where.y + _SMALL + at * 29, line, _SMALL, fill=_SOFT)
    drawing.rect(Rect(0, 0, width, height), "none", stroke=_INK, width=3)
    return drawing, things


def _ground(drawing: _Drawing, plan: Plan, width: float, height: float, floor: float) -> None:
    drawing.rect(Rect(0, 0, width, height), _FRAME)
    if plan.angle == "above" and plan.ground != "none":
        drawing.rect(Rect(0, 0, width, height), _FLOOR)
    if floor >= height:
        return
    drawing.rect(Rect(0, 0, width, floor), _WALL)
    drawing.rect(Rect(0, floor, width, height - floor), _FLOOR)
    data = f"M0 {floor:.1f}L{width:.1f} {floor:.1f}"
    if plan.ground == "room":  # The corners of a room.
        corner = min(width * 0.13, 130.0)
        data = f"M{corner:.1f} {floor:.1f}L{width - corner:.1f} {floor:.1f}M{corner:.1f} 0L{corner:.1f} {floor:.1f}L0 {min(height, floor + corner * 0.7):.1f}"
        data += f"M{width - corner:.1f} 0L{width - corner:.1f} {floor:.1f}L{width:.1f} {min(height, floor + corner * 0.7):.1f}"
    drawing.line(data, _RULE, 3)


def _thirds(drawing: _Drawing, width: float, height: float) -> None:
    data = "".join(
        f"M{width * n / 3:.1f} 0L{width * n / 3:.1f} {height:.1f}M0 {height * n / 3:.1f}L{width:.1f} {height * n / 3:.1f}"
        for n in (1, 2)
    )
    drawing.line(data, _SOFT, 1.2, 0.28)


def _lettering(drawing: _Drawing, plan: Plan, width: float, height: float) -> Rect:
    """The words that are to be read, set as large as their place allows; where that is."""
    place = plan.text_place if plan.text_place.told else plan.free or Place()
    room = width * (0.46 if place.across in ("left", "right") and width > 600 else 0.86)
    size = min(64.0, height * 0.12)
    while size > LETTERS and (
        len(wrapped(plan.text, room, size, 9)) > 2 or drawn_width(max(plan.text.split() or [""], key=len), size) > room
    ):
        size -= 3
    lines = wrapped(plan.text, room, size, 4)
    wide = max((drawn_width(line, size) * 1.08 for line in lines), default=0) + 28
    tall = len(lines) * size * 1.25 + 18
    x = {"left": 20.0, "right": width - wide - 20}.get(place.across, (width - wide) / 2)
    y = {"bottom": height - tall - 20, "top": 20.0}.get(
        place.up, (height - tall) / 2 if place.across in ("left", "right") else 20.0
    )
    if place.across == "centre" and not place.up:
        y = (height - tall) / 2
    box = Rect(x, y, wide, tall)
    drawing.rect(box, _FRAME)
    drawing.dashed(box, _INK)
    for at, line in enumerate(lines):
        drawing.text(
            box.x + wide / 2, box.y + size * 0.95 + 8 + at * size * 1.25, line, size, bold=True, anchor="middle"
        )
    return box


# Where the sun may stand in the frame by the side that light comes from, in shares of it, and where its arrow points.
_SUNS: dict[str, tuple[int, Sequence[tuple[float, float]]]] = {
    "left": (18, [(0, 0.14), (0, 0.4), (0, 0.66), (0, 0)]), "right": (162, [(1, 0.14), (1, 0.4), (1, 0.66), (1, 0)]),
    "above": (90, [(0.5, 0), (0.3, 0), (0.7, 0), (0.92, 0), (0.08, 0), (0.5, 0.25), (0.9, 0.3)]),
    "behind": (90, [(0.5, 0), (0.3, 0), (0.7, 0), (0.92, 0), (0.08, 0), (0.5, 0.25), (0.9, 0.3)]),
    "below": (-90, [(0.5, 1), (0.75, 1), (0.25, 1)]), "front": (-90, [(0.5, 1), (0.75, 1), (0.25, 1)]),
}  # fmt: skip


def _light(drawing: _Drawing, side: str, said: str, width: float, height: float, taken: Sequence[Rect]) -> Rect:
    """A sun at the side that light comes from, with an arrow inwards and its name; where that is. One behind is hollow."""
    angle, spots = _SUNS[side]
    upright = angle in (90, -90)
    letters = drawn_width(said, _SMALL) + 8
    wide, tall = (max(70.0, letters), 150.0) if upright else (max(150.0, letters), 106.0)
    boxes = [Rect(14 + (width - 28 - wide) * x, 14 + (height - 28 - tall) * y, wide, tall) for x, y in spots]
    box = next((one for one in boxes if not any(one.meets(rect) for rect in taken)), boxes[0])
    r = 17.0
    x = box.x + (wide / 2 if upright else 34.0 if side == "left" else wide - 34.0)
    y = box.y + (tall - 62.0 if side in ("below", "front") else 36.0)
    fill = f'fill="{_FRAME}" stroke="{_LIGHT}" stroke-width="5"' if side == "behind" else f'fill="{_LIGHT}"'
    stroke = f'stroke="{_LIGHT}" stroke-width="5" stroke-linecap="round" stroke-linejoin="round" fill="none"'
    rays = "".join(
        f'<path transform="rotate({turn})" d="M25 0L31 0" {stroke}/>' for turn in range(angle + 45, angle + 360, 45)
    )
    long = 78 if upright else 108
    arrow = f'<path transform="rotate({angle})" d="M26 0L{long} 0M{long - 14} -10L{long} 0L{long - 14} 10" {stroke}/>'
    drawing.parts.append(f'<g transform="translate({x:.1f} {y:.1f})"><circle r="{r:g}" {fill}/>{rays}{arrow}</g>')
    name_y = box.bottom - 8
    anchor, name_x = ("middle", x) if upright else ("start", box.x) if side == "left" else ("end", box.right)
    drawing.text(name_x, name_y, said, _SMALL, fill=_LIGHT_INK, bold=True, anchor=anchor)
    return box


def _setting_label(
    plan: Plan, width: float, height: float, floor: float, taken: Sequence[Rect]
) -> tuple[Rect, list[str]] | None:
    """Where the setting's name stands: at the frame's lower edge, else at its upper one."""
    if not plan.setting:
        return None
    lines = wrapped(plan.setting, min(width - 32, 560.0), _SMALL, 3)
    wide, tall = max(drawn_width(line, _SMALL) for line in lines), len(lines) * 29.0 + 6
    for x, y in (
        (16.0, height - tall - 10),
        (width - wide - 16, height - tall - 10),
        (16.0, 10.0),
        (width - wide - 16, 10.0),
    ):
        box = Rect(x, y, wide, tall)
        if not any(box.meets(rect, 4.0) for rect in taken):
            return box, lines
    return None


def _kept_free(drawing: _Drawing, free: Place, said: str, width: float, height: float) -> Rect:
    """A dashed box where the picture is to stay empty; where that is."""
    wide, tall = width * 0.29, height * 0.5
    if free.up and not free.across:
        wide, tall = width * 0.8, height * 0.2
    x = {"left": 20.0, "right": width - wide - 20}.get(free.across, (width - wide) / 2)
    y = {"top": 20.0, "bottom": height - tall - 50}.get(free.up, height * 0.16)
    box = Rect(x, y, wide, tall)
    drawing.rect(box, _FRAME, opacity=0.9)
    drawing.dashed(box, _SOFT)
    lines = wrapped(said, wide - 16, _SMALL, 3)
    for at, line in enumerate(lines):
        drawing.text(
            x + wide / 2, y + tall / 2 + 8 + (at - (len(lines) - 1) / 2) * 30, line, _SMALL, fill=_SOFT, anchor="middle"
        )
    return box


def _thing(drawing: _Drawing, one: Placed) -> None:
    """The shape, in the colour that its name tells or the tone of how near it is."""
    if one.box.width <= 0:
        return
    told = colours_in(one.thing.name)
    ink = told[0] if told else _TONES["main" if one.main else one.thing.place.depth or "middle"]
    ground = "#FFFFFF" if ink not in ("#FFFFFF", "#FFF6E3") else _INK
    shape = one.figure.inked(ink, ground)
    if one.figure.block:
        drawing.rect(
            one.box, _BLOCK, stroke=ink, round_by=min(16.0, one.box.height * 0.2), width=5 if one.main else 3.5
        )
        return
    size = one.box.height
    step = (one.box.width - size) / max(1, one.figure.count - 1)
    for number in range(one.figure.count):
        # Those in the middle stand a little further back.
        smaller = 0.84 if one.figure.count == 3 and number != 1 else 1.0
        x, y = one.box.x + size / 2 + number * step, one.box.y + size / 2 + size * (1 - smaller) / 2
        edge = f' stroke="{_INK}" stroke-width="0.012"' if told else ""
        drawing.parts.append(f'<g transform="translate({x:.1f} {y:.1f}) scale({size * smaller:.2f})"{edge}>{shape}</g>')


def _label(drawing: _Drawing, one: Placed) -> None:
    """The name on a light ground, or the number in a ring."""
    if one.label.width <= 0:
        return
    if one.number:
        x, y = one.label.x + one.label.width / 2, one.label.y + one.label.height / 2
        drawing.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="18" fill="{_INK}"/>')
        drawing.text(x, y + 8, str(one.number), 22, fill="#FFFFFF", bold=True, anchor="middle")
        return
    if not one.figure.block:
        drawing.rect(one.label, _FRAME, round_by=8, opacity=0.92)
    for at, line in enumerate(one.lines):
        x = one.label.x + one.label.width / 2
        drawing.text(
            x, one.label.y + LETTERS * 0.92 + PAD / 2 + at * LEADING - 2, line, LETTERS, bold=one.main, anchor="middle"
        )


def _legend(plan: Plan, words: Words, key: Sequence[Placed], width: float) -> tuple[_Drawing, float]:
    """What stands beside or below the frame, row by row, and how high it is."""
    legend, y = _Drawing(), 0.0
    rows = [(f"{one.number}", one.thing.name) for one in key]
    rows += [(words.shape, "{}:{}".format(*plan.ratio))]
    rows += [(name, said) for name, said in ((words.light, plan.light), (words.style, plan.style)) if said]
    for name, said in rows:
        y = _row(legend, y, width, name, said, numbered=name.isdecimal())
    y = _swatches(legend, y, width, words.palette, plan.palette) if plan.palette else y
    return legend, _struck(legend, y, width, words.no, plan.keep_out) if plan.keep_out else y


def _row(legend: _Drawing, y: float, width: float, name: str, said: str, *, numbered: bool = False) -> float:
    """A name and what is said of it, over as many lines as that takes; gives where the next row begins."""
    start = 46.0 if numbered else drawn_width(name, _SMALL) * 1.1 + 22
    if numbered:
        legend.parts.append(f'<circle cx="18" cy="{y + 18:.1f}" r="18" fill="{_INK}"/>')
        legend.text(18, y + 26, name, 22, fill="#FFFFFF", bold=True, anchor="middle")
    else:
        legend.text(0, y + _SMALL, name, _SMALL, fill=_SOFT, bold=True)
    lines = wrapped(said, width - start, _SMALL, 4)
    for at, line in enumerate(lines):
        legend.text(start, y + _SMALL + at * 31, line, _SMALL)
    return y + max(1, len(lines)) * 31 + (_ROW - 31)


def _swatches(legend: _Drawing, y: float, width: float, name: str, palette: Sequence[str]) -> float:
    """The colours with their names; one that is not known by its name is an empty box."""
    legend.text(0, y + _SMALL, name, _SMALL, fill=_SOFT, bold=True)
    x = start = drawn_width(name, _SMALL) * 1.1 + 22
    for colour in palette:
        shown = wrapped(colour, width - start - 46, _SMALL, 1)[0] if colour.strip() else ""
        wide = 44 + drawn_width(shown, _SMALL) * 1.05 + 22
        if x > start and x + wide - 22 > width:
            x, y = start, y + _ROW
        value = swatch_of(colour)
        legend.rect(Rect(x, y + 2, 32, 30), value or _FRAME, stroke=_SOFT, round_by=5, width=1.5)
        if not value:
            legend.line(f"M{x + 6:.1f} {y + 27:.1f}L{x + 26:.1f} {y + 7:.1f}", _SOFT, 2)
        legend.text(x + 42, y + _SMALL, shown, _SMALL)
        x += wide
    return y + _ROW + 4


def _struck(legend: _Drawing, y: float, width: float, name: str, kept_out: Sequence[str]) -> float:
    """What is not to be seen, struck through."""
    legend.text(0, y + _SMALL, name, _SMALL, fill=_SOFT, bold=True)
    x = start = drawn_width(name, _SMALL) * 1.1 + 22
    for one in kept_out:
        shown = wrapped(one, width - start - 24, _SMALL, 1)[0] if one.strip() else ""
        wide = drawn_width(shown, _SMALL) * 1.05 + 24
        if x > start and x + wide > width:
            x, y = start, y + _ROW
        legend.rect(Rect(x, y, wide, 34), _FRAME, stroke=_EXCLUDED, round_by=8, width=1.5)
        legend.text(x + 12, y + _SMALL, shown, _SMALL, fill=_EXCLUDED)
        legend.line(f"M{x + 6:.1f} {y + 18:.1f}L{x + wide - 6:.1f} {y + 16:.1f}", _EXCLUDED, 2.5, 0.85)
        x += wide + 12
    return y + _ROW + 4
