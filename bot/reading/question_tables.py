"""Parses the questions of tables: one a row, with its options in columns of their own or in one cell. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.markup import Line
from bot.reading.answers import ParsedQuestion, apply_answer
from bot.reading.key_answers import apply_key, mark_right_options
from bot.reading.keys import KeyEntry
from bot.reading.labels import (
    collect_tables,
    find_column,
)
from bot.reading.options import (
    LETTER,
    ParsedOption,
    find_option_marks,
    parse_option,
    split_options,
)

# The heading of a column with one option per row: "Option A", "B", "1".
_OPTION_HEADING = re.compile(rf"(?:[^\W\d_]{{3,14}}\s)?(?:{LETTER}|\d)[).]?")


def parse_item_tables(lines: Sequence[Line], entries: Sequence[KeyEntry]) -> list[ParsedQuestion]:
    """Return the questions of tables: one per row, with its options in columns of their own or in one cell."""
    found: list[ParsedQuestion] = []
    sources = {line.cells: line.cell_sources for line in lines if line.sort == "row"}
    for head, *rows in collect_tables(lines):
        lettered = [
            at for at, cell in enumerate(head) if _OPTION_HEADING.fullmatch(cell) and cell not in ("F", "P", "Q")
        ]
        bare = ["" if at in lettered else cell for at, cell in enumerate(head)]
        asked, why, listed = (find_column(bare, name) for name in ("question", "feedback", "options"))
        to = find_column(bare, "answer", "right", "key")
        of_options = [
            at
            for at in range(len(head))
            if at != asked and rows and all(len(find_option_marks(" ".join(row[at].split()), 0)) > 1 for row in rows)
        ]
        if of_options:
            listed = of_options[0]
            to = to if to != listed else next((at for at in range(listed + 1, len(head)) if at != why), None)
        numbered = bool(rows) and all(re.fullmatch(r"\D{0,3}\d{1,3}\D{0,2}", row[0]) for row in rows)
        if len(lettered) < 2 and to is None and listed is None:
            continue
        if asked is None or (asked == 0 and numbered and len(head) > 2):
            asked = 1 if numbered else 0
        for row in rows:
            if asked >= len(row) or not row[asked]:
                continue
            number = re.match(r"\D{0,3}(\d{1,3})", row[0]) if numbered else None
            item = ParsedQuestion(int(number[1]) if number else len(found) + 1, question=row[asked])
            if len(lettered) > 1:
                shown = sources.get(row, row)
                item.options = [
                    parse_option(row[at], shown[at]) for at in lettered if row[at] not in ("", "—", "–", "-")
                ]
            elif listed is not None:
                item.options = _parse_option_cell(row[listed])
            else:
                before, several = split_options(" ".join(row[asked].split()), row[asked])
                if len(several) > 1:
                    item.question, item.options = before, several
            mark_right_options(item)
            item.numbered = item.options
            if why is not None and row[why]:
                item.feedback.append(row[why])
            if to is not None and row[to]:
                apply_answer(item, row[to])
            found.append(item)
    apply_key(entries, found)
    return found


def _parse_option_cell(cell: str) -> list[ParsedOption]:
    """Return the options in one cell."""
    before, several = split_options(" ".join(cell.split()), " ".join(cell.split()))
    if len(several) > 1 and not before:
        return several
    for parting in ("\n", ";", " / ", " | ", ","):
        if parting in cell:
            return [parse_option(one.strip("-• "), one) for one in cell.split(parting) if one.strip()]
    return []
