"""A worksheet: tasks to do on paper, with a reading text where one is asked for, and an answer key."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks import Check, bounded, differing
from bot.checks.terms import norm
from bot.content import Assignment, Content, Count, Example, Kind, Size
from bot.kinds._labels import label
from bot.kinds._shared import paragraphs

# What a task begins with.
TASKS = ("What", "Which", "Why", "How", "Name", "Explain", "Draw", "List", "Write", "Find", "Sort", "Is", "Does")


class Task(BaseModel):
    """One task with its answer."""

    question: Annotated[str, Size(130, least=12, form="sentences", starts=TASKS)]
    answer: Annotated[str, Size(110, least=1, form="phrase")]


class Worksheet(BaseModel):
    """What a model writes. The source text is there only where the brief asks for something to read."""

    title: Annotated[str, Size(60, least=4)]
    source_text: Annotated[
        list[Annotated[str, Size(420, least=60, form="sentences")]],
        Count(0, 3, 0, ("text", "passage", "story", "paragraph", "reading", "reading text"), named=1),
        Size(150, unit="words", nouns=("text", "passage", "story", "paragraph", "reading")),
    ]
    items: Annotated[
        list[Task],
        Count(1, 20, 6, ("question", "problem", "task", "item", "exercise", "sum", "sentence", "gap"), apart=True),
    ]


_SUM = re.compile(r"(?<![\d./])(\d{1,6}(?:\.\d+)?)\s*([-+x×*÷/−])\s*(\d{1,6}(?:\.\d+)?)(?!\s*[-+x×*÷/−.]?\s*\d)")


_SIGNS = re.compile(r"(?<=\d)\s*[-+x×*÷/−]\s*(?=\d)")


def reckoned(question: str) -> str:
    """The result of the one sum that a question asks for, such as "12 x 7"; empty when there is none or it does not come out even."""
    sums = _SUM.findall(question)
    if len(sums) != 1 or len(_SIGNS.findall(question)) != 1:
        return ""
    left, sign, right = Fraction(sums[0][0]), sums[0][1], Fraction(sums[0][2])
    if sign in "÷/" and not right:
        return ""
    value = (
        left + right
        if sign == "+"
        else left - right
        if sign in "-−"
        else left * right
        if sign in "x×*"
        else left / right
    )
    return str(value) if value.denominator == 1 else f"{float(value):g}" if (value * 1000).denominator == 1 else ""


def compose(output: Worksheet, assignment: Assignment) -> Content:
    """The sheet to hand out, and the key behind a spoiler. What is a plain sum is reckoned by code."""
    source = "\n\n".join(output.source_text)
    answers = [
        task.answer if assignment.as_written else reckoned(task.question) or task.answer for task in output.items
    ]
    items = [{"question": task.question, "answer": answer} for task, answer in zip(output.items, answers, strict=True)]
    asked = "\n".join(f"{n}. {item['question']}" for n, item in enumerate(items, 1))
    key = "\n".join(f"||{n}. {item['answer'].replace('|', '/')}||" for n, item in enumerate(items, 1))
    parts = {"title": output.title, "items": items} | ({"source_text": source} if source else {})
    return Content(
        paragraphs(f"## {output.title}", source, asked, f"**{label('Answer key', assignment)}**\n{key}"), parts
    )


def examine(output: Worksheet, _content: Content, _assignment: Assignment) -> list[Check]:
    """Every task has an answer, and no task stands there twice."""
    blank = [n for n, task in enumerate(output.items) if not task.answer.strip(" .")]
    asked = len({norm(task.question) for task in output.items})
    where = f"items.{blank[0]}.answer" if blank else ""
    count = len(output.items)
    return [
        bounded("answer key", count - len(blank), count, count, "answers", path=where),
        differing("tasks", asked, count, path="items"),
    ]


KIND = Kind(
    name="worksheet",
    family="education",
    title="Worksheet",
    description="Tasks for paper, with a reading text if you ask for one, and an answer key.",
    output=Worksheet,
    prompt="Write a worksheet for learners. Each task can be done with pen and paper and has one short answer. Easy words "
    "and short sentences. A source text is a short story or report, and the tasks ask about it.",
    examples=(
        Example(
            "3 practice problems on heat, with answer key",
            Worksheet(
                title="Hot and cold",
                source_text=[],
                items=[
                    Task(
                        question="A metal spoon stands in hot soup. What happens to its handle?",
                        answer="it gets hot",
                    ),
                    Task(
                        question="Ana puts ice in a warm room. Write down what she finds an hour later.",
                        answer="a puddle of water",
                    ),
                    Task(question="Name two things that keep heat in.", answer="wool and fur"),
                ],
            ),
        ),
        Example(
            "short text about badgers in towns with 3 questions",
            Worksheet(
                title="The badger next door",
                source_text=[
                    "Many badgers live in towns now. They sleep by day under sheds and in parks. At night they come out to "
                    "look for food. A town badger eats worms, fruit and what people throw away."
                ],
                items=[
                    Task(question="Where do town badgers sleep?", answer="under sheds and in parks"),
                    Task(question="When do they look for food?", answer="at night"),
                    Task(question="Name one thing that a town badger eats.", answer="worms, fruit or leftovers"),
                ],
            ),
        ),
    ),
    compose=compose,
    examine=examine,
    levelled=True,
    facts=False,
    hidden=("answer",),
    form=Form("question", entries={"sentences": "sentence", "words": "word"}),
    unstated=("question",),
    solved=("question", "answer"),
    likeliest=("pdf", "docx", "apkg"),
)
