"""Extensions that other packages bring, by entry points named "quillmate.GROUP".

One that fails to load is noted and left out: no package keeps the bot from starting.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeVar

log = logging.getLogger(__name__)
T = TypeVar("T")

PREFIX = "quillmate."
_BUILT_IN = "Quillmate has one of that name itself."
_TWICE = "Another package brings one of that name."


@dataclass(frozen=True, slots=True)
class Plugin:
    """An extension: what it is (`group`), its name, the package that brings it, and why it is left out, empty where it is not."""

    group: str
    name: str
    package: str
    version: str
    error: str = ""


_plugins: dict[tuple[str, str, str], Plugin] = {}


def load(group: str, use: Callable[[Any], T], built_in: Container[str] = ()) -> dict[str, T]:
    """Load the extensions of a group; returns what `use` makes of each, by name.

    What `use` or the import raises, or a name that is taken, leaves an extension out.
    """
    loaded: dict[str, T] = {}
    points = _read_entry_points(tuple(sys.path)).select(group=f"{PREFIX}{group}")
    for point in sorted(points, key=lambda entry_point: (entry_point.name, entry_point.value)):
        plugin = _describe(group, point)
        try:
            if point.name in built_in or point.name in loaded:
                raise ValueError(_BUILT_IN if point.name in built_in else _TWICE)
            loaded[point.name] = use(point.load())
        except Exception as error:  # Whatever a stranger's package does, the bot starts.
            log.warning("a plugin is left out: %s of %s: %s", plugin.name, plugin.package, type(error).__name__)
            plugin = replace(plugin, error=str(error) or type(error).__name__)
        _plugins[group, point.name, plugin.package] = plugin
    return loaded


def reject(group: str, name: str, error: Exception) -> None:
    """Note that an extension which was loaded cannot be used after all."""
    for which, plugin in _plugins.items():
        if which[:2] == (group, name) and not plugin.error:
            log.warning("a plugin is left out: %s of %s: %s", name, plugin.package, type(error).__name__)
            _plugins[which] = replace(plugin, error=str(error))


def loaded() -> list[Plugin]:
    """Every extension that was loaded or left out so far, by group and name."""
    return [_plugins[which] for which in sorted(_plugins)]


@cache
def _read_entry_points(path: tuple[str, ...]) -> Any:  # SelectableGroups in Python 3.11, EntryPoints since.
    """Read the entry points of all packages on a path, once: it opens a file of each of them."""
    return entry_points()


def _describe(group: str, point: EntryPoint) -> Plugin:
    package = point.dist
    return Plugin(group, point.name, package.name if package else "unknown", package.version if package else "")
