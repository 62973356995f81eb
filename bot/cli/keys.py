"""`quillmate db rotate-key`, `forget-lost` and `forget`: rotation of the operator's key, and erasure."""

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
from bot.requests.offline_jobs import count_pending, forget_pending
from bot.runtime.data_folder import check_writable
from bot.settings import Settings
from bot.store import Store, open_store
from storage.owners import describe_owners, get_guild_id, is_workspace, workspace

RUN_LOCK = "run.lock"
_REMAINS_NOTE = (
    " Encrypted traces stay in the database's files until they are overwritten: `quillmate run` checks every hour, and "
    "`quillmate doctor` shows the state."
)
_ROTATION_HELP = (
    "The key is in QUILLMATE_KEY. Make a new one with `openssl rand -base64 32`, put it before the current one with a "
    "comma between, and run this again: QUILLMATE_KEY=NEW,OLD quillmate db rotate-key"
)


async def rotate(settings: Settings) -> int:
    """Wrap all owners' keys with a new key, and print what is left to do. In a file, the new key is stored before it
    is used and the old one removed afterwards, so that it may be interrupted at any time and run again. Running
    processes know only the old key, so they have to be stopped before.

    Raises:
        QuillmateError: the bot is running, or a key is missing.
    """
    with lock_data_folder(settings):
        store = open_store(settings)
        keys = store.database.keys
        async with store:
            if not keys.has_key:
                raise SettingsError("There is no key yet: it is made for the first user.")
            if not keys.is_in_file and not keys.has_older_keys:
                raise SettingsError(_ROTATION_HELP)
            if keys.is_in_file:
                keys.add_key()
            owner_ids = await store.database.owners.rewrap()
            if keys.is_in_file:
                keys.drop_old_keys()
    print(
        f"The keys of {describe_owners(owner_ids)} are now encrypted with the key {keys.current_id} in {keys.location}."
    )
    if keys.is_in_file:
        print("The old key now decrypts only older backups: keep it with them.")
    else:
        print("Remove the other keys from QUILLMATE_KEY; keep them with the backups they belong to.")
    return 0


async def forget_lost(settings: Settings, confirm: Callable[[str], bool]) -> int:
    """Delete all owners whose key is lost, after confirmation.

    Raises:
        QuillmateError: the bot is running, or the database cannot be used.
    """
    with lock_data_folder(settings):
        store = open_store(settings)
        try:
            lost_keys = await store.database.owners.list_owners_by_lost_key()
            owner_ids = [one for those in lost_keys.values() for one in those]
            if not owner_ids:
                print("Nothing is lost: the existing keys decrypt everything.")
                return 0
            question = (
                f"{await _describe_data(store, owner_ids)} are encrypted with {' and '.join(lost_keys)}, which is not in "
                f"{store.database.keys.location}. Delete them?"
            )
            if not confirm(question):
                print("Nothing was deleted.")
                return 1
            for owner_id in owner_ids:
                if is_workspace(owner_id):
                    await store.workspaces.forget(get_guild_id(owner_id))
                    continue
                await asyncio.to_thread(forget_pending, settings.jobs_url, owner_id)
                await store.people.forget(owner_id)
                shutil.rmtree(_get_picture_folder(settings, owner_id), ignore_errors=True)
        finally:
            await store.database.close()
    print(f"Deleted all data of {describe_owners(owner_ids)}. What they ask for from now on is stored again.")
    return 0


async def forget_person(settings: Settings, user_id: str, confirm: Callable[[str], bool]) -> int:
    """Delete all data of a user, after confirmation.

    Raises:
        QuillmateError: the bot is running, or the database cannot be used.
    """
    with lock_data_folder(settings):
        async with open_store(settings) as store:
            pending = await asyncio.to_thread(count_pending, settings.jobs_url, user_id)
            given_results = await store.people.list_contributions(user_id)
            if not pending and not given_results and not any((await store.people.count_rows(user_id)).values()):
                print(f"There is no data of {user_id}.")
                return 0
            if not confirm(f"Delete {await _describe_data(store, [user_id])}?"):
                print("Nothing was deleted.")
                return 1
            await asyncio.to_thread(forget_pending, settings.jobs_url, user_id)
            erasure = await store.people.forget(user_id)
            shutil.rmtree(_get_picture_folder(settings, user_id), ignore_errors=True)
    print(f"Deleted all data of {user_id}.{'' if erasure.complete else _REMAINS_NOTE}")
    return 0


async def forget_server(settings: Settings, guild_id: str, confirm: Callable[[str], bool]) -> int:
    """Delete all data that a server owns, after confirmation.

    Raises:
        QuillmateError: the bot is running, or the database cannot be used.
    """
    with lock_data_folder(settings):
        async with open_store(settings) as store:
            if not any((await store.workspaces.count_rows(guild_id)).values()):
                print(f"There is no data of the server {guild_id}.")
                return 0
            if not confirm(f"Delete {await _describe_data(store, [workspace(guild_id)])}?"):
                print("Nothing was deleted.")
                return 1
            erasure = await store.workspaces.forget(guild_id)
    print(f"Deleted all data of the server {guild_id}.{'' if erasure.complete else _REMAINS_NOTE}")
    return 0


def _get_picture_folder(settings: Settings, user_id: str) -> Path:
    return settings.data / "pictures" / Path(user_id).name


async def _describe_data(store: Store, owner_ids: list[str]) -> str:
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
def lock_data_folder(settings: Settings) -> Iterator[None]:
    """Lock the data folder, so that no bot runs on it.

    Raises:
        SettingsError: a bot runs on it, or the folder is not writable.
    """
    check_writable(settings.data)
    lock = FileLock(settings.data / RUN_LOCK)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise SettingsError(
            f"Another Quillmate is running on {settings.data}. Stop it, or set QUILLMATE_DATA."
        ) from None
    try:
        yield
    finally:
        lock.release()
