"""The fields of a brand book as text: parsed line by line, formatted, compared, and as data for a file. No I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from .book import (
    COLON,
    COUNTRY,
    EVERYWHERE,
    FIELDS,
    MAX_ABOUT,
    MAX_BOILERPLATE,
    MAX_CLAIM,
    MAX_CLAIMS,
    MAX_COLOURS,
    MAX_FACTS,
    MAX_FIELD_CHARACTERS,
    MAX_LABEL,
    MAX_LEGAL,
    MAX_LEGAL_LINES,
    MAX_LINKS,
    MAX_VALUE,
    MAX_WORD,
    MAX_WORDS,
    AvoidedWord,
    Book,
    BookError,
    BrandFact,
    BrandLink,
    Colour,
    LegalLine,
    is_address,
    strip_line,
)
from .profile import clean, clean_name

_HEX = re.compile(r"(?:^|\s)#?(?P<digits>[0-9a-f]{6}|[0-9a-f]{3})$", re.IGNORECASE)
Value = TypeVar("Value")


def format_field(book: Book, name: str) -> str:
    """Format a field as text, a line for each entry."""
    value = getattr(book, name)
    return value if isinstance(value, str) else "\n".join(_format_entry(one) for one in value)


def set_field(book: Book, name: str, text: str, places: Collection[str] = ()) -> Book:
    """Return the book with a field parsed from text. `places` are the words for where a legal line may appear.

    Raises:
        BookError: the text is invalid; the message names the line.
    """
    value: Any = parse_legal(text, places) if name == "legal" else _PARSERS[name](text)
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
        found = _HEX.search(line)
        if not found:
            raise BookError("Line {line} needs a six-digit colour code, such as “Moss: #4A5D23”.", line=at)
        digits = found["digits"]
        whole = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
        name = strip_line(line[: found.start()].strip().rstrip(":"))
        if len(name) > MAX_LABEL or COLON.search(name):
            raise _long_line_error(at, MAX_LABEL)
        return Colour(name=name, hex=f"#{whole.upper()}")

    return _parse_entries(text, MAX_COLOURS, read)


def parse_legal(text: str, places: Collection[str]) -> tuple[LegalLine, ...]:
    """Parse legal lines, each after where it appears: "all: …", "ads, mails: …", "sms, AT: …"; by default everywhere."""
    known = {one.casefold(): one for one in places}

    def read(line: str, at: int) -> LegalLine:
        before, colon, rest = _split_label(line)
        named = [one.strip() for one in before.split(",")] if colon and before else []
        found = [one if COUNTRY.fullmatch(one) else known.get(one.casefold(), "") for one in named]
        everywhere = [one.casefold() for one in named] == [EVERYWHERE]
        if not (everywhere or (named and all(found))):
            found, rest = [], line
        if not rest:
            raise _empty_entry_error(at)
        if len(rest) > MAX_LEGAL:
            raise _long_line_error(at, MAX_LEGAL)
        return LegalLine(text=rest, where=() if everywhere else tuple(dict.fromkeys(found)))

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
    code = strip_line(text).upper()
    if code and not COUNTRY.fullmatch(code):
        raise BookError("Write the country as two letters, such as DE.")
    return code


def parse_boilerplate(text: str) -> str:
    """Parse the boilerplate text; all line endings become line breaks."""
    lines = (line.rstrip() for line in clean(text).replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return _check_length("\n".join(lines).strip(), MAX_BOILERPLATE)


_PARSERS: Mapping[str, Callable[[str], Any]] = {
    "about": parse_about,
    "country": parse_country,
    "facts": parse_facts,
    "links": parse_links,
    "palette": parse_colours,
    "boilerplate": parse_boilerplate,
    "claims": parse_claims,
    "prefer": parse_words,
    "avoid": parse_avoided,
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
        if bare := strip_line(line):
            found[read(bare, at)] = None
    if len(found) > most:
        raise BookError("There are {count} entries; the limit is {most}.", count=len(found), most=most)
    return tuple(found)


def _split_label(line: str) -> tuple[str, str, str]:
    found = COLON.search(line)
    if not found:
        return line, "", ""
    return strip_line(line[: found.start()]), ":", strip_line(line[found.end() :])


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
    return f": {text}" if isinstance(one, BrandFact) and not one.label and COLON.search(text) else text


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
