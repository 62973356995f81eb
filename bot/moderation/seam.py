"""Moderation around generation: every request is checked before, and every result after."""

from __future__ import annotations

import asyncio
import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

from bot.checks.language import identify_language
from bot.content import Assignment, Checkpoint, Request, Result, run_directly
from bot.engines import Engines
from bot.engines.embeddings import Embeddings
from bot.errors import EngineError, Phrase, RefusedError
from bot.settings import Settings
from personas.profile import Profile

from . import (
    CATEGORIES,
    GRAVEST_CATEGORIES,
    UNCHECKED_FIELDS,
    DespairError,
    build_error,
    find_category,
    find_excuses,
    iter_strings,
    log_refusal,
    refuse,
    refuse_harm,
    refuse_secrets,
)
from .classifier import Classifier, Judgement
from .helplines import find_region
from .rules import classify
from .service import MAX_PIECE_CHARACTERS, ModelModeration, Service, ask_arbiter, ask_service, build_service

# The category that is also searched for across two texts, and the characters of the second that are examined.
_GRAVEST_CATEGORY, _MAX_COMBINED_CHARACTERS = "minors", 800
# Other names that writers use for despair.
_DESPAIR, _DESPAIR_SYNONYMS = "despair", re.compile(r"suicid|self.?harm|wants? to die")
_UNFIT_MESSAGE = (
    "What I wrote is not something I can show you. Ask again in other words, or tell me more about what it is for."
)

_T = TypeVar("_T")


class _Watcher(Protocol):
    @property
    def is_watching(self) -> bool: ...

    async def show_waiting(self, why: Phrase) -> None: ...

    async def show_draft(self, render: Callable[[], str]) -> None: ...


