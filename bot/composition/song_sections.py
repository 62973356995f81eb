"""Parses the sections of a song, below names such as "Verse 1" or "[Chorus]", or its stanzas without names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.markup import Document, Line
from bot.reading.film import find_field, find_title_line, split_label
from bot.reading.lines import parse_names

# Names of sections in English, German, Spanish, French and Portuguese.
_VERSE_NAMES = parse_names("verse|strophe|stanza|vers|estrofa|verso|couplet|estrofe|spoken verse|rap verse|rap")
_OTHER_NAMES = parse_names(
    "chorus|refrain|hook|bridge|pre-chorus|prechorus|pre chorus|post-chorus|post chorus|intro|outro|interlude|instrumental|solo|break|breakdown|coda|tag"
    "|ending|end|final chorus|last chorus|opening|middle eight|middle 8|drop|build|ad-lib|ad-libs|spoken|spoken word|estribillo|coro|puente|preestribillo"
    "|pre-estribillo|refrão|refrao|ponte|pré-refrão|pré-refrain|pont|brücke|überleitung|vorrefrain|pre-refrain|schluss|zwischenspiel|refrain final|letzter refrain"
    "|estribillo final|refrão final|introdução|introduction|introducción|final|round|runde|part|teil|doppelrefrain|turnaround|vamp|guitar solo|all|alle|kehrvers"
    "|response|call"
)
# Names that are recognised without marks such as bold or brackets.
_UNMARKED_NAMES = _VERSE_NAMES | parse_names(
    "chorus|refrain|bridge|pre-chorus|intro|outro|estribillo|coro|puente|refrão|ponte|pont"
)
# Fields whose text is not sung.
_ASIDE_FIELDS = frozenset({"notes", "style", "settings", "length", "title", "model"})
_NAME_EDGES = " *_#:：()[]{}♪♫🎵🎶\t"
_TRAILING_REMARK = re.compile(r"\s{0,3}(?:[(\[:–—|,]|\s-).{0,80}$")
# The name of a section with a number before or after it.
_NUMBERED_NAME = re.compile(r"(?:\d{1,2}\.? )?(.{1,40}?)(?: (?:[#x×]?\d{1,2}[.x×]?|[ivx]{1,4}))?")


@dataclass(slots=True)
class SongSection:
    """A section: its name as written, the lines that are sung, and all of its lines as in the source."""

    name: str
    is_verse: bool
    lines: list[str] = field(default_factory=list)
    source_lines: list[Line] = field(default_factory=list)


def parse_song(document: Document) -> tuple[str, list[SongSection]]:
    """Return the title of a song and its sections; its stanzas if no section has both a name and lines."""
    title, title_line = find_title_line(document)
    if title_line is not None and _parse_section_name(title_line):
        title, title_line = "", None
    sections, current = list[SongSection](), None
    for line in document.lines:
        if line is title_line or line.sort == "rule":
            continue
        label, rest, _ = split_label(line)
        if name := _parse_section_name(line):
            current = SongSection(name, _classify_name(name) == "verse", source_lines=[line])
            sections.append(current)
            if rest not in ("", line.text) and not line.text.startswith(("[", "(")) and not rest.startswith(("(", "[")):
                current.lines.append(rest)
        elif (document.is_heading(line) or label) and find_field(label or line.text) in _ASIDE_FIELDS:
            current = None
        elif current is not None:
            current.source_lines.append(line)
            current.lines += [line.text] if line.text and not _is_direction(line.text) else []
    _fill_repeated_sections(sections)
    if any(section.lines for section in sections):
        return title, sections
    return title, _split_stanzas(document, title_line)


def _split_stanzas(document: Document, title_line: Line | None) -> list[SongSection]:
    """Return the stanzas of two or more lines, as verses without names."""
    stanzas, block, follows_empty_line = list[SongSection](), 0, False
    for line in document.lines:
        is_aside = line is title_line or line.sort in ("rule", "row") or document.is_heading(line)
        if is_aside or _is_direction(line.text):
            continue
        # In a code fence, empty lines separate stanzas; elsewhere paragraphs do.
        is_empty = line.sort == "code" and not line.text.strip()
        is_new_paragraph = line.block != block and line.sort != "code"
        if not stanzas or is_new_paragraph or is_empty or follows_empty_line:
            stanzas.append(SongSection("", True))
        follows_empty_line = is_empty
        block = line.block
        if line.text.strip():
            stanzas[-1].lines.append(line.text)
            stanzas[-1].source_lines.append(line)
    return [stanza for stanza in stanzas if len(stanza.lines) > 1]


def _fill_repeated_sections(sections: list[SongSection]) -> None:
    """Fill in the lines of sections that are only named again, such as "(Chorus)"."""
    lines_by_name: dict[str, list[str]] = {}
    for section in sections:
        name = section.name.casefold().rstrip(" 0123456789")
        if section.lines:
            lines_by_name.setdefault(name, section.lines)
        elif name in lines_by_name and not section.is_verse:
            section.lines = list(lines_by_name[name])


def _is_direction(text: str) -> bool:
    """Whether a line is a direction in brackets, which is not sung."""
    return text[:1] in "([" and text[-1:] in ")]" and bool(text)


def _classify_name(name: str) -> str:
    """Return "verse" or "other" for the name of a section, and "" for other texts."""
    text = name.casefold().strip(f"{_NAME_EDGES}-–—.")
    for candidate in (text, _TRAILING_REMARK.sub("", text)):
        match = _NUMBERED_NAME.fullmatch(candidate.strip(" .:"))
        unnumbered = match[1] if match else ""
        for known_name in (unnumbered, unnumbered.partition(" ")[2]):  # "First verse", "Final chorus".
            if known_name in _VERSE_NAMES:
                return "verse"
            if known_name in _OTHER_NAMES:
                return "other"
    return ""


def _parse_section_name(line: Line) -> str:
    """Return the name of the section that a line begins; empty for a line that is sung."""
    number = "" if line.ordinal is None else f"{line.ordinal}. "
    text = f"{number}{line.text.strip()}"
    if len(text) > 80 or line.sort == "row":
        return ""
    label, _, has_colon = split_label(line)
    is_bracketed = text[:1] in "[(" and text[-1:] in "])"
    is_marked = line.sort == "heading" or line.lead or is_bracketed or text.endswith((":", "："))
    if is_marked or (has_colon and _classify_name(label)):
        name = f"{number}{label}" if label and has_colon and not is_bracketed else text
        return _TRAILING_REMARK.sub("", name.strip(_NAME_EDGES)).strip(_NAME_EDGES) if _classify_name(name) else ""
    words = text.casefold().split()
    is_name = len(words) <= 2 and not _UNMARKED_NAMES.isdisjoint(words) and _classify_name(text)
    return text if is_name and (text[:1].isupper() or text[:1].isdigit()) else ""
