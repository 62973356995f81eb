"""Whether anything new is taken: an operator's word, kept as a file in the data folder, so that a restart does not undo it."""

from __future__ import annotations

import logging
from pathlib import Path

log = logging.getLogger(__name__)

FILE = "paused"


class Pause:
    """A pause of this process, as a data folder is of one process alone."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self.on = self._file.exists()

    def begin(self) -> bool:
        """Has nothing new taken from now on; tells whether that is kept for after a restart."""
        self.on = True
        try:
            self._file.touch()
        except OSError as error:
            log.error("a pause is not kept: %s", type(error).__name__)
            return False
        return True

    def end(self) -> bool:
        """Has everything taken again; tells whether that is kept for after a restart."""
        self.on = False
        try:
            self._file.unlink(missing_ok=True)
        except OSError as error:
            log.error("a pause is not ended for good: %s", type(error).__name__)
            return False
        return True
