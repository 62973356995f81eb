"""Finds words defined as data, such as the choices of a kind, in a text.

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
_GAP_PATTERN = r"\b[^.;:\n]{0,40}?\b"
# The first letter of scripts without spaces between words.
_FIRST_UNSPACED_CHARACTER = "\u3000"


@cache
def build_pattern(forms: str) -> re.Pattern[str]:
    """Build the pattern that finds any of some forms."""
    all_forms = [form.strip() for form in FORM.findall(forms) if form.strip()]
    spaced_patterns = [_convert_form(form) for form in all_forms if form[0] < _FIRST_UNSPACED_CHARACTER]
    unspaced_patterns = [re.escape(form) for form in all_forms if form[0] >= _FIRST_UNSPACED_CHARACTER]
    word_patterns = [rf"(?<!\w)(?:{'|'.join(spaced_patterns)})(?!\w)"] if spaced_patterns else []
    return re.compile("|".join([*word_patterns, *unspaced_patterns]), re.IGNORECASE)


def _convert_form(form: str) -> str:
    """Convert a form to a pattern; brackets are optional without a "|" in them."""
    pattern_by_sign = {"(": "(?:", "|": "|", " ": r"\W{1,3}", "*": r"\w*", "…": _GAP_PATTERN}
    pattern, group = "", ""
    for sign in form.replace(" … ", "…"):
        group = "(" if sign == "(" else group + sign
        is_optional = sign == ")" and "|" not in group
        pattern += ")?" if is_optional else ")" if sign == ")" else pattern_by_sign.get(sign) or re.escape(sign)
    return pattern


def find_named_choices(
    text: str, choices: Mapping[str, str], counts: Callable[[int], bool] = lambda _position: True
) -> tuple[str, ...]:
    """Return the names of the choices that a text names, in their own order; `choices` maps names to forms.

    A match counts only if `counts` returns True for its position in the text.
    """
    return tuple(
        name
        for name, forms in choices.items()
        if any(counts(match.start()) for match in build_pattern(forms).finditer(text))
    )


def remove_forms(text: str, forms: str) -> str:
    """Return a text with a space in place of each form."""
    return build_pattern(forms).sub(" ", text)
