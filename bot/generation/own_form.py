"""A text in the form that its brief lays down, where its kind's form cannot give that: written as it is to stand, in Markdown.

Whether a brief does is for a capable model to say, which reads it beside the patterns (understand.py). What the kind counts and
measures of its own parts is not measured then, and named so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import BaseModel

from bot.content import Assignment, Content, Kind, Size

from .shape import Entries, Group, Node, shape_of
from .understood import is_of_form

# Families whose form is all that can be used of a text.
_FORM_ALONE = frozenset({"image", "chat"})
MAIL = "email"
_TOLD = (
    "The brief lays down parts or an order of its own: give the whole text as it is to stand, in Markdown, in just that form, ready to "
    "use; nothing is added to it afterwards. No word to whoever asked, and no label that only names a place of the layout."
)
_OF_MAILS = (
    "It begins with its subject on a line of its own, behind “Subject:” in the language of the text, and ends with its sender, "
    "whom nobody adds."
)
# The line that a mail begins with, and one that says what inboxes show beside that.
_SUBJECT = re.compile(
    r"\A\W{0,6}(?:subject|betreff|objet|asunto|assunto|oggetto)\W{0,4}:\W{0,4}(?P<subject>[^\n]{1,200}?)\W{0,4}(?:\n|$)",
    re.IGNORECASE,
)


class OwnForm(BaseModel):
    """What a model writes."""

    text: Annotated[str, Size(12_000, least=2)]


def compose(output: OwnForm, assignment: Assignment) -> Content:
    """The text as it is; of a mail its subject is known beside it, as programs for mails ask for one."""
    found = _SUBJECT.match(output.text) if assignment.kind.name == MAIL else None
    if found is None:
        return Content(output.text, {})
    body = output.text[found.end() :].strip()
    return Content(output.text, {"emails": [{"subject": found["subject"].strip(" *_"), "preheader": "", "body": body}]})


def takes_own_form(kind: Kind) -> bool:
    """Whether a kind's texts can be in another form than its own: people read them."""
    return kind.family not in _FORM_ALONE and not (kind.plain or kind.for_machines or kind.needs_text)


def arrangement(kind: Kind) -> str:
    """The parts of a kind in their order, as whoever reads a brief is told of them; empty where it has no other form."""
    return _told(shape_of(kind.output)) if takes_own_form(kind) else ""


def _told(group: Group) -> str:
    return "; ".join(f"{name.replace('_', ' ')}{_inside(node)}" for name, node in group.fields)


def _inside(node: Node) -> str:
    match node:
        case Entries(entry=Group() as entry):
            return f", several with {', '.join(name.replace('_', ' ') for name, _ in entry.fields)}"
        case Entries():
            return ", several"
        case Group():
            return f" with {', '.join(name.replace('_', ' ') for name, _ in node.fields)}"
    return ""


def in_own_form(assignment: Assignment) -> Assignment:
    """The assignment as one for the form that its brief lays down; as it is where there is none.

    A version that is to be changed stays in the form that it has.
    """
    kind, before = assignment.kind, assignment.request.before
    own = _is_in_own_form(before.written) if before and before.written else assignment.reading.own_form
    own = own and takes_own_form(kind)
    if own != assignment.reading.own_form:
        reading = assignment.reading.model_copy(update={"own_form": own})
        assignment = replace(assignment, wishes=replace(assignment.wishes, reading=reading))
    if not own:
        return assignment
    freed = _freed(kind)
    sizes = {name: size for name, size in assignment.wishes.sizes.items() if not is_of_form(*name, freed)}
    return replace(assignment, kind=freed, wishes=replace(assignment.wishes, sizes=sizes))


def _is_in_own_form(written: Mapping[str, Any]) -> bool:
    return set(written) == set(OwnForm.model_fields)


def _freed(kind: Kind) -> Kind:
    """The kind with a text in any form in place of its own."""
    # What else is told of the kind is of its parts.
    asked, _, _ = (kind.craft or kind.prompt).partition(". ")
    told = " ".join(filter(None, [f"{asked.rstrip('.')}.", _TOLD, _OF_MAILS if kind.name == MAIL else ""]))
    return Kind(
        name=kind.name, family=kind.family, title=kind.title, description=kind.description, output=OwnForm, prompt=told,
        examples=(), compose=compose, utterances=kind.utterances, words=kind.words, usual=kind.usual, exports=kind.exports,
        likeliest=kind.likeliest, emoji=kind.emoji, levelled=kind.levelled, facts=kind.facts, craft=told, anywhere=True, any_form=True,
        places=kind.places, form=kind.form, needs=kind.needs,
    )  # fmt: skip
