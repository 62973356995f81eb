"""Every check of a draft: made from the fields' bounds, the brief, the profile, and what the kind adds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.checks import AskedBy, Check, free_of, holding
from bot.checks.given import loose_figures
from bot.checks.terms import avoided, contains, placeholders
from bot.content import Assignment, Content

from .addresses import foreign_links, made_up_links
from .asked import address_checks, asked_checks, ends_checks
from .branded import legal_checks
from .copied import copied_run, own_words, strays, taken_field
from .grounded import approved_checks, grounded_checks
from .mistaken import is_mistaken
from .possible import beyond_checks
from .shape import Text, lists, shape_of, texts
from .sized import counted_in, counts, size_of_opening, sizes_of_fields, sizes_of_whole
from .styled import brand_voice, languages_of_parts, scripts, style_of
from .told import figures_told, must_of_series
from .truth import truth_checks

# Kinds that tell what documents say. Others may need figures of their own, such as a quiz its wrong answers.
GROUNDED = frozenset({"chat", "explanation", "study_guide", "flashcards"})
# Kinds of lines to pick from, which need not say all that the brief tells.
PICKED = frozenset({"slogan", "seo_meta", "campaign"})


def run_checks(data: dict[str, Any], content: Content, assignment: Assignment) -> tuple[Check, ...]:
    """What all checks say of a draft and the content made of it, the most important first."""
    output = assignment.kind.output.model_construct(**data)
    found = [
        *sizes_of_whole(content, assignment),
        *size_of_opening(content, assignment),
        *sizes_of_fields(data, assignment),
        *counts(data, assignment),
        *beyond_checks(assignment, content, counted_in(assignment)),
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
        *languages_of_parts(data, assignment),
        *scripts(data, assignment),
        *brand_voice(data, assignment),
        *legal_checks(content, assignment),
        *approved_checks(data, assignment),
    ]
    return tuple(check for check in found if not is_mistaken(check, assignment))


def _validated(output: Any, data: dict[str, Any]) -> Any:
    return type(output).model_validate(data)


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
        own, day = own_words(data, assignment), assignment.day
        loose = loose_figures(own, assignment.sources, assignment.language, day)
        sources = ("brief", "profile", "documents") if assignment.memory.passages else ("brief", "profile")
        yield free_of("figures from you", loose, wanted=sources, path=_where(data, assignment, loose), asked_by="house")
    foreign = foreign_links(own_words(data, assignment), assignment) or made_up_links(data, assignment)
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
        slipped, taken = strays(own_words(data, assignment), assignment), taken_field(data, assignment)
    if slipped:
        yield free_of("own topic", slipped[:3], path=_where(data, assignment, slipped), asked_by="house")
    copied = copied_run(own_words(data, assignment), assignment) or taken
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


def uses_figures(assignment: Assignment) -> bool:
    """Whether figures are claims, which must come from the brief, the profile, or the documents that it is written from."""
    kind = assignment.kind
    return kind.family == "marketing" or (bool(assignment.memory.passages) and kind.name in GROUNDED)


def _where(data: dict[str, Any], assignment: Assignment, needles: list[str]) -> str:
    shape = shape_of(assignment.kind.output)
    found = (path for path, _, text in texts(shape, data) if any(contains(text, needle) for needle in needles))
    return next(found, "") if needles else ""
