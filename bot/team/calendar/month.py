"""A month as an SVG drawing: its weeks, holidays and posts. Pure. It has its own background, for dark and light pages alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.exports._lettering import INK, LINE, PAPER, SMALL, cut_to_width, draw_text

WIDTH, HEIGHT = 1400, 1900
_EDGE, _TOP, _NAMES = 24, 96, 48
# Discord on a desktop shows it 550 pixels wide, where letters of this size are 12 pixels high.
FONT_SIZE = 31
_MAX_DAY_ENTRIES, _ENTRY, _HEAD = 3, 112, 46
# Every pair has a contrast of more than 4.5 to 1.
_DAY, _TODAY, _HOLIDAY = "#2a2c33", "#3b4a6b", "#ffd479"
_STATES = {
    "planned": ("#2f6f4f", "#ffffff"),
    "posting": ("#2f6f4f", "#ffffff"),
    "posted": ("#3c4f73", "#ffffff"),
    "failed": ("#8f3a33", "#ffffff"),
    "missed": ("#8f3a33", "#ffffff"),
}


@dataclass(frozen=True, slots=True)
class MonthEntry:
    """An entry of a day: its time, text, place and state."""

    when: str
    text: str
    place: str
    state: str


def draw_month(
    title: str,
    first_day: date,
    weekdays: Sequence[str],
    entries: Mapping[date, Sequence[MonthEntry]],
    holidays: Mapping[date, Sequence[str]],
    today: date | None = None,
) -> str:
    """Draw the month that begins on a day as SVG, with weeks from Monday."""
    weeks = _build_weeks(first_day)
    width, height = (WIDTH - 2 * _EDGE) / 7, (HEIGHT - _TOP - _NAMES - _EDGE) / len(weeks)
    parts = [draw_text(_EDGE, 66, title, 44, INK, bold=True)]
    parts += [
        draw_text(_EDGE + number * width + 10, _TOP + 34, name, FONT_SIZE, SMALL, bold=True)
        for number, name in enumerate(weekdays)
    ]
    for row, week in enumerate(weeks):
        for column, day in enumerate(week):
            if day.month == first_day.month:
                cell = (_EDGE + column * width, _TOP + _NAMES + row * height, width, height)
                parts += _draw_day(day, cell, entries.get(day, ()), holidays.get(day, ()), is_today=day == today)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="Noto Sans">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>{"".join(parts)}</svg>'
    )


def _build_weeks(first_day: date) -> list[list[date]]:
    start = first_day - timedelta(days=first_day.weekday())
    days = [start + timedelta(days=number) for number in range(42)]
    weeks = [days[index : index + 7] for index in range(0, 42, 7)]
    return [week for week in weeks if any(day.month == first_day.month for day in week)]


def _draw_day(
    day: date,
    place: tuple[float, float, float, float],
    entries: Sequence[MonthEntry],
    holidays: Sequence[str],
    *,
    is_today: bool,
) -> list[str]:
    """Draw a day: its number, its holidays, and as many entries as fit."""
    x, y, width, height = place
    fill = _TODAY if is_today else _DAY
    parts = [
        f'<rect x="{x + 3:.1f}" y="{y + 3:.1f}" width="{width - 6:.1f}" height="{height - 6:.1f}" rx="8" fill="{fill}" '
        f'stroke="{_HOLIDAY if holidays else LINE}"/>',
        draw_text(x + 12, y + 38, str(day.day), FONT_SIZE, _HOLIDAY if holidays else INK, bold=True),
    ]
    if holidays:
        words = cut_to_width(", ".join(holidays), width - 76, FONT_SIZE)
        parts.append(draw_text(x + 54, y + 38, words, FONT_SIZE, _HOLIDAY))
    room = min(_MAX_DAY_ENTRIES, int((height - _HEAD - 8) // _ENTRY))
    visible = entries if len(entries) <= room else entries[: room - 1]
    for number, entry in enumerate(visible):
        top, (colour, ink) = y + _HEAD + number * _ENTRY, _STATES.get(entry.state, _STATES["planned"])
        parts.append(
            f'<rect x="{x + 6:.1f}" y="{top:.1f}" width="{width - 12:.1f}" height="{_ENTRY - 4}" rx="5" fill="{colour}"/>'
        )
        for line, words in enumerate((entry.when, entry.text, entry.place)):
            at = top + 31 + line * 34
            parts.append(
                draw_text(x + 11, at, cut_to_width(words, width - 26, FONT_SIZE), FONT_SIZE, ink, bold=not line)
            )
    if len(visible) < len(entries):
        hidden_label = f"+{len(entries) - len(visible)}"
        parts.append(
            draw_text(x + 12, y + _HEAD + 34 + len(visible) * _ENTRY, hidden_label, FONT_SIZE, SMALL, bold=True)
        )
    return parts
