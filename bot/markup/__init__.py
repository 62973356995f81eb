"""Reads the Markdown that people and models write as a row of lines that know what they are. Pure.

A text is read, never changed: each line knows where it stands in the source, so that a part is cut out of that as it was written.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

Sort = Literal["heading", "text", "item", "row", "code", "rule"]
# A few words before a colon: "Subject: …", "Slide 3 – Title: …".
_LABEL = re.compile(r"([^\n:：]{1,60}?)\s*[:：](?!//)\s*(.*)", re.DOTALL)
# What stands between a bold lead and what it leads.
_BETWEEN = " \t:：–—-"
_NUMBER = re.compile(
    r"(?:Q|F|P|No\.?|Nr\.?|#)?\s{0,2}(\d{1,3})\s{0,2}(?:[.):：]|[-–—]\s)\s{0,4}(.*)", re.DOTALL | re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line as a reader sees it: `text` without marks, `source` with them, but for those that make it a heading or an entry.

    `at` is its number in the source, from 0. `level` is that of a heading, or how deep an entry's list stands, from 1. `ordinal` is
    the number of an entry of a numbered list. `block` numbers the paragraphs, so that lines of one paragraph share it; `entry` the
    entries of lists, where it stands in one (its first line has the sort "item", those that go on "text"). `lead` is the bold text
    that it begins with, without a colon, and `rest` what follows that. Of a row of a table `cells` are its texts, `cell_sources`
    these with their marks, and it is a `head` or not.
    """

    at: int
    sort: Sort
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
        """What the line is labelled, by a bold lead or a few words before a colon, and what follows; ("", text) without one."""
        if self.lead:
            return self.lead, self.rest
        if found := _LABEL.fullmatch(self.text):
            return found[1].strip(), found[2].strip()
        return "", self.text

    @property
    def numbered(self) -> tuple[int | None, str]:
        """The number that the line begins with, as an entry of a numbered list or as "3.", "3)", "Q3:", and what follows."""
        if self.ordinal is not None:
            return self.ordinal, self.text
        found = _NUMBER.fullmatch(self.text)
        return (int(found[1]), found[2].strip()) if found else (None, self.text)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with the lines below it, up to the next heading of its level or a higher one; the first may have no heading."""

    heading: Line | None
    lines: tuple[Line, ...]

    @property
    def title(self) -> str:
        """Its heading's text, empty without one."""
        return self.heading.text if self.heading else ""


@dataclass(frozen=True, eq=False)
class Document:
    """A text with its lines."""

    text: str
    lines: tuple[Line, ...] = field(default=())

    @cached_property
    def _source(self) -> list[str]:
        return self.text.split("\n")

    def between(self, start: int, end: int) -> str:
        """The source from one line to before another, as it was written."""
        return "\n".join(self._source[start:end]).strip()

    def source_of(self, lines: Sequence[Line]) -> str:
        """The source from the first of some lines to the last, as it was written."""
        return self.between(lines[0].at, lines[-1].at + 1) if lines else ""

    @cached_property
    def _block_sizes(self) -> Counter[int]:
        return Counter(line.block for line in self.lines)

    def is_heading(self, line: Line) -> bool:
        """Whether a line is a heading: marked as one, or bold all through and alone in its paragraph."""
        if line.sort == "heading":
            return True
        bold = line.sort == "text" and line.lead and not line.rest and line.entry is None
        return bool(bold) and self._block_sizes[line.block] == 1

    @property
    def headings(self) -> list[Line]:
        """The headings: those that are marked so, and lines of their own that are bold all through."""
        return [line for line in self.lines if self.is_heading(line)]

    def parted_by_rules(self) -> list[str]:
        """The source of what stands between rules (---), as it was written."""
        rules = [line.at for line in self.lines if line.sort == "rule"]
        starts, ends = [0, *(at + 1 for at in rules)], [*rules, len(self._source)]
        return [one for start, end in zip(starts, ends, strict=True) if (one := self.between(start, end))]


