"""Recognises which lines of a script name speakers and which begin scenes."""

from __future__ import annotations

import re
from collections import Counter

from bot.markup import Document, Line
from bot.reading.film import (
    TimeSpan,
    can_be_speaker,
    extract_time,
    find_field,
    find_number,
    find_title_line,
    is_scene_heading,
    is_stage_direction,
    is_transition,
    parse_speaker,
    split_label,
)

_HEADING_SEPARATOR = re.compile(r"\s[–—-]\s|[:(|·\[]")
# The fields of headings of sections that are not performed.
ASIDE_FIELDS = frozenset({"notes", "summary", "title", "settings", "onscreen", "style", "alt"})


class ScriptLayout:
    """How a script is laid out, judging by all of its lines: which are names of speakers, and which begin scenes.

    In a script that `is_narrated`, no speaker is named. If it `continues_turns`, unmarked text below a turn is speech.
    """

    def __init__(self, document: Document, *, is_audio: bool, is_narrated: bool) -> None:
        self.document, self.is_audio = document, is_audio
        self.title = ""
        self.total_seconds: float | None = None
        labels = [split_label(line) for line in document.lines if line.sort != "row"]
        # How often each name stands before a colon.
        self.names = Counter(parse_speaker(label)[0].casefold() for label, _, has_colon in labels if has_colon)
        names_and_lines = [(name, line) for line in document.lines if (name := self.get_speaker_label(line))]
        self._marked_names = {name.casefold() for name, line in names_and_lines if line.lead or name.isupper()}
        has_several = sum(self.names[name.casefold()] > 0 for name, _ in names_and_lines) > 1
        self._has_plain_names = not self._marked_names and has_several and not is_narrated
        self._headings = Counter(line.text.casefold() for line in document.lines if document.is_heading(line))
        # If stage directions are marked, unmarked text is speech.
        has_directions = any(is_stage_direction(line) for line in document.lines if line.sort != "row")
        has_speaker_lines = any(self.is_speaker_line(line) for line in document.lines if line.lead != line.text)
        self.continues_turns = is_audio or (has_directions and bool(self._marked_names) and not has_speaker_lines)
        self.title_line = self._find_title_line()
        other_lines = (line for line in document.lines if line is not self.title_line and line.sort != "row")
        self.has_scenes = any(map(self.begins_scene, other_lines))

    def _find_title_line(self) -> Line | None:
        """Return the line of the title and set title and length; None if there is none or it heads a scene."""
        title, line = find_title_line(self.document)
        if line is None or (find_field(split_label(line)[0]) != "title" and self._heads_scene(line)):
            return None
        self.title, self.total_seconds = title, extract_time(line.text)[0].duration
        return line

    def _heads_scene(self, line: Line) -> bool:
        """Whether the first heading of a script is that of a scene rather than its title."""
        if is_scene_heading(line.text) or find_field(line.text) in ("scene", "size", "notes"):
            return True
        if self.begins_with_time(line.text) or extract_time(line.text)[0].end is not None:
            return True
        others = [heading for heading in self.document.headings if heading is not line]
        if not others:
            return False
        # With speech right below, it heads a scene, unless the other headings rank below it.
        level, *levels = (heading.level if heading.sort == "heading" else 9 for heading in (line, *others))
        is_outermost = level < min(levels) or level not in levels
        lines_below = [other for other in self.document.lines if line.at < other.at < others[0].at]
        return not is_outermost and any(map(self.has_speaker, lines_below))

    def get_speaker_label(self, line: Line) -> str:
        """Return the name before a line's colon if it can be a speaker's; empty otherwise."""
        label, rest, has_colon = split_label(line)
        name = parse_speaker(label)[0] if has_colon and rest and line.sort != "row" else ""
        return name if can_be_speaker(name) and find_field(label) is None else ""

    def has_speaker(self, line: Line) -> bool:
        """Whether a line begins with the name of a speaker and a colon."""
        return bool(name := self.get_speaker_label(line)) and self.is_speaker(name, line)

    def is_speaker(self, name: str, line: Line) -> bool:
        """Whether a name before a colon is a speaker's: in bold or capitals, here or elsewhere, unless no name is."""
        return bool(line.lead) or name.isupper() or name.casefold() in self._marked_names or self._has_plain_names

    def begins_with_time(self, text: str) -> bool:
        """Whether a text begins with a time."""
        start = text[:60].lstrip("[(*⏱️ ")
        time, rest = extract_time(start)
        return start[:1].isdigit() and time != TimeSpan() and not rest.startswith(start[:3])

    def begins_scene(self, line: Line) -> bool:
        """Whether a line is the heading of a scene."""
        text = line.text
        if is_scene_heading(line.lead or text):
            return True
        if not self.is_audio and line.sort != "row":
            is_timed_bold = line.lead == text.strip(" :") and extract_time(text)[0] != TimeSpan()
            if is_timed_bold or self.begins_with_time(text):
                return True
        name = _HEADING_SEPARATOR.split(text, maxsplit=1)[0]
        if find_field(name) in ("scene", "size") and find_number(name) is not None and len(name) < 40:
            return True
        if not self.document.is_heading(line) or self.is_speaker_line(line):
            return False
        time = extract_time(text)[0]
        if is_stage_direction(line) and not (self.is_audio and time.start is not None):
            return False
        return find_field(text) not in ASIDE_FIELDS or time != TimeSpan()

    def is_speaker_line(self, line: Line) -> bool:
        """Whether a line is only the name of the next speaker."""
        text = line.text.strip().rstrip(":")
        if line.lead.isupper() and line.rest.startswith("(") and line.rest.endswith(")"):
            text = line.lead
        if line.sort not in ("text", "code") or is_scene_heading(text) or is_transition(text):
            return False
        name = parse_speaker(text)[0]
        if not can_be_speaker(name) or find_field(text) in ("scene", "size"):
            return False
        if not self.is_audio and extract_time(text)[0] != TimeSpan():
            return False
        is_repeated = self.names[name.casefold()] > 0 or self._headings[line.text.casefold()] > 1
        return text.isupper() or (bool(line.lead) and not line.rest and is_repeated)
