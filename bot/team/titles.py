"""The titles of texts in lists. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.checks.links import INVISIBLE

MAX_TITLE = 90
_TITLES = ("title", "headline", "subject", "name")
# The bullet at the beginning of a list line.
_BULLET = re.compile(r"[-•]\s+")
# Markdown within words, and characters between words.
_AROUND, _MARKS = re.compile(r"[*`~]+"), re.compile(r"[_#>|\s]+")


def title_of(text: str, parts: Mapping[str, Any], max_length: int = MAX_TITLE) -> str:
    """Return the title of a text: its own, the subject of the first e-mail, or its first line; cut between words."""
    mails = parts.get("emails")
    titled = {**parts, **mails[0]} if isinstance(mails, list) and mails and isinstance(mails[0], dict) else parts
    title = next((titled[name] for name in _TITLES if isinstance(titled.get(name), str) and titled[name].strip()), "")
    line = title or next((one for one in text.splitlines() if _plain(one)), "")
    plain = _plain(line) if title else _BULLET.sub("", _plain(line), count=1)
    return plain if len(plain) <= max_length else f"{plain[:max_length].rsplit(' ', 1)[0].rstrip(' ,;:.')}…"


def _plain(line: str) -> str:
    return _MARKS.sub(" ", _AROUND.sub("", INVISIBLE.sub("", line))).strip()
