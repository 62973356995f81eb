"""How well somebody knows what questions were about: from their last answers to each objective. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from . import bkt

# Older answers say little of what somebody knows today.
LAST = 10
# From this estimate on an objective is taken for known, and below that one for open.
KNOWN, OPEN = bkt.MASTERED, 0.5
MAX_OBJECTIVES = 100
_OF = 100

# The last answers by objective, oldest first: above 0 for a right one. 1 and 0 are answers to a usual question; of another the
# figure is its chance to be guessed in per cent, below 0 for a wrong one.
Record = Mapping[str, Sequence[int]]


def sign(*, right: bool, guess: float) -> int:
    """An answer as it stands in a record."""
    figure = min(_OF, max(2, round(guess * _OF)))
    return figure if right else -figure


def added(record: Record, answers: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    """A record with more answers; what was asked last stands last, and goes last where there are too many objectives."""
    found = {name: list(signs) for name, signs in record.items()}
    for objective, one in answers:
        found[objective] = [*found.pop(objective, []), int(one)][-LAST:]
    return dict(list(found.items())[-MAX_OBJECTIVES:])


def rights(signs: Sequence[int]) -> int:
    """How many of some answers were right."""
    return sum(one > 0 for one in signs)


def estimate(signs: Sequence[int]) -> float:
    """How likely it is known after these answers, by Bayesian knowledge tracing."""
    known = bkt.USUAL.known
    for one in signs:
        guess = abs(one) / _OF if abs(one) > 1 else bkt.USUAL_GUESS
        known = bkt.after(known, right=one > 0, guess=guess)
    return known
