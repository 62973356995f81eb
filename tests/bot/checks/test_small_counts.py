"""A small count that contradicts what is told of the same things is a figure that nobody gave; others are free."""

from __future__ import annotations

import pytest

from bot.checks.figures import says_numbers
from bot.checks.given import other_counts


@pytest.mark.parametrize(
    ("text", "source", "found"),
    [
        ("Bei uns unterrichten 5 Schneiderinnen.", "Bei uns unterrichten 4 Schneiderinnen", ["5 Schneiderinnen"]),
        ("temos 3 crianças alérgicas", "temos 2 crianças alérgicas", ["3 crianças"]),
        ("there are 6 volunteers", "I only have 5 volunteers", ["6 volunteers"]),
        ("there are 5 volunteers", "I only have 5 volunteers", []),
        ("1 volunteer for each of you", "I only have 5 volunteers", []),
        ("3 reasons to come", "we need 5 volunteers", []),
        ("4 tins", "tins, 4 or 5 a week", []),
    ],
)
def test_small_counts_that_contradict_a_source(text: str, source: str, found: list[str]) -> None:
    assert other_counts(text, [source]) == found


@pytest.mark.parametrize("text", ["from 10am to 2pm", "10–2", "von 10 bis 14 Uhr", "between 10 and 2"])
def test_hours_are_told_in_other_words(text: str) -> None:
    assert says_numbers(text, "10 to 2")
