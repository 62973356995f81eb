"""The pipeline from an assignment to a result: write, measure and, with a capable model, revise once. The same for every kind."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.checks import Check
from bot.checks.compare import compare_tokens
from bot.checks.units import count_words
from bot.content import Assignment, Checkpoint, Content, MemorySnapshot, Request, Result, run_directly
from bot.engines import Ask, Engine, Engines
from bot.errors import EngineError, Phrase, QuestionError
from bot.kinds.quiz import find_differing_questions, format_questions
from bot.markup import parse_document
from bot.moderation.seam import ModeratedWatcher, Moderation, build_unfit_error, build_writer_refusal
from bot.runtime import metrics
from bot.runtime.active_requests import stage

from .answer import MAX_ANSWER_CHARACTERS, WriterAnswer, apply_changes, parse_answer, split_versions
from .branding import add_legal_lines
from .fields import build_schema, extract_note, tidy
from .languages import apply_brief_language
from .measure import drop_excused, find_new_failures, is_doubtful, measure, measure_stated
from .recall import LONGER, SHORTER, assign
from .result import build_result
from .sheet import (
    build_change_messages,
    build_draft_messages,
    build_extraction_messages,
    build_key_messages,
    build_revision_messages,
)
from .untrusted_links import remove_untrusted_links
from .writer import NullWatcher, Watcher, Writer, parse_object, stream_draft

# Added to the seed of a second attempt.
_RETRY_SEED_STEP = 7919
# Of two versions with a higher share of common words, in order, only the first is shown.
_WORD, _MAX_SIMILARITY = re.compile(r"\w+"), 0.85
# Tokens of an answer: of a small model, which does not know when to stop, and of any other.
_MAX_SMALL_MODEL_TOKENS, _MAX_TOKENS = 1_000, 8_000
# A text counts as shorter or longer if its length changed by at least this share.
_MIN_LENGTH_CHANGE = 0.1
# A revision keeps at least this share of the words.
_MIN_REVISION_WORDS_SHARE = 0.3
_ANSWER = re.compile(
    r"^[*_#>\-\s]{0,6}(?:Q|question )?(\d{1,3})[*_]{0,2}[.):][*_]{0,2}\s{1,4}(\S[^\n]{0,300})",
    re.MULTILINE | re.IGNORECASE,
)
_UNCHANGED = Phrase("I found nothing to change, so the text is the same as before.")
_NOT_PLACED = Phrase("I could not place one of the changes. Check that everything is as you want it.")
_NO_SHORTER = Phrase("The text did not get shorter.")
_NO_LONGER = Phrase("The text did not get longer.")


@dataclass(frozen=True, slots=True)
class Draft:
    """A text in progress: the parsed answer, the content made of it, and its checks."""

    answer: WriterAnswer
    content: Content
    checks: tuple[Any, ...]
    data: dict[str, Any] = field(default_factory=dict)
    excused: tuple[Any, ...] = ()
    notes: tuple[Phrase, ...] = ()
    # The labels of the engines that wrote it, if more than the first.
    engines: tuple[str, ...] = ()

    @property
    def failing(self) -> int:
        """The number of failed checks."""
        return sum(not check.passed for check in self.checks)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What generation needs: engines, and the moderation of everything that goes in and comes out."""

    engines: Engines
    moderation: Moderation = field(default=Moderation())

    async def build_assignment(self, request: Request, memory: MemorySnapshot) -> Assignment:
        """Build the assignment for a request whose kind is known.

        Raises:
            RefusedError: No kind has that name.
            UnknownPersonaError: No persona has that name.
        """
        # In a thread, as a long brief takes tens of milliseconds to read.
        assignment = await asyncio.to_thread(assign, request, memory)
        spoken = self.engines.first.traits.languages
        return apply_brief_language(assignment, spoken) if spoken is not None else assignment

    async def run(
        self, assignment: Assignment, *, checkpoint: Checkpoint = run_directly, watcher: Watcher | None = None
    ) -> list[Result]:
        """Return the results: one, or as many as the request asks for variants.

        If moderation refuses all of them, they are generated once more.

        Raises:
            EngineError: Every engine failed, or wrote nothing.
            QuestionError: The writer has to know something first.
            RefusedError: Moderation refuses the request, its results or the writer's question.
        """
        await self.moderation.check(assignment, checkpoint)
        shown = ModeratedWatcher(watcher or NullWatcher(), assignment)
        try:
            made = await self._generate(assignment, checkpoint, shown)
        except QuestionError as error:
            await self.moderation.check_question("\n".join([error.question, *error.answers]), assignment, checkpoint)
            raise
        if fit := await self.moderation.filter_results(made, assignment, checkpoint):
            return fit
        request = replace(assignment.request, seed=assignment.request.seed + _RETRY_SEED_STEP)
        again = replace(assignment, request=request)

        def retry_checkpoint(name: str, step: Any) -> Any:
            return checkpoint(f"{_RETRY_SEED_STEP} {name}", step)

        if fit := await self.moderation.filter_results(
            await self._generate(again, retry_checkpoint, shown), again, retry_checkpoint
        ):
            return fit
        raise build_unfit_error()

    async def _generate(self, assignment: Assignment, checkpoint: Checkpoint, watcher: Watcher) -> list[Result]:
        started = time.monotonic()
        with stage("write"):
            written = await checkpoint("text", lambda: self._draft(assignment, watcher))
        engine = next((one for one in self.engines.all if one.name == written["engine"]), self.engines.first)
        answers = (
            split_versions(written["text"])[: assignment.request.variants]
            if assignment.request.variants > 1
            else [written["text"]]
        )
        results: list[Result] = []
        for number, answer in enumerate(answers):
            writer = Writer(
                engine, self.engines.reviser or engine, _number_steps(checkpoint, number), watcher, ["text"]
            )
            standing = withdraw(answer, assignment)
            draft = await self._finish(answer, standing, writer)
            result = build_result(draft, standing, engine, time.monotonic() - started, writer.calls)
            if assignment.kind.composer or not any(
                _is_nearly_same(result.content.text, one.content.text) for one in results
            ):
                results.append(result)
        return results

    async def _draft(self, assignment: Assignment, watcher: Watcher) -> dict[str, Any]:
        async def use(engine: Engine) -> dict[str, Any]:
            return {
                "engine": engine.name,
                "text": await stream_draft(engine, self._build_ask(assignment, engine), assignment, watcher),
            }

        return await self.engines.attempt(use)

    def _build_ask(self, assignment: Assignment, engine: Engine) -> Ask:
        """Build the call that writes a text, or changes an existing one."""
        limit, composer = compute_max_tokens(engine), assignment.kind.composer
        messages = build_change_messages if is_change(assignment) else build_draft_messages
        schema = build_schema(composer.output, has_note=not engine.traits.small) if composer else None
        asked = messages(assignment, engine.traits, context_tokens=engine.traits.context - limit)
        return Ask(
            asked, schema, MAX_ANSWER_CHARACTERS, limit, assignment.request.seed % 2**31, _choose_temperature(engine)
        )

    async def _finish(self, answer: str, assignment: Assignment, writer: Writer) -> Draft:
        """Return a draft with its parts, measured, revised once if a check fails, and with its answer key verified."""
        # In a thread: the first identification of a language takes a second.
        with stage("measure"):
            draft = await asyncio.to_thread(build_draft, answer, assignment)
        if draft.answer.refuses:
            raise build_writer_refusal(draft.answer.refuses, assignment)
        if not draft.content.text.strip() and draft.answer.asks:
            raise QuestionError(*draft.answer.asks)
        # A reason for writing no text is only useful to a user who can answer.
        if not draft.content.text.strip() and draft.answer.to_check and assignment.request.channel_id:
            raise QuestionError(draft.answer.to_check)
        if not draft.content.text.strip():
            raise EngineError("{engine} wrote nothing I can read. Try again in a moment.", engine=writer.engine.label)
        draft = await self._revise(draft, answer, assignment, writer)
        draft = await _add_parts(draft, assignment, writer)
        for check in draft.checks:
            if not check.passed:
                metrics.FAILED_MEASURES.add(check.id)
        return await _check_key(draft, writer)

    async def _revise(self, draft: Draft, answer: str, assignment: Assignment, writer: Writer) -> Draft:
        """Return the draft, or its revision if fewer checks fail in that."""
        before = assignment.request.before
        failing = find_new_failures(draft.checks, before.failed if before else ())
        if not writer.engine.traits.small and not assignment.kind.composer:
            doubted = frozenset(check.name for check in failing if is_doubtful(check, draft.content.text))
            draft, failing = _excuse(draft, failing, doubted), tuple(one for one in failing if one.name not in doubted)
        # Small models do not improve a text: none of six with the 1.5B (docs/quality.md).
        if not failing or assignment.kind.composer or writer.reviser.traits.small:
            return draft
        ask = self._build_ask(assignment, writer.reviser)
        sent = answer if not is_change(assignment) else draft.content.text
        ask = replace(ask, messages=build_revision_messages(ask.messages, sent, failing))
        returned = await writer.ask("revision", ask, writer.reviser)
        if not returned.strip():
            metrics.REVISIONS.add("failed")
            return draft
        with stage("measure"):
            revised = await asyncio.to_thread(build_draft, returned, assignment, whole=True)
        names = frozenset(failing[number - 1].name for number in revised.answer.skipped if 0 < number <= len(failing))
        kept, draft, revised = draft.excused, _excuse(draft, failing, names), _excuse(revised, failing, names)
        revised = replace(
            revised,
            checks=drop_excused(revised.checks, frozenset(one.name for one in kept)),
            excused=(*kept, *revised.excused),
        )
        # A revision that keeps hardly a word is another text, or none.
        enough = _MIN_REVISION_WORDS_SHARE * count_words(draft.content.text) <= count_words(revised.content.text)
        better = revised.failing < draft.failing and enough
        metrics.REVISIONS.add("used" if better else "dropped")
        if not better:
            return draft
        return replace(
            revised,
            answer=replace(revised.answer, to_check=revised.answer.to_check or draft.answer.to_check),
            engines=tuple(dict.fromkeys([writer.engine.label, writer.reviser.label])),
        )


