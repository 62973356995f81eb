"""From a brief to what it says about form: one typed reading that prompt, schema and checks take their bounds from."""

from __future__ import annotations

from .items import figures_written
from .lexicon import meaning_of, things_to_avoid
from .patterns import numbers_in, read_by_patterns
from .reading import CountBound, Reading, SizeBound

__all__ = [
    "CountBound",
    "Reading",
    "SizeBound",
    "figures_written",
    "meaning_of",
    "numbers_in",
    "read_by_patterns",
    "things_to_avoid",
]
