"""Who gets a place when many wait."""

from __future__ import annotations

import asyncio
import random

import pytest

from bot.admission.fair import FairSemaphore, Urgency


class Crowd:
    """People who ask in channels and hold their place until they are let go."""

    def __init__(self, places: int) -> None:
        self.room = FairSemaphore(places)
        self.entered: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.gone: dict[str, asyncio.Event] = {}

    async def enter(self, *names: str) -> None:
        """Let people ask. A name is a channel's letter and a number, followed by "!" for a press and "." for a row."""
        for name in names:
            self.gone[name] = asyncio.Event()
            self.tasks[name] = asyncio.create_task(self._stay(name))
            await asyncio.sleep(0)

    async def go(self, *names: str) -> None:
        for name in names:
            self.gone[name].set()
            await asyncio.wait([self.tasks[name]])
            await asyncio.sleep(0)

    async def clear(self) -> list[str]:
        """Let everybody go, one by one in the order in which they entered; return who entered."""
        while waiting := [name for name in self.entered if not self.tasks[name].done()]:
            await self.go(waiting[0])
        return self.entered

    async def _stay(self, name: str) -> None:
        urgency = {"!": Urgency.PRESS, ".": Urgency.ROW}.get(name[-1], Urgency.COMMAND)
        async with self.room.place(ord(name[0]), name=name, urgency=urgency):
            self.entered.append(name)
            await self.gone[name].wait()


async def test_channels_take_turns_in_their_own_order() -> None:
    crowd = Crowd(1)
    await crowd.enter("a1", "a2", "a3", "a4", "b1", "b2", "c1")
    assert await crowd.clear() == ["a1", "b1", "c1", "a2", "b2", "a3", "a4"]


async def test_buttons_precede_commands_and_rows_come_last_each_in_turns() -> None:
    crowd = Crowd(1)
    await crowd.enter("a0", "a1.", "a2.", "b1.", "a3", "a4", "b2", "a5!", "a6!", "b3!")
    ahead = ["a5!", "b3!", "a6!", "b2", "a3", "a4", "a1."]
    assert [crowd.room.find_position(name) for name in ahead] == list(range(1, 8))
    assert await crowd.clear() == ["a0", "a5!", "b3!", "a6!", "b2", "a3", "a4", "a1.", "b1.", "a2."]


async def test_a_quiet_channel_does_not_wait_for_a_busy_one() -> None:
    crowd = Crowd(2)
    await crowd.enter(*(f"a{number}" for number in range(9)))
    await crowd.go("a0", "a1", "a2")
    await crowd.enter("b0", "a9", "b1")
    assert (await crowd.clear())[5:8] == ["b0", "a5", "b1"]
    assert [name for name in crowd.entered if name[0] == "a"] == [f"a{number}" for number in range(10)]


async def test_capacity_is_never_exceeded() -> None:
    crowd = Crowd(3)
    await crowd.enter("a1", "a2", "a3", "a4", "b1")
    assert len(crowd.entered) == 3
    await crowd.go("a2")
    assert crowd.entered[3:] == ["b1"]
    await crowd.clear()
    await crowd.enter("c1", "c2", "c3", "c4")
    assert crowd.entered[5:] == ["c1", "c2", "c3"]


async def test_a_busy_channel_is_not_starved() -> None:
    crowd = Crowd(1)
    await crowd.enter("a1", "a2", "a3")
    for number in range(5):
        await crowd.enter(f"b{number}")
        await crowd.go(crowd.entered[-1])
    assert "a3" in crowd.entered


@pytest.mark.parametrize("when", ["waiting", "let in"])
async def test_a_cancelled_waiter_frees_its_slot(when: str) -> None:
    crowd = Crowd(1)
    await crowd.enter("a1", "b1", "c1")
    if when == "let in":
        crowd.gone["a1"].set()
        while len(crowd.room._waiting) == 2:
            await asyncio.sleep(0)
    crowd.tasks["b1"].cancel()
    await asyncio.wait([crowd.tasks["b1"]])
    assert (await crowd.clear())[-1] == "c1"
    await crowd.enter("d1")
    assert crowd.entered[-1] == "d1"


async def test_finished_channels_are_forgotten() -> None:
    crowd = Crowd(1)
    await crowd.enter(*(f"{chr(100 + number)}1" for number in range(50)), "d2")
    await crowd.clear()
    assert crowd.room._turns.last == {}


async def test_members_of_a_channel_take_turns_within_its_turns() -> None:
    room, entered = FairSemaphore(1), list[str]()

    async def stay(name: str) -> None:
        async with room.place(name[0], name[1]):
            entered.append(name)
            await asyncio.sleep(0)

    names = ["xa1", "xa2", "xa3", "xa4", "xb1", "ya1", "xb2", "xc1", "ya2"]
    await asyncio.gather(*map(stay, names))
    assert [name for name in entered if name[0] == "x"] == ["xa1", "xa2", "xb1", "xc1", "xa3", "xb2", "xa4"]
    assert entered.index("ya1") == 1
    assert room._lines == {}


@pytest.mark.parametrize("seed", range(8))
async def test_positions_match_the_order_of_admission(seed: int) -> None:
    chance, room, entered = random.Random(seed), FairSemaphore(1), list[str]()

    async def stay(name: str) -> None:
        async with room.place(name[0], name[1], name=name):
            entered.append(name)
            await asyncio.sleep(0)

    names = [f"{chance.choice('xyz')}{chance.choice('ab')}{number}" for number in range(24)]
    tasks = {name: asyncio.create_task(stay(name)) for name in names}
    await asyncio.sleep(0)
    for name in chance.sample(names[1:], 5):
        tasks.pop(name).cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting = [name for name in tasks if name not in entered]
    told = sorted(waiting, key=lambda name: room.find_position(name) or 0)
    assert [room.find_position(name) for name in told] == list(range(1, len(told) + 1))
    assert room.waiting == len(told)
    before = len(entered)
    await asyncio.gather(*tasks.values())
    assert entered[before:] == told
    assert room.find_position(told[0]) is None


async def test_first_requests_precede_later_requests_of_others() -> None:
    room = FairSemaphore(1)
    async with room.place("ada"):
        waiting = [asyncio.create_task(_pass_through(room, "ada", f"ada {number}")) for number in range(3)]
        await asyncio.sleep(0)
        waiting.append(asyncio.create_task(_pass_through(room, "ben", "ben 0")))
        await asyncio.sleep(0)
        assert [room.find_position(f"ada {number}") for number in range(3)] == [2, 3, 4]
        assert room.find_position("ben 0") == 1
    await asyncio.gather(*waiting)


async def test_growing_admits_waiters_and_shrinking_evicts_none() -> None:
    crowd = Crowd(1)
    await crowd.enter("a1", "b1", "c1", "d1", "e1", "f1")
    crowd.room.resize(3)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert crowd.entered == ["a1", "b1", "c1"]
    crowd.room.resize(1)
    await crowd.go("a1", "b1")
    assert crowd.entered == ["a1", "b1", "c1"], "two were too many"
    await crowd.go("c1")
    assert crowd.entered[3:] == ["d1"]
    assert (await crowd.clear())[4:] == ["e1", "f1"]
    crowd.room.resize(2)
    await crowd.enter("g1", "h1", "i1")
    assert crowd.entered[6:] == ["g1", "h1"]
    await crowd.clear()


async def _pass_through(room: FairSemaphore, asker: str, name: str) -> None:
    async with room.place(asker, name=name):
        await asyncio.sleep(0)
