"""What this machine has for a model: memory, room on its disk, and how quickly one would write."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import psutil

from .catalogue import Model

# What Quillmate and the system need beside the model, in GB: most of it are PyTorch and the embeddings.
RESERVED_GB = 1.0
# Below so many tokens a second people wait longer than they like; a post has about a hundred.
MIN_SPEED = 4.0
# The default model on two cores (`quillmate model bench`): tokens a second, and the bytes that each of them reads.
_MEASURED_SPEED, _MEASURED_BYTES, _MEASURED_CORES = 10.0, 1_117_320_768, 2
# Reading memory, which is most of the work, gets no quicker with more.
_MAX_CORES = 8
_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def get_available_memory(limits: Sequence[Path] = _LIMITS) -> int:
    """Bytes of memory that this process may use: the machine's, or its container's share (cgroup v2, v1)."""
    return min([psutil.virtual_memory().total, *(found for file in limits if (found := _read_limit(file)))])


def _read_limit(file: Path) -> int:
    """A limit in bytes, 0 where there is none."""
    try:
        return int(file.read_text("ascii"))
    except (OSError, ValueError):  # "max" says that there is none.
        return 0


def is_within_memory(model: Model, memory: int) -> bool:
    """Whether a machine with so many bytes of memory can hold it."""
    return (model.memory + RESERVED_GB) * 1e9 <= memory


def estimate_speed(model: Model, cores: int) -> float:
    """Tokens a second that it writes without a GPU on so many physical cores, by its size: a rough figure."""
    weight = _MEASURED_BYTES / (model.bytes or model.memory * 1e9)
    return _MEASURED_SPEED * weight * min(cores, _MAX_CORES) / _MEASURED_CORES


def choose_best_model(models: Sequence[Model], memory: int, cores: int) -> Model | None:
    """The best one that fits and is likely not too slow."""
    able = (
        one for one in reversed(models) if is_within_memory(one, memory) and estimate_speed(one, cores) >= MIN_SPEED
    )
    return next(able, None)


def get_free_bytes(folder: Path) -> int:
    """Room on the disk that a folder lies on."""
    return shutil.disk_usage(folder).free
