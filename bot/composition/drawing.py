"""Small pure functions shared by kinds that code draws."""

from __future__ import annotations

import itertools

from bot.content import Count, Requirements


def join_paragraphs(*blocks: str) -> str:
    """Join the non-empty blocks with empty lines between them."""
    return "\n\n".join(block.strip() for block in blocks if block and block.strip())


def compute_bounds(count: Count, requirements: Requirements) -> tuple[int, int, int]:
    """Return (minimum, maximum, number to draw) of a list: the brief's number if it fits, else the kind's."""
    for noun in count.nouns:
        if noun in requirements.counts:
            low, high = (min(max(value, count.low), count.high) for value in requirements.counts[noun])
            return low, high, min(max(low, count.default), high)
    return count.low, count.high, count.default


def distribute_seconds(total: int, weights: list[int]) -> list[int]:
    """Distribute a total into whole seconds by weight."""
    ends = [*itertools.accumulate(max(weight, 1) for weight in weights)]
    marks = [0, *(round(total * end / ends[-1]) for end in ends)]
    return [later - earlier for earlier, later in itertools.pairwise(marks)]
