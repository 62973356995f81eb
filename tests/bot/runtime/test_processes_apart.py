"""Processes that do one thing apart end when the one that began them is killed, whatever they are at."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest
from acting import wait_until

REPOSITORY = Path(__file__).parents[3]


def is_there(pid: int) -> bool:
    """Return whether a process is running; one that has ended but was not waited for is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at as Linux shows them")
async def test_subprocesses_end_when_their_parent_is_killed() -> None:
    source, held = os.pipe()
    try:
        beginner = await asyncio.create_subprocess_exec(
            sys.executable,
            str(REPOSITORY / "tests/processes/beginning.py"),
            str(source),
            pass_fds=[source],
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        )
        assert beginner.stdout is not None
        begun = [int(pid) for pid in (await beginner.stdout.readline()).split()]
        assert len(begun) == 4
        await asyncio.sleep(1.0)
        assert all(map(is_there, begun)), "they wait for what is still to come"
        beginner.kill()
        await beginner.wait()
        await wait_until(lambda: not any(map(is_there, begun)))
    finally:
        os.close(source)
        os.close(held)
