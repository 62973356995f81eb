"""How common words are in fourteen languages, on the Zipf scale: log10 of the occurrences per billion words.

`common_words/` has the words of Zipf 4.0 and more by language, from the package wordfreq 3.1 (small lists, without
numbers of several digits; licence in NOTICE). Its whole lists take 58 MB, and find nothing more in a search
(docs/decisions/0013).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

# What words that are not listed have at most; all of them count as equally rare.
RARE_ZIPF = 3.0


def get_zipf_frequency(word: str, language: str) -> float:
    """Return the Zipf frequency of a case-folded word in a language (ISO 639-1): 4.0 to 7.7, or `RARE_ZIPF`."""
    return load_frequencies(language).get(word, RARE_ZIPF)


@cache
def load_frequencies(language: str) -> Mapping[str, float]:
    """Return the listed words of a language with their Zipf frequencies, the most common first; none if it has no list."""
    file = files("personas") / "common_words" / f"{language}.txt"
    if not file.is_file():
        return {}
    frequencies = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        zipf, *words = line.split()
        frequencies.update(dict.fromkeys(words, float(zipf)))
    return frequencies
