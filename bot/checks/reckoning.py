"""What a text states that can be reckoned: sums, shares, conversions of units, and solutions of simple equations. Pure.

A statement is taken for wrong only where no reading of its figures makes it right: neither another country's separators, nor
rounding to the digits that it shows. Ranges, dates, times, ratios, scales, questions, quotations and mistakes to be found are none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from .quantities import COMMA, MOST_READ, Figure, Token, figure_of, has_word, is_unspaced, plain, tokens_of, words

# Statements of a text that are looked at, and tokens on either side of one.
_MOST_STATEMENTS, _MOST_TOKENS = 200, 40
# By how much, as a share, a figure may be off that is said to be about right, and one in another system's units.
_ABOUT, _OTHER_SYSTEM, _KITCHEN = Fraction(15, 100), Fraction(5, 100), Fraction(12, 100)
_LARGEST = 10**15
_MOST_POWER = 12
_QUOTED = re.compile(
    r"“[^“”\n]{1,300}”|„[^„“”\n]{1,300}[“”]|«[^«»\n]{1,300}»|\"[^\"\n]{1,300}\"|「[^「」\n]{1,300}」|~~[^~\n]{1,300}~~"
)
_SENTENCE_END = re.compile(r"[.!?。？！؟।](?!\d)|\n")
_BINARY = frozenset({"+", "-", "–", "*", "/", "^", "of", "off"})
_WORDED = re.compile(r"[^\W\d_]")
_CLOSING = frozenset('.,;:!)]\n”“"»…。、）」।؛،*|')
# An equation of one unknown, and what is said to solve it.
_SOLVED = re.compile(
    r"(?<![\w²³])(?<![-+−–*/×·^(])(?<![-+−–*/×·^(] )([a-z])\s?=\s?([-−]?\d{1,9}(?:[.,]\d{1,6}|/\d{1,6})?)"
    r"(?![\w/^²³%]|[.,:]\d|\s?[-+*×·÷/^(=])"
)
_SIDE = r"[\d\s.,+\-−–×·*/÷()]"
_MOST_BEFORE = 200
_LETTER = re.compile(r"[a-z]")


@dataclass(frozen=True, slots=True)
class Wrong:
    """A wrong statement: its words, the figure that is wrong with its place in the text, and the right one.

    `right` is empty where no single figure is wrong.
    """

    said: str
    stated: str
    right: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What was looked at in a text: how many statements are right, and which are wrong."""

    right: int
    wrong: tuple[Wrong, ...]


