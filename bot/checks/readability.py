"""How hard an English text is to read."""

from __future__ import annotations

import re

from .units import HASHTAG, LINK

# Under this many words the formula says nothing.
MIN_WORDS = 15

_WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")
_SENTENCE_END = re.compile(r"[.!?]+[\"'”’)\]]*(?=\s|$)|[\r\n]+")


def syllables(word: str) -> int:
    """Syllables of an English word: groups of vowels less a silent final e, at least one a hyphenated piece."""
    total = 0
    for piece in word.lower().split("-"):
        groups = len(re.findall("[aeiouy]+", piece))
        silent = re.search("[^aeiouy]e$", piece) and not re.search("[^aeiouy]le$", piece)
        total += max(1, groups - bool(silent))
    return total


def sentences(text: str) -> list[list[str]]:
    """The words of each sentence that has one; links and hashtags do not count, a line break ends a sentence."""
    bare = HASHTAG.sub(" ", LINK.sub(" ", text))
    return [found for piece in _SENTENCE_END.split(bare) if (found := _WORD.findall(piece))]


def grade(text: str) -> float | None:
    """Flesch-Kincaid grade: 0.39 words/sentence + 11.8 syllables/word - 15.59. None under 15 words.

    Source: Kincaid, Fishburne, Rogers, Chissom: Derivation of New Readability Formulas (1975).
    """
    found = sentences(text)
    count = sum(map(len, found))
    if count < MIN_WORDS:
        return None
    spoken = sum(syllables(word) for sentence in found for word in sentence)
    return 0.39 * count / len(found) + 11.8 * spoken / count - 15.59
