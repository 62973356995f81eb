"""A worksheet: tasks to do on paper, with a reading text if requested, and an answer key."""

from __future__ import annotations

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
    items = [
        _build_task_part(one)
        for one in parse_question_items(document, prefers_tasks=True)
        if one.question or one.options
    ]
    title, source = parse_title(document), _find_source_text(document)
    found = {"title": title, "source_text": source, "items": items}
    return {name: value for name, value in found.items() if value}


def _build_task_part(item: ParsedQuestion) -> dict[str, str]:
    """Return a task with its complete text, and its answer as the key gives it."""
    answer = item.key_text or item.written_answer
    if not answer and item.correct and not item.lefts:
        answer = ", ".join(f"{LETTERS[at % 8]}) {item.options[at].text}" for at in item.correct)
    asked = item.display_lines if len(item.display_lines) > 1 else [item.question]
    made = {"question": "\n".join(line for line in asked if line.strip(" _.…")).strip("* ")}
    return made | ({"answer": answer.strip()} if answer.strip() else {})


def _find_source_text(document: Document) -> str:
    """Return the passage below a heading for it, else the long paragraphs before the first task."""
    first = next((line.at for line in document.lines if parse_question_start(line, document) is not None), None)
    for part in split_parts(document, "reading"):
        lines = [
            line
            for line in part.lines
            if parse_question_start(line, document) is None and line.sort in ("text", "code")
        ]
        if (
            part.is_called("reading")
            and lines
            and sum(len(line.text.split()) for line in lines) >= _MIN_PASSAGE_WORDS // 2
        ):
            begun = [line for line in part.lines if first is None or line.at < first or lines[0].at > first]
            return document.get_source([line for line in begun if line.sort != "heading"] or lines)
    ahead = [line for line in document.lines if first is None or line.at < first]
    before = [line for line in ahead if line.sort == "text" and line.entry is None]
    blocks: dict[int, int] = {}
    for line in before:
        blocks[line.block] = blocks.get(line.block, 0) + len(line.text.split())
    long = [line for line in before if blocks[line.block] >= _MIN_PASSAGE_WORDS]
    return document.get_source(long) if long else ""


KIND = Kind(
    name="worksheet",
    family="education",
    title="Worksheet",
    description="Printable tasks, with a reading text if you ask for one, and an answer key.",
    task="Put the answers in a key at the end, unless the request asks for another form.",
    layout="# Title\n\n1. Task\n2. Task\n\n**Answer key**\n1. Answer\n2. Answer",
    read=read,
    parts=Worksheet,
    form=Form("question", entries={"sentences": "sentence", "words": "word"}),
    likely_exports=("pdf", "docx", "apkg"),
)
