"""Reads what a text is made of: its title, what stands before its first heading, and its sections. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.kinds._reading_labels import MAX_TITLE, Labels, behind_label, called, label_of
from bot.kinds._reading_lines import MAX_HEADING, flat, is_head, unwrapped
from bot.markup import Document, Line, Section, parse_document


@dataclass(frozen=True, slots=True)
class Outline:
    """A text as its title, what stands before its first section, and its sections."""

    title: Line | None
    opening: tuple[Line, ...]
    sections: tuple[Section, ...]


# Bold, struck out and hidden text, as Discord writes it.
_DISCORD_MARKS = re.compile(r"\*\*|\|\||~~|__")


def outline(whole: Document, labels: Labels | None = None) -> Outline:
    """The title of a text and the sections that its highest headings make. A heading that is a label of `labels` is no title."""
    lines = [line for line in whole.lines if line.sort != "rule"]
    heads = [line for line in lines if is_head(whole, line)]
    title = lines[0] if lines else None
    named = title is not None and labels is not None and labels.of(title) is not None
    if title is None or named or not (title in heads or _is_plain_title(title, lines)):
        title = None
    heads = [line for line in heads if line is not title]
    marked = [line for line in heads if line.sort == "heading"]
    level = min((line.level for line in marked), default=0)
    tops = [line for line in marked if line.level == level]
    # One heading above several is the roof of them.
    tops = marked if len(tops) == 1 and len(marked) > 2 else tops
    body = [line for line in lines if line is not title]
    if not marked:
        # In bold, right below the title, stands what goes with that.
        second = body[0] if title is not None and body else None
        tops = [line for line in heads if line is not second or len(heads) < 2 or body[1].sort in ("item", "row")]
    first = tops[0].at if tops else len(whole.text)
    opening = tuple(line for line in body if line.at < first)
    if not tops and (entries := _titled_entries(opening)):
        last = [line.at for line in opening if line.entry is not None][-1]
        before = tuple(line for line in opening if line.at < entries[0].at)
        return Outline(title, before, cut([line for line in opening if line.at <= last], entries))
    return Outline(title, opening, cut(body, tops))


def cut(lines: Iterable[Line], heads: Sequence[Line]) -> tuple[Section, ...]:
    """The sections that some of the lines are the headings of."""
    starts, found = {head.at for head in heads}, list[tuple[Line, list[Line]]]()
    for line in lines:
        if line.at in starts:
            found.append((line, []))
        elif found and line.sort != "rule":
            found[-1][1].append(line)
    return tuple(Section(head, tuple(below)) for head, below in found)


def _titled_entries(lines: Sequence[Line]) -> list[Line]:
    """The entries of a list that all have a heading in bold."""
    heads = [line for line in lines if line.sort == "item" and line.level == 1]
    return heads if len(heads) > 1 and all(line.lead for line in heads) else []


def _is_plain_title(line: Line, lines: Sequence[Line]) -> bool:
    """A short first line that stands alone and ends as no sentence does."""
    alone = sum(one.block == line.block for one in lines) == 1
    ends = line.text[-1:] in ".:;,!…)" or line.label[0]
    return line.sort == "text" and alone and len(lines) > 1 and len(line.text) <= MAX_HEADING and not ends


def sections_of(whole: Document, shown: Outline) -> dict[str, str]:
    """The sections by their headings, as they were written."""
    found: dict[str, str] = {}
    for section in shown.sections:
        head = section.heading
        assert head is not None
        name, text = head.text, unwrapped(whole.get_source(section.lines))
        if head.sort == "item":
            name, text = head.lead.rstrip("."), "\n\n".join(filter(None, (behind_label(head), flat(section.lines))))
        # Of the same heading twice, the second is told by its number.
        found[name if name not in found else f"{name} ({len(found) + 1})"] = text
    return found


def opened(found: Document) -> Document:
    """A text that stands in a fence of code as a whole without that; others as they are."""
    code = [line for line in found.lines if line.sort == "code"]
    outside = [line for line in found.lines if line.sort not in ("code", "heading", "rule") and line.text.strip()]
    if len(code) > 2 and len(outside) <= 2:
        lines = (line for line in found.text.split("\n") if not line.lstrip().startswith("```"))
        return parse_document("\n".join(lines))
    return found


def title_of(read: Document, *names: str) -> str:
    """The title that a text begins with: a heading, else a short first line of its own; empty where it is that of such a part."""
    first = next((line for line in read.lines if line.sort != "rule" and line.text.strip()), None)
    if first is None or len(first.text) > MAX_TITLE or any(called(first.text, name) for name in names):
        return ""
    if read.is_heading(first):
        return _bare(first.text).rstrip(":")
    label, rest = label_of(first)
    if label in ("title", "titel", "título", "titre", "titolo") and rest:
        return _bare(rest)
    alone = first.sort == "text" and sum(line.block == first.block for line in read.lines) == 1
    return _bare(first.text) if alone and first.text[-1:] not in ".!?:…,;|" and "|" not in first.text else ""


def _bare(title: str) -> str:
    """A title without marks of Discord's around its words: it also names files, threads and buttons."""
    return " ".join(_DISCORD_MARKS.sub("", title).split())


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a text with a title, which stands at a line; `rest` is what stands there of its own lines, behind a colon."""

    title: str
    lines: tuple[Line, ...]
    level: int = 0
    rest: str = ""
    at: int = 0

    def is_called(self, name: str) -> bool:
        """Whether its title is one of the words for a part."""
        return called(self.title, name)


def parts_of(read: Document, *names: str) -> list[Part]:
    """A text cut where its sections begin: at headings, and at lines that begin with a label of one of these names.

    What a heading of a higher level holds goes on in those below it; what stands before the first is left out.
    """
    found: list[tuple[str, list[Line], int, str, int]] = []
    title = title_of(read, *names)
    for line in read.lines:
        if line.sort == "rule":
            continue
        label, rest = label_of(line) if line.sort in ("text", "heading") and line.entry is None else ("", "")
        # "Role 1: the nurse" is one of the roles, and not what they are called.
        shown = line.text.replace("||", "")
        head = (shown.split(":")[0] if ":" in shown else line.lead or shown).strip()
        own = bool(label) and not any(map(str.isdigit, head)) and any(called(label, name) for name in names)
        level, text = line.level or 7, line.text.strip()
        if own:
            begun = _rest(line, rest)
            found.append((head, [begun] if rest else [], level, begun.source if rest else "", line.at))
        elif is_head(read, line):
            if found or text.rstrip(":") != title:
                found.append((text.rstrip(":：").strip(), [], level, "", line.at))
        elif found and found[-1][3] and line.sort == "row" and line.head:
            # A table is no part of what a label has said on its line.
            found.append((" / ".join(line.cells[:2]), [line], level, "", line.at))
        elif found:
            found[-1][1].append(line)
    return [Part(head, tuple(lines), level, rest, at) for head, lines, level, rest, at in found]


def _rest(line: Line, rest: str) -> Line:
    source = line.source[line.source.rindex(rest) :] if rest in line.source else line.source
    return replace(line, sort="text", text=rest, source=source, lead="", rest="", ordinal=None, level=0)


def inside(parts: Sequence[Part], at: int) -> list[Part]:
    """A part of a row of parts with those below it, of lower levels."""
    end = next((n for n in range(at + 1, len(parts)) if parts[n].level <= parts[at].level), len(parts))
    return [*parts[at:end]]


def lines_called(parts: Sequence[Part], name: str, *, but: str = "") -> list[Line] | None:
    """The lines of the first part of a name with those below it; None where there is none."""
    for at, part in enumerate(parts):
        if part.is_called(name) and not (but and part.is_called(but)):
            return [line for one in inside(parts, at) for line in one.lines]
    return None


def source_in(read: Document, below: Sequence[Part]) -> str:
    """What a part holds with those below it, as it was written."""
    first, *others = (_source(read, one) for one in below)
    titled = (f"**{one.title}**\n{text}" for one, text in zip(below[1:], others, strict=True))
    return "\n\n".join(filter(None, [first, *titled]))


def _source(read: Document, part: Part) -> str:
    if not part.lines:
        return ""
    first = read.slice_source(part.lines[0].at, part.lines[0].at + 1)
    whole = read.get_source(part.lines)
    return whole[len(first) - len(part.rest) :] if part.rest and first.endswith(part.rest) else whole


def parts_by_title(read: Document, parts: Sequence[Part]) -> dict[str, str]:
    """The parts by their titles, as they were written, each with those below it."""
    found: dict[str, str] = {}
    at = 0
    while at < len(parts):
        below = inside(parts, at)
        if text := source_in(read, below):
            found.setdefault(parts[at].title, text)
        at += len(below)
    return found
