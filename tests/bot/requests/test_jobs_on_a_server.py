"""Durable jobs and the whole bot on PostgreSQL, as several machines share them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import discord
import psycopg
from acting import wait_until
from owner_keys import load_key

from bot.admission.fair import Urgency
from bot.app import App
from bot.requests.jobs import Jobs
from bot.settings import Settings
from bot.store import load_keyring, open_store
from storage.database import Database


class Recorder:
    """Work that waits where a test wants it to, and records its jobs."""

    def __init__(self) -> None:
        self.done: list[tuple[str, bool]] = []
        self.paid = 0
        self.gate = asyncio.Event()

    async def __call__(self, job: dict[str, Any], checkpoint: Any, *, again: bool) -> None:
        async def pay() -> str:
            self.paid += 1
            return f"made {job['name']}"

        text = await checkpoint("draft", pay)
        await self.gate.wait()
        self.done.append((text, again))


async def test_interrupted_jobs_are_resumed_and_paid_for_once(postgres_url: str, tmp_path: Path) -> None:
    url = Settings(data=tmp_path, database=postgres_url).jobs_url
    work = Recorder()
    async with Jobs(url, work, load_key, room=2) as jobs:
        for name in ("a", "b", "c"):  # The third queues.
            await jobs.submit(f"job-{name}", name, {"name": name})
        await wait_until(lambda: work.paid >= 2)
    assert work.done == []
    work.gate.set()
    async with Jobs(url, work, load_key, room=2):
        await wait_until(lambda: len(work.done) == 3)
    # The queued one had begun or had not; the two others had, and their model is not called again.
    assert sorted(text for text, _again in work.done) == ["made a", "made b", "made c"]
    assert work.paid == 3
    assert all(again for text, again in work.done if text != "made c")
    assert not (tmp_path / "jobs.db").exists(), "jobs are kept on the server"


async def test_queued_jobs_start_by_urgency_and_fair_turns(postgres_url: str, tmp_path: Path) -> None:
    work = Recorder()
    company = {"company": lambda: True, "places": lambda: 1}
    async with Jobs(Settings(data=tmp_path, database=postgres_url).jobs_url, work, load_key, **company) as jobs:
        await jobs.submit("first", "a", {"name": "first"}, Urgency.ROW)
        await wait_until(lambda: work.paid == 1)
        for name, urgency in (("a1", Urgency.COMMAND), ("a2", Urgency.COMMAND), ("b1", Urgency.COMMAND)):
            await jobs.submit(f"job-{name}", name[0], {"name": name}, urgency)
        await jobs.submit("job-a3", "a", {"name": "a3"}, Urgency.PRESS)
        assert (jobs.running_count, jobs.count_pending("a"), jobs.is_running("job-a2")) == (1, 4, True)
        work.gate.set()
        await wait_until(lambda: len(work.done) == 5)
    assert [text.split()[1] for text, _ in work.done] == ["first", "a3", "b1", "a1", "a2"]


async def test_a_job_submitted_twice_runs_once(postgres_url: str, tmp_path: Path) -> None:
    work = Recorder()
    work.gate.set()
    async with Jobs(Settings(data=tmp_path, database=postgres_url).jobs_url, work, load_key) as jobs:
        for _ in range(2):
            await jobs.submit("job-a", "a", {"name": "a"})
            assert await jobs.wait_idle(5)
        assert work.done == [("made a", False)]
        assert await jobs.forget("a") == 1


async def test_the_app_stores_everything_on_the_server(postgres_url: str, tmp_path: Path, script: Any) -> None:
    settings = Settings(data=tmp_path, database=postgres_url, embeddings="none")
    database = Database(postgres_url, load_keyring(settings))
    await database.upgrade()
    await database.close()
    async with App(settings, engines=[script.engine()]) as app:
        desk = app.build_desk(discord.Client(intents=discord.Intents.none()))
        await app.hold(desk)
        await app.store.profiles.update("7", lambda known: known.model_copy(update={"role": "baker"}))
        await desk.end(1)
    assert not list(tmp_path.glob("*.db"))
    with psycopg.connect(postgres_url) as connection:
        kept = connection.execute("SELECT owner_id FROM owners").fetchall()
    assert kept == [("7",)]
    async with open_store(settings) as store:
        assert (await store.profiles.get("7")).role == "baker"
