"""Worked examples for models of a few billion parameters: who asks for what, and what a good writer makes of it.

Such a model follows an example more closely than instructions, above all in keeping to what it was told. Each language has a
file, named by its code, with a table a kind:

    [email]
    brief = "tell members that the honey jars they ordered are here, 50 to 70 words"
    profile = { organisation = "Stone Bridge Beekeepers", facts = ["..."] }
    written = { subject = "...", body = ["..."] }

`profile` has the fields of a profile, `written` those of the kind's output. Such a model also writes as much as it is shown:
a kind that is asked for at very different lengths has a `longer` brief with its own `written` besides.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bot.content import Assignment, Kind, Remembered, Request
from bot.generation.recall import assign
from bot.generation.shape import completed, shape_of
from bot.kinds import kind_named
from personas.profile import Profile

# The day that the examples are asked on, as some name dates of that year.
_ASKED = "2026-01-15T09:00:00+00:00"
# What is to have so many words is shown the longer example.
_LONGER = 75
LANGUAGES = ("en", "de", "es", "fr", "pt")


@dataclass(frozen=True, slots=True)
class Worked:
    """An example: its request with all that is known, and what the model is to write, with every field there."""

    assignment: Assignment
    written: dict[str, Any]


def worked_like(assignment: Assignment) -> Worked:
    """The worked example for an assignment: of its kind and language, and about as long as it is to be."""
    return worked_for(assignment.kind, assignment.language, longer=assignment.words >= _LONGER)


def worked_for(kind: Kind, language: str, *, longer: bool = False) -> Worked:
    """The worked example of a kind in a language, else in English, else the first of the kind's own, which knows nobody.

    The `longer` one where the kind has two.
    """
    known = language if language in languages_of(kind) else "en"
    table = _tables(known).get(kind.name)
    if not table or kind is not kind_named(kind.name):  # A variant of a kind has another form.
        example = kind.examples[0]
        return _worked(kind, example.brief, Profile(), example.output.model_dump(mode="json"))
    profile = Profile.of({"output_language": known, **table.get("profile", {})})
    told = table.get("longer", table) if longer else table
    return _worked(kind, told["brief"], profile, completed(shape_of(kind.output), told["written"]))


def languages_of(kind: Kind) -> list[str]:
    """The languages that a kind has a worked example of its own in."""
    return [language for language in LANGUAGES if kind.name in _tables(language)]


def _worked(kind: Kind, brief: str, profile: Profile, written: dict[str, Any]) -> Worked:
    request = Request("", "", brief, kind=kind.name, asked=_ASKED)
    return Worked(assign(request, Remembered(profile)), written)


@cache
def _tables(language: str) -> dict[str, Any]:
    """The examples of a language by kind, none where it has no file."""
    file = files(__name__) / f"{language}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
