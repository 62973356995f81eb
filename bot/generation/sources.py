"""The passages that a result was written from: those that its writer names by id, if its words confirm that. Pure.

A passage in the prompt that is not cited was only consulted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.checks.terms import normalise
from bot.content import Assignment, Passage, Result
from bot.kinds import find_kind

from .prompt_privacy import redact_for_prompt

# Shown below a lesson without documents.
UNCHECKED = "Facts not checked"
# Maximum characters that are compared with a passage.
MAX_COMPARED = 30_000
# Longer words that a text has to share with a passage, but not with its brief, to count as written from it; fewer if its writer
# names the passage.
_MIN_COMMON_WORDS, _MIN_COMMON_WORDS_IF_NAMED = 3, 2
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_WORD = re.compile(r"[^\W\d_]{5,}")
# The last line of a text, which names passages; also while it is still being written.
_MARK = re.compile(r"\s{0,9}\[used(?::([^\[\]\n]{0,80})\]?)?\s{0,9}\Z", re.IGNORECASE)
_MAX_MARK = 110
_ID = re.compile(r"P(\d{1,2})(?!\d)", re.IGNORECASE)


def format_passage_id(number: int) -> str:
    """Return the id of a passage by its 0-based number."""
    return f"P{number + 1}"


def select_passages(assignment: Assignment) -> tuple[Passage, ...]:
    """Return the passages in the prompt, in the order of their ids."""
    return redact_for_prompt(assignment).memory.passages


def remove_passage_mark(text: str) -> str:
    """Return a text without the line that names its passages."""
    if "[" not in text[-_MAX_MARK:]:
        return text
    head, tail = text[:-_MAX_MARK], text[-_MAX_MARK:]
    return head + _MARK.sub("", tail)


def parse_used_passages(text: str) -> tuple[int, ...] | None:
    """Return the 0-based numbers of the passages named in the last line of a text; None without such a line."""
    match = _MARK.search(text[-_MAX_MARK:])
    return parse_numbers(_ID.findall(match[1] or "")) if match else None


def parse_numbers(ids: Iterable[str]) -> tuple[int, ...]:
    """Convert ids that count from 1 into unique 0-based numbers, in order."""
    return tuple(dict.fromkeys(int(number) - 1 for number in ids if int(number)))


def add_sources(result: Result, assignment: Assignment) -> Result:
    """Return the result with its cited sources as part `sources`, and shared ones that it does not cite as `consulted`."""
    if not assignment.memory.passages:
        return result
    passages = select_passages(assignment)
    cited_numbers = find_cited_passages(result, passages, assignment)
    sources = _list_source_names(passages[number] for number in cited_numbers)
    # A user's own documents stay private if the text uses nothing from them.
    consulted = _list_source_names(
        passage for number, passage in enumerate(passages) if passage.shared and number not in cited_numbers
    )
    parts = {"sources": sources, "consulted": [name for name in consulted if name not in sources]}
    parts = {name: names for name, names in parts.items() if names}
    if not parts:
        return result
    return replace(result, content=replace(result.content, parts={**result.content.parts, **parts}))


def list_sources(result: Result, assignment: Assignment) -> dict[str, list[str]]:
    """Return the sources that a result cites, and all others in its prompt, for its owner."""
    passages = select_passages(assignment)
    numbers = find_cited_passages(result, passages, assignment)
    sources = _list_source_names(passages[number] for number in numbers)
    return {"sources": sources, "consulted": [name for name in _list_source_names(passages) if name not in sources]}


def find_cited_passages(result: Result, passages: Sequence[Passage], assignment: Assignment) -> list[int]:
    """Return the numbers of the cited passages: those its writer named, or all if it named none, if the words confirm it."""
    known = normalise(" \n".join([assignment.brief, *assignment.profile.facts]))
    numbers: Sequence[int] = range(len(passages))
    minimum = _MIN_COMMON_WORDS
    if result.used is not None:
        numbers = [number for number in result.used if number < len(passages)]
        minimum = _MIN_COMMON_WORDS_IF_NAMED
    text = result.content.text
    return sorted(number for number in numbers if is_drawn_from(text, passages[number], known, minimum=minimum))


def _list_source_names(passages: Iterable[Passage]) -> list[str]:
    return list(dict.fromkeys(passage.source for passage in passages))


def is_unchecked(result: Result, *, from_material: bool) -> bool:
    """Return whether a lesson contains unchecked facts: it comes from neither documents nor other material."""
    return find_kind(result.kind).is_educational and not from_material and not result.content.parts.get("sources")


def is_drawn_from(text: str, passage: Passage, known: str = "", *, minimum: int = _MIN_COMMON_WORDS) -> bool:
    """Return whether a text shares with a passage, but not with `known`, a figure of two digits or more or `minimum` longer
    words.
    """
    text, source, known = normalise(text[:MAX_COMPARED]), normalise(passage.text), normalise(known[:MAX_COMPARED])
    figures = (set(_NUMBER.findall(text)) & set(_NUMBER.findall(source))) - set(_NUMBER.findall(known))
    words = (set(_WORD.findall(text)) & set(_WORD.findall(source))) - set(_WORD.findall(known))
    return any(len(figure) > 1 for figure in figures) or len(words) >= minimum
