"""Parses times written in words: "tomorrow 9am", "nächsten Di 14:00", "every Monday 8:00". No I/O.

Hours, weekdays and recurrences are parsed here in five languages, dates and durations by dateparser. A time that cannot be
used is refused with a suggestion.
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
from .time_lexicon import SPOKEN_COLON, TimeLexicon, iter_lexicons
from .zones import extract_zone

MAX_TIME_CHARACTERS = 100
# A time further ahead is considered a typing error.
_MAX_AHEAD = timedelta(days=731)
_NOON = 12
_NOT_UNDERSTOOD = (
    'I do not understand "{words}" as a time. Write it like "tomorrow 9am", "Friday 14:00" or "every Monday 8:00".'
)
_NO_TIME_OF_DAY = "Add the time of day, such as 14:00."
_TWO_TIMES_OF_DAY = "That has more than one time of day. Write just one, such as 14:00."
_AM_OR_PM = (
    "{time} could be in the morning or in the evening. Write {time}am, {time}pm, or use the 24-hour clock, such "
    "as {late}."
)
_AMBIGUOUS_MIDNIGHT = "Midnight could be the beginning of that day or its end. Write 0:00 or 23:59."
_AMBIGUOUS_DATE = "{date} could mean two different days. Write the month as a word, or the date like 2026-12-24."
_PAST = "That time has passed: {when}. It is now {now} ({zone}). Choose a time in the future."
_END_OF_DAY = "24:00 is 0:00 of the next day. Write {day} 0:00, or 23:59."
_OTHER_WEEKDAY = "{date} is another day of the week. Check the date, or leave the weekday out."
_NO_SUCH_DAY = "There is no {date}. The day after the end of that month is {day}."
_TOO_FAR = "That is more than two years ahead. Choose an earlier time."
_UNSUPPORTED_RECURRENCE = (
    "I can repeat posts every day, on certain weekdays, every few weeks or every month. Choose one of these."
)
_HOUR = r"(?P<hour>[01]?\d|2[0-4])"
_SLASHED_DATE = re.compile(r"(?<!\d)(\d{1,2})/(\d{1,2})(?:/\d{2,4})?(?!\d)")
_HOUR_24 = re.compile(r"(?<!\d)24[:.h]\s?00(?!\d)|(?<!\d)24(?=\s?(?:uhr|h)(?!\w))")
# A day that some months do not have, with its month: "30th of February", "31.11.", "Feb 30", "2027-02-29".
_LATE_DAY_IN_DATE = re.compile(
    r"(?P<before_month>29|30|31)(?:st|nd|rd|th|\.|º|er)?(?:\s(?:de\s|of\s)?\w{3,12}|\s?\d{1,2}\.)|(?:\w{3,12}\s|\d{4}-\d\d-)(?P<after_month>29|30|31)(?:st|nd|rd|th)?(?!\d)"
)
# The last day that every month has.
_LAST_COMMON_DAY = 28
_INVALID_MONTH = re.compile(r"(?<!\d)\d{4}-(?!0[1-9]|1[0-2])\d\d-\d\d(?!\d)")
_DURATION = re.compile(r"(?<!\w)(?:in|dentro de|dans|em|daqui a|en)\s+\S+\s+\w+|(?<!\w)from now(?!\w)")
# The units of hours and minutes in five languages; all other units are days or longer.
_HOURS_OR_MINUTES = re.compile(r"(?<!\w)(?:min(?:ut\w*|s)?|h|hours?|stunden?|horas?|heures?)(?!\w)")


def parse_time(text: str, zone: str, now: datetime, locale: str = "en") -> When:
    """Parse a time in words, first in the language of the locale, then in the other known languages.

    The time is in `zone` unless the text names another zone.

    Raises:
        RefusedError: the time cannot be used; the message says why.
    """
    visible_text = unicodedata.normalize("NFC", INVISIBLE.sub("", text))
    normalised_text = " ".join(visible_text.casefold().replace(",", " ").split()).strip(" .!?")
    named_zone, normalised_text = extract_zone(normalised_text)
    zone = named_zone or zone
    wall_now = to_wall_time(now, find_zone(zone))
    for lexicon in iter_lexicons(locale):
        try:
            start, rule = _parse(normalised_text, lexicon, wall_now, locale)
            _refuse_distant_year(start, wall_now, zone)
            if _is_duration(normalised_text):
                # So much later, whatever is done to the clocks meanwhile; the fold tells apart the hour that comes twice.
                start = (now + (start - wall_now)).astimezone(find_zone(zone)).replace(tzinfo=None)
            return validate_time(When(start.replace(second=0, microsecond=0), zone, rule), now)
        except _NotUnderstoodError:
            continue
    if error := _find_impossible_time_error(normalised_text, text, locale, wall_now):
        raise error
    raise RefusedError(_NOT_UNDERSTOOD, words=text.strip()[:MAX_TIME_CHARACTERS] or "…")


def _find_impossible_time_error(text: str, typed_text: str, locale: str, wall_now: datetime) -> RefusedError | None:
    """Return the error for 24:00 or a day that its month does not have, or None. `text` is the normalised `typed_text`."""
    if _HOUR_24.search(text):
        for lexicon in iter_lexicons(locale):
            with suppress(_NotUnderstoodError, RefusedError, OverflowError):
                start, _ = _parse(_HOUR_24.sub("23:59", text, count=1), lexicon, wall_now, locale)
                return RefusedError(_END_OF_DAY, day=f"{start + timedelta(days=1):%Y-%m-%d}")
    for match in _LATE_DAY_IN_DATE.finditer(text):
        day_start, day_end = match.span("before_month" if match["before_month"] else "after_month")
        # If it parses with the 28th, the month has fewer days.
        possible_text = f"{text[:day_start]}{_LAST_COMMON_DAY}{text[day_end:]}"
        for lexicon in iter_lexicons(locale):
            with suppress(_NotUnderstoodError, RefusedError, OverflowError):
                start, rule = _parse(possible_text, lexicon, wall_now, locale)
                if not rule and start.day == _LAST_COMMON_DAY:
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
    """Check that a time is in the future; a recurring one first moves to its next occurrence.

    Raises:
        RefusedError: the time is past, or too far ahead.
    """
    if when.rule:
        when = start_after(when, now) or when
    wall_now = to_wall_time(now, when.tzinfo)
    _refuse_distant_year(when.start, wall_now, when.zone)
    instant = to_instant(when.start, when.tzinfo)
    if instant <= now:
        raise _build_past_error(when.start, wall_now, when.zone)
    if instant > now + _MAX_AHEAD:
        raise RefusedError(_TOO_FAR)
    return when


def _refuse_distant_year(start: datetime, wall_now: datetime, zone: str) -> None:
    """Raise RefusedError if a wall time is years from now. At the ends of the calendar, it could not be converted to UTC."""
    if start.year > wall_now.year + _MAX_AHEAD.days // 365 + 1:
        raise RefusedError(_TOO_FAR)
    if start.year < wall_now.year - 1:
        raise _build_past_error(start, wall_now, zone)


def _build_past_error(start: datetime, wall_now: datetime, zone: str) -> RefusedError:
    return RefusedError(
        _PAST, when=f"{start:%Y-%m-%d %H:%M}", now=f"{wall_now:%Y-%m-%d %H:%M}", zone=zone.removeprefix("Etc/")
    )


def _is_duration(text: str) -> bool:
    """Whether a text says in how many hours or minutes, rather than when by the clock."""
    return bool(_DURATION.search(text) and _HOURS_OR_MINUTES.search(text))


def _parse(text: str, lexicon: TimeLexicon, wall_now: datetime, locale: str) -> tuple[datetime, str]:
    """Return the first wall time that a text means, and its recurrence rule, empty for a single time.

    Raises:
        _NotUnderstoodError: the text is not a time in this language.
        RefusedError: the time is ambiguous, incomplete or contradictory, or posts cannot recur like that.
    """
    if len(text) > MAX_TIME_CHARACTERS or not text:
        raise _NotUnderstoodError
    text = lexicon.write_hours_in_digits(text)
    if _is_duration(text):
        return _parse_date_or_duration(text, lexicon, wall_now, locale), ""
    rest, time_of_day = _extract_time_of_day(text, lexicon)
    rest, recurrence = _extract_recurrence(rest, lexicon)
    if recurrence is None:
        day = _resolve_day(rest, lexicon, wall_now, locale, time_of_day)
        return datetime.combine(day, time_of_day), ""
    rest, weekdays = _extract_weekdays(rest, lexicon)
    rule = _build_rule(recurrence, weekdays, rest, lexicon)
    has_passed_today = time_of_day <= wall_now.time()
    # Even "every 2 weeks on Friday" begins with the next Friday.
    days_ahead = min((_count_days_until(weekday, wall_now, has_passed_today) for weekday in weekdays), default=0)
    return datetime.combine(wall_now + timedelta(days=days_ahead), time_of_day), rule


def _count_days_until(weekday: int, wall_now: datetime, skips_today: bool) -> int:
    days = (weekday - wall_now.weekday()) % 7
    return 7 if skips_today and days == 0 else days


def _extract_time_of_day(text: str, lexicon: TimeLexicon) -> tuple[str, time]:
    """Return the text without its time of day, and the time of day.

    Raises:
        _NotUnderstoodError: the text has neither a time of day nor a day, or the hour does not exist.
        RefusedError: the text has no time of day, two, or an ambiguous one.
    """
    if lexicon.extract(lexicon.midnight, text)[0]:
        raise RefusedError(_AMBIGUOUS_MIDNIGHT)
    pm_match, rest = lexicon.extract(lexicon.after_noon, text)
    am_match, rest = lexicon.extract(lexicon.before_noon, rest)
    noon_match, rest = lexicon.extract(lexicon.noon, rest)
    match, text_without_hour = _match_hour(rest, lexicon)
    if match is None:
        if noon_match is not None:
            return rest, time(_NOON)
        if not _names_day(rest, lexicon):
            raise _NotUnderstoodError
        raise RefusedError(_NO_TIME_OF_DAY)
    if noon_match is not None or _match_hour(text_without_hour, lexicon)[0] is not None:
        raise RefusedError(_TWO_TIMES_OF_DAY)
    groups = match.groupdict()
    hour, minute, meridiem = int(groups["hour"]), int(groups.get("minute") or 0), groups.get("meridiem")
    if meridiem == "p" or (meridiem is None and pm_match is not None):
        hour += _NOON if hour < _NOON else 0
    elif meridiem == "a" or am_match is not None:
        hour = 0 if hour == _NOON else hour
    elif lexicon.code == "en" and "bare" in groups and 1 <= hour <= _NOON:
        early, late = (f"{one}:{minute}" if minute else f"{one}" for one in (hour, hour % _NOON + _NOON))
        raise RefusedError(_AM_OR_PM, time=early, late=late if minute else f"{late}:00")
    try:
        return text_without_hour, time(hour, minute)
    except ValueError:
        raise _NotUnderstoodError from None


def _match_hour(text: str, lexicon: TimeLexicon) -> tuple[re.Match[str] | None, str]:
    """Return the match of an hour with the preposition before it, or None, and the text without it.

    The group `bare` marks an hour with neither minutes nor a word such as "am" or "Uhr".
    """
    preposition, hour = rf"(?:(?<!\w)(?:{lexicon.at})\s+)?", rf"(?<![\d./:-]){_HOUR}"
    forms = [
        rf"{preposition}{hour}(?:[:.](?P<minute>[0-5]\d))?\s?(?P<meridiem>[ap])\.?m\.?(?!\w)",
        rf"{preposition}{hour}(?::|\s?h\s?)(?P<minute>[0-5]\d)(?:\s?(?:{lexicon.clock}))?(?![\w:/]|\.\d)",
        rf"{preposition}{hour}\.(?P<minute>[0-5]\d)\s?(?:{lexicon.clock})(?!\w)",
        rf"{preposition}{hour}\s?(?:{lexicon.clock})(?!\w)",
        rf"{preposition}{hour}{SPOKEN_COLON}(?P<minute>\d\d)(?:\s?(?P<meridiem>[ap])\.?m\.?(?!\w)|(?P<bare>))",
        rf"(?<!\w)(?:{lexicon.at})\s+{_HOUR}(?P<bare>)(?![\w:/{SPOKEN_COLON}-]|\.\d)",
        # The first hour of "9 or 10am", so that two hours are found.
        rf"{hour}(?P<bare>)(?=\s(?:or|oder|o|ou|-)\s)",
    ]
    if not _ends_with_date(text, lexicon):
        forms.append(rf"{hour}(?P<bare>)(?=\s*$)")
    for form in forms:
        if match := re.search(form, text):
            return match, f"{text[: match.start()]} {text[match.end() :]}"
    return None, text


def _ends_with_date(text: str, lexicon: TimeLexicon) -> bool:
    """Whether the number at the end of a text belongs to a date, as in "March 9", but not in "tomorrow 9"."""
    text_before = re.sub(r"[01]?\d\s*$", "", text).strip()
    day_pattern = "|".join(
        [*lexicon.weekdays, lexicon.today, lexicon.tomorrow, lexicon.overmorrow, lexicon.days, lexicon.working_days]
    )
    return bool(text_before) and re.search(rf"(?<!\w)(?:{day_pattern})$", text_before) is None


def _names_day(text: str, lexicon: TimeLexicon) -> bool:
    """Whether a text names a day or a recurrence in this language."""
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
    if re.search(rf"(?<!\w)(?:{day_pattern})(?!\w)", text):
        return True
    any_day = datetime(2026, 1, 1)
    return _run_dateparser(text, lexicon, any_day) is not None


def _extract_recurrence(text: str, lexicon: TimeLexicon) -> tuple[str, tuple[str, int] | None]:
    """Return the text without its recurrence, and the recurrence as unit and count; None for a single time."""
    for name, unit in (("days", "day"), ("working_days", "working"), ("weekly", "week"), ("monthly", "month")):
        match, rest = lexicon.extract(getattr(lexicon, name), text)
        if match:
            return rest, (unit, 1)
    every_match, rest = lexicon.extract(lexicon.every, text)
    if every_match is None:
        return text, ("week", 1) if lexicon.extract(lexicon.plural_weekdays, text)[0] else None
    before, after = rest[: every_match.start()], rest[every_match.start() :]
    other_match, after = lexicon.extract(rf"^\s*(?:{lexicon.other})", after)
    rest, count = f"{before} {after}", 2 if other_match else 1
    weeks_match, text_without_weeks = lexicon.extract(rf"(?P<count>\d{{1,2}})?\s*(?:{lexicon.weeks})", rest)
    if weeks_match:
        return text_without_weeks, ("week", int(weeks_match["count"] or count))
    months_match, text_without_months = lexicon.extract(lexicon.months, rest)
    return (text_without_months, ("month", count)) if months_match else (rest, ("week", count))


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
        _NotUnderstoodError: `rest` has words other than filler and the day of a monthly rule.
        RefusedError: posts cannot recur like that.
    """
    unit, count = recurrence
    day_match = re.search(rf"(?<!\w)(?:{lexicon.on_day})(?!\w)", rest)
    if unit == "month" and count == 1 and day_match and 1 <= int(day_match[1]) <= 31:
        rest = rest.replace(day_match[0], " ")
        rule = build_monthly_rule(int(day_match[1]))
    elif unit == "day" and not weekdays:
        rule = build_daily_rule()
    elif unit == "working" and not weekdays:
        rule = build_weekly_rule(tuple(range(len(WORKING_DAYS))))
    elif unit == "week" and weekdays and 1 <= count <= 8:
        rule = build_weekly_rule(weekdays, count)
    else:
        raise RefusedError(_UNSUPPORTED_RECURRENCE)
    if _has_content(rest, lexicon):
        raise _NotUnderstoodError
    return rule


