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

# The exit code after a fault, from sysexits.h: "try again".
EXIT_TEMPFAIL = 75
# The longest disconnection tolerated; discord.py usually reconnects within two minutes.
MAX_DISCONNECTED_SECONDS = 300.0
# A file in the data folder, touched at this interval while connected: see docs/operating.md and deploy/Dockerfile.
HEARTBEAT_FILE, HEARTBEAT_SECONDS = "alive", 15.0
# How long the event loop may be blocked; far above the 3 s that Discord allows for a response.
MAX_LOOP_BLOCKED_SECONDS = 120.0
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

    Use as `with Watchdog() as watch:`. At least `min_lease_seconds` of the lease must remain.
    """

    def __init__(
        self, get_lease_seconds_left: Callable[[], float] = lambda: math.inf, min_lease_seconds: float = 0.0
    ) -> None:
        self._get_lease_seconds_left, self._min_lease_seconds = get_lease_seconds_left, min_lease_seconds
        self._last_beat = time.monotonic()
        self._last_connected: float | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def __enter__(self) -> Watchdog:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stopped.set()

    def beat(self, *, connected: bool) -> None:
        """Record that the event loop is running and, if so, that the bot is connected."""
        self._last_beat = time.monotonic()
        if connected:
            self._last_connected = self._last_beat

    def find_fault(self) -> tuple[str, float] | None:
        """Return the fault that warrants ending the process, with its duration (for the lease, the seconds left); None
        if healthy.
        """
        now = time.monotonic()
        if self._get_lease_seconds_left() < self._min_lease_seconds:
            return "lease_ran_out", self._get_lease_seconds_left()
        if now - self._last_beat > MAX_LOOP_BLOCKED_SECONDS:
            return "loop_stands_still", now - self._last_beat
        if self._last_connected is not None and now - self._last_connected > MAX_DISCONNECTED_SECONDS:
            return "not_connected", now - self._last_connected
        return None

    def _run(self) -> None:
        before = time.monotonic()
        while not self._stopped.wait(min(_CHECK_SECONDS, MAX_LOOP_BLOCKED_SECONDS / 4)):
            now = time.monotonic()
            if (
                now - before > MAX_LOOP_BLOCKED_SECONDS
            ):  # The machine was suspended, so the event loop could not run either.
                self.beat(connected=self._last_connected is not None)
            before = now
            if (fault := self.find_fault()) is not None:
                _exit_process(*fault)


def _exit_process(event: str, seconds: float) -> None:
    """End the process at once. Acknowledged requests are saved and resumed by the next process."""
    # In a separate thread, as whatever blocks the loop may block logging too.
    line = threading.Thread(target=log.error, args=(event,), kwargs={"extra": {"seconds": round(seconds)}}, daemon=True)
    line.start()
    line.join(2)
    os._exit(EXIT_TEMPFAIL)
