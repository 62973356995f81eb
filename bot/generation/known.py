"""What is known before a model writes: the details of a brief and the facts of a profile, for small models to build on."""

from __future__ import annotations

import re
from typing import Any

from bot.checks.terms import norm
from bot.content import Assignment, Count, Size

from .marks import marks
from .shape import Entries, entries_wanted, shape_of

_STYLE = re.compile(
    r"^(?:no|not|but|and not|tone|keep|make|don'?t|please|pls|with|without|use|using|each|for|max|about|around|honest|short"
    r"|friendly|dry|plain|warm|one|two|three|four|five|six|\d+)\b",
    re.IGNORECASE,
)
_SAY = re.compile(
    r"^(?:and\s+)?(?:mention|say|include|add|point out)\s+(?:that\s+)?(?:we\s+are\s+|it\s+is\s+)?", re.IGNORECASE
)


def details_of(assignment: Assignment) -> list[str]:
    """What a brief says of its subject, clause by clause, without what is about form: "28 litres", "roll top"."""
    kind = assignment.kind
    brief = assignment.request.brief
    _, colon, rest = brief.partition(": ")
    clauses = re.split(r"[,;\n]\s*|(?<=[.!?])\s+", rest if colon else brief)
    nouns = {noun for kindof in (Count, Size) for mark in marks(kind.output, kindof) for noun in mark.nouns if noun}
    about_form = re.compile(
        rf"\b(?:{'|'.join(map(re.escape, nouns | {'word', 'character', 'tone', 'quote', 'budget', 'keyword'}))})s?\b",
        re.I,
    )
    found = []
    for clause in clauses if colon else clauses[1:]:
        said = _SAY.sub("", clause.strip(" .!?"))
        if 2 <= len(said.split()) <= 14 and not _STYLE.match(said) and not about_form.search(said):
            found.append(said[:1].upper() + said[1:])
    return found


def with_known(data: dict[str, Any], assignment: Assignment) -> dict[str, Any]:
    """A small model's draft, its lists of points led by what the brief and the profile say.

    Such a model invents what it was not told; what it was told, it seldom says.
    """
    known = [*details_of(assignment), *(fact[:1].upper() + fact[1:] for fact in assignment.profile.facts)]
    grounded = dict(data)
    for name, node in shape_of(assignment.kind.output).fields:
        if isinstance(node, Entries) and node.count.known and known:
            seen = {norm(entry) for entry in known}
            own = [entry for entry in data[name] if norm(str(entry)) not in seen]
            grounded[name] = [*known, *own][: entries_wanted(node, assignment)[2]]
    return grounded
