"""Requests that kill the process each time, and such as come back with an old copy: told or left, and never for ever."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from acting import wait_until
from discord_texts import list_message_bodies
from owner_keys import load_key

from bot.content import Request
from bot.replies.address import Address
from bot.requests.answers import STALE_SECONDS, build_job
from bot.requests.durable_engine import MAX_ATTEMPTS
from bot.requests.jobs import Jobs
from storage.crypto import OwnerKey

SENTENCE = "Your request failed every time I tried, so I gave up on it. Ask again in other words."


@pytest.fixture
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.requests.given_up_jobs._MIN_LOOK_SECONDS", 0.02)
    monkeypatch.setattr("bot.requests.given_up_jobs._MAX_LOOK_SECONDS", 0.05)


class Hanging:
    """Work that never ends; records the jobs whose users were told that they were given up."""

    def __init__(self) -> None:
        self.began = 0
        self.told: list[dict[str, Any]] = []
        self.away = 0

    async def __call__(self, job: dict[str, Any], checkpoint: Any, *, again: bool) -> None:
        self.began += 1
        await asyncio.Event().wait()

    async def tell(self, job: dict[str, Any]) -> None:
        if self.away:
            self.away -= 1
            await asyncio.Event().wait()
        self.told.append(job)


def exhaust_attempts(folder: Path) -> None:
    """Set the number of times that the jobs of a file were started beyond the maximum."""
    with contextlib.closing(sqlite3.connect(folder / "jobs.db")) as file, file:
        file.execute("UPDATE workflow_status SET recovery_attempts = ?", (MAX_ATTEMPTS + 1,))


def count_rows(folder: Path) -> int:
    with contextlib.closing(sqlite3.connect(folder / "jobs.db")) as file:
        return int(file.execute("SELECT COUNT(*) FROM workflow_status").fetchone()[0])


@pytest.mark.usefixtures("looks_often")
async def test_a_job_that_kills_its_process_is_abandoned_and_reported(tmp_path: Path) -> None:
    work, url = Hanging(), f"sqlite:///{tmp_path / 'jobs.db'}"
    async with Jobs(url, work, load_key, tell=work.tell) as jobs:
        await jobs.submit("job", "a", {"brief": "deadly"})
        await wait_until(lambda: work.began == 1)
    with contextlib.closing(sqlite3.connect(tmp_path / "jobs.db")) as file, file:
        file.execute("UPDATE workflow_status SET recovery_attempts = ?", (MAX_ATTEMPTS - 1,))
    for number in (2, 3):
        async with Jobs(url, work, load_key, tell=work.tell):
            await wait_until(lambda number=number: work.began == number)  # type: ignore[misc]
    assert work.told == []
    async with Jobs(url, work, load_key, tell=work.tell) as jobs:
        await wait_until(lambda: work.told)
        await wait_until(lambda: count_rows(tmp_path) == 0)
        assert await jobs.count("a") == 0
    assert work.began == 3
    assert work.told == [{"brief": "deadly"}]


@pytest.mark.usefixtures("looks_often")
@pytest.mark.parametrize("hindrance", ["Discord is away", "forgotten", "key lost"])
async def test_unreachable_users_do_not_block_other_reports(
    hindrance: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, url = Hanging(), f"sqlite:///{tmp_path / 'jobs.db'}"
    async with Jobs(url, work, load_key, tell=work.tell) as jobs:
        await jobs.submit("job", "a", {"brief": "deadly"})
        await wait_until(lambda: work.began == 1)
    exhaust_attempts(tmp_path)
    monkeypatch.setattr("bot.requests.given_up_jobs._NOTIFY_TIMEOUT_SECONDS", 0.05)
    work.away = 2 if hindrance == "Discord is away" else 0

    async def load_known_key(owner: str) -> OwnerKey | None:
        return None if hindrance == "forgotten" else OwnerKey(owner, b"z" * 32)

    other = None if hindrance == "Discord is away" else load_known_key
    async with Jobs(url, work, load_key, known_seal_of=other, tell=work.tell):
        await wait_until(lambda: count_rows(tmp_path) == 0)
    assert work.told == ([{"brief": "deadly"}] if hindrance == "Discord is away" else [])


def list_messages(world: Any, viewer: Any) -> list[Any]:
    return list(world.channel.history(viewer=viewer))


async def test_users_of_commands_are_notified_privately_in_their_language(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[dict[str, Any]] = []
    submit = world.desk.jobs.submit

    async def submit_and_record(job_id: str, owner: str, job: dict[str, Any], urgency: int) -> None:
        taken.append(job)
        await submit(job_id, owner, job, urgency)

    monkeypatch.setattr(world.desk.jobs, "submit", submit_and_record)
    await world.post()
    taken[0]["address"]["locale"] = "de"
    await world.desk.answers.give_up(taken[0])
    await world.env.settle()
    assert "Deine Anfrage ist bei jedem Versuch abgebrochen, deshalb habe ich" in str(
        list_message_bodies(world.env)[-2:]
    )
    assert "Deine Anfrage ist bei jedem Versuch abgebrochen, deshalb habe ich" not in str(
        [one.components for one in list_messages(world, world.ben)]
    )


async def test_users_who_mentioned_the_bot_are_notified_once_in_a_reply(world: Any) -> None:
    message = await world.ada.send(world.channel, "Whatever.")
    address = Address(world.ada.id, world.channel.id, time.time(), message_id=message.id)
    job = build_job(Request("r1", str(world.ada.id), "x", kind="social_post"), address)
    for _ in range(2):
        await world.desk.answers.give_up(job)
        await world.env.settle()
    said = [one for one in list_messages(world, world.ben) if SENTENCE in str(one.components)]
    assert len(said) == 1
    assert said[0].reference.message_id == message.id


async def begin_job(desk: Any, job: dict[str, Any], *, again: bool = True) -> None:
    async def checkpoint(_name: str, step: Any) -> Any:
        return await step()

    await desk.answers(job, checkpoint, again=again)


@pytest.mark.parametrize("old", [True, False])
async def test_stale_requests_are_not_answered_after_a_restart(world: Any, old: bool) -> None:
    message = await world.ada.send(world.channel, "Whatever.")
    before = len(list_messages(world, world.ben))
    asked = time.time() - STALE_SECONDS + (-60 if old else 60)
    for address in (
        Address(world.ada.id, world.channel.id, asked, message_id=message.id),
        Address(world.ada.id, world.channel.id, asked, application_id=1, token="dead"),
    ):
        request = Request(f"r{address.message_id}", str(world.ada.id), "tweet: closed", kind="social_post")
        job = build_job(request, address)
        await begin_job(world.desk, job)
        if old:
            await world.desk.answers.give_up(job)
    await world.env.settle()
    assert len(list_messages(world, world.ben)) - before == (0 if old else 2)
    assert bool(world.script.prompts) is not old


async def test_an_old_copy_of_pending_requests_answers_nothing_twice(tmp_path: Path) -> None:
    """The copy is of a moment at which the request was pending; it was answered since, and hours have passed."""
    told: list[bool] = []

    class Noting(Hanging):
        async def __call__(self, job: dict[str, Any], checkpoint: Any, *, again: bool) -> None:
            told.append(again)
            if not self.began:
                await super().__call__(job, checkpoint, again=again)

    work, url = Noting(), f"sqlite:///{tmp_path / 'jobs.db'}"
    async with Jobs(url, work, load_key) as jobs:
        await jobs.submit("job", "a", {})
        await wait_until(lambda: told)
    copied = shutil.copy(tmp_path / "jobs.db", tmp_path / "copy")
    async with Jobs(url, work, load_key):
        await wait_until(lambda: len(told) == 2)
    shutil.copy(copied, tmp_path / "jobs.db")
    async with Jobs(url, work, load_key):
        await wait_until(lambda: len(told) == 3)
    assert told == [False, True, True], "so that what is asked long ago is known for it"
