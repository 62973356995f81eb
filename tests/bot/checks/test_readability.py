"""Syllables, sentences and the grade derived from them."""

from __future__ import annotations

import pytest

from bot.checks.readability import MIN_WORDS, count_syllables, measure_grade, split_sentence_words


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("a", 1),
        ("bread", 1),
        ("the", 1),
        ("make", 1),
        ("table", 2),
        ("little", 2),
        ("water", 2),
        ("banana", 3),
        ("Readability", 5),
        ("well-known", 2),
        ("rhythm", 1),
        ("hmm", 1),
        ("queue", 1),
        ("MAKE", 1),
    ],
)
def test_syllables_are_counted(word: str, count: int) -> None:
    assert count_syllables(word) == count


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("... !", []),
        ("One two. Three!", [["One", "two"], ["Three"]]),
        ("One\ntwo", [["One"], ["two"]]),
        ('He said "go." Then left', [["He", "said", "go"], ["Then", "left"]]),
        ("It costs 3.50 now", [["It", "costs", "now"]]),
        ("See https://a.com/b.c #tag now.", [["See", "now"]]),
        ("Don't stop", [["Don't", "stop"]]),
    ],
)
def test_sentences_are_counted(text: str, found: list[list[str]]) -> None:
    assert split_sentence_words(text) == found


def test_the_grade_follows_the_flesch_kincaid_formula() -> None:
    text = "The cat sat on the mat. " * 3
    assert measure_grade(text) == pytest.approx(0.39 * 6 + 11.8 * 1 - 15.59)


def test_hard_words_and_long_sentences_raise_the_grade() -> None:
    easy = "We bake bread. You can buy it. It is good. We like it a lot. Come and see."
    hard = "Comprehensive institutional accountability necessitates extraordinarily considerate administrative collaboration"
    assert measure_grade(easy) < measure_grade(easy.replace(". ", " ")) < measure_grade(f"{easy} {hard}")  # type: ignore[operator]


@pytest.mark.parametrize(("words", "told"), [(MIN_WORDS - 1, False), (MIN_WORDS, True)])
def test_short_texts_have_no_grade(words: int, told: bool) -> None:
    assert (measure_grade("go " * words) is not None) is told
    assert (measure_grade("go " * words + "#tag https://a.com") is not None) is told


def test_other_scripts_have_no_grade() -> None:
    assert measure_grade("パンを焼きます。" * 50) is None
