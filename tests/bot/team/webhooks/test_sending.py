"""What webhooks are sent to: hosts that are allowed, addresses of the open internet alone, once, without redirects, in time."""

from __future__ import annotations

import asyncio
import ipaddress

import pytest
from aiohttp import web
from webhook_server import LOCAL, StaticResolver, WebhookServer

from bot.errors import RefusedError
from bot.team.webhooks.sender import Sender, UnreachableError, check_url, is_public

HOSTS = ("example.com", "*.example.org", "http://plain.example", "hooks.example:8443")


@pytest.fixture
async def server():
    started = await WebhookServer().start()
    yield started
    await started.runner.cleanup()


def build_sender(server, names, **options):
    """Build a sender that takes this machine for a host of the public internet."""
    return Sender((server.host,), networks=(LOCAL,), resolver=lambda: names, **options)


def build_url(server, path="/hook"):
    return f"{server.host}{path}"


@pytest.mark.parametrize(
    "given",
    [
        "https://example.com/hook",
        "https://a.example.org/hook?x=1",
        "https://a.b.example.org",
        "http://plain.example/hook",
        "https://hooks.example:8443/",
        "https://EXAMPLE.com/hook",
    ],
)
def test_hosts_named_by_the_operator_are_allowed(given):
    check_url(given, HOSTS)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("https://example.net/hook", "does not allow webhooks to example.net"),
        ("https://example.org/hook", "does not allow webhooks to example.org"),
        ("https://notexample.com/hook", "does not allow"),
        ("https://example.com.evil.net/", "does not allow"),
        ("https://example.com:8080/", "does not allow"),
        ("https://hooks.example/", "does not allow"),
        ("http://example.com/hook", "begin with https://"),
        ("https://plain.example/hook", "does not allow"),
        ("https://user:key@example.com/", "not a webhook"),
        ("ftp://example.com/", "not a webhook"),
        ("example.com", "not a webhook"),
        ("https://exam ple.com/", "not a webhook"),
        ("https://example.com\\@evil.net/", "not a webhook"),
        ("https://[::1", "not a webhook"),
        ("https://127.0.0.1/", "does not allow"),
        ("https://example.com:99999/", "not a webhook"),
    ],
)
def test_other_hosts_are_refused_with_a_reason(given, why):
    with pytest.raises(RefusedError, match=why):
        check_url(given, HOSTS)


def test_without_configured_hosts_nothing_is_allowed():
    with pytest.raises(RefusedError, match="has not allowed any host"):
        check_url("https://example.com/", ())


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "10.0.0.1",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "fec0::1",
        "192.0.0.170",
        "192.88.99.1",
        "2002:7f00:1::",
        "2001:db8::1",
        "fd00:ec2::254",
    ],
)
def test_private_addresses_are_not_public(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.215.14", "1.1.1.1", "2606:4700:4700::1111"])
def test_addresses_of_the_open_internet_are_public(address):
    assert is_public(ipaddress.ip_address(address))


async def test_a_post_sends_headers_and_body_and_returns_the_answer(server):
    answer = await build_sender(server, StaticResolver(["127.0.0.1"])).post(
        build_url(server), {"webhook-id": "msg_1"}, b"{}"
    )
    assert answer.is_accepted
    [(path, headers, body)] = server.requests
    assert (path, headers["webhook-id"], body) == ("/hook", "msg_1", b"{}")


@pytest.mark.parametrize("found", [["10.0.0.1"], ["169.254.169.254"], ["93.184.215.14", "127.0.0.1"], ["::1"]])
async def test_a_name_that_resolves_to_a_private_address_is_not_connected_to(server, found):
    with pytest.raises(UnreachableError, match="not of the open internet"):
        await Sender((server.host,), resolver=lambda: StaticResolver(found)).post(build_url(server), {}, b"{}")
    assert server.requests == []


async def test_a_numeric_address_is_checked_as_well(server):
    hosts = (f"http://127.0.0.1:{server.port}",)
    with pytest.raises(UnreachableError, match="not of the open internet"):
        await Sender(hosts).post(f"http://127.0.0.1:{server.port}/", {}, b"{}")
    assert server.requests == []


async def test_the_checked_address_is_connected_to_without_resolving_again(server):
    """DNS rebinding: a moment later the name resolves elsewhere; this is not looked up, and is refused the next time."""
    names = StaticResolver(["127.0.0.1"], ["127.0.0.2"])
    rebinding = build_sender(server, names)
    assert (await rebinding.post(build_url(server), {}, b"{}")).is_accepted
    assert names.asked == 1
    with pytest.raises(UnreachableError, match="not of the open internet"):
        await rebinding.post(build_url(server), {}, b"{}")
    assert len(server.requests) == 1


async def test_a_redirect_is_not_followed(server):
    server.answer = lambda _request: web.Response(status=307, headers={"Location": "http://169.254.169.254/latest"})
    answer = await build_sender(server, StaticResolver(["127.0.0.1"])).post(build_url(server), {}, b"{}")
    assert (answer.status, answer.is_accepted) == (307, False)
    assert len(server.requests) == 1


async def test_a_slow_server_times_out_and_a_long_answer_is_not_read(server):
    async def answer_slowly(_request):
        await asyncio.sleep(5)

    server.answer = answer_slowly
    with pytest.raises(UnreachableError, match="in time"):
        await build_sender(server, StaticResolver(["127.0.0.1"]), seconds=0.1).post(build_url(server), {}, b"{}")
    server.answer = lambda _request: web.Response(body=b"x" * 50_000_000)
    assert (await build_sender(server, StaticResolver(["127.0.0.1"])).post(build_url(server), {}, b"{}")).is_accepted


async def test_a_host_that_is_no_longer_allowed_gets_nothing(server):
    with pytest.raises(UnreachableError, match="its host is no longer allowed"):
        await Sender(("example.com",)).post(build_url(server), {}, b"{}")


async def test_the_retry_after_header_is_read(server):
    server.answer = lambda _request: web.Response(status=429, headers={"Retry-After": "90"})
    assert (
        await build_sender(server, StaticResolver(["127.0.0.1"])).post(build_url(server), {}, b"{}")
    ).retry_after == 90.0
    await server.runner.cleanup()
    with pytest.raises(UnreachableError, match="could not be reached"):
        await build_sender(server, StaticResolver(["127.0.0.1"])).post(build_url(server), {}, b"{}")
