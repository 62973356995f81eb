"""Kinds of content, what is known when a text of one is made, and what comes of it. Data only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property
from importlib.resources import files
from typing import Any, Literal

from pydantic import BaseModel

from bot.briefs import Form, Reading, meaning_of
from bot.checks import Check
from bot.checks.language import identify_language
from bot.markup import Document
from personas.book import Book
from personas.errors import Phrase
from personas.habits import Habits
from personas.persona import Persona
from personas.profile import Profile, find_zone
from personas.style import Style

from .fields import Count, Size, marks
from .requests import Family, Remembered, Request, Wishes

# Runs something that costs, once: a durable job keeps the JSON value it gave and gives that again after a restart.
Checkpoint = Callable[[str, Callable[[], Awaitable[Any]]], Awaitable[Any]]


async def directly(_name: str, step: Callable[[], Awaitable[Any]]) -> Any:
    """A checkpoint that keeps nothing, for the command line."""
    return await step()


# Stands among formats of files for the text alone, to be copied from the chat.
COPY = "copy"
# What is made to be performed or taught lasts no longer.
MAX_MINUTES = 600


@dataclass(frozen=True, slots=True)
class Assignment:
    """A request with all that is known about it: for whom, in whose voice, and what the brief says about form.

    `plan` is the plan of the campaign that it is a text of, empty for a text that stands alone.
    """

    request: Request
    kind: Kind
    persona: Persona
    wishes: Wishes
    memory: Remembered = field(default_factory=Remembered)
    plan: str = ""

    @property
    def profile(self) -> Profile:
        """The profile of the person who asks."""
        return self.memory.profile

    @property
    def habits(self) -> Habits:
        """How the person who asks writes."""
        return self.memory.habits

    @property
    def reading(self) -> Reading:
        """What is understood of the brief with its notes."""
        return self.wishes.reading

    @property
    def style(self) -> Style | None:
        """How the brand in use is written; None where none is, for what machines read, and in languages it is not known in."""
        sounds = self.kind.family not in ("image", "data", "chat") and not self.kind.for_machines
        style = self.memory.brand.style if self.memory.brand else None
        return style if style and sounds and style.language == self.language else None

    @property
    def book(self) -> Book:
        """What the brand in use holds beside its voice; an empty one without a brand, and for test data."""
        brand = self.memory.brand
        return brand.book if brand and self.kind.family != "data" else Book()

    @property
    def brief(self) -> str:
        """The brief with the notes that were added to it."""
        return "\n".join([self.request.brief, *self.request.notes])

    @property
    def language(self) -> str:
        """ISO 639-1 code of the language the result should be in."""
        return self.request.language or self.wishes.language or self.profile.output_language or "en"

    @property
    def has_language(self) -> bool:
        """Whether somebody has chosen that language."""
        chosen = "output_language" in self.profile.model_fields_set
        return bool(self.request.language or self.wishes.language or chosen)

    @property
    def language_around(self) -> str:
        """The language of the words around what is in none of its reader, such as a prompt: the chosen one, else the reader's own."""
        if self.has_language:
            return self.language
        return self.request.locale.partition("-")[0] or identify_language(self.request.brief) or self.language

    @property
    def place(self) -> str:
        """Where the result will be used, such as "x" or "google_ads"; empty where the brief names no place that its kind knows."""
        return self.wishes.place

    @property
    def day(self) -> date:
        """The day it was asked, where the user is: the profile's time zone, UTC without one."""
        asked, zone = self.request.asked, find_zone(self.profile.timezone)
        return (datetime.fromisoformat(asked) if asked else datetime.now(UTC)).astimezone(zone).date()

    @property
    def readers(self) -> str:
        """Whom the request is for, where it has the option; that goes before the profile's audience."""
        return self.request.audience

    @property
    def tone(self) -> str:
        """How the request wants it to sound, where it has the option; that goes before the profile's tone."""
        return self.request.tone


@dataclass(frozen=True, slots=True)
class Content:
    """A finished text as it is shown, and its named parts. Of what goes into a file `language` is that of the labels on it."""

    text: str
    parts: dict[str, Any]
    language: str = "en"


