"""Distinguish small talk from requests: greetings, thanks, complaints, "what can you do?". Pure.

A message counts only if one language's vocabulary (small_talk.toml) covers all of its words, so a request that begins with a
greeting remains a request: a single other word makes it one.
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

from bot.checks.terms import normalise

SmallTalkTopic = Literal["ability", "thanks", "hello", "how", "glad", "bye", "ok", "complaint", "slow"]
# The precedence of topics in a message that has several.
_ORDER: tuple[SmallTalkTopic, ...] = ("complaint", "slow", "ability", "thanks", "how", "bye", "glad", "hello", "ok")
# Longer messages are no small talk.
_MAX_CHARACTERS, _MAX_WORDS = 160, 20
_CLAUSE = re.compile(r"[.,;:!?¡¿\n…–—()\"]+|\s-\s")
_WORD, _PART = re.compile(r"[^\W_]+"), re.compile(r"[()|]|[^\W_]+")
_LAUGH = re.compile(r"(?:a?(?:h[aei]){2,}h?|(?:j[aei]){2,}j?|k{3,}|(?:rs){1,}|l+o+l+|x+d+)")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")
# Topics of emoji without words.
_SIGNS: Mapping[str, SmallTalkTopic] = {
    "🙏": "thanks",
    "👋": "hello",
    "👍": "ok",
    "👌": "ok",
    "😂": "glad",
    "🤣": "glad",
    "❤": "glad",
    "😍": "glad",
    "🎉": "glad",
    "🥰": "glad",
    "😊": "glad",
    "🔥": "glad",
    "👏": "glad",
    "💯": "glad",
    "👎": "complaint",
    "😡": "complaint",
    "😠": "complaint",
}

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Alternative wordings, each a sequence of words and nested patterns."""

    ways: tuple[tuple[str | _Pattern, ...], ...]

    def ends(self, words: Words, at: int) -> set[int]:
        """Return the positions where a match that begins at a word may end."""
        return set().union(*(_advance(way, words, at) for way in self.ways))

    def words(self) -> Iterator[str]:
        """Yield every word of the pattern."""
        for part in itertools.chain(*self.ways):
            if isinstance(part, str):
                yield part
            else:
                yield from part.words()


def _advance(way: Sequence[str | _Pattern], words: Words, at: int) -> set[int]:
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
    """The topic of a message, and the ISO 639-1 codes of the languages that it may be in."""

    about: SmallTalkTopic
    languages: tuple[str, ...]

    def choose_language(self, locale: str) -> str:
        """Return the language to answer in: the reader's own if the message may be in it."""
        own = locale.partition("-")[0]
        return own if own in self.languages or not self.languages else self.languages[0]


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """The patterns of a topic: the core that names it, and the words that may surround that."""

    core: _Pattern
    around: _Pattern
    words: frozenset[str]

    def covers(self, words: Words) -> int:
        """Return the maximum number of words of a clause that the core covers; -1 if the patterns do not cover all words."""
        if not self.words.issuperset(words):
            return -1
        covered = [0, *(-1 for _ in words)]
        for at in range(len(words)):
            if covered[at] >= 0:
                for pattern, weight in ((self.core, 1), (self.around, 0)):
                    for end in pattern.ends(words, at):
                        covered[end] = max(covered[end], covered[at] + weight * (end - at))
        return covered[-1]


def detect_small_talk(text: str) -> SmallTalk | None:
    """Return the topic of a message that asks for nothing to be written; None if it may be a request."""
    if len(text) > _MAX_CHARACTERS:
        return None
    clauses = [words for clause in _CLAUSE.split(text) if (words := _normalise_words(clause))]
    if not clauses:
        topics = [about for sign, about in _SIGNS.items() if sign in text]
        return SmallTalk(min(topics, key=_ORDER.index), ()) if topics else None
    if sum(map(len, clauses)) > _MAX_WORDS:
        return None
    each = {language: _find_topic(clauses, language) for language in load_vocabularies()}
    found = {language: about for language, about in each.items() if about is not None}
    if not found:
        return None
    about = min(found.values(), key=_ORDER.index)
    return SmallTalk(about, tuple(language for language, one in found.items() if one == about))


def _find_topic(clauses: Sequence[Words], language: str) -> SmallTalkTopic | None:
    """Return the topic of clauses in a language; None if one of them is not covered."""
    topics: list[SmallTalkTopic] = []
    for clause in clauses:
        counts = {about: one.covers(clause) for about, one in load_vocabularies()[language].items()}
        most = max(counts.values())
        if most < 0:
            return None
        # "Not bad" is not a complaint, though "bad" is one.
        topics += [about for about, words in counts.items() if words == most > 0]
    return min(topics, key=_ORDER.index) if topics else None


@cache
def load_vocabularies() -> dict[str, dict[SmallTalkTopic, _Vocabulary]]:
    """Load the vocabularies by language and topic."""
    table = tomllib.loads((files("bot.generation") / "small_talk.toml").read_text(encoding="utf-8"))
    return {language: _build_vocabularies(rows) for language, rows in table.items()}


def _build_vocabularies(rows: Mapping[str, object]) -> dict[SmallTalkTopic, _Vocabulary]:
    found: dict[SmallTalkTopic, _Vocabulary] = {}
    for about in _ORDER:
        row = cast("dict[str, str]", rows[about])
        core, around = _parse_pattern(row["core"]), _parse_pattern(f"{rows['any']}|{row['around']}")
        found[about] = _Vocabulary(core, around, frozenset((*core.words(), *around.words())))
    return found


def _parse_pattern(text: str) -> _Pattern:
    signs = (found[0] for found in _PART.finditer("|".join(filter(None, map(str.strip, text.splitlines())))))
    return _read_pattern(signs)


def _read_pattern(signs: Iterator[str]) -> _Pattern:
    """Parse a pattern up to its closing bracket."""
    ways: list[list[str | _Pattern]] = [[]]
    for sign in signs:
        if sign == ")":
            break
        if sign == "|":
            ways.append([])
        else:
            ways[-1] += [_read_pattern(signs)] if sign == "(" else _normalise_words(sign)
    return _Pattern(tuple(map(tuple, ways)))


def _normalise_words(text: str) -> Words:
    """Return the words of a text for comparison: without accents, signs and repeated letters."""
    plain = unicodedata.normalize("NFD", normalise(text)).replace("ß", "ss")
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return tuple(_normalise_word(word) for word in _WORD.findall(plain))


def _normalise_word(word: str) -> str:
    return "haha" if _LAUGH.fullmatch(word) else _DRAWN_OUT.sub(r"\1", word)
