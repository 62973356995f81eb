"""Figures with their units as a text writes them, and the words around them that reckon: one list of tokens. Pure.

Which words those are stands in quantities.toml, for ten languages.
"""

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

# Characters of a text that are read for figures that can be reckoned; of a draft each field is a text of its own.
MAX_READ = 12_000
# Languages that write 1.000,5.
COMMA = frozenset({"de", "es", "fr", "id", "it", "pt"})
_MARKS = "\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963"
_TOKEN = re.compile(
    r"(?P<time>(?<![\d.,:])\d{1,2}:\d\d(?!\d)(?::\d\d)?)"
    r"|(?P<num>\d{1,3}(?:[ \u00a0\u202f'’]\d{3}(?!\d)){1,6}(?:[.,]\d+)?|\d+(?:[.,]\d+)*)"
    r"|(?P<part>[½¼¾⅓⅔⅕⅛])"
    r"|(?P<unit>°\s?[CF]\b|[℃℉€£¥₹″$]|R\$|US\$|(?<![^\W\d_])(?:km/h|m/s)\b|(?<![^\W\d_])[ckd]?m[²³23](?![\w²³]))"
    r"|(?P<percent>%)"
    r"|(?P<sign>[-+−–×·⋅∙*÷/∕:^²³√()])"
    r"|(?P<relation>[=≈≃~])"
    r"|(?P<blank>_{2,}|…|\?)"
    rf"|(?P<word>(?:[^\W\d_]|[{_MARKS}])+(?:['’][^\W\d_]+)?)"
    r"|(?P<break>\n)|(?P<other>\S)",
    re.IGNORECASE,
)
_SIGNS = {"−": "-", "–": "–", "×": "*", "·": "*", "⋅": "*", "∙": "*", "÷": "/", "∕": "/", ":": "/"}
_PARTS = {"½": (1, 2), "¼": (1, 4), "¾": (3, 4), "⅓": (1, 3), "⅔": (2, 3), "⅕": (1, 5), "⅛": (1, 8)}
_PERCENT = (
    "percent", "per cent", "prozent", "por ciento", "pour cent", "pourcent", "por cento", "per cento", "persen", "प्रतिशत",
    "パーセント",
)  # fmt: skip
_OTHERS = {
    "٫": ".", "٬": ",", "，": ",", "．": ".", "：": ":", "＝": "=", "＋": "+", "－": "-", "％": "%", "٪": "%", "（": "(", "）": ")",
}  # fmt: skip
_OTHER_SCRIPTS = re.compile("[\u0600-\U0010ffff]")
# A letter of a script that is written without spaces, in which one word may end where the next begins.
_UNSPACED = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")

