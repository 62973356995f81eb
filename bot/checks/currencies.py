"""Amounts in a currency that no source uses: "7.000 €" where the price was in pesos. Pure."""

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
# Characters of each text that are searched.
_MOST_READ = 4_000


def other_money(text: str, sources: Iterable[str]) -> list[str]:
    """The amounts of a text that are in a currency which no source names, where sources name one at all."""
    text, told = text[:_MOST_READ], "\n".join(source[:_MOST_READ] for source in sources)
    known = {name for name, pattern in _SAID.items() if pattern.search(told)}
    if not known:
        return []
    return [
        found.group().strip(" .,")
        for name, pattern in _SAID.items()
        if name not in known
        for found in pattern.finditer(text)
    ]
