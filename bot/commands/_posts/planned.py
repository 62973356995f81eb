"""Views of scheduled posts: one post, a page of them, a month as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import discord
from babel.dates import format_skeleton, get_day_names

from bot.errors import Phrase
from bot.locales import find_babel_locale, localize, translate
from bot.replies.ledger import plain
from bot.replies.views import COLOURS, Layout
from bot.team.calendar.posts import CalendarEntry, Zone
from bot.team.calendar.recurrence import DAYS, WORKING_DAYS, parse_rule, to_wall_time
from personas.profile import find_zone
from storage.schedule import HELD, Planned

PAGE = 6
_PREVIEW = 300
_HEADING = "Scheduled"
_ONCE_LATE = "If I am offline then, it is posted up to 12 hours later, with a note."
_ONCE_SKIP = "If I am offline then, it is skipped and I let you know."
# Actions on a scheduled post: the button's action, label and sign.
BUTTONS = {
    "zone": ("zone", "Set my time zone…", "🌍"), "move": ("move", "Move…", "🕒"),
    "text": ("text", "Edit text…", "✏️"), "skip": ("skip", "Skip the next one", "⏭️"),
    "cancel": ("cancel", "Cancel it", "🗑️"), "cancel_all": ("cancel", "Cancel all", "🗑️"),
}  # fmt: skip
_SIGNS = {"planned": "🕒", "posting": "🕒", "posted": "✅", "failed": "⚠️", "missed": "⚠️"}
_STATES = {"posted": "posted", "failed": "not posted", "missed": "not posted because I was offline"}
_IS_HELD = "held"
_ONCE_APPROVED = (
    "The text was changed after it was approved. I will post its current version once it is approved again."
)
_UTC = "UTC"
_NO_ZONE = "I do not know your time zone, so I used UTC."
_SERVERS_ZONE = "I do not know your time zone, so I used the server's."
_OWN_ZONE = "In the time zone of your profile."


def moment_in_words(moment: datetime, locale: str) -> str:
    """Format a local time: "Tue, Oct 20, 2026, 14:00"."""
    day = format_skeleton("yMMMEd", moment, locale=find_babel_locale(locale))
    return f"{day}, {moment:%H:%M}"


def day_in_words(day: date, locale: str) -> str:
    """Format a day: "Fri, Dec 25"."""
    return format_skeleton("MMMEd", day, locale=find_babel_locale(locale))


def month_in_words(first: date, locale: str) -> str:
    """Format a month and its year."""
    return format_skeleton("yMMMM", first, locale=find_babel_locale(locale)).capitalize()


def rule_in_words(rule: str, locale: str) -> str:
    """Return a recurrence in words; empty for a single occurrence."""
    found = parse_rule(rule)
    if not found:
        return ""
    every, days = int(found.get("INTERVAL", "1")), found.get("BYDAY", "").split(",")
    if found["FREQ"] == "DAILY":
        return translate("every day", locale)
    if found["FREQ"] == "MONTHLY":
        day = found["BYMONTHDAY"].rpartition(",")[2]
        return localize(Phrase("every month on day {day}", day=day), locale)
    if tuple(days) == WORKING_DAYS and every == 1:
        return translate("every weekday", locale)
    names = get_day_names("wide", locale=find_babel_locale(locale))
    named = ", ".join(names[DAYS.index(day)] for day in days)
    if every > 1:
        return localize(Phrase("every {count} weeks: {days}", count=every, days=named), locale)
    return localize(Phrase("every week: {days}", days=named), locale)


def when_lines(planned: Planned, locale: str) -> list[str]:
    """Return when a post goes out: in the zone it was scheduled in, in UTC, and on the reader's clock."""
    zone, stamp = find_zone(planned.zone), int(planned.due_at.timestamp())
    name = planned.zone.removeprefix("Etc/")
    there = f"**{moment_in_words(to_wall_time(planned.due_at, zone), locale)}** {name}"
    utc, here = to_wall_time(planned.due_at, UTC), to_wall_time(planned.due_at, zone)
    if name != _UTC:
        there += f" ({f'{utc:%H:%M}' if utc.date() == here.date() else moment_in_words(utc, locale)} {_UTC})"
    lines = [there, f"-# {translate('In your time zone: {when}', locale).format(when=f'<t:{stamp}:F>, <t:{stamp}:R>')}"]
    if again := rule_in_words(planned.rule, locale):
        lines.insert(1, f"🔁 {again}")
    return lines


