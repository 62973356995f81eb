"""The probability that a learner knows an objective, after each answer: Bayesian knowledge tracing. No I/O.

A. T. Corbett, J. R. Anderson: Knowledge tracing: Modeling the acquisition of procedural knowledge. User Modeling and User-Adapted
Interaction 4 (1995), 253-278. An objective is known or not. A learner who knows it may slip, one who does not may guess right, and
each answer, with its explanation, is an opportunity to learn. The model does not forget: `spacing` decides when a question is due
again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from bot.exports._parts import QuizQuestion

# The probability of mastery in that paper.
MASTERY_THRESHOLD = 0.95
# The probability that a learner claims to know an answer that they do not know.
CLAIM_GUESS = 0.5
# The probability of guessing right if nothing is known about the question: one of four options.
DEFAULT_GUESS = 0.25
_MIN_GUESS, _WRITTEN_GUESS = 0.01, 0.05


@dataclass(frozen=True, slots=True)
class Parameters:
    """p(L0), p(T) and p(S) of the paper: known before the first answer, learnt by an answer, answered wrong although known.

    They are the same for all objectives, as no objective has enough answers to fit its own. With these values, mastery takes four
    right answers in a row to questions with four options, as three are too easily guessed; p(S) is at most 0.1, as in the paper.
    p(G) depends on the question.
    """

    initial_known: float = 0.2
    learning_rate: float = 0.1
    slip_rate: float = 0.1


DEFAULT_PARAMETERS = Parameters()


def estimate_guess(question: QuizQuestion) -> float:
    """Return the probability that a learner guesses right without knowing, by the number of possible answers."""
    options = len(question.options)
    match question.form:
        case "short_answer" | "numeric":
            return _WRITTEN_GUESS
        case "matching":
            return max(_MIN_GUESS, math.pow(options, -len(question.lefts)))
        case _ if len(question.correct) > 1:
            return max(_MIN_GUESS, 1 / (math.pow(2, options) - 1))
        case _:
            return 1 / options


def update_known(
    known: float, *, right: bool, guess: float = DEFAULT_GUESS, parameters: Parameters = DEFAULT_PARAMETERS
) -> float:
    """Return the updated probability of knowing. A question guessed as often as known does not change the belief before learning."""
    guess = min(1 - parameters.slip_rate, max(_MIN_GUESS, guess))
    by_knowing = parameters.slip_rate if not right else 1 - parameters.slip_rate
    by_guessing = 1 - guess if not right else guess
    posterior = known * by_knowing / (known * by_knowing + (1 - known) * by_guessing)
    return posterior + (1 - posterior) * parameters.learning_rate


def expect_gain(known: float, parameters: Parameters = DEFAULT_PARAMETERS) -> float:
    """Return the expected increase of the probability of knowing by one more answer."""
    return (1 - known) * parameters.learning_rate
