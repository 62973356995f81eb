"""What this machine offers a model: memory, disk space, and writing speed."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import psutil

from .catalogue import Model

# What Quillmate and the system need besides the model, in GB: mostly PyTorch and the embeddings.
RESERVED_GB = 1.0
# Below so many tokens per second users wait too long; a post has about a hundred.
MIN_SPEED = 4.0
# The default model on two cores (`quillmate model bench`): tokens per second, and the bytes read for each of them.
_MEASURED_SPEED, _MEASURED_BYTES, _MEASURED_CORES = 10.0, 1_117_320_768, 2
# Reading memory, which dominates, gets no faster with more cores.
_MAX_CORES = 8
_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def get_available_memory(limits: Sequence[Path] = _LIMITS) -> int:
    """Return the bytes of memory that this process may use: the machine's, or its container's share (cgroup v2, v1)."""
    return min([psutil.virtual_memory().total, *(found for file in limits if (found := _read_limit(file)))])


def _read_limit(file: Path) -> int:
    """Return a limit in bytes, 0 if there is none."""
    try:
        return int(file.read_text("ascii"))
    except (OSError, ValueError):  # "max" means that there is none.
        return 0


def is_within_memory(model: Model, memory: int) -> bool:
    """Whether a machine with so many bytes of memory can hold the model."""
    return (model.memory + RESERVED_GB) * 1e9 <= memory


def estimate_speed(model: Model, cores: int) -> float:
    """Return a rough estimate of the tokens per second a model writes without a GPU on a number of physical cores, by its
    size.
    """
    weight = _MEASURED_BYTES / (model.bytes or model.memory * 1e9)
    return _MEASURED_SPEED * weight * min(cores, _MAX_CORES) / _MEASURED_CORES


def choose_best_model(models: Sequence[Model], memory: int, cores: int) -> Model | None:
    """Return the best model that fits and is probably fast enough."""
    able = (
        one for one in reversed(models) if is_within_memory(one, memory) and estimate_speed(one, cores) >= MIN_SPEED
    )
    return next(able, None)


def get_free_bytes(folder: Path) -> int:
    """Return the free space on a folder's disk."""
    return shutil.disk_usage(folder).free
