"""Campaigns and webhooks in the database: of whom they are, sealed, changed from what was seen alone, forgotten with whom they name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import text

from bot.store import Store
from storage.campaigns import Campaign, CampaignPiece, Campaigns
from storage.crypto import Keyring
from storage.errors import PausedError, StorageError
from storage.webhooks import Webhook, WebhookMessage, Webhooks

SERVER, OTHER, ADA = "1", "2", "7"
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest_asyncio.fixture
async def store(url: str) -> AsyncIterator[Store]:
    async with Store(url, Keyring((b"k" * 32,))) as store:
        yield store


def build_campaign(name: str = "100", **values: object) -> Campaign:
    return Campaign(
        **{
            "id": name,
            "guild_id": SERVER,
            "title": "Mugs",
            "brief": "okapibrief",
            "places": ("email",),
            "channel_id": "5",
            "given_by": ADA,
            **values,
        }
    )


async def begin_campaign(store: Store, name: str = "100") -> Campaign:
    made = build_campaign(name)
    pieces = [CampaignPiece(name, SERVER, number, one, ADA) for number, one in enumerate(("plan", "email"))]
    assert await store.campaigns.add(made, pieces)
    return made


async def test_a_campaign_is_encrypted_for_its_server_only(store: Store) -> None:
    made = await begin_campaign(store)
    assert await store.campaigns.get(SERVER, made.id) == made
    assert await store.campaigns.get(OTHER, made.id) is None
    assert await store.campaigns.list_all(OTHER) == []
    assert not await store.campaigns.add(made, []), "twice is once"
    async with store.database.read() as connection:
        rows = (await connection.execute(text("SELECT sealed FROM campaigns"))).all()
        rows += (await connection.execute(text("SELECT sealed FROM campaign_assets"))).all()
    assert not any(b"okapibrief" in row[0] or b"email" in row[0] for row in rows)
    async with store.database.write() as connection:
        await connection.execute(text("UPDATE campaigns SET owner_id = 'guild:2'"))
    assert await store.campaigns.list_all(OTHER) == [], "it does not open for another"


async def test_a_change_requires_the_version_and_state_that_were_read(store: Store) -> None:
    made = await begin_campaign(store)
    assert await store.campaigns.change(made, brief="another", version=2)
    assert await store.campaigns.change(made, brief="a third", version=2) is None
    [plan, email] = await store.campaigns.list_pieces(made)
    assert await store.campaigns.change_piece(email, ("waiting",), state="made", asset_id="ff")
    assert await store.campaigns.change_piece(email, ("waiting",), state="made", asset_id="ee") is None
    found = await store.campaigns.find_piece_of_asset(SERVER, "ff")
    assert found is not None
    assert (found.number, await store.campaigns.find_piece_of_asset(OTHER, "ff")) == (1, None)
    assert [one.id for one in await store.campaigns.list_pending()] == [made.id]
    for piece, before in ((plan, "waiting"), (found, "made")):
        await store.campaigns.change_piece(piece, (before,), state="shown")
    assert await store.campaigns.list_pending() == []


async def test_campaigns_are_limited_per_server_and_refused_for_paused_users(store: Store) -> None:
    store.campaigns = Campaigns(store.database, max_campaigns=1)
    store.webhooks = Webhooks(store.database, max_webhooks=1)
    await begin_campaign(store)
    await store.webhooks.add(Webhook(SERVER, "https://example.com/", "whsec_x", ADA))
    with pytest.raises(StorageError, match="I can keep up to 1 of these"):
        await store.campaigns.add(build_campaign("101"), [])
    with pytest.raises(StorageError, match="I can keep up to 1 of these"):
        await store.webhooks.add(Webhook(SERVER, "https://example.com/2", "whsec_x", ADA))
    await store.people.pause(ADA)
    for call in (
        store.campaigns.add(build_campaign("102", guild_id=OTHER), []),
        store.webhooks.add(Webhook(OTHER, "https://example.com/", "whsec_x", ADA)),
    ):
        with pytest.raises(PausedError):
            await call


async def test_forgotten_users_are_not_named_and_forgotten_servers_leave_nothing(store: Store) -> None:
    made = await begin_campaign(store)
    hook = Webhook(SERVER, "https://example.com/", "whsec_x", ADA)
    await store.webhooks.add(hook)
    await store.webhooks.add_message(WebhookMessage(hook.id, SERVER, "{}", MOMENT, MOMENT))
    assert {one["table"] for one in await store.people.list_contributions(ADA)} >= {
        "campaigns",
        "campaign_assets",
        "webhooks",
    }
    await store.people.forget(ADA)
    known = await store.campaigns.get(SERVER, made.id)
    assert known is not None
    assert (known.given_by, known.brief) == (None, "okapibrief")
    assert [one.given_by for one in await store.campaigns.list_pieces(made)] == [None, None]
    assert [one.created_by for one in await store.webhooks.list_all(SERVER)] == [None]
    exported = await store.workspaces.export(SERVER)
    assert exported["campaigns"][0]["brief"] == "okapibrief"
    assert exported["webhooks"][0]["url"] == "https://example.com/"
    assert "whsec_x" not in str(exported), "it is shown once"
    await store.workspaces.forget(SERVER)
    async with store.database.read() as connection:
        for table in ("campaigns", "campaign_assets", "webhooks", "webhook_messages"):
            assert not (await connection.execute(text(f"SELECT 1 FROM {table}"))).all()


async def test_a_message_moved_to_another_webhook_cannot_be_decrypted(store: Store) -> None:
    """Otherwise, a change in the database could send messages about one server elsewhere."""
    hooks = [Webhook(SERVER, f"https://example.com/{number}", "whsec_x", ADA) for number in range(2)]
    for one in hooks:
        await store.webhooks.add(one)
    message = WebhookMessage(hooks[0].id, SERVER, "{}", MOMENT, MOMENT)
    await store.webhooks.add_message(message)
    assert await store.webhooks.list_due_messages(MOMENT) == [message]
    assert await store.webhooks.list_due_messages(MOMENT - timedelta(seconds=1)) == []
    async with store.database.write() as connection:
        await connection.execute(text("UPDATE webhook_messages SET webhook_id = :other"), {"other": hooks[1].id})
    assert await store.webhooks.list_due_messages(MOMENT) == []


async def test_messages_that_cannot_be_decrypted_hide_no_later_ones(store: Store) -> None:
    webhook = Webhook(SERVER, "https://example.com/", "whsec_x", ADA)
    await store.webhooks.add(webhook)
    messages = [WebhookMessage(webhook.id, SERVER, str(number), MOMENT, MOMENT) for number in range(7)]
    for one in messages:
        await store.webhooks.add_message(one)
    due = await store.webhooks.list_due_messages(MOMENT)
    async with store.database.write() as connection:
        for one in due[:4]:
            await connection.execute(
                text("UPDATE webhook_messages SET sealed = :sealed WHERE id = :id"), {"id": one.id, "sealed": b"x" * 40}
            )
    assert await store.webhooks.list_due_messages(MOMENT, limit=2) == due[4:6]
