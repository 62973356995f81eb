"""Finds the module of a provider by the prefix of its setting: of this package, or of a plugin."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from personas import plugins

from .engine import Engine


def _list_built_in() -> set[str]:
    return {found.name for found in iter_modules([str(Path(__file__).parent)])}


def load_plugin_engines() -> dict[str, Any]:
    """Load the modules of plugins that provide models, by what settings begin with."""
    return plugins.load("engines", require_provider, _list_built_in())


def require_provider(module: Any) -> Any:
    """Return a plugin's module, if it provides models.

    Raises:
        TypeError: it does not.
    """
    if not callable(getattr(module, "provider", None)):
        raise TypeError("It has no function provider(name, url=…, key=…).")
    return module


def build(name: str, *, url: str = "", key: str = "", timeout: float = 120) -> Engine:
    """Build the engine for a setting such as "embedded", "transformers:FOLDER" or "openai:gpt-5".

    Raises:
        SettingsError: the name has no form that any provider knows.
    """
    prefix = name.partition(":")[0]
    module = load_plugin_engines().get(prefix)
    if module is None:
        module = import_module(f"{__package__}.{prefix if prefix in _list_built_in() else 'remote'}")
    if not hasattr(module, "provider"):
        module = import_module(f"{__package__}.remote")
    return Engine(module.provider(name, url=url, key=key), name=name, timeout=timeout)
