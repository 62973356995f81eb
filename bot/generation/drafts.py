"""Drafts: what a model wrote, parsed into a text and its parts, and measured. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from bot.checks import Check
from bot.checks.units import count_words
from bot.content import Assignment, Content
from bot.errors import Phrase
from bot.markup import parse_document, render_formulas

from .answer import WriterAnswer, apply_changes, parse_answer
from .branding import add_legal_lines
from .fields import extract_note, tidy
from .measure import drop_excused, measure, measure_stated
from .recall import LONGER, SHORTER
from .untrusted_links import remove_untrusted_links
from .writer import parse_object

# A text counts as shorter or longer if its length changed by at least this share.
_MIN_LENGTH_CHANGE = 0.1
# If a change leaves a smaller share of the words, it may be an apology instead of a text.
_MIN_REMAINING_SHARE = 0.3
_LINK_LEFT_OUT = Phrase("I left out a link that you did not give me yourself. To use it, put it into your request.")
_UNCHANGED = Phrase("The text came back unchanged. Say it in other words, or edit the text yourself.")
_NOT_PLACED = Phrase("I could not place one of the changes. Check that everything is as you want it.")
_MUCH_SHORTER = "The text is much shorter than before ({new:,} words; it had {old:,})."
_NO_SHORTER = Phrase("The text did not get shorter.")
_NO_LONGER = Phrase("The text did not get longer.")


@dataclass(frozen=True, slots=True)
class Draft:
    """A text in progress: the parsed answer, the content made of it, and its checks.

    `excused` are failed checks that the brief does not ask for; they are reported as not measured. `data` is the object that a
    composer's content was made of. `engines` are the labels of the engines that wrote it, if more than the first.
    """

    answer: WriterAnswer
    content: Content
    checks: tuple[Check, ...]
    data: dict[str, Any] = field(default_factory=dict)
    excused: tuple[Check, ...] = ()
    notes: tuple[Phrase, ...] = ()
    engines: tuple[str, ...] = ()

    @property
    def failure_count(self) -> int:
        """The number of failed checks."""
        return sum(not check.passed for check in self.checks)

    def excuse(self, checks: tuple[Check, ...]) -> Draft:
        """Return the draft without these failed checks, which become excused."""
        names = frozenset(check.name for check in checks)
        return replace(self, checks=drop_excused(self.checks, names), excused=(*self.excused, *checks))

    def with_parts(self, parts: dict[str, Any], assignment: Assignment) -> Draft:
        """Return the draft with parts that its reader did not find, measured again."""
        content = replace(self.content, parts={**parts, **self.content.parts})
        checks = drop_excused(measure(content, assignment), frozenset(check.name for check in self.excused))
        return replace(self, content=content, checks=checks)


def is_change(assignment: Assignment) -> bool:
    """Return whether an existing version is to be changed."""
    before = assignment.request.before
    return before is not None and bool(before.text)


def build_draft(answer: str, assignment: Assignment, *, revised_text: str = "") -> Draft:
    """Build the draft of a model's answer, which may have only the changed passages of `revised_text`, or of the version that is
    to be changed.
    """
    if assignment.kind.composer:
        return _compose_draft(answer, assignment)
    parsed, notes = parse_answer(answer), list[Phrase]()
    text = parsed.text
    before = assignment.request.before
    if changed_text := revised_text or (before.text if before else ""):
        applied = apply_changes(changed_text, text)
        text = applied.text
        missed = _describe_missed_change(before.text, text, assignment) if before and before.text else []
        notes += missed or ([_NOT_PLACED] if applied.not_found else [])
    trusted_text = remove_untrusted_links(text, assignment)
    # Without the address: an attacker who placed it in the material wants it to be read.
    notes += [_LINK_LEFT_OUT] if trusted_text != text else []
    text = trusted_text
    content = add_legal_lines(Content(text, read_parts(text, assignment)), assignment)
    return Draft(parsed, content, measure(content, assignment), notes=tuple(notes))


def withdraw_requirements(answer: str, assignment: Assignment) -> Assignment:
    """Return the assignment without the requirements that the writer of a change says it takes back."""
    request = assignment.request
    if request.before is None or assignment.kind.composer or not (numbers := parse_answer(answer).skipped):
        return assignment
    stated_checks = measure_stated(request.before.text, assignment)
    withdrawn = [stated_checks[number - 1].requirement for number in numbers if 0 < number <= len(stated_checks)]
    return replace(assignment, request=replace(request, withdrawn=(*request.withdrawn, *withdrawn)))


def read_parts(text: str, assignment: Assignment) -> dict[str, Any]:
    """Return the parts of a text that its kind's reader finds."""
    return assignment.kind.read(parse_document(render_formulas(text)), assignment)


def _describe_missed_change(before: str, after: str, assignment: Assignment) -> list[Phrase]:
    """Return a note on what a change certainly failed to do, or may not be meant to do; empty otherwise."""
    if before.strip() == after.strip():
        return [_UNCHANGED]
    instruction, old_count, new_count = assignment.request.instruction, count_words(before), count_words(after)
    if instruction == SHORTER:
        return [_NO_SHORTER] if new_count > old_count * (1 - _MIN_LENGTH_CHANGE) else []
    if instruction == LONGER:
        return [_NO_LONGER] if new_count < old_count * (1 + _MIN_LENGTH_CHANGE) else []
    is_much_shorter = new_count < old_count * _MIN_REMAINING_SHARE
    return [Phrase(_MUCH_SHORTER, new=new_count, old=old_count)] if is_much_shorter else []


def _compose_draft(answer: str, assignment: Assignment) -> Draft:
    """Build the draft of an answer that is an object, from which a kind's composer makes the text."""
    composer = assignment.kind.composer
    assert composer is not None
    values = parse_object(answer)
    if not values:
        return Draft(WriterAnswer(""), Content("", {}), ())
    data = tidy(composer.output, values)
    output = composer.output.model_validate(data)
    content = composer.compose(output, assignment)
    checks = (*composer.examine(output, content, assignment), *measure(content, assignment))
    before = assignment.request.before
    notes = (_UNCHANGED,) if is_change(assignment) and before and before.written == data else ()
    return Draft(WriterAnswer(content.text, extract_note(values)), content, checks, data, notes=notes)