@dataclass(frozen=True, slots=True)
class Moderation:
    """Moderation by rules and, optionally, a classifier, a service, and an `arbiter`.

    The rules alone decide about the gravest harm. Anything else that they find is a suspicion: the arbiter settles it, as it does what
    the classifier is unsure about; without an arbiter it is dropped if the classifier finds no passage near harm.
    """

    service: Service | None = None
    classifier: Classifier | None = None
    arbiter: ModelModeration | None = None

    async def screen(self, text: str, *, kind: str, checkpoint: Checkpoint = run_directly) -> None:
        """Check a request in the user's own words.

        Raises:
            RefusedError: it contains a credential or asks for harm; the message lists help lines for a user in despair.
        """
        refuse_secrets(text, kind=kind)
        await self._refuse_harm(text, kind, checkpoint)

    async def screen_at_door(self, request: Request) -> None:
        """Refuse a request before it is stored, if that needs no arbiter.

        Raises:
            HarmError, DespairError: it asks for harm.
        """
        text = next(iter_requested_texts(request))
        category, language = await self._find_suspicion(text)
        if category in GRAVEST_CATEGORIES or (category and not self._can_arbitrate(text)):
            log_refusal(category, "message", request.kind or "")
            raise build_error(category, language)

    async def _refuse_harm(self, text: str, kind: str, checkpoint: Checkpoint) -> None:
        """Refuse a request that asks for harm. Raises as `screen` does, but for credentials."""
        category, language = await self._find_suspicion(text)
        stage = "message" if category else "classifier"
        if category not in GRAVEST_CATEGORIES:
            judgement = await self._judge(text)
            suspicion = category or judgement.category
            if judgement.sure:
                category = suspicion
            elif suspicion:
                category = await self._arbitrate(text, category, f"moderation {kind}", checkpoint)
        if category:
            log_refusal(category, stage, kind)
            raise build_error(category, language or _find_language(text, "en"))

    async def _find_suspicion(self, text: str, *, excused: int = 0, result: bool = False) -> tuple[str, str]:
        """Return what the rules find in a text, and in which language, unless nobody else is asked and the classifier finds nothing
        near harm in it.
        """
        category, language = classify(text, excused=excused, result=result)
        is_open = bool(category) and category not in GRAVEST_CATEGORIES and not self._can_arbitrate(text)
        is_cleared = is_open and await self._classify(lambda classifier: classifier.is_harmless(text), False)
        return ("", "") if is_cleared else (category, language)

    async def _arbitrate(self, text: str, category: str, step: str, checkpoint: Checkpoint) -> str:
        """Return the category that the arbiter finds in a text, or the one given if it decides nothing."""
        arbiter = self.arbiter
        if arbiter is None or not self._can_arbitrate(text):
            return category
        verdict: str = await checkpoint(step, lambda: ask_arbiter(arbiter, text, category))
        return verdict

    async def is_refusal(self, text: str) -> bool:
        """Return whether a writer's answer refuses in words, or offers help, instead of being a text."""
        return await self._classify(lambda classifier: classifier.is_refusal(text), False)

    async def _classify(self, ask: Callable[[Classifier], _T], default: _T) -> _T:
        """Return what the classifier says, or the default without one."""
        if self.classifier is None:
            return default
        try:
            return await asyncio.to_thread(ask, self.classifier)
        except EngineError:  # The embeddings are shutting down.
            return default

    def _can_arbitrate(self, text: str) -> bool:
        """Whether the arbiter decides about a text; it reads the beginning of longer ones only."""
        return (
            self.arbiter is not None
            and self.arbiter.is_able
            and self.service is None
            and len(text) <= MAX_PIECE_CHARACTERS
        )

    async def _refuse_combined(self, assignment: Assignment) -> None:
        """Refuse sexual content about minors that is split between a brief and its material or persona.

        Raises:
            HarmError: it is found.
        """
        brief, *others = iter_requested_texts(assignment.request)
        persona = assignment.memory.own_persona
        others += ["\n".join(iter_strings(persona.model_dump(mode="json")))] if persona is not None else []
        for other in others:
            combined = " ".join(f"{brief} {other[:_MAX_COMBINED_CHARACTERS]}".split())
            is_refused = find_category(combined) == _GRAVEST_CATEGORY
            if is_refused or await self._judge(combined) == Judgement(_GRAVEST_CATEGORY, sure=True):
                log_refusal(_GRAVEST_CATEGORY, "message", assignment.kind.name)
                raise build_error(_GRAVEST_CATEGORY)

    async def _judge(self, text: str) -> Judgement:
        return await self._classify(lambda classifier: classifier.judge(text), Judgement())

    async def check(self, assignment: Assignment, checkpoint: Checkpoint) -> None:
        """Check everything that a text would be written from.

        Raises:
            RefusedError: it contains a credential or asks for harm; the message lists help lines for a user in despair.
        """
        check_assignment(assignment)
        kind = assignment.kind.name
        try:
            await self._refuse_harm(next(iter_requested_texts(assignment.request)), kind, checkpoint)
        except DespairError as error:
            raise add_help_lines(error, assignment.profile) from None
        await self._refuse_combined(assignment)
        if self.service is None:
            return
        everything = "\n\n".join(iter_requested_texts(assignment.request))
        if category := await checkpoint("moderation", lambda: ask_service(self.service, everything)):
            log_refusal(category, "service", kind)
            raise add_help_lines(
                build_error(category, _find_language(assignment.brief, assignment.language)), assignment.profile
            )

    async def filter_results(
        self, results: list[Result], assignment: Assignment, checkpoint: Checkpoint
    ) -> list[Result]:
        """Return the results that may be shown and stored."""
        excused = _find_excuses(assignment)
        fit_results = []
        for number, result in enumerate(results):
            category = await self._find_result_category(
                f"moderated {number}", collect_readable_text(result), excused, checkpoint
            )
            if category:
                log_refusal(category, "result", result.kind)
            else:
                fit_results.append(result)
        return fit_results

    async def check_question(self, text: str, assignment: Assignment, checkpoint: Checkpoint) -> None:
        """Check a question that the writer asks, with its likely answers.

        Raises:
            RefusedError: it may not be shown.
        """
        if category := await self._find_result_category(
            "moderated question", text, _find_excuses(assignment), checkpoint
        ):
            log_refusal(category, "result", assignment.kind.name)
            raise build_unfit_error()

    async def _find_result_category(self, step: str, text: str, excused: int, checkpoint: Checkpoint) -> str:
        """Return the category for which a writer's text is refused, "" for none."""
        category, _ = await self._find_suspicion(text, excused=excused, result=True)
        if category and category != _GRAVEST_CATEGORY:
            category = await self._arbitrate(text, category, step, checkpoint)
        elif not category and self.service is not None:
            category = await checkpoint(step, lambda: ask_service(self.service, text))
        return category


def build_moderation(settings: Settings, engines: Engines, embeddings: Embeddings | None) -> Moderation:
    """Build the moderation that the settings configure.

    Raises:
        SettingsError: the service is misconfigured.
    """
    return Moderation(
        build_service(settings, engines),
        Classifier(embeddings) if embeddings is not None else None,
        ModelModeration(engines),
    )


