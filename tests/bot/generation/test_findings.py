"""What checks found, in the words of each language, as models are told, and as it was kept by earlier versions."""

from __future__ import annotations

from typing import Any

import pytest

from bot.checks import AskedBy, Check, bounded, differing, free_of, holding
from bot.generation.findings import asker, finding, for_model, is_short
from bot.locales import LANGUAGES, said

TWEET = bounded("length in weighted characters", 168, high=280, unit="weighted characters", sort="size", place="x")
SUBJECT = bounded("subject length", 61, high=60, unit="characters", sort="size", of="subject")
QUESTIONS = bounded("items", 5, 5, 5, "questions", sort="number")
ONE = bounded("headlines", 1, 1, 1, "headlines", sort="number")
PARAGRAPHS = bounded("body", 7, 1, 6, "paragraphs", sort="number")
GRADE = bounded("reading grade", 6.2, high=7.0, unit="grade")
LEVEL = Check(id="words", passed=False, value=("C1",), wanted=("B1",), unit="CEFR level")
NO_EMOJI, EMOJI = (bounded("emoji", number, high=0, unit="emoji") for number in (0, 2))
NO_LINKS = free_of("links", [], of="links")
LINKS = free_of("links", ["oak.example", "elm.example"], of="links")
BLANKS = free_of("placeholders", ["[Name]"])
FIGURES = holding("brief's figures", ["9:30"], 2, "figures")
GERMAN = Check(id="language", passed=False, value=("English",), wanted=("German",))
TWICE = differing("fronts", 1199, 1200)

WORDS = [
    (TWEET, "en", "168 of 280 characters as X counts them"),
    (TWEET, "de", "168 von 280 Zeichen, wie X sie zählt"),
    (TWEET, "fr", "168 sur 280 caractères comme les compte X"),
    (TWEET, "es", "168 de 280 caracteres como los cuenta X"),
    (TWEET, "pt", "168 de 280 caracteres como X os conta"),
    (SUBJECT, "en", "subject: 61 of 60 characters"),
    (SUBJECT, "de", "Betreff: 61 von 60 Zeichen"),
    (QUESTIONS, "en", "5 of 5 questions"),
    (QUESTIONS, "fr", "5 sur 5 questions"),
    (ONE, "en", "1 of 1 headline"),
    (ONE, "es", "1 de 1 titular"),
    (PARAGRAPHS, "en", "7 paragraphs, 1 to 6 wanted"),
    (PARAGRAPHS, "de", "7 Absätze, gewünscht 1 bis 6"),
    (GRADE, "en", "reads like school year 6.2, at most 7 wanted"),
    (GRADE, "pt", "para o ano escolar 6,2, no máximo 7"),
    (LEVEL, "en", "has words for C1, at most B1 wanted"),
    (NO_EMOJI, "en", "no emoji"),
    (NO_EMOJI, "de", "keine Emojis"),
    (EMOJI, "en", "2 emoji, none wanted"),
    (EMOJI, "fr", "2 émojis, 0 demandé"),
    (NO_LINKS, "en", "without links"),
    (LINKS, "en", "links that you did not want: oak.example, elm.example"),
    (LINKS, "es", "enlaces que no querías: oak.example, elm.example"),
    (BLANKS, "en", "still to fill in: [Name]"),
    (FIGURES, "en", "figures of your brief that are missing: 9:30"),
    (GERMAN, "en", "in English instead of German"),
    (GERMAN, "de", "auf Englisch statt Deutsch"),
    (TWICE, "en", "fronts that differ: 1,199 of 1,200"),
    (TWICE, "de", "Vorderseiten ohne Wiederholung: 1.199 von 1.200"),
]


@pytest.mark.parametrize(("check", "language", "words"), WORDS)
def test_what_was_found_is_said_in_the_readers_language(check: Check, language: str, words: str) -> None:
    assert said(finding(check), language) == words


def test_what_is_quoted_is_not_translated() -> None:
    assert said(finding(free_of("avoided words", ["title", "German"])), "de").endswith(": title, German")


def test_a_piece_is_named_before_what_is_wrong_with_it() -> None:
    check = bounded("length in SMS parts", 2, high=1, unit="SMS parts", sort="size", within="Text messages")
    assert (check.name, said(finding(check), "en")) == (
        "Text messages: length in SMS parts",
        "Text messages: 2 of 1 SMS part",
    )


ASKERS: list[tuple[AskedBy, str, str, str]] = [
    ("brief", "", "asked by your brief", "von deinem Auftrag verlangt"),
    ("profile", "", "asked by your profile", "von deinem Profil verlangt"),
    ("place", "x", "X's limit", "Grenze von X"),
    ("place", "google_play", "Google Play's limit", "Grenze von Google Play"),
    ("place", "nowhere", "a limit of the place", "eine Grenze des Orts"),
    ("kind", "", "part of its form", "gehört zu dieser Textart"),
    ("house", "", "a rule of mine", "eine Regel von mir"),
]


@pytest.mark.parametrize(("asked_by", "place", "english", "german"), ASKERS)
def test_who_wants_it_is_said(asked_by: AskedBy, place: str, english: str, german: str) -> None:
    check = Check(id="points", passed=False, asked_by=asked_by, place=place)
    assert (said(asker(check), "en"), said(asker(check), "de")) == (english, german)


@pytest.mark.parametrize(
    ("check", "told"),
    [
        (SUBJECT, "It has 61 characters; at most 60 fit."),
        (
            bounded("length in weighted characters", 1, 8, 280, "weighted characters"),
            "It has 1 character; it needs at least 8.",
        ),
        (PARAGRAPHS, "It has 7 paragraphs; at most 6 fit."),
        (TWICE, "Fronts that differ: 1,199 of 1,200."),
        (BLANKS, "Still to fill in: [Name]."),
        (free_of("links", ["oak.example"], of="links", hint="There must be no links."), "There must be no links."),
    ],
)
def test_a_model_is_told_what_to_put_right(check: Check, told: str) -> None:
    assert for_model(check) == told


def test_too_little_is_told_from_too_much() -> None:
    assert is_short(bounded("x", 1, 2, 3))
    assert not is_short(bounded("x", 4, 2, 3))
    assert not is_short(BLANKS)


# As checks were kept before they were data.
KEPT: list[tuple[dict[str, Any], str]] = [
    (
        {
            "name": "length in weighted characters", "passed": True, "measured": "168", "limit": "280 weighted characters",
            "path": "text", "hint": "",
        },
        "length in weighted characters: 168",
    ),
    ({"name": "avoided words", "passed": False, "measured": "artisan", "limit": "none"}, "avoided words: artisan (wanted: none)"),
]  # fmt: skip


@pytest.mark.parametrize(("kept", "words"), KEPT)
def test_a_check_of_an_earlier_version_is_read_and_shown(kept: dict[str, Any], words: str) -> None:
    check = Check.from_json(kept)
    assert {name: check.as_json()[name] for name in ("name", "passed", "measured", "limit")} == {
        name: kept[name] for name in ("name", "passed", "measured", "limit")
    }
    assert said(finding(check), "en") == words
    assert Check.from_json(check.as_json()) == check
    for language in LANGUAGES:
        assert str(kept["measured"]) in said(finding(check), language)
