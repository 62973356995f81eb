"""Functions shared by the kinds that code draws or plays."""

from __future__ import annotations

import itertools

from bot.content import Count, Requirements


def join_paragraphs(*blocks: str) -> str:
    """Join the non-empty blocks with empty lines between them."""
    return "\n\n".join(block.strip() for block in blocks if block and block.strip())


def compute_bounds(count: Count, requirements: Requirements) -> tuple[int, int, int]:
    """Return (minimum, maximum, default) of a list's length: the brief's within the kind's range, else the kind's."""
    for noun in count.nouns:
        if noun in requirements.counts:
            low, high = (min(max(number, count.low), count.high) for number in requirements.counts[noun])
            return low, high, min(max(low, count.default), high)
    return count.low, count.high, count.default


def distribute_seconds(total: int, weights: list[int]) -> list[int]:
    """Return the whole seconds for each weight, which add up to the total."""
    cumulative_weights = [*itertools.accumulate(max(weight, 1) for weight in weights)]
    times = [0, *(round(total * weight / cumulative_weights[-1]) for weight in cumulative_weights)]
    return [end - start for start, end in itertools.pairwise(times)]
