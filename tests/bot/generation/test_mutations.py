"""What is wrong with a draft is noticed: good drafts, each broken in one way by code, fail a check."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from functools import cache

import pytest
from drafts import CASES, Case, own_texts
from mutations import Mutation, mutations

from bot.content import Assignment
from bot.generation.shape import completed, shape_of
from bot.generation.writers.capable import CAPABLE
from bot.generation.writers.handed_on import candidate_of

# The share of mutations of each way that has to fail a check.
LEAST = 0.95
WAYS = (
    "count", "too long", "too short", "figure", "changed figure", "language", "language of a part", "word to avoid", "literal",
    "figure of the brief", "placeholder", "claim", "name", "address",
)  # fmt: skip
# Fewer of one way would tell nothing.
FEWEST = 10
# Every other draft is broken; MUTATIONS=all breaks each of them, which takes a minute.
_EVERY = 1 if os.environ.get("MUTATIONS") == "all" else 2
# The names of the checks that may notice it: a text that is too long as well is no figure that was noticed.
NOTICED_BY = {
    "too long": ".*(?:length|shown|width).*",
    "too short": ".*(?:length|shown).*",
    "figure": "figures from you|figures and names kept",
    "changed figure": "figures from you|brief's figures|figures and names kept",
    "language": "language",
    "language of a part": "language|language of a part",
    "word to avoid": "avoided words",
    "literal": "words that must stand in it|keyword",
    "figure of the brief": "brief's figures",
    "placeholder": "placeholders",
    "claim": "claims from you",
    "name": "names from you",
    "address": "addresses from you",
}


@cache
def _foreign(language: str) -> list[str]:
    """Texts of the drafts in the next language, the same for each case."""
    order = ["en", "de", "es", "fr", "pt"]
    other = order[(order.index(language) + 1) % len(order)]
    found = (
        own_texts(draft, one.assignment().kind)
        for one in CASES
        if (one.language or "en") == other
        for draft in one.drafts
    )
    return list(dict.fromkeys(text for texts in found for _, text in texts if len(text) > 8))


def _assigned(case: Case) -> Assignment:
    return CAPABLE.assigned(case.assignment())


@cache
def outcomes() -> dict[str, list[tuple[str, bool]]]:
    """For each way to break a draft what was broken, and whether a check noticed."""
    found: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for case in CASES[::_EVERY]:
        if case.misread or len(case.drafts) > 1:
            continue
        assignment = _assigned(case)
        data = completed(shape_of(assignment.kind.output), case.drafts[0])
        for one in mutations(data, assignment, _foreign(assignment.language)):
            found[one.way].append((f"{case.id}: {one.what}", is_noticed(one)))
    return found


def is_noticed(one: Mutation) -> bool:
    """Whether a check fails that is about what is broken."""
    failed = [check for check in candidate_of(one.data, one.assignment).checks if not check.passed]
    if one.way == "count":
        return any(one.what.endswith(check.path) if check.path else "option" in check.name for check in failed)
    return any(re.fullmatch(NOTICED_BY[one.way], check.name) for check in failed)


@pytest.mark.parametrize("way", WAYS)
def test_a_broken_draft_fails_a_check(way: str) -> None:
    found = outcomes()[way]
    missed = [what for what, noticed in found if not noticed]
    print(f"{way}: {len(found) - len(missed)} of {len(found)} noticed", *missed, sep="\n  ")
    assert len(found) >= FEWEST
    assert len(missed) <= (1 - LEAST) * len(found), missed


def test_all_ways_are_looked_at() -> None:
    assert set(outcomes()) == set(WAYS)