class _NoNumberError(Exception):
    """What was read is nothing that can be reckoned."""


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of a statement: its tokens, each number in each reading, and what it looks like."""

    tokens: tuple[Token, ...]
    start: int
    end: int

    @property
    def numbers(self) -> list[Token]:
        return [one for one in self.tokens if one.sort == "num"]

    @property
    def is_figure(self) -> bool:
        """Nothing but one number with its unit."""
        return len(self.numbers) == 1 and not any(
            one.sort == "sign" and one.sign in _BINARY | {"²", "³", "√"} for one in self.tokens
        )


@dataclass(slots=True)
class _Statement:
    left: _Side
    right: _Side
    about: bool = False
    cut: bool = False
    rest: Fraction | None = None
    aside: bool = False
    goes_on: bool = False


def reckoned(text: str, language: str) -> Reckoned:
    """What a text states that can be reckoned."""
    flat = plain(text[:MOST_READ])
    if not re.search(r"\d", flat):
        return Reckoned(0, ())
    tokens = tokens_of(flat)
    quoted = [one.span() for one in _QUOTED.finditer(flat)]
    right, wrong = 0, list[Wrong]()
    for one in _statements(tokens):
        if any(start <= one.left.start and one.right.end <= end for start, end in quoted):
            continue
        judged = _judged(one, flat, language)
        if judged is None:
            continue
        if not isinstance(judged, Wrong):
            right += 1
        elif not _is_doubted(flat, one.left.start, one.right.end):
            wrong.append(judged)
    for solved in _solutions(flat, language):
        if any(start <= solved.start < end for start, end in quoted) or _is_doubted(flat, solved.start, solved.end):
            continue
        if solved.right:
            wrong.append(solved)
        else:
            right += 1
    return Reckoned(right, tuple(_as_written(one, text, flat) for one in sorted(wrong, key=lambda one: one.start)))


def _as_written(one: Wrong, text: str, flat: str) -> Wrong:
    """A wrong statement in the digits of its text."""
    stated = text[one.start : one.end]
    at = flat.find(one.said, max(0, one.start - _MOST_BEFORE))
    said = text[at : at + len(one.said)] if at >= 0 else one.said
    zero = next((ord(sign) - unicodedata.decimal(sign) for sign in stated if sign.isdecimal()), ord("0"))
    right = "".join(chr(zero + int(sign)) if sign.isdecimal() else sign for sign in one.right)
    return replace(one, said=said, stated=stated, right=right)


# Statements: two sides and what stands between them.


def _statements(tokens: Sequence[Token]) -> Iterator[_Statement]:
    left = _MOST_STATEMENTS
    for at, one in enumerate(tokens):
        if one.sort not in ("exact", "loose", "near") and not (one.sign == "(" and _is_aside(tokens, at)):
            continue
        if at == 0 or tokens[at - 1].sort not in ("num", "percent", "unit", "sign", "word", "about"):
            continue
        left -= 1
        if left < 0:
            return
        if found := _statement(tokens, at):
            yield found


def _is_aside(tokens: Sequence[Token], at: int) -> bool:
    """Whether a bracket opens behind a quantity: "10 miles (16 km)"."""
    return at > 1 and tokens[at - 1].sort == "unit" and tokens[at - 2].sort == "num"


def _statement(tokens: Sequence[Token], at: int) -> _Statement | None:
    sort = tokens[at].sort
    before = _before(tokens, at)
    if before is None:
        return None
    about, after = sort == "near", at + 1
    while after < len(tokens) and (tokens[after].sort in ("about", "near") or tokens[after].text == "."):
        about, after = True, after + 1
    behind = _behind(tokens, after, {one.text.casefold() for one in before.tokens if one.sort == "word"})
    if behind is None:
        return None
    side, follow = behind
    found = _Statement(before, side, about=about)
    one = tokens[follow] if follow < len(tokens) else None
    if sort == "sign":
        found.aside = True
        return found if one and one.sign == ")" and side.is_figure else None
    if one and one.sort == "blank":
        if one.text == "?":
            return None
        found.cut = one.text == "…"
    found.goes_on = one is not None and one.sort == "exact"
    if one and one.sign == "(" and tokens[follow + 1 : follow + 2] and tokens[follow + 1].sort == "num":
        return None  # A product without its sign, or an aside.
    if one and one.text.casefold() in words()["relations"]["multiples"]:
        return None
    if one and one.sort in ("word", "sign", "unit") and one.text.casefold() in words()["relations"]["remainder"]:
        more = tokens[follow + 1] if follow + 1 < len(tokens) else None
        if more is None or more.sort != "num" or not more.text.isdigit():
            return None
        found.rest = Fraction(more.text)
    elif sort == "loose" and not _is_closed(one):
        return None
    return None if _is_asked(tokens, follow) else found


def _is_closed(one: Token | None) -> bool:
    """Whether a clause ends before a token, or goes on with a conjunction."""
    return (
        one is None
        or one.sort in ("break", "exact")
        or one.text in _CLOSING
        or one.text.casefold() in words()["relations"]["on"]
    )


def _is_asked(tokens: Sequence[Token], at: int) -> bool:
    """Whether the sentence ends with a question mark."""
    for one in tokens[at : at + _MOST_TOKENS]:
        if one.text in ("?", "？", "؟"):
            return True
        if one.sort == "break" or one.text in (".", "!", "。"):
            return False
    return False


def _before(tokens: Sequence[Token], at: int) -> _Side | None:
    """The side before a token; None for what is none, such as one with an unknown."""
    found: list[Token] = []
    depth, place = 0, at - 1
    while place >= 0 and len(found) < _MOST_TOKENS:
        one, behind = tokens[place], found[-1] if found else None
        one = _times(tokens, place) or one
        if one.sign == ")":
            if behind and not (behind.sort == "sign" and behind.sign in _BINARY | {"²", "³", ")"}):
                break
            depth += 1
        elif one.sign == "(":
            if depth == 0:
                break
            depth -= 1
        elif not _joins(one, behind, tokens[place - 1] if place else None, found):
            break
        found.append(one)
        place -= 1
    found.reverse()
    return _trimmed(found, tokens[place] if place >= 0 else None)


def _times(tokens: Sequence[Token], at: int) -> Token | None:
    """The letter x as a sign, between two figures."""
    one = tokens[at]
    if one.text not in ("x", "X") or not 0 < at < len(tokens) - 1:
        return None
    before, behind = tokens[at - 1], tokens[at + 1]
    size = before.end == one.start and one.end == behind.start and min(len(before.text), len(behind.text)) > 2
    size = size or before.text == "0"  # 1920x1080 and 0x80 are names.
    if before.sort in ("num", "unit", "percent") and (behind.sort == "num" or behind.sign == "(") and not size:
        return Token("sign", one.text, one.start, one.end, "*")
    return None


def _joins(one: Token, behind: Token | None, before: Token | None, found: Sequence[Token]) -> bool:
    """Whether a token belongs to the side whose next token is `behind`."""
    match one.sort:
        case "num":
            if behind is None or behind.sort in ("percent", "unit", "word"):
                return True
            if behind.sort == "num":
                return _is_mixed(one, behind, found)
            return behind.sort == "sign" and (behind.sign != "(" or behind.start == one.end)
        case "percent":
            return (behind is None or behind.sort == "sign") and before is not None and before.sort == "num"
        case "unit":
            if behind is None or behind.sort == "sign":
                return before is not None and before.sort == "num"
            if behind.sort != "num":
                return False
            if one.unit and one.unit.system == "money":  # It stands before its figure.
                return not (before and before.sort == "num")
            own = next((token.unit for token in reversed(found) if token.sort == "unit"), None)
            return bool(own and one.unit and own.dimension == one.unit.dimension and before and before.sort == "num")
        case "sign":
            return True
        case "word":
            told = before is not None and before.sort == "num"
            return (
                told
                and len(one.text) > 1
                and (behind is None or (behind.sort == "sign" and not _WORDED.match(behind.text)))
            )
    return False


def _is_mixed(one: Token, behind: Token, found: Sequence[Token]) -> bool:
    """Whether a whole number stands before a fraction: "1 1/2", "2½"."""
    if behind.text in "½¼¾⅓⅔⅕⅛":
        return one.text.isdigit()
    slash = found[-2] if len(found) > 1 else None
    return (
        one.text.isdigit()
        and behind.start == one.end + 1
        and bool(slash and slash.text == "/" and slash.start == behind.end)
    )


def _trimmed(found: list[Token], before: Token | None) -> _Side | None:
    """A side without what is only punctuation at its front; None where an unknown stands before it."""
    while found and found[0].sort == "sign" and found[0].sign in _BINARY:
        first = found[0]
        worded = bool(_WORDED.match(first.text)) or first.text == ":"
        unknown = before is not None and (
            before.sort in ("blank", "num", "percent", "unit")
            or before.text in ")]}"
            or (len(before.text) == 1 and before.sort == "word")
        )
        if first.sign in ("-", "–"):
            glued = len(found) > 1 and found[1].start == first.end
            if unknown or (glued and before is not None and before.end == first.start):
                return None
            if glued:
                break
        elif unknown or not worded:
            return None
        before, found = first, found[1:]
    if not found or (
        before and before.end == found[0].start and (before.sort in ("word", "time") or before.text in "}]|<>≤≥≠\\^_#")
    ):
        return None
    if before and (before.text in ("x", "<", ">", "≤", "≥", "≠", "\\") or before.sort == "time"):
        return None
    return _Side(tuple(found), found[0].start, found[-1].end)


def _behind(tokens: Sequence[Token], at: int, named: set[str]) -> tuple[_Side, int] | None:
    """The side from a token on, and the number of the token behind it; None for what is none."""
    found: list[Token] = []
    depth, place = 0, at
    while place < len(tokens) and len(found) < _MOST_TOKENS:
        one, last = tokens[place], found[-1] if found else None
        one = _times(tokens, place) or one
        match one.sort:
            case "num":
                slash = tokens[place + 1 : place + 3]
                mixed = (
                    last is not None
                    and last.sort == "num"
                    and last.text.isdigit()
                    and (
                        one.text in "½¼¾⅓⅔⅕⅛"
                        or (len(slash) == 2 and slash[0].text == "/" and slash[0].start == one.end)
                    )
                )
                compound = (
                    last is not None
                    and last.sort == "unit"
                    and place + 1 < len(tokens)
                    and tokens[place + 1].sort == "unit"
                    and not (last.unit and last.unit.system == "money")
                )
                fits = (
                    last is None
                    or last.sort == "sign"
                    or mixed
                    or compound
                    or (
                        last.sort == "unit"
                        and bool(last.unit and last.unit.system == "money")
                        and (len(found) == 1 or found[-2].sort == "sign")
                    )
                )
            case "percent":
                fits = last is not None and last.sort == "num"
            case "unit":
                money = bool(one.unit and one.unit.system == "money")
                fits = (last is not None and last.sort == "num") or (money and (last is None or last.sort == "sign"))
            case "sign" if one.sign == "(":
                fits = last is None or (last.sort == "sign" and last.sign in _BINARY | {"√"})
                depth += fits
            case "sign" if one.sign == ")":
                fits = depth > 0
                depth -= fits
            case "sign" if one.sign in ("-", "–", "√"):
                fits = True
            case "sign":
                fits = last is not None
            case "word":
                fits = one.text.casefold() in named and last is not None and last.sort == "num"
            case _:
                fits = False
        if not fits:
            break
        found.append(one)
        place += 1
    return _ended(found, tokens, place)


def _ended(found: list[Token], tokens: Sequence[Token], place: int) -> tuple[_Side, int] | None:
    """A side without a dash at its end that begins an aside; None where an unknown goes on with it."""
    follow = tokens[place] if place < len(tokens) else None
    if found and found[-1].sort == "sign" and found[-1].sign in _BINARY:
        last = found[-1]
        dash = (
            last.sign in ("-", "–")
            and not (follow and follow.start == last.end)
            and not (follow and len(follow.text) == 1 and follow.sort == "word")
        )
        if not (dash or last.text == ":") or len(found) == 1:
            return None
        found, place, follow = found[:-1], place - 1, last
    if not any(one.sort == "num" for one in found):
        return None
    glued = follow is not None and follow.start == found[-1].end
    if follow and (
        (glued and follow.sort in ("word", "time", "num") and not is_unspaced(follow.text))
        or follow.text in ("x", "^", "√", "<", ">")
        or follow.sort == "num"
    ):
        return None
    if glued and follow and follow.text in ("/", "\\", "{", "_"):
        return None
    return _Side(tuple(found), found[0].start, found[-1].end), place


# What the sides come to.


def _judged(one: _Statement, text: str, language: str) -> Wrong | Literal[True] | None:
    """True for a right statement, the fault of a wrong one, None for what states nothing that can be reckoned."""
    scales = _scales(one)
    if scales is None or not _states(one) or _is_scale(one):
        return None
    values: list[tuple[Fraction, Fraction]] = []
    for style in ("first", "second"):
        try:
            pair = tuple(_value(side, language, style, scales) for side in (one.left, one.right))
        except (_NoNumberError, ZeroDivisionError, OverflowError):
            continue
        values += [(left, right) for left in pair[0] for right in pair[1]]
    if not values:
        return None
    if any(_agree(left, right, one, language, scales) for left, right in values):
        return True
    if one.goes_on and any(left == _first(one.right.numbers[0]) for left, _ in values):
        return None  # "3 × 4 = 12 + 2 = 14" is reckoned on from the first result.
    return _fault(one, values, text, language, scales)


def _states(one: _Statement) -> bool:
    """Whether a statement reckons at all: with a sign between figures, or from one unit to another."""
    signs = [
        token
        for side in (one.left, one.right)
        for token in side.tokens
        if token.sort == "sign" and token.sign in _BINARY | {"²", "³", "√"}
    ]
    kinds = {token.unit.name for side in (one.left, one.right) for token in side.tokens if token.unit}
    if len(one.left.numbers) + len(one.right.numbers) > 2 or any(token.sign in ("²", "³", "√") for token in signs):
        return True
    percent = {any(token.sort == "percent" for token in side.tokens) for side in (one.left, one.right)}
    return len(kinds) > 1 and percent == {False}


def _is_scale(one: _Statement) -> bool:
    """Whether a range stands for a mark or a name: "90–100 = 1"."""
    signs = [token for token in one.left.tokens if token.sort == "sign"]
    if len(signs) != 1 or signs[0].text not in ("-", "–", "/", ":") or len(one.left.numbers) != 2:
        return False
    first, last = one.left.numbers
    tight = first.end == signs[0].start and signs[0].end == last.start
    if signs[0].text in ("/", ":"):
        return (
            tight
            and one.right.is_figure
            and not any(token.sort == "percent" for token in one.right.tokens)
            and "." not in one.right.tokens[-1].text
            and "," not in one.right.tokens[-1].text
        )
    smaller = _first(first) < _first(last)
    if signs[0].text == "–" or smaller:
        return tight or smaller
    return tight and one.right.start - one.left.end > 1  # "10-3 = 7" may be a mark; "10-3=7" is a sum.


def _first(token: Token) -> Fraction:
    figure = figure_of(token.text, "en")
    return figure.values[0] if figure else Fraction(0)


@dataclass(frozen=True, slots=True)
class _Scales:
    """How the units of a statement are reckoned with: not at all, or each number in its dimension's first unit."""

    converted: bool
    loose: Fraction = Fraction(0)


