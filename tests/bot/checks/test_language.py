"""Identification of the language of a text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.checks import build_range_check
from bot.checks.language import NAMES, identify_language, parse_language

QUALITY = Path(__file__).parents[3] / "benchmarks" / "quality"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", None),
        ("Hello there", None),
        ("1234567890 1234567890 !!!", None),
        ("#onehashtag #twohashtags https://example.com/very/long/link", None),
        ("We are open on Saturday and you can bring your own cup with you.", "en"),
        ("Fresh scones sell out quickly every single morning downtown.", "en"),
        ("Am Samstag haben wir geöffnet, bringen Sie gerne Ihre eigene Tasse mit.", "de"),
        ("Le samedi nous sommes ouverts, apportez votre propre tasse.", "fr"),
        ("El sábado abrimos temprano, trae tu propia taza y ven con tus amigos.", "es"),
        ("土曜日は開いています。ご自分のカップをお持ちください。", "ja"),
        ("В субботу мы открыты, приносите свою чашку.", "ru"),
    ],
)
def test_languages_are_identified(text: str, code: str | None) -> None:
    assert identify_language(text) == code


@pytest.mark.parametrize(
    ("name", "code"), [("en", "en"), ("English", "en"), (" GERMAN ", "de"), ("Klingon", None), ("", None), ("xx", None)]
)
def test_languages_are_found_by_name(name: str, code: str | None) -> None:
    assert parse_language(name) == code


def test_every_language_name_has_a_code() -> None:
    assert {parse_language(name) for name in NAMES.values()} == set(NAMES)


def test_the_json_of_a_check_has_stable_keys() -> None:
    check = build_range_check("length", 281, high=280, unit="characters", path="text", hint="too long")
    promised = {"name": "length", "passed": False, "measured": "281", "limit": "280 characters"}
    assert {name: check.to_json()[name] for name in promised} == promised


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("facebook: Mittagstisch diese Woche, Dienstag Linsensuppe 7,90", "de"),
        ("mail verein, hauptversammlung verschoben, neuer termin 12. märz", "de"),
        ("sms clients: vélo prêt, fermeture 19h", "fr"),
        ("eslogan panadería artesanal, masa madre", "es"),
        ("cardápio almoço: feijoada 32, frango grelhado 28, pudim 9", "pt"),
        ("locandina mercatino sabato ore 9, piazza, caffè gratis", "it"),
        ("guía de estudio de derecho romano, diez apartados, 3 páginas máximo, dos preguntas por apartado", "es"),
        ("mi trovi una frase carina per la merceria della mamma che chiude dopo una vita?", "it"),
        ("5 slogan untuk bengkel motor, maksimal 5 kata, jangan lebay", "id"),
        ("自転車屋のキャッチコピーを5つ、15文字以内で", "ja"),
        # Places and dishes do not change the language of an English text.
        ("facebook: Aperitivo night at Bar Lungo, spritz 6, DJ Gianni", None),
        ("tagline Casa Verde taqueria", None),
        ("menu: gazpacho 6, paella 14, flan 5, sangria jug 18", None),
        ("flashcards Spanish colours: rojo, azul, verde, amarillo", None),
        ("tagline for Mossy Paw pet hotel", None),
        ("write a short film script, two strangers, one umbrella", "en"),
        ("drum n bass loop, 174bpm, dark", None),
        ("The brunch at Zur Alten Mühle is on Sunday", None),
    ],
)
def test_the_language_of_a_note_is_identified(text: str, code: str | None) -> None:
    assert identify_language(text) == code


def test_no_brief_is_misidentified() -> None:
    files = sorted(QUALITY.glob("readings*.jsonl"))
    read = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    taken = [(one["language"], identify_language(one["brief"])) for one in read if one.get("brief")]
    assert not [code for wanted, code in taken if wanted == "en" and code not in ("en", None)]
    others = [wanted == code for wanted, code in taken if wanted not in ("en", "hi")]
    assert sum(others) >= 0.98 * len(others) > 300
