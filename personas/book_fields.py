"""Parses, formats and compares the fields of a brand book as text, and converts them to data for a file. No I/O."""

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
    """Format a field as text, with a line for each entry."""
    value = getattr(book, name)
    return value if isinstance(value, str) else "\n".join(_format_entry(entry) for entry in value)


def set_field(book: Book, name: str, text: str, places: Collection[str] = ()) -> Book:
    """Return the book with a field parsed from text. `places` are the names of forms and places where a legal line can appear.

    Raises:
        BookError: the text is invalid; the message names the line. All `parse_…` functions raise it.
    """
    value: Any = parse_legal(text, places) if name == "legal" else _PARSERS[name](text)
    new_book = book.model_copy(update={name: value})
    if (count := len(format_field(new_book, name))) > MAX_FIELD_CHARACTERS:
        raise BookError(
            "That is {count:,} characters in total; the limit is {most:,}.", count=count, most=MAX_FIELD_CHARACTERS
        )
    return new_book


def parse_facts(text: str) -> tuple[BrandFact, ...]:
    """Parse facts, one on each line: "label: value", or only a value."""
    return _parse_entries(
        text,
        MAX_FACTS,
        lambda line, number: BrandFact(**dict(zip(("label", "value"), _split_entry(line, number), strict=True))),
    )


def parse_links(text: str) -> tuple[BrandLink, ...]:
    """Parse links, one on each line: "label: address", or only an address."""

    def parse(line: str, number: int) -> BrandLink:
        label, address = ("", line) if is_address(line) else _split_entry(line, number)
        if not is_address(address):
            raise BookError(
                (
                    "Line {line} needs an address that begins with https:// or http://, such as “Shop: "
                    "https://shop.example”."
                ),
                line=number,
            )
        return BrandLink(label=label, address=address)

    return _parse_entries(text, MAX_LINKS, parse)


def parse_colours(text: str) -> tuple[Colour, ...]:
    """Parse colours, one on each line: "name: #RRGGBB", or only the code, which may also have three digits or no #."""

    def parse(line: str, number: int) -> Colour:
        match = _HEX.search(line)
        if not match:
            raise BookError("Line {line} needs a six-digit colour code, such as “Moss: #4A5D23”.", line=number)
        digits = match["digits"]
        code = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
        name = strip_line(line[: match.start()].strip().rstrip(":"))
        if len(name) > MAX_LABEL or COLON.search(name):
            raise _build_long_line_error(number, MAX_LABEL)
        return Colour(name=name, hex=f"#{code.upper()}")

    return _parse_entries(text, MAX_COLOURS, parse)


def parse_legal(text: str, places: Collection[str]) -> tuple[LegalLine, ...]:
    """Parse legal lines, one on each line, after the places where it appears: "all: …", "ads, mails: …", "sms, AT: …".

    Without valid places, it appears everywhere.
    """
    places_by_folded_name = {place.casefold(): place for place in places}

    def parse(line: str, number: int) -> LegalLine:
        label, colon, legal_text = _split_label(line)
        names = [name.strip() for name in label.split(",")] if colon and label else []
        where = [name if COUNTRY.fullmatch(name) else places_by_folded_name.get(name.casefold(), "") for name in names]
        is_everywhere = [name.casefold() for name in names] == [EVERYWHERE]
        if not (is_everywhere or (names and all(where))):
            where, legal_text = [], line
        if not legal_text:
            raise _build_empty_entry_error(number)
        if len(legal_text) > MAX_LEGAL:
            raise _build_long_line_error(number, MAX_LEGAL)
        return LegalLine(text=legal_text, where=() if is_everywhere else tuple(dict.fromkeys(where)))

    return _parse_entries(text, MAX_LEGAL_LINES, parse)


def parse_claims(text: str) -> tuple[str, ...]:
    """Parse approved claims, one on each line."""
    return _parse_entries(text, MAX_CLAIMS, lambda line, number: _check_line_length(line, number, MAX_CLAIM))


def parse_words(text: str) -> tuple[str, ...]:
    """Parse preferred words, one on each line."""
    return _parse_entries(text, MAX_WORDS, lambda line, number: _check_line_length(line, number, MAX_WORD))


def parse_avoided(text: str) -> tuple[AvoidedWord, ...]:
    """Parse words to avoid, one on each line: "word: replacement", or only the word."""

    def parse(line: str, number: int) -> AvoidedWord:
        word, colon, instead = _split_label(line)
        if not word:
            raise _build_empty_entry_error(number)
        return AvoidedWord(
            word=_check_line_length(word, number, MAX_WORD),
            instead=_check_line_length(instead, number, MAX_WORD) if colon else "",
        )

    return _parse_entries(text, MAX_WORDS, parse)


