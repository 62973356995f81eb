"""Parses the structure of a text: its title, the text before its first heading, and its sections. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.markup import Document, Line, Section, parse_document
from bot.reading.labels import MAX_TITLE_CHARACTERS, Labels, get_text_after_label, is_part_title, parse_label
from bot.reading.lines import MAX_HEADING_CHARACTERS, flatten_lines, is_heading_line, unwrap_text


@dataclass(frozen=True, slots=True)
class Outline:
    """A text as its title, the lines before its first section, and its sections."""

    title: Line | None
    opening: tuple[Line, ...]
    sections: tuple[Section, ...]


# Bold, strikethrough and spoilers, as Discord marks them.
_DISCORD_MARKS = re.compile(r"\*\*|\|\||~~|__")


def parse_outline(document: Document, labels: Labels | None = None) -> Outline:
    """Return the title of a text and the sections of its highest headings. A heading that is a label of `labels` is no
    title.
    """
    lines = [line for line in document.lines if line.sort != "rule"]
    heads = [line for line in lines if is_heading_line(document, line)]
    title = lines[0] if lines else None
    named = title is not None and labels is not None and labels.match_line(title) is not None
    if title is None or named or not (title in heads or _is_plain_title(title, lines)):
        title = None
    heads = [line for line in heads if line is not title]
    marked = [line for line in heads if line.sort == "heading"]
    level = min((line.level for line in marked), default=0)
    tops = [line for line in marked if line.level == level]
    # A single heading above several others contains them.
    tops = marked if len(tops) == 1 and len(marked) > 2 else tops
    body = [line for line in lines if line is not title]
    if not marked:
        # Bold lines right below the title belong to it.
        second = body[0] if title is not None and body else None
        tops = [line for line in heads if line is not second or len(heads) < 2 or body[1].sort in ("item", "row")]
    first = tops[0].at if tops else len(document.text)
    opening = tuple(line for line in body if line.at < first)
    if not tops and (entries := _find_titled_entries(opening)):
        last = [line.at for line in opening if line.entry is not None][-1]
        before = tuple(line for line in opening if line.at < entries[0].at)
        return Outline(title, before, split_sections([line for line in opening if line.at <= last], entries))
    return Outline(title, opening, split_sections(body, tops))


def split_sections(lines: Iterable[Line], heads: Sequence[Line]) -> tuple[Section, ...]:
    """Return the sections headed by some of the lines."""
    starts, found = {head.at for head in heads}, list[tuple[Line, list[Line]]]()
    for line in lines:
        if line.at in starts:
            found.append((line, []))
        elif found and line.sort != "rule":
            found[-1][1].append(line)
    return tuple(Section(head, tuple(below)) for head, below in found)


def _find_titled_entries(lines: Sequence[Line]) -> list[Line]:
    """Return the entries of a list in which every entry has a bold heading."""
    heads = [line for line in lines if line.sort == "item" and line.level == 1]
    return heads if len(heads) > 1 and all(line.lead for line in heads) else []


def _is_plain_title(line: Line, lines: Sequence[Line]) -> bool:
    """Whether a line is a short, separate first line that does not end like a sentence."""
    alone = sum(one.block == line.block for one in lines) == 1
    ends = line.text[-1:] in ".:;,!…)" or line.label[0]
    return line.sort == "text" and alone and len(lines) > 1 and len(line.text) <= MAX_HEADING_CHARACTERS and not ends


def collect_sections(document: Document, outline: Outline) -> dict[str, str]:
    """Return the sections by their headings, as they were written."""
    found: dict[str, str] = {}
    for section in outline.sections:
        head = section.heading
        assert head is not None
        name, text = head.text, unwrap_text(document.get_source(section.lines))
        if head.sort == "item":
            name, text = (
                head.lead.rstrip("."),
                "\n\n".join(filter(None, (get_text_after_label(head), flatten_lines(section.lines)))),
            )
        # A repeated heading gets a number.
        found[name if name not in found else f"{name} ({len(found) + 1})"] = text
    return found


def unwrap_fence(document: Document) -> Document:
    """Return a text without the code fence that encloses it; other texts unchanged."""
    code = [line for line in document.lines if line.sort == "code"]
    outside = [line for line in document.lines if line.sort not in ("code", "heading", "rule") and line.text.strip()]
    if len(code) > 2 and len(outside) <= 2:
        lines = (line for line in document.text.split("\n") if not line.lstrip().startswith("```"))
        return parse_document("\n".join(lines))
    return document


def parse_title(document: Document, *names: str) -> str:
    """Return the title that a text begins with: a heading, else a short separate first line; empty if it titles one of the
    named parts.
    """
    first = next((line for line in document.lines if line.sort != "rule" and line.text.strip()), None)
    if (
        first is None
        or len(first.text) > MAX_TITLE_CHARACTERS
        or any(is_part_title(first.text, name) for name in names)
    ):
        return ""
    if document.is_heading(first):
        return _strip_title_marks(first.text).rstrip(":")
    label, rest = parse_label(first)
    if label in ("title", "titel", "título", "titre", "titolo") and rest:
        return _strip_title_marks(rest)
    alone = first.sort == "text" and sum(line.block == first.block for line in document.lines) == 1
    return (
        _strip_title_marks(first.text) if alone and first.text[-1:] not in ".!?:…,;|" and "|" not in first.text else ""
    )


def _strip_title_marks(title: str) -> str:
    """Return a title without Discord's marks around its words: it also names files, threads and buttons."""
    return " ".join(_DISCORD_MARKS.sub("", title).split())


