"""What somebody asked for, what their brief says about form, and what is known of them. Data only."""

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
class Attached:
    """A file that a request is to be made from. It stays where Discord keeps it until the request's job reads it.

    A voice message has `seconds`; it is listened to, and what is said there is the brief.
    """

    name: str
    url: str
    content_type: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Version:
    """A result that is there and is to be changed: its text and seed, what a model filled in where code drew it (as in `Result`),
    the checks that `failed`, and what its writer said is `to_check`.
    """

    text: str
    seed: int = 0
    written: Mapping[str, Any] = field(default_factory=dict)
    failed: tuple[str, ...] = ()
    to_check: str = ""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Version:
        """The version that `asdict` gave, also of an earlier release."""
        known = {name: value for name, value in data.items() if name in cls.__dataclass_fields__}
        return cls(**{**known, "failed": tuple(data.get("failed", ()))})


@dataclass(frozen=True, slots=True)
class Alteration:
    """What is to be done to a picture that was drawn: the `way`, the name that the `source` is kept by, and in words which
    `part` of it is changed `into` what.
    """

    way: str
    source: str
    part: str = ""
    into: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked for, as plain data that survives a restart.

    `kind` is None until the request is routed, within `family` where one is named. `notes` are wishes added later ("Change…").
    `file` becomes `material` once it is read. `parent_id` is the generation it was asked to change, `earlier` that one's text, `wish`
    what should be different, in words. `profile` is the id of the profile that it is made as, None for the one in use. `asked` is the
    moment it was asked, in ISO 8601 with UTC offset. `before` is the version that is to be edited, None for a new text. `faults` name
    what somebody found wrong with an earlier version (generation/faults.py). `locale` is that of Discord's for the person who asks,
    empty where nobody reads it there. `thread_of` is the channel that a thread stands in; the kind is `of_channel` where it was found
    within what that is for. `revises` names the text of the team's that it is to become the next version of: its id, the version that
    holds, and the asker's role in the workspace. One `of_others` has words in it that somebody else wrote, such as what a reviewer asks
    for: it is made without what is private of the asker. `cells` are what of the brief was filled in from a table: writers are shown it
    as material, code reads the brief with it. `sound` names what is to be heard of the result `parent_id` in place of a text, "aloud"
    or "music"; of music so many `seconds`. Where there are `readers`, so many simulated ones choose among the variants of the parent,
    and nothing is written. One that `alters` a picture writes nothing either: it draws from that of its parent. One that `sees` says
    what its file, a picture, shows; one that `checks` has the text of its parent checked. What is said in a conversation may be a wish
    `about` a result, whose id that is: it is found out with the kind.
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
    about: str = ""

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
        """The request that `as_json` gave, also of an earlier release: what this one does not know is left out."""
        data = {name: value for name, value in data.items() if name in cls.__dataclass_fields__}
        file, before, alters = data.get("file"), data.get("before"), data.get("alters")
        lists = {name: tuple(data.get(name, ())) for name in ("notes", "faults", "cells")}
        return cls(
            **{
                **data,
                **lists,
                # None says that there was some, which is not kept any more.
                "material": data.get("material") or "",
                "file": Attached(**file) if file else None,
                "before": Version.from_json(before) if before else None,
                "alters": Alteration(**alters) if alters else None,
            }
        )


@dataclass(frozen=True, slots=True)
class Bounds:
    """From how much to how much a brief wants of something, None for no upper end."""

    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a brief says about form, read by code so that it can be measured.

    `reading` is all that is understood of it; the rest is that in the terms of the kind: `counts` by the first noun of a Count, to
    (least, most); `sizes` by (first noun of a Size, or "" for the whole text, and unit).
    """

    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    place: str = ""
    minutes: int | None = None
    ratio: tuple[int, int] | None = None
    language: str = ""
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
        found = identify_language(brief) if len(self.languages) > 1 else None
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
    chosen and is usual in that place is named in `usual`, with whether that is the "channel" or the "guild". `wishes` are what they
    have wished for all their texts, None where nothing is to be learnt of them.
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
    wishes: tuple[str, ...] | None = None
