"""Decides which failed calls to retry, and after which pause, by the errors of every provider's client."""

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

# With 30 % errors, 7 in 10,000 calls fail this often in a row; the pauses add up to 6.2 s at most.
MAX_ATTEMPTS = 6
# Doubled with each retry, with a random factor from 0.5 to 1, so that calls that failed together are not retried together.
FIRST_PAUSE_SECONDS = 0.2
_TOO_MANY_REQUESTS = 429
# Request timeout, conflict, too early; and the errors of overloaded or failing servers and proxies.
_TRANSIENT_STATUSES = frozenset({408, 409, 425, _TOO_MANY_REQUESTS, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})
# Attributes that errors have their HTTP status in.
_STATUS_NAMES = ("status_code", "status", "http_status", "code")
# Transport errors and their base classes; by name, as aiohttp, httpx, requests and the SDKs are never all installed.
_TRANSPORT_ERRORS = frozenset({"ClientError", "TransportError", "APIConnectionError", "HTTPError", "ProtocolError"})
# Parts of the names of transport errors that are permanent.
_PERMANENT_ERROR_NAMES = ("certificate", "invalidurl", "unsupportedprotocol")
# Codes of permanent errors whose status is that of a transient one.
PERMANENT_ERROR_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
_FILTER_CODES = ("content_filter", "content_policy", "moderation")
# Larger numbers are seconds since the epoch, smaller ones seconds from now.
_MIN_EPOCH_SECONDS = 1e9
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:([\d.]+)s)?(?:([\d.]+)ms)?")


class ServerError(Exception):
    """The server answered with an error; `status_code` is the HTTP status.

    Of the body it has only a known `code`, as the rest may repeat the prompt.
    """

    def __init__(self, status_code: int, headers: Mapping[str, str] | None = None, code: str = "") -> None:
        super().__init__(f"status {status_code}")
        self.status_code, self.headers = status_code, headers or {}
        self.code = next((known for known in (*PERMANENT_ERROR_CODES, *_FILTER_CODES) if known in code), "")


class CutError(Exception):
    """A stream ended without an end reason."""


class MalformedError(Exception):
    """The server's answer does not have the expected form."""


class OversizedError(Exception):
    """The server sends more than any answer can need."""


class DeclinedError(Exception):
    """The model, or a content filter, declines to write this."""


def get_status(error: BaseException) -> int | None:
    """Return the HTTP status of an error from any client; None if it has none."""
    for name in _STATUS_NAMES:
        value = getattr(error, name, None)
        if isinstance(value, int) and not isinstance(value, bool) and 100 <= value < 600:
            return int(value)
    response = getattr(error, "response", None)
    if isinstance(response, Mapping):  # As in botocore's errors.
        value = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        return value if isinstance(value, int) else None
    value = getattr(response, "status_code", None)
    return value if isinstance(value, int) else None


def is_declined(error: BaseException) -> bool:
    """Return whether a request was refused for its content."""
    return isinstance(error, DeclinedError) or any(word in _get_error_code(error) for word in _FILTER_CODES)


def is_transient(error: BaseException) -> bool:
    """Return whether the same call may succeed a moment later."""
    if isinstance(error, (CutError, MalformedError, json.JSONDecodeError)):
        return True
    if (status := get_status(error)) is not None:
        return (
            status in _TRANSIENT_STATUSES
            and _get_error_code(error) not in PERMANENT_ERROR_CODES
            and not is_declined(error)
        )
    if isinstance(error, (ConnectionError, TimeoutError, socket.gaierror)):
        return True
    names = [base.__name__ for base in type(error).__mro__]
    lower_names = " ".join(names).lower()
    if any(part in lower_names for part in _PERMANENT_ERROR_NAMES):
        return False
    return not _TRANSPORT_ERRORS.isdisjoint(names) or "connect" in lower_names or "timeout" in lower_names


def is_request_error(error: BaseException) -> bool:
    """Return whether an error is the request's rather than the server's: another request may succeed at once."""
    return is_declined(error) or isinstance(error, OversizedError) or get_status(error) in (400, 413, 414, 422)


