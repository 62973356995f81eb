"""Every check of a draft: made from the fields' bounds, the brief, the profile, and what the kind adds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from bot.briefs import OPENING
from bot.checks import AskedBy, Check, bounded, differing, free_of, holding
from bot.checks.figures import says_numbers
from bot.checks.given import loose_figures
from bot.checks.language import NAMES, foreign_script, language, languages_named, other_language
from bot.checks.limits import limits_of
from bot.checks.links import Link, addresses, links, without
from bot.checks.readability import LEVELS, cefr, ease, ease_for, grade
from bot.checks.terms import avoided, contains, norm, placeholders
from bot.checks.units import UNITS, emoji, exclamations
from bot.content import Assignment, Bounds, Content, Size, marks
from personas.profile import Profile
from personas.style import LIMIT, description, distance

from .asked import MUST, address_checks, asked_checks, ends_checks
from .branded import IN_FIELD, legal_checks, without_lines
from .copied import copied_run, strays, taken_field
from .grounded import approved_checks, grounded_checks
from .possible import beyond, beyond_checks
from .rendered import COUNTED
from .shape import (
    Entries,
    Group,
    Node,
    Text,
    completed,
    entries_wanted,
    lists,
    shape_of,
    sizes_for,
    texts,
    whole_text_sizes,
)
from .tastes import CONTRACTION
from .truth import truth_checks

# What people find loud. Not a platform's limit but the house's style.
MAX_EXCLAMATIONS = 2
EMOJI_BOUNDS = {"none": (0, 0), "few": (0, 3), "many": (2, 12)}
_USUAL = Profile()
# Kinds that tell what documents say. Others may need figures of their own, such as a quiz its wrong answers.
GROUNDED = frozenset({"chat", "explanation", "study_guide", "flashcards"})
# A reading level is measured no finer than this, in US grades.
_GRADE_FINENESS = 0.5
# A part has so many letters at least where its language is looked at.
_TELLING_LETTERS = 60
# What code has put over a part of a text.
_LABEL = re.compile(r"(?m)^\*\*[^*\n]+\*\*$")
# A date is as clear without the year that comes.
_YEAR_TO_COME = re.compile(r"(?<=[^\W\d_]),? 20\d\d$")
# Kinds of lines to pick from, which need not say all that the brief tells.
PICKED = frozenset({"slogan", "seo_meta", "campaign"})


def run_checks(data: dict[str, Any], content: Content, assignment: Assignment) -> tuple[Check, ...]:
    """What all checks say of a draft and the content made of it, the most important first."""
    output = assignment.kind.output.model_construct(**data)
    found = [
        *_sizes_of_whole(content, assignment),
        *_size_of_opening(content, assignment),
        *_sizes_of_fields(data, assignment),
        *_counts(data, assignment),
        *beyond_checks(assignment, content, _counted(assignment)),
        *assignment.kind.examine(_validated(output, data), content, assignment),
        *_words(data, content, assignment),
        *truth_checks(data, assignment),
        *(grounded_checks(data, assignment) if assignment.as_written and uses_figures(assignment) else ()),
        *(asked_checks(content, assignment) if not assignment.parent else must_of_series(content.text, assignment)),
        *_everywhere(data, assignment),
        *_barred(data, assignment),
        *style_of(content, assignment),
        *ends_checks(data, assignment),
        *address_checks(content, assignment),
        *_languages_of_parts(data, assignment),
        *_scripts(data, assignment),
        *_brand(data, assignment),
        *legal_checks(content, assignment),
        *approved_checks(data, assignment),
    ]
    return tuple(check for check in found if not is_mistaken(check, assignment))


def is_mistaken(check: Check, assignment: Assignment) -> bool:
    """Whether all that a failed check found is none of the text's faults."""
    return not check.passed and all((check.name, thing) in assignment.mistaken for thing in things_of(check))


def things_of(check: Check) -> tuple[str, ...]:
    """What a check found or missed, one by one; an empty word for a figure, and where it names nothing."""
    return tuple(map(str, check.value)) if isinstance(check.value, tuple) and check.value else ("",)


