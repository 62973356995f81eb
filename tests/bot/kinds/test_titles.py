"""What a text is called in a list."""

from __future__ import annotations

import pytest

from bot.reading.titles import MAX_TITLE_CHARACTERS, find_title


@pytest.mark.parametrize(
    ("text", "parts", "title"),
    [
        (
            "**Subject:** Saturdays\n\nHello,",
            {"emails": [{"subject": "Saturdays, until three"}]},
            "Saturdays, until three",
        ),
        ("## Our bakehouse\n\nText.", {"headline": "Our bakehouse"}, "Our bakehouse"),
        ("- Bread by night\n- The kettle is on", {"variants": ["Bread by night"]}, "Bread by night"),
        ("-18 °C in the cellar", {}, "-18 °C in the cellar"),
        ("\n***\nWe open at *nine*.", {"title": " "}, "We open at nine."),
        ("Text.", {"emails": []}, "Text."),
        ("Text.", {"emails": ["odd"]}, "Text."),
    ],
)
def test_an_explicit_title_is_preferred_to_the_first_line(text: str, parts: dict[str, object], title: str) -> None:
    assert find_title(text, parts) == title


def test_a_long_line_is_cut_between_words() -> None:
    cut = find_title("bread and coffee " * 20, {})
    assert len(cut) <= MAX_TITLE_CHARACTERS
    assert cut.endswith(("bread…", "and…", "coffee…"))
