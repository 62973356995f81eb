"""Find what a text leaves for its user to fill in, such as "[Your Name]": small models leave blanks without a word about them. Pure."""

from __future__ import annotations

import re

from bot.content import Assignment

from .inputs import join_inputs

# In brackets and of words: no link ("[menu](…)"), footnote, box to tick or citation.
_BLANK = re.compile(r"(?<![\w\]])\[[*_]{0,2}([^\W\d_][^\[\]\n]{2,60}?)[*_]{0,2}\](?![(\[:])")


def find_blanks(text: str, assignment: Assignment) -> list[str]:
    """Return the blanks in a text, in their order; none if its kind announces nothing, or for those that an input has."""
    if not assignment.kind.is_announcement or assignment.kind.form.own_text:
        return []
    inputs = join_inputs(assignment)
    blanks = dict.fromkeys(match[1].strip() for match in _BLANK.finditer(text))
    return [blank for blank in blanks if f"[{blank}" not in inputs]
