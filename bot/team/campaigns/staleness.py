"""Which texts no longer fit a brief that became another: those that hold what it does not say any more. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.briefs import read_by_patterns
from bot.checks.compare import compared
from bot.checks.figures import says_figure
from bot.checks.terms import norm, spans
from bot.errors import Phrase
from bot.kinds import kind_named

_GONE = "It says {gone}, which the brief does not say any more."
_REPLACED = "It says {gone}; the brief says {came} now."
_UNKNOWABLE = "The brief says {came} now, and no text shows whether it goes by that."
_TAKEN_OUT = "The brief does not say {gone} any more, and no text shows whether it went by that."
_AUDIENCE = "It is for {came} now."
_WHOLE = "The plan is made of the whole brief, which is another now."
# A word or a number that can be looked for, and what is no word of meaning: short, and not a name.
_WORD = re.compile(r"[^\W_]+(?:['’.:,-][^\W_]+)*|¤")
_SHORTEST = 4
# Stands for a figure while words are compared.
_FIGURE = "¤"
_YEAR = re.compile(r",? 20\d\d\b")
# Words that are named in a reason, and characters of each.
_MOST_NAMED, _MOST_LONG = 4, 40


@dataclass(frozen=True, slots=True)
class Change:
    """What a brief said in one place, as words and figures that can be looked for, and what it says there now."""

    gone: tuple[str, ...]
    came: tuple[str, ...]
    figures: bool = False


def changes_of(before: str, after: str) -> list[Change]:
    """What became other in a brief: figures by what they say, words where they stand. Empty where only its form is another."""
    reader = kind_named("campaign").reader
    old, new = read_by_patterns(before, reader), read_by_patterns(after, reader)
    gone = tuple(one for one in old.figures if not says_figure(after, one))
    came = tuple(one for one in new.figures if not says_figure(before, one))
    found = [Change(gone, came, figures=True)] if gone or came else []
    return found + list(_words(_without(before, old.figures), _without(after, new.figures)))


def stale(
    before: str, after: str, texts: Mapping[str, str], plan: str = "", audiences: tuple[str, str] = ("", "")
) -> dict[str, Phrase]:
    """Of some texts, by id, those that do not fit a brief any more, each with why; all where that cannot be told.

    `plan` is the id of the one that is made of the whole brief, `audiences` whom the two briefs are for.
    """
    found = changes_of(before, after)
    old, new = (one.strip() for one in audiences)
    why: dict[str, list[Phrase]] = {}
    if new and norm(old) != norm(new):
        for one in texts:
            why.setdefault(one, []).append(Phrase(_AUDIENCE, came=_quoted([new])))
    for change in found:
        for one, reason in _by(change, texts).items():
            why.setdefault(one, []).append(reason)
    reasons = {one: several[0] for one, several in why.items()}
    if plan in texts and (found or reasons):
        reasons[plan] = Phrase(_WHOLE)
    return reasons


def audience_of(brief: str) -> str:
    """Whom a brief is for, in its own words."""
    return read_by_patterns(brief, kind_named("campaign").reader).audience


def _by(change: Change, texts: Mapping[str, str]) -> dict[str, Phrase]:
    """The texts that one change makes stale."""
    holding = {one: held for one, text in texts.items() if (held := _held(change, text))}
    if holding:
        return {one: _because(held, change.came) for one, held in holding.items()}
    if change.figures and change.gone and not change.came:
        return {}  # A figure that none of them tells is missed by none.
    said = _UNKNOWABLE if change.came else _TAKEN_OUT
    reason = Phrase(said, came=_quoted(change.came), gone=_quoted(change.gone))
    return dict.fromkeys(texts, reason)


def _held(change: Change, text: str) -> list[str]:
    """What a text holds of what is gone."""
    if change.figures:
        return [one for one in change.gone if says_figure(text, one) or says_figure(text, _YEAR.sub("", one) or one)]
    plain = norm(text)
    return [one for one in change.gone if (says_figure(text, one) if one[0].isdigit() else any(spans(plain, one)))]


def _because(held: Sequence[str], came: Sequence[str]) -> Phrase:
    return Phrase(_REPLACED if came else _GONE, gone=_quoted(held), came=_quoted(came))


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f"“{one[:_MOST_LONG]}”" for one in words[:_MOST_NAMED])


def _words(before: str, after: str) -> Iterator[Change]:
    """The words that became other, without those that mean nothing by themselves."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    folded = [[word.casefold() for word in words] for words in (old, new)]
    for tag, a, b, c, d in compared(*folded).opcodes():
        if tag == "equal" or _FIGURE in (*old[a:b], *new[c:d]):
            continue  # What stands around a figure that came or went is part of that.
        gone, came = (tuple(word for word in words if _means(word)) for words in (old[a:b], new[c:d]))
        if gone or came:
            yield Change(gone, came)


def _means(word: str) -> bool:
    return word[0].isdigit() or word[0].isupper() or len(word) >= _SHORTEST


def _without(text: str, figures: Sequence[str]) -> str:
    """The text with all of its figures as one sign."""
    for one in sorted(figures, key=len, reverse=True):
        text = text.replace(one, _FIGURE)
    return text
