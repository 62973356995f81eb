"""How long `/stats` takes over a year of results of one server, and what counting them adds to saving a result.

    python -m benchmarks.stats [--results 100000]

Results are stored in SQLite, sealed as the bot seals them, of 25 people, every kind and two engines, and are counted as the bot
counts them. Reading the figures and drawing the charts, which happens in a thread, are timed separately.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.admission.limits import RateLimiter
from bot.admission.prices import DEFAULT_MINUTES, parse_minutes
from bot.interactions.figures import render_charts
from bot.kinds import load_kinds
from bot.store import Store
from bot.team.figures.reports import Reports
from bot.team.workspace.recorder import Recorder
from bot.team.workspace.roles import Member
from bot.team.workspace.workspaces import Workspaces
from storage import tables
from storage.generations import Generation
from storage.owners import workspace
from storage.statements import insert_or_add
from storage.usage import EngineUsage

SERVER = "1"
PEOPLE = [str(1000 + number) for number in range(25)]
ENGINES = ("openai:gpt-5-mini", "embedded")
CHECKS = ("brief's figures", "language", "claims from you", "keyword", "reading grade", "links from you")
ROUNDS = 40


async def fill(store: Store, count: int) -> None:
    """Add the results of a year and their usage."""
    drawn, now = random.Random(1), datetime.now(UTC)
    kinds = list(load_kinds())
    owner_id = workspace(SERVER)
    for start in range(0, count, 1000):
        results, used, failed = [], [], []
        async with store.database.write() as connection:
            keys = {one: await store.database.owners.require_key(connection, one) for one in PEOPLE}
            for number in range(start, min(start + 1000, count)):
                at = now - timedelta(days=364 * (count - number) / count)
                user, kind = drawn.choice(PEOPLE), drawn.choice(kinds)
                row = {
                    "id": f"r{number}",
                    "user_id": user,
                    "guild_id": SERVER,
                    "channel_id": "2",
                    "parent_id": None,
                    "kind": kind,
                    "created_at": at,
                    "profile": "",
                }
                sealed = keys[user].seal(
                    {"text": "words " * 60, "request": {}}, tables.build_purpose(tables.generations, row)
                )
                results.append({**row, "sealed": sealed})
                used.append(
                    {
                        "owner_id": owner_id,
                        "day": at.date(),
                        "user_id": user,
                        "kind": kind,
                        "engine": drawn.choice(ENGINES),
                        "requests": 1,
                        "accepted": drawn.random() < 0.3,
                        "failed": 1,
                        "tokens_in": 900,
                        "tokens_out": 200,
                        "estimated": 0,
                        "cost": 600,
                        "seconds": 4.0,
                    }
                )
                failed.append({"owner_id": owner_id, "day": at.date(), "name": drawn.choice(CHECKS), "failed": 1})
            await connection.execute(tables.generations.insert(), results)
            for table, rows in ((tables.usage, used), (tables.failed_checks, failed)):
                for at in range(0, len(rows), 200):
                    await connection.execute(insert_or_add(connection, table), rows[at : at + 200])


async def measure_call(label: str, call, rounds: int = ROUNDS) -> None:
    """Print a row: median and 95th percentile."""
    times = []
    for number in range(rounds + 3):
        started = time.perf_counter()
        await call(number)
        times.append(1000 * (time.perf_counter() - started))
    times = sorted(times[3:])
    print(f"| {label} | {statistics.median(times):.1f} / {times[int(0.95 * len(times))]:.1f} ms |", flush=True)


def build_result(name: str) -> Generation:
    """Build a result to be saved."""
    return Generation(
        id=name,
        user_id="77",
        kind="ad",
        request={"brief": "b" * 200},
        text="words " * 100,
        parts={},
        checks=[],
        persona="",
        engine="e",
        seed=1,
        seconds=1.0,
        guild_id=SERVER,
        channel_id="2",
    )


async def compare_saving(store: Store, rounds: int = 300) -> None:
    """Print how long saving a result takes without and with counting it, by turns, for a person with few results."""
    used = [EngineUsage("ad", "embedded", requests=1, tokens_in=900, tokens_out=200)]
    times: dict[str, list[float]] = {"keep a result": [], "keep a result and count it": []}
    for number in range(2 * rounds):
        label, spent = list(zip(times, ((), used), strict=True))[number % 2]
        started = time.perf_counter()
        await store.generations.add(build_result(f"new{number}"), spent)
        times[label].append(1000 * (time.perf_counter() - started))
    for label, found in times.items():
        found.sort()
        print(f"| {label} | {statistics.median(found):.2f} / {found[int(0.95 * rounds)]:.2f} ms |", flush=True)


async def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=int, default=100_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        async with Store(f"sqlite:///{Path(folder) / 'q.db'}") as store:
            started = time.perf_counter()
            await fill(store, args.results)
            print(f"{args.results:,} results, put there in {time.perf_counter() - started:.0f} s", flush=True)
            reports = Reports(
                store, Workspaces(store, RateLimiter({}), Recorder(store)), parse_minutes(DEFAULT_MINUTES), "USD"
            )
            owner = Member(PEOPLE[0], manages=True)
            print("| what | median / p95 |\n|---|---|")
            for period in ("week", "month", "year"):
                await measure_call(
                    f"figures of a {period}", lambda _, period=period: reports.build(owner, SERVER, period)
                )
            report = await reports.build(owner, SERVER, "year")
            assert report.requests == args.results
            names = dict.fromkeys(PEOPLE, "Somebody")
            await measure_call(
                "three pictures of a year", lambda _: asyncio.to_thread(render_charts, report, names, "en"), 10
            )
            today = datetime.now(UTC).date()
            await measure_call(
                "what somebody has used, for a quota", lambda _: store.usage.load_amounts(SERVER, PEOPLE[0], today)
            )
            await compare_saving(store)


if __name__ == "__main__":
    asyncio.run(main())
