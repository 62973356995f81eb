"""The page's words: in the reader's language, in files that simcord and we hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import simcord.preview

from bot.locales import LANGUAGES, translate
from bot.preview.dress import _REPLACEMENTS as SAID
from bot.preview.dress import _VALUES as VALUES
from bot.preview.dress import _split_replacement as pair
from bot.preview.dress import render_text_page, translate_file, translate_index
from bot.preview.hub import STATIC
from bot.preview.world import get_translation

SIMCORDS = Path(simcord.preview.__file__).parent / "static"


def read_source(name: str) -> str:
    return next(one for folder in (STATIC, SIMCORDS) if (one := folder / name).is_file()).read_text("utf-8")


@pytest.mark.parametrize("name", SAID)
def test_english_files_change_only_in_our_own_words(name: str) -> None:
    expected = read_source(name)
    for theirs, ours in (pair(one) for one in SAID[name] if isinstance(one, tuple)):
        mark, theirs, ours = "`" if "{" in theirs else '"', theirs.format(**VALUES), ours.format(**VALUES)
        expected = expected.replace(f"{mark}{theirs}{mark}", f"{mark}{ours}{mark}")
    assert translate_file(name, read_source(name), "en-US") == expected


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SAID)
def test_files_are_translated_into_the_readers_language(name: str, language: str) -> None:
    """Strings end where they ended, so that scripts stay scripts."""
    text = translate_file(name, read_source(name), language)
    for _, english in map(pair, SAID[name]):
        there = translate(english, language)
        assert not re.search(r"[\"`\\]|\$\{", there)
        assert there.partition("{")[0] in text
    for mark in ('"', "`", "${", "\n"):
        assert text.count(mark) == read_source(name).count(mark)


def test_files_without_words_are_unchanged() -> None:
    assert translate_file("geometry.js", 'const a = "Cancel";', "de") == 'const a = "Cancel";'


def test_a_different_version_of_simcord_is_detected() -> None:
    with pytest.raises(LookupError, match="Only you can see this"):
        translate_file("messages.js", read_source("messages.js").replace("Only you can see this", "Just for you"), "de")
    with pytest.raises(LookupError, match="Messages"):
        translate_index(read_source("index.html").replace(">Messages</button>", ">Rooms</button>"), "de")


@pytest.mark.parametrize(
    ("locale", "language", "words"),
    [
        ("de", "de", ("Kanäle", "Du bist", "Mehr", "Spielwiese beenden", "Hier ist noch nichts.")),
        ("es-419", "es", ("Canales", "Eres", "Más", "Aquí todavía no hay nada.")),
        ("fr", "fr", ("Salons", "Tu es", "Plus", "Rien ici pour l’instant.")),
        ("pt-BR", "pt", ("Canais", "Você é", "Mais", "Ainda não há nada aqui.")),
        ("ja", "en", ("Channels", "You are", "More", "Nothing here yet.")),
    ],
)
def test_the_page_is_translated_into_the_readers_language(locale: str, language: str, words: tuple[str, ...]) -> None:
    html = translate_index(read_source("index.html"), locale)
    assert f'<html lang="{language}">' in html
    for one in words:
        assert one in html


def test_a_plain_text_page_is_in_the_readers_language() -> None:
    html = render_text_page("fr", "One moment", "Quillmate is loading. This page refreshes by itself.")
    assert '<html lang="fr">' in html
    assert "Un instant" in html
    assert "Quillmate se charge." in html


def test_command_names_and_descriptions_are_localised() -> None:
    told = {"name": "Rewrite", "name_localizations": {"de": "Umschreiben"}, "description": ""}
    assert get_translation(told, "name", "de") == "Umschreiben"
    assert get_translation(told, "name", "ja") == "Rewrite"
    assert get_translation(told, "description", "de") == ""
