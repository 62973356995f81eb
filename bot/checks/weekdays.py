"""Days of the week that a text names beside a date, and whether they fit it. Pure; names by CLDR, in ten languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from .dates import LANGUAGES, NTH, OF, any_of, bare, day_names, month_names
from .quantities import plain

# Characters of a text that are read for days.
MOST_READ = 6_000
# Short names that are usual words where no point or comma follows.
_WORDS_TOO = frozenset({"so"})
# How long ago a date may be whose day a text names without its year.
_RECENT = timedelta(days=120)
# Before this, countries kept different calendars.
_FIRST_YEAR = 1800
_EVERY = re.compile(
    r"(?:\b(?:every|each|jeden|jeder|jedem|chaque|tous les|cada|todos los|todos os|todas as|ogni|setiap|हर)|كل|毎週)\s*$",
    re.IGNORECASE,
)
_AND = (
    r"\s*(?:[-–—/&,+]|\b(?:to|till|until|through|thru|bis|und|oder|or|and|à|au|et|ou|a|al|hasta|y|e|o|até|ao|sampai|dan|से|और|و|إلى)\b)"
    r"\s*"
)
_ARTICLES = {"no": "na", "o": "a", "ao": "à", "do": "da", "este": "esta", "neste": "nesta", "pelo": "pela", "il": "la", "un": "una",
             "del": "della", "al": "alla", "dal": "dalla", "nel": "nella", "sul": "sulla"}  # fmt: skip
# Two days in a row, where one would be "mardi 25 décembre": "fermé le mardi, le 25 décembre".
_ROMANCE, _LISTED = frozenset({"fr", "es", "pt", "it"}), re.compile(r"^\s?,\s(?:le|el|o|il|dia|día)\s")
_ARTICLE = re.compile(r"(?<!\w)(\w{1,6})\s$")
# Characters between a date and a weekday that belong together, and the words that are looked at for it.
_NEAR = 40
_WORD = re.compile(r"[^\W\d_][\w-]{1,30}")
_YEAR = re.compile(r"(?<![\d.,/-])(?:19|20)\d\d(?![\d%])")


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A day of the week, 0 for Monday, beside a date; `year` None where none is said, `start` and `end` of the weekday's name.

    `other` is the date's day and month the other way round, where a country writes it so.
    """

    weekday: int
    day: int
    month: int
    year: int | None
    start: int
    end: int
    said: str
    other: tuple[int, int] | None = None

    @property
    def pairing(self) -> tuple[int, int, int]:
        """The weekday with its day and month."""
        return self.weekday, self.day, self.month


@dataclass(frozen=True, slots=True)
class Misnamed:
    """A day whose weekday does not fit: the words, the name with its place in the text, and the name that fits; empty where open."""

    day: NamedDay
    stated: str
    right: str
    start: int
    end: int


@cache
def _names(language: str) -> tuple[dict[str, int], dict[str, int]]:
    """The names of days and months that are read in a text: in full of all languages, and the short ones of its own."""
    days: dict[str, int] = {}
    months: dict[str, int] = {}
    for one in LANGUAGES:
        days |= day_names(one)[0]
        months |= {name: month for name, month in month_names(one).items() if one != "ja" and len(name) > 4}
    return days | day_names(language)[1], months | (month_names(language) if language != "ja" else {})


