"""Hints to a question, one at a time: a clue, wrong options struck out, finally the answer. No I/O."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from . import bkt
from .quiz_items import QuizItem

HintSort = Literal["clue", "struck", "letters", "pair", "answer"]
# The probability that a learner who does not know the answer finds it with a clue.
_CLUE_SUCCESS = 0.25
GAP = "____"
_MIN_STEM_LETTERS = 4


@dataclass(frozen=True, slots=True)
class Hint:
    """A hint: its text, or the index of the option that it strikes out."""

    sort: HintSort
    text: str = ""
    option_index: int = -1


def list_hints(item: QuizItem) -> list[Hint]:
    """Return all hints to a question in order; the last one is the answer."""
    question = item.question
    hints = [Hint("clue", clue)] if (clue := _build_clue(item)) else []
    if item.is_matching:
        hints += [Hint("pair", pair) for pair in question.right_answers[:-2]]
    elif item.is_written:
        answer = question.options[0]
        hints += [Hint("letters", f"{answer[0]}{'·' * (len(answer) - 1)}")] if len(answer) > 2 else []
    else:
        wrong_options = [index for index in range(len(question.options)) if index not in question.correct]
        random.Random(question.text).shuffle(wrong_options)
        hints += [Hint("struck", option_index=index) for index in wrong_options[:-1]]
    return [*hints, Hint("answer", " / ".join(question.right_answers))]


def find_struck_options(hints: Sequence[Hint]) -> set[int]:
    """Return the indexes of the options that hints have struck out."""
    return {hint.option_index for hint in hints if hint.sort == "struck"}


def estimate_guess_after(item: QuizItem, hints: Sequence[Hint]) -> float:
    """Return the probability of guessing right after some hints; 1 after the last one."""
    question, struck_count = item.question, len(find_struck_options(hints))
    if any(hint.sort == "answer" for hint in hints):
        return 1.0
    open_options = len(question.options) - struck_count
    if item.is_matching:
        given_pairs = sum(hint.sort == "pair" for hint in hints)
        guess = max(bkt.estimate_guess(question), math.pow(open_options, given_pairs - len(question.lefts)))
    elif item.has_several_answers:
        guess = 1 / (2**open_options - 1)
    else:
        guess = 1 / open_options if struck_count else bkt.estimate_guess(question)
    for hint in hints:
        if hint.sort in ("clue", "letters"):
            guess += (1 - guess) * _CLUE_SUCCESS
    return guess


def _build_clue(item: QuizItem) -> str:
    """Build a clue from the feedback of a question, with gaps for words that reveal the answer; empty if nothing is left."""
    question = item.question
    indexes = list(question.correct)
    feedback = question.feedback or " ".join(
        question.feedbacks[index] for index in indexes if index < len(question.feedbacks)
    )
    question_words = set(_split_words(question.text))
    answer_words = {word for answer in _list_answers(item) for word in _split_words(answer)} - question_words
    for answer in sorted({answer.casefold() for answer in _list_answers(item)}, key=len, reverse=True):
        feedback = (
            re.sub(rf"(?<!\w){re.escape(answer)}(?!\w)", GAP, feedback, flags=re.IGNORECASE) if answer else feedback
        )
    clue = re.sub(r"\w+", lambda match: GAP if _reveals_answer(match[0], answer_words) else match[0], feedback)
    clue = re.sub(rf"{GAP}(?:\s+{GAP})+", GAP, clue)
    return clue if len(_split_words(clue)) > 1 else ""


def _list_answers(item: QuizItem) -> list[str]:
    question = item.question
    return [question.options[index] for index in question.correct] if item.is_matching else question.right_answers


def _split_words(text: str) -> list[str]:
    return [word for word in re.findall(r"\w+", text.casefold()) if word.strip("_")]


def _reveals_answer(word: str, answer_words: set[str]) -> bool:
    """Return whether a word is one of the answer's, or shares its stem, as a plural does."""
    word = word.casefold()
    return any(
        word == answer_word
        or (
            len(answer_word) >= _MIN_STEM_LETTERS
            and len(word) >= _MIN_STEM_LETTERS
            and (word.startswith(answer_word) or answer_word.startswith(word))
        )
        for answer_word in answer_words
    )
