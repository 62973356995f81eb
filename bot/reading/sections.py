"""Parses the structure of a text: its title, the lines before its first section, its sections, and its titled parts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.markup import Document, Line, Section, parse_document
from bot.reading.labels import MAX_TITLE_CHARACTERS, Labels, get_text_after_label, is_part_title, parse_label
from bot.reading.lines import MAX_HEADING_CHARACTERS, flatten_lines, is_heading_line, unwrap_text


@dataclass(frozen=True, slots=True)
class Outline:
    """The structure of a text: its title, the lines before its first section, and its sections."""

    title: Line | None
    opening: tuple[Line, ...]
    sections: tuple[Section, ...]


# Bold, strikethrough and spoilers, as Discord marks them.
_DISCORD_MARKS = re.compile(r"\*\*|\|\||~~|__")


def parse_outline(document: Document, labels: Labels | None = None) -> Outline:
    """Return the title of a text and its sections below the highest headings; a label of a part is no title."""
    lines = [line for line in document.lines if line.sort != "rule"]
    headings = [line for line in lines if is_heading_line(document, line)]
    title = lines[0] if lines else None
    is_label = title is not None and labels is not None and labels.match_line(title) is not None
    if title is None or is_label or not (title in headings or _is_plain_title(title, lines)):
        title = None
    headings = [line for line in headings if line is not title]
    marked_headings = [line for line in headings if line.sort == "heading"]
    level = min((line.level for line in marked_headings), default=0)
    top_headings = [line for line in marked_headings if line.level == level]
    if len(top_headings) == 1 and len(marked_headings) > 2:
        # The single heading contains the others.
        top_headings = marked_headings
    body = [line for line in lines if line is not title]
    if not marked_headings:
        # A bold line right below the title is a subtitle, unless it heads a list or table.
        second = body[0] if title is not None and body else None
        top_headings = [
            line for line in headings if line is not second or len(headings) < 2 or body[1].sort in ("item", "row")
        ]
    first_number = top_headings[0].at if top_headings else len(document.text)
    opening = tuple(line for line in body if line.at < first_number)
    if not top_headings and (entries := _find_titled_entries(opening)):
        last_number = [line.at for line in opening if line.entry is not None][-1]
        before_entries = tuple(line for line in opening if line.at < entries[0].at)
        return Outline(
            title, before_entries, split_sections([line for line in opening if line.at <= last_number], entries)
        )
    return Outline(title, opening, split_sections(body, top_headings))


def split_sections(lines: Iterable[Line], headings: Sequence[Line]) -> tuple[Section, ...]:
    """Split lines at `headings`, which are some of them; lines before the first are left out."""
    starts, sections = {head.at for head in headings}, list[tuple[Line, list[Line]]]()
    for line in lines:
        if line.at in starts:
            sections.append((line, []))
        elif sections and line.sort != "rule":
            sections[-1][1].append(line)
    return tuple(Section(head, tuple(section_lines)) for head, section_lines in sections)


def _find_titled_entries(lines: Sequence[Line]) -> list[Line]:
    """Return the outermost list entries if there are several and each begins in bold."""
    entries = [line for line in lines if line.sort == "item" and line.level == 1]
    return entries if len(entries) > 1 and all(line.lead for line in entries) else []


def _is_plain_title(line: Line, lines: Sequence[Line]) -> bool:
    """Whether a text's first line is short, a paragraph of its own, and does not end like a sentence."""
    is_own_paragraph = sum(other.block == line.block for other in lines) == 1
    ends_sentence = line.text[-1:] in ".:;,!…)" or line.label[0]
    return (
        line.sort == "text"
        and is_own_paragraph
        and len(lines) > 1
        and len(line.text) <= MAX_HEADING_CHARACTERS
        and not ends_sentence
    )


def collect_sections(document: Document, outline: Outline) -> dict[str, str]:
    """Return the source of each section by its heading."""
    texts_by_heading: dict[str, str] = {}
    for section in outline.sections:
        heading = section.heading
        assert heading is not None
        name, text = heading.text, unwrap_text(document.get_source(section.lines))
        if heading.sort == "item":
            name, text = (
                heading.lead.rstrip("."),
                "\n\n".join(filter(None, (get_text_after_label(heading), flatten_lines(section.lines)))),
            )
        # A repeated heading gets a number to be unique.
        texts_by_heading[name if name not in texts_by_heading else f"{name} ({len(texts_by_heading) + 1})"] = text
    return texts_by_heading


def unwrap_fence(document: Document) -> Document:
    """Return a document without its code fence if little else is outside it; other documents unchanged."""
    code_lines = [line for line in document.lines if line.sort == "code"]
    outside = [line for line in document.lines if line.sort not in ("code", "heading", "rule") and line.text.strip()]
    if len(code_lines) > 2 and len(outside) <= 2:
        lines = (line for line in document.text.split("\n") if not line.lstrip().startswith("```"))
        return parse_document("\n".join(lines))
    return document


