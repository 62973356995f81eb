"""How far a text keeps to what it was told: what a model of a few billion parameters invents is full of words that nobody gave. Pure.

Of the 56 marketing texts of such a model in benchmarks/quality/blind, both readers marked 16 of the 27 as inventing in which an
eighth or more of the longer words are such, and 9 of the 29 others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from bot.checks.terms import norm

# Letters of a word that are compared, so that its endings do not count; shorter words say little.
_STEM, _LEAST = 5, 4
# Words so common say nothing of a matter: on the Zipf scale, 5 is one word in 10,000.
_COMMON = 5.0
# A word is rather rare below 4.5: one in 30,000.
_RARE = 4.5
# Characters of a text that are looked at: more than any kind writes.
_MOST_READ = 30_000
_WORD = re.compile(rf"[^\W\d_]{{{_LEAST},}}")


def unsourced(text: str, sources: Iterable[str], language: str) -> float:
    """The share of a text's longer words that are not common ones and stand in none of its sources, from 0 to 1."""
    known = {stem for source in sources for stem in _stems(source)}
    own = _words(text)
    return sum(word[:_STEM] not in known and not _is_common(word, language) for word in own) / max(1, len(own))


def shared(text: str, other: str, sources: Iterable[str], language: str) -> int:
    """How many different longer words that are rather rare two texts have in common which stand in no source."""
    known = {stem for source in sources for stem in _stems(source)}
    theirs = set(_stems(other)) - known
    return len(
        {word[:_STEM] for word in _words(text) if word[:_STEM] in theirs and not _is_common(word, language, _RARE)}
    )


def covered(told: str, text: str) -> float:
    """The share of the longer words of what was told that a text has, from 0 to 1; 1 where there are none."""
    wanted = set(_stems(told))
    return len(wanted.intersection(_stems(text))) / len(wanted) if wanted else 1.0


def _stems(text: str) -> list[str]:
    return [word[:_STEM] for word in _words(text)]


def _words(text: str) -> list[str]:
    return _WORD.findall(norm(text[:_MOST_READ]))


@lru_cache(maxsize=4096)
def _is_common(word: str, language: str, least: float = _COMMON) -> bool:
    from wordfreq import zipf_frequency

    return zipf_frequency(word, language, wordlist="small") >= least
