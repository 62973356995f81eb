"""From an assignment to a result: write, measure and, with a capable model, revise once. The same for every kind."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.checks import Check
from bot.checks.compare import compared
from bot.checks.units import words
from bot.content import Assignment, Checkpoint, Content, Remembered, Request, Result, directly
from bot.engines import Ask, Engine, Engines
from bot.errors import EngineError, Phrase, QuestionError
from bot.kinds.quiz import differing, questions_alone
from bot.markup import document
from bot.moderation.seam import ModeratedWatcher, Moderation, build_unfit_error, build_writer_refusal
from bot.runtime import metrics
from bot.runtime.progress import stage

from .addresses import without_links
from .branded import with_legal_lines
from .desk import Desk, Nobody, Watcher, object_in, watched
from .fields import note_in, schema_of, tidy
from .languages import in_language_wanted
from .measure import excused, is_doubtful, measure, worse
from .recall import LONGER, SHORTER, assign
from .result import result_of
from .sheet import change_messages, draft_messages, extraction_messages, key_messages, revision_messages
from .written import MAX_WRITTEN, Written, changed, parted, versions_in

# How far the seed of what is made again lies from the first one's.
_AGAIN = 7919
# Of two versions with more of their words in common, in order, the first is shown alone.
_WORD, _NEARLY_SAME = re.compile(r"\w+"), 0.85
# Tokens that an answer may have: of a small model, which knows no end, and of any other.
_SMALL_TOKENS, _MAX_TOKENS = 1_000, 8_000
# What was to be shorter or longer is so at least by this share.
_MIN_STEP = 0.1
# A revision has at least this share of the words of what was revised.
_MIN_KEPT = 0.3
_ANSWER = re.compile(
    r"^[*_#>\-\s]{0,6}(?:Q|question )?(\d{1,3})[*_]{0,2}[.):][*_]{0,2}\s{1,4}(\S[^\n]{0,300})",
    re.MULTILINE | re.IGNORECASE,
)
_UNCHANGED = Phrase("I found nothing to change for that, so the text is the same as before.")
_NOT_PLACED = Phrase("I could not place one of the changes. Check that everything is as you want it.")
_NO_SHORTER = Phrase("The text did not get shorter.")
_NO_LONGER = Phrase("The text did not get longer.")


@dataclass(frozen=True, slots=True)
class Draft:
    """A text on its way: what was written, the content made of it, and what was measured."""

    written: Written
    content: Content
    checks: tuple[Any, ...]
    data: dict[str, Any] = field(default_factory=dict)
    excused: tuple[Any, ...] = ()
    notes: tuple[Phrase, ...] = ()
    # The labels of those who wrote it, where that was more than the first.
    engines: tuple[str, ...] = ()

    @property
    def failing(self) -> int:
        """How many checks fail."""
        return sum(not check.passed for check in self.checks)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What generation needs: engines, and what looks at all that goes in and comes out."""

    engines: Engines
    moderation: Moderation = field(default=Moderation())

    async def assigned(self, request: Request, memory: Remembered) -> Assignment:
        """The assignment for a request whose kind is known.

        Raises:
            RefusedError: no kind has that name.
            UnknownPersonaError: no persona has that name.
        """
        # In a thread, as a long brief takes tens of milliseconds to read.
        assignment = await asyncio.to_thread(assign, request, memory)
        spoken = self.engines.first.traits.languages
        return in_language_wanted(assignment, spoken) if spoken is not None else assignment

    async def run(
        self, assignment: Assignment, *, checkpoint: Checkpoint = directly, watcher: Watcher | None = None
    ) -> list[Result]:
        """The results: one, or as many as the request wants variants.

        What moderation refuses of them is made again once.

        Raises:
            EngineError: every engine failed, or wrote nothing.
            RefusedError: moderation refuses what is asked, or what was made of it.
        """
        await self.moderation.check(assignment, checkpoint)
        shown = ModeratedWatcher(watcher or Nobody(), assignment)
        made = await self._made(assignment, checkpoint, shown)
        if fit := await self.moderation.filter_results(made, assignment, checkpoint):
            return fit
        request = replace(assignment.request, seed=assignment.request.seed + _AGAIN)
        again = replace(assignment, request=request)

        def named(name: str, step: Any) -> Any:
            return checkpoint(f"{_AGAIN} {name}", step)

        if fit := await self.moderation.filter_results(await self._made(again, named, shown), again, named):
            return fit
        raise build_unfit_error()

    async def _made(self, assignment: Assignment, checkpoint: Checkpoint, watcher: Watcher) -> list[Result]:
        started = time.monotonic()
        with stage("write"):
            drawn = await checkpoint("text", lambda: self._draw(assignment, watcher))
        engine = next((one for one in self.engines.all if one.name == drawn["engine"]), self.engines.first)
        answers = (
            versions_in(drawn["text"])[: assignment.request.variants]
            if assignment.request.variants > 1
            else [drawn["text"]]
        )
        results: list[Result] = []
        for number, answer in enumerate(answers):
            desk = Desk(engine, self.engines.reviser or engine, _numbered(checkpoint, number), watcher, ["text"])
            draft = await self._finished(answer, assignment, desk)
            result = result_of(draft, assignment, engine, time.monotonic() - started, desk.calls)
            if assignment.kind.drawn or not any(_nearly_same(result.content.text, one.content.text) for one in results):
                results.append(result)
        return results

    async def _draw(self, assignment: Assignment, watcher: Watcher) -> dict[str, Any]:
        async def use(engine: Engine) -> dict[str, Any]:
            return {
                "engine": engine.name,
                "text": await watched(engine, self._ask(assignment, engine), assignment, watcher),
            }

        return await self.engines.attempt(use)

    def _ask(self, assignment: Assignment, engine: Engine) -> Ask:
        """The call that writes a text, or changes one that is there."""
        limit, drawn = max_tokens(engine), assignment.kind.drawn
        messages = change_messages if is_change(assignment) else draft_messages
        schema = schema_of(drawn.output, noted=not engine.traits.small) if drawn else None
        asked = messages(assignment, engine.traits, tokens=engine.traits.context - limit)
        return Ask(asked, schema, MAX_WRITTEN, limit, assignment.request.seed % 2**31, _temperature(engine))

    async def _finished(self, answer: str, assignment: Assignment, desk: Desk) -> Draft:
        """A draft with its parts, measured, revised once where something measured fails, its key worked out."""
        # In a thread: a first look at a language takes a second.
        with stage("measure"):
            draft = await asyncio.to_thread(drafted, answer, assignment)
        if draft.written.refuses:
            raise build_writer_refusal(draft.written.refuses, assignment)
        if not draft.content.text.strip() and draft.written.asks:
            raise QuestionError(*draft.written.asks)
        # Why there is no text is for whoever is there to answer.
        if not draft.content.text.strip() and draft.written.to_check and assignment.request.channel_id:
            raise QuestionError(draft.written.to_check)
        if not draft.content.text.strip():
            raise EngineError("{engine} wrote nothing I can read. Try again in a moment.", engine=desk.engine.label)
        draft = await self._revised(draft, answer, assignment, desk)
        draft = await _with_parts(draft, assignment, desk)
        for check in draft.checks:
            if not check.passed:
                metrics.FAILED_MEASURES.add(check.id)
        return await _with_key(draft, desk)

    async def _revised(self, draft: Draft, answer: str, assignment: Assignment, desk: Desk) -> Draft:
        """The draft, or what came back of it once it was sent back with what was measured, where fewer checks fail then."""
        before = assignment.request.before
        failing = worse(draft.checks, before.failed if before else ())
        if not desk.engine.traits.small and not assignment.kind.drawn:
            doubted = frozenset(check.name for check in failing if is_doubtful(check, draft.content.text))
            draft, failing = _without(draft, failing, doubted), tuple(one for one in failing if one.name not in doubted)
        # A small model writes it again no better: none of six with the 1.5B (docs/quality.md).
        if not failing or assignment.kind.drawn or desk.reviser.traits.small:
            return draft
        ask = self._ask(assignment, desk.reviser)
        sent = answer if not is_change(assignment) else draft.content.text
        ask = replace(ask, messages=revision_messages(ask.messages, sent, failing))
        returned = await desk.ask("revision", ask, desk.reviser)
        if not returned.strip():
            metrics.REVISIONS.add("failed")
            return draft
        with stage("measure"):
            revised = await asyncio.to_thread(drafted, returned, assignment, whole=True)
        names = frozenset(failing[number - 1].name for number in revised.written.skipped if 0 < number <= len(failing))
        kept, draft, revised = draft.excused, _without(draft, failing, names), _without(revised, failing, names)
        revised = replace(
            revised,
            checks=excused(revised.checks, frozenset(one.name for one in kept)),
            excused=(*kept, *revised.excused),
        )
        # What keeps hardly a word of a text is another one, or none.
        enough = _MIN_KEPT * words(draft.content.text) <= words(revised.content.text)
        better = revised.failing < draft.failing and enough
        metrics.REVISIONS.add("used" if better else "dropped")
        if not better:
            return draft
        return replace(
            revised,
            written=replace(revised.written, to_check=revised.written.to_check or draft.written.to_check),
            engines=tuple(dict.fromkeys([desk.engine.label, desk.reviser.label])),
        )


