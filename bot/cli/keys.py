"""`quillmate db rotate-key`, `forget-lost` and `forget`: the operator's key replaced or given up; a person forgotten."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from bot.checks.units import format_count
from bot.errors import SettingsError
from bot.requests.jobs import count_pending, forget_pending
from bot.settings import Settings, check_writable
from bot.store import Store, open_store
from storage.owners import describe_owners, get_guild_id, is_workspace, workspace

RUN_LOCK = "run.lock"
_LATER = (
    " Encrypted remains stay in the database's own files until it has overwritten them: `quillmate run` looks every hour, and "
    "`quillmate doctor` tells."
)
_HOW = (
    "The key stands in QUILLMATE_KEY. Make a new one with `openssl rand -base64 32`, put it before the present one with a "
    "comma between, and run this again: QUILLMATE_KEY=NEW,OLD quillmate db rotate-key"
)


async def rotate(settings: Settings) -> int:
    """Wraps everybody's key with a new one, and says what is left to do.

    In a file the new key is written before it is used and the old one removed after, so that it may be interrupted at any
    moment and run again. Processes that run know only the old key, so they must be stopped before.

    Raises:
        QuillmateError: the bot runs, or a key is missing.
    """
    with alone(settings):
        store = open_store(settings)
        keys = store.database.keys
        async with store:
            if not keys.has_key:
                raise SettingsError("There is no key yet: it is made when the first person is met.")
            if not keys.is_in_file and not keys.has_older_keys:
                raise SettingsError(_HOW)
            if keys.is_in_file:
                keys.add_key()
            owner_ids = await store.database.owners.rewrap()
            if keys.is_in_file:
                keys.drop_old_keys()
    print(
        f"The keys of {describe_owners(owner_ids)} are encrypted with the key {keys.current_id} now, which stands in {keys.location}."
    )
    if keys.is_in_file:
        print("The old key opens nothing any more but older backups: keep it with those.")
    else:
        print("Remove the other keys from QUILLMATE_KEY; keep them with the backups of their time.")
    return 0


async def forget_lost(settings: Settings, agreed: Callable[[str], bool]) -> int:
    """Deletes every owner whose key cannot be opened any more, once `agreed` to the question.

    Raises:
        QuillmateError: the bot runs, or the database cannot be used.
    """
    with alone(settings):
        store = open_store(settings)
        try:
            lost = await store.database.owners.list_lost()
            owner_ids = [one for those in lost.values() for one in those]
            if not owner_ids:
                print("Nothing is lost: the keys that are there open everything.")
                return 0
            question = (
                f"{await _told(store, owner_ids)} are encrypted with {' and '.join(lost)}, which is not in "
                f"{store.database.keys.location}. Delete them?"
            )
            if not agreed(question):
                print("Nothing was deleted.")
                return 1
            for owner_id in owner_ids:
                if is_workspace(owner_id):
                    await store.workspaces.forget(get_guild_id(owner_id))
                    continue
                await asyncio.to_thread(forget_pending, settings.jobs_url, owner_id)
                await store.people.forget(owner_id)
                shutil.rmtree(_pictures(settings, owner_id), ignore_errors=True)
        finally:
            await store.database.close()
    print(f"Deleted all that was kept of {describe_owners(owner_ids)}. What they ask for from now on is kept again.")
    return 0


async def forget_person(settings: Settings, user_id: str, agreed: Callable[[str], bool]) -> int:
    """Deletes all that is kept of a person, once `agreed` to the question.

    Raises:
        QuillmateError: the bot runs, or the database cannot be used.
    """
    with alone(settings):
        async with open_store(settings) as store:
            pending = await asyncio.to_thread(count_pending, settings.jobs_url, user_id)
            given = await store.people.list_given(user_id)
            if not pending and not given and not any((await store.people.count_rows(user_id)).values()):
                print(f"Nothing is kept of {user_id}.")
                return 0
            if not agreed(f"Delete {await _told(store, [user_id])}?"):
                print("Nothing was deleted.")
                return 1
            await asyncio.to_thread(forget_pending, settings.jobs_url, user_id)
            erasure = await store.people.forget(user_id)
            shutil.rmtree(_pictures(settings, user_id), ignore_errors=True)
    print(f"Deleted all that was kept of {user_id}.{'' if erasure.complete else _LATER}")
    return 0


async def forget_server(settings: Settings, guild_id: str, agreed: Callable[[str], bool]) -> int:
    """Deletes all that a server itself owns, once `agreed` to the question.

    Raises:
        QuillmateError: the bot runs, or the database cannot be used.
    """
    with alone(settings):
        async with open_store(settings) as store:
            if not any((await store.workspaces.count_rows(guild_id)).values()):
                print(f"Nothing is the own of the server {guild_id}.")
                return 0
            if not agreed(f"Delete {await _told(store, [workspace(guild_id)])}?"):
                print("Nothing was deleted.")
                return 1
            erasure = await store.workspaces.forget(guild_id)
    print(f"Deleted all that was the own of the server {guild_id}.{'' if erasure.complete else _LATER}")
    return 0


def _pictures(settings: Settings, user_id: str) -> Path:
    return settings.data / "pictures" / Path(user_id).name


async def _told(store: Store, owner_ids: list[str]) -> str:
    total = Counter[str]()
    for owner_id in owner_ids:
        if is_workspace(owner_id):
            total.update(await store.workspaces.count_rows(get_guild_id(owner_id)))
        else:
            total.update(await store.people.count_rows(owner_id))
    return (
        f"{format_count(total['preferences'], 'profile entry', 'profile entries')}, {format_count(total['generations'], 'result')}, "
        f"{format_count(total['feedback'], 'vote')} and {format_count(total['documents'], 'document')} of {describe_owners(owner_ids)}"
    )


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Holds the data folder, so that no bot runs on it.

    Raises:
        SettingsError: one does, or the folder cannot be written.
    """
    check_writable(settings)
    lock = FileLock(settings.data / RUN_LOCK)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise SettingsError(f"Another quillmate runs on {settings.data}. Stop it, or set QUILLMATE_DATA.") from None
    try:
        yield
    finally:
        lock.release()
