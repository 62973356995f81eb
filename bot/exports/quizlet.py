"""Cards for Quizlet's import: a card a line, a tab between its sides."""

from __future__ import annotations

from bot.content import Content

from ._parts import cards

LABEL = "Quizlet"
SIGN = "🃏"
ENDING = "txt"


def fits(content: Content) -> bool:
    """It has cards, or questions with answers."""
    return bool(cards(content))


def export(_title: str, content: Content) -> bytes:
    """UTF-8; line ends and tabs within a side become spaces."""
    rows = [tuple(" ".join(side.split()) for side in card) for card in cards(content)]
    body = "".join(f"{front}\t{back}\n" for front, back in rows).encode()
    assert [tuple(line.split("\t")) for line in body.decode().split("\n")[:-1]] == rows
    return body
