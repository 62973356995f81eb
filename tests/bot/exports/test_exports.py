"""Finished texts are exported in every format, and the files opened again."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from docx import Document
from pptx import Presentation
from writing import TEXTS, build_content

import bot.exports
from bot.content import Content, MemorySnapshot, Request
from bot.errors import FileError
from bot.exports import export_content, find_fitting_formats, find_format, load_formats
from bot.exports.txt import to_plain_text
from bot.generation.recall import assign
from bot.kinds import load_kinds

# Formats that fit any text.
ANY = ("docx", "md", "pdf", "txt")


@pytest.mark.parametrize(("name", "load"), [("docx", Document), ("pptx", Presentation)])
def test_office_files_name_no_library_as_their_author(name, load):
    content = Content("# Talk\n\n## Clay\n\n- soft", {"title": "Talk", "sections": {"Clay": "- soft"}})
    properties = load(io.BytesIO(export_content(name, "Talk", content))).core_properties
    names = properties.author, properties.last_modified_by, properties.comments
    assert (properties.title, *names) == ("Talk", "", "", "")
    assert properties.created.year > 2020


def read_paragraphs(text: str, title: str = "Quiz") -> list[tuple[str, str]]:
    document = Document(io.BytesIO(export_content("docx", title, Content(text, {}))))
    return [(paragraph.style.name, paragraph.text) for paragraph in document.paragraphs]


def test_every_export_module_is_discovered() -> None:
    folder = Path(bot.exports.__file__).parent
    assert set(load_formats()) == {file.stem for file in folder.glob("*.py") if not file.stem.startswith("_")}
    assert len({export_format.suffix for export_format in load_formats().values()}) == len(load_formats())
    assert len({export_format.label for export_format in load_formats().values()}) == len(load_formats())


@pytest.fixture(scope="module")
def contents() -> list[tuple[str, Content]]:
    """Return the sample texts of all kinds, each with its kind, parsed by the brief in its first line."""
    contents = []
    for file in sorted(TEXTS.glob("*.*")):
        brief = re.match(r"<!-- brief: (.*) -->\n", text := file.read_text(encoding="utf-8"))
        kind = file.name.partition(".")[0]
        request = Request("1", "7", brief[1] if brief else "", kind=kind)
        contents.append(
            (kind, build_content(assign(request, MemorySnapshot()), text[brief.end() :] if brief else text))
        )
    return contents


@pytest.mark.parametrize("ending", load_formats())
def test_every_format_exports_the_texts_that_it_fits(ending: str, contents: list[tuple[str, Content]]) -> None:
    fit = {kind: content for kind, content in contents if load_formats()[ending].fits(content)}
    assert set(fit) == set(load_kinds()) if ending in ANY else fit
    for content in fit.values():
        assert export_content(ending, "Title", content)


def test_word_files_use_heading_and_list_styles() -> None:
    text = "## Magnets\n30 minutes\n\n**Goals**\n- Name **two** things\n- Go\n\n### More\nEnd ||secret|| here"
    assert read_paragraphs(text) == [
        ("Heading 2", "Magnets"),
        ("Normal", "30 minutes"),
        ("Heading 3", "Goals"),
        ("List Bullet", "Name two things"),
        ("List Bullet", "Go"),
        ("Heading 3", "More"),
        ("Normal", "End secret here"),
    ]


def test_only_bold_lines_above_others_become_headings() -> None:
    text = (
        "**The Last Loaf**\n\nHello.\n\n**History:**\n\n**Ben** kneads.\n\n**Closed on Monday.**\n\nWhy?\n\n"
        "**1. What is it?**\nA) x\n\n**Verse**\nla la\n\n**Bye**"
    )
    assert [paragraph for paragraph in read_paragraphs(text) if paragraph[0] != "Normal"] == [
        ("Heading 1", "The Last Loaf"),
        ("Heading 2", "History"),
    ]
    assert read_paragraphs("# Tea\n\nx\n\n**Sorts**\n\ny\n\n### Green\n\n**From Japan**\n\nz")[2::2] == [
        ("Heading 2", "Sorts"),
        ("Heading 3", "Green"),
        ("Normal", "z"),
    ]


def test_bold_text_stays_bold() -> None:
    document = Document(io.BytesIO(export_content("docx", "T", Content("a **b** c **d**", {}))))
    runs = [(run.text, bool(run.bold)) for run in document.paragraphs[-1].runs if run.text]
    assert runs == [("a ", False), ("b", True), (" c ", False), ("d", True)]
    assert document.core_properties.title == "T"


def test_a_text_without_a_heading_gets_its_title() -> None:
    assert read_paragraphs("Hello", "Post")[0] == ("Heading 1", "Post")


@pytest.mark.parametrize(
    "text",
    [
        "Goals\n- Red shoes",
        "- a",
        "## Title",
        "Text\n```\ncode\n```",
        "```\ncode\n```",
        "**a** **b**",
        "a - b -",
        "🍰 日本語 مرحبا",
        "",
        "||a||",
        "-",
        "***",
        "1. **Guess** (5 min): Say.",
    ],
)
@pytest.mark.parametrize("ending", ANY)
def test_odd_texts_can_be_exported(ending: str, text: str) -> None:
    assert export_content(ending, "Title", Content(text, {}))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Hello", "# Post\n\nHello\n"),
        ("## Own\nx", "## Own\nx\n"),
        ("||a|| **b**", "# Post\n\na **b**\n"),
        ("日本", "# Post\n\n日本\n"),
    ],
)
def test_markdown_is_exported_as_shown(text: str, written: str) -> None:
    assert export_content("md", "Post", Content(text, {})).decode() == written


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("## Title\n**Bold** ||x||", "Title\nBold x"),
        ("```\ncode\n```\nafter", "code\nafter"),
        ("```text\ncode\n```", "code"),
        ("a # b", "a # b"),
        ("- one\n- two", "- one\n- two"),
    ],
)
def test_plain_text_has_no_markup(text: str, bare: str) -> None:
    assert to_plain_text(text) == bare
    body = export_content("txt", "Post", Content(text, {}))
    assert body.startswith(b"\xef\xbb\xbf"), "Windows' editors need the mark"
    assert body.decode("utf-8-sig") == f"{bare}\n"


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(FileError) as refusal:
        export_content("doc", "T", Content("x", {}))
    assert str(refusal.value).startswith("I cannot save files as .doc; choose one of abc, apkg, contact, csv, docx, ")


@pytest.mark.parametrize("ending", ANY)
def test_an_export_failure_is_reported(ending: str) -> None:
    with pytest.raises(FileError, match=rf"^I cannot save this text as \.{ending}\.$"):
        export_content(ending, "T", Content("lone \ud800 surrogate", {}))


def test_the_suggested_alternative_format_works() -> None:
    """The fonts have no hieroglyphs, and a Word file cannot have control characters."""
    with pytest.raises(FileError, match=r"My \.pdf fonts have no characters for .*\. Try \.md instead\.$"):
        export_content("pdf", "T", Content("Bird \U00013000 \x01", {}))
    assert export_content("md", "T", Content("Bird \U00013000 \x01", {}))


@pytest.mark.parametrize("ending", [name for name in load_formats() if name not in ANY])
def test_a_format_that_does_not_fit_is_refused_with_an_alternative(ending: str) -> None:
    with pytest.raises(FileError, match=r"nothing that a \.[\w.]+ file could contain\. Try \.docx instead\."):
        export_content(ending, "T", Content("x", {}))
    assert [export_format.name for export_format in find_fitting_formats(Content("x", {}))] == list(ANY)
    assert [export_format.name for export_format in find_fitting_formats(Content("x", {}), ("pdf", "csv"))] == ["pdf"]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("a.docx", "docx"),
        ("a.b.PDF", "pdf"),
        ("x.xlsx", "xlsx"),
        ("x.kahoot.xlsx", "kahoot"),
        ("x.quizlet.txt", "quizlet"),
        ("x.zip", "qti"),
        ("x.gift", "gift"),
        ("kahoot.txt", "txt"),
        ("x.doc", None),
        ("x", None),
        ("", None),
    ],
)
def test_a_file_name_determines_its_format(file: str, name: str | None) -> None:
    export_format = find_format(file)
    assert (export_format.name if export_format else None) == name
