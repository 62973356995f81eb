"""Markdown of many styles, as it appears in Word, on paper and in plain text."""

from __future__ import annotations

import io
from typing import Any

import pytest
from docx import Document
from pypdf import PdfReader

from bot.content import Content
from bot.exports import export_content, pptx
from bot.markup import parse_document


def open_word(text: str) -> Any:
    return Document(io.BytesIO(export_content("docx", "T", Content(f"# T\n\n{text}", {}))))


def read_paragraphs(text: str) -> list[tuple[str, str]]:
    return [(paragraph.style.name, paragraph.text) for paragraph in open_word(text).paragraphs[1:]]


def read_runs(text: str) -> list[tuple[str, str]]:
    """Return the runs of the last paragraph, each with its formatting: b(old), i(talic), s(trikethrough)."""
    runs = [
        (
            run.text,
            "".join(
                letter for letter, is_on in zip("bis", (run.bold, run.italic, run.font.strike), strict=True) if is_on
            ),
        )
        for run in open_word(text).paragraphs[-1].runs
    ]
    return [(run, formatting) for run, formatting in runs if run.strip()]


def to_text(text: str) -> str:
    return export_content("txt", "T", Content(text, {})).decode("utf-8-sig").rstrip("\n")


def read_positions(text: str) -> dict[str, float]:
    """Return each line's distance from the left edge of the page, in points."""
    positions: dict[str, float] = {}
    [page] = PdfReader(io.BytesIO(export_content("pdf", "T", Content(f"# T\n\n{text}", {})))).pages
    page.extract_text(visitor_text=lambda shown, cm, tm, *_: positions.setdefault(shown.strip(), round(cm[4] + tm[4])))
    return positions


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**a** __b__", [("a", "b"), ("b", "b")]),
        ("*a* _b_", [("a", "i"), ("b", "i")]),
        ("***a*** **_b_** _**c**_", [("a", "bi"), ("b", "bi"), ("c", "bi")]),
        ("**a *b* c**", [("a ", "b"), ("b", "bi"), (" c", "b")]),
        ("~~20 €~~ 15 €", [("20 €", "s"), (" 15 €", "")]),
        ("snake_case_name and 2 * 3 * 4", [("snake_case_name and 2 * 3 * 4", "")]),
        (r"\*a\* \_b\_ \# 1", [("*a* _b_ # 1", "")]),
        ("run `a_b*c`", [("run ", ""), ("a_b*c", "")]),
        ("&copy; 2026 &amp; on", [("© 2026 & on", "")]),
        ("<b>a</b> 5 < 6", [("<b>a</b> 5 < 6", "")]),
        ("Name: ____________ Date: ______", [("Name: ____________ Date: ______", "")]),
    ],
)
def test_inline_marks_become_formatting(text: str, shown: list[tuple[str, str]]) -> None:
    assert read_runs(text) == shown
    assert to_text(text) == " ".join("".join(f"{run} " for run, _ in shown).split())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[Fern](https://fern.example/a_b)", "Fern (https://fern.example/a_b)"),
        ("[fern.example](https://fern.example)", "fern.example"),
        ("<https://fern.example/a_b>", "https://fern.example/a_b"),
        ("https://fern.example/a_b_c", "https://fern.example/a_b_c"),
        ("![a fern](https://fern.example/f.png)", "a fern"),
        ("**[Fern](https://fern.example)**", "Fern (https://fern.example)"),
    ],
)
def test_a_link_is_exported_as_its_text_and_address(text: str, shown: str) -> None:
    assert read_paragraphs(text) == [("Normal", shown)]
    assert to_text(text) == shown


def test_headings_keep_their_levels() -> None:
    text = "\n\n".join(f"{'#' * level} *Level* {level}" for level in range(2, 7))
    assert read_paragraphs(text) == [(f"Heading {level}", f"Level {level}") for level in range(2, 7)]
    assert to_text(text) == "\n\n".join(f"Level {level}" for level in range(2, 7))
    outline = PdfReader(io.BytesIO(export_content("pdf", "T", Content(f"# T\n\n{text}", {})))).outline
    assert str(outline).count("Level ") == 5


LISTS = """- one
  - one a
    - deep
  - one b
* star
1. first
   - below first
2. second
   1. below second"""


def test_nested_lists_are_indented() -> None:
    assert read_paragraphs(LISTS) == [
        ("List Bullet", "one"),
        ("List Bullet 2", "one a"),
        ("List Bullet 3", "deep"),
        ("List Bullet 2", "one b"),
        ("List Bullet", "star"),
        ("Normal", "1. first"),
        ("List Bullet 2", "below first"),
        ("Normal", "2. second"),
        ("Normal", "1. below second"),
    ]
    indents = [
        paragraph.paragraph_format.left_indent
        for paragraph in open_word(LISTS).paragraphs
        if paragraph.text[:1].isdigit()
    ]
    assert [bool(indent) for indent in indents] == [False, False, True]
    left = read_positions(LISTS)
    assert left["one"] == left["star"] < left["one a"] == left["one b"] == left["below first"] < left["deep"]
    assert left["1. first"] == left["2. second"] < left["1. below second"]
    assert to_text(LISTS) == LISTS


