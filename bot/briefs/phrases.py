"""Find words defined as data, such as the choices of a kind, in a text.

Forms are divided by "|", as in lexicons/: "card(s)" has an optional ending, "(a|b)" is an alternative. Up to three signs may separate
two words ("true false" finds "true/false"), "…" is a gap of some words within a clause, and "*" any ending. Scripts without spaces
are found anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache

from .lexicon import FORM

# The characters that "…" matches.
_GAP = r"\b[^.;:\n]{0,40}?\b"
# The first letter of scripts without spaces between words.
_FIRST_UNSPACED = "\u3000"


@cache
def build_pattern(forms: str) -> re.Pattern[str]:
    """Build the pattern that finds any of some forms."""
    listed = [form.strip() for form in FORM.findall(forms) if form.strip()]
    spaced = [_convert_form(form) for form in listed if form[0] < _FIRST_UNSPACED]
    others = [re.escape(form) for form in listed if form[0] >= _FIRST_UNSPACED]
    words = [rf"(?<!\w)(?:{'|'.join(spaced)})(?!\w)"] if spaced else []
    return re.compile("|".join([*words, *others]), re.IGNORECASE)


def _convert_form(form: str) -> str:
    """Convert a form to a pattern."""
    signs = {"(": "(?:", "|": "|", " ": r"\W{1,3}", "*": r"\w*", "…": _GAP}
    found, group = "", ""
    for sign in form.replace(" … ", "…"):
        group = "(" if sign == "(" else group + sign
        optional = sign == ")" and "|" not in group
        found += ")?" if optional else ")" if sign == ")" else signs.get(sign) or re.escape(sign)
    return found


def find_named_choices(
    text: str, choices: Mapping[str, str], counts: Callable[[int], bool] = lambda _start: True
) -> tuple[str, ...]:
    """Return the choices that a text names, in their order; each maps to its forms.

    `counts` decides whether a match at a position counts.
    """
    return tuple(
        name
        for name, forms in choices.items()
        if any(counts(found.start()) for found in build_pattern(forms).finditer(text))
    )


def remove_forms(text: str, forms: str) -> str:
    """Remove some forms from a text."""
    return build_pattern(forms).sub(" ", text)
