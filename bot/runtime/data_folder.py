"""The folder of an operator's data: whether it can be written, and that nobody else reads it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bot.errors import SettingsError

from .files import restrict_umask, tighten

# Quillmate's files in its data folder. A key file that others could read is refused instead (storage/crypto.py).
_OWN_FILES = (
    "quillmate.db*",
    "jobs.db*",
    "pictures",
    "cache",
    "learnt",
    "models",
    "preview",
    "run.lock",
    "alive",
    "synced-commands",
)


def check_writable(folder: Path) -> None:
    """Check that files can be created in the data folder.

    Raises:
        SettingsError: they cannot.
    """
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SettingsError(
            f"QUILLMATE_DATA is {folder}, which cannot be written. Give Quillmate's user write access, or name another folder."
        )


def secure_data_folder(folder: Path) -> None:
    """Restrict the data folder to its user, for new and existing files.

    Prints what could not be changed to standard error.
    """
    restrict_umask()
    try:
        remaining = tighten(folder, _OWN_FILES)
    except OSError:  # What needs the folder reports it.
        return
    if remaining:
        paths = ", ".join(str(path) for path in remaining[:3]) + (
            f" and {len(remaining) - 3} more" if len(remaining) > 3 else ""
        )
        print(
            f"Other users of this machine have access to {paths}, which could not be changed. Give Quillmate its own "
            "folder that belongs to its user.",
            file=sys.stderr,
        )
