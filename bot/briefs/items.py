"""Cuts a brief into items: literals, figures, numbers and words, each with its place and what the lexicon says of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

import regex

from bot.checks.dates import find_weekday
from bot.checks.links import find_links

from .forms import Form
from .lexicon import TOKEN, Lexicon, Node, language_of, lexicon, normalised, nouns_of, own_words
from .notation import figure_pattern

# Characters of a brief that are read; what stands behind them is the subject.
MAX_READ = 4_000
# A brief of more items is somebody's text; what it asks for stands before that.
_MAX_ITEMS = 1_000
# Items of a clause that are looked at on either side of one.
_MAX_CLAUSE = 24
# Hours of a day, and items that are looked at before a range for words that tell when.
_MAX_HOURS, _NEAR = 24, 8
# "A sentence or two"
_TWO, _DASHES = 2, frozenset("-–—~〜")
# What leads from a day to an hour: "miércoles 16 a las 7".
_AT_HOUR = frozenset({"a la", "a las", "às", "as", "à", "alle"})
# Digits of a number that count; no brief means more.
_MAX_DIGITS = 15
# What is written in one with a number: whether it is an ordinal then, how many times it is meant, and what is added.
_ORDINALS = ("st", "nd", "rd", "th", "er", "ere", "eme", "ème", "e", "º", "ª", "°")
_SUFFIXES: Mapping[str, tuple[str, int, float]] = {
    **dict.fromkeys(_ORDINALS, ("ordinal", 1, 0.0)), "k": ("", 1000, 0.0), "tsd": ("", 1000, 0.0), "½": ("", 1, 0.5),
}  # fmt: skip
Sort = Literal["word", "number", "figure", "literal", "link", "hashtag", "ratio", "stop", "comma"]

_LITERAL = re.compile(
    r"\"(?P<a>[^\"\n]{1,120})\"|“(?P<b>[^”\n]{1,120})”|„(?P<c>[^“”\n]{1,120})[“”]|«\s?(?P<d>[^»\n]{1,120}?)\s?»|»(?P<e>[^«\n]{1,120})«"
    r"|「(?P<f>[^」\n]{1,120})」|『(?P<g>[^』\n]{1,120})』|‘(?P<h>[^’\n]{1,120})’(?!\w)|(?<![\w'])'(?P<i>[^'\n]{1,120})'(?!\w)"
    r"|(?<![\w'])'(?P<j>[^'\n]{1,40}'[a-z]{1,2}(?: [^'\n]{1,60})?)'(?!\w)"
)
_RATIO_NUMBER = re.compile(r"[\d.]+")
_HASHTAG = regex.compile(r"(?<![\w#])#[\p{L}\p{M}\d_]*[\p{L}\p{M}][\p{L}\p{M}\d_]*")
_ENDS = frozenset("!?。！？।؟\n;；")
_PARTED = ("stop", "comma")
# Parts of which an article may say that there is to be one.
_SINGLE = frozenset({"quote", "objective", "example", "chorus", "emoji", "hashtag", "tagline", "color", "question"})
# Bounds that may stand behind what they bound.
_TRAILING = ("most.after", "least.after", "about.after")
_COMMAS = frozenset(",、，،:：()（）/|·•–—")


@dataclass(slots=True)
class Item:
    """A piece of a brief: where it stands, what sort it is, the value of a number, and its meanings by section."""

    start: int
    end: int
    text: str
    sort: Sort
    means: dict[str, str] = field(default_factory=dict)
    value: float = 0
    kind: str = ""
    used: bool = False

    def has(self, *sections: str) -> bool:
        """Whether the lexicon has it in one of some sections."""
        return bool(self.means) and not self.means.keys().isdisjoint(sections)

    @property
    def noun(self) -> str:
        """What it names of a result: a noun of every kind, else one that only this kind knows; empty for none."""
        known = self.means.get("nouns", "")
        return known if known not in ("", "skip") else self.means.get("own", "")


@dataclass(frozen=True, slots=True)
class Brief:
    """A brief with its items."""

    text: str
    normal: str
    language: str
    lexicon: Lexicon
    items: list[Item]


_PLAIN = Form()


def items_of(text: str, form: Form = _PLAIN) -> Brief:
    """The items of a brief for a kind of some form, in their order."""
    text = text[:MAX_READ]
    normal = normalised(text)
    tokens = TOKEN.findall(normal)
    words = lexicon(language_of(normal, tokens))
    own = own_words(form, words.code)
    taken = list(_spans(text, normal, words))
    items: list[Item] = []
    at = 0
    for item in taken:
        items += _between(normal, text, at, item.start, words, own)
        items.append(item)
        at = item.end
    items += _between(normal, text, at, len(normal), words, own)
    items = _with_points(_with_duals(items, words))
    _read_things(items, form)
    _read_articles(items, form, words.code)
    _read_named_words(items)
    items = _with_hours(text, items)
    return Brief(text, normal, words.code, words, items[:_MAX_ITEMS])


def _read_things(items: list[Item], form: Form) -> None:
    """Takes no part for what is also a thing that briefs are about, where the kind has no such part: "3 bands play"."""
    for item in items:
        if item.has("thing") and not item.has("own") and item.means.get("nouns") not in nouns_of(form):
            item.means.pop("nouns", None)


def _read_articles(items: list[Item], form: Form, code: str) -> None:
    """Takes an article for a number where it is bounded or each entry has one: "a sentence per level", "one page at most".

    But in English it is the number one itself, which counts where a clause begins or ends with it: ", ein Zitat vom Bürgermeister".
    """
    for at, item in enumerate(items):
        noun, behind = item_at(items, at + 1), item_at(items, at + 2)
        if item.sort != "word" or not item.has("article") or not noun.has("units", "nouns"):
            continue
        if item_at(items, at - 1).means.get("portion") == "share":
            continue  # "Half a page."
        before = item_at(items, at - 1)
        bounded = (
            behind.has("most.after", "least.after") or before.has("most.before", "least.before") or _is_kept(items, at)
        )
        apart = item_at(items, at - 1).sort in _PARTED or behind.sort in _PARTED
        single = code != "en" and apart and noun.noun in _SINGLE and noun.noun not in (form.main, *form.whole)
        each = behind.has("each") or item_at(items, at - 1).has("each")
        if bounded or single or has_second(items, at + 1) or (noun.has("units") and each):
            item.sort, item.value = "number", 1


def _is_kept(items: list[Item], at: int) -> bool:
    """Whether an order keeps something to what an article begins: "keep the answer to a paragraph"."""
    start, _ = clause(items, at)
    joined = item_at(items, at - 1).text.casefold() == "to"
    return joined and any(item.has("keep") for item in items[max(start, at - _NEAR) : at - 1])


def has_second(items: list[Item], at: int) -> bool:
    """Whether a second one may be added to the noun or unit at a place: "a sentence or two"."""
    joined, number, behind = (item_at(items, at + place) for place in (1, 2, 3))
    two = number.sort == "number" and number.value == _TWO and not number.kind
    joins = joined.has("to") and joined.text not in _DASHES
    return item_at(items, at).has("units", "nouns") and joins and two and not behind.has("units", "nouns", "time")


def _read_named_words(items: list[Item]) -> None:
    """Takes a word that is called one as if it were quoted: "include the word vegan"."""
    for at, item in enumerate(items):
        word = item_at(items, at + 1)
        plain = word.sort == "word" and not word.means and word.text[:1].isalpha()
        # "The English word 'splash'" quotes its word itself.
        if item.means.get("named") == "word" and plain and item_at(items, at + 2).sort != "literal":
            word.sort = "literal"


def _with_hours(text: str, items: list[Item]) -> list[Item]:
    """The items with a figure in place of hours: "Saturday, 10 to 2", "open 9-17"."""
    found: list[Item] = []
    at = 0
    while at < len(items):
        if _are_hours(items, at):
            start, end = items[at].start, items[at + 2].end
            found.append(Item(start, end, text[start:end], "figure", kind="hours"))
            at += 3
            continue
        found.append(items[at])
        at += 1
    return found


def _are_hours(items: list[Item], at: int) -> bool:
    """Whether a range of two small numbers, which counts nothing, stands near words that tell when."""
    if items[at].sort != "number" or not item_at(items, at + 1).has("to"):
        return False
    first, last, behind = items[at], item_at(items, at + 2), item_at(items, at + 3)
    if last.sort != "number" or first.kind or last.kind:
        return False
    if not all(value == int(value) and value <= _MAX_HOURS for value in (first.value, last.value)):
        return False
    if behind.has("units", "nouns", "own", "time", "pronoun", "each", "times"):
        return False
    if normalised(items[at + 1].text) in _AT_HOUR and find_weekday(item_at(items, at - 1).text) is not None:
        return False
    before = items[max(0, at - _NEAR) : at]
    stops = [place for place, item in enumerate(before) if item.sort == "stop"]
    after = items[at + 3 : at + 6]
    ends = next((place for place, item in enumerate(after) if item.sort in ("stop", "comma")), len(after))
    near = [*before[stops[-1] + 1 if stops else 0 :], *after[:ends]]
    return any(item.has("when") or item.kind in ("date", "time", "hours") for item in near)


def _with_points(items: list[Item]) -> list[Item]:
    """The items with a stop where the point of an abbreviation ends a sentence too: "3 words max. goes on one page"."""
    found: list[Item] = []
    for at, item in enumerate(items):
        found.append(item)
        before, after = item_at(items, at - 1), item_at(items, at + 1)
        trails = item.text.endswith(".") and item.has(*_TRAILING) and before.has("units", "nouns", "own")
        if trails and after.sort == "word" and not after.has("article", "of", *_TRAILING):
            found.append(Item(item.end, item.end, "", "stop"))
    return found


def _with_duals(items: list[Item], words: Lexicon) -> list[Item]:
    """The items with a two before each dual of Arabic, which is one word: سطرين, two lines."""
    found: list[Item] = []
    for item in items:
        if (
            words.code == "ar"
            and item.has("units", "nouns")
            and (stem := _dual(item.text))
            and words.means(stem, item.means)
        ):
            found.append(Item(item.start, item.start, "2", "number", value=2))
        found.append(item)
    return found


def _dual(word: str) -> str:
    """The singular of an Arabic dual, empty for what is none."""
    if not word.endswith(("ين", "ان")):
        return ""
    stem = word[:-2]
    return f"{stem[:-1]}ة" if stem.endswith("ت") else stem


def _spans(text: str, normal: str, words: Lexicon) -> Iterator[Item]:
    """Literals, links, hashtags and figures, those that begin first, without overlap."""
    found: list[tuple[int, int, int, Sort, str]] = []
    for one in _LITERAL.finditer(text):
        name = one.lastgroup or "a"
        found.append((one.start(), 0, one.end(), "literal", one[name].strip()))
    found += [(one.start, 1, one.end, "link", text[one.start : one.end]) for one in find_links(text)]
    found += [(one.start(), 1, one.end(), "hashtag", one.group()) for one in _HASHTAG.finditer(text)]
    for one in _figures(words).finditer(normal):
        kind = one.lastgroup or ""
        if kind == "ratio":
            found.append((one.start(), 2, one.end(), "ratio", ":".join(_RATIO_NUMBER.findall(one["ratio"]))))
            continue
        if kind == "measure" and text[one.end() - 1] == "G":  # A network, no weight.
            continue
        found.append((one.start(), 2, one.end(), "figure", kind))
    at = 0
    for start, _, end, sort, what in sorted(found):
        if start >= at and end > start:
            shown = text[start:end]
            if sort == "link":
                end = start + len(what)
                shown = what
            item = Item(start, end, what if sort in ("literal", "link", "hashtag", "ratio") else shown.strip(), sort)
            item.kind = what if sort == "figure" else ""
            yield item
            at = end


@cache
def _figures(words: Lexicon) -> re.Pattern[str]:
    return figure_pattern(
        words.months, *(words.behind[section] for section in ("money", "coin", "clock", "measure", "ratio"))
    )


def _between(normal: str, text: str, start: int, end: int, words: Lexicon, own: Node) -> list[Item]:
    """The items of a stretch without literals and figures."""
    pieces = [(one.start(), one.end(), one.group()) for one in TOKEN.finditer(normal, start, end)]
    tokens = [said for _, _, said in pieces]
    items: list[Item] = []
    at = 0
    while at < len(pieces):
        begin, stop, said = pieces[at]
        if said.isdigit():
            item, at = _numeral(pieces, at, text)
            items.append(item)
            continue
        length, means = words.longest(tokens, at, own)
        if length > 1 and tokens[at + length - 1] == "." and _is_size(items):
            length -= 1  # "60 words max." ends a sentence, "max. 60 words" does not.
        stop = pieces[at + max(length, 1) - 1][1]
        item = Item(begin, stop, text[begin:stop], _sort(said, normal, begin, length, means), dict(means))
        if item.sort == "number":
            item.value = float(means["number"] if "number" in means else means["ordinal"])
            item.kind = "" if "number" in means else "ordinal"
        items.append(item)
        at += max(length, 1)
        # "Max. 60": the point ends a word, no sentence.
        if (
            item.has("most.before", "least.before", "about.before")
            and not _is_size(items[:-1])
            and at < len(pieces)
            and pieces[at][::2] == (stop, ".")
            and not text[stop + 1 :].lstrip()[:1].isupper()
        ):
            at += 1
    return _with_lines(items, normal)


def _is_size(items: list[Item]) -> bool:
    """Whether the last of the items are a number and its unit."""
    return len(items) > 1 and items[-1].has("units") and items[-2].sort == "number"


def _sort(said: str, normal: str, at: int, length: int, means: Mapping[str, str]) -> Sort:
    if "number" in means or "ordinal" in means:
        return "number"
    if said in _COMMAS and length < 2:
        return "comma"
    ends = said in _ENDS or (said == "." and normal[at + 1 : at + 2].strip() == "")
    return "stop" if ends and not length else "word"


def _with_lines(items: list[Item], normal: str) -> list[Item]:
    """The items with a stop at each line break."""
    found: list[Item] = []
    for item in items:
        if found and "\n" in normal[found[-1].end : item.start] and found[-1].sort != "stop":
            found.append(Item(found[-1].end, found[-1].end, "", "stop"))
        found.append(item)
    return found


Piece = tuple[int, int, str]


def _numeral(pieces: list[Piece], at: int, text: str) -> tuple[Item, int]:
    """A number in digits with its thousands and its fraction, and where to read on."""
    begin, stop, digits = pieces[at]
    fraction, after = "", at + 1
    while _is_part(pieces, after, stop):
        sign, more = pieces[after][2], pieces[after + 1][2]
        if len(more) == 3 and not fraction and digits != "0":
            digits += more
        elif sign in ".," and not fraction:
            fraction = more
        else:
            break
        stop, after = pieces[after + 1][1], after + 2
    # "1 200" is one number.
    follows = pieces[after] if after < len(pieces) else (stop, stop, "")
    apart = text[stop : follows[0]] in (" ", "\u00a0", "\u202f")
    if apart and len(digits) <= 2 and not fraction and len(follows[2]) == 3 and follows[2].isdigit():
        digits, stop, after = digits + follows[2], follows[1], after + 1
    item = Item(begin, stop, "", "number", value=float(f"{digits[:_MAX_DIGITS]}.{fraction[:_MAX_DIGITS] or 0}"))
    if after < len(pieces) and pieces[after][0] == stop and pieces[after][2] in _SUFFIXES:
        item.kind, times, more_value = _SUFFIXES[pieces[after][2]]
        item.value, item.end, after = item.value * times + more_value, pieces[after][1], after + 1
    elif _is_times(pieces, after, stop):
        item.end, after = pieces[after][1], after + 1
    item.text = text[item.start : item.end]
    return item, after


def _is_times(pieces: list[Piece], at: int, stop: int) -> bool:
    """Whether a sign is written in one with the number before it, which says how many: "3x posts"."""
    behind = pieces[at + 1][0] if at + 1 < len(pieces) else -1
    return at < len(pieces) and pieces[at][0] == stop and pieces[at][2] in ("x", "×") and behind != pieces[at][1]


def _is_part(pieces: list[Piece], at: int, stop: int) -> bool:
    """Whether a sign and digits go on with a number, without a space."""
    if at + 1 >= len(pieces):
        return False
    (begin, end, sign), (start, _, digits) = pieces[at : at + 2]
    return begin == stop and sign in ".,'" and start == end and digits.isdigit()


def clause(items: list[Item], at: int) -> tuple[int, int]:
    """The stretch between commas and stops that a place stands in, up to so many items on either side."""
    first, last = max(0, at - _MAX_CLAUSE), min(len(items), at + _MAX_CLAUSE)
    start, end = at, at + 1
    while start > first and items[start - 1].sort not in ("stop", "comma"):
        start -= 1
    while end < last and items[end].sort not in ("stop", "comma"):
        end += 1
    return start, end


# What stands before the first item and behind the last one.
NOTHING = Item(-1, -1, "", "stop")


def item_at(items: list[Item], at: int) -> Item:
    """The item at a place, NOTHING outside of the list."""
    return items[at] if 0 <= at < len(items) else NOTHING
