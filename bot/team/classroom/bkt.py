"""How likely it is that somebody knows an objective, after each answer: Bayesian knowledge tracing. Pure.

A. T. Corbett, J. R. Anderson: Knowledge tracing: Modeling the acquisition of procedural knowledge. User Modeling and User-Adapted
Interaction 4 (1995), 253-278. An objective is known or not. Whoever knows it answers wrong by a slip, whoever does not may guess
right, and each answer, with what is told of it, is an occasion to learn. Nothing is forgotten in it: when something is due again is
`spacing`'s matter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from bot.exports._parts import Question

# From this probability on an objective is mastered, as in that paper.
MASTERED = 0.95
# What somebody says of themselves is right as often as not where they do not know it.
CLAIMED = 0.5
# The chance to guess where nothing is known of the question: one of four options.
USUAL_GUESS = 0.25
_MIN_GUESS, _WRITTEN_GUESS = 0.01, 0.05


@dataclass(frozen=True, slots=True)
class Parameters:
    """p(L0), p(T) and p(S) of the paper: known before the first answer, learnt by an answer, answered wrong although known.

    They are the same for all objectives, as none has enough answers to fit its own. With them four right answers in a row to questions
    of four options are mastery, as three are guessed too often; slips are bounded by 0.1 as in the paper. p(G) goes by the question.
    """

    known: float = 0.2
    learns: float = 0.1
    slips: float = 0.1


USUAL = Parameters()


def guess_of(question: Question) -> float:
    """The chance that somebody who does not know is right all the same, by how many answers there are to choose from."""
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


def chance(known: float, guess: float = USUAL_GUESS, by: Parameters = USUAL) -> float:
    """How likely the next answer is right."""
    return known * (1 - by.slips) + (1 - known) * guess


def after(known: float, *, right: bool, guess: float = USUAL_GUESS, by: Parameters = USUAL) -> float:
    """How likely it is known after an answer. Where whoever does not know guesses as well as others know, it says nothing."""
    guess = min(1 - by.slips, max(_MIN_GUESS, guess))
    by_knowing = by.slips if not right else 1 - by.slips
    by_guessing = 1 - guess if not right else guess
    held = known * by_knowing / (known * by_knowing + (1 - known) * by_guessing)
    return held + (1 - held) * by.learns


def gain(known: float, by: Parameters = USUAL) -> float:
    """By how much it is likelier to be known after one more answer, whichever that is, as is to be expected."""
    return (1 - known) * by.learns
