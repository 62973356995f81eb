"""Simulated readers: drawn by a seed, each pair in both orders, counted with an interval, and told where they say little; pure."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.simulation.panel import (
    ReaderChoice,
    build_comparisons,
    compute_max_readers,
    compute_wilson_interval,
    count_votes,
    draw_readers,
)


def answer_comparisons(readers, variants, prefers):
    """Return the answers of readers who choose by `prefers(reader, first, second)`."""
    return [
        ReaderChoice(comparison, prefers(comparison.reader, comparison.first, comparison.second), "It is short.")
        for comparison in build_comparisons(readers, variants, 3)
    ]


def test_readers_depend_on_the_seed_and_differ():
    readers = draw_readers("bakers, café owners and students", 6, 7)
    assert readers == draw_readers("bakers, café owners and students", 6, 7)
    assert readers != draw_readers("bakers, café owners and students", 6, 8)
    assert len({reader.habits for reader in readers}) == 6
    assert {reader.audience for reader in readers} == {"bakers", "café owners", "students"}
    assert [len(draw_readers("", count, 1)) for count in (0, 5, 99)] == [5, 5, 12]


@given(st.integers(5, 12), st.integers(2, 5), st.integers(0, 99))
def test_each_reader_compares_each_pair_in_both_orders(count, variants, seed):
    comparisons = build_comparisons(draw_readers("", count, seed), variants, seed)
    pairs = sorted((comparison.reader, comparison.first, comparison.second) for comparison in comparisons)
    ordered_pairs = itertools.permutations(range(variants), 2)
    assert pairs == sorted((reader, *pair) for pair in ordered_pairs for reader in range(1, count + 1))
    assert compute_max_readers(variants) * variants * (variants - 1) <= 240


def test_a_reader_who_always_chooses_the_first_has_no_vote():
    tally = count_votes(answer_comparisons(draw_readers("", 5, 1), 3, lambda _reader, first, _second: first), 3)
    assert (tally.counts, tally.undecided_count, tally.biased_pair_count, tally.pair_count) == ((0, 0, 0), 5, 15, 15)
    assert tally.winner is None
    assert tally.is_position_biased


def test_votes_are_counted_with_their_interval():
    tally = count_votes(answer_comparisons(draw_readers("", 6, 1), 2, lambda reader, *_: 0 if reader < 6 else 1), 2)
    assert (tally.counts, tally.winner, tally.biased_pair_count) == ((5, 1), 0, 0)
    assert not tally.is_unanimous
    assert not tally.is_clear, "5 of 6 could be chance"
    assert tally.votes[0].reason == "It is short."
    assert [round(end, 2) for end in tally.compute_interval(0)] == [0.44, 0.97]
    unanimous = count_votes(answer_comparisons(draw_readers("", 12, 1), 2, lambda *_: 1), 2)
    assert unanimous.is_unanimous
    assert unanimous.is_clear


def test_a_reader_with_circular_preferences_is_undecided():
    def choose_in_circle(_reader, first, second):
        return first if (first, second) in ((0, 1), (1, 2), (2, 0)) else second

    tally = count_votes(answer_comparisons(draw_readers("", 5, 1), 3, choose_in_circle), 3)
    assert (tally.undecided_count, tally.biased_pair_count) == (5, 0)


def test_answers_without_a_choice_do_not_count():
    tally = count_votes(answer_comparisons(draw_readers("", 5, 1), 2, lambda reader, *_: None if reader == 1 else 0), 2)
    assert (tally.counts, tally.undecided_count, tally.pair_count) == ((4, 0), 1, 4)


@pytest.mark.parametrize(
    ("count", "total", "low", "high"), [(0, 0, 0, 1), (0, 10, 0, 0.278), (10, 10, 0.722, 1), (5, 10, 0.237, 0.763)]
)
def test_wilson_intervals_match_published_values(count, total, low, high):
    assert compute_wilson_interval(count, total) == pytest.approx((low, high), abs=0.001)
