"""A figure that follows from given ones is none that is made up."""

from __future__ import annotations

import pytest

from bot.checks.derived import without_derived
from bot.checks.figures import ungrounded_numbers


def loose(text: str, source: str, language: str = "en") -> list[str]:
    return without_derived(ungrounded_numbers(text, [source]), text, [source], language)


@pytest.mark.parametrize(
    ("text", "source", "language"),
    [
        ("20 % off £45 is £36.", "the £45 coat, 20 % off", "en"),
        ("Now £36 instead of £45.", "coats £45, 20% off until Sunday", "en"),
        ("You save £9.", "coats £45, 20% off until Sunday", "en"),
        ("The coat comes down from £45 to £36, which saves you 20 %.", "coat £45, now £36", "en"),
        ("The course and the clay come to £52.50.", "course £45, clay £7.50", "en"),
        ("Six evenings, £90 in all.", "6 evenings at £15 each", "en"),
        ("20 % von 45 € sind 9 €.", "Mantel 45 €, 20 % Rabatt", "de"),
        ("Statt 45,00 € nur 36,00 €.", "Mantel 45 €, 20 % Rabatt", "de"),
        ("Avant 45 €, maintenant 33,75 €.", "manteau 45 €, 25 % de moins", "fr"),
        ("De 45 € a 36 €.", "abrigo 45 €, 20 % menos", "es"),
        ("Por R$ 1.032,00 à vista.", "cadeira R$ 1.290,00, 20 % de desconto à vista", "pt"),
        ("12 × £15 = £180.", "12 seats, £15", "en"),
    ],
)
def test_what_follows_from_given_figures_is_given(text: str, source: str, language: str) -> None:
    assert ungrounded_numbers(text, [source])
    assert loose(text, source, language) == []


@pytest.mark.parametrize(
    ("text", "source", "left"),
    [
        ("Now £35 instead of £45.", "coats £45, 20% off", ["35"]),
        ("20 % off £45 is £35.", "coats £45, 20% off", ["35"]),
        ("Now 36 people came.", "coats £45, 20% off", ["36"]),
        ("30 % off £60 is £42.", "coats £45, 20% off", ["30", "60", "42"]),
        ("99 = 99", "coats £45", ["99", "99"]),
        ("£36 and 77 chairs", "coats £45, 20% off", ["77"]),
        ("", "coats £45, 20% off", []),
    ],
)
def test_what_follows_from_none_stays_made_up(text: str, source: str, left: list[str]) -> None:
    assert loose(text, source) == left
