"""Which passages a result was written from: those that its writer names by id, where its words bear that out. Pure.

A passage that was in the prompt and is not cited was only consulted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.checks.terms import norm
from bot.content import Assignment, Passage, Result
from bot.kinds import kind_named

from .prompt_privacy import discreet

# What stands below a lesson that comes from no documents.
UNCHECKED = "Facts not checked"
# Characters that are compared with a passage.
MAX_COMPARED = 30_000
# Longer words that a text has to share with a passage, and not with its brief, to have been written from it; and fewer where its
# writer says so.
_SHARED, _NAMED_SHARED = 3, 2
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_WORD = re.compile(r"[^\W\d_]{5,}")
# The last line of a text without fields, which names passages; also while it is still being written.
_MARK = re.compile(r"\s{0,9}\[used(?::([^\[\]\n]{0,80})\]?)?\s{0,9}\Z", re.IGNORECASE)
_MAX_MARK = 110
_ID = re.compile(r"P(\d{1,2})(?!\d)", re.IGNORECASE)


def name_of(number: int) -> str:
    """The id of a passage by its number from 0."""
    return f"P{number + 1}"


def passages_shown(assignment: Assignment) -> tuple[Passage, ...]:
    """The passages that a prompt holds, in the order of their ids."""
    return discreet(assignment).memory.passages


def without_mark(text: str) -> str:
    """A text without the line that names the passages it was written from."""
    if "[" not in text[-_MAX_MARK:]:
        return text
    head, tail = text[:-_MAX_MARK], text[-_MAX_MARK:]
    return head + _MARK.sub("", tail)


def used_in_text(written: str) -> tuple[int, ...] | None:
    """The numbers from 0 of the passages that the last line of a text names; None where it names none and not that there are none."""
    found = _MARK.search(written[-_MAX_MARK:])
    return numbers_of(_ID.findall(found[1] or "")) if found else None


def numbers_of(ids: Iterable[str]) -> tuple[int, ...]:
    """Numbers from 0 in the order in which ids, counted from 1, are named."""
    return tuple(dict.fromkeys(int(one) - 1 for one in ids if int(one)))


def credited(result: Result, assignment: Assignment) -> Result:
    """The result with the places that it cites in its parts, as `sources`, and lent ones that it does not as `consulted`."""
    passages = passages_shown(assignment)
    cited = cited_of(result, passages, assignment)
    sources = _names(passages[number] for number in cited)
    # The documents that are somebody's own are nobody else's business where nothing of them stands in the text.
    rest = [one for number, one in enumerate(passages) if one.shared and number not in cited]
    found = {"sources": sources, "consulted": [name for name in _names(rest) if name not in sources]}
    parts = {name: names for name, names in found.items() if names}
    return (
        replace(result, content=replace(result.content, parts={**result.content.parts, **parts})) if parts else result
    )


def cited(result: Result, assignment: Assignment) -> dict[str, list[str]]:
    """For its owner: the places that a result cites, and all others that its prompt held."""
    passages = passages_shown(assignment)
    numbers = cited_of(result, passages, assignment)
    sources = _names(passages[number] for number in numbers)
    return {"sources": sources, "consulted": [name for name in _names(passages) if name not in sources]}


def cited_of(result: Result, passages: Sequence[Passage], assignment: Assignment) -> list[int]:
    """The numbers of the passages that a result cites: those its writer named, or all where it named none, if its words bear it out."""
    told = norm(" \n".join([assignment.brief, *assignment.profile.facts]))
    named = range(len(passages)) if result.used is None else [one for one in result.used if one < len(passages)]
    least = _SHARED if result.used is None else _NAMED_SHARED
    return sorted(one for one in named if draws_on(result.content.text, passages[one], told, least=least))


def _names(passages: Iterable[Passage]) -> list[str]:
    return list(dict.fromkeys(one.source for one in passages))


def is_unchecked(result: Result, *, from_material: bool) -> bool:
    """Whether a lesson says what nobody has checked: it comes from no document and no text that was given."""
    return (
        kind_named(result.kind).family == "education" and not from_material and not result.content.parts.get("sources")
    )


def draws_on(text: str, passage: Passage, told: str = "", *, least: int = _SHARED) -> bool:
    """Whether a text shares figures of two digits or more, or so many longer words, with a passage, that nothing else told."""
    text, source, told = norm(text[:MAX_COMPARED]), norm(passage.text), norm(told[:MAX_COMPARED])
    figures = (set(_NUMBER.findall(text)) & set(_NUMBER.findall(source))) - set(_NUMBER.findall(told))
    words = (set(_WORD.findall(text)) & set(_WORD.findall(source))) - set(_WORD.findall(told))
    return any(len(figure) > 1 for figure in figures) or len(words) >= least
