"""Requests, the requirements of their briefs, and what is remembered about the requester. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from bot.briefs import Reading
from bot.checks.language import identify_language
from personas.habits import Habits
from personas.ledger import ME, Entry, channel, guild
from personas.persona import Persona
from personas.profile import Length, Profile
from personas.style import Brand

Family = Literal["marketing", "education", "image", "media", "data", "text", "chat"]


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file that a request uses as material. It stays on Discord until the request's job reads it.

    A voice message has `seconds`; its transcript is the brief.
    """

    name: str
    url: str
    content_type: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Version:
    """An existing result that is to be changed: its text and seed, the data a model filled in for a composer (as in `Result`), the
    names of the checks that `failed`, and the writer's caveat, `to_check`.
    """

    text: str
    seed: int = 0
    written: Mapping[str, Any] = field(default_factory=dict)
    failed: tuple[str, ...] = ()
    to_check: str = ""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Version:
        """Parse the result of `asdict`, including one of an earlier release."""
        known = {name: value for name, value in data.items() if name in cls.__dataclass_fields__}
        return cls(**{**known, "failed": tuple(data.get("failed", ()))})


@dataclass(frozen=True, slots=True)
class Alteration:
    """A change to a picture that was drawn: the `way` to alter it, the name under which its `source` is stored, and in words which
    `part` of it becomes what (`into`).
    """

    way: str
    source: str
    part: str = ""
    into: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What a user asked for, as plain data that survives a restart.

    `kind` is None until the request is routed, within `family` if one is named. `notes` are instructions added later ("Change…").
    `file` becomes `material` once it is read. `parent_id` is the id of the result to change, `earlier` its text, `instruction` what
    should be different, in words. `profile` is the id of the profile to write as, None for the active one. `asked` is the time of
    the request in ISO 8601 with UTC offset. `before` is the version to edit, None for a new text. `faults` name what a user found
    wrong with an earlier version (generation/faults.py). `locale` is the requester's Discord locale, empty outside of Discord.
    `thread_of` is the parent channel of a thread; `of_channel` says that the kind was found within the channel's purpose.
    `revises` names the team's text that this becomes the next version of: its id, the current version, and the requester's role
    in the workspace. A request `of_others` contains words of other members, such as a reviewer's: it is written without the
    requester's private data. `cells` are the parts of the brief that were filled in from a table: writers see them as material,
    code reads the brief with them. `sound` names what to synthesise from the result `parent_id` instead of a text, "aloud" or
    "music"; `seconds` is the length of the music. With `readers`, that many simulated readers choose among the parent's variants
    and nothing is written. With `alters`, a picture is drawn from the parent's instead. `sees` describes the picture in `file`;
    `checks` proofreads the parent's text. A message in a conversation may be an instruction `about` some of the results with these
    ids, which is decided along with the kind; the conversation names them by their numbers, from 1. One that
    `begins_anew` goes on from them only if a model says so. `withdrawn` names requirements
    that no longer hold (checks.Check.requirement).
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
    file: AttachedFile | None = None
    persona: str | None = None
    notes: tuple[str, ...] = ()
    parent_id: str | None = None
    earlier: str = ""
    seed: int = 0
    variants: int = 1
    asked: str = ""
    guild_id: str = ""
    channel_id: str = ""
    instruction: str = ""
    profile: str | None = None
    before: Version | None = None
    faults: tuple[str, ...] = ()
    locale: str = ""
    thread_of: str = ""
    of_channel: bool = False
    revises: str = ""
    of_others: bool = False
    cells: tuple[str, ...] = ()
    sound: str = ""
    seconds: int = 0
    readers: int = 0
    alters: Alteration | None = None
    sees: bool = False
    checks: bool = False
    about: tuple[str, ...] = ()
    begins_anew: bool = False
    withdrawn: tuple[str, ...] = ()

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes of the request, narrowest first: what is stored for a channel takes precedence over what is stored for a user."""
        places = (
            channel(self.channel_id) if self.channel_id else "",
            guild(self.guild_id) if self.guild_id else "",
            ME,
        )
        return tuple(filter(None, places))

    def to_json(self) -> dict[str, Any]:
        """Return plain data for a database or a durable job."""
        data = {name: getattr(self, name) for name in self.__dataclass_fields__}
        data |= {name: asdict(data[name]) for name in ("file", "before", "alters") if data[name] is not None}
        # The key under which earlier releases store it.
        data["wish"] = data.pop("instruction")
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Request:
        """Parse the result of `to_json`, including one of an earlier release: unknown keys are ignored."""
        data = {"instruction": data.get("wish", ""), **data}
        data = {name: value for name, value in data.items() if name in cls.__dataclass_fields__}
        file, before, alters = data.get("file"), data.get("before"), data.get("alters")
        about = data.get("about", ())
        # One id in an earlier release.
        data["about"] = tuple(filter(None, [about])) if isinstance(about, str) else about
        lists = {name: tuple(data.get(name, ())) for name in ("notes", "faults", "cells", "about", "withdrawn")}
        return cls(
            **{
                **data,
                **lists,
                # None means that there was material which is no longer stored.
                "material": data.get("material") or "",
                "file": AttachedFile(**file) if file else None,
                "before": Version.from_json(before) if before else None,
                "alters": Alteration(**alters) if alters else None,
            }
        )


@dataclass(frozen=True, slots=True)
class Bounds:
    """The range that a brief gives for a measure; None for no upper bound."""

    low: int
    high: int | None


@dataclass(frozen=True, slots=True)
class Requirements:
    """The requirements of a brief on form that code can measure.

    `reading` is the full reading of the brief; the other fields express it in the terms of the kind: `counts` maps the first noun
    of a `Count` to (low, high); `sizes` is keyed by (first noun of a `Size`, or "" for the full text, and unit).
    """

    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    place: str = ""
    minutes: int | None = None
    ratio: tuple[int, int] | None = None
    language: str = ""
    sizes: Mapping[tuple[str, str], Bounds] = field(default_factory=dict)
    reading: Reading = field(default_factory=Reading)


@dataclass(frozen=True, slots=True)
class RatedResult:
    """A result that the user voted on, with its brief. `written` is what the model wrote, empty if it is not stored; `vector` the
    brief's embedding in half precision, empty without one; `reasons` name why it was liked or disliked.
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
    """A passage of a document that is relevant to a request. `page` counts from 1 and is 0 for documents without pages; `shared`
    means that the document is another member's.
    """

    text: str
    document: str
    page: int = 0
    section: str = ""
    shared: bool = False

    @property
    def source(self) -> str:
        """The location, for readers: "handbook.pdf, p. 3"."""
        place = f"p. {self.page}" if self.page else self.section
        return ", ".join(filter(None, (self.document, place)))


