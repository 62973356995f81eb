"""Models that write and transcribe locally: the catalogue (catalogue.toml), those installed and in use, and how they are
fetched.
"""

from .catalogue import (
    SMALL_MODEL,
    Model,
    WheelSet,
    find_hearing_model,
    find_model,
    find_model_by_file,
    get_default_model,
    load_hearing_models,
    load_models,
)
from .choice import ModelChoice
from .shelf import ModelShelf

__all__ = [
    "SMALL_MODEL",
    "Model",
    "ModelChoice",
    "ModelShelf",
    "WheelSet",
    "find_hearing_model",
    "find_model",
    "find_model_by_file",
    "get_default_model",
    "load_hearing_models",
    "load_models",
]
