"""`quillmate run` as it is installed, but for Discord's address: python running.py URL. What it needs stands in the environment."""

import gc
import sys
import threading
import time
from asyncio import AbstractEventLoop

import discord

from bot.cli import main
from bot.runtime import lease, watch


def hold() -> None:
    """Lets the loop stand still, as a call that never returns does."""
    for one in gc.get_objects():
        if isinstance(one, AbstractEventLoop) and one.is_running():
            one.call_soon_threadsafe(time.sleep, 60)


if __name__ == "__main__":
    discord.http.Route.BASE = sys.argv[1]
    if len(sys.argv) > 2:  # Whoever tests the watch does not wait for minutes.
        watch.CONNECTED_SECONDS, watch.LOOP_SECONDS = map(float, sys.argv[2:4])
        lease.BEAT_SECONDS = 0.2
    if len(sys.argv) > 4:  # Holds the loop, after the bot is ready.
        threading.Timer(float(sys.argv[4]), hold).start()
    sys.argv = ["quillmate", "run"]
    main()
