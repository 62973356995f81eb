"""What providers behind HTTP share: a client that is made when it is first used, and answers within bounds."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from yarl import URL

from . import ElsewhereError, ServerError

# A picture of four megapixels as base64 has about 20 MB.
_MOST_BYTES = 60_000_000
_REDIRECTS, _MOST_REDIRECTS = (301, 302, 303, 307, 308), 3


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
        async with self._asked(method, self.url + path, **arguments) as answer:
            if answer.status >= 400:
                raise ServerError(answer.status)
            return _read(await _bounded(answer))

    async def raw(self, method: str, path: str, **arguments: Any) -> tuple[int, Any]:
        """The status, and what the server answers from JSON, also where that tells of an error. Raises as `json`."""
        async with self._asked(method, self.url + path, **arguments) as answer:
            body = await _bounded(answer)
            return answer.status, _read(body) if answer.status < 500 else None

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
        async with self._asked("GET", self.url + path if own else path, key=own, **arguments) as answer:
            if answer.status >= 400:
                raise ServerError(answer.status)
            return await _bounded(answer)

    @asynccontextmanager
    async def _asked(
        self, method: str, address: str, *, key: bool = True, **arguments: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """An answer of this server; one that leads elsewhere is followed only within the server, and only for what is fetched."""
        for _ in range(_MOST_REDIRECTS + 1):
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
            # The engine's time limit is the whole one; drawing may take minutes.
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


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    parts, size = [], 0
    async for part in answer.content.iter_chunked(1 << 16):
        parts.append(part)
        size += len(part)
        if size > _MOST_BYTES:
            raise ServerError(413)
    return b"".join(parts)


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise ServerError(502) from error