def _without(draft: Draft, failing: Sequence[Check], names: frozenset[str]) -> Draft:
    """The draft without those of the failing checks, which are told as not measured."""
    named = tuple(check for check in failing if check.name in names)
    return replace(draft, checks=excused(draft.checks, names), excused=(*draft.excused, *named))


def is_change(assignment: Assignment) -> bool:
    """Whether a version that is there is to be changed."""
    before = assignment.request.before
    return before is not None and bool(before.text)


def drafted(answer: str, assignment: Assignment, *, whole: bool = False) -> Draft:
    """What was written as a draft: its content with its parts, measured. A `whole` text takes the place of one that is changed."""
    if assignment.kind.drawn:
        return _drawn(answer, assignment)
    written, notes = parted(answer), list[Phrase]()
    text = written.text
    if is_change(assignment) and not whole:
        before = assignment.request.before
        assert before is not None
        made = changed(before.text, text)
        text = made.text
        notes += [_NOT_PLACED] if made.lost and text != before.text else []
        # Its writer's own words say more.
        notes += list(_missed(before.text, text, assignment)) if not written.to_check else []
    text = without_links(text, assignment)
    content = with_legal_lines(Content(text, read_parts(text, assignment)), assignment)
    return Draft(written, content, measure(content, assignment), notes=tuple(notes))


