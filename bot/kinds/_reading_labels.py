"""Reads what the parts of a text are called: labels on lines, over what stands below them, and in tables. Pure.

Nothing here looks at what a text means. A label counts in any language that it is listed in, however it is marked.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bot.kinds._labels import in_every_language
from bot.kinds._reading_lines import flat, is_head, outer, tidy, unwrapped
from bot.markup import Document, Line

# A label that is known, and of which no part is made: it ends what stands before it.
OTHER = "other"
# Characters of a label, and of a title.
_LABEL, MAX_TITLE = 60, 120
TAG = re.compile(r"</?[a-zA-Z]{1,10}>")
_BREAK = re.compile(r"\s*<br\s?/?>\s*", re.IGNORECASE)
_ASIDE = re.compile(r"\s?[(\[][^()\[\]]{0,80}[)\]]\s?$")
_BRACKETS = re.compile(r"\([^()]{0,80}\):?")
_IN_BRACKETS = re.compile(r"[(\[（][^()\[\]（）]{0,80}[)\]）]")
_NO_LETTER = re.compile(r"[^\w\s'&/]|_")
_NUMBERED = re.compile(r"(.{1,50}?)[ -]?#? ?(\d{1,3})(?: ?(?:/|of|von|de|sur) ?\d{1,3})?|(.{2,50}) [a-h]")
_COUNTED = re.compile(r"^\W{0,4}\d{1,2}[.)]?\s|\s\d{1,3}\W{0,4}$")
# What may stand behind the name of a part: "benefits section".
_SORTS = (" section", " block", " copy", " options", " ideas", " abschnitt", " bereich")
_DASH = re.compile(r"\s[–—-]+\s|[:：|]")
_COLON = re.compile(r"\s*[:：](?!//)\s*")
_PIECES = re.compile(r"[:：–—|/&,-]\s|\s(?:and|und|y|et|e)\s", re.IGNORECASE)


def bare(text: str) -> str:
    """A label as it is looked up: small letters without marks, emoji, and what stands in brackets behind it."""
    text = _ASIDE.sub("", TAG.sub("", text[: 3 * _LABEL]).casefold().replace("’", "'").strip(" *:："))
    return " ".join(_NO_LETTER.sub(" ", text).split()).strip(" /&")


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((files("bot.kinds") / "education.toml").read_text(encoding="utf-8"))


@cache
def words(name: str) -> frozenset[str]:
    """What teachers' texts call a part, in all languages."""
    return frozenset(filter(None, map(bare, _data()[name])))


def any_of(name: str, *but: str) -> str:
    """The words for a part as a piece of a pattern, but for some."""
    return "|".join(sorted(map(re.escape, set(_data()[name]) - {*but}), key=len, reverse=True))


@cache
def truths() -> tuple[tuple[str, str, str], ...]:
    """A language with its words for what is true and what is not, for each pair of them."""
    return tuple((language, true, false) for language, true, false in _data()["true_false"])


def called(text: str, name: str) -> bool:
    """Whether a text is one of the words for a part, also with a number or something in brackets: "Roles (2 players)"."""
    if len(text) > MAX_TITLE:
        return False
    known, shown = words(name), _COUNTED.sub("", _IN_BRACKETS.sub(" ", text).strip())
    # "Part 2: Materials", "Materials / resources", "Materials and handouts".
    pieces = _PIECES.split(shown)
    tried = (text, shown, *(pieces if len(pieces) < 4 else ()))
    return any(told in known for told in map(bare, tried))


def label_of(line: Line) -> tuple[str, str]:
    """What a line is labelled, as it is looked up, and what follows, by a colon or else a bold lead; ("", text) without a label."""
    text = TAG.sub("", line.text.replace("||", " ")).strip()
    if (found := _COLON.search(text[: _LABEL + 4])) and found.start() <= _LABEL:
        return bare(text[: found.start()]), text[found.end() :].strip()
    if line.lead and len(line.lead) <= _LABEL and (line.rest or line.lead == text):
        return bare(line.lead), line.rest
    return "", text


def under(line: Line, name: str) -> str | None:
    """What follows a label that is one of the words for a part, with a number or not; None where the line has no such label."""
    label, rest = label_of(line)
    return rest if label and (label in words(name) or re.sub(r"\s*\d{1,3}$", "", label) in words(name)) else None


class Labels:
    """What the parts of a kind are called: names of parts, each with its labels, divided by "|".

    Those that stand in labels.toml count in all of its languages.
    """

    def __init__(self, **parts: str) -> None:
        self._names: dict[str, str] = {}
        for part, labels in parts.items():
            for label in labels.split("|"):
                for one in in_every_language(label):
                    self._names.setdefault(bare(one), part)

    def find(self, text: str) -> str | None:
        """The part that a label names, with a number or letter behind it or not; None where it names none."""
        head = _DASH.split(text[: 3 * _LABEL], maxsplit=1)[0]
        return next((found for one in (text, head) if (found := self._find(bare(one)))), None)

    def _find(self, label: str) -> str | None:
        without = label.lstrip("0123456789 ./-")
        numbered = _NUMBERED.fullmatch(without)
        stems = (label, without, (numbered[1] or numbered[3]) if numbered else "", *map(without.removesuffix, _SORTS))
        return next((self._names[one] for stem in stems if (one := stem.strip()) in self._names), None)

    def of(self, line: Line) -> tuple[str, str] | None:
        """The part that a line is labelled as, and what stands behind the label in it."""
        if line.sort in ("row", "code", "rule") or not line.text:
            return None
        lead, _, behind = line.lead.partition(":")
        tried = [(lead, f"{behind.strip()} {line.rest}".strip()), line.label] if behind else [line.label]
        for label, rest in tried:
            if label and (part := self.find(label)):
                # In brackets stands what the label is about.
                return part, "" if _BRACKETS.fullmatch(rest) else rest
        alone = line.sort == "heading" or (line.sort == "text" and len(line.text) <= _LABEL and not line.lead)
        if alone and (part := self.find(line.text) if line.sort == "heading" else self._find(bare(line.text))):
            return part, ""
        return None


