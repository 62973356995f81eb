"""Translation catalogues for tests."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from babel.messages.pofile import read_po

from bot.locales import LANGUAGES


@cache
def load_catalogue(language: str) -> dict[str, str]:
    """Load translations by English text, with each plural form separately; empty for English."""
    if language not in LANGUAGES:
        return {}
    with (files("bot.locales") / f"{language}.po").open("rb") as file:
        entries = [entry for entry in read_po(file) if entry.id]
    found: dict[str, str] = {}
    for entry in entries:
        forms = (entry.id, entry.string) if isinstance(entry.id, tuple) else ((entry.id,), (entry.string,))
        found |= dict(zip(*forms, strict=True))
    return found


# Languages that the bot speaks throughout; what others lack yet is said in English.
_MOST = max(len(load_catalogue(language)) for language in LANGUAGES)
WHOLE = tuple(language for language in LANGUAGES if len(load_catalogue(language)) > 0.9 * _MOST)
