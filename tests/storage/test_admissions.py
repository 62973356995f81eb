"""Requests that were let in, as processes that share a server count them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from bot.admission.limits import LimitError, RateLimiter, parse_limits
from bot.admission.quotas import Quota
from bot.content import Request
from bot.moderation.seam import Moderation
from bot.requests.admission_control import AdmissionControl
from bot.runtime.pause import Pause
from bot.store import Store
from bot.team.figures.quotas import QuotaService
from bot.team.workspace.recorder import Recorder
from bot.team.workspace.roles import Member
from bot.team.workspace.workspaces import Workspaces
from storage.crypto import Keyring
from storage.database import Database

ADA, BEN = Member("1"), Member("2", manages=True)


class Process:
    """The admission control of one process."""

    def __init__(self, url: str, limits: str, folder: Path) -> None:
        self.store = Store(url, Keyring((b"k" * 32,)))
        rate_limiter = RateLimiter(parse_limits(limits))
        self.workspaces = Workspaces(self.store, rate_limiter, Recorder(self.store))
        self.admission = AdmissionControl(
            self.workspaces,
            rate_limiter,
            QuotaService(self.store, self.workspaces, "USD"),
            Pause(self.store.leases),
            Moderation(),
        )

    async def ask(self, name: str, member: Member = ADA, guild_id: str = "", count: int = 1) -> None:
        request = Request(name, member.user_id, "", guild_id=guild_id, channel_id="5", variants=count)
        await self.admission.admit(request, member, lambda _id: True, pending=lambda: 0)


Start = Callable[[str], Process]


@pytest_asyncio.fixture
async def start(postgres_url: str, tmp_path: Path) -> AsyncIterator[Start]:
    """Return a function that starts a process with these limits on admissions."""
    database = Database(postgres_url)
    await database.upgrade()
    await database.close()
    async with AsyncExitStack() as stack:

        def begin(limits: str) -> Process:
            process = Process(postgres_url, limits, tmp_path)
            stack.push_async_callback(process.store.database.close)
            return process

        yield begin


async def test_limits_hold_across_processes_for_concurrent_requests(start: Start) -> None:
    processes = [start("person 5/minute") for _ in range(3)]
    asked = [processes[number % 3].ask(f"request-{number}") for number in range(12)]
    came = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(one) for one in came].count(type(None)) == 5
    assert "You have reached the request limit for one person." in str(next(one for one in came if one is not None))
    await processes[0].ask("another's", BEN)


async def test_server_and_channel_limits_hold_across_processes(start: Start) -> None:
    one, other = start("channel 2/minute, server 9/hour"), start("channel 2/minute, server 9/hour")
    await one.ask("first", ADA, "7")
    await other.ask("second", BEN, "7")
    with pytest.raises(LimitError, match="This channel has reached its request limit."):
        await one.ask("third", ADA, "7")
    await one.ask("elsewhere", ADA, "8")


async def test_a_users_running_requests_are_limited_across_processes(start: Start) -> None:
    one, other = start("person 1000/minute"), start("person 1000/minute")
    for number in range(20):
        await (one if number % 2 else other).ask(f"request-{number}")
    with pytest.raises(LimitError, match="20 of your requests are in progress."):
        await one.ask("more")
    await other.store.admissions.finish("request-7")
    await one.ask("more")


async def test_a_quota_counts_running_requests_of_other_processes(start: Start) -> None:
    one, other = start("none"), start("none")
    await one.workspaces.change(
        "7", BEN, lambda known: known.with_quota(Quota(whose="person", measure="requests", per="day", most=3))
    )
    came = await asyncio.gather(
        *(process.ask(f"{number}", ADA, "7") for number, process in enumerate([one, other] * 3)), return_exceptions=True
    )
    assert [type(result) for result in came].count(type(None)) == 3
    [standing] = await other.admission.quotas.list_usages("7", ADA)
    assert standing.used == 3


async def test_admissions_older_than_every_limit_are_deleted(start: Start) -> None:
    process = start("person 1/day")
    await process.ask("first")
    await process.store.admissions.delete_old(datetime.now(UTC) + timedelta(hours=23))
    with pytest.raises(LimitError):
        await process.ask("second")
    await process.store.admissions.delete_old(datetime.now(UTC) + timedelta(hours=25))
    await process.ask("second")
