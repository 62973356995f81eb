"""How hard a text is to read: by its sentences and syllables, and by how common its words are."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING

from .people import first_names
from .units import HASHTAG, LINK

if TYPE_CHECKING:
    from pyphen import Pyphen

# Under this many words the formula says nothing.
MIN_WORDS = 15
# So much of a text tells how hard all of it is: 3,000 words, more than any kind writes.
MOST_COUNTED = 20_000
# No word that is read has more letters; what is longer is no word.
_LONGEST_WORD = 60

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


@dataclass(frozen=True, slots=True)
class Tally:
    """What the formulas count of a text. Those of its sentences add up to that of the text."""

    words: int = 0
    sentences: int = 0
    syllables: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Of both texts together."""
        return Tally(self.words + other.words, self.sentences + other.sentences, self.syllables + other.syllables)

    def __sub__(self, other: Tally) -> Tally:
        """Of the text without a part of it."""
        return Tally(self.words - other.words, self.sentences - other.sentences, self.syllables - other.syllables)


def tally(text: str, language: str = "en") -> Tally:
    """Words, sentences with a word, and syllables of the first `MOST_COUNTED` characters of a text.

    Syllables are those of English, or found by the hyphenation of another language that has a formula.
    """
    bare = HASHTAG.sub(" ", LINK.sub(" ", text[:MOST_COUNTED]))
    pattern = _WORD if language == "en" else _ANY_WORD
    found = [words for piece in _SENTENCE_END.split(bare) if (words := pattern.findall(piece))]
    count: Callable[[str], int] = _syllables if language == "en" else partial(_by_hyphens, _hyphens(language))
    spoken = sum(count(word[:_LONGEST_WORD]) for words in found for word in words)
    return Tally(sum(map(len, found)), len(found), spoken)


def _by_hyphens(hyphens: Pyphen, word: str) -> int:
    return len(hyphens.positions(word)) + 1


def grade(text: str) -> float | None:
    """Flesch-Kincaid grade: 0.39 words/sentence + 11.8 syllables/word - 15.59. None under 15 words.

    Source: Kincaid, Fishburne, Rogers, Chissom: Derivation of New Readability Formulas (1975).
    """
    return _grade(tally(text))


def _grade(found: Tally) -> float | None:
    if found.words < MIN_WORDS or found.sentences < 1:
        return None
    return 0.39 * found.words / found.sentences + 11.8 * found.syllables / found.words - 15.59


@dataclass(frozen=True, slots=True)
class Ease:
    """Flesch's reading ease as adapted to a language: `base` less `sentence` a word of a sentence and `word` a syllable."""

    base: float
    sentence: float
    word: float
    source: str


EASE = {
    "de": Ease(180, 1.0, 58.5, "Amstad 1978"),
    "es": Ease(206.84, 1.02, 60.0, "Fernández Huerta 1959"),
    "fr": Ease(207, 1.015, 73.6, "Kandel, Moles 1958"),
    "pt": Ease(248.835, 1.015, 84.6, "Martins et al. 1996"),
    "it": Ease(206, 1.0, 65.0, "Franchina, Vacca 1986"),
    "nl": Ease(206.84, 0.93, 77.0, "Douma 1960"),
}
# The least ease of texts for a US grade (Flesch 1949); between two of them it is the easier one's.
_EASE_OF_GRADES = ((5, 90.0), (6, 80.0), (7, 70.0), (9, 60.0), (12, 50.0), (15, 30.0))
_ANY_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def ease(text: str, language: str) -> float | None:
    """Reading ease from about 0 to 100, high is easy; None under 15 words and for languages without a formula.

    Syllables are counted by hyphenation, which finds a few less than there are.
    """
    return _ease(tally(text, language), language) if language in EASE else None


def _ease(found: Tally, language: str) -> float | None:
    formula = EASE.get(language)
    if formula is None or found.words < MIN_WORDS or found.sentences < 1:
        return None
    return (
        formula.base - formula.sentence * found.words / found.sentences - formula.word * found.syllables / found.words
    )


def ease_for(grade_limit: float) -> float:
    """The least reading ease of a text for readers of a US grade."""
    return next((least for most, least in _EASE_OF_GRADES if grade_limit <= most), 0.0)


def hardness(text: str, language: str, grade_limit: float) -> float | None:
    """How much harder a text is than readers of a US grade read, in grades or points of ease; up to 0 it is not too hard.

    None where nothing can be told.
    """
    return hardness_of(tally(text, language), language, grade_limit) if language in ("en", *EASE) else None


def hardness_of(found: Tally, language: str, grade_limit: float) -> float | None:
    """`hardness` of a text whose words are counted."""
    if language == "en":
        level = _grade(found)
        return None if level is None else level - grade_limit
    value = _ease(found, language)
    return None if value is None else ease_for(grade_limit) - value


@cache
def _hyphens(language: str) -> Pyphen:
    from pyphen import Pyphen

    return Pyphen(lang=language)


