"""Texts that are too long for their place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.markup import shorten


@pytest.mark.parametrize(
    ("text", "max_length", "short"),
    [
        ("Bread at night", 14, "Bread at night"),
        ("Bread at night, soup by day", 12, "Bread at…"),
        ("Bread at night, soup by day", 16, "Bread at night…"),
        ("Bread at night, soup by day", 15, "Bread at night…"),
        ("https://example.com/a/long/address and more", 20, "https://example.com…"),
        ("夜に焼いたパンを朝に届けます", 8, "夜に焼いたパン…"),
        ("", 5, ""),
    ],
)
def test_a_text_ends_between_words_unless_it_has_none(text: str, max_length: int, short: str) -> None:
    assert shorten(text, max_length) == short


@given(st.text(max_size=60), st.integers(2, 70))
def test_a_short_text_is_a_beginning_within_its_limit(text: str, max_length: int) -> None:
    short = shorten(text, max_length)
    assert len(short) <= max_length
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))
