"""Models that write and hear here: which there are (catalogue.toml), which are on this machine and in use, and how they get there."""

from .catalogue import (
    SMALL,
    Model,
    Wheels,
    all_models,
    default_model,
    hearing_models,
    hearing_named,
    model_named,
    model_of,
)
from .choice import Choice
from .shelf import Shelf

__all__ = [
    "SMALL", "Choice", "Model", "Shelf", "Wheels", "all_models", "default_model", "hearing_models", "hearing_named",
    "model_named", "model_of",
]  # fmt: skip
