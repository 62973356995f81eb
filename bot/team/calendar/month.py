"""A month as a drawing: its weeks, the holidays, and what is planned. Pure: it makes SVG. On paper of its own, so that it reads
the same on a dark page and on a light one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.exports._lettering import INK, LINE, PAPER, SMALL, cut, written

WIDTH, HEIGHT = 1400, 1900
_EDGE, _TOP, _NAMES = 24, 96, 48
# On a desktop Discord shows it 550 pixels wide: letters of this size have 12 of those.
MIN_SIZE = 31
_LINES, _ENTRY, _HEAD = 3, 112, 46
# Every pair of these differs by more than 4.5 to 1 in contrast.
_DAY, _TODAY, _HOLIDAY = "#2a2c33", "#3b4a6b", "#ffd479"
_STATES = {
    "planned": ("#2f6f4f", "#ffffff"), "posting": ("#2f6f4f", "#ffffff"), "posted": ("#3c4f73", "#ffffff"),
    "failed": ("#8f3a33", "#ffffff"), "missed": ("#8f3a33", "#ffffff"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mark:
    """Something on a day: when, what, where, and its state."""

    when: str
    text: str
    place: str
    state: str


def drawn(
    title: str,
    first: date,
    weekdays: Sequence[str],
    marks: Mapping[date, Sequence[Mark]],
    holidays: Mapping[date, Sequence[str]],
    today: date | None = None,
) -> str:
    """The month that begins with a day as SVG, its weeks from Monday on."""
    weeks = _weeks(first)
    width, height = (WIDTH - 2 * _EDGE) / 7, (HEIGHT - _TOP - _NAMES - _EDGE) / len(weeks)
    parts = [written(_EDGE, 66, title, 44, INK, bold=True)]
    parts += [
        written(_EDGE + number * width + 10, _TOP + 34, name, MIN_SIZE, SMALL, bold=True)
        for number, name in enumerate(weekdays)
    ]
    for row, week in enumerate(weeks):
        for column, day in enumerate(week):
            if day.month == first.month:
                place = (_EDGE + column * width, _TOP + _NAMES + row * height, width, height)
                parts += _day(day, place, marks.get(day, ()), holidays.get(day, ()), is_today=day == today)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="Noto Sans">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>{"".join(parts)}</svg>'
    )


def _weeks(first: date) -> list[list[date]]:
    start = first - timedelta(days=first.weekday())
    days = [start + timedelta(days=number) for number in range(42)]
    weeks = [days[at : at + 7] for at in range(0, 42, 7)]
    return [week for week in weeks if any(day.month == first.month for day in week)]


def _day(
    day: date,
    place: tuple[float, float, float, float],
    marks: Sequence[Mark],
    holidays: Sequence[str],
    *,
    is_today: bool,
) -> list[str]:
    """One day: its number, its first holiday beside it, and as many of its entries as there is room for."""
    x, y, width, height = place
    fill = _TODAY if is_today else _DAY
    parts = [
        f'<rect x="{x + 3:.1f}" y="{y + 3:.1f}" width="{width - 6:.1f}" height="{height - 6:.1f}" rx="8" fill="{fill}" '
        f'stroke="{_HOLIDAY if holidays else LINE}"/>',
        written(x + 12, y + 38, str(day.day), MIN_SIZE, _HOLIDAY if holidays else INK, bold=True),
    ]
    if holidays:
        words = cut(", ".join(holidays), width - 76, MIN_SIZE)
        parts.append(written(x + 54, y + 38, words, MIN_SIZE, _HOLIDAY))
    room = min(_LINES, int((height - _HEAD - 8) // _ENTRY))
    shown = marks if len(marks) <= room else marks[: room - 1]
    for number, mark in enumerate(shown):
        top, (colour, ink) = y + _HEAD + number * _ENTRY, _STATES.get(mark.state, _STATES["planned"])
        parts.append(
            f'<rect x="{x + 6:.1f}" y="{top:.1f}" width="{width - 12:.1f}" height="{_ENTRY - 4}" rx="5" fill="{colour}"/>'
        )
        for line, words in enumerate((mark.when, mark.text, mark.place)):
            at = top + 31 + line * 34
            parts.append(written(x + 11, at, cut(words, width - 26, MIN_SIZE), MIN_SIZE, ink, bold=not line))
    if len(shown) < len(marks):
        more = f"+{len(marks) - len(shown)}"
        parts.append(written(x + 12, y + _HEAD + 34 + len(shown) * _ENTRY, more, MIN_SIZE, SMALL, bold=True))
    return parts
