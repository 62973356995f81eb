"""Briefs with blanks that the columns of a table fill: "A text for {product}, {price}". Pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from bot.errors import RefusedError

# The menus for all blanks must fit into one message.
MAX_BLANKS = 8
_BLANK = re.compile(r"\{([^{}\n]{1,60})\}")
_MIN_SIMILARITY = 0.75
# Minimum length of an instruction in words.
_MIN_WORDS = 3


def find_blanks(brief: str) -> list[str]:
    """Return the distinct names of a brief's blanks in order.

    Raises:
        RefusedError: there are more than `MAX_BLANKS`.
    """
    found = list(dict.fromkeys(" ".join(name.split()) for name in _BLANK.findall(brief)))
    if len(found) > MAX_BLANKS:
        raise RefusedError(
            "That brief has {count} blanks; you can have at most {most}. Use fewer.",
            count=len(found),
            most=MAX_BLANKS,
        )
    return found


def match_columns(blanks: Sequence[str], headings: Sequence[str]) -> dict[str, str]:
    """Map each blank to the heading of the same or a nearly equal name; others are left out."""
    plain = {_normalise(heading): heading for heading in headings}
    found = {}
    for blank in blanks:
        near = get_close_matches(_normalise(blank), plain, 1, _MIN_SIMILARITY)
        if near:
            found[blank] = plain[near[0]]
    return found


def find_instructive_cells(brief: str, cells: Sequence[str]) -> tuple[str, ...]:
    """Return the cells long enough to carry instructions, which are passed to the writer as material only.

    Names and figures are too short. Where the brief is a single blank, the cell that fills it is the owner's request.
    """
    if _BLANK.fullmatch(brief.strip()):
        return ()
    return tuple(dict.fromkeys(cell for cell in cells if len(cell.split()) >= _MIN_WORDS))


def fill_brief(brief: str, columns: Mapping[str, str], headings: Sequence[str], cells: Sequence[str]) -> str:
    """Return the brief of a row. A brief without blanks is followed by all cells of the row.

    Raises:
        RefusedError: a required cell is empty.
    """
    row = dict(zip(headings, cells, strict=True))
    blanks = find_blanks(brief)
    if not blanks:
        listing = "\n".join(f"{heading}: {cell}" for heading, cell in row.items() if cell)
        return f"{brief}\n{listing}"
    for blank in blanks:
        if not row.get(columns.get(blank, ""), ""):
            raise RefusedError('"{column}" is empty in this row.', column=columns.get(blank, blank))
    return _BLANK.sub(lambda found: row[columns[" ".join(found[1].split())]], brief)


def _normalise(name: str) -> str:
    return re.sub(r"[\W_]+", " ", name).strip().casefold()