def _scales(one: _Statement) -> _Scales | None:
    """How to reckon with a statement's units; None where they differ in a way that cannot be followed."""
    units = [token.unit for side in (one.left, one.right) for token in side.tokens if token.unit]
    strange = {token.text.casefold() for side in (one.left, one.right) for token in side.tokens if token.sort == "word"}
    if strange:
        told = {token.text.casefold() for token in one.right.tokens if token.sort == "word"}
        factors = all(token.sign in ("*", "/", "of") for token in one.left.tokens if token.sort == "sign")
        worded = any(token.sign in ("of", "off") for token in one.left.tokens)
        if units or not (told <= strange) or not (told or worded) or (len(strange) > 1 and not factors):
            return None
        return _Scales(converted=False)
    kinds = {unit.name for unit in units}
    if len(kinds) <= 1:
        return _Scales(converted=False)
    if len({unit.dimension for unit in units}) > 1:
        return None
    if any(_bare(side) for side in (one.left, one.right)):
        return None
    systems = {unit.system for unit in units}
    if one.aside and (len(systems) == 1 or not one.left.is_figure):
        return None
    if units[0].dimension == "temperature" and not (one.left.is_figure and one.right.is_figure):
        return None
    if "kitchen" in systems and len(systems) > 1:
        return _Scales(converted=True, loose=_KITCHEN)
    return _Scales(converted=True, loose=_OTHER_SYSTEM if len(systems) > 1 else Fraction(0))