Sort = Literal[
    "num", "percent", "unit", "sign", "exact", "loose", "near", "about", "blank", "word", "break", "other", "time"
]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: how many of its dimension's first one it is, and of a temperature where it begins."""

    name: str
    dimension: str
    size: Fraction
    system: str
    origin: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a text: what it is, where it stands, and what it means: a sign, or the name of a unit."""

    sort: Sort
    text: str
    start: int
    end: int
    sign: str = ""
    unit: Unit | None = None


@cache
def words() -> dict[str, Any]:
    """What quantities.toml says."""
    return tomllib.loads((files("bot.checks") / "quantities.toml").read_text(encoding="utf-8"))


@cache
def _units() -> dict[str, Unit]:
    found: dict[str, Unit] = {}
    for row in words()["unit"]:
        unit = Unit(
            row["names"][0], row["dimension"], Fraction(row["size"]), row["system"], Fraction(row.get("from", 0))
        )
        found |= dict.fromkeys(map(str.casefold, row["names"]), unit)
    return found


@cache
def _meanings() -> dict[str, tuple[Sort, str, Unit | None]]:
    """Each word or words in lower case with what they are."""
    found: dict[str, tuple[Sort, str, Unit | None]] = {name: ("unit", "", unit) for name, unit in _units().items()}
    found |= dict.fromkeys(_PERCENT, ("percent", "", None))
    relations = words()["relations"]
    for sort in ("about", "loose", "exact"):
        found |= dict.fromkeys(relations[sort], (sort, "", None))
    for sign, names in words()["signs"].items():
        found |= dict.fromkeys(names, ("sign", sign, None))
    return {name.casefold(): meaning for name, meaning in found.items()}


@cache
def _first_words() -> frozenset[str]:
    """Words that others may follow, so that they mean something together."""
    return frozenset(name.partition(" ")[0] for name in _meanings() if " " in name)


def plain(text: str) -> str:
    """A text of the same length with the digits and signs of other scripts as ASCII ones."""
    if text.isascii():
        return text
    return _OTHER_SCRIPTS.sub(lambda found: _plain(found[0]), text)


@cache
def _plain(one: str) -> str:
    digit = unicodedata.decimal(one, None)
    return str(digit) if digit is not None else _OTHERS.get(one, one)


def tokens_of(text: str) -> list[Token]:
    """The pieces of a text that `plain` made."""
    raw = list(_TOKEN.finditer(text[:MAX_READ]))
    found: list[Token] = []
    at = 0
    while at < len(raw):
        one = raw[at]
        sort, said = one.lastgroup or "other", one.group()
        start, end = one.span()
        match sort:
            case "word":
                length = _together(raw, at) if said.casefold() in _first_words() else 1
                end = raw[at + length - 1].end()
                found += _named(text[start:end], start)
                at += length
                continue
            case "sign" if said == ":" and text[start - 1 : start].strip() and not text[end : end + 1].strip():
                found.append(Token("other", said, start, end))
            case "sign":
                found.append(Token("sign", said, start, end, _SIGNS.get(said, said)))
            case "relation":
                found.append(Token("exact" if said == "=" else "near", said, start, end))
            case "part":
                found.append(Token("num", said, start, end))
            case "unit":
                known = _units().get(said.casefold().replace(" ", "").replace("\u00a0", ""))
                found.append(Token("unit" if known else "other", said, start, end, "", known))
            case _:
                # The other groups of the pattern are named as sorts are.
                found.append(Token(cast(Sort, sort), said, start, end))
        at += 1
    return found


def _together(raw: list[re.Match[str]], at: int) -> int:
    """How many words from here mean something together; 1 for one by itself."""
    for length in (3, 2):
        several = raw[at : at + length]
        if len(several) == length and all(one.lastgroup == "word" for one in several):
            said = " ".join(one.group() for one in several).casefold()
            if said in _meanings() and several[-1].end() - several[0].start() == len(said):
                return length
    return 1


def _named(said: str, start: int) -> Iterator[Token]:
    """A word as what it means; of a run without spaces each of its words."""
    lower = said.casefold()
    if lower in _meanings():
        sort, sign, unit = _meanings()[lower]
        yield Token(sort, said, start, start + len(said), sign, unit)
        return
    if _UNSPACED.match(said):
        for length in range(len(said) - 1, 0, -1):
            if said[:length] in _meanings():
                yield from _named(said[:length], start)
                yield from _named(said[length:], start + length)
                return
    yield Token("word", said, start, start + len(said))


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it is written, with the values that it may have and how many digits stand behind its point in each."""

    values: tuple[Fraction, ...]
    decimals: tuple[int, ...]


def figure_of(text: str, language: str) -> Figure | None:
    """What a number's digits mean, as its language reads them first and, where that is open, as others do; None for a date."""
    if text in _PARTS:
        return Figure((Fraction(*_PARTS[text]),), (2,))
    number = re.sub(r"[ \u00a0\u202f'’]", "", text)
    spaced = number != text
    signs = re.sub(r"\d", "", number)
    if not signs:
        return Figure((Fraction(number),), (0,))
    last = number[max(number.rfind("."), number.rfind(",")) + 1 :]
    decimal = _decimal(number, signs[-1], last)
    if spaced and len(signs) == 1:
        return decimal
    if len(signs) == 1 and len(last) == 3 and len(number) <= 7 and number[0] != "0":
        grouped = Figure((Fraction(number.replace(signs, "")),), (0,))
        first, second = (decimal, grouped) if (signs == ",") == (language in COMMA) else (grouped, decimal)
        return Figure((*first.values, *second.values), (*first.decimals, *second.decimals))
    if len(signs) == 1:
        return decimal
    if len(set(signs)) == 1:
        return Figure((Fraction(number.replace(signs[0], "")),), (0,)) if _grouped(number, signs[0]) else None
    if signs.count(signs[-1]) == 1 and _grouped(number[: -len(last) - 1], signs[0]):
        return decimal
    return None


def _decimal(number: str, sign: str, last: str) -> Figure:
    whole = re.sub(r"[.,]", "", number[: -len(last) - 1])
    return Figure((Fraction(f"{whole}.{last}"),), (len(last),))


def _grouped(number: str, sign: str) -> bool:
    """Whether signs set a number's digits apart by threes, or as India does by twos."""
    head, *groups = number.split(sign)
    return 1 <= len(head) <= 3 and len(groups[-1]) == 3 and all(len(one) in (2, 3) for one in groups[:-1])
