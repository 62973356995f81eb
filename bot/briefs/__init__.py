"""From a brief to what it says about form: one typed reading, of which what is certain is measured."""

from __future__ import annotations

from .colours import colours_named, colours_refused, contrast_in
from .corrections import correction_of, names_length, parts_named
from .forms import Form
from .lexicon import meaning_of, things_to_avoid
from .patterns import read_by_patterns
from .phrases import named, pattern_of, without
from .reading import CountBound, Lasting, Reading, SizeBound

__all__ = [
    "CountBound",
    "Form",
    "Lasting",
    "Reading",
    "SizeBound",
    "colours_named",
    "colours_refused",
    "contrast_in",
    "correction_of",
    "meaning_of",
    "named",
    "names_length",
    "parts_named",
    "pattern_of",
    "read_by_patterns",
    "things_to_avoid",
    "without",
]