def _missed(before: str, after: str, assignment: Assignment) -> list[Phrase]:
    """What a change did not do, as far as that is certain."""
    if before.strip() == after.strip():
        return [_UNCHANGED]
    wish, was, has = assignment.request.wish, words(before), words(after)
    if wish == SHORTER and has > was * (1 - _MIN_STEP):
        return [_NO_SHORTER]
    return [_NO_LONGER] if wish == LONGER and has < was * (1 + _MIN_STEP) else []


def _drawn(answer: str, assignment: Assignment) -> Draft:
    drawn = assignment.kind.drawn
    assert drawn is not None
    filled = object_in(answer)
    if not filled:
        return Draft(Written(""), Content("", {}), ())
    data = tidy(drawn.output, filled)
    output = drawn.output.model_validate(data)
    content = drawn.compose(output, assignment)
    checks = (*drawn.examine(output, content, assignment), *measure(content, assignment))
    before = assignment.request.before
    notes = (_UNCHANGED,) if is_change(assignment) and before and before.written == data else ()
    return Draft(Written(content.text, note_in(filled)), content, checks, data, notes=notes)


def read_parts(text: str, assignment: Assignment) -> dict[str, Any]:
    """The parts of a text that its kind's reader finds."""
    return assignment.kind.read(document(text), assignment)


async def _with_parts(draft: Draft, assignment: Assignment, desk: Desk) -> Draft:
    """The draft with its parts taken out by a model, where a file needs parts that the reader did not find."""
    kind = assignment.kind
    # A small model takes out what is not there.
    if kind.drawn or kind.parts is None or desk.engine.traits.small or not _lacks_parts(draft.content, assignment):
        return draft
    limit = max_tokens(desk.engine)
    ask = Ask(extraction_messages(draft.content.text), schema_of(kind.parts), MAX_WRITTEN, limit, 0, 0.0)
    found = {name: value for name, value in tidy(kind.parts, await desk.ask_for_data("parts", ask)).items() if value}
    content = replace(draft.content, parts={**found, **draft.content.parts})
    return replace(
        draft,
        content=content,
        checks=excused(measure(content, assignment), frozenset(one.name for one in draft.excused)),
    )


def _lacks_parts(content: Content, assignment: Assignment) -> bool:
    """Whether nothing was found of what a kind's files and games are made of: a list of questions, posts, scenes, or a prompt."""
    lists = any(isinstance(value, list) and value for value in content.parts.values())
    return bool(assignment.kind.layout) and not lists and not content.parts.get("prompt")


async def _with_key(draft: Draft, desk: Desk) -> Draft:
    """The draft, with a word on those questions whose answer comes out otherwise when it is worked out without the key."""
    items = draft.content.parts.get("items")
    if not isinstance(items, list) or not items or desk.engine.traits.small:
        return draft
    if not all(isinstance(one, dict) and one.get("correct") for one in items) or not differing(items, ()):
        return draft
    # All of them, so that each keeps its number.
    ask = Ask(key_messages(questions_alone(items)), None, MAX_WRITTEN, max_tokens(desk.engine), 0, 0.0)
    answers = answers_in(await desk.ask("key", ask), len(items))
    numbers = [number for number in differing(items, answers) if answers[number]]
    if not numbers:
        return draft
    unsure = Phrase(
        "Check the answer key: I got a different answer when I solved it again (question {numbers}).",
        numbers=[number + 1 for number in numbers],
    )
    return replace(draft, notes=(*draft.notes, unsure))


def answers_in(text: str, count: int) -> list[str]:
    """The answers of so many questions in a text of one line each, by their numbers; empty where there is none."""
    found = {int(one[1]): one[2].strip() for one in _ANSWER.finditer(text)}
    return [found.get(number, "") for number in range(1, count + 1)]


def max_tokens(engine: Engine) -> int:
    """The tokens that an answer of an engine may have."""
    return min(_SMALL_TOKENS if engine.traits.small else _MAX_TOKENS, engine.traits.context // 2)


def _nearly_same(text: str, other: str) -> bool:
    """Whether two versions differ in so few words that there is nothing to choose between."""
    return compared(_WORD.findall(text.casefold()), _WORD.findall(other.casefold())).ratio > _NEARLY_SAME


def _temperature(engine: Engine) -> float:
    # What small models were read blind with (docs/quality.md).
    return 0.5 if engine.traits.small else 0.7


def _numbered(checkpoint: Checkpoint, number: int) -> Checkpoint:
    return checkpoint if not number else lambda name, step: checkpoint(f"{number} {name}", step)


__all__ = ["Draft", "Nobody", "Pipeline", "Watcher"]
