"""Parses the statements of a brief on form, such as counts and sizes, into a typed `Reading`."""

from __future__ import annotations

from .colours import find_colours, find_contrast, find_refused_colours
from .corrections import find_named_parts, read_correction, sets_length
from .forms import Form
from .lexicon import find_meaning, list_avoidable_things
from .patterns import extract_reading
from .phrases import build_pattern, find_named_choices, remove_forms
from .reading import CountBound, Duration, Reading, SizeBound

__all__ = [
    "CountBound",
    "Duration",
    "Form",
    "Reading",
    "SizeBound",
    "build_pattern",
    "extract_reading",
    "find_colours",
    "find_contrast",
    "find_meaning",
    "find_named_choices",
    "find_named_parts",
    "find_refused_colours",
    "list_avoidable_things",
    "read_correction",
    "remove_forms",
    "sets_length",
]
