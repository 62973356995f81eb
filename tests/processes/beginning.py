"""Start subprocesses and wait to be killed: python beginning.py INPUT.

They read from a file descriptor that stays open when this process is gone, so it does not tell them of its end. Prints their
process ids.
"""

import asyncio
import os
import sys

from bot.runtime.subprocesses import start_subprocess

MODULES = (("bot.waves.apart", "9", "0"), ("bot.documents.materials", "pdf"), ("bot.synthesis.worker",))
# What is done where the system does not tell. The parent may be killed before this runs, so it is named here.
LOOKS_OUT = f"from bot.runtime import subprocesses; subprocesses._watch_parent({os.getpid()})"


async def main(source: int) -> None:
    begun = [await start_subprocess(*words, stdin=source) for words in MODULES]
    begun.append(await asyncio.create_subprocess_exec(sys.executable, "-c", LOOKS_OUT, stdin=source))
    print(*(one.pid for one in begun), flush=True)
    await asyncio.sleep(600)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
