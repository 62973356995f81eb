"""The HTTP client of picture and sound providers: opened at first use, with bounded responses."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import aiohttp
from yarl import URL

from ._retry import PERMANENT_ERROR_CODES, Attempts

T = TypeVar("T")
# Until when requests of the running task may be retried, in the event loop's time.
retry_deadline: ContextVar[float] = ContextVar("retry_deadline", default=float("-inf"))
# A picture of four megapixels is about 20 MB as base64.
_MAX_BYTES = 60_000_000
_MAX_ERROR_BYTES = 1_000_000
# Statuses of servers that have not begun to work on the request.
_NOT_BEGUN_STATUSES = (425, 429, 503)
_REDIRECT_STATUSES, _MAX_REDIRECTS = (301, 302, 303, 307, 308), 3


class OtherServerError(Exception):
    """The server's response refers to another server."""


class HttpServerError(Exception):
    """The server responded with an error; `status` is the HTTP status. It has no body, as that may repeat the prompt."""

    def __init__(self, status: int, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"status {status}")
        self.status, self.headers = status, headers or {}


class HttpClient:
    """A client for one server; `headers` are sent only to that."""

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        self.url = url
        self._headers = headers or {}
        self._client_session: aiohttp.ClientSession | None = None

    async def request_json(self, method: str, path: str, **arguments: Any) -> Any:
        """Return the JSON of a response.

        Raises:
            HttpServerError: the response is an error (its status), no JSON (502), too large (413) or too many redirects (508).
            OtherServerError: it redirects to another server.
            aiohttp.ClientError: the server cannot be reached.
        """

        async def attempt() -> Any:
            async with self._request(method, self.url + path, **arguments) as response:
                if response.status >= 400:
                    raise HttpServerError(response.status, dict(response.headers))
                return _parse_json(await _read_body(response))

        return await _retry(method, attempt)

    async def request(
        self, method: str, path: str, *, build_form: Callable[[], aiohttp.FormData] | None = None, **arguments: Any
    ) -> tuple[int, Any]:
        """Return the status and the JSON of a response, which may be a permanent error of the client (status 4xx).

        `build_form` builds the body for each attempt. Raises as `request_json`.
        """

        async def attempt() -> tuple[int, Any]:
            if build_form is not None:
                arguments["data"] = build_form()
            async with self._request(method, self.url + path, **arguments) as response:
                if response.status >= 500:
                    raise HttpServerError(response.status, dict(response.headers))
                body = await _read_body(response, _MAX_BYTES if response.status < 400 else _MAX_ERROR_BYTES)
                if response.status in _NOT_BEGUN_STATUSES and not _is_permanent(body):
                    raise HttpServerError(response.status, dict(response.headers))
                return response.status, _parse_json(body)

        return await _retry(method, attempt)

    async def post_for_bytes(self, path: str, build_arguments: Callable[[], dict[str, Any]]) -> bytes:
        """Return the body of the response to a POST; the arguments are built for each attempt. Raises as `request_json`."""

        async def attempt() -> bytes:
            async with self._request("POST", self.url + path, **build_arguments()) as response:
                body = await _read_body(response, _MAX_BYTES if response.status < 400 else _MAX_ERROR_BYTES)
                if response.status >= 400:
                    # An exhausted quota has the status of a busy server, and is permanent.
                    is_permanent = response.status in _NOT_BEGUN_STATUSES and _is_permanent(body)
                    raise HttpServerError(402 if is_permanent else response.status, dict(response.headers))
                return body

        return await _retry("POST", attempt)

    async def post_without_response(self, path: str, body: Any) -> None:
        """Send JSON by POST and ignore the response. Raises aiohttp.ClientError if the server cannot be reached."""
        async with self._request("POST", self.url + path, json=body):
            pass

    async def fetch_bytes(self, path: str, **arguments: Any) -> bytes:
        """Return the bytes at a path, or at a full URL of the same server, to which the headers are not sent.

        Raises:
            OtherServerError: the URL is another server's. A response could name any server that this machine reaches.
            HttpServerError, aiohttp.ClientError: as `request_json`.
        """
        is_path = path.startswith("/")
        url = self.url + path if is_path else path

        async def attempt() -> bytes:
            async with self._request("GET", url, has_headers=is_path, **arguments) as response:
                if response.status >= 400:
                    raise HttpServerError(response.status, dict(response.headers))
                return await _read_body(response)

        return await _retry("GET", attempt)

    @asynccontextmanager
    async def _request(
        self, method: str, url: str, *, has_headers: bool = True, **arguments: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Yield the server's response; redirects are followed only within the server, and only for GET."""
        for _ in range(_MAX_REDIRECTS + 1):
            if _parse_origin(url) != _parse_origin(self.url):
                raise OtherServerError
            headers = self._headers if has_headers else {}
            request = self._get_session().request(method, url, headers=headers, allow_redirects=False, **arguments)
            async with request as response:
                if response.status not in _REDIRECT_STATUSES:
                    yield response
                    return
                if method != "GET":
                    raise HttpServerError(response.status)
                url, arguments = str(response.url.join(URL(response.headers.get("Location", "")))), {}
        raise HttpServerError(508)

    async def close(self) -> None:
        """Close the connections."""
        if self._client_session is not None:
            await self._client_session.close()
            self._client_session = None

    def _get_session(self) -> aiohttp.ClientSession:
        if self._client_session is None:
            # The engine's time limit applies; drawing or speaking may take minutes.
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=10)
            self._client_session = aiohttp.ClientSession(timeout=timeout, trust_env=True)
        return self._client_session


def decode_base64(text: str) -> bytes:
    """Return the bytes of base64 with or without the prefix of a data URL."""
    return base64.b64decode(text.rpartition(",")[2])


def _parse_origin(address: str) -> tuple[str, str | None, int | None]:
    """Return the scheme, host and port of a URL.

    Raises:
        OtherServerError: it is no URL.
    """
    try:
        url = URL(address)
        return url.scheme, url.host, url.port
    except ValueError as error:
        raise OtherServerError from error


async def _retry(method: str, attempt: Callable[[], Awaitable[T]]) -> T:
    """Return the result of `attempt`; transient failures are retried within the engine's time limit.

    Other methods than GET are retried only if the server certainly has not begun to work, so that nothing is made and paid for
    twice.
    """
    attempts = Attempts(retry_deadline.get())
    while True:
        try:
            return await attempt()
        except (HttpServerError, aiohttp.ClientError, OSError) as error:
            has_not_begun = isinstance(error, aiohttp.ClientConnectorError) or (
                isinstance(error, HttpServerError) and error.status in _NOT_BEGUN_STATUSES
            )
            if method != "GET" and not has_not_begun:
                raise
            await attempts.wait_before_retry(error)


def _is_permanent(body: bytes) -> bool:
    """Return whether the body of an error says that it is permanent, such as an exhausted quota."""
    return any(code.encode() in body for code in PERMANENT_ERROR_CODES)


async def _read_body(response: aiohttp.ClientResponse, max_bytes: int = _MAX_BYTES) -> bytes:
    parts, size = [], 0
    async for part in response.content.iter_chunked(1 << 16):
        parts.append(part)
        size += len(part)
        if size > max_bytes:
            raise HttpServerError(413)
    return b"".join(parts)


def _parse_json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise HttpServerError(502) from error
