"""Parses labels: on lines, above the text they introduce, and in tables. Pure.

The meaning of a text is ignored. A label counts in every language it is listed in, however it is marked.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bot.markup import Document, Line
from bot.reading.lines import flatten_lines, is_heading_line, keep_outer_entries, strip_decoration, unwrap_text
from bot.reading.surrounding_labels import translate_to_all

# A known label that makes no part, but ends the one before it.
OTHER_PART = "other"
# The maximum number of characters of a label, and of a title.
_MAX_LABEL_CHARACTERS, MAX_TITLE_CHARACTERS = 60, 120
TAG = re.compile(r"</?[a-zA-Z]{1,10}>")
_BREAK = re.compile(r"\s*<br\s?/?>\s*", re.IGNORECASE)
_ASIDE = re.compile(r"\s?[(\[][^()\[\]]{0,80}[)\]]\s?$")
_BRACKETS = re.compile(r"\([^()]{0,80}\):?")
_IN_BRACKETS = re.compile(r"[(\[（][^()\[\]（）]{0,80}[)\]）]")
_NO_LETTER = re.compile(r"[^\w\s'&/]|_")
_NUMBERED = re.compile(r"(.{1,50}?)[ -]?#? ?(\d{1,3})(?: ?(?:/|of|von|de|sur) ?\d{1,3})?|(.{2,50}) [a-h]")
_COUNT_AROUND = re.compile(r"^\W{0,4}\d{1,2}[.)]?\s|\s\d{1,3}\W{0,4}$")
# What may follow the name of a part: "benefits section".
_PART_SUFFIXES = (" section", " block", " copy", " options", " ideas", " abschnitt", " bereich")
_DASH = re.compile(r"\s[–—-]+\s|[:：|]")
_COLON = re.compile(r"\s*[:：](?!//)\s*")
_PIECES = re.compile(r"[:：–—|/&,-]\s|\s(?:and|und|y|et|e)\s", re.IGNORECASE)


def normalise_label(text: str) -> str:
    """Return a label in the form it is looked up by: lower case, without marks, emoji and trailing brackets."""
    text = _ASIDE.sub("", TAG.sub("", text[: 3 * _MAX_LABEL_CHARACTERS]).casefold().replace("’", "'").strip(" *:："))
    return " ".join(_NO_LETTER.sub(" ", text).split()).strip(" /&")


@cache
def _load_data() -> dict[str, Any]:
    return tomllib.loads((files("bot.reading") / "education.toml").read_text(encoding="utf-8"))


@cache
def load_part_words(name: str) -> frozenset[str]:
    """Return what teachers' texts call a part, in all languages."""
    return frozenset(filter(None, map(normalise_label, _load_data()[name])))


def build_alternation(name: str, *but: str) -> str:
    """Return the words for a part as alternatives of a pattern, except for some."""
    return "|".join(sorted(map(re.escape, set(_load_data()[name]) - {*but}), key=len, reverse=True))


@cache
def load_truth_words() -> tuple[tuple[str, str, str], ...]:
    """Return (language, true, false) for each pair of truth words."""
    return tuple((language, true, false) for language, true, false in _load_data()["true_false"])


def is_part_title(text: str, name: str) -> bool:
    """Whether a text is one of the words for a part, also with a number or brackets: "Roles (2 players)"."""
    if len(text) > MAX_TITLE_CHARACTERS:
        return False
    known, shown = load_part_words(name), _COUNT_AROUND.sub("", _IN_BRACKETS.sub(" ", text).strip())
    # "Part 2: Materials", "Materials / resources", "Materials and handouts".
    pieces = _PIECES.split(shown)
    tried = (text, shown, *(pieces if len(pieces) < 4 else ()))
    return any(told in known for told in map(normalise_label, tried))


