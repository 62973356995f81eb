"""What providers behind HTTP share: a client that is made when it is first used, and answers within bounds."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import aiohttp
from yarl import URL

from ._retry import LASTING_CODES, Tries

T = TypeVar("T")
# Until when, in the loop's time, what the running task asks a server for may be tried again.
deadline: ContextVar[float] = ContextVar("deadline", default=float("-inf"))
# A picture of four megapixels as base64 has about 20 MB.
_MAX_BYTES = 60_000_000
_MAX_ERROR_BYTES = 1_000_000
# Answers of a server that has not begun to work.
_NOT_BEGUN = (425, 429, 503)
_REDIRECTS, _MAX_REDIRECTS = (301, 302, 303, 307, 308), 3


class ElsewhereError(Exception):
    """The server's answer leads to another server."""


class ServerError(Exception):
    """The server answered with an error; `status` is HTTP's. The body is not kept, as it may repeat the prompt."""

    def __init__(self, status: int, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"status {status}")
        self.status, self.headers = status, headers or {}


class Http:
    """A client for one server. `headers` go along with every call to it, and to nobody else."""

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        self.url = url
        self._headers = headers or {}
        self._opened: aiohttp.ClientSession | None = None

    async def json(self, method: str, path: str, **arguments: Any) -> Any:
        """What the server answers, from JSON.

        Raises:
            ServerError: it answers with an error, or with something else than JSON.
            aiohttp.ClientError: it cannot be reached.
        """

        async def ask() -> Any:
            async with self._asked(method, self.url + path, **arguments) as answer:
                if answer.status >= 400:
                    raise ServerError(answer.status, dict(answer.headers))
                return _read(await _bounded(answer))

        return await _tried(method, ask)

    async def raw(
        self, method: str, path: str, *, form: Callable[[], aiohttp.FormData] | None = None, **arguments: Any
    ) -> tuple[int, Any]:
        """The status, and what the server answers from JSON, also where that tells of a request that it refuses.

        `form` makes the fields that are sent. Raises as `json`.
        """

        async def ask() -> tuple[int, Any]:
            if form is not None:
                arguments["data"] = form()
            async with self._asked(method, self.url + path, **arguments) as answer:
                if answer.status >= 500:
                    raise ServerError(answer.status, dict(answer.headers))
                body = await _bounded(answer, _MAX_BYTES if answer.status < 400 else _MAX_ERROR_BYTES)
                if answer.status in _NOT_BEGUN and not _is_lasting(body):
                    raise ServerError(answer.status, dict(answer.headers))
                return answer.status, _read(body)

        return await _tried(method, ask)

    async def made(self, path: str, body: Callable[[], dict[str, Any]]) -> bytes:
        """What the server makes of what is posted, as it is. `body` gives the arguments of a call anew for each try.

        Raises as `json`.
        """

        async def ask() -> bytes:
            async with self._asked("POST", self.url + path, **body()) as answer:
                read = await _bounded(answer, _MAX_BYTES if answer.status < 400 else _MAX_ERROR_BYTES)
                if answer.status >= 400:
                    # A quota that is used up comes with the status of a server that is busy, and does not pass.
                    lasting = answer.status in _NOT_BEGUN and _is_lasting(read)
                    raise ServerError(402 if lasting else answer.status, dict(answer.headers))
                return read

        return await _tried("POST", ask)

    async def tell(self, path: str, body: Any) -> None:
        """Posts what wants no answer. Raises aiohttp.ClientError as `json`."""
        async with self._asked("POST", self.url + path, json=body):
            pass

    async def bytes(self, path: str, **arguments: Any) -> bytes:
        """What the server has at a path, or at a whole address of its own, to which no key goes along.

        Raises:
            ElsewhereError: the address is another server's. Who answers could name any that this machine reaches.
            ServerError, aiohttp.ClientError: as `json`.
        """
        own = path.startswith("/")

        async def ask() -> bytes:
            async with self._asked("GET", self.url + path if own else path, key=own, **arguments) as answer:
                if answer.status >= 400:
                    raise ServerError(answer.status, dict(answer.headers))
                return await _bounded(answer)

        return await _tried("GET", ask)

    @asynccontextmanager
    async def _asked(
        self, method: str, address: str, *, key: bool = True, **arguments: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """An answer of this server; one that leads elsewhere is followed only within the server, and only for what is fetched."""
        for _ in range(_MAX_REDIRECTS + 1):
            if _origin(address) != _origin(self.url):
                raise ElsewhereError
            headers = self._headers if key else {}
            asked = self._session().request(method, address, headers=headers, allow_redirects=False, **arguments)
            async with asked as answer:
                if answer.status not in _REDIRECTS:
                    yield answer
                    return
                if method != "GET":
                    raise ServerError(answer.status)
                address, arguments = str(answer.url.join(URL(answer.headers.get("Location", "")))), {}
        raise ServerError(508)

    async def close(self) -> None:
        """Closes the connections."""
        if self._opened is not None:
            await self._opened.close()
            self._opened = None

    def _session(self) -> aiohttp.ClientSession:
        if self._opened is None:
            # The engine's time limit is the whole one; to draw or to speak may take minutes.
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=10)
            self._opened = aiohttp.ClientSession(timeout=timeout, trust_env=True)
        return self._opened


def decoded(text: str) -> bytes:
    """A picture from base64, with or without what data addresses begin with."""
    return base64.b64decode(text.rpartition(",")[2])


def _origin(address: str) -> tuple[str, str | None, int | None]:
    try:
        url = URL(address)
        return url.scheme, url.host, url.port
    except ValueError as error:
        raise ElsewhereError from error


async def _tried(method: str, ask: Callable[[], Awaitable[T]]) -> T:
    """What `ask` gives; where it fails in a way that passes, it is asked again within the engine's time limit.

    What is posted only where the server has surely not begun to work: nothing is made, and paid for, twice.
    """
    tries = Tries(deadline.get())
    while True:
        try:
            return await ask()
        except (ServerError, aiohttp.ClientError, OSError) as error:
            unheard = isinstance(error, aiohttp.ClientConnectorError)
            if method != "GET" and not unheard and not (isinstance(error, ServerError) and error.status in _NOT_BEGUN):
                raise
            await tries.again(error)


def _is_lasting(body: bytes) -> bool:
    """Whether an error is of a kind that no patience helps against, such as a quota that is used up."""
    return any(code.encode() in body for code in LASTING_CODES)


async def _bounded(answer: aiohttp.ClientResponse, most: int = _MAX_BYTES) -> bytes:
    parts, size = [], 0
    async for part in answer.content.iter_chunked(1 << 16):
        parts.append(part)
        size += len(part)
        if size > most:
            raise ServerError(413)
    return b"".join(parts)


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ServerError(502) from error
