"""Tokenise the figures, units and arithmetic words of a text, as defined in quantities.toml for ten languages."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast

# Characters of a text that are tokenised.
MAX_CHARACTERS = 12_000
# Languages with a decimal comma: 1.000,5.
COMMA_LANGUAGES = frozenset({"de", "es", "fr", "id", "it", "pt"})
_DEVANAGARI_MARKS = "\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963"
_TOKEN = re.compile(
    r"(?P<time>(?<![\d.,:])\d{1,2}:\d\d(?!\d)(?::\d\d)?)"
    r"|(?P<num>\d{1,3}(?:[ \u00a0\u202f'’]\d{3}(?!\d)){1,6}(?:[.,]\d+)?|\d+(?:[.,]\d+)*)"
    r"|(?P<part>[½¼¾⅓⅔⅕⅛])"
    r"|(?P<unit>°\s?[CF]\b|[℃℉€£¥₹″$]|R\$|US\$|(?<![^\W\d_])(?:km/h|m/s)\b|(?<![^\W\d_])[ckd]?m[²³23](?![\w²³]))"
    r"|(?P<percent>%)"
    r"|(?P<sign>[-+−–×·⋅∙*÷/∕:^²³√()])"
    r"|(?P<relation>[=≈≃~])"
    r"|(?P<blank>_{2,}|…|\?)"
    rf"|(?P<word>(?:[^\W\d_]|[{_DEVANAGARI_MARKS}])+(?:['’][^\W\d_]+)?)"
    r"|(?P<break>\n)|(?P<other>\S)",
    re.IGNORECASE,
)
_SIGNS = {"−": "-", "–": "–", "×": "*", "·": "*", "⋅": "*", "∙": "*", "÷": "/", "∕": "/", ":": "/"}
_FRACTIONS = {"½": (1, 2), "¼": (1, 4), "¾": (3, 4), "⅓": (1, 3), "⅔": (2, 3), "⅕": (1, 5), "⅛": (1, 8)}
_PERCENT_WORDS = (
    "percent",
    "per cent",
    "prozent",
    "por ciento",
    "pour cent",
    "pourcent",
    "por cento",
    "per cento",
    "persen",
    "प्रतिशत",
    "パーセント",
)
_ASCII_SIGNS = {
    "٫": ".",
    "٬": ",",
    "，": ",",
    "．": ".",
    "：": ":",
    "＝": "=",
    "＋": "+",
    "－": "-",
    "％": "%",
    "٪": "%",
    "（": "(",
    "）": ")",
}
_OTHER_SCRIPT = re.compile("[\u0600-\U0010ffff]")
# A letter of a script without spaces between words.
_UNSPACED = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")

TokenSort = Literal[
    "num", "percent", "unit", "sign", "exact", "loose", "near", "about", "blank", "word", "break", "other", "time"
]


@dataclass(frozen=True, slots=True)
class MeasureUnit:
    """A unit: its size in the base unit of its dimension, and the origin of a temperature scale."""

    name: str
    dimension: str
    size: Fraction
    system: str
    origin: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class QuantityToken:
    """A token: its sort, its span, and its meaning, a sign or a unit."""

    sort: TokenSort
    text: str
    start: int
    end: int
    sign: str = ""
    unit: MeasureUnit | None = None


@cache
def _load_words() -> dict[str, Any]:
    return tomllib.loads((files("bot.checks") / "quantities.toml").read_text(encoding="utf-8"))


@cache
def _load_units() -> dict[str, MeasureUnit]:
    units: dict[str, MeasureUnit] = {}
    for row in _load_words()["unit"]:
        unit = MeasureUnit(
            row["names"][0], row["dimension"], Fraction(row["size"]), row["system"], Fraction(row.get("from", 0))
        )
        units |= dict.fromkeys(map(str.casefold, row["names"]), unit)
    return units


@cache
def _load_meanings() -> dict[str, tuple[TokenSort, str, MeasureUnit | None]]:
    """Load the sort, sign and unit of each word and phrase, by its lower case."""
    meanings: dict[str, tuple[TokenSort, str, MeasureUnit | None]] = {
        name: ("unit", "", unit) for name, unit in _load_units().items()
    }
    meanings |= dict.fromkeys(_PERCENT_WORDS, ("percent", "", None))
    relations = _load_words()["relations"]
    for sort in ("about", "loose", "exact"):
        meanings |= dict.fromkeys(relations[sort], (sort, "", None))
    for sign, names in _load_words()["signs"].items():
        meanings |= dict.fromkeys(names, ("sign", sign, None))
    return {name.casefold(): meaning for name, meaning in meanings.items()}


@cache
def _load_first_words() -> frozenset[str]:
    """Load the first words of phrases."""
    return frozenset(name.partition(" ")[0] for name in _load_meanings() if " " in name)


def normalise_digits(text: str) -> str:
    """Convert digits and signs of other scripts to ASCII, keeping the length."""
    if text.isascii():
        return text
    return _OTHER_SCRIPT.sub(lambda match: _normalise_sign(match[0]), text)


@cache
def _normalise_sign(sign: str) -> str:
    digit = unicodedata.decimal(sign, None)
    return str(digit) if digit is not None else _ASCII_SIGNS.get(sign, sign)


def tokenize(text: str) -> list[QuantityToken]:
    """Tokenise the result of `normalise_digits`."""
    matches = list(_TOKEN.finditer(text[:MAX_CHARACTERS]))
    tokens: list[QuantityToken] = []
    at = 0
    while at < len(matches):
        raw_token = matches[at]
        sort, word = raw_token.lastgroup or "other", raw_token.group()
        start, end = raw_token.span()
        match sort:
            case "word":
                length = _count_phrase_words(matches, at) if word.casefold() in _load_first_words() else 1
                end = matches[at + length - 1].end()
                tokens += _split_meanings(text[start:end], start)
                at += length
                continue
            case "sign" if word == ":" and text[start - 1 : start].strip() and not text[end : end + 1].strip():
                tokens.append(QuantityToken("other", word, start, end))
            case "sign":
                tokens.append(QuantityToken("sign", word, start, end, _SIGNS.get(word, word)))
            case "relation":
                tokens.append(QuantityToken("exact" if word == "=" else "near", word, start, end))
            case "part":
                tokens.append(QuantityToken("num", word, start, end))
            case "unit":
                unit = _load_units().get(word.casefold().replace(" ", "").replace("\u00a0", ""))
                tokens.append(QuantityToken("unit" if unit else "other", word, start, end, "", unit))
            case _:
                # The other groups of the pattern are named after their sorts.
                tokens.append(QuantityToken(cast(TokenSort, sort), word, start, end))
        at += 1
    return tokens


def _count_phrase_words(matches: list[re.Match[str]], at: int) -> int:
    """Return the number of words in the phrase at a position; 1 for a single word."""
    for length in (3, 2):
        phrase = matches[at : at + length]
        if len(phrase) == length and all(word.lastgroup == "word" for word in phrase):
            text = " ".join(word.group() for word in phrase).casefold()
            if text in _load_meanings() and phrase[-1].end() - phrase[0].start() == len(text):
                return length
    return 1


def _split_meanings(word: str, start: int) -> Iterator[QuantityToken]:
    """Yield the tokens of a word; a run without spaces is split into its known words."""
    lower = word.casefold()
    if lower in _load_meanings():
        sort, sign, unit = _load_meanings()[lower]
        yield QuantityToken(sort, word, start, start + len(word), sign, unit)
        return
    if _UNSPACED.match(word):
        for length in range(len(word) - 1, 0, -1):
            if word[:length] in _load_meanings():
                yield from _split_meanings(word[:length], start)
                yield from _split_meanings(word[length:], start + length)
                return
    yield QuantityToken("word", word, start, start + len(word))


@dataclass(frozen=True, slots=True)
class ParsedFigure:
    """The possible values of a written number, with the number of decimals of each."""

    values: tuple[Fraction, ...]
    decimals: tuple[int, ...]


def parse_figure(text: str, language: str) -> ParsedFigure | None:
    """Parse a number by its language's conventions first and, if ambiguous, by others'; None if it is no number, such as a date."""
    if text in _FRACTIONS:
        return ParsedFigure((Fraction(*_FRACTIONS[text]),), (2,))
    number = re.sub(r"[ \u00a0\u202f'’]", "", text)
    spaced = number != text
    signs = re.sub(r"\d", "", number)
    if not signs:
        return ParsedFigure((Fraction(number),), (0,))
    tail = number[max(number.rfind("."), number.rfind(",")) + 1 :]
    decimal = _parse_decimal(number, tail)
    if spaced and len(signs) == 1:
        return decimal
    if len(signs) == 1 and len(tail) == 3 and len(number) <= 7 and number[0] != "0":
        grouped = ParsedFigure((Fraction(number.replace(signs, "")),), (0,))
        first, second = (decimal, grouped) if (signs == ",") == (language in COMMA_LANGUAGES) else (grouped, decimal)
        return ParsedFigure((*first.values, *second.values), (*first.decimals, *second.decimals))
    if len(signs) == 1:
        return decimal
    if len(set(signs)) == 1:
        return ParsedFigure((Fraction(number.replace(signs[0], "")),), (0,)) if _is_grouped(number, signs[0]) else None
    if signs.count(signs[-1]) == 1 and _is_grouped(number[: -len(tail) - 1], signs[0]):
        return decimal
    return None


def _parse_decimal(number: str, tail: str) -> ParsedFigure:
    whole = re.sub(r"[.,]", "", number[: -len(tail) - 1])
    return ParsedFigure((Fraction(f"{whole}.{tail}"),), (len(tail),))


def _is_grouped(number: str, sign: str) -> bool:
    """Whether a sign groups a number's digits by threes, or by twos as in India."""
    head, *groups = number.split(sign)
    return 1 <= len(head) <= 3 and len(groups[-1]) == 3 and all(len(group) in (2, 3) for group in groups[:-1])
