"""What people see while they wait for the model: their place in line, how long about, and a button that takes it back."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from types import SimpleNamespace

import pytest
from acting import act_at_once, act_in_language, wait_until
from catalogues import WHOLE
from discord_texts import find_buttons, read_message

from bot.admission.fair import FairSemaphore
from bot.content import Request, run_directly
from bot.engines.scripted import ScriptedChatModel
from bot.locales import localize
from bot.replies.address import Address
from bot.replies.queue_position import Turnover, describe_position
from bot.requests.answers import build_job

CLEARER = "make this clearer: {0}"


@pytest.fixture
def busy(world, monkeypatch):
    """A model that writes one text at a time, and continues when the event is set."""
    going = asyncio.Event()
    write = ScriptedChatModel._astream

    async def write_when_released(*args, **options):
        await going.wait()
        async for piece in write(*args, **options):
            yield piece

    # Simcord's time stands still while a test waits; without any pause the looks would take all of a core.
    looking = SimpleNamespace(**vars(asyncio) | {"sleep": lambda _seconds: asyncio.to_thread(time.sleep, 0.02)})
    monkeypatch.setattr("bot.replies.queue_position.asyncio", looking)
    monkeypatch.setattr(ScriptedChatModel, "_astream", write_when_released)
    monkeypatch.setattr("bot.replies.pacer.MIN_DRAFT_INTERVAL_SECONDS", 0.0)
    world.desk.answers.slots.model_slots = FairSemaphore(1)
    return going


def prepare_command(world, who, brief):
    return lambda: who.slash(world.channel, "ask", question=CLEARER.format(brief))


def prepare_mention(world, who, brief):
    return lambda: who.send(world.channel, f"{world.me} {CLEARER.format(brief)}")


def prepare_wait(world, text):
    """Return a function that waits until a message of the channel contains a text."""
    return lambda: wait_until(lambda: any(text in read_message(one) for one in world.channel.history()))


def find_message(world, text):
    return next(one for one in world.channel.history() if text in read_message(one))


async def test_a_position_is_shown_updated_and_removed(world, busy):
    world.desk.answers.slots.turnover = Turnover(deque([20.0]))

    async def go():
        line = find_message(world, "You are number 2 in line. It starts in about 40 s.")
        assert list(find_buttons(line)) == ["Cancel"]
        busy.set()

    await act_at_once(
        world.env,
        prepare_command(world, world.ada, "We swim."),
        lambda: wait_until(lambda: world.desk.answers.slots.model_slots._free == 0),
        prepare_command(world, world.ben, "We run."),
        prepare_command(world, world.ada, "We fly."),
        prepare_wait(world, "You are next in line. It starts in about 20 s."),
        prepare_wait(world, "You are number 2 in line"),
        go,
    )
    assert not any("in line" in read_message(one) for one in world.channel.history())
    assert sum("Rewrite" in read_message(one) for one in world.channel.history()) == 3


async def test_users_who_mention_the_bot_see_their_position_in_the_reply(world, busy):
    async def go():
        busy.set()

    await act_at_once(
        world.env,
        prepare_mention(world, world.ada, "We swim."),
        lambda: wait_until(lambda: world.desk.answers.slots.model_slots._free == 0),
        prepare_mention(world, world.ben, "We run."),
        prepare_wait(world, "You are next in line."),
        go,
    )
    assert not any("in line" in read_message(one) for one in world.channel.history())


@pytest.mark.parametrize("ask", [prepare_command, prepare_mention])
async def test_only_the_requester_can_cancel_a_waiting_request(world, busy, ask):
    refused = []

    async def cancel(who):
        refused.append(await who.click(find_message(world, "You are next in line"), label="Cancel"))

    async def go():
        busy.set()

    await act_at_once(
        world.env,
        ask(world, world.ada, "We swim."),
        lambda: wait_until(lambda: world.desk.answers.slots.model_slots._free == 0),
        ask(world, world.ben, "We run."),
        prepare_wait(world, "You are next in line"),
        lambda: cancel(world.ada),
        lambda: wait_until(lambda: refused[0].followups),
        lambda: cancel(world.ben),
        prepare_wait(world, "Cancelled."),
        go,
    )
    assert "There is nothing to cancel" in read_message(refused[0].followups[0])
    assert "We run." not in "\n".join(world.script.drafts)
    assert sum("Rewrite" in read_message(one) for one in world.channel.history()) == 1
    assert not world.desk.jobs.running_count
    assert not world.desk.jobs.count_pending(str(world.ben.id))


async def test_only_the_requester_can_cancel_a_text_that_is_being_written(world, busy):
    refused = []

    async def cancel(who):
        refused.append(await who.click(find_message(world, "…"), label="Cancel"))

    await act_at_once(
        world.env,
        prepare_mention(world, world.ada, "We swim."),
        lambda: wait_until(lambda: world.desk.answers.slots.model_slots._free == 0),
        prepare_wait(world, "…"),
        lambda: cancel(world.ben),
        lambda: wait_until(lambda: refused[0].followups),
        lambda: cancel(world.ada),
        prepare_wait(world, "Cancelled."),
    )
    assert "There is nothing to cancel" in read_message(refused[0].followups[0])
    assert not find_buttons(find_message(world, "Cancelled."))
    assert not world.desk.jobs.running_count


async def test_a_requeued_request_keeps_its_reply_after_a_restart(world, busy):
    busy.set()
    sent = await world.ben.send(world.channel, "We run.")
    request = Request(str(sent.id), str(world.ben.id), CLEARER.format("We run."), kind="rewrite")
    address = Address(int(world.ben.id), int(world.channel.id), time.time(), message_id=int(sent.id))
    room = world.desk.answers.slots.model_slots
    for again in (False, True):
        async with room.place("somebody else"):
            job = build_job(request, address)
            waiting = asyncio.create_task(world.desk.answers(job, run_directly, again=again))
            await wait_until(lambda: room.waiting)
            await prepare_wait(world, "You are next in line.")()
            if not again:
                waiting.cancel()  # As a stop does it.
                await asyncio.wait([waiting])
    await waiting
    replies = [one for one in world.channel.history() if one.author.id == world.bot.user.id]
    assert len(replies) == 1
    assert "Rewrite" in read_message(replies[0])


async def test_the_position_is_shown_in_the_readers_language(world, busy):
    async def go():
        busy.set()

    await act_at_once(
        world.env,
        prepare_command(world, world.ada, "We swim."),
        lambda: wait_until(lambda: world.desk.answers.slots.model_slots._free == 0),
        lambda: act_in_language(world, "de", prepare_command(world, world.ben, "We run.")),
        prepare_wait(world, "Du bist als Nächstes dran."),
        go,
    )


async def test_capacity_grows_with_the_measured_speed(world, monkeypatch):
    world.desk.answers.slots.model_slots = FairSemaphore(1)
    monkeypatch.setattr(world.script.provider, "max_concurrent", 3, raising=False)
    await world.post()
    assert world.desk.answers.slots.model_slots.places == 3


@pytest.mark.parametrize(
    ("place", "seconds", "words"),
    [
        (1, None, "You are next in line."),
        (3, None, "You are number 3 in line."),
        (1, 0.2, "You are next in line. It starts in about 5 s."),
        (3, 41.0, "You are number 3 in line. It starts in about 45 s."),
        (3, 99.9, "You are number 3 in line. It starts in about 100 s."),
        (1, 100.0, "You are number 1 in line. It starts in about 2 min."),
        (9, 130.0, "You are number 9 in line. It starts in about 3 min."),
    ],
)
def test_positions_are_described(place, seconds, words):
    assert localize(describe_position(place, seconds), "en") == words
    assert len({localize(describe_position(place, seconds), language) for language in WHOLE}) == len(WHOLE)


def test_waits_are_estimated():
    turnover = Turnover()
    assert turnover.estimate_wait(1, 2) is None
    turnover.recent_seconds.extend([10.0, 12.0, 90.0])
    assert turnover.estimate_wait(3, 2) == 18.0
