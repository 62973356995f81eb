"""A quiz: questions of several forms, with a key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks.terms import normalise
from bot.content import Assignment, Count, Kind, Size
from bot.markup import Document
from bot.reading.answers import (
    ParsedQuestion,
    is_number,
    parse_choice,
    parse_pairs,
    split_answer,
    split_truth_words,
)
from bot.reading.labels import load_truth_words
from bot.reading.options import LETTERS, ParsedOption, is_key_heading, parse_question_start
from bot.reading.questions import parse_question_items
from bot.reading.sections import parse_title, unwrap_fence


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
    found = parse_question_items(document)
    items = [_build_item(one, document, assignment.language) for one in found if one.question]
    if not items:
        return {}
    title = parse_title(document)
    asks = any(line.text.strip() == title and parse_question_start(line, document) for line in document.lines[:2])
    own = title and normalise(title) != normalise(items[0]["question"]) and not is_key_heading(title) and not asks
    titled = {"title": title} if own else {}
    player = "\n\n".join(filter(None, [title if titled else "", format_questions(items)]))
    host = "\n".join(line for number, one in enumerate(items, 1) if (line := _format_key_line(number, one)))
    return {**titled, "items": items, "player_text": player, **({"host_text": host} if host else {})}


def _build_item(found: ParsedQuestion, document: Document, language: str) -> dict[str, Any]:
    question, options = found.question, [one.text for one in found.options]
    made: dict[str, Any] = {"question": question, "options": options, "correct": found.correct}
    feedback: str | list[str] = " ".join(dict.fromkeys(one.strip() for one in found.feedback if one.strip()))
    if found.lefts:
        made |= {"type": "matching", "lefts": found.lefts}
    elif (truth := _parse_truth_question(found, document, language)) is not None:
        question, pair, correct, why = truth
        made |= {"question": question, "options": list(pair), "correct": correct, "type": "true_false"}
        feedback = feedback or why
    elif options:
        made |= {"type": "multiple"} if len(found.correct) > 1 else {}
        feedback = found.option_remarks if len(found.option_remarks) == len(options) > 1 and not feedback else feedback
    elif found.written_answer and not re.fullmatch(
        r"[(]?[A-Ha-h][).]?", found.written_answer
    ):  # The letter of an option that was not found.
        written, why = split_answer(found.written_answer)
        several = [one.strip() for one in written.split(" / ") if one.strip()] or [written]
        form = "numeric" if len(several) == 1 and is_number(written) else "short_answer"
        made |= {"options": several, "correct": list(range(len(several))), "type": form}
        feedback = f"{why} {feedback}".strip()
    return made | ({"feedback": feedback} if feedback else {})


def _parse_truth_question(
    found: ParsedQuestion, document: Document, language: str
) -> tuple[str, tuple[str, str], list[int], str] | None:
    """Return a true-or-false question: the statement, the two words, the right one, and the reason; None for other
    questions.
    """
    options = [normalise(one.text).strip(" .") for one in found.options]
    question, named = split_truth_words(found.question)
    if options:
        for _, true, false in load_truth_words():
            if set(options) == {normalise(true), normalise(false)}:
                places = [options.index(normalise(true)), options.index(normalise(false))]
                pair = (found.options[places[0]].text.rstrip("."), found.options[places[1]].text.rstrip("."))
                return question, pair, [places.index(at) for at in found.correct], ""
        return None
    pairs = [named] if named else [(true, false) for _, true, false in load_truth_words()]
    for true, false in pairs:
        for at, one in enumerate((true, false)):
            if (why := _strip_leading_word(found.written_answer, one)) is not None:
                return question, (true, false), [at], why
    said = re.match(r"^[(\[]?([TFVRWBSC])(?![\w'’])[)\].:,]*\s*[–—-]?\s*", found.written_answer)
    if said and (known := named or _find_truth_pair(document, language)):
        firsts = [normalise(one)[:1] for one in known]
        if normalise(said[1]) in firsts:
            return question, known, [firsts.index(normalise(said[1]))], found.written_answer[said.end() :].strip(" .()")
    return (question, named, [], "") if named and not found.written_answer else None


def _strip_leading_word(written: str, word: str) -> str | None:
    """Return the text after a word that an answer begins with; None if it begins with another, or the word is part of a
    name.
    """
    head, rest = written[: len(word)], written[len(word) :].lstrip("*")
    if head.casefold() != word.casefold() or not (not rest or rest[0] in ".,:;!–—(-→" or rest.lstrip()[:1] in "–—(-→*"):
        return None
    told = rest.lstrip(" .,:;–—-(→*!")
    return told.rstrip(") ") if told.count(")") > told.count("(") else told


def _find_truth_pair(document: Document, language: str) -> tuple[str, str] | None:
    """Return the words for true and false in a text that has only their letters: those it names, else those of its language."""
    told = normalise(document.text)
    for _, true, false in load_truth_words():
        if normalise(true) in told and normalise(false) in told:
            return true, false
    return next(((true, false) for spoken, true, false in load_truth_words() if spoken == language), ("True", "False"))


def format_questions(items: Sequence[Mapping[str, Any]]) -> str:
    """Return the questions with their options and without any answer."""
    return "\n\n".join("\n".join(_format_question(number, one)) for number, one in enumerate(items, 1))


def _format_question(number: int, item: Mapping[str, Any]) -> Iterator[str]:
    yield f"{number}. {item.get('question', '')}"
    if item.get("type") in ("short_answer", "numeric"):
        return
    yield from (f"{place}) {left}" for place, left in enumerate(item.get("lefts") or (), 1))
    yield from (f"{letter}) {option}" for letter, option in zip(LETTERS, item.get("options") or (), strict=False))


def _format_key_line(number: int, item: Mapping[str, Any]) -> str:
    options, correct = item["options"], item["correct"]
    if not correct:
        return ""
    match item.get("type"):
        case "matching":
            key = ", ".join(f"{place} {LETTERS[at % 8]}) {options[at]}" for place, at in enumerate(correct, 1))
        case "short_answer" | "numeric":
            key = " / ".join(options)
        case _:
            key = ", ".join(f"{LETTERS[at % 8]}) {options[at]}" for at in correct)
    said = item.get("feedback", "")
    told = said if isinstance(said, str) else " ".join(said)
    return f"{number}. {key}{'' if key[-1:] in '.!?…。！？।؟' else '.'} {told}".strip()


def find_differing_questions(items: Sequence[Mapping[str, Any]], answers: Sequence[str]) -> list[int]:
    """Return the indexes of the questions with options whose key differs from given answers, in order.

    Questions without a key are left out, as are free-text answers, which can be worded in many ways; a missing answer differs.
    """
    written = ("short_answer", "numeric")
    keyed = [at for at, one in enumerate(items) if one.get("correct") and one.get("type") not in written]
    return [at for at in keyed if not _is_same_answer(items[at], answers[at] if at < len(answers) else "")]


def _is_same_answer(item: Mapping[str, Any], answer: str) -> bool:
    options, correct = list(map(str, item["options"])), list(item["correct"])
    answer = re.sub(r"^\s*(?:\d{1,3}\s*[.):]\s+)?", "", answer).strip()
    if item.get("type") == "matching":
        lefts = list(map(str, item.get("lefts") or ()))
        return (
            parse_pairs(ParsedQuestion(lefts=lefts, options=[ParsedOption(one) for one in options]), answer) == correct
        )
    return parse_choice(answer, options)[0] == sorted(correct)


KIND = Kind(
    name="quiz",
    family="education",
    title="Quiz",
    description="Multiple choice, true or false, short answer, number or matching, with feedback and answer key.",
    task="Put the answers in a key at the end, unless the request asks for another form.",
    layout="1. Question?\nA) option\nB) option\nC) option\nD) option\n\n2. …\n\nAnswers: 1 B, 2 D, …",
    read=read,
    parts=Quiz,
    form=Form("question", lasts=True, called={"answer": "option"}),
    likely_exports=("pdf", "docx", "apkg", "kahoot", "gift"),
)