def _validated(output: Any, data: dict[str, Any]) -> Any:
    return type(output).model_validate(data)


def _size(name: str, text: str, size: Size, path: str, field: Text | Entries | None, assignment: Assignment) -> Check:
    """A check of how long a text is: a field's, or the whole without one."""
    value = UNITS[size.unit](text)
    asked_by, place = _asked_size(value, size, field, assignment)
    return bounded(
        name, value, size.least or None, size.most, size.unit, sort="size", path=path, asked_by=asked_by, place=place,
        of=_called(field) if field else "",
    )  # fmt: skip


def _called(field: Text | Entries) -> str:
    """What people are told that a field is."""
    return next((size.called for size in field.sizes if size.called), field.name.replace("_", " "))


def _asked_size(value: float, size: Size, field: Text | Entries | None, assignment: Assignment) -> tuple[AskedBy, str]:
    """Who wants a text no longer than it may be, or no shorter where it is: the brief, a place with its name, or the kind."""
    asked = _wished(size.unit, field, assignment)
    if value < size.least:
        return ("brief" if asked and asked.least else "kind"), ""
    if asked and asked.most == size.most:
        return "brief", ""
    name, place = field.name if field else "text", assignment.place
    limits = (one for one in limits_of(place, assignment.language) if not one.advice)
    if any((one.field, one.unit, one.max) == (name, size.unit, size.most) for one in limits):
        return "place", place
    return ("brief" if asked else "kind"), ""


def _wished(unit: str, field: Text | Entries | None, assignment: Assignment) -> Bounds | None:
    """The size that the brief gives a field, or the whole without one, in a unit; None where it gives none."""
    kind, nouns = assignment.kind, {""}
    if field:
        nouns = {noun for size in field.sizes for noun in size.nouns}
    elif kind.plain:
        nouns |= {noun for mark in marks(kind.output, Size) for noun in mark.nouns}
    same = (unit, "characters") if unit == "columns" else (unit,)
    return next(
        (one for (noun, in_unit), one in assignment.wishes.sizes.items() if noun in nouns and in_unit in same), None
    )


def _asked_in(field: str, assignment: Assignment) -> AskedBy:
    """Whether the brief decided a field of the profile or a habit, or these themselves."""
    return "brief" if field in assignment.memory.said else "profile"


def _language(name: str, spoken: str, wanted: str, assignment: Assignment, path: str = "") -> Check:
    """A check of the language that a text or a part is in."""
    asked_by: AskedBy = "profile" if assignment.profile.output_language != _USUAL.output_language else "house"
    if "output_language" in assignment.memory.usual:
        asked_by = "server"
    if assignment.wishes.language or assignment.request.language:
        asked_by = "brief"
    return Check(
        id=name, passed=spoken == wanted, value=_named(spoken), wanted=_named(wanted), path=path, asked_by=asked_by
    )


def _named(language: str) -> tuple[str, ...]:
    return (NAMES.get(language, language),)


def _sizes_of_whole(content: Content, assignment: Assignment) -> Iterator[Check]:
    # What is shown may hold marks that are no part of the text, and settings beside a prompt.
    text = str(content.parts.get("text", content.parts.get("prompt", content.text)))
    for size in whole_text_sizes(assignment):
        yield _size(f"length in {size.unit}", text, size, "text" if assignment.kind.plain else "", None, assignment)


def _size_of_opening(content: Content, assignment: Assignment) -> Iterator[Check]:
    """A check of how long the line is that a text begins with, where the brief says it."""
    lines = str(content.parts.get("text", content.text)).strip().split("\n")
    for (noun, unit), bounds in assignment.wishes.sizes.items():
        if noun == OPENING:
            yield bounded(
                "opening line length", UNITS[unit](lines[0]), bounds.least or None, bounds.most, unit, sort="size",
                path="text", asked_by="brief", of="opening line",
            )  # fmt: skip


