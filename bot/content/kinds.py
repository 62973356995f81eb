"""Kinds of content, what is known when a text of one is made, and what comes of it. Data only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel

from bot.briefs import Form, Reading, meaning_of, says
from bot.checks import Check
from bot.checks.language import likely_in
from personas.book import Book
from personas.errors import Phrase
from personas.habits import Habits
from personas.persona import Persona
from personas.profile import Profile, zone_of
from personas.style import Style

from .fields import Count, Example, Size, marks
from .requests import Beside, Family, Remembered, Request, Wishes

# Runs something that costs, once: a durable job keeps the JSON value it gave and gives that again after a restart.
Checkpoint = Callable[[str, Callable[[], Awaitable[Any]]], Awaitable[Any]]


async def directly(_name: str, step: Callable[[], Awaitable[Any]]) -> Any:
    """A checkpoint that keeps nothing, for the command line."""
    return await step()


# Stands among formats of files for the text alone, to be copied from the chat.
COPY = "copy"
# The longest text that is made in one go; a longer one is told to be too long.
MOST_WORDS = 5_000
# What is made to be performed or taught lasts no longer.
MOST_MINUTES = 600


@dataclass(frozen=True, slots=True)
class Piece:
    """A text of its own within a larger one: a post of a thread, a mail of a sequence, the copy for a channel.

    `name` is for code, `title` for readers; `place` is one of the places of its kind.
    """

    name: str
    kind: str
    brief: str
    title: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Parent:
    """Where a piece stands: kind and brief of the whole, which one of how many it is, and what those before it say."""

    kind: str
    brief: str
    number: int
    of: int
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assignment:
    """A request with all that is known about it: for whom, in whose voice, and what the brief says about form.

    `parent` is set where it is a piece of a larger one. A draft that stands `as_written` is by a model that can write and was
    told all this: kinds put it into its form, and add only what it wants and lacks. `mistaken` are faults that it does not have, by
    the name of their check and what that found, empty for a figure. What stands `beside` a text has no place in its form.
    What is written `at_once` is not written in turn, however long it is.
    """

    request: Request
    kind: Kind
    persona: Persona
    wishes: Wishes
    memory: Remembered = field(default_factory=Remembered)
    parent: Parent | None = None
    as_written: bool = False
    mistaken: frozenset[tuple[str, str]] = frozenset()
    beside: tuple[Beside, ...] = ()
    at_once: bool = False

    @property
    def profile(self) -> Profile:
        """The profile of whoever asks."""
        return self.memory.profile

    @property
    def habits(self) -> Habits:
        """How whoever asks writes."""
        return self.memory.habits

    @property
    def reading(self) -> Reading:
        """What is understood of the brief with its notes; of a text of a series what is of the whole."""
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
        """Whether somebody has said which language that is."""
        told = "output_language" in self.profile.model_fields_set
        return bool(self.request.language or self.wishes.language or told)

    @property
    def language_around(self) -> str:
        """The language of the words around what is in none of its reader, such as a prompt: as was said, else the reader's own."""
        if self.has_language:
            return self.language
        return self.request.locale.partition("-")[0] or likely_in(self.request.brief) or self.language

    @property
    def place(self) -> str:
        """Where the result will be used, such as "x" or "google_ads"; empty where the kind knows no places."""
        if self.as_written and self.kind.anywhere:
            return self.wishes.place
        return self.wishes.place or next(iter(self.kind.places), "")

    @property
    def day(self) -> date:
        """The day it was asked, where the user is: the profile's time zone, UTC without one."""
        asked, zone = self.request.asked, zone_of(self.profile.timezone)
        return (datetime.fromisoformat(asked) if asked else datetime.now(UTC)).astimezone(zone).date()

    @property
    def keeps_language(self) -> bool:
        """It is made from a text whose language nobody wants to change."""
        return self.kind.needs_text and not (self.request.language or self.wishes.language)

    @property
    def series(self) -> Parent | None:
        """The whole, where it is one of several of its own kind; None for a text that stands alone, as that of a channel."""
        return self.parent if self.parent and self.parent.kind == self.kind.name else None

    @property
    def ends(self) -> bool:
        """It stands alone or is the last of a series: what is said once, at the end, is said here."""
        return self.series is None or self.series.number == self.series.of

    @property
    def readers(self) -> str:
        """Whom the request says that it is for, as an option before the brief; it goes before the profile's audience."""
        return self.request.audience or self.reading.audience

    @property
    def tone(self) -> str:
        """How the request says that it is to sound, as an option before the brief; it goes before the profile's tone."""
        return self.request.tone or self.reading.tone

    @property
    def words(self) -> int:
        """How many words the running text should have, about."""
        asked = min(self.wishes.words or 0, MOST_WORDS)
        if usual := self.kind.usual(self):
            return max(12, round((asked or usual) * self.request.scale))
        if asked:
            return max(12, round(asked * self.request.scale))
        length = self.request.length or self.profile.preferred_length
        return max(12, round(self.kind.words[("short", "medium", "long").index(length)] * self.request.scale))

    @property
    def sources(self) -> list[str]:
        """Everything that figures in a result may come from."""
        profile = self.profile
        told = [*profile.facts, *profile.accessibility, *profile.prefer_terms, *profile.tone]
        told += [self.parent.brief] if self.parent else []
        return [
            self.brief, self.request.material, self.request.earlier, self.request.audience, profile.audience,
            profile.role, profile.organisation, profile.reading_level, profile.link, *told,
            *(passage.text for passage in self.memory.passages), *self.book.statements,
        ]  # fmt: skip


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
    """What a request led to. `understood` is what was read of its brief, `unchecked` what of that nothing measures.

    `written` is what the model wrote, before code made a text of it; of a text of pieces what was written for each of them, as
    generation/kept_pieces.py puts it. Of a version that was edited
    `changed` is what became other, and `outdated` are figures of the brief that gave way. `missing` are facts that the text
    needs and nobody has told. `used` are the numbers from 0 of the passages that it says it was written from, None where it says
    nothing of that.
    """

    kind: str
    content: Content
    checks: tuple[Check, ...]
    persona: str
    engine: str
    seed: int
    seconds: float
    note: Phrase | None = None
    understood: tuple[Phrase, ...] = ()
    unchecked: tuple[Phrase, ...] = ()
    written: dict[str, Any] = field(default_factory=dict)
    changed: tuple[Change, ...] = ()
    outdated: tuple[str, ...] = ()
    missing: tuple[Phrase, ...] = ()
    used: tuple[int, ...] | None = None

    @property
    def passed(self) -> bool:
        """Every check passed."""
        return all(check.passed for check in self.checks)


