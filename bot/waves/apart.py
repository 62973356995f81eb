"""Reads sound files in an isolated process that can be killed, as files can be malicious.

`python -m bot.waves.apart SECONDS RATE` reads a file from standard input and writes a mono WAV to standard output, with RATE
samples per second, or those of the file for 0.
"""

from __future__ import annotations

import asyncio
import json
import sys

from bot.errors import FileError, Phrase
from bot.runtime.subprocesses import exit_with_parent, kill_subprocess, start_subprocess

from .wave import Wave, encode_wav, read_sound, resample

_ERROR_PREFIX = "FileError: "
_TIMEOUT_SECONDS = 60.0
_CPU_SECONDS, _MAX_MEMORY_BYTES = 30, 2 * 1024 * 1024 * 1024
_DAMAGED = "That file contains no sound that I can read."


async def load_sound(body: bytes, *, most: float, rate: int = 0) -> Wave:
    """Load a sound file of at most so many seconds, optionally resampled to a rate.

    Raises:
        FileError: it contains no sound, lasts longer, or takes too long to read.
    """
    process = await start_subprocess(
        "bot.waves.apart",
        str(most),
        str(rate),
        environment={"OPENBLAS_NUM_THREADS": "1"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(body), _TIMEOUT_SECONDS)
    except (asyncio.CancelledError, TimeoutError) as error:
        await kill_subprocess(process)
        if isinstance(error, TimeoutError):
            raise FileError(_DAMAGED) from None
        raise
    if process.returncode:
        last = next(iter(err.decode("utf-8", "replace").strip().splitlines()[-1:]), "")
        if last.startswith(_ERROR_PREFIX):
            raise FileError(Phrase.from_json(json.loads(last.removeprefix(_ERROR_PREFIX))))
        raise FileError(_DAMAGED)
    return await asyncio.to_thread(read_sound, out, most=most + 1)


def _limit_resources() -> None:
    """Limit the CPU time and memory of this process."""
    try:
        import resource
    except ImportError:  # Windows has no such limits.
        return
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY_BYTES, _MAX_MEMORY_BYTES))


def main() -> None:
    """Read one file."""
    exit_with_parent()
    most, rate = float(sys.argv[1]), int(sys.argv[2])
    _limit_resources()
    try:
        wave = read_sound(sys.stdin.buffer.read(), most=most)
    except FileError as error:
        sys.stderr.write(f"{_ERROR_PREFIX}{json.dumps(error.phrase.to_json())}\n")
        sys.exit(1)
    sys.stdout.buffer.write(encode_wav(resample(wave, rate) if rate else wave))


if __name__ == "__main__":
    main()
