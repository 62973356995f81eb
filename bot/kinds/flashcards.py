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
_BARS = (" | ", "\t", " :: ", "::", " → ", " => ", " -> ", ";", "|")
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
    for way in _READERS:
        cards = [(front, back) for front, back in way(lines, document) if front and back]
        if len(cards) > len(best):
            best = cards
        if len(best) >= _MIN_CARDS:
            break
    if not best:
        return {}
    title = parse_title(document)
    own = _is_word_for_card(normalise_label(title)) or title in best[0][0]
    titled = {"title": title} if title and not own else {}
    return {**titled, "cards": [_build_card(front, back) for front, back in best]}


def _build_card(front: str, back: str) -> dict[str, str]:
    front, back = _strip_card_marks(front), _strip_card_marks(back)
    return {"front": _BLANK.sub(GAP, front, count=1) if len(_BLANK.findall(front)) == 1 else front, "back": back}


def _strip_card_marks(text: str) -> str:
    return text.replace("||", "").strip().strip("|").strip()


def _read_labelled_sides(lines: Sequence[Line], document: Document) -> Iterator[tuple[str, str]]:
    """Yield "Front: … Back: …", on lines of their own or on one."""
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
                rest, back = _split_back(rest)
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


def _split_back(rest: str) -> tuple[str, str]:
    """Return a line's front and, after a bar or a dash and the other label, its back."""
    for found in _LABEL.finditer(rest):
        if normalise_label(found[1]) in load_part_words("back") and found.start():
            return rest[: found.start()].strip(" |/–—"), rest[found.end() :].strip()
    return rest, ""


def _read_labelled_backs(lines: Sequence[Line], _document: Document) -> Iterator[tuple[str, str]]:
    """Yield fronts without a label, each with its labelled back on the next line."""
    for front, line in itertools.pairwise(one for one in lines if one.text.strip()):
        head, rest = parse_label(line)
        if head and rest and _is_side(head, "back") and not _is_side(parse_label(front)[0], "back"):
            yield _NUMBER.sub("", front.text), rest


def _read_tables(lines: Sequence[Line], _document: Document) -> Iterator[tuple[str, str]]:
    for head, *rows in collect_tables(lines):
        if len(head) < _MIN_CARDS:
            continue
        front, back = find_column(head, "front"), find_column(head, "back")
        counted = bool(rows) and all(re.fullmatch(r"\D{0,2}\d{1,3}\D{0,2}", row[0]) for row in rows if row)
        front = front if front is not None and not (counted and front == 0) else int(counted)
        back = back if back is not None and back != front else front + 1
        for row in rows:
            if back < len(row):
                yield row[front], row[back]


def _read_separated_lines(lines: Sequence[Line], document: Document) -> Iterator[tuple[str, str]]:
    """Yield one card per line, all with the same separator; sentences with an Anki cloze."""
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
        if len(pairs) >= _MIN_CARDS and len(pairs) * 2 >= len(parts):
            for front, back in pairs:
                if not (is_part_title(front, "front") and is_part_title(back, "back")):
                    yield front.strip(), back.strip()
            return


def _read_list(lines: Sequence[Line], document: Document) -> Iterator[tuple[str, str]]:
    """Yield "**term** – meaning", "term: meaning"."""
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
        yield _NUMBER.sub("", front), back or "\n".join(_get_nested_texts(line, lines[at + 1 : at + 9]))


def _get_nested_texts(line: Line, lines: Sequence[Line]) -> Iterator[str]:
    """Yield the text nested in the entry of a line."""
    for one in lines:
        if one.entry is None or (one.sort == "item" and one.level <= line.level):
            return
        yield one.text


def _read_headings(lines: Sequence[Line], document: Document) -> Iterator[tuple[str, str]]:
    """Yield a heading as front, with the text below it as back."""
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


def _read_paragraph_pairs(lines: Sequence[Line], document: Document) -> Iterator[tuple[str, str]]:
    """Yield paragraphs of two lines: a bold or asking one as front, the other as back."""
    blocks: dict[int, list[Line]] = {}
    for line in lines:
        if line.sort in ("text", "item") and line.text.strip():
            blocks.setdefault(line.block, []).append(line)
    for block in blocks.values():
        first, *rest = block
        asks = first.lead == first.text.strip() or first.text.rstrip().endswith("?")
        if rest and asks and not document.is_heading(first):
            yield _NUMBER.sub("", first.text), "\n".join(re.sub(r"^[→➡]️?\s*", "", line.text) for line in rest)


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
