"""Parses the sections of a song: below "Verse 1", "[Chorus]", "**Refrain**", or stanzas without names. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.markup import Document, Line
from bot.reading.film import find_field, find_title_line, split_label
from bot.reading.lines import parse_names

# Names of sections in English, German, Spanish, French and Portuguese.
_VERSES = parse_names("verse|strophe|stanza|vers|estrofa|verso|couplet|estrofe|spoken verse|rap verse|rap")
_OTHERS = parse_names(
    "chorus|refrain|hook|bridge|pre-chorus|prechorus|pre chorus|post-chorus|post chorus|intro|outro|interlude|instrumental|solo|break|breakdown|coda|tag"
    "|ending|end|final chorus|last chorus|opening|middle eight|middle 8|drop|build|ad-lib|ad-libs|spoken|spoken word|estribillo|coro|puente|preestribillo"
    "|pre-estribillo|refrão|refrao|ponte|pré-refrão|pré-refrain|pont|brücke|überleitung|vorrefrain|pre-refrain|schluss|zwischenspiel|refrain final|letzter refrain"
    "|estribillo final|refrão final|introdução|introduction|introducción|final|round|runde|part|teil|doppelrefrain|turnaround|vamp|guitar solo|all|alle|kehrvers"
    "|response|call"
)
# Those that are names even without marks.
_PLAIN = _VERSES | parse_names("chorus|refrain|bridge|pre-chorus|intro|outro|estribillo|coro|puente|refrão|ponte|pont")
# Fields whose text is not sung.
_ASIDE = frozenset({"notes", "style", "settings", "length", "title", "model"})
_SIGNS = " *_#:：()[]{}♪♫🎵🎶\t"
_TRAILING_REMARK = re.compile(r"\s{0,3}(?:[(\[:–—|,]|\s-).{0,80}$")
# The name of a section between its numbers.
_CORE = re.compile(r"(?:\d{1,2}\.? )?(.{1,40}?)(?: (?:[#x×]?\d{1,2}[.x×]?|[ivx]{1,4}))?")


@dataclass(slots=True)
class SongSection:
    """A section with its name as written, its lines, and whether it is a verse; `source` holds all of its lines."""

    name: str
    is_verse: bool
    lines: list[str] = field(default_factory=list)
    source: list[Line] = field(default_factory=list)


def parse_song(document: Document) -> tuple[str, list[SongSection]]:
    """Return the title and the sections; stanzas between empty lines if none has a name."""
    title, head = find_title_line(document)
    if head is not None and _parse_section_name(head):
        title, head = "", None
    named, current = list[SongSection](), None
    for line in document.lines:
        if line is head or line.sort == "rule":
            continue
        label, rest, _ = split_label(line)
        if name := _parse_section_name(line):
            current = SongSection(name, _classify_name(name) == "verse", source=[line])
            named.append(current)
            if rest not in ("", line.text) and not line.text.startswith(("[", "(")) and not rest.startswith(("(", "[")):
                current.lines.append(rest)
        elif (document.is_heading(line) or label) and find_field(label or line.text) in _ASIDE:
            current = None
        elif current is not None:
            current.source.append(line)
            current.lines += [line.text] if line.text and not _is_direction(line.text) else []
    named = _fill_repeated_sections([one for one in named if one.source])
    if any(one.lines for one in named):
        return title, named
    return title, _split_stanzas(document, head)


def _split_stanzas(document: Document, head: Line | None) -> list[SongSection]:
    """Return unnamed blocks of two or more lines, all of them verses."""
    found, block, gap = list[SongSection](), 0, -1
    for line in document.lines:
        beside = line is head or line.sort in ("rule", "row") or document.is_heading(line)
        if beside or _is_direction(line.text):
            continue
        blank = line.sort == "code" and not line.text.strip()
        if not found or (line.block != block and line.sort != "code") or blank or gap == 0:
            found.append(SongSection("", True))
        gap = 0 if blank else 1
        block = line.block
        if line.text.strip():
            found[-1].lines.append(line.text)
            found[-1].source.append(line)
    return [one for one in found if len(one.lines) > 1]


def _fill_repeated_sections(sections: list[SongSection]) -> list[SongSection]:
    """Return the sections, with lines filled in for those that are only named again: "(Chorus)"."""
    lines: dict[str, list[str]] = {}
    for one in sections:
        key = one.name.casefold().rstrip(" 0123456789")
        if one.lines:
            lines.setdefault(key, one.lines)
        elif key in lines and not one.is_verse:
            one.lines = list(lines[key])
    return sections


def _is_direction(text: str) -> bool:
    return text[:1] in "([" and text[-1:] in ")]" and bool(text)


def _classify_name(name: str) -> str:
    """Return whether a name is that of a verse, of another section, or of none."""
    said = name.casefold().strip(f"{_SIGNS}-–—.")
    for part in (said, _TRAILING_REMARK.sub("", said)):
        found = _CORE.fullmatch(part.strip(" .:"))
        name = found[1] if found else ""
        for one in (name, name.partition(" ")[2]):  # "First verse", "Final chorus".
            if one in _VERSES | _OTHERS:
                return "verse" if one in _VERSES else "other"
    return ""


def _parse_section_name(line: Line) -> str:
    """Return the name of the section that a line begins; empty for a line that is sung."""
    text = line.text.strip() if line.ordinal is None else f"{line.ordinal}. {line.text.strip()}"
    if len(text) > 80 or line.sort == "row":
        return ""
    label, _, marked = split_label(line)
    bracketed = text[:1] in "[(" and text[-1:] in "])"
    if (
        line.sort == "heading"
        or line.lead
        or bracketed
        or text.endswith((":", "："))
        or (marked and _classify_name(label))
    ):
        number = "" if line.ordinal is None else f"{line.ordinal}. "
        name = f"{number}{label}" if label and marked and not bracketed else text
        return _TRAILING_REMARK.sub("", name.strip(_SIGNS)).strip(_SIGNS) if _classify_name(name) else ""
    plain = any(word in _PLAIN for word in text.casefold().split()) and len(text.split()) <= 2 and _classify_name(text)
    return text if plain and (text[:1].isupper() or text[:1].isdigit()) else ""
