"""Parses times written in words: "tomorrow 9am", "nächsten Di 14:00", "every Monday 8:00". No I/O.

Hours, weekdays and recurrences are parsed here in five languages, dates and durations by dateparser. A time that is past, ambiguous
or not understood is refused with a suggestion.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from contextlib import suppress
from datetime import datetime, time, timedelta

from bot.checks.addresses import INVISIBLE
from bot.errors import RefusedError
from personas.profile import find_zone

from .recurrence import (
    WORKING_DAYS,
    When,
    build_daily_rule,
    build_monthly_rule,
    build_weekly_rule,
    start_after,
    to_instant,
    to_wall_time,
)
from .time_lexicon import TimeLexicon, iter_lexicons
from .zones import extract_zone

MAX_TIME_CHARACTERS = 100
# A time further ahead is considered a typing error.
_MAX_AHEAD = timedelta(days=731)
_NOON = 12
_NOT_UNDERSTOOD = (
    'I do not understand "{words}" as a time. Write it like "tomorrow 9am", "Friday 14:00" or "every Monday 8:00".'
)
_NO_HOUR = "Add the time of day, such as 14:00."
_TWO_HOURS = "That has more than one time of day. Write just one, such as 14:00."
_HALF_OF_DAY = (
    "{hour} could be in the morning or in the evening. Write {hour}am, {hour}pm, or use the 24-hour clock, such "
    "as {late}:00."
)
_MIDNIGHT = "Midnight could be the beginning of that day or its end. Write 0:00 or 23:59."
_TWO_DATES = "{date} could mean two different days. Write the month as a word, or the date like 2026-12-24."
_PAST = "That time has passed: {when}. It is now {now} ({zone}). Choose a time in the future."
_END_OF_DAY = "24:00 is 0:00 of the next day. Write {day} 0:00, or 23:59."
_OTHER_DAY = "{date} is another day of the week. Check the date, or leave the weekday out."
_NO_SUCH_DAY = "There is no {date}. The day after the end of that month is {day}."
_TOO_FAR = "That is more than two years ahead. Choose an earlier time."
_UNSUPPORTED_RECURRENCE = (
    "I can repeat posts every day, on certain weekdays, every few weeks or every month. Choose one of these."
)
_HOUR = r"(?P<hour>[01]?\d|2[0-4])"
_SLASHED_DATE = re.compile(r"(?<!\d)(\d{1,2})/(\d{1,2})(?:/\d{2,4})?(?!\d)")
_END_OF_DAY_HOUR = re.compile(r"(?<!\d)24[:.h]\s?00(?!\d)|(?<!\d)24(?=\s?(?:uhr|h)(?!\w))")
# A day that some months do not have, with its month.
_DAY_IN_DATE = re.compile(
    r"(?P<first>29|30|31)(?:st|nd|rd|th|\.|º|er)?(?:\s(?:de\s|of\s)?\w{3,12}|\s?\d{1,2}\.)|(?:\w{3,12}\s|\d{4}-\d\d-)(?P<last>29|30|31)(?:st|nd|rd|th)?(?!\d)"
)
# A day that every month has.
_COMMON_DAY = 28
_INVALID_MONTH = re.compile(r"(?<!\d)\d{4}-(?!0[1-9]|1[0-2])\d\d-\d\d(?!\d)")
_DURATION = re.compile(
    r"(?<!\w)(?:in|dentro de|dans|em|daqui a|en)\s+\S+\s+(?:min|mins|h|\w+)(?!\w)|(?<!\w)from now(?!\w)"
)
# The units of hours and minutes in five languages; all other units are days or longer.
_HOURS_OR_MINUTES = re.compile(r"(?<!\w)(?:min(?:ut\w*|s)?|h|hours?|stunden?|horas?|heures?)(?!\w)")


def parse_time(text: str, zone: str, now: datetime, locale: str = "en") -> When:
    """Parse a time in words, first in the language of the locale, then in the other known languages.

    The time is in `zone` unless the text names another zone.

    Raises:
        RefusedError: the time is past, ambiguous, or not understood.
    """
    words = " ".join(unicodedata.normalize("NFC", INVISIBLE.sub("", text)).casefold().replace(",", " ").split()).strip(
        " .!?"
    )
    named_zone, words = extract_zone(words)
    zone = named_zone or zone
    for lexicon in iter_lexicons(locale):
        try:
            start, rule = _parse(words, lexicon, to_wall_time(now, find_zone(zone)), locale)
            return validate_time(When(start.replace(second=0, microsecond=0), zone, rule), now)
        except _NotUnderstoodError:
            continue
    if error := _explain_impossible(words, text, locale, to_wall_time(now, find_zone(zone))):
        raise error
    raise RefusedError(_NOT_UNDERSTOOD, words=text.strip()[:MAX_TIME_CHARACTERS] or "…")


def _explain_impossible(text: str, typed_text: str, locale: str, now: datetime) -> RefusedError | None:
    """Return the error for 24:00 or a day that its month does not have; None if that is not the problem.

    `text` is the normalised `typed_text`, `now` a wall time.
    """
    if _END_OF_DAY_HOUR.search(text):
        for lexicon in iter_lexicons(locale):
            with suppress(_NotUnderstoodError, RefusedError):
                start, _ = _parse(_END_OF_DAY_HOUR.sub("23:59", text, count=1), lexicon, now, locale)
                return RefusedError(_END_OF_DAY, day=f"{start + timedelta(days=1):%Y-%m-%d}")
    for match in _DAY_IN_DATE.finditer(text):
        day_start, day_end = match.span("first" if match["first"] else "last")
        # If it parses with the 28th, the month has fewer days.
        possible_text = f"{text[:day_start]}{_COMMON_DAY}{text[day_end:]}"
        for lexicon in iter_lexicons(locale):
            with suppress(_NotUnderstoodError, RefusedError):
                start, rule = _parse(possible_text, lexicon, now, locale)
                if not rule and start.day == _COMMON_DAY:
                    last_day = monthrange(start.year, start.month)[1]
                    day_after = start.replace(day=last_day) + timedelta(days=1)
                    typed_date = re.search(re.escape(match[0].strip(" .")), typed_text, re.IGNORECASE)
                    return RefusedError(
                        _NO_SUCH_DAY, date=typed_date[0] if typed_date else match[0], day=f"{day_after:%Y-%m-%d}"
                    )
    return None


class _NotUnderstoodError(Exception):
    """The text is not a time in the language of a lexicon."""


def validate_time(when: When, now: datetime) -> When:
    """Return a future time unchanged, and a recurring one so that it starts with its next occurrence.

    Raises:
        RefusedError: the time is past, or too far ahead.
    """
    if when.rule:
        when = start_after(when, now) or when
    moment = to_instant(when.start, when.tzinfo)
    if moment <= now:
        wall_now = to_wall_time(now, when.tzinfo)
        raise RefusedError(
            _PAST,
            when=f"{when.start:%Y-%m-%d %H:%M}",
            now=f"{wall_now:%Y-%m-%d %H:%M}",
            zone=when.zone.removeprefix("Etc/"),
        )
    if moment > now + _MAX_AHEAD:
        raise RefusedError(_TOO_FAR)
    return when


def _parse(text: str, lexicon: TimeLexicon, now: datetime, locale: str) -> tuple[datetime, str]:
    """Return the first wall time that a text means, and its recurrence rule, empty for a single time. `now` is a wall time.

    Raises:
        _NotUnderstoodError: the text is not a time in this language.
        RefusedError: the time is ambiguous or incomplete.
    """
    if len(text) > MAX_TIME_CHARACTERS or not text:
        raise _NotUnderstoodError
    if _DURATION.search(text) and _HOURS_OR_MINUTES.search(text):
        return _parse_date(text, lexicon, now, locale), ""
    rest, hour = _extract_hour(text, lexicon)
    rest, recurrence = _extract_recurrence(rest, lexicon)
    if recurrence is None:
        day = _resolve_day(rest, lexicon, now, locale, hour)
        return datetime.combine(day, hour), ""
    rest, weekdays = _extract_weekdays(rest, lexicon)
    rule = _build_rule(recurrence, weekdays, rest, lexicon)
    has_passed = datetime.combine(now, hour) <= now
    # Counted from the first weekday, so that "every 2 weeks on Friday" begins with the next Friday.
    days_ahead = min(((weekday - now.weekday() - has_passed) % 7 + has_passed for weekday in weekdays), default=0)
    return datetime.combine(now + timedelta(days=days_ahead), hour), rule


def _extract_hour(text: str, lexicon: TimeLexicon) -> tuple[str, time]:
    """Return the text without its time of day, and the time of day.

    Raises:
        RefusedError: the text has no time of day, two, or an ambiguous one.
    """
    if lexicon.extract(lexicon.midnight, text)[0]:
        raise RefusedError(_MIDNIGHT)
    after_noon, rest = lexicon.extract(lexicon.after_noon, text)
    before_noon, rest = lexicon.extract(lexicon.before_noon, rest)
    noon, rest = lexicon.extract(lexicon.noon, rest)
    match, remaining_text = _match_hour(rest, lexicon)
    if match is None:
        if noon is not None:
            return rest, time(_NOON)
        if _names_no_day(rest, lexicon):
            raise _NotUnderstoodError
        raise RefusedError(_NO_HOUR)
    if noon is not None or _match_hour(remaining_text, lexicon)[0] is not None:
        raise RefusedError(_TWO_HOURS)
    groups = match.groupdict()
    hour, minute, half = int(groups["hour"]), int(groups.get("minute") or 0), groups.get("half")
    if half == "p" or (half is None and after_noon is not None):
        hour += _NOON if hour < _NOON else 0
    elif half == "a" or before_noon is not None:
        hour = 0 if hour == _NOON else hour
    elif lexicon.code == "en" and "bare" in groups and 1 <= hour <= _NOON:
        raise RefusedError(_HALF_OF_DAY, hour=hour, late=hour % _NOON + _NOON)
    try:
        return remaining_text, time(hour, minute)
    except ValueError:
        raise _NotUnderstoodError from None


def _match_hour(text: str, lexicon: TimeLexicon) -> tuple[re.Match[str] | None, str]:
    """Match an hour with the preposition before it; return the match, None if there is none, and the text without it."""
    preposition, hour = rf"(?:(?<!\w)(?:{lexicon.at})\s+)?", rf"(?<![\d./:-]){_HOUR}"
    forms = [
        rf"{preposition}{hour}(?:[:.](?P<minute>[0-5]\d))?\s?(?P<half>[ap])\.?m\.?(?!\w)",
        rf"{preposition}{hour}(?::|\s?h\s?)(?P<minute>[0-5]\d)(?:\s?(?:{lexicon.clock}))?(?![\w:/]|\.\d)",
        rf"{preposition}{hour}\.(?P<minute>[0-5]\d)\s?(?:{lexicon.clock})(?!\w)",
        rf"{preposition}{hour}\s?(?:{lexicon.clock})(?!\w)",
        rf"(?<!\w)(?:{lexicon.at})\s+{_HOUR}(?P<bare>)(?![\w:/-]|\.\d)",
        # In "9 or 10am" the first hour has no suffix.
        rf"{hour}(?P<bare>)(?=\s(?:or|oder|o|ou|-)\s)",
    ]
    if not _is_in_date(text, lexicon):  # For example "tomorrow 9".
        forms.append(rf"{hour}(?P<bare>)(?=\s*$)")
    for form in forms:
        if match := re.search(form, text):
            return match, f"{text[: match.start()]} {text[match.end() :]}"
    return None, text


def _is_in_date(text: str, lexicon: TimeLexicon) -> bool:
    """Return whether the number at the end of a text belongs to a date: the text before it does not name a day by itself."""
    before = re.sub(r"[01]?\d\s*$", "", text).strip()
    day_pattern = "|".join(
        [*lexicon.weekdays, lexicon.today, lexicon.tomorrow, lexicon.overmorrow, lexicon.days, lexicon.working_days]
    )
    return bool(before) and re.search(rf"(?<!\w)(?:{day_pattern})$", before) is None


def _names_no_day(text: str, lexicon: TimeLexicon) -> bool:
    """Return whether a text names no day in this language."""
    day_pattern = "|".join(
        [
            *lexicon.weekdays,
            lexicon.plural_weekdays,
            lexicon.today,
            lexicon.tomorrow,
            lexicon.overmorrow,
            lexicon.next_week,
            lexicon.every,
            lexicon.days,
            lexicon.working_days,
            lexicon.weekly,
            lexicon.monthly,
        ]
    )
    return (
        re.search(rf"(?<!\w)(?:{day_pattern})(?!\w)", text) is None
        and _run_dateparser(text, lexicon, datetime(2026, 1, 1)) is None
    )


def _extract_recurrence(text: str, lexicon: TimeLexicon) -> tuple[str, tuple[str, int] | None]:
    """Return the text without its recurrence, and the recurrence as unit and count; None for a single time."""
    for name, unit in (("days", "day"), ("working_days", "working"), ("weekly", "week"), ("monthly", "month")):
        match, rest = lexicon.extract(getattr(lexicon, name), text)
        if match:
            return rest, (unit, 1)
    every, rest = lexicon.extract(lexicon.every, text)
    if every is None:
        return text, ("week", 1) if lexicon.extract(lexicon.plural_weekdays, text)[0] else None
    other, rest = lexicon.extract(rf"^\s*(?:{lexicon.other})", rest[every.start() :])
    rest = f"{text[: every.start()]} {rest}"
    count = 2 if other else 1
    weeks, remaining_text = lexicon.extract(rf"(?P<n>\d{{1,2}})?\s*(?:{lexicon.weeks})", rest)
    if weeks:
        return remaining_text, ("week", int(weeks["n"] or count))
    months, remaining_text = lexicon.extract(lexicon.months, rest)
    if months:
        return remaining_text, ("month", count)
    return rest, ("week", count)


def _extract_weekdays(text: str, lexicon: TimeLexicon) -> tuple[str, tuple[int, ...]]:
    """Return the text without its weekdays, and those weekdays (0 for Monday)."""
    weekdays = []
    for weekday, pattern in enumerate(lexicon.weekdays):
        match, text = lexicon.extract(rf"(?:{pattern})\.?", text)
        if match:
            weekdays.append(weekday)
    return text, tuple(weekdays)


def _build_rule(recurrence: tuple[str, int], weekdays: tuple[int, ...], rest: str, lexicon: TimeLexicon) -> str:
    """Build the rule for a recurrence; `rest` is the text without hour, recurrence and weekdays.

    Raises:
        _NotUnderstoodError: the rest contains more than a day of the month.
        RefusedError: posts cannot recur like that.
    """
    unit, every = recurrence
    day = re.search(rf"(?<!\w)(?:{lexicon.on_day})(?!\w)", rest)
    if unit == "month" and every == 1 and day and 1 <= int(day[1]) <= 31:
        rest = rest.replace(day[0], " ")
        rule = build_monthly_rule(int(day[1]))
    elif unit == "day" and not weekdays:
        rule = build_daily_rule()
    elif unit == "working" and not weekdays:
        rule = build_weekly_rule(tuple(range(len(WORKING_DAYS))))
    elif unit == "week" and weekdays and 1 <= every <= 8:
        rule = build_weekly_rule(weekdays, every)
    else:
        raise RefusedError(_UNSUPPORTED_RECURRENCE)
    if _strip_filler(rest, lexicon):
        raise _NotUnderstoodError
    return rule


def _resolve_day(text: str, lexicon: TimeLexicon, now: datetime, locale: str, hour: time) -> datetime:
    """Return the day that a text names; if it names none, the next day on which the hour is in the future."""
    for name, days in (("overmorrow", 2), ("tomorrow", 1), ("today", 0)):
        match, rest = lexicon.extract(getattr(lexicon, name), text)
        if match:
            if _strip_filler(rest, lexicon):
                raise _NotUnderstoodError
            return now + timedelta(days=days)
    next_week, rest = lexicon.extract(lexicon.next_week, text)
    next_word, rest = lexicon.extract(lexicon.next, rest)
    rest, weekdays = _extract_weekdays(rest, lexicon)
    if len(weekdays) == 1 and not _strip_filler(rest, lexicon):
        days_ahead = (weekdays[0] - now.weekday()) % 7
        if next_week:
            return now + timedelta(days=7 - now.weekday() + weekdays[0])
        skips_today = days_ahead == 0 and (next_word is not None or datetime.combine(now, hour) <= now)
        return now + timedelta(days=7 if skips_today else days_ahead)
    if not _strip_filler(text, lexicon):
        return now if datetime.combine(now, hour) > now else now + timedelta(days=1)
    if slashed := _SLASHED_DATE.search(text):
        day, month = int(slashed[1]), int(slashed[2])
        if lexicon.code == "en" and locale != "en-GB" and day != month and max(day, month) <= _NOON:
            raise RefusedError(_TWO_DATES, date=slashed[0])
    date = _parse_date(text, lexicon, now, locale)
    if weekdays and date.weekday() not in weekdays:
        raise RefusedError(_OTHER_DAY, date=f"{date:%Y-%m-%d}")
    return date


def _strip_filler(text: str, lexicon: TimeLexicon) -> str:
    """Return a text without filler words."""
    return re.sub(rf"(?<!\w)(?:{lexicon.filler})(?!\w)|[\s,.]+", " ", text).strip()


def _parse_date(text: str, lexicon: TimeLexicon, now: datetime, locale: str) -> datetime:
    """Return the day or the moment that a date or a duration such as "in 3 hours" means.

    Raises:
        _NotUnderstoodError: it is neither.
    """
    if _INVALID_MONTH.search(text):  # Otherwise dateparser would take the month for the day.
        raise _NotUnderstoodError
    moment = _run_dateparser(text, lexicon, now, locale)
    if moment is None:
        raise _NotUnderstoodError
    return moment


def _run_dateparser(text: str, lexicon: TimeLexicon, now: datetime, locale: str = "") -> datetime | None:
    import dateparser  # Imported here because it is slow to load.

    leading_filler = rf"^(?:\s|(?<!\w)(?:{lexicon.filler})(?!\w))+"
    stripped = re.sub(leading_filler, "", text.replace("daqui a", "em")).strip(" ,")
    if not stripped or not re.search(r"\d|\w{3}", stripped):
        return None
    settings = {
        "RELATIVE_BASE": now,
        "PREFER_DATES_FROM": "future",
        "DATE_ORDER": "DMY" if lexicon.code != "en" or locale == "en-GB" else "MDY",
        "RETURN_AS_TIMEZONE_AWARE": False,
        "REQUIRE_PARTS": ["day"],
    }
    candidates = dict.fromkeys(
        [" ".join(text.replace("daqui a", "em").split()).strip(" ,"), " ".join(stripped.split())]
    )
    for candidate in candidates:
        parsed: datetime | None = dateparser.parse(candidate, languages=[lexicon.code], settings=settings)
        if parsed is not None:
            return parsed
    return None
