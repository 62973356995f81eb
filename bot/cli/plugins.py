"""`quillmate plugins`: the extensions that other packages bring, and what is wrong with those left out."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table

from bot.checks.limits import load_limits
from bot.engines import load_plugin_engines
from bot.engines.images import load_plugin_image_engines
from bot.engines.sound import load_plugin_sound_engines
from bot.exports import load_formats
from bot.extensions import load_plugin_commands
from bot.kinds import load_kinds
from personas import persona, plugins

_NONE = "No plugins are installed. docs/plugins.md explains how to make one."


def print_plugins() -> int:
    """Load and list every plugin; returns 1 if one was left out."""
    loaders = (
        load_kinds,
        load_formats,
        load_limits,
        persona.load_builtin,
        load_plugin_engines,
        load_plugin_image_engines,
        load_plugin_sound_engines,
        load_plugin_commands,
    )
    for load in loaders:
        load()
    found = plugins.list_plugins()
    if not found:
        print(_NONE)
        return 0
    table = Table("what", "name", "package", "version", "state", box=None, pad_edge=False, header_style="bold")
    for plugin in found:
        state = f"left out: {plugin.error}" if plugin.error else "loaded"
        table.add_row(plugin.group, plugin.name, plugin.package, plugin.version, state)
    Console(width=None if sys.stdout.isatty() else 200, highlight=False, markup=False).print(table)
    return int(any(plugin.error for plugin in found))
