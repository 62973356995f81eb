"""What a text states that can be reckoned: sums, shares, conversions of units, and solutions of simple equations. Pure.

A statement is taken for wrong only where no reading of its figures makes it right: neither another country's separators, nor
rounding to the digits that it shows. Quotations and mistakes to be found are left alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from .equations import MOST_BEFORE, SENTENCE_END, solutions
from .expressions import NoNumberError, Scales, scales_of, values_of
from .quantities import MOST_READ, Figure, Token, figure_of, has_word, plain, tokens_of, words, written
from .statements import BINARY, Side, Statement, Wrong, first_value, statements

_HAS_FIGURE = re.compile(r"\d")
# By how much, as a share, a figure may be off that is said to be about right.
_ABOUT = Fraction(15, 100)
_QUOTED = re.compile(
    r"“[^“”\n]{1,300}”|„[^„“”\n]{1,300}[“”]|«[^«»\n]{1,300}»|\"[^\"\n]{1,300}\"|「[^「」\n]{1,300}」|~~[^~\n]{1,300}~~"
)


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What was looked at in a text: how many statements are right, and which are wrong."""

    right: int
    wrong: tuple[Wrong, ...]


def reckoned(text: str, language: str) -> Reckoned:
    """What a text states that can be reckoned."""
    flat = plain(text[:MOST_READ])
    right, wrong = 0, list[Wrong]()
    for one, judged in _stated(flat, language):
        if not isinstance(judged, Wrong):
            right += 1
        elif not _is_doubted(flat, one.left.start, one.right.end):
            wrong.append(judged)
    for solved in solutions(flat, language) if _HAS_FIGURE.search(flat) else ():
        if _is_quoted(solved.start, solved.start + 1, _quoted(flat)) or _is_doubted(flat, solved.start, solved.end):
            continue
        if solved.right:
            wrong.append(solved)
        else:
            right += 1
    return Reckoned(right, tuple(_as_written(one, text, flat) for one in sorted(wrong, key=lambda one: one.start)))


def right_figures(text: str, language: str) -> list[tuple[str, ...]]:
    """The figures of each statement that a text reckons rightly, as they are written in ASCII digits."""
    return [
        tuple(number.text for side in (one.left, one.right) for number in side.numbers)
        for one, judged in _stated(plain(text[:MOST_READ]), language)
        if not isinstance(judged, Wrong)
    ]


def _stated(flat: str, language: str) -> Iterator[tuple[Statement, Wrong | Literal[True]]]:
    """What a text states itself, with what is wrong about it."""
    if not _HAS_FIGURE.search(flat):
        return
    quoted = _quoted(flat)
    for one in statements(tokens_of(flat)):
        if (
            not _is_quoted(one.left.start, one.right.end, quoted)
            and (judged := _judged(one, flat, language)) is not None
        ):
            yield one, judged


def _quoted(flat: str) -> list[tuple[int, int]]:
    return [one.span() for one in _QUOTED.finditer(flat)]


def _is_quoted(start: int, end: int, quoted: Sequence[tuple[int, int]]) -> bool:
    return any(begun <= start and end <= ended for begun, ended in quoted)


def _as_written(one: Wrong, text: str, flat: str) -> Wrong:
    """A wrong statement in the digits of its text."""
    stated = text[one.start : one.end]
    at = flat.find(one.said, max(0, one.start - MOST_BEFORE))
    said = text[at : at + len(one.said)] if at >= 0 else one.said
    zero = next((ord(sign) - unicodedata.decimal(sign) for sign in stated if sign.isdecimal()), ord("0"))
    right = "".join(chr(zero + int(sign)) if sign.isdecimal() else sign for sign in one.right)
    return replace(one, said=said, stated=stated, right=right)


def _judged(one: Statement, text: str, language: str) -> Wrong | Literal[True] | None:
    """True for a right statement, the fault of a wrong one, None for what states nothing that can be reckoned."""
    scales = scales_of(one)
    if scales is None or not _states(one) or _is_scale(one):
        return None
    values: list[tuple[Fraction, Fraction]] = []
    for style in ("first", "second"):
        try:
            pair = tuple(values_of(side, language, style, scales) for side in (one.left, one.right))
        except (NoNumberError, ZeroDivisionError, OverflowError):
            continue
        values += [(left, right) for left in pair[0] for right in pair[1]]
    if not values:
        return None
    if any(_agree(left, right, one, language, scales) for left, right in values):
        return True
    if one.goes_on and any(left == first_value(one.right.numbers[0]) for left, _ in values):
        return None  # "3 × 4 = 12 + 2 = 14" is reckoned on from the first result.
    if _shares(one.right) and not _shares(one.left) and any(token.sign == "+" for token in one.left.tokens):
        return None  # "40 + 60 = 100 %": what is added are shares already.
    return _fault(one, values, text, language, scales)


def _shares(side: Side) -> bool:
    return any(token.sort == "percent" for token in side.tokens)


def _states(one: Statement) -> bool:
    """Whether a statement reckons at all: with a sign between figures, or from one unit to another."""
    signs = [
        token
        for side in (one.left, one.right)
        for token in side.tokens
        if token.sort == "sign" and token.sign in BINARY | {"²", "³", "√"}
    ]
    kinds = {token.unit.name for side in (one.left, one.right) for token in side.tokens if token.unit}
    if len(one.left.numbers) + len(one.right.numbers) > 2 or any(token.sign in ("²", "³", "√") for token in signs):
        return True
    percent = {any(token.sort == "percent" for token in side.tokens) for side in (one.left, one.right)}
    return len(kinds) > 1 and percent == {False}


def _is_scale(one: Statement) -> bool:
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
    smaller = first_value(first) < first_value(last)
    if signs[0].text == "–" or smaller:
        return tight or smaller
    return tight and one.right.start - one.left.end > 1  # "10-3 = 7" may be a mark; "10-3=7" is a sum.


def _agree(left: Fraction, right: Fraction, one: Statement, language: str, scales: Scales) -> bool:
    """Whether two values are the same, as far as the digits that are shown say."""
    if left == right:
        return True
    if one.rest is not None:
        quotient = list(one.left.numbers)
        divisor = first_value(quotient[-1]) if quotient else Fraction(1)
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


def _is_rounded(off: Fraction, shown: Side, made: Side, language: str, scales: Scales) -> bool:
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


def _unit(side: Side, language: str, scales: Scales) -> Fraction:
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
    one: Statement, values: Sequence[tuple[Fraction, Fraction]], text: str, language: str, scales: Scales
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


def _is_doubted(text: str, start: int, end: int) -> bool:
    """Whether a statement's sentence, or the one before or behind it, calls something wrong, or tells what somebody says."""
    ends = [one.end() for one in SENTENCE_END.finditer(text, max(0, start - 400), start)]
    begins = [max(0, start - 400), *ends]
    behind = [one.end() for one in SENTENCE_END.finditer(text, end, end + 400)]
    near = text[
        begins[-2] if len(begins) > 1 else begins[0] : (behind[1] if len(behind) > 1 else min(len(text), end + 400))
    ]
    own = text[begins[-1] : behind[0] if behind else min(len(text), end + 400)]
    cues = words()["cues"]
    return has_word(near, cues["doubt"]) or has_word(own, cues["speech"])


def wants_mistakes(brief: str) -> bool:
    """Whether a brief asks for a text that has mistakes in it."""
    return has_word(brief[:4000], words()["cues"]["mistakes"])
