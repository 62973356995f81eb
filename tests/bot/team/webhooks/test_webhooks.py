"""Webhooks: signed so that anybody can check, kept with what they tell of, tried again for a day, once over restarts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from bot.admission.limits import RateLimiter
from bot.errors import RefusedError
from bot.store import Store
from bot.team.review.service import ReviewService
from bot.team.review.steps import ReviewActor, Step
from bot.team.webhooks.sender import UnreachableError, WebhookResponse, check_url
from bot.team.webhooks.webhooks import MAX_BODY_BYTES, Webhooks, compute_pause, sign
from bot.team.workspace.recorder import Recorder
from bot.team.workspace.roles import Member, Role
from bot.team.workspace.workspaces import Workspaces
from personas.ledger import guild
from storage.assets import Asset
from storage.crypto import Keyring
from storage.reviews import build_asset_lock_name

SERVER, OWNER, WRITER = "1", Member("99", manages=True), Member("7")
URL = "https://example.com/hook"
NOON = datetime(2026, 10, 14, 10, 0, tzinfo=UTC)
KEYS = Keyring((b"k" * 32,))


class Post:
    """A stand-in for the network: records what was sent, and answers with a status or raises."""

    def __init__(self, *answers):
        self.hosts, self.sent, self.answers = ("example.com",), [], list(answers) or [200]

    async def check_reachable(self, url):
        check_url(url, self.hosts)

    async def post(self, url, headers, body):
        self.sent.append((url, dict(headers), body))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, WebhookResponse) else WebhookResponse(answer)


class Team:
    """A server's services over a store, with a clock that tests set."""

    def __init__(self, store, post):
        self.now, self.post, self.told = NOON, post, []
        self.store, self.recorder = store, Recorder(store)
        recorder = self.recorder
        workspaces = Workspaces(store, RateLimiter({}), recorder)
        self.reviewing = ReviewService(store, workspaces, recorder)
        self.webhooks = Webhooks(store, workspaces, recorder, post, clock=lambda: self.now, random_share=lambda: 0.5)

    async def approve_asset(self, text="New mugs."):
        asset = Asset("ad", "Mugs", text, {"headline": "Mugs"}, {}, [], source_id=text[:30], given_by="100200300")
        await self.store.assets.add(guild(SERVER), asset)
        await self.reviewing.take_step(SERVER, OWNER, asset.id, Step.SUBMIT, 1)
        await self.reviewing.take_step(SERVER, OWNER, asset.id, Step.APPROVE, 1)
        return asset.id

    async def deliver(self, **later):
        self.now += timedelta(**later)
        return await self.webhooks.deliver(self.tell)

    async def tell(self, webhook, why):
        self.told.append(str(why))


@pytest_asyncio.fixture
async def team(url):
    async with Store(url, KEYS) as store:
        yield Team(store, Post())


def is_genuine(secret, headers, body):
    """Return whether a receiver that follows the specification accepts the message as genuine."""
    signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    key = base64.b64decode(secret.partition("_")[2], validate=True)
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return f"v1,{expected}" in headers["webhook-signature"].split(" ")


def test_signatures_match_the_specification():
    """The figures of Standard Webhooks' own libraries."""
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    assert sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


async def test_an_approval_is_sent_signed_and_once(team):
    made = await team.webhooks.add(SERVER, OWNER, URL)
    assert made.secret.startswith("whsec_")
    name = await team.approve_asset()
    assert await team.deliver() == 1
    assert await team.deliver(hours=1) == 0
    [(sent_to, headers, body)] = team.post.sent
    assert sent_to == URL
    assert is_genuine(made.secret, headers, body)
    assert not is_genuine(made.secret, headers, body + b" ")
    told = json.loads(body)
    assert told["type"] == "asset.approved"
    assert told["data"]["asset"] == {
        "id": name,
        "version": 1,
        "kind": "ad",
        "title": "Mugs",
        "text": "New mugs.",
        "parts": {"headline": "Mugs"},
        "status": "approved",
    }
    assert told["data"]["approved_by"] == ["99"]
    assert told["data"]["workspace"] == SERVER
    assert "100200300" not in body.decode(), "who wrote it is not told"


async def test_a_published_text_is_sent_with_its_place(team):
    await team.webhooks.add(SERVER, OWNER, URL)
    name, doer = await team.approve_asset(), ReviewActor("99", frozenset({Role.OWNER}))
    async with team.recorder.transaction(build_asset_lock_name(name)) as note:
        await team.reviewing.apply_step(note, SERVER, doer, name, Step.SCHEDULE, 1, details={"channel": "5"})
    async with team.recorder.transaction(build_asset_lock_name(name)) as note:
        await team.reviewing.apply_step(
            note, SERVER, doer, name, Step.PUBLISH, 1, details={"channel": "5", "message": "6"}
        )
    assert await team.deliver() == 2, "that it is planned is told nobody"
    told = [json.loads(body) for _, _, body in team.post.sent]
    [published] = [one for one in told if one["type"] == "asset.published"]
    assert published["data"]["posted"] == {"channel": "5", "message": "6"}
    assert published["data"]["asset"]["status"] == "published"


