"""Repairs a small model's draft by code, keeping its meaning: what must not stand in it goes, by whole sentences where it can.

Pure functions; what they cannot repair stays as it is and fails its check.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from typing import Any

from bot.checks.derived import loose_numbers
from bot.checks.given import ungrounded_amounts
from bot.checks.links import unmasked
from bot.checks.readability import hardness
from bot.checks.terms import avoided, has_term, norm, placeholders
from bot.checks.units import UNITS, emoji_spans, without_spans
from bot.content import Assignment, Size

from .addresses import foreign_links, without_links
from .check import uses_figures
from .copied import copied_run, strays
from .sentences import as_sentence, fit, keep_sentences, simpler, whole_phrase
from .shape import Entries, Group, Node, Text, changed, entries_wanted, key_of, room_for_text, shape_of, sizes_for
from .styled import EMOJI_BOUNDS, MAX_EXCLAMATIONS
from .told import tells

# Characters: of a longer text none is repaired.
MOST_REPAIRED = 20_000
# A sentence goes that has a run of so many words from a worked example, where others stay.
_COPIED = 5
# The one field that ends with a comma.
GREETING = "greeting"
# Words that may go without a trace when they are to be avoided, and plain ones that mean nearly the same as others.
_DROPPABLE = {"just", "simply", "obviously", "very", "really", "actually", "basically", "truly", "literally", "clearly"}
_SWAPS = {
    "artisan": "handmade", "curated": "chosen", "foodie": "food lover", "epic": "big", "addictive": "hard to put down",
    "amazing": "lovely", "awesome": "great", "utilize": "use", "leverage": "use", "innovative": "new", "unique": "special",
    "cheap": "good value", "boring": "dull", "stupid": "silly", "hustle": "rush", "grind": "work", "must-have": "favourite",
    "revolutionary": "new", "exclusive": "special", "delicious": "tasty", "perfect": "right", "guaranteed": "sure",
    "best": "favourite", "free": "at no cost", "kids": "children", "easy": "quick", "fun": "playful",
}  # fmt: skip


def repair(data: dict[str, Any], assignment: Assignment) -> dict[str, Any]:
    """The draft with everything repaired that code can repair."""
    shape = shape_of(assignment.kind.output)
    repaired: dict[str, Any] = changed(shape, data, lambda _path, field, text: repair_text(text, field, assignment))
    repaired = _repair_lists(shape, repaired, assignment)
    if assignment.kind.plain:
        repaired["text"] = _fit_whole(_figures_in(repaired["text"], assignment), assignment)
    elif "body" in repaired:
        repaired["body"] = _figures_in_body(repaired["body"], assignment)
    return _easier(repaired, assignment)


def _easier(data: dict[str, Any], assignment: Assignment) -> dict[str, Any]:
    """The draft without the hardest entries of its lists, while it is too hard to read and as many are left as are wanted.

    Entries of one sentence each have none that could go, so they go whole; half of the usual number stay, and all of a list
    that is what was asked for, such as a quiz's questions.
    """
    limit, kind = assignment.profile.grade_limit, assignment.kind
    if limit is None or kind.plain or not kind.levelled:
        return data

    def too_hard(draft: dict[str, Any]) -> float:
        return (
            hardness(kind.compose(kind.output.model_validate(draft), assignment).text, assignment.language, limit)
            or 0.0
        )

    nodes = [
        (name, node)
        for name, node in shape_of(kind.output).fields
        if isinstance(node, Entries) and not node.count.apart
    ]
    while (level := too_hard(data)) > 0:
        shorter = [
            data | {name: [*data[name][:at], *data[name][at + 1 :]]}
            for name, node in nodes
            if len(data[name]) > max(entries_wanted(node, assignment)[0], (node.count.default + 1) // 2, 1)
            for at in range(len(data[name]))
        ]
        easiest = min(shorter, key=too_hard, default=data)
        if too_hard(easiest) >= level:
            break
        data = easiest
    return data


def repair_text(text: str, field: Text, assignment: Assignment) -> str:
    """One text of a draft, repaired."""
    profile = assignment.profile
    if field.choice:
        return field.choice.nearest(text)
    if len(text) > MOST_REPAIRED:
        return text.strip()
    text = tidy(text) if assignment.kind.family not in ("text", "chat") else text.strip()
    for one in assignment.book.avoid:
        if one.instead and has_term(text, one.word):
            text = _swapped(text, one.word, one.instead)
    text = without_words(text, profile.avoid_words)
    text = keep_sentences(text, lambda part: not placeholders(part))
    text = keep_sentences(text, lambda part: not strays(part, assignment) and not copied_run(part, assignment, _COPIED))
    text = without_foreign_links(text, assignment)
    if uses_figures(assignment):
        text = keep_sentences(text, lambda part: _is_given(part, assignment))
    text = calm(text, _most_emoji(assignment))
    text = in_habit(text, field, assignment)
    # From somebody's own text no sentence goes.
    if assignment.kind.levelled and not assignment.kind.needs_text and profile.grade_limit is not None:
        text = simpler(text, profile.grade_limit, assignment.language)
    if assignment.kind.plain:
        return text
    for size in sizes_for(field, assignment):
        text = fit(text, size)
    return text if field.name == GREETING else whole_phrase(text)


def _is_given(part: str, assignment: Assignment) -> bool:
    """Whether all figures of a part of a text stand in a source, in digits or in words."""
    sources = assignment.sources
    return not (
        loose_numbers(part, sources, assignment.language, assignment.day)
        or ungrounded_amounts(part, sources, assignment.language, assignment.day)
    )


def without_foreign_links(text: str, assignment: Assignment) -> str:
    """The text without the sentences that link where nobody but material leads; of a text without others, its links go."""
    text = keep_sentences(text, lambda part: not foreign_links(part, assignment))
    return without_links(text, assignment)


# What makes a line a heading, small print or a quotation for Discord.
LINE_MARK = re.compile(r"^[ \t]{0,3}(?:#{1,6}[ \t]+|-#[ \t]+|>{1,3}[ \t]+)+", re.MULTILINE)
_WHOLE_WORDS = (
    (r"\b(ca)n['’]t\b", r"\1nnot"), (r"\b(w)on['’]t\b", r"\1ill not"), (r"\b(s)han['’]t\b", r"\1hall not"), (r"n['’]t\b", " not"),
    (r"['’]re\b", " are"), (r"['’]ve\b", " have"), (r"['’]ll\b", " will"), (r"\bI['’]m\b", "I am"), (r"\b(l)et['’]s\b", r"\1et us"),
    (r"\b(it|that|there|here|what|who)['’]s(?= (?:been|got|had)\b)", r"\1 has"), (r"\b(it|that|there|here|what|who)['’]s\b", r"\1 is"),
)  # fmt: skip


def in_habit(text: str, field: Text, assignment: Assignment) -> str:
    """The text as whoever asks is used to it: their greeting, no exclamation marks, no contractions."""
    habits, kind = assignment.habits, assignment.kind
    if field.name == GREETING and habits.greeting:
        text = habits.greeting
    if kind.for_machines or kind.family == "image":
        return text
    if habits.exclamation_marks == "none":
        text = re.sub(r"[!！]+", ".", text) if field.name != GREETING else re.sub(r"[!！]+", ",", text)
    if habits.formality == "formal" and assignment.language == "en" and not kind.needs_text:
        for short, whole in _WHOLE_WORDS:
            text = re.sub(short, whole, text, flags=re.IGNORECASE)
    return text


def tidy(text: str) -> str:
    """The text without marks of Markdown, which belong to the layout, and without quotation marks around the whole.

    A link stands in full view, and no sign turns the direction of what is read. Words that a comma glues together are set apart.
    """
    text = LINE_MARK.sub("", unmasked(text))
    text = re.sub(r"\*\*|```\w*|\|\||\r", "", text)
    text = re.sub(r"(?<=[^\W\d_]{2})([,;])(?=[^\W\d_]{2})", r"\1 ", text)
    text = re.sub(r"[ \t]+", " ", text).strip()
    return text.strip('"“”').strip() if text[:1] in '"“' and text[-1:] in '"”' else text


def _most_emoji(assignment: Assignment) -> int:
    if not assignment.kind.emoji:
        return 0 if assignment.kind.family in ("marketing", "image") else 3
    return EMOJI_BOUNDS[assignment.profile.emoji][1]


def without_words(text: str, avoid: Iterable[str]) -> str:
    """The text without the avoided words: swapped or dropped where meaning stays, else without their sentence."""
    if len(text) > MOST_REPAIRED:
        return text
    avoid = list(avoid)
    for word in avoided(text, avoid):
        swap = "" if word.casefold() in _DROPPABLE else _SWAPS.get(word.casefold())
        if swap is not None and not (swap and avoided(swap, avoid)):
            text = _swapped(text, word, swap)
        if has_term(text, word):
            text = keep_sentences(text, partial(_lacks, word))
        if has_term(text, word) and len(text.split()) > 3:
            text = _swapped(text, word, "")
    return text


def _lacks(word: str, part: str) -> bool:
    return not has_term(part, word)


def _swapped(text: str, word: str, swap: str) -> str:
    def put(found: re.Match[str]) -> str:
        return swap.capitalize() if found.group()[:1].isupper() and swap else swap

    text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", put, text, flags=re.IGNORECASE)
    text = re.sub(r"(?<!\s)\s++([.,;:!?])", r"\1", re.sub(r" {2,}", " ", text)).strip()
    return text[:1].upper() + text[1:] if not swap else text


def calm(text: str, most_emoji: int) -> str:
    """The text with at most so many emoji and no more exclamation marks than the house likes."""
    text = without_spans(text, emoji_spans(text)[most_emoji:])
    text = re.sub(r"!{2,}", "!", text)
    if text.count("!") > 1:
        head, _, tail = text.partition("!")
        text = f"{head}!{tail.replace('!', '.')}" if MAX_EXCLAMATIONS else text.replace("!", ".")
    return re.sub(r" {2,}", " ", text).strip()


def _repair_lists(node: Node, data: Any, assignment: Assignment) -> Any:
    """Lists without entries that say the same or nothing, and not longer than wanted."""
    if isinstance(node, Group):
        return {name: _repair_lists(child, data[name], assignment) for name, child in node.fields}
    if not isinstance(node, Entries):
        return data
    _, high, _ = entries_wanted(node, assignment)
    entries = [_repair_lists(node.entry, entry, assignment) for entry in data]
    entries = distinct(entries, key_of(node))
    entries = [entry for entry in entries if not strays(_said(entry), assignment)] or entries
    entries = entries[:high]
    for size in sizes_for(node, assignment):
        measure = UNITS[size.unit]
        while len(entries) > 1 and measure("\n\n".join(map(str, entries))) > size.most:
            entries.pop()
    return entries


def _said(entry: Any) -> str:
    """All texts of an entry."""
    if isinstance(entry, dict):
        return " ".join(map(_said, entry.values()))
    return " ".join(map(_said, entry)) if isinstance(entry, list) else str(entry)


def distinct(entries: list[Any], key: str = "") -> list[Any]:
    """The entries without repetitions and empty ones; of objects the text of one field tells them apart, else the first."""
    seen: set[str] = set()
    kept = []
    for entry in entries:
        head = entry.get(key) or next(iter(entry.values()), "") if isinstance(entry, dict) else entry
        said = norm(str(head)).strip(" .!?")
        if said and said not in seen:
            seen.add(said)
            kept.append(entry)
    return kept


def _missing_figures(text: str, assignment: Assignment) -> bool:
    return any(not tells(text, figure, freely=False) for figure in assignment.wishes.figures)


def _figures_in(text: str, assignment: Assignment) -> str:
    """The text, led by the brief's own sentence when it lost a date or figure that the brief gave."""
    if assignment.kind.family != "marketing" or not _missing_figures(text, assignment):
        return text
    said = as_sentence(assignment.reading.message)
    return f"{said} {text}" if not _missing_figures(said, assignment) else text


def _figures_in_body(body: list[str], assignment: Assignment) -> list[str]:
    if not body or not _missing_figures("\n".join(body), assignment):
        return body
    return [_figures_in(body[0], assignment), *body[1:]]


def _fit_whole(text: str, assignment: Assignment) -> str:
    room = room_for_text(assignment)
    return text if room is None else fit(text, Size(room))
