"""A process works on as many requests as its loop keeps up with."""

import asyncio
import time

from hypothesis import given
from hypothesis import strategies as st

from bot.runtime.concurrency import FIRST_PLACES, MIN_PLACES, ConcurrencyLimit


def test_a_burst_on_a_quick_machine_has_all_places_within_a_second() -> None:
    limit, used = ConcurrencyLimit(), FIRST_PLACES
    for _ in range(10):
        used = limit.adjust(0.0, used, 256)
    assert used == 256


def test_nothing_rises_while_places_are_free() -> None:
    limit = ConcurrencyLimit()
    assert limit.adjust(0.0, 3, 256) == FIRST_PLACES


def test_a_late_loop_gets_fewer_at_once_down_to_a_few() -> None:
    limit, used = ConcurrencyLimit(), FIRST_PLACES
    places = [used := limit.adjust(1.0, used, 256) for _ in range(12)]
    assert places[0] < FIRST_PLACES
    assert places[-1] == MIN_PLACES


@given(st.lists(st.tuples(st.floats(0, 10), st.integers(0, 500), st.integers(1, 300)), max_size=60))
def test_places_stay_between_one_and_what_the_model_takes(ticks: list[tuple[float, int, int]]) -> None:
    limit = ConcurrencyLimit()
    for lag, used, most in ticks:
        assert 1 <= limit.adjust(lag, used, most) <= most


async def test_a_loop_that_is_held_up_is_noticed() -> None:
    limit, sizes = ConcurrencyLimit(), list[int]()
    limit.measure(FIRST_PLACES, 256, sizes.append)
    limit.measure(FIRST_PLACES, 256, sizes.append)  # One measurement at a time.
    time.sleep(0.4)  # noqa: ASYNC251  # As a computation on the loop does.
    await asyncio.sleep(0)
    assert len(sizes) == 1
    assert sizes[0] < FIRST_PLACES
