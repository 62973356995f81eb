"""What plugins build on; docs/plugins.md says how. Anything not in `__all__` may change in any release.

Names are imported lazily: a plugin that adds a content kind should not load discord.py, nor one that adds an export a
model.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.briefs import Form
    from bot.checks import Check
    from bot.checks.limits import Limit
    from bot.client import Interaction, QuillmateBot, whisper
    from bot.content import Assignment, Composer, Content, Count, Kind, Request, Size
    from bot.engines import Ask, Provider, Traits
    from bot.engines.images import Edit, ImageProvider, ImageTraits, Picture
    from bot.errors import EngineError, FileError, Phrase, RefusedError, SettingsError
    from bot.markup import Document, Line
    from personas.persona import Persona

__all__ = [
    "Ask",
    "Assignment",
    "Check",
    "Composer",
    "Content",
    "Count",
    "Document",
    "Edit",
    "EngineError",
    "FileError",
    "Form",
    "ImageProvider",
    "ImageTraits",
    "Interaction",
    "Kind",
    "Limit",
    "Line",
    "Persona",
    "Phrase",
    "Picture",
    "Provider",
    "QuillmateBot",
    "RefusedError",
    "Request",
    "SettingsError",
    "Size",
    "Traits",
    "whisper",
]

_MODULES = {
    "bot.briefs": ("Form",),
    "bot.checks": ("Check",),
    "bot.checks.limits": ("Limit",),
    "bot.client": ("Interaction", "QuillmateBot", "whisper"),
    "bot.content": ("Assignment", "Composer", "Content", "Count", "Kind", "Request", "Size"),
    "bot.engines": ("Ask", "Provider", "Traits"),
    "bot.engines.images": ("Edit", "ImageProvider", "ImageTraits", "Picture"),
    "bot.errors": ("EngineError", "FileError", "Phrase", "RefusedError", "SettingsError"),
    "bot.markup": ("Document", "Line"),
    "personas.persona": ("Persona",),
}
_MODULE_BY_NAME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a public name from the module it is defined in."""
    if name not in _MODULE_BY_NAME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULE_BY_NAME[name]), name)
