"""Tokenise a brief into items: literals, figures, numbers and words, with their positions and meanings."""

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
from .lexicon import TOKEN, Lexicon, Node, build_own_words, detect_language, lexicon, list_nouns, normalise_text
from .notation import build_figure_pattern

# Characters of a brief that are read; the rest is the subject.
MAX_READ = 4_000
# Items of a brief that are read; longer briefs contain a text after the request.
_MAX_ITEMS = 1_000
# Items of a clause on either side of a place.
_MAX_CLAUSE = 24
# Hours of a day, and items before a range that are searched for words about time.
_MAX_HOURS, _NEAR = 24, 8
_TWO, _DASHES = 2, frozenset("-–—~〜")
# Words between a day and an hour: "miércoles 16 a las 7".
_AT_HOUR = frozenset({"a la", "a las", "às", "as", "à", "alle"})
# Digits of a number that are read.
_MAX_DIGITS = 15
# Suffixes of numbers: the kind of number, the factor, and the addend.
_ORDINALS = ("st", "nd", "rd", "th", "er", "ere", "eme", "ème", "e", "º", "ª", "°")
_SUFFIXES: Mapping[str, tuple[str, int, float]] = {
    **dict.fromkeys(_ORDINALS, ("ordinal", 1, 0.0)),
    **dict.fromkeys(("k", "tsd"), ("", 1000, 0.0)),
    "½": ("", 1, 0.5),
}
ItemType = Literal["word", "number", "figure", "literal", "link", "hashtag", "ratio", "stop", "comma"]

_LITERAL = re.compile(
    r"\"(?P<a>[^\"\n]{1,120})\"|“(?P<b>[^”\n]{1,120})”|„(?P<c>[^“”\n]{1,120})[“”]|«\s?(?P<d>[^»\n]{1,120}?)\s?»|»(?P<e>[^«\n]{1,120})«"
    r"|「(?P<f>[^」\n]{1,120})」|『(?P<g>[^』\n]{1,120})』|‘(?P<h>[^’\n]{1,120})’(?!\w)|(?<![\w'])'(?P<i>[^'\n]{1,120})'(?!\w)"
    r"|(?<![\w'])'(?P<j>[^'\n]{1,40}'[a-z]{1,2}(?: [^'\n]{1,60})?)'(?!\w)"
)
_RATIO_NUMBER = re.compile(r"[\d.]+")
_HASHTAG = regex.compile(r"(?<![\w#])#[\p{L}\p{M}\d_]*[\p{L}\p{M}][\p{L}\p{M}\d_]*")
_ENDS = frozenset("!?。！？।؟\n;；")
_BREAKS = ("stop", "comma")
# Parts whose article may mean one.
_SINGLE = frozenset({"quote", "objective", "example", "chorus", "emoji", "hashtag", "tagline", "color", "question"})
# Bounds that may follow what they bound.
_TRAILING = ("most.after", "least.after", "about.after")
_COMMAS = frozenset(",、，،:：()（）/|·•–—")


@dataclass(slots=True)
class Item:
    """A token of a brief: its span, its type, the value of a number, and its meanings by section."""

    start: int
    end: int
    text: str
    type: ItemType
    meanings: dict[str, str] = field(default_factory=dict)
    value: float = 0
    kind: str = ""
    is_used: bool = False

    def has(self, *sections: str) -> bool:
        """Whether it has a meaning in one of some sections."""
        return bool(self.meanings) and not self.meanings.keys().isdisjoint(sections)

    @property
    def noun(self) -> str:
        """The noun that it names: a general one, else one specific to the kind; empty for none."""
        known = self.meanings.get("nouns", "")
        return known if known not in ("", "skip") else self.meanings.get("own", "")


@dataclass(frozen=True, slots=True)
class Brief:
    """A brief with its items, its normalised text and its language."""

    text: str
    normal: str
    language: str
    lexicon: Lexicon
    items: list[Item]


_DEFAULT_FORM = Form()


