"""What a brand holds beside its voice: facts, links, colours, texts that stand as they are, claims, words, and who may edit it. Pure.

Each list is written a line an entry, read back the same way, and refused by a sentence that names the line.
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

# Characters of a list as it is written: what a field of Discord's forms takes.
MAX_TOGETHER = 4_000
MAX_ABOUT, MAX_BOILERPLATE = 300, 1_500
MAX_LABEL, MAX_VALUE, MAX_ADDRESS, MAX_WORD, MAX_CLAIM, MAX_LEGAL = 60, 240, 300, 60, 160, 300
MAX_FACTS, MAX_LINKS, MAX_COLOURS, MAX_LEGAL_LINES, MAX_CLAIMS, MAX_WORDS, MAX_NAMED = 60, 20, 12, 8, 30, 40, 25
# Where a legal line stands that nothing else is said of.
EVERYWHERE = "all"

# Characters of a part of a host (RFC 1035).
_MAX_OF_LABEL = 63
_COLON = re.compile(r":(?:\s+|$)")
_HEX = re.compile(r"(?:^|\s)#?(?P<digits>[0-9a-f]{6}|[0-9a-f]{3})$", re.IGNORECASE)
# Signs that lists put before an entry; "-18 °C" stays.
_SIGNS = re.compile(r"(?:[-–*•](?:\s+|$)|•|[-–]++(?![-–\d.,])\s*+)++")
_SPACE = re.compile(r"\s+")
_COUNTRY = re.compile("[A-Z]{2}")
Value = TypeVar("Value")


class BookError(QuillmateError):
    """Something that a brand cannot hold; the text is a sentence for whoever wrote it."""


def is_address(text: str) -> bool:
    """Whether a text is an address on the web that a reader may be led to: parsed, with a host, and nobody's name in it."""
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
        0 < len(one) <= _MAX_OF_LABEL and one[0] != "-" and one.replace("-", "").replace("_", "").isalnum()
        for one in labels
    )


def _address(text: str) -> str:
    if not is_address(text):
        raise ValueError("no address")
    return text


def _label(text: str) -> str:
    if _COLON.search(text):
        raise ValueError("a colon ends a label")
    return text


def _line(text: str) -> str:
    if text != _bare(text):
        raise ValueError("not one line")
    return text


