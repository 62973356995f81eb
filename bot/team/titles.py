"""What a text is called in a list. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MOST_TITLE = 90
_TITLES = ("title", "headline", "subject", "name")
_MARKS = re.compile(r"[*_#>`~|]+|\s+")


def title_of(text: str, parts: Mapping[str, Any]) -> str:
    """What a text is called in a list: its own title, else its first line."""
    named = next((parts[name] for name in _TITLES if isinstance(parts.get(name), str) and parts[name].strip()), "")
    line = named or next((one for one in text.splitlines() if _MARKS.sub("", one)), "")
    plain = _MARKS.sub(" ", line).strip()
    return plain if len(plain) <= MOST_TITLE else f"{plain[:MOST_TITLE].rsplit(' ', 1)[0].rstrip(' ,;:.')}…"
