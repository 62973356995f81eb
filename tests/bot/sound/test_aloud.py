"""What is read of a text, and how it is cut; pure."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from writing import build_content

from bot.content import Assignment
from bot.kinds import load_kinds
from bot.sound.aloud import extract_speakable_text, split_speech


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# Spring\n\nWe **open** at *nine*.", "Spring.\nWe open at nine."),
        ("**Subject:** Hello\n**Preview:** A word\n\nDear all,", "Hello.\nA word.\nDear all,"),
        ("**Betreff:** Hallo", "Hallo."),
        ("**Glossary**\n- **Dew**: water on grass", "Dew: water on grass."),
        ("**Verse 2**\nWater rises", "Water rises."),
        ("**1. What melts?**\n- [ ] ice\n- [x] stone", "1. What melts?\nice.\nstone."),
        ("**Answer key**\n||1. ice||\n2. ||snow||", ""),
        ("1. **dew** ||water on grass||", "1. dew water on grass."),
        ("**0:00 to 0:05**\n*A door opens.*\nMIRA: Come in!", "Come in!"),
        ("**Mira** (0:00 to 0:20): Welcome back.", "Welcome back."),
        ("See [the menu](https://a.example/menu) or https://www.b.example/x?y=1.", "See the menu or b.example"),
        ("Fresh bread 🥐 today!\n\n#bread #bakery", "Fresh bread today!"),
        ("Our #bread is out [1].", "Our bread is out."),
        ("| Day | Hours |\n|---|---|\n| Monday | closed |", "Day, Hours.\nMonday, closed."),
        ("```\ncalm piano, 80 bpm\n```", "calm piano, 80 bpm."),
        ("> quoted\n-# small print\n---\n***", "quoted.\nsmall print."),
        ("snake_case stays, 3 * 4 too", "snake_case stays, 3 * 4 too."),
        ("🥐\n\n** **\n—", ""),
        ("開店しました。", "開店しました。"),
        ("WE ARE OPEN: come in", "come in."),
    ],
)
def test_only_words_are_read_aloud(text: str, words: str) -> None:
    said = extract_speakable_text(text)
    assert said == words or said == f"{words}."


def test_speakable_text_of_every_kind_has_no_markup_or_labels(assigned: Callable[..., Assignment]) -> None:
    for name in load_kinds():
        said = extract_speakable_text(build_content(assigned(name)).text)
        assert said, name
        for mark in ("**", "||", "```", "##", "Subject:", "http://", "https://"):
            assert mark not in said, (name, mark)


def test_pieces_end_at_sentence_boundaries() -> None:
    text = "One is short. Two is a little longer. Three! Four?"
    assert split_speech(text, 40) == ["One is short. Two is a little longer.", "Three! Four?"]
    assert split_speech("word " * 30, 50) == ["word word word word word word word word word word"] * 3
    assert split_speech("a" * 25, 10) == ["a" * 10, "a" * 10, "a" * 5]


@given(st.text(alphabet="ab .!?,\n。", max_size=400), st.integers(5, 60))
def test_no_piece_is_too_long_and_no_word_is_dropped(text: str, most: int) -> None:
    pieces = split_speech(text, most)
    assert all(0 < len(piece) <= most for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_a_long_text_is_processed_quickly(hurried: None) -> None:
    for nasty in (
        "**" * 50_000,
        "[" * 50_000,
        "||" * 50_000,
        "| " * 50_000,
        "# " * 50_000,
        "A" * 50_000,
        "https://" * 10_000,
        "*a" * 50_000,
    ):
        split_speech(extract_speakable_text(nasty), 300)
