"""`quillmate db backup`, `restore` and `copy`: backups of an installation's database and keys."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import FileError, SettingsError
from bot.runtime.lease import PAUSE
from bot.settings import Settings
from bot.store import PARENTS_FILE, load_keyring
from storage.copying import copy_database
from storage.crypto import Keyring, describe_lost_keys
from storage.database import Database
from storage.errors import StorageError
from storage.leases import Leases

from .keys import lock_data_folder

_SQLITE = "sqlite:///"
_DATABASE_FILE = "quillmate.db"
_INVALID_ADDRESS = (
    "{url} is not a database URL: write sqlite:////folder/quillmate.db or postgresql://user:password@host/name."
)
_BOT_RUNNING = "A bot works on {url} (slot {slots}). Stop it first: what it writes in the meantime would be missing."


async def back_up(settings: Settings, folder: Path, now: datetime | None = None) -> int:
    """Copy the database and the parent keys into a new timestamped folder in `folder`; print its path. The copy is an
    SQLite file, even if the database is on a server. A user may be erased meanwhile, which changes the parent keys
    of others: so these are read before and after, and both versions are stored.

    Raises:
        QuillmateError: a file or the database cannot be read or written.
    """
    keys = load_keyring(settings)
    source = Path(settings.database_url.removeprefix(_SQLITE))
    is_sqlite = settings.database_url.startswith(_SQLITE)
    if is_sqlite:
        _refuse_missing(source)
    backup_folder = folder / f"quillmate-{now or datetime.now(UTC):%Y%m%d-%H%M%S}"
    try:
        backup_folder.mkdir(parents=True, mode=0o700)
        lines_before = _read_key_lines(keys)
        os.close(os.open(backup_folder / _DATABASE_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        if is_sqlite:
            await asyncio.to_thread(_copy_file, source, backup_folder / _DATABASE_FILE)
        else:
            async with (
                _open_without_upgrade(settings.database_url, keys) as source_database,
                _open_without_upgrade(f"{_SQLITE}{backup_folder / _DATABASE_FILE}", keys) as copy,
            ):
                await copy_database(source_database, copy)
        if keys.parents:
            # Later lines override earlier ones of the same people, so the older version comes first.
            _write_unique_lines(backup_folder / PARENTS_FILE, [*lines_before, *_read_key_lines(keys)])
    except (OSError, sqlite3.Error) as error:
        raise FileError(f"The backup failed: {error}.") from error
    print(
        f"Copied to {backup_folder}. Store the operator's key separately, and keep the copy no longer than you promise."
    )
    return 0


async def restore(settings: Settings, folder: Path) -> int:
    """Replace the contents of the database with a backup, completely or not at all; print the number of rows.

    Raises:
        QuillmateError: a bot is running, or the backup is missing, damaged, or encrypted with missing keys.
    """
    copy = folder / _DATABASE_FILE
    if not copy.is_file():
        raise FileError(f"{folder} contains no {_DATABASE_FILE}. Name a folder made by `quillmate db backup`.")
    with (
        lock_data_folder(settings),
        tempfile.TemporaryDirectory(dir=settings.data, prefix="restoring-") as temporary_folder,
    ):
        file = Path(temporary_folder) / _DATABASE_FILE
        shutil.copyfile(copy, file)  # The schema may have to be upgraded; the backup stays unchanged.
        keys = load_keyring(settings)
        if keys.parents:
            keys.parents.merge_lines(_read_lines(folder / PARENTS_FILE))
        async with (
            _open_without_upgrade(f"{_SQLITE}{file}", keys) as source,
            _open_without_upgrade(settings.database_url, keys) as target,
        ):
            await _refuse_damaged(source, copy)
            await source.upgrade()
            if lost_keys := await source.owners.list_owners_by_lost_key():
                raise StorageError(
                    describe_lost_keys(
                        list(lost_keys), keys.location, [one for those in lost_keys.values() for one in those]
                    )
                )
            await _refuse_running_bot(target)
            copied_rows = await copy_database(source, target, replace=True)
    print(
        f"Restored {sum(copied_rows.values())} rows from {folder}. Users who have asked to be forgotten since then "
        "are in it again: run `quillmate db forget ID` for each of them."
    )
    return 0


async def copy(settings: Settings, source_url: str, target_url: str, *, replace: bool) -> int:
    """Copy all rows of a database to another, and compare them afterwards; print the number of rows.

    Raises:
        QuillmateError: a bot uses one of them, an address is invalid, or the target has rows and `replace` is not set.
    """
    for url in (source_url, target_url):
        if not url.startswith((_SQLITE, "postgresql://", "postgres://")):
            raise SettingsError(_INVALID_ADDRESS.format(url=url))
    if source_url.startswith(_SQLITE):
        _refuse_missing(Path(source_url.removeprefix(_SQLITE)))
    keys = load_keyring(settings)
    async with _open_without_upgrade(source_url, keys) as source, _open_without_upgrade(target_url, keys) as target:
        if source.url == target.url:
            raise SettingsError("The two databases are the same.")
        await _refuse_running_bot(source)
        await _refuse_running_bot(target)
        copied_rows = await copy_database(source, target, replace=replace)
        target_name = target.display_url
    filled_tables = sum(1 for count in copied_rows.values() if count)
    print(
        f"Copied {sum(copied_rows.values())} rows of {filled_tables} tables to {target_name}; every row was compared."
    )
    print("Set QUILLMATE_DATABASE to it, and keep the same operator.key and parents.key. Pending requests stay behind.")
    return 0


@contextlib.asynccontextmanager
async def _open_without_upgrade(url: str, keys: Keyring) -> AsyncIterator[Database]:
    """Open a database without upgrading its schema."""
    database = Database(url, keys)
    try:
        yield database
    finally:
        await database.close()


async def _refuse_damaged(database: Database, file: Path) -> None:
    try:
        damage = await database.find_damage()
    except StorageError:
        damage = "it cannot be read"
    if damage:
        raise StorageError(f"{file} is damaged ({damage}). Nothing was restored.")


async def _refuse_running_bot(database: Database) -> None:
    names = (await Leases(database).list_names())[0] if await database.read_revision() is not None else []
    names = [one for one in names if one != PAUSE]
    if names:
        raise StorageError(_BOT_RUNNING.format(url=database.display_url, slots=", ".join(names)))


def _refuse_missing(file: Path) -> None:
    if not file.is_file():
        raise FileError(f"There is no database at {file} yet.")


def _read_key_lines(keys: Keyring) -> list[str]:
    return _read_lines(keys.parents.file) if keys.parents else []


def _read_lines(file: Path) -> list[str]:
    return file.read_text(encoding="ascii").splitlines(keepends=True) if file.exists() else []


def _copy_file(source: Path, copy: Path) -> None:
    with (
        contextlib.closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as source_database,
        contextlib.closing(sqlite3.connect(copy)) as target,
    ):
        source_database.backup(target)


def _write_unique_lines(file: Path, lines: Sequence[str]) -> None:
    """Write each distinct line once, at its first position."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as output:
        output.writelines(dict.fromkeys(lines))
