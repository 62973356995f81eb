"""Personas: the voices that write."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from .errors import QuillmateError


class Persona(BaseModel):
    """A voice that writes: how it sounds, what it does and what it never does."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    summary: str
    voice: str
    do: tuple[str, ...] = ()
    dont: tuple[str, ...] = ()
    families: tuple[str, ...] = ()


class UnknownPersonaError(QuillmateError):
    """No persona has the name; the text is a sentence that lists those there are."""


@cache
def builtin() -> dict[str, Persona]:
    """The personas that ship, by name, in the order of their names."""
    folder = files("personas") / "builtin"
    found = [
        Persona.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    ]
    return {persona.name: persona for persona in sorted(found, key=lambda persona: persona.name)}


def persona(name: str) -> Persona:
    """The persona of that name or title, whatever its case.

    Raises:
        UnknownPersonaError: there is none.
    """
    wanted = name.strip().casefold()
    for one in builtin().values():
        if wanted in (one.name, one.title.casefold()):
            return one
    raise UnknownPersonaError(f'There is no persona "{name.strip()[:60]}"; choose one of {", ".join(builtin())}.')


def known(name: str) -> bool:
    """Whether there is a persona of that name (any more)."""
    return name in builtin()


def default_for(family: str) -> Persona:
    """The persona that writes a family's content when its user has chosen none."""
    fitting = (one for one in builtin().values() if family in one.families)
    return next(fitting, builtin()["copywriter"])
