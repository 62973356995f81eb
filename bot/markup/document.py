"""The Markdown that users and models write, as lines that know what they are. Pure.

The source is never changed: each line knows its position, so that parts are sliced from the source verbatim.
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

LineSort = Literal["heading", "text", "item", "row", "code", "rule"]
# A label before a colon: "Subject: …", "Slide 3 – Title: …".
_LABEL = re.compile(r"([^\n:：]{1,60}?)\s*[:：](?!//)\s*(.*)", re.DOTALL)
_NUMBER = re.compile(
    r"(?:Q|F|P|No\.?|Nr\.?|#)?\s{0,2}(\d{1,3})\s{0,2}(?:[.):：]|[-–—]\s)\s{0,4}(.*)", re.DOTALL | re.IGNORECASE
)
# What stands before a table's line that is in a quote or a list; separators of its cells; and one at its end.
_ROW_PREFIX = re.compile(r"^(?:[ \t>]|[-*+][ \t]|\d{1,9}[.)][ \t])*")
_PIPE, _LAST_PIPE = re.compile(r"(?<!\\)\|"), re.compile(r"(?<!\\)\|\s*$")
# Separators between a bold lead and the rest of the line.
_LEAD_SEPARATORS = " \t:：–—-"


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


def parse_document(text: str) -> Document:
    """Parse a text into a document."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    parser = _LineParser()
    return Document(text, tuple(line for token in parse_tokens(text) for line in parser.parse(token)))


def split_paragraphs(text: str) -> list[str]:
    """Split a text at empty lines."""
    return [one.strip() for one in re.split(r"\n[ \t]*\n", text) if one.strip()]


def strip_marks(text: str) -> str:
    """Return a short text without its Markdown marks."""
    return "\n".join(line.text for line in parse_document(text).lines)


def parse_tokens(text: str) -> list[Token]:
    """Parse a text whose only line ends are "\\n" into the parser's tokens, which have the numbers of its lines.

    Each table gets as many columns as its longest row: the parser itself drops the cells that exceed the heading.
    """
    tokens, lines, is_changed = build_parser().parse(text), text.split("\n"), False
    for token in tokens:
        if token.type == "table_open" and token.map is not None:
            start, end = token.map
            missing_count = max(map(_count_cells, lines[start:end])) - _count_cells(lines[start])
            if missing_count > 0:
                lines[start] = _add_cells(lines[start], " ", missing_count)
                lines[start + 1] = _add_cells(lines[start + 1], "---", missing_count)
                is_changed = True
    return build_parser().parse("\n".join(lines)) if is_changed else tokens


def _count_cells(row: str) -> int:
    """Return the number of cells in a line of a table, within a quote or a list, too."""
    row = _ROW_PREFIX.sub("", row, count=1).strip()
    pipe_count = len(_PIPE.findall(row))
    return pipe_count + 1 - row.startswith("|") - bool(_LAST_PIPE.search(row))


def _add_cells(row: str, cell: str, count: int) -> str:
    return row.rstrip() + ("" if _LAST_PIPE.search(row) else " |") + f"{cell}|" * count


@cache
def build_parser() -> MarkdownIt:
    """Build the Markdown parser for texts of users and models."""
    from markdown_it import MarkdownIt

    # Setext headings would misread posts separated by rules, and apparent HTML or indented code is plain text.
    found = (
        MarkdownIt("commonmark")
        .enable(["table", "strikethrough"])
        .disable(["lheading", "code", "html_block", "html_inline", "reference"])
    )
    found.inline.ruler.before("emphasis", "times", _keep_star)
    return found


def _keep_star(state: StateInline, silent: bool) -> bool:
    """Keep a star within a word or a product literal, as in 2*3*4."""
    around = state.src[max(state.pos - 1, 0) : state.pos + 2]
    if len(around) != 3 or around[1] != "*" or not (around[0] + around[2]).isalnum() or not around.isascii():
        return False
    if not silent:
        state.pending += "*"
    state.pos += 1
    return True


