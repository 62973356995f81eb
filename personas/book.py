"""The brand book, all of a brand except its voice: facts, links, colours, fixed texts, claims, words and editors. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from .errors import QuillmateError
from .profile import clean_name

# Maximum characters of a list as text, which is the limit of a text field in Discord.
MAX_FIELD_CHARACTERS = 4_000
MAX_ABOUT, MAX_BOILERPLATE = 300, 1_500
MAX_LABEL, MAX_VALUE, MAX_ADDRESS, MAX_WORD, MAX_CLAIM, MAX_LEGAL = 60, 240, 300, 60, 160, 300
MAX_FACTS, MAX_LINKS, MAX_COLOURS, MAX_LEGAL_LINES, MAX_CLAIMS, MAX_WORDS, MAX_NAMED = 60, 20, 12, 8, 30, 40, 25
# The place of a legal line that appears everywhere, which is the default.
EVERYWHERE = "all"

# RFC 1035.
_MAX_HOST_LABEL_CHARACTERS = 63
COLON = re.compile(r":(?:\s+|$)")
# Bullets at the beginning of an entry, but not the minus sign of "-18 °C".
_BULLETS = re.compile(r"(?:[-–*•](?:\s+|$)|•|[-–]++(?![-–\d.,])\s*+)++")
_SPACE = re.compile(r"\s+")
COUNTRY = re.compile("[A-Z]{2}")


class BookError(QuillmateError):
    """A field of a brand book is invalid; the message is for its author."""


def is_address(text: str) -> bool:
    """Return whether a text is a web address that is safe to link to: valid, with a host, and without credentials."""
    if not text or len(text) > MAX_ADDRESS or _SPACE.search(text) or "\\" in text:
        return False
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    return parts.scheme in ("http", "https") and "@" not in parts.netloc and _is_host(host)


def _is_host(host: str) -> bool:
    labels = host.split(".")
    return len(labels) > 1 and all(
        0 < len(label) <= _MAX_HOST_LABEL_CHARACTERS
        and label[0] != "-"
        and label.replace("-", "").replace("_", "").isalnum()
        for label in labels
    )


def _validate_address(text: str) -> str:
    if not is_address(text):
        raise ValueError("no address")
    return text


def _validate_label(text: str) -> str:
    if COLON.search(text):
        raise ValueError("a colon ends a label")
    return text


def _validate_line(text: str) -> str:
    if text != strip_line(text):
        raise ValueError("not one line")
    return text


_Label = Annotated[
    str, StringConstraints(max_length=MAX_LABEL), AfterValidator(_validate_line), AfterValidator(_validate_label)
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class BrandFact(_Frozen):
    """A fact that texts may state: its subject (`label`) and its content."""

    label: _Label = ""
    value: Annotated[str, StringConstraints(min_length=1, max_length=MAX_VALUE), AfterValidator(_validate_line)]

    def __str__(self) -> str:
        return f"{self.label}: {self.value}" if self.label else self.value


class BrandLink(_Frozen):
    """A link for readers."""

    label: _Label = ""
    address: Annotated[str, AfterValidator(_validate_address)]

    def __str__(self) -> str:
        return f"{self.label}: {self.address}" if self.label else self.address


class Colour(_Frozen):
    """A named colour as #RRGGBB."""

    name: _Label = ""
    hex: Annotated[str, StringConstraints(pattern=r"^#[0-9A-F]{6}$")]

    def __str__(self) -> str:
        return f"{self.name}: {self.hex}" if self.name else self.hex


