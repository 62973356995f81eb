"""Amounts that a text says in words, or in digits that are free as figures: "six pounds", "dozens of families", "2 months". Pure.

Six languages (worded.toml), whose words of numbers text2num reads. Better to miss an amount than to take an idiom for one: small
numbers count where a unit stands behind them, and of things only those are looked at whose number would be a claim.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal

from text_to_num import alpha2digit

from .amounts import in_digits
from .dates import full_month_names

# Characters of a text that are read for amounts, and of a source for numbers.
MOST_READ, MOST_SEARCHED = 8_000, 16_000
LANGUAGES = ("en", "de", "fr", "es", "pt", "it")
Sort = Literal["money", "share", "span", "measure", "time", "date", "count", "many"]
# The least number that is looked at with people and things, and with those that nothing is known of.
_LEAST_COUNTED, _LEAST_OF_ANYTHING = 3, 11
# "A hundred percent" is no share, and "a thousand years" are no span.
_WHOLE, _LEAST_AGES = Fraction(100), 1000
_MOST_DAYS, _MOST_HOURS, _HOUR = 31, 24, 3600
# Hours of the clock that may be hours that pass as well.
_HOURS = re.compile(r"heure|hora", re.IGNORECASE)
_HOURS_AND_MINUTES = re.compile(r"(?<![\d.,:])(\d{1,2})\s?h(?:\s?([0-5]\d))?(?!\w)", re.IGNORECASE)
_BEFORE = 24
_LETTER = r"[^\W\d_]"
# Languages whose word before an hour makes it a part of one.
_PARTS = frozenset({"en", "de"})
# A number in words goes on from no digits, as "4 million" does, and from no other word.
# Whole numbers that are free as figures, so that what stands behind one tells whether it is a claim; none of a range, a list or a date.
_FREE = re.compile(r"(?<![\w.,:/–-])(?<!\d[ \u00a0])(?:[2-9]|10)(?![\w.,:/])")
_LIKE_WORDS = ("span", "measure", "count")
_FIRST = r"(?<![\w-])(?<!\d[ \u00a0])"
_HYPHEN = r"[ \u00a0-]"


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount: its words, what it is of, its number, and how many seconds a span of time has, with its unit's; 0 for others.

    `part` says of a time that it is a part of the hour: "half past six", "halb sieben".
    """

    said: str
    sort: Sort
    value: Fraction
    start: int
    seconds: Fraction = Fraction(0)
    unit: int = 0
    part: bool = False

    @property
    def number(self) -> str:
        """The number in digits."""
        return _digits(self.value)


@dataclass(frozen=True, slots=True)
class _Language:
    """How a language says amounts."""

    code: str
    run: re.Pattern[str]
    unit: re.Pattern[str]
    noun: re.Pattern[str]
    hour: re.Pattern[str] | None
    clause: re.Pattern[str]
    date: re.Pattern[str]
    day_of: re.Pattern[str] | None
    more: re.Pattern[str]
    collective: re.Pattern[str]
    many: re.Pattern[str]
    halves: re.Pattern[str]
    idioms: re.Pattern[str]
    names: dict[str, list[tuple[re.Pattern[str], int]]]
    round: frozenset[int]
    days: list[re.Pattern[str]]


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files("bot.checks") / "worded.toml").read_text(encoding="utf-8"))


