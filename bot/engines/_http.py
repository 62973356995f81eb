"""A shared HTTP client for providers: opened at first use, with bounded answers."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import aiohttp
from yarl import URL

from ._retry import LASTING_CODES, Attempts

T = TypeVar("T")
# Until when, in the loop's time, requests of the running task may be retried.
deadline: ContextVar[float] = ContextVar("deadline", default=float("-inf"))
# A picture of four megapixels is about 20 MB as base64.
_MAX_BYTES = 60_000_000
_MAX_ERROR_BYTES = 1_000_000
# Statuses of a server that has not begun to work on the request.
_NOT_BEGUN_STATUSES = (425, 429, 503)
_REDIRECT_STATUSES, _MAX_REDIRECTS = (301, 302, 303, 307, 308), 3


class ElsewhereError(Exception):
    """The server's answer leads to another server."""


class HttpServerError(Exception):
    """The server answered with an error; `status` is the HTTP status. The body is not kept, as it may repeat the
    prompt.
    """

    def __init__(self, status: int, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"status {status}")
        self.status, self.headers = status, headers or {}


class HttpClient:
    """A client for one server. `headers` are sent with every call to it, and to no other server."""

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        self.url = url
        self._headers = headers or {}
        self._client_session: aiohttp.ClientSession | None = None

    async def request_json(self, method: str, path: str, **arguments: Any) -> Any:
        """Return the server's answer, parsed as JSON.

        Raises:
            ServerError: it answers with an error, or with something else than JSON.
            aiohttp.ClientError: it cannot be reached.
        """

        async def ask() -> Any:
            async with self._request(method, self.url + path, **arguments) as answer:
                if answer.status >= 400:
                    raise HttpServerError(answer.status, dict(answer.headers))
                return _parse_json(await _read_body(answer))

        return await _retry(method, ask)

    async def request(
        self, method: str, path: str, *, form: Callable[[], aiohttp.FormData] | None = None, **arguments: Any
    ) -> tuple[int, Any]:
        """Return the status and the parsed JSON of the answer, including refusals of the request.

        `form` builds the fields to send. Raises as `request_json`.
        """

        async def ask() -> tuple[int, Any]:
            if form is not None:
                arguments["data"] = form()
            async with self._request(method, self.url + path, **arguments) as answer:
                if answer.status >= 500:
                    raise HttpServerError(answer.status, dict(answer.headers))
                body = await _read_body(answer, _MAX_BYTES if answer.status < 400 else _MAX_ERROR_BYTES)
                if answer.status in _NOT_BEGUN_STATUSES and not _is_lasting(body):
                    raise HttpServerError(answer.status, dict(answer.headers))
                return answer.status, _parse_json(body)

        return await _retry(method, ask)

    async def post_for_bytes(self, path: str, body: Callable[[], dict[str, Any]]) -> bytes:
        """Return the raw answer to a POST. `body` builds the arguments for each attempt.

        Raises as `request_json`.
        """

        async def ask() -> bytes:
            async with self._request("POST", self.url + path, **body()) as answer:
                read = await _read_body(answer, _MAX_BYTES if answer.status < 400 else _MAX_ERROR_BYTES)
                if answer.status >= 400:
                    # An exhausted quota has the status of a busy server, and is permanent.
                    lasting = answer.status in _NOT_BEGUN_STATUSES and _is_lasting(read)
                    raise HttpServerError(402 if lasting else answer.status, dict(answer.headers))
                return read

        return await _retry("POST", ask)

    async def post_without_answer(self, path: str, body: Any) -> None:
        """Send a POST and ignore the answer. Raises aiohttp.ClientError as `request_json`."""
        async with self._request("POST", self.url + path, json=body):
            pass

    async def fetch_bytes(self, path: str, **arguments: Any) -> bytes:
        """Return the bytes at a path, or at a full URL of the same server, to which no key is sent.

        Raises:
            ElsewhereError: the address is another server's. Who answers could name any that this machine reaches.
            ServerError, aiohttp.ClientError: as `json`.
        """
        own = path.startswith("/")

        async def ask() -> bytes:
            async with self._request("GET", self.url + path if own else path, key=own, **arguments) as answer:
                if answer.status >= 400:
                    raise HttpServerError(answer.status, dict(answer.headers))
                return await _read_body(answer)

        return await _retry("GET", ask)

    @asynccontextmanager
    async def _request(
        self, method: str, address: str, *, key: bool = True, **arguments: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Yield the server's answer; a redirect is followed only within the server, and only for GET."""
        for _ in range(_MAX_REDIRECTS + 1):
            if _parse_origin(address) != _parse_origin(self.url):
                raise ElsewhereError
            headers = self._headers if key else {}
            asked = self._session().request(method, address, headers=headers, allow_redirects=False, **arguments)
            async with asked as answer:
                if answer.status not in _REDIRECT_STATUSES:
                    yield answer
                    return
                if method != "GET":
                    raise HttpServerError(answer.status)
                address, arguments = str(answer.url.join(URL(answer.headers.get("Location", "")))), {}
        raise HttpServerError(508)

    async def close(self) -> None:
        """Close the connections."""
        if self._client_session is not None:
            await self._client_session.close()
            self._client_session = None

    def _session(self) -> aiohttp.ClientSession:
        if self._client_session is None:
            # The engine's time limit applies; drawing or speaking may take minutes.
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=10)
            self._client_session = aiohttp.ClientSession(timeout=timeout, trust_env=True)
        return self._client_session


def decode_base64(text: str) -> bytes:
    """Decode base64, with or without the prefix of a data URL."""
    return base64.b64decode(text.rpartition(",")[2])


def _parse_origin(address: str) -> tuple[str, str | None, int | None]:
    try:
        url = URL(address)
        return url.scheme, url.host, url.port
    except ValueError as error:
        raise ElsewhereError from error


async def _retry(method: str, ask: Callable[[], Awaitable[T]]) -> T:
    """Return the result of `ask`; transient failures are retried within the engine's time limit.

    Other methods than GET are retried only if the server surely has not begun to work: nothing is made and paid for
    twice.
    """
    tries = Attempts(deadline.get())
    while True:
        try:
            return await ask()
        except (HttpServerError, aiohttp.ClientError, OSError) as error:
            unheard = isinstance(error, aiohttp.ClientConnectorError)
            if (
                method != "GET"
                and not unheard
                and not (isinstance(error, HttpServerError) and error.status in _NOT_BEGUN_STATUSES)
            ):
                raise
            await tries.wait_before_retry(error)


def _is_lasting(body: bytes) -> bool:
    """Return whether an error is permanent, such as an exhausted quota."""
    return any(code.encode() in body for code in LASTING_CODES)


async def _read_body(answer: aiohttp.ClientResponse, most: int = _MAX_BYTES) -> bytes:
    parts, size = [], 0
    async for part in answer.content.iter_chunked(1 << 16):
        parts.append(part)
        size += len(part)
        if size > most:
            raise HttpServerError(413)
    return b"".join(parts)


def _parse_json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise HttpServerError(502) from error