def _bare(side: _Side) -> bool:
    """Whether a side adds numbers of which one has no unit."""
    tokens = [token for token in side.tokens if token.sort != "percent"]
    adds = not any(token.sign in ("*", "/", "of") for token in tokens)
    units = sum(token.sort == "unit" for token in tokens)
    return units < len(side.numbers) if adds else units != 1


def _value(side: _Side, language: str, style: str, scales: _Scales) -> tuple[Fraction, ...]:
    """What a side comes to; two values where a share that is added may be one of what stands before it.

    Raises:
        _NoNumberError: it is nothing that can be reckoned.
    """
    items = _items(side, language, style, scales)
    value = _Parser(items).whole()
    if abs(value) > _LARGEST:
        raise _NoNumberError
    shares = [at for at, item in enumerate(items) if isinstance(item, _Share)]
    plainly = [item for item in items if isinstance(item, Fraction)]
    if shares and plainly and len(items) == 3 and items[1] in ("+", "-", "–") and isinstance(items[2], _Share):
        other = plainly[0] * (1 + items[2].value if items[1] == "+" else 1 - items[2].value)
        return other, value
    return (value,)


@dataclass(frozen=True, slots=True)
class _Share:
    """A percentage as a part of one."""

    value: Fraction


Item = Fraction | _Share | str


