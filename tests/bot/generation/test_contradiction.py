"""Limits that cannot hold together are asked about; all others are kept."""

from __future__ import annotations

import pytest

from bot.content import Remembered, Request
from bot.errors import RefusedError
from bot.generation.recall import assign
from personas.profile import Profile


def assigned(brief: str, kind: str = "explanation", *notes: str) -> None:
    assign(Request("1", "7", brief, kind=kind, notes=notes), Remembered(Profile()))


@pytest.mark.parametrize(
    ("brief", "kind", "said"),
    [
        ("why it rains, at least 200 words, max 50 words", "explanation", "At least 200 words and at most 50 words"),
        ("why it rains in 300 words, at most 280 characters", "explanation", "About 300 words and at most 280 characters"),
        ("min 400 characters, no more than 100 characters, on rain", "explanation", "At least 400 characters and at most"),
        ("tweet of 300 words on our sale", "social_post", "About 300 words and the 280 weighted characters that X takes"),
        ("bluesky post, at least 900 characters", "social_post", "At least 900 characters and the 300 graphemes that Bluesky"),
    ],
)  # fmt: skip
def test_it_asks_which_one_holds(brief: str, kind: str, said: str) -> None:
    with pytest.raises(RefusedError) as asked:
        assigned(brief, kind)
    assert str(asked.value).startswith(said)
    assert str(asked.value).endswith("cannot both be. Which one holds? Ask again with that one alone.")


@pytest.mark.parametrize(
    ("brief", "kind"),
    [
        ("why it rains, at least 50 words, max 200 words", "explanation"),
        ("why it rains in 40 words, at most 280 characters", "explanation"),
        ("5 headlines of max 30 characters and a 300 word landing page", "ad"),
        ("linkedin post of 300 words", "social_post"),
        ("tweet, 30 words, max 200 characters", "social_post"),
        ("mail of 200 words, subject max 40 characters", "email"),
        ("over 2000 people came, tell them thanks in a tweet", "social_post"),
    ],
)  # fmt: skip
def test_what_can_hold_together_is_made(brief: str, kind: str) -> None:
    assigned(brief, kind)


def test_a_later_wish_takes_the_place_of_an_earlier_one() -> None:
    assigned("why it rains in 300 words", "explanation", "at most 50 words")
