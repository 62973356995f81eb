"""A quiz in GIFT, which Moodle and others import."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.content import Content

from ._parts import Question, all_questions, questions

LABEL = "Moodle (GIFT)"
_MARKS = re.compile(r"([\\~=#{}:])")


def fits(content: Content) -> bool:
    """It is a quiz whose questions can all be asked and marked."""
    return all_questions(content)


def export(title: str, content: Content) -> bytes:
    """UTF-8, a block a question, in a category of the quiz's title."""
    asked = questions(content)
    category = " ".join(re.sub(r"[\\/~=#{}:$]", " ", title).split())
    blocks = [f"$CATEGORY: {category}", *(_block(number, one) for number, one in enumerate(asked, 1))]
    body = ("\n\n".join(blocks) + "\n").encode()
    assert read(body.decode()) == [_plain(one) for one in asked]
    return body


def read(text: str) -> list[Question]:
    """The questions of a GIFT file such as `export` writes."""
    return [_read(block) for block in text.strip().split("\n\n")[1:]]


def _read(block: str) -> Question:
    head, _, answers = re.sub(r"^::Q\d+::\[plain\]", "", block).removesuffix("\n}").partition(" {\n")
    lines = answers.split("\n")
    feedback = _bare(lines.pop()[4:]) if lines[-1].startswith("####") else ""
    told = [_split(re.sub(r"^(?:=|~%-?[\d.]+%|~)", "", line)) for line in lines]
    options, feedbacks = tuple(_bare(one[0]) for one in told), tuple(_bare(one[1]) for one in told)
    right = tuple(at for at, line in enumerate(lines) if line.startswith("=") or re.match(r"~%\d", line))
    question = Question(_bare(head), options, right, feedback, feedbacks=feedbacks if any(feedbacks) else ())
    if lines[0] in ("T", "F"):
        return replace(question, options=("True", "False"), correct=(int(lines[0] == "F"),), form="true_false")
    if lines[0].startswith("#"):
        return replace(question, options=(lines[0][1:],), correct=(0,), form="numeric", feedbacks=())
    if all(" -> " in line for line in lines):
        sides = [line.removeprefix("=").split(" -> ") for line in lines]
        rights = tuple(_bare(right) for _, right in sides)
        lefts = tuple(_bare(left) for left, _ in sides)
        return replace(question, options=rights, correct=tuple(range(len(rights))), form="matching", lefts=lefts)
    return replace(question, form="short_answer") if len(right) == len(options) else question


def _split(line: str) -> tuple[str, str]:
    """An answer and what is said of it."""
    found = re.match(r"((?:[^\\#]|\\.)*)#?(.*)", line, re.DOTALL)
    assert found
    return found[1], found[2]


def _plain(one: Question) -> Question:
    """The question as GIFT keeps it: it has words of its own for true and false, and an order of its own for pairs."""
    if one.form == "true_false":
        return replace(one, options=("True", "False"))
    if one.form == "numeric":
        return replace(one, options=(one.number,))
    if one.form == "matching":
        rights = tuple(one.options[at] for at in one.correct)
        return replace(one, options=rights, correct=tuple(range(len(rights))))
    return one


def _block(number: int, one: Question) -> str:
    lines = [f"::Q{number}::[plain]{_marked(one.text)} {{", *_answers(one)]
    if one.feedback:
        lines.append(f"####{_marked(one.feedback)}")
    return "\n".join([*lines, "}"])


def _answers(one: Question) -> list[str]:
    match one.form:
        case "true_false":
            return ["F" if one.correct[0] else "T"]
        case "numeric":
            return [f"#{one.number}"]
        case "matching":
            return [
                f"={_marked(left)} -> {_marked(one.options[at])}"
                for left, at in zip(one.lefts, one.correct, strict=True)
            ]
        case _:
            said = [f"#{_marked(told)}" if told else "" for told in one.feedbacks] or [""] * len(one.options)
            pairs = enumerate(zip(one.options, said, strict=True))
            return [_sign(one, right=at in one.correct) + _marked(option) + told for at, (option, told) in pairs]


def _sign(one: Question, *, right: bool) -> str:
    if len(one.correct) == 1 or one.form == "short_answer":
        return "=" if right else "~"
    share = f"{100 / len(one.correct):.5f}".rstrip("0").rstrip(".")
    return f"~%{share}%" if right else "~%-100%"


def _marked(text: str) -> str:
    return _MARKS.sub(r"\\\1", text).replace("\n", "\\n")


def _bare(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], text)