Compose = Callable[[Any, Assignment], Content]
Examine = Callable[[Any, Content, Assignment], list[Check]]


Complete = Callable[[dict[str, Any], Assignment], dict[str, Any]]


Heads = Callable[[Assignment], list[str]]
Pieces = Callable[[Assignment, Content | None], list[Piece]]
Join = Callable[[Content | None, list[tuple[Piece, Content]], Assignment], Content]


def _no_usual(_assignment: Assignment) -> int:
    return 0


def _no_pieces(_assignment: Assignment, _own: Content | None) -> list[Piece]:
    return []


def _in_a_row(own: Content | None, made: list[tuple[Piece, Content]], _assignment: Assignment) -> Content:
    """The texts one after another, and the lists of their parts joined."""
    parts = dict(own.parts) if own else {}
    for _, content in made:
        for name, value in content.parts.items():
            parts[name] = [*parts.get(name, []), *value] if isinstance(value, list) else value
    texts = [*([own.text] if own else []), *(content.text for _, content in made)]
    return Content("\n\n".join(texts), parts)


def _as_it_is(data: dict[str, Any], _assignment: Assignment) -> dict[str, Any]:
    return data


def _no_heads(_assignment: Assignment) -> list[str]:
    return []


def _all_of_it(_assignment: Assignment) -> str:
    return ""


def _as_said(literal: str) -> str:
    return literal


