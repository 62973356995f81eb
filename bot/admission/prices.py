"""What tokens cost and what time texts save, as the operator says: "openai:gpt-5=1.25/10" a million tokens read and written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

_PRICE = re.compile(r"\d{1,6}(?:\.\d{1,6})?")
_FORM = (
    'should be such as "openai:gpt-5=1.25/10, openai:gpt-5-mini=0.25/2": what a million tokens cost, read and written'
)
MICRO = 1_000_000
# What it would take somebody to write a text themselves, less what it takes to look through one: an assumption, and told as one.
MINUTES = "marketing 20, education 30, image 10, media 20, other 10"
_MINUTES = re.compile(r"([a-z]{1,40}) (\d{1,4})")
_MINUTES_FORM = f'should be such as "{MINUTES}"'


@dataclass(frozen=True, slots=True)
class Prices:
    """What a million tokens cost, read and written, by the name of an engine; nothing for one that is not named."""

    by_engine: Mapping[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    currency: str = "USD"

    def cost(self, engine: str, read: int, written: int) -> int:
        """What tokens of an engine cost, in millionths of the currency."""
        free = Decimal(0), Decimal(0)
        model = engine.partition(":")[2]
        each = self.by_engine.get(engine) or self.by_engine.get(model, free)
        return round(read * each[0] + written * each[1])


def priced(text: str) -> dict[str, tuple[Decimal, Decimal]]:
    """The prices that a text says.

    Raises:
        ValueError: it says none; the words tell how it should be.
    """
    found = {}
    for part in filter(None, map(str.strip, text.split(","))):
        engine, _, prices = (one.strip() for one in part.rpartition("="))
        read, _, written = (one.strip() for one in prices.partition("/"))
        if not engine or not _PRICE.fullmatch(read) or not _PRICE.fullmatch(written):
            raise ValueError(_FORM)
        found[engine] = Decimal(read), Decimal(written)
    return found


def minutes(text: str) -> dict[str, int]:
    """The minutes of each family that a text says; "other" is any that is not named.

    Raises:
        ValueError: it says none; the words tell how it should be.
    """
    found = {}
    for part in map(str.strip, text.split(",")):
        entry = _MINUTES.fullmatch(part)
        if entry is None:
            raise ValueError(_MINUTES_FORM)
        found[entry[1]] = int(entry[2])
    return found