async def test_retries_are_spaced_out_with_the_same_id_and_a_new_signature(team):
    team.post.answers = [500, UnreachableError("it could not be reached"), 302, 200]
    made = await team.webhooks.add(SERVER, OWNER, URL)
    await team.approve_asset()
    assert await team.deliver() == 0
    assert await team.deliver(seconds=4) == 0
    assert len(team.post.sent) == 1, "not before its time"
    for seconds in (2, 14, 43):
        await team.deliver(seconds=seconds)
    await team.deliver(seconds=50)
    assert len(team.post.sent) == 4
    ids = {headers["webhook-id"] for _, headers, _ in team.post.sent}
    times = [headers["webhook-timestamp"] for _, headers, _ in team.post.sent]
    assert len(ids) == 1
    assert len(set(times)) == 4
    assert all(is_genuine(made.secret, headers, body) for _, headers, body in team.post.sent)
    assert await team.deliver(hours=30) == 0


def test_retry_pauses_triple_up_to_six_hours_with_jitter():
    assert [compute_pause(number, 0.5) for number in (1, 2, 3)] == [5.0, 15.0, 45.0]
    assert compute_pause(30, 0.5) == 6 * 3600
    assert (compute_pause(1, 0.0), round(compute_pause(1, 1.0), 6)) == (4.0, 6.0)


async def test_after_a_day_delivery_is_given_up_and_owners_are_notified(team):
    team.post.answers = [500]
    await team.webhooks.add(SERVER, OWNER, URL)
    await team.approve_asset()
    for _ in range(40):
        await team.deliver(hours=1)
    assert 8 <= len(team.post.sent) <= 16
    assert team.told == [
        "I stopped sending to your webhook https://example.com/hook, because for a whole day it answered 500. "
        "Try it with /webhook test."
    ]
    [(found, waiting)] = await team.webhooks.list_webhooks(SERVER, OWNER)
    assert (waiting, bool(found.failure)) == (0, True)
    team.post.answers = [204]
    assert (await team.webhooks.test(SERVER, OWNER, URL))[1] is None
    [(found, _)] = await team.webhooks.list_webhooks(SERVER, OWNER)
    assert found.failure is None


async def test_a_gone_endpoint_is_given_up_at_once_and_retry_after_is_respected(team):
    team.post.answers = [WebhookResponse(503, 600.0), 410]
    await team.webhooks.add(SERVER, OWNER, URL)
    await team.approve_asset()
    await team.deliver()
    await team.deliver(seconds=500)
    assert len(team.post.sent) == 1
    await team.deliver(seconds=101)
    assert "answered that it is gone (410), so I will not send it the events that were waiting." in team.told[0]
    await team.deliver(hours=2)
    assert len(team.post.sent) == 2


async def test_a_restart_sends_pending_messages_once(team, url):
    await team.webhooks.add(SERVER, OWNER, URL)
    await team.approve_asset()
    async with Store(url, KEYS) as store:
        others = Team(store, Post())
        assert await others.deliver() == 1
        assert await team.deliver() == 0, "two processes do not send the same"
    assert team.post.sent == []


async def test_a_message_claimed_by_a_dead_process_is_sent_by_another(team, url):
    team.post.answers = [KeyboardInterrupt()]
    await team.webhooks.add(SERVER, OWNER, URL)
    await team.approve_asset()

    async def die(*_args):
        raise RuntimeError("the process dies")

    team.post.post = die
    with pytest.raises(RuntimeError):
        await team.deliver()
    async with Store(url, KEYS) as store:
        others = Team(store, Post())
        assert await others.deliver() == 0, "it may be on its way"
        assert await others.deliver(minutes=3) == 1


async def test_an_action_that_fails_sends_nothing(team):
    """The entry, what is done and what is to be sent are one transaction."""
    await team.webhooks.add(SERVER, OWNER, URL)
    put = team.store.webhooks.add_message

    async def put_and_fail(message):
        await put(message)
        raise OSError("the disk is full")

    team.store.webhooks.add_message = put_and_fail
    with pytest.raises(Exception, match="disk|database"):
        await team.approve_asset()
    team.store.webhooks.add_message = put
    assert await team.deliver() == 0
    acts = [one.act for one in await team.store.audit.list_after(guild(SERVER), 0)]
    assert acts == ["webhook", "submit"]


async def test_an_oversized_text_is_sent_shortened(team):
    await team.webhooks.add(SERVER, OWNER, URL)
    await team.approve_asset("ü" * MAX_BODY_BYTES)
    await team.deliver()
    [(_, _, body)] = team.post.sent
    assert len(body) <= MAX_BODY_BYTES
    assert json.loads(body)["data"]["asset"]["shortened"] is True


async def test_only_owners_can_add_webhooks_and_only_to_allowed_hosts(team):
    for call in (team.webhooks.add, team.webhooks.remove, team.webhooks.test):
        with pytest.raises(RefusedError, match="Only owners can set that:"):
            await call(SERVER, WRITER, URL)
    with pytest.raises(RefusedError, match="does not allow webhooks to example.net"):
        await team.webhooks.add(SERVER, OWNER, "https://example.net/")
    await team.webhooks.add(SERVER, OWNER, URL)
    with pytest.raises(RefusedError, match="That webhook is already set up. Remove it first to get a new secret."):
        await team.webhooks.add(SERVER, OWNER, URL)
    await team.approve_asset()
    await team.webhooks.remove(SERVER, OWNER, URL)
    assert await team.deliver() == 0, "what waited went with it"
    assert team.post.sent == []
