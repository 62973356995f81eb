"""Tables, slides, calendars, PDF and ads are exported, and the files opened again."""

from __future__ import annotations

import csv
import io
import unicodedata
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from bot.content import Content
from bot.errors import FileError
from bot.exports import export_content, find_fitting_formats, ics, pdf, pptx

QUIZ = Content(
    "## Water\n\n**1. What is it?**\nA) ice\n\n**Answer key**\n\n||1. A) ice. Cold.||",
    {"items": [{"question": "What?", "options": ["ice", "air"], "correct": [0], "feedback": "Cold."}]},
)


def export_table(**parts: Any) -> list[list[Any]]:
    """Return the rows of the .xlsx file, which are those of the .csv file."""
    content = Content("x", parts)
    text = export_content("csv", "T", content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    sheet = load_workbook(io.BytesIO(export_content("xlsx", "T", content))).active
    cells = [["" if cell is None else cell for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert [[str(cell) for cell in row] for row in cells] == [[cell.removeprefix("'") for cell in row] for row in rows]
    return cells


@pytest.mark.parametrize(
    ("parts", "rows"),
    [
        (
            QUIZ.parts,
            [["Question", "Option 1", "Option 2", "Correct", "Feedback"], ["What?", "ice", "air", "1", "Cold."]],
        ),
        (
            {"headlines": ["**A**", "B"], "descriptions": ["C, d"], "primary_text": "x"},
            [["Part", "Number", "Text"], ["Headline", 1, "A"], ["Headline", 2, "B"], ["Description", 1, "C, d"]],
        ),
        ({"cards": [{"front": "a\nb", "back": '"c"'}]}, [["Front", "Back"], ["a\nb", '"c"']]),
        (
            {"items": [{"question": "a"}, {"question": "b", "answer": "c"}]},
            [["Question", "Answer"], ["a", ""], ["b", "c"]],
        ),
        (
            {
                "criteria": [
                    {"name": "a", "cells": ["x"], "points": 4},
                    {"name": "b", "cells": ["x", "y"], "points": 2.5},
                ],
                "levels": ["Good"],
            },
            [["Criterion", "Good", "Level 2", "Points"], ["a", "x", "", 4], ["b", "x", "y", 2.5]],
        ),
        (
            {"criteria": [{"name": "a", "cells": ["x", "y"], "points": 0}], "levels": ["Good", "Not yet"]},
            [["Criterion", "Good", "Not yet"], ["a", "x", "y"]],
        ),
    ],
)
def test_a_table_has_a_heading_and_a_row_for_each_entry(parts: dict[str, Any], rows: list[list[Any]]) -> None:
    assert export_table(**parts) == rows


def test_cells_lose_what_no_workbook_can_hold() -> None:
    body = export_content("xlsx", "T", Content("x", {"steps": ["a\x0bb", "c\ufffed \ud800"]}))
    rows = load_workbook(io.BytesIO(body)).active.iter_rows(min_row=2, values_only=True)
    assert [row[2] for row in rows] == ["ab", "cd "]


def test_cells_are_never_formulas() -> None:
    formulas = ["=HYPERLINK(1)", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)"]
    formulas += [" =1+1", "\u00a0@SUM(A1)", "＝1+1", "＋1+1", "－1+1", "＠SUM(A1)", "-5", "+49"]
    text = export_content("csv", "T", Content("x", {"variants": formulas})).decode("utf-8-sig")
    assert [row[2] for row in csv.reader(io.StringIO(text))][1:] == [
        *(f"'{cell}" for cell in map(str.strip, formulas[:-2])),
        "-5",
        "+49",
    ]
    sheet = load_workbook(io.BytesIO(export_content("xlsx", "T", Content("x", {"variants": formulas})))).active
    cells = [sheet.cell(row, 3) for row in range(2, 2 + len(formulas))]
    assert [(cell.value, cell.data_type) for cell in cells] == [(cell.strip(), "s") for cell in formulas]


def test_slides_contain_every_line_and_continue_when_full() -> None:
    long = "\n".join(f"- Point {number} **bold**" for number in range(14))
    content = Content("x", {"title": "Water", "sections": {"key_goals": long, "end": "Bye"}, "weeks": ["One", "Two"]})
    slides = pptx.read(export_content("pptx", "Lesson plan", content))
    assert slides[0] == ("Water", ["Lesson plan"])
    assert [name for name, _ in slides[1:]] == ["Key goals", "Key goals", "End", "Weeks"]
    assert slides[1][1] + slides[2][1] == [f"Point {number} bold" for number in range(14)]
    assert slides[4][1] == ["One", "Two"]


def test_calendars_hold_any_text_and_leave_out_what_no_calendar_can_hold() -> None:
    text = "C:\\News\\new, a; b \\N\rnext\r\nlast \ud800"
    read_text = "C:\\News\\new, a; b \\N\nnext\nlast ?"
    events = [ics.CalendarEvent(date(2026, 3, 1), text, text, location=text), ics.CalendarEvent(date.max, "End", "")]
    body = ics.build_calendar("key", text, events)
    assert ics.read(body) == [ics.CalendarEvent(date(2026, 3, 1), read_text, read_text, location=read_text)]
    entries = [{"date": "2026-03-01", "title": r"See C:\News", "text": "a\rb"}]
    [event] = ics.read(export_content("ics", "Plan", Content("x", {"calendar": entries})))
    assert (event.summary, event.description) == (r"See C:\News", "a\nb")


def test_calendars_contain_days_and_times() -> None:
    entries = [
        {"date": "2026-03-01", "time": "09:30", "title": "Post, one; two", "channel": "X", "text": "Hello\nthere"},
        {"date": "2026-12-31", "text": "**Party**\nat ours"},
        {"date": "someday", "title": "never"},
    ]
    body = export_content("ics", "Plan", Content("x", {"calendar": entries}))
    assert ics.read(body) == [
        ics.CalendarEvent(datetime(2026, 3, 1, 9, 30), "X: Post, one; two", "Hello\nthere"),
        ics.CalendarEvent(date(2026, 12, 31), "Party", "Party\nat ours"),
    ]
    assert b"DTEND;VALUE=DATE:20270101" in body
    uids = [line for line in body.split(b"\r\n") if line.startswith(b"UID")]
    again = export_content("ics", "Plan", Content("x", {"calendar": entries}))
    assert len(set(uids)) == 2
    assert uids == [line for line in again.split(b"\r\n") if line.startswith(b"UID")]
    assert "ics" not in [
        export_format.name for export_format in find_fitting_formats(Content("x", {"calendar": entries[2:]}))
    ]


def test_the_answer_key_is_on_a_separate_page() -> None:
    first, second = pdf.read(export_content("pdf", "Quiz", QUIZ))
    assert first.startswith("Water\n1. What is it?\nA) ice")
    assert "Cold" not in first
    assert second.startswith("Answer key\n1. A) ice. Cold.")


def test_text_cannot_be_markup_for_the_typesetter() -> None:
    text = '#let x = 1 $a b$ *s* _e_ `c` <l> @r \\ "q" // no /* no */ https://a.example #import "/etc/passwd"'
    [page] = pdf.read(export_content("pdf", "T", Content(text, {})))
    # Markdown's emphasis is applied; the typesetter's own markup is not.
    shown = text.replace("*s*", "s").replace("_e_", "e").replace("`c`", "c")
    assert "".join(shown.split()) in "".join(page.split()).replace("ﬁ", "fi")


@pytest.mark.parametrize(
    ("text", "font"),
    [
        ("Grüße", "NotoSans"),
        ("Ελληνικά", "NotoSans"),
        ("Кириллица", "NotoSans"),
        ("مرحبا بالعالم", "NotoSansArabic"),
        ("हिन्दी क्षत्रिय", "NotoSansDevanagari"),
        ("日本語", "NotoSansCJK"),
        ("中文", "NotoSansCJK"),
        ("한국어", "NotoSansCJK"),
        ("שלום", "NotoSansHebrew"),
        ("🍰", "NotoEmoji"),
    ],
)
def test_each_script_is_set_in_a_font_that_supports_it(text: str, font: str) -> None:
    reader = PdfReader(io.BytesIO(export_content("pdf", "T", Content(f"## {text}", {}))))
    fonts = [resource.get_object()["/BaseFont"] for resource in reader.pages[0]["/Resources"]["/Font"].values()]
    assert any(font in name.replace("-", "") for name in fonts), fonts


def test_characters_missing_from_every_font_are_reported() -> None:
    with pytest.raises(FileError, match=r"My \.pdf fonts have no characters for \U00013000\. Try \.docx instead\."):
        export_content("pdf", "T", Content("Bird \U00013000", {}))


def test_a_pdf_has_headings_lists_and_tables() -> None:
    text = "## Plan\n- one\n- **two**\n\n| Day | What |\n|---|:-:|\n| Mon | rest |\n| Tue |"
    [page] = pdf.read(export_content("pdf", "T", Content(text, {})))
    assert [line.strip() for line in page.split("\n") if line.strip()][:3] == ["Plan", "• one", "• two"]
    assert "|" not in page
    assert {"Day", "What", "Mon", "rest", "Tue"} <= set(page.split())
    assert PdfReader(io.BytesIO(export_content("pdf", "T", Content(text, {})))).outline[0].title == "Plan"


PANGRAMS = {
    "Latin": "Żółć, façade, œuvre, Größe, señor, İstanbul, Þórr: „quick“ €5 – 10…",
    "Greek": "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. Τάχιστη αλώπηξ",
    "Cyrillic": "Съешь ещё этих мягких французских булок, Ґанок їжака",
    "Arabic": "نص حكيم له سر قاطع وذو شأن عظيم مكتوب على ثوب أخضر ومغلف بجلد أزرق ٣٤٥، پ چ گ",
    "Devanagari": "ऋषियों को सताने वाले दुष्ट राक्षसों के राजा रावण का सर्वनाश, ज्ञान श्री क्ष १२३।",
    "CJK": "いろはにほへと 色は匂へど、千字文 天地玄黄 宇宙洪荒 漢字 키스의 고유조건은",
}


@pytest.mark.parametrize("script", PANGRAMS)
def test_every_letter_of_a_script_has_a_glyph(script: str) -> None:
    """Every character has a glyph in the packaged fonts, and can be extracted from the PDF."""
    text = PANGRAMS[script]
    covered = frozenset().union(*pdf._load_code_points_by_family().values())
    assert {character for character in text if ord(character) not in covered and not character.isspace()} == set()
    body = export_content("pdf", "T", Content(f"## {text}\n\n{text}", {}))
    page = PdfReader(io.BytesIO(body)).pages[0]
    glyph_ids = read_glyphs(page)
    assert len(glyph_ids) > len(text) / 2
    assert 0 not in glyph_ids, "the empty box"
    extracted = unicodedata.normalize("NFKC", page.extract_text())
    wanted = {character for character in unicodedata.normalize("NFKC", text) if character.isalnum()}
    missing = wanted - set(extracted)
    # A ligature is one glyph, for which a reader names only some of the letters.
    assert len(missing) < 3 if script == "Arabic" else not missing


def read_glyphs(page: Any) -> list[int]:
    """Return the numbers of the glyphs on a page; 0 is the box for a character that the font does not have."""
    glyph_ids = []
    for operands, operator in page.get_contents().operations:
        for operand in operands if operator == b"Tj" else operands[0] if operator == b"TJ" else ():
            raw = getattr(operand, "original_bytes", b"")
            glyph_ids += [int.from_bytes(raw[index : index + 2], "big") for index in range(0, len(raw), 2)]
    return glyph_ids


def test_a_missing_glyph_would_be_detected() -> None:
    source = '#set text(font: "Noto Sans", fallback: false)\n\u4e00'
    (body,) = pdf.typeset(source, "pdf")
    assert 0 in read_glyphs(PdfReader(io.BytesIO(body)).pages[0])


def build_ad(network: str, **parts: Any) -> Content:
    texts = {"headlines": ["=Warm", "Slow Cups", "Sit Down"], "descriptions": ["By the stove.", "Two steps, down."]}
    return Content("x", {**texts, "link": "https://fern.example", "network": network} | parts)


def test_a_search_ad_is_a_row_for_google_ads_editor() -> None:
    text = export_content("google_ads", "Stove", build_ad("google_ads")).decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(text, newline=""))
    assert (row["Campaign"], row["Ad group"], row["Ad type"], row["Status"]) == (
        "Stove",
        "Stove",
        "Responsive search ad",
        "Paused",
    )
    assert [row[f"Headline {number}"] for number in range(1, 16)] == [" =Warm", "Slow Cups", "Sit Down", *[""] * 12]
    assert [row[f"Description {number}"] for number in range(1, 5)] == ["By the stove.", "Two steps, down.", "", ""]
    assert row["Final URL"] == "https://fern.example"


@pytest.mark.parametrize("parts", [{"headlines": ["One", "Two"]}, {"descriptions": ["One."]}])
def test_ads_that_google_would_refuse_are_not_offered(parts: dict[str, Any]) -> None:
    names = [export_format.name for export_format in find_fitting_formats(build_ad("google_ads", **parts))]
    assert "google_ads" not in names
    assert "csv" in names


def test_meta_ads_are_rows_for_its_bulk_import() -> None:
    content = build_ad("meta_ads", primary_text="-10 degrees outside? Come in.")
    text = export_content("meta_ads", "Stove", content).decode("utf-16")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter="\t"))
    assert [row["Title"] for row in rows] == [" =Warm", "Slow Cups", "Sit Down"]
    assert [row["Link Description"] for row in rows] == ["By the stove.", "Two steps, down.", "By the stove."]
    assert {row["Body"] for row in rows} == {" -10 degrees outside? Come in."}
    assert {(row["Ad Status"], row["Link"]) for row in rows} == {("PAUSED", "https://fern.example")}
    assert [row["Ad Name"] for row in rows] == ["Stove 1", "Stove 2", "Stove 3"]
    assert not {"meta_ads", "google_ads"} & {
        export_format.name for export_format in find_fitting_formats(build_ad("linkedin_ads"))
    }