def check_assignment(assignment: Assignment) -> None:
    """Check everything that a text would be written from by the rules, its brief for the gravest harm. Raises as `Moderation.check`."""
    kind = assignment.kind.name
    try:
        words, *others = iter_requested_texts(assignment.request)
        refuse(words, kind=kind, only=GRAVEST_CATEGORIES)
        for text in others:
            if text is assignment.request.earlier:  # It was checked when it took place.
                refuse_harm(text, kind=kind, only=GRAVEST_CATEGORIES)
            else:
                refuse(text, kind=kind)
        for text in iter_remembered_texts(assignment):
            refuse(text, source="kept", kind=kind)
        for text in iter_recalled_texts(assignment):
            refuse_secrets(text, source="kept", kind=kind)
    except DespairError as error:
        raise add_help_lines(error, assignment.profile) from None


def build_writer_refusal(category: str, assignment: Assignment) -> RefusedError:
    """Build the error for a writer that names a category of harm instead of writing."""
    category = next(
        (known for known in CATEGORIES if known in category),
        _DESPAIR if _DESPAIR_SYNONYMS.search(category) else "other",
    )
    log_refusal(category, "writer", assignment.kind.name)
    return add_help_lines(
        build_error(category, _find_language(assignment.brief, assignment.language)), assignment.profile
    )


def add_help_lines(error: RefusedError, profile: Profile) -> RefusedError:
    """Return the error, or for despair one with the help lines of the country in the user's profile."""
    if not isinstance(error, DespairError):
        return error
    return DespairError(region=find_region(locale=profile.locale, timezone=profile.timezone), language=error.language)


def _find_language(text: str, default: str) -> str:
    """Return the language of a text, for the choice of help lines."""
    return identify_language(text) or default


def collect_readable_text(result: Result) -> str:
    """Return everything readable in a result: its text, then what only its parts contain (a subject, alt text, cards)."""
    text = "\n\n".join(filter(None, (result.content.text, result.to_check)))
    parts = (part for part in iter_strings(result.content.parts) if part.strip() and part not in text)
    return "\n\n".join(dict.fromkeys((text, *parts)))


def build_unfit_error() -> RefusedError:
    """Build the error if no result may be shown."""
    return RefusedError(_UNFIT_MESSAGE)


def iter_requested_texts(request: Request) -> Iterator[str]:
    """Yield the texts of a request: the brief with its details as one, then its material."""
    words = (request.brief, *request.notes, request.instruction, request.tone, request.audience)
    yield "\n".join(dict.fromkeys(filter(None, words)))
    yield from filter(None, (request.material, request.earlier))


def _find_excuses(assignment: Assignment) -> int:
    """Return the excuses in a request for its result, as bits."""
    return find_excuses("\n\n".join(iter_requested_texts(assignment.request)))


def iter_remembered_texts(assignment: Assignment) -> Iterator[str]:
    """Yield the texts about the user in prompts: each entry of the profile, and the own persona as one."""
    memory = assignment.memory
    # Joined, the words of unrelated entries could be read as one statement.
    yield from iter_strings(memory.profile.model_dump(mode="json", exclude=set(UNCHECKED_FIELDS)))
    if memory.own_persona is not None:
        yield "\n".join(iter_strings(memory.own_persona.model_dump(mode="json")))


def iter_recalled_texts(assignment: Assignment) -> Iterator[str]:
    """Yield the texts recalled for a request, which were checked when they were stored."""
    memory = assignment.memory
    yield from memory.profile.facts
    yield from (passage.text for passage in memory.passages)
    yield from (f"{result.brief}\n{result.text}" for result in memory.liked_results)
    yield from (*memory.brand.samples, *memory.brand.book.statements) if memory.brand else ()


class ModeratedWatcher:
    """A watcher that hides drafts that the rules refuse; the last acceptable one is shown instead."""

    def __init__(self, watcher: _Watcher, assignment: Assignment) -> None:
        self._watcher, self._assignment = watcher, assignment
        self._last_allowed = ""

    @property
    def is_watching(self) -> bool:
        """Whether the inner watcher is watching."""
        return self._watcher.is_watching

    @functools.cached_property
    def _excused(self) -> int:
        return _find_excuses(self._assignment)

    async def show_waiting(self, why: Phrase) -> None:
        """Forward to the inner watcher."""
        await self._watcher.show_waiting(why)

    async def show_draft(self, render: Callable[[], str]) -> None:
        """Show a draft if the rules allow it, else the last one that they allowed."""
        await self._watcher.show_draft(lambda: self._choose_draft(render()))

    def _choose_draft(self, text: str) -> str:
        if not classify(text, excused=self._excused, result=True)[0]:
            self._last_allowed = text
        return self._last_allowed
