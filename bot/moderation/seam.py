"""The seam around generation: what is asked is looked at before, what was made after, by every way in."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from bot.checks.language import identify_language
from bot.content import Assignment, Checkpoint, Result, run_directly
from bot.engines import Engines
from bot.engines.embeddings import Embeddings
from bot.errors import EngineError, Phrase, RefusedError
from bot.settings import Settings
from personas.profile import Profile

from . import CATEGORIES, NO_EVIDENCE, DespairError, category_of, error_for, note, refuse, refuse_secrets, strings
from .classifier import Classifier, Judgement
from .helplines import region_of
from .service import ModelModeration, Service, asked, build_service

# What is refused over several texts, and characters of each that are looked at beside a brief.
_GRAVEST, _MAX_BESIDE = "minors", 800
# What a writer that can be asked refuses by itself: of 858 good texts the rules took four for these, all of them wrongly.
_OF_WRITERS = ("despair", "cure")
# What writers call despair besides.
_SELF_HARM, _SELF_HARM_WORDS = "despair", re.compile(r"suicid|self.?harm|wants? to die")
_UNFIT = "What I wrote is not something I can show you. Ask again in other words, or tell me more about what it is for."


class _Watcher(Protocol):
    @property
    def is_watching(self) -> bool: ...

    async def show_waiting(self, why: Phrase) -> None: ...

    async def show_draft(self, render: Callable[[], str]) -> None: ...


@dataclass(frozen=True, slots=True)
class Moderation:
    """Rules, a classifier, a service; `arbiter` is asked where the classifier is unsure. Each but the rules where there is one."""

    service: Service | None = None
    classifier: Classifier | None = None
    arbiter: Service | None = None

    async def screen(self, text: str, *, kind: str, checkpoint: Checkpoint = run_directly) -> None:
        """Looks at what somebody asks for in words of their own.

        Raises:
            RefusedError: a key stands in it, or it asks for harm; somebody in despair is told where to find help.
        """
        refuse(text, kind=kind)
        judged = await self._judged(text)
        category = judged.category if judged.sure else ""
        if judged.category and not category and self.arbiter is not None and self.service is None:
            category = await checkpoint(f"moderation {kind}", lambda: asked(self.arbiter, text))
        if category:
            note(category, "classifier", kind)
            raise error_for(category, _language_of(text, "en"))

    async def _refuse_together(self, assignment: Assignment) -> None:
        """Refuses sexual content about minors that is parted over a brief and what belongs to it: a file, a voice.

        Raises:
            HarmError: it is that.
        """
        brief, *others = requested(assignment)
        persona = assignment.memory.own_persona
        others += ["\n".join(strings(persona.model_dump(mode="json")))] if persona is not None else []
        for other in others:
            together = " ".join(f"{brief} {other[:_MAX_BESIDE]}".split())
            if category_of(together) == _GRAVEST or (await self._judged(together)) == Judgement(_GRAVEST, sure=True):
                note(_GRAVEST, "message", assignment.kind.name)
                raise error_for(_GRAVEST)

    async def _judged(self, text: str) -> Judgement:
        if self.classifier is None:
            return Judgement()
        try:
            return await asyncio.to_thread(self.classifier.judge, text)
        except EngineError:  # It is being stopped.
            return Judgement()

    async def before(self, assignment: Assignment, checkpoint: Checkpoint) -> None:
        """Looks at everything that a text would be written from.

        Raises:
            RefusedError: a key stands in it, or it asks for harm; somebody in despair is told where to find help.
        """
        look(assignment)
        kind = assignment.kind.name
        try:
            await self.screen(next(requested(assignment)), kind=kind, checkpoint=checkpoint)
        except DespairError as error:
            raise helped(error, assignment.profile) from None
        await self._refuse_together(assignment)
        if self.service is None:
            return
        everything = "\n\n".join(requested(assignment))
        if category := await checkpoint("moderation", lambda: asked(self.service, everything)):
            note(category, "service", kind)
            raise helped(error_for(category, _language_of(assignment.brief, assignment.language)), assignment.profile)

    async def fit(self, results: list[Result], assignment: Assignment, checkpoint: Checkpoint) -> list[Result]:
        """The results that may be shown and kept."""
        context = "\n\n".join(requested(assignment))
        fit = []
        for number, result in enumerate(results):
            text = readable_text(result)
            category = category_of(text, context=context, result=True)
            if category in _OF_WRITERS and self.arbiter is not None:
                category = ""
            if not category and self.service is not None:
                # Ignored: mypy does not follow a lambda with a bound default.
                category = await checkpoint(f"moderated {number}", lambda text=text: asked(self.service, text))  # type: ignore[misc]
            if category:
                note(category, "result", result.kind)
            else:
                fit.append(result)
        return fit


def build_moderation(settings: Settings, engines: Engines, embeddings: Embeddings | None) -> Moderation:
    """What looks at everything, as the settings want it.

    Raises:
        SettingsError: the service cannot be used as it is set.
    """
    return Moderation(
        build_service(settings, engines),
        Classifier(embeddings) if embeddings is not None else None,
        ModelModeration(engines) if engines.first.can_be_asked else None,
    )


def look(assignment: Assignment) -> None:
    """Looks by the rules at everything that a text would be written from. Raises as `Moderation.before` does."""
    kind = assignment.kind.name
    try:
        for text in requested(assignment):
            refuse(text, kind=kind)
        for text in remembered(assignment):
            refuse(text, source="kept", kind=kind)
        for text in recalled(assignment):
            refuse_secrets(text, source="kept", kind=kind)
    except DespairError as error:
        raise helped(error, assignment.profile) from None


def refused(category: str, assignment: Assignment) -> RefusedError:
    """What is answered where the model that was to write names a category of harm instead."""
    category = next(
        (one for one in CATEGORIES if one in category), _SELF_HARM if _SELF_HARM_WORDS.search(category) else "other"
    )
    note(category, "writer", assignment.kind.name)
    return helped(error_for(category, _language_of(assignment.brief, assignment.language)), assignment.profile)


def helped(error: RefusedError, profile: Profile) -> RefusedError:
    """The error; of somebody in despair with the help of the country that their profile names."""
    if not isinstance(error, DespairError):
        return error
    return DespairError(region=region_of(locale=profile.locale, timezone=profile.timezone), language=error.language)


def _language_of(text: str, otherwise: str) -> str:
    """The language that somebody writes in, which is that of the help lines too."""
    return identify_language(text) or otherwise


def readable_text(result: Result) -> str:
    """Everything of a result that somebody may read: its text, then what stands in its parts alone (a subject, alt text, cards)."""
    text = "\n\n".join(filter(None, (result.content.text, result.to_check)))
    parts = (part for part in strings(result.content.parts) if part.strip() and part not in text)
    return "\n\n".join(dict.fromkeys((text, *parts)))


def unfit() -> RefusedError:
    """What is said where nothing that was made may be shown."""
    return RefusedError(_UNFIT)


def requested(assignment: Assignment) -> Iterator[str]:
    """What somebody asks for: the brief with what belongs to it in one, then what it is made from."""
    request = assignment.request
    yield "\n".join(
        dict.fromkeys(
            filter(None, (request.brief, *request.notes, request.instruction, request.tone, request.audience))
        )
    )
    yield from filter(None, (request.material, request.earlier))


def remembered(assignment: Assignment) -> Iterator[str]:
    """What is known of whoever asks and stands in prompts: profile, own voice, brand."""
    memory = assignment.memory
    yield "\n".join(strings(memory.profile.model_dump(mode="json", exclude=set(NO_EVIDENCE))))
    if memory.own_persona is not None:
        yield "\n".join(strings(memory.own_persona.model_dump(mode="json")))


def recalled(assignment: Assignment) -> Iterator[str]:
    """What is recalled for a request: it was looked at when it was kept, by the rules of that day."""
    memory = assignment.memory
    yield from memory.profile.facts
    yield from (passage.text for passage in memory.passages)
    yield from (f"{liked.brief}\n{liked.text}" for liked in memory.liked_results)
    yield from (*memory.brand.samples, *memory.brand.book.statements) if memory.brand else ()


class Watched:
    """A watcher that is shown no draft that the rules refuse; the last one that was fit stays instead."""

    def __init__(self, watcher: _Watcher, assignment: Assignment) -> None:
        self._watcher = watcher
        self._context = "\n\n".join(requested(assignment))
        self._last = ""

    @property
    def is_watching(self) -> bool:
        """As the one behind it."""
        return self._watcher.is_watching

    async def show_waiting(self, why: Phrase) -> None:
        """Tells the one behind it."""
        await self._watcher.show_waiting(why)

    async def show_draft(self, render: Callable[[], str]) -> None:
        """Shows a draft that is fit."""
        await self._watcher.show_draft(lambda: self._fit(render()))

    def _fit(self, text: str) -> str:
        if not category_of(text, context=self._context, result=True):
            self._last = text
        return self._last
