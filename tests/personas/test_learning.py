"""When signals become an entry: two that agree, none between that contradicts, none of them twice about the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from personas.habits import Habits, describe, validate_habit
from personas.learning import (
    Signal,
    compute_confidence,
    derive_entries,
    is_based_on,
    is_still_supported,
    shift_emoji,
    shift_length,
    shift_level,
)
from personas.ledger import Entry
from personas.profile import MAX_ENTRIES, ProfileError

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def build_signals(*said: tuple[str, Any], source: Any = "vote", profile: str = "") -> list[Signal]:
    """Build signals one minute apart, each about a result of its own."""
    return [
        Signal(name, value, source, f"r{at}", profile, f"s{at}", NOON + timedelta(minutes=at))
        for at, (name, value) in enumerate(said)
    ]


def learn(*said: tuple[str, Any], held: dict[str, Any] | None = None) -> dict[str, Any]:
    return {entry.field: entry.value for entry in derive_entries(build_signals(*said), held or {})}


def test_one_signal_is_not_enough() -> None:
    assert learn(("emoji", "none")) == {}


def test_two_agreeing_signals_make_an_entry_with_its_evidence() -> None:
    [entry] = derive_entries(build_signals(("emoji", "none"), ("emoji", "none")), {})
    assert (entry.field, entry.value, entry.origin, entry.scope) == ("emoji", "none", "learnt", "me")
    assert entry.evidence == "vote:r0 vote:r1"
    assert entry.confidence == 0.75


def test_a_contradiction_restarts_the_count() -> None:
    assert learn(("emoji", "none"), ("emoji", "many"), ("emoji", "none")) == {}
    assert learn(("emoji", "none"), ("emoji", "many"), ("emoji", "many")) == {"emoji": "many"}


def test_a_single_contradiction_changes_nothing_and_leaves_no_trace() -> None:
    said = build_signals(("emoji", "none"), ("emoji", "none"), ("emoji", "many"))
    assert derive_entries(said, {"emoji": "none"}) == []
    assert [one.value for one in derive_entries(said[:2], {})] == ["none"]


def test_signals_count_by_creation_time() -> None:
    said = build_signals(("emoji", "many"), ("emoji", "none"), ("emoji", "none"))
    assert [one.value for one in derive_entries(said[::-1], {})] == ["none"]


def test_two_signals_with_the_same_source_count_once() -> None:
    twice = build_signals(("emoji", "none")) * 2
    assert derive_entries(twice, {}) == []


def test_fields_are_learnt_independently() -> None:
    said = (("emoji", "none"), ("preferred_length", "short"), ("emoji", "none"), ("formality", "casual"))
    assert learn(*said) == {"emoji": "none"}


def test_known_values_are_not_learnt_again() -> None:
    assert learn(("emoji", "none"), ("emoji", "none"), held={"emoji": "none"}) == {}


def test_words_are_learnt_one_by_one_and_added_to_the_list() -> None:
    said = (("avoid_words", "bespoke"), ("avoid_words", "synergy"), ("avoid_words", "Bespoke"))
    assert learn(*said, held={"avoid_words": ["artisan"]}) == {"avoid_words": ["artisan", "Bespoke"]}


def test_two_words_learnt_together_are_both_added() -> None:
    said = [("avoid_words", word) for word in ("one", "two", "one", "two")]
    assert derive_entries(build_signals(*said), {})[-1].value == ["one", "two"]


def test_a_liked_word_is_not_avoided() -> None:
    assert learn(("avoid_words", "hull"), ("prefer_terms", "hull"), ("avoid_words", "hull")) == {}


def test_a_full_list_takes_no_more_words() -> None:
    full = {"avoid_words": [str(number) for number in range(MAX_ENTRIES)]}
    assert learn(("avoid_words", "more"), ("avoid_words", "more"), held=full) == {}


@pytest.mark.parametrize(
    ("name", "value"), [("closing", "x" * 301), ("avoid_words", "x" * 121), ("emoji", "tons"), ("formality", "stiff")]
)
def test_invalid_values_are_not_learnt(name: str, value: str) -> None:
    assert learn((name, value), (name, value)) == {}


def test_signals_of_another_profile_do_not_count() -> None:
    said = [*build_signals(("emoji", "none")), *build_signals(("emoji", "none"), profile="class")]
    assert derive_entries(said, {}) == derive_entries(said, {}, "class") == []


def test_confidence_grows_with_agreement_and_is_never_certain() -> None:
    assert [compute_confidence(count) for count in (2, 3, 8)] == [0.75, 0.8, 0.9]
    assert compute_confidence(1000) <= 1


def test_evidence_supports_entries() -> None:
    entry = Entry("e", "emoji", "none", origin="learnt", evidence="vote:1 vote:2 edit:3")
    assert is_based_on(entry, ["vote:1"])
    assert not is_based_on(entry, ["vote:10"])
    assert is_still_supported(entry, ["vote:1"])
    assert not is_still_supported(Entry("e", "emoji", "none", origin="learnt", evidence="vote:1 vote:2"), ["vote:1"])
    assert not is_based_on(Entry("e", "emoji", "none", evidence="vote:1"), ["vote:1"]), "what was told rests on no vote"


def test_steps_stop_at_the_ends_of_a_scale() -> None:
    assert [shift_length("medium", step) for step in (-2, -1, 0, 1, 2)] == ["short", "short", "medium", "long", "long"]
    assert [shift_emoji("few", step) for step in (-2, -1, 1, 2)] == ["none", "none", "many", "many"]


@pytest.mark.parametrize(
    ("level", "step", "after"),
    [
        ("", -1, "CEFR B1"),
        ("", 1, "CEFR C1"),
        ("CEFR A1", -1, "CEFR A1"),
        ("CEFR C2", 1, "CEFR C2"),
        ("US grade 7", -1, "CEFR A2"),
    ],
)
def test_reading_levels_are_shifted_by_a_step(level: str, step: int, after: str) -> None:
    assert shift_level(level, step) == after


def test_habits_are_described_for_a_model() -> None:
    habits = Habits(
        formality="formal", person="we", exclamation_marks="none", greeting="Hi,", closing="Bye", notes=("a", "b!")
    )
    assert describe(habits) == [
        "Formal: no contractions, no slang.",
        "The writers speak as we.",
        "No exclamation marks.",
        "If it has a greeting, it is: Hi,",
        "If it has a closing, it is: Bye",
        "a.",
        "b!",
    ]
    assert describe(Habits()) == []


def test_an_invalid_habit_is_refused() -> None:
    assert validate_habit("formality", "casual") == "casual"
    assert validate_habit("notes", [" x "]) == ["x"]
    with pytest.raises(ProfileError, match='Person should be empty or one of I, we, not "they"'):
        validate_habit("person", "they")
    with pytest.raises(ProfileError, match="Greeting is too long: the limit is 300 characters, and it has 301"):
        validate_habit("greeting", "x" * 301)
