"""A small count that contradicts what is told of the same things is a figure that nobody gave; others are free."""

from __future__ import annotations

import pytest

from bot.checks.given import other_counts


@pytest.mark.parametrize(
    ("text", "source", "found"),
    [
        ("Bei uns unterrichten 5 Schneiderinnen.", "Bei uns unterrichten 4 Schneiderinnen", ["5 Schneiderinnen"]),
        ("temos 3 crianças alérgicas", "temos 2 crianças alérgicas", ["3 crianças"]),
        ("there are 6 volunteers", "I only have 5 volunteers", ["6 volunteers"]),
        ("there are 5 volunteers", "I only have 5 volunteers", []),
        ("1 volunteer for each of you", "I only have 5 volunteers", []),
        ("the under-10s train", "the under-9s train on Tuesdays", ["under-10"]),
        ("3 reasons to come", "we need 5 volunteers", []),
        ("4 tins", "tins, 4 or 5 a week", []),
    ],
)
def test_small_counts_that_contradict_a_source(text: str, source: str, found: list[str]) -> None:
    assert other_counts(text, [source]) == found
