"""Where an answer appears when Discord is in trouble: it is tried again, and goes elsewhere when its place is gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import discord
import pytest

from bot.replies import surface as room
from bot.replies.address import Address
from bot.replies.channels import MessageChannel
from bot.replies.pacer import Pacer
from bot.replies.surface import Surface, surface_for
from bot.replies.views import note_view


class Answer:
    """The part of an HTTP answer that discord.py's errors require."""

    def __init__(self, status: int) -> None:
        self.status, self.reason = status, ""


class Place:
    """A channel whose first calls fail with these errors."""

    def __init__(self, *failures: Exception) -> None:
        self._failures: Iterator[Exception] = iter(failures)
        self.shown = 0

    def can_show_draft(self) -> bool:
        return True

    async def turn(self) -> None:
        return None

    async def put(self, view: discord.ui.LayoutView, files: Any) -> None:
        for failure in self._failures:
            raise failure
        self.shown += 1


def build_error(status: int) -> discord.HTTPException:
    return discord.HTTPException(Answer(status), "no")  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_MIN_RETRY_SECONDS", 0.0)


@pytest.mark.parametrize("failure", [build_error(500), build_error(503), OSError("down")])
async def test_a_final_view_is_retried(failure: Exception) -> None:
    place = Place(failure, failure)
    await Surface(place, Pacer()).finish(note_view("done"))
    assert place.shown == 1


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_permanent_refusals_are_raised(status: int) -> None:
    with pytest.raises(discord.HTTPException):
        await Surface(Place(build_error(status)), Pacer()).finish(note_view("done"))


async def test_a_failed_draft_does_no_harm() -> None:
    place = Place(build_error(500))
    surface = Surface(place, Pacer())
    await surface.show_draft(lambda: "growing")
    await asyncio.sleep(0)
    await surface.finish(note_view("done"))
    assert place.shown == 1


async def test_a_process_whose_lease_has_run_out_shows_no_draft() -> None:
    place, pacer = Place(), Pacer()
    pacer.is_in_charge = lambda: False
    surface = Surface(place, pacer)
    await surface.show_draft(lambda: "growing")
    await asyncio.sleep(0)
    assert place.shown == 0
    pacer.is_in_charge = lambda: True
    await Surface(place, pacer).show_draft(lambda: "growing")
    await asyncio.sleep(0)
    assert place.shown == 1


class Channel:
    """A stand-in for a bot and its channel; records what is posted there."""

    def __init__(self) -> None:
        self.posts: list[dict[str, Any]] = []
        self.attachments: list[discord.Attachment] = []
        self.components: list[SimpleNamespace] = []

    def get_partial_messageable(self, _channel_id: int) -> Channel:
        return self

    async def send(self, **options: Any) -> Channel:
        self.posts.append(options)
        self.components = [SimpleNamespace(to_dict=lambda part=part: part) for part in options["view"].to_components()]
        return self

    async def edit(self, **options: Any) -> None:
        self.posts.append({"edit": True, **options})


async def test_an_expired_interaction_is_answered_once_in_its_channel() -> None:
    bot, pacer = Channel(), Pacer()
    channel = MessageChannel(bot, Address(1, 2, 0.0, token="abc"), pacer, again=False)  # type: ignore[arg-type]
    surface = Surface(channel, pacer)
    await surface.show_draft(lambda: "growing")
    await surface.finish(note_view("done"))
    (post,) = bot.posts
    assert post["nonce"] == "abc"
    assert "reference" not in post


async def test_in_a_quiet_channel_a_placeholder_reply_becomes_the_answer() -> None:
    bot, pacer = Channel(), Pacer()
    addresses = [Address(1, 2, 0.0, message_id=number) for number in (5, 6)]
    first, second = (Surface(MessageChannel(bot, one, pacer, again=False), pacer) for one in addresses)  # type: ignore[arg-type]
    after_a_crash = Surface(MessageChannel(bot, Address(1, 3, 0.0, message_id=7), pacer, again=True), pacer)  # type: ignore[arg-type]
    for surface in (first, second, after_a_crash):
        surface.begin()
    await asyncio.sleep(0)
    (seen,) = bot.posts
    assert "…" in str(seen["view"].to_components())
    await first.finish(note_view("done"))
    await second.finish(note_view("done too"))
    assert [post.get("nonce", "edited") for post in bot.posts] == ["5", "edited", "6"]


class History(Channel):
    """A channel whose history shows the posts as replies to a message."""

    user = SimpleNamespace(id=9)

    async def history(self, **_options: Any) -> AsyncIterator[Mock]:
        for post in self.posts:
            found = Mock(spec=discord.Message, author=self.user, reference=SimpleNamespace(message_id=5))
            found.components = [
                SimpleNamespace(to_dict=lambda part=part: part) for part in post["view"].to_components()
            ]
            yield found


async def test_each_message_of_a_multipart_answer_is_found_again_by_its_mark() -> None:
    bot, pacer = History(), Pacer()
    addresses = [Address(1, 2, 0.0, message_id=5, part=part) for part in (1, 0)]
    again = [surface_for(bot, one, pacer, kind=None, again=True) for one in addresses]  # type: ignore[arg-type]
    assert [await one.is_done() for one in again] == [False, False]
    await surface_for(bot, addresses[0], pacer, kind=None, again=False).finish(note_view("one"))  # type: ignore[arg-type]
    again = [surface_for(bot, one, pacer, kind=None, again=True) for one in addresses]  # type: ignore[arg-type]
    assert [await one.is_done() for one in again] == [True, False]
    await again[1].finish(note_view("two"))
    assert [post["nonce"] for post in bot.posts] == ["15", "5"]