def zone_line(zone: Zone, locale: str) -> str:
    """Return whose time zone was used."""
    told = {"person": _OWN_ZONE, "server": _SERVERS_ZONE, "nobody": _NO_ZONE}
    return f"-# {translate(told[zone.source], locale)}"


def plan_id(action: str, planned: Planned) -> str:
    """Return the custom id of a button of a scheduled post, with its version."""
    return f"quillplan:{action}:{planned.id}:{planned.version}"


def planned_view(planned: Planned, locale: str, *, changeable: bool, zone: Zone | None = None) -> Layout:
    """Build the view of a post: place, time, beginning, and for those who may change it the buttons."""
    held = is_held(planned)
    state = translate(_IS_HELD if held else _STATES.get(planned.state, _HEADING), locale)
    heading = f"### {'⏸️' if held else _SIGNS[planned.state]} {state[:1].upper()}{state[1:]}"
    lines = [heading, *_where(planned, locale), *when_lines(planned, locale)]
    if held:
        lines.append(f"-# {translate(_ONCE_APPROVED, locale)}")
    elif planned.state == "planned":
        lines.append(f"-# {translate(_ONCE_LATE if planned.if_late == 'late' else _ONCE_SKIP, locale)}")
    if zone is not None:
        lines.append(zone_line(zone, locale))
    preview = planned.text if len(planned.text) <= _PREVIEW else f"{planned.text[:_PREVIEW].rstrip()}…"
    frame = discord.ui.Container[discord.ui.LayoutView](
        discord.ui.TextDisplay("\n".join(lines)),
        discord.ui.Separator(),
        discord.ui.TextDisplay(preview),
        accent_colour=COLOURS["chat"],
    )
    view = Layout()
    view.add_item(frame)
    if changeable and planned.state in ("planned", "failed", "missed"):
        view.add_item(_buttons(planned, locale, asks_zone=zone is not None and zone.source != "person"))
    return view


def is_held(planned: Planned) -> bool:
    """Return whether it waits until its text is approved again."""
    return planned.state == "planned" and planned.reason == HELD


def _where(planned: Planned, locale: str) -> list[str]:
    place = f"<#{planned.channel_id}>" if planned.guild_id else translate("your private messages with me", locale)
    lines = [translate("In {place}, scheduled by {person}", locale).format(place=place, person=f"<@{planned.user_id}>")]
    return [*lines, planned.link] if planned.state == "posted" else lines


def _buttons(planned: Planned, locale: str, *, asks_zone: bool) -> discord.ui.ActionRow[discord.ui.LayoutView]:
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    actions = [BUTTONS["zone"]] if asks_zone else []
    actions += [BUTTONS["move"], BUTTONS["text"]]
    if planned.rule and planned.state == "planned":
        actions.append(BUTTONS["skip"])
    actions.append(BUTTONS["cancel_all" if planned.rule else "cancel"])
    for action, label, sign in actions:
        row.add_item(discord.ui.Button(label=translate(label, locale), emoji=sign, custom_id=plan_id(action, planned)))
    return row


def entry_line(shown: CalendarEntry, locale: str, *, with_date: bool = True, place: str | None = None) -> str:
    """Return an entry as one line: time, title, place, status; the `place` by its name, else as a mention."""
    planned = shown.planned
    when = moment_in_words(shown.at, locale) if with_date else f"{shown.at:%H:%M}"
    marks = "🔁 " if planned.rule else ""
    named = _IS_HELD if is_held(planned) else _STATES.get(planned.state, "")
    state = translate(named, locale) if named and not shown.repeats else ""
    where = place if place is not None else f"<#{planned.channel_id}>"
    place = f" · {where}" if planned.guild_id and where else ""
    sign = _SIGNS["planned" if shown.repeats else planned.state]
    return f"{sign} {when} · {marks}{plain(planned.title)}{place}{f' · {state}' if state else ''}"


def occasion_line(day: date, names: Sequence[str], locale: str) -> str:
    """Return a day with its occasions as one line."""
    return f"🎉 {format_skeleton('MMMEd', day, locale=find_babel_locale(locale))} · {', '.join(map(plain, names))}"


def alt_text(first: date, lines: Sequence[str], locale: str, most: int = 1024) -> str:
    """Return the alternative text of a month's picture, up to Discord's limit."""
    text = "\n".join([month_in_words(first, locale), *(lines or [translate("Nothing is scheduled.", locale)])])
    return text if len(text) <= most else f"{text[: most - 1]}…"
