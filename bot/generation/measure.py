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

from .branding import find_legal_lines, find_missing_legal_lines
from .fields import PartField, iter_fields
from .reading_phrases import COUNTED
from .requirements import find_unmeasured_sizes, is_counted
from .untrusted_links import find_unknown_links

# A measurement that is off by more than this factor was misread: no writer misses by so much.
_MAX_MISS_RATIO = 1.5
_WORD = re.compile(r"\w+")
_BRACKETS = re.compile(r"\([^()]*\)")
# Parts whose entries are pasted separately.
_PASTED_PARTS = ("posts", "messages")
# Things that a check lists, at most.
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
    "questions": lambda text: ["?"] * any(sign in text for sign in "?？؟"),
}
# Units and counters of what any text may have, counted in the full text.
_COUNTERS: dict[str, tuple[str, Callable[[str], int]]] = {
    "emoji": ("emoji", count_emoji),
    "hashtag": ("hashtags", count_hashtags),
    "link": ("links", lambda text: len({one.key for one in find_links(text)})),
}


def measure(content: Content, assignment: Assignment) -> tuple[Check, ...]:
    """Return the checks of a text. A check names its part; of several parts with the same bound it reports the worst."""
    kind = assignment.kind
    fields = list(iter_fields(kind.shape, content.parts))
    found = [
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
    return tuple(one for one in found if one.requirement not in assignment.request.withdrawn)


def measure_stated(text: str, assignment: Assignment) -> tuple[Check, ...]:
    """Return the checks that an earlier text passes of the sizes, numbers and things to leave out that the brief and its notes
    name.
    """
    content = Content(text, assignment.kind.read(parse_document(text), assignment))
    fields = list(iter_fields(assignment.kind.shape, content.parts))
    found = [
        *_check_sizes(content, fields, assignment),
        *_check_counts(content, fields, assignment),
        *_check_unwanted(text, assignment),
    ]
    withdrawn = assignment.request.withdrawn
    return tuple(one for one in found if one.passed and one.asked_by == "brief" and one.requirement not in withdrawn)


def find_unmeasured(reading: Reading, kind: Kind, checks: Sequence[Check]) -> Reading:
    """Return the statements of a reading that no check has measured, so that users are told."""
    numbers = {check.unit for check in checks if check.sort == "number"}
    return Reading(
        count=tuple(one for one in reading.count if _name_unit(one.what) not in numbers),
        size=tuple(find_unmeasured_sizes(reading, kind)),
        avoid=tuple(thing for thing in reading.avoid if thing in list_avoidable_things() and thing not in _FINDERS),
        minutes=reading.minutes,
        level=reading.level,
    )


def _check_place(content: Content, fields: list[PartField], assignment: Assignment) -> Iterator[Check]:
    """Yield a check for each limit of the place whose field the text has."""
    for limit in find_limits(assignment.place, assignment.language):
        texts = [one.value for one in fields if one.name == limit.field and isinstance(one.value, str)]
        listed = [one for one in fields if one.name == limit.field and isinstance(one.value, list)]
        texts += [text for one in listed for text in one.value if isinstance(text, str)] if not texts else []
        if limit.field == "text" and not texts:
            texts = _find_pasted_texts(content)
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


def _find_pasted_texts(content: Content) -> list[str]:
    """Return the texts that are pasted separately; the full text if there are none."""
    for name in _PASTED_PARTS:
        if texts := [one for one in content.parts.get(name) or () if isinstance(one, str)]:
            return texts
    text = content.parts.get("text")
    return [text] if isinstance(text, str) and text else [content.text]


def _check_sizes(content: Content, fields: list[PartField], assignment: Assignment) -> Iterator[Check]:
    """Yield a check for each size that the brief gives for the full text or a part that was found."""
    for (noun, unit), bounds in assignment.requirements.sizes.items():
        if not noun:
            texts = (
                _find_pasted_texts(content) if unit in ("characters", "words") and assignment.place else [content.text]
            )
            name = ""
        else:
            named = [one for one in fields if noun in one.nouns]
            texts = [one.value for one in named if isinstance(one.value, str)]
            texts += [
                str(text) for one in named if isinstance(one.value, list) for text in one.value if isinstance(text, str)
            ]
            name = named[0].name if named else ""
        if texts:
            value = _find_worst([_measure_size(text, unit, bounds) for text in texts], bounds)
            if noun == "body" and _fits(whole := UNITS[unit](content.text), bounds):
                value = whole  # The body of a text in an unusual form may be found only in part.
            yield build_range_check(
                f"{_format_field_name(name) or 'text'} {unit}",
                value,
                bounds.low or None,
                bounds.high,
                unit,
                sort="size",
                asked_by="brief",
                of=_format_field_name(name),
            )


def _measure_size(text: str, unit: str, bounds: Bounds) -> int:
    """Return the size of a text. Where it does not fit, but would without its brackets or its tables, the brief may mean that: "a
    definition of 12 words, and in brackets where it is", "150 words, not counting the table".
    """
    ways = (text, _BRACKETS.sub("", text), _remove_tables(text))
    sizes = [UNITS[unit](one) for one in ways]
    return next((size for size in sizes if _fits(size, bounds)), sizes[0])


def _remove_tables(text: str) -> str:
    return "\n".join(line.source for line in parse_document(text).lines if line.sort != "row")


def _fits(value: int, bounds: Bounds) -> bool:
    return bounds.low <= value and (bounds.high is None or value <= bounds.high)


def _find_worst(values: list[int], bounds: Bounds) -> int:
    """Return the value farthest outside of its bounds, else the largest."""
    most = bounds.high if bounds.high is not None else max(values)
    return max(values, key=lambda value: (max(value - most, bounds.low - value, 0), value))


def _check_counts(content: Content, fields: list[PartField], assignment: Assignment) -> Iterator[Check]:
    """Yield a check for each number that the brief gives for the entries of its kind, or for what any text may have."""
    for noun, (low, high) in assignment.requirements.counts.items():
        if noun in _COUNTERS:
            # With several posts it may apply to each: "one emoji a post".
            if len(_find_pasted_texts(content)) == 1:
                unit, count = _COUNTERS[noun]
                yield build_range_check(unit, count(content.text), low, high, unit, sort="number", asked_by="brief")
            continue
        found = (one for one in fields if isinstance(one.value, list) and noun in one.nouns)
        named = next(found, None) if is_counted(noun, assignment.kind) else None
        if named is not None and _shows_count(content, named):
            number, unit = len(named.value), _name_unit(find_meaning(noun) or noun)
            yield build_range_check(
                _format_field_name(named.name),
                number,
                low,
                high,
                unit,
                sort="number",
                path=named.name,
                asked_by="brief",
            )


def _name_unit(noun: str) -> str:
    return COUNTED.get(noun, ("", f"{noun}s"))[1]


def _shows_count(content: Content, listed: PartField) -> bool:
    """Whether the text itself confirms a count: by its highest number, its rows, entries or lines; posts always do.

    Counts obtained in any other way were nearly always wrong (docs/quality.md).
    """
    if listed.name == "posts":
        return True
    lines = parse_document(content.text).lines
    sorts = Counter("head" if line.head else line.sort for line in lines)
    highest = max((line.numbered[0] or 0 for line in lines), default=0)
    return len(listed.value) in (highest, sorts["row"], sorts["item"], len(lines))


def _check_words(content: Content, assignment: Assignment) -> Iterator[Check]:
    """Yield a check of the ruled-out words, and one of the required words.

    A prompt rules out things: singular and plural count alike, and its negative part is not searched.
    """
    text, prompts = content.text, _find_prompts(content)
    reading = assignment.reading
    wanted = normalise("\n".join([assignment.request.brief, assignment.request.instruction]))
    barred = [word for word in reading.avoid if word not in list_avoidable_things()]
    # Words of the request itself are allowed, whatever the profile avoids.
    kept = [word for word in assignment.profile.avoid_words if normalise(word) not in wanted]
    if words := list(dict.fromkeys([*barred, *kept])):
        found = find_avoided("\n".join(prompts) or text, words, in_any_number=bool(prompts))
        asked_by: AskedBy = "brief" if set(found) & set(barred) else "profile"
        if found and {one.word for one in assignment.book.avoid}.issuperset(found):
            asked_by = "brand"
        yield build_absence_check("avoided words", found, asked_by=asked_by)
    literals = [one for one in reading.include if _is_literal(one, assignment.brief)]
    if literals and not assignment.kind.form.own_text:
        missing = [one for one in literals if not has_quote(text, one)]
        hint = f"It must hold, word for word: {', '.join(missing)}."
        yield build_presence_check("words that must stand in it", missing, len(literals), hint=hint, asked_by="brief")


def _find_prompts(content: Content) -> list[str]:
    """Return the prompts contained in a text, without the text around them."""
    prompts = [content.parts.get("prompt"), *(content.parts.get("variants") or ())]
    return list(dict.fromkeys(one for one in prompts if isinstance(one, str) and one))


def _is_literal(words: str, brief: str) -> bool:
    """Whether a brief clearly wants words verbatim: they are quoted, a hashtag, a link, or a code with a digit."""
    if count_words(words) > _MAX_LITERAL_WORDS:
        return False
    at = brief.find(words)
    quoted = at > 0 and brief[at - 1] in _QUOTES and brief[at + len(words) :][:2].strip(".,;!? ")[:1] in _QUOTES
    return quoted or words.startswith("#") or any(map(str.isdigit, words)) or bool(find_links(words))


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
    spoken_of = {*assignment.reading.avoid, *assignment.requirements.counts}
    if assignment.profile.emoji == "none" and "emoji" not in spoken_of and "emoji" not in normalise(assignment.brief):
        yield build_range_check("emoji", count_emoji(text), 0, 0, "emoji", sort="number", asked_by="profile")
    if assignment.habits.exclamation_marks == "none" and "exclamation marks" not in spoken_of:
        yield build_range_check(
            "exclamation marks", count_exclamations(text), 0, 0, "exclamation marks", sort="number", asked_by="profile"
        )


def _check_language(text: str, assignment: Assignment) -> Iterator[Check]:
    """Yield a check that a text is in the chosen language, if its language is clear."""
    if assignment.kind.form.own_text or assignment.kind.is_for_machines or not assignment.has_chosen_language:
        return
    found = identify_language(text)
    if found is not None:
        wanted = NAMES.get(assignment.language, assignment.language)
        value = (NAMES.get(found, found),)
        asked_by: AskedBy = "server" if "output_language" in assignment.memory.defaults else "profile"
        asked_by = "brief" if assignment.request.language or assignment.requirements.language else asked_by
        yield Check(
            id="language",
            passed=found == assignment.language,
            value=value,
            wanted=(wanted,),
            asked_by=asked_by,
            hint=f"It must be in {wanted}.",
        )


def _check_links(text: str, assignment: Assignment) -> Iterator[Check]:
    """Yield a check that fails if a text contains an address from no input; nothing if it passes."""
    # Fenced code, such as structured data, is for programs.
    readable = "\n".join(line.source for line in parse_document(text).lines if line.sort != "code")
    if found := find_unknown_links(readable, assignment):
        yield build_absence_check("links from you", sorted({one.host for one in found}), asked_by="house")


def _check_legal_lines(text: str, assignment: Assignment) -> Iterator[Check]:
    if lines := find_legal_lines(assignment):
        yield build_presence_check(
            "legal lines", find_missing_legal_lines(text, assignment), len(lines), asked_by="brand", revisable=False
        )


def _format_field_name(name: str) -> str:
    return name.replace("_", " ")


def find_new_failures(after: tuple[Check, ...], before: tuple[str, ...]) -> tuple[Check, ...]:
    """Return the checks that fail after a change and did not fail before it, by name."""
    return tuple(check for check in after if not check.passed and check.revisable and check.name not in before)


def is_doubtful(check: Check, text: str) -> bool:
    """Whether a capable writer's text contradicts the reading of the brief, which then probably meant a part or nothing.

    Such a writer misses a length by a few words, not by half, and does not omit a required phrase entirely. Of twelve texts that
    were sent back for such figures in four blind readings, eleven had been measured by a number that meant something else.
    """
    if check.asked_by != "brief" or check.passed:
        return False
    if isinstance(check.value, tuple):
        given = [word for phrase in check.value for word in _WORD.findall(normalise(phrase))]
        there = set(_WORD.findall(normalise(text)))
        return check.sort == "missing" and sum(word in there for word in given) < len(given) / 2
    return bool(check.high and check.value > check.high * _MAX_MISS_RATIO) or bool(
        check.low and check.value < check.low / _MAX_MISS_RATIO
    )


def drop_excused(checks: tuple[Check, ...], names: frozenset[str]) -> tuple[Check, ...]:
    """Return the checks without the failed ones that the writer says the brief does not ask for."""
    return tuple(check for check in checks if check.passed or check.name not in names)
