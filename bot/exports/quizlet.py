"""Cards as Quizlet imports them: one card per line, with a tab between its sides."""

from __future__ import annotations

from bot.content import Content

from ._parts import collect_cards

LABEL = "Quizlet"
SIGN = "🃏"
ENDING = "txt"


def fits(content: Content) -> bool:
    """Whether a content has cards, or questions with answers."""
    return bool(collect_cards(content))


def export(_title: str, content: Content) -> bytes:
    """Return UTF-8; line ends and tabs within a side become spaces."""
    rows = [tuple(" ".join(side.split()) for side in card) for card in collect_cards(content)]
    body = "".join(f"{front}\t{back}\n" for front, back in rows).encode()
    assert [tuple(line.split("\t")) for line in body.decode().split("\n")[:-1]] == rows
    return body
