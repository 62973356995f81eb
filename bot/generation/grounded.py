"""What no source gives is taken back: claims, names and postal addresses that brief, profile and documents lack. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from bot.checks import Check, free_of
from bot.checks.claims import Claim, said_of, unapproved_claims, ungrounded_claims
from bot.checks.people import ungrounded_people
from bot.checks.streets import ungrounded_streets
from bot.content import Assignment

from .shape import shape_of, texts


def grounded_checks(data: dict[str, Any], assignment: Assignment) -> Iterator[Check]:
    """A failed check for each text of a draft that claims, names or addresses what no source gives."""
    sources, language = given_sources(assignment), assignment.language
    given = ("brief", "profile", "documents") if assignment.memory.passages else ("brief", "profile")
    missed = partial(free_of, wanted=given, asked_by="house")
    for path, text in _stated(data, assignment):
        if claims := ungrounded_claims(text, sources, language):
            said = [claim.said for claim in claims]
            yield missed("claims from you", dict.fromkeys(said), path=path, hint=_claims_hint(claims))
        if names := ungrounded_people(text, sources, language):
            hint = " ".join(f"Nobody has named {name}: leave the name out." for name in names)
            yield missed("names from you", dict.fromkeys(names), path=path, hint=hint)
        if streets := ungrounded_streets(text, sources):
            hint = " ".join(f"Nobody has given the address {street}: leave it out." for street in streets)
            yield missed("addresses from you", dict.fromkeys(streets), path=path, hint=hint)


def approved_checks(data: dict[str, Any], assignment: Assignment) -> Iterator[Check]:
    """Where the brand in use has approved some claims, a check that a text makes no others.

    What the brief itself says in these words is the word of whoever asks; facts and fixed texts of the brand are its own.
    """
    book, kind = assignment.book, assignment.kind
    if not book.claims or kind.needs_text or kind.family not in ("marketing", "media"):
        return
    own = [assignment.brief, *(one.value for one in book.facts), book.about, book.boilerplate]
    fixed = [*book.claims, *(one.text for one in book.legal), *([book.boilerplate] if book.boilerplate else [])]
    found = dict[str, str]()
    for path, text in _stated(data, assignment):
        for claim in unapproved_claims(text, fixed, own, assignment.language):
            found.setdefault(claim.said, path)
    hint = f"The brand has not approved {', '.join(f'“{one}”' for one in found)}: leave that out."
    yield free_of("approved claims", list(found), path=next(iter(found.values()), ""), hint=hint, asked_by="brand")


def given_sources(assignment: Assignment) -> list[str]:
    """All that a claim, a name or an address may come from."""
    profile, habits = assignment.profile, assignment.habits
    offered = profile.call_to_action.text if profile.call_to_action else ""
    documents = (words for one in assignment.memory.passages for words in (one.document, one.section))
    more = [profile.display_name, offered, habits.greeting, habits.closing, *habits.notes, *documents]
    return [source for source in (*assignment.sources, *more) if source]


def _stated(data: dict[str, Any], assignment: Assignment) -> Iterator[tuple[str, str]]:
    """The texts of a draft that state something, with their paths."""
    kind = assignment.kind
    for path, field, text in texts(shape_of(kind.output), data):
        if not field.choice and not any(step in kind.unstated for step in path.split(".")):
            yield path, text


def _claims_hint(claims: list[Claim]) -> str:
    """What to do about claims, a sentence for each family."""
    families: dict[str, list[str]] = {}
    for claim in claims:
        families.setdefault(claim.family, []).append(f"“{claim.said}”")
    told = (
        f"Nobody has said {said_of(family)}: leave {', '.join(dict.fromkeys(said))} out."
        for family, said in families.items()
    )
    return " ".join(told)
