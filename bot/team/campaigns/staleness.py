"""Which texts of a campaign are stale: those that contain what a changed brief no longer says. No I/O."""

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
# A word or number, and the letters of the shortest meaningful word that is not a name.
_WORD = re.compile(r"[^\W_]+(?:['’.:,-][^\W_]+)*")
_MIN_WORD_LETTERS = 4
# Words that a reason quotes, and characters of each.
_MAX_QUOTED_WORDS, _MAX_WORD_CHARACTERS = 4, 40


@dataclass(frozen=True, slots=True)
class BriefChange:
    """The words and figures that a brief lost in one place, and those that it gained there."""

    removed: tuple[str, ...]
    added: tuple[str, ...]


def find_changes(before: str, after: str) -> list[BriefChange]:
    """Return the changes between two briefs, word by word, without those of small words and punctuation only."""
    return list(_iter_changes(before, after))


def find_stale_texts(before: str, after: str, texts: Mapping[str, str], plan: str = "") -> dict[str, Phrase]:
    """Return why texts are stale, by id; all texts are if it cannot be determined which.

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
    """Return the texts that one change makes stale."""
    removed_by_text = {name: words for name, text in texts.items() if (words := _find_gone_words(change, text))}
    if removed_by_text:
        return {name: _build_reason(words, change.added) for name, words in removed_by_text.items()}
    if change.removed and not change.added and all(name[0].isdigit() for name in change.removed):
        return {}  # No text contains the removed figures.
    reason = _UNKNOWABLE if change.added else _REMOVED
    return dict.fromkeys(texts, Phrase(reason, came=_quote(change.added), gone=_quote(change.removed)))


def _find_gone_words(change: BriefChange, text: str) -> list[str]:
    """Return the removed words that a text contains."""
    plain = normalise(text)
    # Figures match only complete words: there is no 5 in 4:5.
    figures = set(_WORD.findall(plain))
    return [one for one in change.removed if (one in figures if one[0].isdigit() else any(find_spans(plain, one)))]


def _build_reason(words: Sequence[str], added: Sequence[str]) -> Phrase:
    return Phrase(_REPLACED if added else _GONE, gone=_quote(words), came=_quote(added))


def _quote(words: Sequence[str]) -> str:
    return ", ".join(f"“{word[:_MAX_WORD_CHARACTERS]}”" for word in words[:_MAX_QUOTED_WORDS])


def _iter_changes(before: str, after: str) -> Iterator[BriefChange]:
    """Yield the changes of meaningful words."""
    old_words, new_words = _WORD.findall(before), _WORD.findall(after)
    folded = [[word.casefold() for word in words] for words in (old_words, new_words)]
    for tag, a, b, c, d in compare_tokens(*folded).opcodes():
        if tag == "equal":
            continue
        removed, added = (
            tuple(word for word in words if _is_meaningful(word)) for words in (old_words[a:b], new_words[c:d])
        )
        if removed or added:
            yield BriefChange(removed, added)


def _is_meaningful(word: str) -> bool:
    return word[0].isdigit() or word[0].isupper() or len(word) >= _MIN_WORD_LETTERS