@cache
def _patterns(language: str) -> tuple[re.Pattern[str], ...]:
    days, months = _names(language)
    weekday = rf"(?P<weekday>{any_of(days)})"
    month = rf"(?P<month>{any_of(months)})(?![^\W\d_])[.॰]?"
    year = r"(?:\s?,?\s(?:de |del |do |dell')?(?P<year>\d{4})(?!\d))?"
    day = rf"(?<!\d)(?P<day>\d{{1,2}})(?!\d){NTH}"
    article = r"(?:the |den |dem |der |le |el |il |l['’]|o |dia |día |em |tanggal )?"
    after = rf"(?![^\W\d_])(?P<point>\.?\s?,\s?|\.\s|\s\(|\s){article}"
    own = r"(?<![^\W_])"
    aside = rf"(?:\s?\(|,\s(?:a|an|ein|un|una|um|uma)\s)(?:a |ein |un |it's a )?{weekday}(?![^\W\d_])"
    return tuple(
        re.compile(pattern, re.IGNORECASE)
        for pattern in (
            rf"{own}{weekday}{after}{day}{OF}\s?{month}{year}",
            rf"{own}{weekday}{after}{month}\s{day}{year}",
            rf"{own}{weekday}{after}(?P<day>\d{{1,2}})(?P<sign>[./])(?P<number>\d{{1,2}})(?:(?P=sign)(?P<year>\d{{4}})|\.)(?![\d/])",
            rf"{own}{weekday}{after}(?P<year>\d{{4}})-(?P<number>\d\d)-(?P<day>\d\d)(?!\d)",
            rf"(?<!\d)(?P<year>\d{{4}})-(?P<number>\d\d)-(?P<day>\d\d){aside}",
            rf"{day}{OF}\s?{month}{year}{aside}",
            rf"{own}{month}\s{day}{year}{aside}",
            r"(?:(?P<year>\d{4})年)?(?P<number>\d{1,2})月(?P<day>\d{1,2})日\s?[（(]?(?P<weekday>[月火水木金土日])(?:曜日?|(?=[)）]))",
        )
    )


def named_days(text: str, language: str) -> list[NamedDay]:
    """The days of the week that stand beside a date, in the order of the text."""
    flat = plain(text[:MOST_READ]).replace("（", "(").replace("）", ")")
    if not re.search(r"\d", flat):
        return []
    days, months = _names(language)
    found: dict[int, NamedDay] = {}
    for pattern in _patterns(language):
        for one in pattern.finditer(flat):
            groups = one.groupdict()
            name = bare(one["weekday"])
            weekday = "月火水木金土日".find(name) if len(name) == 1 else days.get(name, -1)
            month = int(groups["number"]) if groups.get("number") else months.get(bare(groups.get("month") or ""), 0)
            short = name in _WORDS_TOO and groups.get("point", ".").isspace()
            listed = language in _ROMANCE and _LISTED.search(flat[one.end("weekday") : one.end()]) is not None
            if (
                weekday < 0
                or short
                or one.start("weekday") in found
                or _is_range(flat, one.start("weekday"), language)
                or listed
            ):
                continue
            year = int(groups["year"]) if groups.get("year") else None
            day, other = int(one["day"]), None
            if groups.get("sign") == "/" and language == "en":
                other = (month, day)
            found[one.start("weekday")] = NamedDay(
                weekday, day, month, year, one.start("weekday"), one.end("weekday"), one.group(), other
            )
    return [found[start] for start in sorted(found)]


def _is_range(text: str, at: int, language: str) -> bool:
    """Whether a weekday is one of several, or of every week."""
    before = text[max(0, at - 40) : at]
    if _EVERY.search(before):
        return True
    joint = re.search(rf"({_AND})$", before)
    if joint is None:
        return False
    words = re.findall(r"[^\W\d_][\w-]*", before[: joint.start()])
    last = before[: joint.start()].rstrip(". ")
    return bool(words) and bare(words[-1]) in _names(language)[0] and last.endswith(words[-1])


def weekdays_near(text: str, language: str, day: int) -> set[int]:
    """The days of the week that a text names close to a number, whatever stands between."""
    flat = plain(text[:MOST_READ])
    days = _names(language)[0]
    found = set()
    for number in re.finditer(rf"(?<!\d)0?{day}(?!\d)", flat):
        near = flat[max(0, number.start() - _NEAR) : number.end() + _NEAR]
        found |= {days[word] for one in _WORD.findall(near) if (word := bare(one)) in days}
    return found