def _sizes_of_fields(data: dict[str, Any], assignment: Assignment) -> Iterator[Check]:
    """One check a field name and unit: the entry that is nearest to breaking it, so that the reply stays short."""
    worst: dict[tuple[str, str], tuple[float, Check]] = {}
    for path, field, text in _measured(data, assignment):
        for size in sizes_for(field, assignment):
            label = field.name.replace("_", " ")
            found = _size(f"{label} length", text, size, path, field, assignment)
            value = UNITS[size.unit](text)
            pressure = value / size.most if found.passed else 1 + max(value / size.most, size.least / max(value, 1))
            known = worst.get((field.name, size.unit))
            if known is None or pressure > known[0]:
                worst[(field.name, size.unit)] = (pressure, found)
    yield from (check for _, check in worst.values())


def misfits(data: dict[str, Any], assignment: Assignment) -> Iterator[Check]:
    """A failed check for each text that is too long or too short."""
    for path, field, text in _measured(data, assignment):
        for size in sizes_for(field, assignment):
            found = _size(f"{field.name.replace('_', ' ')} length", text, size, path, field, assignment)
            if not found.passed and not is_mistaken(found, assignment):
                yield found


def _measured(data: dict[str, Any], assignment: Assignment) -> Iterator[tuple[str, Text | Entries, str]]:
    shape = shape_of(assignment.kind.output)
    if not assignment.kind.plain:
        for path, node, text in texts(shape, data):
            yield path, node, without_lines(text, assignment) if node.name == IN_FIELD else text
    for path, field, entries in lists(shape, data):
        if field.sizes:  # Bounds of a list of paragraphs hold for all of them together.
            yield path, field, "\n\n".join(str(entry) for entry in entries)


def excess(data: dict[str, Any], content: Content, assignment: Assignment) -> float:
    """By how much a draft is beyond its bounds in all, as shares of them; 0 where all are kept."""
    whole = str(content.parts.get("text", content.parts.get("prompt", content.text)))
    sized = [(whole, size) for size in whole_text_sizes(assignment)]
    sized += [(text, size) for _, field, text in _measured(data, assignment) for size in sizes_for(field, assignment)]
    beyond_sizes = sum(_beyond(UNITS[size.unit](text), size.least, size.most) for text, size in sized)
    counts = (
        (entries, entries_wanted(field, assignment))
        for _, field, entries in lists(shape_of(assignment.kind.output), data)
    )
    return beyond_sizes + sum(_beyond(len(entries), low, high) for entries, (low, high, _) in counts)


def _beyond(value: float, least: float, most: float) -> float:
    return max(0.0, (value - most) / max(most, 1), (least - value) / max(least, 1))


def _counts(data: dict[str, Any], assignment: Assignment) -> Iterator[Check]:
    impossible = {one.name: one for one in beyond(assignment)}
    for path, field, entries in lists(shape_of(assignment.kind.output), data):
        low, high, _ = entries_wanted(field, assignment)
        label = field.name.replace("_", " ")
        # Of lists within lists only what is amiss is worth a line.
        if too_many := impossible.get(next(iter(field.count.nouns), "")):
            wanted = float(too_many.wanted)
            yield Check(
                id=label, passed=False, value=len(entries), low=wanted, high=wanted, unit=_entries_named(field), sort="number",
                path=path, asked_by="brief",
            )  # fmt: skip
        elif "." not in path or not low <= len(entries) <= high:
            asked_by: AskedBy = "brief" if not assignment.wishes.counts.keys().isdisjoint(field.count.nouns) else "kind"
            yield bounded(
                label, len(entries), low, high, _entries_named(field), sort="number", path=path, asked_by=asked_by
            )
        if entries and isinstance(entries[0], str):
            different = len({norm(entry) for entry in entries})
            if different < len(entries):
                yield differing(label, different, len(entries), path=path)


def _entries_named(field: Entries) -> str:
    """What the entries of a list are called, as briefs call them: "questions"; else the name of the list."""
    noun = next(iter(field.count.nouns), "")
    return COUNTED[noun][1] if noun in COUNTED else field.name.replace("_", " ")


