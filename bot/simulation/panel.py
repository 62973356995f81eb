"""Panels of simulated readers: drawn by a seed, asked about each pair of variants in both orders, and counted with a
confidence interval. Pure functions, no I/O.

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

# Limits of the numbers of readers, of variants and of model calls.
MIN_READERS, MAX_READERS = 5, 12
MAX_VARIANTS, MAX_CALLS = 5, 240
# From this share of position-biased pairs on, a result is weak.
_WEAK_BIAS_SHARE = 1 / 3
# The 97.5th percentile of the normal distribution.
_Z = 1.96
READING_HABITS = (
    "skims on a phone",
    "reads every word",
    "reads the first line and decides",
    "compares it with similar texts",
)
ATTITUDES = ("trusts easily", "is sceptical of advertising", "knows the subject well", "is new to the subject")
WISHES = (
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
    """A question to a reader: the indices of two variants, in the order in which they are read."""

    reader: int
    first: int
    second: int


@dataclass(frozen=True, slots=True)
class ReaderChoice:
    """The answer to a comparison: the index of the chosen variant, None for no choice, and the reason."""

    comparison: Comparison
    variant: int | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReaderVote:
    """The variant that a reader prefers in all their answers, None for no clear preference, and the reason."""

    reader: int
    variant: int | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PanelTally:
    """The outcome of a panel: the votes, their count by variant, and how many of the answered pairs are position-biased:
    the reader chose another variant in the other order.
    """

    votes: tuple[ReaderVote, ...]
    counts: tuple[int, ...]
    pair_count: int
    biased_pair_count: int

    @property
    def undecided_count(self) -> int:
        """The number of readers without a vote."""
        return len(self.votes) - sum(self.counts)

    @property
    def winner(self) -> int | None:
        """The index of the variant with the most votes; None for a tie or without votes."""
        most = max(self.counts, default=0)
        return self.counts.index(most) if most and self.counts.count(most) == 1 else None

    @property
    def is_unanimous(self) -> bool:
        """Whether all readers chose the same variant."""
        return bool(self.votes) and max(self.counts, default=0) == len(self.votes)

    @property
    def is_position_biased(self) -> bool:
        """Whether so many pairs are position-biased that the result is weak."""
        return self.pair_count > 0 and self.biased_pair_count / self.pair_count >= _WEAK_BIAS_SHARE

    @property
    def is_clear(self) -> bool:
        """Whether the lower end of the winner's confidence interval is above chance."""
        return self.winner is not None and self.compute_interval(self.winner)[0] > 1 / len(self.counts)

    def compute_interval(self, variant: int) -> tuple[float, float]:
        """Return the 95 % Wilson interval of a variant's share of votes."""
        return compute_wilson_interval(self.counts[variant], len(self.votes))


def compute_wilson_interval(count: int, total: int) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a share; (0, 1) for a total of 0."""
    if not total:
        return 0.0, 1.0
    share, square = count / total, _Z**2 / total
    center = (share + square / 2) / (1 + square)
    half_width = _Z * math.sqrt(share * (1 - share) / total + square / (4 * total)) / (1 + square)
    return max(0.0, center - half_width), min(1.0, center + half_width)


def draw_readers(audience: str, count: int, seed: int) -> list[SimulatedReader]:
    """Draw readers with distinct habits, in turn from the parts of the audience."""
    rng = random.Random(seed)
    groups = [group for group in map(str.strip, _GROUPS.split(audience)) if len(group) > 2] or [audience]
    habits = list(itertools.product(READING_HABITS, ATTITUDES, WISHES))
    habits_of_readers = rng.sample(habits, min(MAX_READERS, max(MIN_READERS, count)))
    rng.shuffle(groups)
    return [
        SimulatedReader(number, groups[(number - 1) % len(groups)], reader_habits)
        for number, reader_habits in enumerate(habits_of_readers, 1)
    ]


def build_comparisons(readers: Sequence[SimulatedReader], variants: int, seed: int) -> list[Comparison]:
    """Build the comparisons of each reader: every pair of variants in both orders, shuffled."""
    rng = random.Random(seed + 1)
    comparisons = []
    for reader in readers:
        pairs = [Comparison(reader.number, *pair) for pair in itertools.permutations(range(variants), 2)]
        rng.shuffle(pairs)
        comparisons += pairs
    return comparisons


def compute_max_readers(variants: int) -> int:
    """Return the largest number of readers for a number of variants."""
    return min(MAX_READERS, max(MIN_READERS, MAX_CALLS // max(1, variants * (variants - 1))))


def count_votes(choices: Sequence[ReaderChoice], variants: int) -> PanelTally:
    """Count the votes of a panel. A pair counts for a variant that was chosen in both orders."""
    choices_by_pair = {
        (choice.comparison.reader, choice.comparison.first, choice.comparison.second): choice for choice in choices
    }
    readers = sorted({choice.comparison.reader for choice in choices})
    votes, counts, pair_count, biased_pair_count = [], [0] * variants, 0, 0
    for reader in readers:
        wins, reasons = [0] * variants, [""] * variants
        for first, second in itertools.combinations(range(variants), 2):
            choice, reverse_choice = (
                choices_by_pair.get((reader, first, second)),
                choices_by_pair.get((reader, second, first)),
            )
            if choice is None or reverse_choice is None or choice.variant is None or reverse_choice.variant is None:
                continue
            pair_count += 1
            if choice.variant != reverse_choice.variant:
                biased_pair_count += 1
                continue
            wins[choice.variant] += 1
            reasons[choice.variant] = reasons[choice.variant] or choice.reason or reverse_choice.reason
        most_wins = max(wins)
        if not most_wins or wins.count(most_wins) > 1:
            votes.append(ReaderVote(reader, None))
            continue
        variant = wins.index(most_wins)
        counts[variant] += 1
        votes.append(ReaderVote(reader, variant, reasons[variant]))
    return PanelTally(tuple(votes), tuple(counts), pair_count, biased_pair_count)
