"""Long texts in pieces: nothing is lost, no word is cut, fences are closed and opened again."""

from __future__ import annotations

import random
import re
from itertools import pairwise

import pytest
import regex

from bot.replies.split import fence_text, split

TOKENS = [
    "bread",
    "a",
    "naïve",
    "日本語",
    "😀",
    "👨‍👩‍👧‍👦",
    "🇩🇪",
    "e\u0301",
    "well-made",
    "3.50",
    "https://a.example/b",
    "**bold**",
]
GAPS = [" ", " ", " ", ". ", "! ", "\n", "\n\n", "\n\n\n", ", "]


def build_random_text(rng: random.Random, fences: bool = False) -> str:
    text = "".join(rng.choice(TOKENS) + rng.choice(GAPS) for _ in range(rng.randint(0, 120)))
    if fences:
        code = "\n".join(f"line {n} = {rng.choice(TOKENS)}" for n in range(rng.randint(1, 30)))
        text = f"{text}\n```{rng.choice(['', 'python'])}\n{code}\n```\n{text[:60]}"
    return text


@pytest.mark.parametrize("seed", range(60))
def test_splitting_loses_nothing_and_cuts_no_word(seed: int, hurried: None) -> None:
    rng = random.Random(seed)
    text, limit = build_random_text(rng), rng.randint(60, 300)
    pieces = split(text, limit)
    assert all(0 < len(piece) <= limit and piece.strip() for piece in pieces)
    assert [word for piece in pieces for word in piece.split()] == text.split()


@pytest.mark.parametrize("seed", range(60))
def test_code_fences_are_closed_and_reopened(seed: int, hurried: None) -> None:
    rng = random.Random(seed)
    text, limit = build_random_text(rng, fences=True), rng.randint(80, 400)
    pieces = split(text, limit)
    assert all(0 < len(piece) <= limit for piece in pieces)
    for piece in pieces:
        assert len(re.findall(r"^```", piece, re.MULTILINE)) % 2 == 0
    whole = [word for word in text.split() if not word.startswith("```")]
    assert [word for piece in pieces for word in piece.split() if not word.startswith("```")] == whole


@pytest.mark.parametrize("cluster", ["👨‍👩‍👧‍👦", "🇩🇪", "👋🏽", "e\u0301", "नि"])
def test_joined_characters_are_not_split(cluster: str) -> None:
    pieces = split(cluster * 100, 20)
    assert "".join(pieces) == cluster * 100
    assert all(set(regex.findall(r"\X", piece)) == {cluster} for piece in pieces if cluster != "🇩🇪")
    assert all(len(piece) % len(cluster) == 0 for piece in pieces)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        (" \n ", []),
        ("short", ["short"]),
        (" a\n", ["a"]),
        ("x" * 20, ["x" * 20]),
        ("x" * 21, ["x" * 20, "x"]),
        ("One paragraph.\n\nTwo and more of it", ["One paragraph.", "Two and more of it"]),
        ("One line here\nand two of them", ["One line here", "and two of them"]),
        ("One sentence. And two more", ["One sentence.", "And two more"]),
        ("some words that go on and on", ["some words that go", "on and on"]),
    ],
)
def test_texts_are_split_at_natural_pauses(text: str, pieces: list[str]) -> None:
    assert split(text, 20) == pieces


def test_a_fence_keeps_its_language() -> None:
    text = "```python\n" + "\n".join(f"x = {n}" for n in range(20)) + "\n```"
    pieces = split(text, 60)
    assert len(pieces) > 2
    assert all(piece.startswith("```python\n") and piece.endswith("\n```") for piece in pieces)
    assert "".join(re.sub(r"```\w*", "", piece) for piece in pieces).split() == re.sub(r"```\w*", "", text).split()


@pytest.mark.parametrize(
    "text",
    [
        "```" + "a" * 5000,
        "``` " + "word " * 1000,
        "```\n" + "a" * 5000,
        "```python\n" + "\n" * 5000 + "x",
        "~~~\n" + "word " * 1000 + "\n~~~",
        "```\n```\n" * 600,
        "``" + "`" * 5000,
        "a\n```\n" + "b " * 2000,
        "\n```\n".join("c" * 300 for _ in range(9)),
        "\u200d" * 3000,
    ],
)
@pytest.mark.parametrize("limit", [20, 300, 1900])
def test_odd_texts_are_split_in_finite_time(text: str, limit: int, hurried: None) -> None:
    pieces = split(text, limit)
    assert all(0 < len(piece) <= limit for piece in pieces)
    kept = "".join(char for piece in pieces for char in piece if char.isalnum())
    assert kept.replace("python", "") == "".join(filter(str.isalnum, text)).replace("python", "")


@pytest.mark.parametrize("limit", [19, 0, -1])
def test_a_limit_needs_room_for_a_fence(limit: int) -> None:
    with pytest.raises(ValueError, match="under 20"):
        split("text", limit)


@pytest.mark.parametrize("text", ["", "plain", "a `b` c", "```\ncode\n```", "````\n```\n````", "`" * 30])
def test_a_fenced_text_cannot_end_its_block_early(text: str) -> None:
    opened, *inside, closed = fence_text(text).split("\n")
    assert "\n".join(inside) == text
    assert opened == closed
    assert set(opened) == {"`"}
    assert len(opened) >= 3
    assert opened not in text


def test_pieces_are_in_order() -> None:
    pieces = split(" ".join(f"{n:05}" for n in range(2000)), 100)
    assert all(a < b for a, b in pairwise(pieces))
