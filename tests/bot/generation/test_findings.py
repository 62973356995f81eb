"""Descriptions of checks in each language, for models, and of checks stored by earlier releases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.checks import AskedBy, Check, build_absence_check, build_presence_check, build_range_check
from bot.generation.findings import (
    describe_check,
    describe_for_model,
    describe_origin,
    is_short,
    name_failure,
    shorten_name,
)
from bot.locales import LANGUAGES, localize

TWEET = build_range_check(
    "length in weighted characters", 168, high=280, unit="weighted characters", sort="size", place="x"
)
SUBJECT = build_range_check("subject length", 61, high=60, unit="characters", sort="size", of="subject")
QUESTIONS = build_range_check("items", 5, 5, 5, "questions", sort="number")
ONE = build_range_check("headlines", 1, 1, 1, "headlines", sort="number")
PARAGRAPHS = build_range_check("body", 7, 1, 6, "paragraphs", sort="number")
SHOTS = build_range_check("shots", 1, 4, 4, "shots", sort="number")
ROWS = build_range_check("rows", 8, 8, 8, "rows")
CONTRAST = build_range_check("contrast", 3.25, 4.5, unit="to 1")
BARS = build_range_check("full bars", 2, high=0, unit="bars")
NO_EMOJI, EMOJI = (build_range_check("emoji", number, high=0, unit="emoji") for number in (0, 2))
NO_LINKS = build_absence_check("links", [], of="links")
LINKS = build_absence_check("links", ["oak.example", "elm.example"], of="links")
OPTIONS = build_range_check("options", 4, 3, 3, "options", sort="number")
MISSING = build_presence_check("words that must stand in it", ["9:30"], 2)
GERMAN = Check(id="language", passed=False, value=("English",), wanted=("German",))

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
    (OPTIONS, "en", "4 options; the maximum is 3"),
    (ONE, "en", "1 of 1 headline"),
    (ONE, "es", "1 de 1 titular"),
    (PARAGRAPHS, "en", "7 paragraphs; it should be 1 to 6"),
    (PARAGRAPHS, "de", "7 Absätze; nötig: 1 bis 6"),
    (SHOTS, "en", "1 of 4 shots"),
    (SHOTS, "de", "1 von 4 Einstellungen"),
    (ROWS, "en", "8 of 8 rows"),
    (CONTRAST, "en", "contrast with the background: 3.2 to 1; the minimum is 4.5 to 1"),
    (BARS, "en", "incomplete bars: 2"),
    (NO_EMOJI, "en", "no emoji"),
    (NO_EMOJI, "de", "keine Emojis"),
    (EMOJI, "en", "2 emoji; there should be none"),
    (EMOJI, "fr", "2 émojis\u00a0; maximum\u00a0: 0"),
    (NO_LINKS, "en", "without links"),
    (LINKS, "en", "links you did not want: oak.example, elm.example"),
    (LINKS, "es", "enlaces que no querías: oak.example, elm.example"),
    (MISSING, "en", "missing words: 9:30"),
    (GERMAN, "en", "in English instead of German"),
    (GERMAN, "de", "auf Englisch statt Deutsch"),
]


@pytest.mark.parametrize(("check", "language", "words"), WORDS)
def test_checks_are_described_in_the_readers_language(check: Check, language: str, words: str) -> None:
    assert localize(describe_check(check), language) == words


def test_quotations_are_not_translated() -> None:
    assert localize(describe_check(build_absence_check("avoided words", ["title", "German"])), "de").endswith(
        ": title, German"
    )


def test_a_piece_is_named_before_its_finding() -> None:
    check = build_range_check("length in SMS parts", 2, high=1, unit="SMS parts", sort="size", within="Text messages")
    assert (check.name, localize(describe_check(check), "en")) == (
        "Text messages: length in SMS parts",
        "Text messages: 2 of 1 SMS part",
    )


ASKERS: list[tuple[AskedBy, str, str, str]] = [
    ("brief", "", "from your brief", "aus deinem Auftrag"),
    ("profile", "", "from your profile", "aus deinem Profil"),
    ("place", "x", "X's limit", "Limit von X"),
    ("place", "google_play", "Google Play's limit", "Limit von Google Play"),
    ("place", "nowhere", "a limit of the platform", "Limit der Plattform"),
    ("kind", "", "required for this kind of text", "gehört zu dieser Textart"),
    ("house", "", "one of my rules", "eine meiner Regeln"),
]


@pytest.mark.parametrize(("asked_by", "place", "english", "german"), ASKERS)
def test_the_origin_of_a_check_is_described(asked_by: AskedBy, place: str, english: str, german: str) -> None:
    check = Check(id="points", passed=False, asked_by=asked_by, place=place)
    assert (localize(describe_origin(check), "en"), localize(describe_origin(check), "de")) == (english, german)


@pytest.mark.parametrize(
    ("check", "told"),
    [
        (SUBJECT, "It has 61 characters; at most 60 fit."),
        (
            build_range_check("length in weighted characters", 1, 8, 280, "weighted characters"),
            "It has 1 character; it needs at least 8.",
        ),
        (PARAGRAPHS, "It has 7 paragraphs; at most 6 fit."),
        (build_range_check("shots", 1, 4, 4, "shots", sort="number"), "It has 1 shot; it needs at least 4."),
        (MISSING, "Missing words: 9:30."),
        (
            build_absence_check("links", ["oak.example"], of="links", hint="There must be no links."),
            "There must be no links.",
        ),
    ],
)
def test_checks_are_described_for_the_model(check: Check, told: str) -> None:
    assert describe_for_model(check) == told


def test_too_little_is_distinguished_from_too_much() -> None:
    assert is_short(build_range_check("x", 1, 2, 3))
    assert not is_short(build_range_check("x", 4, 2, 3))
    assert not is_short(MISSING)


# Checks as they were stored before they were data.
KEPT: list[tuple[dict[str, Any], str]] = [
    (
        {
            "name": "length in weighted characters",
            "passed": True,
            "measured": "168",
            "limit": "280 weighted characters",
            "path": "text",
            "hint": "",
        },
        "length in weighted characters: 168",
    ),
    ({"name": "avoided words", "passed": False, "measured": "artisan", "limit": "none"}, "avoided words: artisan"),
    ({"name": "reading grade", "passed": False, "measured": "9", "limit": "6"}, "reading grade: 9 (wanted: 6)"),
]


@pytest.mark.parametrize(("kept", "words"), KEPT)
def test_a_check_of_an_earlier_release_is_parsed_and_described(kept: dict[str, Any], words: str) -> None:
    check = Check.from_json(kept)
    assert {name: check.to_json()[name] for name in ("name", "passed", "measured", "limit")} == {
        name: kept[name] for name in ("name", "passed", "measured", "limit")
    }
    assert localize(describe_check(check), "en") == words
    assert Check.from_json(check.to_json()) == check
    for language in LANGUAGES:
        assert str(kept["measured"]) in localize(describe_check(check), language)


# Checks of earlier releases that no longer exist.
GONE = [
    (build_range_check("answer key", 3, 5, 5, "tasks"), "answer key: 3 (wanted: 5 tasks)"),
    (build_range_check("reading grade", 6.2, high=7.0, unit="grade"), "reading grade: 6.2"),
    (build_range_check("reading grade", 9.4, high=7.0, unit="grade"), "reading grade: 9.4 (wanted: 7 grade)"),
    (
        build_range_check("different fronts", 11, 12, 12, "different fronts", sort="different", of="fronts"),
        "different fronts: 11 (wanted: 12 different fronts)",
    ),
    (build_absence_check("placeholders", ["[Name]", "[Day]"]), "placeholders: [Name], [Day]"),
    (build_absence_check("placeholders", []), "placeholders"),
    (build_presence_check("brief's figures", ["9:30"], 2, "figures"), "brief's figures: 9:30"),
    (Check(id="words", passed=False, value=("C1",), wanted=("B1",), unit="CEFR level"), "words: C1 (wanted: B1)"),
]


@pytest.mark.parametrize(("check", "words"), GONE, ids=lambda one: one.id if isinstance(one, Check) else "")
def test_an_obsolete_check_is_described_by_name_and_measurement(check: Check, words: str) -> None:
    assert localize(describe_check(Check.from_json(check.to_json())), "en") == words
    within = replace(check, within="Text messages")
    assert localize(describe_check(within), "en") == f"Text messages: {words}"
    assert shorten_name(localize(name_failure(check.id), "en")) == check.id