def _resolve_day(text: str, lexicon: TimeLexicon, wall_now: datetime, locale: str, time_of_day: time) -> datetime:
    """Return the day that a text names; if it names none, today, or tomorrow if the time of day has passed.

    Raises:
        _NotUnderstoodError: the text has words that are not understood.
        RefusedError: the date is ambiguous, or not on the named weekday.
    """
    for name, days in (("overmorrow", 2), ("tomorrow", 1), ("today", 0)):
        match, rest = lexicon.extract(getattr(lexicon, name), text)
        if match:
            if _has_content(rest, lexicon):
                raise _NotUnderstoodError
            return wall_now + timedelta(days=days)
    has_passed_today = time_of_day <= wall_now.time()
    next_week_match, rest = lexicon.extract(lexicon.next_week, text)
    next_match, rest = lexicon.extract(lexicon.next, rest)
    rest, weekdays = _extract_weekdays(rest, lexicon)
    if len(weekdays) == 1 and not _has_content(rest, lexicon):
        if next_week_match:
            return wall_now + timedelta(days=7 - wall_now.weekday() + weekdays[0])
        skips_today = next_match is not None or has_passed_today
        return wall_now + timedelta(days=_count_days_until(weekdays[0], wall_now, skips_today))
    if not _has_content(text, lexicon):
        return wall_now + timedelta(days=1 if has_passed_today else 0)
    if lexicon.code == "en" and locale != "en-GB" and (slashed_date := _SLASHED_DATE.search(text)):
        day, month = int(slashed_date[1]), int(slashed_date[2])
        if day != month and max(day, month) <= 12:
            raise RefusedError(_AMBIGUOUS_DATE, date=slashed_date[0])
    date = _parse_date_or_duration(text, lexicon, wall_now, locale)
    if weekdays and date.weekday() not in weekdays:
        raise RefusedError(_OTHER_WEEKDAY, date=f"{date:%Y-%m-%d}")
    return date


