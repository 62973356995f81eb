"""Simulated readers who choose among variants: drawn by a seed, asked about each pair in both orders, counted with an interval. Pure.

A choice counts where a reader gives it in both orders: language models favour what stands first or last
(Zheng et al., "Judging LLM-as-a-Judge", NeurIPS 2023; Wang et al., "Large Language Models are not Fair Evaluators", ACL 2024).
"""

from __future__ import annotations

import itertools
import math
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

# How many readers and variants there are, and calls of a model at most.
MIN_READERS, MAX_READERS = 5, 12
MAX_VARIANTS, MAX_CALLS = 5, 240
# From this share of comparisons that followed the order on, a result is told to be weak.
_POSITION = 1 / 3
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
class Reader:
    """Somebody made up who reads: of which part of the audience, and with which habits, as English words that are translated."""

    number: int
    audience: str
    habits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a reader is asked once: which of two variants, by their places among all, in the order that they are read in."""

    reader: int
    first: int
    second: int


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer to a comparison: the place of the variant that was chosen, None where none was, and why."""

    comparison: Comparison
    chosen: int | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Vote:
    """What a reader prefers by all their answers, None where they chose nothing twice; and why."""

    reader: int
    chosen: int | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """How a panel chose: the votes of each variant, and how many pairs were chosen by the order that they were read in."""

    votes: tuple[Vote, ...]
    counts: tuple[int, ...]
    pairs: int
    by_order: int

    @property
    def undecided(self) -> int:
        """Readers without a vote."""
        return len(self.votes) - sum(self.counts)

    @property
    def winner(self) -> int | None:
        """The place of the variant with the most votes; None where several have as many, or nobody voted."""
        most = max(self.counts, default=0)
        return self.counts.index(most) if most and self.counts.count(most) == 1 else None

    @property
    def is_unanimous(self) -> bool:
        """Whether all readers chose the same."""
        return bool(self.votes) and max(self.counts, default=0) == len(self.votes)

    @property
    def follows_order(self) -> bool:
        """Whether so many choices followed the order that the result says little."""
        return self.pairs > 0 and self.by_order / self.pairs >= _POSITION

    @property
    def is_clear(self) -> bool:
        """Whether the winner has more votes than chance would give it, by its interval."""
        return self.winner is not None and self.interval(self.winner)[0] > 1 / len(self.counts)

    def interval(self, place: int) -> tuple[float, float]:
        """The Wilson interval, 95 %, of the share of readers who vote for a variant."""
        return wilson(self.counts[place], len(self.votes))


def wilson(count: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson's score; (0, 1) of nothing."""
    if not total:
        return 0.0, 1.0
    share, square = count / total, _Z**2 / total
    middle = (share + square / 2) / (1 + square)
    half = _Z * math.sqrt(share * (1 - share) / total + square / (4 * total)) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)


def panel(audience: str, count: int, seed: int) -> list[Reader]:
    """So many readers of an audience, no two of the same habits; the parts of an audience take turns."""
    rng = random.Random(seed)
    groups = [one for one in map(str.strip, _GROUPS.split(audience)) if len(one) > 2] or [audience]
    habits = list(itertools.product(HOW, STANCE, WANTS))
    drawn = rng.sample(habits, min(MAX_READERS, max(MIN_READERS, count)))
    rng.shuffle(groups)
    return [Reader(number, groups[(number - 1) % len(groups)], one) for number, one in enumerate(drawn, 1)]


def comparisons(readers: Sequence[Reader], variants: int, seed: int) -> list[Comparison]:
    """What each reader is asked: each pair in both orders, in an order of their own."""
    rng = random.Random(seed + 1)
    asked = []
    for reader in readers:
        pairs = [Comparison(reader.number, *one) for one in itertools.permutations(range(variants), 2)]
        rng.shuffle(pairs)
        asked += pairs
    return asked


def most_readers(variants: int) -> int:
    """How many readers at most there are for so many variants."""
    return min(MAX_READERS, max(MIN_READERS, MAX_CALLS // max(1, variants * (variants - 1))))


def tallied(choices: Sequence[Choice], variants: int) -> Tally:
    """How a panel chose by all its answers. A pair counts for a variant where it was chosen in both orders."""
    known = {(one.comparison.reader, one.comparison.first, one.comparison.second): one for one in choices}
    readers = sorted({one.comparison.reader for one in choices})
    votes, counts, pairs, by_order = [], [0] * variants, 0, 0
    for reader in readers:
        wins, why = [0] * variants, [""] * variants
        for first, second in itertools.combinations(range(variants), 2):
            one, other = known.get((reader, first, second)), known.get((reader, second, first))
            if one is None or other is None or one.chosen is None or other.chosen is None:
                continue
            pairs += 1
            if one.chosen != other.chosen:
                by_order += 1
                continue
            wins[one.chosen] += 1
            why[one.chosen] = why[one.chosen] or one.why or other.why
        most = max(wins)
        chosen = wins.index(most) if most and wins.count(most) == 1 else None
        if chosen is not None:
            counts[chosen] += 1
        votes.append(Vote(reader, chosen, why[chosen] if chosen is not None else ""))
    return Tally(tuple(votes), tuple(counts), pairs, by_order)
