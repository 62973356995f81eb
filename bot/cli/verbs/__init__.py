"""The command line: its verbs by what they are about, in the order of its help."""

from . import start, writing, simulation, media, looking, database, models, tables  # isort: skip
from ._app import app, main

__all__ = ["app", "database", "looking", "main", "media", "models", "simulation", "start", "tables", "writing"]
