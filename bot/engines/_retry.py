"""When a call that failed is worth another try, and how long to wait before it. For errors of every provider's client."""

from __future__ import annotations

import asyncio
import json
import math
import random
import re
import socket
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

# With 30 % errors 7 in 10,000 calls fail so often in a row; together the pauses last 6 s at most.
ATTEMPTS = 6
# Doubled with each try, and then between half of it and all of it, so that those who failed together do not come back together.
FIRST_PAUSE = 0.2
_BUSY = 429
# Request timeout, conflict, too early; and what servers and those in front of them answer while they are in trouble.
_PASSING = frozenset({408, 409, 425, _BUSY, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})
_STATUS_NAMES = ("status_code", "status", "http_status", "code")
# Errors of transports and their bases, by name: aiohttp's, httpx's, requests' and the SDKs' own are never all installed.
_TRANSPORT = frozenset({"ClientError", "TransportError", "APIConnectionError", "HTTPError", "ProtocolError"})
_LASTING = ("certificate", "invalidurl", "unsupportedprotocol")
# Codes of errors that come with a passing status, and do not pass.
LASTING_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
_FILTER_CODES = ("content_filter", "content_policy", "moderation")
# Seconds since the epoch are beyond this, seconds from now are not.
_EPOCH = 1e9
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:([\d.]+)s)?(?:([\d.]+)ms)?")


class ServerError(Exception):
    """The server answered with an error; `status_code` is HTTP's.

    Of the body only a `code` is kept that is known here, as the rest may repeat the prompt.
    """

    def __init__(self, status_code: int, headers: Mapping[str, str] | None = None, code: str = "") -> None:
        super().__init__(f"status {status_code}")
        self.status_code, self.headers = status_code, headers or {}
        self.code = next((known for known in (*LASTING_CODES, *_FILTER_CODES) if known in code), "")


class CutError(Exception):
    """A stream ended before the model had said that it was done."""


class MalformedError(Exception):
    """The server's answer is not of the form that it should have."""


class OversizedError(Exception):
    """The server sends more than any answer can need."""


class DeclinedError(Exception):
    """The model, or a filter before it, will not write this."""


def status_of(error: BaseException) -> int | None:
    """HTTP's status that an error tells of, whoever raised it."""
    for name in _STATUS_NAMES:
        value = getattr(error, name, None)
        if isinstance(value, int) and not isinstance(value, bool) and 100 <= value < 600:
            return int(value)
    response = getattr(error, "response", None)
    if isinstance(response, Mapping):  # As botocore has it.
        value = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        return value if isinstance(value, int) else None
    value = getattr(response, "status_code", None)
    return value if isinstance(value, int) else None


def declined(error: BaseException) -> bool:
    """Whether what was asked for is refused for what it says."""
    return isinstance(error, DeclinedError) or any(word in _code(error) for word in _FILTER_CODES)


def transient(error: BaseException) -> bool:
    """Whether the same call may do well a moment later."""
    if isinstance(error, (CutError, MalformedError, json.JSONDecodeError)):
        return True
    if (status := status_of(error)) is not None:
        return status in _PASSING and _code(error) not in LASTING_CODES and not declined(error)
    if isinstance(error, (ConnectionError, TimeoutError, socket.gaierror)):
        return True
    names = [one.__name__ for one in type(error).__mro__]
    if any(word in name.lower() for name in names for word in _LASTING):
        return False
    return not _TRANSPORT.isdisjoint(names) or any(
        "connect" in name.lower() or "timeout" in name.lower() for name in names
    )


def of_the_request(error: BaseException) -> bool:
    """Whether it tells of what was asked for rather than of the server: another request may do well at once."""
    return declined(error) or isinstance(error, OversizedError) or status_of(error) in (400, 413, 414, 422)


def wanted_pause(error: BaseException) -> float | None:
    """The seconds that a server asks to be left alone for, None where it does not say (RFC 9110 and what providers add)."""
    headers = _headers(error)
    if (milliseconds := _number(headers.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    if after := headers.get("retry-after"):
        return _number(after) if _number(after) is not None else _until_date(after)
    if status_of(error) != _BUSY:
        return None
    resets = [_until_reset(value) for name, value in headers.items() if name.startswith("x-ratelimit-reset")]
    known = [one for one in resets if one is not None]
    # Where requests and tokens have limits of their own, nothing tells which was met; the later one is safe.
    return max(known, default=None)


class Tries:
    """The tries of one call, all before a `deadline` in the loop's time. A fresh one for each call.

    The `limit`, where it is given, is what ends the call then, and can be put off.
    """

    def __init__(self, deadline: float, limit: asyncio.Timeout | None = None) -> None:
        self.failed, self._deadline, self._limit = 0, deadline, limit
        self._began = asyncio.get_running_loop().time()

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return self._deadline - asyncio.get_running_loop().time()

    def go_on(self, seconds: float, *, most: float) -> None:
        """Puts the deadline off until so many seconds from now, `most` after the call began at the latest."""
        later = min(asyncio.get_running_loop().time() + seconds, self._began + most)
        if self._limit is not None and later > self._deadline:
            self._deadline = later
            self._limit.reschedule(later)

    async def again(self, error: Exception) -> None:
        """Waits until another try is worth it, at least as long as the server wants; else raises the error."""
        self.failed += 1
        if not transient(error) or self.failed >= ATTEMPTS:
            raise error
        pause = FIRST_PAUSE * 2 ** (self.failed - 1) * random.uniform(0.5, 1)
        pause = max(pause, wanted_pause(error) or 0)
        if pause >= self.left:
            raise error  # In vain: time would be up.
        await asyncio.sleep(pause)


def _code(error: BaseException) -> str:
    """The word for what went wrong that OpenAI's and like clients give their errors."""
    code = vars(error).get("code")  # As a property it is another thing, and aiohttp's is deprecated.
    return code if isinstance(code, str) else ""


def _headers(error: BaseException) -> dict[str, str]:
    response: Any = getattr(error, "response", None)
    if isinstance(response, Mapping):
        found: Any = response.get("ResponseMetadata", {}).get("HTTPHeaders")
    else:
        found = getattr(error, "headers", None) or getattr(response, "headers", None)
    try:
        return {str(name).lower(): str(value).strip() for name, value in (found or {}).items()}
    except (AttributeError, TypeError, ValueError):
        return {}


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _until_date(text: str) -> float | None:
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None


def _until_reset(text: str) -> float | None:
    """Seconds from "12", "1767607200", "1767607200000", "6m0s" or a date."""
    number = _number(text)
    if number is None:
        found = _DURATION.fullmatch(text[:30])
        if not text or found is None:
            return _until_date(text)
        hours, minutes, seconds, milliseconds = (_number(part) or 0 for part in found.groups())
        return hours * 3600 + minutes * 60 + seconds + milliseconds / 1000
    if number > _EPOCH * 1000:
        number /= 1000
    return max(0.0, number - time.time()) if number > _EPOCH else number
