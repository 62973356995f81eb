"""Discord's rate limits, under a clock that jumps from event to event."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence

import pytest
from virtual_time import VirtualTimeLoop

from bot.replies.pacer import _MAX_WINDOWS, GLOBAL, MAX_ANSWERS_WITH_DRAFTS, MIN_DRAFT_INTERVAL_SECONDS, Pacer


def count_most_within(times: Sequence[float], seconds: float) -> int:
    return max(sum(start <= time < start + seconds for time in times) for start in times)


def count_refused(times: Sequence[float], calls: int, seconds: float) -> int:
    """Count the calls that Discord would refuse: the first begins a span of seconds, the first after it another."""
    begun, used, late = float("-inf"), 0, 0
    for time in sorted(times):
        if time >= begun + seconds:
            begun, used = time, 0
        used += 1
        late += used > calls
    return late


def run(make: Callable[[VirtualTimeLoop, Pacer], Awaitable[None]]) -> None:
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, VirtualTimeLoop)
        runner.run(make(loop, Pacer(loop.time)))  # type: ignore[arg-type]


@pytest.mark.parametrize("window", ["post_window", "edit_window"])
def test_a_channel_gets_five_calls_in_five_seconds(window: str) -> None:
    async def make(loop: VirtualTimeLoop, pacer: Pacer) -> None:
        times: list[float] = []

        async def send_final() -> None:
            await pacer.turn(getattr(pacer, window)(1))
            times.append(loop.time())

        await asyncio.gather(*(send_final() for _ in range(40)))
        assert len(times) == 40
        assert count_refused(times, 5, 5) == 0
        assert 35 <= times[-1] - times[0] <= 38

    run(make)


def test_late_calls_of_a_window_do_not_delay_the_next() -> None:
    """What was begun early counts: the sign that a request was seen, then four answers that come seconds later."""

    async def make(loop: VirtualTimeLoop, pacer: Pacer) -> None:
        window, start = pacer.post_window(1), loop.time()
        times: list[float] = []
        for seconds in (0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0):
            await asyncio.sleep(seconds)
            await pacer.turn(window)
            times.append(loop.time() - start)
        assert count_refused(times, 5, 5) == 0
        assert times[9] < 6
        assert times[10] > 10

    run(make)


@pytest.mark.parametrize("late", [0.0, 0.2, 0.9])
def test_discord_gets_48_calls_a_second_however_long_they_take(late: float) -> None:
    async def make(loop: VirtualTimeLoop, pacer: Pacer) -> None:
        times: list[float] = []
        chance = random.Random(1)

        async def send_final(channel: int) -> None:
            call = await pacer.turn(pacer.edit_window(channel))
            await asyncio.sleep(chance.uniform(0, late))
            times.append(loop.time())  # It arrives at Discord, and the answer is on its way back.
            await asyncio.sleep(chance.uniform(0, late))
            pacer.mark_answered(call)

        await asyncio.gather(*(send_final(channel) for channel in range(500)))
        assert len(times) == 500
        assert count_most_within(times, 1) <= GLOBAL[0] == 48
        assert max(times) - min(times) <= 12 * (1 + 2 * late)

    run(make)


def test_an_unanswered_call_does_not_block_others_for_long() -> None:
    async def make(loop: VirtualTimeLoop, pacer: Pacer) -> None:
        start = loop.time()
        for channel in range(GLOBAL[0] + 1):
            await pacer.turn(pacer.edit_window(channel))
        assert 1 < loop.time() - start < 6

    run(make)


def test_posts_and_edits_have_separate_windows() -> None:
    async def make(loop: VirtualTimeLoop, pacer: Pacer) -> None:
        start = loop.time()
        for window in (pacer.post_window(1), pacer.edit_window(1), pacer.post_window(2)):
            for _ in range(5):
                await pacer.turn(window)
        assert loop.time() - start < 0.1

    run(make)


def test_drafts_reserve_two_calls_for_finals() -> None:
    async def make(loop: VirtualTimeLoop, pacer: Pacer) -> None:
        window = pacer.edit_window(1)
        assert [pacer.take_spare(window) is not None for _ in range(5)] == [True, True, True, False, False]
        start = loop.time()
        await pacer.turn(window)
        await pacer.turn(window)
        assert loop.time() - start < 0.1
        await pacer.turn(window)
        assert loop.time() - start > 5

    run(make)


def test_drafts_reserve_half_of_all_calls_for_finals() -> None:
    async def make(_loop: VirtualTimeLoop, pacer: Pacer) -> None:
        shown = sum(pacer.take_spare(pacer.edit_window(channel)) is not None for channel in range(100))
        assert shown == GLOBAL[0] // 2

    run(make)


def test_drafts_resume_after_a_while() -> None:
    async def make(_loop: VirtualTimeLoop, pacer: Pacer) -> None:
        window = pacer.edit_window(1)
        while pacer.take_spare(window):
            pass
        await asyncio.sleep(5.3)
        assert pacer.take_spare(window)

    run(make)


def test_finals_wait_their_turn_in_order() -> None:
    async def make(_loop: VirtualTimeLoop, pacer: Pacer) -> None:
        done: list[int] = []

        async def send_final(number: int) -> None:
            await pacer.turn(pacer.edit_window(1))
            done.append(number)

        await asyncio.gather(*(send_final(number) for number in range(23)))
        assert done == list(range(23))

    run(make)


@pytest.mark.parametrize(("answers", "interval"), [(0, 1), (1, 1), (6, 1), (12, 2), (24, 4)])
def test_drafts_are_less_frequent_when_many_run(answers: int, interval: float) -> None:
    pacer = Pacer()
    pacer.answers = answers
    assert pacer.draft_interval == pytest.approx(MIN_DRAFT_INTERVAL_SECONDS * interval)


@pytest.mark.parametrize(
    ("answers", "watchable"), [(0, True), (MAX_ANSWERS_WITH_DRAFTS, True), (MAX_ANSWERS_WITH_DRAFTS + 1, False)]
)
def test_with_very_many_requests_no_drafts_are_shown(answers: int, watchable: bool) -> None:
    pacer = Pacer()
    pacer.answers = answers
    assert pacer.can_show_drafts is watchable


def test_the_least_recently_used_window_is_dropped() -> None:
    pacer = Pacer(lambda: 0.0)
    kept = pacer.edit_window(0)
    forgotten = pacer.edit_window(1)
    for channel in range(2, _MAX_WINDOWS + 2):
        pacer.edit_window(channel)
        assert pacer.edit_window(0) is kept
    assert pacer.edit_window(1) is not forgotten
    assert pacer.edit_window(0) is kept
