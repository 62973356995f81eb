"""Finds a provider's module, of this package or a plugin, by the prefix of an engine's setting."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from personas import plugins

from .engine import Engine


def _list_built_in() -> set[str]:
    return {module.name for module in iter_modules([str(Path(__file__).parent)])}


def load_plugin_engines() -> dict[str, Any]:
    """Return the modules of plugins that provide models, by the prefix of their settings."""
    return plugins.load("engines", require_provider, _list_built_in())


def require_provider(module: Any) -> Any:
    """Return a plugin's module.

    Raises:
        TypeError: it has no `provider` function.
    """
    if not callable(getattr(module, "provider", None)):
        raise TypeError("It has no function provider(name, url=…, key=…).")
    return module


def build(name: str, *, url: str = "", key: str = "", timeout: float = 120) -> Engine:
    """Build the engine for a setting such as "embedded", "transformers:FOLDER" or "openai:gpt-5".

    Raises:
        SettingsError: no provider supports a name of this form.
    """
    prefix = name.partition(":")[0]
    module = load_plugin_engines().get(prefix)
    if module is None:
        module = import_module(f"{__package__}.{prefix if prefix in _list_built_in() else 'remote'}")
    if not hasattr(module, "provider"):
        module = import_module(f"{__package__}.remote")
    return Engine(module.provider(name, url=url, key=key), name=name, timeout=timeout)
