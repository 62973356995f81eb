"""A quiz: questions of several forms, with a key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks.terms import normalise
from bot.content import Assignment, Count, Kind, Size
from bot.markup import Document
from bot.reading.answers import (
    ParsedQuestion,
    is_unambiguous_number,
    parse_choice,
    parse_pairs,
    split_answer,
    split_truth_words,
)
from bot.reading.labels import load_truth_words
from bot.reading.options import LETTERS, ParsedOption, is_key_heading, parse_question_start
from bot.reading.questions import parse_question_items
from bot.reading.sections import parse_title, unwrap_fence

_WRITTEN_TYPES = ("short_answer", "numeric")
_NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}
# The letter of an option that was not found.
_LETTER_ALONE = re.compile(r"[(]?[A-Ha-h][).]?")
# The first letter of a word for true or false.
_TRUTH_LETTER = re.compile(r"^[(\[]?([TFVRWBSC])(?![\w'’])[)\].:,]*\s*[–—-]?\s*")


class QuestionParts(BaseModel):
    """A question; `correct` are the 0-based indexes of the right options. In one answered in writing, the options are the
    accepted answers.

    In a matching question the option at `correct[n]` belongs to `lefts[n]`.
    """

    question: Annotated[str, Size(nouns=("question",))] = ""
    options: Annotated[list[str], Count(nouns=("option", "choice", "answer"))] = []
    correct: list[int] = []
    feedback: str | list[str] = ""
    type: Literal["single", "multiple", "true_false", "short_answer", "numeric", "matching"] = "single"
    lefts: list[str] = []


class Quiz(BaseModel):
    """The parts of a quiz."""

    title: str = ""
    items: Annotated[list[QuestionParts], Count(nouns=("question", "item", "mcq", "q", "card", "statement"))] = []
    player_text: str = ""
    host_text: str = ""


def read(document: Document, assignment: Assignment) -> dict[str, Any]:
    """Return the questions with their options and right answers, however they are numbered, lettered and marked."""
    document = unwrap_fence(document)
    questions = [question for question in parse_question_items(document) if question.question]
    items = [_build_item(question, document, assignment.language) for question in questions]
    if not items:
        return {}
    title = _parse_own_title(document, items[0]["question"])
    player_text = "\n\n".join(filter(None, [title, format_questions(items)]))
    host_text = "\n".join(filter(None, (_format_key_line(number, item) for number, item in enumerate(items, 1))))
    parts = {"title": title, "items": items, "player_text": player_text, "host_text": host_text}
    return {name: value for name, value in parts.items() if value}


def _parse_own_title(document: Document, first_question: str) -> str:
    """Return the title of a quiz; empty if it is the first question or the heading of the key."""
    title = parse_title(document)
    if not title or is_key_heading(title) or normalise(title) == normalise(first_question):
        return ""
    is_question = any(
        line.text.strip() == title and parse_question_start(line, document) for line in document.lines[:2]
    )
    return "" if is_question else title


def _build_item(question: ParsedQuestion, document: Document, language: str) -> dict[str, Any]:
    """Return a question as `QuestionParts` has it, without empty feedback."""
    options = [option.text for option in question.options]
    item: dict[str, Any] = {"question": question.question, "options": options, "correct": question.correct}
    remarks = (remark.strip() for remark in question.feedback)
    feedback: str | list[str] = " ".join(dict.fromkeys(filter(None, remarks)))
    if question.lefts:
        item |= {"type": "matching", "lefts": question.lefts}
    elif (truth := _parse_truth_question(question, document, language)) is not None:
        item |= {
            "question": truth.statement,
            "options": list(truth.words),
            "correct": truth.correct,
            "type": "true_false",
        }
        feedback = feedback or truth.reason
    elif options:
        item |= {"type": "multiple"} if len(question.correct) > 1 else {}
        has_remarks = len(question.option_remarks) == len(options) > 1
        feedback = question.option_remarks if has_remarks and not feedback else feedback
    elif question.written_answer and not _LETTER_ALONE.fullmatch(question.written_answer):
        written_answer, remark = split_answer(question.written_answer)
        accepted = [answer.strip() for answer in written_answer.split(" / ") if answer.strip()] or [written_answer]
        form = "numeric" if len(accepted) == 1 and is_unambiguous_number(written_answer) else "short_answer"
        item |= {"options": accepted, "correct": list(range(len(accepted))), "type": form}
        feedback = f"{remark} {feedback}".strip()
    return item | ({"feedback": feedback} if feedback else {})


class _TruthQuestion(NamedTuple):
    """A true-or-false question: the words for true and false, and the index of the right one, if any."""

    statement: str
    words: tuple[str, str]
    correct: list[int]
    reason: str = ""


def _parse_truth_question(question: ParsedQuestion, document: Document, language: str) -> _TruthQuestion | None:
    """Return a question as true or false; None for other questions."""
    if question.options:
        return _parse_truth_options(question)
    answer = question.written_answer
    statement, words = split_truth_words(question.question)
    for pair in [words] if words else [(true, false) for _, true, false in load_truth_words()]:
        for index, word in enumerate(pair):
            if (reason := _strip_leading_word(answer, word)) is not None:
                return _TruthQuestion(statement, pair, [index], reason)
    letter = _TRUTH_LETTER.match(answer)
    if letter and (pair := words or _find_truth_words(document, language)):
        initials = [normalise(word)[:1] for word in pair]
        if normalise(letter[1]) in initials:
            reason = answer[letter.end() :].strip(" .()")
            return _TruthQuestion(statement, pair, [initials.index(normalise(letter[1]))], reason)
    return _TruthQuestion(statement, words, []) if words and not answer else None


def _parse_truth_options(question: ParsedQuestion) -> _TruthQuestion | None:
    """Return a question whose two options are the words for true and false, in that order; None for other options."""
    statement, _ = split_truth_words(question.question)
    options = [normalise(option.text).strip(" .") for option in question.options]
    for _, true, false in load_truth_words():
        if set(options) == {normalise(true), normalise(false)}:
            order = [options.index(normalise(true)), options.index(normalise(false))]
            true_word, false_word = (question.options[index].text.rstrip(".") for index in order)
            return _TruthQuestion(
                statement, (true_word, false_word), [order.index(index) for index in question.correct]
            )
    return None


def _strip_leading_word(answer: str, word: str) -> str | None:
    """Return the text after a word that an answer begins with; None if it begins with another, or the word is part of a
    name.
    """
    head, rest = answer[: len(word)], answer[len(word) :].lstrip("*")
    is_separate = not rest or rest[0] in ".,:;!–—(-→" or rest.lstrip()[:1] in "–—(-→*"
    if head.casefold() != word.casefold() or not is_separate:
        return None
    reason = rest.lstrip(" .,:;–—-(→*!")
    return reason.rstrip(") ") if reason.count(")") > reason.count("(") else reason


def _find_truth_words(document: Document, language: str) -> tuple[str, str]:
    """Return the words for true and false in a text that has only their letters: those it names, else those of its language."""
    text = normalise(document.text)
    for _, true, false in load_truth_words():
        if normalise(true) in text and normalise(false) in text:
            return true, false
    return next(((true, false) for code, true, false in load_truth_words() if code == language), ("True", "False"))


def format_questions(items: Sequence[Mapping[str, Any]]) -> str:
    """Return the questions with their options and without any answer."""
    return "\n\n".join("\n".join(_format_question(number, item)) for number, item in enumerate(items, 1))


def _format_question(number: int, item: Mapping[str, Any]) -> Iterator[str]:
    yield f"{number}. {item.get('question', '')}"
    if item.get("type") in _WRITTEN_TYPES:
        return
    yield from (f"{place}) {left}" for place, left in enumerate(item.get("lefts") or (), 1))
    yield from (f"{letter}) {option}" for letter, option in zip(LETTERS, item.get("options") or (), strict=False))


def _format_key_line(number: int, item: Mapping[str, Any]) -> str:
    """Return the answer to a question with its feedback; empty if it has no key."""
    options, correct = item["options"], item["correct"]
    if not correct:
        return ""
    answers = [f"{LETTERS[index % 8]}) {options[index]}" for index in correct]
    match item.get("type"):
        case "matching":
            answer = ", ".join(f"{place} {option}" for place, option in enumerate(answers, 1))
        case "short_answer" | "numeric":
            answer = " / ".join(options)
        case _:
            answer = ", ".join(answers)
    feedback = item.get("feedback", "")
    remark = feedback if isinstance(feedback, str) else " ".join(feedback)
    return f"{number}. {answer}{'' if answer[-1:] in '.!?…。！？।؟' else '.'} {remark}".strip()


def find_differing_questions(items: Sequence[Mapping[str, Any]], answers: Sequence[str]) -> list[int]:
    """Return the indexes of the questions with options whose key differs from given answers, in order.

    Questions without a key are left out, as are free-text answers, which can be worded in many ways; a missing answer differs.
    """
    keyed = [
        index for index, item in enumerate(items) if item.get("correct") and item.get("type") not in _WRITTEN_TYPES
    ]
    return [
        index for index in keyed if not _is_same_answer(items[index], answers[index] if index < len(answers) else "")
    ]


def _is_same_answer(item: Mapping[str, Any], answer: str) -> bool:
    """Return whether an answer in letters or words is that of the key."""
    options, correct = list(map(str, item["options"])), list(item["correct"])
    answer = re.sub(r"^\s*(?:\d{1,3}\s*[.):]\s+)?", "", answer).strip()
    if item.get("type") == "matching":
        lefts = list(map(str, item.get("lefts") or ()))
        question = ParsedQuestion(lefts=lefts, options=[ParsedOption(option) for option in options])
        return parse_pairs(question, answer) == correct
    return parse_choice(answer, options)[0] == sorted(correct)


def build_layout(assignment: Assignment) -> str:
    """Return the layout for a small model, with as many options as the brief asks for."""
    low, high = assignment.requirements.counts.get("option", (4, 4))
    number = low if low == high and low in _NUMBERS else 4
    last = LETTERS[number - 1]
    return (
        f"Number the questions, give each {_NUMBERS[number]} options, A) to {last}), and end with the key in one line, as in “Answers: 1 B, "
        f"2 {last}”."
    )


KIND = Kind(
    name="quiz",
    family="education",
    title="Quiz",
    description="Multiple choice, true or false, short answer, number or matching, with feedback and answer key.",
    layout=build_layout,
    read=read,
    parts=Quiz,
    form=Form("question", lasts=True, called={"answer": "option"}),
    likely_exports=("pdf", "docx", "apkg", "kahoot", "gift"),
)
