"""Parses questions with their options and answers, in whatever form a text has them.

A text is parsed once for each way in which questions may be numbered; the result with the most complete questions wins.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace

from bot.checks.terms import normalise
from bot.markup import Document, Line
from bot.reading.answers import ParsedQuestion, apply_answer, parse_pairs
from bot.reading.key_answers import apply_key, mark_right_options
from bot.reading.keys import KeyEntry, find_key_regions, parse_key_entries, split_entry
from bot.reading.labels import TAG, collect_tables, load_part_words, parse_label
from bot.reading.options import (
    CHECKBOX,
    LETTER,
    LETTER_INDEXES,
    ParsedOption,
    get_labelled_answer,
    parse_question_start,
    split_options,
)
from bot.reading.question_items import split_items
from bot.reading.question_tables import parse_item_tables
from bot.reading.sections import parse_title

_LEADING_NUMBER = re.compile(r"(\d{1,3})[.)] +")
_LEADING_MARK = rf"^[(]?(?:\d{{1,2}}|{LETTER})[.):]\s+"
_BARE_LETTER = re.compile(rf"^(?P<checkbox>(?:{CHECKBOX.pattern[1:]})?)(?P<letter>[A-H])\s+(?=[\w\"“'¿(])")


def parse_question_items(document: Document, *, prefers_tasks: bool = False) -> list[ParsedQuestion]:
    """Return the questions of a text with the answers that it or its answer keys give.

    With `prefers_tasks`, a question without options or answer raises the score of a result instead of lowering it.
    """
    regions = find_key_regions(document)
    key_indexes = {index for start, end, _ in regions for index in range(start, end)}
    lines = _bracket_bare_letters(
        [
            line
            for index, line in enumerate(document.lines)
            if index not in key_indexes and not TAG.fullmatch(line.text.strip())
        ]
    )
    entries = [entry for _, _, key_lines in regions for entry in parse_key_entries(key_lines, document)]
    if matching_task := _parse_matching_task(lines, document, entries):
        return [matching_task]
    split_entries = [part for entry in entries for part in split_entry(entry)]
    keys = [entries] if split_entries == entries else [entries, split_entries]
    best_items: list[ParsedQuestion] = []
    best_score = 0.0
    line_starts = [parse_question_start(line, document) for line in lines]
    for rank, key in itertools.product(("word", "heading", "bold", "list", "any", "none"), keys):
        items = [_derive_fields(item) for item in split_items(lines, document, rank, line_starts)]
        items = _drop_other_lists(items, key)
        apply_key(key, items)
        if rank == "none":  # Without a number, a line above a list need not be a question.
            items = [item for item in items if item.has_answer or item.lettered_options or "?" in item.question]
        for item in items:
            _find_inline_answer(item)
        _find_appended_answers(items)
        items = _merge_repeated(items)
        score = _score_questions(items, prefers_tasks=prefers_tasks)
        if score > best_score or (not best_items and items and rank != "none"):
            best_items, best_score = items, max(score, best_score)
    table_items = parse_item_tables(lines, entries)
    is_table_better = _score_questions(table_items, prefers_tasks=prefers_tasks) > best_score
    return _strip_numbers(table_items if is_table_better else best_items)


def _strip_numbers(items: list[ParsedQuestion]) -> list[ParsedQuestion]:
    """Remove the numbers that the texts of all questions begin with: files and players add their own."""
    matches = [_LEADING_NUMBER.match(item.question) for item in items]
    if all(match and int(match[1]) == number for number, match in enumerate(matches, 1)):
        for item in items:
            item.question = _LEADING_NUMBER.sub("", item.question)
    return items


def _score_questions(items: Sequence[ParsedQuestion], *, prefers_tasks: bool) -> float:
    """Return how complete questions are in total."""
    return sum(_score_question(item, prefers_tasks=prefers_tasks) for item in items)


def _score_question(item: ParsedQuestion, *, prefers_tasks: bool) -> float:
    score = 2 if item.has_answer else 1 if len(item.options) > 1 else 0.5 if prefers_tasks else -0.5
    # A single numbered line below it suggests that it is the heading of a question.
    return score - 0.25 * (len(item.numbered_options) == 1)


def _parse_matching_task(
    lines: Sequence[Line], document: Document, entries: Sequence[KeyEntry]
) -> ParsedQuestion | None:
    """Parse a text that is one matching task: numbered lines, lettered lines, and a key with a letter each."""
    lefts, options, instruction = list[str](), list[ParsedOption](), ""
    if len(entries) < 2 or not all(re.fullmatch(rf"[(]?{LETTER}[).]?", entry.text.strip()) for entry in entries):
        return None
    starts_and_lines = [
        (parse_question_start(line, document), line) for line in lines if line.sort not in ("row", "rule", "code")
    ]
    for start, line in starts_and_lines:
        before, line_options = split_options(line.text, line.source, len(options))
        if start and start.number == len(lefts) + 1 and not options:
            lefts.append(start.rest)
        elif line_options and not before:
            options += line_options
        elif not lefts and line.text.strip() and line.text.strip()[-1:] in ".:":
            instruction = line.text.strip()
        elif start:
            return None
    if not len(entries) == len(lefts) <= len(options):
        return None
    item = ParsedQuestion(
        question=instruction or parse_title(document) or " / ".join(lefts), options=options, lefts=lefts
    )
    item.correct = parse_pairs(item, ", ".join(f"{entry.number}-{entry.text.strip('(). ')}" for entry in entries))
    return item if item.correct else None


def _bracket_bare_letters(lines: Sequence[Line]) -> list[Line]:
    """Return the lines with brackets added after bare option letters on consecutive lines: "A Paris", "☐ B Rome"."""
    result = list(lines)
    option_indexes: list[int] = []
    for index, line in enumerate([*lines, None]):
        match = _BARE_LETTER.match(line.text) if line and line.sort in ("text", "item") else None
        if match and LETTER_INDEXES[match["letter"]] == len(option_indexes):
            option_indexes.append(index)
            continue
        if len(option_indexes) > 1:
            for option_index in option_indexes:
                text = _BARE_LETTER.sub(r"\g<checkbox>\g<letter>) ", result[option_index].text, count=1)
                result[option_index] = replace(result[option_index], text=text, source=text)
        option_indexes = [index] if match and LETTER_INDEXES[match["letter"]] == 0 else []
    return result


def _derive_fields(item: ParsedQuestion) -> ParsedQuestion:
    """Set the fields of a question that derive from its lines: its text, options, right answer and feedback."""
    if len(item.lettered_options) == 1 and not item.labelled_answer:
        # "A: …" below "Q: …" is the answer.
        item.labelled_answer, item.lettered_options = item.lettered_options[0].text, []
    if len(item.lettered_options) > 1:
        item.options = item.lettered_options
        if len(item.numbered_options) > 1:
            item.lefts = [option.text for option in item.numbered_options]
    elif len(item.numbered_options) > 1:
        item.options = item.numbered_options
    elif len(item.bulleted_options) > 1:
        item.options = item.bulleted_options
    bullets = [option.text for option in item.bulleted_options] if item.options is not item.bulleted_options else []
    _add_table(item)
    item.question = (
        "\n".join([*_collect_question_texts(item), *(f"- {text}" for text in bullets)]).strip().strip("*").strip()
    )
    mark_right_options(item)
    if item.labelled_answer:
        apply_answer(item, item.labelled_answer)
    item.feedback = item.feedback or ([item.loose_text] if item.loose_text else [])
    return item


def _collect_question_texts(item: ParsedQuestion) -> list[str]:
    """Return the lines of a question without a label, a heading or a remark in brackets at the beginning."""
    texts = [line.text.replace("||", "").strip() for line in item.question_lines]
    if not texts:
        return []
    label, rest = parse_label(item.question_lines[0])
    if label in load_part_words("question"):
        texts[0] = rest
    begins_with_paragraph = len(texts) > 1 and item.question_lines[0].block != item.question_lines[1].block
    if begins_with_paragraph and texts[0][-1:] not in ".?!:…？。" and texts[-1][-1:] in "?:？…_":
        texts = texts[1:]
    return texts[1:] if re.fullmatch(r"[(\[][^()\[\]]{0,40}[)\]]", texts[0]) else texts


def _add_table(item: ParsedQuestion) -> None:
    """Add a question's table: its two columns as a matching task if there are no options, else its rows as text."""
    if not item.table_rows:
        return
    headings, *rows = collect_tables(item.table_rows)[0]
    if not item.options and len(rows) > 1 and len(headings) == 2 and all(map(all, rows)):
        item.lefts = [re.sub(_LEADING_MARK, "", left) for left, _ in rows]
        item.options = [ParsedOption(re.sub(_LEADING_MARK, "", right)) for _, right in rows]
        item.has_lettered_lefts = all(re.match(rf"^[(]?{LETTER}[.):]\s", left) for left, _ in rows)
        return
    item.question_lines += [replace(line, text=" | ".join(line.cells)) for line in item.table_rows]


