"""Marks the right answers to questions, by signs and formatting or by an answer key."""

from __future__ import annotations

from collections.abc import Sequence

from bot.checks.terms import normalise
from bot.markup import Line
from bot.reading.answers import ParsedQuestion, apply_answer
from bot.reading.keys import KeyEntry
from bot.reading.labels import normalise_label, parse_label
from bot.reading.options import (
    LETTERS,
    RIGHT_SIGNS,
    ParsedOption,
    get_labelled_answer,
    get_labelled_feedback,
    split_options,
)

# Discord hides text between these.
_SPOILER_MARK = "||"


def mark_right_options(item: ParsedQuestion) -> None:
    """Mark the options that stand out as right: by a sign, else by mostly bold text, stars or italics, or any bold text.

    Matching questions are left as they are.
    """
    if item.lefts:
        return
    marks_by_test = (
        [option.has_right_sign for option in item.options],
        [option.bold_fraction > 0.5 for option in item.options],
        [option.is_starred for option in item.options],
        [option.bold_fraction > 0 for option in item.options],
    )
    for marks in marks_by_test:
        if any(marks) and not all(marks):
            item.correct = [index for index, mark in enumerate(marks) if mark]
            return


def apply_key(entries: Sequence[KeyEntry], items: list[ParsedQuestion]) -> None:
    """Apply each entry of a key to its question.

    Entries belong to questions with the same number. If an entry or all questions have no number, they are used in order,
    provided that there are as many entries as questions.
    """
    if any(entry.number is None for entry in entries) or all(item.number is None for item in items):
        if len(entries) == len(items):
            for entry, item in zip(entries, items, strict=True):
                _apply_entry(item, entry)
        return
    indexes_by_number: dict[int | None, list[int]] = {}
    for index, item in enumerate(items):
        number = item.number if item.number is not None else index + 1
        indexes_by_number.setdefault(number, []).append(index)
    used_indexes, last_index = set[int](), 0
    for entry in entries:
        indexes = indexes_by_number.get(entry.number, [])
        free_indexes = [index for index in indexes if index not in used_indexes]
        if free_indexes:
            # Numbers may begin again in each section, so the next question after the last one comes first.
            last_index = next((index for index in free_indexes if index >= last_index), free_indexes[0])
            used_indexes.add(last_index)
            _apply_entry(items[last_index], entry)
        elif indexes:  # A further entry for the same question.
            _apply_entry(items[indexes[-1]], entry)


def _apply_entry(item: ParsedQuestion, entry: KeyEntry) -> None:
    """Set the answer, the remarks on options, the key's text and the feedback that an entry gives for its question."""
    answer = _remove_question(entry.text, item)
    lead = entry.lead if answer == entry.text else ""
    options, other_texts = list[ParsedOption](), list[str]()
    answer_line = Line(0, "text", answer, answer)
    # "Right: because …" is a label, unless "right" is an option of a true-or-false question.
    is_option = parse_label(answer_line)[0] in {normalise_label(option.text) for option in item.options}
    if not is_option and (labelled_answer := get_labelled_answer(answer_line)) is not None:
        answer = labelled_answer
    for line in entry.lines:
        text = line.text.replace(_SPOILER_MARK, "").strip().lstrip("→➡️👉 ")
        if (labelled_answer := get_labelled_answer(line)) is not None:
            answer = labelled_answer or answer
            continue
        if (feedback := get_labelled_feedback(line)) is not None:
            if feedback:
                item.feedback.append(feedback)
            continue
        begins_with_right_sign = any(sign in text[:3] for sign in RIGHT_SIGNS)
        text_before, line_options = split_options(text.lstrip("*✅✓✔❌ "), line.source, len(options))
        # A single line like "b) Mars" is the answer itself.
        may_list_options = bool(answer or options) or len(entry.lines) > 2
        if line_options and not text_before and may_list_options:
            line_options[0].has_right_sign |= begins_with_right_sign
            options += line_options
        else:
            other_texts.append(text)
    repeats_options = _count_equal_options(options, item.options) * 2 >= len(options)
    if options and item.options and repeats_options:
        key_item = ParsedQuestion(options=options)
        mark_right_options(key_item)
        item.correct = item.correct or [index for index in key_item.correct if index < len(item.options)]
    elif len(options) > 1 and len(options) == len(item.options) and not item.lefts:
        item.option_remarks = [option.text for option in options]
    if not answer and other_texts and not item.has_answer:
        answer = other_texts.pop(0)
    option_lines = [f"{LETTERS[index % 8]}) {option.text}" for index, option in enumerate(options)]
    key_texts = [answer, *other_texts] if answer else [*other_texts, *option_lines]
    item.key_text = item.key_text or "\n".join(filter(None, key_texts))
    if answer:
        apply_answer(item, answer, lead)
    item.feedback += other_texts


def _count_equal_options(options: Sequence[ParsedOption], others: Sequence[ParsedOption]) -> int:
    """Return how many options have the same text as the one at their position in `others`."""
    pairs = ([normalise(option.text).strip(" .") for option in pair] for pair in zip(options, others, strict=False))
    return sum(bool(text) and text == other_text for text, other_text in pairs)


def _remove_question(text: str, item: ParsedQuestion) -> str:
    """Return the text of a key's entry, without the question if it begins with it."""
    question = " ".join(item.question.split())
    single_line = " ".join(text.split())
    if question and single_line.casefold().startswith(question.casefold()):
        return single_line[len(question) :].strip(" –—-:→|*").strip()
    return text
