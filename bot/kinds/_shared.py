"""Small pure functions that several kinds compose what code draws with."""

from __future__ import annotations

import itertools

from bot.content import Count, Requirements


def paragraphs(*blocks: str) -> str:
    """The blocks that hold something, with an empty line between."""
    return "\n\n".join(block.strip() for block in blocks if block and block.strip())


def bounds(count: Count, requirements: Requirements) -> tuple[int, int, int]:
    """(least, most, to draw) of a list: the brief's number where it names one that fits, else the kind's."""
    for noun in count.nouns:
        if noun in requirements.counts:
            low, high = (min(max(value, count.low), count.high) for value in requirements.counts[noun])
            return low, high, min(max(low, count.default), high)
    return count.low, count.high, count.default


def shared_out(total: int, weights: list[int]) -> list[int]:
    """Whole seconds by weight that add up to the total."""
    ends = [*itertools.accumulate(max(weight, 1) for weight in weights)]
    marks = [0, *(round(total * end / ends[-1]) for end in ends)]
    return [later - earlier for earlier, later in itertools.pairwise(marks)]