def _has_content(text: str, lexicon: TimeLexicon) -> bool:
    """Whether a text has more than filler words, spaces, commas and full stops."""
    return bool(re.sub(rf"(?<!\w)(?:{lexicon.filler})(?!\w)|[\s,.]+", "", text))


def _parse_date_or_duration(text: str, lexicon: TimeLexicon, wall_now: datetime, locale: str) -> datetime:
    """Parse a date, or a duration such as "in 3 hours", into a wall time.

    Raises:
        _NotUnderstoodError: it is neither.
    """
    if _INVALID_MONTH.search(text):  # Otherwise dateparser would take the month for the day.
        raise _NotUnderstoodError
    wall_time = _run_dateparser(text, lexicon, wall_now, locale)
    if wall_time is None:
        raise _NotUnderstoodError
    return wall_time


def _run_dateparser(text: str, lexicon: TimeLexicon, wall_now: datetime, locale: str = "") -> datetime | None:
    import dateparser  # Imported here because it is slow to load.

    # dateparser does not know the Portuguese "daqui a 2 horas".
    text = text.replace("daqui a", "em")
    text_without_filler = re.sub(rf"^(?:\s|(?<!\w)(?:{lexicon.filler})(?!\w))+", "", text).strip(" ,")
    if not re.search(r"\d|\w{3}", text_without_filler):
        return None
    settings = {
        "RELATIVE_BASE": wall_now,
        "PREFER_DATES_FROM": "future",
        "DATE_ORDER": "DMY" if lexicon.code != "en" or locale == "en-GB" else "MDY",
        "RETURN_AS_TIMEZONE_AWARE": False,
        "REQUIRE_PARTS": ["day"],
    }
    # Filler such as "en" may begin a duration, so the text is tried with it first.
    for candidate in dict.fromkeys([" ".join(text.split()).strip(" ,"), " ".join(text_without_filler.split())]):
        parsed: datetime | None = dateparser.parse(candidate, languages=[lexicon.code], settings=settings)
        if parsed is not None:
            return parsed
    return None
