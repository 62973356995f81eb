"""The kinds of content. A module here that holds a `KIND` is found; nothing else is edited to add one."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from bot.content import Kind
from bot.errors import RefusedError


@cache
def all_kinds() -> dict[str, Kind]:
    """Every kind by name, family by family."""
    order = ("marketing", "education", "image", "media", "data", "text", "chat")
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__) if found.name[0] != "_")
    kinds = sorted((module.KIND for module in modules), key=lambda kind: (order.index(kind.family), kind.name))
    return {kind.name: kind for kind in kinds}


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