def _counted(assignment: Assignment) -> set[str]:
    """What the lists of a kind are called whose number has a check."""
    return {node.count.nouns[0] for node in _lists_of(shape_of(assignment.kind.output)) if node.count.nouns}


def _lists_of(node: Node) -> Iterator[Entries]:
    if isinstance(node, Group):
        for _, child in node.fields:
            yield from _lists_of(child)
    elif isinstance(node, Entries):
        yield node
        yield from _lists_of(node.entry)


def _words(data: dict[str, Any], content: Content, assignment: Assignment) -> Iterator[Check]:
    profile, text = assignment.profile, content.text
    if profile.avoid_words:
        found = avoided(text, profile.avoid_words)
        asked: AskedBy = "profile" if set(assignment.reading.avoid).isdisjoint(found) else "brief"
        if found and asked == "profile" and {one.word for one in assignment.book.avoid}.issuperset(found):
            asked = "brand"
        yield free_of("avoided words", found, path=_where(data, assignment, found), asked_by=asked)
    blanks = placeholders(text)
    if assignment.as_written:  # A form to fill in may be what was asked for.
        blanks = [blank for blank in blanks if not contains("\n".join(assignment.sources), blank)]
    if blanks:
        yield free_of("placeholders", blanks[:3], path=_where(data, assignment, blanks), asked_by="house")
    if uses_figures(assignment):
        own, day = _own_words(data, assignment), assignment.day
        loose = loose_figures(own, assignment.sources, assignment.language, day)
        sources = ("brief", "profile", "documents") if assignment.memory.passages else ("brief", "profile")
        yield free_of("figures from you", loose, wanted=sources, path=_where(data, assignment, loose), asked_by="house")
    foreign = foreign_links(_own_words(data, assignment), assignment) or _made_up_links(data, assignment)
    if foreign:
        hosts = sorted({one.host for one in foreign})
        where = _where(data, assignment, [one.address for one in foreign])
        yield free_of("links from you", hosts, path=where, asked_by="house")
    if not (assignment.as_written and (assignment.series or assignment.kind.name in PICKED)):
        # A model that can write is told what the last text of a series lacks (`must_of_series`).
        yield from figures_told(text, assignment, freely=assignment.as_written)
    if assignment.as_written:
        slipped, taken = [], ""  # A model that can write does not take an example's topic for its own.
    else:
        slipped, taken = strays(_own_words(data, assignment), assignment), taken_field(data, assignment)
    if slipped:
        yield free_of("own topic", slipped[:3], path=_where(data, assignment, slipped), asked_by="house")
    copied = copied_run(_own_words(data, assignment), assignment) or taken
    if copied:
        yield free_of("own words", [copied], asked_by="house")


def _everywhere(data: dict[str, Any], assignment: Assignment) -> Iterator[Check]:
    """A check that a word stands in each entry of what a kind is a list of, for each word that the brief wants in all of them."""
    for path, field, entries in lists(shape_of(assignment.kind.output), data):
        if (
            path != field.name
            or assignment.kind.form.main not in field.count.nouns
            or not isinstance(field.entry, Text)
        ):
            continue
        for wanted in assignment.reading.everywhere:
            lacking = [str(number) for number, entry in enumerate(entries, 1) if not contains(entry, wanted)]
            hint = f"Each of them must hold “{wanted}”."
            yield holding(
                "word in each", lacking, len(entries), wanted=(wanted,), path=path, hint=hint, asked_by="brief"
            )


def _barred(data: dict[str, Any], assignment: Assignment) -> Iterator[Check]:
    """A check that a part does not hold the words that the brief keeps out of it, one for each of them that the kind has."""
    for part, words in assignment.reading.barred:
        named = [(path, text) for path, text in _named_so(part, data, assignment)]
        held = [(path, text) for path, text in named if contains(text, words)]
        if named:
            hint = f"The {part} must not say “{words}”."
            path = held[0][0] if held else ""
            yield free_of(
                "kept out of a part", [words] if held else [], path=path, of=part, hint=hint, asked_by="brief"
            )


