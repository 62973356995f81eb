"""Which texts no longer fit a brief that became another: those that hold what it does not say any more. Pure."""

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
_TAKEN_OUT = "The brief no longer says {gone}; I cannot tell whether this text was based on it."
_WHOLE = "The plan is based on the whole brief, which has changed."
# A word or a number that can be looked for, and what is no word of meaning: short, and not a name.
_WORD = re.compile(r"[^\W_]+(?:['’.:,-][^\W_]+)*")
_MIN = 4
# Words that are named in a reason, and characters of each.
_MAX_NAMED, _MAX_LONG = 4, 40


@dataclass(frozen=True, slots=True)
class Change:
    """What a brief said in one place, as words and figures that can be looked for, and what it says there now."""

    gone: tuple[str, ...]
    came: tuple[str, ...]


def changes_of(before: str, after: str) -> list[Change]:
    """What became other in a brief, word by word. Empty where only small words and signs did."""
    return list(_changes(before, after))


def stale(before: str, after: str, texts: Mapping[str, str], plan: str = "") -> dict[str, Phrase]:
    """Of some texts, by id, those that do not fit a brief any more, each with why; all where that cannot be told.

    `plan` is the id of the one that is made of the whole brief.
    """
    found = changes_of(before, after)
    reasons: dict[str, Phrase] = {}
    for change in found:
        for one, reason in _by(change, texts).items():
            reasons.setdefault(one, reason)
    if plan in texts and found:
        reasons[plan] = Phrase(_WHOLE)
    return reasons


def _by(change: Change, texts: Mapping[str, str]) -> dict[str, Phrase]:
    """The texts that one change makes stale."""
    holding = {one: held for one, text in texts.items() if (held := _held(change, text))}
    if holding:
        return {one: _because(held, change.came) for one, held in holding.items()}
    if change.gone and not change.came and all(one[0].isdigit() for one in change.gone):
        return {}  # A figure that none of them tells is missed by none.
    reason = _UNKNOWABLE if change.came else _TAKEN_OUT
    return dict.fromkeys(texts, Phrase(reason, came=_quoted(change.came), gone=_quoted(change.gone)))


def _held(change: Change, text: str) -> list[str]:
    """What a text holds of what is gone."""
    plain = normalise(text)
    # A figure is looked for as a word of its own: there is no 5 in 4:5.
    figures = set(_WORD.findall(plain))
    return [one for one in change.gone if (one in figures if one[0].isdigit() else any(find_spans(plain, one)))]


def _because(held: Sequence[str], came: Sequence[str]) -> Phrase:
    return Phrase(_REPLACED if came else _GONE, gone=_quoted(held), came=_quoted(came))


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f"“{one[:_MAX_LONG]}”" for one in words[:_MAX_NAMED])


def _changes(before: str, after: str) -> Iterator[Change]:
    """The words that became other, without those that mean nothing by themselves."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    folded = [[word.casefold() for word in words] for words in (old, new)]
    for tag, a, b, c, d in compare_tokens(*folded).opcodes():
        if tag == "equal":
            continue
        gone, came = (tuple(word for word in words if _means(word)) for words in (old[a:b], new[c:d]))
        if gone or came:
            yield Change(gone, came)


def _means(word: str) -> bool:
    return word[0].isdigit() or word[0].isupper() or len(word) >= _MIN