def document(text: str) -> Document:
    """A text as a document."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return Document(text, tuple(_lines(text)))


def paragraphs(text: str) -> list[str]:
    """The source of each block between empty lines."""
    return [one.strip() for one in re.split(r"\n[ \t]*\n", text) if one.strip()]


def plain(text: str) -> str:
    """A line or two without their Markdown marks."""
    return "\n".join(line.text for line in document(text).lines)


@cache
def parser() -> MarkdownIt:
    """The reader of Markdown, as people and models write it."""
    from markdown_it import MarkdownIt

    # Underlines make headings of posts that a rule parts, and what looks like HTML or indented code in a text is neither.
    found = (
        MarkdownIt("commonmark")
        .enable(["table", "strikethrough"])
        .disable(["lheading", "code", "html_block", "html_inline", "reference"])
    )
    found.inline.ruler.before("emphasis", "times", _times)
    return found


def _times(state: StateInline, silent: bool) -> bool:
    """Takes a star within a word or a sum for itself, such as those of 2*3*4."""
    around = state.src[max(state.pos - 1, 0) : state.pos + 2]
    if len(around) != 3 or around[1] != "*" or not (around[0] + around[2]).isalnum() or not around.isascii():
        return False
    if not silent:
        state.pending += "*"
    state.pos += 1
    return True


def _lines(text: str) -> Iterator[Line]:
    depth, block, entry, entries = 0, 0, list[int](), 0
    ordinal: list[int | None] = []
    fresh, heading, row, in_head = False, 0, None, False
    for token in parser().parse(text):
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                depth += 1
            case "bullet_list_close" | "ordered_list_close":
                depth -= 1
            case "list_item_open":
                entries += 1
                entry.append(entries)
                ordinal.append(int(token.info) if token.info.isdigit() else None)
                fresh = True
            case "list_item_close":
                entry.pop()
                ordinal.pop()
            case "heading_open":
                heading = int(token.tag[1:])
            case "heading_close":
                heading = 0
            case "thead_open":
                in_head = True
            case "thead_close":
                in_head = False
            case "tr_open":
                block += not row
                row = (token.map or [0])[0], list[str](), list[str]()
            case "tr_close":
                assert row is not None
                at, cells, sources = row
                yield Line(
                    at, "row", " | ".join(cells), "", block=block, cells=tuple(cells), cell_sources=tuple(sources), head=in_head
                )  # fmt: skip
                row = None
            case "hr":
                block += 1
                yield Line((token.map or [0])[0], "rule", "", "---", block=block)
            case "fence":
                block += 1
                start = (token.map or [0])[0]
                for number, one in enumerate(token.content.rstrip("\n").split("\n"), 1):
                    yield Line(start + number, "code", one, one, block=block)
            case "inline" if row is not None:
                row[1].append("\n".join(text for text, _, _ in _pieces(token)))
                row[2].append(token.content)
            case "inline":
                block += 1
                start = (token.map or [0])[0]
                sources = token.content.split("\n")
                for number, (said, lead, rest) in enumerate(_pieces(token)):
                    sort: Sort = "heading" if heading else "item" if fresh else "text"
                    yield Line(
                        start + number, sort, said, sources[number] if number < len(sources) else said,
                        level=heading or depth, ordinal=ordinal[-1] if fresh and ordinal else None,
                        block=block, entry=entry[-1] if entry else None, lead=lead, rest=rest,
                    )  # fmt: skip
                    fresh = False


def _pieces(token: Token) -> Iterator[tuple[str, str, str]]:
    """The text, the bold lead and what follows it of each line of a paragraph."""
    text, lead, strong, leading = "", "", 0, True
    for child in [*(token.children or [])]:
        match child.type:
            case "softbreak" | "hardbreak":
                yield _piece(text, lead)
                text, lead, leading = "", "", True
                continue
            case "strong_open":
                leading = leading and not text.strip()
                strong += 1
            case "strong_close":
                strong -= 1
                if leading:
                    lead, leading = text, False
            case "image":
                text += child.content
            case "text" | "code_inline":
                text += child.content
                if not strong and text.strip():
                    leading = False
    yield _piece(text, lead)


def _piece(text: str, lead: str) -> tuple[str, str, str]:
    text, rest = text.strip(), text[len(lead) :] if lead else ""
    return text, lead.strip().rstrip(":：").strip(), rest.strip(_BETWEEN)