def parse_label(line: Line) -> tuple[str, str]:
    """Return a line's label in its lookup form and the text after it, separated by a colon or by bold; ("", text) without a
    label.
    """
    text = TAG.sub("", line.text.replace("||", " ")).strip()
    if (found := _COLON.search(text[: _MAX_LABEL_CHARACTERS + 4])) and found.start() <= _MAX_LABEL_CHARACTERS:
        return normalise_label(text[: found.start()]), text[found.end() :].strip()
    if line.lead and len(line.lead) <= _MAX_LABEL_CHARACTERS and (line.rest or line.lead == text):
        return normalise_label(line.lead), line.rest
    return "", text


def get_labelled_text(line: Line, name: str) -> str | None:
    """Return the text after a label that is one of the words for a part, with or without a number; None if the line has no
    such label.
    """
    label, rest = parse_label(line)
    return (
        rest
        if label and (label in load_part_words(name) or re.sub(r"\s*\d{1,3}$", "", label) in load_part_words(name))
        else None
    )


class Labels:
    """The labels of a kind's parts: names of parts, each with its labels, separated by "|".

    Labels listed in labels.toml count in all of its languages.
    """

    def __init__(self, **parts: str) -> None:
        self._names: dict[str, str] = {}
        for part, labels in parts.items():
            for label in labels.split("|"):
                for one in translate_to_all(label):
                    self._names.setdefault(normalise_label(one), part)

    def find(self, text: str) -> str | None:
        """Return the part that a label names, with or without a number or letter after it; None if it names none."""
        head = _DASH.split(text[: 3 * _MAX_LABEL_CHARACTERS], maxsplit=1)[0]
        return next((found for one in (text, head) if (found := self._find(normalise_label(one)))), None)

    def _find(self, label: str) -> str | None:
        without = label.lstrip("0123456789 ./-")
        numbered = _NUMBERED.fullmatch(without)
        stems = (
            label,
            without,
            (numbered[1] or numbered[3]) if numbered else "",
            *map(without.removesuffix, _PART_SUFFIXES),
        )
        return next((self._names[one] for stem in stems if (one := stem.strip()) in self._names), None)

    def match_line(self, line: Line) -> tuple[str, str] | None:
        """Return the part that a line is labelled as, and the text after the label."""
        if line.sort in ("row", "code", "rule") or not line.text:
            return None
        lead, _, behind = line.lead.partition(":")
        tried = [(lead, f"{behind.strip()} {line.rest}".strip()), line.label] if behind else [line.label]
        for label, rest in tried:
            if label and (part := self.find(label)):
                # Brackets hold what the label is about.
                return part, "" if _BRACKETS.fullmatch(rest) else rest
        alone = line.sort == "heading" or (
            line.sort == "text" and len(line.text) <= _MAX_LABEL_CHARACTERS and not line.lead
        )
        if alone and (
            part := self.find(line.text) if line.sort == "heading" else self._find(normalise_label(line.text))
        ):
            return part, ""
        return None


@dataclass(frozen=True, slots=True)
class LabelledText:
    """The text after a label: on its own line as `value`, and in the `lines` below it."""

    part: str
    line: Line
    value: str
    lines: tuple[Line, ...]

    @property
    def entries(self) -> list[str]:
        """The text as a list without marks: its entries, else its lines."""
        items = [line for line in self.lines if line.sort == "item"]
        if self.value:
            # In a list where only the first entry is labelled, the other entries belong to it.
            beside = [line for line in items if self.line.sort == "item" and line.level == self.line.level]
            return [strip_decoration(self.value), *(strip_decoration(line.text) for line in beside)]
        shown = keep_outer_entries(items) or [line for line in self.lines if line.sort != "row"]
        return [text for line in shown if (text := strip_decoration(line.text))]

    @property
    def text(self) -> str:
        """The text without marks."""
        return self._separator.join(filter(None, (strip_decoration(self.value), flatten_lines(self.lines))))

    def get_source(self, document: Document) -> str:
        """Return the text as it was written."""
        value = get_text_after_label(self.line) if self.value else ""
        below = unwrap_text(document.get_source(self.lines))
        return self._separator.join(filter(None, (value, below)))

    @property
    def _separator(self) -> str:
        return "\n" if self.lines and self.lines[0].block == self.line.block else "\n\n"


