"""Claims: what a text promises or boasts of, by families of phrases in five languages (claims.toml). Pure.

What is denied or asked claims nothing. Families are told apart so that a source that gives one ("a free look") gives no other
("free shipping").
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, NamedTuple

from .terms import norm

# Characters of a text, and of each source, that are read.
MOST_READ = 16_000
# Words that "…" stands for at most, and words on either side of a claim in which it is denied.
_GAP, _BEFORE, _BEHIND = 3, 4, 3
_TOKEN = re.compile(r"[^\W_]+(?:'t\b)?|[.,;:!?…()\[\]\"|%€£]|[–—](?=\s)")
_MARKS = re.compile(r"[\u0300-\u036f]")
_ENDS = frozenset(".;:!?…")
_BREAKS = _ENDS | frozenset(',()[]"|–—')


@dataclass(frozen=True, slots=True)
class Claim:
    """A phrase of a text that claims something: its family, and its words in the form in which texts are compared."""

    family: str
    said: str


class _Element(NamedTuple):
    """What may stand at one place of a phrase: whole words, what words begin or end with, and numbers."""

    whole: frozenset[str]
    begun: tuple[str, ...]
    ended: tuple[str, ...]
    number: bool

    def fits(self, word: str) -> bool:
        """Whether a word may stand here."""
        if word in self.whole:
            return True
        known = word.startswith(self.begun) or word.endswith(self.ended) or (self.number and word.isdecimal())
        return known and word not in _BREAKS


class _Phrase(NamedTuple):
    """A phrase of a family; None stands for a gap."""

    family: str
    elements: tuple[_Element | None, ...]

    def goes_on_with(self, word: str) -> bool:
        """Whether a word may follow its first one."""
        second = self.elements[1] if len(self.elements) > 1 else None
        return second is None or second.fits(word)


def _element(written: str) -> _Element | None:
    if written == "...":
        return None
    words = written.split("/")
    return _Element(
        frozenset(word for word in words if "*" not in word and word != "#"),
        tuple(word[:-1] for word in words if word.endswith("*")),
        tuple(word[1:] for word in words if word.startswith("*") and len(word) > 1),
        "#" in words,
    )


@dataclass(frozen=True)
class _Phrases:
    """Phrases by how their first word is told: whole, or by its first or last three letters; "#" is any number."""

    whole: dict[str, list[_Phrase]]
    begun: dict[str, list[_Phrase]]
    ended: dict[str, list[_Phrase]]

    def at(self, word: str) -> tuple[_Phrase, ...]:
        """The phrases that a word may begin."""
        numbered = self.whole.get("#", ()) if word.isdecimal() else ()
        parted = (*self.begun.get(word[:3], ()), *self.ended.get(word[-3:], ()))
        return (
            *self.whole.get(word, ()),
            *numbered,
            *(one for one in parted if (first := one.elements[0]) and first.fits(word)),
        )


@cache
def _data() -> dict[str, Any]:
    """What claims.toml says."""
    return tomllib.loads((files("bot.checks") / "claims.toml").read_text(encoding="utf-8"))


@cache
def _denial(name: str) -> frozenset[str]:
    """Words of a list about denial."""
    return frozenset(_data()["denial"].get(name, ()))


def said_of(family: str) -> str:
    """What nobody has said where a text has a claim of that family: "that it is guaranteed"."""
    return str(_data()["family"][family]["said"])


@cache
def _phrases(which: tuple[str, ...], *, bare: bool = False) -> _Phrases:
    """The phrases of some lists of claims.toml; bare ones have no accents."""
    found = _Phrases(defaultdict(list), defaultdict(list), defaultdict(list))
    for family, table in _data()["family"].items():
        for text in (text for name in which for text in table.get(name, ())):
            words = [norm(word) for word in (_bare(text) if bare else text).split()]
            one = _Phrase(family, tuple(map(_element, words)))
            for first in words[0].split("/"):
                if first.endswith("*"):
                    found.begun[first[:3]].append(one)
                elif first.startswith("*"):
                    found.ended[first[-3:]].append(one)
                else:
                    found.whole[first].append(one)
    return found


def claims(text: str, language: str = "en", *, boasts: bool = False) -> list[Claim]:
    """What a text claims, in its order; of claims of one family that overlap the first. `boasts` count plain superlatives too."""
    normed = _lines(text)
    tokens = list(_TOKEN.finditer(normed))
    words = [token[0] for token in tokens]
    claimed = list(_matches(words, ("claims", "boasts") if boasts else ("claims",)))
    excepted = _matches(words, ("never",)) if claimed else ()
    never = {(family, at) for family, first, last in excepted for at in range(first, last + 1)}
    found, ends = list[Claim](), dict[str, int]()
    for family, first, last in claimed:
        if first <= ends.get(family, -1) or any((family, at) in never for at in range(first, last + 1)):
            continue
        if not _is_denied(words, first, last, language) and not _is_asked(words, last):
            ends[family] = last
            found.append(Claim(family, normed[tokens[first].start() : tokens[last].end()].strip(" .,")))
    return found


def ungrounded_claims(text: str, sources: Iterable[str], language: str = "en") -> list[Claim]:
    """Claims of a text whose family none of the sources gives."""
    found = claims(text, language)
    if not found:
        return []
    given = frozenset[str]().union(*(_given(source[:MOST_READ], language) for source in sources))
    return [claim for claim in found if claim.family not in given]


def unapproved_claims(text: str, approved: Iterable[str], said: Iterable[str], language: str = "en") -> list[Claim]:
    """Claims and superlatives of a text that are no part of an `approved` one, word for word, and that nobody has `said` so."""
    left = _lines(text)
    for one in sorted(filter(None, (norm(claim).strip(" .!") for claim in approved)), key=len, reverse=True):
        left = re.sub(rf"(?<!\w){re.escape(one)}(?!\w)", " ; ", left)
    known = [norm(one[:MOST_READ]) for one in said if one]
    return [claim for claim in claims(left, language, boasts=True) if not any(claim.said in one for one in known)]


@lru_cache(maxsize=64)
def _given(source: str, language: str) -> frozenset[str]:
    """The families that a source gives, with or without accents."""
    words = _TOKEN.findall(_bare(_lines(source)))
    found = _matches(words, ("claims", "given"), bare=True)
    return frozenset(family for family, first, last in found if not _is_denied(words, first, last, language, behind=0))


def _lines(text: str) -> str:
    """A text in the form in which texts are compared, with a break between its lines."""
    return norm(text[:MOST_READ].replace("\n", " ; "))[:MOST_READ]


def _bare(text: str) -> str:
    """A text without accents."""
    return text if text.isascii() else _MARKS.sub("", unicodedata.normalize("NFD", text))


def _matches(words: Sequence[str], which: tuple[str, ...], *, bare: bool = False) -> Iterator[tuple[str, int, int]]:
    """Where phrases stand: (family, first word, last word), the longest of each family at a place."""
    phrases = _phrases(which, bare=bare)
    starting = {word: several for word in set(words) if (several := phrases.at(word))}
    likely: dict[tuple[str, str], list[_Phrase]] = {}
    for at, (word, following) in enumerate(pairwise([*words, ""])):
        if word not in starting:
            continue
        if (word, following) not in likely:
            likely[word, following] = [phrase for phrase in starting[word] if phrase.goes_on_with(following)]
        longest: dict[str, int] = {}
        for phrase in likely[word, following]:
            last = _end(words, at + 1, phrase.elements, 1)
            if last is not None:
                longest[phrase.family] = max(last, longest.get(phrase.family, -1))
        yield from ((family, at, last) for family, last in longest.items())


def _end(words: Sequence[str], at: int, elements: Sequence[_Element | None], number: int) -> int | None:
    """The last word of a phrase whose elements from `number` on stand from `at` on; None where they do not."""
    if number == len(elements):
        return at - 1
    element = elements[number]
    if element is not None:
        return _end(words, at + 1, elements, number + 1) if at < len(words) and element.fits(words[at]) else None
    if number + 1 == len(elements):
        return min(at, len(words) - 1)
    for more in range(_GAP + 1):
        if at + more >= len(words):
            return None
        if (last := _end(words, at + more, elements, number + 1)) is not None:
            return last
        if words[at + more] in _BREAKS or words[at + more] in _denial("gap"):
            return None
    return None


def _is_denied(words: Sequence[str], first: int, last: int, language: str, *, behind: int = _BEHIND) -> bool:
    """Whether words before a claim, or behind it, take it back."""
    denying = _denying(language)
    for at in range(first - 1, max(-1, first - 1 - _BEFORE), -1):
        word = words[at]
        if word in _BREAKS or word in _denial("joining"):
            break
        if (word in denying or word.endswith("n't")) and words[at + 1] not in _denial("only"):
            # "Don't miss our special offer" denies nothing.
            return not any(one.startswith(tuple(_denial("missed"))) for one in words[max(0, at - 1) : first])
    following = words[last + 1 : last + 1 + behind + 1]
    for number, word in enumerate(following[:behind]):
        if word in _BREAKS or word in _denial("joining"):
            break
        if word in _denial("behind"):
            return True
        if word in _denial("last") and (number + 1 == len(following) or following[number + 1] in _BREAKS):
            return True
    return False


@cache
def _denying(language: str) -> frozenset[str]:
    words = _denial("en") | _denial(language)
    return (words | frozenset(map(_bare, words))) - _denial(f"{language}_no")


def _is_asked(words: Sequence[str], last: int) -> bool:
    """Whether the sentence of a claim is a question."""
    return next((word for word in words[last + 1 : last + 60] if word in _ENDS), "") == "?"
