"""When a poll closes by its votes, and which variant has won."""

from __future__ import annotations

import pytest

from bot.team.polls import compute_quorum, find_tied, find_winner


@pytest.mark.parametrize(
    ("people", "votes"), [(1, 1), (2, 1), (3, 2), (4, 2), (9, 5), (19, 10), (20, 10), (21, 10), (50_000, 10)]
)
def test_a_quorum_is_half_of_the_members_and_at_most_ten(people: int, votes: int) -> None:
    assert compute_quorum(people) == votes


@pytest.mark.parametrize(
    ("counts", "place", "places"),
    [((0, 0, 0), None, []), ((0, 2, 1), 1, []), ((1, 2, 2), 1, [1, 2]), ((1, 1, 1), 0, [0, 1, 2]), ((3, 0), 0, [])],
)
def test_the_most_votes_win_and_the_first_option_wins_a_tie(
    counts: tuple[int, ...], place: int | None, places: list[int]
) -> None:
    assert find_winner(counts) == place
    assert find_tied(counts) == places
