"""The modules of commands: Quillmate's own, found by being there, and those of plugins."""

from __future__ import annotations

from importlib.util import find_spec
from pkgutil import iter_modules
from types import ModuleType

from personas import plugins

# The package whose modules are discovered and loaded; the client imports none of them, as they import it.
COMMANDS = "bot.commands"


def list_extensions() -> list[str]:
    """Return the names of the command modules."""
    package = find_spec(COMMANDS)
    assert package is not None
    modules = iter_modules(package.submodule_search_locations)
    return [f"{COMMANDS}.{one.name}" for one in modules]


def load_plugin_commands() -> dict[str, str]:
    """Load the command modules of plugins; returns their dotted names by the names of the plugins."""
    return plugins.load("commands", _find_module_name)


def _find_module_name(module: ModuleType) -> str:
    """Return the name of a plugin's module, if discord.py can load it.

    Raises:
        TypeError: it cannot.
    """
    if not callable(getattr(module, "setup", None)):
        raise TypeError("It has no function setup(bot).")
    return module.__name__