def _named_so(part: str, data: dict[str, Any], assignment: Assignment) -> Iterator[tuple[str, str]]:
    """The texts of a draft that briefs call by a noun, with their paths."""
    shape = shape_of(assignment.kind.output)
    called = {path for path, node, _ in lists(shape, data) if part in node.count.nouns}
    for path, node, text in texts(shape, data):
        if any(part in size.nouns for size in node.sizes) or path.rpartition(".")[0] in called:
            yield path, text


def figures_told(text: str, assignment: Assignment, *, freely: bool = True) -> Iterator[Check]:
    """The check that a text tells the figures of its brief, where it is one that has to: in its words, or `freely` in others.

    Of a series the whole has to, and not each of its texts.
    """
    figures = assignment.wishes.figures
    if not figures or assignment.kind.family != "marketing":
        return
    said = says_numbers if freely else contains
    missing = [one for one in figures if not (said(text, one) or said(text, _YEAR_TO_COME.sub("", one) or one))]
    hint = f"It must hold {', '.join(missing).removesuffix('.')}."
    yield holding("brief's figures", missing, len(figures), "figures", hint=hint, asked_by="brief")


def must_of_series(text: str, assignment: Assignment) -> Iterator[Check]:
    """What its last text has to say of all that a series must say and no text before it does."""
    series = assignment.series
    if series is None or not assignment.ends or not assignment.as_written:
        return
    whole = Content("\n\n".join([*series.said, text]), {})
    yield from (check for check in asked_checks(whole, assignment) if check.id == MUST)
    yield from figures_told(whole.text, assignment)


def uses_figures(assignment: Assignment) -> bool:
    """Whether figures are claims, which must come from the brief, the profile, or the documents that it is written from."""
    kind = assignment.kind
    return kind.family == "marketing" or (bool(assignment.memory.passages) and kind.name in GROUNDED)


def foreign_links(text: str, assignment: Assignment) -> list[Link]:
    """Addresses of a text that are neither in the request nor the profile: what material or a card says is no reason to lead anywhere.

    Links, mailboxes, and what is only said of an address or telephone number that material has. A text that is somebody's
    own, rewritten, keeps its own.
    """
    if not _is_guarded(assignment):
        return []
    own = _addresses(_own(assignment))
    return [one for one in links(text, _brought(assignment)) if own.isdisjoint((one.key, one.site))]


def _made_up_links(data: dict[str, Any], assignment: Assignment) -> list[Link]:
    """Addresses in what a model advertises that nobody gave it, such as those of an example; a version that is edited keeps its own."""
    kind = assignment.kind
    if not assignment.as_written or kind.needs_text or kind.family != "marketing":
        return []
    before = assignment.request.before
    shape, kept = shape_of(kind.output), list[str]()
    if before is not None:
        kept = [before.text, *(text for _, _, text in texts(shape, completed(shape, dict(before.written))))]
    own = _addresses((*_own(assignment), *kept))
    return [one for one in links(_own_words(data, assignment)) if own.isdisjoint((one.key, one.site))]


def without_links(text: str, assignment: Assignment) -> str:
    """The text without its `foreign_links`."""
    foreign = {(one.start, one.end) for one in foreign_links(text, assignment)}
    return without(text, lambda one: (one.start, one.end) in foreign, _brought(assignment)) if foreign else text


def _is_guarded(assignment: Assignment) -> bool:
    voice = assignment.persona is assignment.memory.own_persona
    return not assignment.kind.needs_text and bool(assignment.request.material or assignment.memory.passages or voice)


def _own(assignment: Assignment) -> tuple[str, ...]:
    """What whoever asks has said themselves."""
    profile, habits = assignment.profile, assignment.habits
    told = (
        *profile.facts, *profile.accessibility, *profile.prefer_terms, profile.organisation, profile.display_name, profile.role,
    )  # fmt: skip
    whole = (assignment.parent.brief,) if assignment.parent else ()
    return (
        assignment.brief,
        *whole,
        profile.link,
        *assignment.book.statements,
        *told,
        habits.greeting,
        habits.closing,
        *habits.notes,
    )


