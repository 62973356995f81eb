"""The words for times, per language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class TimeLexicon:
    """The words for times in a language, as patterns by meaning (also attributes).

    `weekdays` begins on Monday, `hours` at one o'clock. `minutes` are those after an HOUR that a phrase adds to it.
    """

    code: str
    weekdays: Sequence[str]
    hours: Sequence[str]
    minutes: Mapping[str, int]
    table: dict[str, Any]

    def __getattr__(self, name: str) -> str:
        """Return the pattern for a meaning."""
        try:
            return str(self.table[name])
        except KeyError:
            raise AttributeError(name) from None

    def extract(self, pattern: str, text: str) -> tuple[re.Match[str] | None, str]:
        """Return the first match of a pattern at word boundaries, and the text without it."""
        match = re.search(rf"(?<!\w)(?:{pattern})(?!\w)", text)
        return match, f"{text[: match.start()]} {text[match.end() :]}" if match else text


@cache
def load_lexicons() -> dict[str, TimeLexicon]:
    """Return all lexicons by language code."""
    tables = tomllib.loads((files("bot.team.calendar") / "moments.toml").read_text(encoding="utf-8"))
    return {
        code: TimeLexicon(code, table["weekdays"], table["hours"], table["minutes"], table)
        for code, table in tables.items()
    }


def iter_lexicons(locale: str) -> Iterator[TimeLexicon]:
    """Yield all lexicons, that of the locale first."""
    language = locale.partition("-")[0]
    yield from sorted(load_lexicons().values(), key=lambda lexicon: lexicon.code != language)
