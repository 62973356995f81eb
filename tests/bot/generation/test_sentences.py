"""Sentences and clauses: whole ones go, words are never cut."""

from __future__ import annotations

import random

import pytest

from bot.checks.units import UNITS
from bot.content import Size
from bot.generation.sentences import (
    as_sentence,
    fit,
    keep_sentences,
    sentences_of,
    simpler,
    whole_phrase,
    without_repeated,
)

LONG = "The very considerable institutional responsibilities necessitate comprehensive organisational accountability."


@pytest.mark.parametrize(
    "text", ["", "One.", "One. Two! Three?", 'He said "go." Then left', "A\n\nB. C", "3.50 is it.", "…", "a" * 50]
)
def test_sentences_joined_are_the_text(text: str) -> None:
    assert "".join(sentences_of(text)).strip() == text.strip()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One two. Three!", ["One two. ", "Three!"]),
        ("Cake is 3.50 now. Go.", ["Cake is 3.50 now. ", "Go."]),
        ("See fern.example/menu now", ["See fern.example/menu now"]),
        ("Really?! Yes...", ["Really?! ", "Yes..."]),
        ("One\ntwo", ["One\n", "two"]),
    ],
)
def test_sentences(text: str, parts: list[str]) -> None:
    assert sentences_of(text) == parts


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Good. Bad one. Good too.", "Good. Good too."),
        ("All is good here.", "All is good here."),
        ("We are here today, but bad things come.", "We are here today."),
        ("Bad from the start, and more.", "Bad from the start, and more."),
        ("We go, bad.", "We go, bad."),
        ("", ""),
    ],
)
def test_sentences_that_are_not_good_go(text: str, kept: str) -> None:
    assert keep_sentences(text, lambda part: "bad" not in part.lower()) == kept


def test_hard_sentences_go_until_it_is_easy() -> None:
    text = f"We bake bread here. {LONG} You can come in and buy it. It is good and warm and you will like it a lot."
    made = simpler(text, 5)
    assert "institutional" not in made
    assert made.startswith("We bake bread here.")


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("We bake it, and it is good. " * 4, "We bake it. it is good. " * 4),
        ("Short one.", "Short one."),
    ],
)
def test_easy_texts_stay(text: str, made: str) -> None:
    assert simpler(text, 8) == text


def test_long_sentences_are_split_at_clauses() -> None:
    text = (
        f"Perhaps we bake this bread tomorrow morning, but they sell it; all the people come and get one of them {LONG}"
    )
    made = simpler(text, 3)
    assert ". But they sell it. All the people" in made


@pytest.mark.parametrize(
    ("text", "most", "kept"),
    [
        ("Short.", 30, "Short."),
        ("One two three. Four five six.", 20, "One two three."),
        ("Fresh bread every day, and more of it", 25, "Fresh bread every day"),
        ("Fresh bread from our very own oven", 20, "Fresh bread"),
        ("Donaudampfschifffahrtsgesellschaft", 10, "Donaudampfschifffahrtsgesellschaft"),
    ],
)
def test_fit(text: str, most: int, kept: str) -> None:
    assert fit(text, Size(most)) == kept


@pytest.mark.parametrize("unit", ["characters", "words", "weighted characters", "bytes"])
def test_fitting_never_cuts_a_word(unit: str) -> None:
    rng = random.Random(unit)
    tokens = ["bread", "a", "the", "naïve", "東京", "and", "is", "😀", "3.50", "well-made", "to"]
    for _ in range(150):
        text = "".join(rng.choice(tokens) + rng.choice([" ", " ", ", ", ". ", "! "]) for _ in range(rng.randint(1, 30)))
        size = Size(rng.randint(1, 80), unit=unit)
        made = fit(text, size)
        words = [word.strip(",.!") for word in text.split()]
        assert [word.strip(",.!") for word in made.split()] == words[: len(made.split())]
        if UNITS[unit](text.split()[0]) <= size.most:
            assert UNITS[unit](made) <= size.most


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Welcome to our", "Welcome to"),
        ("Come to see our", "Come to see"),
        ("Bread,", "Bread"),
        ("Fresh bread.", "Fresh bread."),
        ("Is it?", "Is it?"),
        ("To the", "To the"),
        ("a\nb to", "a\nb to"),
        ("", ""),
    ],
)
def test_phrases_end_somewhere(text: str, kept: str) -> None:
    assert whole_phrase(text) == kept


@pytest.mark.parametrize(("text", "made"), [("we close", "We close."), ("Really?", "Really?"), ("", "")])
def test_a_message_as_a_sentence(text: str, made: str) -> None:
    assert as_sentence(text) == made


def test_a_sentence_stands_once() -> None:
    text = "The hem is sewn by two volunteers. It is worth it. The hem is sewn by two volunteers. It is worth it."
    assert without_repeated(text, []) == "The hem is sewn by two volunteers. It is worth it. It is worth it."
    assert without_repeated("Isla traces each line with a pen. New.", ["isla traces each line with a pen!"]) == "New."
    assert without_repeated("All of it is new here. ", []) == "All of it is new here. "
