"""What was learnt, in lines with Undo."""

from __future__ import annotations

import discord
import pytest

from bot.replies.ledger import build_learnt_items, format_origin
from personas.ledger import ME, Entry


@pytest.mark.parametrize(("count", "last"), [(3, ""), (5, "-# Und 2 weitere, siehe /profile history.")])
def test_further_learnt_entries_are_counted(count: int, last: str) -> None:
    entries = [Entry(str(number), "avoid_words", [f"word{number}"], ME, "learnt") for number in range(count)]
    items = build_learnt_items(entries, "de")
    assert sum(isinstance(item, discord.ui.Section) for item in items) == 3
    assert [item.content for item in items if isinstance(item, discord.ui.TextDisplay)] == ([last] if last else [])


def test_single_sources_are_singular() -> None:
    assert format_origin("learnt", "vote:1 contrast:2 wish:3 edit:4", "en") == (
        "I learnt it (2 votes, 1 change you asked for, 1 edit)"
    )
    assert format_origin("learnt", "variant:1 variant:2", "en") == "I learnt it (2 choices)"
    assert format_origin("learnt", "vote:1 wish:2", "de").endswith("(1 Bewertung, 1 gewünschte Änderung)")
