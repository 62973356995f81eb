"""A worksheet: tasks to do on paper, with a reading text if requested, and an answer key."""

from __future__ import annotations

import math
from collections import Counter
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.content import Assignment, Kind, Size
from bot.markup import Document
from bot.reading.answers import ParsedQuestion
from bot.reading.options import LETTERS, parse_question_start
from bot.reading.questions import parse_question_items
from bot.reading.sections import parse_title, split_parts, unwrap_fence

# The minimum number of words of a paragraph that is a passage rather than an instruction.
_MIN_PASSAGE_WORDS = 40


class Task(BaseModel):
    """A task with its answer."""

    question: str = ""
    answer: str = ""


class Worksheet(BaseModel):
    """The parts of a worksheet; the source text is empty unless there is a passage to read.

    The number of tasks is not measured: "5 of this sort and 5 of that, then a challenge" gives no single number.
    """

    title: str = ""
    source_text: Annotated[str, Size(nouns=("text", "passage", "story", "paragraph", "reading", "reading text"))] = ""
    items: list[Task] = []


def read(document: Document, _assignment: Assignment) -> dict[str, Any]:
    """Return the tasks with their answers from the key, and the passage before them."""
    document = unwrap_fence(document)
    tasks = [task for task in parse_question_items(document, prefers_tasks=True) if task.question or task.options]
    parts = {
        "title": parse_title(document),
        "source_text": _find_source_text(document),
        "items": list(map(_build_task_part, tasks)),
    }
    return {name: part for name, part in parts.items() if part}


def _build_task_part(task: ParsedQuestion) -> dict[str, str]:
    """Return a task with its complete text, and its answer as the key gives it."""
    answer = task.key_text or task.written_answer
    if not answer and task.correct and not task.lefts:
        answer = ", ".join(f"{LETTERS[index % 8]}) {task.options[index].text}" for index in task.correct)
    lines = task.display_lines if len(task.display_lines) > 1 else [task.question]
    question = "\n".join(line for line in lines if line.strip(" _.…")).strip("* ")
    return {"question": question, **({"answer": answer.strip()} if answer.strip() else {})}


def _find_source_text(document: Document) -> str:
    """Return the passage below a heading for it, else the long paragraphs before the first task."""
    task_starts = (line.at for line in document.lines if parse_question_start(line, document) is not None)
    first_task = next(task_starts, math.inf)
    for part in filter(lambda part: part.is_called("reading"), split_parts(document, "reading")):
        prose = [
            line
            for line in part.lines
            if parse_question_start(line, document) is None and line.sort in ("text", "code")
        ]
        if prose and sum(len(line.text.split()) for line in prose) >= _MIN_PASSAGE_WORDS // 2:
            is_below_tasks = prose[0].at > first_task
            passage = [line for line in part.lines if line.at < first_task or is_below_tasks]
            return document.get_source([line for line in passage if line.sort != "heading"] or prose)
    lines_before = (line for line in document.lines if line.at < first_task)
    opening = [line for line in lines_before if line.sort == "text" and line.entry is None]
    word_counts: Counter[int] = Counter()
    for line in opening:
        word_counts[line.block] += len(line.text.split())
    long_lines = [line for line in opening if word_counts[line.block] >= _MIN_PASSAGE_WORDS]
    return document.get_source(long_lines) if long_lines else ""


KIND = Kind(
    name="worksheet",
    family="education",
    title="Worksheet",
    description="Printable tasks, with a reading text if you ask for one, and an answer key.",
    layout="Give it a title, number the tasks, and end with a numbered answer key.",
    read=read,
    parts=Worksheet,
    form=Form("question", entries={"sentences": "sentence", "words": "word"}),
    likely_exports=("pdf", "docx", "apkg"),
)
