"""Infer tastes from votes without a reason: what distinguishes the liked texts of a kind from the disliked ones. Pure.

Only what all liked texts and no disliked text have is a sign, and only what code can count or find. If the votes are about
something else, two texts on one side and three on the other separate by chance in one case of ten per feature, and with three
on both sides in one of twenty; since a lasting change takes two such signs, it takes six votes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import median

from bot.checks.readability import measure_grade
from bot.checks.units import count_exclamations, count_words
from personas.learning import shift_level
from personas.profile import CEFR_GRADES, Length

from .tastes import (
    LONGER,
    MIN_GRADE_DIFFERENCE,
    SHORTER,
    Baseline,
    Sign,
    find_closing,
    find_greeting,
    find_speaker,
    measure_emoji_use,
    measure_formality,
)

# Votes on each side, and votes in total, from which anything is inferred.
MIN_VOTES_PER_SIDE, MIN_VOTES = 2, 5
# Word counts of a short, a medium and a long text.
DEFAULT_WORD_COUNTS = (40, 80, 160)
_SIZES: tuple[Length, ...] = ("short", "medium", "long")

# Features of a text, by the ledger field they are a sign of; empty if undecided.
_FEATURES: dict[str, Callable[[str], str]] = {
    "emoji": measure_emoji_use,
    "formality": measure_formality,
    "person": find_speaker,
    "exclamation_marks": lambda text: "" if count_exclamations(text) else "none",
    "greeting": find_greeting,
    "closing": find_closing,
}


def infer_from_contrast(
    liked: Sequence[str], disliked: Sequence[str], baseline: Baseline, typical: tuple[int, int, int]
) -> list[Sign]:
    """Return the tastes shown by liked and disliked texts of a kind; `typical` holds the word counts of short, medium and long."""
    if min(len(liked), len(disliked)) < MIN_VOTES_PER_SIDE or len(liked) + len(disliked) < MIN_VOTES:
        return []
    signs: list[Sign] = []
    for name, find in _FEATURES.items():
        liked_values, disliked_values = {find(text) for text in liked}, {find(text) for text in disliked}
        if len(liked_values) == 1 and liked_values.isdisjoint(disliked_values) and (value := liked_values.pop()):
            signs.append((name, value))
    return [*signs, *_compare_lengths(liked, disliked, typical), *_compare_levels(liked, disliked, baseline)]


def _compare_lengths(liked: Sequence[str], disliked: Sequence[str], typical: tuple[int, int, int]) -> list[Sign]:
    good, bad = [max(1, count_words(text)) for text in liked], [max(1, count_words(text)) for text in disliked]
    if max(good) > SHORTER * min(bad) and min(good) < LONGER * max(bad):
        return []
    size, other = (_find_nearest_length(median(counts), typical) for counts in (good, bad))
    return [("preferred_length", size)] if size != other else []


def _find_nearest_length(count: float, typical: tuple[int, int, int]) -> Length:
    """Return the length whose typical word count is nearest."""
    return min(zip(_SIZES, typical, strict=True), key=lambda size: abs(math.log(count / size[1])))[0]


def _compare_levels(liked: Sequence[str], disliked: Sequence[str], baseline: Baseline) -> list[Sign]:
    """Return the level of the hardest liked text if all disliked are harder; one above the current if all are easier."""
    good = [level for text in liked if (level := measure_grade(text)) is not None]
    bad = [level for text in disliked if (level := measure_grade(text)) is not None]
    if len(good) < len(liked) or len(bad) < len(disliked):
        return []
    if max(good) + MIN_GRADE_DIFFERENCE <= min(bad):
        found = next((name for name, most in CEFR_GRADES.items() if max(good) <= most), "")
        return [("reading_level", f"CEFR {found}")] if found else []
    if baseline.level and min(good) >= max(bad) + MIN_GRADE_DIFFERENCE:
        return [("reading_level", shift_level(baseline.level, 1))]
    return []
