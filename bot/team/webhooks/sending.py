"""Sends what webhooks are told: to hosts that the operator allows, at addresses of the open internet or a network that they name.

The address that a name resolves to is checked, and that very address is connected to: a name that resolves to another one a
moment later (DNS rebinding) leads nowhere. No redirect is followed, no proxy of the environment is used.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.errors import RefusedError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
SECONDS = 15.0
MAX_URL = 500
# Bytes of an answer that are read before the connection is closed.
_MAX_ANSWER = 4096
_PORTS = {"https": 443, "http": 80}
# IPv6 addresses that lead to the IPv4 address in their last four bytes.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# For protocols and old relays, which Python takes for global: https://www.iana.org/assignments/iana-ipv4-special-registry
_SPECIAL = (ipaddress.IPv4Network("192.0.0.0/24"), ipaddress.IPv4Network("192.88.99.0/24"))

_NO_HOSTS = "My operator has not allowed any hosts for webhooks."
_NOT_ALLOWED = "My operator does not allow webhooks to {host}."
_NO_ADDRESS = "That is not a webhook address. Enter one such as https://example.com/hook."
_NOT_SECURE = "A webhook address must begin with https://."


_NOT_OPEN = "{host} is an address inside a network that my operator does not let webhooks reach."
_UNKNOWN_HOST = "I could not find {host}. Check the address, and that its name is already known on the internet."
_CLOSED = "its name leads to an address that is not of the open internet"


class UnreachableError(Exception):
    """An address could not be sent to; says why in a few words of the operator's."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address has answered: its status, and for how many seconds it wants to be left alone."""

    status: int
    retry_after: float = 0.0

    @property
    def taken(self) -> bool:
        """Whether it took what was sent."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class _Allowed:
    scheme: str
    host: str
    port: int
    below: bool

    @classmethod
    def of(cls, text: str) -> _Allowed:
        scheme, _, rest = text.rpartition("://")
        scheme = scheme or "https"
        host, _, port = rest.partition(":")
        return cls(scheme, host.removeprefix("*."), int(port or _PORTS[scheme]), host.startswith("*."))

    def allows(self, scheme: str, host: str, port: int) -> bool:
        named = host.endswith(f".{self.host}") if self.below else host == self.host
        return named and (scheme, port) == (self.scheme, self.port)


def allow(url: str, hosts: Sequence[str]) -> None:
    """Lets an address through whose host the operator allows.

    Raises:
        RefusedError: it is none, or of another host.
    """
    if not hosts:
        raise RefusedError(_NO_HOSTS)
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise RefusedError(_NO_ADDRESS) from None
    plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if len(url) > MAX_URL or not plain or not host or parts.username is not None or parts.scheme not in _PORTS:
        raise RefusedError(_NO_ADDRESS)
    known = [_Allowed.of(one) for one in hosts]
    if any(one.allows(parts.scheme, host, port or _PORTS[parts.scheme]) for one in known):
        return
    if parts.scheme == "http":
        raise RefusedError(_NOT_SECURE)
    raise RefusedError(_NOT_ALLOWED, host=host)


def is_public(address: Address) -> bool:
    """Whether an address is one of the open internet: not of this machine or its network, nor one that leads there."""
    if isinstance(address, ipaddress.IPv6Address):
        teredo = address.teredo[1] if address.teredo else None
        inner = address.ipv4_mapped or address.sixtofour or teredo
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if address.is_site_local or (inner is not None and not is_public(inner)):
            return False
    if any(address in network for network in _SPECIAL):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


class _Checked(AbstractResolver):
    """Resolves names, and gives no address that is not allowed: of a name with one such, none at all."""

    def __init__(self, inner: AbstractResolver, allowed: Callable[[Address], bool]) -> None:
        self._inner, self._allowed = inner, allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a host.

        Raises:
            OSError: one of them is not allowed, or there is none.
        """
        found = await self._inner.resolve(host, port, family)
        for one in found:
            if not self._allowed(ipaddress.ip_address(one["host"].partition("%")[0])):
                raise OSError(_CLOSED)
        return found

    async def close(self) -> None:
        """Closes what it asks."""
        await self._inner.close()


class Sender:
    """Sends by HTTP. `allowed` says which addresses may be connected to, `resolver` makes what resolves names."""

    def __init__(
        self, hosts: Sequence[str], *, networks: Sequence[Network] = (),
        resolver: Callable[[], AbstractResolver] = aiohttp.ThreadedResolver, seconds: float = SECONDS,
    ) -> None:  # fmt: skip
        self.hosts = tuple(hosts)
        self._networks, self._resolver, self._seconds = tuple(networks), resolver, seconds

    async def look_at(self, url: str) -> None:
        """Looks whether an address could be sent to, before anything is set up for it.

        Raises:
            RefusedError: its host is not allowed, is unknown, or leads to an address that is not.
        """
        allow(url, self.hosts)
        host = urlsplit(url).hostname or ""
        resolver = self._resolver()
        try:
            self._look_at(host)
            async with asyncio.timeout(self._seconds):
                await _Checked(resolver, self._allowed).resolve(host, family=socket.AF_UNSPEC)
        except UnreachableError:
            raise RefusedError(_NOT_OPEN, host=host) from None
        except UnicodeError:  # A label that is empty, or longer than names have.
            raise RefusedError(_NO_ADDRESS) from None
        except (OSError, TimeoutError) as error:
            raise RefusedError(_NOT_OPEN if _CLOSED in str(error) else _UNKNOWN_HOST, host=host) from error
        finally:
            await resolver.close()

    def _allowed(self, address: Address) -> bool:
        return is_public(address) or any(address in network for network in self._networks)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Posts bytes to an address, and gives what it answers.

        Raises:
            UnreachableError: it cannot be reached, is not allowed (any more), or does not answer in time.
        """
        try:
            allow(url, self.hosts)
        except RefusedError as error:
            raise UnreachableError("its host is no longer allowed") from error
        self._look_at(urlsplit(url).hostname or "")
        connector = aiohttp.TCPConnector(
            resolver=_Checked(self._resolver(), self._allowed), use_dns_cache=False, force_close=True, limit=1
        )
        timeout = aiohttp.ClientTimeout(total=self._seconds)
        try:
            async with (
                aiohttp.ClientSession(
                    connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False,
                    auto_decompress=False,
                ) as session,
                session.post(url, data=body, headers=dict(headers), allow_redirects=False) as answer,
            ):  # fmt: skip
                await answer.content.read(_MAX_ANSWER)
                return Answer(answer.status, _seconds(answer.headers.get("Retry-After", "")))
        except TimeoutError as error:
            raise UnreachableError("it did not answer in time") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise UnreachableError(_in_words(error)) from error

    def _look_at(self, host: str) -> None:
        """Raises UnreachableError for an address in numbers that is not allowed: nothing resolves these."""
        with suppress(ValueError):
            if not self._allowed(ipaddress.ip_address(host)):
                raise UnreachableError("that address is not of the open internet")


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0.0


def _in_words(error: BaseException) -> str:
    """Why somebody could not be reached, without what providers put into their errors."""
    inner = getattr(error, "os_error", None) or error
    return _CLOSED if _CLOSED in str(inner) else "it could not be reached"
