"""Store generated pictures and sounds as files, sealed with their owner's key, as they reveal what was requested.

They are kept for a day, as an answer may be delivered again after a crash.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from storage.crypto import OwnerKey

# Characters of a file name.
_MAX_NAME_CHARACTERS = 200
KEEP_SECONDS = 24 * 3600.0


class PictureStore:
    """A folder per owner, whose key `load_key` returns. Writing a file deletes those older than a day."""

    def __init__(self, folder: Path, load_key: Callable[[str], Awaitable[OwnerKey]]) -> None:
        self._folder, self._load_key = folder, load_key

    async def save(self, owner: str, name: str, body: bytes) -> str:
        """Store a picture or sound, replacing one of the same name; return the name to read it by."""
        file, key = self._build_path(owner, name), await self._load_key(owner)
        await asyncio.to_thread(self._write, file, key.seal_bytes(body, _build_seal_purpose(file.name)))
        return file.name

    async def read(self, owner: str, name: str) -> bytes | None:
        """Return a picture or sound, None if it is not stored any more."""
        file = self._build_path(owner, name)
        try:
            sealed = await asyncio.to_thread(file.read_bytes)
        except OSError:
            return None
        return (await self._load_key(owner)).open_bytes(sealed, _build_seal_purpose(file.name))

    async def list_names(self, owner: str) -> list[str]:
        """Return the names of an owner's pictures and sounds."""
        folder = self._build_path(owner, "x").parent
        return await asyncio.to_thread(
            lambda: sorted(file.name for file in folder.glob("*") if file.suffix in (".png", ".wav"))
        )

    async def forget(self, owner: str) -> None:
        """Delete all files of an owner."""
        await asyncio.to_thread(shutil.rmtree, self._build_path(owner, "x").parent, ignore_errors=True)

    async def sweep(self) -> None:
        """Delete files older than a day."""
        await asyncio.to_thread(self._sweep)

    def _write(self, file: Path, sealed: bytes) -> None:
        self._sweep()
        file.parent.mkdir(parents=True, exist_ok=True)
        partial_file = file.with_suffix(".part")
        partial_file.write_bytes(sealed)
        partial_file.replace(file)

    def _build_path(self, owner: str, name: str) -> Path:
        return self._folder / _sanitise_name(owner) / _sanitise_name(name)

    def _sweep(self) -> None:
        for file in self._folder.glob("*/*"):
            try:
                if time.time() - file.stat().st_mtime > KEEP_SECONDS:
                    file.unlink()
            except OSError:
                continue  # Another process has deleted it.


def _build_seal_purpose(name: str) -> str:
    return f"pictures/{name}"


def _sanitise_name(name: str) -> str:
    """Return a name that cannot leave its folder."""
    return re.sub(r"[^\w-]++(?=.*\.)|[^\w.-]+", "-", name[-_MAX_NAME_CHARACTERS:]).lstrip(".") or "-"
