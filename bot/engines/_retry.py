"""When a failed call is worth a retry, and how long to wait before it. For errors of every provider's client."""

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

# With 30 % errors 7 in 10,000 calls fail this often in a row; the pauses add up to 6 s at most.
MAX_ATTEMPTS = 6
# Doubled with each retry, with a random factor from 0.5 to 1, so that calls that failed together are not retried together.
FIRST_PAUSE_SECONDS = 0.2
_TOO_MANY_REQUESTS = 429
# Request timeout, conflict, too early; and the errors of overloaded or failing servers and proxies.
_TRANSIENT_STATUSES = frozenset({408, 409, 425, _TOO_MANY_REQUESTS, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})
_STATUS_NAMES = ("status_code", "status", "http_status", "code")
# Transport errors and their bases by name, as aiohttp, httpx, requests and the SDKs are never all installed.
_TRANSPORT_ERRORS = frozenset({"ClientError", "TransportError", "APIConnectionError", "HTTPError", "ProtocolError"})
_LASTING_WORDS = ("certificate", "invalidurl", "unsupportedprotocol")
# Codes of permanent errors that have a transient status.
LASTING_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
_FILTER_CODES = ("content_filter", "content_policy", "moderation")
# Larger numbers are seconds since the epoch, smaller ones seconds from now.
_MIN_EPOCH_SECONDS = 1e9
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:([\d.]+)s)?(?:([\d.]+)ms)?")


class ServerError(Exception):
    """The server answered with an error; `status_code` is the HTTP status.

    Only a known `code` of the body is kept, as the rest may repeat the prompt.
    """

    def __init__(self, status_code: int, headers: Mapping[str, str] | None = None, code: str = "") -> None:
        super().__init__(f"status {status_code}")
        self.status_code, self.headers = status_code, headers or {}
        self.code = next((known for known in (*LASTING_CODES, *_FILTER_CODES) if known in code), "")


class CutError(Exception):
    """A stream ended before the model said that it was done."""


class MalformedError(Exception):
    """The server's answer does not have the expected form."""


class OversizedError(Exception):
    """The server sends more than any answer can need."""


class DeclinedError(Exception):
    """The model, or a filter in front of it, declines to write this."""


def get_status(error: BaseException) -> int | None:
    """Return the HTTP status of an error from any client; None if it has none."""
    for name in _STATUS_NAMES:
        value = getattr(error, name, None)
        if isinstance(value, int) and not isinstance(value, bool) and 100 <= value < 600:
            return int(value)
    response = getattr(error, "response", None)
    if isinstance(response, Mapping):  # The form of botocore.
        value = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        return value if isinstance(value, int) else None
    value = getattr(response, "status_code", None)
    return value if isinstance(value, int) else None


def is_declined(error: BaseException) -> bool:
    """Return whether a request was refused for its content."""
    return isinstance(error, DeclinedError) or any(word in _get_error_code(error) for word in _FILTER_CODES)


def is_transient(error: BaseException) -> bool:
    """Whether the same call may do well a moment later."""
    if isinstance(error, (CutError, MalformedError, json.JSONDecodeError)):
        return True
    if (status := get_status(error)) is not None:
        return status in _TRANSIENT_STATUSES and _get_error_code(error) not in LASTING_CODES and not is_declined(error)
    if isinstance(error, (ConnectionError, TimeoutError, socket.gaierror)):
        return True
    names = [one.__name__ for one in type(error).__mro__]
    if any(word in name.lower() for name in names for word in _LASTING_WORDS):
        return False
    return not _TRANSPORT_ERRORS.isdisjoint(names) or any(
        "connect" in name.lower() or "timeout" in name.lower() for name in names
    )


def is_request_error(error: BaseException) -> bool:
    """Return whether an error is about the request rather than the server: another request may succeed at once."""
    return is_declined(error) or isinstance(error, OversizedError) or get_status(error) in (400, 413, 414, 422)


def parse_retry_after(error: BaseException) -> float | None:
    """Return the seconds that a server asks to wait, None if it does not say (RFC 9110 and providers' extensions)."""
    headers = _get_headers(error)
    if (milliseconds := _parse_number(headers.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    if after := headers.get("retry-after"):
        return _parse_number(after) if _parse_number(after) is not None else _parse_date(after)
    if get_status(error) != _TOO_MANY_REQUESTS:
        return None
    resets = [_parse_reset(value) for name, value in headers.items() if name.startswith("x-ratelimit-reset")]
    known = [one for one in resets if one is not None]
    # With separate limits for requests and tokens, nothing says which was reached; the later reset is safe.
    return max(known, default=None)


class Attempts:
    """The attempts of one call, all before a `deadline` in the loop's time. Create one for each call.

    The `limit`, if given, is the timeout that ends the call at the deadline, and can be extended.
    """

    def __init__(self, deadline: float, limit: asyncio.Timeout | None = None) -> None:
        self.failed, self._deadline, self._limit = 0, deadline, limit
        self._began = asyncio.get_running_loop().time()

    @property
    def seconds_left(self) -> float:
        """Seconds until the deadline."""
        return self._deadline - asyncio.get_running_loop().time()

    def extend_deadline(self, seconds: float, *, most: float) -> None:
        """Extend the deadline to `seconds` from now, at most `most` seconds after the call began."""
        later = min(asyncio.get_running_loop().time() + seconds, self._began + most)
        if self._limit is not None and later > self._deadline:
            self._deadline = later
            self._limit.reschedule(later)

    async def wait_before_retry(self, error: Exception) -> None:
        """Wait until a retry is worthwhile, at least as long as the server asks; otherwise raise the error."""
        self.failed += 1
        if not is_transient(error) or self.failed >= MAX_ATTEMPTS:
            raise error
        pause = FIRST_PAUSE_SECONDS * 2 ** (self.failed - 1) * random.uniform(0.5, 1)
        pause = max(pause, parse_retry_after(error) or 0)
        if pause >= self.seconds_left:
            raise error  # No time would be left.
        await asyncio.sleep(pause)


def _get_error_code(error: BaseException) -> str:
    """Return the error code of OpenAI's client and similar ones."""
    code = vars(error).get("code")  # As a property it has another meaning, and aiohttp's is deprecated.
    return code if isinstance(code, str) else ""


def _get_headers(error: BaseException) -> dict[str, str]:
    response: Any = getattr(error, "response", None)
    if isinstance(response, Mapping):
        found: Any = response.get("ResponseMetadata", {}).get("HTTPHeaders")
    else:
        found = getattr(error, "headers", None) or getattr(response, "headers", None)
    try:
        return {str(name).lower(): str(value).strip() for name, value in (found or {}).items()}
    except (AttributeError, TypeError, ValueError):
        return {}


def _parse_number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _parse_date(text: str) -> float | None:
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None


def _parse_reset(text: str) -> float | None:
    """Return the seconds for "12", "1767607200", "1767607200000", "6m0s" or a date."""
    number = _parse_number(text)
    if number is None:
        found = _DURATION.fullmatch(text[:30])
        if not text or found is None:
            return _parse_date(text)
        hours, minutes, seconds, milliseconds = (_parse_number(part) or 0 for part in found.groups())
        return hours * 3600 + minutes * 60 + seconds + milliseconds / 1000
    if number > _MIN_EPOCH_SECONDS * 1000:
        number /= 1000
    return max(0.0, number - time.time()) if number > _MIN_EPOCH_SECONDS else number
