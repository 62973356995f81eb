"""Parses questions with their options and answers, in whatever form a text has them. Pure.

A text is parsed in several ways, by what its questions may begin with; the one that yields the most complete questions wins.
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
from bot.reading.labels import (
    TAG,
    collect_tables,
    load_part_words,
    parse_label,
)
from bot.reading.options import (
    LETTER,
    PLACES,
    ParsedOption,
    get_labelled_answer,
    parse_question_start,
    split_options,
)
from bot.reading.question_items import split_items
from bot.reading.question_tables import parse_item_tables
from bot.reading.sections import parse_title

_OWN_NUMBER = re.compile(r"(\d{1,3})[.)] +")
_PLACE = rf"^[(]?(?:\d{{1,2}}|{LETTER})[.):]\s+"
_BARE_LETTER = re.compile(r"^([A-H])\s+(?=[\w\"“'¿(])")


def parse_question_items(document: Document, *, prefers_tasks: bool = False) -> list[ParsedQuestion]:
    """Return the questions of a text with what is known of their answers.

    With `prefers_tasks`, for tasks that mostly have no options, plainly numbered ones count for more.
    """
    regions = find_key_regions(document)
    hidden = {at for start, end, _ in regions for at in range(start, end)}
    shown = [line for at, line in enumerate(document.lines) if at not in hidden]
    lines = _mark_letters([line for line in shown if not TAG.fullmatch(line.text.strip())])
    keys = [[entry for _, _, own in regions for entry in parse_key_entries(own, document)]]
    if (inner := [one for entry in keys[0] for one in split_entry(entry)]) != keys[0]:
        keys.append(inner)
    best: list[ParsedQuestion] = []
    most = 0.0
    begun = [parse_question_start(line, document) for line in lines]
    for way, entries in itertools.product(("word", "heading", "bold", "list", "any", "none"), keys):
        items = [_complete_item(one) for one in split_items(lines, document, way, begun)]
        items = _drop_other_lists(items, entries)
        apply_key(entries, items)
        if way == "none":  # A list below a heading is no question yet.
            items = [one for one in items if one.has_answer or one.lettered or "?" in one.question]
        for one in items:
            _find_inline_answer(one)
        items = _merge_repeated(items)
        score = sum(_score_question(one, prefers_tasks=prefers_tasks) for one in items)
        if score > most or (not best and items and way != "none"):
            best, most = items, max(score, most)
    tabled = parse_item_tables(lines, keys[0])
    if matched := _parse_matching_task(lines, document, keys[0]):
        return [matched]
    return _strip_numbers(
        tabled if sum(_score_question(one, prefers_tasks=prefers_tasks) for one in tabled) > most else best
    )


def _strip_numbers(items: list[ParsedQuestion]) -> list[ParsedQuestion]:
    """Return the questions without their numbers if each begins with its own: files and players number them."""
    found = [_OWN_NUMBER.match(item.question) for item in items]
    if all(one and int(one[1]) == number for number, one in enumerate(found, 1)):
        for item in items:
            item.question = _OWN_NUMBER.sub("", item.question)
    return items


def _score_question(item: ParsedQuestion, *, prefers_tasks: bool) -> float:
    """Return how complete a question is; one with just a single number may be the heading of another."""
    found = 2 if item.has_answer else 1 if len(item.options) > 1 else 0.5 if prefers_tasks else -0.5
    return found - 0.25 * (len(item.numbered) == 1)


def _parse_matching_task(
    lines: Sequence[Line], document: Document, entries: Sequence[KeyEntry]
) -> ParsedQuestion | None:
    """Return a text that is a single matching task: numbers, then letters, and a key with a letter for each number."""
    lefts, rights, asked = list[str](), list[ParsedOption](), ""
    if len(entries) < 2 or not all(re.fullmatch(rf"[(]?{LETTER}[).]?", one.text.strip()) for one in entries):
        return None
    pairs = [(parse_question_start(line, document), line) for line in lines if line.sort not in ("row", "rule", "code")]
    for start, line in pairs:
        before, several = split_options(line.text, line.source, len(rights))
        if start and start.number == len(lefts) + 1 and not rights:
            lefts.append(start.rest)
        elif several and not before:
            rights += several
        elif not lefts and line.text.strip() and line.text.strip()[-1:] in ".:":
            asked = line.text.strip()
        elif start:
            return None
    if not len(entries) == len(lefts) <= len(rights):
        return None
    item = ParsedQuestion(question=asked or parse_title(document) or " / ".join(lefts), options=rights, lefts=lefts)
    item.correct = parse_pairs(item, ", ".join(f"{one.number}-{one.text.strip('(). ')}" for one in entries))
    return item if item.correct else None


def _mark_letters(lines: Sequence[Line]) -> list[Line]:
    """Return the lines with brackets added after bare option letters on consecutive lines: "A Paris", "B Rome"."""
    found = list(lines)
    runs: list[int] = []
    for at, line in enumerate([*lines, None]):
        letter = _BARE_LETTER.match(line.text) if line and line.sort in ("text", "item") else None
        if letter and line and PLACES[letter[1]] == len(runs):
            runs.append(at)
            continue
        if len(runs) > 1:
            for one in runs:
                text = _BARE_LETTER.sub(r"\1) ", found[one].text, count=1)
                found[one] = replace(found[one], text=text, source=text)
        runs = [at] if letter and PLACES[letter[1]] == 0 else []
    return found


def _complete_item(item: ParsedQuestion) -> ParsedQuestion:
    """Return an item with its question, its options, and those marked as right."""
    if len(item.lettered) == 1 and not item.answer:
        # "Q: … A: …"
        item.answer, item.lettered = item.lettered[0].text, []
    if len(item.lettered) > 1:
        item.options = item.lettered
        if len(item.numbered) > 1:
            item.lefts = [one.text for one in item.numbered]
    elif len(item.numbered) > 1:
        item.options = item.numbered
    elif len(item.bulleted) > 1:
        item.options = item.bulleted
    extra = [one.text for one in item.bulleted] if item.options is not item.bulleted else []
    _take_rows(item)
    lines = [line.text.replace("||", "").strip() for line in item.texts]
    if item.texts and (label := parse_label(item.texts[0]))[0] in load_part_words("question"):
        lines[0] = label[1]
    apart = len(lines) > 1 and item.texts[0].block != item.texts[1].block
    if apart and lines[0][-1:] not in ".?!:…？。" and lines[-1][-1:] in "?:？…_":
        lines = lines[1:]  # The heading of a question names its subject.
    if lines and re.fullmatch(r"[(\[][^()\[\]]{0,40}[)\]]", lines[0]):
        lines = lines[1:]
    item.question = "\n".join([*lines, *(f"- {one}" for one in extra)]).strip().strip("*").strip()
    mark_right_options(item)
    if item.answer:
        apply_answer(item, item.answer)
    item.feedback = item.feedback or ([item.loose] if item.loose else [])
    return item


def _take_rows(item: ParsedQuestion) -> None:
    """Add a table of a question: two columns to be matched, else a part of the question."""
    if not item.rows:
        return
    head, *rows = collect_tables(item.rows)[0]
    if not item.options and len(rows) > 1 and len(head) == 2 and all(map(all, rows)):
        item.lefts = [re.sub(_PLACE, "", left) for left, _ in rows]
        item.options = [ParsedOption(re.sub(_PLACE, "", right)) for _, right in rows]
        item.lefts_lettered = all(re.match(rf"^[(]?{LETTER}[.):]\s", left) for left, _ in rows)
        return
    item.texts += [replace(line, text=" | ".join(line.cells)) for line in item.rows]


def _drop_other_lists(items: list[ParsedQuestion], entries: Sequence[KeyEntry]) -> list[ParsedQuestion]:
    """Return the questions without other numbered lists: instructions, aims, points per grade."""
    groups: dict[int, list[ParsedQuestion]] = {}
    for one in items:
        groups.setdefault(one.section, []).append(one)
    groups_kept = (group for group in groups.values() if any(one.options or one.has_answer for one in group))
    whole = [one for group in groups_kept for one in group]
    if not whole or len(whole) == len(items):
        return items
    count = len(entries)
    return items if count and abs(len(items) - count) <= abs(len(whole) - count) else whole


_BOLD_AT_END = re.compile(r"[.?!:…_)–—→-]\s*\*\*([^*]{1,80})\*\*\W*$")
_AT_END = re.compile(r"\s*(?:[(\[]\s*(?P<inner>[^()\[\]]{1,120})\s*[)\]]|(?:→|➡️?|=>|⟶)\s*(?P<arrow>.{1,200}))\s*$")


def _find_inline_answer(item: ParsedQuestion) -> None:
    """Use the answer on the question's own line if there is none elsewhere."""
    if item.options or item.has_answer or not item.texts:
        return
    line = item.texts[-1]
    raw = line.text.strip()
    if raw.count("||") >= 2:
        head, answer, *_ = raw.split("||")
        item.question = "\n".join([*item.question.split("\n")[:-1], head.strip(" –—-:")]).strip()
        apply_answer(item, get_labelled_answer(Line(0, "text", answer, answer)) or answer)
        return
    last = item.question.split("\n")[-1]
    if found := _AT_END.search(last):
        inner = found["inner"] or found["arrow"]
        if answer := (get_labelled_answer(Line(0, "text", inner, inner)) or "") if found["inner"] else inner:
            item.question = item.question[: len(item.question) - len(last) + found.start()].strip()
            apply_answer(item, answer)
            return
    if line.lead and line.lead[-1:] == "?" and line.rest:
        item.question = line.lead
        apply_answer(item, line.rest)
    elif (found := _BOLD_AT_END.search(line.source)) and last.endswith(found[1].strip()):
        head = item.question[: item.question.rindex(found[1].strip())].strip(" –—-→:")
        if head:
            item.question = head
            apply_answer(item, found[1].strip())


def _merge_repeated(items: list[ParsedQuestion]) -> list[ParsedQuestion]:
    """Return each question once, if a text has them with and without their answers."""
    if items and items[-1].loose and not any(one.feedback for one in items[:-1]):
        items[-1].feedback = []  # The end of the text.
    known: dict[str, ParsedQuestion] = {}
    found: list[ParsedQuestion] = []
    for item in items:
        name = normalise(item.question)
        first = known.get(name) if name else None
        if first is None or not _is_repeated(item, first):
            known.setdefault(name, item)
            found.append(item)
            continue
        if not first.has_answer and item.has_answer:
            first.correct, first.written = item.correct, item.written
        first.feedback = first.feedback or item.feedback
        first.notes = first.notes or item.notes
    return found


def _is_repeated(item: ParsedQuestion, first: ParsedQuestion) -> bool:
    """Whether a question repeats the words of the first one."""
    alike = [normalise(one.text) for one in first.options] == [normalise(one.text) for one in item.options]
    return alike or not (first.has_answer or (first.options and item.options))