def _drop_other_lists(items: list[ParsedQuestion], entries: Sequence[KeyEntry]) -> list[ParsedQuestion]:
    """Drop sections of numbered lists other than questions, such as instructions, aims, or points per grade.

    A section of questions has options or an answer. All items stay if none has, or if their number fits the key better.
    """
    sections = {item.section for item in items if item.options or item.has_answer}
    questions = [item for item in items if item.section in sections]
    if not questions or len(questions) == len(items):
        return items
    if entries and abs(len(items) - len(entries)) <= abs(len(questions) - len(entries)):
        return items
    return questions


_TRAILING_EMPHASIS = re.compile(r"[.?!:…_)–—→-]\s*(?P<mark>\*{1,2}|_)(?P<answer>[^*_]{1,80})(?P=mark)\W*$")
# Lines below it are no part of the question: the heading of the next round, the end of the text.
_APPENDED_ANSWER = re.compile(
    r"(?P<question>.+[?？؟])\s*(?:[(（](?P<bracketed>[^()（）]*[^()（）\s])[)）]|[–—-]\s+(?P<dashed>\S.{0,80}))\s*(?:\n|$)"
)
_EMPHASISED_LINE = re.compile(r"(\*{1,3}|_)[^*_]+\1")
_TRAILING_ANSWER = re.compile(
    r"\s*(?:[(\[]\s*(?P<inner>[^()\[\]]{1,120})\s*[)\]]|(?:→|➡️?|=>|⟶)\s*(?P<arrow>.{1,200}))\s*$"
)


