"""Times in words: "tomorrow 9am", "nächsten Di 14:00", "every Monday 8:00". Pure.

The hour, days of the week and what comes again are read here, in five languages; dates and spans of time by dateparser. What is
past, can mean two things or none is refused, with what to write instead.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from calendar import monthrange
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from bot.checks.links import INVISIBLE
from bot.errors import RefusedError
from personas.profile import find_zone

from .recurrence import WORKING_DAYS, When, begun, daily, instant, monthly, wall, weekly
from .zones import zone_in

MAX = 100
# Farther ahead nobody plans a post; it is a slip of the keyboard.
_FARTHEST = timedelta(days=731)
_NOON = 12
UNREAD = 'I do not understand "{words}" as a time. Write it like "tomorrow 9am", "Friday 14:00" or "every Monday 8:00".'
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
_NO_SUCH_DAY = "There is no {date}. The day after the last of that month is {day}."
_TOO_FAR = "That is more than two years ahead. Choose an earlier time."
_TOO_OFTEN = "I can repeat posts every day, on certain weekdays, every few weeks or every month. Choose one of these."

_HOUR = r"(?P<hour>[01]?\d|2[0-4])"
_SLASHED = re.compile(r"(?<!\d)(\d{1,2})/(\d{1,2})(?:/\d{2,4})?(?!\d)")
_END_OF_DAY_HOUR = re.compile(r"(?<!\d)24[:.h]\s?00(?!\d)|(?<!\d)24(?=\s?(?:uhr|h)(?!\w))")
# Days that some months lack, with what stands beside them; and how many all have.
_DAY_IN_DATE = re.compile(
    r"(?P<first>29|30|31)(?:st|nd|rd|th|\.|º|er)?(?:\s(?:de\s|of\s)?\w{3,12}|\s?\d{1,2}\.)|(?:\w{3,12}\s|\d{4}-\d\d-)(?P<last>29|30|31)(?:st|nd|rd|th)?(?!\d)"
)
_COMMON_DAYS = 28
_NO_MONTH = re.compile(r"(?<!\d)\d{4}-(?!0[1-9]|1[0-2])\d\d-\d\d(?!\d)")
_SPAN = re.compile(r"(?<!\w)(?:in|dentro de|dans|em|daqui a|en)\s+\S+\s+(?:min|mins|h|\w+)(?!\w)|(?<!\w)from now(?!\w)")
# What makes a span of time one of hours and minutes, in five languages; others are of days.
_SHORT = re.compile(r"(?<!\w)(?:min(?:ut\w*|s)?|h|hours?|stunden?|horas?|heures?)(?!\w)")


@dataclass(frozen=True, slots=True)
class Words:
    """The words for times of a language."""

    code: str
    weekdays: Sequence[str]
    adverbs: Sequence[str]
    table: dict[str, Any]

    def __getattr__(self, name: str) -> str:
        """The pattern of one meaning."""
        try:
            return str(self.table[name])
        except KeyError:
            raise AttributeError(name) from None

    def take(self, pattern: str, text: str) -> tuple[re.Match[str] | None, str]:
        """The first place where whole words match, and the text without it."""
        found = re.search(rf"(?<!\w)(?:{pattern})(?!\w)", text)
        return found, f"{text[: found.start()]} {text[found.end() :]}" if found else text


@cache
def _languages() -> dict[str, Words]:
    tables = tomllib.loads((files("bot.team.calendar") / "moments.toml").read_text(encoding="utf-8"))
    return {code: Words(code, table["weekdays"], table["adverbs"], table) for code, table in tables.items()}


def read(text: str, zone: str, now: datetime, locale: str = "en") -> When:
    """When something is to happen that was said in words, in the language of a locale or another one that is known.

    It is in `zone` unless the words name another one.

    Raises:
        RefusedError: it is past, can mean two things, or none.
    """
    words = " ".join(unicodedata.normalize("NFC", INVISIBLE.sub("", text)).casefold().replace(",", " ").split()).strip(
        " .!?"
    )
    named, words = zone_in(words)
    zone = named or zone
    for one in _in_order(locale):
        try:
            start, rule = _read(words, one, wall(now, find_zone(zone)), locale)
            return checked(When(start.replace(second=0, microsecond=0), zone, rule), now)
        except _UnreadError:
            continue
    if impossible := _impossible(words, text, locale, wall(now, find_zone(zone))):
        raise impossible
    raise RefusedError(UNREAD, words=text.strip()[:MAX] or "…")


def _impossible(text: str, typed: str, locale: str, now: datetime) -> RefusedError | None:
    """What is wrong with a time that names an hour or a day which does not exist; None where that is not what is wrong."""
    if _END_OF_DAY_HOUR.search(text):
        for words in _in_order(locale):
            with suppress(_UnreadError, RefusedError):
                start, _ = _read(_END_OF_DAY_HOUR.sub("23:59", text, count=1), words, now, locale)
                return RefusedError(_END_OF_DAY, day=f"{start + timedelta(days=1):%Y-%m-%d}")
    for found in _DAY_IN_DATE.finditer(text):
        day = found["first"] or found["last"]
        # With the 28th it is a date, so the month has fewer days.
        for words in _in_order(locale):
            possible = f"{text[: found.start()]}{found[0].replace(day, '28')}{text[found.end() :]}"
            with suppress(_UnreadError, RefusedError):
                start, rule = _read(possible, words, now, locale)
                if not rule and start.day == _COMMON_DAYS:
                    last = monthrange(start.year, start.month)[1]
                    after = start.replace(day=last) + timedelta(days=1)
                    named = re.search(re.escape(found[0].strip(" .")), typed, re.IGNORECASE)
                    return RefusedError(_NO_SUCH_DAY, date=named[0] if named else day, day=f"{after:%Y-%m-%d}")
    return None


class _UnreadError(Exception):
    """It is not in this language."""


def _in_order(locale: str) -> Iterator[Words]:
    """The languages, that of the locale first."""
    first = locale.partition("-")[0]
    yield from sorted(_languages().values(), key=lambda one: one.code != first)


def checked(when: When, now: datetime) -> When:
    """A time that is to come; what comes again begins with its next.

    Raises:
        RefusedError: it is past, or too far ahead.
    """
    if when.rule:
        when = begun(when, now) or when
    moment = instant(when.start, when.tzinfo)
    if moment <= now:
        here = wall(now, when.tzinfo)
        raise RefusedError(
            _PAST,
            when=f"{when.start:%Y-%m-%d %H:%M}",
            now=f"{here:%Y-%m-%d %H:%M}",
            zone=when.zone.removeprefix("Etc/"),
        )
    if moment > now + _FARTHEST:
        raise RefusedError(_TOO_FAR)
    return when


def _read(text: str, words: Words, now: datetime, locale: str) -> tuple[datetime, str]:
    """The first time of the wall clock that is meant, and the rule by which it comes again."""
    if len(text) > MAX or not text:
        raise _UnreadError
    if _SPAN.search(text) and _SHORT.search(text):
        return _date(text, words, now, locale), ""
    rest, at = _hour(text, words)
    rest, rule = _rule(rest, words)
    if rule is None:
        day = _day(rest, words, now, locale, at)
        return datetime.combine(day, at), ""
    rest, days = _weekdays(rest, words)
    again = _again(rule, days, rest, words)
    is_over = datetime.combine(now, at) <= now
    # Counted from the first of its days, so that "every 2 weeks on Friday" begins with the next Friday.
    ahead = min(((day - now.weekday() - is_over) % 7 + is_over for day in days), default=0)
    return datetime.combine(now + timedelta(days=ahead), at), again


def _hour(text: str, words: Words) -> tuple[str, time]:
    """The hour that a text names, and the text without it.

    Raises:
        RefusedError: it names none, two, or one that can mean two.
    """
    if words.take(words.midnight, text)[0]:
        raise RefusedError(_MIDNIGHT)
    late, rest = words.take(words.after_noon, text)
    early, rest = words.take(words.before_noon, rest)
    noon, rest = words.take(words.noon, rest)
    found, left = _number(rest, words)
    if found is None:
        if noon is not None:
            return rest, time(_NOON)
        if _is_other(rest, words):
            raise _UnreadError
        raise RefusedError(_NO_HOUR)
    if noon is not None or _number(left, words)[0] is not None:
        raise RefusedError(_TWO_HOURS)
    named = found.groupdict()
    hour, minute, half = int(named["hour"]), int(named.get("minute") or 0), named.get("half")
    if half == "p" or (half is None and late is not None):
        hour += _NOON if hour < _NOON else 0
    elif half == "a" or early is not None:
        hour = 0 if hour == _NOON else hour
    elif words.code == "en" and "bare" in named and 1 <= hour <= _NOON:
        raise RefusedError(_HALF_OF_DAY, hour=hour, late=hour % _NOON + _NOON)
    try:
        return left, time(hour, minute)
    except ValueError:
        raise _UnreadError from None


def _number(text: str, words: Words) -> tuple[re.Match[str] | None, str]:
    """The figures of an hour, and the text without them; the word before them goes as well."""
    at, hour = rf"(?:(?<!\w)(?:{words.at})\s+)?", rf"(?<![\d./:-]){_HOUR}"
    forms = [
        rf"{at}{hour}(?:[:.](?P<minute>[0-5]\d))?\s?(?P<half>[ap])\.?m\.?(?!\w)",
        rf"{at}{hour}(?::|\s?h\s?)(?P<minute>[0-5]\d)(?:\s?(?:{words.clock}))?(?![\w:/]|\.\d)",
        rf"{at}{hour}\.(?P<minute>[0-5]\d)\s?(?:{words.clock})(?!\w)",
        rf"{at}{hour}\s?(?:{words.clock})(?!\w)",
        rf"(?<!\w)(?:{words.at})\s+{_HOUR}(?P<bare>)(?![\w:/-]|\.\d)",
        # Of "9 or 10am" the first has no letters of its own.
        rf"{hour}(?P<bare>)(?=\s(?:or|oder|o|ou|-)\s)",
    ]
    if not _in_date(text, words):  # As in "tomorrow 9".
        forms.append(rf"{hour}(?P<bare>)(?=\s*$)")
    for form in forms:
        if found := re.search(form, text):
            return found, f"{text[: found.start()]} {text[found.end() :]}"
    return None, text


def _in_date(text: str, words: Words) -> bool:
    """Whether the number at the end of a text is that of a day or a year: what stands before it is no day of its own."""
    before = re.sub(r"[01]?\d\s*$", "", text).strip()
    known = "|".join([*words.weekdays, words.today, words.tomorrow, words.overmorrow, words.days, words.working_days])
    return bool(before) and re.search(rf"(?<!\w)(?:{known})$", before) is None


def _is_other(text: str, words: Words) -> bool:
    """Whether nothing in a text is a day in this language."""
    known = "|".join([
        *words.weekdays, *words.adverbs, words.today, words.tomorrow, words.overmorrow, words.next_week, words.every,
        words.days, words.working_days, words.weekly, words.monthly,
    ])  # fmt: skip
    return re.search(rf"(?<!\w)(?:{known})(?!\w)", text) is None and _parsed(text, words, datetime(2026, 1, 1)) is None


def _rule(text: str, words: Words) -> tuple[str, tuple[str, int] | None]:
    """The span after which it comes again, how many of it, and the text without it; None for what comes once."""
    for name, span in (("days", "day"), ("working_days", "working"), ("weekly", "week"), ("monthly", "month")):
        found, rest = words.take(getattr(words, name), text)
        if found:
            return rest, (span, 1)
    every, rest = words.take(words.every, text)
    if every is None:
        return _by_adverb(text, words)
    other, rest = words.take(rf"^\s*(?:{words.other})", rest[every.start() :])
    rest = f"{text[: every.start()]} {rest}"
    number = 2 if other else 1
    counted, left = words.take(rf"(?P<n>\d{{1,2}})?\s*(?:{words.weeks})", rest)
    if counted:
        return left, ("week", int(counted["n"] or number))
    months, left = words.take(words.months, rest)
    if months:
        return left, ("month", number)
    return rest, ("week", number)


def _by_adverb(text: str, words: Words) -> tuple[str, tuple[str, int] | None]:
    """As `_rule`, of a word such as "montags", in whose place its day is left."""
    for day, adverb in zip(words.weekdays, words.adverbs, strict=False):
        found, rest = words.take(adverb, text)
        if found:
            return f"{rest} {_plain(day)}", ("week", 1)
    return text, None


def _plain(pattern: str) -> str:
    """A word that a pattern of a day of the week matches."""
    return re.sub(r"\(\?:.*|\[.*|\|.*", "", pattern)


def _weekdays(text: str, words: Words) -> tuple[str, tuple[int, ...]]:
    """The days of the week that a text names, 0 for Monday, and the text without them."""
    days = []
    for day, pattern in enumerate(words.weekdays):
        found, text = words.take(rf"(?:{pattern})\.?", text)
        if found:
            days.append(day)
    return text, tuple(days)


def _again(span: tuple[str, int], days: tuple[int, ...], rest: str, words: Words) -> str:
    """The rule of what comes again."""
    unit, every = span
    day = re.search(rf"(?<!\w)(?:{words.on_day})(?!\w)", rest)
    if unit == "month" and every == 1 and day and 1 <= int(day[1]) <= 31:
        rest = rest.replace(day[0], " ")
        rule = monthly(int(day[1]))
    elif unit == "day" and not days:
        rule = daily()
    elif unit == "working" and not days:
        rule = weekly(tuple(range(len(WORKING_DAYS))))
    elif unit == "week" and days and 1 <= every <= 8:
        rule = weekly(days, every)
    else:
        raise RefusedError(_TOO_OFTEN)
    if _rest(rest, words):
        raise _UnreadError
    return rule


def _day(text: str, words: Words, now: datetime, locale: str, at: time) -> datetime:
    """The day that a text names; without one the next on which the hour is to come."""
    for name, days in (("overmorrow", 2), ("tomorrow", 1), ("today", 0)):
        found, rest = words.take(getattr(words, name), text)
        if found:
            if _rest(rest, words):
                raise _UnreadError
            return now + timedelta(days=days)
    week, rest = words.take(words.next_week, text)
    coming, rest = words.take(words.next, rest)
    rest, days_named = _weekdays(rest, words)
    if len(days_named) == 1 and not _rest(rest, words):
        ahead = (days_named[0] - now.weekday()) % 7
        if week:
            return now + timedelta(days=7 - now.weekday() + days_named[0])
        is_over = ahead == 0 and (coming is not None or datetime.combine(now, at) <= now)
        return now + timedelta(days=7 if is_over else ahead)
    if not _rest(text, words):
        return now if datetime.combine(now, at) > now else now + timedelta(days=1)
    if slashed := _SLASHED.search(text):
        day, month = int(slashed[1]), int(slashed[2])
        if words.code == "en" and locale != "en-GB" and day != month and max(day, month) <= _NOON:
            raise RefusedError(_TWO_DATES, date=slashed[0])
    date = _date(text, words, now, locale)
    if days_named and date.weekday() not in days_named:
        raise RefusedError(_OTHER_DAY, date=f"{date:%Y-%m-%d}")
    return date


def _rest(text: str, words: Words) -> str:
    """What is left of a text without words that say nothing."""
    return re.sub(rf"(?<!\w)(?:{words.filler})(?!\w)|[\s,.]+", " ", text).strip()


def _date(text: str, words: Words, now: datetime, locale: str) -> datetime:
    """The moment or day that a date or a span of time names."""
    if _NO_MONTH.search(text):  # Else the month is taken for the day.
        raise _UnreadError
    found = _parsed(text, words, now, locale)
    if found is None:
        raise _UnreadError
    return found


def _parsed(text: str, words: Words, now: datetime, locale: str = "") -> datetime | None:
    import dateparser  # Only here: it takes a while to load.

    fronts = rf"^(?:\s|(?<!\w)(?:{words.filler})(?!\w))+"
    stripped = re.sub(fronts, "", text.replace("daqui a", "em")).strip(" ,")
    if not stripped or not re.search(r"\d|\w{3}", stripped):
        return None
    settings = {
        "RELATIVE_BASE": now,
        "PREFER_DATES_FROM": "future",
        "DATE_ORDER": "DMY" if words.code != "en" or locale == "en-GB" else "MDY",
        "RETURN_AS_TIMEZONE_AWARE": False,
        "REQUIRE_PARTS": ["day"],
    }
    tried = dict.fromkeys([" ".join(text.replace("daqui a", "em").split()).strip(" ,"), " ".join(stripped.split())])
    for one in tried:
        parsed: datetime | None = dateparser.parse(one, languages=[words.code], settings=settings)
        if parsed is not None:
            return parsed
    return None
