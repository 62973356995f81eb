"""`quillmate run` as installed, but for Discord's address: python running.py URL [SECONDS] [-- VERB [OPTION]...].

The environment holds its settings; PATIENCE is the number of seconds that a job waits for its database. -q after the
address shortens leases. With SECONDS, heartbeats are frequent, and Discord may be away for no longer than this. On SIGUSR1 its event
loop blocks; on SIGUSR2 its clock jumps.
"""

import os
import signal
import sys
import time

import discord
import yarl

from bot.cli import main, run
from bot.requests import desk
from bot.requests.durable_engine import worker
from bot.runtime import lease, watchdog

_JUMPS = [(time.time, 1800.0), (time.time, -1800.0)]


def jump(*_: object) -> None:
    """Set the clock forward by half an hour, and the next time back by an hour."""
    real, ahead = _JUMPS.pop(0)
    time.time = lambda: real() + ahead


def stand_still(*_: object) -> None:
    """Block the event loop like a call that never returns, with a watchdog that waits 3 seconds."""
    watchdog.MAX_LOOP_BLOCKED_SECONDS = 3.0
    time.sleep(60)


if __name__ == "__main__":
    discord.http.Route.BASE = sys.argv[1]
    words, verb = sys.argv[1:], ["run"]
    if "--" in words:
        words, verb = words[: words.index("--")], words[words.index("--") + 1 :]
    if "-q" in words:
        words.remove("-q")
        lease.LEASE_SECONDS, lease.BEAT_SECONDS, lease.STOP_SECONDS = 8.0, 1.0, 2.5
        run.LOOK_SECONDS = desk.LOOK_SECONDS = 0.5
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(f"{words[0].removesuffix('/api')}/gateway")
    if len(words) > 1:
        watchdog.MAX_DISCONNECTED_SECONDS = float(words[1])
        lease.BEAT_SECONDS = watchdog.HEARTBEAT_SECONDS = 0.2
    worker.MAX_RETRY_SECONDS = float(os.environ.get("PATIENCE", worker.MAX_RETRY_SECONDS))
    signal.signal(signal.SIGUSR2, jump)
    signal.signal(signal.SIGUSR1, stand_still)
    sys.argv = ["quillmate", *verb]
    main()
