"""What a brand holds next to its voice: facts, links, colours, fixed texts, claims, words and editors. Pure functions.

Each list is written with a line for each entry, parsed the same way, and refused with a message that names the line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from .errors import QuillmateError
from .profile import clean, clean_name

# Maximum length of a written list: the limit of a field in Discord's forms.
MAX_FIELD_CHARACTERS = 4_000
MAX_ABOUT, MAX_BOILERPLATE = 300, 1_500
MAX_LABEL, MAX_VALUE, MAX_ADDRESS, MAX_WORD, MAX_CLAIM, MAX_LEGAL = 60, 240, 300, 60, 160, 300
MAX_FACTS, MAX_LINKS, MAX_COLOURS, MAX_LEGAL_LINES, MAX_CLAIMS, MAX_WORDS, MAX_NAMED = 60, 20, 12, 8, 30, 40, 25
# The scope of a legal line by default.
EVERYWHERE = "all"

# Maximum length of a host name's label (RFC 1035).
_MAX_HOST_LABEL = 63
_COLON = re.compile(r":(?:\s+|$)")
_HEX = re.compile(r"(?:^|\s)#?(?P<digits>[0-9a-f]{6}|[0-9a-f]{3})$", re.IGNORECASE)
# Bullets before an entry; "-18 °C" stays.
_BULLETS = re.compile(r"(?:[-–*•](?:\s+|$)|•|[-–]++(?![-–\d.,])\s*+)++")
_SPACE = re.compile(r"\s+")
_COUNTRY = re.compile("[A-Z]{2}")
Value = TypeVar("Value")


class BookError(QuillmateError):
    """Something that a brand cannot hold; the message is for its author."""


def is_address(text: str) -> bool:
    """Return whether a text is a web address safe to link: parsable, with a host and without credentials."""
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
        0 < len(label) <= _MAX_HOST_LABEL and label[0] != "-" and label.replace("-", "").replace("_", "").isalnum()
        for label in labels
    )


def _validate_address(text: str) -> str:
    if not is_address(text):
        raise ValueError("no address")
    return text


def _validate_label(text: str) -> str:
    if _COLON.search(text):
        raise ValueError("a colon ends a label")
    return text


def _validate_line(text: str) -> str:
    if text != _strip_line(text):
        raise ValueError("not one line")
    return text


_Label = Annotated[
    str, StringConstraints(max_length=MAX_LABEL), AfterValidator(_validate_line), AfterValidator(_validate_label)
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class BrandFact(_Frozen):
    """A statement that texts may make: its subject and content."""

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
    """A line that must appear word for word, and where: wherever it fits, or in some forms, places or countries."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=MAX_LEGAL), AfterValidator(_validate_line)]
    where: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]{2,30}$")], ...] = ()

    def __str__(self) -> str:
        return f"{', '.join(self.where) or EVERYWHERE}: {self.text}"

    @property
    def countries(self) -> tuple[str, ...]:
        """The two-letter codes of its countries; none for all."""
        return tuple(one for one in self.where if _COUNTRY.fullmatch(one))

    @property
    def forms(self) -> tuple[str, ...]:
        """Its forms and places; none for all."""
        return tuple(one for one in self.where if not _COUNTRY.fullmatch(one))