def _find_appended_answers(items: Sequence[ParsedQuestion]) -> None:
    """Take the answers from behind the questions, if each has one: "How much is 2 times 6? (12)", "… — 12", or in italics below."""
    open_items = [item for item in items if not (item.options or item.has_answer)]
    pairs = list(filter(None, map(_split_appended_answer, open_items)))
    has_points = any(answer.split()[-1].strip(".").casefold() in load_part_words("points") for _, answer in pairs)
    if len(items) < 2 or len(pairs) < len(items) or has_points:
        return
    for item, (question, answer) in zip(items, pairs, strict=True):
        item.question = question
        apply_answer(item, answer)


def _split_appended_answer(item: ParsedQuestion) -> tuple[str, str] | None:
    """Return a question and the answer behind it; None if there is none."""
    if match := _APPENDED_ANSWER.match(item.question):
        return match["question"], match["bracketed"] or match["dashed"]
    question, _, last_line = item.question.rpartition("\n")
    is_emphasised = bool(item.question_lines) and _EMPHASISED_LINE.fullmatch(item.question_lines[-1].source.strip())
    return (question, last_line) if question and is_emphasised else None


def _find_inline_answer(item: ParsedQuestion) -> None:
    """Take the answer from the question's last line, if there are no options and no answer elsewhere.

    It is a spoiler, in brackets, after an arrow, after a bold question, or emphasised at the end.
    """
    if item.options or item.has_answer or not item.question_lines:
        return
    line = item.question_lines[-1]
    text = line.text.strip()
    if text.count("||") >= 2:
        question, answer, *_ = text.split("||")
        item.question = "\n".join([*item.question.split("\n")[:-1], question.strip(" –—-:")]).strip()
        apply_answer(item, get_labelled_answer(Line(0, "text", answer, answer)) or answer)
        return
    last_line = item.question.split("\n")[-1]
    if match := _TRAILING_ANSWER.search(last_line):
        inner = match["inner"] or match["arrow"]
        if answer := (get_labelled_answer(Line(0, "text", inner, inner)) or "") if match["inner"] else inner:
            item.question = item.question[: len(item.question) - len(last_line) + match.start()].strip()
            apply_answer(item, answer)
            return
    if line.lead and line.lead[-1:] == "?" and line.rest:
        item.question = line.lead
        apply_answer(item, line.rest)
    elif (match := _TRAILING_EMPHASIS.search(line.source)) and last_line.endswith(match["answer"].strip()):
        question = item.question[: item.question.rindex(match["answer"].strip())].strip(" –—-→:")
        if question:
            item.question = question
            apply_answer(item, match["answer"].strip())


def _merge_repeated(items: list[ParsedQuestion]) -> list[ParsedQuestion]:
    """Merge questions that occur more than once in a text, such as with and without their answers."""
    if items and items[-1].loose_text and not any(item.feedback for item in items[:-1]):
        items[-1].feedback = []  # It is the end of the text, not feedback on the last question.
    first_items: dict[str, ParsedQuestion] = {}
    merged_items: list[ParsedQuestion] = []
    for item in items:
        normalised_question = normalise(item.question)
        first = first_items.get(normalised_question) if normalised_question else None
        if first is None or not _is_repeated(item, first):
            first_items.setdefault(normalised_question, item)
            merged_items.append(item)
            continue
        if not first.has_answer and item.has_answer:
            first.correct, first.written_answer = item.correct, item.written_answer
        first.feedback = first.feedback or item.feedback
        first.option_remarks = first.option_remarks or item.option_remarks
    return merged_items


def _is_repeated(item: ParsedQuestion, first: ParsedQuestion) -> bool:
    """Whether a question with the same text as the first has the same options, or one of the two has more to add."""
    has_same_options = [normalise(option.text) for option in first.options] == [
        normalise(option.text) for option in item.options
    ]
    return has_same_options or not (first.has_answer or (first.options and item.options))