def _items(side: _Side, language: str, style: str, scales: _Scales) -> list[Item]:
    items: list[Item] = []
    tokens = side.tokens
    for at, token in enumerate(tokens):
        if token.sort == "sign":
            items.append(token.sign)
            continue
        if token.sort != "num":
            continue
        figure = figure_of(token.text, language)
        if figure is None:
            raise _NoNumberError
        value = figure.values[0 if style == "first" else -1]
        behind = tokens[at + 1] if at + 1 < len(tokens) else None
        if items and isinstance(items[-1], Fraction):  # Mixed fractions and compound quantities.
            items.append("mixed")
        if behind and behind.sort == "percent":
            items.append(_Share(value / 100))
            continue
        if scales.converted:
            before = tokens[at - 1].unit if at else None
            money = before if before and before.system == "money" else None
            unit = behind.unit if behind and behind.unit else money
            value = value * unit.size + unit.origin if unit else value
        items.append(value)
    return items


class _Parser:
    """Reckons with the usual precedence; each step takes one item, so that it ends."""

    def __init__(self, items: list[Item]) -> None:
        self.items, self.at = items, 0

    def whole(self) -> Fraction:
        """The value of all items.

        Raises:
            _NoNumberError: they are no expression.
        """
        value = self._sum()
        if self.at != len(self.items):
            raise _NoNumberError
        return value

    def _next(self) -> Item | None:
        return self.items[self.at] if self.at < len(self.items) else None

    def _taken(self, *signs: str) -> str:
        one = self._next()
        if isinstance(one, str) and one in signs:
            self.at += 1
            return one
        return ""

    def _sum(self) -> Fraction:
        value = self._product()
        while sign := self._taken("+", "-", "–"):
            more = self._product()
            value = value + more if sign == "+" else value - more
        return value

    def _product(self) -> Fraction:
        shares = isinstance(self._next(), _Share) or self._is_fraction()
        value = self._power()
        while sign := self._taken("*", "/", "of", "off"):
            share = isinstance(self._next(), _Share)
            more = self._power()
            if sign == "of" and not (shares or share):
                raise _NoNumberError
            if sign == "off":
                if not shares:
                    raise _NoNumberError
                value = more * (1 - value)
            else:
                value = value / more if sign == "/" else value * more
        return value

    def _is_fraction(self) -> bool:
        """Whether a fraction such as 3/4 stands here."""
        return self.items[self.at + 1 : self.at + 2] == ["/"]

    def _power(self) -> Fraction:
        value = self._one()
        while sign := self._taken("^", "²", "³"):
            power = Fraction({"²": 2, "³": 3}.get(sign, 0)) or self._one()
            if power.denominator != 1 or abs(power) > _MOST_POWER or abs(value) > _LARGEST:
                raise _NoNumberError
            value = value ** int(power)
        return value

    def _one(self) -> Fraction:
        if self._taken("-", "–"):
            return -self._power()
        if self._taken("√"):
            return _root(self._one())
        if self._taken("("):
            value = self._sum()
            if not self._taken(")"):
                raise _NoNumberError
            return value
        one = self._next()
        if one is None or isinstance(one, str):
            raise _NoNumberError
        self.at += 1
        value = one.value if isinstance(one, _Share) else one
        if self._taken("mixed"):
            more = self._one()
            return value + (more / self._one() if self._taken("/") else more)
        if self._next() == "(":  # "3(4 + 5)"
            return value * self._one()
        return value


def _root(value: Fraction) -> Fraction:
    """The root of a square.

    Raises:
        _NoNumberError: it comes to no plain number.
    """
    root = Fraction(round(abs(float(value)) ** 0.5))
    if root * root != value:
        raise _NoNumberError
    return root


