"""Puts things into a frame: each where the plan wants it, as near as its label leaves the others legible. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.checks.widths import drawn_width, wrapped

from .figures import Figure, figure_of
from .plan import Place, Plan, Thing

# Size of the labels in a sketch's units, of which the frame is about a thousand long; and what stands around them.
LETTERS, LEADING, PAD = 27.0, 32.0, 8.0
# Share of the frame's shorter side that the subject takes by the shot, and others by how near they are.
_SHOTS = {"close": 0.74, "medium": 0.5, "wide": 0.3}
_SIZES = {"foreground": 0.25, "middle": 0.21, "background": 0.16}
_ACROSS = {"left": 0.2, "centre": 0.5, "right": 0.8}
# Sizes that are tried in turn where there is no room.
_SMALLER = (1.0, 0.8, 0.62, 0.48)
# Bold letters are about so much wider.
_BOLD = 1.09
# Spots that are tried across and down; heights, which say how near a thing is, count more than sides.
_STEPS, _DOWN, _ANY_SIDE = 24, 1.4, 0.3
# From the frame's edge.
_EDGE = 14.0


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle of the frame."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    @property
    def middle(self) -> tuple[float, float]:
        """Its middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    def meets(self, other: Rect, gap: float = 0.0) -> bool:
        """Whether the two overlap, or stand nearer than a gap."""
        return (
            self.x < other.right + gap
            and other.x < self.right + gap
            and self.y < other.bottom + gap
            and other.y < self.bottom + gap
        )

    def within(self, width: float, height: float) -> bool:
        """Whether it lies in a frame of a size, off its edge."""
        return self.x >= _EDGE and self.y >= _EDGE and self.right <= width - _EDGE and self.bottom <= height - _EDGE


@dataclass(frozen=True, slots=True)
class Placed:
    """A thing with its shape's box and its label: lines, or a number that the key explains."""

    thing: Thing
    figure: Figure
    box: Rect
    label: Rect
    lines: tuple[str, ...]
    number: int = 0
    main: bool = False

    @property
    def whole(self) -> Rect:
        """Shape and label."""
        x, y = min(self.box.x, self.label.x), min(self.box.y, self.label.y)
        right, bottom = max(self.box.right, self.label.right), max(self.box.bottom, self.label.bottom)
        return Rect(x, y, right - x, bottom - y)


def horizon_of(plan: Plan, height: float) -> float:
    """Where the floor begins, from the frame's top; beyond its lower edge where there is none."""
    if plan.ground == "none" or plan.angle == "above":
        return height * 2
    share = {"low": 0.78, "high": 0.36}.get(plan.angle, 0.64 if plan.ground == "line" else 0.68)
    return height * share


def arranged(plan: Plan, width: float, height: float, taken: Sequence[Rect] = ()) -> list[Placed]:
    """The subject and the other things in a frame; `taken` is where nothing may stand."""
    made: list[Placed] = []
    rects = list(taken)
    number = 0
    for at, thing in enumerate((plan.subject, *_told_first(plan.things))):
        spot = _Spot(plan, thing, figure_of(thing.name), at == 0, (width, height), tuple(made))
        found = spot.labelled(rects)
        if found is None:
            number += 1
            found = spot.numbered(rects, number)
        made.append(found)
        rects.append(found.whole)
    return made


def _told_first(things: Sequence[Thing]) -> list[Thing]:
    """Those whose place is told first, their side before all: the others go where there is room."""
    return sorted(things, key=lambda thing: (not (thing.place.across or thing.place.by), not thing.place.told))