def find_labelled_texts(document: Document, labels: Labels) -> list[LabelledText]:
    """Return all texts after known labels, up to the next label, heading or rule."""
    found: list[tuple[str, Line, str, list[Line]]] = []
    is_open = False
    for line in document.lines:
        if known := labels.match_line(line):
            found.append((known[0], line, known[1], []))
            is_open = True
        elif is_open and (
            line.sort == "rule" or _ends_label(document, line, found[-1][1]) or _has_own_label(line, *found[-1][1:3])
        ):
            is_open = False
        elif is_open:
            found[-1][3].append(line)
    return [LabelledText(part, line, value, tuple(below)) for part, line, value, below in found]


def _has_own_label(line: Line, head: Line, value: str) -> bool:
    """Whether a line has an unknown label of its own, below a label with a value."""
    return bool(value and line.block == head.block and line.lead and line.rest)


def _ends_label(document: Document, line: Line, head: Line) -> bool:
    return is_heading_line(document, line) and (
        head.sort != "heading" or (line.sort == "heading" and line.level <= head.level)
    )


def collect_tables(lines: Iterable[Line]) -> list[list[tuple[str, ...]]]:
    """Return the tables among some lines as rows of cells, the heading row first."""
    found: list[list[tuple[str, ...]]] = []
    for line in lines:
        if line.sort == "row":
            if line.head or not found:
                found.append([])
            found[-1].append(tuple(_BREAK.sub("\n", cell).replace("||", "").strip() for cell in line.cells))
    return found


def find_column(head: Sequence[str], *names: str) -> int | None:
    """Return the first column whose heading is one of the words for a part, trying the names in order."""
    return next((at for name in names for at, cell in enumerate(head) if is_part_title(cell, name)), None)


def find_labelled_cells(document: Document, labels: Labels) -> list[tuple[str, str]]:
    """Return what tables give for known labels, which precede the rows or head the columns."""
    found: list[tuple[str, str]] = []
    for rows in collect_tables(document.lines):
        before = [labels.find(row[0]) if row else None for row in rows]
        if len(rows) - 1 <= 2 * sum(part is not None for part in before[1:]):
            for part, row in zip(before, rows, strict=True):
                value = next((cell for cell in row[1:] if any(map(str.isalpha, cell))), "")
                if part and value:
                    found.append((part, strip_decoration(value)))
            continue
        above = [labels.find(cell) for cell in rows[0]]
        columns = [(part, cell) for row in rows[1:] for part, cell in zip(above, row, strict=False) if cell]
        found += [(part, strip_decoration(cell)) for part, cell in columns if part and part != OTHER_PART]
    return found


def collect_labelled_lists(document: Document, labels: Labels) -> dict[str, list[str]]:
    """Return each known part as the list of everything labelled so."""
    told: dict[str, list[str]] = {}
    for one in find_labelled_texts(document, labels):
        told.setdefault(one.part, []).extend(one.entries)
    for part, cell in find_labelled_cells(document, labels):
        told.setdefault(part, []).append(cell)
    return {part: texts for part, texts in told.items() if texts and part != OTHER_PART}


def get_text_after_label(line: Line) -> str:
    """Return the text after a line's label, as it was written."""
    label, rest = line.label
    pattern = rf"[\s>*_#]{{0,8}}{re.escape(label)}[\s*_]{{0,6}}[:：–—-]?[\s*_]{{0,6}}"
    found = re.match(pattern, line.source)
    if not found or not label:
        return rest
    behind = line.source[found.end() :].strip()
    # A mark that enclosed both label and text is unopened now.
    return behind.removesuffix("**") if behind.count("**") % 2 else behind
