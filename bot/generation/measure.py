"""Measures what is certain of a text: limits of its place, numbers of its brief, words ruled in or out, language, links, legal lines.

Anything else, such as style, claims and arithmetic, is for its writer's note and for people. Pure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from bot.briefs import Reading, meaning_of, things_to_avoid
from bot.checks import AskedBy, Check, bounded, free_of, holding
from bot.checks.language import NAMES, identify_language
from bot.checks.limits import Limit, limits_of
from bot.checks.links import links
from bot.checks.terms import avoided, norm, quotes
from bot.checks.units import SIGNS, UNITS, emoji, emoji_spans, exclamations, hashtags
from bot.content import Assignment, Bounds, Content, Kind
from bot.markup import document

from .addresses import unknown_links
from .branded import lacking, legal_for
from .fields import Field, fields_of
from .rendered import COUNTED
from .understood import counted_by, unmeasured_sizes

# What was measured is farther off than any writer misses it: so many times too much, or too little.
_FAR = 1.5
_BRACKETS = re.compile(r"\([^()]*\)")
# Parts that are pasted each into a place of its own.
_APART = ("posts", "messages")
# Things that are named in a check, at most.
_NAMED = 3
_QUOTES = tuple("\"'“”„‘’‚«»‹›")
# What a brief may want none of, and what of it is found in a text.
_FOUND: dict[str, Callable[[str], list[str]]] = {
    "links": lambda text: [one.address for one in links(text)],
    "emoji": lambda text: [text[start:end] for start, end in emoji_spans(text) if text[start:end] not in SIGNS],
    "hashtags": lambda text: ["#"] * bool(hashtags(text)),
    "exclamation marks": lambda text: ["!"] * bool(exclamations(text)),
    "questions": lambda text: ["?"] * any(sign in text for sign in "?？؟"),
}
# What any text may have a number of, counted in the whole of it.
_WHOLE: dict[str, tuple[str, Callable[[str], int]]] = {
    "emoji": ("emoji", emoji),
    "hashtag": ("hashtags", hashtags),
    "link": ("links", lambda text: len({one.key for one in links(text)})),
}


def measure(content: Content, assignment: Assignment) -> tuple[Check, ...]:
    """What was measured of a text. A check names its part; where several parts have the same bound it is of the worst one."""
    kind = assignment.kind
    fields = list(fields_of(kind.shape, content.parts))
    found = [
        *_of_place(content, fields, assignment),
        *_sizes(content, fields, assignment),
        *_counts(content, fields, assignment),
        *_words(content, assignment),
        *_unwanted(content.text, assignment),
        *_signs(content.text, assignment),
        *_language(content.text, assignment),
        *_links(content.text, assignment),
        *_legal(content.text, assignment),
    ]
    return tuple(found)


def unmeasured(reading: Reading, kind: Kind, checks: Sequence[Check]) -> Reading:
    """What of a reading none of the checks has measured, so that nobody takes it for measured."""
    numbers = {check.unit for check in checks if check.sort == "number"}
    return Reading(
        count=tuple(one for one in reading.count if _unit(one.what) not in numbers),
        size=tuple(unmeasured_sizes(reading, kind)),
        avoid=tuple(thing for thing in reading.avoid if thing in things_to_avoid() and thing not in _FOUND),
        minutes=reading.minutes,
        level=reading.level,
    )


def _of_place(content: Content, fields: list[Field], assignment: Assignment) -> Iterator[Check]:
    """A check for each limit of the place whose field the text has."""
    for limit in limits_of(assignment.place, assignment.language):
        texts = [one.value for one in fields if one.name == limit.field and isinstance(one.value, str)]
        listed = [one for one in fields if one.name == limit.field and isinstance(one.value, list)]
        texts += [text for one in listed for text in one.value if isinstance(text, str)] if not texts else []
        if limit.field == "text" and not texts:
            texts = _pasted(content)
        if limit.field == "prompt" and not texts:
            texts = [content.text]
        if texts and not (limit.advice and _is_sized(limit, assignment)):
            value = max(UNITS[limit.unit](text) for text in texts)
            check = bounded(
                f"{limit.field} {limit.unit}", value, high=limit.max, unit=limit.unit, sort="size", asked_by="place",
                place=limit.place, of="" if limit.field in ("text", "prompt") else _called(limit.field),
            )  # fmt: skip
            if not (limit.advice and not check.passed):
                yield check


def _is_sized(limit: Limit, assignment: Assignment) -> bool:
    return any(unit == limit.unit for _, unit in assignment.requirements.sizes)


def _pasted(content: Content) -> list[str]:
    """The texts that are pasted each into a place of its own; the whole where there are none."""
    for name in _APART:
        if texts := [one for one in content.parts.get(name) or () if isinstance(one, str)]:
            return texts
    text = content.parts.get("text")
    return [text] if isinstance(text, str) and text else [content.text]


def _sizes(content: Content, fields: list[Field], assignment: Assignment) -> Iterator[Check]:
    """A check for each size that the brief gives the whole or a part that was found."""
    for (noun, unit), bounds in assignment.requirements.sizes.items():
        if not noun:
            texts = _pasted(content) if unit in ("characters", "words") and assignment.place else [content.text]
            name = ""
        else:
            named = [one for one in fields if noun in one.nouns]
            texts = [one.value for one in named if isinstance(one.value, str)]
            texts += [
                str(text) for one in named if isinstance(one.value, list) for text in one.value if isinstance(text, str)
            ]
            name = named[0].name if named else ""
        if texts:
            value = _worst([_size(text, unit, bounds) for text in texts], bounds)
            if noun == "body" and _fits(whole := UNITS[unit](content.text), bounds):
                value = whole  # Where a text has a form of its own, its body is not found whole.
            yield bounded(
                f"{_called(name) or 'text'} {unit}", value, bounds.low or None, bounds.high, unit, sort="size",
                asked_by="brief", of=_called(name),
            )  # fmt: skip


def _size(text: str, unit: str, bounds: Bounds) -> int:
    """The size of a text; without what stands in brackets where that fits: "a definition of 12 words, and in brackets where it is"."""
    whole, without = (UNITS[unit](one) for one in (text, _BRACKETS.sub("", text)))
    return without if _fits(without, bounds) else whole


def _fits(value: int, bounds: Bounds) -> bool:
    return bounds.low <= value and (bounds.high is None or value <= bounds.high)


def _worst(values: list[int], bounds: Bounds) -> int:
    """The value that lies farthest outside of its bounds, else the largest."""
    most = bounds.high if bounds.high is not None else max(values)
    return max(values, key=lambda value: (max(value - most, bounds.low - value, 0), value))


def _counts(content: Content, fields: list[Field], assignment: Assignment) -> Iterator[Check]:
    """A check for the number that the brief gives of what its kind is a list of, or of what any text may have."""
    for noun, (low, high) in assignment.requirements.counts.items():
        if noun in _WHOLE:
            # Of several posts it may be meant of each: "one emoji a post".
            if len(_pasted(content)) == 1:
                unit, count = _WHOLE[noun]
                yield bounded(unit, count(content.text), low, high, unit, sort="number", asked_by="brief")
            continue
        found = (one for one in fields if isinstance(one.value, list) and noun in one.nouns)
        named = next(found, None) if counted_by(noun, assignment.kind) else None
        if named is not None and _shows(content, named):
            number, unit = len(named.value), _unit(meaning_of(noun) or noun)
            yield bounded(
                _called(named.name), number, low, high, unit, sort="number", path=named.name, asked_by="brief"
            )


def _unit(noun: str) -> str:
    return COUNTED.get(noun, ("", f"{noun}s"))[1]


def _shows(content: Content, listed: Field) -> bool:
    """Whether a text itself shows how many it has: by its highest number, its rows, entries or lines; posts do.

    What was counted in any other way was nearly always counted wrongly (docs/quality.md).
    """
    if listed.name == "posts":
        return True
    lines = document(content.text).lines
    sorts = Counter("head" if line.head else line.sort for line in lines)
    highest = max((line.numbered[0] or 0 for line in lines), default=0)
    return len(listed.value) in (highest, sorts["row"], sorts["item"], len(lines))


def _words(content: Content, assignment: Assignment) -> Iterator[Check]:
    """A check of the words that must not stand in a text, and one of those that must.

    What a prompt keeps out are things: one boat is no fewer than boats, and what its negative part names is not in the picture.
    """
    text, prompts = content.text, _prompts(content)
    reading = assignment.reading
    wanted = norm("\n".join([assignment.request.brief, assignment.request.instruction]))
    barred = [word for word in reading.avoid if word not in things_to_avoid()]
    # What the request says itself may be said: a profile's words are for texts that nobody asks otherwise of.
    kept = [word for word in assignment.profile.avoid_words if norm(word) not in wanted]
    if words := list(dict.fromkeys([*barred, *kept])):
        found = avoided("\n".join(prompts) or text, words, in_any_number=bool(prompts))
        asked: AskedBy = "brief" if set(found) & set(barred) else "profile"
        if found and {one.word for one in assignment.book.avoid}.issuperset(found):
            asked = "brand"
        yield free_of("avoided words", found, asked_by=asked)
    literals = [one for one in reading.include if _is_literal(one, assignment.brief)]
    if literals and not assignment.kind.needs_text:
        missing = [one for one in literals if not quotes(text, one)]
        hint = f"It must hold, word for word: {', '.join(missing)}."
        yield holding("words that must stand in it", missing, len(literals), hint=hint, asked_by="brief")


def _prompts(content: Content) -> list[str]:
    """The prompts of a text that holds some, without what stands beside them."""
    told = [content.parts.get("prompt"), *(content.parts.get("variants") or ())]
    return list(dict.fromkeys(one for one in told if isinstance(one, str) and one))


def _is_literal(words: str, brief: str) -> bool:
    """Whether a brief wants words as they stand beyond doubt: they are quoted, a hashtag, a link, or a code with a digit."""
    at = brief.find(words)
    quoted = at > 0 and brief[at - 1] in _QUOTES and brief[at + len(words) :][:2].strip(".,;!? ")[:1] in _QUOTES
    return quoted or words.startswith("#") or any(map(str.isdigit, words)) or bool(links(words))


def _unwanted(text: str, assignment: Assignment) -> Iterator[Check]:
    """A check for each thing of which the brief wants none."""
    for thing in assignment.reading.avoid:
        if thing in _FOUND:
            yield free_of(
                thing, _FOUND[thing](text)[:_NAMED], of=thing, hint=f"There must be no {thing}.", asked_by="brief"
            )


def _signs(text: str, assignment: Assignment) -> Iterator[Check]:
    """Checks of the signs that a person wants none of, where the brief does not speak of them."""
    if assignment.kind.family not in ("marketing", "education", "text"):
        return
    spoken_of = {*assignment.reading.avoid, *assignment.requirements.counts}
    if assignment.profile.emoji == "none" and "emoji" not in spoken_of and "emoji" not in norm(assignment.brief):
        yield bounded("emoji", emoji(text), 0, 0, "emoji", sort="number", asked_by="profile")
    if assignment.habits.exclamation_marks == "none" and "exclamation marks" not in spoken_of:
        yield bounded(
            "exclamation marks", exclamations(text), 0, 0, "exclamation marks", sort="number", asked_by="profile"
        )


def _language(text: str, assignment: Assignment) -> Iterator[Check]:
    """A check that a text is in the language that was chosen, where it plainly is in one."""
    if assignment.kind.needs_text or assignment.kind.is_for_machines or not assignment.has_chosen_language:
        return
    found = identify_language(text)
    if found is not None:
        wanted = NAMES.get(assignment.language, assignment.language)
        value = (NAMES.get(found, found),)
        asked: AskedBy = "server" if "output_language" in assignment.memory.defaults else "profile"
        asked = "brief" if assignment.request.language or assignment.requirements.language else asked
        yield Check(
            id="language", passed=found == assignment.language, value=value, wanted=(wanted,), asked_by=asked,
            hint=f"It must be in {wanted}.",
        )  # fmt: skip


def _links(text: str, assignment: Assignment) -> Iterator[Check]:
    """A check that no address stands in a text that nobody gave; one that passes says nothing and is none."""
    # What stands in a fence of code, such as structured data, is for programs.
    readable = "\n".join(line.source for line in document(text).lines if line.sort != "code")
    if found := unknown_links(readable, assignment):
        yield free_of("links from you", sorted({one.host for one in found}), asked_by="house")


def _legal(text: str, assignment: Assignment) -> Iterator[Check]:
    if lines := legal_for(assignment):
        yield holding("legal lines", lacking(text, assignment), len(lines), asked_by="brand", revisable=False)


def _called(name: str) -> str:
    return name.replace("_", " ")


def worse(after: tuple[Check, ...], before: tuple[str, ...]) -> tuple[Check, ...]:
    """The checks that fail after a change and did not fail before it, by their names."""
    return tuple(check for check in after if not check.passed and check.revisable and check.name not in before)


def is_doubtful(check: Check, text: str) -> bool:
    """Whether a capable writer's text speaks against what was read of the brief: then that was of a part, or asked of nobody.

    Such a writer misses a length by a few words, not by half, and does not leave out a phrase that it was given whole. Of twelve
    texts that were sent back for such figures in four blind readings eleven had been measured by a number of something else.
    """
    if check.asked_by != "brief" or check.passed:
        return False
    if isinstance(check.value, tuple):
        given = [word for phrase in check.value for word in norm(phrase).split()]
        there = set(norm(text).split())
        return check.sort == "missing" and sum(word in there for word in given) < len(given) / 2
    return bool(check.high and check.value > check.high * _FAR) or bool(check.low and check.value < check.low / _FAR)


def excused(checks: tuple[Check, ...], names: frozenset[str]) -> tuple[Check, ...]:
    """The checks without those that a writer says the brief does not ask for."""
    return tuple(check for check in checks if check.passed or check.name not in names)
