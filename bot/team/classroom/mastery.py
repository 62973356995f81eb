"""The mastery of objectives, estimated from the last answers to each. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from . import bkt

# Maximum answers stored for an objective: older ones say little about the present.
MAX_ANSWERS = 10
# An objective counts as known from the first probability on, and as open below the second.
KNOWN_THRESHOLD, OPEN_THRESHOLD = bkt.MASTERY_THRESHOLD, 0.5
MAX_OBJECTIVES = 100
_PER_CENT = 100

# The last answers by objective, oldest first, each encoded as a number. 1 and 0 are a right and a wrong answer with the default
# probability of guessing right; any other number is that probability in per cent, negative for a wrong answer.
Record = Mapping[str, Sequence[int]]


def encode_answer(*, right: bool, guess: float) -> int:
    """Encode an answer for a record; `guess` is the probability of guessing right, from 0 to 1."""
    percentage = min(_PER_CENT, max(2, round(guess * _PER_CENT)))
    return percentage if right else -percentage


def add_answers(record: Record, new_answers: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    """Return a record with answers (objective, encoded answer) added; the objectives answered least recently come first."""
    merged = {name: list(answers) for name, answers in record.items()}
    for objective, answer in new_answers:
        merged[objective] = [*merged.pop(objective, []), int(answer)][-MAX_ANSWERS:]
    return dict(list(merged.items())[-MAX_OBJECTIVES:])


def count_right(answers: Sequence[int]) -> int:
    """Count the right answers."""
    return sum(answer > 0 for answer in answers)


def estimate(answers: Sequence[int]) -> float:
    """Return the probability that an objective is known after these answers, by Bayesian knowledge tracing."""
    probability = bkt.DEFAULT_PARAMETERS.initial_known
    for answer in answers:
        guess = abs(answer) / _PER_CENT if abs(answer) > 1 else bkt.DEFAULT_GUESS
        probability = bkt.update_known(probability, right=answer > 0, guess=guess)
    return probability
