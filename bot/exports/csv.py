"""A table for any program. Cells that a spreadsheet would evaluate as formulas begin with an apostrophe."""

from __future__ import annotations

import csv
import io

from bot.content import Content

from ._parts import build_table, escape_formula

LABEL = "Table (CSV)"
SIGN = "📊"


def fits(content: Content) -> bool:
    """Whether a content can be written as a table."""
    return bool(build_table(content))


def export(_title: str, content: Content) -> bytes:
    """Return UTF-8 with a byte order mark, which Excel needs to read other scripts."""
    rows = [[escape_formula(str(cell)) for cell in row] for row in build_table(content)]
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    body = file.getvalue().encode("utf-8-sig")
    assert list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""))) == rows
    return body
