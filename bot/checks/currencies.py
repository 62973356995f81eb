"""Amounts in a currency that no source uses: "7.000 €" where the price was in pesos; and prices taken for weights. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Money that shares a sign counts as one: "$" stands for dollars, pesos and reais, each with letters before it or without.
_CURRENCIES = {
    "$": r"[A-Za-z]{0,2}\$|\b(?:usd|aud|cad|nzd|clp|mxn|ars|cop|brl)\b|\b(?:dollars?|pesos?|reais|real)\b|\bbucks\b",
    "€": r"€|\beur\b|\beuros?\b",
    "£": r"£|\bgbp\b|\b(?:pounds?|quid)\b",
    "¥": r"[¥円]|\bjpy\b|\byen\b",
    "₹": r"₹|\binr\b|\b(?:rs\.?|rupees?|rupien?)(?!\w)",
    "chf": r"\b(?:chf|sfr\.?|franken|francs?)(?!\w)",
}
# It begins where no figure goes on, so that a long row of digits is gone over once.
_AMOUNT = r"(?<![\d.,’'])\d[\d.,’' ]{0,14}"
_SAID = {
    name: re.compile(rf"(?:{signs})\s?{_AMOUNT}|{_AMOUNT}\s?(?:{signs})", re.IGNORECASE)
    for name, signs in _CURRENCIES.items()
}
# Signs are looked for before amounts: a long row of numbers has none.
_SIGNS = {name: re.compile(signs, re.IGNORECASE) for name, signs in _CURRENCIES.items()}
# Characters of each text that are searched.
MOST_READ = 4_000


def money_named(text: str) -> set[str]:
    """The signs of the currencies that a text names, in signs or words: "£" where it says pounds."""
    return {name for name, pattern in _SIGNS.items() if pattern.search(text[:MOST_READ])}


def other_money(text: str, sources: Iterable[str]) -> list[str]:
    """The amounts of a text that are in a currency which no source names, where sources name one at all."""
    text, told = text[:MOST_READ], "\n".join(source[:MOST_READ] for source in sources)
    known = {name for name, pattern in _SAID.items() if _SIGNS[name].search(told) and pattern.search(told)}
    if not known:
        return []
    return [
        found.group().strip(" .,")
        for name, pattern in _SAID.items()
        if name not in known and _SIGNS[name].search(text)
        for found in pattern.finditer(text)
    ]


# What both money and a weight are called, and the words that make it a weight, or money where a source says it.
_POUNDS = r"(?:pounds?|lbs?|pfund|libras?|livres?)"
_HEAVY = re.compile(r"weigh|wieg|gewicht|schwer|heavy|peso|poids|(?<!\w)p[eè]s", re.IGNORECASE)
_WEIGHED = re.compile(
    rf"(?<!\w)(?:weigh\w*|wieg\w*|pes(?:a|an|am|ando|aba)|pès\w*|pesant)\s(?:[^\W\d]+\s){{0,3}}(?:£(?P<sign>{_AMOUNT})|(?P<after>{_AMOUNT})\s?{_POUNDS}(?!\w))"
    rf"|(?<!\w)(?:weight|gewicht|peso|poids)(?:\s?:|\s(?:of|von|de|is|ist|es|est|é))\s(?:£(?P<of_sign>{_AMOUNT})|(?P<of>{_AMOUNT})\s?{_POUNDS}(?!\w))"
    rf"|(?P<before>{_AMOUNT})\s?{_POUNDS}\s(?:heavy|in weight|of weight|schwer|de peso|de poids)(?!\w)",
    re.IGNORECASE,
)
_PRICED = re.compile(
    rf"(?:£|\bgbp)\s?(?P<sign>{_AMOUNT})|(?P<behind>{_AMOUNT})\s?(?:£|\b(?:gbp|quid)\b)"
    r"|(?<!\w)(?:for|at|from|costs?|priced?|price is|sells? for|für|kostet|preis|cuesta|vale|custa|coûte|prix)"
    rf"\W{{1,3}}(?P<word>{_AMOUNT})\s?{_POUNDS}(?!\w)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def money_weighed(text: str, sources: Iterable[str]) -> list[str]:
    """The amounts that a text makes a weight of and that sources have as a price: "it weighs 89 pounds" where it costs £89."""
    text = text[:MOST_READ]
    found = [(one.group(), _number(one)) for one in _WEIGHED.finditer(text)] if _HEAVY.search(text) else []
    if not found:
        return []
    told = [source[:MOST_READ] for source in sources]
    priced = {_number(one) for source in told for one in _PRICED.finditer(source)}
    weighed = {_number(one) for source in told for one in _WEIGHED.finditer(source)}
    return [said.strip(" .,") for said, number in found if number in priced - weighed]


def _number(found: re.Match[str]) -> str:
    """The number of what was found, without the signs that end it."""
    amount = _NUMBER.search(next(filter(None, found.groups())))
    return amount.group() if amount else ""
