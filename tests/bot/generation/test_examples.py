"""Which liked results are shown to a model, how much room they take, and what is said of disliked ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from bot.generation.prompt import liked_examples
from bot.generation.writers.capable_prompt import messages_for

from bot.content import Assignment, Liked, Remembered, Request
from bot.generation.examples import MOST, avoid_notes, chosen
from bot.generation.recall import assign
from personas.habits import Habits
from personas.profile import Profile

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def liked(name: str, brief: str, days: float = 0, **options: Any) -> Liked:
    text = options.pop("text", f"Text of {name}.")
    return Liked(name, brief, text, NOON - timedelta(days=days), options.pop("written", {"text": text}), **options)


def vector(*values: float) -> bytes:
    return np.asarray(values, dtype=np.float16).tobytes()


def names(found: tuple[Liked, ...]) -> list[str]:
    return [one.id for one in found]


def assigned(kind: str, brief: str, **memory: Any) -> Assignment:
    return assign(Request("1", "7", brief, kind=kind), Remembered(**memory))


def test_nearness_goes_before_recency_and_recency_decides_between_equals() -> None:
    kept = [
        liked("far new", "summer party", 0),
        liked("near old", "closed on Monday for cleaning", 90),
        liked("near older", "closed on Monday because of cleaning", 200),
        liked("far old", "winter sale", 300),
    ]
    assert names(chosen(kept, "we are closed on Monday, cleaning", b"", NOON)) == ["near old", "near older", "far new"]


def test_embeddings_are_used_where_there_are_some() -> None:
    kept = [
        liked("words", "closed on Monday", vector=vector(0, 1)),
        liked("meaning", "no service at the start of the week", vector=vector(1, 0)),
    ]
    assert names(chosen(kept, "closed on Monday", vector(1, 0), NOON)) == ["meaning", "words"]
    assert names(chosen(kept, "closed on Monday", b"", NOON)) == ["words", "meaning"]


def test_there_are_at_most_three_and_none_for_the_same_brief_twice() -> None:
    kept = [liked(f"r{number}", f"brief {number // 2}") for number in range(20)]
    found = chosen(kept, "brief", b"", NOON)
    assert len(found) == MOST == len({one.brief for one in found})
    assert chosen([], "brief", b"", NOON) == ()


def test_examples_stand_before_the_brief_as_turns_the_nearest_last() -> None:
    kept = (liked("a", "first brief"), liked("b", "second brief"))
    messages = messages_for(assigned("social_post", "third brief", liked=kept))
    said = [message.text for message in messages[-5:]]
    assert said[:-1] == ["second brief", "Text of b.", "first brief", "Text of a."]
    assert said[-1].endswith("third brief")


def test_examples_keep_within_their_part_of_the_room() -> None:
    kept = (liked("long", "a", text="x" * 4000), liked("short", "b"))
    assignment = assigned("social_post", "c", liked=kept)
    assert [brief for brief, _ in liked_examples(assignment, most=None, tokens=3000)] == ["b"]
    assert len(liked_examples(assignment, most=None, tokens=16_000)) == 2
    assert liked_examples(assignment, most=None, tokens=900) == []
    assert len(liked_examples(assignment, most=1, tokens=16_000)) == 1


def test_a_form_that_the_kind_no_longer_has_is_left_out() -> None:
    good = {"subject": "Closed on Monday", "preheader": "Back on Tuesday.", "greeting": "Hello,", "body": ["We close."]}
    kept = (liked("new", "a", written=good), liked("old", "b", written={"title": "x"}), liked("bare", "c", written={}))
    found = liked_examples(assigned("email", "d", liked=kept), most=None, tokens=16_000)
    assert [brief for brief, _ in found] == ["a"]
    assert '"subject":"Closed on Monday"' in found[0][1]


def test_disliked_results_are_told_with_their_reason() -> None:
    kept = [
        liked("a", "b", text="Ladies and gentlemen, " * 20, reasons=("formal", "gone")),
        liked("c", "d", text="Hey you"),
    ]
    first, second = avoid_notes(kept)
    assert first.startswith("Not like this (too formal): “Ladies and gentlemen,")
    assert len(first) < 170
    assert second.startswith("Not like this (they did not like it): “Hey")
    messages = messages_for(assigned("social_post", "e", avoid=(first,)))
    assert first in messages[0].text


def test_what_the_request_says_goes_before_what_is_known_and_that_before_the_persona() -> None:
    known = {"profile": Profile(tone=("dry",), emoji="many"), "habits": Habits(formality="casual")}
    assignment = assign(
        Request(
            "1",
            "7",
            "a post without emoji and no exclamation marks",
            kind="social_post",
            tone="solemn",
            persona="copywriter",
        ),
        Remembered(**known),
    )
    system = messages_for(assignment)[0].text
    assert "Tone: solemn." in system
    assert "dry" not in system
    assert "No emoji." in system
    assert "No exclamation marks." in system
    assert system.index(assignment.persona.voice) < system.index("Casual, as among friends")
    assert set(assignment.memory.said) == {"tone", "emoji", "exclamation_marks"}


def test_an_example_is_not_copied() -> None:
    from bot.generation.copied import copied_run

    said = "Bring a hat, a friend and a good long story about the sea."
    assignment = assigned("social_post", "new mugs", liked=(liked("a", "terrace", text=said),))
    assert copied_run(said, assignment)
    assert not copied_run("Bring a hat, a friend and new mugs.", assignment)
