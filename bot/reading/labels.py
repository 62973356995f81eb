"""Finds the labels of a text's parts: on lines, above the text they introduce, and in tables.

A label is recognised by its words, in every language it is listed in and whatever its markup.
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

# The part of known labels whose text is ignored; like any label, they end the part above them.
OTHER_PART = "other"
_MAX_LABEL_CHARACTERS = 60
MAX_TITLE_CHARACTERS = 120
TAG = re.compile(r"</?[a-zA-Z]{1,10}>")
_HTML_BREAK = re.compile(r"\s*<br\s?/?>\s*", re.IGNORECASE)
_TRAILING_BRACKETS = re.compile(r"\s?[(\[][^()\[\]]{0,80}[)\]]\s?$")
_ONLY_BRACKETS = re.compile(r"\([^()]{0,80}\):?")
_ANY_BRACKETS = re.compile(r"[(\[（][^()\[\]（）]{0,80}[)\]）]")
_LABEL_PUNCTUATION = re.compile(r"[^\w\s'&/]|_")
_NUMBERED_LABEL = re.compile(r"(.{1,50}?)[ -]?#? ?(\d{1,3})(?: ?(?:/|of|von|de|sur) ?\d{1,3})?|(.{2,50}) [a-h]")
_SURROUNDING_NUMBER = re.compile(r"^\W{0,4}\d{1,2}[.)]?\s|\s\d{1,3}\W{0,4}$")
# What may follow the name of a part: "benefits section".
_PART_SUFFIXES = (" section", " block", " copy", " options", " ideas", " abschnitt", " bereich")
_DASH_OR_COLON = re.compile(r"\s[–—-]+\s|[:：|]")
_COLON = re.compile(r"\s*[:：](?!//)\s*")
_TITLE_SEPARATOR = re.compile(r"[:：–—|/&,-]\s|\s(?:and|und|y|et|e)\s", re.IGNORECASE)


def normalise_label(text: str) -> str:
    """Return a label in the form it is looked up by: lower case, without marks, emoji and trailing brackets."""
    text = _TRAILING_BRACKETS.sub(
        "", TAG.sub("", text[: 3 * _MAX_LABEL_CHARACTERS]).casefold().replace("’", "'").strip(" *:：")
    )
    return " ".join(_LABEL_PUNCTUATION.sub(" ", text).split()).strip(" /&")


@cache
def _load_education_words() -> dict[str, Any]:
    return tomllib.loads((files("bot.reading") / "education.toml").read_text(encoding="utf-8"))


@cache
def load_part_words(name: str) -> frozenset[str]:
    """Return the words that texts for teaching use for a part, in all languages, normalised as labels."""
    return frozenset(filter(None, map(normalise_label, _load_education_words()[name])))


def build_alternation(name: str, *excluded: str) -> str:
    """Build a pattern that matches the words for a part, longest first, except for the excluded ones."""
    return "|".join(sorted(map(re.escape, set(_load_education_words()[name]) - {*excluded}), key=len, reverse=True))


@cache
def load_truth_words() -> tuple[tuple[str, str, str], ...]:
    """Return (language, word for true, word for false) for each pair of words."""
    return tuple((language, true, false) for language, true, false in _load_education_words()["true_false"])


def is_part_title(text: str, name: str) -> bool:
    """Whether a title names a part, alone or among others, ignoring numbers and brackets: "Roles (2 players)"."""
    if len(text) > MAX_TITLE_CHARACTERS:
        return False
    part_words, bare = load_part_words(name), _SURROUNDING_NUMBER.sub("", _ANY_BRACKETS.sub(" ", text).strip())
    # "Part 2: Materials", "Materials / resources", "Materials and handouts".
    pieces = _TITLE_SEPARATOR.split(bare)
    candidates = (text, bare, *(pieces if len(pieces) < 4 else ()))
    return any(candidate in part_words for candidate in map(normalise_label, candidates))


def parse_label(line: Line) -> tuple[str, str]:
    """Return a line's normalised label, ended by a colon or by the end of bold text, and the text after it.

    Without a label, return "" and the line's text.
    """
    text = TAG.sub("", line.text.replace("||", " ")).strip()
    if (match := _COLON.search(text[: _MAX_LABEL_CHARACTERS + 4])) and match.start() <= _MAX_LABEL_CHARACTERS:
        return normalise_label(text[: match.start()]), text[match.end() :].strip()
    if line.lead and len(line.lead) <= _MAX_LABEL_CHARACTERS and (line.rest or line.lead == text):
        return normalise_label(line.lead), line.rest
    return "", text


def get_labelled_text(line: Line, name: str) -> str | None:
    """Return the text after a line's label for a part, which may have a number; None without such a label."""
    label, rest = parse_label(line)
    part_words = load_part_words(name)
    is_named = bool(label) and (label in part_words or re.sub(r"\s*\d{1,3}$", "", label) in part_words)
    return rest if is_named else None


