"""Hints to a question, one step after another: what is said of it, wrong options struck out, at last the answer. Pure."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from . import bkt
from .quiz_game import Item

Sort = Literal["clue", "struck", "letters", "pair", "answer"]
# Of those who do not know, so many find it by words that lead to it.
_LED = 0.25
GAP = "____"
_TELLING = 4


@dataclass(frozen=True, slots=True)
class Hint:
    """A step: its words, or the place of the option that it strikes out."""

    sort: Sort
    words: str = ""
    place: int = -1


def hints_of(item: Item) -> list[Hint]:
    """All steps to a question in their order; the last one is the answer."""
    one = item.question
    steps = [Hint("clue", clue)] if (clue := _clue(item)) else []
    if item.matched:
        steps += [Hint("pair", pair) for pair in one.right[:-2]]
    elif item.written:
        answer = one.options[0]
        steps += [Hint("letters", f"{answer[0]}{'·' * (len(answer) - 1)}")] if len(answer) > 2 else []
    else:
        wrong = [at for at in range(len(one.options)) if at not in one.correct]
        random.Random(one.text).shuffle(wrong)
        steps += [Hint("struck", place=at) for at in wrong[:-1]]
    return [*steps, Hint("answer", " / ".join(one.right))]


def struck(given: Sequence[Hint]) -> set[int]:
    """The places of the options that hints have struck out."""
    return {hint.place for hint in given if hint.sort == "struck"}


def guess_after(item: Item, given: Sequence[Hint]) -> float:
    """The chance to guess right after some hints: it rises with each, and after the last one a right answer says nothing."""
    one, out = item.question, len(struck(given))
    if any(hint.sort == "answer" for hint in given):
        return 1.0
    open_options = len(one.options) - out
    if item.matched:
        told = sum(hint.sort == "pair" for hint in given)
        guess = max(bkt.guess_of(one), math.pow(open_options, told - len(one.lefts)))
    elif item.several:
        guess = 1 / (2**open_options - 1)
    else:
        guess = 1 / open_options if out else bkt.guess_of(one)
    for hint in given:
        if hint.sort in ("clue", "letters"):
            guess += (1 - guess) * _LED
    return guess


def _clue(item: Item) -> str:
    """What is said of a question, with gaps for what would give its answer away; empty where nothing is left of it."""
    one = item.question
    places = list(one.correct)
    said = one.feedback or " ".join(one.feedbacks[at] for at in places if at < len(one.feedbacks))
    asked = set(_words(one.text))
    telling = {word for right in _answers(item) for word in _words(right)} - asked
    for whole in sorted({right.casefold() for right in _answers(item)}, key=len, reverse=True):
        said = re.sub(rf"(?<!\w){re.escape(whole)}(?!\w)", GAP, said, flags=re.IGNORECASE) if whole else said
    clue = re.sub(r"\w+", lambda found: GAP if _tells(found[0], telling) else found[0], said)
    clue = re.sub(rf"{GAP}(?:\s+{GAP})+", GAP, clue)
    return clue if len(_words(clue)) > 1 else ""


def _answers(item: Item) -> list[str]:
    one = item.question
    return [one.options[at] for at in one.correct] if item.matched else one.right


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"\w+", text.casefold()) if word.strip("_")]


def _tells(word: str, telling: set[str]) -> bool:
    """Whether a word is one of the answer's, or begins as one does, as its plural would."""
    word = word.casefold()
    return any(
        word == one
        or (len(one) >= _TELLING and len(word) >= _TELLING and (word.startswith(one) or one.startswith(word)))
        for one in telling
    )
