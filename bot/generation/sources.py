"""Which passages a result was written from, as far as its words tell. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.checks.terms import norm
from bot.content import Assignment, Passage, Result

# Characters that are compared with a passage.
MOST_COMPARED = 30_000
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_WORD = re.compile(r"[^\W\d_]{5,}")
# Longer words that a text has to share with a passage, and not with its brief, to have been written from it.
_SHARED = 3


def credited(result: Result, assignment: Assignment) -> Result:
    """The result with the places that it draws on in its parts, as `sources`; unchanged where it draws on none."""
    told = norm(" \n".join([assignment.brief, *assignment.profile.facts]))
    used = [one for one in assignment.memory.passages if draws_on(result.content.text, one, told)]
    if not used:
        return result
    sources = list(dict.fromkeys(one.source for one in used))
    return replace(result, content=replace(result.content, parts={**result.content.parts, "sources": sources}))


def draws_on(text: str, passage: Passage, told: str = "") -> bool:
    """Whether a text shares figures of two digits or more, or three longer words, with a passage, that nothing else told."""
    text, source, told = norm(text[:MOST_COMPARED]), norm(passage.text), norm(told[:MOST_COMPARED])
    figures = (set(_NUMBER.findall(text)) & set(_NUMBER.findall(source))) - set(_NUMBER.findall(told))
    words = (set(_WORD.findall(text)) & set(_WORD.findall(source))) - set(_WORD.findall(told))
    return any(len(figure) > 1 for figure in figures) or len(words) >= _SHARED
