"""Tells what people say to the bot from what they ask it to make: greetings, thanks, complaints, "what can you do?". Pure.

A message is taken only when words of one language's vocabulary (small_talk.toml) cover all of it, so that a request which
begins like a greeting stays a request: one word more than is said with a greeting makes it one.
"""

from __future__ import annotations

import itertools
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, cast

from bot.checks.terms import norm

About = Literal["ability", "thanks", "hello", "how", "glad", "bye", "ok", "complaint", "slow"]
# What a message is about that is several of them, the first that it holds.
_ORDER: tuple[About, ...] = ("complaint", "slow", "ability", "thanks", "how", "bye", "glad", "hello", "ok")
# Nobody greets at greater length.
_MAX_CHARACTERS, _MAX_WORDS = 160, 20
_CLAUSE = re.compile(r"[.,;:!?¡¿\n…–—()\"]+|\s-\s")
_WORD, _PART = re.compile(r"[^\W_]+"), re.compile(r"[()|]|[^\W_]+")
_LAUGH = re.compile(r"(?:a?(?:h[aei]){2,}h?|(?:j[aei]){2,}j?|k{3,}|(?:rs){1,}|l+o+l+|x+d+)")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")
# Signs that are said without a word.
_SIGNS: Mapping[str, About] = {
    "🙏": "thanks", "👋": "hello", "👍": "ok", "👌": "ok", "😂": "glad", "🤣": "glad", "❤": "glad", "😍": "glad", "🎉": "glad",
    "🥰": "glad", "😊": "glad", "🔥": "glad", "👏": "glad", "💯": "glad", "👎": "complaint", "😡": "complaint", "😠": "complaint",
}  # fmt: skip

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Ways to say something, each a row of words and further patterns."""

    ways: tuple[tuple[str | _Pattern, ...], ...]

    def ends(self, words: Words, at: int) -> set[int]:
        """Where it may end that begins at a word."""
        return set().union(*(_after(way, words, at) for way in self.ways))

    def words(self) -> Iterator[str]:
        """Every word that may be said."""
        for part in itertools.chain(*self.ways):
            if isinstance(part, str):
                yield part
            else:
                yield from part.words()


def _after(way: Sequence[str | _Pattern], words: Words, at: int) -> set[int]:
    reached = {at}
    for part in way:
        if isinstance(part, str):
            reached = {one + 1 for one in reached if one < len(words) and words[one] == part}
        else:
            reached = set().union(*(part.ends(words, one) for one in reached))
        if not reached:
            break
    return reached


@dataclass(frozen=True, slots=True)
class SmallTalk:
    """What a message says, and the ISO 639-1 codes of the languages that it may be in."""

    about: About
    languages: tuple[str, ...]

    def language(self, locale: str) -> str:
        """The language to answer in: the reader's own where the message may be in it."""
        own = locale.partition("-")[0]
        return own if own in self.languages or not self.languages else self.languages[0]


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """What a clause may be about, and what else may stand in it."""

    core: _Pattern
    around: _Pattern
    words: frozenset[str]

    def covers(self, words: Words) -> int:
        """How many words of a clause tell what it is about, at most; -1 where patterns do not cover it."""
        if not self.words.issuperset(words):
            return -1
        told = [0, *(-1 for _ in words)]
        for at in range(len(words)):
            if told[at] >= 0:
                for pattern, tells in ((self.core, 1), (self.around, 0)):
                    for end in pattern.ends(words, at):
                        told[end] = max(told[end], told[at] + tells * (end - at))
        return told[-1]


def small_talk(text: str) -> SmallTalk | None:
    """What a message says where it asks for nothing that is to be written; None where it may be a request."""
    if len(text) > _MAX_CHARACTERS:
        return None
    clauses = [words for clause in _CLAUSE.split(text) if (words := _words(clause))]
    if not clauses:
        said = [about for sign, about in _SIGNS.items() if sign in text]
        return SmallTalk(min(said, key=_ORDER.index), ()) if said else None
    if sum(map(len, clauses)) > _MAX_WORDS:
        return None
    each = {language: _about(clauses, language) for language in vocabularies()}
    found = {language: about for language, about in each.items() if about is not None}
    if not found:
        return None
    about = min(found.values(), key=_ORDER.index)
    return SmallTalk(about, tuple(language for language, one in found.items() if one == about))


def _about(clauses: Sequence[Words], language: str) -> About | None:
    """What clauses in a language are about; None where one of them is not covered."""
    told: list[About] = []
    for clause in clauses:
        tells = {about: one.covers(clause) for about, one in vocabularies()[language].items()}
        most = max(tells.values())
        if most < 0:
            return None
        # "Not bad" is no complaint, though "bad" is one.
        told += [about for about, words in tells.items() if words == most > 0]
    return min(told, key=_ORDER.index) if told else None


@cache
def vocabularies() -> dict[str, dict[About, _Vocabulary]]:
    """The vocabularies by language and what they are about."""
    table = tomllib.loads((files("bot.generation") / "small_talk.toml").read_text(encoding="utf-8"))
    return {language: _of_language(rows) for language, rows in table.items()}


def _of_language(rows: Mapping[str, object]) -> dict[About, _Vocabulary]:
    found: dict[About, _Vocabulary] = {}
    for about in _ORDER:
        row = cast("dict[str, str]", rows[about])
        core, around = _parsed(row["core"]), _parsed(f"{rows['any']}|{row['around']}")
        found[about] = _Vocabulary(core, around, frozenset((*core.words(), *around.words())))
    return found


def _parsed(text: str) -> _Pattern:
    signs = (found[0] for found in _PART.finditer("|".join(filter(None, map(str.strip, text.splitlines())))))
    return _read(signs)


def _read(signs: Iterator[str]) -> _Pattern:
    """A pattern up to the bracket that closes it."""
    ways: list[list[str | _Pattern]] = [[]]
    for sign in signs:
        if sign == ")":
            break
        if sign == "|":
            ways.append([])
        else:
            ways[-1] += [_read(signs)] if sign == "(" else _words(sign)
    return _Pattern(tuple(map(tuple, ways)))


def _words(text: str) -> Words:
    """The words of a text as they are compared: without accents, signs and letters that are drawn out."""
    plain = unicodedata.normalize("NFD", norm(text)).replace("ß", "ss")
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return tuple(_even(word) for word in _WORD.findall(plain))


def _even(word: str) -> str:
    return "haha" if _LAUGH.fullmatch(word) else _DRAWN_OUT.sub(r"\1", word)