Change = tuple[Literal["same", "out", "in", "gap"], str]
"""A part of what became other in a text: words that stay, went or came; a gap stands for sentences that stayed."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a request led to. `understood` is what was read of its brief, `unchecked` what of that was not measured.

    `to_check` is what its writer says should be checked: shown below the text, and no part of it. `written` is what a model
    filled in where code draws (`Drawn`), empty for a text. Of a version that was edited `changed` is the difference. `used` are the
    numbers from 0 of the passages that it draws on, None where it says nothing of that. `calls` names the calls of a model that it
    took, in their order. `habit` is what the wish that led to it says of all texts of its person, as its writer read it.
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
    changed: tuple[Change, ...] = ()
    used: tuple[int, ...] | None = None
    calls: tuple[str, ...] = ()
    habit: str = ""

    @property
    def passed(self) -> bool:
        """Every check passed."""
        return all(check.passed for check in self.checks)


Compose = Callable[[Any, Assignment], Content]
Examine = Callable[[Any, Content, Assignment], list[Check]]
Read = Callable[[Document, Assignment], dict[str, Any]]
# What a writer is told that a kind is, where that depends on the assignment.
Task = Callable[[Assignment], str]


def _no_checks(_output: Any, _content: Content, _assignment: Assignment) -> list[Check]:
    return []


def _no_parts(_document: Document, _assignment: Assignment) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """How a kind is made whose result code draws or plays: a model fills in `output`, and `compose` makes the result of it.

    `examine` gives the checks that only this kind has.
    """

    output: type[BaseModel]
    compose: Compose
    examine: Examine = _no_checks


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of content. One module of bot/kinds/ holds one, in its name `KIND`.

    `task` tells a writer in one to three sentences what it is, beyond its title. `layout` shows the form that its files and
    games are read from most surely, in as few lines as possible. `read` finds the parts of a finished text, tolerantly, whatever its
    form; `parts` is the shape of what it finds, whose Counts and Sizes hold what briefs call each part: briefs' numbers and a
    place's limits are measured by it, and a model takes the parts out by it where a file needs them and `read` finds none. A
    `drawn` kind is no text: code draws it. `places` maps a place of limits.toml to what briefs call it. `exports` are
    the file formats it is offered in, of those that fit its contents; empty for all that fit. `likeliest` are those that are
    usually wanted next, in order, COPY among them; `copied` the parts that are pasted each into a place of its own, empty
    where the whole text is. `form` is how its briefs are read. One that `needs_text` works on a text that the brief holds.
    """

    name: str
    family: Family
    title: str
    description: str
    task: str | Task = ""
    layout: str = ""
    read: Read = _no_parts
    parts: type[BaseModel] | None = None
    drawn: Drawn | None = None
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exports: tuple[str, ...] = ()
    likeliest: tuple[str, ...] = (COPY,)
    copied: tuple[str, ...] = ()
    form: Form = field(default_factory=Form)
    needs_text: bool = False

    def task_for(self, assignment: Assignment) -> str:
        """Its task for an assignment."""
        return self.task if isinstance(self.task, str) else self.task(assignment)

    @property
    def shape(self) -> type[BaseModel] | None:
        """The model whose fields say what briefs call its parts."""
        return self.drawn.output if self.drawn else self.parts

    @property
    def counts(self) -> list[Count]:
        """All that briefs may give a number of."""
        return [count for count in marks(self.shape, Count) if count.nouns] if self.shape else []

    @property
    def sizes(self) -> list[Size]:
        """All that briefs may give a size of."""
        return [size for size in marks(self.shape, Size) if size.nouns] if self.shape else []

    @cached_property
    def reader(self) -> Form:
        """Its form with the nouns that only it knows, from its Counts and Sizes, each under the first of its group."""
        own: dict[str, str] = {}
        before: dict[str, str] = {}
        nouns: dict[str, None] = {}
        found: list[Count | Size] = [*self.counts, *self.sizes]
        for mark in found:
            name = meaning_of(mark.nouns[0]) or mark.nouns[0]
            nouns |= dict.fromkeys(mark.nouns)
            for noun in mark.nouns:
                if meaning_of(noun) in ("", "skip"):
                    own.setdefault(noun, name)
            if isinstance(mark, Count):
                before |= dict.fromkeys(mark.before, name)
        return replace(
            self.form,
            taught=self.family == "education",
            nouns=tuple(nouns),
            own=own,
            before=before,
            places=self.places,
        )

    @property
    def is_prompt(self) -> bool:
        """It is pasted into a model that draws or films, which reads English best."""
        return "raw" in self.copied

    @property
    def for_machines(self) -> bool:
        """It is in no language of its reader: a prompt, a drawing, a table."""
        return self.is_prompt or self.drawn is not None

    @cached_property
    def utterances(self) -> tuple[str, ...]:
        """What people say who want one, in many languages: bot/kinds/utterances/NAME.txt, one a line."""
        file = files("bot.kinds") / "utterances" / f"{self.name}.txt"
        return tuple(filter(None, map(str.strip, file.read_text(encoding="utf-8").splitlines())))
