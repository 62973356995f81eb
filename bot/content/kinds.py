"""Kinds of content, assignments to write one, and their results. Data only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property
from importlib.resources import files
from typing import Any, Literal

from pydantic import BaseModel

from bot.briefs import Form, Reading, find_meaning
from bot.checks import Check
from bot.checks.language import identify_language
from bot.markup import Document
from personas.book import Book
from personas.errors import Phrase
from personas.habits import Habits
from personas.persona import Persona
from personas.profile import Profile, find_zone
from personas.style import Style

from .fields import Count, Size, find_annotations
from .requests import Family, MemorySnapshot, Request, Requirements

# Runs a costly step once: a durable job stores the JSON value it returned and returns it again after a restart.
Checkpoint = Callable[[str, Callable[[], Awaitable[Any]]], Awaitable[Any]]


async def run_directly(_name: str, step: Callable[[], Awaitable[Any]]) -> Any:
    """Run a step without storing its value, for the command line."""
    return await step()


# A pseudo file format: only the text, to be copied from the chat.
COPY = "copy"
# The longest duration of something to be performed or taught.
MAX_MINUTES = 600


@dataclass(frozen=True, slots=True)
class Assignment:
    """A request with everything that is known about it: for whom, in whose voice, and the brief's requirements on form.

    `plan` is the plan of the campaign that the text belongs to, empty for a single text.
    """

    request: Request
    kind: Kind
    persona: Persona
    requirements: Requirements
    memory: MemorySnapshot = field(default_factory=MemorySnapshot)
    plan: str = ""

    @property
    def profile(self) -> Profile:
        """The profile of the requester."""
        return self.memory.profile

    @property
    def habits(self) -> Habits:
        """The writing habits of the requester."""
        return self.memory.habits

    @property
    def reading(self) -> Reading:
        """The reading of the brief with its notes."""
        return self.requirements.reading

    @property
    def style(self) -> Style | None:
        """The style of the active brand; None without a brand, for machine-readable kinds, and in other languages than the style's."""
        sounds = self.kind.family not in ("image", "data", "chat") and not self.kind.is_for_machines
        style = self.memory.brand.style if self.memory.brand else None
        return style if style and sounds and style.language == self.language else None

    @property
    def book(self) -> Book:
        """The book of the active brand; an empty one without a brand, and for test data."""
        brand = self.memory.brand
        return brand.book if brand and not self.kind.is_fictional else Book()

    @property
    def brief(self) -> str:
        """The brief followed by its notes."""
        return "\n".join([self.request.brief, *self.request.notes])

    @property
    def language(self) -> str:
        """The ISO 639-1 code of the language the result should be in."""
        return self.request.language or self.requirements.language or self.profile.output_language or "en"

    @property
    def has_chosen_language(self) -> bool:
        """Whether the request, the brief or the profile chose that language."""
        chosen = "output_language" in self.profile.model_fields_set
        return bool(self.request.language or self.requirements.language or chosen)

    @property
    def surrounding_language(self) -> str:
        """The language of the labels around machine-readable content such as a prompt: the chosen one, else the reader's own."""
        if self.has_chosen_language:
            return self.language
        return self.request.locale.partition("-")[0] or identify_language(self.request.brief) or self.language

    @property
    def place(self) -> str:
        """The place where the result will be used, such as "x" or "google_ads"; empty if the brief names none that its kind knows."""
        return self.requirements.place

    @property
    def day(self) -> date:
        """The day of the request in the profile's time zone, UTC without one."""
        asked, zone = self.request.asked, find_zone(self.profile.timezone)
        return (datetime.fromisoformat(asked) if asked else datetime.now(UTC)).astimezone(zone).date()

    @property
    def audience(self) -> str:
        """The audience option of the request, which takes precedence over the profile's audience."""
        return self.request.audience

    @property
    def tone(self) -> str:
        """The tone option of the request, which takes precedence over the profile's tone."""
        return self.request.tone


@dataclass(frozen=True, slots=True)
class Content:
    """A finished text as it is shown, and its named parts. `language` is that of the labels in exported files."""

    text: str
    parts: dict[str, Any]
    language: str = "en"