@dataclass(frozen=True, slots=True)
class _Spot:
    """Looks for a thing's spot beside those that are made."""

    plan: Plan
    thing: Thing
    figure: Figure
    main: bool
    frame: tuple[float, float]
    made: tuple[Placed, ...]

    def labelled(self, rects: Sequence[Rect]) -> Placed | None:
        """With its name below it, in its own size or a smaller one, where that is nearer to its place; None without room."""
        size, wanted = self._size, self._wanted
        best: tuple[float, Placed] | None = None
        for step, scale in enumerate(_SMALLER):
            for broader, lines in enumerate(_labels(self.thing.name, size * scale * self.figure.broad, self.frame[0])):
                if found := self._nearest(size * scale, lines, wanted, rects):
                    cost = self._far(found.box.middle, wanted) + (60 * step + 25 * broader)
                    if best is None or cost < best[0]:
                        best = (cost, found)
            if best is not None and best[0] < 120 * (step + 1):
                break
        return best[1] if best else None

    def numbered(self, rects: Sequence[Rect], number: int) -> Placed:
        """With a number for its label, where its name has no room; small at last. Where all is full it stands in the key alone."""
        size, lines = self._size, (str(number),)
        for scale in (*_SMALLER, 0.36, 0.26):
            if found := self._nearest(size * scale, lines, self._wanted, rects):
                return replace(found, number=number)
        nowhere = Rect(-1000.0, -1000.0, 0.0, 0.0)
        return Placed(self.thing, self.figure, nowhere, nowhere, lines, number, self.main)

    def _nearest(
        self, size: float, lines: tuple[str, ...], wanted: tuple[float, float], rects: Sequence[Rect]
    ) -> Placed | None:
        """The free spot that is nearest to a point."""
        width, height = self.frame
        bold = _BOLD if self.main else 1.0
        label = (max(drawn_width(line, LETTERS) for line in lines) * bold + 2 * PAD, len(lines) * LEADING + PAD)
        broad, tall = size * self.figure.broad, size
        if self.figure.block:  # Its name stands in it.
            broad, tall = max(size, label[0] + PAD), max(size * 0.72, label[1] + PAD)
        grid = (
            (width * across / _STEPS, height * down / _STEPS)
            for across in range(1, _STEPS)
            for down in range(1, _STEPS)
        )
        points = sorted([wanted, *grid], key=lambda at: self._far(at, wanted))
        for x, y in points:
            box = Rect(x - broad / 2, y - tall / 2, broad, tall)
            # Near an edge the label moves inwards, as long as it stays below its shape.
            left = min(max(x - label[0] / 2, _EDGE), width - _EDGE - label[0])
            if left > x or left + label[0] < x:
                continue
            below = Rect(left, box.bottom + 2, *label)
            if self.figure.block:
                below = Rect(x - label[0] / 2, y - label[1] / 2, *label)
            if (
                box.within(*self.frame)
                and below.within(*self.frame)
                and not any(box.meets(rect, 6.0) or below.meets(rect, 6.0) for rect in rects)
            ):
                return Placed(self.thing, self.figure, box, below, lines, main=self.main)
        return None

    def _far(self, at: tuple[float, float], wanted: tuple[float, float]) -> float:
        """How far off a point is; where no side is told, one is nearly as good as another."""
        told = self.main or self.thing.place.across or self.thing.place.by
        return (1.0 if told else _ANY_SIDE) * abs(at[0] - wanted[0]) + _DOWN * abs(at[1] - wanted[1])

    @property
    def _size(self) -> float:
        return _size(self.plan, self.thing, self.main, self.frame)

    @property
    def _wanted(self) -> tuple[float, float]:
        return _wanted(self.plan, self.thing, self.main, self.frame, self.made)


def _size(plan: Plan, thing: Thing, main: bool, frame: tuple[float, float]) -> float:
    shorter = min(frame)
    # In a long frame what is seen may be higher than a share of its shorter side alone.
    shorter *= min(1.25, math.pow(max(frame) / shorter, 0.25))
    many = {1: 1.0, 2: 0.85}.get(figure_of(thing.name).count, 0.7)
    stacked = any(one.place.by in ("over", "under") for one in plan.things)
    if main:
        share = min(_SHOTS[plan.shot], 0.74 - 0.04 * min(len(plan.things), 6))
        return shorter * share * many * (0.72 if stacked else 1.0)
    if thing.place.by in ("over", "under"):
        return shorter * 0.72 * _SHOTS[plan.shot] * many
    return shorter * _SIZES[thing.place.depth or "middle"] * (0.85 if len(plan.things) > 5 else 1.0) * many


