"""Pictures that were drawn, as files by their owner: kept for a day, as an answer may be delivered again after a crash."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path

KEEP_SECONDS = 24 * 3600.0


class Pictures:
    """A folder with one for each owner. What is older than a day goes whenever another picture comes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, owner: str, name: str, body: bytes) -> str:
        """Keeps a picture and gives the name to read it by. The same name again replaces it."""
        self._sweep()
        file = self._file(owner, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        torn = file.with_suffix(".part")
        torn.write_bytes(body)
        torn.replace(file)
        return file.name

    def read(self, owner: str, name: str) -> bytes | None:
        """The picture, None when it is not kept any more."""
        try:
            return self._file(owner, name).read_bytes()
        except OSError:
            return None

    def forget(self, owner: str) -> None:
        """Deletes all of an owner's."""
        shutil.rmtree(self._file(owner, "x").parent, ignore_errors=True)

    def _file(self, owner: str, name: str) -> Path:
        return self._folder / _bare(owner) / _bare(name)

    def _sweep(self) -> None:
        for file in self._folder.glob("*/*"):
            try:
                if time.time() - file.stat().st_mtime > KEEP_SECONDS:
                    file.unlink()
            except OSError:
                continue  # Another process has just swept it away.


def _bare(name: str) -> str:
    """A name that stays in its folder."""
    return re.sub(r"[^\w-]+(?=.*\.)|[^\w.-]+", "-", name).lstrip(".") or "-"