class Labels:
    """The labels of a kind's parts.

    Each argument is named after a part and holds its labels, separated by "|". A label in labels.toml includes its translations.
    """

    def __init__(self, **parts: str) -> None:
        self._names: dict[str, str] = {}
        for part, labels in parts.items():
            for label in labels.split("|"):
                for translation in translate_to_all(label):
                    self._names.setdefault(normalise_label(translation), part)

    def find(self, text: str) -> str | None:
        """Return the part that a label names, ignoring numbers and text after a dash or colon; None without one."""
        before_dash = _DASH_OR_COLON.split(text[: 3 * _MAX_LABEL_CHARACTERS], maxsplit=1)[0]
        return next(
            (part for candidate in (text, before_dash) if (part := self._find(normalise_label(candidate)))), None
        )

    def _find(self, label: str) -> str | None:
        unnumbered = label.lstrip("0123456789 ./-")
        match = _NUMBERED_LABEL.fullmatch(unnumbered)
        stems = (
            label,
            unnumbered,
            (match[1] or match[3]) if match else "",
            *map(unnumbered.removesuffix, _PART_SUFFIXES),
        )
        return next((self._names[name] for stem in stems if (name := stem.strip()) in self._names), None)

    def match_line(self, line: Line) -> tuple[str, str] | None:
        """Return the part that a line's label names, and the text after the label; None without a known label."""
        if line.sort in ("row", "code", "rule") or not line.text:
            return None
        lead, _, after_colon = line.lead.partition(":")
        labelled_texts = [line.label]
        if after_colon:
            labelled_texts.insert(0, (lead, f"{after_colon.strip()} {line.rest}".strip()))
        for label, rest in labelled_texts:
            if label and (part := self.find(label)):
                # Text in brackets explains the label and is not the part's.
                return part, "" if _ONLY_BRACKETS.fullmatch(rest) else rest
        part = None
        if line.sort == "heading":
            part = self.find(line.text)
        elif line.sort == "text" and len(line.text) <= _MAX_LABEL_CHARACTERS and not line.lead:
            part = self._find(normalise_label(line.text))
        return (part, "") if part else None


@dataclass(frozen=True, slots=True)
class LabelledText:
    """The text that a label introduces: `value` after it on its `line`, and the `lines` below it."""

    part: str
    line: Line
    value: str
    lines: tuple[Line, ...]

    @property
    def entries(self) -> list[str]:
        """The text as a list without marks: its entries, else its lines."""
        entries = [line for line in self.lines if line.sort == "item"]
        if self.value:
            # The label on a list's first entry holds for the entries after it.
            siblings = [line for line in entries if self.line.sort == "item" and line.level == self.line.level]
            return [strip_decoration(self.value), *(strip_decoration(line.text) for line in siblings)]
        listed_lines = keep_outer_entries(entries) or [line for line in self.lines if line.sort != "row"]
        return [text for line in listed_lines if (text := strip_decoration(line.text))]

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
    """Return all texts after known labels, each up to the next label, heading or rule."""
    texts: list[tuple[str, Line, str, list[Line]]] = []
    is_open = False
    for line in document.lines:
        if labelled := labels.match_line(line):
            texts.append((labelled[0], line, labelled[1], []))
            is_open = True
        elif is_open and (
            line.sort == "rule" or _ends_label(document, line, texts[-1][1]) or _has_own_label(line, *texts[-1][1:3])
        ):
            is_open = False
        elif is_open:
            texts[-1][3].append(line)
    return [LabelledText(part, line, value, tuple(below)) for part, line, value, below in texts]


