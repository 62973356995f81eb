"""How a script is laid out: which of its lines name speakers and which begin scenes. Pure."""

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

_FIRST = re.compile(r"\s[–—-]\s|[:(|·\[]")
# Headings of sections that are not performed.
ASIDE_FIELDS = frozenset({"notes", "summary", "title", "settings", "onscreen", "style", "alt"})


class ScriptLayout:
    """What the lines of a script are, as far as all of them tell. If text `flows`, a paragraph after a turn continues it.

    If it is `narrated`, no speaker is named. `continues_turns`: unmarked text below a turn is speech too.
    """

    def __init__(self, document: Document, *, flows: bool, narrated: bool) -> None:
        self.document, self.flows = document, flows
        self.title = ""
        self.total: float | None = None
        labels = [split_label(line) for line in document.lines if line.sort != "row"]
        self.names = Counter(parse_speaker(label)[0].casefold() for label, _, marked in labels if marked)
        labelled = [(name, line) for line in document.lines if (name := self.get_speaker_label(line))]
        self._marked_names = {name.casefold() for name, line in labelled if line.lead or name.isupper()}
        several = sum(self.names[name.casefold()] > 0 for name, _ in labelled) > 1
        self._has_plain_names = not self._marked_names and several and not narrated
        self._headings = Counter(line.text.casefold() for line in document.lines if document.is_heading(line))
        # If stage directions are marked, unmarked text is speech.
        directions = any(is_stage_direction(line) for line in document.lines if line.sort != "row")
        name_lines = any(self.is_speaker_line(line) for line in document.lines if line.lead != line.text)
        self.continues_turns = flows or (directions and bool(self._marked_names) and not name_lines)
        self.title_line = self._find_title_line()
        others = (line for line in document.lines if line is not self.title_line and line.sort != "row")
        self.has_scenes = any(map(self.begins_scene, others))

    def _find_title_line(self) -> Line | None:
        """Return the line of the title: the first heading, unless it heads a scene."""
        title, head = find_title_line(self.document)
        if head is None:
            return None
        if find_field(split_label(head)[0]) != "title":
            of_scene = is_scene_heading(head.text) or find_field(head.text) in ("scene", "size", "notes")
            if of_scene or self.begins_with_time(head.text) or extract_time(head.text)[0].end is not None:
                return None
            others = [line for line in self.document.headings if line is not head]
            after = [line for line in self.document.lines if others and head.at < line.at < others[0].at]
            level = head.level if head.sort == "heading" else 9
            levels = [line.level if line.sort == "heading" else 9 for line in others]
            below = others and (level < min(levels) or level not in levels)
            if not below and others and any(self.has_speaker(line) for line in after):
                return None
        self.title, self.total = title, extract_time(head.text)[0].duration
        return head

    def get_speaker_label(self, line: Line) -> str:
        """Return the name before a colon that may be a speaker's."""
        label, rest, marked = split_label(line)
        name = parse_speaker(label)[0] if marked and rest and line.sort != "row" else ""
        return name if can_be_speaker(name) and find_field(label) is None else ""

    def has_speaker(self, line: Line) -> bool:
        """Whether a line begins with the name of a speaker and a colon."""
        return bool(name := self.get_speaker_label(line)) and self.is_speaker(name, line)

    def is_speaker(self, name: str, line: Line) -> bool:
        """Whether a name is a speaker: marked as one here or elsewhere, or one of several where none is marked."""
        return bool(line.lead) or name.isupper() or name.casefold() in self._marked_names or self._has_plain_names

    def begins_with_time(self, text: str) -> bool:
        """Whether a line begins with a time."""
        start = text[:60].lstrip("[(*⏱️ ")
        time, rest = extract_time(start)
        return start[:1].isdigit() and time != TimeSpan() and not rest.startswith(start[:3])

    def begins_scene(self, line: Line) -> bool:
        """Whether a line is the heading of a scene."""
        text = line.text
        if is_scene_heading(line.lead or text) or (
            not self.flows and self.begins_with_time(text) and line.sort != "row"
        ):
            return True
        first = _FIRST.split(text, maxsplit=1)[0]
        if find_field(first) in ("scene", "size") and find_number(first) is not None and len(first) < 40:
            return True
        if (
            line.lead == text.strip(" :")
            and line.sort != "row"
            and not self.flows
            and extract_time(text)[0] != TimeSpan()
        ):
            return True
        if self.document.is_heading(line) and (
            not is_stage_direction(line) or (self.flows and (extract_time(text)[0].start is not None))
        ):
            return not self.is_speaker_line(line) and (
                find_field(text) not in ASIDE_FIELDS or extract_time(text)[0] != TimeSpan()
            )
        return False

    def is_speaker_line(self, line: Line) -> bool:
        """Whether a line is only the name of the next speaker."""
        text = line.text.strip().rstrip(":")
        text = line.lead if line.lead.isupper() and line.rest.startswith("(") and line.rest.endswith(")") else text
        if line.sort not in ("text", "code") or is_scene_heading(text) or is_transition(text):
            return False
        if not can_be_speaker(parse_speaker(text)[0]) or find_field(text) in ("scene", "size"):
            return False
        if not self.flows and extract_time(text)[0] != TimeSpan():
            return False
        known = self.names[parse_speaker(text)[0].casefold()] > 0 or self._headings[line.text.casefold()] > 1
        return text.isupper() or (bool(line.lead) and not line.rest and known)
