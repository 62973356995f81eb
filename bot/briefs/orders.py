"""Where an order ends, and the text that it is about begins. Pure."""

from __future__ import annotations

import re

from .forms import Form

_OPENS, _CLOSES = re.compile(r"[\"“„«]"), '"”“»'
# What is quoted and shorter is a word of the order, no text.
_LEAST_QUOTED = 12
_PARTED = re.compile(r":\s|\n|\s[-–—]\s")
_AFTER = re.compile(r":\s+|(?<!\s)\s++(?:->|→|—|–|-)\s+|:?\n+")


def order_and_text(brief: str) -> tuple[str, str]:
    """(what is asked, the text that it is asked of): what is quoted, else what stands behind a colon, a dash or a line break.

    Both are the whole brief where nothing parts them.
    """
    opening, end = _OPENS.search(brief), max(map(brief.rfind, _CLOSES))
    if opening and end - opening.end() >= _LEAST_QUOTED:
        return brief[: opening.start()] + brief[end + 1 :], brief[opening.end() : end].strip()
    if found := _AFTER.search(brief):
        return brief[: found.start()], brief[found.end() :].strip()
    return brief, brief


def order_in(brief: str, form: Form) -> str:
    """What a brief orders, where its kind works on somebody's own text behind that; else all of it."""
    return _PARTED.split(brief, maxsplit=1)[0] if form.own_text else brief
