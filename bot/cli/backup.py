"""`quillmate db backup`, `restore` and `copy`: an installation's database and the keys that open it, taken elsewhere."""

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
from bot.settings import Settings
from bot.store import PARENTS_FILE, load_keyring
from storage.copying import copy_database
from storage.crypto import Keyring, describe_lost_keys
from storage.database import Database
from storage.errors import StorageError
from storage.leases import Leases

from .keys import alone

_SQLITE = "sqlite:///"
_FILE = "quillmate.db"
_URL = (
    "{url} is no address of a database: write sqlite:////folder/quillmate.db or postgresql://user:password@host/name."
)
_AT_WORK = "A bot works on {url} (slot {slots}). Stop it first: what it writes meanwhile would be missing."


async def back_up(settings: Settings, folder: Path, now: datetime | None = None) -> int:
    """Copies the database and the parent keys into a new folder in `folder`, named by the moment; prints where.

    The copy is an SQLite file, also where the database is a server's. Somebody may be forgotten while it is made, which gives
    others new parent keys: so these are read before and after, and both are kept.

    Raises:
        QuillmateError: something cannot be read or written.
    """
    keys = load_keyring(settings)
    source = Path(settings.database_url.removeprefix(_SQLITE))
    embedded = settings.database_url.startswith(_SQLITE)
    if embedded:
        _refuse_missing(source)
    made = folder / f"quillmate-{now or datetime.now(UTC):%Y%m%d-%H%M%S}"
    try:
        made.mkdir(parents=True, mode=0o700)
        before = _lines(keys)
        os.close(os.open(made / _FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        if embedded:
            await asyncio.to_thread(_copy_file, source, made / _FILE)
        else:
            async with _opened(settings.database_url, keys) as read, _opened(f"{_SQLITE}{made / _FILE}", keys) as copy:
                await copy_database(read, copy)
        if keys.parents:
            # Later lines go before earlier ones of the same people, so what was there first comes first.
            _write(made / PARENTS_FILE, [*before, *_lines(keys)])
    except (OSError, sqlite3.Error) as error:
        raise FileError(f"The copy could not be made: {error}.") from error
    print(f"Copied to {made}. Keep the operator's key apart from it, and the copy no longer than you promise.")
    return 0


async def restore(settings: Settings, folder: Path) -> int:
    """Puts what `back_up` copied in the place of what the database holds, all of it or nothing; prints what came back.

    Raises:
        QuillmateError: a bot runs, there is no copy, it is damaged, or the keys that open it are not here.
    """
    copy = folder / _FILE
    if not copy.is_file():
        raise FileError(f"{folder} holds no {_FILE}. Name a folder that `quillmate db backup` made.")
    with alone(settings), tempfile.TemporaryDirectory(dir=settings.data, prefix="restoring-") as workplace:
        file = Path(workplace) / _FILE
        shutil.copyfile(copy, file)  # It may have to be brought to this version; the copy stays as it is.
        keys = load_keyring(settings)
        if keys.parents:
            keys.parents.merge_lines(_lines_of(folder / PARENTS_FILE))
        async with _opened(f"{_SQLITE}{file}", keys) as source, _opened(settings.database_url, keys) as target:
            await _refuse_damaged(source, copy)
            await source.upgrade()
            if lost := await source.owners.list_lost():
                raise StorageError(
                    describe_lost_keys(list(lost), keys.location, [one for those in lost.values() for one in those])
                )
            await _refuse_at_work(target)
            copied = await copy_database(source, target, replace=True)
    print(
        f"Put back {sum(copied.values())} rows from {folder}. Who asked to be forgotten since then is in it again: "
        "`quillmate db forget ID` for each."
    )
    return 0


async def copy(settings: Settings, source_url: str, target_url: str, *, replace: bool) -> int:
    """Copies all rows of a database into another, compared when they have arrived; prints how many.

    Raises:
        QuillmateError: a bot works on one of them, an address is none, or the target holds rows and is not to be replaced.
    """
    for url in (source_url, target_url):
        if not url.startswith((_SQLITE, "postgresql://", "postgres://")):
            raise SettingsError(_URL.format(url=url))
    if source_url.startswith(_SQLITE):
        _refuse_missing(Path(source_url.removeprefix(_SQLITE)))
    keys = load_keyring(settings)
    async with _opened(source_url, keys) as source, _opened(target_url, keys) as target:
        if source.url == target.url:
            raise SettingsError("The two databases are the same one.")
        await _refuse_at_work(source)
        await _refuse_at_work(target)
        copied = await copy_database(source, target, replace=replace)
        shown = target.display_url
    filled = sum(1 for count in copied.values() if count)
    print(f"Copied {sum(copied.values())} rows of {filled} tables to {shown}; each arrived as it was read.")
    print("Set QUILLMATE_DATABASE to it, and keep the same operator.key and parents.key. Pending requests stay behind.")
    return 0


@contextlib.asynccontextmanager
async def _opened(url: str, keys: Keyring) -> AsyncIterator[Database]:
    """A database that is not brought to this version by opening it."""
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
        raise StorageError(f"{file} is damaged ({damage}). Nothing was put back.")


async def _refuse_at_work(database: Database) -> None:
    names = (await Leases(database).list_names())[0] if await database.read_revision() is not None else []
    if names:
        raise StorageError(_AT_WORK.format(url=database.display_url, slots=", ".join(names)))


def _refuse_missing(file: Path) -> None:
    if not file.is_file():
        raise FileError(f"There is no database at {file} yet.")


def _lines(keys: Keyring) -> list[str]:
    return _lines_of(keys.parents.file) if keys.parents else []


def _lines_of(file: Path) -> list[str]:
    return file.read_text(encoding="ascii").splitlines(keepends=True) if file.exists() else []


def _copy_file(source: Path, copy: Path) -> None:
    with (
        contextlib.closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as read,
        contextlib.closing(sqlite3.connect(copy)) as written,
    ):
        read.backup(written)


def _write(file: Path, lines: Sequence[str]) -> None:
    """Writes each line once, where it stands first."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as opened:
        opened.writelines(dict.fromkeys(lines))