class AvoidedWord(_Frozen):
    """A word to avoid, and its replacement, if any."""

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
    """The brand book. `country` is the two-letter code of the country whose holidays apply. If there are `claims`,
    only these may be made. A server's brand is edited by its owners, also by editors where it is `open_to` them,
    and by the members whose ids are in `named`.
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
        """Parse plain data; fields that cannot be read, as another release may have written them, are dropped."""
        if not isinstance(data, Mapping):
            return cls()
        try:
            return cls.model_validate(dict(data))
        except ValidationError as error:
            wrong = {str(one["loc"][0]) for one in error.errors(include_url=False) if one["loc"]}
            return cls.model_validate({name: value for name, value in data.items() if name not in wrong})

    @property
    def has_content(self) -> bool:
        """Whether it has anything for prompts or texts."""
        return any(getattr(self, name) for name in FIELDS if name != "country")

    @property
    def statements(self) -> tuple[str, ...]:
        """Its statements as they may appear in a text, with their figures, names and addresses."""
        lines = (
            self.about,
            *self.facts,
            *self.links,
            self.boilerplate,
            *(one.text for one in self.legal),
            *self.claims,
        )
        return tuple(filter(None, map(str, lines)))


# The written fields; editors are chosen in menus.
FIELDS = ("about", "country", "facts", "links", "palette", "boilerplate", "legal", "claims", "prefer", "avoid")


def format_field(book: Book, name: str) -> str:
    """Format a field as text, a line for each entry."""
    value = getattr(book, name)
    return value if isinstance(value, str) else "\n".join(_format_entry(one) for one in value)


def set_field(book: Book, name: str, text: str, places: Collection[str] = ()) -> Book:
    """Return the book with a field parsed from text. `places` are the words for where a legal line may appear.

    Raises:
        BookError: the text is invalid; the message names the line.
    """
    read = _PARSERS.get(name)
    value: Any = read(text) if read else parse_facts(text)
    if name == "legal":
        value = parse_legal(text, places)
    changed = book.model_copy(update={name: value})
    if (count := len(format_field(changed, name))) > MAX_FIELD_CHARACTERS:
        raise BookError(
            "That is {count:,} characters in total; the limit is {most:,}.", count=count, most=MAX_FIELD_CHARACTERS
        )
    return changed


def parse_facts(text: str) -> tuple[BrandFact, ...]:
    """Parse facts, each "label: value" or only a statement."""
    return _parse_entries(
        text,
        MAX_FACTS,
        lambda line, at: BrandFact(**dict(zip(("label", "value"), _split_entry(line, at), strict=True))),
    )


def parse_links(text: str) -> tuple[BrandLink, ...]:
    """Parse links, each "label: address" or only an address."""

    def read(line: str, at: int) -> BrandLink:
        label, address = ("", line) if is_address(line) else _split_entry(line, at)
        if not is_address(address):
            raise BookError(
                (
                    "Line {line} needs an address that begins with https:// or http://, such as “Shop: "
                    "https://shop.example”."
                ),
                line=at,
            )
        return BrandLink(label=label, address=address)

    return _parse_entries(text, MAX_LINKS, read)


def parse_colours(text: str) -> tuple[Colour, ...]:
    """Parse colours, each "name: #RRGGBB"."""

    def read(line: str, at: int) -> Colour:
        match = _HEX.search(line)
        if not match:
            raise BookError("Line {line} needs a six-digit colour code, such as “Moss: #4A5D23”.", line=at)
        digits = match["digits"]
        whole = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
        name = _strip_line(line[: match.start()].strip().rstrip(":"))
        if len(name) > MAX_LABEL or _COLON.search(name):
            raise _long_line_error(at, MAX_LABEL)
        return Colour(name=name, hex=f"#{whole.upper()}")

    return _parse_entries(text, MAX_COLOURS, read)


def parse_legal(text: str, places: Collection[str]) -> tuple[LegalLine, ...]:
    """Parse legal lines, each after where it appears: "all: …", "ads, mails: …", "sms, AT: …"; by default everywhere."""
    known = {place.casefold(): place for place in places}

    def read(line: str, at: int) -> LegalLine:
        before, colon, rest = _split_label(line)
        named = [one.strip() for one in before.split(",")] if colon and before else []
        match = [one if _COUNTRY.fullmatch(one) else known.get(one.casefold(), "") for one in named]
        everywhere = [one.casefold() for one in named] == [EVERYWHERE]
        if not (everywhere or (named and all(match))):
            match, rest = [], line
        if not rest:
            raise _empty_entry_error(at)
        if len(rest) > MAX_LEGAL:
            raise _long_line_error(at, MAX_LEGAL)
        return LegalLine(text=rest, where=() if everywhere else tuple(dict.fromkeys(match)))

    return _parse_entries(text, MAX_LEGAL_LINES, read)


def parse_claims(text: str) -> tuple[str, ...]:
    """Parse claims."""
    return _parse_entries(text, MAX_CLAIMS, lambda line, at: _check_line_length(line, at, MAX_CLAIM))


def parse_words(text: str) -> tuple[str, ...]:
    """Parse words."""
    return _parse_entries(text, MAX_WORDS, lambda line, at: _check_line_length(line, at, MAX_WORD))


def parse_avoided(text: str) -> tuple[AvoidedWord, ...]:
    """Parse words to avoid, each alone or as "word: replacement"."""

    def read(line: str, at: int) -> AvoidedWord:
        word, colon, instead = _split_label(line)
        if not word:
            raise _empty_entry_error(at)
        return AvoidedWord(
            word=_check_line_length(word, at, MAX_WORD),
            instead=_check_line_length(instead, at, MAX_WORD) if colon else "",
        )

    return _parse_entries(text, MAX_WORDS, read)


def parse_about(text: str) -> str:
    """Parse what a brand does, as one line."""
    return _check_length(clean_name(text), MAX_ABOUT)


def parse_country(text: str) -> str:
    """Parse the country of a brand.

    Raises:
        BookError: it is no two-letter code.
    """
    code = _strip_line(text).upper()
    if code and not _COUNTRY.fullmatch(code):
        raise BookError("Write the country as two letters, such as DE.")
    return code


def parse_boilerplate(text: str) -> str:
    """Parse the boilerplate text; all line endings become line breaks."""
    lines = (line.rstrip() for line in clean(text).replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return _check_length("\n".join(lines).strip(), MAX_BOILERPLATE)


_PARSERS: Mapping[str, Callable[[str], Any]] = {
    "about": parse_about,
    "country": parse_country,
    "links": parse_links,
    "palette": parse_colours,
    "boilerplate": parse_boilerplate,
    "claims": parse_claims,
    "prefer": parse_words,
    "avoid": parse_avoided,
    "legal": lambda _text: (),
}


def merge_data(book: Book, data: object, places: Collection[str] = ()) -> Book:
    """Return the book with the fields of a file; others stay. Lists hold lines or objects with the entries' fields.

    Raises:
        BookError: a field is invalid.
    """
    if not isinstance(data, Mapping):
        raise BookError("That file does not contain a brand. Use /brand export to see what one looks like.")
    for name in FIELDS:
        if name not in data:
            continue
        book = set_field(book, name, _join_lines(data[name], name), places)
    return book


def to_data(book: Book) -> dict[str, Any]:
    """Return a book as plain data for a file: texts, and lists of lines."""
    found = {name: format_field(book, name) for name in FIELDS}
    whole = ("about", "country", "boilerplate")
    return {name: text if name in whole else text.split("\n") for name, text in found.items() if text}


def format_toml(data: Mapping[str, Any]) -> str:
    """Format that data as TOML, for editing by hand."""
    lines = list[str]()
    for name, value in data.items():
        if isinstance(value, str):
            lines.append(f"{name} = {_quote(value)}")
        else:
            lines += [f"{name} = [", *(f"    {_quote(one)}," for one in value), "]"]
    return "\n".join(lines) + "\n"


def _quote(text: str) -> str:
    """Return a TOML basic string; its escapes are those of JSON, and DEL is escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _join_lines(value: object, name: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence) and all(isinstance(one, str) for one in value):
        return "\n".join(" ".join(one.split()) for one in value)
    raise BookError("“{name}” in that file must be a text or a list of lines.", name=name)


