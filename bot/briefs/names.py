"""The name of what a brief is for, as the brief itself gives it. Pure."""

from __future__ import annotations

import re

from .wording import MOST_READ, pattern_in

_CALLED = r"(?<!\w)<picture.called>\s+"
# What stands before a name that nothing introduces: "a logo for Tamarind & Thread".
_WHOSE = r"(?<!\w)<wants.whose=>\s+"
_WANTED = r"(?<!\w)<wants.wanted>(?!\w)"
_NAME = re.compile(
    r"[^\W\d_a-zà-ÿ][\w'’-]*(?:\s(?:&|and|of|the|und|et|de|do|da|y|e)(?=\s[^\W\d_a-zà-ÿ])|\s[^\W\d_a-zà-ÿ][\w'’-]*)*"
)
_MOST_NAMED = 60


def name_in(brief: str) -> str:
    """The name of what a picture is for, as the brief gives it: "a kayak rental called Loon Lake Paddles"; empty for none."""
    return _name_behind(brief, _CALLED)


def own_name_in(brief: str) -> str:
    """The name of whoever writes, where the brief gives it and says that it must be in the result; empty for none."""
    if not pattern_in(brief, _WANTED).search(brief[:MOST_READ]):
        return ""
    return name_in(brief) or _name_behind(brief, _WHOSE)


def _name_behind(brief: str, before: str) -> str:
    for found in pattern_in(brief, before).finditer(brief[:MOST_READ]):
        if name := _NAME.match(brief[found.end() : found.end() + _MOST_NAMED]):
            return name.group().strip()
    return ""
