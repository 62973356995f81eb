"""A request that names a file format gets that file; one that only mentions a format does not."""

from __future__ import annotations

import pytest

from bot.exports import find_named_formats


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a letter to parents as a Word file", ["docx"]),
        ("turn this into a word doc", ["docx"]),
        ("make it a PDF", ["pdf"]),
        ("PDF please", ["pdf"]),
        ("as .docx and .pdf", ["docx", "pdf"]),
        ("can I have that as a powerpoint?", ["pptx"]),
        ("export it to excel", ["xlsx"]),
        ("an Anki deck about bones", ["apkg"]),
        ("make me a kahoot for year 8", ["kahoot"]),
        ("mach daraus bitte ein PDF", ["pdf"]),
        ("als Word-Datei", ["docx"]),
        ("un archivo de Excel", ["xlsx"]),
        ("fichier Word stp", ["docx"]),
        ("quiz sobre células em PDF", ["pdf"]),
        ("in a word, sunshine", []),
        ("a post that our PDF guide is out", []),
        ("an ad for my Excel course", []),
        ("at most 200 words, and the last word is spring", []),
        ("txt to mr okafor: his car is ready", []),
        ("fermé le midi", []),
    ],
)
def test_formats_are_found_where_a_file_is_asked_for(text: str, names: list[str]) -> None:
    assert [export_format.name for export_format in find_named_formats(text)] == names