@dataclass(frozen=True, slots=True)
class TitledPart:
    """A titled part of a text, starting at line `at`; `rest` is the text after a colon on its first line."""

    title: str
    lines: tuple[Line, ...]
    level: int = 0
    rest: str = ""
    at: int = 0

    def is_called(self, name: str) -> bool:
        """Whether its title is one of the words for a part."""
        return is_part_title(self.title, name)


def split_parts(document: Document, *names: str) -> list[TitledPart]:
    """Split a text where its sections begin: at headings, and at lines that begin with a label of one of these names.

    The content of a higher heading continues in those below it; text before the first one is left out.
    """
    found: list[tuple[str, list[Line], int, str, int]] = []
    title = parse_title(document, *names)
    for line in document.lines:
        if line.sort == "rule":
            continue
        label, rest = parse_label(line) if line.sort in ("text", "heading") and line.entry is None else ("", "")
        # "Role 1: the nurse" is one of the roles, not their label.
        shown = line.text.replace("||", "")
        head = (shown.split(":")[0] if ":" in shown else line.lead or shown).strip()
        own = bool(label) and not any(map(str.isdigit, head)) and any(is_part_title(label, name) for name in names)
        level, text = line.level or 7, line.text.strip()
        if own:
            begun = _build_rest_line(line, rest)
            found.append((head, [begun] if rest else [], level, begun.source if rest else "", line.at))
        elif is_heading_line(document, line):
            if found or text.rstrip(":") != title:
                found.append((text.rstrip(":：").strip(), [], level, "", line.at))
        elif found and found[-1][3] and line.sort == "row" and line.head:
            # A table does not belong to a label that has text on its line.
            found.append((" / ".join(line.cells[:2]), [line], level, "", line.at))
        elif found:
            found[-1][1].append(line)
    return [TitledPart(head, tuple(lines), level, rest, at) for head, lines, level, rest, at in found]


def _build_rest_line(line: Line, rest: str) -> Line:
    source = line.source[line.source.rindex(rest) :] if rest in line.source else line.source
    return replace(line, sort="text", text=rest, source=source, lead="", rest="", ordinal=None, level=0)


def collect_nested_parts(parts: Sequence[TitledPart], at: int) -> list[TitledPart]:
    """Return a part of a sequence with the parts nested below it."""
    end = next((n for n in range(at + 1, len(parts)) if parts[n].level <= parts[at].level), len(parts))
    return [*parts[at:end]]


def find_part_lines(parts: Sequence[TitledPart], name: str, *, but: str = "") -> list[Line] | None:
    """Return the lines of the first part with a name, including those nested below it; None if there is none."""
    for at, part in enumerate(parts):
        if part.is_called(name) and not (but and part.is_called(but)):
            return [line for one in collect_nested_parts(parts, at) for line in one.lines]
    return None


def get_parts_source(document: Document, below: Sequence[TitledPart]) -> str:
    """Return the text of a part and those nested below it, as it was written."""
    first, *others = (_get_part_source(document, one) for one in below)
    titled = (f"**{one.title}**\n{text}" for one, text in zip(below[1:], others, strict=True))
    return "\n\n".join(filter(None, [first, *titled]))


def _get_part_source(document: Document, part: TitledPart) -> str:
    if not part.lines:
        return ""
    first = document.slice_source(part.lines[0].at, part.lines[0].at + 1)
    whole = document.get_source(part.lines)
    return whole[len(first) - len(part.rest) :] if part.rest and first.endswith(part.rest) else whole


def collect_parts_by_title(document: Document, parts: Sequence[TitledPart]) -> dict[str, str]:
    """Return the parts by title, as they were written, each with those nested below it."""
    found: dict[str, str] = {}
    at = 0
    while at < len(parts):
        below = collect_nested_parts(parts, at)
        if text := get_parts_source(document, below):
            found.setdefault(parts[at].title, text)
        at += len(below)
    return found
