"""Whoever asks for much does not keep others waiting: commands and mentions alike take turns by person."""

from __future__ import annotations

import asyncio
import time

import pytest
from acting import act_at_once

from bot.admission.fair import FairSemaphore
from bot.content import Request
from bot.engines.scripted import ScriptedChatModel
from bot.engines.spending import Spending
from bot.replies.address import Address
from bot.replies.pacer import Pacer
from bot.requests.answer_context import AnswerContext
from bot.requests.answer_slots import AnswerSlots
from bot.runtime.active_requests import TrackedRequest


# So many take a busy machine longer than usual requests do.
@pytest.mark.simcord(settle_timeout=240.0)
@pytest.mark.parametrize(
    ("how", "places", "many", "most_own", "most"),
    [("slash", 1, 14, 3, 3), ("slash", 64, 14, 3, 3), ("mention", 64, 14, 3, 3)],
)
async def test_many_requests_of_one_user_delay_another_users_only_slightly(
    world, monkeypatch, how, places, many, most_own, most
):
    for name in ("CHANNEL_POSTS", "CHANNEL_EDITS"):
        monkeypatch.setattr(f"bot.replies.pacer.{name}", (10_000, 1.0))
    monkeypatch.setattr("bot.requests.answer_slots.MAX_SLOTS_PER_USER", most_own)
    world.app.pacer._all.calls = 10_000
    world.desk.answers.slots.model_slots = FairSemaphore(places)
    place, write = AnswerSlots.hold, ScriptedChatModel._astream
    arrived, all_there = 0, asyncio.Event()

    def count_and_place(slots, *whose):
        nonlocal arrived
        arrived += 1
        if arrived == many + 1:
            all_there.set()
        return place(slots, *whose)

    async def write_late(*args, **options):
        """Write only once all users have asked, like a model that is slower than the users."""
        await all_there.wait()
        async for piece in write(*args, **options):
            yield piece

    monkeypatch.setattr(AnswerSlots, "hold", count_and_place)
    monkeypatch.setattr(ScriptedChatModel, "_astream", write_late)

    async def ask(who, brief):
        if how == "slash":
            await who.slash(world.channel, "ask", question=f"make this clearer: {brief}")
        else:
            await who.send(world.channel, f"{world.me} make this clearer: {brief}")

    async def act(number):
        await ask(world.ada, f"We swim at dawn with {number} herons.")

    async def ask_as_ben():
        await ask(world.ben, "We close on Monday.")

    await act_at_once(world.env, *(lambda number=number: act(number) for number in range(many)), ask_as_ben)
    first = next(at for at, prompt in enumerate(world.script.drafts) if "We close on Monday." in prompt)
    assert first <= most, "those of a person that are written at once"


class Nowhere:
    """A surface that shows nothing."""

    def show_position(self, *_where):
        return True

    def clear_position(self):
        pass


@pytest.mark.parametrize(("mentioned", "places"), [(False, 1), (False, 4), (True, 1), (True, 4)])
async def test_sixty_requests_of_one_member_delay_another_only_slightly(world, mentioned, places):
    slots = world.desk.answers.slots
    slots.model_slots = FairSemaphore(places)
    done: list[str] = []

    async def ask(who, number):
        token = {"message_id": number} if mentioned else {"token": "t", "application_id": 1}
        address = Address(user_id=who.id, channel_id=world.channel.id, created=time.time(), **token)
        request = Request(f"{who.id}-{number}", str(who.id), "")
        async with slots.hold(
            AnswerContext(request, address, Nowhere(), None, Spending(), TrackedRequest(request.id, ""))
        ):
            await asyncio.sleep(0.001)
            done.append(who.name)

    async with asyncio.TaskGroup() as group:
        for number in range(60):
            group.create_task(ask(world.ada.user, number))
        await asyncio.sleep(0)
        group.create_task(ask(world.ben.user, 100))
    assert len(done) == 61
    assert done.index(world.ben.user.name) <= 2 * places, "those that are written, and those of that moment"


async def test_posts_in_a_channel_take_turns_by_user(monkeypatch):
    now, posted = 1000.0, []

    async def advance_clock(seconds):
        nonlocal now
        now += seconds
        await real(0)

    real = asyncio.sleep
    monkeypatch.setattr("bot.replies.pacer.asyncio.sleep", advance_clock)
    pacer = Pacer(lambda: now)
    window = pacer.post_window(7)

    async def post(who):
        pacer.mark_answered(await pacer.turn(window, who))
        posted.append(who)

    await asyncio.gather(*(post("ada") for _ in range(30)), post("ben"), post("cara"))
    assert posted.index("ben") <= 8
    assert posted.index("cara") <= 8
