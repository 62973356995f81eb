"""Amounts in a currency that no source uses."""

from __future__ import annotations

import pytest

from bot.checks.currencies import money_weighed, other_money


@pytest.mark.parametrize(
    ("text", "source", "found"),
    [
        ("7.000 € por hora", "kayak simple $7.000, doble $11.000", ["7.000 €"]),
        ("It costs £12.", "it is €12 a mug", ["£12"]),
        ("Only 410 dollars", "₹410 a tin", ["410 dollars"]),
    ],
)
def test_another_currency_is_found(text: str, source: str, found: list[str]) -> None:
    assert other_money(text, [source]) == found


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("R$ 180 the class", "180 reais a aula"), ("A$34 a game", "$34"), ("12 euros", "€12"), ("CHF 20.–", "20 Franken"),
        ("£12", "no price was told"), ("12 pounds of flour", "£3 a bag"), ("Rs 410", "₹410"),
    ],
)  # fmt: skip
def test_the_same_in_other_words_is_not(text: str, source: str) -> None:
    assert other_money(text, [source]) == []


@pytest.mark.parametrize(
    ("text", "source", "found"),
    [
        ("It weighs 89 pounds and keeps you warm.", "wool blanket, £89, 130 x 180", ["weighs 89 pounds"]),
        ("Die Decke wiegt nur 89 Pfund.", "a blanket for 89 pounds", ["wiegt nur 89 Pfund"]),
        ("It is 89 pounds heavy.", "blanket. price: £89", ["89 pounds heavy"]),
        ("It costs 89 pounds.", "wool blanket, £89", []),
        ("Weight: 89 pounds", "wool blanket, £89, 130 x 180", ["Weight: 89 pounds"]),
        ("It weighs 89 pounds.", "dumbbell, weighs 89 pounds, £89", []),
        ("It weighs 89 pounds.", "an anvil of 89 pounds", []),
        ("It weighs 20 kg.", "suitcase 20 kg, £20", []),
    ],
)
def test_a_price_is_no_weight(text: str, source: str, found: list[str]) -> None:
    assert money_weighed(text, [source]) == found
