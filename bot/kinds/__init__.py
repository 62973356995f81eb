"""The kinds of content. A module here that holds a `KIND` is found, and so are plugins' (docs/plugins.md); nothing else is edited."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from bot.content import Kind
from bot.errors import RefusedError
from personas import plugins

_FAMILIES = ("marketing", "education", "image", "media", "data", "text", "chat")


@cache
def all_kinds() -> dict[str, Kind]:
    """Every kind by name, family by family."""
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__) if found.name[0] != "_")
    built_in = {kind.name: kind for kind in (module.KIND for module in modules)}
    kinds = [*built_in.values(), *plugins.load("kinds", _usable, built_in).values()]
    return {kind.name: kind for kind in sorted(kinds, key=lambda kind: (_FAMILIES.index(kind.family), kind.name))}


def _usable(kind: Any) -> Kind:
    """A plugin's kind, if it can be used.

    Raises:
        TypeError, ValueError, OSError: it cannot.
    """
    if not isinstance(kind, Kind):
        raise TypeError("It is not a Kind.")
    if kind.family not in _FAMILIES:
        raise ValueError(f"Its family is none of {', '.join(_FAMILIES)}.")
    if not kind.utterances:
        raise ValueError("It has no utterances, so no request would find it.")
    return kind


def of_family(family: str) -> list[Kind]:
    """The kinds of one family."""
    return [kind for kind in all_kinds().values() if kind.family == family]


def kind_named(name: str) -> Kind:
    """The kind of that name or title.

    Raises:
        RefusedError: there is none; the sentence lists those there are.
    """
    wanted = name.strip().casefold().replace(" ", "_").replace("-", "_")
    for kind in all_kinds().values():
        if wanted in (kind.name, kind.title.casefold().replace(" ", "_")):
            return kind
    raise RefusedError(
        'There is no kind called "{name}"; choose one of {known}.', name=name.strip()[:60], known=list(all_kinds())
    )
