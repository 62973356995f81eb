"""`quillmate run` as it is installed, but for Discord's address: python running.py URL [SECONDS].

What it needs stands in the environment; PATIENCE are the seconds that a job waits for its database.
With seconds it beats often, and may be without Discord for no longer. Its loop stands still
when it is told SIGUSR1; SIGUSR2 has its clock jump.
"""

import os
import signal
import sys
import time

import discord
from discord.gateway import DiscordWebSocket
from yarl import URL

from bot.cli import main
from bot.requests import jobs
from bot.runtime import lease, watch

_JUMPS = [(time.time, 1800.0), (time.time, -1800.0)]


def jump(*_: object) -> None:
    """Puts the clock forward by half an hour, and the next time back by an hour."""
    real, ahead = _JUMPS.pop(0)
    time.time = lambda: real() + ahead


def stand_still(*_: object) -> None:
    """Holds the loop, as a call that never returns does; no minutes are waited for then."""
    watch.LOOP_SECONDS = 3.0
    time.sleep(60)


if __name__ == "__main__":
    discord.http.Route.BASE = sys.argv[1]
    # Where discord.py goes when a session was ended, without asking for the address again.
    DiscordWebSocket.DEFAULT_GATEWAY = URL(sys.argv[1]).parent / "gateway"
    if len(sys.argv) > 2:
        watch.CONNECTED_SECONDS = float(sys.argv[2])
        lease.BEAT_SECONDS = watch.BEAT_SECONDS = 0.2
    jobs._PATIENCE_SECONDS = float(os.environ.get("PATIENCE", jobs._PATIENCE_SECONDS))
    signal.signal(signal.SIGUSR2, jump)
    signal.signal(signal.SIGUSR1, stand_still)
    sys.argv = ["quillmate", "run"]
    main()
