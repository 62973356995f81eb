"""Literal text that a result must contain: what is quoted, hashtags, addresses and codes. Pure."""

from __future__ import annotations

from .items import Brief, Item
from .negations import is_forbidden

# Items before a code that may introduce it: "the code is GLOW30".
_MAX_INTRODUCTION = 2


def find_included(brief: Brief, items: list[Item]) -> list[str]:
    """Return the literals that the result must contain verbatim."""
    found: list[str] = []
    for at, item in enumerate(items):
        if item.used:
            continue
        if item.sort == "literal":
            found.append(item.text.strip(" .,;"))
        elif item.sort == "hashtag" or (item.sort == "link" and not is_forbidden(items, at)):
            found.append(item.text)
        elif item.sort in ("word", "number") and (code := _read_code(brief, items, at)):
            found.append(code)
            for one in items:
                one.used = one.used or item.start <= one.start < item.start + len(code)
    return found


def _read_code(brief: Brief, items: list[Item], at: int) -> str:
    """Return the code that begins at a place, empty without one: "with the code GLOW30"."""
    if not any(one.has("code") for one in items[max(0, at - _MAX_INTRODUCTION) : at]):
        return ""
    token = brief.text[items[at].start :].split()[0].strip(".,;:!?)\"'")
    return token if token.isupper() or (any(map(str.isdigit, token)) and not token.isdigit()) else ""
