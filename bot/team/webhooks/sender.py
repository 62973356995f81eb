"""Sends webhook messages to the hosts that the operator allows, at public addresses or in networks that the operator allows.

The connection is made to the very address that was checked, so DNS rebinding has no effect. Redirects are not followed, and proxies
set in the environment are not used.
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
TIMEOUT_SECONDS = 15.0
MAX_URL_CHARACTERS = 500
# Maximum bytes of a response that are read before the connection is closed.
_MAX_RESPONSE_BYTES = 4096
_PORTS = {"https": 443, "http": 80}
# IPv6 addresses that are translated to the IPv4 address in their last four bytes.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Special-purpose networks that Python considers public: https://www.iana.org/assignments/iana-ipv4-special-registry
_SPECIAL_NETWORKS = (ipaddress.IPv4Network("192.0.0.0/24"), ipaddress.IPv4Network("192.88.99.0/24"))

_NO_HOSTS = "My operator has not allowed any hosts for webhooks."
_NOT_ALLOWED = "My operator does not allow webhooks to {host}."
_NO_ADDRESS = "That is not a webhook address. Enter one such as https://example.com/hook."
_NOT_SECURE = "A webhook address must begin with https://."
_NOT_REACHABLE = "{host} is on a private network that my operator does not let webhooks reach."
_UNKNOWN_HOST = "I could not find {host}. Check the address, and that its domain is already reachable on the internet."
_NOT_PUBLIC = "its name leads to an address that is not of the open internet"


class UnreachableError(Exception):
    """A URL could not be reached; the message says why."""


@dataclass(frozen=True, slots=True)
class WebhookResponse:
    """The response to a message: its status code, and the seconds of its Retry-After header (0 if there is none)."""

    status: int
    retry_after: float = 0.0

    @property
    def is_accepted(self) -> bool:
        """Whether the message was accepted."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class _AllowedHost:
    scheme: str
    host: str
    port: int
    includes_subdomains: bool

    @classmethod
    def parse(cls, text: str) -> _AllowedHost:
        scheme, _, rest = text.rpartition("://")
        scheme = scheme or "https"
        host, _, port = rest.partition(":")
        return cls(scheme, host.removeprefix("*."), int(port or _PORTS[scheme]), host.startswith("*."))

    def allows(self, scheme: str, host: str, port: int) -> bool:
        matches = host.endswith(f".{self.host}") if self.includes_subdomains else host == self.host
        return matches and (scheme, port) == (self.scheme, self.port)


def check_url(url: str, hosts: Sequence[str]) -> None:
    """Check that a URL is valid and its host allowed by the operator.

    Raises:
        RefusedError: the URL is invalid, or its host is not allowed.
    """
    if not hosts:
        raise RefusedError(_NO_HOSTS)
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise RefusedError(_NO_ADDRESS) from None
    is_printable = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if (
        len(url) > MAX_URL_CHARACTERS
        or not is_printable
        or not host
        or parts.username is not None
        or parts.scheme not in _PORTS
    ):
        raise RefusedError(_NO_ADDRESS)
    allowed_hosts = [_AllowedHost.parse(host) for host in hosts]
    if any(allowed_host.allows(parts.scheme, host, port or _PORTS[parts.scheme]) for allowed_host in allowed_hosts):
        return
    if parts.scheme == "http":
        raise RefusedError(_NOT_SECURE)
    raise RefusedError(_NOT_ALLOWED, host=host)


def is_public(address: Address) -> bool:
    """Return whether an address is public: not in a private or special network, and not translated to an address in one."""
    if isinstance(address, ipaddress.IPv6Address):
        teredo = address.teredo[1] if address.teredo else None
        embedded = address.ipv4_mapped or address.sixtofour or teredo
        if address in _NAT64:
            embedded = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if address.is_site_local or (embedded is not None and not is_public(embedded)):
            return False
    if any(address in network for network in _SPECIAL_NETWORKS):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


