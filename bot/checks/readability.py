"""Measure the readability of English texts by their words, sentences and syllables."""

from __future__ import annotations

import re
from functools import lru_cache

from .units import HASHTAG, LINK

# The formula is meaningless for fewer words.
MIN_WORDS = 15
# Characters that are measured: 3,000 words, more than any kind produces.
MAX_MEASURED_CHARACTERS = 20_000
# Characters of a word that are examined.
_MAX_WORD_CHARACTERS = 60

_WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")
_SENTENCE_END = re.compile(r"(?<![.!?])[.!?]++[\"'”’)\]]*+(?=\s|$)|[\r\n]+")


def count_syllables(word: str) -> int:
    """Count the syllables of an English word: vowel groups minus a silent final e, at least one per hyphenated piece."""
    total = 0
    for piece in word.lower().split("-"):
        groups = len(re.findall("[aeiouy]+", piece))
        silent = re.search("[^aeiouy]e$", piece) and not re.search("[^aeiouy]le$", piece)
        total += max(1, groups - bool(silent))
    return total


# Cached because most words of a text recur.
_count_syllables = lru_cache(maxsize=4096)(count_syllables)


def split_sentence_words(text: str) -> list[list[str]]:
    """Return the words of each sentence; links and hashtags do not count, a line break ends a sentence."""
    bare = HASHTAG.sub(" ", LINK.sub(" ", text))
    return [words for sentence in _SENTENCE_END.split(bare) if (words := _WORD.findall(sentence))]


def measure_grade(text: str) -> float | None:
    """Return the Flesch-Kincaid grade: 0.39 words/sentence + 11.8 syllables/word - 15.59. None under 15 words.

    Source: Kincaid, Fishburne, Rogers, Chissom: Derivation of New Readability Formulas (1975).
    """
    sentences = split_sentence_words(text[:MAX_MEASURED_CHARACTERS])
    words = [word[:_MAX_WORD_CHARACTERS] for sentence in sentences for word in sentence]
    if len(words) < MIN_WORDS:
        return None
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(_count_syllables, words)) / len(words) - 15.59