def parse_retry_after(error: BaseException) -> float | None:
    """Return the seconds that a server asks to wait; None if it does not (RFC 9110 and providers' extensions)."""
    headers = _get_headers(error)
    if (milliseconds := _parse_number(headers.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    if retry_after := headers.get("retry-after"):
        seconds = _parse_number(retry_after)
        return _parse_date(retry_after) if seconds is None else seconds
    if get_status(error) != _TOO_MANY_REQUESTS:
        return None
    resets = [_parse_reset(value) for name, value in headers.items() if name.startswith("x-ratelimit-reset")]
    # With separate limits for requests and tokens, nothing says which was reached; the later reset is safe.
    return max((reset for reset in resets if reset is not None), default=None)


class Attempts:
    """The attempts of one call, all before a `deadline` in the event loop's time. Create one for each call.

    `timeout`, if given, ends the call at the deadline; without it the deadline cannot be extended.
    """

    def __init__(self, deadline: float, timeout: asyncio.Timeout | None = None) -> None:
        self._failure_count, self._deadline, self._timeout = 0, deadline, timeout
        self._began_at = asyncio.get_running_loop().time()

    @property
    def seconds_left(self) -> float:
        """Seconds until the deadline."""
        return self._deadline - asyncio.get_running_loop().time()

    def extend_deadline(self, seconds: float, *, max_total_seconds: float) -> None:
        """Extend the deadline to `seconds` from now, but not beyond `max_total_seconds` after the call began."""
        later = min(asyncio.get_running_loop().time() + seconds, self._began_at + max_total_seconds)
        if self._timeout is not None and later > self._deadline:
            self._deadline = later
            self._timeout.reschedule(later)

    async def wait_before_retry(self, error: Exception) -> None:
        """Wait before the next attempt, at least as long as the server asks.

        Raises:
            Exception: the given error, if it is permanent, too many attempts have failed, or the deadline would pass.
        """
        self._failure_count += 1
        if not is_transient(error) or self._failure_count >= MAX_ATTEMPTS:
            raise error
        pause = FIRST_PAUSE_SECONDS * 2 ** (self._failure_count - 1) * random.uniform(0.5, 1)
        pause = max(pause, parse_retry_after(error) or 0)
        if pause >= self.seconds_left:
            raise error
        await asyncio.sleep(pause)


def _get_error_code(error: BaseException) -> str:
    """Return the error code in the errors of OpenAI's client and similar ones; empty if there is none."""
    # Only an attribute: as a property `code` has another meaning, and aiohttp's is deprecated.
    code = vars(error).get("code")
    return code if isinstance(code, str) else ""


def _get_headers(error: BaseException) -> dict[str, str]:
    """Return the response headers in the error of any client, by lower-case name; empty if it has none."""
    response: Any = getattr(error, "response", None)
    if isinstance(response, Mapping):
        headers: Any = response.get("ResponseMetadata", {}).get("HTTPHeaders")
    else:
        headers = getattr(error, "headers", None) or getattr(response, "headers", None)
    try:
        return {str(name).lower(): str(value).strip() for name, value in (headers or {}).items()}
    except (AttributeError, TypeError, ValueError):
        return {}


def _parse_number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _parse_date(text: str) -> float | None:
    """Return the seconds until an HTTP date, 0 if it has passed; None if the text is none."""
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None


def _parse_reset(text: str) -> float | None:
    """Return the seconds until a reset given as "12", "1767607200", "1767607200000", "6m0s" or a date."""
    number = _parse_number(text)
    if number is None:
        duration = _DURATION.fullmatch(text[:30])
        if not text or duration is None:
            return _parse_date(text)
        hours, minutes, seconds, milliseconds = (_parse_number(part) or 0 for part in duration.groups())
        return hours * 3600 + minutes * 60 + seconds + milliseconds / 1000
    if number > _MIN_EPOCH_SECONDS * 1000:
        number /= 1000
    return max(0.0, number - time.time()) if number > _MIN_EPOCH_SECONDS else number
