"""Views of scheduled posts: one post, a page of them, a month as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import discord
from babel.dates import format_skeleton, get_day_names

from bot.errors import Phrase
from bot.locales import find_babel_locale, localize, translate
from bot.markup import shorten
from bot.replies.ledger import plain
from bot.replies.views import COLOURS, Layout
from bot.team.calendar.posts import CalendarEntry, Zone, describe_failure
from bot.team.calendar.recurrence import DAYS, WORKING_DAYS, parse_rule, to_wall_time
from personas.profile import find_zone
from storage.schedule import HELD, ScheduledPost

POSTS_PER_PAGE = 6
_MAX_PREVIEW_LENGTH = 300
# Discord's limit for the description of a field.
_MAX_HINT_LENGTH = 100
_HEADING = "Scheduled"
_LATE_NOTE = "If I'm offline then, I'll post it up to 12 hours late, with a note."
_SKIP_NOTE = "If I'm offline then, I'll skip it and let you know."
# Actions on a scheduled post: the button's action, label and emoji.
BUTTONS = {
    "zone": ("zone", "Set my time zone…", "🌍"),
    "move": ("move", "Move…", "🕒"),
    "text": ("text", "Edit text…", "✏️"),
    "skip": ("skip", "Skip the next one", "⏭️"),
    "cancel": ("cancel", "Cancel it", "🗑️"),
    "cancel_all": ("cancel", "Cancel all", "🗑️"),
}
_EMOJIS = {"planned": "🕒", "posting": "🕒", "posted": "✅", "failed": "⚠️", "missed": "⚠️"}
_STATE_LABELS = {"posted": "posted", "failed": "not posted", "missed": "not posted because I was offline"}
_HELD_LABEL = "on hold"
_HELD_NOTE = "The text was changed after it was approved. I will post its current version once it is approved again."
_UTC = "UTC"
_SAME_ZONE = "Now {when} {zone}. The new time is in that zone, too."
_NO_ZONE = "I do not know your time zone, so I used UTC."
_SERVER_ZONE = "I do not know your time zone, so I used the server's."
_OWN_ZONE = "In the time zone of your profile."


def format_moment(moment: datetime, locale: str) -> str:
    """Format a local time: "Tue, Oct 20, 2026, 14:00"."""
    day = format_skeleton("yMMMEd", moment, locale=find_babel_locale(locale))
    return f"{day}, {moment:%H:%M}"


def format_day(day: date, locale: str) -> str:
    """Format a day: "Fri, Dec 25"."""
    return format_skeleton("MMMEd", day, locale=find_babel_locale(locale))


def format_month(first_day: date, locale: str) -> str:
    """Format a month and its year."""
    return format_skeleton("yMMMM", first_day, locale=find_babel_locale(locale)).capitalize()


def format_rule(rule: str, locale: str) -> str:
    """Format a recurrence; empty for a single occurrence."""
    rule_parts = parse_rule(rule)
    if not rule_parts:
        return ""
    interval, days = int(rule_parts.get("INTERVAL", "1")), rule_parts.get("BYDAY", "").split(",")
    if rule_parts["FREQ"] == "DAILY":
        return translate("every day", locale)
    if rule_parts["FREQ"] == "MONTHLY":
        day = rule_parts["BYMONTHDAY"].rpartition(",")[2]
        return localize(Phrase("every month on day {day}", day=day), locale)
    if tuple(days) == WORKING_DAYS and interval == 1:
        return translate("every weekday", locale)
    names = get_day_names("wide", locale=find_babel_locale(locale))
    day_names = ", ".join(names[DAYS.index(day)] for day in days)
    if interval > 1:
        return localize(Phrase("every {count} weeks: {days}", count=interval, days=day_names), locale)
    return localize(Phrase("every week: {days}", days=day_names), locale)


def format_when_lines(post: ScheduledPost, locale: str) -> list[str]:
    """Return a post's time: in the zone it was scheduled in, in UTC, and in the reader's local time."""
    zone, stamp = find_zone(post.zone), int(post.due_at.timestamp())
    name = post.zone.removeprefix("Etc/")
    line = f"**{format_moment(to_wall_time(post.due_at, zone), locale)}** {name}"
    utc, local_time = to_wall_time(post.due_at, UTC), to_wall_time(post.due_at, zone)
    if name != _UTC:
        line += f" ({f'{utc:%H:%M}' if utc.date() == local_time.date() else format_moment(utc, locale)} {_UTC})"
    lines = [line, f"-# {translate('In your time zone: {when}', locale).format(when=f'<t:{stamp}:F>, <t:{stamp}:R>')}"]
    if recurrence := format_rule(post.rule, locale):
        lines.insert(1, f"🔁 {recurrence}")
    return lines


def format_zone_hint(post: ScheduledPost, locale: str) -> str:
    """Return the hint of a form for another time: the present one, and its zone, which is the same for all of a post's editors."""
    when = format_moment(to_wall_time(post.due_at, find_zone(post.zone)), locale)
    hint = translate(_SAME_ZONE, locale).format(when=when, zone=post.zone.removeprefix("Etc/"))
    return hint[:_MAX_HINT_LENGTH]


