"""The mastery of objectives, estimated from the last answers to each. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from . import bkt

# Answers kept per objective: older ones say little about the present.
MAX_ANSWERS = 10
# An estimate of at least the first counts as known, one below the second as open.
KNOWN_THRESHOLD, OPEN_THRESHOLD = bkt.MASTERY_THRESHOLD, 0.5
MAX_OBJECTIVES = 100
_PER_CENT = 100

# The last answers by objective, oldest first, positive for right ones. 1 and 0 are answers to a question with the default guess;
# any other figure is the chance of guessing in per cent, negative for a wrong answer.
Record = Mapping[str, Sequence[int]]


def encode_answer(*, right: bool, guess: float) -> int:
    """Encode an answer for a record."""
    figure = min(_PER_CENT, max(2, round(guess * _PER_CENT)))
    return figure if right else -figure


def add_answers(record: Record, answers: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    """Return a record with more answers; the objectives answered most recently are last, and the oldest are dropped first."""
    merged = {name: list(signs) for name, signs in record.items()}
    for objective, answer in answers:
        merged[objective] = [*merged.pop(objective, []), int(answer)][-MAX_ANSWERS:]
    return dict(list(merged.items())[-MAX_OBJECTIVES:])


def count_right(signs: Sequence[int]) -> int:
    """Count the right answers."""
    return sum(sign > 0 for sign in signs)


def estimate(signs: Sequence[int]) -> float:
    """Return the probability that an objective is known after these answers, by Bayesian knowledge tracing."""
    probability = bkt.DEFAULT_PARAMETERS.known
    for sign in signs:
        guess = abs(sign) / _PER_CENT if abs(sign) > 1 else bkt.DEFAULT_GUESS
        probability = bkt.update_known(probability, right=sign > 0, guess=guess)
    return probability
