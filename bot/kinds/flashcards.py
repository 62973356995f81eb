"""Flashcards: a term, a question or a gap in front, the answer behind."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.content import Assignment, Count, Kind, Size
from bot.kinds._reading_labels import (
    collect_tables,
    find_column,
    get_labelled_text,
    is_part_title,
    load_part_words,
    normalise_label,
    parse_label,
)
from bot.kinds._reading_lines import is_bold, keep_outer_entries
from bot.kinds._reading_lists import split_term
from bot.kinds._reading_sections import parse_title, unwrap_fence
from bot.markup import Document, Line

GAP = "_____"
_CLOZE = re.compile(r"\{\{c\d{1,2}::([^{}:]{1,200})(?:::[^{}]{0,100})?\}\}")
_BLANK = re.compile(r"_{3,}|\[\s?\.{3}\s?\]|\[…\]|\.{4,}|…{2,}")
_NUMBER = re.compile(r"^(?:#|no\.? )?\(?\d{1,3}\s?[.):]\s{0,4}", re.IGNORECASE)
_LABEL = re.compile(r"\s([^\W\d_]{1,16}(?:\s[^\W\d_]{1,10})?)\s?[:：]\s*")
# What parts the sides of a card on one line, the surest first.
_BARS = (" | ", "\t", " :: ", "::", " → ", " => ", " -> ", ";", "|")
_MIN = 2


class Card(BaseModel):
    """A card; one whose front has a gap is filled by its back."""

    front: Annotated[str, Size(nouns=("front", "question", "term"))] = ""
    back: Annotated[str, Size(nouns=("back", "definition", "meaning", "answer"))] = ""


class Deck(BaseModel):
    """The parts of a deck."""

    title: str = ""
    cards: Annotated[
        list[Card],
        Count(
            nouns=("card", "flashcard", "term", "key word", "vocab word", "vocabulary word", "pair", "cloze"),
            before=("deck of", "set of", "pack of", "stack of"),
        ),
    ] = []


def read(document: Document, _assignment: Assignment) -> dict[str, Any]:
    """The cards: of labelled sides, a table, lines with a sign between the sides, a list, or headings with what stands below."""
    document = unwrap_fence(document)
    lines = [line for line in document.lines if line.sort != "rule"]
    best: list[tuple[str, str]] = []
    for way in _WAYS:
        cards = [(front, back) for front, back in way(lines, document) if front and back]
        if len(cards) > len(best):
            best = cards
        if len(best) >= _MIN:
            break
    if not best:
        return {}
    title = parse_title(document)
    own = _is_word_for_card(normalise_label(title)) or title in best[0][0]
    titled = {"title": title} if title and not own else {}
    return {**titled, "cards": [_card(front, back) for front, back in best]}


def _card(front: str, back: str) -> dict[str, str]:
    front, back = _bare(front), _bare(back)
    return {"front": _BLANK.sub(GAP, front, count=1) if len(_BLANK.findall(front)) == 1 else front, "back": back}


def _bare(text: str) -> str:
    return text.replace("||", "").strip().strip("|").strip()


def _by_labels(lines: Sequence[Line], document: Document) -> Iterator[tuple[str, str]]:
    """ "Front: … Back: …", on lines of their own or on one."""
    sides: dict[str, list[str]] = {}
    side = ""
    for line in [*lines, None]:
        head, rest = parse_label(line) if line and line.sort not in ("row", "code") else ("", "")
        name = next((one for one in ("front", "back") if head and _is_side(head, one)), "")
        if line is None or name == "front" or _is_card(line, document):
            if sides.get("front") and sides.get("back"):
                yield "\n".join(sides["front"]), "\n".join(sides["back"])
            sides, side = {}, ""
        if line is None or line.sort in ("row", "code"):
            continue
        if name:
            if name == "front":
                rest, back = _with_back(rest)
                sides |= {"back": [back]} if back else {}
            side = name
            sides.setdefault(name, []).extend([rest] if rest else [])
        elif side and line.text.strip() and not document.is_heading(line):
            sides[side].append(line.text.strip())
        elif document.is_heading(line):
            side = ""


def _is_side(label: str, name: str) -> bool:
    # "Front 1", "1 front", "Card 1 – front"
    bare_ones = (label, re.sub(r"\s?\d{1,3}$", "", label), re.sub(r"^(?:\S+ )?\d{1,3} ", "", label))
    return any(one in load_part_words(name) for one in bare_ones)


def _is_card(line: Line, document: Document) -> bool:
    return (document.is_heading(line) or is_bold(line)) and _is_word_for_card(normalise_label(line.text))


def _is_word_for_card(label: str) -> bool:
    return re.sub(r"\s*\d{1,3}$", "", label) in load_part_words("card")


def _with_back(rest: str) -> tuple[str, str]:
    """What a line says in front and, behind a bar or a dash and the other label, on the back."""
    for found in _LABEL.finditer(rest):
        if normalise_label(found[1]) in load_part_words("back") and found.start():
            return rest[: found.start()].strip(" |/–—"), rest[found.end() :].strip()
    return rest, ""


def _by_answers(lines: Sequence[Line], _document: Document) -> Iterator[tuple[str, str]]:
    """Fronts without a label, each with its labelled back on the next line."""
    for front, line in itertools.pairwise(one for one in lines if one.text.strip()):
        head, rest = parse_label(line)
        if head and rest and _is_side(head, "back") and not _is_side(parse_label(front)[0], "back"):
            yield _NUMBER.sub("", front.text), rest


def _by_tables(lines: Sequence[Line], _document: Document) -> Iterator[tuple[str, str]]:
    for head, *rows in collect_tables(lines):
        if len(head) < _MIN:
            continue
        front, back = find_column(head, "front"), find_column(head, "back")
        counted = bool(rows) and all(re.fullmatch(r"\D{0,2}\d{1,3}\D{0,2}", row[0]) for row in rows if row)
        front = front if front is not None and not (counted and front == 0) else int(counted)
        back = back if back is not None and back != front else front + 1
        for row in rows:
            if back < len(row):
                yield row[front], row[back]


def _by_signs(lines: Sequence[Line], document: Document) -> Iterator[tuple[str, str]]:
    """A card a line, one sign between the sides all through; sentences with a gap of Anki's."""
    shown = [line for line in lines if line.text.strip() and not document.is_heading(line) and line.sort != "row"]
    texts = [_NUMBER.sub("", line.text.strip()) if line.ordinal is None else line.text.strip() for line in shown]
    gaps = [(_CLOZE.sub(GAP, text), found[0]) for text in texts if len(found := _CLOZE.findall(text)) == 1]
    if len(gaps) > 1 or (gaps and len(texts) < 4):
        yield from gaps
        return
    # A spoiler is no bar.
    plain = [text.replace("||", "") for text in texts]
    for bar in _BARS:
        parts = [text.split(bar) for text in plain]
        pairs = [one for one in parts if len(one) == 2]
        if len(pairs) >= _MIN and len(pairs) * 2 >= len(parts):
            for front, back in pairs:
                if not (is_part_title(front, "front") and is_part_title(back, "back")):
                    yield front.strip(), back.strip()
            return