@dataclass(slots=True)
class _TableRow:
    """A row of a table that is being parsed."""

    at: int
    cells: list[str] = field(default_factory=list)
    cell_sources: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _LineParser:
    """Turns the tokens of a text into lines; the state is where in lists, headings and tables a token stands."""

    depth: int = 0
    block: int = 0
    entry_count: int = 0
    # The number and the ordinal of each open list entry, the innermost last.
    entries: list[tuple[int, int | None]] = field(default_factory=list)
    begins_entry: bool = False
    heading_level: int = 0
    in_table_head: bool = False
    row: _TableRow | None = None

    def parse(self, token: Token) -> Iterator[Line]:
        """Yield the lines of a token, if it has any."""
        start = token.map[0] if token.map else 0
        match token.type:
            case "hr":
                self.block += 1
                yield Line(start, "rule", "", "---", block=self.block)
            case "fence":
                self.block += 1
                for number, one in enumerate(token.content.rstrip("\n").split("\n"), 1):
                    yield Line(start + number, "code", one, one, block=self.block)
            case "tr_close" if self.row is not None:
                yield self._build_row(self.row)
                self.row = None
            case "inline" if self.row is not None:
                self.row.cells.append("\n".join(text for text, _, _ in _split_pieces(token)))
                self.row.cell_sources.append(token.content)
            case "inline":
                yield from self._parse_paragraph(token, start)
            case _:
                self._open_or_close(token, start)

    def _open_or_close(self, token: Token, start: int) -> None:
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                self.depth += 1
            case "bullet_list_close" | "ordered_list_close":
                self.depth -= 1
            case "list_item_open":
                self.entry_count += 1
                self.entries.append((self.entry_count, int(token.info) if token.info.isdigit() else None))
                self.begins_entry = True
            case "list_item_close":
                self.entries.pop()
            case "heading_open":
                self.heading_level = int(token.tag[1:])
            case "heading_close":
                self.heading_level = 0
            case "thead_open":
                self.in_table_head = True
            case "thead_close":
                self.in_table_head = False
            case "tr_open":
                self.block += 1
                self.row = _TableRow(start)

    def _build_row(self, row: _TableRow) -> Line:
        return Line(
            row.at,
            "row",
            " | ".join(row.cells),
            "",
            block=self.block,
            cells=tuple(row.cells),
            cell_sources=tuple(row.cell_sources),
            head=self.in_table_head,
        )

    def _parse_paragraph(self, token: Token, start: int) -> Iterator[Line]:
        """Yield the lines of a paragraph, a heading or an entry of a list."""
        self.block += 1
        entry, ordinal = self.entries[-1] if self.entries else (None, None)
        sources = token.content.split("\n")
        for number, (piece, lead, rest) in enumerate(_split_pieces(token)):
            sort: LineSort = "heading" if self.heading_level else "item" if self.begins_entry else "text"
            yield Line(
                start + number,
                sort,
                piece,
                sources[number] if number < len(sources) else piece,
                level=self.heading_level or self.depth,
                ordinal=ordinal if self.begins_entry else None,
                block=self.block,
                entry=entry,
                lead=lead,
                rest=rest,
            )
            self.begins_entry = False


def _split_pieces(token: Token) -> Iterator[tuple[str, str, str]]:
    """Yield the text, the bold lead and the rest of each line of a paragraph."""
    text, lead, strong, leading = "", "", 0, True
    for child in [*(token.children or [])]:
        match child.type:
            case "softbreak" | "hardbreak":
                yield _build_piece(text, lead)
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
    yield _build_piece(text, lead)


def _build_piece(text: str, lead: str) -> tuple[str, str, str]:
    text, rest = text.strip(), text[len(lead) :] if lead else ""
    return text, lead.strip().rstrip(":：").strip(), rest.strip(_LEAD_SEPARATORS)
