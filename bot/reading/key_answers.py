"""Applies an answer key to the questions of a text. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.checks.terms import normalise
from bot.markup import Line
from bot.reading.answers import ParsedQuestion, apply_answer
from bot.reading.keys import KeyEntry
from bot.reading.options import (
    LETTERS,
    RIGHT,
    ParsedOption,
    get_labelled_answer,
    get_labelled_feedback,
    split_options,
)


def mark_right_options(item: ParsedQuestion) -> None:
    """Mark options as right by signs, or by bold or italic letters, unless all options have them."""
    options = item.options
    if item.lefts:
        return
    bold = [one.bold for one in options]
    tests = ([one.right for one in options], [one > 0.5 for one in bold], [one.starred for one in options], bold)
    for marked in tests:
        if any(marked) and not all(marked):
            item.correct = [at for at, one in enumerate(marked) if one]
            return


def apply_key(entries: Sequence[KeyEntry], items: list[ParsedQuestion]) -> None:
    """Apply each entry of a key to its question: the next one with its number, else by order, else by its words."""
    numbered = [one for one in entries if one.number is not None]
    if len(numbered) < len(entries) or all(one.number is None for one in items):
        for entry, item in zip(entries, items, strict=False) if len(entries) == len(items) else ():
            _apply_entry(item, entry)
        return
    places: dict[int | None, list[int]] = {}
    for at, item in enumerate(items):
        number = item.number if item.number is not None else at + 1
        places.setdefault(number, []).append(at)
    used, pointer = set[int](), 0
    for entry in numbered:
        free = [at for at in places.get(entry.number, ()) if at not in used]
        if not free:
            if twice := places.get(entry.number):  # The key says more about a question that it named before.
                _apply_entry(items[twice[-1]], entry)
            continue
        at = next((one for one in free if one >= pointer), free[0])
        used.add(at)
        pointer = at
        _apply_entry(items[at], entry)


def _apply_entry(item: ParsedQuestion, entry: KeyEntry) -> None:
    """Apply a key's entry to a question."""
    answer, others = _remove_question(entry.text, item), list[str]()
    lead = entry.lead if answer == entry.text else ""
    lettered = list[ParsedOption]()
    if (own := get_labelled_answer(Line(0, "text", answer, answer))) is not None:
        answer = own
    for line in entry.lines:
        text = line.text.replace("||", "").strip().lstrip("→➡️👉 ")
        if (right := get_labelled_answer(line)) is not None:
            answer = right or answer
        elif (why := get_labelled_feedback(line)) is not None:
            item.feedback += [why] if why else []
        elif (found := split_options(text.lstrip("*✅✓✔❌ "), line.source, len(lettered)))[1] and (
            not found[0] and (answer or lettered or len(entry.lines) > 2)
        ):
            found[1][0].right = found[1][0].right or any(sign in text[:3] for sign in RIGHT)
            lettered += found[1]
        else:
            others.append(text)
    pairs = [[normalise(one.text).strip(" .") for one in pair] for pair in zip(lettered, item.options, strict=False)]
    same = sum(bool(one) and one == other for one, other in pairs)
    if lettered and item.options and same * 2 >= len(lettered):
        again = ParsedQuestion(options=lettered)
        mark_right_options(again)
        item.correct = item.correct or [at for at in again.correct if at < len(item.options)]
    elif len(lettered) == len(item.options) > 1 and not item.lefts:
        item.notes = [one.text for one in lettered]
    if not answer and others and not item.has_answer:
        answer = others.pop(0)
    shown = [f"{LETTERS[at % 8]}) {one.text}" for at, one in enumerate(lettered) if not answer]
    item.remark = item.remark or "\n".join(filter(None, [answer, *others, *shown]))
    if answer:
        apply_answer(item, answer, lead)
    item.feedback += others


def _remove_question(text: str, item: ParsedQuestion) -> str:
    """Return the text of a key's entry without the question that it repeats."""
    asked = " ".join(item.question.split())
    words = " ".join(text.split())
    if asked and words.casefold().startswith(asked.casefold()):
        return words[len(asked) :].strip(" –—-:→|*").strip()
    return text
