"""Programs started by tests, forked from a process that has loaded the project, which saves the loading time. Tests of
the startup itself start the interpreter; these are about what happens afterwards.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Mapping
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import Any

PROGRAMS = Path(__file__).parent / "processes"
POLLING_SECONDS = 0.01
# Timeout for the output of an ended program, as its child processes may keep the output open.
OUTPUT_TIMEOUT_SECONDS = 1
Read = tuple[asyncio.StreamReader, asyncio.ReadTransport]

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.processes.loaded"])


def fork(
    program: str, *words: str, environment: Mapping[str, str], folder: Path | None = None, umask: int = -1
) -> tuple[BaseProcess, int, int]:
    """Fork a program of tests/processes; return it with the descriptors of its output and errors."""
    (out, writes), (errors, complains) = os.pipe(), os.pipe()
    given = (
        dict(environment),
        str(folder or Path.cwd()),
        umask,
        _InheritedDescriptor(writes),
        _InheritedDescriptor(complains),
    )
    process = _context.Process(target=_run, args=(program, words, *given), name=program, daemon=True)
    process.start()
    os.close(writes)
    os.close(complains)
    return process, out, errors


class _InheritedDescriptor:
    """A descriptor that is duplicated in the other process."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __reduce__(self) -> Any:
        return _detach, (DupFd(self._number),)


def _detach(given: Any) -> int:
    return int(given.detach())


def _run(
    program: str, words: tuple[str, ...], environment: dict[str, str], folder: str, umask: int, out: int, errors: int
) -> None:
    """Run a program in this process like the interpreter."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    if umask >= 0:
        os.umask(umask)
    for given, number in ((out, 1), (errors, 2)):
        os.dup2(given, number)
        os.close(given)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)
    file = PROGRAMS / program
    sys.argv = [str(file), *words]
    sys.path[:0] = [str(file.parent), *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))]
    try:
        runpy.run_path(str(file), run_name="__main__")
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()


def run(program: str, *words: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a program of tests/processes that writes little, to its end, as `subprocess.run` does."""
    process, *descriptors = fork(program, *words, environment=environment)
    with os.fdopen(descriptors[0]) as out, os.fdopen(descriptors[1]) as errors:
        stdout, stderr = out.read(), errors.read()
    process.join(60)
    assert process.exitcode is not None, "it does not end"
    return subprocess.CompletedProcess([program, *words], process.exitcode, stdout, stderr)


class ForkedProcess:
    """A forked program, with the interface of `asyncio.subprocess.Process`."""

    def __init__(self, process: BaseProcess, stdout: Read, stderr: Read) -> None:
        self._process, self.pid = process, process.pid
        (self.stdout, *_), (self.stderr, *_) = self._read = stdout, stderr

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            assert self.pid is not None
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        while (code := self.returncode) is None:
            await asyncio.sleep(POLLING_SECONDS)
        for _, transport in self._read:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(OUTPUT_TIMEOUT_SECONDS):
                    while not transport.is_closing():
                        await asyncio.sleep(POLLING_SECONDS)
            transport.close()
        return code

    async def communicate(self) -> tuple[bytes, bytes]:
        said = await asyncio.gather(self.stdout.read(), self.stderr.read())
        await self.wait()
        return said[0], said[1]


async def start(
    program: str, *words: str, environment: Mapping[str, str], folder: Path | None = None, umask: int = -1
) -> ForkedProcess:
    """Start a program of tests/processes."""
    process, *descriptors = await asyncio.to_thread(
        fork, program, *words, environment=environment, folder=folder, umask=umask
    )
    return ForkedProcess(process, *[await _open_reader(one) for one in descriptors])


async def _open_reader(descriptor: int) -> Read:
    reader, loop = asyncio.StreamReader(), asyncio.get_running_loop()
    file = os.fdopen(descriptor, "rb", buffering=0)
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), file)
    return reader, transport
