"""`quillmate db backup`: a copy of the database together with the keys that open it, also while the bot runs."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import FileError, SettingsError
from bot.settings import Settings
from bot.store import keyring

_SERVER = (
    "The database is a server: copy {parents} before and after pg_dump, and keep both with the dump (docs/operating.md). "
    "This command copies SQLite."
)


def back_up(settings: Settings, folder: Path, now: datetime | None = None) -> int:
    """Copies the database and the parent keys into a new folder in `folder`, named by the moment; prints where.

    Somebody may be forgotten while the database is copied, which gives others new parent keys: so these are read before and
    after, and both are kept.

    Raises:
        QuillmateError: the database is a server's, or something cannot be read or written.
    """
    parents = keyring(settings).parents
    source = Path(settings.database_url.removeprefix("sqlite:///"))
    if not settings.database_url.startswith("sqlite:///"):
        raise SettingsError(_SERVER.format(parents=parents.file if parents else "parents.key"))
    if not source.is_file():
        raise FileError(f"There is no database at {source} yet.")
    made = folder / f"quillmate-{now or datetime.now(UTC):%Y%m%d-%H%M%S}"
    try:
        made.mkdir(parents=True, mode=0o700)
        before = _lines(parents.file) if parents else []
        _copied(source, made / source.name)
        after = _lines(parents.file) if parents else []
        if parents:
            # Later lines go before earlier ones of the same people, so what was there first comes first.
            _write(made / parents.file.name, "".join(dict.fromkeys([*before, *after])))
    except (OSError, sqlite3.Error) as error:
        raise FileError(f"The copy could not be made: {error}.") from error
    print(f"Copied to {made}. Keep the operator's key apart from it, and the copy no longer than you promise.")
    return 0


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="ascii").splitlines(keepends=True) if file.exists() else []


def _copied(source: Path, copy: Path) -> None:
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with (
        contextlib.closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as read,
        contextlib.closing(sqlite3.connect(copy)) as written,
    ):
        read.backup(written)


def _write(file: Path, text: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as opened:
        opened.write(text)