def _brought(assignment: Assignment) -> frozenset[str]:
    """The addresses that material and a voice bring along."""
    voice = list[str]()
    if assignment.persona is assignment.memory.own_persona:
        one = assignment.persona
        voice = [one.title, one.voice, *one.habits, *one.do, *one.dont, *(example.text for example in one.examples)]
    passages = (text for one in assignment.memory.passages for text in (one.text, one.document, one.section))
    return _addresses((assignment.request.material, *passages, *voice))


@lru_cache(maxsize=32)
def _addresses(texts: tuple[str, ...]) -> frozenset[str]:
    return addresses(texts)


def _own_words(data: dict[str, Any], assignment: Assignment) -> str:
    """What the model wrote, without the order and the layout that code gives it; with what stands beside it."""
    own = [text for _, _, text in texts(shape_of(assignment.kind.output), data)]
    return "\n".join([*own, *(part for one in assignment.beside for part in (one.heading, one.text))])


def _languages_of_parts(data: dict[str, Any], assignment: Assignment) -> Iterator[Check]:
    """A long part in another language than the whole and than those that the brief names, which it may teach; or than English, where
    an image model is to read it.
    """
    kind, wanted = assignment.kind, assignment.language
    in_any = kind.plain or kind.family == "image" or kind.for_machines or assignment.keeps_language
    if not assignment.as_written or in_any:
        return
    allowed = {wanted, *languages_named(assignment.brief)}
    for path, field, text in texts(shape_of(kind.output), data):
        if field.choice or sum(map(str.isalpha, text)) < _TELLING_LETTERS:
            continue
        own, fine = ("en", {"en"}) if field.name in kind.in_english else (wanted, allowed)
        spoken = other_language(text, own)
        if spoken is not None and spoken not in fine:
            yield _language("language of a part", spoken, own, assignment, path)
            return


def _scripts(data: dict[str, Any], assignment: Assignment) -> Iterator[Check]:
    """A word in a script that the language has no use for and nobody has brought: models slip into another language."""
    kind, wanted = assignment.kind, assignment.language
    if assignment.keeps_language or kind.for_machines or languages_named(assignment.brief) - {wanted}:
        return
    for path, field, text in texts(shape_of(kind.output), data):
        if field.choice or field.name in kind.in_english:
            continue
        if word := foreign_script(text, "en" if kind.family == "image" else wanted):
            if not any(foreign_script(source, wanted) for source in assignment.sources):
                hint = f"Write {word[:20]} in {NAMES.get(wanted, wanted)}."
                yield free_of(
                    "other script", [word[:20]], wanted=_named(wanted), path=path, hint=hint, asked_by="house"
                )
            return


def _brand(data: dict[str, Any], assignment: Assignment) -> Iterator[Check]:
    """How far what the model wrote is from the brand in use; the longest text is the one to repair."""
    style = assignment.style
    found = distance(_own_words(data, assignment), style) if style else None
    if style is None or found is None:
        return
    longest = max(texts(shape_of(assignment.kind.output), data), key=lambda one: len(one[2]), default=("", None, ""))[0]
    hint = f"It sounds unlike the brand: {'; '.join(found.farthest)}. {description(style)}"
    yield Check(
        id="brand voice", passed=found.near, value=round(found.points), high=round(LIMIT), unit="points of distance",
        path=longest, hint=hint, asked_by="profile",
    )  # fmt: skip


def _where(data: dict[str, Any], assignment: Assignment, needles: list[str]) -> str:
    shape = shape_of(assignment.kind.output)
    found = (path for path, _, text in texts(shape, data) if any(contains(text, needle) for needle in needles))
    return next(found, "") if needles else ""