def _agree(left: Fraction, right: Fraction, one: _Statement, language: str, scales: _Scales) -> bool:
    """Whether two values are the same, as far as the digits that are shown say."""
    if left == right:
        return True
    if one.rest is not None:
        quotient = list(one.left.numbers)
        divisor = _first(quotient[-1]) if quotient else Fraction(1)
        return left * divisor == right * divisor + one.rest
    off, size = abs(left - right), max(abs(left), abs(right))
    if one.about and off <= max(size * _ABOUT, _unit(one.right, language, scales) / 2):
        return True
    if one.cut and off <= _unit(one.right, language, scales):
        return True
    if scales.loose and off <= size * (2 * scales.loose if one.aside else scales.loose):
        return True
    if one.right.is_figure != one.left.is_figure or scales.converted:
        shown = one.right if one.right.is_figure else one.left
        made = one.left if shown is one.right else one.right
        return _is_rounded(off, shown, made, language, scales)
    return False


def _is_rounded(off: Fraction, shown: _Side, made: _Side, language: str, scales: _Scales) -> bool:
    """Whether a figure is what was reckoned, rounded to the digits that it shows; sums are rounded to fewer than they have."""
    sums = all(token.sign in ("+", "-", "–", "(", ")", "/") for token in made.tokens if token.sort == "sign")
    adds = any(token.sign in ("+", "-", "–") for token in made.tokens if token.sort == "sign")
    unit = _unit(shown, language, scales)
    if sums and adds:
        shares = [token for token in made.tokens if token.sort == "percent"]
        if len(shares) == len(made.numbers) > 1 and off <= Fraction(len(shares), 200):
            return True  # Rounded shares that are to be a whole.
        finer = max(_decimals(token, language) for token in made.numbers) > _decimals(shown.numbers[0], language)
        if not finer and "/" not in [token.sign for token in made.tokens] and not scales.converted:
            return False
    return off <= unit / 2


def _unit(side: _Side, language: str, scales: _Scales) -> Fraction:
    """One of the last digit that a figure shows, in the unit that is reckoned in."""
    token = side.numbers[-1]
    unit = Fraction(1, 10 ** _decimals(token, language))
    at = side.tokens.index(token)
    behind = side.tokens[at + 1] if at + 1 < len(side.tokens) else None
    if behind and behind.sort == "percent":
        return unit / 100
    if scales.converted:
        named = [one.unit for one in side.tokens if one.unit]
        return unit * named[-1].size if named else unit
    return unit


def _decimals(token: Token, language: str) -> int:
    figure = figure_of(token.text, language) or Figure((Fraction(0),), (0,))
    return max(figure.decimals) if len(figure.decimals) == 1 else figure.decimals[0]


def _fault(
    one: _Statement, values: Sequence[tuple[Fraction, Fraction]], text: str, language: str, scales: _Scales
) -> Wrong:
    """What is wrong about a statement, and the figure that would be right where one alone is at fault."""
    said = text[one.left.start : one.right.end]
    shown = one.right if one.right.is_figure else one.left if one.left.is_figure else None
    if shown is None or one.rest is not None:
        return Wrong(said, said, "", one.left.start, one.right.end)
    token = shown.numbers[0]
    left, right = values[0]
    wanted = left if shown is one.right else right
    units = [piece.unit for piece in shown.tokens if piece.unit]
    if scales.converted and units:
        wanted = (wanted - units[-1].origin) / units[-1].size
    if any(piece.sort == "percent" for piece in shown.tokens):
        wanted *= 100
    sided = one.left if shown is one.right else one.right
    numbers = [*(piece.text for piece in sided.numbers), token.text]
    least = _decimals(token, language) if scales.loose else 0
    signs = [piece for piece in shown.tokens if piece.sort == "sign" and piece.sign in ("-", "–")]
    start = signs[0].start if signs else token.start
    return Wrong(
        said,
        text[start : token.end],
        written(wanted, numbers, language, rounded=least if scales.loose else None),
        start,
        token.end,
    )


def written(value: Fraction, like: Sequence[str], language: str, *, rounded: int | None = None) -> str:
    """A value as figures that a text writes like some others: with their separators, and no more than four digits behind the point."""
    cents = [number for number in like if re.fullmatch(r".*[.,]\d\d", number)]
    places = (
        rounded
        if rounded is not None
        else next(
            (places for places in range(5) if (value * 10**places).denominator == 1),
            max(2, max((_places(one) for one in like), default=0)),
        )
    )
    if cents and places == 1:
        places = 2
    scaled = round(abs(value) * 10**places)
    whole, part = divmod(scaled, 10**places)
    point = _point(like, language)
    grouping = next((sign for number in like if (sign := _grouping(number, point))), "")
    digits = f"{whole:,}".replace(",", grouping) if whole >= 1000 and grouping else str(whole)
    sign = "-" if value < 0 and scaled else ""
    return f"{sign}{digits}{point}{part:0{places}d}" if places else f"{sign}{digits}"


