"""What answers say by knowledge tracing, when a card is due, which question comes next, and what hints do to all three."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.tutor import compare_orders
from bot.exports._parts import QuizQuestion
from bot.team.classroom import bkt, mastery, spacing
from bot.team.classroom.course import (
    MIN_REST,
    Course,
    Lesson,
    begin_session,
    end_session,
    find_next_due,
    give_hint,
    limit_size,
    list_due,
    list_objective_progress,
    record_answer,
    record_claim,
)
from bot.team.classroom.hints import GAP, estimate_guess_after, find_struck_options, list_hints
from bot.team.classroom.mastery import MAX_ANSWERS, add_answers, estimate
from bot.team.classroom.quiz_items import QuizItem
from bot.team.classroom.spacing import RELEARNING_DELAY, Grade, estimate_recall, review_card

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
share = st.floats(0, 1)
MAGNET = QuizItem(
    QuizQuestion(
        "What does a magnet pull?", ("a spoon", "an iron nail", "a bag", "a cup"), (1,), "Magnets pull things of iron."
    ),
    "magnets",
)
PARIS = QuizItem(
    QuizQuestion("The capital of France?", ("Paris",), (0,), "Paris lies on the Seine.", form="short_answer"),
    "capitals",
)
PAIRS = QuizItem(
    QuizQuestion("Match", ("red", "blue", "green"), (0, 1, 2), form="matching", lefts=("rot", "blau", "grün")),
    "colours",
)


def build_item(objective: str, number: int = 0) -> QuizItem:
    return QuizItem(QuizQuestion(f"{objective} {number}", ("yes", "no", "perhaps", "never"), (0,)), objective)


def find_option(course: Course, *, right: bool = True) -> str:
    """Return the place of the correct option, or of a wrong one, in the current order of the question."""
    one = course.item.question
    return str(next(at for at in range(len(one.options)) if (at in one.correct) == right))


@given(share, share, st.booleans())
def test_knowledge_stays_a_probability_and_moves_with_each_answer(known, guess, right):
    after = bkt.update_known(known, right=right, guess=guess)
    assert 0 <= after <= 1
    unmoved = known + (1 - known) * bkt.DEFAULT_PARAMETERS.learning_rate
    assert after >= unmoved - 1e-9 if right else after <= unmoved + 1e-9


@given(share, st.floats(0.01, 0.9))
def test_the_expected_gain_averages_both_answers_by_probability(known, guess):
    chance = known * (1 - bkt.DEFAULT_PARAMETERS.slip_rate) + (1 - known) * guess
    weighed = chance * bkt.update_known(known, right=True, guess=guess) + (1 - chance) * bkt.update_known(
        known, right=False, guess=guess
    )
    assert weighed - known == pytest.approx(bkt.expect_gain(known), abs=1e-9)


def test_a_worked_example_matches_the_equations_of_the_paper():
    by = bkt.Parameters(initial_known=0.4, learning_rate=0.2, slip_rate=0.1)
    # p(L|right) = 0.4 * 0.9 / (0.4 * 0.9 + 0.6 * 0.25) = 0.7059, and a fifth of the rest is learnt.
    assert bkt.update_known(0.4, right=True, guess=0.25, parameters=by) == pytest.approx(
        0.70588 + 0.29412 * 0.2, abs=1e-4
    )
    # p(L|wrong) = 0.4 * 0.1 / (0.4 * 0.1 + 0.6 * 0.75) = 0.0816
    assert bkt.update_known(0.4, right=False, guess=0.25, parameters=by) == pytest.approx(
        0.08163 + 0.91837 * 0.2, abs=1e-4
    )


@given(st.lists(st.booleans(), max_size=30))
def test_mastery_depends_on_the_latest_answers_in_order(rights):
    record = add_answers({}, [("adding", right) for right in rights])
    signs = record.get("adding", [])
    assert signs == [int(one) for one in rights[-MAX_ANSWERS:]]
    assert 0 < estimate(signs) < 1
    assert estimate([*signs, 1]) > estimate([*signs, 0])
    assert mastery.count_right(signs) == sum(rights[-MAX_ANSWERS:])


def test_four_right_answers_are_mastery_but_guessing_between_two_is_not():
    assert estimate([1, 1, 1]) < bkt.MASTERY_THRESHOLD < estimate([1, 1, 1, 1])
    of_two = mastery.encode_answer(right=True, guess=0.5)
    assert estimate([of_two] * 4) < bkt.MASTERY_THRESHOLD
    assert estimate([0, 1]) > estimate([1, 0]), "what came last counts for more"


@pytest.mark.parametrize(
    "asked", [MAGNET, PARIS, PAIRS, replace(MAGNET, question=replace(MAGNET.question, correct=(1, 2)))]
)
def test_each_hint_weakens_a_right_answer_and_the_last_one_reveals_it(asked):
    steps = list_hints(asked)
    assert [step.sort for step in steps].count("answer") == 1
    assert steps[-1].sort == "answer"
    guesses = [estimate_guess_after(asked, steps[:count]) for count in range(len(steps) + 1)]
    assert all(before < after for before, after in pairwise(guesses))
    known = [bkt.update_known(0.4, right=True, guess=guess) for guess in guesses]
    assert all(before > after for before, after in pairwise(known))
    assert known[-1] == pytest.approx(0.4 + 0.6 * bkt.DEFAULT_PARAMETERS.learning_rate), (
        "after the answer was shown it says nothing"
    )
    assert not find_struck_options(steps) & set(asked.question.correct)


def test_a_clue_blanks_out_the_answer():
    [clue, *others] = list_hints(MAGNET)
    assert clue.text == f"Magnets pull things of {GAP}."
    assert [step.sort for step in others] == ["struck", "struck", "answer"]
    assert [step.text for step in list_hints(PARIS)] == [f"{GAP} lies on the Seine.", "P····", "Paris"]
    assert [step.text for step in list_hints(PAIRS)] == ["rot: red", "rot: red / blau: blue / grün: green"]


def test_card_intervals_grow_and_restart_after_a_wrong_answer():
    first = review_card(None, Grade.GOOD, NOON)
    assert timedelta(days=1) <= first.due - NOON <= timedelta(days=5)
    second = review_card(first, Grade.GOOD, first.due)
    assert second.due - first.due > first.due - NOON
    assert estimate_recall(second, second.due) == pytest.approx(spacing.TARGET_RECALL, abs=0.02)
    wrong = review_card(second, Grade.AGAIN, second.due)
    assert wrong.due - second.due == RELEARNING_DELAY
    hard, easy = (review_card(first, grade, first.due) for grade in (Grade.HARD, Grade.EASY))
    assert hard.due < second.due < easy.due
    assert spacing.CardMemory.from_json(json.loads(json.dumps(second.to_json()))) == second


def test_due_items_come_first_then_the_least_known_without_repetition():
    lesson = Lesson("All", (build_item("a"), build_item("a", 1), build_item("b"), build_item("b", 1)))
    record = {"a": [1, 1]}
    course = begin_session(Course(lesson), record, NOON)
    assert course.item.objective == "b", "more is to be gained of it"
    course, said = record_answer(course, find_option(course, right=False), record, NOON)
    assert said == [("b", -25)]
    record = add_answers(record, said)
    assert course.open_number == 3, "the other question of b"
    course, said = record_answer(course, find_option(course), record, NOON + RELEARNING_DELAY)
    record = add_answers(record, said)
    assert course.open_number == 2, "what was wrong is due by now"
    course, _ = record_answer(course, find_option(course), record, NOON + RELEARNING_DELAY)
    assert course.open_number in (0, 1)


def test_an_objective_waits_until_its_prerequisites_are_mastered():
    lesson = Lesson("All", (build_item("adding"), build_item("counting")), prerequisites={"adding": ("counting",)})
    assert begin_session(Course(lesson), {}, NOON).item.objective == "counting"
    assert begin_session(Course(lesson), {"counting": [1] * 5}, NOON).item.objective == "adding"


def test_nothing_is_asked_again_before_it_is_due_unless_continued_early():
    course = begin_session(Course(Lesson("One", (build_item("a"), build_item("a", 1)))), {}, NOON)
    record: dict[str, list[int]] = {}
    for _ in range(2):
        course, said = record_answer(course, find_option(course), record, NOON)
        record = add_answers(record, said)
    assert course.open_number is None
    assert find_next_due(course) > NOON + timedelta(days=1)
    assert begin_session(course, record, NOON).open_number is None
    assert begin_session(course, record, NOON + MIN_REST).open_number is not None, "its objective is open"
    ahead = begin_session(course, record, NOON, ahead=True)
    assert ahead.open_number == 0, "what was asked longest ago"
    after, _ = record_answer(ahead, find_option(ahead), record, NOON)
    assert after.open_number == 1
    assert end_session(after).open_number is None
    assert not end_session(after).ahead
    mastered = {"a": [1] * 8}
    assert begin_session(end_session(course), mastered, NOON + MIN_REST).open_number is None
    cards = Course(replace(course.lesson, are_cards=True))
    assert begin_session(cards, mastered, NOON).open_number == 0, (
        "a card that was never asked is, also of a mastered objective"
    )


def test_claiming_to_know_counts_as_a_guess_and_a_revealed_answer_as_wrong():
    course = begin_session(Course(Lesson("M", (MAGNET, build_item("b")))), {"b": [1]}, NOON)
    done, [(_, sign)] = record_claim(course, {}, NOON)
    assert sign == 50, "it says as little as a right answer to one of two"
    assert done.memories[0].due - NOON > timedelta(days=5)
    assert done.right_count == 0
    turns = [course]
    for _ in range(4):
        course, said = give_hint(course, {}, NOON)
        turns.append(course)
    assert said == [("magnets", -25)], "who had the answer shown did not know it"
    assert course.last_answer.outcome == "told"
    assert [one.turn for one in turns] == [1, 2, 3, 4, 5]
    assert len(find_struck_options(turns[3].given_hints)) == 2


@given(
    st.lists(
        st.tuples(st.sampled_from(["right", "wrong", "hint", "claim", "stop", "ahead", "later"]), st.integers(1, 40)),
        max_size=40,
    )
)
def test_no_question_comes_twice_in_a_row_and_every_answer_is_recorded(acts):
    lesson = Lesson(
        "All", (MAGNET, PARIS, PAIRS, build_item("a"), build_item("a", 1)), prerequisites={"a": ("magnets",)}
    )
    record, now, course = {}, NOON, begin_session(Course(lesson), {}, NOON)
    for act, hours in acts:
        said, before = [], course
        match act:
            case "later":
                now += timedelta(hours=hours)
            case "stop":
                course = end_session(course)
            case "ahead":
                course = begin_session(course, record, now, ahead=True)
            case _ if course.open_number is None:
                course = begin_session(course, record, now)
            case "hint":
                course, said = give_hint(course, record, now)
            case "claim":
                course, said = record_claim(course, record, now)
            case _:
                one = course.item.question
                right = ",".join(map(str, one.correct)) if one.form != "short_answer" else one.options[0]
                course, said = record_answer(
                    course, right if act == "right" else "0" if one.correct != (0,) else "1", record, now
                )
        record = add_answers(record, said)
        if said:
            assert course.open_number != before.open_number
            assert course.answer_count == before.answer_count + 1
        assert Course.from_json(json.loads(json.dumps(course.to_json()))) == course
        assert set(list_due(course, now)) <= set(course.memories)
        rows = list_objective_progress(course, record, now)
        assert sum(one.item_count for one in rows) == 5
        assert sum(one.seen_count for one in rows) == len(course.memories)


def test_a_lesson_is_limited_in_objectives_and_questions():
    items = tuple(build_item(f"o{number % 60}", number) for number in range(600))
    kept = limit_size(Lesson("Big", items, prerequisites={"o1": ("o2", "o59"), "o59": ("o1",)}))
    assert len(kept.items) == 500
    assert kept.skipped == 100
    assert len({one.objective for one in kept.items}) == 41
    assert kept.prerequisites == {"o1": ("o2",)}


def test_simulated_learners_need_a_fifth_fewer_questions_than_at_random():
    """benchmarks/tutor.py says what they are, and has more of them and larger courses."""
    found = compare_orders(24, objectives=4, questions=8)
    (tutored, left), (shuffled, left_by_chance) = found["tutor"], found["random order"]
    assert tutored <= 0.8 * shuffled
    assert left <= left_by_chance
