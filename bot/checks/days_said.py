"""Days of the week that a text says: by name, in a range, "at the weekend", by a date. Pure; names by CLDR, in ten languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from .dates import LANGUAGES, MONTH, any_of, bare, day_names

# Characters of a text that are read for days.
_MOST_READ = 30_000
_WORD = re.compile(r"[^\W\d_][^\W\d_’']*(?:-[^\W\d_]+)*")
_EVERY_DAY, _WORKING, _WEEKEND = frozenset(range(7)), frozenset(range(5)), frozenset({5, 6})
# What says several days at once.
_SEVERAL = (
    (_WEEKEND, r"week-?ends?|wochenenden?s?|fin(?:es)? de semana|fi(?:m|ns) de semana|fine settimana|akhir pekan"),
    (
        _WORKING,
        r"weekdays?|working days?|werktags?|werktagen?|wochentags?|unter der woche|entre semana|(?:días )?laborables?|en semaine"
        r"|jours? ouvr(?:és?|ables?)|dias? úte?i?s|durante a semana|giorni (?:feriali|lavorativi)|hari kerja",
    ),
    (
        _EVERY_DAY,
        r"daily|every ?day|each day|all week|seven days|7 days|täglich|jeden tag|alle tage|sieben tage|7 tage|a diario|diariamente"
        r"|cada día|todos los días|tous les jours|chaque jour|7 jours|todos os dias|todo dia|cada dia|ogni giorno|tutti i giorni"
        r"|setiap hari",
    ),
)
_SETS = [(days, re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)) for days, words in _SEVERAL]
# What a day may be called beside its name, which only whoever knows when it is read can hold against it.
_RELATIVE = re.compile(
    r"(?<!\w)(?:today|tonight|tomorrow|heute|morgen|hoy|mañana|aujourd['’]hui|ce soir|demain|hoje|amanhã|oggi|domani|stasera)(?!\w)",
    re.IGNORECASE,
)
_TO = r"\s?[.]?\s?(?:[-–—/]|to|till|until|through|thru|bis|à|au|a|al|hasta|até|ao|sampai)\s?(?:the |el |o )?"
_DATE = re.compile(
    rf"(?<!\d)\d{{1,2}}[./-]\d{{1,2}}(?!\d)|\d{{1,2}}\D{{0,6}}\b{MONTH}\b|\b{MONTH}\.?\s(?:the )?\d{{1,2}}|\d月\d",
    re.IGNORECASE,
)
# Scripts whose words are written together with others.
_JOINED = ("ja", "ar", "hi")


@cache
def _names() -> tuple[dict[str, int], dict[str, int]]:
    """The names of days of all languages in full, and the short ones of three letters and more."""
    full: dict[str, int] = {}
    short: dict[str, int] = {}
    for one in LANGUAGES:
        full |= day_names(one)[0]
        short |= {name: day for name, day in day_names(one)[1].items() if len(name) > 2}
    return full, {name: day for name, day in short.items() if name not in full}


@cache
def _range() -> re.Pattern[str]:
    day = rf"(?:{any_of({**_names()[0], **_names()[1]})})"
    return re.compile(rf"(?<![^\W\d_])({day})s?{_TO}({day})s?(?![^\W\d_])", re.IGNORECASE)


def weekday_of(name: str) -> int | None:
    """The day of the week that a name in full is of, 0 for Monday, in the plural or before an evening too; None for what is none."""
    full = _names()[0]
    plain = bare(name.strip().removesuffix("’s").removesuffix("'s"))
    if (day := full.get(plain, full.get(plain.removesuffix("s")))) is not None:
        return day
    # German writes in one what it is the day of: "Donnerstagabend".
    return next((day for known, day in day_names("de")[0].items() if plain.startswith(known)), None)


# The words of a text come again and again.
_weekday_of = lru_cache(maxsize=1024)(weekday_of)


def weekdays_said(text: str) -> list[tuple[str, int]]:
    """The names of days of the week in a text, as they are written, each with where it begins."""
    words = [(found.group(), found.start()) for found in _WORD.finditer(text[:_MOST_READ])]
    return [(word, at) for word, at in words if _weekday_of(word) is not None]


def short_weekdays(text: str) -> set[int]:
    """The days of the week that a text names in short: "weds", "sa"."""
    words = {word.casefold() for word in _WORD.findall(text[:_MOST_READ])}
    return {day for language in LANGUAGES for name, day in day_names(language)[1].items() if name in words}


def says_weekday(text: str, name: str) -> bool:
    """Whether a text says a day of the week in any of its words; a text with a date, or with "tomorrow", may mean that day."""
    wanted, text = weekday_of(name), text[:_MOST_READ]
    if wanted is None or _RELATIVE.search(text) or _DATE.search(text):
        return True
    return wanted in _days(text)


def _days(text: str) -> Iterator[int]:
    """The days that a text says in its words, some more than once."""
    short = _names()[1]
    for found in _WORD.finditer(text):
        for word in dict.fromkeys((found.group(), *found.group().split("-"))):
            if (day := weekday_of(word)) is not None:
                yield day
            elif (word[0].isupper() or text[found.end() : found.end() + 1] == ".") and word.casefold() in short:
                yield short[word.casefold()]
    for one in _JOINED:
        yield from (day for known, day in day_names(one)[0].items() if known in text)
    for days, words in _SETS:
        if words.search(text):
            yield from days
    both = {**_names()[1], **_names()[0]}
    for found in _range().finditer(text):
        first, last = (both[bare(found[place])] for place in (1, 2))
        yield from ((first + step) % 7 for step in range((last - first) % 7 + 1))