def _level(content: Content, assignment: Assignment) -> Iterator[Check]:
    text = content.text
    limit, wanted, spoken = assignment.profile.grade_limit, assignment.profile.cefr, assignment.language
    fine, known = 0.0, assignment.sources
    if assignment.as_written:
        fine, known = (
            _GRADE_FINENESS,
            [*known, *(str(one.get("term", "")) for one in content.parts.get("key_terms", ()))],
        )
        text = _LABEL.sub("", text)
    asked_by = _asked_in("reading_level", assignment)
    hint = "It is too hard to read. Use shorter sentences and easier words."
    if limit is not None and spoken == "en" and (level := grade(text)) is not None:
        yield Check(
            id="reading grade", passed=level <= limit + fine, value=round(level, 1), high=limit, unit="grade", hint=hint,
            asked_by=asked_by,
        )  # fmt: skip
    if limit is not None and (value := ease(text, spoken)) is not None:
        least = ease_for(limit + fine)
        yield Check(
            id="reading ease", passed=value >= least, value=round(value), low=round(least), unit="ease", hint=hint,
            asked_by=asked_by,
        )  # fmt: skip
    if wanted and (found := cefr(text, spoken, known, inflected=assignment.as_written and spoken != "en")) is not None:
        reached, hard = found
        rare = f"Use easier words than {', '.join(hard[-5:])}."
        passed = LEVELS.index(reached) <= LEVELS.index(wanted)
        yield Check(
            id="words",
            passed=passed,
            value=(reached,),
            wanted=(wanted,),
            unit="CEFR level",
            hint=rare,
            asked_by=asked_by,
        )


def emoji_bounds(assignment: Assignment) -> tuple[int, int] | None:
    """The fewest and most emoji that a text may have; None for kinds where they are not counted."""
    kind = assignment.kind
    if kind.family not in ("marketing", "text", "education"):
        return None
    if said := _emoji_said(assignment):
        return said
    if kind.emoji:
        low, high = EMOJI_BOUNDS[assignment.profile.emoji]
        return (1 if _are_chosen(assignment) else low), high
    return 0, 0 if kind.family == "marketing" else 3


def _emoji_said(assignment: Assignment) -> tuple[int, int] | None:
    """How many emoji the brief says that a text may have: "max 2 emojis", "with 1 emoji"."""
    said = next((one for one in assignment.reading.count if one.what == "emoji"), None)
    return None if said is None else (said.low, said.low if said.high is None else said.high)


def _are_chosen(assignment: Assignment) -> bool:
    """Whether somebody said that a few emoji are to stand in their texts, where nobody's texts need any."""
    entry = assignment.memory.sources.get("emoji")
    return entry is not None and entry.value == assignment.profile.emoji == "few"


def most_exclamations(assignment: Assignment) -> int:
    """The most exclamation marks that a text may have."""
    return 0 if assignment.habits.exclamation_marks == "none" else MAX_EXCLAMATIONS


def style_of(content: Content, assignment: Assignment) -> Iterator[Check]:
    """What can be said of a text as a whole only: emoji, exclamation marks, reading level, language."""
    text, kind, profile = content.text, assignment.kind, assignment.profile
    if found := emoji_bounds(assignment):
        low, high = found
        value = emoji(text)
        if kind.emoji or value > high:
            liked: AskedBy = "brief" if _emoji_said(assignment) else "house"
            if liked == "house" and kind.emoji and (profile.emoji != _USUAL.emoji or _are_chosen(assignment)):
                liked = _asked_in("emoji", assignment)
            yield bounded("emoji", value, low or None, high, "emoji", asked_by=liked)
        marks = exclamations(text)
        most = most_exclamations(assignment)
        if marks > most:
            unwanted = _asked_in("exclamation_marks", assignment) if not most else "house"
            yield bounded("exclamation marks", marks, high=most, unit="exclamation marks", asked_by=unwanted)
        contracted = CONTRACTION.findall(text) if assignment.habits.formality == "formal" else []
        if contracted and assignment.language == "en" and not kind.needs_text:
            yield free_of("contractions", contracted[:3], asked_by=_asked_in("formality", assignment))
    if kind.levelled:
        yield from _level(content, assignment)
    if kind.family != "image" and not kind.for_machines:
        spoken, wanted = language(text), assignment.language
        if assignment.keeps_language:
            wanted = language(assignment.request.material or assignment.request.brief) or spoken or wanted
        if spoken is not None and (spoken != wanted or wanted != "en"):
            yield _language("language", spoken, wanted, assignment)
