"""What is known before a model writes: the details of a brief and the facts of a profile, for small models to build on."""

from __future__ import annotations

from typing import Any

from bot.briefs import details_of
from bot.checks.terms import norm
from bot.content import Assignment

from .shape import Entries, entries_wanted, shape_of


def with_known(data: dict[str, Any], assignment: Assignment) -> dict[str, Any]:
    """A small model's draft, its lists of points led by what the brief and the profile say.

    Such a model invents what it was not told; what it was told, it seldom says.
    """
    known = [
        *details_of(assignment.request.brief, assignment.kind.reader),
        *(fact[:1].upper() + fact[1:] for fact in assignment.profile.facts),
    ]
    grounded = dict(data)
    for name, node in shape_of(assignment.kind.output).fields:
        if isinstance(node, Entries) and node.count.known and known:
            seen = {norm(entry) for entry in known}
            own = [entry for entry in data[name] if norm(str(entry)) not in seen]
            grounded[name] = [*known, *own][: entries_wanted(node, assignment)[2]]
    return grounded
