"""What people do in Discord. A module here with a `setup(bot)` is found; nothing else is edited to add a command."""

from __future__ import annotations

from pkgutil import iter_modules


def extensions() -> list[str]:
    """The names of the modules to load."""
    return [f"{__name__}.{found.name}" for found in iter_modules(__path__) if not found.name.startswith("_")]
