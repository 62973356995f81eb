"""The titles of texts, as lists show them. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.checks.addresses import INVISIBLE
from bot.markup import shorten

MAX_TITLE_CHARACTERS = 90
_TITLE_FIELDS = ("title", "headline", "subject", "name")
# The bullet at the beginning of a list line.
_BULLET = re.compile(r"[-•]\s+")
# Markdown markers that are removed, and characters that separate words.
_MARKERS, _SEPARATORS = re.compile(r"[*`~]+"), re.compile(r"[_#>|\s]+")


def find_title(text: str, parts: Mapping[str, Any], max_length: int = MAX_TITLE_CHARACTERS) -> str:
    """Return the title of a text: the one among its parts, the subject of its first email, or its first line; shortened."""
    emails = parts.get("emails")
    fields = {**parts, **emails[0]} if isinstance(emails, list) and emails and isinstance(emails[0], dict) else parts
    title = next(
        (fields[name] for name in _TITLE_FIELDS if isinstance(fields.get(name), str) and fields[name].strip()), ""
    )
    line = title or next((line for line in text.splitlines() if _strip_markdown(line)), "")
    plain = _strip_markdown(line) if title else _BULLET.sub("", _strip_markdown(line), count=1)
    return shorten(plain, max_length)


def _strip_markdown(line: str) -> str:
    return _SEPARATORS.sub(" ", _MARKERS.sub("", INVISIBLE.sub("", line))).strip()