class LegalLine(_Frozen):
    """A line that has to appear word for word: everywhere if `where` is empty, else in some forms, places or countries."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=MAX_LEGAL), AfterValidator(_validate_line)]
    where: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]{2,30}$")], ...] = ()

    def __str__(self) -> str:
        return f"{', '.join(self.where) or EVERYWHERE}: {self.text}"

    @property
    def countries(self) -> tuple[str, ...]:
        """The two-letter codes of its countries; empty for all."""
        return tuple(name for name in self.where if COUNTRY.fullmatch(name))

    @property
    def forms(self) -> tuple[str, ...]:
        """Its forms and places; empty for all."""
        return tuple(name for name in self.where if not COUNTRY.fullmatch(name))


class AvoidedWord(_Frozen):
    """A word to avoid, and its replacement, which may be empty."""

    word: Annotated[
        str,
        StringConstraints(min_length=1, max_length=MAX_WORD),
        AfterValidator(_validate_line),
        AfterValidator(_validate_label),
    ]
    instead: Annotated[str, StringConstraints(max_length=MAX_WORD), AfterValidator(_validate_line)] = ""

    def __str__(self) -> str:
        return f"{self.word}: {self.instead}" if self.instead else self.word


_Word = Annotated[str, StringConstraints(min_length=1, max_length=MAX_WORD), AfterValidator(_validate_line)]
_Claim = Annotated[str, StringConstraints(min_length=1, max_length=MAX_CLAIM), AfterValidator(_validate_line)]


class Book(_Frozen):
    """A brand book. `country` is the two-letter code of the country whose holidays apply. If there are `claims`, texts may make no
    others. A server's brand can be edited by the server's owners, by all editors if it is `open_to` them, and by the members whose
    ids are in `named`.
    """

    about: Annotated[str, StringConstraints(max_length=MAX_ABOUT)] = ""
    country: Annotated[str, StringConstraints(pattern="^(?:[A-Z]{2})?$")] = ""
    facts: Annotated[tuple[BrandFact, ...], Field(max_length=MAX_FACTS)] = ()
    links: Annotated[tuple[BrandLink, ...], Field(max_length=MAX_LINKS)] = ()
    palette: Annotated[tuple[Colour, ...], Field(max_length=MAX_COLOURS)] = ()
    boilerplate: Annotated[str, StringConstraints(max_length=MAX_BOILERPLATE)] = ""
    legal: Annotated[tuple[LegalLine, ...], Field(max_length=MAX_LEGAL_LINES)] = ()
    claims: Annotated[tuple[_Claim, ...], Field(max_length=MAX_CLAIMS)] = ()
    prefer: Annotated[tuple[_Word, ...], Field(max_length=MAX_WORDS)] = ()
    avoid: Annotated[tuple[AvoidedWord, ...], Field(max_length=MAX_WORDS)] = ()
    open_to: Literal["owners", "editors"] = "owners"
    named: Annotated[tuple[str, ...], Field(max_length=MAX_NAMED)] = ()

    @classmethod
    def parse(cls, data: object) -> Self:
        """Parse plain data, dropping invalid fields, which another release may have written."""
        if not isinstance(data, Mapping):
            return cls()
        try:
            return cls.model_validate(dict(data))
        except ValidationError as error:
            invalid = {str(details["loc"][0]) for details in error.errors(include_url=False) if details["loc"]}
            return cls.model_validate({name: value for name, value in data.items() if name not in invalid})

    @property
    def has_content(self) -> bool:
        """Whether the book has any content for prompts or texts."""
        return any(getattr(self, name) for name in FIELDS if name != "country")

    @property
    def statements(self) -> tuple[str, ...]:
        """The statements that texts may contain, with their figures, names and addresses."""
        lines = (
            self.about,
            *self.facts,
            *self.links,
            self.boilerplate,
            *(line.text for line in self.legal),
            *self.claims,
        )
        return tuple(filter(None, map(str, lines)))


# The fields that are edited as text; editors are chosen in menus.
FIELDS = ("about", "country", "facts", "links", "palette", "boilerplate", "legal", "claims", "prefer", "avoid")


def strip_line(line: str) -> str:
    """Return a line with single spaces, without bullets and invisible characters."""
    line = clean_name(line)
    match = _BULLETS.match(line)
    return line[match.end() :] if match else line