DiffSegment = tuple[Literal["same", "out", "in", "gap"], str]
"""A segment of the difference between two texts: words kept, removed or added; a gap stands for unchanged sentences."""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a request. `understood` lists the statements read from its brief, `unchecked` those that were not measured.

    `to_check` is the writer's caveat: shown below the text and not part of it. `written` is the data a model filled in for a
    `Composer`, empty for a text. `changed` is the difference of an edited version. `used` holds the 0-based numbers of the passages
    it draws on, None if the writer named none. `calls` names the model calls it took, in order. `habit` is an instruction for all
    of the requester's texts that the writer recognised in the latest one. `withdrawn` names requirements that no longer hold.
    """

    kind: str
    content: Content
    checks: tuple[Check, ...]
    persona: str
    engine: str
    seed: int
    seconds: float
    note: Phrase | None = None
    to_check: str = ""
    understood: tuple[Phrase, ...] = ()
    unchecked: tuple[Phrase, ...] = ()
    written: dict[str, Any] = field(default_factory=dict)
    changed: tuple[DiffSegment, ...] = ()
    used: tuple[int, ...] | None = None
    calls: tuple[str, ...] = ()
    habit: str = ""
    withdrawn: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)


ContentComposer = Callable[[Any, Assignment], Content]
ContentExaminer = Callable[[Any, Content, Assignment], list[Check]]
PartsReader = Callable[[Document, Assignment], dict[str, Any]]
# Describes a kind to its writer where the description depends on the assignment.
TaskBuilder = Callable[[Assignment], str]


def _no_checks(_output: Any, _content: Content, _assignment: Assignment) -> list[Check]:
    return []


def _no_parts(_document: Document, _assignment: Assignment) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, kw_only=True)
class Composer:
    """How code draws or plays the result of a kind: a model fills in `output`, and `compose` turns that into the result.

    `examine` returns the checks that are specific to the kind.
    """

    output: type[BaseModel]
    compose: ContentComposer
    examine: ContentExaminer = _no_checks


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of content. Each module of bot/kinds/ defines one as `KIND`.

    `task` describes it to a writer in one to three sentences, beyond its title. `layout` tells a small model, in a sentence or
    two, the form from which its files and games are read. `read` finds the parts of a finished text, tolerantly, in any form;
    `parts` is the model of what it finds, whose `Count` and `Size` annotations hold the nouns that briefs use: a brief's numbers
    and a place's limits are measured by it, and a model extracts the parts by it where a file needs them and `read` finds none.
    A kind with a `composer` is drawn by code. `places` maps a place of limits.toml to the words that briefs use for it. `exports`
    are the file formats it is offered in, of those that fit its contents; empty for all that fit. `likely_exports` are those
    usually wanted next, in order, including COPY; `pasted_parts` the parts that are pasted separately, empty where the full text
    is. `form` says how its briefs are read. `package` is the package that holds its utterances.
    """

    name: str
    family: Family
    title: str
    description: str
    task: str | TaskBuilder = ""
    layout: str | TaskBuilder = ""
    read: PartsReader = _no_parts
    parts: type[BaseModel] | None = None
    composer: Composer | None = None
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exports: tuple[str, ...] = ()
    likely_exports: tuple[str, ...] = (COPY,)
    pasted_parts: tuple[str, ...] = ()
    form: Form = field(default_factory=Form)
    package: str = "bot.kinds"

    def build_task(self, assignment: Assignment) -> str:
        """Return the task for an assignment."""
        return self.task if isinstance(self.task, str) else self.task(assignment)

    def build_layout(self, assignment: Assignment) -> str:
        """Return the layout for an assignment."""
        return self.layout if isinstance(self.layout, str) else self.layout(assignment)

    @property
    def shape(self) -> type[BaseModel] | None:
        """The model whose fields carry the nouns that briefs use for its parts."""
        return self.composer.output if self.composer else self.parts

    @property
    def counts(self) -> list[Count]:
        """Everything that briefs may give a number of."""
        return [count for count in find_annotations(self.shape, Count) if count.nouns] if self.shape else []

    @property
    def sizes(self) -> list[Size]:
        """Everything that briefs may give a size of."""
        return [size for size in find_annotations(self.shape, Size) if size.nouns] if self.shape else []

    @cached_property
    def brief_form(self) -> Form:
        """Its form with the nouns specific to it, from its counts and sizes, each under the first noun of its group."""
        own: dict[str, str] = {}
        before: dict[str, str] = {}
        nouns: dict[str, None] = {}
        found: list[Count | Size] = [*self.counts, *self.sizes]
        for annotation in found:
            name = find_meaning(annotation.nouns[0]) or annotation.nouns[0]
            nouns |= dict.fromkeys(annotation.nouns)
            for noun in annotation.nouns:
                if find_meaning(noun) in ("", "skip"):
                    own.setdefault(noun, name)
            if isinstance(annotation, Count):
                before |= dict.fromkeys(annotation.before, name)
        return replace(
            self.form,
            taught=self.is_educational,
            nouns=tuple(nouns),
            own=own,
            before=before,
            places=self.places,
        )

    @cached_property
    def is_visual(self) -> bool:
        """Whether it is a picture, or a prompt for one."""
        return self.family == "image"

    @cached_property
    def is_educational(self) -> bool:
        """Whether somebody learns from it, so that its facts have to be right."""
        return self.family == "education"

    @cached_property
    def is_fictional(self) -> bool:
        """Whether its facts are invented on purpose: a case, a table of test data."""
        return self.family == "data"

    @cached_property
    def is_marketing(self) -> bool:
        """Whether it should make its readers do something."""
        return self.family == "marketing"

    @cached_property
    def is_announcement(self) -> bool:
        """Whether its figures are facts of the person who asks, and not made up or worked out, as in a lesson."""
        return self.family in ("marketing", "text")

    @cached_property
    def is_reply(self) -> bool:
        """Whether it answers the user who asks, and is not for readers of theirs."""
        return self.family == "chat"

    @cached_property
    def is_prompt(self) -> bool:
        """Whether it is pasted into an image or video model, which reads English best."""
        return "raw" in self.pasted_parts

    @cached_property
    def is_for_machines(self) -> bool:
        """Whether it is in no human language: a prompt, a drawing, a table."""
        return self.is_prompt or self.composer is not None

    @cached_property
    def utterances(self) -> tuple[str, ...]:
        """Requests for the kind in many languages: utterances/NAME.txt of its `package`, one per line."""
        file = files(self.package) / "utterances" / f"{self.name}.txt"
        return tuple(filter(None, map(str.strip, file.read_text(encoding="utf-8").splitlines())))