def _excuse(draft: Draft, failing: Sequence[Check], names: frozenset[str]) -> Draft:
    """Return the draft without the named failing checks, which are reported as not measured."""
    named = tuple(check for check in failing if check.name in names)
    return replace(draft, checks=drop_excused(draft.checks, names), excused=(*draft.excused, *named))


def is_change(assignment: Assignment) -> bool:
    """Whether an existing version is to be changed."""
    before = assignment.request.before
    return before is not None and bool(before.text)


def build_draft(answer: str, assignment: Assignment, *, whole: bool = False) -> Draft:
    """Build a measured draft from an answer. A `whole` text replaces the one that is changed."""
    if assignment.kind.composer:
        return _compose_draft(answer, assignment)
    parsed, notes = parse_answer(answer), list[Phrase]()
    text = parsed.text
    if is_change(assignment) and not whole:
        before = assignment.request.before
        assert before is not None
        applied = apply_changes(before.text, text)
        text = applied.text
        notes += [_NOT_PLACED] if applied.lost and text != before.text else []
        # The writer's own note says more.
        notes += list(_find_missed_changes(before.text, text, assignment)) if not parsed.to_check else []
    text = remove_untrusted_links(text, assignment)
    content = add_legal_lines(Content(text, read_parts(text, assignment)), assignment)
    return Draft(parsed, content, measure(content, assignment), notes=tuple(notes))


