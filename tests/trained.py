"""The classifier of words that routing needs, trained once for all processes of a run of tests and those that they start."""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path

import pytest
from filelock import FileLock

from bot.generation.route import Router
from bot.kinds import load_kinds
from bot.requests.routing import _hash_training_data, _train_and_save


def shared(factory: pytest.TempPathFactory) -> Path:
    """The file with the weights; whoever comes first trains it."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "trained"
    folder.mkdir(exist_ok=True)
    file = folder / f"router-{_hash_training_data(load_kinds(), meaning=False)}.f32"
    with FileLock(folder / "lock"):
        if not file.exists():
            _train_and_save(file, None)
    return file


@cache
def restored(file: Path) -> Router:
    """The classifier whose weights a file holds."""
    return Router.restore(list(load_kinds()), file.read_bytes())


def give(file: Path, data: Path) -> None:
    """Puts the weights where a bot with that data folder looks for them, so that it trains nothing when it starts."""
    kept = data / "cache" / file.name
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, kept)
