"""People whom a text names: by a title, as somebody who speaks or signs, or with a first name and another. Pure.

Better to miss a name than to take a place or a thing for one: a first name counts from a list (people.toml) alone.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import regex

from .terms import norm

# Characters of a text, and of each source, that are read.
MOST_READ = 30_000
_WORD = r"\p{Lu}\p{Ll}[\p{L}'’-]{0,24}"
_PARTICLE = r"(?:(?:de|da|do|dos|das|del|de\ la|van|von|der|den|di|bin|e|y)\ ){0,2}"
# One or more words of a name.
_NAME = rf"(?:{_WORD}|\p{{Lu}}\.)(?:\ {_PARTICLE}(?:{_WORD}|\p{{Lu}}\.(?=\ \p{{Lu}}))){{0,3}}"
_FULL = rf"{_WORD}(?:\ {_PARTICLE}(?:{_WORD}|\p{{Lu}}\.(?=\ \p{{Lu}}))){{1,3}}"
_INITIAL = regex.compile(r"(?<![\p{L}'’-])\p{L}")
_POSSESSIVE = regex.compile(r"['’]s?$")


@cache
def _table() -> dict[str, Any]:
    """What people.toml says."""
    return tomllib.loads((files("bot.checks") / "people.toml").read_text(encoding="utf-8"))


@cache
def first_names() -> frozenset[str]:
    """First names of people, in several languages (people.toml)."""
    return frozenset(name for names in _table()["first"].values() for name in names.split())


@cache
def _nobody() -> frozenset[str]:
    return frozenset(_table()["nobody"])


@cache
def _places() -> frozenset[str]:
    return frozenset(_table()["places"])


@cache
def _known() -> frozenset[str]:
    return frozenset(_table()["known"])


@cache
def _patterns() -> dict[str, regex.Pattern[str]]:
    """The patterns of names, by what tells them."""
    table = _table()
    title = rf"(?:(?:{'|'.join(table['titles'])})\.?|M\.)"
    speaking, closing = "|".join(table["speaking"]), "|".join(table["closing"])
    place = "|".join(table["places"])
    written = {
        "title": rf"(?<![\p{{L}}.'’-]){title}\ (?:{title}\ )*(?P<name>{_NAME})",
        "speaking": rf"(?<![\p{{L}}])(?:{speaking})\ (?P<name>{_NAME})",
        "spoken": rf"(?<![\p{{L}}’'-])(?P<name>{_WORD})\ (?:{speaking})(?![\p{{L}}])",
        "full": rf"(?<![\p{{L}}'’-])(?<!\b(?:{place})\.?\ )(?P<name>{_FULL})",
        "signed": rf"(?:(?<=\s)|^)[–—-]\ ?(?P<name>{_NAME}(?:\ \p{{Lu}}\.)?)(?=\.?(?:,[^,\n]{{0,30}})?\s*$)",
        "closing": rf"(?i:(?<![\p{{L}}])(?:{closing})),?\s{{1,3}}(?P<name>{_NAME}(?:\ \p{{Lu}}\.)?)(?=\.?\s*$)",
    }
    return {sort: regex.compile(pattern, regex.MULTILINE) for sort, pattern in written.items()}


def people(text: str, language: str = "en") -> list[str]:
    """The names of people in a text, without their titles, each once."""
    return list(dict.fromkeys(name for _, name in sorted(_people(text[:MOST_READ], language))))


def _people(text: str, language: str) -> Iterator[tuple[int, str]]:
    taken = bytearray(len(text))
    for sort, pattern in _patterns().items():
        for found in pattern.finditer(text):
            words = _of_a_person(found["name"].split(" "), sort, language)
            start = found.start("name")
            end = found.end("name")
            if words and not any(taken[start:end]):
                taken[start:end] = b"\x01" * (end - start)
                yield start, " ".join(words)


def _of_a_person(words: list[str], sort: str, language: str) -> list[str]:
    """The words of a name; none where it is none."""
    listed = [at for at, word in enumerate(words) if _POSSESSIVE.sub("", word) in first_names()]
    if sort in ("full", "speaking") and listed and all(word[0].isupper() for word in words[: listed[0]]):
        if listed[0] and words[listed[0] - 1] in _places():
            return []
        words = words[listed[0] :]  # "sagt Leiterin Maria Lopez"
        listed = [0]
    if sort == "full" and norm(_POSSESSIVE.sub("", " ".join(words))) in _known():
        return []
    if any(_POSSESSIVE.sub("", word) in _nobody() for word in words):
        return []
    named = bool(listed) and listed[0] == 0
    match sort:
        case "title":
            return words[:1] if language == "de" and not named else words
        case "full":
            return words if named and len(words) > 1 else []
        case "speaking":
            # German writes all nouns large, and a single word may be any.
            return words if named or (len(words) > 1 and language != "de") else []
        case _:
            return words if named else []


def ungrounded_people(text: str, sources: Iterable[str], language: str = "en") -> list[str]:
    """The people of a text of whom no source gives the whole name.

    Where nouns are written large, in German and in headlines, any may follow a first name; a first name that is given suffices there.
    """
    found = people(text, language)
    if not found:
        return []
    told = " ".join(_told(source[:MOST_READ]) for source in sources)
    first_suffices = language == "de" or _is_in_capitals(text[:MOST_READ])
    return [name for name in found if not _is_given(name, told, first_suffices=first_suffices)]


def _is_in_capitals(text: str) -> bool:
    """Whether three of four words of a text begin with a capital, as those of a headline."""
    initials = _INITIAL.findall(text)
    return 4 * sum(map(str.isupper, initials)) >= 3 * len(initials)


def _is_given(name: str, told: str, *, first_suffices: bool) -> bool:
    parts = [_POSSESSIVE.sub("", word) for word in name.split(" ") if word[:1].isupper() and not word.endswith(".")]
    known = [_plain(part).rstrip("s") in told for part in parts]
    return all(known) or (first_suffices and known[0])


@lru_cache(maxsize=64)
def _told(source: str) -> str:
    return _plain(source)


def _plain(text: str) -> str:
    """A text in the form in which texts are compared, without accents."""
    plain = norm(text)
    if plain.isascii():
        return plain
    return "".join(one for one in unicodedata.normalize("NFD", plain) if not unicodedata.combining(one))
