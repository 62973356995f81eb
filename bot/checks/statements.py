"""What a text states that can be reckoned: two sides with a sign or a word between them that says they are the same. Pure.

Ranges, dates, times, ratios, scales and questions are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from .quantities import Token, figure_of, is_unspaced, words

# Statements of a text that are looked at, and tokens on either side of one.
MOST_STATEMENTS, _MOST_TOKENS = 200, 40
BINARY = frozenset({"+", "-", "–", "*", "/", "^", "of", "off"})
_WORDED = re.compile(r"[^\W\d_]")
_CLOSING = frozenset('.,;:!)]\n”“"»…。、）」।؛،*|')


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
class Side:
    """One side of a statement: its tokens, each number in each reading, and what it looks like."""

    tokens: tuple[Token, ...]
    start: int
    end: int

    @property
    def numbers(self) -> list[Token]:
        """Its numbers, without signs and units."""
        return [one for one in self.tokens if one.sort == "num"]

    @property
    def is_figure(self) -> bool:
        """Nothing but one number with its unit."""
        return len(self.numbers) == 1 and not any(
            one.sort == "sign" and one.sign in BINARY | {"²", "³", "√"} for one in self.tokens
        )


@dataclass(slots=True)
class Statement:
    """Two sides that are said to be the same.

    `about` says that they are so nearly, `cut` that the right one goes on with more digits, `rest` is a division's remainder, `aside`
    stands for a quantity in brackets that says the one before it in another unit, and `goes_on` for a right side that is reckoned with.
    """

    left: Side
    right: Side
    about: bool = False
    cut: bool = False
    rest: Fraction | None = None
    aside: bool = False
    goes_on: bool = False


def first_value(token: Token) -> Fraction:
    """The likelier value of a number; 0 for a date."""
    figure = figure_of(token.text, "en")
    return figure.values[0] if figure else Fraction(0)


def statements(tokens: Sequence[Token]) -> Iterator[Statement]:
    """What some tokens state that may be reckoned, in their order."""
    left = MOST_STATEMENTS
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


def _statement(tokens: Sequence[Token], at: int) -> Statement | None:
    sort = tokens[at].sort
    before = side_before(tokens, at)
    if before is None:
        return None
    about, after = sort == "near", at + 1
    while after < len(tokens) and (tokens[after].sort in ("about", "near") or tokens[after].text == "."):
        about, after = True, after + 1
    behind = _behind(tokens, after, {one.text.casefold() for one in before.tokens if one.sort == "word"})
    if behind is None:
        return None
    side, follow = behind
    found = Statement(before, side, about=about)
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


def side_before(tokens: Sequence[Token], at: int) -> Side | None:
    """The side before a token; None for what is none, such as one with an unknown."""
    found: list[Token] = []
    depth, place = 0, at - 1
    while place >= 0 and len(found) < _MOST_TOKENS:
        one, behind = tokens[place], found[-1] if found else None
        one = _times(tokens, place) or one
        if one.sign == ")":
            if behind and not (behind.sort == "sign" and behind.sign in BINARY | {"²", "³", ")"}):
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


def _trimmed(found: list[Token], before: Token | None) -> Side | None:
    """A side without what is only punctuation at its front; None where an unknown stands before it."""
    while found and found[0].sort == "sign" and found[0].sign in BINARY:
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
    return Side(tuple(found), found[0].start, found[-1].end)


def _behind(tokens: Sequence[Token], at: int, named: set[str]) -> tuple[Side, int] | None:
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
                fits = last is None or (last.sort == "sign" and last.sign in BINARY | {"√"})
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


def _ended(found: list[Token], tokens: Sequence[Token], place: int) -> tuple[Side, int] | None:
    """A side without a dash at its end that begins an aside; None where an unknown goes on with it."""
    follow = tokens[place] if place < len(tokens) else None
    if found and found[-1].sort == "sign" and found[-1].sign in BINARY:
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
    return Side(tuple(found), found[0].start, found[-1].end), place
