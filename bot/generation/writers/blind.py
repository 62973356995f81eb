"""A quiz's key is worked out again by a model that does not see it; a question on which the two differ is written anew once.

At most three calls: one for all questions, one that writes anew those that differ, one for those again. Code reckons what it can.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from bot.checks import bounded
from bot.checks.equations import answers, asked_for
from bot.content import Assignment
from bot.engines import Ask
from bot.errors import Phrase
from bot.generation.lent import discreet
from bot.generation.prompt import GUARD, fenced, room_for_material
from bot.generation.rank import Candidate
from bot.generation.shape import Entries, completed

from .base import Desk
from .capable_form import node_at, schema_at, slack_of, tokens_for
from .capable_prompt import repair_messages
from .handed_on import candidate_of

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

# The list of a quiz's questions, in its draft and in its parts.
ITEMS = "items"
_LETTERS = "ABCDEFGH"
_NONE, _SEVERAL = "none", "several"
# Characters of an answer that is no single letter.
_MOST_ANSWER = 60
_TASK = (
    "You answer a quiz that somebody else wrote, without its key. Work each question out by yourself. Where it has options give the "
    f'letter of the one that is right, "{_NONE}" where none of them is, "{_SEVERAL}" where more than one is though one was asked for. '
    "Where several are asked for give all their letters with commas. Where pairs are to be matched give the letter for 1), for 2) and "
    "so on, with commas. Where there are no options give the figure alone. Answer with one JSON object of the same keys."
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question as its solver sees it, with its number from 0, and the key that they do not see."""

    number: int
    text: str
    form: str
    options: tuple[str, ...]
    key: tuple[int, ...]
    lefts: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What it is called in an answer."""
        return f"q{self.number + 1}"

    @property
    def key_said(self) -> str:
        """The key in words."""
        return ", ".join(self.options[at] for at in self.key)


async def worked_out(candidate: Candidate, assignment: Assignment, desk: Desk) -> Candidate:
    """The candidate with its key compared, questions on which it differs written anew, and a note on those that still do."""
    questions = questions_of(candidate, assignment)
    if not questions:
        return candidate
    given = await desk.noted("key", _ask(questions, assignment, desk))
    told = {one.number for one in questions if agrees(one, given.get(one.name)) is not None}
    differing = [one for one in questions if agrees(one, given.get(one.name)) is False]
    if differing:
        candidate, changed = await _anew(candidate, differing, given, assignment, desk)
        if changed:
            numbers = {one.number for one in differing}
            again = [one for one in questions_of(candidate, assignment, all_of=True) if one.number in numbers]
            given = await desk.noted("key again", _ask(again, assignment, desk))
            differing = [one for one in again if agrees(one, given.get(one.name)) is not True]
    if not told:
        return candidate
    same = len(told) - len(differing)
    path = f"{ITEMS}.{differing[0].number}" if differing else ""
    check = bounded("key worked out again", same, len(told), len(told), "answers", path=path, asked_by="house")
    notes = tuple(
        Phrase(
            "Question {number}, “{question}”: worked out without its key, it came to another answer. Look at it before you use it.",
            number=one.number + 1, question=one.text,
        )
        for one in differing
    )  # fmt: skip
    return replace(candidate, checks=(*candidate.checks, check), notes=(*candidate.notes, *notes))


def questions_of(candidate: Candidate, assignment: Assignment, *, all_of: bool = False) -> list[Question]:
    """The questions whose key can be compared: those with options, and those whose answer is a figure.

    What code reckons by itself is left out unless `all_of` them are wanted.
    """
    found = []
    for number, made in enumerate(candidate.content.parts.get(ITEMS, ())):
        form = str(made.get("type", "single"))
        options, key = tuple(made["options"]), tuple(made["correct"])
        if not key or not all(0 <= at < len(options) for at in key) or len(options) > len(_LETTERS):
            continue
        if form in ("short_answer", "numeric") and not _figure(options[key[0]]):
            continue
        if not all_of and asked_for(made["question"], assignment.language) is not None:
            continue
        found.append(Question(number, made["question"], form, options, key, tuple(made.get("lefts", ()))))
    return found


def _figure(text: str) -> str:
    """The figure that an answer is, without its unit; empty where it is none or holds several."""
    found = re.findall(r"[-−]?\d[\d.,]*", text[:_MOST_ANSWER])
    return found[0].rstrip(".,") if len(found) == 1 else ""


def agrees(one: Question, answer: object) -> bool | None:
    """Whether an answer is the key; None where there is no answer."""
    if not isinstance(answer, str) or not answer.strip():
        return None
    said = answer.strip()
    if one.form in ("short_answer", "numeric"):
        figure, key = _figure(said), _figure(one.options[one.key[0]])
        return None if not figure else _same(figure, key)
    if said.casefold() in (_NONE, _SEVERAL):
        return False
    letters = [_LETTERS.index(letter) for letter in re.findall(r"(?<![^\W\d_])[A-H](?![^\W\d_])", said.upper())]
    if not letters:
        return None
    return letters == list(one.key) if one.form == "matching" else sorted(set(letters)) == sorted(one.key)


def _same(one: str, other: str) -> bool:
    value = (
        Fraction(re.sub(r"[^\d.-]", "", other.replace("−", "-").replace(",", ".")) or 0)
        if other.count(".") + other.count(",") < 2
        else None
    )
    return one == other if value is None else bool(answers(one, value, "en"))


def _ask(questions: Sequence[Question], assignment: Assignment, desk: Desk) -> Ask:
    characters = len(questions) * (_MOST_ANSWER + 10)
    fields = {one.name: _field(one) for one in questions}
    return Ask(
        messages=_messages(questions, assignment, desk.engine.traits.context),
        schema={"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False},
        characters=characters,
        max_tokens=tokens_for(characters, assignment, desk.engine.traits.context),
        seed=assignment.request.seed,
        temperature=0.0,
    )


def _field(one: Question) -> dict[str, Any]:
    if one.form in ("single", "true_false"):
        return {"type": "string", "enum": [*_LETTERS[: len(one.options)], _NONE, _SEVERAL]}
    return {"type": "string", "maxLength": _MOST_ANSWER}


def _messages(questions: Sequence[Question], assignment: Assignment, tokens: int) -> list[BaseMessage]:
    from langchain_core.messages import HumanMessage, SystemMessage

    known, limit = discreet(assignment), room_for_material(tokens) // 2
    parts = [fenced(known.request.material[:limit])] if known.request.material else []
    parts += [fenced(one.text, f"From {one.source}:") for one in known.memory.passages]
    system = "\n".join(filter(None, [_TASK, GUARD if parts else ""]))
    return [SystemMessage(system), HumanMessage("\n\n".join([*parts, *map(_asked, questions)]))]


def _asked(one: Question) -> str:
    lines = [f"{one.name}: {one.text}"]
    lines += [f"{number}) {left}" for number, left in enumerate(one.lefts, 1)]
    if one.form not in ("short_answer", "numeric"):
        lines += [f"{letter}) {option}" for letter, option in zip(_LETTERS, one.options, strict=False)]
    if one.form == "multiple":
        lines.append("(several are right)")
    return "\n".join(lines)


async def _anew(
    candidate: Candidate, differing: Sequence[Question], given: dict[str, Any], assignment: Assignment, desk: Desk
) -> tuple[Candidate, bool]:
    """The candidate with some questions written anew, and whether they are: where another check fails then, they stay."""
    schema = schema_at(ITEMS, assignment, slack=slack_of(desk.engine))
    assert schema is not None
    schema["properties"][ITEMS] |= {"minItems": len(differing), "maxItems": len(differing)}
    part = json.dumps({ITEMS: [candidate.data[ITEMS][one.number] for one in differing]}, ensure_ascii=False)
    ask = Ask(
        messages=repair_messages(assignment, [(ITEMS, part, [_fault(one, given) for one in differing])]),
        schema=schema,
        characters=2 * len(part),
        max_tokens=tokens_for(2 * len(part), assignment, desk.engine.traits.context),
        seed=assignment.request.seed + 1,
    )

    written = await desk.noted("key anew", ask)
    node = node_at(ITEMS, assignment)
    entries = completed(node, written.get(ITEMS)) if isinstance(node, Entries) else []
    if len(entries) != len(differing):
        return candidate, False
    items = list(candidate.data[ITEMS])
    for one, entry in zip(differing, entries, strict=True):
        items[one.number] = entry
    anew = await asyncio.to_thread(candidate_of, candidate.data | {ITEMS: items}, assignment)
    failed = {check.name for check in anew.checks if not check.passed}
    if failed - {check.name for check in candidate.checks if not check.passed}:
        return candidate, False
    return replace(anew, notes=candidate.notes), True


def _fault(one: Question, given: dict[str, Any]) -> str:
    answer = str(given.get(one.name)).strip()
    at = _LETTERS.find(answer.upper()) if len(answer) == 1 else -1
    answer = one.options[at] if 0 <= at < len(one.options) else answer
    return (
        f"“{one.text}” has the key “{one.key_said}”; somebody who did not see it answered “{answer}”. Work it out again. Write the "
        "question so that it has one answer and no other, with that as its key, and feedback that fits."
    )