def _places(number: str) -> int:
    found = re.search(r"[.,](\d+)$", number)
    return len(found[1]) if found else 0


def _point(like: Sequence[str], language: str) -> str:
    """The sign before a fraction: as some numbers have it, else as their language does."""
    for number in like:
        if (found := re.fullmatch(r"\d*([.,])(\d+)", number)) and (len(found[2]) != 3 or number[0] == "0"):
            return found[1]
    return "," if language in COMMA else "."


def _grouping(number: str, point: str) -> str:
    found = re.match(r"\d{1,3}([ \u00a0\u202f'’.,])\d{3}(?!\d)", number)
    return found[1] if found and found[1] != point else ""


# Whether a statement is meant.


def _is_doubted(text: str, start: int, end: int) -> bool:
    """Whether a statement's sentence, or the one before or behind it, calls something wrong, or tells what somebody says."""
    ends = [one.end() for one in _SENTENCE_END.finditer(text, max(0, start - 400), start)]
    begins = [max(0, start - 400), *ends]
    behind = [one.end() for one in _SENTENCE_END.finditer(text, end, end + 400)]
    near = text[
        begins[-2] if len(begins) > 1 else begins[0] : (behind[1] if len(behind) > 1 else min(len(text), end + 400))
    ]
    own = text[begins[-1] : behind[0] if behind else min(len(text), end + 400)]
    cues = words()["cues"]
    return has_word(near, cues["doubt"]) or has_word(own, cues["speech"])


def wants_mistakes(brief: str) -> bool:
    """Whether a brief asks for a text that has mistakes in it."""
    return has_word(brief[:4000], words()["cues"]["mistakes"])


# Equations of one unknown.


def _solutions(text: str, language: str) -> Iterator[Wrong]:
    """What is said to solve the equation before it, with nothing as `right` where it does."""
    for number, found in enumerate(_SOLVED.finditer(text)):
        if number >= _MOST_STATEMENTS:
            return
        before = text[max(0, found.start() - _MOST_BEFORE) : found.start()]
        letter = found[1]
        solutions = [
            value
            for left, right in _equations(before, letter)
            if (value := _solution(left, right, letter, language)) is not None
        ]
        between = before.split("\n\n")[-1]
        if not solutions or has_word(between, words()["asks"]["given"]) or _is_asked_text(text, found.end()):
            continue
        stated = _fraction(found[2], language)
        if stated is None:
            continue
        wanted = solutions[0]
        said = re.sub(r"\s+", " ", f"{before[-60:].strip()} {found.group()}").strip()
        if stated == wanted or (
            abs(stated - wanted) <= Fraction(1, 2 * 10 ** _places(found[2]))
            and wanted.denominator > 1
            and _places(found[2])
        ):
            yield Wrong(said, found[2], "", found.start(2), found.end(2))
        else:
            right = (
                written(wanted, [found[2]], language) if _ends(wanted) else f"{wanted.numerator}/{wanted.denominator}"
            )
            yield Wrong(said, found[2], right, found.start(2), found.end(2))


def _is_asked_text(text: str, at: int) -> bool:
    end = _SENTENCE_END.search(text, at, at + 200)
    return bool(end and end.group() in "?？؟")


def _ends(value: Fraction) -> bool:
    return (value * 10_000).denominator == 1


def _equations(text: str, letter: str) -> Iterator[tuple[str, str]]:
    """The sides of the equations of one unknown in the last paragraph of a text, in their order."""
    text = text.split("\n\n")[-1]
    side = rf"(?:{_SIDE}|(?<![^\W\d_]){letter}(?![^\W\d_²³^])){{1,60}}+"
    for found in re.finditer(rf"({side})=(?=({side}))", text):
        left, right = _cut(found[1], front=True), _cut(found[2], front=False)
        if (letter in left) != (letter in right) or (letter in left and letter in right):
            yield left, right


def _cut(side: str, *, front: bool) -> str:
    """A side without what stands before or behind it as punctuation."""
    side = side.rpartition("\n")[2] if front else side.partition("\n")[0]
    pieces = re.split(r"[.,](?!\d)\s*|\)\s+(?=[\d(a-z])", side)
    return (pieces[-1] if front else pieces[0]).strip()


def _solution(left: str, right: str, letter: str, language: str) -> Fraction | None:
    """The one number that solves an equation; None where there is not just one, or it is none of the first degree."""
    try:
        first, second = (_linear(side, letter, language) for side in (left, right))
    except (_NoNumberError, ZeroDivisionError):
        return None
    slope = first[0] - second[0]
    if not slope or _is_alone(first, second) or _is_alone(second, first):
        return None
    return (second[1] - first[1]) / slope


def _is_alone(side: tuple[Fraction, Fraction], other: tuple[Fraction, Fraction]) -> bool:
    """Whether a side is the unknown itself and the other a number: a solution, which is no equation to be solved."""
    return side[0] == 1 and side[1] == 0 and other[0] == 0


