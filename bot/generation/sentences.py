"""Texts as sentences and clauses: whole ones go where a text is too long or holds what it must not; words are never cut. Pure."""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Sequence

from bot.briefs import leading_words
from bot.checks.readability import MIN_WORDS, Tally, hardness, hardness_of, tally
from bot.checks.terms import norm
from bot.checks.units import UNITS
from bot.content import Size

# What ends a sentence, with the space behind it. A sign does so only before white space or the end, so that 12.50 and
# cafe.example stay whole; those of scripts that have one for nothing else, also of scripts without spaces, do so anywhere.
# Each character is looked at once: no run of signs is gone over again from within itself.
_END = re.compile(r"(?:(?<![.!?])[.!?]++[\"'”’)\]]*+(?=\s|$)|[。！？।؟]++[\"'”’)\]」』）]*+|\n)\s*+")
# It begins where white space does, so that no run of it is gone over again from each of its signs.
_CLAUSE = re.compile(r"(?<!\s)(?:\s*+[,;:]\s++|\s++[–—-]\s++|\s++(?=(?:and|but|so|because|which|while|where|or)\s))")
# Characters: no limit lets more of a text stay (of limits.toml the largest is 63,206).
MOST_FITTED = 70_000
# Sentences of a text that is made simpler: each is tried without, time and again. One of more stays as it is.
MOST_SIMPLIFIED = 100
# No entry that is written in turn has more characters.
_MOST_REPEATED = 20_000
# A sentence of so many words stands once in a text; "It is worth it." may well come again.
_LEAST_REPEATED = 6


def sentences_of(text: str) -> list[str]:
    """The sentences of a text, each with the space behind it, so that joined they give the text again."""
    parts, start = [], 0
    for end in _END.finditer(text):
        if text[start : end.start()].strip():
            parts.append(text[start : end.end()])
            start = end.end()
    return [*parts, text[start:]] if text[start:] else parts


def keep_sentences(text: str, good: Callable[[str], bool]) -> str:
    """The text without the sentences (or, in a single one, the clauses) that are not good; as it is when none is good."""
    parts = sentences_of(text)
    if all(map(good, parts)):
        return text
    kept = "".join(part for part in parts if good(part)).strip()
    if kept:
        return kept
    clauses = _CLAUSE.split(text.strip())
    if len(clauses) > 1 and good(clauses[0]) and len(clauses[0].split()) >= 3:
        end = text.strip()[-1]
        return clauses[0].rstrip(" ,;:") + (end if end in ".!?" else "")
    return text


def without_repeated(text: str, known: Sequence[str]) -> str:
    """The text without its sentences that it or the known ones have had already, whatever their capitals; short ones may come again."""
    if len(text) > _MOST_REPEATED:
        return text
    said, kept = {_said(one) for one in known}, list[str]()
    for part in sentences_of(text):
        if _said(part) not in said or len(part.split()) < _LEAST_REPEATED:
            kept.append(part)
        said.add(_said(part))
    return text if "".join(kept) == text else "".join(kept).strip()


def _said(sentence: str) -> str:
    return norm(sentence).strip(" .!?")


def simpler(text: str, limit: float, language: str = "en") -> str:
    """The text at or nearer to a reading grade: long sentences are split at clauses, then the hardest sentence goes."""

    def too_hard(part: str) -> float:
        return hardness(part, language, limit) or 0.0

    if too_hard(text) <= 0:
        return text
    if language == "en":
        text = re.sub(r",\s+(and|but|so)\s+(?=(?:it|they|we|you|he|she|the|this|that|i)\b)", _new_sentence, text)
    text = re.sub(r";\s+(\w)", lambda found: f". {found[1].upper()}", text)
    while (level := too_hard(text)) > 0:
        parts = sentences_of(text)
        if not 2 < len(parts) <= MOST_SIMPLIFIED:
            break
        # The first sentence holds the answer; of the others the one goes without which the text is easiest.
        tallies = [tally(part, language) for part in parts]
        whole = sum(tallies, Tally())
        hard = [hardness_of(whole - one, language, limit) or 0.0 for one in tallies[1:]]
        at = 1 + hard.index(min(hard))
        easier = "".join(parts[:at] + parts[at + 1 :])
        if len(easier.split()) < MIN_WORDS or too_hard(easier) >= level:
            break
        text = easier.strip()
    return text


def _new_sentence(found: re.Match[str]) -> str:
    return ". " if found[1] == "and" else f". {found[1].capitalize()} "


def fit(text: str, size: Size) -> str:
    """The text within a bound: whole sentences first, then clauses, then words that can end a phrase."""
    measure, whole = UNITS[size.unit], text
    if measure(text) <= size.most:
        return text
    # Of what is far longer than any bound only the beginning can stay.
    text = text[:MOST_FITTED]
    parts = sentences_of(text)
    text = "".join(parts[: max(1, _most(len(parts), lambda count: "".join(parts[:count]), size))]).strip()
    if measure(text) <= size.most and measure(text) >= size.least:
        return text
    ends = [clause.start() for clause in _CLAUSE.finditer(text)]
    fitting = _most(len(ends), lambda count: text[: ends[count - 1]].rstrip(" ,;:–—-"), size)
    shorter = text[: ends[fitting - 1]].rstrip(" ,;:–—-") if fitting else ""
    if len(shorter.split()) >= 2:
        return shorter
    shorter = _fewer_words(text, size)
    return shorter if measure(shorter) <= size.most else whole


def _most(count: int, first: Callable[[int], str], size: Size) -> int:
    """How many pieces of a text fit at most, where the first so many are longer the more they are; 0 where none does."""
    measure = UNITS[size.unit]
    return bisect.bisect_left(range(1, count + 1), True, key=lambda number: measure(first(number)) > size.most)


def whole_phrase(text: str) -> str:
    """The text without an end that leads nowhere: "Welcome to our" gives "Welcome", "Bread," gives "Bread"."""
    if text[-1:] in ".!?\"')。！？।؟":
        return text
    tokens = text.rstrip(" ,;:–—-(").split()
    while len(tokens) > 2 and _dangles(tokens[-1]):
        tokens.pop()
    return " ".join(tokens) if "\n" not in text else text


def _fewer_words(text: str, size: Size) -> str:
    tokens = text.split()
    tokens = tokens[: max(1, _most(len(tokens), lambda count: " ".join(tokens[:count]), size))]
    while len(tokens) > 1 and _dangles(tokens[-1]):
        tokens.pop()
    shorter = " ".join(tokens).rstrip(" ,;:–—-")
    return shorter if UNITS[size.unit](shorter) <= size.most else text


def _dangles(token: str) -> bool:
    return token.casefold().strip(".,;:") in leading_words()


def as_sentence(message: str) -> str:
    """A brief's message with a capital and a full stop."""
    message = message.strip()
    return message[:1].upper() + message[1:] + ("" if message[-1:] in ".!?。！？।؟" else ".")
