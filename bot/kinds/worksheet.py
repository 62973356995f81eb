"""A worksheet: tasks to do on paper, with a reading text where one is asked for, and an answer key."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated

from pydantic import BaseModel

from bot.checks import Check
from bot.checks.terms import norm
from bot.content import Assignment, Content, Count, Example, Kind, Size
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
        Count(0, 3, 0, ("text", "passage", "story", "paragraph", "reading"), named=1),
        Size(150, unit="words", nouns=("text", "passage", "story", "paragraph", "reading")),
    ]
    items: Annotated[
        list[Task],
        Count(1, 20, 6, ("question", "problem", "task", "item", "exercise", "sum", "sentence", "gap"), apart=True),
    ]


_SUM = re.compile(r"(?<![\d./])(\d{1,6}(?:\.\d+)?)\s*([-+x×*÷/−])\s*(\d{1,6}(?:\.\d+)?)(?!\s*[-+x×*÷/−.]?\s*\d)")


def reckoned(question: str) -> str:
    """The result of the one sum that a question asks for, such as "12 x 7"; empty when there is none or it does not come out even."""
    sums = _SUM.findall(question)
    if len(sums) != 1:
        return ""
    left, sign, right = Fraction(sums[0][0]), sums[0][1], Fraction(sums[0][2])
    if sign in "÷/" and not right:
        return ""
    value = left + right if sign == "+" else left - right if sign in "-−" else left * right if sign in "x×*" else left / right
    return str(value) if value.denominator == 1 else f"{float(value):g}" if (value * 1000).denominator == 1 else ""


def compose(output: Worksheet, _assignment: Assignment) -> Content:
    """The sheet to hand out, and the key behind a spoiler. What is a plain sum is reckoned by code."""
    source = "\n\n".join(output.source_text)
    items = [{"question": task.question, "answer": reckoned(task.question) or task.answer} for task in output.items]
    asked = "\n".join(f"{n}. {item['question']}" for n, item in enumerate(items, 1))
    key = "\n".join(f"||{n}. {item['answer'].replace('|', '/')}||" for n, item in enumerate(items, 1))
    parts = {"title": output.title, "items": items} | ({"source_text": source} if source else {})
    return Content(paragraphs(f"## {output.title}", source, asked, f"**Answer key**\n{key}"), parts)


def examine(output: Worksheet, _content: Content, _assignment: Assignment) -> list[Check]:
    """Every task has an answer, and no task stands there twice."""
    blank = [n for n, task in enumerate(output.items) if not task.answer.strip(" .")]
    asked = len({norm(task.question) for task in output.items})
    where = f"items.{blank[0]}.answer" if blank else ""
    return [
        Check("answer key", not blank, f"{len(output.items) - len(blank)}", f"{len(output.items)} answers", where),
        Check("different tasks", asked == len(output.items), f"{asked}", f"{len(output.items)} tasks", "items"),
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
            "short text about foxes in towns with 3 questions",
            Worksheet(
                title="The fox next door",
                source_text=[
                    "Many foxes live in towns now. They sleep by day under sheds and in parks. At night they come out to "
                    "look for food. A town fox eats mice, fruit and what people throw away."
                ],
                items=[
                    Task(question="Where do town foxes sleep?", answer="under sheds and in parks"),
                    Task(question="When do they look for food?", answer="at night"),
                    Task(question="Name one thing that a town fox eats.", answer="mice, fruit or leftovers"),
                ],
            ),
        ),
    ),
    compose=compose,
    examine=examine,
    levelled=True,
    facts=False,
    hidden=("answer",),
    utterances="""
@worksheet@
""",
)
