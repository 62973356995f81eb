"""The pipeline from an assignment to a result: write, measure and, with a capable model, revise once. The same for every kind."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.checks import Check
from bot.checks.compare import compare_tokens
from bot.checks.units import count_words
from bot.content import Assignment, Checkpoint, Content, MemorySnapshot, Request, Result, run_directly
from bot.engines import Ask, Engine, Engines
from bot.errors import EngineError, Phrase, QuestionError
from bot.kinds.quiz import find_differing_questions, format_questions
from bot.moderation.seam import ModeratedWatcher, Moderation, build_unfit_error, build_writer_refusal
from bot.reading.lines import strip_introduction, strip_quotes
from bot.runtime import metrics
from bot.runtime.active_requests import stage

from .answer import MAX_ANSWER_CHARACTERS, split_texts, split_versions
from .blanks import find_blanks
from .drafts import Draft, build_draft, is_change, withdraw_requirements
from .fields import build_schema, tidy
from .languages import apply_brief_language
from .measure import drop_excused, find_new_failures, is_doubtful
from .recall import assign
from .result import build_result
from .sheet import (
    build_change_messages,
    build_draft_messages,
    build_extraction_messages,
    build_joint_messages,
    build_key_messages,
    build_revision_messages,
)
from .unknown_figures import find_unknown_figures
from .writer import NullWatcher, Watcher, Writer, parse_object, stream_draft

# Added to the seed of a second attempt.
_RETRY_SEED_STEP = 7919
# Of two versions with a higher share of common words, in order, only the first is shown.
_WORD, _MAX_SIMILARITY = re.compile(r"\w+"), 0.85
# Tokens of an answer: of a small model, which does not know when to stop, and of any other.
_MAX_SMALL_MODEL_TOKENS, _MAX_TOKENS = 1_000, 8_000
# Tokens that an answer with several texts has for each; more texts than that are written one by one.
_TOKENS_PER_TEXT = 500
# The temperature of small models is that of their blind reading (docs/quality.md).
_SMALL_MODEL_TEMPERATURE, _TEMPERATURE = 0.2, 0.7
# A revision that keeps a smaller share of the words is another text, or none.
_MIN_REVISION_WORDS_SHARE = 0.3
# A text of a kind with a layout in which no part was found is unreadable if it has fewer words.
_MIN_WORDS_WITHOUT_PARTS = 30
# Most figures or blanks that a note lists.
_MAX_LISTED = 5
# The list of the versions in an answer that is an object.
_VERSIONS = "versions"
_UNREADABLE = "{engine} wrote nothing I can read. Try again in a moment."
_REFUSED = "{engine} would not write this. Try again in other words, or choose a better model."
_EARLY_ENDS = {
    "length": "The end is missing: {engine} reached its maximum length. Ask for a shorter text, or for one part at a time.",
    "loop": "The end is missing: {engine} began to repeat itself. Try again, or ask for a shorter text.",
}
_NO_KEY = Phrase("I found no answers to the questions. If you need them, ask for an answer key.")
_UNKNOWN_FIGURES = "Check these figures, which you did not give me: {figures}."
_BLANKS = "Fill in before you use it: {blanks}."
_NUMBERED_ANSWER = re.compile(
    r"^[*_#>\-\s]{0,6}(?:Q|question )?(\d{1,3})[*_]{0,2}[.):][*_]{0,2}\s{1,4}(\S[^\n]{0,300})",
    re.MULTILINE | re.IGNORECASE,
)


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
        languages = self.engines.first.traits.languages
        return apply_brief_language(assignment, languages) if languages is not None else assignment

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
        watcher = ModeratedWatcher(watcher or NullWatcher(), assignment)
        try:
            results = await self._generate(assignment, checkpoint, watcher)
        except QuestionError as error:
            await self.moderation.check_question("\n".join([error.question, *error.answers]), assignment, checkpoint)
            raise
        if fit_results := await self.moderation.filter_results(results, assignment, checkpoint):
            return fit_results
        request = replace(assignment.request, seed=assignment.request.seed + _RETRY_SEED_STEP)
        assignment = replace(assignment, request=request)
        retry_checkpoint = _prefix_steps(checkpoint, _RETRY_SEED_STEP)
        refused_calls = results[0].calls if results else ()
        results = [
            replace(result, calls=(*refused_calls, *result.calls))
            for result in await self._generate(assignment, retry_checkpoint, watcher)
        ]
        if fit_results := await self.moderation.filter_results(results, assignment, retry_checkpoint):
            return fit_results
        raise build_unfit_error()

    async def write_together(
        self, assignments: Mapping[str, Assignment], checkpoint: Checkpoint
    ) -> dict[str, dict[str, Any]]:
        """Write several texts about one request, the first assignment's, in one call; return an output for each title, which
        `run` finishes if it is the outcome of its step "text". Empty if one call cannot write them, or its answer cannot be split.

        Raises:
            RefusedError: Moderation refuses the request.
        """
        first = next(iter(assignments.values()))
        # The numbers of passages are those of each text's own request.
        if len(assignments) < 2 or first.memory.passages:
            return {}
        await self.moderation.check(first, checkpoint)

        async def write_with(engine: Engine) -> dict[str, dict[str, Any]]:
            max_tokens = compute_max_tokens(engine)
            if len(assignments) > max_tokens // _TOKENS_PER_TEXT:
                return {}
            ask = _build_ask(first, engine)
            messages = build_joint_messages(
                assignments, engine.traits, context_tokens=engine.traits.context - max_tokens
            )
            answer = await stream_draft(engine, replace(ask, messages=messages), first, NullWatcher())
            texts = [] if answer.end else split_texts(answer.text, len(assignments))
            outputs = ({"engine": engine.name, "text": text, "end": ""} for text in texts)
            return dict(zip(assignments, outputs, strict=False))

        with stage("write"):
            try:
                outputs: dict[str, dict[str, Any]] = await checkpoint("texts", lambda: self.engines.attempt(write_with))
            except EngineError:
                return {}
        return outputs

    async def _generate(self, assignment: Assignment, checkpoint: Checkpoint, watcher: Watcher) -> list[Result]:
        """Return the results that the model writes, before moderation."""
        started_at = time.monotonic()
        with stage("write"):
            output = await checkpoint("text", lambda: self._write(assignment, watcher))
        # The engine may be gone if an earlier process saved the output.
        engine = next((engine for engine in self.engines.all if engine.name == output["engine"]), self.engines.first)
        answers = _split_answer(output["text"], assignment)[: assignment.request.variants]
        results: list[Result] = []
        for number, answer in enumerate(answers):
            version_checkpoint = _prefix_steps(checkpoint, number) if number else checkpoint
            writer = Writer(engine, self.engines.reviser or engine, version_checkpoint, watcher, ["text"])
            remaining = withdraw_requirements(answer, assignment)
            early_end = output.get("end", "") if answer is answers[-1] else ""
            draft = await self._finish(answer, remaining, writer, early_end)
            result = build_result(draft, remaining, engine, time.monotonic() - started_at, writer.calls)
            is_repeated = any(_is_nearly_same(result.content.text, other.content.text) for other in results)
            if assignment.kind.composer or not is_repeated:
                results.append(result)
        return results

    async def _write(self, assignment: Assignment, watcher: Watcher) -> dict[str, Any]:
        """Return the answer of the first engine that writes one, as "text", with the engine's name and the reason of an early end."""

        async def write_with(engine: Engine) -> dict[str, Any]:
            answer = await stream_draft(engine, _build_ask(assignment, engine), assignment, watcher)
            return {"engine": engine.name, "text": answer.text, "end": answer.end}

        return await self.engines.attempt(write_with)

    async def _finish(self, answer: str, assignment: Assignment, writer: Writer, early_end: str) -> Draft:
        """Return the draft with its parts, measured, revised once if a check fails, and with its answer key verified.

        `early_end` is the reason why the answer ended early, as in `Snapshot`.
        """
        if writer.engine.traits.small:  # They introduce and quote the text as if they spoke of it.
            answer = strip_quotes(strip_introduction(answer))
        # In a thread: the first identification of a language takes a second.
        with stage("measure"):
            draft = await asyncio.to_thread(build_draft, answer, assignment)
        if draft.answer.refuses:
            raise build_writer_refusal(draft.answer.refuses, assignment)
        if early_end:
            draft = replace(draft, notes=(*draft.notes, Phrase(_EARLY_ENDS[early_end], engine=writer.engine.label)))
        if not draft.content.text.strip():
            if draft.answer.asks:
                raise QuestionError(*draft.answer.asks)
            # A reason for writing no text is only useful to a user who can answer.
            if draft.answer.to_check and assignment.request.channel_id:
                raise QuestionError(draft.answer.to_check)
            raise EngineError(_UNREADABLE, engine=writer.engine.label)
        # "I cannot book a table" is an answer, and no text.
        if not assignment.kind.is_reply and await self.moderation.is_refusal(draft.content.text):
            raise EngineError(_REFUSED, engine=writer.engine.label)
        draft = await _revise(draft, answer, assignment, writer)
        draft = await _extract_missing_parts(draft, assignment, writer)
        is_short = count_words(draft.content.text) < _MIN_WORDS_WITHOUT_PARTS
        # Small models apologise instead of refusing. A text that was made shorter may have lost its parts.
        may_apologise = writer.engine.traits.small and not is_change(assignment)
        if may_apologise and assignment.kind.layout and is_short and not draft.content.parts:
            raise EngineError(_UNREADABLE, engine=writer.engine.label)
        if writer.engine.traits.small:
            draft = replace(draft, notes=(*draft.notes, *_list_unknowns(draft.content.text, assignment)))
        for check in draft.checks:
            if not check.passed:
                metrics.FAILED_MEASURES.add(check.id)
        return await _verify_key(draft, writer)


