"""Pictures that were drawn, and sound that was made, as files by their owner.

They are kept for a day, as an answer may be delivered again after a crash.

Each is sealed with its owner's key, as what a picture shows was asked for in words.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from storage.crypto import OwnerKey

# Characters of a file's name that are kept.
_MAX_NAME = 200
KEEP_SECONDS = 24 * 3600.0


class Pictures:
    """A folder with one for each owner, whose seal `seal_of` gives. What is older than a day goes when another comes."""

    def __init__(self, folder: Path, seal_of: Callable[[str], Awaitable[OwnerKey]]) -> None:
        self._folder, self._seal_of = folder, seal_of

    async def keep(self, owner: str, name: str, body: bytes) -> str:
        """Keeps a picture and gives the name to read it by. The same name again replaces it."""
        file, seal = self._file(owner, name), await self._seal_of(owner)
        await asyncio.to_thread(self._write, file, seal.seal_bytes(body, _purpose(file.name)))
        return file.name

    async def read(self, owner: str, name: str) -> bytes | None:
        """The picture, None when it is not kept any more."""
        file = self._file(owner, name)
        try:
            sealed = await asyncio.to_thread(file.read_bytes)
        except OSError:
            return None
        return (await self._seal_of(owner)).open_bytes(sealed, _purpose(file.name))

    async def names(self, owner: str) -> list[str]:
        """The names of an owner's pictures and sounds."""
        folder = self._file(owner, "x").parent
        return await asyncio.to_thread(
            lambda: sorted(file.name for file in folder.glob("*") if file.suffix in (".png", ".wav"))
        )

    async def forget(self, owner: str) -> None:
        """Deletes all of an owner's."""
        await asyncio.to_thread(shutil.rmtree, self._file(owner, "x").parent, ignore_errors=True)

    async def sweep(self) -> None:
        """Deletes what is older than a day."""
        await asyncio.to_thread(self._sweep)

    def _write(self, file: Path, sealed: bytes) -> None:
        self._sweep()
        file.parent.mkdir(parents=True, exist_ok=True)
        torn = file.with_suffix(".part")
        torn.write_bytes(sealed)
        torn.replace(file)

    def _file(self, owner: str, name: str) -> Path:
        return self._folder / _bare(owner) / _bare(name)

    def _sweep(self) -> None:
        for file in self._folder.glob("*/*"):
            try:
                if time.time() - file.stat().st_mtime > KEEP_SECONDS:
                    file.unlink()
            except OSError:
                continue  # Another process has just swept it away.


def _purpose(name: str) -> str:
    return f"pictures/{name}"


def _bare(name: str) -> str:
    """A name that stays in its folder."""
    return re.sub(r"[^\w-]++(?=.*\.)|[^\w.-]+", "-", name[-_MAX_NAME:]).lstrip(".") or "-"
