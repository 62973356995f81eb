"""Discord's rate limits, under a clock that jumps from event to event."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from bot.replies.pacer import _MOST_WINDOWS, DRAFT_EVERY, GLOBAL, MOST_WATCHED, Pacer


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop that does not wait: its time is that of the next event."""

    now = 1000.0

    def time(self) -> float:
        return self.now

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:
            self.now = max(self.now, self._scheduled[0]._when) + 1e-6
        super()._run_once()  # type: ignore[misc]


def most_within(times: Sequence[float], seconds: float) -> int:
    return max(sum(start <= time < start + seconds for time in times) for start in times)


def run(make: Callable[[JumpingLoop, Pacer], Awaitable[None]]) -> None:
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, JumpingLoop)
        runner.run(make(loop, Pacer(loop.time)))  # type: ignore[arg-type]


@pytest.mark.parametrize("window", ["post_window", "edit_window"])
def test_a_channel_sees_five_in_five_seconds(window: str) -> None:
    async def make(loop: JumpingLoop, pacer: Pacer) -> None:
        times: list[float] = []

        async def final() -> None:
            await pacer.turn(getattr(pacer, window)(1))
            times.append(loop.time())

        await asyncio.gather(*(final() for _ in range(40)))
        assert len(times) == 40
        assert most_within(times, 5) == 5
        assert 36 <= times[-1] - times[0] <= 45

    run(make)


def test_discord_sees_48_a_second() -> None:
    async def make(loop: JumpingLoop, pacer: Pacer) -> None:
        times: list[float] = []

        async def final(channel: int) -> None:
            await pacer.turn(pacer.edit_window(channel))
            times.append(loop.time())

        await asyncio.gather(*(final(channel) for channel in range(500)))
        assert len(times) == 500
        assert most_within(times, 1) == GLOBAL[0] == 48
        assert times[-1] - times[0] <= 12

    run(make)


def test_posts_and_edits_have_windows_of_their_own() -> None:
    async def make(loop: JumpingLoop, pacer: Pacer) -> None:
        start = loop.time()
        for window in (pacer.post_window(1), pacer.edit_window(1), pacer.post_window(2)):
            for _ in range(5):
                await pacer.turn(window)
        assert loop.time() - start < 0.1

    run(make)


def test_drafts_leave_two_calls_to_finals() -> None:
    async def make(loop: JumpingLoop, pacer: Pacer) -> None:
        window = pacer.edit_window(1)
        assert [pacer.spare(window) for _ in range(5)] == [True, True, True, False, False]
        start = loop.time()
        await pacer.turn(window)
        await pacer.turn(window)
        assert loop.time() - start < 0.1
        await pacer.turn(window)
        assert loop.time() - start > 5

    run(make)


def test_drafts_leave_half_of_all_calls_to_finals() -> None:
    async def make(_loop: JumpingLoop, pacer: Pacer) -> None:
        shown = sum(pacer.spare(pacer.edit_window(channel)) for channel in range(100))
        assert shown == GLOBAL[0] // 2

    run(make)


def test_drafts_come_back_when_time_has_passed() -> None:
    async def make(_loop: JumpingLoop, pacer: Pacer) -> None:
        window = pacer.edit_window(1)
        while pacer.spare(window):
            pass
        await asyncio.sleep(5.3)
        assert pacer.spare(window)

    run(make)


def test_finals_wait_their_turn_and_come_in_order() -> None:
    async def make(_loop: JumpingLoop, pacer: Pacer) -> None:
        done: list[int] = []

        async def final(number: int) -> None:
            await pacer.turn(pacer.edit_window(1))
            done.append(number)

        await asyncio.gather(*(final(number) for number in range(23)))
        assert done == list(range(23))

    run(make)


@pytest.mark.parametrize(("answers", "interval"), [(0, 1), (1, 1), (6, 1), (12, 2), (24, 4)])
def test_drafts_are_rarer_when_many_run(answers: int, interval: float) -> None:
    pacer = Pacer()
    pacer.answers = answers
    assert pacer.draft_interval == pytest.approx(DRAFT_EVERY * interval)


@pytest.mark.parametrize(("answers", "watchable"), [(0, True), (MOST_WATCHED, True), (MOST_WATCHED + 1, False)])
def test_a_crowd_is_shown_no_drafts(answers: int, watchable: bool) -> None:
    pacer = Pacer()
    pacer.answers = answers
    assert pacer.watchable is watchable


def test_the_longest_unused_window_goes() -> None:
    pacer = Pacer(lambda: 0.0)
    kept = pacer.edit_window(0)
    forgotten = pacer.edit_window(1)
    for channel in range(2, _MOST_WINDOWS + 2):
        pacer.edit_window(channel)
        assert pacer.edit_window(0) is kept
    assert pacer.edit_window(1) is not forgotten
    assert pacer.edit_window(0) is kept
