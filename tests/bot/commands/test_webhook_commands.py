"""/webhook by several people: set up by owners alone, told what is approved, given up, removed."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from acting import tap
from aiohttp import web
from discord_texts import get_answer, read_message
from planning import create_manager, list_direct_messages, read_refusal
from webhook_server import LOCAL, StaticResolver, WebhookServer

from bot.team.webhooks.sender import Sender
from bot.team.webhooks.webhooks import sign


class Nowhere(StaticResolver):
    """A resolver that knows no name."""

    def __init__(self):
        super().__init__([])

    async def resolve(self, host, port=0, family=0):
        raise OSError("Name or service not known")


@pytest.fixture
async def server(world):
    """One that the operator allows, and that stands for one of the open internet."""
    started = await WebhookServer().start()
    world.app.webhooks.sender = Sender(
        (started.host,), networks=(LOCAL,), resolver=lambda: StaticResolver(["127.0.0.1"])
    )
    yield started
    await started.runner.cleanup()


async def approve_text(world, boss):
    """Save Ada's text to the team's library, submit it, and approve it as the boss."""
    made = (await world.post()).response
    kept = get_answer(await world.ada.context_menu(world.channel, "Save to the team's library", made))
    await tap(world.ada, kept, "Submit for review")
    shown = [one for one in world.channel.history() if "quillreview:" in str(one.components)][-1]
    await boss.click(shown, label="Approve")
    await world.env.settle()
    await world.bot.get_cog("WebhookCommands").run_once()


async def test_an_owner_adds_a_webhook_and_approved_texts_are_sent_to_it(world, server):
    boss, url = create_manager(world), f"{server.host}/hook"
    said = read_refusal(await boss.slash(world.channel, "webhook add", url=url))
    secret = re.search(r"`(whsec_[^`]+)`", said)[1]
    await approve_text(world, boss)
    [(path, headers, body)] = server.requests
    assert path == "/hook"
    known = {name.lower(): value for name, value in headers.items()}
    assert known["webhook-signature"] == sign(secret, known["webhook-id"], int(known["webhook-timestamp"]), body)
    told_it = json.loads(body)
    assert told_it["type"] == "asset.approved"
    assert told_it["data"]["approved_by"] == [str(boss.id)]
    listed = read_refusal(await boss.slash(world.channel, "webhook list"))
    assert url in listed
    assert secret not in listed, "it was shown once"
    assert "The test worked:" in read_refusal(await boss.slash(world.channel, "webhook test", url=url))
    assert "I'll no longer notify" in read_refusal(await boss.slash(world.channel, "webhook remove", url=url))
    assert "There are no webhooks yet." in read_refusal(await boss.slash(world.channel, "webhook list"))


async def test_only_owners_add_webhooks_and_only_to_allowed_hosts(world, server):
    boss, url = create_manager(world), f"{server.host}/hook"
    for command, options in (("add", {"url": url}), ("list", {}), ("remove", {"url": url}), ("test", {"url": url})):
        assert "Only owners can set that:" in read_refusal(
            await world.ada.slash(world.channel, f"webhook {command}", **options)
        )
    assert "does not allow webhooks to example.com" in read_refusal(
        await boss.slash(world.channel, "webhook add", url="https://example.com/")
    )
    for address, why in ((["10.0.0.1"], "on a private network"), ([], "could not find")):
        names = StaticResolver(address) if address else Nowhere()
        world.app.webhooks.sender = Sender((server.host,), resolver=lambda names=names: names)
        assert why in read_refusal(await boss.slash(world.channel, "webhook add", url=url))
    world.app.webhooks.sender = Sender(("*.example.com", "example.com"))
    for odd in ("https://example.com../hook", "https://a..example.com/", f"https://{'a' * 64}.example.com/"):
        assert "not a webhook address" in read_refusal(await boss.slash(world.channel, "webhook add", url=odd))
    assert "no webhooks yet" in read_refusal(await boss.slash(world.channel, "webhook list"))
    world.app.webhooks.sender = Sender(())
    assert "has not allowed any host" in read_refusal(await boss.slash(world.channel, "webhook add", url=url))


async def test_its_owner_is_notified_when_a_webhook_is_given_up(world, server):
    boss, url, now = create_manager(world), f"{server.host}/hook", datetime.now(UTC)
    await boss.slash(world.channel, "webhook add", url=url)
    server.answer = lambda _request: web.Response(status=500)
    await approve_text(world, boss)
    assert "1 waiting to be sent" in read_refusal(await boss.slash(world.channel, "webhook list"))
    assert "it answered 500" in read_refusal(await boss.slash(world.channel, "webhook test", url=url))
    for hours in (2, 30):
        world.app.webhooks.now = lambda later=hours: now + timedelta(hours=later)
        await world.bot.get_cog("WebhookCommands").run_once()
    assert [one for one in list_direct_messages(world, boss) if "I stopped sending to your webhook" in one]
    assert "gave up on" in read_message(get_answer(await boss.slash(world.channel, "webhook list")))
