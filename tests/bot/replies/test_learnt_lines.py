"""What was learnt, in lines with Undo."""

from __future__ import annotations

import discord
import pytest

from bot.replies.ledger import learnt_items, origin_in_words
from personas.ledger import ME, Entry


@pytest.mark.parametrize(("count", "last"), [(3, ""), (5, "-# Und 2 weitere, siehe /profile history.")])
def test_of_much_that_was_learnt_at_once_the_rest_is_counted(count: int, last: str) -> None:
    entries = [Entry(str(number), "avoid_words", [f"word{number}"], ME, "learnt") for number in range(count)]
    items = learnt_items(entries, "de")
    assert sum(isinstance(item, discord.ui.Section) for item in items) == 3
    assert [item.content for item in items if isinstance(item, discord.ui.TextDisplay)] == ([last] if last else [])


def test_one_of_each_source_is_told_in_the_singular() -> None:
    assert origin_in_words("learnt", "vote:1 contrast:2 wish:3 edit:4", "en") == "I learnt it (2 votes, 1 wish, 1 edit)"
    assert origin_in_words("learnt", "variant:1 variant:2", "en") == "I learnt it (2 choices)"
    assert origin_in_words("learnt", "vote:1 wish:2", "de").endswith("(1 Stimme, 1 Wunsch)")
