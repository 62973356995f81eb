"""From a brief to what it says about form: one typed reading that prompt, schema and checks take their bounds from."""

from __future__ import annotations

from .corrections import (
    changes_number,
    corrected,
    correction_of,
    is_about_form,
    is_relative,
    names_length,
    parts_named,
    resized,
)
from .items import figures_written
from .lexicon import meaning_of, things_to_avoid
from .patterns import numbers_in, read_by_patterns
from .reading import CountBound, Reading, SizeBound

__all__ = [
    "CountBound",
    "Reading",
    "SizeBound",
    "changes_number",
    "corrected",
    "correction_of",
    "figures_written",
    "is_about_form",
    "is_relative",
    "meaning_of",
    "names_length",
    "numbers_in",
    "parts_named",
    "read_by_patterns",
    "resized",
    "things_to_avoid",
]
