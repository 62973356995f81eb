"""Finds the stale texts of a campaign: those that contain words or figures which were removed from its brief. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.checks.compare import compare_tokens
from bot.checks.terms import find_spans, normalise
from bot.errors import Phrase

_GONE = "It says {gone}, which is no longer in the brief."
_REPLACED = "It says {gone}, but the brief now says {came}."
_UNKNOWABLE = "The brief now says {came}; I cannot tell whether this text fits it."
_REMOVED = "The brief no longer says {gone}; I cannot tell whether this text was based on it."
_PLAN_IS_STALE = "The plan is based on the whole brief, which has changed."
# A word or a number, and the minimum length of a meaningful word that is not a name.
_WORD = re.compile(r"[^\W_]+(?:['’.:,-][^\W_]+)*")
_MIN_WORD_LETTERS = 4
# Maximum words quoted in a reason, and characters of each.
_MAX_QUOTED_WORDS, _MAX_WORD_CHARACTERS = 4, 40


@dataclass(frozen=True, slots=True)
class BriefChange:
    """One change of a brief: the words and figures removed, and those added in their place."""

    removed: tuple[str, ...]
    added: tuple[str, ...]


def find_changes(before: str, after: str) -> list[BriefChange]:
    """Return the changes between two briefs; changes of only short words or punctuation are left out."""
    return list(_iter_changes(before, after))


def find_stale_texts(before: str, after: str, texts: Mapping[str, str], plan: str = "") -> dict[str, Phrase]:
    """Return the reasons why texts are stale, by id; all texts are if it cannot be determined which.

    `plan` is the id of the plan, which any change makes stale.
    """
    changes = find_changes(before, after)
    reasons: dict[str, Phrase] = {}
    for change in changes:
        for name, reason in _find_affected(change, texts).items():
            reasons.setdefault(name, reason)
    if plan in texts and changes:
        reasons[plan] = Phrase(_PLAN_IS_STALE)
    return reasons


def _find_affected(change: BriefChange, texts: Mapping[str, str]) -> dict[str, Phrase]:
    """Return the reasons for the texts that one change makes stale, by id."""
    removed_by_text = {name: words for name, text in texts.items() if (words := _find_gone_words(change, text))}
    if removed_by_text:
        return {name: _build_reason(words, change.added) for name, words in removed_by_text.items()}
    if change.removed and not change.added and all(name[0].isdigit() for name in change.removed):
        return {}  # No text contains the removed figures.
    reason = _UNKNOWABLE if change.added else _REMOVED
    return dict.fromkeys(texts, Phrase(reason, came=_quote(change.added), gone=_quote(change.removed)))


def _find_gone_words(change: BriefChange, text: str) -> list[str]:
    """Return the removed words that a text contains."""
    normalised_text = normalise(text)
    # A figure has to match a complete word: "4:5" does not contain 5.
    text_words = set(_WORD.findall(normalised_text))
    return [
        word
        for word in change.removed
        if (word in text_words if word[0].isdigit() else any(find_spans(normalised_text, word)))
    ]


def _build_reason(words: Sequence[str], added: Sequence[str]) -> Phrase:
    return Phrase(_REPLACED if added else _GONE, gone=_quote(words), came=_quote(added))


def _quote(words: Sequence[str]) -> str:
    return ", ".join(f"“{word[:_MAX_WORD_CHARACTERS]}”" for word in words[:_MAX_QUOTED_WORDS])


def _iter_changes(before: str, after: str) -> Iterator[BriefChange]:
    """Yield the changes of meaningful words, as `find_changes` returns them."""
    old_words, new_words = _WORD.findall(before), _WORD.findall(after)
    folded_words = [[word.casefold() for word in words] for words in (old_words, new_words)]
    for tag, old_start, old_end, new_start, new_end in compare_tokens(*folded_words).opcodes():
        if tag == "equal":
            continue
        removed, added = (
            tuple(word for word in words if _is_meaningful(word))
            for words in (old_words[old_start:old_end], new_words[new_start:new_end])
        )
        if removed or added:
            yield BriefChange(removed, added)


def _is_meaningful(word: str) -> bool:
    return word[0].isdigit() or word[0].isupper() or len(word) >= _MIN_WORD_LETTERS
