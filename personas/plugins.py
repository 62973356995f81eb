"""Plugins that other packages provide through entry points in the groups "quillmate.GROUP".

A plugin that fails to load is recorded and left out, so that no package can keep the bot from starting.
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
    """A plugin: its group (such as "personas"), its name, the package that provides it, and why it is left out (empty if it is not)."""

    group: str
    name: str
    package: str
    version: str
    error: str = ""


_plugins: dict[tuple[str, str, str], Plugin] = {}


def load(group: str, use: Callable[[Any], T], built_in: Container[str] = ()) -> dict[str, T]:
    """Load the plugins of a group; return the results of calling `use` with each loaded object, by name.

    A plugin is left out if its import or `use` raises, or if its name is in `built_in` or taken by another plugin.
    """
    results: dict[str, T] = {}
    points = _read_entry_points(tuple(sys.path)).select(group=f"{PREFIX}{group}")
    for point in sorted(points, key=lambda entry_point: (entry_point.name, entry_point.value)):
        plugin = _describe(group, point)
        try:
            if point.name in built_in or point.name in results:
                raise ValueError(_BUILT_IN if point.name in built_in else _TWICE)
            results[point.name] = use(point.load())
        except Exception as error:  # Whatever another package does, the bot has to start.
            log.warning("a plugin is left out: %s of %s: %s", plugin.name, plugin.package, type(error).__name__)
            plugin = replace(plugin, error=str(error) or type(error).__name__)
        _plugins[group, point.name, plugin.package] = plugin
    return results


def reject(group: str, name: str, error: Exception) -> None:
    """Record that a loaded plugin cannot be used after all."""
    for key, plugin in _plugins.items():
        if key[:2] == (group, name) and not plugin.error:
            log.warning("a plugin is left out: %s of %s: %s", name, plugin.package, type(error).__name__)
            _plugins[key] = replace(plugin, error=str(error))


def list_plugins() -> list[Plugin]:
    """Return all plugins loaded or left out so far, sorted by group and name."""
    return [_plugins[key] for key in sorted(_plugins)]


@cache
def _read_entry_points(path: tuple[str, ...]) -> Any:  # SelectableGroups in Python 3.11, EntryPoints since.
    """Return the entry points of all installed packages; cached, as a file of each package is read."""
    return entry_points()


def _describe(group: str, point: EntryPoint) -> Plugin:
    package = point.dist
    return Plugin(group, point.name, package.name if package else "unknown", package.version if package else "")