@dataclass(frozen=True, slots=True)
class Defaults:
    """Defaults of a place, set by the workspace's managers: they apply where the user has chosen nothing.

    A free-text request is of the `kind`, or of one of the `family`. The first of the `languages` is used for briefs that are
    clearly in none of the others. `of_channel` names the fields set for the channel rather than for the server.
    """

    family: str = ""
    kind: str = ""
    persona: str = ""
    brand: str = ""
    timezone: str = ""
    languages: tuple[str, ...] = ()
    of_channel: frozenset[str] = frozenset()

    def choose_language(self, brief: str) -> str:
        """Return the language for a text with this brief, empty without a default."""
        found = identify_language(brief) if len(self.languages) > 1 else None
        return found if found in self.languages else next(iter(self.languages), "")

    def find_origin(self, name: str) -> str:
        """Return whether a field is set for the "channel" or for the "guild"."""
        return "channel" if name in self.of_channel else "guild"


@dataclass(frozen=True, slots=True)
class MemorySnapshot:
    """What is remembered about the requester, as visible in the place of the request.

    `persona` is the name of the chosen persona, `own_persona` its content if it is custom; `sources` maps each field of the profile
    and each habit to its ledger entry. `request_fields` names the fields that the request itself decides. `liked_results` serve as
    examples, `avoid` describes what was wrong with disliked ones. `brand` is the active brand; `passages` are the relevant
    passages of their documents, best first. `profile_id` and `brand_id` identify the active profile and brand. `shared_voice` and
    `shared_brand` say that the custom persona or the brand is another member's. `defaults` maps each field that the user has not
    chosen and the place decides to "channel" or "guild". `standing_instructions` apply to all of their texts, None if
    nothing is to be learnt.
    """

    profile: Profile = field(default_factory=Profile)
    persona: str | None = None
    sources: Mapping[str, Entry] = field(default_factory=dict)
    habits: Habits = field(default_factory=Habits)
    request_fields: tuple[str, ...] = ()
    liked_results: tuple[RatedResult, ...] = ()
    avoid: tuple[str, ...] = ()
    own_persona: Persona | None = None
    brand: Brand | None = None
    passages: tuple[Passage, ...] = ()
    profile_id: str = ""
    brand_id: str = ""
    shared_voice: bool = False
    shared_brand: bool = False
    defaults: Mapping[str, str] = field(default_factory=dict)
    standing_instructions: tuple[str, ...] | None = None
