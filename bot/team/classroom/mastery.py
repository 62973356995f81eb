"""How well somebody knows what questions were about: from their last answers to each objective. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

# Older answers say little of what somebody knows today.
LAST = 10
# From this estimate on an objective is taken for known, and below that one for open.
KNOWN, OPEN = 0.8, 0.5
MOST_OBJECTIVES = 100

# The last answers by objective, oldest first: 1 for a right one, else 0.
Record = Mapping[str, Sequence[int]]


def added(record: Record, answers: Iterable[tuple[str, bool]]) -> dict[str, list[int]]:
    """A record with more answers; what was asked last stands last, and goes last where there are too many objectives."""
    found = {name: list(bits) for name, bits in record.items()}
    for objective, right in answers:
        found[objective] = [*found.pop(objective, []), int(right)][-LAST:]
    return dict(list(found.items())[-MOST_OBJECTIVES:])


def estimate(bits: Sequence[int]) -> float:
    """The share of answers that would be right: the mean of what is known after these where nothing was known before.

    That is Beta(1, 1) with each right and wrong answer counted, so that one right answer is 0.67 and no certainty.
    """
    return (sum(bits) + 1) / (len(bits) + 2)
