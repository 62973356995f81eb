"""How hard an English text is to read, by its sentences and syllables."""

from __future__ import annotations

import re
from functools import lru_cache

from .units import HASHTAG, LINK

# Under this many words the formula says nothing.
MIN_WORDS = 15
# So much of a text tells how hard all of it is: 3,000 words, more than any kind writes.
MAX_COUNTED = 20_000
# No word that is read has more letters; what is longer is no word.
_MAX_WORD = 60

_WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")
_SENTENCE_END = re.compile(r"(?<![.!?])[.!?]++[\"'”’)\]]*+(?=\s|$)|[\r\n]+")


def syllables(word: str) -> int:
    """Syllables of an English word: groups of vowels less a silent final e, at least one a hyphenated piece."""
    total = 0
    for piece in word.lower().split("-"):
        groups = len(re.findall("[aeiouy]+", piece))
        silent = re.search("[^aeiouy]e$", piece) and not re.search("[^aeiouy]le$", piece)
        total += max(1, groups - bool(silent))
    return total


# Most of a text's words come again and again.
_syllables = lru_cache(maxsize=4096)(syllables)


def sentences(text: str) -> list[list[str]]:
    """The words of each sentence that has one; links and hashtags do not count, a line break ends a sentence."""
    bare = HASHTAG.sub(" ", LINK.sub(" ", text))
    return [found for piece in _SENTENCE_END.split(bare) if (found := _WORD.findall(piece))]


def grade(text: str) -> float | None:
    """Flesch-Kincaid grade: 0.39 words/sentence + 11.8 syllables/word - 15.59. None under 15 words.

    Source: Kincaid, Fishburne, Rogers, Chissom: Derivation of New Readability Formulas (1975).
    """
    found = sentences(text[:MAX_COUNTED])
    words = [word[:_MAX_WORD] for sentence in found for word in sentence]
    if len(words) < MIN_WORDS:
        return None
    return 0.39 * len(words) / len(found) + 11.8 * sum(map(_syllables, words)) / len(words) - 15.59
