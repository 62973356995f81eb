"""A quiz in GIFT, which Moodle and others import."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.content import Content

from ._parts import QuizQuestion, collect_questions, has_only_questions

LABEL = "Moodle (GIFT)"
_MARKS = re.compile(r"([\\~=#{}:])")


def fits(content: Content) -> bool:
    """Whether it is a quiz whose questions can all be asked and marked."""
    return has_only_questions(content)


def export(title: str, content: Content) -> bytes:
    """Return UTF-8, one block per question, in a category with the quiz's title."""
    asked = collect_questions(content)
    category = " ".join(re.sub(r"[\\/~=#{}:$]", " ", title).split())
    blocks = [f"$CATEGORY: {category}", *(_format_block(number, one) for number, one in enumerate(asked, 1))]
    body = ("\n\n".join(blocks) + "\n").encode()
    assert read(body.decode()) == [_normalise_question(one) for one in asked]
    return body


def read(text: str) -> list[QuizQuestion]:
    """Return the questions of a GIFT file such as `export` writes."""
    return [_parse_block(block) for block in text.strip().split("\n\n")[1:]]


def _parse_block(block: str) -> QuizQuestion:
    head, _, answers = re.sub(r"^::Q\d+::\[plain\]", "", block).removesuffix("\n}").partition(" {\n")
    lines = answers.split("\n")
    feedback = _unescape_marks(lines.pop()[4:]) if lines[-1].startswith("####") else ""
    told = [_split_feedback(re.sub(r"^(?:=|~%-?[\d.]+%|~)", "", line)) for line in lines]
    options, feedbacks = tuple(_unescape_marks(one[0]) for one in told), tuple(_unescape_marks(one[1]) for one in told)
    right = tuple(at for at, line in enumerate(lines) if line.startswith("=") or re.match(r"~%\d", line))
    question = QuizQuestion(
        _unescape_marks(head), options, right, feedback, feedbacks=feedbacks if any(feedbacks) else ()
    )
    if lines[0] in ("T", "F"):
        return replace(question, options=("True", "False"), correct=(int(lines[0] == "F"),), form="true_false")
    if lines[0].startswith("#"):
        return replace(question, options=(lines[0][1:],), correct=(0,), form="numeric", feedbacks=())
    if all(" -> " in line for line in lines):
        sides = [line.removeprefix("=").split(" -> ") for line in lines]
        rights = tuple(_unescape_marks(right) for _, right in sides)
        lefts = tuple(_unescape_marks(left) for left, _ in sides)
        return replace(question, options=rights, correct=tuple(range(len(rights))), form="matching", lefts=lefts)
    return replace(question, form="short_answer") if len(right) == len(options) else question


def _split_feedback(line: str) -> tuple[str, str]:
    """Return an answer and its feedback."""
    found = re.match(r"((?:[^\\#]|\\.)*)#?(.*)", line, re.DOTALL)
    assert found
    return found[1], found[2]


def _normalise_question(one: QuizQuestion) -> QuizQuestion:
    """Return the question as GIFT keeps it: with its own words for true and false, and its own order of pairs."""
    if one.form == "true_false":
        return replace(one, options=("True", "False"))
    if one.form == "numeric":
        return replace(one, options=(one.numeric_answer,))
    if one.form == "matching":
        rights = tuple(one.options[at] for at in one.correct)
        return replace(one, options=rights, correct=tuple(range(len(rights))))
    return one


def _format_block(number: int, one: QuizQuestion) -> str:
    lines = [f"::Q{number}::[plain]{_escape_marks(one.text)} {{", *_format_answers(one)]
    if one.feedback:
        lines.append(f"####{_escape_marks(one.feedback)}")
    return "\n".join([*lines, "}"])


def _format_answers(one: QuizQuestion) -> list[str]:
    match one.form:
        case "true_false":
            return ["F" if one.correct[0] else "T"]
        case "numeric":
            return [f"#{one.numeric_answer}"]
        case "matching":
            return [
                f"={_escape_marks(left)} -> {_escape_marks(one.options[at])}"
                for left, at in zip(one.lefts, one.correct, strict=True)
            ]
        case _:
            said = [f"#{_escape_marks(told)}" if told else "" for told in one.feedbacks] or [""] * len(one.options)
            pairs = enumerate(zip(one.options, said, strict=True))
            return [
                _format_sign(one, right=at in one.correct) + _escape_marks(option) + told
                for at, (option, told) in pairs
            ]


def _format_sign(one: QuizQuestion, *, right: bool) -> str:
    if len(one.correct) == 1 or one.form == "short_answer":
        return "=" if right else "~"
    share = f"{100 / len(one.correct):.5f}".rstrip("0").rstrip(".")
    return f"~%{share}%" if right else "~%-100%"


def _escape_marks(text: str) -> str:
    return _MARKS.sub(r"\\\1", text).replace("\n", "\\n")


def _unescape_marks(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], text)
