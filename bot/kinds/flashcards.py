"""Flashcards: a term, a question or a gap in front, the answer on the back."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.content import Assignment, Count, Kind, Size
from bot.markup import Document, Line
from bot.reading.labels import (
    collect_tables,
    find_column,
    get_labelled_text,
    is_part_title,
    load_part_words,
    normalise_label,
    parse_label,
)
from bot.reading.lines import is_bold, keep_outer_entries
from bot.reading.lists import split_term
from bot.reading.sections import parse_title, unwrap_fence

GAP = "_____"
_CLOZE = re.compile(r"\{\{c\d{1,2}::([^{}:]{1,200})(?:::[^{}]{0,100})?\}\}")
_BLANK = re.compile(r"_{3,}|\[\s?\.{3}\s?\]|\[…\]|\.{4,}|…{2,}")
_NUMBER = re.compile(r"^(?:#|no\.? )?\(?\d{1,3}\s?[.):]\s{0,4}", re.IGNORECASE)
_LABEL = re.compile(r"\s([^\W\d_]{1,16}(?:\s[^\W\d_]{1,10})?)\s?[:：]\s*")
# What separates the sides of a card on one line, the most reliable first.
_SEPARATORS = (" | ", "\t", " :: ", "::", " → ", " => ", " -> ", ";", "|")
_MIN_CARDS = 2


class Card(BaseModel):
    """A card; a gap in its front is filled by its back."""

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
    """Return the cards: from labelled sides, a table, lines with a separator, a list, or headings with the text below."""
    document = unwrap_fence(document)
    lines = [line for line in document.lines if line.sort != "rule"]
    best: list[tuple[str, str]] = []
    for read_cards in _READERS:
        cards = [(front, back) for front, back in read_cards(lines, document) if front and back]
        if len(cards) > len(best):
            best = cards
        if len(best) >= _MIN_CARDS:
            break
    if not best:
        return {}
    title = parse_title(document)
    is_of_card = _is_word_for_card(normalise_label(title)) or title in best[0][0]
    parts: dict[str, Any] = {"title": title} if title and not is_of_card else {}
    return {**parts, "cards": [_build_card(front, back) for front, back in best]}


def _build_card(front: str, back: str) -> dict[str, str]:
    front, back = _strip_card_marks(front), _strip_card_marks(back)
    return {"front": _BLANK.sub(GAP, front, count=1) if len(_BLANK.findall(front)) == 1 else front, "back": back}


def _strip_card_marks(text: str) -> str:
    return text.replace("||", "").strip().strip("|").strip()


def _read_labelled_sides(lines: Sequence[Line], document: Document) -> Iterator[tuple[str, str]]:
    """Yield "Front: … Back: …", on lines of their own or on one."""
    sides: dict[str, list[str]] = {}
    open_side = ""
    for line in [*lines, None]:
        label, rest = parse_label(line) if line and line.sort not in ("row", "code") else ("", "")
        side = next((name for name in ("front", "back") if label and _is_side(label, name)), "")
        if line is None or side == "front" or _is_card_title(line, document):
            if sides.get("front") and sides.get("back"):
                yield "\n".join(sides["front"]), "\n".join(sides["back"])
            sides, open_side = {}, ""
        if line is None or line.sort in ("row", "code"):
            continue
        if side:
            if side == "front":
                rest, back = _split_back(rest)
                sides |= {"back": [back]} if back else {}
            open_side = side
            sides.setdefault(side, []).extend([rest] if rest else [])
        elif open_side and line.text.strip() and not document.is_heading(line):
            sides[open_side].append(line.text.strip())
        elif document.is_heading(line):
            open_side = ""


def _is_side(label: str, name: str) -> bool:
    # "Front 1", "1 front", "Card 1 – front"
    bare_labels = (label, re.sub(r"\s?\d{1,3}$", "", label), re.sub(r"^(?:\S+ )?\d{1,3} ", "", label))
    return any(bare_label in load_part_words(name) for bare_label in bare_labels)


def _is_card_title(line: Line, document: Document) -> bool:
    return (document.is_heading(line) or is_bold(line)) and _is_word_for_card(normalise_label(line.text))


def _is_word_for_card(label: str) -> bool:
    return re.sub(r"\s*\d{1,3}$", "", label) in load_part_words("card")


def _split_back(rest: str) -> tuple[str, str]:
    """Split a front and its labelled back, separated by a bar or a dash, on one line; without a label the back is empty."""
    for match in _LABEL.finditer(rest):
        if normalise_label(match[1]) in load_part_words("back") and match.start():
            return rest[: match.start()].strip(" |/–—"), rest[match.end() :].strip()
    return rest, ""


def _read_labelled_backs(lines: Sequence[Line], _document: Document) -> Iterator[tuple[str, str]]:
    """Yield fronts without a label, each with its labelled back on the next line."""
    for front, line in itertools.pairwise(line for line in lines if line.text.strip()):
        label, back = parse_label(line)
        if label and back and _is_side(label, "back") and not _is_side(parse_label(front)[0], "back"):
            yield _NUMBER.sub("", front.text), back


def _read_tables(lines: Sequence[Line], _document: Document) -> Iterator[tuple[str, str]]:
    """Yield the rows of tables: the columns titled as front and back, else the first two without a column of numbers."""
    for headings, *rows in collect_tables(lines):
        if len(headings) < 2:
            continue
        front, back = find_column(headings, "front"), find_column(headings, "back")
        has_numbers = bool(rows) and all(re.fullmatch(r"\D{0,2}\d{1,3}\D{0,2}", row[0]) for row in rows if row)
        if front is None or (has_numbers and front == 0):
            front = 1 if has_numbers else 0
        back = back if back is not None and back != front else front + 1
        for row in rows:
            if back < len(row):
                yield row[front], row[back]


def _read_separated_lines(lines: Sequence[Line], document: Document) -> Iterator[tuple[str, str]]:
    """Yield one card per line, all with the same separator; sentences with an Anki cloze."""
    lines = [line for line in lines if line.text.strip() and not document.is_heading(line) and line.sort != "row"]
    texts = [_NUMBER.sub("", line.text.strip()) if line.ordinal is None else line.text.strip() for line in lines]
    clozes = [(_CLOZE.sub(GAP, text), words[0]) for text in texts if len(words := _CLOZE.findall(text)) == 1]
    if len(clozes) > 1 or (clozes and len(texts) < 4):
        yield from clozes
        return
    # The bars of a spoiler separate nothing.
    texts = [text.replace("||", "") for text in texts]
    for separator in _SEPARATORS:
        pairs = [sides for text in texts if len(sides := text.split(separator)) == 2]
        if len(pairs) >= _MIN_CARDS and len(pairs) * 2 >= len(texts):
            for front, back in pairs:
                if not (is_part_title(front, "front") and is_part_title(back, "back")):
                    yield front.strip(), back.strip()
            return


def _read_list(lines: Sequence[Line], document: Document) -> Iterator[tuple[str, str]]:
    """Yield "**term** – meaning", "term: meaning", "Question? Answer", or an entry with the text nested in it."""
    entries = [line for line in lines if line.sort == "item"]
    starts = keep_outer_entries(entries) if len(entries) > 1 else [line for line in lines if line.sort == "text"]
    start_positions = {line.at for line in starts}
    for index, line in enumerate(lines):
        if line.at not in start_positions or document.is_heading(line):
            continue
        front, back = split_term(line)
        if not back and "? " in line.text:
            question, _, back = line.text.partition("? ")
            front = f"{question}?"
        yield _NUMBER.sub("", front), back or "\n".join(_get_nested_texts(line, lines[index + 1 : index + 9]))


def _get_nested_texts(line: Line, lines: Sequence[Line]) -> Iterator[str]:
    """Yield the text nested in the entry of a line; `lines` are those below it."""
    for next_line in lines:
        if next_line.entry is None or (next_line.sort == "item" and next_line.level <= line.level):
            return
        yield next_line.text


def _read_headings(lines: Sequence[Line], document: Document) -> Iterator[tuple[str, str]]:
    """Yield a heading as front, with the text below it as back."""
    front, back = "", list[str]()
    for line in lines:
        if document.is_heading(line):
            if front and back:
                yield front, "\n".join(back)
            label, rest = parse_label(line)
            front = rest if rest and _is_word_for_card(label) else _NUMBER.sub("", line.text.strip())
            front, back = "" if _is_word_for_card(normalise_label(front)) else front, []
        elif line.text.strip() and line.sort != "row":
            back.append(get_labelled_text(line, "back") or line.text.strip())
    if front and back:
        yield front, "\n".join(back)


def _read_paragraph_pairs(lines: Sequence[Line], document: Document) -> Iterator[tuple[str, str]]:
    """Yield paragraphs of several lines: a first one that is bold or a question as front, the others as back."""
    blocks: dict[int, list[Line]] = {}
    for line in lines:
        if line.sort in ("text", "item") and line.text.strip():
            blocks.setdefault(line.block, []).append(line)
    for block in blocks.values():
        first, *rest = block
        is_front = first.lead == first.text.strip() or first.text.rstrip().endswith("?")
        if rest and is_front and not document.is_heading(first):
            yield _NUMBER.sub("", first.text), "\n".join(re.sub(r"^[→➡]️?\s*", "", line.text) for line in rest)


# The most reliable first.
_READERS: tuple[Callable[[Sequence[Line], Document], Iterator[tuple[str, str]]], ...] = (
    _read_labelled_sides,
    _read_labelled_backs,
    _read_tables,
    _read_separated_lines,
    _read_paragraph_pairs,
    _read_list,
    _read_headings,
)


KIND = Kind(
    name="flashcards",
    family="education",
    title="Flashcards",
    description="Study cards: a term and its meaning, or a sentence with a gap (cloze).",
    layout="Make it one table with two columns, Front and Back, and a row for each card.",
    read=read,
    parts=Deck,
    form=Form("card", entries={"sentences": "sentence", "words": "word"}),
    likely_exports=("apkg", "pdf", "quizlet", "docx"),
)