def _nothing(_output: Any, _content: Content, _assignment: Assignment) -> list[Check]:
    return []


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of content. One module of bot/kinds/ holds one, in its name `KIND`.

    `output` is what a model writes; its fields carry Count and Size as Annotated metadata. A kind whose output is a single
    field `text` is written as plain text, all others as JSON. `compose` turns an output into what is shown, and fills in
    what the profile knows. `examine` holds checks that only this kind has; all others are made from the metadata, the brief
    and the profile. `complete` adds to a small model's best draft what code knows and it left out, such as what the brief lists.
    `heads` are the names that a brief gives the entries of its first list, such as the criteria of a rubric.
    `series` says that it can be several of its own kind, such as a thread, and how many; `pieces` gives the texts of their own
    that a brief wants, and `join` puts them together. The pieces of a kind without `series` are of other kinds and follow its
    own text, which they may be made from. Where a brief chooses them, `chosen_by` is the choice of its form, and the noun of
    their number: "channel".
    `words` is the usual length of its running text, short, medium and long; `usual` is that for one assignment, where it follows
    from it, else 0. `places` maps a place of limits.toml to what
    briefs call it; the first is meant when a brief names none. `exports` are the file formats it is offered in, of those
    that fit its contents; empty for all that fit. `likeliest` are those that are usually wanted next, in order, COPY among
    them; `copied` the parts that are pasted each into a place of its own, empty where the whole text is.
    What is made `for_machines`, such as a prompt or a table, is in no language of its reader. `variants` are other shapes of it,
    by the words (briefs/phrases.py) of briefs that want them.
    `counted` is what briefs give a number of beside the fields of the output, such as rows that code makes; `minutes` the least and
    the most that it lasts, where it lasts, in whole ones; what is timed to the second lasts `seconds` at least.
    A model that can write is told of its `craft` in place of the `prompt`, where that keeps a small one from what it does badly.
    `form` is how its briefs are read, beside the nouns of its Counts and Sizes.
    What is for `anywhere` where a brief names no place keeps to the limits of none then. `unstated` are the fields whose texts do
    not state what is so, such as tasks and wrong options; `solved` names a task's field and that of its answer in one entry.
    A `keyed` kind has questions with a key, in its parts as `items`, which can be worked out again.
    `shown` is what of its brief a picture shows, which is all that a model is told that follows an example; empty for the whole brief.
    `written` is how its code writes a literal of the brief, such as the name of a column in a header.
    A kind in `any_form` has texts in the parts and the order that their briefs lay down, in place of its own.
    Fields that are `in_english` whatever the language are for image models.
    `needs` are the facts, of bot/generation/missing.toml, that its readers usually need; of kinds that need none none is missed.
    """

    name: str
    family: Family
    title: str
    description: str
    output: type[BaseModel]
    prompt: str
    examples: tuple[Example, ...]
    compose: Compose
    utterances: str
    examine: Examine = _nothing
    complete: Complete = _as_it_is
    heads: Heads = _no_heads
    series: Count | None = None
    pieces: Pieces = _no_pieces
    join: Join = _in_a_row
    chosen_by: str = ""
    words: tuple[int, int, int] = (40, 80, 160)
    usual: Callable[[Assignment], int] = _no_usual
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exports: tuple[str, ...] = ()
    likeliest: tuple[str, ...] = (COPY,)
    copied: tuple[str, ...] = ()
    emoji: bool = False
    levelled: bool = False
    facts: bool = True
    needs_text: bool = False
    hidden: tuple[str, ...] = ()
    for_machines: bool = False
    variants: tuple[tuple[str, Kind], ...] = ()
    counted: tuple[Count, ...] = ()
    minutes: tuple[int, int] | None = None
    seconds: int = 0
    craft: str = ""
    anywhere: bool = False
    any_form: bool = False
    form: Form = field(default_factory=Form)
    needs: tuple[str, ...] = ()
    unstated: tuple[str, ...] = ()
    solved: tuple[str, str] | None = None
    keyed: bool = False
    shown: Callable[[Assignment], str] = _all_of_it
    written: Callable[[str], str] = _as_said
    in_english: tuple[str, ...] = ()

    def for_brief(self, brief: str) -> Kind:
        """The variant whose words a brief holds, else the kind itself."""
        return next((kind for words, kind in self.variants if says(brief, words)), self)

    @property
    def counts(self) -> list[Count]:
        """All that briefs may give a number of: entries of fields, texts of a series, and what code makes."""
        found = [*marks(self.output, Count), *([self.series] if self.series else []), *self.counted]
        return [count for count in found if count.nouns]

    @cached_property
    def reader(self) -> Form:
        """Its form with the nouns that only it knows, from its Counts and Sizes, each under the first of its group."""
        own: dict[str, str] = {}
        before: dict[str, str] = {}
        nouns: dict[str, None] = {}
        for mark in (*self.counts, *marks(self.output, Size)):
            named = [noun for noun in mark.nouns if noun]
            name = (meaning_of(named[0]) or named[0]) if named else ""
            nouns |= dict.fromkeys(named)
            for noun in named:
                if meaning_of(noun) in ("", "skip"):
                    own.setdefault(noun, name)
            if isinstance(mark, Count):
                before |= dict.fromkeys(mark.before, name)
        titles = (
            *self.form.titles,
            self.title.casefold(),
            self.name.replace("_", " "),
            *(self.series.nouns if self.series else ()),
        )
        return replace(
            self.form,
            titles=titles,
            taught=self.family == "education",
            nouns=tuple(nouns),
            own=own,
            before=before,
            places=self.places,
        )

    @property
    def plain(self) -> bool:
        """A model writes it as plain text."""
        return set(self.output.model_fields) == {"text"}

    @property
    def is_prompt(self) -> bool:
        """It is pasted into an image model, which reads English best."""
        return self.family == "image" and "raw" in self.copied

    @property
    def phrases(self) -> list[str]:
        """The utterances, one an entry."""
        return [line.strip() for line in self.utterances.splitlines() if line.strip()]
