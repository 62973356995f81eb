"""How long durable jobs of two empty steps take when 200 begin at once, which is the least that 200 requests can take.

python benchmarks/durable.py
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from typing import Any

from bot.requests.jobs import Jobs
from storage.crypto import OwnerKey

JOBS = 200
ROUNDS = 3


async def run_job(_job: dict[str, Any], checkpoint: Any, *, again: bool) -> None:
    """Run a job that routes and drafts nothing."""
    for name in ("route", "draft"):
        await checkpoint(name, lambda: asyncio.sleep(0, {"a": 1}))


async def load_key(owner: str) -> OwnerKey:
    """Return the same key for every owner."""
    return OwnerKey(owner, b"k" * 32)


async def main() -> None:
    """Print the time of each round."""
    with tempfile.TemporaryDirectory() as folder:
        async with Jobs(f"sqlite:///{folder}/jobs.db", run_job, load_key, room=JOBS) as jobs:
            for turn in range(ROUNDS):
                begun, cpu = time.perf_counter(), time.process_time()
                await asyncio.gather(*(jobs.submit(f"{turn}-{at}", "7", {"brief": "x" * 300}) for at in range(JOBS)))
                kept = time.perf_counter() - begun
                await jobs.wait_idle(60)
                spent = (time.process_time() - cpu) / JOBS
                took = time.perf_counter() - begun
                print(
                    f"{JOBS} jobs of two steps at once: kept {kept:.2f} s, done {took:.2f} s, {1000 * spent:.1f} ms of CPU each"
                )


if __name__ == "__main__":
    asyncio.run(main())