@dataclass(frozen=True, slots=True)
class Labelled:
    """What stands behind a label: in its own line as `value`, and in the `lines` below it."""

    part: str
    line: Line
    value: str
    lines: tuple[Line, ...]

    @property
    def entries(self) -> list[str]:
        """It as a list of texts without marks: its entries, else its lines."""
        items = [line for line in self.lines if line.sort == "item"]
        if self.value:
            # In a list whose first entry alone is labelled stand the others beside it.
            beside = [line for line in items if self.line.sort == "item" and line.level == self.line.level]
            return [tidy(self.value), *(tidy(line.text) for line in beside)]
        shown = outer(items) or [line for line in self.lines if line.sort != "row"]
        return [text for line in shown if (text := tidy(line.text))]

    @property
    def text(self) -> str:
        """It as one text without marks."""
        return self._between.join(filter(None, (tidy(self.value), flat(self.lines))))

    def source(self, whole: Document) -> str:
        """It as it was written."""
        value = behind_label(self.line) if self.value else ""
        below = unwrapped(whole.get_source(self.lines))
        return self._between.join(filter(None, (value, below)))

    @property
    def _between(self) -> str:
        return "\n" if self.lines and self.lines[0].block == self.line.block else "\n\n"


def labelled(whole: Document, labels: Labels) -> list[Labelled]:
    """All that stands behind known labels, up to the next label, heading or rule."""
    found: list[tuple[str, Line, str, list[Line]]] = []
    is_open = False
    for line in whole.lines:
        if known := labels.of(line):
            found.append((known[0], line, known[1], []))
            is_open = True
        elif is_open and (line.sort == "rule" or _ends(whole, line, found[-1][1]) or _is_beside(line, *found[-1][1:3])):
            is_open = False
        elif is_open:
            found[-1][3].append(line)
    return [Labelled(part, line, value, tuple(below)) for part, line, value, below in found]


def _is_beside(line: Line, head: Line, value: str) -> bool:
    """Whether a line has a label of its own, which nobody knows, below one with a value."""
    return bool(value and line.block == head.block and line.lead and line.rest)


def _ends(whole: Document, line: Line, head: Line) -> bool:
    return is_head(whole, line) and (head.sort != "heading" or (line.sort == "heading" and line.level <= head.level))


def tables_in(lines: Iterable[Line]) -> list[list[tuple[str, ...]]]:
    """The tables among some lines, each with its rows, that of the headings first."""
    found: list[list[tuple[str, ...]]] = []
    for line in lines:
        if line.sort == "row":
            if line.head or not found:
                found.append([])
            found[-1].append(tuple(_BREAK.sub("\n", cell).replace("||", "").strip() for cell in line.cells))
    return found


def column(head: Sequence[str], *names: str) -> int | None:
    """The first column whose heading is one of the words for a part, the names in their order."""
    return next((at for name in names for at, cell in enumerate(head) if called(cell, name)), None)


def cells(whole: Document, labels: Labels) -> list[tuple[str, str]]:
    """What tables say of known labels, which stand before the rows or above the columns."""
    found: list[tuple[str, str]] = []
    for rows in tables_in(whole.lines):
        before = [labels.find(row[0]) if row else None for row in rows]
        if len(rows) - 1 <= 2 * sum(part is not None for part in before[1:]):
            for part, row in zip(before, rows, strict=True):
                value = next((cell for cell in row[1:] if any(map(str.isalpha, cell))), "")
                if part and value:
                    found.append((part, tidy(value)))
            continue
        above = [labels.find(cell) for cell in rows[0]]
        columns = [(part, cell) for row in rows[1:] for part, cell in zip(above, row, strict=False) if cell]
        found += [(part, tidy(cell)) for part, cell in columns if part and part != OTHER]
    return found


def lists(whole: Document, labels: Labels) -> dict[str, list[str]]:
    """Each known part as the list of all that is labelled so."""
    told: dict[str, list[str]] = {}
    for one in labelled(whole, labels):
        told.setdefault(one.part, []).extend(one.entries)
    for part, cell in cells(whole, labels):
        told.setdefault(part, []).append(cell)
    return {part: texts for part, texts in told.items() if texts and part != OTHER}


def behind_label(line: Line) -> str:
    """What of a line stands behind its label, as it was written."""
    label, rest = line.label
    pattern = rf"[\s>*_#]{{0,8}}{re.escape(label)}[\s*_]{{0,6}}[:：–—-]?[\s*_]{{0,6}}"
    found = re.match(pattern, line.source)
    if not found or not label:
        return rest
    behind = line.source[found.end() :].strip()
    # Of marks that closed around the label and its text nothing opens any more.
    return behind.removesuffix("**") if behind.count("**") % 2 else behind
