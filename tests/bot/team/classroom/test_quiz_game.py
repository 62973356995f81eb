"""A game of a quiz is the same in whatever order its clicks are handled, and nobody scores twice or late."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content import Content
from bot.exports._parts import QuizQuestion
from bot.team.classroom.quiz_game import (
    GRACE,
    Game,
    QuizResponse,
    build_scoreboard,
    close_question,
    compute_points,
    count_choices,
    end_question_early,
    finish_game,
    measure_seconds,
    open_next_question,
    parse_snowflake_time,
    resume_game,
)
from bot.team.classroom.quiz_items import QuizItem, is_right, parse_items, select_items
from bot.team.classroom.quiz_run import Run, create_run, record_answer

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
EPOCH_MS = 1420070400000
ONE = QuizItem(QuizQuestion("2 + 2?", ("3", "4", "5"), (1,)), "adding")
TRUE = QuizItem(QuizQuestion("Water is wet.", ("True", "False"), (0,), form="true_false"), "water")
SEVERAL = QuizItem(QuizQuestion("Which are even?", ("2", "3", "4"), (0, 2)), "even")
WORD = QuizItem(QuizQuestion("Capital of France?", ("Paris",), (0,), form="short_answer"), "capitals")
NUMBER = QuizItem(QuizQuestion("Half of 7?", ("3.5",), (0,), form="numeric"), "halves")
ITEMS = (ONE, TRUE, SEVERAL)


def build_snowflake(at: datetime, sequence: int = 0) -> int:
    return ((round(at.timestamp() * 1000) - EPOCH_MS) << 22) | sequence


def build_game(**values: object) -> Game:
    return replace(Game("Sums", ITEMS, seconds=20), **values)  # type: ignore[arg-type]


def test_a_game_steps_through_its_questions_and_can_be_restored():
    one = build_game(auto=True)
    assert one.due_at is None
    for number in range(3):
        one = open_next_question(one, NOON)
        assert (one.number, one.state, one.due_at) == (number, "open", NOON + timedelta(seconds=20) + GRACE)
        assert Game.from_json(json.loads(json.dumps(one.to_json()))) == one
        one = close_question(one, [QuizResponse("a", number, "0", 1, 2.0)])
        assert one.due_at == NOON + timedelta(seconds=28) + GRACE
    assert one.is_last
    assert finish_game(one).due_at is None
    assert one.players == 1
    assert one.tallies == ((1, 0, 0), (1, 0), (1, 0, 0))
    assert replace(one, auto=False).due_at is None, "the host says when it goes on"


def test_a_click_counts_by_discords_time_even_if_handled_late():
    one = open_next_question(build_game(), NOON)
    assert measure_seconds(one, build_snowflake(NOON + timedelta(seconds=5)), 0) == 5.0
    assert measure_seconds(one, build_snowflake(NOON + timedelta(seconds=20)), 0) == 20.0
    assert measure_seconds(one, build_snowflake(NOON + timedelta(seconds=20, milliseconds=1)), 0) is None
    assert measure_seconds(one, build_snowflake(NOON), 1) is None, "that is another question's"
    assert measure_seconds(close_question(one, ()), build_snowflake(NOON), 0) is None
    sooner = end_question_early(one, NOON + timedelta(seconds=7))
    assert measure_seconds(sooner, build_snowflake(NOON + timedelta(seconds=7)), 0) == 7.0
    assert measure_seconds(sooner, build_snowflake(NOON + timedelta(seconds=8)), 0) is None
    assert end_question_early(sooner, NOON + timedelta(seconds=19)) == sooner, "it is not made longer"
    assert parse_snowflake_time(build_snowflake(NOON)) == NOON


def test_a_question_is_extended_by_the_downtime():
    one = open_next_question(build_game(), NOON)
    back = resume_game(one, NOON + timedelta(seconds=4), NOON + timedelta(seconds=64))
    assert back.deadline == NOON + timedelta(seconds=80)
    assert measure_seconds(back, build_snowflake(NOON + timedelta(seconds=66)), 0) == 6.0, (
        "six seconds with the bot there"
    )
    assert resume_game(one, NOON + timedelta(seconds=4), NOON + timedelta(seconds=6)) == one, "it was hardly away"
    over = NOON + timedelta(seconds=21)
    assert resume_game(one, over, NOON + timedelta(hours=1)) == one, "its time was over before"


@pytest.mark.parametrize(
    ("item", "right", "wrong"),
    [
        (ONE, ["1"], ["0", "", "0,1", "9", "x"]),
        (TRUE, ["0"], ["1"]),
        (SEVERAL, ["0,2", "2,0"], ["0", "0,1,2"]),
        (WORD, ["Paris", " paris. ", "PARIS"], ["Rome", "", "Paris or Rome"]),
        (NUMBER, ["3.5", "3,5", "+3.50"], ["4", "", "NaN", "three"]),
    ],
)
def test_answers_are_judged_right_or_wrong(item, right, wrong):
    assert all(is_right(item, one) for one in right)
    assert not any(is_right(item, one) for one in wrong)


def test_a_written_answer_is_tallied_as_right_or_wrong():
    clicks = [QuizResponse(str(n), 0, word, n, 1.0) for n, word in enumerate(["Paris", "Rome", "paris"])]
    assert count_choices(WORD, clicks) == (2, 1)


def test_points_fall_from_1000_to_500():
    assert [compute_points(took, 20) for took in (0, 5, 10, 20, 99)] == [1000, 875, 750, 500, 500]


def test_oversized_matching_questions_are_left_out_and_counted():
    items = [
        {"question": "2 + 2?", "options": ["3", "4"], "correct": [1], "objective": "adding"},
        {
            "question": "Match.",
            "options": list("abcdef"),
            "correct": list(range(6)),
            "lefts": list("uvwxyz"),
            "type": "matching",
        },
        {"question": "3 + 3?", "options": ["6", "7"], "correct": [0]},
    ]
    found, skipped = parse_items(Content("", {"items": items}), "sums")
    assert [one.objective for one in found] == ["adding", "sums"]
    assert skipped == 1


@given(st.integers(0, 10_000), st.integers(0, 3))
def test_shuffled_questions_keep_their_right_answers(seed, count):
    found = select_items(ITEMS, count, shuffled=True, seed=seed)
    assert len(found) == (count or 3)
    before = {one.question.text: one.question.right_answers for one in ITEMS}
    assert all(sorted(one.question.right_answers) == sorted(before[one.question.text]) for one in found)


clicks_of = st.lists(
    st.tuples(
        st.sampled_from(["ada", "ben", "cleo", "dora"]),
        st.integers(0, 2),
        st.sampled_from(["0", "1", "2", "0,2", ""]),
        st.floats(0, 30),
        st.integers(0, 4_000_000),
    ),
    max_size=40,
    unique_by=lambda one: one[4],
)


def collect_responses(drawn, one):
    """Collect the clicks that count if handled one after another: a person's first by Discord's ids."""
    found = []
    for user_id, number, choice, at, sequence in drawn:
        click_id = build_snowflake(NOON + timedelta(seconds=at), sequence)
        took = measure_seconds(replace(one, state="open", number=number), click_id, number)
        if took is not None:
            found.append(QuizResponse(user_id, number, choice, click_id, took))
    return found


@given(clicks_of, st.randoms())
def test_the_scoreboard_does_not_depend_on_order_and_its_sums_are_right(drawn, rng):
    one = replace(open_next_question(build_game(), NOON), number=2)
    shuffled = list(drawn)
    rng.shuffle(shuffled)
    over = replace(one, state="closed", tallies=((),) * 3)
    board = build_scoreboard(over, collect_responses(drawn, one))
    assert board == build_scoreboard(over, collect_responses(shuffled, one))
    assert [row.points for row in board] == sorted((row.points for row in board), reverse=True)
    for row in board:
        worth = [
            compute_points(click.seconds, 20)
            for number, click in row.responses.items()
            if is_right(ITEMS[number], click.choice)
        ]
        assert row.points == sum(worth)
        assert row.right == len(worth) <= 3
        assert all(500 <= each <= 1000 for each in worth)
    late = [each for each in drawn if each[3] > 20.001]
    assert collect_responses(late, one) == []


@given(clicks_of)
def test_duplicate_clicks_do_not_score_twice(drawn):
    one = replace(open_next_question(build_game(), NOON), number=2)
    clicks = collect_responses(drawn, one)
    over = replace(one, state="closed", tallies=((),) * 3)
    board = build_scoreboard(over, [*clicks, *clicks])
    assert board == build_scoreboard(over, clicks)
    assert len({row.user_id for row in board}) == len(board)
    assert all(row.points <= 3000 for row in board)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 5)), unique_by=lambda one: one[0]))
def test_players_with_equal_points_share_a_place(drawn):
    one = replace(open_next_question(build_game(), NOON), state="closed", tallies=((),))
    board = build_scoreboard(one, [QuizResponse(who, 0, "1", n, float(took)) for n, (who, took) in enumerate(drawn)])
    for row in board:
        assert row.place == 1 + sum(other.points > row.points for other in board)


def test_an_open_question_is_not_yet_on_the_scoreboard():
    one = open_next_question(build_game(), NOON)
    click = QuizResponse("ada", 0, "1", 1, 1.0)
    assert build_scoreboard(one, [click]) == []
    assert [row.user_id for row in build_scoreboard(close_question(one, [click]), [click])] == ["ada"]


@given(st.lists(st.sampled_from(["0", "1", "0,2"]), min_size=60, max_size=60))
def test_an_exercise_ends_and_repeats_wrong_questions_last(choices):
    run = create_run("Sums", ITEMS)
    steps = 0
    for choice in choices:
        if run.is_over:
            break
        number, before = run.queue[0], run.queue
        run = record_answer(run, choice, NOON)
        steps += 1
        if not is_right(ITEMS[number], choice) and run.tries[number] < 3:
            assert run.queue == (*before[1:], number)
        else:
            assert run.queue == before[1:]
        assert Run.from_json(json.loads(json.dumps(run.to_json()))) == run
    assert run.is_over
    assert run.finished_at == NOON
    assert 3 <= steps <= 9
    assert run.score == sum(run.firsts.values())
    assert set(run.firsts) == {0, 1, 2}


def test_an_answer_after_the_due_time_is_late():
    run = create_run("Sums", (ONE,), due_at=NOON)
    assert not record_answer(run, "1", NOON).is_late
    assert record_answer(run, "1", NOON + timedelta(seconds=1)).is_late