def parse_title(document: Document, *names: str) -> str:
    """Return the title that a text begins with: a heading, a labelled title, or a short first paragraph.

    Return "" without a title, or if the first line titles one of the named parts.
    """
    first_line = next((line for line in document.lines if line.sort != "rule" and line.text.strip()), None)
    if (
        first_line is None
        or len(first_line.text) > MAX_TITLE_CHARACTERS
        or any(is_part_title(first_line.text, name) for name in names)
    ):
        return ""
    if document.is_heading(first_line):
        return _strip_title_marks(first_line.text).rstrip(":")
    label, rest = parse_label(first_line)
    if label in ("title", "titel", "título", "titre", "titolo") and rest:
        return _strip_title_marks(rest)
    is_own_paragraph = first_line.sort == "text" and sum(line.block == first_line.block for line in document.lines) == 1
    return (
        _strip_title_marks(first_line.text)
        if is_own_paragraph and first_line.text[-1:] not in ".!?:…,;|" and "|" not in first_line.text
        else ""
    )


def _strip_title_marks(title: str) -> str:
    """Return a title without Discord's marks, as it also names files, threads and buttons."""
    return " ".join(_DISCORD_MARKS.sub("", title).split())


@dataclass(frozen=True, slots=True)
class TitledPart:
    """A part of a text with a title on line number `at`; `rest` is the text after the title on that line."""

    title: str
    lines: tuple[Line, ...]
    level: int = 0
    rest: str = ""
    at: int = 0

    def is_called(self, name: str) -> bool:
        """Whether the title is one of the words for a part."""
        return is_part_title(self.title, name)


def split_parts(document: Document, *names: str) -> list[TitledPart]:
    """Split a text at its headings, and at lines with a label for one of these parts.

    A part ends at the next title of any level. Text before the first part is left out, and so is the text's own title.
    """
    parts: list[tuple[str, list[Line], int, str, int]] = []
    title = parse_title(document, *names)
    for line in document.lines:
        if line.sort == "rule":
            continue
        label, rest = parse_label(line) if line.sort in ("text", "heading") and line.entry is None else ("", "")
        # "Role 1: the nurse" is one of the roles, and does not begin the part about them.
        visible_text = line.text.replace("||", "")
        label_text = (visible_text.split(":")[0] if ":" in visible_text else line.lead or visible_text).strip()
        has_number = any(map(str.isdigit, label_text))
        # Labels rank below headings, of which Markdown has six levels.
        level, text = line.level or 7, line.text.strip()
        if label and not has_number and any(is_part_title(label, name) for name in names):
            rest_line = _build_rest_line(line, rest)
            parts.append((label_text, [rest_line] if rest else [], level, rest_line.source if rest else "", line.at))
        elif is_heading_line(document, line):
            if parts or text.rstrip(":") != title:
                parts.append((text.rstrip(":：").strip(), [], level, "", line.at))
        elif parts and parts[-1][3] and line.sort == "row" and line.head:
            # A label with text on its own line ends at a table.
            parts.append((" / ".join(line.cells[:2]), [line], level, "", line.at))
        elif parts:
            parts[-1][1].append(line)
    return [TitledPart(label_text, tuple(lines), level, rest, at) for label_text, lines, level, rest, at in parts]


def _build_rest_line(line: Line, rest: str) -> Line:
    """Build a line from the text after a line's label."""
    source = line.source[line.source.rindex(rest) :] if rest in line.source else line.source
    return replace(line, sort="text", text=rest, source=source, lead="", rest="", ordinal=None, level=0)


def collect_nested_parts(parts: Sequence[TitledPart], index: int) -> list[TitledPart]:
    """Return the part at an index and the parts nested below it."""
    level = parts[index].level
    end = next((end for end in range(index + 1, len(parts)) if parts[end].level <= level), len(parts))
    return [*parts[index:end]]


def find_part_lines(parts: Sequence[TitledPart], name: str, *, except_name: str = "") -> list[Line] | None:
    """Return the lines of the first part called `name` but not `except_name`, with those below it; None without one."""
    for index, part in enumerate(parts):
        if part.is_called(name) and not (except_name and part.is_called(except_name)):
            return [line for nested in collect_nested_parts(parts, index) for line in nested.lines]
    return None


def get_parts_source(document: Document, parts: Sequence[TitledPart]) -> str:
    """Return the source of a part and those nested below it, given as `parts`."""
    first_source, *nested_sources = (_get_part_source(document, part) for part in parts)
    titled_sources = (f"**{part.title}**\n{source}" for part, source in zip(parts[1:], nested_sources, strict=True))
    return "\n\n".join(filter(None, [first_source, *titled_sources]))


def _get_part_source(document: Document, part: TitledPart) -> str:
    if not part.lines:
        return ""
    first_line = document.slice_source(part.lines[0].at, part.lines[0].at + 1)
    source = document.get_source(part.lines)
    return source[len(first_line) - len(part.rest) :] if part.rest and first_line.endswith(part.rest) else source


def collect_parts_by_title(document: Document, parts: Sequence[TitledPart]) -> dict[str, str]:
    """Return the source of each outermost part, with those nested below it, by title."""
    texts_by_title: dict[str, str] = {}
    index = 0
    while index < len(parts):
        nested_parts = collect_nested_parts(parts, index)
        if text := get_parts_source(document, nested_parts):
            texts_by_title.setdefault(parts[index].title, text)
        index += len(nested_parts)
    return texts_by_title
