"""The words that a text is to begin or to end with are read where a brief quotes them, and looked for there."""

from __future__ import annotations

import pytest
from bot.generation.asked import ends_checks

from bot.briefs import ends_in
from bot.content import Remembered, Request
from bot.generation.recall import assign
from personas.profile import Profile


@pytest.mark.parametrize(
    ("brief", "first", "last"),
    [
        ('a Reel script. first words have to be "Don\'t bin these."', "Don't bin these.", ""),
        ('mail to parents, no "Dear", finish with "See you on the grass"', "", "See you on the grass"),
        ("starte mit „Moin“, ende mit „Bis Montag“", "Moin", "Bis Montag"),
        ('texto para la web. Acaba con "Gracias por esperar"', "", "Gracias por esperar"),
        ("un post, termine par « À bientôt »", "", "À bientôt"),
        ('uma mensagem, termina com "até já"', "", "até já"),
        ('a mail, don\'t start with "Dear"', "", ""),
        ('each verse should begin with "I wish"', "", ""),
        ("a mail that ends with a question", "", ""),
    ],
)
def test_first_and_last_words(brief: str, first: str, last: str) -> None:
    assert ends_in(brief) == (first, last)


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("The van is back. See you there!", True),
        ("The van is back. See you there 🚐 #books", True),
        ("The van is back. See you there. Find the stops: https://van.example Linden Books", True),
        ("See you there, the van is back.", False),
        ("The van is back.", False),
    ],
)
def test_only_what_code_adds_may_stand_behind_the_last_words(text: str, passes: bool) -> None:
    call = {"text": "Find the stops", "link": "https://van.example"}
    profile = Profile.of({"organisation": "Linden Books", "call_to_action": call})
    asked = Request("1", "7", 'post: the van is back, end with "See you there"', kind="social_post")
    (check,) = ends_checks({"text": text}, assign(asked, Remembered(profile)))
    assert check.passed is passes
