"""The words for times, per language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from typing import Any

# Between the hour and the minutes of "half past ten", which unlike 10:30 is not by the 24-hour clock.
SPOKEN_COLON = "∶"
_HOURS_ON_CLOCK = 12


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

    def write_hours_in_digits(self, text: str) -> str:
        """Return a text with spoken hours in digits: "half past ten" as 10∶30, "at ten" as "at 10"."""
        words = "|".join(self.hours)
        text = re.sub(rf"(?<!\w)(?:{self.half_hour})(?!\w)", "30 min", text)
        for pattern, offset in self.minutes.items():
            pattern = pattern.replace("HOUR", rf"(?P<hour>1[0-2]|[1-9]|{words})")
            text = re.sub(rf"(?<!\w)(?:{pattern})(?!\w)", partial(self._write_minutes, offset), text)
        after = f"{self.clock}|{self.before_noon}|{self.after_noon}"
        hour = rf"(?<!\w)(?P<before>(?:{self.at})\s)?(?P<hour>{words})(?P<after>\s(?:{after}))?(?!\w)"
        return re.sub(hour, self._write_hour, text)

    def _write_minutes(self, offset: int, match: re.Match[str]) -> str:
        minutes = self._read_hour(match["hour"]) * 60 + offset
        return f"{minutes // 60 or _HOURS_ON_CLOCK}{SPOKEN_COLON}{minutes % 60}"

    def _write_hour(self, match: re.Match[str]) -> str:
        before, after = match["before"] or "", match["after"] or ""
        return f"{before}{self._read_hour(match['hour'])}{after}" if before or after else match[0]

    def _read_hour(self, words: str) -> int:
        if words.isdigit():
            return int(words)
        return next(hour for hour, pattern in enumerate(self.hours, 1) if re.fullmatch(pattern, words))


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
