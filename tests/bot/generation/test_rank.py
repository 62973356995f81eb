"""How near texts are to a query, by their words."""

from __future__ import annotations

import pytest

from bot.generation.rank import score_word_overlap


@pytest.mark.parametrize(
    ("query", "texts", "near"),
    [
        ("fresh scones", ["Fresh scones", "fresh", "none"], [1.0, 0.5, 0.0]),
        ("a to of", ["a to of"], [0.0]),
        ("", ["x"], [0.0]),
        ("fresh", [], []),
    ],
)
def test_word_overlap_is_scored(query: str, texts: list[str], near: list[float]) -> None:
    assert score_word_overlap(query, texts) == near
