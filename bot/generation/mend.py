"""Mends a draft by code, keeping its meaning: whole sentences and clauses go, words are never cut.

Pure functions; what they cannot mend stays as it is and fails its check.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from bot.checks.figures import ungrounded_numbers
from bot.checks.given import ungrounded_amounts
from bot.checks.links import unmasked
from bot.checks.readability import MIN_WORDS, Tally, hardness, hardness_of, tally
from bot.checks.terms import avoided, contains, has_term, norm, placeholders
from bot.checks.units import UNITS, emoji_spans, without_spans
from bot.content import Assignment, Size

from .check import EMOJI_BOUNDS, MAX_EXCLAMATIONS, foreign_links, uses_figures, without_links
from .copied import copied_run, strays
from .shape import Entries, Group, Node, Text, changed, entries_wanted, key_of, room_for_text, shape_of, sizes_for

# What ends a sentence, with the space behind it. A sign does so only before white space or the end, so that 12.50 and
# cafe.example stay whole; those of scripts that have one for nothing else, also of scripts without spaces, do so anywhere.
# Each character is looked at once: no run of signs is gone over again from within itself.
_END = re.compile(r"(?:(?<![.!?])[.!?]++[\"'”’)\]]*+(?=\s|$)|[。！？।؟]++[\"'”’)\]」』）]*+|\n)\s*+")
# It begins where white space does, so that no run of it is gone over again from each of its signs.
_CLAUSE = re.compile(r"(?<!\s)(?:\s*+[,;:]\s++|\s++[–—-]\s++|\s++(?=(?:and|but|so|because|which|while|where|or)\s))")
# Characters: no limit lets more of a text stay (of limits.toml the largest is 63,206), and of a longer one none is mended.
MOST_FITTED = 70_000
MOST_MENDED = 20_000
# Sentences of a text that is made simpler: each is tried without, time and again. One of more stays as it is.
MOST_SIMPLIFIED = 100
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


def mend(data: dict[str, Any], assignment: Assignment) -> dict[str, Any]:
    """The draft with everything mended that code can mend."""
    shape = shape_of(assignment.kind.output)
    mended: dict[str, Any] = changed(shape, data, lambda _path, field, text: mend_text(text, field, assignment))
    mended = _mend_lists(shape, mended, assignment)
    if assignment.kind.plain:
        mended["text"] = _fit_whole(_figures_in(mended["text"], assignment), assignment)
    elif "body" in mended:
        mended["body"] = _figures_in_body(mended["body"], assignment)
    return _easier(mended, assignment)


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


def mend_text(text: str, field: Text, assignment: Assignment) -> str:
    """One text of a draft, mended."""
    profile = assignment.profile
    if field.choice:
        return field.choice.nearest(text)
    if len(text) > MOST_MENDED:
        return text.strip()
    text = tidy(text) if assignment.kind.family not in ("text", "chat") else text.strip()
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
        ungrounded_numbers(part, sources) or ungrounded_amounts(part, sources, assignment.language, assignment.day)
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


def sentences_of(text: str) -> list[str]:
    """The sentences of a text, each with the space behind it, so that joined they give the text again."""
    parts, start = [], 0
    for end in _END.finditer(text):
        if text[start : end.start()].strip():
            parts.append(text[start : end.end()])
            start = end.end()
    return [*parts, text[start:]] if text[start:] else parts


def keep_sentences(text: str, good: Callable[[str], bool]) -> str:
    """The text without the sentences (or, in a single one, the clauses) that are not good; as it is when none is good."""
    parts = sentences_of(text)
    if all(map(good, parts)):
        return text
    kept = "".join(part for part in parts if good(part)).strip()
    if kept:
        return kept
    clauses = _CLAUSE.split(text.strip())
    if len(clauses) > 1 and good(clauses[0]) and len(clauses[0].split()) >= 3:
        end = text.strip()[-1]
        return clauses[0].rstrip(" ,;:") + (end if end in ".!?" else "")
    return text


def without_words(text: str, avoid: Iterable[str]) -> str:
    """The text without the avoided words: swapped or dropped where meaning stays, else without their sentence."""
    if len(text) > MOST_MENDED:
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


def simpler(text: str, limit: float, language: str = "en") -> str:
    """The text at or nearer to a reading grade: long sentences are split at clauses, then the hardest sentence goes."""

    def too_hard(part: str) -> float:
        return hardness(part, language, limit) or 0.0

    if too_hard(text) <= 0:
        return text
    if language == "en":
        text = re.sub(r",\s+(and|but|so)\s+(?=(?:it|they|we|you|he|she|the|this|that|i)\b)", _new_sentence, text)
    text = re.sub(r";\s+(\w)", lambda found: f". {found[1].upper()}", text)
    while (level := too_hard(text)) > 0:
        parts = sentences_of(text)
        if not 2 < len(parts) <= MOST_SIMPLIFIED:
            break
        # The first sentence holds the answer; of the others the one goes without which the text is easiest.
        tallies = [tally(part, language) for part in parts]
        whole = sum(tallies, Tally())
        hard = [hardness_of(whole - one, language, limit) or 0.0 for one in tallies[1:]]
        at = 1 + hard.index(min(hard))
        easier = "".join(parts[:at] + parts[at + 1 :])
        if len(easier.split()) < MIN_WORDS or too_hard(easier) >= level:
            break
        text = easier.strip()
    return text


def _new_sentence(found: re.Match[str]) -> str:
    return ". " if found[1] == "and" else f". {found[1].capitalize()} "


def fit(text: str, size: Size) -> str:
    """The text within a bound: whole sentences first, then clauses, then words that can end a phrase."""
    measure, whole = UNITS[size.unit], text
    if measure(text) <= size.most:
        return text
    # Of what is far longer than any bound only the beginning can stay.
    text = text[:MOST_FITTED]
    parts = sentences_of(text)
    text = "".join(parts[: max(1, _most(len(parts), lambda count: "".join(parts[:count]), size))]).strip()
    if measure(text) <= size.most and measure(text) >= size.least:
        return text
    ends = [clause.start() for clause in _CLAUSE.finditer(text)]
    fitting = _most(len(ends), lambda count: text[: ends[count - 1]].rstrip(" ,;:–—-"), size)
    shorter = text[: ends[fitting - 1]].rstrip(" ,;:–—-") if fitting else ""
    if len(shorter.split()) >= 2:
        return shorter
    shorter = _fewer_words(text, size)
    return shorter if measure(shorter) <= size.most else whole


def _most(count: int, first: Callable[[int], str], size: Size) -> int:
    """How many pieces of a text fit at most, where the first so many are longer the more they are; 0 where none does."""
    measure = UNITS[size.unit]
    return bisect.bisect_left(range(1, count + 1), True, key=lambda number: measure(first(number)) > size.most)


def whole_phrase(text: str) -> str:
    """The text without an end that leads nowhere: "Welcome to our" gives "Welcome", "Bread," gives "Bread"."""
    if text[-1:] in ".!?\"')。！？।؟":
        return text
    tokens = text.rstrip(" ,;:–—-(").split()
    while len(tokens) > 2 and _dangles(tokens[-1]):
        tokens.pop()
    return " ".join(tokens) if "\n" not in text else text


_DANGLING = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "or",
        "but",
        "to",
        "of",
        "in",
        "on",
        "at",
        "for",
        "with",
        "from",
        "by",
        "as",
        "is",
        "are",
        "was",
        "were",
        "be",
        "will",
        "can",
        "that",
        "this",
        "your",
        "our",
        "its",
        "their",
        "my",
        "when",
        "where",
        "which",
        "who",
        "how",
        "if",
        "so",
        "because",
        "than",
        "then",
        "into",
        "about",
        "over",
        "under",
        "not",
        "no",
        "it",
        "you",
        "we",
        "they",
        "i",
    ]
)


def _fewer_words(text: str, size: Size) -> str:
    tokens = text.split()
    tokens = tokens[: max(1, _most(len(tokens), lambda count: " ".join(tokens[:count]), size))]
    while len(tokens) > 1 and _dangles(tokens[-1]):
        tokens.pop()
    shorter = " ".join(tokens).rstrip(" ,;:–—-")
    return shorter if UNITS[size.unit](shorter) <= size.most else text


def _dangles(token: str) -> bool:
    return token.casefold().strip(".,;:") in _DANGLING


def _mend_lists(node: Node, data: Any, assignment: Assignment) -> Any:
    """Lists without entries that say the same or nothing, and not longer than wanted."""
    if isinstance(node, Group):
        return {name: _mend_lists(child, data[name], assignment) for name, child in node.fields}
    if not isinstance(node, Entries):
        return data
    _, high, _ = entries_wanted(node, assignment)
    entries = [_mend_lists(node.entry, entry, assignment) for entry in data]
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
    return any(not contains(text, figure) for figure in assignment.wishes.figures)


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


def as_sentence(message: str) -> str:
    """A brief's message with a capital and a full stop."""
    message = message.strip()
    return message[:1].upper() + message[1:] + ("" if message[-1:] in ".!?。！？।؟" else ".")


def _fit_whole(text: str, assignment: Assignment) -> str:
    room = room_for_text(assignment)
    return text if room is None else fit(text, Size(room))
