"""A text as lines that know what they are. The source is never changed, so that parts are sliced from it verbatim. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

LineSort = Literal["heading", "text", "item", "row", "code", "rule"]
# A label before a colon: "Subject: …", "Slide 3 – Title: …".
_LABEL = re.compile(r"([^\n:：]{1,60}?)\s*[:：](?!//)\s*(.*)", re.DOTALL)
_NUMBER = re.compile(
    r"(?:Q|F|P|No\.?|Nr\.?|#)?\s{0,2}(\d{1,3})\s{0,2}(?:[.):：]|[-–—]\s)\s{0,4}(.*)", re.DOTALL | re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line as a reader sees it: `text` without marks, `source` with inline marks.

    `at` is its 0-based number in the source. `level` is that of a heading, or the depth of an entry's list, from 1. `ordinal` is
    the number of an entry of a numbered list. `block` numbers the paragraphs, so that lines of one paragraph share it; `entry`
    numbers the list entries (their first line has the sort "item", further ones "text"). `lead` is the bold text at its beginning,
    without a colon, and `rest` the text after it. A table row has `cells`, `cell_sources` with their marks, and `head` if it is
    a header row.
    """

    at: int
    sort: LineSort
    text: str
    source: str
    level: int = 0
    ordinal: int | None = None
    block: int = 0
    entry: int | None = None
    lead: str = ""
    rest: str = ""
    cells: tuple[str, ...] = ()
    cell_sources: tuple[str, ...] = ()
    head: bool = False

    @property
    def label(self) -> tuple[str, str]:
        """The label of the line, from a bold lead or a few words before a colon, and the rest; ("", text) without one."""
        if self.lead:
            return self.lead, self.rest
        if found := _LABEL.fullmatch(self.text):
            return found[1].strip(), found[2].strip()
        return "", self.text

    @property
    def numbered(self) -> tuple[int | None, str]:
        """The number at the beginning of the line, from a numbered list or as "3.", "3)", "Q3:", and the rest."""
        if self.ordinal is not None:
            return self.ordinal, self.text
        found = _NUMBER.fullmatch(self.text)
        return (int(found[1]), found[2].strip()) if found else (None, self.text)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with the lines below it, up to the next heading of its level or higher; the first may have no heading."""

    heading: Line | None
    lines: tuple[Line, ...]

    @property
    def title(self) -> str:
        """The text of the heading, empty without one."""
        return self.heading.text if self.heading else ""


@dataclass(frozen=True, eq=False)
class Document:
    """A text with its parsed lines."""

    text: str
    lines: tuple[Line, ...] = field(default=())

    @cached_property
    def _source(self) -> list[str]:
        return self.text.split("\n")

    def slice_source(self, start: int, end: int) -> str:
        """Return the verbatim source from one line up to another, exclusive."""
        return "\n".join(self._source[start:end]).strip()

    def get_source(self, lines: Sequence[Line]) -> str:
        """Return the verbatim source from the first to the last of some lines."""
        return self.slice_source(lines[0].at, lines[-1].at + 1) if lines else ""

    @cached_property
    def _block_sizes(self) -> Counter[int]:
        return Counter(line.block for line in self.lines)

    def is_heading(self, line: Line) -> bool:
        """Whether a line is a heading: marked as one, or entirely bold and alone in its paragraph."""
        if line.sort == "heading":
            return True
        bold = line.sort == "text" and line.lead and not line.rest and line.entry is None
        return bool(bold) and self._block_sizes[line.block] == 1

    @property
    def headings(self) -> list[Line]:
        """The headings: marked ones, and entirely bold lines alone in their paragraph."""
        return [line for line in self.lines if self.is_heading(line)]

    def split_at_rules(self) -> list[str]:
        """Return the verbatim source between rules (---)."""
        rules = [line.at for line in self.lines if line.sort == "rule"]
        starts, ends = [0, *(at + 1 for at in rules)], [*rules, len(self._source)]
        return [one for start, end in zip(starts, ends, strict=True) if (one := self.slice_source(start, end))]