def _linear(side: str, letter: str, language: str) -> tuple[Fraction, Fraction]:
    """How often a side has the unknown, and what it has besides, found by putting in three numbers.

    Raises:
        _NoNumberError: it is not of the first degree.
    """
    values = [_put(side, letter, number, language) for number in (0, 1, 2)]
    slope = values[1] - values[0]
    if values[2] - values[1] != slope:
        raise _NoNumberError
    return slope, values[0]


def _put(side: str, letter: str, number: int, language: str) -> Fraction:
    items: list[Item] = []
    for token in tokens_of(re.sub(letter, f" ({number}) ", side)):
        if token.sort == "num":
            figure = figure_of(token.text, language)
            if figure is None or (items and isinstance(items[-1], Fraction)):
                raise _NoNumberError
            items.append(figure.values[0])
        elif token.sort == "sign":
            if token.sign == "(" and items and items[-1] == ")":
                items.append("*")
            items.append(token.sign)
        else:
            raise _NoNumberError
    return _Parser(items).whole()


def _fraction(text: str, language: str) -> Fraction | None:
    text = text.replace("−", "-")
    sign, body = (-1, text[1:]) if text.startswith("-") else (1, text)
    if "/" in body:
        over, under = body.split("/")
        return sign * Fraction(int(over), int(under)) if over.isdigit() and int(under) else None
    figure = figure_of(body, language)
    return sign * figure.values[0] if figure else None


# Questions that ask for a figure.


def asked_for(question: str, language: str) -> Fraction | None:
    """What the one expression or equation of a question comes to, where it asks for nothing else; None where that is open."""
    text = plain(question[:400])
    said = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", text)
    if equation := _asked_equation(text, said):
        left, right, letter = equation
        return _solution(left, right, letter, language)
    tokens = tokens_of(text)
    at = len(tokens)
    while at and (tokens[at - 1].sort in ("blank", "exact") or tokens[at - 1].text in ".¿!"):
        at -= 1
    side = _before(tokens, at)
    if side is None or not _is_only(side, tokens):
        return None
    try:
        values = _value(side, language, "first", _Scales(converted=False))
    except (_NoNumberError, ZeroDivisionError, OverflowError):
        return None
    return (
        values[0] if len(values) == 1 and not any(token.sort == "word" or token.unit for token in side.tokens) else None
    )


def _is_only(side: _Side, tokens: Sequence[Token]) -> bool:
    """Whether a side reckons, and a question has but words that ask for it."""
    listed = frozenset(words()["asks"]["words"])
    if len(side.numbers) < 2 and not any(token.sign in ("²", "³", "√") for token in side.tokens):
        return False
    rest = [token for token in tokens if not side.start <= token.start < side.end]
    return all(
        token.sort in ("exact", "loose", "blank", "break") or token.text in ".:,¿()" or token.text.casefold() in listed
        for token in rest
    )


def _asked_equation(text: str, said: Sequence[str]) -> tuple[str, str, str] | None:
    if text.count("=") != 1:
        return None
    letters = [word for word in said if len(word) == 1 and word in "xyzn"]
    listed = frozenset(words()["asks"]["words"])
    known = all(word.casefold() in listed or len(word) == 1 for word in said)
    letter = letters[0] if letters else next(iter(re.findall(r"\d([xyzn])\b", text)), "")
    if not letter or not known or len(set(letters) | {letter}) > 1:
        return None
    return next(((left, right, letter) for left, right in _equations(text, letter)), None)


def answers(text: str, value: Fraction, language: str) -> bool | None:
    """Whether an answer is a value, as far as its digits say; None where it is no plain figure."""
    said = re.sub(r"^[xyzn]\s?=\s?|[.\s]+$", "", plain(text[:60]).strip())
    percent = said.endswith("%")
    body = said.rstrip("%").strip()
    if not re.fullmatch(r"[-−]?\d{1,12}(?:[.,  ]\d{1,12}){0,4}(?:/\d{1,9})?", body):
        return None
    sign, number = (-1, body[1:]) if body[0] in "-−" else (1, body)
    if "/" in number:
        found = _fraction(number, language)
        return None if found is None else sign * found == value
    figure = figure_of(number, language)
    if figure is None:
        return None
    scale = Fraction(1, 100) if percent else Fraction(1)
    return any(
        sign * one * scale == value or (places and abs(sign * one * scale - value) <= scale / (2 * 10**places))
        for one, places in zip(figure.values, figure.decimals, strict=True)
    )


def wrong_answer(question: str, answer: str, language: str) -> str:
    """What a question that only asks to reckon comes to, where its answer is another number; empty where it is right or open."""
    value = asked_for(question, language)
    if value is None or answers(answer, value, language) is not False:
        return ""
    if not _ends(value):
        return f"{value.numerator}/{value.denominator}"
    return written(value, re.findall(r"\d[\d.,]*\d|\d", answer), language)