@cache
def _language(code: str) -> _Language:
    row = _table()[code]

    def compiled(pattern: str) -> re.Pattern[str]:
        return re.compile(pattern, re.IGNORECASE)

    def named(name: str) -> list[tuple[re.Pattern[str], int]]:
        return [(compiled(pattern), value) for pattern, value in row[name].items()]

    numbers = "|".join(sorted(row["numbers"], key=len, reverse=True))
    joint = rf"(?:{row['and'].strip()}{_HYPHEN})?" if row["and"] else ""
    if row.get("joined"):
        ends = rf"(?:(?!\w)|(?={'|'.join(row['lasting'])}))" if "lasting" in row else r"(?!\w)"
        run = rf"{_FIRST}(?!und|zig|mila)(?:{numbers}){{1,9}}+(?:einhalb)?(?: million(?:en)?)?{ends}"
    else:
        run = rf"{_FIRST}(?:{numbers})(?!\w)(?:{_HYPHEN}{joint}(?:{numbers})(?!\w)){{0,8}}"
    function = "|".join([*row["function"], *row["collective"], *row["vague"]])
    between = rf"(?:{row['of']})?(?:(?!(?:{function})(?!\w)){_LETTER}{{2,20}} )?"
    units = "|".join(rf"(?P<{sort}>{'|'.join(row[sort])})" for sort in ("money", "share", "measure"))
    span = "|".join(row["span"])
    things = rf"(?P<counted>{'|'.join(row['counted'])})|(?P<crowd>{'|'.join(row['crowd'])})"
    month = "|".join(full_month_names(code))
    first = "|".join(row["days"])
    day_of = None
    if code == "en":
        day_of = rf"(?<!\w)(?:(?P<day>{first}) of (?:{month})|(?:{month}),? the (?P<day2>{first}))(?!\w)"
    elif code == "de":
        day_of = rf"(?<!\w)(?P<day>{first}) (?:{month})(?!\w)"
    half = r"(?P<half> and a half)?" if code == "en" else ""
    behind = rf"{half}{_HYPHEN}+(?:{units}|(?P<time>{row['clock']})|{between}(?:(?P<span>{span})|{things}))(?!\w)"
    return _Language(
        code=code,
        run=compiled(run),
        unit=compiled(behind),
        noun=compiled(rf" (?!(?:{function})(?!\w))(?P<noun>{_LETTER}{{4,30}})(?!\w)"),
        hour=compiled(rf"(?<!\w)(?:{row['hour']}) $") if row["hour"] else None,
        # An hour that has its word before it alone ends a clause, so that "a las dos personas" is none.
        clause=compiled(
            rf" (?:{row['day']})(?!\w)|(?=\s*(?:[.,;:!?)]|$))" if "day" in row else r"(?=\s*(?:[.,;:!?)]|$))"
        ),
        date=compiled(rf" (?:{'' if code in ('fr', 'it') else 'de '})(?:{month})(?!\w)"),
        day_of=compiled(day_of) if day_of else None,
        more=compiled(rf"(?<!\w){row['more']} (?:an? |une? |una? |uma? )?$"),
        collective=compiled(
            rf"(?<![\w-])(?P<collective>{'|'.join(row['collective'])})(?!\w) ?{between}"
            rf"(?:{units}|(?P<span>{span})|{things})(?!\w)"
        ),
        many=compiled(rf"(?<![\w-])(?P<vague>{'|'.join(row['vague'])})(?!\w) ?{between}(?:{things})(?!\w)"),
        halves=compiled(rf"(?<!\w)(?:{'|'.join(rf'(?:{one})' for one in row['halves'])})(?!\w)"),
        idioms=compiled(rf"(?<!\w)(?:{'|'.join(row['idioms'])})(?!\w)"),
        names={name: named(name) for name in ("span", "collective", "vague", "halves")},
        round=frozenset(row["round"]),
        days=[compiled(one) for one in row["days"]],
    )


def amounts_said(text: str, language: str) -> list[Amount]:
    """The amounts that a text says in words of its language, or in small digits, in its order; none in a language that is not read."""
    if language not in LANGUAGES:
        return []
    spoken = _language(language)
    text = spoken.idioms.sub(lambda found: "§" * len(found.group()), text[:MOST_READ])
    found = [*_behind_numbers(text, spoken), *_collectives(text, spoken), *_dates(text, spoken)]
    kept: dict[int, Amount] = {}
    for one in sorted(found, key=lambda one: (one.start, -len(one.said))):
        kept.setdefault(one.start, one)
    return list(kept.values())


def numbers_in_words(text: str) -> frozenset[str]:
    """The numbers that a text says in words of any language that is read, in digits; of a span of time no more than its number."""
    return _numbers(text[:MOST_SEARCHED])


@lru_cache(maxsize=64)
def _numbers(text: str) -> frozenset[str]:
    found: set[str] = set()
    for code in LANGUAGES:
        spoken = _language(code)
        found.update(_digits(value) for run in spoken.run.finditer(text) for value in _values(run.group(), code))
        found.update(one.number for one in [*_collectives(text, spoken), *_dates(text, spoken)])
        found.update(str(value) for pattern, value in spoken.names["collective"] if pattern.search(text))
    return frozenset(found)


@lru_cache(maxsize=64)
def spans_of(text: str) -> frozenset[Fraction]:
    """The spans of time in seconds that a text gives in digits or in words, in any language that is read; an "hour" alone is one."""
    plain = in_digits(text[:MOST_READ])
    found = {one.seconds for code in LANGUAGES for one in amounts_said(text, code) if one.seconds}
    for code in LANGUAGES:
        for one in _spans(code).finditer(plain):
            value = Fraction((one[1] or "1").replace(",", "."))
            found.add(value * _unit_of(one[2], _language(code).names["span"]))
    found.update(Fraction(_HOUR * int(one[1]) + 60 * int(one[2] or 0)) for one in _HOURS_AND_MINUTES.finditer(plain))
    return frozenset(found)


@cache
def _spans(code: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?:(?<![\d.,:])(\d{{1,6}}(?:[.,]\d{{1,2}})?){_HYPHEN}?|(?<!\w))({'|'.join(_table()[code]['span'])})(?!\w)",
        re.IGNORECASE,
    )


def _digits(value: Fraction) -> str:
    return str(value) if value.denominator == 1 else str(float(value))


def _unit_of(name: str, named: Iterable[tuple[re.Pattern[str], int]]) -> int:
    """What a name stands for."""
    return next(value for pattern, value in named if pattern.fullmatch(name))