def withdraw(answer: str, assignment: Assignment) -> Assignment:
    """Return the assignment without the requirements that the writer of a change says are taken back."""
    request = assignment.request
    if request.before is None or assignment.kind.composer or not (skipped := parse_answer(answer).skipped):
        return assignment
    stated = measure_stated(request.before.text, assignment)
    named = [stated[number - 1].requirement for number in skipped if 0 < number <= len(stated)]
    return replace(assignment, request=replace(request, withdrawn=(*request.withdrawn, *named)))


def _find_missed_changes(before: str, after: str, assignment: Assignment) -> list[Phrase]:
    """Return notes on what a change certainly failed to do."""
    if before.strip() == after.strip():
        return [_UNCHANGED]
    instruction, old_count, new_count = assignment.request.instruction, count_words(before), count_words(after)
    if instruction == SHORTER and new_count > old_count * (1 - _MIN_LENGTH_CHANGE):
        return [_NO_SHORTER]
    return [_NO_LONGER] if instruction == LONGER and new_count < old_count * (1 + _MIN_LENGTH_CHANGE) else []


def _compose_draft(answer: str, assignment: Assignment) -> Draft:
    composer = assignment.kind.composer
    assert composer is not None
    filled = parse_object(answer)
    if not filled:
        return Draft(WriterAnswer(""), Content("", {}), ())
    data = tidy(composer.output, filled)
    output = composer.output.model_validate(data)
    content = composer.compose(output, assignment)
    checks = (*composer.examine(output, content, assignment), *measure(content, assignment))
    before = assignment.request.before
    notes = (_UNCHANGED,) if is_change(assignment) and before and before.written == data else ()
    return Draft(WriterAnswer(content.text, extract_note(filled)), content, checks, data, notes=notes)


