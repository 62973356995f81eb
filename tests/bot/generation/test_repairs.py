"""Repairs by code: what must not stand in a small model's draft goes, by whole sentences where it can."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.content import Assignment
from bot.generation.repairs import calm, distinct, repair, tidy, without_words
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
def test_plain_texts_are_repaired(kind: str, brief: str, text: str, made: str, assigned: Assigned) -> None:
    assert repair({"text": text}, assigned(kind, brief))["text"] == made


def test_the_body_of_a_mail_holds_the_briefs_date(assigned: Assigned) -> None:
    assignment = assigned("email", "email: closed on 5 March")
    mail = {"subject": "Closed", "preheader": "p", "greeting": "Hi,", "body": ["Come by.", "Soon."]}
    assert repair(mail, assignment)["body"] == ["Closed on 5 March. Come by.", "Soon."]
    assert repair({**mail, "body": []}, assignment)["body"] == []
    told = {**mail, "body": ["Closed.", "On 5 March."]}
    assert repair(told, assignment)["body"] == told["body"]


def test_lists_are_cut_to_what_is_wanted(assigned: Assigned) -> None:
    ad = {
        "primary_text": "Come by.",
        "headlines": ["One", "Two", "two", "Three", "Four"],
        "descriptions": ["Come by now."],
    }
    assert repair(ad, assigned("ad", "3 headlines"))["headlines"] == ["One", "Two", "Three"]


def test_paragraphs_go_when_a_mail_is_too_long(assigned: Assigned) -> None:
    body = ["We bake good bread for you. " * 3, "You can come and get it. " * 3, "It is warm. " * 3]
    mail = {"subject": "Bread", "preheader": "p", "greeting": "Hi,", "body": body}
    made = repair(mail, assigned("email", "body max 36 words"))["body"]
    assert made == [part.strip() for part in body[:2]]


def test_readers_with_a_level_get_easier_texts(assigned: Assigned) -> None:
    text = f"We bake bread here. {LONG} You can come in and buy it. It is good and warm and you will like it a lot."
    profile = Profile(reading_level="CEFR A1")
    assert "institutional" not in repair({"text": text}, assigned("explanation", "bread", profile))["text"]
    japanese = assigned("explanation", "bread", profile, language="ja")
    assert "institutional" in repair({"text": text}, japanese)["text"], "there is no measure for it"


def test_a_repaired_draft_stays(assigned: Assigned) -> None:
    assignment = assigned("social_post", "tweet: closed on 5 March", Profile(avoid_words=("artisan",), emoji="none"))
    once = repair({"text": "**Wow**! Artisan 😀 bread! Only 99 left. Come [Name]."}, assignment)
    assert repair(once, assignment) == once