def _labels(name: str, broad: float, width: float) -> Iterator[tuple[str, ...]]:
    """The name in up to three lines, the narrowest first that is not much broader than its shape."""
    seen = set[tuple[str, ...]]()
    # No word is broken that has room.
    longest = max((drawn_width(word, LETTERS) * _BOLD + 1 for word in name.split()), default=0.0)
    for room in (max(broad * 1.15, 150.0, longest), max(broad * 1.5, 230.0, longest), max(340.0, longest)):
        lines = tuple(wrapped(name, min(room, width - 2 * _EDGE - 3 * PAD) / _BOLD, LETTERS, 4))
        if len(lines) <= 3 and lines not in seen:
            seen.add(lines)
            yield lines


def _wanted(
    plan: Plan, thing: Thing, main: bool, frame: tuple[float, float], made: Sequence[Placed]
) -> tuple[float, float]:
    """The middle of where the plan wants a thing."""
    width, height = frame
    size = _size(plan, thing, main, frame)
    place = thing.place
    floor = horizon_of(plan, height)
    grounded = floor < height
    if main:
        across = place.across or _beside_the_free(plan.free)
        # What stands to a side stands on a third.
        x = {"left": width / 3, "right": width * 2 / 3}.get(across, width / 2)
        y = (
            min(height * 0.5, floor + (height - floor) * 0.45 - size / 2 + 20)
            if plan.shot != "close"
            else height * 0.47
        )
        y += {"over": -0.62, "under": 0.5}.get(_stacked(plan), 0.0) * size
        y += {"top": -height * 0.2, "bottom": height * 0.2}.get(place.up or _opposite(plan.free), 0.0)
        return x, min(max(y, size / 2 + _EDGE), height - size / 2 - _EDGE - LEADING)
    if place.by and made:
        return _beside(made[0], place, size, len(made))
    x = width * _ACROSS.get(place.across, 0.0) or _emptiest(width, made)
    y = {
        "foreground": height * 0.86 - size / 2,
        "background": (floor if grounded else height * 0.3) - size / 2 + 4,
        "middle": (floor + (height - floor) * 0.35 if grounded else height * 0.55) - size / 2,
    }[place.depth or "middle"]
    if place.up:
        y = height * (0.16 if place.up == "top" else 0.84)
    return x, y


def _stacked(plan: Plan) -> str:
    return next((thing.place.by for thing in plan.things if thing.place.by in ("over", "under")), "")


def _beside_the_free(free: Place | None) -> str:
    return {"left": "right", "right": "left"}.get(free.across, "") if free else ""


def _opposite(free: Place | None) -> str:
    return {"top": "bottom", "bottom": "top"}.get(free.up, "") if free else ""


def _beside(main: Placed, place: Place, size: float, number: int) -> tuple[float, float]:
    """Below the subject that it bears, above one that it shelters, else at its side: on alternating sides."""
    x, y = main.box.x + main.box.width / 2, main.box.y + main.box.height / 2
    if place.by == "over":
        return x, main.label.bottom + size / 2
    if place.by == "under":
        return x, main.box.y - size
    side = -1 if place.across == "left" or (place.across != "right" and number % 2 == 0) else 1
    down = {"foreground": 0.3, "background": -0.3}.get(place.depth, 0.0)
    return x + side * (main.whole.width / 2 + size * 0.75), y + down * main.box.height


def _emptiest(width: float, made: Sequence[Placed]) -> float:
    """The middle of the sixth of the frame that is farthest from what stands already."""
    middles = [one.box.x + one.box.width / 2 for one in made]
    thirds = [width * share for share in (0.8, 0.2, 0.62, 0.38, 0.9, 0.1)]
    return max(thirds, key=lambda x: min((abs(x - middle) for middle in middles), default=0.0))
