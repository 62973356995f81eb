"""Language model engines: one module per provider, found by the prefix of its setting."""

from .engine import Engine, Engines, Snapshot
from .interface import Ask, Provider, Traits
from .providers import build, load_plugin_engines

__all__ = ["Ask", "Engine", "Engines", "Provider", "Snapshot", "Traits", "build", "load_plugin_engines"]