def _by_list(lines: Sequence[Line], document: Document) -> Iterator[tuple[str, str]]:
    """ "**term** – meaning", "term: meaning"."""
    items = [line for line in lines if line.sort == "item"]
    chosen = keep_outer_entries(items) if len(items) > 1 else [line for line in lines if line.sort == "text"]
    starts = {line.at for line in chosen}
    for at, line in enumerate(lines):
        if line.at not in starts or document.is_heading(line):
            continue
        front, back = split_term(line)
        if not back and "? " in line.text:
            asked, _, back = line.text.partition("? ")
            front = f"{asked}?"
        yield _NUMBER.sub("", front), back or "\n".join(_below(line, lines[at + 1 : at + 9]))


def _below(line: Line, lines: Sequence[Line]) -> Iterator[str]:
    """What stands within the entry of a line, below it."""
    for one in lines:
        if one.entry is None or (one.sort == "item" and one.level <= line.level):
            return
        yield one.text


def _by_headings(lines: Sequence[Line], document: Document) -> Iterator[tuple[str, str]]:
    """A heading in front, what stands below it behind."""
    front, back = "", list[str]()
    for line in lines:
        if document.is_heading(line):
            if front and back:
                yield front, "\n".join(back)
            head, rest = parse_label(line)
            of_card = _is_word_for_card(head) and rest
            front, back = (rest if of_card else _NUMBER.sub("", line.text.strip())), []
            front = "" if _is_word_for_card(normalise_label(front)) else front
        elif line.text.strip() and line.sort != "row":
            said = get_labelled_text(line, "back")
            back.append(said or line.text.strip())
    if front and back:
        yield front, "\n".join(back)


def _by_pairs(lines: Sequence[Line], document: Document) -> Iterator[tuple[str, str]]:
    """Paragraphs of two lines: a bold or asking one in front, the other behind."""
    blocks: dict[int, list[Line]] = {}
    for line in lines:
        if line.sort in ("text", "item") and line.text.strip():
            blocks.setdefault(line.block, []).append(line)
    for block in blocks.values():
        first, *rest = block
        asks = first.lead == first.text.strip() or first.text.rstrip().endswith("?")
        if rest and asks and not document.is_heading(first):
            yield _NUMBER.sub("", first.text), "\n".join(re.sub(r"^[→➡]️?\s*", "", line.text) for line in rest)


_WAYS: tuple[Callable[[Sequence[Line], Document], Iterator[tuple[str, str]]], ...] = (
    _by_labels, _by_answers, _by_tables, _by_signs, _by_pairs, _by_list, _by_headings,
)  # fmt: skip


KIND = Kind(
    name="flashcards",
    family="education",
    title="Flashcards",
    description="Study cards: a term and its meaning, or a sentence with a gap (cloze).",
    layout="| Front | Back |\n|---|---|\n| … | … |\n| … | … |",
    read=read,
    parts=Deck,
    form=Form("card", entries={"sentences": "sentence", "words": "word"}),
    likely_exports=("apkg", "pdf", "quizlet", "docx"),
)
