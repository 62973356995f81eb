"""The liked results in a prompt, their size, and the descriptions of disliked ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from writing import build_sheet

from bot.content import Assignment, MemorySnapshot, RatedResult, Request
from bot.generation.examples import MAX_EXAMPLES, choose_examples, describe_disliked
from bot.generation.recall import assign

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def build_liked_result(name: str, brief: str, days: float = 0, **options: Any) -> RatedResult:
    text = options.pop("text", f"Text of {name}.")
    return RatedResult(
        name, brief, text, NOON - timedelta(days=days), options.pop("written", {"text": text}), **options
    )


def encode_vector(*values: float) -> bytes:
    return np.asarray(values, dtype=np.float16).tobytes()


def list_ids(found: tuple[RatedResult, ...]) -> list[str]:
    return [one.id for one in found]


def build_assignment(kind: str, brief: str, **memory: Any) -> Assignment:
    return assign(Request("1", "7", brief, kind=kind), MemorySnapshot(**memory))


def test_nearness_outweighs_recency() -> None:
    kept = [
        build_liked_result("far new", "summer party", 0),
        build_liked_result("near old", "closed on Monday for cleaning", 90),
        build_liked_result("near older", "closed on Monday because of cleaning", 200),
        build_liked_result("far old", "winter sale", 300),
    ]
    assert list_ids(choose_examples(kept, "we are closed on Monday, cleaning", b"", NOON)) == [
        "near old",
        "near older",
        "far new",
    ]


def test_embeddings_are_used_if_available() -> None:
    kept = [
        build_liked_result("words", "closed on Monday", vector=encode_vector(0, 1)),
        build_liked_result("meaning", "no service at the start of the week", vector=encode_vector(1, 0)),
    ]
    assert list_ids(choose_examples(kept, "closed on Monday", encode_vector(1, 0), NOON)) == ["meaning", "words"]
    assert list_ids(choose_examples(kept, "closed on Monday", b"", NOON)) == ["words", "meaning"]


def test_there_are_at_most_three_examples_of_different_briefs() -> None:
    kept = [build_liked_result(f"r{number}", f"brief {number // 2}") for number in range(20)]
    found = choose_examples(kept, "brief", b"", NOON)
    assert len(found) == MAX_EXAMPLES == len({one.brief for one in found})
    assert choose_examples([], "brief", b"", NOON) == ()


def test_the_nearest_two_are_truncated_material_in_the_sheet() -> None:
    kept = (
        build_liked_result("a", "one", text="x" * 4000),
        build_liked_result("b", "two"),
        build_liked_result("c", "three"),
    )
    prompt = build_sheet(build_assignment("social_post", "third brief", liked_results=kept))
    assert "Text of b." in prompt
    assert "Text of c." not in prompt
    assert "x" * 600 in prompt
    assert "x" * 601 not in prompt
    assert prompt.endswith("Request: third brief")


def test_disliked_results_are_described_with_their_reason() -> None:
    kept = [
        build_liked_result("a", "b", text="Ladies and gentlemen, " * 20, reasons=("formal", "gone")),
        build_liked_result("c", "d", text="Hey you"),
    ]
    first, second = describe_disliked(kept)
    assert first.startswith("Not like this (too formal): “Ladies and gentlemen,")
    assert len(first) < 170
    assert second.startswith("Not like this (they did not like it): “Hey")
    assert first in build_sheet(build_assignment("social_post", "e", avoid=(first,)))
