"""Reads tastes from votes without a reason: what sets the liked texts of a kind apart from the disliked ones. Pure.

Only what all liked texts have, and no disliked one, is a sign, and only what can be counted or found in a text by code. Where
votes are about something else, two texts on one side and three on the other fall apart like that in one case of ten for
each thing that is counted, and of the third on both sides in one of twenty; since a lasting change takes two such signs, it
takes six votes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import median

from bot.checks.readability import grade
from bot.checks.units import exclamations, words
from personas.learning import shift_level
from personas.profile import CEFR_GRADES, Length

from .tastes import GRADES, LONGER, SHORTER, Setting, Sign, closing, emoji_use, formality, greeting, speaker

# Votes on each side, and votes in all, from which they tell anything.
MIN, MIN_IN_ALL = 2, 5
# Words of a short, a medium and a long text.
USUAL_WORDS = (40, 80, 160)
_SIZES: tuple[Length, ...] = ("short", "medium", "long")

# What a text has one of, by the field of the ledger that it is a sign of; empty where it cannot be told.
_FOUND: dict[str, Callable[[str], str]] = {
    "emoji": emoji_use,
    "formality": formality,
    "person": speaker,
    "exclamation_marks": lambda text: "" if exclamations(text) else "none",
    "greeting": greeting,
    "closing": closing,
}


def from_contrast(
    liked: Sequence[str], disliked: Sequence[str], was: Setting, usual: tuple[int, int, int]
) -> list[Sign]:
    """The tastes that liked and disliked texts of a kind show; `usual` are the words of its short, medium and long texts."""
    if min(len(liked), len(disliked)) < MIN or len(liked) + len(disliked) < MIN_IN_ALL:
        return []
    signs: list[Sign] = []
    for name, find in _FOUND.items():
        have, not_have = {find(text) for text in liked}, {find(text) for text in disliked}
        if len(have) == 1 and have.isdisjoint(not_have) and (value := have.pop()):
            signs.append((name, value))
    return [*signs, *_length(liked, disliked, usual), *_level(liked, disliked, was)]


def _length(liked: Sequence[str], disliked: Sequence[str], usual: tuple[int, int, int]) -> list[Sign]:
    good, bad = [max(1, words(text)) for text in liked], [max(1, words(text)) for text in disliked]
    if max(good) > SHORTER * min(bad) and min(good) < LONGER * max(bad):
        return []
    size, other = (_size(median(counts), usual) for counts in (good, bad))
    return [("preferred_length", size)] if size != other else []


def _size(count: float, usual: tuple[int, int, int]) -> Length:
    """The length whose usual number of words is the nearest."""
    return min(zip(_SIZES, usual, strict=True), key=lambda size: abs(math.log(count / size[1])))[0]


def _level(liked: Sequence[str], disliked: Sequence[str], was: Setting) -> list[Sign]:
    """The level that the hardest liked text has where all disliked are harder; one more than now where all are easier."""
    good = [level for text in liked if (level := grade(text)) is not None]
    bad = [level for text in disliked if (level := grade(text)) is not None]
    if len(good) < len(liked) or len(bad) < len(disliked):
        return []
    if max(good) + GRADES <= min(bad):
        found = next((name for name, most in CEFR_GRADES.items() if max(good) <= most), "")
        return [("reading_level", f"CEFR {found}")] if found else []
    if was.level and min(good) >= max(bad) + GRADES:
        return [("reading_level", shift_level(was.level, 1))]
    return []
