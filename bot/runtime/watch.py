"""Whoever watches over the process: systemd is told that it is well, and a process that is not ends itself to be started anew.

Docker restarts what has ended, but not what is unhealthy; so the process looks after itself, from a thread of its own, which
goes on when the loop stands still.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import socket
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

# What it ends with when it has given itself up: EX_TEMPFAIL of sysexits.h, "try again".
GIVEN_UP = 75
# discord.py connects again by itself, within a minute or two where that is possible at all.
CONNECTED_SECONDS = 300.0
# In the data folder, touched so often while Discord is heard: see docs/operating.md and deploy/Dockerfile.
ALIVE, BEAT_SECONDS = "alive", 15.0
# Nothing may hold the loop so long: Discord's own limit for an answer is 3 s.
LOOP_SECONDS = 120.0
_LOOK_SECONDS = 1.0


def tell(state: str) -> None:
    """Tells systemd something, such as READY=1; nothing where nobody asked for it (NOTIFY_SOCKET, see sd_notify(3))."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
        to.connect("\0" + address[1:] if address.startswith("@") else address)
        to.sendall(state.encode())


class Watch:
    """Ends the process when its loop stands still, it has long been without Discord, or its lease is about to end.

    Use as `with Watch() as watch:`. `left` gives the seconds of the lease, of which `least` have to be left.
    """

    def __init__(self, left: Callable[[], float] = lambda: math.inf, least: float = 0.0) -> None:
        self._left, self._least = left, least
        self._looped = time.monotonic()
        self._connected: float | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="watch", daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.set()

    def beat(self, *, connected: bool) -> None:
        """The loop runs; from the first time that it is connected on, it has to stay so."""
        self._looped = time.monotonic()
        if connected:
            self._connected = self._looped

    def wrong(self) -> tuple[str, float] | None:
        """What the process gives itself up for, with the seconds since or of it; None while it is well."""
        now = time.monotonic()
        if self._left() < self._least:
            return "lease_ran_out", self._left()
        if now - self._looped > LOOP_SECONDS:
            return "loop_stands_still", now - self._looped
        if self._connected is not None and now - self._connected > CONNECTED_SECONDS:
            return "not_connected", now - self._connected
        return None

    def _look(self) -> None:
        before = time.monotonic()
        while not self._over.wait(min(_LOOK_SECONDS, LOOP_SECONDS / 4)):
            now = time.monotonic()
            if now - before > LOOP_SECONDS:  # The whole machine slept; the loop has had no time either.
                self.beat(connected=self._connected is not None)
            before = now
            if (wrong := self.wrong()) is not None:
                _give_up(*wrong)


def _give_up(event: str, seconds: float) -> None:
    """Ends the process at once. What was acknowledged is kept and taken up by the next one."""
    # In a thread of its own, as whatever holds the loop may hold the log too.
    line = threading.Thread(target=log.error, args=(event,), kwargs={"extra": {"seconds": round(seconds)}}, daemon=True)
    line.start()
    line.join(2)
    os._exit(GIVEN_UP)