def _parse_entries(text: str, most: int, read: Callable[[str, int], Value]) -> tuple[Value, ...]:
    """Parse distinct entries; empty lines are skipped but counted."""
    found: dict[Value, None] = {}
    if len(text) > 2 * MAX_FIELD_CHARACTERS:  # Far too long: parse no line.
        raise BookError(
            "That is {count:,} characters in total; the limit is {most:,}.", count=len(text), most=MAX_FIELD_CHARACTERS
        )
    for at, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if bare := _strip_line(line):
            found[read(bare, at)] = None
    if len(found) > most:
        raise BookError("There are {count} entries; the limit is {most}.", count=len(found), most=most)
    return tuple(found)


def _strip_line(line: str) -> str:
    """Return a line with single spaces, without bullets or invisible characters."""
    line = clean_name(line)
    match = _BULLETS.match(line)
    return line[match.end() :] if match else line


def _split_label(line: str) -> tuple[str, str, str]:
    match = _COLON.search(line)
    if not match:
        return line, "", ""
    return _strip_line(line[: match.start()]), ":", _strip_line(line[match.end() :])


def _split_entry(line: str, at: int) -> tuple[str, str]:
    """Return a label, empty for none, and the value after it."""
    before, colon, rest = _split_label(line)
    label, value = (before, rest) if colon else ("", before)
    if not value:
        raise _empty_entry_error(at)
    if len(label) > MAX_LABEL:
        raise _long_line_error(at, MAX_LABEL)
    return label, _check_line_length(value, at, MAX_VALUE)


def _format_entry(one: object) -> str:
    """Format an entry; an unlabelled one whose value has a colon starts with a colon."""
    text = str(one)
    return f": {text}" if isinstance(one, BrandFact) and not one.label and _COLON.search(text) else text


def _check_line_length(text: str, at: int, most: int) -> str:
    if len(text) > most:
        raise _long_line_error(at, most)
    return text


def _check_length(text: str, most: int) -> str:
    if len(text) > most:
        raise BookError("That is {count:,} characters in total; the limit is {most:,}.", count=len(text), most=most)
    return text


def _empty_entry_error(at: int) -> BookError:
    return BookError("Line {line} has nothing after the colon. Write it as “label: value”.", line=at)


def _long_line_error(at: int, most: int) -> BookError:
    return BookError("Line {line} is too long. The limit is {most} characters.", line=at, most=most)


def list_changes(before: Book, after: Book, names: Iterable[str]) -> list[str]:
    """Return what changed in some fields, a line each: "+ …" for additions, "- …" for removals."""
    lines = list[str]()
    for name in names:
        old, new = (format_field(one, name).split("\n") for one in (before, after))
        lines += [f"- {line}" for line in old if line and line not in new]
        lines += [f"+ {line}" for line in new if line and line not in old]
    return lines
