"""The interface of trained models (`Sampler`), and their storage format: arrays and JSON, never code."""

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

# The wanted levels by discrete feature: a sampler may prefer rows with these, but need not.
WantedLevels = Mapping[str, Sequence[int]]


class Sampler(Protocol):
    """A trained model that rows are sampled from."""

    def sample(self, rows: int, seed: int, wanted: WantedLevels) -> Frame:
        """Return a number of rows, the same for the same seed."""
        ...

    def to_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Return the complete state: JSON-compatible data, and arrays."""
        ...


def pack(data: Mapping[str, Any], arrays: Mapping[str, Array]) -> bytes:
    """Serialise JSON-compatible data and arrays."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("data.json", json.dumps(data))
        for name, array in arrays.items():
            file = io.BytesIO()
            np.save(file, array, allow_pickle=False)
            archive.writestr(f"arrays/{name}.npy", file.getvalue())
    return body.getvalue()


def unpack(body: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """Deserialise the output of `pack`.

    Raises:
        FileError: the body is damaged or has another format.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            data = json.loads(archive.read("data.json"))
            arrays = {
                name.removeprefix("arrays/").removesuffix(".npy"): np.load(
                    io.BytesIO(archive.read(name)), allow_pickle=False
                )
                for name in archive.namelist()
                if name.startswith("arrays/")
            }
            return data, arrays
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError) as error:
        raise FileError("That is not one of my models, or it is damaged. Learn from the table again.") from error
