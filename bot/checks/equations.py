"""Equations of one unknown with what is said to solve them, and questions that ask for nothing but a figure. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from .expressions import Item, NoNumberError, Parser, Scales, values_of
from .quantities import Token, ends, figure_of, has_word, places_of, plain, tokens_of, words, written
from .statements import MOST_STATEMENTS, Side, Wrong, side_before

# An equation of one unknown, and what is said to solve it.
_SOLVED = re.compile(
    r"(?<![\w²³])(?<![-+−–*/×·^(])(?<![-+−–*/×·^(] )([a-z])\s?=\s?([-−]?\d{1,9}(?:[.,]\d{1,6}|/\d{1,6})?)"
    r"(?![\w/^²³%]|[.,:]\d|\s?[-+*×·÷/^(=])"
)
_SIDE = r"[\d\s.,+\-−–×·*/÷()]"
MOST_BEFORE = 200
SENTENCE_END = re.compile(r"[.!?。？！؟।](?!\d)|\n")
_FRACTION = re.compile(r"(?<![\d/.,])(\d{1,9})\s?/\s?(\d{1,9})(?![\d/])")
_NUMBERS = re.compile(r"\d{1,9}")


def solutions(text: str, language: str) -> Iterator[Wrong]:
    """What is said to solve the equation before it, with nothing as `right` where it does."""
    solved: dict[str, int] = {}  # Where the last solution of each unknown ends: what stands before it is done with.
    for number, found in enumerate(_SOLVED.finditer(text)):
        if number >= MOST_STATEMENTS:
            return
        letter = found[1]
        before = text[max(solved.get(letter, 0), found.start() - MOST_BEFORE) : found.start()]
        solved[letter] = found.end()
        known = [
            value
            for left, right in _equations(before, letter)
            if (value := _solution(left, right, letter, language)) is not None
        ]
        between = before.split("\n\n")[-1]
        if not known or has_word(between, words()["asks"]["given"]) or _is_asked_text(text, found.end()):
            continue
        stated = _fraction(found[2], language)
        if stated is None:
            continue
        wanted = known[0]
        said = re.sub(r"\s+", " ", f"{before[-60:].strip()} {found.group()}").strip()
        if stated == wanted or (
            abs(stated - wanted) <= Fraction(1, 2 * 10 ** places_of(found[2]))
            and wanted.denominator > 1
            and places_of(found[2])
        ):
            yield Wrong(said, found[2], "", found.start(2), found.end(2))
        else:
            right = (
                written(wanted, [found[2]], language) if ends(wanted) else f"{wanted.numerator}/{wanted.denominator}"
            )
            yield Wrong(said, found[2], right, found.start(2), found.end(2))


def _is_asked_text(text: str, at: int) -> bool:
    end = SENTENCE_END.search(text, at, at + 200)
    return bool(end and end.group() in "?？؟")


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
    except (NoNumberError, ZeroDivisionError):
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
        NoNumberError: it is not of the first degree.
    """
    values = [_put(side, letter, number, language) for number in (0, 1, 2)]
    slope = values[1] - values[0]
    if values[2] - values[1] != slope:
        raise NoNumberError
    return slope, values[0]


def _put(side: str, letter: str, number: int, language: str) -> Fraction:
    items: list[Item] = []
    for token in tokens_of(re.sub(letter, f" ({number}) ", side)):
        if token.sort == "num":
            figure = figure_of(token.text, language)
            if figure is None or (items and isinstance(items[-1], Fraction)):
                raise NoNumberError
            items.append(figure.values[0])
        elif token.sort == "sign":
            if token.sign == "(" and items and items[-1] == ")":
                items.append("*")
            items.append(token.sign)
        else:
            raise NoNumberError
    return Parser(items).whole()


def _fraction(text: str, language: str) -> Fraction | None:
    text = text.replace("−", "-")
    sign, body = (-1, text[1:]) if text.startswith("-") else (1, text)
    if "/" in body:
        over, under = body.split("/")
        return sign * Fraction(int(over), int(under)) if over.isdigit() and int(under) else None
    figure = figure_of(body, language)
    return sign * figure.values[0] if figure else None


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
    side = side_before(tokens, at)
    if side is None or not _is_only(side, tokens):
        return None
    try:
        values = values_of(side, language, "first", Scales(converted=False))
    except (NoNumberError, ZeroDivisionError, OverflowError):
        return None
    return (
        values[0] if len(values) == 1 and not any(token.sort == "word" or token.unit for token in side.tokens) else None
    )


def _is_only(side: Side, tokens: Sequence[Token]) -> bool:
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


def _simplified(question: str) -> Fraction | None:
    """The one fraction that a question asks to write with the smallest numbers."""
    text = plain(question[:400])
    found = _FRACTION.findall(text)
    if len(found) != 1 or len(_NUMBERS.findall(text)) > 2 or not int(found[0][1]):
        return None
    return Fraction(int(found[0][0]), int(found[0][1])) if has_word(text, words()["asks"]["simplest"]) else None


def _is_simplified(answer: str, value: Fraction) -> bool | None:
    """Whether an answer is a fraction with the smallest numbers, also a mixed one; None where it is none."""
    said = re.fullmatch(r"(?:(\d{1,9})\s)?(\d{1,9})(?:/(\d{1,9}))?", plain(answer[:60]).strip(" .="))
    if said is None or (said[1] and not said[3]):
        return None
    over, under = int(said[2]), int(said[3] or 1)
    return under > 0 and math.gcd(over, under) == 1 and int(said[1] or 0) + Fraction(over, under) == value


def wrong_answer(question: str, answer: str, language: str) -> str:
    """What a question that only asks to reckon comes to, where its answer is another number; empty where it is right or open."""
    if (simplest := _simplified(question)) is not None:
        return str(simplest) if _is_simplified(answer, simplest) is False else ""
    value = asked_for(question, language)
    if value is None or answers(answer, value, language) is not False:
        return ""
    if not ends(value):
        return f"{value.numerator}/{value.denominator}"
    return written(value, re.findall(r"\d[\d.,]*\d|\d", answer), language)