class _CheckedResolver(AbstractResolver):
    """Resolves host names; fails if any address of a host is not allowed."""

    def __init__(self, inner: AbstractResolver, is_allowed: Callable[[Address], bool]) -> None:
        self._inner, self._is_allowed = inner, is_allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host.

        Raises:
            OSError: one of them is not allowed, or there is none.
        """
        resolved = await self._inner.resolve(host, port, family)
        for result in resolved:
            if not self._is_allowed(ipaddress.ip_address(result["host"].partition("%")[0])):
                raise OSError(_NOT_PUBLIC)
        return resolved

    async def close(self) -> None:
        """Close the inner resolver."""
        await self._inner.close()


class Sender:
    """Sends messages by HTTP to `hosts` in public networks and in `networks`; `resolver` creates a resolver of host names."""

    def __init__(
        self,
        hosts: Sequence[str],
        *,
        networks: Sequence[Network] = (),
        resolver: Callable[[], AbstractResolver] = aiohttp.ThreadedResolver,
        seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self.hosts = tuple(hosts)
        self._networks, self._resolver, self._seconds = tuple(networks), resolver, seconds

    async def check_reachable(self, url: str) -> None:
        """Check that a URL is allowed and its host resolves, before a webhook is set up.

        Raises:
            RefusedError: its host is not allowed, is unknown, or has an address that is not allowed.
        """
        check_url(url, self.hosts)
        host = urlsplit(url).hostname or ""
        resolver = self._resolver()
        try:
            self._check_literal_address(host)
            async with asyncio.timeout(self._seconds):
                await _CheckedResolver(resolver, self._is_allowed).resolve(host, family=socket.AF_UNSPEC)
        except UnreachableError:
            raise RefusedError(_NOT_REACHABLE, host=host) from None
        except UnicodeError:  # A label that is empty or too long.
            raise RefusedError(_NO_ADDRESS) from None
        except (OSError, TimeoutError) as error:
            raise RefusedError(_NOT_REACHABLE if _NOT_PUBLIC in str(error) else _UNKNOWN_HOST, host=host) from error
        finally:
            await resolver.close()

    def _is_allowed(self, address: Address) -> bool:
        return is_public(address) or any(address in network for network in self._networks)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> WebhookResponse:
        """Post a body to a URL and return the response.

        Raises:
            UnreachableError: the URL cannot be reached, is no longer allowed, or does not respond in time.
        """
        try:
            check_url(url, self.hosts)
        except RefusedError as error:
            raise UnreachableError("its host is no longer allowed") from error
        self._check_literal_address(urlsplit(url).hostname or "")
        connector = aiohttp.TCPConnector(
            resolver=_CheckedResolver(self._resolver(), self._is_allowed),
            use_dns_cache=False,
            force_close=True,
            limit=1,
        )
        timeout = aiohttp.ClientTimeout(total=self._seconds)
        try:
            async with (
                aiohttp.ClientSession(
                    connector=connector,
                    timeout=timeout,
                    cookie_jar=aiohttp.DummyCookieJar(),
                    trust_env=False,
                    auto_decompress=False,
                ) as session,
                session.post(url, data=body, headers=dict(headers), allow_redirects=False) as response,
            ):
                await response.content.read(_MAX_RESPONSE_BYTES)
                return WebhookResponse(response.status, _parse_seconds(response.headers.get("Retry-After", "")))
        except TimeoutError as error:
            raise UnreachableError("it did not answer in time") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise UnreachableError(_describe_error(error)) from error

    def _check_literal_address(self, host: str) -> None:
        """Raise UnreachableError for a literal IP address that is not allowed, as the resolver is not called for it."""
        with suppress(ValueError):
            if not self._is_allowed(ipaddress.ip_address(host)):
                raise UnreachableError("that address is not of the open internet")


def _parse_seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0.0


def _describe_error(error: BaseException) -> str:
    """Return why a URL could not be reached, without details of the error, which could reveal internal addresses."""
    inner = getattr(error, "os_error", None) or error
    return _NOT_PUBLIC if _NOT_PUBLIC in str(inner) else "it could not be reached"