def format_zone_line(zone: Zone, locale: str) -> str:
    """Return a line that says whose time zone was used."""
    sentences = {"person": _OWN_ZONE, "server": _SERVER_ZONE, "nobody": _NO_ZONE}
    return f"-# {translate(sentences[zone.source], locale)}"


def build_plan_id(action: str, post: ScheduledPost) -> str:
    """Return the custom id of a button of a scheduled post, with its version."""
    return f"quillplan:{action}:{post.id}:{post.version}"


def planned_view(post: ScheduledPost, locale: str, *, can_change: bool, zone: Zone | None = None) -> Layout:
    """Build the view of a post: place, time, excerpt, and buttons if the reader may change it."""
    is_on_hold = is_held(post)
    state = translate(_HELD_LABEL if is_on_hold else _STATE_LABELS.get(post.state, _HEADING), locale)
    heading = f"### {'⏸️' if is_on_hold else _EMOJIS[post.state]} {state[:1].upper()}{state[1:]}"
    lines = [heading, *_format_place(post, locale), *format_when_lines(post, locale)]
    if is_on_hold:
        lines.append(f"-# {translate(_HELD_NOTE, locale)}")
    elif post.state == "planned":
        lines.append(f"-# {translate(_LATE_NOTE if post.if_late == 'late' else _SKIP_NOTE, locale)}")
    elif post.reason:
        lines.append(f"-# {localize(describe_failure(post), locale)}")
    if zone is not None:
        lines.append(format_zone_line(zone, locale))
    preview = shorten(post.text, _MAX_PREVIEW_LENGTH)
    frame = discord.ui.Container[discord.ui.LayoutView](
        discord.ui.TextDisplay("\n".join(lines)),
        discord.ui.Separator(),
        discord.ui.TextDisplay(preview),
        accent_colour=COLOURS["chat"],
    )
    view = Layout()
    view.add_item(frame)
    if can_change and post.state in ("planned", "failed", "missed"):
        view.add_item(_build_buttons(post, locale, asks_zone=zone is not None and zone.source != "person"))
    return view


def is_held(post: ScheduledPost) -> bool:
    """Return whether a post is on hold until its text is approved again."""
    return post.state == "planned" and post.reason == HELD


def _format_place(post: ScheduledPost, locale: str) -> list[str]:
    place = f"<#{post.channel_id}>" if post.guild_id else translate("your private messages with me", locale)
    lines = [translate("In {place}, scheduled by {person}", locale).format(place=place, person=f"<@{post.user_id}>")]
    return [*lines, post.link] if post.state == "posted" else lines


def _build_buttons(post: ScheduledPost, locale: str, *, asks_zone: bool) -> discord.ui.ActionRow[discord.ui.LayoutView]:
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    actions = [BUTTONS["zone"]] if asks_zone else []
    actions += [BUTTONS["move"], BUTTONS["text"]]
    if post.rule and post.state == "planned":
        actions.append(BUTTONS["skip"])
    actions.append(BUTTONS["cancel_all" if post.rule else "cancel"])
    for action, label, emoji in actions:
        row.add_item(
            discord.ui.Button(label=translate(label, locale), emoji=emoji, custom_id=build_plan_id(action, post))
        )
    return row


def format_entry_line(
    entry: CalendarEntry, locale: str, *, with_date: bool = True, channel_name: str | None = None
) -> str:
    """Format an entry as one line: time, title, channel, status. `channel_name` replaces the mention of the channel; if empty,
    no channel is shown.
    """
    post = entry.post
    time = format_moment(entry.at, locale) if with_date else f"{entry.at:%H:%M}"
    repeat_mark = "🔁 " if post.rule else ""
    state_name = _HELD_LABEL if is_held(post) else _STATE_LABELS.get(post.state, "")
    state = translate(state_name, locale) if state_name and not entry.repeats else ""
    channel = f"<#{post.channel_id}>" if channel_name is None else channel_name
    place = f" · {channel}" if post.guild_id and channel else ""
    emoji = _EMOJIS["planned" if entry.repeats else post.state]
    return f"{emoji} {time} · {repeat_mark}{plain(post.title)}{place}{f' · {state}' if state else ''}"


def format_occasion_line(day: date, names: Sequence[str], locale: str) -> str:
    """Format a day and its occasions as one line."""
    return f"🎉 {format_skeleton('MMMEd', day, locale=find_babel_locale(locale))} · {', '.join(map(plain, names))}"


def format_alt_text(first_day: date, lines: Sequence[str], locale: str, max_length: int = 1024) -> str:
    """Return the alternative text of a month's picture, truncated to `max_length`, by default Discord's limit."""
    text = "\n".join([format_month(first_day, locale), *(lines or [translate("Nothing is scheduled.", locale)])])
    return shorten(text, max_length)
