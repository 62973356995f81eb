"""Parses assumptions such as "budget 2000 €, conversion 1 to 3 %, order value about 45" into ranges with a likeliest value."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

from bot.checks.quantities import QuantityToken, normalise_digits, parse_figure, tokenize
from bot.errors import RefusedError

# Longer texts are truncated.
MAX_CHARACTERS = 1_000
# The distributions of a range.
Distribution = Literal["pert", "triangular", "uniform"]
DISTRIBUTIONS: tuple[Distribution, ...] = get_args(Distribution)
_DISTRIBUTION_WORDS: tuple[tuple[Distribution, re.Pattern[str]], ...] = (
    ("pert", re.compile(r"\bpert\b", re.IGNORECASE)),
    ("triangular", re.compile(r"\b(triang\w+|dreiecks?\w*)\b", re.IGNORECASE)),
    (
        "uniform",
        re.compile(r"\b(uniforme?(mente|ment|ly)?|evenly|gleich(mäßig|verteilt)|gleichverteilung)\b", re.IGNORECASE),
    ),
)
# The spread of an approximate value to both sides, as a share of it.
APPROXIMATE_SPREAD = 0.2
# Larger amounts are implausible, and their sums overflow.
_MAX_AMOUNT = 1e12
TITLES = {
    "budget": "budget",
    "cost_per_click": "cost per click",
    "cost_per_thousand": "cost per thousand views",
    "click_rate": "click rate",
    "conversion": "conversion",
    "order_value": "order value",
    "margin": "margin",
    "fixed_costs": "fixed costs",
}
_CURRENCIES = {"€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "R$": "BRL", "US$": "USD", "$": "USD"}
_CURRENCY = re.compile(r"R\$|US\$|[€£¥₹$]|\b(?:EUR|USD|GBP|CHF|BRL|INR|JPY|SEK|NOK|DKK|PLN|CAD|AUD|MXN)\b")
_THOUSANDS = {"k": 1e3, "tsd": 1e3, "mil": 1e3, "m": 1e6, "mio": 1e6}
# Punctuation between two assumptions, as opposed to that within numbers.
_CLAUSE_BREAK = re.compile(r"[;\n]+|,(?!\d)|(?<!\d),|\.(?=\s|$)")

_UNKNOWN_ASSUMPTION = (
    "I could not read “{clause}” as an assumption. Write each one as a name with a figure, a range or an "
    "approximate value, for example: budget 2000, cost per click 0.40 to 0.90, conversion 1 to 3 %, order value "
    "about 45."
)
_DUPLICATE_ASSUMPTION = "“{clause}” repeats a figure that you already gave. Leave one of them out."
_NOT_A_SHARE = "“{clause}” is a percentage. Write it as a value from 0 to 100 %."
_TOO_LARGE = "“{clause}” is too large for me to calculate with. Use a smaller figure."
_TOO_MANY_FIGURES = (
    "“{clause}” has more than three figures. Write a range with its most likely value: 1 to 3, likely 2."
)


@dataclass(frozen=True, slots=True)
class Assumption:
    """A range with its lowest, likeliest and highest value, all equal for a known figure.

    `name` is a key of assumptions.toml; shares are from 0 to 1. A uniform `distribution` has no likeliest value.
    """

    name: str
    low: float
    likely: float
    high: float
    distribution: Distribution = "pert"

    @property
    def is_fixed(self) -> bool:
        """Whether it is a single value."""
        return self.low == self.high


@dataclass(frozen=True, slots=True)
class AssumptionSet:
    """Assumptions by name, and the code of the currency, "" if the text names none."""

    assumptions: dict[str, Assumption]
    currency: str = ""


@cache
def _load_value_types() -> dict[str, str]:
    return {row["name"]: row["sort"] for row in _load_rows()}


@cache
def _load_rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tomllib.loads(
        (files("bot.simulation") / "assumptions.toml").read_text(encoding="utf-8")
    )["assumption"]
    return rows


@cache
def _build_name_pattern(key: str = "words") -> tuple[re.Pattern[str], dict[str, str]]:
    names = {word: row["name"] for row in _load_rows() for word in row.get(key, ())}
    alternatives = "|".join(re.escape(word) for word in sorted(names, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", re.IGNORECASE), names


def is_share(name: str) -> bool:
    """Whether an assumption is a share, not an amount."""
    return _load_value_types()[name] == "share"


def parse_assumptions(text: str, language: str = "en", distribution: Distribution = "pert") -> AssumptionSet:
    """Parse the assumptions of a text; `distribution` is the default for ranges without one.

    Raises:
        RefusedError: a clause cannot be parsed; the message quotes it.
    """
    text = normalise_digits(text[:MAX_CHARACTERS])
    assumptions: dict[str, Assumption] = {}
    for clause in _split_clauses(text):
        clause_distribution = next(
            (named_distribution for named_distribution, pattern in _DISTRIBUTION_WORDS if pattern.search(clause)),
            distribution,
        )
        for _, pattern in _DISTRIBUTION_WORDS:
            clause = pattern.sub(" ", clause)
        assumption = replace(_parse_clause(" ".join(clause.split()), language), distribution=clause_distribution)
        if assumption.name in assumptions:
            raise RefusedError(_DUPLICATE_ASSUMPTION, clause=clause)
        assumptions[assumption.name] = assumption
    currency = _CURRENCY.search(text)
    return AssumptionSet(assumptions, _CURRENCIES.get(currency[0], currency[0]) if currency else "")


def _split_clauses(text: str) -> Iterator[str]:
    """Split a text into clauses with one assumption each: at punctuation, and at names."""
    for part in _CLAUSE_BREAK.split(text):
        names = list(_build_name_pattern()[0].finditer(part))
        if len(names) < 2:
            if part.strip():
                yield part.strip()
            continue
        # In "2000 budget and 3 % conversion" each name follows its figure.
        names_follow_figures = bool(re.match(r"\D{0,12}\d", part[: names[0].start()]))
        boundaries = (
            [name.end() for name in names[:-1]] if names_follow_figures else [name.start() for name in names[1:]]
        )
        for start, end in zip([0, *boundaries], [*boundaries, len(part)], strict=True):
            yield part[start:end].strip()


def _parse_clause(clause: str, language: str) -> Assumption:
    name, key = _find_name(clause)
    tokens = tokenize(clause[: name.start()] + " " * len(name[0]) + clause[name.end() :])
    values = list(_iter_values(tokens, language, is_money=_load_value_types()[key] == "money"))
    if not values:
        raise RefusedError(_UNKNOWN_ASSUMPTION, clause=clause)
    if len(values) > 3:
        raise RefusedError(_TOO_MANY_FIGURES, clause=clause)
    if is_share(key):
        if not any(token.sort == "percent" for token in tokens):
            raise RefusedError(_NOT_A_SHARE, clause=clause)
        values = [value / 100 for value in values]
    if "±" in clause or "+/-" in clause:
        if len(values) != 2:
            raise RefusedError(_UNKNOWN_ASSUMPTION, clause=clause)
        low, likely, high = values[0] - values[1], values[0], values[0] + values[1]
    elif len(values) == 1:
        is_approximate = any(token.sort in ("about", "near") for token in tokens) or "~" in clause
        spread = APPROXIMATE_SPREAD * values[0] if is_approximate else 0.0
        low, likely, high = values[0] - spread, values[0], values[0] + spread
    else:
        low, *between, high = sorted(values)
        likely = between[0] if between else (low + high) / 2
    low = max(low, 0.0)
    if is_share(key) and high > 1:
        if len(values) == 1 and likely <= 1:
            high = 1.0
        else:
            raise RefusedError(_NOT_A_SHARE, clause=clause)
    if high > _MAX_AMOUNT:
        raise RefusedError(_TOO_LARGE, clause=clause)
    return Assumption(key, low, likely, high)


def _find_name(clause: str) -> tuple[re.Match[str], str]:
    """Find the name in a clause; return its match and its key.

    Raises:
        RefusedError: the clause has no name.
    """
    pattern, names = _build_name_pattern()
    if (name := pattern.search(clause)) is not None:
        return name, names[name[0].casefold()]
    # The action comes last: "2 % of clicks buy" is about buying.
    pattern, names = _build_name_pattern("alone")
    has_percentage = any(token.sort == "percent" for token in tokenize(clause))
    matches = list(pattern.finditer(clause)) if has_percentage else []
    if not matches:
        raise RefusedError(_UNKNOWN_ASSUMPTION, clause=clause)
    return matches[-1], names[matches[-1][0].casefold()]


def _iter_values(tokens: list[QuantityToken], language: str, *, is_money: bool) -> Iterator[float]:
    """Yield the figures of a clause. In any language, a separator before three digits separates thousands of an amount and
    decimals of a share, as no amount has three decimals and no share is above 100 %.
    """
    for index, token in enumerate(tokens):
        if token.sort != "num":
            continue
        figure = parse_figure(token.text, language)
        if figure is None:
            continue
        next_token = tokens[index + 1] if index + 1 < len(tokens) else None
        scale = _THOUSANDS.get(next_token.text.casefold().rstrip("."), 1.0) if next_token is not None else 1.0
        yield float((max if is_money else min)(figure.values)) * scale
