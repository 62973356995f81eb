"""The words that everything else is said in: kinds of content, requests, results. Data only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from difflib import get_close_matches
from functools import cached_property
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from personas.book import Book
from personas.errors import Phrase
from personas.habits import Habits
from personas.ledger import ME, Entry, channel, guild
from personas.persona import Persona
from personas.profile import Length, Profile, zone_of
from personas.style import Brand, Style

from .briefs import Form, Reading, meaning_of, says
from .checks import Check
from .checks.language import plainly_in

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

Family = Literal["marketing", "education", "image", "media", "data", "text", "chat"]


@dataclass(frozen=True, slots=True)
class Count:
    """How many entries a list field holds: the bounds that are allowed, and the number when the brief names none.

    `nouns` are what briefs call the entries, in the singular: "3 headlines" sets the field whose nouns hold "headline".
    Entries that stand `apart` need not know of each other: a small model, which repeats itself in long lists, writes them
    one at a time, and the best of them are put together. `named` is the number where the brief names a noun but no
    number: a list that is usually empty is filled when "a reading text" is asked for, and what follows it is written from it.
    Points that brief and profile give are `known`: those of a small model come after them. Entries that stand apart and are
    `headed` by a term are each given another initial, as a small model would write the same term every time. `turn` names
    the text of an entry that is written once the outline stands: one entry after another, each knowing the outline and what
    was said last. `each` is about how many words an entry has, so that a longer text has more of them. `before` are
    words that stand before its number where no noun follows: "out of 20" points.
    """

    low: int
    high: int
    default: int
    nouns: tuple[str, ...] = ()
    apart: bool = False
    named: int = 0
    known: bool = False
    headed: bool = False
    turn: str = ""
    each: int = 0
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Size:
    """The most (and least) that a text field holds. `nouns` as for Count: "subject max 60 chars".

    `form` is what a small model is held to: a "phrase" on one line, whole "sentences", or one "question"; empty lets the
    size decide. `starts` are the words that it begins with then, in English, which keep it from wandering. `spread` names
    the list over whose entries the words of the whole are spread; `most` and `least` are then per cent. People read of the
    field as what it is `called`, where its own name means another thing elsewhere.
    """

    most: int
    least: int = 0
    unit: str = "characters"
    nouns: tuple[str, ...] = ()
    form: Literal["", "phrase", "sentences", "question"] = ""
    starts: tuple[str, ...] = ()
    spread: str = ""
    called: str = ""


def marks(model: type[BaseModel], kind: type[Count] | type[Size]) -> Iterator[Any]:
    """Every Count or Size that stands in the fields of a model, nested ones too."""
    for one in model.model_fields.values():
        yield from (mark for mark in one.metadata if isinstance(mark, kind))
        yield from _marks_in(one.annotation, kind)


def _marks_in(annotation: Any, kind: type[Count] | type[Size]) -> Iterator[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from marks(annotation, kind)
    elif get_origin(annotation) is not None:
        for argument in get_args(annotation):
            if isinstance(argument, kind):
                yield argument
            else:
                yield from _marks_in(argument, kind)


@dataclass(frozen=True, slots=True)
class OneOf:
    """The only values that a text field takes. Whatever else is written becomes the nearest of them."""

    values: tuple[str, ...]

    def nearest(self, text: str) -> str:
        """The value that a text means: the one it holds or is most like, else the first."""
        said = text.strip().casefold()
        held = [value for value in self.values if value in said]
        alike = get_close_matches(said, self.values, 1)
        return max(held, key=len) if held else (alike or self.values)[0]


@dataclass(frozen=True, slots=True)
class Example:
    """A worked example: a brief, and what a good writer makes of it."""

    brief: str
    output: BaseModel


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that a request is to be made from. It stays where Discord keeps it until the request's job reads it."""

    name: str
    url: str
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """A part of a text that its kind's form has no place for: where it stands ("before" or "after" the rest), heading and text."""

    place: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Version:
    """A result that is there and is to be changed: its text and seed, what was `written` for it (as in `Result`), the checks
    that `failed`, and what stands `beside` it.
    """

    text: str
    seed: int = 0
    written: Mapping[str, Any] = field(default_factory=dict)
    failed: tuple[str, ...] = ()
    beside: tuple[Beside, ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Version:
        """The version that `asdict` gave, also of an earlier release."""
        beside = tuple(Beside(**one) for one in data.get("beside", ()))
        return cls(**{**data, "failed": tuple(data["failed"]), "beside": beside})


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked for, as plain data that survives a restart.

    `kind` is None until the request is routed, within `family` where one is named. `scale` multiplies the length the kind
    usually has; `notes` are wishes added later ("Change…"). `file` becomes `material` once it is read. `parent_id` is the
    generation it was asked to change, `earlier` that one's text, `wish` what should be
    different, in words. `profile` is the id of the profile that it is made as, None for the one in use. `asked` is the
    moment it was asked, in ISO 8601 with UTC offset. `before` is the version that a model which can write is to edit, None
    for a new text; `outdated` are figures of the brief that a change has put others in place of. `faults` are what was said
    to be wrong with an earlier version, by their names (generation/faults.py). Who was `warned` has been told what the model
    cannot do for this and wants it all the same. `locale` is that of Discord's for whoever asks, empty where nobody reads it there.
    `thread_of` is the channel that a thread stands in; the kind is `of_channel` where it was found within what that is for.
    `revises` names the text of the team's that it is to become the next version of: its id, the version that holds, and what
    whoever asks is in the workspace. One `of_others` has words in it that somebody else wrote, such as what a reviewer asks for: it is
    made without what is private of whoever asks. `cells` are what of the brief was filled in from a table: writers are shown it as
    material, code reads the brief with it.
    """

    id: str
    user_id: str
    brief: str
    kind: str | None = None
    family: str = ""
    tone: str = ""
    audience: str = ""
    length: Length | None = None
    language: str = ""
    material: str = ""
    file: Attached | None = None
    persona: str | None = None
    scale: float = 1.0
    notes: tuple[str, ...] = ()
    parent_id: str | None = None
    earlier: str = ""
    seed: int = 0
    variants: int = 1
    asked: str = ""
    guild_id: str = ""
    channel_id: str = ""
    wish: str = ""
    profile: str | None = None
    before: Version | None = None
    outdated: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    warned: bool = False
    locale: str = ""
    thread_of: str = ""
    of_channel: bool = False
    revises: str = ""
    of_others: bool = False
    cells: tuple[str, ...] = ()

    @property
    def scopes(self) -> tuple[str, ...]:
        """Where it is asked, the narrowest first: what is known for a channel goes before what is known of a person."""
        places = (
            channel(self.channel_id) if self.channel_id else "",
            guild(self.guild_id) if self.guild_id else "",
            ME,
        )
        return tuple(filter(None, places))

    def as_json(self) -> dict[str, Any]:
        """Plain data for a database or a durable job."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Request:
        """The request that `as_json` gave."""
        file, before = data.get("file"), data.get("before")
        lists = {name: tuple(data.get(name, ())) for name in ("notes", "outdated", "faults", "cells")}
        return cls(
            **{
                **data,
                **lists,
                # None says that there was some, which is not kept any more.
                "material": data.get("material") or "",
                "file": Attached(**file) if file else None,
                "before": Version.from_json(before) if before else None,
            }
        )


@dataclass(frozen=True, slots=True)
class Bounds:
    """From how much to how much a brief wants of something, None for no upper end."""

    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a brief says about form, read by code so that it is kept whatever the model does.

    `reading` is all that is understood of it; the rest is that in the terms of the kind, which generation goes by. `counts` by
    noun; `sizes` by (noun or "", unit); `figures` are dates, times and sums the result must hold. `said` holds the words behind
    each count; `fractions` the counts that are no whole numbers, of which `counts` has the nearest one.
    """

    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    place: str = ""
    minutes: int | None = None
    words: int | None = None
    ratio: tuple[int, int] | None = None
    figures: tuple[str, ...] = ()
    language: str = ""
    said: Mapping[str, str] = field(default_factory=dict)
    fractions: Mapping[str, Decimal] = field(default_factory=dict)
    sizes: Mapping[tuple[str, str], Bounds] = field(default_factory=dict)
    reading: Reading = field(default_factory=Reading)


@dataclass(frozen=True, slots=True)
class Liked:
    """A result that somebody voted on, with the brief it came from. `written` is what the model wrote, empty where that
    is not kept; `vector` the brief's embedding in half precision, empty without one; `reasons` name why it was liked or not.
    """

    id: str
    brief: str
    text: str
    at: datetime
    written: Mapping[str, Any] = field(default_factory=dict)
    vector: bytes = b""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a document that bears on a request. `page` counts from 1 and is 0 where there are none; `lent` by others."""

    text: str
    document: str
    page: int = 0
    section: str = ""
    lent: bool = False

    @property
    def source(self) -> str:
        """Where it stands, for readers: "handbook.pdf, p. 3"."""
        place = f"p. {self.page}" if self.page else self.section
        return ", ".join(filter(None, (self.document, place)))


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual where somebody asks, as those who own the workspace have set it: it holds where a person has chosen nothing.

    A free text is of the `kind`, or of one of the `family`. Of the `languages` the first is that of texts whose brief is plainly
    in none of the others. What is set for the channel, and not for all of the server, is named in `of_channel`.
    """

    family: str = ""
    kind: str = ""
    persona: str = ""
    brand: str = ""
    timezone: str = ""
    languages: tuple[str, ...] = ()
    of_channel: frozenset[str] = frozenset()

    def language(self, brief: str) -> str:
        """The language of a text with this brief, empty where none is usual."""
        found = plainly_in(brief) if len(self.languages) > 1 else None
        return found if found in self.languages else next(iter(self.languages), "")

    def by(self, name: str) -> str:
        """Whether something is set for the "channel" or for the "guild"."""
        return "channel" if name in self.of_channel else "guild"


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is known of whoever asks, in the place where they ask.

    `persona` is the name of the one they have chosen, `own_persona` what it is where they made it; `sources` the ledger's
    entry behind each field of the profile and each habit. `said` names the fields that the request itself decides. `liked`
    are earlier results to write alike, `avoid` says what was wrong with others. `brand` is the one in use; `passages` are
    what their documents say to it, best first. `profile_id` and `brand_id` name the profile and the brand in use. The own
    persona is somebody else's where there is a `lent_voice`, the brand where there is a `lent_brand`. What the person has not
    chosen and is usual in that place is named in `usual`, with whether that is the "channel" or the "guild".
    """

    profile: Profile = field(default_factory=Profile)
    persona: str | None = None
    sources: Mapping[str, Entry] = field(default_factory=dict)
    habits: Habits = field(default_factory=Habits)
    said: tuple[str, ...] = ()
    liked: tuple[Liked, ...] = ()
    avoid: tuple[str, ...] = ()
    own_persona: Persona | None = None
    brand: Brand | None = None
    passages: tuple[Passage, ...] = ()
    profile_id: str = ""
    brand_id: str = ""
    lent_voice: bool = False
    lent_brand: bool = False
    usual: Mapping[str, str] = field(default_factory=dict)


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
        return self.request.locale.partition("-")[0] or plainly_in(self.request.brief) or self.language

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
