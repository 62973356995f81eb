"""Finds words that stand as data, the choices of a kind and the like, in a text.

Forms are divided by "|", as in lexicons/: "card(s)" has an ending that may be missing, "(a|b)" one of two. Between two words stand up
to three signs ("true false" finds "true/false"), "…" is the rest of a clause of some words, and "*" any ending. Scripts that put no
spaces between words are found anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache

from .lexicon import FORM

# Characters that may stand for "…".
_GAP = r"\b[^.;:\n]{0,40}?\b"
# From here on letters are of scripts without spaces between words.
_FIRST_UNSPACED = "\u3000"


@cache
def pattern_of(forms: str) -> re.Pattern[str]:
    """The pattern that finds one of some forms."""
    listed = [form.strip() for form in FORM.findall(forms) if form.strip()]
    spaced = [_written(form) for form in listed if form[0] < _FIRST_UNSPACED]
    others = [re.escape(form) for form in listed if form[0] >= _FIRST_UNSPACED]
    words = [rf"(?<!\w)(?:{'|'.join(spaced)})(?!\w)"] if spaced else []
    return re.compile("|".join([*words, *others]), re.IGNORECASE)


def _written(form: str) -> str:
    """A form as a pattern."""
    signs = {"(": "(?:", "|": "|", " ": r"\W{1,3}", "*": r"\w*", "…": _GAP}
    found, group = "", ""
    for sign in form.replace(" … ", "…"):
        group = "(" if sign == "(" else group + sign
        optional = sign == ")" and "|" not in group
        found += ")?" if optional else ")" if sign == ")" else signs.get(sign) or re.escape(sign)
    return found


def named(
    text: str, choices: Mapping[str, str], counts: Callable[[int], bool] = lambda _start: True
) -> tuple[str, ...]:
    """Of some choices, each with the forms that name it, those that a text names, in their order.

    `counts` tells whether what begins at a place of the text names anything there.
    """
    return tuple(
        name
        for name, forms in choices.items()
        if any(counts(found.start()) for found in pattern_of(forms).finditer(text))
    )


def without(text: str, forms: str) -> str:
    """The text without some forms."""
    return pattern_of(forms).sub(" ", text)
