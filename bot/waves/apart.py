"""Reads files of sound in a process of its own that may be killed: those from strangers can be traps.

`python -m bot.waves.apart SECONDS RATE` reads a file from standard input and writes a WAV of one channel to standard output,
with RATE samples a second; 0 leaves them as they are.
"""

from __future__ import annotations

import asyncio
import json
import sys

from bot.errors import FileError, Phrase
from bot.runtime.subprocesses import exit_with_parent, kill_subprocess, start_subprocess

from .wave import Wave, as_wav, read_sound, resampled

_REFUSED = "FileError: "
_SECONDS = 60.0
_CPU_SECONDS, _MEMORY = 30, 2 * 1024 * 1024 * 1024
_DAMAGED = "That file contains no sound that I can read."


async def sound_of(body: bytes, *, most: float, rate: int = 0) -> Wave:
    """The sound of a file of at most so many seconds, with so many samples a second where that is told.

    Raises:
        FileError: it holds none, lasts longer, or takes too long to read.
    """
    process = await start_subprocess(
        "bot.waves.apart", str(most), str(rate), environment={"OPENBLAS_NUM_THREADS": "1"},
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        out, err = await asyncio.wait_for(process.communicate(body), _SECONDS)
    except (asyncio.CancelledError, TimeoutError) as error:
        await kill_subprocess(process)
        if isinstance(error, TimeoutError):
            raise FileError(_DAMAGED) from None
        raise
    if process.returncode:
        last = next(iter(err.decode("utf-8", "replace").strip().splitlines()[-1:]), "")
        if last.startswith(_REFUSED):
            raise FileError(Phrase.from_json(json.loads(last.removeprefix(_REFUSED))))
        raise FileError(_DAMAGED)
    return await asyncio.to_thread(read_sound, out, most=most + 1)


def _bound() -> None:
    """Keeps this process to so much of the machine."""
    try:
        import resource
    except ImportError:  # There is none on Windows.
        return
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def main() -> None:
    """Reads one file."""
    exit_with_parent()
    most, rate = float(sys.argv[1]), int(sys.argv[2])
    _bound()
    try:
        wave = read_sound(sys.stdin.buffer.read(), most=most)
    except FileError as error:
        sys.stderr.write(f"{_REFUSED}{json.dumps(error.phrase.as_json())}\n")
        sys.exit(1)
    sys.stdout.buffer.write(as_wav(resampled(wave, rate) if rate else wave))


if __name__ == "__main__":
    main()