def _list_unknowns(text: str, assignment: Assignment) -> Iterator[Phrase]:
    """Yield the notes that a small model cannot write: what it made up, and what it left blank."""
    if figures := find_unknown_figures(text, assignment):
        yield Phrase(_UNKNOWN_FIGURES, figures=figures[:_MAX_LISTED])
    if blanks := find_blanks(text, assignment):
        yield Phrase(_BLANKS, blanks=blanks[:_MAX_LISTED])


def _split_answer(answer: str, assignment: Assignment) -> list[str]:
    """Return the versions in an answer, each as a separate answer; the answer itself unless several were asked for."""
    if assignment.request.variants < 2:
        return [answer]
    if assignment.kind.composer is None:
        return split_versions(answer)
    versions = parse_object(answer).get(_VERSIONS)
    return [json.dumps(version) for version in versions] if isinstance(versions, list) and versions else [answer]


def _build_ask(assignment: Assignment, engine: Engine) -> Ask:
    """Build the call that writes a text, or changes an existing one."""
    max_tokens, composer, count = compute_max_tokens(engine), assignment.kind.composer, assignment.request.variants
    build_messages = build_change_messages if is_change(assignment) else build_draft_messages
    schema = build_schema(composer.output, has_note=not engine.traits.small) if composer else None
    if schema is not None and count > 1:
        versions = {"type": "array", "items": schema, "minItems": count, "maxItems": count}
        schema = {"type": "object", "properties": {_VERSIONS: versions}, "required": [_VERSIONS]}
    return Ask(
        build_messages(assignment, engine.traits, context_tokens=engine.traits.context - max_tokens),
        schema,
        MAX_ANSWER_CHARACTERS,
        max_tokens,
        assignment.request.seed % 2**31,
        _SMALL_MODEL_TEMPERATURE if engine.traits.small else _TEMPERATURE,
    )