def parse_brief(text: str, form: Form = _DEFAULT_FORM) -> Brief:
    """Parse a brief into items, in order, for a kind with some form."""
    text = text[:MAX_READ]
    normal = normalise_text(text)
    tokens = TOKEN.findall(normal)
    words = lexicon(detect_language(normal, tokens))
    own = build_own_words(form, words.code)
    taken = list(_find_marked_items(text, normal, words))
    items: list[Item] = []
    at = 0
    for item in taken:
        items += _parse_words(normal, text, at, item.start, words, own)
        items.append(item)
        at = item.end
    items += _parse_words(normal, text, at, len(normal), words, own)
    items = _add_abbreviation_stops(_add_dual_numbers(items, words))
    _drop_things(items, form)
    _read_articles(items, form, words.code)
    _read_named_words(items)
    items = _merge_hours(text, items)
    return Brief(text, normal, words.code, words, items[:_MAX_ITEMS])


def _drop_things(items: list[Item], form: Form) -> None:
    """Remove noun meanings of words for things that the kind has no such part of: "3 bands play"."""
    for item in items:
        if item.has("thing") and not item.has("own") and item.meanings.get("nouns") not in list_nouns(form):
            item.meanings.pop("nouns", None)


def _read_articles(items: list[Item], form: Form, code: str) -> None:
    """Turn articles into numbers where they are bounded or per entry: "a sentence per level", "one page at most".

    Outside of English an article is also the number one, which counts at the beginning or end of a clause: ", ein Zitat vom
    Bürgermeister".
    """
    for at, item in enumerate(items):
        noun, behind = get_item(items, at + 1), get_item(items, at + 2)
        if item.type != "word" or not item.has("article") or not noun.has("units", "nouns"):
            continue
        if get_item(items, at - 1).meanings.get("portion") == "share":
            continue  # "Half a page."
        before = get_item(items, at - 1)
        bounded = (
            behind.has("most.after", "least.after") or before.has("most.before", "least.before") or _is_kept(items, at)
        )
        apart = get_item(items, at - 1).type in _BREAKS or behind.type in _BREAKS
        single = code != "en" and apart and noun.noun in _SINGLE and noun.noun not in (form.main, *form.whole)
        each = behind.has("each") or get_item(items, at - 1).has("each")
        if bounded or single or has_second(items, at + 1) or (noun.has("units") and each):
            item.type, item.value = "number", 1


def _is_kept(items: list[Item], at: int) -> bool:
    """Whether an instruction limits something to what an article introduces: "keep the answer to a paragraph"."""
    start, _ = find_clause(items, at)
    joined = get_item(items, at - 1).text.casefold() == "to"
    return joined and any(item.has("keep") for item in items[max(start, at - _NEAR) : at - 1])


def has_second(items: list[Item], at: int) -> bool:
    """Whether the noun or unit at a place is followed by "or two": "a sentence or two"."""
    joined, number, behind = (get_item(items, at + place) for place in (1, 2, 3))
    two = number.type == "number" and number.value == _TWO and not number.kind
    joins = joined.has("to") and joined.text not in _DASHES
    return get_item(items, at).has("units", "nouns") and joins and two and not behind.has("units", "nouns", "time")


def _read_named_words(items: list[Item]) -> None:
    """Turn words introduced by "the word" into literals: "include the word vegan"."""
    for at, item in enumerate(items):
        word = get_item(items, at + 1)
        plain = word.type == "word" and not word.meanings and word.text[:1].isalpha()
        # "The English word 'splash'" quotes its word itself.
        if item.meanings.get("named") == "word" and plain and get_item(items, at + 2).type != "literal":
            word.type = "literal"


