"""Marks the right answers of questions, from signs and type or from an answer key."""

from __future__ import annotations

from collections.abc import Sequence

from bot.checks.terms import normalise
from bot.markup import Line
from bot.reading.answers import ParsedQuestion, apply_answer
from bot.reading.keys import KeyEntry
from bot.reading.options import (
    LETTERS,
    RIGHT_SIGNS,
    ParsedOption,
    get_labelled_answer,
    get_labelled_feedback,
    split_options,
)


def mark_right_options(item: ParsedQuestion) -> None:
    """Take options as right that differ from others by signs, mostly bold text, stars or italics, or any bold text."""
    options = item.options
    if item.lefts:
        return
    bold_fractions = [option.bold_fraction for option in options]
    tests = (
        [option.has_right_sign for option in options],
        [fraction > 0.5 for fraction in bold_fractions],
        [option.is_starred for option in options],
        bold_fractions,
    )
    for marks in tests:
        if any(marks) and not all(marks):
            item.correct = [index for index, mark in enumerate(marks) if mark]
            return


def apply_key(entries: Sequence[KeyEntry], items: list[ParsedQuestion]) -> None:
    """Apply each entry of a key to its question.

    Entries belong to questions with the same number. Without numbers they are used in order, if there are as many.
    """
    numbered_entries = [entry for entry in entries if entry.number is not None]
    if len(numbered_entries) < len(entries) or all(item.number is None for item in items):
        if len(entries) == len(items):
            for entry, item in zip(entries, items, strict=True):
                _apply_entry(item, entry)
        return
    indexes_by_number: dict[int | None, list[int]] = {}
    for index, item in enumerate(items):
        number = item.number if item.number is not None else index + 1
        indexes_by_number.setdefault(number, []).append(index)
    used_indexes, last_index = set[int](), 0
    for entry in numbered_entries:
        indexes = indexes_by_number.get(entry.number, [])
        free_indexes = [index for index in indexes if index not in used_indexes]
        if free_indexes:
            # Numbers may begin again in each section.
            last_index = next((index for index in free_indexes if index >= last_index), free_indexes[0])
            used_indexes.add(last_index)
            _apply_entry(items[last_index], entry)
        elif indexes:  # A further entry for the same question.
            _apply_entry(items[indexes[-1]], entry)


def _apply_entry(item: ParsedQuestion, entry: KeyEntry) -> None:
    """Set the answer and feedback that an entry gives for its question."""
    answer, other_texts = _remove_question(entry.text, item), list[str]()
    lead = entry.lead if answer == entry.text else ""
    options = list[ParsedOption]()
    if (labelled_answer := get_labelled_answer(Line(0, "text", answer, answer))) is not None:
        answer = labelled_answer
    for line in entry.lines:
        text = line.text.replace("||", "").strip().lstrip("→➡️👉 ")
        if (labelled_answer := get_labelled_answer(line)) is not None:
            answer = labelled_answer or answer
            continue
        if (feedback := get_labelled_feedback(line)) is not None:
            item.feedback += [feedback] if feedback else []
            continue
        before, line_options = split_options(text.lstrip("*✅✓✔❌ "), line.source, len(options))
        if line_options and not before and (answer or options or len(entry.lines) > 2):
            line_options[0].has_right_sign |= any(sign in text[:3] for sign in RIGHT_SIGNS)
            options += line_options
        else:
            other_texts.append(text)
    if options and item.options and _count_equal_options(options, item.options) * 2 >= len(options):
        key_item = ParsedQuestion(options=options)
        mark_right_options(key_item)
        item.correct = item.correct or [index for index in key_item.correct if index < len(item.options)]
    elif len(options) == len(item.options) > 1 and not item.lefts:
        item.option_remarks = [option.text for option in options]
    if not answer and other_texts and not item.has_answer:
        answer = other_texts.pop(0)
    option_lines = [f"{LETTERS[index % 8]}) {option.text}" for index, option in enumerate(options) if not answer]
    item.key_text = item.key_text or "\n".join(filter(None, [answer, *other_texts, *option_lines]))
    if answer:
        apply_answer(item, answer, lead)
    item.feedback += other_texts


def _count_equal_options(options: Sequence[ParsedOption], others: Sequence[ParsedOption]) -> int:
    """Return how many options have the text of the other option at their position."""
    pairs = ([normalise(option.text).strip(" .") for option in pair] for pair in zip(options, others, strict=False))
    return sum(bool(text) and text == other_text for text, other_text in pairs)


def _remove_question(text: str, item: ParsedQuestion) -> str:
    """Return the text of a key's entry without the question that it repeats."""
    question = " ".join(item.question.split())
    single_line = " ".join(text.split())
    if question and single_line.casefold().startswith(question.casefold()):
        return single_line[len(question) :].strip(" –—-:→|*").strip()
    return text