async def _revise(draft: Draft, answer: str, assignment: Assignment, writer: Writer) -> Draft:
    """Return the draft, or its revision if fewer checks fail in that."""
    before = assignment.request.before
    failures = find_new_failures(draft.checks, before.failed if before else ())
    is_trusted = not writer.engine.traits.small and not assignment.kind.composer
    if is_trusted and (doubtful := tuple(check for check in failures if is_doubtful(check))):
        draft = draft.excuse(doubtful)
        failures = tuple(check for check in failures if check not in doubtful)
    # Small models do not improve a text: none of six with the 1.5B (docs/quality.md).
    if not failures or assignment.kind.composer or writer.reviser.traits.small:
        return draft
    ask = _build_ask(assignment, writer.reviser)
    measured_answer = draft.content.text if is_change(assignment) else answer
    ask = replace(ask, messages=build_revision_messages(ask.messages, measured_answer, failures))
    revised_answer = await writer.ask("revision", ask, writer.reviser)
    if not revised_answer.strip():
        metrics.REVISIONS.add("failed")
        return draft
    with stage("measure"):
        revision = await asyncio.to_thread(build_draft, revised_answer, assignment, revised_text=draft.content.text)
    return _choose_revision(draft, revision, failures, writer)


def _choose_revision(draft: Draft, revision: Draft, failures: tuple[Check, ...], writer: Writer) -> Draft:
    """Return the draft, or the revision if fewer checks fail in it, not counting those that its writer says the brief does not
    ask for.
    """
    numbers = {number for number in revision.answer.skipped if 0 < number <= len(failures)}
    excused = tuple(check for number, check in enumerate(failures, 1) if number in numbers)
    draft_excused = draft.excused
    draft, revision = draft.excuse(excused), revision.excuse(excused)
    keeps_words = count_words(revision.content.text) >= _MIN_REVISION_WORDS_SHARE * count_words(draft.content.text)
    checks = drop_excused(revision.checks, frozenset(check.name for check in draft_excused))
    revision = replace(revision, checks=checks, excused=(*draft_excused, *revision.excused))
    is_better = revision.failure_count < draft.failure_count and keeps_words
    metrics.REVISIONS.add("used" if is_better else "dropped")
    if not is_better:
        return draft
    return replace(
        revision,
        answer=replace(revision.answer, to_check=revision.answer.to_check or draft.answer.to_check),
        engines=tuple(dict.fromkeys([writer.engine.label, writer.reviser.label])),
    )