def parse_about(text: str) -> str:
    """Parse the description of what a brand does, as one line."""
    return _check_length(clean_name(text), MAX_ABOUT)


def parse_country(text: str) -> str:
    """Parse the country of a brand.

    Raises:
        BookError: the text is not a two-letter code.
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
    """Return the book with the fields in a file's data; other fields stay. A list is given as text or as a list of lines.

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
    """Return the fields of a book as data for a file: texts, and lists of lines. Empty fields are left out."""
    texts = {name: format_field(book, name) for name in FIELDS}
    plain_fields = ("about", "country", "boilerplate")
    return {name: text if name in plain_fields else text.split("\n") for name, text in texts.items() if text}


def format_toml(data: Mapping[str, Any]) -> str:
    """Format the data of `to_data` as TOML, for editing by hand."""
    lines = list[str]()
    for name, value in data.items():
        if isinstance(value, str):
            lines.append(f"{name} = {_quote(value)}")
        else:
            lines += [f"{name} = [", *(f"    {_quote(line)}," for line in value), "]"]
    return "\n".join(lines) + "\n"


def _quote(text: str) -> str:
    """Return a TOML basic string. It is escaped like a JSON string, except that DEL is escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _join_lines(value: object, name: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence) and all(isinstance(line, str) for line in value):
        return "\n".join(" ".join(line.split()) for line in value)
    raise BookError("“{name}” in that file must be a text or a list of lines.", name=name)


def _parse_entries(text: str, limit: int, parse: Callable[[str, int], Value]) -> tuple[Value, ...]:
    """Parse the lines of a text into distinct entries; `parse` is called with each line that is not empty and its number from 1.

    Raises:
        BookError: a line is invalid, the text is far too long, or there are more than `limit` entries.
    """
    entries: dict[Value, None] = {}
    if len(text) > 2 * MAX_FIELD_CHARACTERS:
        raise BookError(
            "That is {count:,} characters in total; the limit is {most:,}.", count=len(text), most=MAX_FIELD_CHARACTERS
        )
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if stripped_line := strip_line(line):
            entries[parse(stripped_line, number)] = None
    if len(entries) > limit:
        raise BookError("There are {count} entries; the limit is {most}.", count=len(entries), most=limit)
    return tuple(entries)


def _split_label(line: str) -> tuple[str, str, str]:
    """Return the text before the first colon, the colon, and the text after it; the latter two are empty if there is none."""
    match = COLON.search(line)
    if not match:
        return line, "", ""
    return strip_line(line[: match.start()]), ":", strip_line(line[match.end() :])


def _split_entry(line: str, number: int) -> tuple[str, str]:
    """Return the label (empty if there is none) and the value of an entry."""
    before, colon, rest = _split_label(line)
    label, value = (before, rest) if colon else ("", before)
    if not value:
        raise _build_empty_entry_error(number)
    if len(label) > MAX_LABEL:
        raise _build_long_line_error(number, MAX_LABEL)
    return label, _check_line_length(value, number, MAX_VALUE)


def _format_entry(entry: object) -> str:
    """Format an entry as a line. A fact without a label whose value has a colon begins with a colon."""
    text = str(entry)
    return f": {text}" if isinstance(entry, BrandFact) and not entry.label and COLON.search(text) else text


def _check_line_length(text: str, number: int, limit: int) -> str:
    if len(text) > limit:
        raise _build_long_line_error(number, limit)
    return text


def _check_length(text: str, limit: int) -> str:
    if len(text) > limit:
        raise BookError("That is {count:,} characters in total; the limit is {most:,}.", count=len(text), most=limit)
    return text


def _build_empty_entry_error(number: int) -> BookError:
    return BookError("Line {line} has nothing after the colon. Write it as “label: value”.", line=number)


def _build_long_line_error(number: int, limit: int) -> BookError:
    return BookError("Line {line} is too long. The limit is {most} characters.", line=number, most=limit)


def list_changes(before: Book, after: Book, names: Iterable[str]) -> list[str]:
    """Return the changed lines of the named fields of two books: "+ …" for added ones, "- …" for removed ones."""
    lines = list[str]()
    for name in names:
        old, new = (format_field(book, name).split("\n") for book in (before, after))
        lines += [f"- {line}" for line in old if line and line not in new]
        lines += [f"+ {line}" for line in new if line and line not in old]
    return lines