def test_a_list_entry_can_continue_on_further_lines() -> None:
    text = "- one\n  goes on\n\n  and on\n- two"
    assert [shown for _, shown in read_paragraphs(text)] == ["one", "goes on", "and on", "two"]


TABLE = (
    "| **Drink** | Price |\n|:--|--:|\n| [Tea](https://fern.example) | 3 € \\| *cup* |\n| Hot<br>cocoa | |\n| Milk |"
)


def test_table_cells_keep_formatting_links_and_line_breaks() -> None:
    document = open_word(f"{TABLE}\n\nBelow")
    [table] = document.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["Drink", "Price"],
        ["Tea (https://fern.example)", "3 € | cup"],
        ["Hot\ncocoa", ""],
        ["Milk", ""],
    ]
    assert all(run.bold for cell in table.rows[0].cells for run in cell.paragraphs[0].runs)
    assert [run.italic for run in table.rows[1].cells[1].paragraphs[0].runs] == [None, True]
    assert document.paragraphs[-1].text == "Below"
    assert {"Hot", "cocoa", "Milk"} <= set(read_positions(TABLE))
    assert "| Hot cocoa | |" in to_text(TABLE)


@pytest.mark.parametrize("prefix", ["", "> ", "- "], ids=["text", "quote", "list"])
def test_a_table_is_as_wide_as_its_longest_row(prefix: str) -> None:
    lines = ["| a | b |", "|---|---|", "| 1 | 2 | 3 |", "| 4 |"]
    further = prefix.replace("-", " ")
    text = "\n".join([prefix + lines[0], *(further + line for line in lines[1:])])
    [table] = open_word(text).tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [["a", "b", ""], ["1", "2", "3"], ["4", "", ""]]
    assert parse_document(text).get_source(parse_document(text).lines).endswith(lines[3]), "the source is unchanged"


def test_two_adjacent_tables_stay_separate() -> None:
    second = TABLE.replace("Drink", "Food")
    assert [len(table.rows) for table in open_word(f"{TABLE}\n\n{second}").tables] == [4, 4]


@pytest.mark.parametrize("fence", ["```", "```python", "~~~"])
def test_code_is_unchanged(fence: str) -> None:
    code = "def f(_a_):\n    return _a_ * 2  # **not** bold\n\nf(1) || g(2)"
    text = f"Before\n{fence}\n{code}\n{fence[:3]}\nafter *it*"
    assert [shown for _, shown in read_paragraphs(text)] == ["Before", code, "after it"]
    assert open_word(text).paragraphs[2].runs[0].font.name == "Courier New"
    assert to_text(text) == f"Before\n{code}\nafter it"
    [page] = PdfReader(io.BytesIO(export_content("pdf", "T", Content(text, {})))).pages
    assert "return _a_ * 2  # **not** bold" in page.extract_text().replace("\n", " ")
    assert any("Mono" in str(font.get_object()["/BaseFont"]) for font in page["/Resources"]["/Font"].values())


def test_a_quotation_is_exported_as_its_words() -> None:
    text = "> It *is* so,\n> she said.\n>\n> > Twice.\n\nAfter"
    assert [shown for _, shown in read_paragraphs(text)] == ["It is so,", "she said.", "Twice.", "After"]
    assert to_text(text) == "It is so,\nshe said.\n\nTwice.\n\nAfter"


def test_a_rule_is_dropped_and_a_line_to_write_on_stays() -> None:
    assert read_paragraphs(f"a\n\n---\n\nb\n\n***\n\nc\n\n{'_' * 20}") == [
        ("Normal", "a"),
        ("Normal", "b"),
        ("Normal", "c"),
        ("Normal", "_" * 20),
    ]


def test_a_line_break_leaves_no_backslash() -> None:
    assert [shown for _, shown in read_paragraphs("one  \ntwo\\\nthree\\\\ four\nC:\\")] == [
        "one",
        "two",
        "three\\ four",
        "C:\\",
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("||secret|| here", "secret here"),
        ("||two\nlines||", "two\nlines"),
        ("a || b", "a || b"),
        ("||open", "||open"),
    ],
)
def test_only_spoilers_are_revealed(text: str, shown: str) -> None:
    assert to_text(text) == shown
    assert export_content("md", "T", Content(text, {})).decode() == f"# T\n\n{shown}\n"


def test_slides_include_table_rows_and_code_lines() -> None:
    text = f"Before\n\n{TABLE}\n\n```\nx = 1\ny = 2\n```"
    [_, (_, lines)] = pptx.read(export_content("pptx", "T", Content("x", {"sections": {"Menu": text}})))
    assert lines == ["Before", "Tea (https://fern.example) – 3 € | cup", "Hot cocoa", "Milk", "x = 1", "y = 2"]
