"""How a text speaks to its readers is told by its words, as far as a language has words that tell."""

from __future__ import annotations

import pytest

from bot.briefs import address_in
from bot.checks.addressing import Address, addressed


@pytest.mark.parametrize(
    ("text", "language", "form", "words"),
    [
        ("Kommen Sie vorbei. Sie ist da. Wir freuen uns auf Sie", "de", "polite", ["Sie", "Sie"]),
        ("Die Bäckerin backt, und sie singt dabei.", "de", "polite", []),
        ("Komm vorbei, du und dein Rad", "de", "familiar", ["du", "dein"]),
        ("„Kommen Sie rein“, sagt Opa, und du lachst", "de", "polite", []),
        ("Vous avez votre clé ?", "fr", "polite", ["Vous", "votre"]),
        ("Tu bebé y tú, al agua", "es", "familiar", ["Tu", "tú"]),
        ("Su bebé y usted, al agua", "es", "polite", ["usted"]),
        ("You and your baby", "en", "familiar", []),
    ],
)
def test_words_that_speak_to_readers(text: str, language: str, form: Address, words: list[str]) -> None:
    assert addressed(text, language, form) == words


@pytest.mark.parametrize(
    ("brief", "form"),
    [
        ("Landingpage für den Nähkurs. Bitte duzen, kein Druck", "familiar"),
        ("Brief an die Mieter, nicht duzen, das mögen sie nicht", ""),
        ("mail in French please (vouvoiement): coupure d'eau dans l'immeuble", "polite"),
        ("anuncio para clases de natación. Tutea. Sábados a las 9", "familiar"),
        ("a mail to friends", ""),
    ],
)
def test_how_a_brief_wants_readers_spoken_to(brief: str, form: str) -> None:
    assert address_in(brief) == form
