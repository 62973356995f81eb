"""Texts on paper: answer keys on pages of their own, tables of rubrics and bars, lines to write on, notes, italics."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from docx import Document
from pypdf import PdfReader
from writing import build_content

from bot.content import Assignment, Content
from bot.exports import export_content, pdf
from bot.exports.txt import to_plain_text
from bot.reading.surrounding_labels import translate_to_all

Assigned = Callable[..., Assignment]


def build_sample(name: str, assigned: Assigned) -> Content:
    return build_content(assigned(name))


def open_word(content: Content) -> Any:
    return Document(io.BytesIO(export_content("docx", "T", content)))


@pytest.mark.parametrize("name", ["quiz", "worksheet"])
@pytest.mark.parametrize("heading", sorted(translate_to_all("Answer key")))
def test_the_answer_key_is_on_a_separate_page_in_every_language(name: str, heading: str, assigned: Assigned) -> None:
    content = build_sample(name, assigned)
    content = Content(content.text.replace("Answer key", heading), content.parts)
    asked, key = pdf.read(export_content("pdf", "T", content))
    assert heading not in asked
    assert key.startswith(heading)
    [begins] = [
        paragraph for paragraph in open_word(content).paragraphs if paragraph.paragraph_format.page_break_before
    ]
    assert (begins.text, begins.style.name) == (heading, "Heading 2")


def test_a_rubric_is_a_table_in_word_and_pdf(assigned: Assigned) -> None:
    content = build_sample("rubric", assigned)
    [table] = open_word(content).tables
    assert [cell.text for cell in table.rows[0].cells] == [
        "Criterion",
        "Excellent (4)",
        "Good (3)",
        "Basic (2)",
        "Not yet (1)",
    ]
    assert len(table.rows) == 1 + len(content.parts["criteria"])
    [page] = pdf.read(export_content("pdf", "T", content))
    assert page.index("Excellent") < page.index("Not yet") < page.index("Question and")
    assert page.count("Excellent") == 1


def test_a_worksheet_has_lines_to_write_on_and_more_for_a_long_answer(assigned: Assigned) -> None:
    content = build_sample("worksheet", assigned)
    first, *others = content.parts["items"]
    content = Content(content.text, {**content.parts, "items": [{**first, "answer": "x" * 70}, *others]})
    lines = [paragraph.text for paragraph in open_word(content).paragraphs]
    key = lines.index("Answer key")
    asked = [at for at, text in enumerate(lines[:key]) if text[:1].isdigit()]
    below = [[line for line in lines[at + 1 : end] if line] for at, end in zip(asked, [*asked[1:], key], strict=True)]
    assert [len(lines_below) for lines_below in below] == [3, 1, 2, 1]
    assert {sign for rows in below for row in rows for sign in row} == {"_"}
    assert "Under sheds" not in pdf.read(export_content("pdf", "T", content))[0]


def test_a_worksheet_with_its_own_lines_gets_no_more(assigned: Assigned) -> None:
    text = build_sample("worksheet", assigned).text.replace("badgers sleep?\n", f"badgers sleep?\n\n{'_' * 30}\n")
    content = build_content(assigned("worksheet"), text)
    assert len(content.parts["items"]) == 4
    assert [paragraph.text for paragraph in open_word(content).paragraphs if paragraph.text.startswith("___")] == [
        "_" * 30
    ]


def test_a_quiz_has_no_lines_to_write_on(assigned: Assigned) -> None:
    assert not any("___" in paragraph.text for paragraph in open_word(build_sample("quiz", assigned)).paragraphs)


def test_a_printed_lead_sheet_has_notes_and_each_chord_above_its_numeral(assigned: Assigned) -> None:
    content = build_sample("lead_sheet", assigned)
    [table] = open_word(content).tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["G", "Em", "C D", "G"],
        ["I", "vi", "IV V", "I"],
    ]
    [page] = PdfReader(io.BytesIO(export_content("pdf", "T", content))).pages
    [notes] = page.images
    width, height = notes.image.size
    assert width > 2 * height > 400
    assert "Key: G major" in page.extract_text()
    content = Content(content.text.replace("```", ""), content.parts)
    assert "| G    | Em   | C D  | G    |" in [paragraph.text for paragraph in open_word(content).paragraphs], (
        "it is left as it is"
    )


def test_a_long_song_has_four_bars_in_a_row(assigned: Assigned) -> None:
    content = build_sample("lead_sheet", assigned)
    [section] = content.parts["song"]
    longer = {**section, "bars": [*section["bars"], *section["bars"][:2]]}
    [table] = open_word(Content(content.text, {**content.parts, "song": [longer]})).tables
    assert [[cell.text for cell in row.cells] for row in table.rows][2:] == [["G", "Em", "", ""], ["I", "vi", "", ""]]


def test_visuals_of_a_script_are_italic_on_paper(assigned: Assigned) -> None:
    content = build_sample("script", assigned)
    seen = "The fern straightens."
    assert f"*{seen}*" in content.text
    [slanted] = [run for paragraph in open_word(content).paragraphs for run in paragraph.runs if run.text == seen]
    assert slanted.italic
    assert slanted.bold is None
    [page] = PdfReader(io.BytesIO(export_content("pdf", "T", content))).pages
    assert "*" not in page.extract_text()
    assert any("Italic" in str(font.get_object()["/BaseFont"]) for font in page["/Resources"]["/Font"].values())
    assert "*" not in export_content("txt", "T", content).decode("utf-8-sig")


@pytest.mark.parametrize("text", ["2 * 3 * 4 = 24", "2*3*4", "2*(3+4)*5", "one * two", "**", "a*b*c", "5 * 3*"])
def test_asterisks_and_underscores_that_are_not_emphasis_stay(text: str) -> None:
    assert to_plain_text(text) == text
    assert open_word(Content(f"x\n{text}", {})).paragraphs[-1].text == text


def test_the_lines_of_a_verse_are_closely_spaced(assigned: Assigned) -> None:
    [page] = PdfReader(io.BytesIO(export_content("pdf", "T", build_sample("lyrics", assigned)))).pages
    at: dict[str, float] = {}
    page.extract_text(visitor_text=lambda text, cm, tm, *_: at.setdefault(text.strip()[:12], cm[5] + tm[5]))
    first, second = at["Rain on the "], at["Everyone wai"]
    assert 15 < first - second < 20
    assert second - at["Oh number ni"] > 2 * (first - second)


def test_headings_stay_with_their_text_and_short_tables_are_not_split() -> None:
    def format_table(name: str, rows: int) -> str:
        return f"## {name}\n| {name}-head | figure |\n|---|---|\n" + "\n".join(
            f"| {name}{at} | {at} |" for at in range(rows)
        )

    for lines in range(22, 34):
        before = "\n\n".join(f"Line {at}" for at in range(lines))
        pages = [
            page.split() for page in pdf.read(pdf.export("T", Content(f"{before}\n{format_table('short', 4)}", {})))
        ]
        assert len([page for page in pages if {"short", "short-head", "short0", "short3"} & set(page)]) == 1, lines
        long = [
            page.split() for page in pdf.read(pdf.export("T", Content(f"{before}\n{format_table('long', 40)}", {})))
        ]
        begun = [page for page in long if any(word.startswith("long") for word in page)]
        assert all("long-head" in page and any(f"long{at}" in page for at in range(40)) for page in begun), lines
        assert "long0" in next(page for page in long if "long" in page), lines


def test_a_table_taller_than_a_page_is_not_lost() -> None:
    cells = "\n".join(f"| row{at} | {'many words ' * 120}end{at} |" for at in range(6))
    body = export_content("pdf", "T", Content(f"# T\n| a | b |\n|---|---|\n{cells}", {}))
    assert len(PdfReader(io.BytesIO(body)).pages) > 1


ANSWERED = (
    "1. What is the symbol for carbon?\nA) C\nB) O\n\nAnswer: 1 A\n\n2. And for nitrogen?\nA) O\nB) N\n\n**Answer:** 2 B\n\n"
    "Key:\n\n1 A\n2 B"
)


def test_answers_below_questions_are_left_out_on_paper_where_the_key_has_them() -> None:
    asked, key = pdf.read(export_content("pdf", "T", Content(ANSWERED, {})))
    assert "nitrogen" in asked
    assert "Answer" not in asked
    assert key.split()[:5] == ["Key:", "1", "A", "2", "B"]
    assert "Answer" not in "\n".join(paragraph.text for paragraph in open_word(Content(ANSWERED, {})).paragraphs)
    blank = ANSWERED.replace("Answer: 1 A", "Answer: ________").replace("**Answer:** 2 B", "Answer:")
    assert pdf.read(export_content("pdf", "T", Content(blank, {})))[0].count("Answer") == 2, "there to be written on"
    without_key = ANSWERED.partition("Key")[0]
    [page] = pdf.read(export_content("pdf", "T", Content(without_key, {})))
    assert page.count("Answer") == 2, "nothing else has them"
