"""Measure what is certain about a text: its place's limits, the brief's numbers, required and ruled-out words, language, links,
legal lines.

Anything else, such as style, claims and arithmetic, is left to the writer's caveat and to users. Pure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from bot.briefs import Reading, find_meaning, list_avoidable_things
from bot.checks import AskedBy, Check, build_absence_check, build_presence_check, build_range_check
from bot.checks.language import NAMES, identify_language
from bot.checks.limits import Limit, find_limits
from bot.checks.links import find_links
from bot.checks.terms import find_avoided, has_quote, normalise
from bot.checks.units import (
    SIGNS,
    UNITS,
    count_emoji,
    count_exclamations,
    count_hashtags,
    count_words,
    find_emoji_spans,
)
from bot.content import Assignment, Bounds, Content, Kind
from bot.markup import parse_document
from bot.reading.options import parse_question_start

from .branding import find_legal_lines, find_missing_legal_lines
from .fields import PartField, iter_fields
from .reading_phrases import COUNTED
from .requirements import find_unmeasured_sizes, is_main_entry
from .untrusted_links import find_unknown_links

# If a text misses a number by more than this factor, the brief was misread: no writer is that far off.
_MAX_MISS_RATIO = 1.5
_BRACKETS = re.compile(r"\([^()]*\)")
# Parts whose entries are posted separately.
_POSTED_PARTS = ("posts", "messages")
# The noun of the part that is most of an email.
_BODY = "body"
# Maximum things that a check lists.
_MAX_LISTED_THINGS = 3
# A longer quotation is what the text is about, such as a review that is to be answered.
_MAX_LITERAL_WORDS = 10
_QUOTES = tuple("\"'“”„‘’‚«»‹›")
# Finders of what a brief may rule out.
_FINDERS: dict[str, Callable[[str], list[str]]] = {
    "links": lambda text: [one.address for one in find_links(text)],
    "emoji": lambda text: [text[start:end] for start, end in find_emoji_spans(text) if text[start:end] not in SIGNS],
    "hashtags": lambda text: ["#"] * bool(count_hashtags(text)),
    "exclamation marks": lambda text: ["!"] * bool(count_exclamations(text)),
}
# Units and counters of what any text may have, counted in the full text.
_COUNTERS: dict[str, tuple[str, Callable[[str], int]]] = {
    "emoji": ("emoji", count_emoji),
    "hashtag": ("hashtags", count_hashtags),
    "link": ("links", lambda text: len({one.key for one in find_links(text)})),
}


def measure(content: Content, assignment: Assignment) -> tuple[Check, ...]:
    """Return the checks of a text. A check names its part; of several parts with the same bound it reports the worst."""
    fields = list(iter_fields(assignment.kind.shape, content.parts))
    checks = [
        *_check_place(content, fields, assignment),
        *_check_sizes(content, fields, assignment),
        *_check_counts(content, fields, assignment),
        *_check_words(content, assignment),
        *_check_unwanted(content.text, assignment),
        *_check_signs(content.text, assignment),
        *_check_language(content.text, assignment),
        *_check_links(content.text, assignment),
        *_check_legal_lines(content.text, assignment),
    ]
    return tuple(check for check in checks if check.requirement not in assignment.request.withdrawn)


def measure_stated(text: str, assignment: Assignment) -> tuple[Check, ...]:
    """Return the checks that an earlier text passes of the sizes, numbers and things to leave out that the brief and its notes
    name.
    """
    content = Content(text, assignment.kind.read(parse_document(text), assignment))
    fields = list(iter_fields(assignment.kind.shape, content.parts))
    checks = [
        *_check_sizes(content, fields, assignment),
        *_check_counts(content, fields, assignment),
        *_check_unwanted(text, assignment),
    ]
    stated_checks = (check for check in checks if check.passed and check.asked_by == "brief")
    return tuple(check for check in stated_checks if check.requirement not in assignment.request.withdrawn)


def find_unmeasured(reading: Reading, kind: Kind, checks: Sequence[Check]) -> Reading:
    """Return the statements of a reading that no check has measured, to be shown to users."""
    counted_units = {check.unit for check in checks if check.sort == "number"}
    sized_units = {check.unit for check in checks if check.sort == "size" and check.asked_by == "brief"}
    unread_sizes = find_unmeasured_sizes(reading, kind)
    return Reading(
        count=tuple(count for count in reading.count if _name_unit(count.what) not in counted_units),
        size=tuple(size for size in reading.size if size in unread_sizes or size.unit not in sized_units),
        avoid=tuple(thing for thing in reading.avoid if thing in list_avoidable_things() and thing not in _FINDERS),
        minutes=reading.minutes,
        level=reading.level,
    )


def _check_place(content: Content, fields: list[PartField], assignment: Assignment) -> Iterator[Check]:
    """Yield a check for each limit of the place whose field the text has."""
    for limit in find_limits(assignment.place, assignment.language):
        values = [field.value for field in fields if field.name == limit.field]
        texts = [value for value in values if isinstance(value, str)] or _flatten(values)
        if limit.field == "text" and not texts:
            texts = _find_posted_texts(content)
        if limit.field == "prompt" and not texts:
            texts = [content.text]
        if texts and not (limit.advice and _has_size_requirement(limit, assignment)):
            value = max(UNITS[limit.unit](text) for text in texts)
            check = build_range_check(
                f"{limit.field} {limit.unit}",
                value,
                high=limit.max,
                unit=limit.unit,
                sort="size",
                asked_by="place",
                place=limit.place,
                of="" if limit.field in ("text", "prompt") else _format_field_name(limit.field),
            )
            if not (limit.advice and not check.passed):
                yield check


def _has_size_requirement(limit: Limit, assignment: Assignment) -> bool:
    return any(unit == limit.unit for _, unit in assignment.requirements.sizes)


def _flatten(values: Sequence[object]) -> list[str]:
    """Return the strings in the lists among the values."""
    return [text for value in values if isinstance(value, list) for text in value if isinstance(text, str)]


def _find_posted_texts(content: Content) -> list[str]:
    """Return the texts that are posted separately; the full text if there are none."""
    for name in _POSTED_PARTS:
        if texts := [text for text in content.parts.get(name) or () if isinstance(text, str)]:
            return texts
    text = content.parts.get("text")
    return [text] if isinstance(text, str) and text else [content.text]


def _check_sizes(content: Content, fields: list[PartField], assignment: Assignment) -> Iterator[Check]:
    """Yield a check for each size that the brief gives for the full text or a part that was found."""
    for (noun, unit), bounds in assignment.requirements.sizes.items():
        if not noun:
            is_posted = unit in ("characters", "words") and bool(assignment.place)
            texts, name = _find_posted_texts(content) if is_posted else [content.text], ""
        else:
            named_fields = [field for field in fields if noun in field.nouns]
            values = [field.value for field in named_fields]
            texts = [*(value for value in values if isinstance(value, str)), *_flatten(values)]
            name = named_fields[0].name if named_fields else ""
        if noun == _BODY and _fits(UNITS[unit](content.text), bounds):
            texts = [content.text]  # The body of a text in an unusual form may be found only in part.
        sizes = [UNITS[unit](text) for text in texts]
        has_uncertain_size = any(_fits_in_part(text, unit, bounds) for text in texts)
        if sizes and not has_uncertain_size:
            yield build_range_check(
                f"{_format_field_name(name) or 'text'} {unit}",
                _find_worst(sizes, bounds),
                bounds.low or None,
                bounds.high,
                unit,
                sort="size",
                asked_by="brief",
                of=_format_field_name(name),
            )


def _fits_in_part(text: str, unit: str, bounds: Bounds) -> bool:
    """Return whether a text fits only without its brackets or its tables. The brief may mean that: "a definition of 12 words, and
    in brackets where it is", "150 words, not counting the table".
    """
    partial_sizes = [UNITS[unit](part) for part in (_BRACKETS.sub("", text), _remove_tables(text))]
    return not _fits(UNITS[unit](text), bounds) and any(_fits(size, bounds) for size in partial_sizes)


def _remove_tables(text: str) -> str:
    return "\n".join(line.source for line in parse_document(text).lines if line.sort != "row")


def _fits(value: int, bounds: Bounds) -> bool:
    return bounds.low <= value and (bounds.high is None or value <= bounds.high)


def _find_worst(values: list[int], bounds: Bounds) -> int:
    """Return the value farthest outside of its bounds, else the largest."""
    high = bounds.high if bounds.high is not None else max(values)
    return max(values, key=lambda value: (max(value - high, bounds.low - value, 0), value))


def _check_counts(content: Content, fields: list[PartField], assignment: Assignment) -> Iterator[Check]:
    """Yield a check for each number that the brief gives for the entries of its kind, or for what any text may have."""
    for noun, (low, high) in assignment.requirements.counts.items():
        if noun in _COUNTERS:
            # With several posts it may apply to each: "one emoji a post".
            unit, count = _COUNTERS[noun]
            if unit not in assignment.reading.avoid and len(_find_posted_texts(content)) == 1:
                yield build_range_check(unit, count(content.text), low, high, unit, sort="number", asked_by="brief")
            continue
        lists = [field for field in fields if isinstance(field.value, list) and noun in field.nouns]
        is_of_each = low > 1 and _have_equal_lengths(lists)
        if is_of_each or (lists and is_main_entry(noun, assignment.kind) and _shows_count(content, lists[0])):
            length, unit = len(lists[0].value), _name_unit(find_meaning(noun) or noun)
            wanted = f"{low}" if low == high else f"{low} to {high}"
            yield build_range_check(
                _format_field_name(lists[0].name),
                length,
                low,
                high,
                unit,
                sort="number",
                path=lists[0].name,
                asked_by="brief",
                hint=f"Each {assignment.kind.form.main} has {length} {unit}; it needs {wanted}." if is_of_each else "",
            )


def _have_equal_lengths(lists: Sequence[PartField]) -> bool:
    """Return whether lists belong to several entries, such as the options of each question, and all have the same length.

    Otherwise the brief may mean only some of them: "four multiple choice questions with 3 options, two true or false".
    """
    lengths = {len(field.value) for field in lists}
    return len(lists) > 1 and len(lengths) == 1 and max(lengths) > 1


def _name_unit(noun: str) -> str:
    return COUNTED.get(noun, ("", f"{noun}s"))[1]


def _shows_count(content: Content, counted_list: PartField) -> bool:
    """Return whether the text itself confirms the length of a list: by its highest number, its rows, entries or lines. Posts
    need no confirmation.

    Counts obtained in any other way were nearly always wrong (docs/quality.md).
    """
    if counted_list.name == "posts":
        return True
    document = parse_document(content.text)
    lines = document.lines
    line_counts = Counter("head" if line.head else line.sort for line in lines)
    question_starts = filter(None, (parse_question_start(line, document) for line in lines))
    numbers = [*(line.numbered[0] or 0 for line in lines), *(start.number or 0 for start in question_starts)]
    highest_number = max(numbers, default=0)
    return len(counted_list.value) in (highest_number, line_counts["row"], line_counts["item"], len(lines))


def _check_words(content: Content, assignment: Assignment) -> Iterator[Check]:
    """Yield a check of the ruled-out words, and one of the required words.

    A prompt rules out things: singular and plural count alike, and its negative part is not searched.
    """
    text, prompts = content.text, _find_prompts(content)
    request_text = normalise("\n".join([assignment.request.brief, assignment.request.instruction]))
    brief_words = [word for word in assignment.reading.avoid if word not in list_avoidable_things()]
    # Words of the request itself are allowed, whatever the profile avoids.
    profile_words = [word for word in assignment.profile.avoid_words if normalise(word) not in request_text]
    if words := list(dict.fromkeys([*brief_words, *profile_words])):
        found_words = find_avoided("\n".join(prompts) or text, words, in_any_number=bool(prompts))
        asked_by: AskedBy = "brief" if set(found_words) & set(brief_words) else "profile"
        if found_words and {entry.word for entry in assignment.book.avoid}.issuperset(found_words):
            asked_by = "brand"
        yield build_absence_check("avoided words", found_words, asked_by=asked_by)
    literals = [words for words in assignment.reading.include if _is_literal(words, assignment.brief)]
    if literals and not assignment.kind.form.own_text:
        missing = [literal for literal in literals if not has_quote(text, literal)]
        hint = f"It must hold, word for word: {', '.join(missing)}."
        yield build_presence_check("words that must stand in it", missing, len(literals), hint=hint, asked_by="brief")


def _find_prompts(content: Content) -> list[str]:
    """Return the prompts contained in a text, without the text around them."""
    values = [content.parts.get("prompt"), *(content.parts.get("variants") or ())]
    return list(dict.fromkeys(value for value in values if isinstance(value, str) and value))


def _is_literal(words: str, brief: str) -> bool:
    """Return whether a brief clearly wants words verbatim: they are quoted, a hashtag, a link, or a code with a digit."""
    if count_words(words) > _MAX_LITERAL_WORDS:
        return False
    start = brief.find(words)
    text_after = brief[start + len(words) :][:2].strip(".,;!? ")
    is_quoted = start > 0 and brief[start - 1] in _QUOTES and text_after[:1] in _QUOTES
    return is_quoted or _is_code(words)


def _is_code(words: str) -> bool:
    """Return whether words are a hashtag, a link, or a code with a digit."""
    return words.startswith("#") or (" " not in words and any(map(str.isdigit, words))) or bool(find_links(words))


def _check_unwanted(text: str, assignment: Assignment) -> Iterator[Check]:
    """Yield a check for each thing that the brief rules out."""
    for thing in assignment.reading.avoid:
        if thing in _FINDERS:
            yield build_absence_check(
                thing,
                _FINDERS[thing](text)[:_MAX_LISTED_THINGS],
                of=thing,
                hint=f"There must be no {thing}.",
                asked_by="brief",
            )


def _check_signs(text: str, assignment: Assignment) -> Iterator[Check]:
    """Yield checks of the signs that the profile rules out, unless the brief mentions them."""
    if assignment.kind.family not in ("marketing", "education", "text"):
        return
    mentioned = {*assignment.reading.avoid, *assignment.requirements.counts}
    if assignment.profile.emoji == "none" and "emoji" not in mentioned and "emoji" not in normalise(assignment.brief):
        yield build_range_check("emoji", count_emoji(text), 0, 0, "emoji", sort="number", asked_by="profile")
    if assignment.habits.exclamation_marks == "none" and "exclamation marks" not in mentioned:
        yield build_range_check(
            "exclamation marks", count_exclamations(text), 0, 0, "exclamation marks", sort="number", asked_by="profile"
        )


def _check_language(text: str, assignment: Assignment) -> Iterator[Check]:
    """Yield a check that a text is in the chosen language, if its language is clear."""
    if assignment.kind.form.own_text or assignment.kind.is_for_machines or not assignment.has_chosen_language:
        return
    language = identify_language(text)
    if language is None:
        return
    wanted = NAMES.get(assignment.language, assignment.language)
    asked_by: AskedBy = "server" if "output_language" in assignment.memory.defaults else "profile"
    if assignment.request.language or assignment.requirements.language:
        asked_by = "brief"
    yield Check(
        id="language",
        passed=language == assignment.language,
        value=(NAMES.get(language, language),),
        wanted=(wanted,),
        asked_by=asked_by,
        hint=f"It must be in {wanted}.",
    )


def _check_links(text: str, assignment: Assignment) -> Iterator[Check]:
    """Yield a check that fails if a text contains an address from no input; nothing if it passes."""
    # Fenced code, such as structured data, is for programs.
    readable = "\n".join(line.source for line in parse_document(text).lines if line.sort != "code")
    if links := find_unknown_links(readable, assignment):
        addresses = sorted({link.key for link in links})
        hint = f"These addresses are in neither the request nor the profile: {', '.join(addresses)}."
        yield build_absence_check("links from you", addresses, asked_by="house", hint=hint)


def _check_legal_lines(text: str, assignment: Assignment) -> Iterator[Check]:
    if lines := find_legal_lines(assignment):
        yield build_presence_check(
            "legal lines", find_missing_legal_lines(text, assignment), len(lines), asked_by="brand", revisable=False
        )


def _format_field_name(name: str) -> str:
    return name.replace("_", " ")


def find_new_failures(checks: tuple[Check, ...], earlier_failures: tuple[str, ...]) -> tuple[Check, ...]:
    """Return the failed checks that a revision can fix, without those whose names failed before the change already."""
    failures = (check for check in checks if not check.passed and check.revisable)
    return tuple(check for check in failures if check.name not in earlier_failures)


def is_doubtful(check: Check) -> bool:
    """Return whether a capable writer's text contradicts the reading of the brief, which then probably meant a part or nothing.

    Such a writer misses a length by a few words, not by half, and keeps a phrase that is required. Of twelve texts that were sent
    back for such figures in four blind readings, eleven had been measured by a number that meant something else; of four for a
    quotation, all four (the heads of a table, a total that was put right, a review to be answered, a form of address). A code, a
    hashtag or a link is certain, and a number of entries is confirmed by the text itself.
    """
    if check.asked_by != "brief" or check.passed or check.path:
        return False
    if isinstance(check.value, tuple):
        return check.sort == "missing" and not any(map(_is_code, check.value))
    is_far_above = bool(check.high) and check.value > (check.high or 0) * _MAX_MISS_RATIO
    is_far_below = bool(check.low) and check.value < (check.low or 0) / _MAX_MISS_RATIO
    return is_far_above or is_far_below


def drop_excused(checks: tuple[Check, ...], names: frozenset[str]) -> tuple[Check, ...]:
    """Return the checks without the failed ones that the writer says the brief does not ask for."""
    return tuple(check for check in checks if check.passed or check.name not in names)