_Label = Annotated[str, StringConstraints(max_length=MAX_LABEL), AfterValidator(_line), AfterValidator(_label)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Fact(_Frozen):
    """A statement that texts may make: what it is about, and what is so."""

    label: _Label = ""
    value: Annotated[str, StringConstraints(min_length=1, max_length=MAX_VALUE), AfterValidator(_line)]

    def __str__(self) -> str:
        return f"{self.label}: {self.value}" if self.label else self.value


class BrandLink(_Frozen):
    """Where readers may be led."""

    label: _Label = ""
    address: Annotated[str, AfterValidator(_address)]

    def __str__(self) -> str:
        return f"{self.label}: {self.address}" if self.label else self.address


class Colour(_Frozen):
    """A colour with its name, as #RRGGBB."""

    name: _Label = ""
    hex: Annotated[str, StringConstraints(pattern=r"^#[0-9A-F]{6}$")]

    def __str__(self) -> str:
        return f"{self.name}: {self.hex}" if self.name else self.hex


class LegalLine(_Frozen):
    """A line that must appear word for word, and where: in all that has room for it, or in some forms, places or countries."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=MAX_LEGAL), AfterValidator(_line)]
    where: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]{2,30}$")], ...] = ()

    def __str__(self) -> str:
        return f"{', '.join(self.where) or EVERYWHERE}: {self.text}"

    @property
    def countries(self) -> tuple[str, ...]:
        """The countries that it is for, by their two letters; none for all."""
        return tuple(one for one in self.where if _COUNTRY.fullmatch(one))

    @property
    def forms(self) -> tuple[str, ...]:
        """The forms and places that it is for; none for all."""
        return tuple(one for one in self.where if not _COUNTRY.fullmatch(one))


class Avoided(_Frozen):
    """A word that is not to be used, and what is said instead, if anything."""

    word: Annotated[
        str, StringConstraints(min_length=1, max_length=MAX_WORD), AfterValidator(_line), AfterValidator(_label)
    ]
    instead: Annotated[str, StringConstraints(max_length=MAX_WORD), AfterValidator(_line)] = ""

    def __str__(self) -> str:
        return f"{self.word}: {self.instead}" if self.instead else self.word


_Word = Annotated[str, StringConstraints(min_length=1, max_length=MAX_WORD), AfterValidator(_line)]
_Claim = Annotated[str, StringConstraints(min_length=1, max_length=MAX_CLAIM), AfterValidator(_line)]


class Book(_Frozen):
    """All of it. `country` is the one whose holidays count for it, by its two letters. `claims` are the only claims that may be made
    where there are some. A server's brand is edited by its owners, by its editors too where it is `open_to` them, and by the people
    whose ids are in `named`.
    """

    about: Annotated[str, StringConstraints(max_length=MAX_ABOUT)] = ""
    country: Annotated[str, StringConstraints(pattern="^(?:[A-Z]{2})?$")] = ""
    facts: Annotated[tuple[Fact, ...], Field(max_length=MAX_FACTS)] = ()
    links: Annotated[tuple[BrandLink, ...], Field(max_length=MAX_LINKS)] = ()
    palette: Annotated[tuple[Colour, ...], Field(max_length=MAX_COLOURS)] = ()
    boilerplate: Annotated[str, StringConstraints(max_length=MAX_BOILERPLATE)] = ""
    legal: Annotated[tuple[LegalLine, ...], Field(max_length=MAX_LEGAL_LINES)] = ()
    claims: Annotated[tuple[_Claim, ...], Field(max_length=MAX_CLAIMS)] = ()
    prefer: Annotated[tuple[_Word, ...], Field(max_length=MAX_WORDS)] = ()
    avoid: Annotated[tuple[Avoided, ...], Field(max_length=MAX_WORDS)] = ()
    open_to: Literal["owners", "editors"] = "owners"
    named: Annotated[tuple[str, ...], Field(max_length=MAX_NAMED)] = ()

    @classmethod
    def of(cls, data: object) -> Self:
        """The book in plain data; of what cannot be read, as another release may have written it, the fields that can."""
        if not isinstance(data, Mapping):
            return cls()
        try:
            return cls.model_validate(dict(data))
        except ValidationError as error:
            wrong = {str(one["loc"][0]) for one in error.errors(include_url=False) if one["loc"]}
            return cls.model_validate({name: value for name, value in data.items() if name not in wrong})

    @property
    def told(self) -> bool:
        """Whether it says anything that stands in prompts or texts."""
        return any(getattr(self, name) for name in FIELDS if name != "country")

    @property
    def statements(self) -> tuple[str, ...]:
        """What it says as it may stand in a text: the figures, names and addresses in that are given."""
        lines = (
            self.about,
            *self.facts,
            *self.links,
            self.boilerplate,
            *(one.text for one in self.legal),
            *self.claims,
        )
        return tuple(filter(None, map(str, lines)))


# What is written, a field each; who may edit is chosen.
FIELDS = ("about", "country", "facts", "links", "palette", "boilerplate", "legal", "claims", "prefer", "avoid")


def written(book: Book, name: str) -> str:
    """What a field holds, as it is written: a line an entry."""
    value = getattr(book, name)
    return value if isinstance(value, str) else "\n".join(_as_line(one) for one in value)


def with_written(book: Book, name: str, text: str, places: Collection[str] = ()) -> Book:
    """The book with what somebody wrote into a field. `places` are the words for where a legal line may stand.

    Raises:
        BookError: it cannot hold that; the sentence names the line.
    """
    read = _READ.get(name)
    value: Any = read(text) if read else facts_in(text)
    if name == "legal":
        value = legal_in(text, places)
    made = book.model_copy(update={name: value})
    if (count := len(written(made, name))) > MAX_TOGETHER:
        raise BookError("That is {count:,} characters in total; the limit is {most:,}.", count=count, most=MAX_TOGETHER)
    return made


def facts_in(text: str) -> tuple[Fact, ...]:
    """The facts of some lines, each "label: value" or a statement alone."""
    return _entries(
        text, MAX_FACTS, lambda line, at: Fact(**dict(zip(("label", "value"), _parted(line, at), strict=True)))
    )


def links_in(text: str) -> tuple[BrandLink, ...]:
    """The links of some lines, each "label: address" or an address alone."""

    def read(line: str, at: int) -> BrandLink:
        label, address = ("", line) if is_address(line) else _parted(line, at)
        if not is_address(address):
            raise BookError(
                (
                    "Line {line} needs an address that begins with https:// or http://, such as “Shop: "
                    "https://shop.example”."
                ),
                line=at,
            )
        return BrandLink(label=label, address=address)

    return _entries(text, MAX_LINKS, read)


def colours_in(text: str) -> tuple[Colour, ...]:
    """The colours of some lines, each "name: #RRGGBB"."""

    def read(line: str, at: int) -> Colour:
        found = _HEX.search(line)
        if not found:
            raise BookError("Line {line} needs a six-digit colour code, such as “Moss: #4A5D23”.", line=at)
        digits = found["digits"]
        whole = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
        name = _bare(line[: found.start()].strip().rstrip(":"))
        if len(name) > MAX_LABEL or _COLON.search(name):
            raise _too_long(at, MAX_LABEL)
        return Colour(name=name, hex=f"#{whole.upper()}")

    return _entries(text, MAX_COLOURS, read)


def legal_in(text: str, places: Collection[str]) -> tuple[LegalLine, ...]:
    """The legal lines of some lines, each behind where it stands: "all: …", "ads, mails: …", "sms, AT: …"; alone it stands in all."""
    known = {one.casefold(): one for one in places}

    def read(line: str, at: int) -> LegalLine:
        before, colon, rest = _split(line)
        named = [one.strip() for one in before.split(",")] if colon and before else []
        found = [one if _COUNTRY.fullmatch(one) else known.get(one.casefold(), "") for one in named]
        everywhere = [one.casefold() for one in named] == [EVERYWHERE]
        if not (everywhere or (named and all(found))):
            found, rest = [], line
        if not rest:
            raise _nothing(at)
        if len(rest) > MAX_LEGAL:
            raise _too_long(at, MAX_LEGAL)
        return LegalLine(text=rest, where=() if everywhere else tuple(dict.fromkeys(found)))

    return _entries(text, MAX_LEGAL_LINES, read)


def claims_in(text: str) -> tuple[str, ...]:
    """The claims of some lines."""
    return _entries(text, MAX_CLAIMS, lambda line, at: _short(line, at, MAX_CLAIM))


def words_in(text: str) -> tuple[str, ...]:
    """The words of some lines."""
    return _entries(text, MAX_WORDS, lambda line, at: _short(line, at, MAX_WORD))


def avoided_in(text: str) -> tuple[Avoided, ...]:
    """The words of some lines, each alone or as "word: what to say instead"."""

    def read(line: str, at: int) -> Avoided:
        word, colon, instead = _split(line)
        if not word:
            raise _nothing(at)
        return Avoided(word=_short(word, at, MAX_WORD), instead=_short(instead, at, MAX_WORD) if colon else "")

    return _entries(text, MAX_WORDS, read)


def about_in(text: str) -> str:
    """What a brand does, as one line."""
    return _whole(clean_name(text), MAX_ABOUT)


def country_in(text: str) -> str:
    """The country of a brand, by its two letters.

    Raises:
        BookError: it is something else.
    """
    code = _bare(text).upper()
    if code and not _COUNTRY.fullmatch(code):
        raise BookError("Write the country as two letters, such as DE.")
    return code


def boilerplate_in(text: str) -> str:
    """The text about a brand, as it stands; what ends its lines becomes a line break."""
    lines = (line.rstrip() for line in clean(text).replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return _whole("\n".join(lines).strip(), MAX_BOILERPLATE)


_READ: Mapping[str, Callable[[str], Any]] = {
    "about": about_in, "country": country_in, "links": links_in, "palette": colours_in, "boilerplate": boilerplate_in,
    "claims": claims_in, "prefer": words_in, "avoid": avoided_in, "legal": lambda _text: (),
}  # fmt: skip


def merged(book: Book, data: object, places: Collection[str] = ()) -> Book:
    """The book with what a file holds; fields that it does not name stay. Lists hold lines or objects with the entries' fields.

    Raises:
        BookError: it holds what no brand can.
    """
    if not isinstance(data, Mapping):
        raise BookError("That file does not contain a brand. Use /brand export to see what one looks like.")
    for name in FIELDS:
        if name not in data:
            continue
        book = with_written(book, name, _lines_of(data[name], name), places)
    return book


def as_data(book: Book) -> dict[str, Any]:
    """What a file holds of a book: texts, and lists of lines."""
    found = {name: written(book, name) for name in FIELDS}
    whole = ("about", "country", "boilerplate")
    return {name: text if name in whole else text.split("\n") for name, text in found.items() if text}


def as_toml(data: Mapping[str, Any]) -> str:
    """The same as TOML, for whoever edits it by hand."""
    lines = list[str]()
    for name, value in data.items():
        if isinstance(value, str):
            lines.append(f"{name} = {_quoted(value)}")
        else:
            lines += [f"{name} = [", *(f"    {_quoted(one)}," for one in value), "]"]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A basic string of TOML; its escapes are those of JSON, and DEL is written as one too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _lines_of(value: object, name: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence) and all(isinstance(one, str) for one in value):
        return "\n".join(" ".join(one.split()) for one in value)
    raise BookError("“{name}” in that file must be a text or a list of lines.", name=name)


def _entries(text: str, most: int, read: Callable[[str, int], Value]) -> tuple[Value, ...]:
    """The entries of some lines, each once; lines that hold nothing are skipped, and counted."""
    found: dict[Value, None] = {}
    if len(text) > 2 * MAX_TOGETHER:  # Of what is far too much no line is read.
        raise BookError(
            "That is {count:,} characters in total; the limit is {most:,}.", count=len(text), most=MAX_TOGETHER
        )
    for at, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if bare := _bare(line):
            found[read(bare, at)] = None
    if len(found) > most:
        raise BookError("There are {count} entries; the limit is {most}.", count=len(found), most=most)
    return tuple(found)


def _bare(line: str) -> str:
    """A line with single spaces, without signs that lists put before it or that take no room."""
    line = clean_name(line)
    found = _SIGNS.match(line)
    return line[found.end() :] if found else line


def _split(line: str) -> tuple[str, str, str]:
    found = _COLON.search(line)
    if not found:
        return line, "", ""
    return _bare(line[: found.start()]), ":", _bare(line[found.end() :])


def _parted(line: str, at: int) -> tuple[str, str]:
    """A label, empty for none, and what stands behind it."""
    before, colon, rest = _split(line)
    label, value = (before, rest) if colon else ("", before)
    if not value:
        raise _nothing(at)
    if len(label) > MAX_LABEL:
        raise _too_long(at, MAX_LABEL)
    return label, _short(value, at, MAX_VALUE)


def _as_line(one: object) -> str:
    """An entry as it is written; a colon before one without a label whose value has a colon of its own."""
    text = str(one)
    return f": {text}" if isinstance(one, Fact) and not one.label and _COLON.search(text) else text


def _short(text: str, at: int, most: int) -> str:
    if len(text) > most:
        raise _too_long(at, most)
    return text


def _whole(text: str, most: int) -> str:
    if len(text) > most:
        raise BookError("That is {count:,} characters in total; the limit is {most:,}.", count=len(text), most=most)
    return text


def _nothing(at: int) -> BookError:
    return BookError("Line {line} has nothing after the colon. Write it as “label: value”.", line=at)


def _too_long(at: int, most: int) -> BookError:
    return BookError("Line {line} is too long. The limit is {most} characters.", line=at, most=most)


def changes(before: Book, after: Book, names: Iterable[str]) -> list[str]:
    """What became other in some fields, a line each: "+ …" for what came, "- …" for what went."""
    lines = list[str]()
    for name in names:
        old, new = (written(one, name).split("\n") for one in (before, after))
        lines += [f"- {line}" for line in old if line and line not in new]
        lines += [f"+ {line}" for line in new if line and line not in old]
    return lines