@lru_cache(maxsize=4096)
def _values(run: str, code: str) -> tuple[Fraction, ...]:
    """The numbers of some words of numbers: "two and three" are two."""
    half = code == "de" and run.casefold().endswith("einhalb")
    whole = run[: -len("einhalb")] if half else run
    digits = alpha2digit(whole.casefold().replace("\u00a0", " "), code, threshold=0)
    found = tuple(Fraction(one) for one in re.findall(r"\d+", digits))
    return (*found[:-1], found[-1] + Fraction(1, 2)) if half and found else found


def _behind_numbers(text: str, spoken: _Language) -> Iterator[Amount]:
    for run in spoken.run.finditer(text):
        values = _values(run.group(), spoken.code)
        if values and (amount := _amount(text, run, values[-1], spoken)):
            yield amount
    for run in _FREE.finditer(text):
        amount = _amount(text, run, Fraction(run.group()), spoken)
        if amount and amount.sort in _LIKE_WORDS:
            yield amount


def _amount(text: str, run: re.Match[str], value: Fraction, spoken: _Language) -> Amount | None:
    """What the words around a number make of it; None where it is no amount."""
    start, end = run.span()
    before = text[max(0, start - _BEFORE) : start]
    hour = spoken.hour.search(before) if spoken.hour else None
    if found := spoken.unit.match(text, end):
        if found.groupdict().get("half"):
            value += Fraction(1, 2)
        known = _sort_and_unit(found, value, spoken)
    elif spoken.day_of is None and value <= _MOST_DAYS and (found := spoken.date.match(text, end)):
        known = "date", 0
    elif hour and 0 < value <= _MOST_HOURS and (found := spoken.clause.match(text, end)):
        known = "time", 0
    elif value >= _LEAST_OF_ANYTHING and (found := spoken.noun.match(text, end)):
        known = ("count", 0) if value not in spoken.round or spoken.more.search(before) else None
    else:
        known = None
    if known is None or found is None:
        return None
    sort, unit = known
    if hour:
        start -= len(hour.group())
    part = hour is not None and spoken.code in _PARTS
    return Amount(text[start : found.end()], sort, value, start, value * unit, unit, part)


def _sort_and_unit(found: re.Match[str], value: Fraction, spoken: _Language) -> tuple[Sort, int] | None:
    """What a number with its unit is, and the seconds of the unit of a span; None where it says too little."""
    words = found.groupdict()
    several = value > 1
    if words["money"]:
        # Elsewhere "one" is the article as well.
        return ("money", 0) if several or spoken.code == "en" else None
    if words["share"]:
        return ("share", 0) if value != _WHOLE else None
    if words["measure"]:
        return ("measure", 0) if several else None
    if words["time"]:
        lasts = _HOURS.match(words["time"])
        return None if lasts and not several else ("time", _HOUR if lasts else 0)
    if words["span"]:
        ages = value >= _LEAST_AGES and value in spoken.round
        return ("span", _unit_of(words["span"], spoken.names["span"])) if several and not ages else None
    listed = found.string[found.end() : found.end() + 1] == ":"
    return (
        ("count", 0) if value >= (_LEAST_COUNTED if words["counted"] else _LEAST_OF_ANYTHING) and not listed else None
    )


def _collectives(text: str, spoken: _Language) -> Iterator[Amount]:
    """Dozens, and "half an hour"."""
    for found in spoken.collective.finditer(text):
        value = Fraction(_unit_of(found["collective"], spoken.names["collective"]))
        start = found.start()
        run = next(
            (
                one
                for one in spoken.run.finditer(text, max(0, start - _BEFORE), start)
                if text[one.end() : start] == " "
            ),
            None,
        )
        if run and (values := _values(run.group(), spoken.code)):
            value, start = value * values[-1], run.start()
        unit = _unit_of(found["span"], spoken.names["span"]) if found["span"] else 0
        sorts: tuple[Sort, ...] = ("money", "share", "measure", "span")
        sort: Sort = next((one for one in sorts if found[one]), "count")
        yield Amount(text[start : found.end()], sort, value, start, value * unit, unit)
    for found in spoken.many.finditer(text):
        fewest = Fraction(_unit_of(found["vague"], spoken.names["vague"]))
        yield Amount(found.group(), "many", fewest, found.start())
    for found in spoken.halves.finditer(text):
        minutes = Fraction(_unit_of(found.group(), spoken.names["halves"]))
        yield Amount(found.group(), "span", minutes, found.start(), minutes * 60, 60)


def _dates(text: str, spoken: _Language) -> Iterator[Amount]:
    """Days of a month by their ordinal: "the third of May"."""
    if spoken.day_of is None:
        return
    for found in spoken.day_of.finditer(text):
        said = found["day"] or found.groupdict().get("day2") or ""
        day = next(at for at, one in enumerate(spoken.days, 1) if one.fullmatch(said))
        yield Amount(found.group(), "date", Fraction(day), found.start())
