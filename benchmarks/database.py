"""What storage and durable jobs cost on SQLite: python benchmarks/database.py"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bot.content import Checkpoint
from bot.requests.jobs import Jobs
from bot.store import Store
from storage.generations import Generation

COUNT = 300


async def measure_calls(name: str, call: Callable[[int], Awaitable[Any]]) -> None:
    """Print the median and 95th percentile of a call, and its processor time."""
    times, processor = [], time.process_time()
    for number in range(COUNT):
        started = time.perf_counter()
        await call(number)
        times.append(1000 * (time.perf_counter() - started))
    times.sort()
    processor = 1000 * (time.process_time() - processor) / COUNT
    print(
        f"{name:<28} median {statistics.median(times):5.2f} ms  p95 {times[int(COUNT * 0.95)]:5.2f} ms  CPU {processor:5.2f} ms"
    )


async def run_job(_job: dict[str, Any], checkpoint: Checkpoint, *, again: bool) -> None:
    """Run a job of two checkpoints."""
    for name in ("draft", "repair"):
        await checkpoint(name, _return_one)


async def _return_one() -> int:
    return 1


async def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        async with Store(f"sqlite:///{Path(folder) / 'q.db'}") as store:
            await measure_calls("save a result", lambda n: store.generations.add(_build_result(n)))
            await measure_calls("read a result", lambda n: store.generations.get(str(n), "7"))
            await measure_calls(
                "update a profile", lambda n: store.profiles.update(str(n % 9), lambda profile: profile)
            )
        async with Jobs(
            f"sqlite:///{Path(folder) / 'jobs.db'}", run_job, store.database.owners.load_key, room=64
        ) as jobs:
            await measure_calls("keep a job and begin it", lambda n: jobs.submit(f"job-{n}", "7", {"n": n}))
            await jobs.wait_idle(60)


def _build_result(number: int) -> Generation:
    text = "We are closed on Monday. " * 10
    return Generation(
        str(number), "7", "social_post", {"brief": "x"}, text, {"posts": [text]}, [], "Copywriter", "stub", 1, 0.5
    )


if __name__ == "__main__":
    asyncio.run(main())
