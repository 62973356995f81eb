"""The word classifier for routing, trained once for all test processes and those that they start."""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path

import pytest
from filelock import FileLock

from bot.generation.route import Router
from bot.requests.routing import _hash_training_data, _train_and_save, load_utterances


def train_shared_router(factory: pytest.TempPathFactory) -> Path:
    """Return the file with the weights; the first caller trains it."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "trained"
    folder.mkdir(exist_ok=True)
    file = folder / f"router-{_hash_training_data(meaning=False)}.f32"
    with FileLock(folder / "lock"):
        if not file.exists():
            _train_and_save(file, None)
    return file


@cache
def restore_router(file: Path) -> Router:
    """Load the classifier from a file of weights."""
    return Router.restore(list(load_utterances()), file.read_bytes())


def install_router(file: Path, data: Path) -> None:
    """Copy the weights into a bot's data folder, so that it does not train at startup."""
    kept = data / "cache" / file.name
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, kept)
