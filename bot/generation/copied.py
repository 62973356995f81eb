"""What a draft has taken over from the worked examples that its model was shown. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from bot.checks.terms import norm
from bot.content import Assignment

from .shape import Entries, key_of, shape_of, texts

# Signs within and beside words.
_NO_WORD = re.compile(r"[^\w\s]|_")
_EXAMPLE_RUN = 7
# Families whose kinds are about any topic: there a worked example's topic has no business in another text.
STRAYING = ("marketing", "education", "media", "data")
# A word so common gives no topic away: on the Zipf scale, 5.5 is one word in 3,000, such as "through" or "people".
_COMMON = 5.5
_FORM = frozenset({"level", "point", "practice", "problem", "short", "cloze", "answer", "student"})


def strays(text: str, assignment: Assignment) -> list[str]:
    """Topic words of the worked examples in a text that is about something else: a small model slips into them."""
    slipped = topics_in(text, assignment)
    # Texts that sell share many words whatever they are about; only several together give an example away.
    return slipped if assignment.kind.family != "marketing" or len(slipped) > 1 else []


def topics_in(text: str, assignment: Assignment) -> list[str]:
    """Topic words of the worked examples that a text has and what it is made from has not."""
    kind = assignment.kind
    if kind.family not in STRAYING:
        return []
    told = (f"{one.brief} {_single_words(one.output)}" for one in kind.examples)
    topics = _topics(tuple(told), f"{kind.title} {kind.description} {kind.prompt}")
    found = {word for word in _long_words(text) if word in topics}
    return sorted(found - set(_long_words(" ".join(assignment.sources)))) if found else []


def _single_words(output: BaseModel) -> str:
    """The entries of a worked example that are headed by one word, such as its terms."""
    lists_of = (node for _, node in shape_of(output.__class__).fields if isinstance(node, Entries))
    heads = (str(entry[key]) for node in lists_of if (key := key_of(node)) for entry in output.model_dump()[node.name])
    return " ".join(head for head in heads if len(head.split()) == 1)


@lru_cache(maxsize=64)
def _topics(told: tuple[str, ...], usual: str) -> frozenset[str]:
    """The words that one example alone has in its brief or heads an entry with, but for common ones and the kind's own."""
    from wordfreq import zipf_frequency

    seen = [set(_long_words(text)) for text in told]
    once = {word for words in seen for word in words if sum(word in other for other in seen) == 1}
    common = {word for word in once if zipf_frequency(word, "en", wordlist="small") >= _COMMON}
    return frozenset(once - set(_long_words(usual)) - _FORM - common)


def _long_words(text: str) -> list[str]:
    """The words of five letters or more without the endings of English."""
    return [re.sub(r"(?:es|s)$", "", word) for word in re.findall(r"[^\W\d_]{5,}", norm(text))]


def copied_run(text: str, assignment: Assignment, size: int = _EXAMPLE_RUN) -> str:
    """A run of so many words that the text has from a worked example, empty without one.

    What somebody liked earlier is theirs: a shorter run of it may well be said again.
    """
    told = [example.output.model_dump_json() for example in assignment.kind.examples]
    told += [one.text for one in assignment.memory.liked if size >= _EXAMPLE_RUN]
    return run_of(text, told, assignment.sources, size)


def run_of(text: str, examples: Sequence[str], sources: Sequence[str], size: int) -> str:
    """A run of so many words that a text has from one of some examples and from no source, empty without one."""
    known = {run for example in examples for run in _runs_of(example, size)}
    shared = [run for run in _runs(text, size) if run in known]
    allowed = {run for source in sources for run in _runs(source, size)} if shared else set()
    return next((run for run in shared if run not in allowed), "")


def taken_field(data: dict[str, Any], assignment: Assignment) -> str:
    """A field of three words or more that says what it says in a worked example, empty without one."""
    shape, told = shape_of(assignment.kind.output), norm(" ".join(assignment.sources))
    examples = (one.output.model_dump(mode="json") for one in assignment.kind.examples)
    known = {_said(text) for one in examples for _, _, text in texts(shape, one)}
    own = (_said(text) for _, _, text in texts(shape, data))
    return next((text for text in own if len(text.split()) > 2 and text in known and text not in told), "")


def _said(text: str) -> str:
    return norm(text).strip(" .!?,")


@lru_cache(maxsize=256)
def _runs_of(example: str, size: int) -> frozenset[str]:
    return frozenset(_runs(example, size))


def _runs(text: str, size: int) -> Iterator[str]:
    tokens = _NO_WORD.sub("", norm(text)).split()
    for start in range(len(tokens) - size + 1):
        yield " ".join(tokens[start : start + size])


def own_words(data: dict[str, Any], assignment: Assignment) -> str:
    """What the model wrote, without the order and the layout that code gives it; with what stands beside it."""
    own = [text for _, _, text in texts(shape_of(assignment.kind.output), data)]
    return "\n".join([*own, *(part for one in assignment.beside for part in (one.heading, one.text))])
