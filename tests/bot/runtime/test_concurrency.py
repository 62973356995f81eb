"""A process works on as many requests as its loop keeps up with."""

import asyncio
import time

from hypothesis import given
from hypothesis import strategies as st

from bot.runtime.concurrency import FIRST_PLACES, MIN_PLACES, ConcurrencyLimit


def test_a_burst_on_a_fast_machine_gets_all_slots_within_a_second() -> None:
    limit, used = ConcurrencyLimit(), FIRST_PLACES
    for _ in range(10):
        used = limit.adjust(0.0, used, 256)
    assert used == 256


def test_the_limit_does_not_rise_while_slots_are_free() -> None:
    limit = ConcurrencyLimit()
    assert limit.adjust(0.0, 3, 256) == FIRST_PLACES


def test_a_lagging_loop_gets_fewer_slots_down_to_a_minimum() -> None:
    limit, used = ConcurrencyLimit(), FIRST_PLACES
    places = [used := limit.adjust(1.0, used, 256) for _ in range(12)]
    assert places[0] < FIRST_PLACES
    assert places[-1] == MIN_PLACES


@given(st.lists(st.tuples(st.floats(0, 10), st.integers(0, 500), st.integers(1, 300)), max_size=60))
def test_the_limit_stays_between_one_and_the_models_maximum(ticks: list[tuple[float, int, int]]) -> None:
    limit = ConcurrencyLimit()
    for lag, used, most in ticks:
        assert 1 <= limit.adjust(lag, used, most) <= most


async def test_a_blocked_loop_is_noticed() -> None:
    limit, sizes = ConcurrencyLimit(), list[int]()
    limit.measure(FIRST_PLACES, 256, sizes.append)
    limit.measure(FIRST_PLACES, 256, sizes.append)  # One measurement at a time.
    time.sleep(0.4)  # noqa: ASYNC251  # As a computation on the loop does.
    await asyncio.sleep(0)
    assert len(sizes) == 1
    assert sizes[0] < FIRST_PLACES
