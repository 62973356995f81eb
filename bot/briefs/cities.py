"""Where something happens, as a brief names it. Pure."""

from __future__ import annotations

import re

from .matter import MOST_READ

_CITY = re.compile(r"\b(?:dateline|in|from|at)\s*:?\s+([A-Z][\w'-]+(?:\s[A-Z][\w'-]+)?)")
_NO_CITIES = frozenset((
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "English",
))  # fmt: skip


def cities_in(brief: str) -> list[str]:
    """The names behind "in" or "from", of one or two words, that are no months or days."""
    found = (one[1] for one in _CITY.finditer(brief[:MOST_READ]))
    return [name for name in found if name.split()[0] not in _NO_CITIES]
