"""Tables that people made: what of a cell is read, and what of a table is told to be wrong."""

from __future__ import annotations

import io
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from bot.documents.sheets import MAX_COLUMNS, MAX_ROWS, parse_csv, parse_xlsx
from bot.errors import FileError


def build_workbook(*rows: tuple[object, ...]) -> bytes:
    made, file = Workbook(), io.BytesIO()
    made.create_sheet("empty", 0)
    for row in rows:
        made["Sheet"].append(row)
    made.save(file)
    return file.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_most_frequent_delimiter_in_the_first_line_separates_cells(delimiter: str) -> None:
    text = delimiter.join(("Tea", "", "For")) + "\n\n" + delimiter.join((" Mint ", "", ""))
    assert parse_csv(text) == [["Tea", "Column 2", "For"], ["Mint", "", ""]]


def test_an_unclosed_quotation_mark_is_reported_with_its_row() -> None:
    text = 'tea,price\nMint,2\n"Camo, 3\n' + "Fennel,4\n" * 50
    with pytest.raises(FileError, match="A quotation mark in row 3 is not closed"):
        parse_csv(text)
    inches = 'pipe,length\n5" pipe,"2\nmetres"\n'
    assert parse_csv(inches) == [["pipe", "length"], ['5" pipe', "2\nmetres"]]


def test_workbook_cells_are_read_as_displayed() -> None:
    body = build_workbook(
        ("a", "b", "c", "d", "e", "f"),
        (1.0, 2.5, True, date(2026, 5, 3), datetime(2026, 5, 3, 14, 30), None),
        (1e20, "x"),
    )
    assert parse_xlsx(body)[1:] == [
        ["1", "2.5", "yes", "2026-05-03", "2026-05-03 14:30", ""],
        ["1e+20", "x", "", "", "", ""],
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2,3", "Row 2 has more cells"),
        ("a,A\n1,2", "Two columns"),
        (",".join(map(str, range(MAX_COLUMNS + 1))), "columns; the maximum is"),
        ("n\n" + "1\n" * (MAX_ROWS + 1), "rows. Send it in parts"),
        ("n\n" + "x" * 2001, "Row 2, column “n”: that cell has 2,001 characters"),
        ('n\n"' + "x" * 400_000, "damaged"),
    ],
)
def test_an_invalid_table_is_reported_with_a_reason(text: str, said: str) -> None:
    with pytest.raises(FileError, match=said):
        parse_csv(text)


def test_an_invalid_workbook_is_damaged_and_an_empty_one_has_no_rows() -> None:
    with pytest.raises(FileError, match="damaged"):
        parse_xlsx(b"PK no zip")
    assert parse_xlsx(build_workbook()) == []