def _merge_hours(text: str, items: list[Item]) -> list[Item]:
    """Merge ranges of hours into figures: "Saturday, 10 to 2", "open 9-17"."""
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
    """Whether a range of two small numbers without a noun is near words about time."""
    if items[at].type != "number" or not get_item(items, at + 1).has("to"):
        return False
    first, last, behind = items[at], get_item(items, at + 2), get_item(items, at + 3)
    if last.type != "number" or first.kind or last.kind:
        return False
    if not all(value == int(value) and value <= _MAX_HOURS for value in (first.value, last.value)):
        return False
    if behind.has("units", "nouns", "own", "time", "pronoun", "each", "times"):
        return False
    if normalise_text(items[at + 1].text) in _AT_HOUR and find_weekday(get_item(items, at - 1).text) is not None:
        return False
    before = items[max(0, at - _NEAR) : at]
    stops = [place for place, item in enumerate(before) if item.type == "stop"]
    after = items[at + 3 : at + 6]
    ends = next((place for place, item in enumerate(after) if item.type in ("stop", "comma")), len(after))
    near = [*before[stops[-1] + 1 if stops else 0 :], *after[:ends]]
    return any(item.has("when") or item.kind in ("date", "time", "hours") for item in near)


def _add_abbreviation_stops(items: list[Item]) -> list[Item]:
    """Add a stop where the full stop of an abbreviation also ends a sentence: "3 words max. goes on one page"."""
    found: list[Item] = []
    for at, item in enumerate(items):
        found.append(item)
        before, after = get_item(items, at - 1), get_item(items, at + 1)
        trails = item.text.endswith(".") and item.has(*_TRAILING) and before.has("units", "nouns", "own")
        if trails and after.type == "word" and not after.has("article", "of", *_TRAILING):
            found.append(Item(item.end, item.end, "", "stop"))
    return found


def _add_dual_numbers(items: list[Item], words: Lexicon) -> list[Item]:
    """Add the number two before each Arabic dual, which is a single word: سطرين, two lines."""
    found: list[Item] = []
    for item in items:
        if (
            words.code == "ar"
            and item.has("units", "nouns")
            and (stem := _find_singular(item.text))
            and words.shares_meaning(stem, item.meanings)
        ):
            found.append(Item(item.start, item.start, "2", "number", value=2))
        found.append(item)
    return found


def _find_singular(word: str) -> str:
    """Return the singular of an Arabic dual, empty for other words."""
    if not word.endswith(("ين", "ان")):
        return ""
    stem = word[:-2]
    return f"{stem[:-1]}ة" if stem.endswith("ت") else stem


def _find_marked_items(text: str, normal: str, words: Lexicon) -> Iterator[Item]:
    """Yield literals, links, hashtags and figures in order, without overlap."""
    found: list[tuple[int, int, int, ItemType, str]] = []
    for one in _LITERAL.finditer(text):
        name = one.lastgroup or "a"
        found.append((one.start(), 0, one.end(), "literal", one[name].strip()))
    found += [(one.start, 1, one.end, "link", text[one.start : one.end]) for one in find_links(text)]
    found += [(one.start(), 1, one.end(), "hashtag", one.group()) for one in _HASHTAG.finditer(text)]
    for one in _compile_figures(words).finditer(normal):
        kind = one.lastgroup or ""
        if kind == "ratio":
            found.append((one.start(), 2, one.end(), "ratio", ":".join(_RATIO_NUMBER.findall(one["ratio"]))))
            continue
        if kind == "measure" and text[one.end() - 1] == "G":  # A network, no weight.
            continue
        found.append((one.start(), 2, one.end(), "figure", kind))
    at = 0
    for start, _, end, item_type, what in sorted(found):
        if start >= at and end > start:
            shown = text[start:end]
            if item_type == "link":
                end = start + len(what)
                shown = what
            item = Item(
                start, end, what if item_type in ("literal", "link", "hashtag", "ratio") else shown.strip(), item_type
            )
            item.kind = what if item_type == "figure" else ""
            yield item
            at = end


@cache
def _compile_figures(words: Lexicon) -> re.Pattern[str]:
    return build_figure_pattern(
        words.months, *(words.behind[section] for section in ("money", "coin", "clock", "measure", "ratio"))
    )