def misnamed_days(text: str, language: str, today: date, told: str = "") -> list[Misnamed]:
    """The days of a text whose weekday is that of no year that may be meant, or another than `told` names beside the same date.

    That is the year beside it; without one the year that `told` or the text name, else the next time that the date comes,
    or the last where that is not long ago.
    """
    days = named_days(text, language)
    if not days:  # As in most texts; what was told is longer.
        return []
    named = {int(year) for source in (told, text) for year in _YEAR.findall(source[:MOST_READ])}
    years = sorted(year for year in named if year >= today.year - 1)
    said = {(day.day, day.month): day.weekday for spoken in {language, "en"} for day in named_days(told, spoken)}
    found = list[Misnamed]()
    for one in days:
        wanted = said.get((one.day, one.month), one.weekday)
        if wanted != one.weekday:
            stated, right, start = _renamed(text, one, wanted, language)
            found.append(Misnamed(one, stated, right, start, one.end))
        elif wrong := _misnamed(one, text, language, today, years):
            found.append(wrong)
    return found


def _misnamed(one: NamedDay, text: str, language: str, today: date, years: Sequence[int]) -> Misnamed | None:
    orders = [(one.day, one.month), *([one.other] if one.other else [])]
    meant = [when for day, month in orders for when in _meant(day, month, one.year, today, years)]
    if not meant or any(when.weekday() == one.weekday for when in meant):
        return None
    open_year = one.year is None and len(years) > 1
    fits = {when.weekday() for when in meant[: None if one.other or open_year else 1]}
    if len(fits) != 1:
        return Misnamed(one, text[one.start : one.end], "", one.start, one.end)
    stated, right, start = _renamed(text, one, fits.pop(), language)
    return Misnamed(one, stated, right, start, one.end)


def _meant(day: int, month: int, year: int | None, today: date, years: Sequence[int]) -> Iterator[date]:
    """The dates that may be meant, the likeliest first."""
    if year:
        wanted = [year]
    else:
        near = _of(today.year, month, day)
        coming = today.year if near and near >= today else today.year + 1
        last = _of(coming - 1, month, day)
        wanted = [*dict.fromkeys(years), coming, *([coming - 1] if last and today - last <= _RECENT else [])]
        if (month, day) == (2, 29):
            wanted += [coming + more for more in range(1, 8)]
    yield from (when for one in wanted if one >= _FIRST_YEAR and (when := _of(one, month, day)))


def _of(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _renamed(text: str, one: NamedDay, weekday: int, language: str) -> tuple[str, str, int]:
    """The weekday's name as it stands, the one that fits in the same form, and where the first begins, with an article that changes."""
    stated = text[one.start : one.end]
    plain_name = bare(stated)
    if len(plain_name) == 1:
        return stated, "月火水木金土日"[weekday], one.start
    order = [language, *(other for other in LANGUAGES if other != language)]
    for spoken in order:
        for names in day_names(spoken):
            if names.get(plain_name) == one.weekday:
                own = [name for name, day in names.items() if day == weekday]
                alike = sorted(
                    own, key=lambda name: ("-" in name) != ("-" in plain_name or plain_name in ("sábado", "domingo"))
                )
                right = _cased(alike[0], stated)
                return _with_article(text, one, stated, right, spoken)
    return stated, "", one.start


def _cased(name: str, like: str) -> str:
    if like.isupper():
        return name.upper()
    return name[:1].upper() + name[1:] if like[:1].isupper() else name


def _with_article(text: str, one: NamedDay, stated: str, right: str, spoken: str) -> tuple[str, str, int]:
    """The names with the article before them, where the two have not the same gender."""
    before = _ARTICLE.search(text[: one.start][-8:])
    feminine = [_is_feminine(name, spoken) for name in (stated, right)]
    if spoken not in ("pt", "it") or before is None or feminine[0] == feminine[1]:
        return stated, right, one.start
    word = before[1]
    table = _ARTICLES if not feminine[0] else {her: his for his, her in _ARTICLES.items()}
    if word.casefold() not in table:
        return stated, right, one.start
    return f"{word} {stated}", f"{_cased(table[word.casefold()], word)} {right}", one.start - len(word) - 1


def _is_feminine(name: str, spoken: str) -> bool:
    return bare(name) == "domenica" if spoken == "it" else bare(name) not in ("sábado", "domingo", "sáb", "dom")