def _has_own_label(line: Line, label_line: Line, value: str) -> bool:
    """Whether a line has an unknown label of its own, below a label with a value."""
    return bool(value and line.block == label_line.block and line.lead and line.rest)


def _ends_label(document: Document, line: Line, label_line: Line) -> bool:
    """Whether a line is a heading that is not nested below the label."""
    return is_heading_line(document, line) and (
        label_line.sort != "heading" or (line.sort == "heading" and line.level <= label_line.level)
    )


def collect_tables(lines: Iterable[Line]) -> list[list[tuple[str, ...]]]:
    """Return the tables in some lines, each as rows of cells, the header row first."""
    tables: list[list[tuple[str, ...]]] = []
    for line in lines:
        if line.sort == "row":
            if line.head or not tables:
                tables.append([])
            tables[-1].append(tuple(_HTML_BREAK.sub("\n", cell).replace("||", "").strip() for cell in line.cells))
    return tables


def find_column(headings: Sequence[str], *names: str) -> int | None:
    """Return the index of the column titled as a part, trying the parts' names in order; None without one."""
    return next((column for name in names for column, cell in enumerate(headings) if is_part_title(cell, name)), None)


def find_labelled_cells(document: Document, labels: Labels) -> list[tuple[str, str]]:
    """Return (part, text) for each cell with a known label in the first column or, failing that, in the header row."""
    cells: list[tuple[str, str]] = []
    for rows in collect_tables(document.lines):
        row_parts = [labels.find(row[0]) if row else None for row in rows]
        if len(rows) - 1 <= 2 * sum(part is not None for part in row_parts[1:]):
            for part, row in zip(row_parts, rows, strict=True):
                value = next((cell for cell in row[1:] if any(map(str.isalpha, cell))), "")
                if part and value:
                    cells.append((part, strip_decoration(value)))
            continue
        column_parts = [labels.find(cell) for cell in rows[0]]
        column_cells = [(part, cell) for row in rows[1:] for part, cell in zip(column_parts, row, strict=False) if cell]
        cells += [(part, strip_decoration(cell)) for part, cell in column_cells if part and part != OTHER_PART]
    return cells


def collect_labelled_lists(document: Document, labels: Labels) -> dict[str, list[str]]:
    """Return the entries and cells labelled as each part, by part."""
    texts_by_part: dict[str, list[str]] = {}
    for labelled in find_labelled_texts(document, labels):
        texts_by_part.setdefault(labelled.part, []).extend(labelled.entries)
    for part, cell in find_labelled_cells(document, labels):
        texts_by_part.setdefault(part, []).append(cell)
    return {part: texts for part, texts in texts_by_part.items() if texts and part != OTHER_PART}


def get_text_after_label(line: Line) -> str:
    """Return the text after a line's label with its inline marks."""
    label, rest = line.label
    pattern = rf"[\s>*_#]{{0,8}}{re.escape(label)}[\s*_]{{0,6}}[:：–—-]?[\s*_]{{0,6}}"
    match = re.match(pattern, line.source)
    if not match or not label:
        return rest
    text = line.source[match.end() :].strip()
    # Bold that began before the label has lost its opening marks.
    return text.removesuffix("**") if text.count("**") % 2 else text
