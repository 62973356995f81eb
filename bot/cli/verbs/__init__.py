"""The verbs of the command line by subject, in the order of its help."""

from . import start, writing, simulation, media, inspection, database, models, tables  # isort: skip
from ._app import app, main

__all__ = ["app", "database", "inspection", "main", "media", "models", "simulation", "start", "tables", "writing"]
