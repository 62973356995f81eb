"""A brief with blanks, and the columns of a table that fill them: "A text for {product}, {price}". Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from bot.errors import RefusedError

# A menu for each has to fit into a message.
MAX_BLANKS = 8
_BLANK = re.compile(r"\{([^{}\n]{1,60})\}")
_ALIKE = 0.75
# Words that an order has at least.
_MIN_WORDS = 3


def blanks_of(brief: str) -> list[str]:
    """The names of a brief's blanks, each once, in its order.

    Raises:
        RefusedError: there are more than there is room for.
    """
    found = list(dict.fromkeys(" ".join(name.split()) for name in _BLANK.findall(brief)))
    if len(found) > MAX_BLANKS:
        raise RefusedError(
            "That brief has {count} blanks; you can have at most {most}. Use fewer.",
            count=len(found),
            most=MAX_BLANKS,
        )
    return found


def columns_for(blanks: Sequence[str], headings: Sequence[str]) -> dict[str, str]:
    """For each blank the heading that it means: of the same name, else of one that is nearly the same; others are left out."""
    plain = {_plain(heading): heading for heading in headings}
    found = {}
    for blank in blanks:
        near = get_close_matches(_plain(blank), plain, 1, _ALIKE)
        if near:
            found[blank] = plain[near[0]]
    return found


def told_cells(brief: str, cells: Sequence[str]) -> tuple[str, ...]:
    """The cells of a row that could tell a writer what to do: those of more than two words. They are material, whatever they say.

    Names and figures are none of them. Where the brief is a blank and nothing else, what fills it is what its owner asks for.
    """
    if _BLANK.fullmatch(brief.strip()):
        return ()
    return tuple(dict.fromkeys(cell for cell in cells if len(cell.split()) >= _MIN_WORDS))


def filled_brief(brief: str, columns: Mapping[str, str], headings: Sequence[str], cells: Sequence[str]) -> str:
    """The brief of a row. One without blanks is followed by all that the row says.

    Raises:
        RefusedError: nothing stands in a cell that it needs.
    """
    row = dict(zip(headings, cells, strict=True))
    blanks = blanks_of(brief)
    if not blanks:
        said = "\n".join(f"{heading}: {cell}" for heading, cell in row.items() if cell)
        return f"{brief}\n{said}"
    for blank in blanks:
        if not row.get(columns.get(blank, ""), ""):
            raise RefusedError('"{column}" is empty in this row.', column=columns.get(blank, blank))
    return _BLANK.sub(lambda found: row[columns[" ".join(found[1].split())]], brief)


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", " ", name).strip().casefold()
