"""Distinguish small talk from requests: greetings, thanks, complaints, "what can you do?". No I/O beyond loading the vocabularies.

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
# Longer messages are not small talk.
_MAX_CHARACTERS, _MAX_WORDS = 160, 20
_CLAUSE = re.compile(r"[.,;:!?¡¿\n…–—()\"]+|\s-\s")
_WORD, _TOKEN = re.compile(r"[^\W_]+"), re.compile(r"[()|]|[^\W_]+")
_LAUGH = re.compile(r"(?:a?(?:h[aei]){2,}h?|(?:j[aei]){2,}j?|k{3,}|(?:rs){1,}|l+o+l+|x+d+)")
_REPEATED_LETTER = re.compile(r"(.)\1{2,}")
# Topics of messages that contain only emoji.
_EMOJI_TOPICS: Mapping[str, SmallTalkTopic] = {
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

# "más divertido", "plus drôle, s'il te plaît": a wish for the text, not praise of it.
_WISH = re.compile(
    r"(?:mas|mais|plus) (?!vite|rapid|tard)\w+(?: por favor| porfa| pfv?| stp| s il (?:te|vous) plait| please)?"
)

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Alternative wordings, each a sequence of words and nested patterns."""

    alternatives: tuple[tuple[str | _Pattern, ...], ...]

    def find_match_ends(self, words: Words, start: int) -> set[int]:
        """Return the positions where a match that begins at a word may end."""
        return set().union(*(_advance(alternative, words, start) for alternative in self.alternatives))

    def words(self) -> Iterator[str]:
        """Yield every word of the pattern."""
        for part in itertools.chain(*self.alternatives):
            if isinstance(part, str):
                yield part
            else:
                yield from part.words()


def _advance(alternative: Sequence[str | _Pattern], words: Words, start: int) -> set[int]:
    reached = {start}
    for part in alternative:
        if isinstance(part, str):
            reached = {position + 1 for position in reached if position < len(words) and words[position] == part}
        else:
            reached = set().union(*(part.find_match_ends(words, position) for position in reached))
        if not reached:
            break
    return reached


@dataclass(frozen=True, slots=True)
class SmallTalk:
    """The topic of a message, and the ISO 639-1 codes of the languages that it may be in."""

    topic: SmallTalkTopic
    languages: tuple[str, ...]

    def choose_language(self, locale: str) -> str:
        """Return the language to answer in: the user's own language, if the message could be written in it."""
        user_language = locale.partition("-")[0]
        return user_language if user_language in self.languages or not self.languages else self.languages[0]


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """The patterns of a topic: the core that names it, and the filler words that may surround that."""

    core: _Pattern
    filler: _Pattern
    words: frozenset[str]

    def count_core_words(self, words: Words) -> int:
        """Return the maximum number of words of a clause that the core covers; -1 if the patterns do not cover all of
        them.
        """
        if not self.words.issuperset(words):
            return -1
        covered = [0, *(-1 for _ in words)]
        for position in range(len(words)):
            if covered[position] >= 0:
                for pattern, weight in ((self.core, 1), (self.filler, 0)):
                    for end in pattern.find_match_ends(words, position):
                        covered[end] = max(covered[end], covered[position] + weight * (end - position))
        return covered[-1]


def detect_small_talk(text: str) -> SmallTalk | None:
    """Return the topic of a message that does not ask for any text; None if it may be a request."""
    if len(text) > _MAX_CHARACTERS:
        return None
    clauses = [words for clause in _CLAUSE.split(text) if (words := _normalise_words(clause))]
    if not clauses:
        topics = [topic for emoji, topic in _EMOJI_TOPICS.items() if emoji in text]
        return SmallTalk(min(topics, key=_ORDER.index), ()) if topics else None
    if sum(map(len, clauses)) > _MAX_WORDS:
        return None
    topic_by_language = {
        language: topic for language in load_vocabularies() if (topic := _find_topic(clauses, language)) is not None
    }
    if not topic_by_language:
        return None
    first_topic = min(topic_by_language.values(), key=_ORDER.index)
    if first_topic in ("glad", "ok", "slow") and _WISH.fullmatch(" ".join(clauses[0])):
        return None
    return SmallTalk(
        first_topic, tuple(language for language, topic in topic_by_language.items() if topic == first_topic)
    )


def _find_topic(clauses: Sequence[Words], language: str) -> SmallTalkTopic | None:
    """Return the topic of clauses in a language; None if one of them is not covered, or all are filler."""
    topics: list[SmallTalkTopic] = []
    for clause in clauses:
        counts = {
            topic: vocabulary.count_core_words(clause) for topic, vocabulary in load_vocabularies()[language].items()
        }
        highest = max(counts.values())
        if highest < 0:
            return None
        # "Not bad" is not a complaint, though "bad" is one.
        topics += [topic for topic, count in counts.items() if count == highest > 0]
    return min(topics, key=_ORDER.index) if topics else None


@cache
def load_vocabularies() -> dict[str, dict[SmallTalkTopic, _Vocabulary]]:
    """Load the vocabularies by language and topic."""
    table = tomllib.loads((files("bot.generation") / "small_talk.toml").read_text(encoding="utf-8"))
    return {language: _build_vocabularies(rows) for language, rows in table.items()}


def _build_vocabularies(rows: Mapping[str, object]) -> dict[SmallTalkTopic, _Vocabulary]:
    vocabularies: dict[SmallTalkTopic, _Vocabulary] = {}
    for topic in _ORDER:
        row = cast("dict[str, str]", rows[topic])
        core, filler = _parse_pattern(row["core"]), _parse_pattern(f"{rows['any']}|{row['around']}")
        vocabularies[topic] = _Vocabulary(core, filler, frozenset((*core.words(), *filler.words())))
    return vocabularies


def _parse_pattern(text: str) -> _Pattern:
    symbols = (match[0] for match in _TOKEN.finditer("|".join(filter(None, map(str.strip, text.splitlines())))))
    return _parse_alternatives(symbols)


def _parse_alternatives(symbols: Iterator[str]) -> _Pattern:
    """Parse alternatives up to the closing bracket of their group."""
    alternatives: list[list[str | _Pattern]] = [[]]
    for symbol in symbols:
        if symbol == ")":
            break
        if symbol == "|":
            alternatives.append([])
        else:
            alternatives[-1] += [_parse_alternatives(symbols)] if symbol == "(" else _normalise_words(symbol)
    return _Pattern(tuple(map(tuple, alternatives)))


def _normalise_words(text: str) -> Words:
    """Return the words of a text for comparison: without accents, punctuation and letters repeated more than twice."""
    plain = unicodedata.normalize("NFD", normalise(text)).replace("ß", "ss")
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return tuple(_normalise_word(word) for word in _WORD.findall(plain))


def _normalise_word(word: str) -> str:
    return "haha" if _LAUGH.fullmatch(word) else _REPEATED_LETTER.sub(r"\1", word)
