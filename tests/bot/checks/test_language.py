"""Which language a text is in."""

from __future__ import annotations

import pytest

from bot.checks import bounded
from bot.checks.language import NAMES, foreign_script, language, wanted_language


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
def test_language(text: str, code: str | None) -> None:
    assert language(text) == code


@pytest.mark.parametrize(
    ("name", "code"), [("en", "en"), ("English", "en"), (" GERMAN ", "de"), ("Klingon", None), ("", None), ("xx", None)]
)
def test_languages_by_name(name: str, code: str | None) -> None:
    assert wanted_language(name) == code


def test_every_name_leads_to_its_code() -> None:
    assert {wanted_language(name) for name in NAMES.values()} == set(NAMES)


def test_a_check_as_json_keeps_what_is_promised() -> None:
    check = bounded("length", 281, high=280, unit="characters", path="text", hint="too long")
    promised = {"name": "length", "passed": False, "measured": "281", "limit": "280 characters"}
    assert {name: check.as_json()[name] for name in promised} == promised


@pytest.mark.parametrize(
    ("text", "code", "word"),
    [
        ("plants turn light into 化学能源 that", "en", "化学能源"),
        ("Das ist хорошо so", "de", "хорошо"),
        ("café, naïve, Łódź, π and Σ", "en", ""),
        ("🎉 x² © → 20 €", "en", ""),
        ("Это по-русски and English", "ru", ""),
    ],
)
def test_a_script_that_a_language_has_no_use_for(text: str, code: str, word: str) -> None:
    assert foreign_script(text, code) == word
