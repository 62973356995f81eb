"""Whether new requests are accepted: the operator's choice, stored as a file in the data folder to survive a restart."""

from __future__ import annotations

import logging
from pathlib import Path

log = logging.getLogger(__name__)

FILE = "paused"


class Pause:
    """The pause of this process; a data folder belongs to one process only."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self.on = self._file.exists()

    def begin(self) -> bool:
        """Stop accepting requests; return whether that will survive a restart."""
        self.on = True
        try:
            self._file.touch()
        except OSError as error:
            log.error("a pause is not saved: %s", type(error).__name__)
            return False
        return True

    def end(self) -> bool:
        """Accept requests again; return whether that will survive a restart."""
        self.on = False
        try:
            self._file.unlink(missing_ok=True)
        except OSError as error:
            log.error("the end of a pause is not saved: %s", type(error).__name__)
            return False
        return True
