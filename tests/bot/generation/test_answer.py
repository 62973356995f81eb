"""Answers of any form are parsed into text, note and tags; and a change only affects what it names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from writing import format_edit_block

from bot.generation.answer import apply_changes, parse_answer, render_partial, render_partial_change, split_versions

POST = "We close on **Monday**.\n\n---\n\nBack on Tuesday, 8 < 9 and [this] stays."


@pytest.mark.parametrize(
    ("answer", "to_check"),
    [
        (POST, ""),
        (f"{POST}\n\n<check>Monday is a holiday.</check>", "Monday is a holiday."),
        (f"{POST}\n<check>\nMonday is a holiday.\nIs it?\n", "Monday is a holiday. Is it?"),
        (f"<think>Let me see <check>no</check></think>\n{POST}\n<CHECK>Yes.</CHECK>", "Yes."),
        (f"```markdown\n{POST}\n```\n<check>Yes.</check>", "Yes."),
        (f"```\n{POST}\n```", ""),
        (f"<text>\n{POST}\n</text>", ""),
        (f"<material>\n{POST}\n</material>\n", ""),
    ],
)
def test_text_and_note_are_separated_verbatim(answer: str, to_check: str) -> None:
    found = parse_answer(answer)
    assert (found.text, found.to_check) == (POST, to_check)


def test_text_around_notes_is_kept() -> None:
    found = parse_answer("Part one.\n<check>Is it?</check>\n\nPart two.\n<check>Or not?</check>")
    assert (found.text, found.to_check) == ("Part one.\n\nPart two.", "Is it? Or not?")


def test_version_tags_within_a_text_are_kept() -> None:
    assert parse_answer("<dependency>\n<version>4.12</version>\n</dependency>").text.count("version") == 2
    assert parse_answer(f"<version>{POST}</version>").text == POST


def test_trailing_tags_are_not_part_of_the_text() -> None:
    assert parse_answer(f"{POST}\n\n[used: P1, P3]").used == (0, 2)
    found = parse_answer(f"{POST}\n<check>Look.</check>\n[used: P2]\n")
    assert (found.text, found.to_check, found.used) == (POST, "Look.", (1,))
    assert parse_answer(f"{POST}\n<skip>2, 3</skip>").skipped == (2, 3)
    assert parse_answer(f"{POST}\n<skip>2</skip>").text == POST


def test_partial_text_never_shows_a_note() -> None:
    whole = f"<text>\n{POST}\n</text>\n\n<check>Monday is a holiday.</check>"
    shown = [render_partial(whole[:end]) for end in range(len(whole) + 1)]
    assert shown[-1] == POST
    assert all(POST.startswith(one) for one in shown)
    assert render_partial("<think>hm") == ""


def test_a_change_that_is_being_written_shows_the_text_with_the_changes_so_far() -> None:
    blocks = (
        f"<<<<<<< OLD\n{old}\n=======\n{new}\n>>>>>>> NEW\n" for old, new in (("Monday", "Sunday"), ("Tues", "Wednes"))
    )
    whole = "".join(blocks) + "<check>Is it?</check>"
    shown = [render_partial_change(POST, whole[:end]) for end in range(len(whole) + 1)]
    assert list(dict.fromkeys(shown)) == [
        POST,
        half := POST.replace("Monday", "Sunday"),
        half.replace("Tues", "Wednes"),
    ]
    assert render_partial_change(POST, "We close ear") == "We close ear", "a whole new text"


def test_versions_are_split_with_their_common_note() -> None:
    several = split_versions("<version>One.</version>\n<version>\nTwo.\n</version><check>Ask Ben.</check>")
    assert [(one.text, one.to_check) for one in map(parse_answer, several)] == [
        ("One.", "Ask Ben."),
        ("Two.", "Ask Ben."),
    ]
    assert split_versions("<version>One.") == ["One."]
    assert split_versions("Only one.") == ["Only one."]


def test_a_change_only_affects_the_named_passages() -> None:
    answer = f"{format_edit_block('Back on Tuesday', 'Back on Wednesday')}\n{format_edit_block('on **Monday**', 'on **Sunday**')}"
    assert apply_changes(POST, answer).text == POST.replace("Tuesday", "Wednesday").replace("Monday", "Sunday")


def test_passages_match_any_whitespace_and_missing_ones_are_reported() -> None:
    text = "One line\nwith a break.\nA second.\nA third."
    assert apply_changes(text, format_edit_block("line with  a break", "row")).text == "One row.\nA second.\nA third."
    assert apply_changes(text, format_edit_block("A second.", "")).text == "One line\nwith a break.\nA third."
    found = apply_changes(text, format_edit_block("A fourth.", "A fifth."))
    assert (found.text, found.not_found) == (text, ("A fourth.",))
    assert apply_changes(text, format_edit_block("", "A last.")).text == f"{text}\n\nA last."


def test_an_answer_without_blocks_is_the_new_text() -> None:
    assert apply_changes(POST, "Shorter.").text == "Shorter."
    assert apply_changes(POST, "").text == POST


@given(st.text(max_size=300))
def test_any_answer_can_be_parsed(text: str) -> None:
    for one in (text, f"<check>{text}", f"<version>{text}", format_edit_block(text, text)):
        parse_answer(one)
        render_partial(one)
        split_versions(one)
        apply_changes("Some text.", one)


@pytest.mark.parametrize(
    ("answer", "text", "note"),
    [
        ("thinking… </think>We swim at dawn.", "We swim at dawn.", ""),
        ("<check>The date is missing.</check>\n\nWe swim at dawn.", "We swim at dawn.", "The date is missing."),
        ("<version>We swim at dawn.</version>", "We swim at dawn.", ""),
        ("<ask>What?|x</ask>\nWe swim at dawn.", "We swim at dawn.", ""),
    ],
)
def test_a_text_after_a_note_is_found(answer: str, text: str, note: str) -> None:
    written = parse_answer(answer)
    assert (written.text, written.to_check) == (text, note)


def test_a_truncated_change_leaves_the_text() -> None:
    made = apply_changes("We close on Monday.", "<<<<<<< OLD\nMonday\n=======\nTuesday")
    assert made.text == "We close on Monday."
    assert made.not_found


@pytest.mark.parametrize("tag", ["<check>", "<skip>", "<ask>", "<refuse>", "<habit>"])
def test_no_part_of_a_tag_is_shown_while_it_is_written(tag: str) -> None:
    for end in range(1, len(tag)):
        assert render_partial(f"{POST}{tag[:end]}") == POST
    assert render_partial(f"{POST} <b") == f"{POST} <b"


@pytest.mark.parametrize(
    ("said", "habit"),
    [
        ("Never use emoji", "Never use emoji"),
        ("“No prices”.", "No prices"),
        ("Short", ""),
        ("a b", "a b"),
        (" ".join(["word"] * 12), " ".join(["word"] * 12)),
        (" ".join(["word"] * 13), ""),
        (" ".join(["characters"] * 12), ""),
        ("<b>No prices</b>", "bNo prices/b"),
    ],
)
def test_a_habit_is_a_short_instruction(said: str, habit: str) -> None:
    found = parse_answer(f"{POST}\n<habit>{said}</habit>")
    assert (found.text, found.habit) == (POST, habit)


@pytest.mark.parametrize(
    "answer",
    [
        f"So.\n</think>{POST}",
        f"<think>a</think>{POST}",
        f"<think>a</think>\n<think>b</think>\n{POST}",
        f"{POST}<think>Done?</think>",
    ],
)
def test_thoughts_are_removed_anywhere_in_the_answer(answer: str) -> None:
    assert parse_answer(answer).text == POST


@pytest.mark.parametrize(
    ("text", "old", "changed"),
    [
        ("a  b\n\nc   d", "b c", "a  X   d"),
        ("a  b\n\nc   d", "a b", "X\n\nc   d"),
        ("a  b\n\nc   d", "c d", "a  b\n\nX"),
    ],
)
def test_only_the_passage_is_replaced_when_whitespace_differs(text: str, old: str, changed: str) -> None:
    assert apply_changes(text, format_edit_block(old, "X")).text == changed