async def _extract_missing_parts(draft: Draft, assignment: Assignment, writer: Writer) -> Draft:
    """Return the draft with parts extracted by a model, if a file needs parts that the reader did not find."""
    kind = assignment.kind
    # Small models invent parts.
    if kind.composer or kind.parts is None or writer.engine.traits.small or not _lacks_parts(draft.content, assignment):
        return draft
    messages, max_tokens = build_extraction_messages(draft.content.text), compute_max_tokens(writer.engine)
    data = await writer.ask_for_data(
        "parts", Ask(messages, build_schema(kind.parts), MAX_ANSWER_CHARACTERS, max_tokens, 0, 0.0)
    )
    return draft.with_parts({name: value for name, value in tidy(kind.parts, data).items() if value}, assignment)


def _lacks_parts(content: Content, assignment: Assignment) -> bool:
    """Return whether nothing was found that a kind's files and games are made of."""
    needs_parts = bool(assignment.kind.layout or assignment.kind.is_prompt)
    return needs_parts and not any(value for name, value in content.parts.items() if name != "title")


async def _verify_key(draft: Draft, writer: Writer) -> Draft:
    """Return the draft, with a note if a quiz has no key, or on questions whose answer differs when a model solves them without
    it.
    """
    items = [item for item in draft.content.parts.get("items") or () if isinstance(item, dict) and "correct" in item]
    if items and not any(item["correct"] for item in items) and all(len(item["options"]) > 1 for item in items):
        return replace(draft, notes=(*draft.notes, _NO_KEY))
    has_key = bool(items) and all(item["correct"] for item in items)
    if writer.engine.traits.small or not has_key or not find_differing_questions(items, ()):
        return draft
    # All questions, so that each keeps its number.
    messages, max_tokens = build_key_messages(format_questions(items)), compute_max_tokens(writer.engine)
    solved = await writer.ask("key", Ask(messages, None, MAX_ANSWER_CHARACTERS, max_tokens, 0, 0.0))
    answers = parse_numbered_answers(solved, len(items))
    indexes = [index for index in find_differing_questions(items, answers) if answers[index]]
    if not indexes:
        return draft
    doubt = Phrase(
        "Check the answer key: I got a different answer when I solved it again (question {numbers}).",
        numbers=[index + 1 for index in indexes],
    )
    return replace(draft, notes=(*draft.notes, doubt))


def parse_numbered_answers(text: str, count: int) -> list[str]:
    """Return the answers to `count` questions from a text with one numbered line each; empty for missing ones."""
    answers = {int(match[1]): match[2].strip() for match in _NUMBERED_ANSWER.finditer(text)}
    return [answers.get(number, "") for number in range(1, count + 1)]


def compute_max_tokens(engine: Engine) -> int:
    """Return the maximum number of tokens of an engine's answer."""
    return min(_MAX_SMALL_MODEL_TOKENS if engine.traits.small else _MAX_TOKENS, engine.traits.context // 2)


def _is_nearly_same(text: str, other_text: str) -> bool:
    """Return whether two versions differ in too few words to be worth a choice."""
    tokens, other_tokens = _WORD.findall(text.casefold()), _WORD.findall(other_text.casefold())
    return compare_tokens(tokens, other_tokens).ratio > _MAX_SIMILARITY


def _prefix_steps(checkpoint: Checkpoint, number: int) -> Checkpoint:
    """Return a checkpoint whose steps have names of their own, for another version or attempt."""

    async def run_step(name: str, step: Callable[[], Awaitable[Any]]) -> Any:
        return await checkpoint(f"{number} {name}", step)

    return run_step
