"""What every model does, and what can be kept of a model: arrays and plain data, never code."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from bot.errors import FileError

from .columns import Array
from .frame import Frame

# Which levels of discrete features are wanted: a model may prefer rows with these, and need not.
Wanted = Mapping[str, Sequence[int]]


class Model(Protocol):
    """What has learnt."""

    def sample(self, rows: int, seed: int, wanted: Wanted) -> Frame:
        """Rows, the same for the same seed."""
        ...

    def state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """All of it: plain data, and arrays."""
        ...


def packed(data: Mapping[str, Any], arrays: Mapping[str, Array]) -> bytes:
    """Plain data and arrays as one body."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("data.json", json.dumps(data))
        for name, array in arrays.items():
            file = io.BytesIO()
            np.save(file, array, allow_pickle=False)
            archive.writestr(f"arrays/{name}.npy", file.getvalue())
    return body.getvalue()


def unpacked(body: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """What `packed` was given.

    Raises:
        FileError: it is no such body.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            data = json.loads(archive.read("data.json"))
            names = [name for name in archive.namelist() if name.startswith("arrays/")]
            return data, {
                name[len("arrays/") : -len(".npy")]: np.load(io.BytesIO(archive.read(name)), allow_pickle=False)
                for name in names
            }
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError) as error:
        raise FileError("That is not one of my models, or it is damaged. Learn from the table again.") from error
