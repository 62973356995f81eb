"""A capable model reads its text over against the brief, for what no check measures, and puts right what it finds by the line.

At most two calls: one that names the faults with what is to change, one that looks whether they are gone. A fault counts only with
words that stand in the brief or in the text; lines that no change names stay word for word.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from bot.checks import Check
from bot.checks.terms import contains, norm
from bot.content import Assignment
from bot.engines import Ask
from bot.errors import Phrase
from bot.generation.beside import joined, parted
from bot.generation.draft import CHARACTERS_A_TOKEN, objects
from bot.generation.edits import edit_of, edited
from bot.generation.rank import Candidate

from .base import Desk
from .capable_form import critique_schema, tokens_for
from .capable_prompt import critique_messages
from .edit import INSTRUCTIONS, ROOM
from .handed_on import candidate_of

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

T = TypeVar("T")

# Faults that are named in one answer, and characters of the words that each is named by.
MOST_FAULTS, _MOST_WORDS = 5, 200
# Letters and digits that those words have at least.
_LEAST_WORDS = 4


@dataclass(frozen=True, slots=True)
class Fault:
    """What a text misses or states wrongly, by words of its brief or of itself."""

    words: str
    of_brief: bool

    @property
    def told(self) -> Phrase:
        """The fault as readers are told of it."""
        if self.of_brief:
            return Phrase(
                "“{words}”: reading it over, the model thinks that this is not done. Look at it before you use it.",
                words=self.words,
            )
        return Phrase(
            "“{words}”: reading it over, the model thinks that this is wrong. Look at it before you use it.",
            words=self.words,
        )


@dataclass(frozen=True, slots=True)
class Look(Generic[T]):
    """How something made for a brief is read over: the call for it, its text, and what becomes of it by the changes of an answer;
    None where that is not to be taken.
    """

    ask: Callable[[T], Ask]
    text_of: Callable[[T], str]
    changed: Callable[[Mapping[str, Any], T], T | None]


async def read_over(made: T, look: Look[T], brief: str, desk: Desk) -> tuple[T, tuple[Phrase, ...]]:
    """What was made with what its model found amiss put right, and what readers are told of what it still finds.

    A change after which the model finds as much as before is not taken.
    """
    answer = await desk.noted("critique", look.ask(made))
    faults = faults_in(answer, look.text_of(made), brief)
    if not faults:
        return made, ()
    anew = await asyncio.to_thread(look.changed, answer, made)
    if anew is not None:
        again = faults_in(await desk.noted("critique again", look.ask(anew)), look.text_of(anew), brief)
        left = [one for one in again if any(_same(one, other) for other in faults)]
        if len(left) < len(faults):
            made, faults = anew, left
    return made, tuple(one.told for one in faults)


def has_room(characters: int, desk: Desk) -> bool:
    """Whether a text of so many characters is looked at: half of the context has room for it."""
    return desk.critique and characters // CHARACTERS_A_TOKEN + INSTRUCTIONS <= desk.engine.traits.context // 2


_Text = tuple[Candidate, Assignment]


async def critiqued(candidate: Candidate, assignment: Assignment, desk: Desk) -> _Text:
    """The candidate with what its model found amiss put right, and the assignment with what stands beside it then.

    A change by which a check fails that passed before is not taken.
    """
    kind = assignment.kind
    size = len(json.dumps(candidate.data, ensure_ascii=False))
    if assignment.parent or kind.for_machines or kind.family == "chat" or not has_room(size, desk):
        return candidate, assignment
    look = Look(partial(_ask, desk=desk), _text_of, _changed)
    (candidate, assignment), told = await read_over((candidate, assignment), look, assignment.brief, desk)
    return replace(candidate, notes=(*candidate.notes, *told)), assignment


def _text_of(made: _Text) -> str:
    return made[0].content.text


def _ask(made: _Text, desk: Desk) -> Ask:
    candidate, assignment = made
    data = joined(candidate.data, assignment.beside)
    characters = len(json.dumps(data, ensure_ascii=False)) + ROOM
    tokens = tokens_for(characters, assignment, desk.engine.traits.context)
    messages = critique_messages(data, assignment, tokens=desk.engine.traits.context - tokens)
    return critique_ask(messages, critique_schema(data, assignment, MOST_FAULTS), characters, tokens, assignment)


def critique_ask(
    messages: Sequence[BaseMessage], schema: dict[str, Any], characters: int, tokens: int, assignment: Assignment
) -> Ask:
    """The call that asks for faults and changes, in which nothing is left to chance."""
    seed = assignment.request.seed
    return Ask(messages, schema, characters=characters, max_tokens=tokens, seed=seed, temperature=0.0)


def faults_in(answer: Mapping[str, Any], text: str, brief: str) -> list[Fault]:
    """The faults of an answer whose words stand in the brief or in the text; each once."""
    found: dict[str, Fault] = {}
    for one in objects(answer.get("faults"))[:MOST_FAULTS]:
        words = " ".join(str(one.get("words", "")).split()).strip("\"'“”„«».,;:… ")[:_MOST_WORDS]
        if sum(sign.isalnum() for sign in words) < _LEAST_WORDS:
            continue
        of_brief = contains(brief, words)
        if of_brief or contains(text, words):
            found.setdefault(norm(words), Fault(words, of_brief))
    return list(found.values())


def _same(one: Fault, other: Fault) -> bool:
    """Whether two faults are about the same words."""
    return contains(one.words, other.words) or contains(other.words, one.words)


def _changed(answer: Mapping[str, Any], made: _Text) -> _Text | None:
    """The text with the changes of an answer; None where there are none, or a check fails by them that passed before."""
    candidate, assignment = made
    draft = joined(candidate.data, assignment.beside)
    data, known = parted(edited(draft, edit_of(answer, draft, assignment), assignment), assignment)
    anew = candidate_of(data, known)
    if anew.content == candidate.content or not anew.content.text.strip():
        return None
    if _failed(anew.checks) - _failed(candidate.checks):
        return None
    return replace(anew, notes=candidate.notes), known


def _failed(checks: Sequence[Check]) -> set[str]:
    return {check.name for check in checks if not check.passed}