def _parse_words(normal: str, text: str, start: int, end: int, words: Lexicon, own: Node) -> list[Item]:
    """Return the items of a span without literals and figures."""
    pieces = [(one.start(), one.end(), one.group()) for one in TOKEN.finditer(normal, start, end)]
    tokens = [token for _, _, token in pieces]
    items: list[Item] = []
    at = 0
    while at < len(pieces):
        begin, stop, token = pieces[at]
        if token.isdigit():
            item, at = _parse_numeral(pieces, at, text)
            items.append(item)
            continue
        length, meanings = words.find_longest(tokens, at, own)
        if length > 1 and tokens[at + length - 1] == "." and _is_size(items):
            length -= 1  # The full stop of "60 words max." ends a sentence, that of "max. 60 words" does not.
        stop = pieces[at + max(length, 1) - 1][1]
        item = Item(begin, stop, text[begin:stop], _choose_type(token, normal, begin, length, meanings), dict(meanings))
        if item.type == "number":
            item.value = float(meanings["number"] if "number" in meanings else meanings["ordinal"])
            item.kind = "" if "number" in meanings else "ordinal"
        items.append(item)
        at += max(length, 1)
        # "Max. 60": the full stop belongs to the abbreviation.
        if (
            item.has("most.before", "least.before", "about.before")
            and not _is_size(items[:-1])
            and at < len(pieces)
            and pieces[at][::2] == (stop, ".")
            and not text[stop + 1 :].lstrip()[:1].isupper()
        ):
            at += 1
    return _add_line_stops(items, normal)


def _is_size(items: list[Item]) -> bool:
    """Whether the last items are a number and its unit."""
    return len(items) > 1 and items[-1].has("units") and items[-2].type == "number"


def _choose_type(piece: str, normal: str, at: int, length: int, meanings: Mapping[str, str]) -> ItemType:
    if "number" in meanings or "ordinal" in meanings:
        return "number"
    if piece in _COMMAS and length < 2:
        return "comma"
    ends = piece in _ENDS or (piece == "." and normal[at + 1 : at + 2].strip() == "")
    return "stop" if ends and not length else "word"


def _add_line_stops(items: list[Item], normal: str) -> list[Item]:
    """Add a stop at each line break."""
    found: list[Item] = []
    for item in items:
        if found and "\n" in normal[found[-1].end : item.start] and found[-1].type != "stop":
            found.append(Item(found[-1].end, found[-1].end, "", "stop"))
        found.append(item)
    return found


Piece = tuple[int, int, str]


def _parse_numeral(pieces: list[Piece], at: int, text: str) -> tuple[Item, int]:
    """Parse a number in digits with its thousands and fraction, and return the place after it."""
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
    """Whether a multiplication sign is joined to the number before it: "3x posts"."""
    behind = pieces[at + 1][0] if at + 1 < len(pieces) else -1
    return at < len(pieces) and pieces[at][0] == stop and pieces[at][2] in ("x", "×") and behind != pieces[at][1]


def _is_part(pieces: list[Piece], at: int, stop: int) -> bool:
    """Whether a sign and digits continue a number without a space."""
    if at + 1 >= len(pieces):
        return False
    (begin, end, sign), (start, _, digits) = pieces[at : at + 2]
    return begin == stop and sign in ".,'" and start == end and digits.isdigit()


def find_clause(items: list[Item], at: int) -> tuple[int, int]:
    """Return the span between commas and stops around a place, up to a maximum of items on either side."""
    first, last = max(0, at - _MAX_CLAUSE), min(len(items), at + _MAX_CLAUSE)
    start, end = at, at + 1
    while start > first and items[start - 1].type not in ("stop", "comma"):
        start -= 1
    while end < last and items[end].type not in ("stop", "comma"):
        end += 1
    return start, end


# The item before the first and after the last one.
NO_ITEM = Item(-1, -1, "", "stop")


def get_item(items: list[Item], at: int) -> Item:
    """Return the item at a place, `NO_ITEM` outside of the list."""
    return items[at] if 0 <= at < len(items) else NO_ITEM
