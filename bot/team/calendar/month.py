"""A month as an SVG drawing: its weeks, holidays and posts. No I/O.

The drawing has an opaque background, so that it is legible in dark and light themes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.exports._lettering import INK, LINE_COLOUR, MUTED_INK, PAPER, cut_to_width, draw_text

WIDTH, HEIGHT = 1400, 1900
_MARGIN, _TITLE_HEIGHT, _WEEKDAYS_HEIGHT = 24, 96, 48
# Desktop Discord scales the drawing to a width of 550 pixels, which renders this size 12 pixels high.
FONT_SIZE = 31
_MAX_DAY_ENTRIES, _ENTRY_HEIGHT, _DAY_HEADER_HEIGHT = 3, 112, 46
# Background and text colours: each pair has a contrast of more than 4.5 to 1.
_DAY_COLOUR, _TODAY_COLOUR, _HOLIDAY_COLOUR = "#2a2c33", "#3b4a6b", "#ffd479"
_STATE_COLOURS = {
    "planned": ("#2f6f4f", "#ffffff"),
    "posting": ("#2f6f4f", "#ffffff"),
    "posted": ("#3c4f73", "#ffffff"),
    "failed": ("#8f3a33", "#ffffff"),
    "missed": ("#8f3a33", "#ffffff"),
}


@dataclass(frozen=True, slots=True)
class MonthEntry:
    """An entry of a day: its time, its text, the title of its channel, and a key of `_STATE_COLOURS`."""

    time: str
    text: str
    channel: str
    state: str


def draw_month(
    title: str,
    first_day: date,
    weekdays: Sequence[str],
    entries: Mapping[date, Sequence[MonthEntry]],
    holidays: Mapping[date, Sequence[str]],
    today: date | None = None,
) -> str:
    """Draw the month that begins on `first_day` as SVG, with weeks from Monday."""
    weeks = _build_weeks(first_day)
    width, height = (WIDTH - 2 * _MARGIN) / 7, (HEIGHT - _TITLE_HEIGHT - _WEEKDAYS_HEIGHT - _MARGIN) / len(weeks)
    parts = [draw_text(_MARGIN, 66, title, 44, INK, bold=True)]
    parts += [
        draw_text(_MARGIN + number * width + 10, _TITLE_HEIGHT + 34, name, FONT_SIZE, MUTED_INK, bold=True)
        for number, name in enumerate(weekdays)
    ]
    for row, week in enumerate(weeks):
        for column, day in enumerate(week):
            if day.month == first_day.month:
                cell = (_MARGIN + column * width, _TITLE_HEIGHT + _WEEKDAYS_HEIGHT + row * height, width, height)
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
    cell: tuple[float, float, float, float],
    entries: Sequence[MonthEntry],
    holidays: Sequence[str],
    *,
    is_today: bool,
) -> list[str]:
    """Draw a day: its number, its holidays, and as many entries as fit. `cell` is x, y, width and height in pixels."""
    x, y, width, height = cell
    fill = _TODAY_COLOUR if is_today else _DAY_COLOUR
    parts = [
        f'<rect x="{x + 3:.1f}" y="{y + 3:.1f}" width="{width - 6:.1f}" height="{height - 6:.1f}" rx="8" fill="{fill}" '
        f'stroke="{_HOLIDAY_COLOUR if holidays else LINE_COLOUR}"/>',
        draw_text(x + 12, y + 38, str(day.day), FONT_SIZE, _HOLIDAY_COLOUR if holidays else INK, bold=True),
    ]
    if holidays:
        names = cut_to_width(", ".join(holidays), width - 76, FONT_SIZE)
        parts.append(draw_text(x + 54, y + 38, names, FONT_SIZE, _HOLIDAY_COLOUR))
    max_entries = min(_MAX_DAY_ENTRIES, int((height - _DAY_HEADER_HEIGHT - 8) // _ENTRY_HEIGHT))
    visible = entries if len(entries) <= max_entries else entries[: max_entries - 1]
    for number, entry in enumerate(visible):
        parts += _draw_entry(entry, x, y + _DAY_HEADER_HEIGHT + number * _ENTRY_HEIGHT, width)
    if len(visible) < len(entries):
        hidden_label = f"+{len(entries) - len(visible)}"
        parts.append(
            draw_text(
                x + 12,
                y + _DAY_HEADER_HEIGHT + 34 + len(visible) * _ENTRY_HEIGHT,
                hidden_label,
                FONT_SIZE,
                MUTED_INK,
                bold=True,
            )
        )
    return parts


def _draw_entry(entry: MonthEntry, x: float, top: float, width: float) -> list[str]:
    """Draw an entry of a day: its time, text and channel, in the colour of its state. Lengths are in pixels."""
    colour, text_colour = _STATE_COLOURS.get(entry.state, _STATE_COLOURS["planned"])
    box = f'<rect x="{x + 6:.1f}" y="{top:.1f}" width="{width - 12:.1f}" height="{_ENTRY_HEIGHT - 4}" rx="5" fill="{colour}"/>'
    lines = [cut_to_width(line, width - 26, FONT_SIZE) for line in (entry.time, entry.text, entry.channel)]
    return [
        box,
        *(
            draw_text(x + 11, top + 31 + number * 34, line, FONT_SIZE, text_colour, bold=not number)
            for number, line in enumerate(lines)
        ),
    ]
