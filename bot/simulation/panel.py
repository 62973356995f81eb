"""Panels of simulated readers: drawn by a seed, asked about each pair of variants in both orders, counted with an interval. Pure.

A choice counts if a reader makes it in both orders, as language models favour the first or the last text
(Zheng et al., "Judging LLM-as-a-Judge", NeurIPS 2023; Wang et al., "Large Language Models are not Fair Evaluators", ACL 2024).
"""

from __future__ import annotations

import itertools
import math
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

# The numbers of readers, of variants and of model calls.
MIN_READERS, MAX_READERS = 5, 12
MAX_VARIANTS, MAX_CALLS = 5, 240
# From this share of position-biased pairs on, a result is called weak.
_MAX_POSITION_BIAS = 1 / 3
_Z = 1.96
HOW = ("skims on a phone", "reads every word", "reads the first line and decides", "compares it with similar texts")
STANCE = ("trusts easily", "is sceptical of advertising", "knows the subject well", "is new to the subject")
WANTS = (
    "wants plain facts",
    "wants a friendly tone",
    "watches the price",
    "likes surprises",
    "wants to know what to do next",
)
_GROUPS = re.compile(r"[;,/\n&]|\b(?:and|und|y|et|e)\b")


@dataclass(frozen=True, slots=True)
class SimulatedReader:
    """A simulated reader: their part of the audience, and their habits in English, to be translated."""

    number: int
    audience: str
    habits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A question to a reader: two variants by place, in the order in which they are read."""

    reader: int
    first: int
    second: int


@dataclass(frozen=True, slots=True)
class ReaderChoice:
    """The answer to a comparison: the place of the chosen variant, None for no choice, and the reason."""

    comparison: Comparison
    chosen: int | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class ReaderVote:
    """The variant that a reader prefers in all their answers, None for no clear preference, and the reason."""

    reader: int
    chosen: int | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class PanelTally:
    """The outcome of a panel: the votes, their count by variant, and the number of position-biased pairs."""

    votes: tuple[ReaderVote, ...]
    counts: tuple[int, ...]
    pairs: int
    position_biased: int

    @property
    def undecided(self) -> int:
        """The number of readers without a vote."""
        return len(self.votes) - sum(self.counts)

    @property
    def winner(self) -> int | None:
        """The place of the variant with the most votes; None for a tie or without votes."""
        most = max(self.counts, default=0)
        return self.counts.index(most) if most and self.counts.count(most) == 1 else None

    @property
    def is_unanimous(self) -> bool:
        """Whether all readers chose the same variant."""
        return bool(self.votes) and max(self.counts, default=0) == len(self.votes)

    @property
    def is_position_biased(self) -> bool:
        """Whether so many pairs are position-biased that the result is weak."""
        return self.pairs > 0 and self.position_biased / self.pairs >= _MAX_POSITION_BIAS

    @property
    def is_clear(self) -> bool:
        """Whether the lower end of the winner's interval is above chance."""
        return self.winner is not None and self.interval(self.winner)[0] > 1 / len(self.counts)

    def interval(self, place: int) -> tuple[float, float]:
        """Return the 95 % Wilson interval of a variant's share of votes."""
        return compute_wilson_interval(self.counts[place], len(self.votes))


def compute_wilson_interval(count: int, total: int) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a share; (0, 1) for a total of 0."""
    if not total:
        return 0.0, 1.0
    share, square = count / total, _Z**2 / total
    middle = (share + square / 2) / (1 + square)
    half = _Z * math.sqrt(share * (1 - share) / total + square / (4 * total)) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)


def draw_readers(audience: str, count: int, seed: int) -> list[SimulatedReader]:
    """Draw readers of an audience with distinct habits; the parts of the audience alternate."""
    rng = random.Random(seed)
    groups = [group for group in map(str.strip, _GROUPS.split(audience)) if len(group) > 2] or [audience]
    habits = list(itertools.product(HOW, STANCE, WANTS))
    drawn = rng.sample(habits, min(MAX_READERS, max(MIN_READERS, count)))
    rng.shuffle(groups)
    return [
        SimulatedReader(number, groups[(number - 1) % len(groups)], reader_habits)
        for number, reader_habits in enumerate(drawn, 1)
    ]


def build_comparisons(readers: Sequence[SimulatedReader], variants: int, seed: int) -> list[Comparison]:
    """Build the comparisons of each reader: every pair in both orders, shuffled."""
    rng = random.Random(seed + 1)
    asked = []
    for reader in readers:
        pairs = [Comparison(reader.number, *pair) for pair in itertools.permutations(range(variants), 2)]
        rng.shuffle(pairs)
        asked += pairs
    return asked


def compute_max_readers(variants: int) -> int:
    """Return the largest number of readers for a number of variants."""
    return min(MAX_READERS, max(MIN_READERS, MAX_CALLS // max(1, variants * (variants - 1))))


def count_votes(choices: Sequence[ReaderChoice], variants: int) -> PanelTally:
    """Count the votes of a panel. A pair counts for a variant that was chosen in both orders."""
    known = {
        (choice.comparison.reader, choice.comparison.first, choice.comparison.second): choice for choice in choices
    }
    readers = sorted({choice.comparison.reader for choice in choices})
    votes, counts, pairs, position_biased = [], [0] * variants, 0, 0
    for reader in readers:
        wins, why = [0] * variants, [""] * variants
        for first, second in itertools.combinations(range(variants), 2):
            one, other = known.get((reader, first, second)), known.get((reader, second, first))
            if one is None or other is None or one.chosen is None or other.chosen is None:
                continue
            pairs += 1
            if one.chosen != other.chosen:
                position_biased += 1
                continue
            wins[one.chosen] += 1
            why[one.chosen] = why[one.chosen] or one.why or other.why
        most = max(wins)
        chosen = wins.index(most) if most and wins.count(most) == 1 else None
        if chosen is not None:
            counts[chosen] += 1
        votes.append(ReaderVote(reader, chosen, why[chosen] if chosen is not None else ""))
    return PanelTally(tuple(votes), tuple(counts), pairs, position_biased)
