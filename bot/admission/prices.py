"""Token prices and saved time as the operator sets them: "openai:gpt-5=1.25/10" for a million tokens read and written."""

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
# Minutes saved for each text: writing it by hand less reviewing it. An assumption, and shown as one.
DEFAULT_MINUTES = "marketing 20, education 30, image 10, media 20, other 10"
_MINUTES = re.compile(r"([a-z]{1,40}) (\d{1,4})")
_MINUTES_FORM = f'should be such as "{DEFAULT_MINUTES}"'


@dataclass(frozen=True, slots=True)
class Prices:
    """The price of a million tokens, read and written, by engine name; unlisted engines are free."""

    by_engine: Mapping[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    currency: str = "USD"

    def cost(self, engine: str, read: int, written: int) -> int:
        """Return the cost of an engine's tokens, in millionths of the currency."""
        free = Decimal(0), Decimal(0)
        model = engine.partition(":")[2]
        each = self.by_engine.get(engine) or self.by_engine.get(model, free)
        return round(read * each[0] + written * each[1])


def parse_prices(text: str) -> dict[str, tuple[Decimal, Decimal]]:
    """Parse prices by engine.

    Raises:
        ValueError: the text is malformed; the message describes the form.
    """
    found = {}
    for part in filter(None, map(str.strip, text.split(","))):
        engine, _, prices = (one.strip() for one in part.rpartition("="))
        read, _, written = (one.strip() for one in prices.partition("/"))
        if not engine or not _PRICE.fullmatch(read) or not _PRICE.fullmatch(written):
            raise ValueError(_FORM)
        found[engine] = Decimal(read), Decimal(written)
    return found


def parse_minutes(text: str) -> dict[str, int]:
    """Parse the minutes of each family; "other" stands for any that is not named.

    Raises:
        ValueError: the text is malformed; the message describes the form.
    """
    found = {}
    for part in map(str.strip, text.split(",")):
        entry = _MINUTES.fullmatch(part)
        if entry is None:
            raise ValueError(_MINUTES_FORM)
        found[entry[1]] = int(entry[2])
    return found
