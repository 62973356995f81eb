"""Mending by code: whole sentences and clauses go, words are never cut."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from bot.checks.units import UNITS
from bot.content import Assignment, Size
from bot.generation.mend import (
    as_sentence,
    calm,
    distinct,
    fit,
    keep_sentences,
    mend,
    sentences_of,
    simpler,
    tidy,
    whole_phrase,
    without_words,
)
from personas.profile import Profile

Assigned = Callable[..., Assignment]
LONG = "The very considerable institutional responsibilities necessitate comprehensive organisational accountability."


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("**Bold** `x` ||y||", "Bold `x` y"),
        ("```text\nhi```", "hi"),
        ('"Quoted"', "Quoted"),
        ('Say "hi"', 'Say "hi"'),
        ("  a   b\t c \r", "a b c"),
        ("use my,thankful,tools", "use my, thankful, tools"),
        ("at 1,500 or 9,a", "at 1,500 or 9,a"),
        ("", ""),
    ],
)
def test_tidy(text: str, kept: str) -> None:
    assert tidy(text).strip() == kept


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


@pytest.mark.parametrize(
    ("text", "avoid", "kept"),
    [
        ("An artisan loaf.", ["artisan"], "An handmade loaf."),
        ("Artisan bread.", ["artisan"], "Handmade bread."),
        ("It is simply good.", ["simply"], "It is good."),
        ("Simply good bread.", ["simply"], "Good bread."),
        ("We bake. It is synergy.", ["synergy"], "We bake."),
        ("Best bread.", ["best", "favourite"], "Best bread."),
        ("Our synergy helps all people here.", ["synergy"], "Our helps all people here."),
        ("Nothing here.", ["synergy"], "Nothing here."),
        ("", ["synergy"], ""),
    ],
)
def test_avoided_words_go(text: str, avoid: list[str], kept: str) -> None:
    assert without_words(text, avoid) == kept


@pytest.mark.parametrize(
    ("text", "most", "kept"),
    [
        ("Hi 😀 there 😀!", 1, "Hi 😀 there !"),
        ("Hi 😀", 0, "Hi"),
        ("One! Two! Three!", 3, "One! Two. Three."),
        ("One!", 0, "One!"),
        ("👨‍👩‍👧‍👦👋🏽", 1, "👨‍👩‍👧‍👦"),
        ("Wow!!! Come.", 0, "Wow! Come."),
        ("", 0, ""),
    ],
)
def test_calm(text: str, most: int, kept: str) -> None:
    assert calm(text, most) == kept


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


@pytest.mark.parametrize(
    ("entries", "kept"),
    [
        (["A", "a.", "B", "", " ! "], ["A", "B"]),
        ([{"q": "One?"}, {"q": "one"}, {"q": "Two"}], [{"q": "One?"}, {"q": "Two"}]),
        ([{}], []),
        ([], []),
    ],
)
def test_repeated_entries_go(entries: list[Any], kept: list[Any]) -> None:
    assert distinct(entries) == kept


@pytest.mark.parametrize(("text", "made"), [("we close", "We close."), ("Really?", "Really?"), ("", "")])
def test_a_message_as_a_sentence(text: str, made: str) -> None:
    assert as_sentence(text) == made


@pytest.mark.parametrize(
    ("kind", "brief", "text", "made"),
    [
        ("social_post", "tweet: closed on 5 March", "Come by.", "Closed on 5 March. Come by."),
        ("social_post", "tweet: closed on 5 March", "Closed 5 March.", "Closed 5 March."),
        ("social_post", "tweet: come", "Only 99 loaves. Come by.", "Come by."),
        (
            "social_post",
            "tweet: now 12.50 euros",
            "Cake is now 12.50 euros. Come by.",
            "Cake is now 12.50 euros. Come by.",
        ),
        ("social_post", "tweet: come", "Dear [Name] you. Come by.", "Come by."),
        ("social_post", "tweet: come", "“Come by.”", "Come by."),
        ("explanation", "5 March", "Bread is 99 old.", "Bread is 99 old."),
        ("rewrite", "shorter: x", "**Bold** stays.", "**Bold** stays."),
        ("chat", "hi", "Hello! You! There!", "Hello! You. There."),
        (
            "social_post",
            "tweet: come, max 20 characters",
            "Come by on foot. Bring all of your friends too.",
            "Come by on foot.",
        ),
    ],
)
def test_plain_texts_are_mended(kind: str, brief: str, text: str, made: str, assigned: Assigned) -> None:
    assert mend({"text": text}, assigned(kind, brief))["text"] == made


def test_the_body_of_a_mail_holds_the_briefs_date(assigned: Assigned) -> None:
    assignment = assigned("email", "email: closed on 5 March")
    mail = {"subject": "Closed", "preheader": "p", "greeting": "Hi,", "body": ["Come by.", "Soon."]}
    assert mend(mail, assignment)["body"] == ["Closed on 5 March. Come by.", "Soon."]
    assert mend({**mail, "body": []}, assignment)["body"] == []
    told = {**mail, "body": ["Closed.", "On 5 March."]}
    assert mend(told, assignment)["body"] == told["body"]


def test_lists_are_cut_to_what_is_wanted(assigned: Assigned) -> None:
    ad = {
        "primary_text": "Come by.",
        "headlines": ["One", "Two", "two", "Three", "Four"],
        "descriptions": ["Come by now."],
    }
    assert mend(ad, assigned("ad", "3 headlines"))["headlines"] == ["One", "Two", "Three"]


def test_paragraphs_go_when_a_mail_is_too_long(assigned: Assigned) -> None:
    body = ["We bake good bread for you. " * 3, "You can come and get it. " * 3, "It is warm. " * 3]
    mail = {"subject": "Bread", "preheader": "p", "greeting": "Hi,", "body": body}
    made = mend(mail, assigned("email", "body max 36 words"))["body"]
    assert made == [part.strip() for part in body[:2]]


def test_readers_with_a_level_get_easier_texts(assigned: Assigned) -> None:
    text = f"We bake bread here. {LONG} You can come in and buy it. It is good and warm and you will like it a lot."
    profile = Profile(reading_level="CEFR A1")
    assert "institutional" not in mend({"text": text}, assigned("explanation", "bread", profile))["text"]
    japanese = assigned("explanation", "bread", profile, language="ja")
    assert "institutional" in mend({"text": text}, japanese)["text"], "there is no measure for it"


def test_a_mended_draft_is_mended_already(assigned: Assigned) -> None:
    assignment = assigned("social_post", "tweet: closed on 5 March", Profile(avoid_words=("artisan",), emoji="none"))
    once = mend({"text": "**Wow**! Artisan 😀 bread! Only 99 left. Come [Name]."}, assignment)
    assert mend(once, assignment) == once
