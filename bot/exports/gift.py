"""A quiz in GIFT, the text format that Moodle and others import."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.content import Content

from ._parts import QuizQuestion, collect_questions, has_only_questions

LABEL = "Moodle (GIFT)"
NAMES = ("Moodle", "gift")
_MARKS = re.compile(r"([\\~=#{}:])")


def fits(content: Content) -> bool:
    """Whether a content is a quiz whose questions can all be asked and marked."""
    return has_only_questions(content)


def export(title: str, content: Content) -> bytes:
    """Return UTF-8, one block per question, in a category with the quiz's title."""
    questions = list(map(_replace_arrows, collect_questions(content)))
    category = " ".join(re.sub(r"[\\/~=#{}:$]", " ", title).split())
    blocks = [f"$CATEGORY: {category}"]
    blocks += [_format_block(number, question) for number, question in enumerate(questions, 1)]
    body = ("\n\n".join(blocks) + "\n").encode()
    assert read(body.decode()) == [_normalise_question(question) for question in questions]
    return body


def read(text: str) -> list[QuizQuestion]:
    """Return the questions of a GIFT file that `export` wrote."""
    return [_parse_block(block) for block in text.strip().split("\n\n")[1:]]


def _parse_block(block: str) -> QuizQuestion:
    question_text, _, answers = re.sub(r"^::Q\d+::\[plain\]", "", block).removesuffix("\n}").partition(" {\n")
    lines = answers.split("\n")
    feedback = _unescape_marks(lines.pop()[4:]) if lines[-1].startswith("####") else ""
    answers_with_feedback = [_split_feedback(re.sub(r"^(?:=|~%-?[\d.]+%|~)", "", line)) for line in lines]
    options, feedbacks = (tuple(map(_unescape_marks, column)) for column in zip(*answers_with_feedback, strict=True))
    correct = tuple(index for index, line in enumerate(lines) if line.startswith("=") or re.match(r"~%\d", line))
    question = QuizQuestion(
        _unescape_marks(question_text), options, correct, feedback, feedbacks=feedbacks if any(feedbacks) else ()
    )
    if lines[0] in ("T", "F"):
        return replace(question, options=("True", "False"), correct=(int(lines[0] == "F"),), form="true_false")
    if lines[0].startswith("#"):
        return replace(question, options=(lines[0][1:],), correct=(0,), form="numeric", feedbacks=())
    if all(line.startswith("=") and " -> " in line for line in lines):
        pairs = [line.removeprefix("=").split(" -> ") for line in lines]
        lefts, rights = (tuple(map(_unescape_marks, column)) for column in zip(*pairs, strict=True))
        return replace(question, options=rights, correct=tuple(range(len(rights))), form="matching", lefts=lefts)
    return replace(question, form="short_answer") if all(line.startswith("=") for line in lines) else question


def _replace_arrows(question: QuizQuestion) -> QuizQuestion:
    """Return the question with another arrow in its answers: GIFT reads "->" as a pair and has no way to escape it."""
    lefts, options = (tuple(text.replace("->", "→") for text in texts) for texts in (question.lefts, question.options))
    return replace(question, lefts=lefts, options=options)


def _split_feedback(line: str) -> tuple[str, str]:
    """Return an answer and its feedback, both still escaped."""
    match = re.match(r"((?:[^\\#]|\\.)*)#?(.*)", line, re.DOTALL)
    assert match
    return match[1], match[2]


def _normalise_question(question: QuizQuestion) -> QuizQuestion:
    """Return the question as it can be read back: GIFT has its own true and false, and orders options by the pairs."""
    match question.form:
        case "true_false":
            return replace(question, options=("True", "False"))
        case "numeric":
            return replace(question, options=(question.numeric_answer,))
        case "matching":
            rights = tuple(question.options[index] for index in question.correct)
            return replace(question, options=rights, correct=tuple(range(len(rights))))
        case _:
            return question


def _format_block(number: int, question: QuizQuestion) -> str:
    lines = [f"::Q{number}::[plain]{_escape_marks(question.text)} {{", *_format_answers(question)]
    if question.feedback:
        lines.append(f"####{_escape_marks(question.feedback)}")
    return "\n".join([*lines, "}"])


def _format_answers(question: QuizQuestion) -> list[str]:
    match question.form:
        case "true_false":
            return ["F" if question.correct[0] else "T"]
        case "numeric":
            return [f"#{question.numeric_answer}"]
        case "matching":
            return [
                f"={_escape_marks(left)} -> {_escape_marks(question.options[index])}"
                for left, index in zip(question.lefts, question.correct, strict=True)
            ]
        case _:
            return [_format_option(question, index) for index in range(len(question.options))]


def _format_option(question: QuizQuestion, index: int) -> str:
    feedback = question.feedbacks[index] if question.feedbacks else ""
    suffix = f"#{_escape_marks(feedback)}" if feedback else ""
    return (
        _format_weight(question, is_right=index in question.correct) + _escape_marks(question.options[index]) + suffix
    )


def _format_weight(question: QuizQuestion, *, is_right: bool) -> str:
    """Return the mark before an option: right or wrong, or the share of the points if several options have to be chosen."""
    if len(question.correct) == 1 or question.form == "short_answer":
        return "=" if is_right else "~"
    share = f"{100 / len(question.correct):.5f}".rstrip("0").rstrip(".")
    return f"~%{share}%" if is_right else "~%-100%"


def _escape_marks(text: str) -> str:
    return _MARKS.sub(r"\\\1", text).replace("\n", "\\n")


def _unescape_marks(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], text)
