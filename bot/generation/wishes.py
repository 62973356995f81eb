"""Reads from a brief what it says about form: how many, how long, where, in which shape and language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import lru_cache

from bot.briefs import Reading, read_by_patterns
from bot.checks.amounts import NUMBER, SMALL, in_digits
from bot.content import MOST_MINUTES, Count, Kind, Wishes
from bot.kinds._shared import MOST_READ as MOST_READ
from bot.kinds._shared import bounds as bounds
from bot.kinds._shared import forms_in, trimmed
from personas.profile import Profile

from .marks import marks
from .nouns import BETWEEN, NOUNS
from .understood import with_reading

# A part of a brief that is longer is about more than form.
LONGEST_FORM = 200
_NUMBERS = SMALL["en"] | {"twenty": 20, "a": 1, "an": 1, "half a dozen": 6, "a dozen": 12}
_DIGITS = r"\d{1,24}(?:[.,]\d{1,3}(?!\d))?"
# In words, but for "a", which is an article, and none, which is said of the noun alone: "zero waste" is no number of anything.
_SAID = [word for word in sorted(_NUMBERS, key=len, reverse=True) if word not in ("a", "an", "zero")]
_N = rf"(?:{_DIGITS}|{'|'.join(_SAID)})"
_SPELLED = "|".join(word for word in _SAID if " " not in word)
_LIMIT_WORDS = r"(?:max(?:imum)?\.?(?:\s+of)?|at most|under|below|up to|no more than|within|less than|<=?)"
_UNIT = r"(?P<unit>char(?:acter)?s?|letters?|words?)"
_CAP = re.compile(
    rf"(?<![\w'-])(?P<before>(?:[\w'-]{{1,30}}\s+){{0,3}}){_LIMIT_WORDS}\s*(?P<n>\d{{1,5}}|{_SPELLED})\s*-?{_UNIT}"
    r"(?P<each>\s+(?:each|apiece|per\b))?"
    rf"|(?<![\w'-])(?P<before2>(?:[\w'-]{{1,30}}\s+){{0,3}}?)(?:{_N}\s*(?:-|–|to)\s*)?(?P<n2>\d{{1,5}}|{_SPELLED})\s*-?"
    r"(?P<unit2>char(?:acter)?s?|letters?|words?)\s*(?:(?P<each2>each|apiece|per\s)|max(?:imum)?|at most|or (?:less|fewer|under)|tops)",
    re.IGNORECASE,
)
_DURATION = re.compile(
    rf"(?<!\d[.,])\b({_DIGITS})\s*-?\s*(?P<unit>min(?:ute)?s?|minuten|minutos|hours?|hrs?|h)\b"
    rf"(?:\s*(?:and\s+)?(?P<seconds>\d{{1,2}})\s*(?:s|secs?|seconds?)\b)?",
    re.IGNORECASE,
)
_SECONDS = re.compile(
    rf"(?<!\d[.,])\b({_DIGITS})\s*-?\s*(?P<unit>s|secs?|seconds?|sekunden|segundos|secondes|detik|सेकंड|秒|ثانية)(?!\w)",
    re.IGNORECASE,
)
_WORDS = re.compile(r"(?<!\d[.,])\b(\d{2,24}|0)[- ]words?\b", re.IGNORECASE)
# What may not stand between a number and its noun.
_APART = r"words?\b|char|(?:and|or|on|of|for|with|about|from|per|each|minutes?|mins?|hours?|seconds?|percent)\b(?!-)"
# What stands behind a number that has its noun before it: "worth 20, for 3 groups", not "worth 20 minutes".
_ENDS = r"\s*(?:$|[,.;:!?)\n](?!\d))|\s+(?:and|or|on|about|for|in|with|over|across|from|to|as|by|per|that|why|how|altogether)\b"
_TO = r"\s*(?:-|–|to|or|bis)\s*"
_MINUS = re.compile(r"(?:(?<![\w)\]-])[-−–]|\bminus )$", re.IGNORECASE)
_RATIO = re.compile(r"(?<![\d:.])(\d{1,2})\s*:\s*(\d{1,2})(?![\d:])(?!\s*[ap]\.?m)")
_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december"
    "|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
)
# A sum with its thousands apart and its cents. A sign is part of it, while "-20%" is "20% off" as well. A dash between two
# numbers or before a space is no sign.
_MONEY = r"(?:\d{1,3}(?:(?:['’ \u00a0\u202f]\d{3}(?!\d))+|(?:\.\d{3}(?!\d))+|(?:,\d{3}(?!\d))+)(?:[.,]\d{1,2}(?!\d))?|\d+(?:[.,:]\d+)*)"
_SIGN = r"(?:(?<![\w)\]\-−–.,])[-−–])"
_FIGURE = re.compile(
    rf"\d{{1,2}}(?:st|nd|rd|th)?(?:\s+of)?\s+(?:{_MONTHS})\b|\b(?:{_MONTHS})\s+\d{{1,2}}(?:st|nd|rd|th)?\b"
    rf"|{_SIGN}?[$€£]\s?{_MONEY}|{_SIGN}?\b(?:chf|eur|usd|gbp)\s?{_MONEY}|{_SIGN}?(?<![\d.,:]){_MONEY}\s?(?:[€£$]|euros?\b|pounds?\b|dollars?\b|(?:chf|eur|usd|gbp)\b)"
    r"|(?<![\d.,:])\d+(?:[.,:]\d+)*\s?(?:%|percent\b|[ap]m\b)|\b\d{1,2}:\d{2}\b",
    re.IGNORECASE,
)
# What stands before the day on which a text is sent, which is no matter of the text.
_SENT = re.compile(
    r"\b(?:go(?:es|ing)? out|(?:send|post|publish) (?:it|this|them|the \w+)(?: out)?|to be (?:sent|posted|published)(?: out)?"
    r"|embargo(?:ed)?)"
    r"\s+(?:on|at|until|till|by)?\s*(?:\w+day,?\s+)?$",
    re.IGNORECASE,
)
_MOST_BEFORE = 60
_PEOPLE = (
    r"(?:parents|families|customers|clients|members|subscribers|followers|readers|staff|employees|colleagues|students|pupils|teachers"
    r"|volunteers|donors|guests|visitors|neighbou?rs|users|players|fans|(?:the |my |our )?team|everyone|everybody|(?:year|grade) \d+)"
)
# Whom a text goes to: "to our regular customers", "to Sam", "for parents". What it is for may be its matter: "ad for shoes".
_TO_WHOM = (
    rf"(?:\s+to\s+(?:(?i:(?:all|our|my|the|your|a|an|new)\s+(?:[\w'’&-]+\s+){{0,3}}?[\w'’&-]+|{_PEOPLE})|[A-Z][\w.'’-]*(?:\s+[A-Z][\w.'’-]*){{0,2}})"
    rf"|\s+(?i:for\s+(?:(?:all|our|my|the|your|new)\s+){{0,2}}(?:[\w-]+\s+)?{_PEOPLE}))"
)
_ORDERED = re.compile(
    r"^(?i:(?:(?:please|pls|can you|could you|i need|we need|need|give me|make|write|create|draft|do)\s+)*"
    r"(?:(?:me|us|a|an|the|one|our|short|quick|new)\s+)*(?:\d{1,4}[ -]words?\s+)?"
    r"(?:[\w-]+\s+)?(?:tweet|post|caption|email|e-mail|mail|newsletter|ad|ads|announcement|message|explanation|quiz|lesson"
    r"|sms|text message|press release|release|article|slogans?|taglines?|motto|landing page|product description|campaign"
    r"|meta (?:title|description)|rewrite|letter|note|reminder|invitation)"
    r"(?:\s+(?:for|on|to)\s+(?:x|twitter|instagram|linkedin|facebook|threads|bluesky|mastodon|tiktok|pinterest|youtube))?)"
    rf"{_TO_WHOM}?\s*"
    r"(?i:(?:[:,]|-(?!\d))\s*|(?:announcing|saying|telling \w+|to say|to announce)\s+(?:that\s+)?|about\s+|that\s+"
    r"|on\s+(?!\d|(?:mon|tues|wednes|thurs|fri|satur|sun)day))",
)
_ANNOUNCE = re.compile(
    r"^(?:please\s+)?(?:(?:announce|say)\s+(?:that\s+)?|tell\s+(?:[\w-]+\s+){1,3}?that\s+)", re.IGNORECASE
)
_ABOUT_FORM = re.compile(
    r"\b(?:max(?:imum)?|at most|words?|characters?|chars?|hashtags?|emojis?|headlines?|descriptions?|options?|preview text"
    r"|preheader|subject|links?|minutes?|negative prompt|bullets?)\b",
    re.IGNORECASE,
)


_KEYWORD = re.compile(
    r"\b(?:key\s?(?:word|phrase)|search term|rank(?:ing)? for|targeting|schlüsselwort|suchwort|suchbegriff|palabra clave|mot[- ]clé"
    r"|palavra[- ]chave)s?\b(?:\s+(?:is|are|being|should be|ist|es|est|é))?\s*[:=]?\s*"
    r"(?:[\"“„‘'«]\s*([^\"”“’'»\n]{2,60}?)\s*[\"”“’'»]|([^\W\d_][^,;.:\n\"“(]{1,40}?)"
    r"(?=[,;.:\n(]|\s+(?:in|and|with|for|must|should|near the)\s|\s*$))",
    re.IGNORECASE,
)
_ONLY_FORM = re.compile(
    rf"(?:(?:with|and|give me|in|at|about|please)\s+)*(?:[\w-]+\s+)?{_LIMIT_WORDS}?\s*(?:{NUMBER}k?|{_N})(?:\s*(?:-|–|to)\s*{_N})?\s*-?"
    r"(?:[\w-]+\s+){0,2}?(?:char(?:acter)?s?|words?|hashtags?|emojis?|headlines?|descriptions?|options?|questions?|items?|links?"
    rf"|minutes?|variants?|variations?)(?:\s+(?:max(?:imum)?|only|each|and\s+(?:{_N})\s+[\w-]+))*",
    re.IGNORECASE,
)


def read_wishes(brief: str, kind: Kind, profile: Profile, reading: Reading | None = None) -> Wishes:
    """What the brief says about form, for a kind; `reading` where it has been read already. Pure, and quick on any text."""
    brief = brief[:MOST_READ]
    numbered = in_digits(brief)
    said_time = _said_time(numbered) if kind.seconds else _minutes(numbered)
    minutes = minutes_in(brief)
    if said_time and kind.minutes:
        least, most = kind.minutes
        minutes = min(max(_whole(said_time[1] / 60), least), most)
    elif minutes is None:
        minutes = next(filter(None, map(minutes_in, profile.facts)), None)
    found = list(_counts(numbered, kind))
    wishes = Wishes(
        counts={noun: _whole_ones(low, high) for noun, (low, high), _ in found},
        place=_place(brief, kind),
        minutes=minutes,
        words=words_in(numbered),
        ratio=_ratio(brief),
        figures=tuple(figures_in(brief)),
        message=message_of(brief),
        keyword=_keyword(brief),
        said={noun: words for noun, _, words in found if words},
        fractions={noun: low for noun, (low, high), _ in found if low == high and low % 1},
        said_time=said_time,
    )
    return with_reading(wishes, reading if reading is not None else read_by_patterns(brief, kind.name), kind)


def number(text: str) -> int:
    """The value of "5", "٥" or "five".

    Raises:
        ValueError: it is no whole number.
    """
    text = text.strip().casefold()
    return _NUMBERS[text] if text in _NUMBERS else int(text)


def _amount(text: str, words: Mapping[str, int] = _NUMBERS) -> Decimal:
    """The value of a number that a pattern found, in digits or one of some words."""
    text = text.casefold()
    return Decimal(words[text] if text in words else text.replace(",", "."))


def _whole(value: Decimal) -> int:
    """The whole number that is nearest; the larger one of two."""
    return int(value.to_integral_value(ROUND_HALF_UP))


def _whole_ones(low: Decimal, high: Decimal) -> tuple[int, int]:
    """The whole numbers between two, else the nearest one."""
    least, most = int(low.to_integral_value(ROUND_CEILING)), int(high.to_integral_value(ROUND_FLOOR))
    return (least, most) if least <= most else (_whole(low), _whole(low))


def is_in_seconds(said: str) -> bool:
    """Whether words for a duration say it in seconds."""
    return bool(_SECONDS.search(said))


def minutes_in(text: str) -> int | None:
    """The first duration in a text, in minutes."""
    found = _minutes(in_digits(text[:MOST_READ]))
    return _whole(found[1] / 60) if found and 30 <= found[1] <= 60 * MOST_MINUTES else None


@lru_cache(maxsize=16)
def _without_caps(brief: str) -> str:
    return _CAP.sub(" ", brief)


def figures_in(brief: str) -> Iterator[str]:
    """Dates, prices, shares and times of a brief: what its result must hold word for word; not when it is to be sent."""
    matter = _without_caps(brief[:MOST_READ])
    for found in _FIGURE.finditer(matter):
        if not _SENT.search(matter[max(0, found.start() - _MOST_BEFORE) : found.start()]):
            yield found.group().strip()


def message_of(brief: str) -> str:
    """The brief without the words that only order it: "tweet: we're closed on Monday" gives "we're closed on Monday"."""
    brief = brief[:MOST_READ]
    sentences = [part.strip() for part in re.split(r"(?<=[.!?])\s+|\n+", brief.strip()) if part.strip()]
    about_matter = [part for part in sentences if not _ABOUT_FORM.search(_ORDERED.sub("", part, count=1))]
    kept = " ".join(about_matter or sentences[:1])
    said = trimmed(_ORDERED.sub("", kept, count=1), " ,;:-") or kept
    return _ANNOUNCE.sub("", said, count=1) or said


def matter_of(brief: str) -> str:
    """The brief without the parts between commas that are only about form, which code sees to: "3 hashtags", "max 60 chars"."""
    brief = brief[:MOST_READ]
    sentences = re.split(r"(?<=[.!?])\s+|\n+", brief.strip())
    kept = []
    for sentence in sentences:
        parts = re.split(r"(,\s+)", sentence)
        matter = [
            part for part in parts[::2] if len(part) > LONGEST_FORM or not _ONLY_FORM.fullmatch(part.strip(" .!?"))
        ]
        if matter:
            kept.append(", ".join(matter))
    return " ".join(kept) or brief.strip()


_Number = tuple[tuple[Decimal, Decimal], str]


def _counts(brief: str, kind: Kind) -> Iterator[tuple[str, tuple[Decimal, Decimal], str]]:
    """(noun, (from, to), the words that say so) of everything that the kind has a number of."""
    counts = [mark for mark in marks(kind.output, Count) if mark.nouns]
    counts += [*([kind.series] if kind.series else []), *kind.counted]
    groups = [(mark.nouns, mark.named, mark.before) for mark in counts]
    groups += [(("hashtag",), 0, ()), (("option", "choices", "answer"), 0, ()), (("channel",), 0, ())]
    for nouns, named, before in groups:
        found = _number_of(brief, nouns, before)
        options = _options_of_form(brief) if nouns[0] == "option" else 0
        if options and (not found or "answer" in found[1].casefold()):
            yield nouns[0], (Decimal(options),) * 2, ""
        elif found:
            yield nouns[0], *found
        elif named and re.search(rf"\b(?:{'|'.join(map(re.escape, nouns))})(?:s|es)?\b", brief, re.IGNORECASE):
            yield nouns[0], (Decimal(named),) * 2, ""


def _number_of(brief: str, nouns: tuple[str, ...], before: tuple[str, ...]) -> _Number | None:
    """From how many to how many of something a brief wants, and its words for that: what stands first, in any language."""
    if before and (told := _told_before(before).search(brief)):
        span = told.group()[told.start("low") - told.start() :].strip()
        return _between(told, "en"), f"{span} {nouns[0]}s"
    said = brief.casefold()
    found = [
        (one.start(), at, language, one)
        for at, (language, names, pattern) in enumerate(_asking(nouns))
        if any(name in said for name in names) and (one := pattern.search(brief))
    ]
    if not found:
        return None
    start, _, language, first = min(found, key=lambda one: one[:2])
    low, high = _between(first, language)
    shown = " ".join(first.group().split())
    return ((-low, -low), f"-{shown}") if _is_minus(brief, start) else ((min(low, high), max(low, high)), shown)


def _between(found: re.Match[str], language: str) -> tuple[Decimal, Decimal]:
    words = _NUMBERS if language == "en" else SMALL.get(language, {})
    low = _amount(found["low"], words)
    return low, _amount(found["high"], words) if found["high"] else low


@lru_cache(maxsize=64)
def _told_before(before: tuple[str, ...]) -> re.Pattern[str]:
    """A number that has the words for what it counts before it."""
    words = "|".join(before)
    return re.compile(rf"(?<![\w/])(?:{words})\s*(?P<low>{_N})(?:{_TO}(?P<high>{_N}))?(?={_ENDS})", re.IGNORECASE)


@lru_cache(maxsize=256)
def _asking(nouns: tuple[str, ...]) -> list[tuple[str, tuple[str, ...], re.Pattern[str]]]:
    """What asks for a number of something: a language, what it is called there, and the pattern; English first."""
    others: dict[str, list[str]] = {}
    for noun in nouns:
        for language, forms in NOUNS.get(noun, {}).items():
            others.setdefault(language, []).extend(forms.split("|"))
    named = [("en", nouns), *((language, tuple(forms)) for language, forms in others.items())]
    return [(language, forms, re.compile(_asks(language, forms), re.IGNORECASE)) for language, forms in named]


def _asks(language: str, forms: tuple[str, ...]) -> str:
    """The pattern of a number of what has some names in a language."""
    names = "|".join(map(re.escape, forms))
    if language not in BETWEEN:
        if language != "en":  # Written without spaces.
            return rf"(?<![\d.,:/])(?P<low>{_DIGITS})(?P<high>)\s*(?:{names})"
        # "10 multiple choice questions" have no 10 choices.
        names = rf"(?:{names})(?:s|es)?(?!\w)(?!\s+questions?\b)"
        number, to, gap = rf"(?:{_N}|zero(?=[ -]{names}))", _TO, rf"(?:(?:\s+|-)(?:(?!{_APART})[a-z/-]+\s+){{0,3}}?|)"
        return rf"(?<!\d[.,:/])\b(?P<low>{number})(?:{to}(?P<high>{number}))?{gap}{names}"
    apart, to = BETWEEN[language]
    names = rf"(?:{names})(?!\w)"
    none, *some = SMALL.get(language, {"0": 0})
    number = rf"(?:{'|'.join([_DIGITS, *some])}|{none}(?=\s+{names}))"
    gap = rf"(?:\s+|-)(?:d['’]|(?:(?!(?:{apart})\b)[^\W\d_]{{2,30}}\s+){{0,2}}?)"
    return rf"(?<!\d[.,:/])\b(?P<low>{number})(?:\s*(?:{to})\s*(?P<high>{number}))?{gap}{names}"


def _is_minus(text: str, start: int) -> bool:
    """Whether a sign stands before a number that makes it negative: no dash of a range, a word or a list."""
    return bool(_MINUS.search(text[max(0, start - 12) : start]))


def _said_time(brief: str) -> tuple[str, Decimal] | None:
    """The words for how long it lasts, and the seconds, be they possible or not: what is said in seconds, else the first."""
    longer = _minutes(brief)
    found = _SECONDS.search(brief)
    if not found or (longer and found[0] in longer[0]):
        return longer
    value = _amount(found[1])
    return (f"-{found.group()}", -value) if _is_minus(brief, found.start()) else (found.group(), value)


def _minutes(brief: str) -> tuple[str, Decimal] | None:
    found = _DURATION.search(brief)
    if not found:
        return None
    unit = 3600 if found["unit"].lower().startswith("h") else 60
    value = _amount(found[1]) * unit + int(found["seconds"] or 0)
    return (f"-{found.group()}", -value) if _is_minus(brief, found.start()) else (found.group(), value)


def _options_of_form(brief: str) -> int:
    """How many options a question has by the form that a brief names; 0 where it names none, or several."""
    forms = forms_in(brief)
    return {"true_false": 2, "short_answer": 1, "numeric": 1, "matching": 1}.get(forms[0], 0) if len(forms) == 1 else 0


def _place(brief: str, kind: Kind) -> str:
    """The place that a brief names; the longest name counts, as "stable diffusion 3" holds another's."""
    text = f" {_plain_words(brief)} "
    named = [
        (len(name), place)
        for place, names in kind.places.items()
        for name in map(_plain_words, names)
        if f" {name} " in text or f" {name}s " in text
    ]
    return max(named, key=lambda found: found[0])[1] if named else ""


def _keyword(brief: str) -> str:
    """The phrase that readers should find the text by: "keyword: oat milk", "ranking for 'oat milk'"."""
    found = _KEYWORD.search(brief)
    return next(filter(None, found.groups()), "").strip(" .,;:") if found else ""


def _plain_words(text: str) -> str:
    return re.sub(r"[^a-z0-9-]+", " ", text.casefold()).strip()


def words_in(brief: str) -> int | None:
    """The length that the brief asks for last ("about 150 words"), where that is no limit."""
    brief = brief[:MOST_READ]
    found = list(_WORDS.finditer(_without_caps(in_digits(brief))))
    if not found:
        return None
    value = number(found[-1][1])
    return -value if _is_minus(found[-1].string, found[-1].start()) else value


def _ratio(brief: str) -> tuple[int, int] | None:
    """A shape such as 16:9. Times of day look alike, so only shapes that pictures have count, and no minutes of clocks."""
    for found in _RATIO.finditer(brief):
        width, height = int(found[1]), int(found[2])
        if width and height and 1 / 3 <= width / height <= 3 and found[2] not in ("00", "15", "30", "45"):
            return width, height
    return None
