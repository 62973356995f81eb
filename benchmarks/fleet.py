"""What several processes on one PostgreSQL database do when one of them is killed: python -m benchmarks.fleet [--kill worker]

Two `quillmate run` and a `quillmate worker` as installed, against stubs of Discord and of a model that takes a second. Midway
through the requests one process is killed with SIGKILL. Prints how many requests were answered, how often, and how long that took.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from base64 import b64encode
from collections import Counter
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
sys.path[:0] = [str(REPOSITORY / "tests")]

from gateway import DiscordServer, serve_discord  # noqa: E402
from servers import create_database, run_postgres  # noqa: E402

from storage.database import Database  # noqa: E402

WRITES_SECONDS = 1.0
ROLES = {"a": ["run"], "b": ["run"], "worker": ["worker"]}


async def start_process(
    folder: Path, name: str, url: str, there: DiscordServer, *words: str, **settings: str
) -> asyncio.subprocess.Process:
    """Start a `quillmate` of these words, with its data and output in a folder of its own."""
    data = folder / name
    data.mkdir()
    environment = os.environ | {
        "PYTHONPATH": str(REPOSITORY),
        "DISCORD_TOKEN": "a-token",
        "QUILLMATE_DATA": str(data),
        "QUILLMATE_SLOT": name,
        "QUILLMATE_DATABASE": url,
        "QUILLMATE_KEY": b64encode(b"k" * 32).decode(),
        "QUILLMATE_ENGINE": "openai:any",
        "QUILLMATE_ENGINE_URL": f"{there.url}/v1",
        "QUILLMATE_LIMITS": "none",
        **settings,
    }
    command = [str(REPOSITORY / "tests/processes/running.py"), f"{there.url}/api", "--", *words]
    with (data / "out").open("w") as out:
        return await asyncio.create_subprocess_exec(
            sys.executable, *command, cwd=data, env=environment, stdout=out, stderr=out
        )


async def wait_for_output(folder: Path, name: str, words: str) -> None:
    """Wait until the output of a process contains these words."""
    while words not in (folder / name / "out").read_text():
        await asyncio.sleep(0.05)


async def measure(folder: Path, url: str, kill: str, count: int) -> None:
    """Send the requests, kill one process midway, and print how they were answered."""
    database = Database(url)
    await database.upgrade()
    await database.close()
    async with serve_discord() as there:
        there.writes.set()
        there.takes = WRITES_SECONDS
        processes = {}
        for name, ready in (("a", "Ready as"), ("b", "another process serves"), ("worker", "Working as")):
            # A process that begins all requests at once would leave none to the worker that is to be killed.
            more = ["--no-work"] if kill == "worker" and name == "a" else []
            processes[name] = await start_process(folder, name, url, there, *ROLES[name], *more)
            await wait_for_output(folder, name, ready)
        await asyncio.sleep(4)  # Until each has seen the others.
        for number in range(count // 2):
            await there.copy(f"token-{number}")
            await asyncio.sleep(0.05)
        while len(there.finished) < count // 8:  # The first ones take a while: what is slow is loaded then.
            await asyncio.sleep(0.01)
        acknowledged = set(there.callbacks)
        before = len(there.finished)
        processes[kill].kill()
        killed = time.monotonic()
        if kill == "a":
            await wait_for_output(folder, "b", "Ready as")
            print(f"the shard is served again {time.monotonic() - killed:.1f} s after the kill")
        for number in range(count // 2, count):
            await there.copy(f"token-{number}")
            await asyncio.sleep(0.05)
        wanted = acknowledged | {f"token-{number}" for number in range(count // 2, count)}
        async with asyncio.timeout(120):
            while not wanted <= {token for token, _ in there.finished}:
                await asyncio.sleep(0.05)
        await asyncio.sleep(3)  # For second answers, if there were any.
        times = Counter(token for token, _ in there.finished)
        first = {token: at for token, at in reversed(there.finished)}
        late = [first[token] - killed for token in acknowledged]
        print(f"{len(wanted)} requests acknowledged, {before} answered before {kill} was killed; all answered")
        print(
            f"answered twice: {sum(number > 1 for number in times.values())}; acknowledged twice (40060): {len(there.twice)}"
        )
        print(
            f"last answer to what was taken before: {max(late):.1f} s after the kill; median {statistics.median(late):.1f} s"
        )
        for name, process in processes.items():
            lines = (folder / name / "out").read_text().splitlines()
            answered = sum('"answered"' in line or "answered " in line for line in lines)
            print(f"{name}: {answered} answered", *[line for line in lines if "taken over" in line])
            if process.returncode is None:
                process.terminate()
                await process.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kill", choices=list(ROLES), default="a")
    parser.add_argument("--count", type=int, default=80)
    args = parser.parse_args()
    with (
        run_postgres() as first,
        create_database(first) as address,
        tempfile.TemporaryDirectory(prefix="fleet") as where,
    ):
        asyncio.run(measure(Path(where), address, args.kill, args.count))
