"""The kinds of content. Each module here with a `KIND` is discovered, as are those of plugins (docs/plugins.md); nothing
else needs editing.
"""

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
def load_kinds() -> dict[str, Kind]:
    """Return every kind by name, ordered by family."""
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    built_in = {kind.name: kind for kind in (module.KIND for module in modules)}
    kinds = [*built_in.values(), *plugins.load("kinds", _check_kind, built_in).values()]
    return {kind.name: kind for kind in sorted(kinds, key=lambda kind: (_FAMILIES.index(kind.family), kind.name))}


def _check_kind(kind: Any) -> Kind:
    """Return a plugin's kind.

    Raises:
        TypeError, ValueError, OSError: it cannot be used.
    """
    if not isinstance(kind, Kind):
        raise TypeError("It is not a Kind.")
    if kind.family not in _FAMILIES:
        raise ValueError(f"Its family is none of {', '.join(_FAMILIES)}.")
    if not kind.utterances:
        raise ValueError("It has no utterances, so no request would find it.")
    return kind


def list_family_kinds(family: str) -> list[Kind]:
    """Return the kinds of one family."""
    return [kind for kind in load_kinds().values() if kind.family == family]


def find_kind(name: str) -> Kind:
    """Return the kind with a name or title.

    Raises:
        RefusedError: there is none; the message lists the known kinds.
    """
    wanted = name.strip().casefold().replace(" ", "_").replace("-", "_")
    for kind in load_kinds().values():
        if wanted in (kind.name, kind.title.casefold().replace(" ", "_")):
            return kind
    raise RefusedError(
        'There is no kind called "{name}"; choose one of {known}.', name=name.strip()[:60], known=list(load_kinds())
    )
