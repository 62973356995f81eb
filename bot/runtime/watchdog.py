"""The watchdog: notifies systemd, and ends an unhealthy process so that it is restarted.

Docker restarts containers that exit, but not unhealthy ones; so the process checks itself, from a thread that keeps
running when the loop is blocked.
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

# The exit code after a fault: EX_TEMPFAIL of sysexits.h, "try again".
GIVEN_UP = 75
# discord.py reconnects by itself, within a minute or two if possible at all.
CONNECTED_SECONDS = 300.0
# A file in the data folder, touched at this interval while connected: see docs/operating.md and deploy/Dockerfile.
ALIVE, BEAT_SECONDS = "alive", 15.0
# The longest that anything may block the loop: Discord's own limit for an answer is 3 s.
LOOP_SECONDS = 120.0
_CHECK_SECONDS = 1.0


def notify_systemd(state: str) -> None:
    """Send a state such as READY=1 to systemd, if it asked for it (NOTIFY_SOCKET, see sd_notify(3))."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
        to.connect("\0" + address[1:] if address.startswith("@") else address)
        to.sendall(state.encode())


class Watchdog:
    """Ends the process when its loop is blocked, it has long been disconnected, or its lease is about to expire.

    Use as `with Watchdog() as watch:`. At least `min_seconds_left` of the lease must remain.
    """

    def __init__(
        self, read_seconds_left: Callable[[], float] = lambda: math.inf, min_seconds_left: float = 0.0
    ) -> None:
        self._read_seconds_left, self._min_seconds_left = read_seconds_left, min_seconds_left
        self._last_loop = time.monotonic()
        self._last_connected: float | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def __enter__(self) -> Watchdog:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stopped.set()

    def beat(self, *, connected: bool) -> None:
        """Note that the loop runs; once connected, it must stay connected."""
        self._last_loop = time.monotonic()
        if connected:
            self._last_connected = self._last_loop

    def find_fault(self) -> tuple[str, float] | None:
        """Return the fault to end the process for, with its seconds; None while it is healthy."""
        now = time.monotonic()
        if self._read_seconds_left() < self._min_seconds_left:
            return "lease_ran_out", self._read_seconds_left()
        if now - self._last_loop > LOOP_SECONDS:
            return "loop_stands_still", now - self._last_loop
        if self._last_connected is not None and now - self._last_connected > CONNECTED_SECONDS:
            return "not_connected", now - self._last_connected
        return None

    def _run(self) -> None:
        before = time.monotonic()
        while not self._stopped.wait(min(_CHECK_SECONDS, LOOP_SECONDS / 4)):
            now = time.monotonic()
            if now - before > LOOP_SECONDS:  # The machine was suspended, so the loop had no time either.
                self.beat(connected=self._last_connected is not None)
            before = now
            if (find_fault := self.find_fault()) is not None:
                _give_up(*find_fault)


def _give_up(event: str, seconds: float) -> None:
    """End the process at once. Acknowledged requests are saved and resumed by the next one."""
    # In a separate thread, as whatever blocks the loop may block logging too.
    line = threading.Thread(target=log.error, args=(event,), kwargs={"extra": {"seconds": round(seconds)}}, daemon=True)
    line.start()
    line.join(2)
    os._exit(GIVEN_UP)
