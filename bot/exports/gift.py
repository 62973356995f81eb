"""A quiz in GIFT, which Moodle and others import."""

from __future__ import annotations

import re

from bot.content import Content

from ._parts import Question, all_questions, questions

LABEL = "Moodle (GIFT)"
_MARKS = re.compile(r"([\\~=#{}:])")


def fits(content: Content) -> bool:
    """It is a quiz of questions with options."""
    return all_questions(content)


def export(title: str, content: Content) -> bytes:
    """UTF-8, a block a question, in a category of the quiz's title."""
    asked = questions(content)
    category = " ".join(re.sub(r"[\\/~=#{}:$]", " ", title).split())
    blocks = [f"$CATEGORY: {category}", *(_block(number, one) for number, one in enumerate(asked, 1))]
    body = ("\n\n".join(blocks) + "\n").encode()
    assert read(body.decode()) == asked
    return body


def read(text: str) -> list[Question]:
    """The questions of a GIFT file such as `export` writes."""
    found = []
    for block in text.strip().split("\n\n")[1:]:
        head, _, answers = re.sub(r"^::Q\d+::\[plain\]", "", block).removesuffix("\n}").partition(" {\n")
        options, correct, feedback = [], [], ""
        for at, line in enumerate(answers.split("\n")):
            if line.startswith("####"):
                feedback = _bare(line[4:])
                continue
            if line.startswith("=") or re.match(r"~%\d", line):
                correct.append(at)
            options.append(_bare(re.sub(r"^(?:=|~%-?[\d.]+%|~)", "", line)))
        found.append(Question(_bare(head), tuple(options), tuple(correct), feedback))
    return found


def _block(number: int, one: Question) -> str:
    lines = [f"::Q{number}::[plain]{_marked(one.text)} {{"]
    for at, option in enumerate(one.options):
        lines.append(_sign(one, right=at in one.correct) + _marked(option))
    if one.feedback:
        lines.append(f"####{_marked(one.feedback)}")
    return "\n".join([*lines, "}"])


def _sign(one: Question, *, right: bool) -> str:
    if len(one.correct) == 1:
        return "=" if right else "~"
    share = f"{100 / len(one.correct):.5f}".rstrip("0").rstrip(".")
    return f"~%{share}%" if right else "~%-100%"


def _marked(text: str) -> str:
    return _MARKS.sub(r"\\\1", text).replace("\n", "\\n")


def _bare(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], text)