def read_parts(text: str, assignment: Assignment) -> dict[str, Any]:
    """Return the parts of a text that its kind's reader finds."""
    return assignment.kind.read(parse_document(text), assignment)


async def _add_parts(draft: Draft, assignment: Assignment, writer: Writer) -> Draft:
    """Return the draft with parts extracted by a model, if a file needs parts that the reader did not find."""
    kind = assignment.kind
    # Small models invent parts.
    if kind.composer or kind.parts is None or writer.engine.traits.small or not _lacks_parts(draft.content, assignment):
        return draft
    limit = compute_max_tokens(writer.engine)
    ask = Ask(
        build_extraction_messages(draft.content.text), build_schema(kind.parts), MAX_ANSWER_CHARACTERS, limit, 0, 0.0
    )
    found = {name: value for name, value in tidy(kind.parts, await writer.ask_for_data("parts", ask)).items() if value}
    content = replace(draft.content, parts={**found, **draft.content.parts})
    return replace(
        draft,
        content=content,
        checks=drop_excused(measure(content, assignment), frozenset(one.name for one in draft.excused)),
    )


def _lacks_parts(content: Content, assignment: Assignment) -> bool:
    """Whether nothing was found that a kind's files and games are made of: a list of questions, posts, scenes, or a prompt."""
    lists = any(isinstance(value, list) and value for value in content.parts.values())
    return bool(assignment.kind.layout or assignment.kind.is_prompt) and not lists and not content.parts.get("prompt")


async def _check_key(draft: Draft, writer: Writer) -> Draft:
    """Return the draft, with a note on questions whose answer differs when a model solves them without the key."""
    items = draft.content.parts.get("items")
    if not isinstance(items, list) or not items or writer.engine.traits.small:
        return draft
    if not all(isinstance(one, dict) and one.get("correct") for one in items) or not find_differing_questions(
        items, ()
    ):
        return draft
    # All questions, so that each keeps its number.
    ask = Ask(
        build_key_messages(format_questions(items)),
        None,
        MAX_ANSWER_CHARACTERS,
        compute_max_tokens(writer.engine),
        0,
        0.0,
    )
    answers = parse_answers(await writer.ask("key", ask), len(items))
    numbers = [number for number in find_differing_questions(items, answers) if answers[number]]
    if not numbers:
        return draft
    unsure = Phrase(
        "Check the answer key: I got a different answer when I solved it again (question {numbers}).",
        numbers=[number + 1 for number in numbers],
    )
    return replace(draft, notes=(*draft.notes, unsure))


def parse_answers(text: str, count: int) -> list[str]:
    """Return the answers to `count` questions from a text with one numbered line each; empty for missing ones."""
    found = {int(one[1]): one[2].strip() for one in _ANSWER.finditer(text)}
    return [found.get(number, "") for number in range(1, count + 1)]


def compute_max_tokens(engine: Engine) -> int:
    """Return the maximum number of tokens of an engine's answer."""
    return min(_MAX_SMALL_MODEL_TOKENS if engine.traits.small else _MAX_TOKENS, engine.traits.context // 2)


def _is_nearly_same(text: str, other: str) -> bool:
    """Whether two versions differ in too few words to be worth a choice."""
    return compare_tokens(_WORD.findall(text.casefold()), _WORD.findall(other.casefold())).ratio > _MAX_SIMILARITY


def _choose_temperature(engine: Engine) -> float:
    # The temperature of the blind reading of small models (docs/quality.md).
    return 0.2 if engine.traits.small else 0.7


def _number_steps(checkpoint: Checkpoint, number: int) -> Checkpoint:
    return checkpoint if not number else lambda name, step: checkpoint(f"{number} {name}", step)


__all__ = ["Draft", "NullWatcher", "Pipeline", "Watcher"]