LEVELS = ("A1", "A2", "B1", "B2", "C1", "C2")
# Words that readers of a level know (Milton 2010: lemmas, here times two for their forms), and the share of a text's words
# that has to be among them so that it is understood (Laufer, Ravenhorst-Kalovski 2010).
_KNOWN = {"A1": 3000, "A2": 5000, "B1": 6500, "B2": 7500, "C1": 9000}
_COVERED = 0.95
# In shorter texts a single rare word decides.
_TELLING_WORDS = 60
_VOCABULARIES = frozenset(["en", "es", "fr", "de", "pt", "hi", "ar", "id", "it", "nl", "pl", "sv", "tr", "ru", "ko"])


# Letters that grammar puts at a word's end at most, and that a stem has at least.
_ENDING, _SHORTEST_STEM = 3, 4
# Languages that write an article or pronoun and the word behind it as one, with an apostrophe.
_ELIDING = frozenset({"fr", "it"})
_ELIDED = re.compile(r"^(?:[cdjlmnst]|un|(?:jus|lors|puis|quoi)?qu|(?:d|ne|da|su|a)ll|quell|quest)'(?=.)")


def cefr(
    text: str, language: str, known: Iterable[str] = (), *, inflected: bool = False
) -> tuple[str, list[str]] | None:
    """The lowest CEFR level whose readers know the words of a text, and the words beyond the level below, rarest last.

    `known` are names and terms that do not count, as are first names. A compound is known with its parts. Where words may be
    `inflected`, one is known with any word that begins as it does, as who reads "habite" reads "habitait", and counts once however
    often it is said, as it is learnt by then. None under 60 words and for languages without a list of words.
    """
    ranks = _ranks(language)
    if not ranks:
        return None
    free = {word.casefold() for term in known for word in _ANY_WORD.findall(term[:MOST_COUNTED])}
    bare = HASHTAG.sub(" ", LINK.sub(" ", text[:MOST_COUNTED]))
    words = [word.casefold().replace("’", "'") for word in _ANY_WORD.findall(bare)]
    if language in _ELIDING:  # "n'arrive" is two words.
        words = [_ELIDED.sub("", word) for word in words]
    words = [word for word in words if word not in free and word.removesuffix("'s") not in free]
    named = {word.casefold() for word in _ANY_WORD.findall(bare) if word in first_names()}
    words = [word for word in words if word not in named]
    if inflected:
        begun = {_stem(word) for word in free}
        words = [word for word in words if _stem(word) not in begun and word not in begun]
    if len(words) < _TELLING_WORDS:
        return None
    rank = partial(_rank, ranks=ranks, stems=_stems(language) if inflected else {}, language=language)
    order = sorted((rank(word), word) for word in words)
    met = [one for one, _ in order]
    if inflected:
        met = sorted([*(one for one, _ in dict.fromkeys(order)), *[0] * (len(order) - len(set(order)))])
    deciding = met[math.ceil(_COVERED * len(met)) - 1]
    level = next((name for name in LEVELS[:-1] if deciding <= _KNOWN[name]), LEVELS[-1])
    below = LEVELS[LEVELS.index(level) - 1]
    easy = _KNOWN[below] if level != "A1" else 0
    return level, list(dict.fromkeys(word for rank, word in order if rank > easy))


_UNKNOWN = 10**6
# Languages that write a compound as one word, with what may join its parts; and letters that each of them has at least.
_COMPOUNDING = {"de": ("", "s", "es", "n", "en", "er"), "nl": ("", "s", "en"), "sv": ("", "s")}
_SHORTEST_PART = 3
# What German puts behind a person's word for a woman.
_FEMININE = re.compile(r"in(?:nen)?$")


def _rank(word: str, *, ranks: dict[str, int], stems: dict[str, int], language: str) -> int:
    own = ranks.get(word, ranks.get(word.removesuffix("'s"), _UNKNOWN))
    own = min(own, stems.get(_stem(word), own))
    if own < _UNKNOWN or language not in _COMPOUNDING:
        return own
    if language == "de" and (person := ranks.get(_FEMININE.sub("", word))):
        return person
    return min((max(one, other) for one, other in _parts_of(word[:_LONGEST_WORD], ranks, stems, language)), default=own)


def _parts_of(word: str, ranks: dict[str, int], stems: dict[str, int], language: str) -> Iterator[tuple[int, int]]:
    """The ranks of both parts of a compound, for each place where it may be joined."""
    for at in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
        last = ranks.get(word[at:], stems.get(_stem(word[at:])))
        if last is None:
            continue
        for joint in _COMPOUNDING[language]:
            first = word[:at].removesuffix(joint) if word[:at].endswith(joint) else ""
            if len(first) >= _SHORTEST_PART and first in ranks:
                yield ranks[first], last


def _stem(word: str) -> str:
    """A word without about what grammar puts at its end; short ones, which may be anything, whole."""
    return word[: max(_SHORTEST_STEM, len(word) - _ENDING)]


@cache
def _stems(language: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for word, rank in _ranks(language).items():
        if len(word) > _SHORTEST_STEM:
            found.setdefault(_stem(word), rank)
    return found


@cache
def _ranks(language: str) -> dict[str, int]:
    if language not in _VOCABULARIES:
        return {}
    from wordfreq import top_n_list

    most = max(_KNOWN.values())
    return {word: rank for rank, word in enumerate(top_n_list(language, most, wordlist="small"), 1)}
