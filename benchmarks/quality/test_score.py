"""Tests of both scorers: each check passes one example and fails another; edge cases of the units; broken products."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
import score_briefs
import score_routing
import shell
import units
from checks import CHECKS
from parts import PROMPT_KINDS, Run, split_text

PROFILE: dict[str, Any] = {
    "id": "p77",
    "display_name": "tram_bakery",
    "role": "baker",
    "organisation": "Tram Line Bakery",
    "audience": "commuters",
    "tone": ["warm"],
    "reading_level": "US grade 7",
    "locale": "en-GB",
    "output_language": "en",
    "timezone": "Europe/London",
    "prefer_terms": ["sourdough", "early bird"],
    "avoid_words": ["artisan", "yummy"],
    "preferred_length": "short",
    "emoji": "few",
    "call_to_action": {"text": "Order", "link": "https://www.tramline.example/order"},
    "facts": ["open 7:30 to 15:00", "1,200 loaves a week", "since 1987"],
    "accessibility": ["step-free"],
}
ENGLISH = "We bake bread early in the morning and sell it to people on their way to work."
GERMAN = "Wir backen früh am Morgen Brot und verkaufen es den Leuten auf dem Weg zur Arbeit."
HARD = (
    "Notwithstanding the considerable organisational complexity, interdepartmental administrators "
    "systematically facilitate comprehensive documentation of international accountability requirements."
)
ITEMS = [
    {
        "question": f"Question {i}?",
        "options": ["True", "False"],
        "correct": [i % 2],
        "answer": "7",
        "feedback": "Look again.",
    }
    for i in range(4)
]
EMAIL = {"subject": "Fresh bread", "preheader": "Warm from the oven", "body": "Come in: tramline.example/order today."}
SDXL = {
    "target": "sdxl",
    "prompt": "a tram in the morning fog",
    "raw": "a tram in the morning fog",
    "width": 1344,
    "height": 768,
    "negative_prompt": "blurry, text, watermark",
}
MJ = {"target": "midjourney", "prompt": "a tram in fog", "raw": "a tram in fog --ar 2:3 --no text, people --v 6"}
DALLE = {"target": "dalle", "prompt": "a tram in fog", "raw": "a tram in fog\nsize: 1792x1024"}
LAYOUT = {
    "viewport": "mobile",
    "columns": 4,
    "width": 360,
    "height": 640,
    "regions": [{"name": "date picker"}, {"name": "main CTA"}],
    "colors": ["#000000", "#FFFFFF"],
}


def make(
    text: str = ENGLISH,
    kind: str = "ad",
    brief: str = "a brief",
    profile: dict | None = None,
    checks: dict | None = None,
    **parts: Any,
) -> Run:
    """Build a run with the given text and parts."""
    return Run("b1", "p77", kind, brief, PROFILE | (profile or {}), checks or {}, text, parts)


def make_image(kind: str = "image_prompt", text: str = "shown", **parts: Any) -> Run:
    return make(text, kind=kind, **parts)


def make_quiz(items: list[dict], **parts: Any) -> Run:
    return make(kind="quiz", items=items, **parts)


def change_item(index: int, **values: Any) -> list[dict]:
    """Return ITEMS with one item changed."""
    return [item | values if i == index else item for i, item in enumerate(ITEMS)]


def make_rubric(*cells: list[str], points: float = 5) -> Run:
    return make(kind="rubric", criteria=[{"name": "n", "cells": list(c), "points": points} for c in cells])


ONE_TO_TWO = {"min": 1, "max": 2}
# check: (wanted value, a run that passes, a run that fails)
CASES: dict[str, tuple[Any, Run, Run]] = {
    "max_chars": (5, make(" abcde "), make("abcdef")),
    "max_words": (3, make("one two - three"), make("one two three four")),
    "min_words": (3, make("one two three"), make("one - two")),
    "language": ("profile", make(ENGLISH), make(GERMAN)),
    "must_include": (["5%"], make("up by 5 %"), make("up by 15")),
    "must_include_any": ([["a1", "b2"], ["c3"]], make("B2 c3"), make("b2 only")),
    "must_avoid": (["best"], make("bestow it"), make("the BEST bread")),
    "must_avoid_from_profile": (True, make("partisan bread"), make("Artisan bread")),
    "brand_terms_from_profile": ({"min": 2}, make("Sourdough, early  bird"), make("sourdough sourdough")),
    "org_name": (True, make("At tram line bakery"), make("At the bakery")),
    "cta_from_profile": (True, make("Go to tramline.example/order."), make("Go to tramline.example")),
    "emoji": ({"max": 1}, make("hi 👩‍🚀"), make("hi 👩 🚀")),
    "emoji_from_profile": (True, make("hi"), make("🍞🍞🍞🍞")),
    "hashtags": ({"min": 1, "max": 1}, make("#bread no#tag #1"), make("#bread (#tea)")),
    "max_exclamations": (1, make("Hi!"), make("Hi！!")),
    "reading_grade_max": (6, make(ENGLISH), make(HARD)),
    "avg_sentence_words_max": (4, make("One two three. One two three four five."), make("One two three four five.")),
    "grounded_numbers": (True, make("1.200 loaves since 1987, 3 pm, 7:30"), make("since 1988")),
    "no_placeholders": (True, make("See [our page](https://a.example) [x]"), make("Dear [first name],")),
    "unique_parts": (["variants"], make(variants=["One", "Two"]), make(variants=["One", " one "])),
    "headlines": (ONE_TO_TWO | {"max_chars": 5}, make(headlines=["abcde"]), make(headlines=["abcdef"])),
    "descriptions": (ONE_TO_TWO, make(descriptions=["a"]), make(descriptions=["a", "b", "c"])),
    "posts": (ONE_TO_TWO, make(posts=["a", "b"]), make(posts=[])),
    "variants": (ONE_TO_TWO | {"min_words": 2}, make(variants=["a b"]), make(variants=["a"])),
    "primary_text_max_chars": (5, make(primary_text="abcde"), make(primary_text="abcdef")),
    "emails": (ONE_TO_TWO, make(emails=[EMAIL]), make(emails=[EMAIL] * 3)),
    "subject_max_chars": (11, make(emails=[EMAIL]), make(emails=[EMAIL | {"subject": " "}])),
    "preheader": ({"min_chars": 5, "max_chars": 20}, make(emails=[EMAIL]), make(emails=[EMAIL | {"preheader": "Hi"}])),
    "body_max_words": (4, make(emails=[EMAIL]), make(emails=[EMAIL | {"body": "a b c d e"}])),
    "single_link": (
        True,
        make(emails=[EMAIL | {"body": "a.example/x or https://www.a.example/x/."}]),
        make(emails=[EMAIL | {"body": "a.example/x or a.example/y"}]),
    ),
    "bullets": (ONE_TO_TWO | {"max_words": 2}, make(bullets=["a b"]), make(bullets=["a b c"])),
    "paragraphs": ({"min": 1, "max": 1}, make("a\nb"), make("a\n \nb")),
    "first_line_max_chars": (3, make("\nabc\nlonger"), make("abcd\nb")),
    "sections_required": (
        ["key ideas", "faq"],
        make(sections={"Key_Ideas": "a", "FAQ": "b"}),
        make(sections={"key_ideas": "a", "faq": "--"}),
    ),
    "h1_max_chars": (3, make(h1="abc"), make(h1="abcd")),
    "title_max_chars": (3, make(title="abc"), make(title="abcd")),
    "headline_max_chars": (3, make(headline="abc"), make(headline="abcd")),
    "headings": ({"min": 0, "max": 1}, make(headings=[]), make(headings=["a", "b"])),
    "faq": (
        {"min": 1, "max": 1},
        make(faq=[{"question": "a?", "answer": "b"}]),
        make(faq=[{"question": "a?", "answer": ""}]),
    ),
    "steps": (ONE_TO_TWO, make(steps=["a"]), make(steps=["a", "b", "c"])),
    "quotes": (
        {"min": 1, "max": 1},
        make(quotes=["“We bake before the trams run,” says Ana."]),
        make(quotes=["“We bake before the trams run.”"]),
    ),
    "meta_title": ({"min_chars": 2, "max_chars": 4}, make(meta_title=["abcd"]), make(meta_title=["abcde"])),
    "meta_description": ({"min_chars": 2, "max_chars": 4}, make(meta_description="abcd"), make(meta_description="a")),
    "slug": (True, make(slug="fresh-bread-2"), make(slug="Fresh-bread")),
    "keyword_in": (
        {"keyword": "rye", "parts": ["meta_title", "slug"]},
        make(meta_title=["Rye"], slug="rye-b"),
        make(meta_title=["Rye", "Oat"], slug="rye-b"),
    ),
    "weeks": ({"min": 2, "max": 2}, make(weeks=["post", {"plan": "mail"}, ""]), make(weeks=["post", {"plan": ""}])),
    "channels": (ONE_TO_TWO, make(channels=["email", "poster", "Email"]), make(channels=["a", "b", "c"])),
    "kpis": (ONE_TO_TWO, make(kpis=["visits"]), make(kpis=[])),
    "budget_total_max": (
        300,
        make(budget=[{"label": "a", "amount": 300}]),
        make(budget=[{"label": "a", "amount": 300.5}]),
    ),
    "duration_minutes": (
        45,
        make(activities=[{"name": "a", "minutes": 20}, {"name": "b", "minutes": 25}]),
        make(activities=[{"name": "a", "minutes": 40}]),
    ),
    "activities": (ONE_TO_TWO, make(activities=[{"name": "a", "minutes": 5}]), make(activities=[])),
    "items": ({"min": 4, "max": 4}, make_quiz(ITEMS), make_quiz(ITEMS[:3])),
    "unique_items": (True, make_quiz(ITEMS), make_quiz(ITEMS + ITEMS[:1])),
    "options": (2, make_quiz(ITEMS), make_quiz(change_item(1, options=["a", "b", "c"]))),
    "unique_options": (True, make_quiz(ITEMS), make_quiz(change_item(1, options=["a", "A "]))),
    "one_correct": (True, make_quiz(ITEMS), make_quiz(change_item(1, correct=[2]))),
    "answer_key": (True, make(kind="worksheet", items=ITEMS), make(kind="worksheet", items=change_item(2, answer=" "))),
    "feedback": (
        True,
        make_quiz(change_item(0, feedback=["", "No: look again."])),
        make_quiz(change_item(0, feedback=["Yes.", ""])),
    ),
    "correct_spread": (True, make_quiz(ITEMS), make_quiz([i | {"correct": [0]} for i in ITEMS])),
    "true_count": ({"min": 2, "max": 2}, make_quiz(ITEMS), make_quiz(change_item(0, correct=[1]))),
    "answers_separate": (
        True,
        make_quiz(ITEMS[:1], player_text="Question 0?\nTrue, False", host_text="True"),
        make_quiz(ITEMS[:1], player_text="Question 0?\nAnswer: True", host_text="True"),
    ),
    "source_text_max_words": (3, make(source_text="a b c"), make(source_text="a b c d")),
    "cards": (
        ONE_TO_TWO | {"back_max_words": 2},
        make(cards=[{"front": "a", "back": "b c"}]),
        make(cards=[{"front": "a", "back": "b c d"}]),
    ),
    "unique_fronts": (
        True,
        make(cards=[{"front": "a"}, {"front": "b"}]),
        make(cards=[{"front": "a"}, {"front": "Ａ"}]),
    ),
    "criteria": (ONE_TO_TWO, make_rubric(["a"]), make_rubric(["a"], ["b"], ["c"])),
    "levels": (2, make_rubric(["a", "b"]), make_rubric(["a", " "])),
    "points_total": (10, make_rubric(["a"], ["b"]), make_rubric(["a"])),
    "cell_max_words": (2, make_rubric(["a b", "c"]), make_rubric(["a b c", "d"])),
    "key_terms": (
        ONE_TO_TWO,
        make(key_terms=[{"term": "a", "explanation": "b"}]),
        make(key_terms=[{"term": "a", "explanation": "b"}, {"term": "c"}]),
    ),
    "asks_question": (True, make('What happens next? (Or "why?")'), make("Think about it. See a.example/?q=1")),
    "must_not_reveal": (["x = 6"], make("Take 5 away first."), make("So x  =  6.")),
    "target": ("sdxl", make_image(**SDXL), make_image(**SDXL | {"raw": "a tram --ar 16:9"})),
    "aspect_ratio": ("16:9", make_image(**SDXL), make_image(**SDXL | {"width": 1348})),
    "negative_prompt": (True, make_image(**SDXL), make_image(**SDXL | {"negative_prompt": "blurry, text"})),
    "negative_includes_any": (
        ["text"],
        make_image(**SDXL),
        make_image(**SDXL | {"negative_prompt": "blurry, texture"}),
    ),
    "prompt_max_words": (3, make_image(prompt="a b c"), make_image(variants=["a b c", "a b c d"])),
    "prompt_max_chars": (3, make_image(prompt="abc"), make_image(prompt="abcd")),
    "prompt_language": ("en", make_image(prompt=ENGLISH), make_image(prompt=GERMAN)),
    "text_in_image": ("none", make_image(prompt="a tram in fog"), make_image(prompt="a tram, reading 42")),
    "must_avoid_subject": (["padlock"], make_image(prompt="a tram"), make_image(prompt="no padlocks")),
    "alt_text": ({"min_chars": 3, "max_chars": 5}, make_image(alt_text="abc"), make_image(alt_text="ab")),
    "colors": ({"max": 2, "hex": True}, make(colors=["#AABBCC", "#aabbcc", "#000000"]), make(colors=["red"])),
    "contrast_min": (7.0, make(**LAYOUT), make(colors=["#777777", "#FFFFFF"])),
    "viewport": ("mobile", make(**LAYOUT), make(viewport="print")),
    "columns": (4, make(**LAYOUT), make(columns=12)),
    "regions": (ONE_TO_TWO, make(**LAYOUT), make(regions=[{"name": "a"}] * 3)),
    "regions_required": (["date", "cta"], make(**LAYOUT), make(regions=[{"name": "date"}])),
}


def judge_status(name: str, want: Any, run: Run) -> str:
    run.checks[name] = want
    return score_briefs.judge(run, name)[0]


@pytest.mark.parametrize("name", CHECKS)
def test_each_check_passes_and_fails(name: str) -> None:
    want, good, bad = CASES[name]
    assert judge_status(name, want, good) == "passed", score_briefs.judge(good, name)
    assert judge_status(name, want, bad) == "failed"


NEEDS_NO_PART = set(
    "max_chars max_words min_words language must_include must_include_any must_avoid must_avoid_from_profile org_name "
    "brand_terms_from_profile cta_from_profile emoji emoji_from_profile hashtags max_exclamations reading_grade_max "
    "avg_sentence_words_max grounded_numbers no_placeholders paragraphs first_line_max_chars asks_question "
    "must_not_reveal budget_total_max".split()
)


@pytest.mark.parametrize("name", sorted(set(CHECKS) - NEEDS_NO_PART))
def test_missing_part_fails(name: str) -> None:
    want, good, _ = CASES[name]
    assert judge_status(name, want, make(kind=good.kind)) == "failed"


def test_all_checks_of_the_document_exist() -> None:
    document = Path(__file__).with_name("CHECKS.md")
    if not document.exists():
        pytest.skip("CHECKS.md isn't in this folder")
    tables = document.read_text(encoding="utf-8").split("### Whole text")[1].split("\n## ")[0]
    cells = re.findall(r"^\|([^|]*)\|", tables, re.MULTILINE)
    assert {name for cell in cells for name in re.findall(r"`([a-z0-9_]+)`", cell)} == set(CHECKS) == set(CASES)


# More cases of single checks


@pytest.mark.parametrize(
    "name, want, run, expected",
    [
        ("org_name", False, make(variants=["Fresh bread"]), "passed"),
        ("org_name", False, make(variants=["Tram Line Bakery, fresh"]), "failed"),
        ("unique_parts", ["subject"], make(emails=[EMAIL, EMAIL]), "failed"),
        ("cta_from_profile", True, make(profile={"call_to_action": None}), "not measured"),
        ("reading_grade_max", 1, make(GERMAN, profile={"output_language": "de"}), "not measured"),
        ("reading_grade_max", 1, make(HARD, profile={"output_language": "de"}, checks={"language": "en"}), "failed"),
        ("reading_grade_max", 1, make("Too short to say."), "not measured"),
        ("emoji_from_profile", True, make("🍞", profile={"emoji": "many"}), "failed"),
        ("emoji_from_profile", True, make("🍞", profile={"emoji": "none"}), "failed"),
        (
            "quotes",
            {"min": 1},
            make(
                "„Wir backen, bevor die Bahn fährt“",
                quotes=[{"text": "Wir backen, bevor die Bahn fährt", "speaker": "Ana"}],
            ),
            "passed",
        ),
        (
            "quotes",
            {"min": 1},
            make("no marks", quotes=[{"text": "We bake before the trams run", "speaker": "A"}]),
            "failed",
        ),
        ("answer_key", True, make_quiz(change_item(0, correct=[])), "failed"),
        ("one_correct", True, make_quiz(change_item(0, correct=[0, 1])), "failed"),
        ("one_correct", True, make_quiz(change_item(0, correct=[True])), "failed"),
        ("budget_total_max", 0, make(), "passed"),
        ("must_avoid", ["cat"], make_image(text="cat", variants=["a dog", "a fox"]), "passed"),
        ("must_include", ["dog"], make_image(variants=["a dog", "a fox"]), "failed"),
        ("variants", {"min": 1, "max": 1}, make_image(prompt="a dog"), "passed"),
        ("variants", {"min": 3, "max": 3}, make_image(variants=["a", "b"]), "failed"),
        ("target", "midjourney", make_image(**MJ), "passed"),
        ("target", "midjourney", make_image(**MJ | {"raw": "a tram"}), "failed"),
        ("target", "dalle", make_image(**DALLE), "passed"),
        ("target", "dalle", make_image(**DALLE | {"raw": "a tram"}), "failed"),
        ("target", "flux", make_image(**SDXL), "failed"),
        ("aspect_ratio", "2:3", make_image(**MJ), "passed"),
        ("aspect_ratio", "2:3", make_image(**MJ | {"raw": "x --ar 2:3 --ar 5:7"}), "failed"),
        ("aspect_ratio", "16:9", make_image(**DALLE), "passed"),
        ("aspect_ratio", "16:9", make_image(**DALLE | {"raw": "x 1600x900"}), "failed"),
        ("aspect_ratio", "9:16", make(kind="layout", **LAYOUT), "passed"),
        ("aspect_ratio", "1:1.414", make(kind="layout", aspect_ratio="210:297"), "passed"),
        ("aspect_ratio", "1:1.414", make(kind="layout", aspect_ratio="1:1"), "failed"),
        ("negative_prompt", True, make_image(**MJ), "passed"),
        ("negative_prompt", True, make_image(**DALLE), "failed"),
        ("negative_prompt", False, make_image(**DALLE), "passed"),
        ("negative_prompt", False, make_image(**DALLE | {"raw": "x\nNegative prompt: y"}), "failed"),
        ("negative_prompt", False, make_image(**SDXL), "failed"),
        ("negative_includes_any", ["people"], make_image(**MJ), "passed"),
        ("text_in_image", "QUIZ NIGHT", make_image(prompt='poster with the words "QUIZ NIGHT"'), "passed"),
        ("text_in_image", "QUIZ NIGHT", make_image(prompt='poster "QUIZ NIGHT", sign "BAR"'), "failed"),
        ("text_in_image", "org_name", make_image(kind="logo", prompt="flat logo, “Tram Line Bakery”"), "passed"),
        ("text_in_image", "org_name", make_image(kind="logo", prompt="flat logo, “Tram line bakery”"), "failed"),
        (
            "text_in_image",
            "none",
            make_image(prompt="the bakers' door, it's early, don't crowd, spreading light"),
            "passed",
        ),
        ("correct_spread", True, make_quiz([i | {"correct": [0]} for i in ITEMS[:3]] + ITEMS[1:2]), "passed"),
        ("items", {"min": 1}, make(items=["a string"]), "failed"),
        ("headlines", {"min": 1}, make(headlines="one"), "failed"),
        ("levels", 2, make(criteria=[{"cells": 5}]), "failed"),
    ],
)
def test_more_cases(name: str, want: Any, run: Run, expected: str) -> None:
    assert judge_status(name, want, run) == expected


# Units


def test_chars_are_code_points_of_nfc() -> None:
    assert units.count_characters(" Cafe\u0301 ") == 4
    assert units.count_characters("👩‍🚀") == 3
    assert units.count_characters("日本") == 2


def test_words() -> None:
    assert units.count_words("A – b, c/d (5) !") == 4
    assert units.count_words("水曜は、お休みです。") == 5
    assert units.count_words("試し書き用のペン\nです") == 5
    assert units.count_words("कक्षा 10 के छात्र") == 4


def test_norm() -> None:
    assert units.normalise("５ ٪ ‘Ａ’\u200b\u00ad  ﬁ ٣") == "5% 'a' fi 3"


@pytest.mark.parametrize(
    "text, term, expected",
    [
        ("just", "just", True),
        ("adjust", "just", False),
        ("just5", "just", False),
        ("just_", "just", True),
        ("non‑compliant", "non‑compliant", True),
        ("kids’ stuff", "kids' stuff", True),
        ("मूर्ख है", "मूर्ख", True),
        ("मूर्खों को", "मूर्ख", False),
        ("इमूर्ख", "मूर्ख", False),
        ("والعلاج هنا", "علاج", True),
        ("بالعلاج", "علاج", True),
        ("للعلاج", "علاج", True),
        ("علاجي", "علاج", False),
        ("معلاج", "علاج", False),
        ("超激安です", "激安", True),
        ("catcat cat", "cat", True),
        ("catcat", "cat", False),
    ],
)
def test_term_match(text: str, term: str, expected: bool) -> None:
    assert units.has_term(text, term) is expected


@pytest.mark.parametrize(
    "text, number",
    [
        ("👩‍👩‍👧‍👦", 1),
        ("🇩🇪🇫🇷", 2),
        ("👍🏽", 1),
        ("❤️‍🔥", 1),
        ("© ® ™ 1 # *", 0),
        ("©️™️", 2),
        ("1️⃣2️⃣", 2),
        ("✅✔☎", 3),
        ("☎\ufe0e", 0),
        ("→ ✓ • –", 0),
        ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", 1),
        ("🏃🏿‍♀️‍➡️", 1),
        ("", 0),
    ],
)
def test_emoji(text: str, number: int) -> None:
    assert units.count_emoji(text) == number


@pytest.mark.parametrize(
    "text, number",
    [
        ("#हिंदी", 1),
        ("#紙もの #a_1", 2),
        ("#2024", 0),
        ("a#b", 0),
        ("(#b)", 1),
        ("##b", 0),
        ("C# is", 0),
        ("# title", 0),
    ],
)
def test_hashtags(text: str, number: int) -> None:
    assert len(units.find_hashtags(text)) == number


def test_links() -> None:
    assert units.find_links(
        "See https://www.A.example/x/, a.example/x. Or (b.example) or [c](http://c.example/?q=1)."
    ) == {
        "a.example/x",
        "b.example",
        "c.example/?q=1",
    }
    assert units.find_links("詳しくはyukari.example/visitへ") == {"yukari.example/visit"}
    assert units.find_links("e.g. this, end.Then that at 8:00 and 5 km/h; me@a.example") == set()


def test_quoted() -> None:
    assert units.find_quotes("„eins“ “two” «trois» 「四」 'five it's' \"six\"") == [
        "eins",
        "two",
        "trois",
        "四",
        "five it's",
        "six",
    ]
    assert units.find_quotes("it's the dogs' bowl") == []


def test_reading_grade_of_known_text() -> None:
    text = "The cat sat on the mat. It was a warm day, and the cat was glad!\nNo-one came. #cats a.example/x"
    # 18 words in 3 sentences; 19 syllables: only "No-one" has two
    assert units.compute_reading_grade(text) == pytest.approx(0.39 * 18 / 3 + 11.8 * 19 / 18 - 15.59)


@pytest.mark.parametrize(
    "word, number",
    [
        ("table", 2),
        ("make", 1),
        ("the", 1),
        ("tree", 1),
        ("whole", 1),
        ("people", 2),
        ("don't", 1),
        ("well-known", 2),
        ("a", 1),
    ],
)
def test_syllables(word: str, number: int) -> None:
    # "whole": consonant + e, but "ole" is vowel + le, so the e is silent
    assert units.count_syllables(word) == number


@pytest.mark.parametrize(
    "text, bad",
    [
        ("ten of 10, 0 or 7", []),
        ("11", ["11"]),
        ("1200 or 1.200 or 1 200", []),
        ("12:00", ["12:00"]),
        ("at 15 or 3:00", []),
        ("at 19:30", []),
        ("07:30", []),
        ("7:45", ["7:45"]),
        ("१९८७", []),
        ("a.example/2044", []),
        ("1.5", ["1.5"]),
        ("77", ["77"]),
    ],
)
def test_numbers(text: str, bad: list[str]) -> None:
    run = make(text)
    run.checks["grounded_numbers"] = True
    detail = score_briefs.judge(run, "grounded_numbers")[1]
    assert [d.split()[1] for d in detail.split("; ") if d] == bad


@pytest.mark.parametrize(
    "text, code, expected",
    [
        ("نخبز الخبز كل صباح", "ar", "passed"),
        ("हम रोज़ रोटी बनाते हैं", "hi", "passed"),
        ("毎朝パンを焼きます", "ja", "passed"),
        ("每天早上烤面包", "ja", "failed"),
        ("we bake bread", "hi", "failed"),
        ("Pan", "es", "not measured"),
        ("Kami memanggang roti setiap pagi untuk warga desa", "id", "passed"),
        ("Assamos pão todas as manhãs bem cedo", "pt", "passed"),
        ("Nous cuisons le pain tôt le matin", "fr", "passed"),
        ("Horneamos pan cada mañana para la gente", "es", "passed"),
        (GERMAN, "de", "passed"),
        (ENGLISH, "fr", "failed"),
        (
            "Wir sagen: “We bake bread every day” und a.example/english #EnglishWords, jeden Morgen ab fünf",
            "de",
            "passed",
        ),
    ],
)
def test_language(text: str, code: str, expected: str) -> None:
    assert judge_status("language", code, make(text, checks={"language": code})) == expected


def test_placeholders() -> None:
    for text in ("{{name}}", "<your name>", "Lorem ipsum", "TODO", "TBD", "XXX", "Insert the date here", "[contact]"):
        assert judge_status("no_placeholders", True, make(text)) == "failed", text
    for text in ("todo el día", "[1](a)", "[link](https://a.example)", "<3", "<@42>", "XXXL", "a < b > c"):
        assert judge_status("no_placeholders", True, make(text)) == "passed", text


def test_contrast() -> None:
    assert units.compute_contrast("#000000", "#ffffff") == pytest.approx(21)
    assert units.compute_contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.01)


def test_text_only_result_is_split() -> None:
    text = "## Headlines:\n- One\n2. Two\n**Primary Text**\nBuy bread.\nKEY IDEAS\nheat\nSubject\nHi\nBody\nText"
    assert split_text(text, ["key_ideas"]) == {
        "headlines": ["One", "Two"],
        "primary_text": "Buy bread.",
        "sections": {"key_ideas": "heat"},
        "emails": [{"subject": "Hi", "body": "Text"}],
    }


# The command line of score_briefs


BRIEFS = [
    {
        "id": "b1",
        "kind": "ad",
        "brief": 'don\'t say "yummy" & $HOME',
        "profile_ids": ["p77"],
        "checks": {"headlines": {"min": 1, "max_chars": 9}, "language": "profile", "reading_grade_max": 9},
    },
    {
        "id": "b2",
        "kind": "slogan",
        "brief": "one {kind} line",
        "profile_ids": ["p77", "p78"],
        "checks": {"max_words": 20, "reading_grade_max": 9},
    },
]
PRODUCT = r"""
import json, sys
if sys.argv[1] == "--batch":
    jobs = [json.loads(line) for line in open(sys.argv[2], encoding="utf-8")]
    with open(sys.argv[3], "w", encoding="utf-8") as out:
        for job in jobs[:2]:
            print(json.dumps({"id": job["id"], "text": job["brief"], "parts": {"headlines": ["one"]}}), file=out)
        print("no json", file=out)
    sys.exit(3)
kind, brief, profile = sys.argv[1:]
org = json.load(open(profile, encoding="utf-8"))["organisation"]
print("loading")
print(json.dumps({"kind": kind, "text": brief + " " + org, "parts": {"headlines": [kind]}}))
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    profiles = [PROFILE, PROFILE | {"id": "p78", "output_language": "de"}]
    for name, rows in {"briefs": BRIEFS, "profiles": profiles}.items():
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    (tmp_path / "product.py").write_text(PRODUCT, encoding="utf-8")
    return tmp_path


def score_files(folder: Path, *options: str) -> int:
    return score_briefs.main(
        ["--briefs", str(folder / "briefs.jsonl"), "--profiles", str(folder / "profiles.jsonl"), *options]
    )


def build_command(folder: Path) -> str:
    return f"{shlex.quote(sys.executable)} {shlex.quote(str(folder / 'product.py'))}"


def read_last_line(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.splitlines()[-1]


def test_run_keeps_results_that_score_the_same(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, report = files / "out.jsonl", files / "report.json"
    assert (
        score_files(files, "--run", build_command(files) + ' {kind} "{brief}" {profile_file}', "--out", str(out)) == 0
    )
    line = read_last_line(capsys)
    assert line == "briefs: 3/3 runs pass every check (100.0 %), 3/3 checks (100.0 %), failures to run: 0"
    rows = score_briefs.read_jsonl(out)
    assert [r["text"] for r in rows][:2] == [
        BRIEFS[0]["brief"] + " Tram Line Bakery",
        "one {kind} line Tram Line Bakery",
    ]
    assert score_files(files, "--results", str(out), "--report", str(report)) == 0
    assert read_last_line(capsys) == line
    assert json.loads(report.read_text())["checks"]["reading_grade_max"] == {
        "measured": 0,
        "passed": 0,
        "not_measured": 3,
    }


def test_batch_counts_what_was_written(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert score_files(files, "--batch", build_command(files) + " --batch {jobs} {out}") == 0
    assert (
        read_last_line(capsys) == "briefs: 2/3 runs pass every check (66.7 %), 2/3 checks (66.7 %), failures to run: 1"
    )


@pytest.mark.parametrize(
    "command",
    [
        "exit 4",
        "echo no json",
        "echo []",
        "true",
        "sleep 30",
        'printf \'{"text": " "}\'',
        'printf \'{"text": "a", "parts": []}x\'',
    ],
)
def test_broken_command_fails_every_measurable_check(
    files: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert score_files(files, "--run", command, "--timeout", "0.5") == 0
    # 7 checks, the reading grade of the German profile can't be measured
    assert read_last_line(capsys) == "briefs: 0/3 runs pass every check (0.0 %), 0/6 checks (0.0 %), failures to run: 3"


def test_missing_parts_fail_their_checks_only(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = files / "results.jsonl"
    results.write_text(
        json.dumps({"brief_id": "b1", "profile_id": "p77", "text": ENGLISH, "parts": {"h1": "x"}}), encoding="utf-8"
    )
    assert score_files(files, "--results", str(results), "--kinds", "ad") == 0
    out = capsys.readouterr().out
    assert "headlines is missing" in out
    assert out.splitlines()[-1] == "briefs: 0/1 runs pass every check (0.0 %), 2/3 checks (66.7 %), failures to run: 0"


def test_limit_is_a_seeded_draw(files: Path) -> None:
    rows, profiles = score_briefs.read_jsonl(files / "briefs.jsonl"), score_briefs.read_jsonl(files / "profiles.jsonl")
    first = score_briefs.choose(rows, profiles, [], 2, 5)
    assert len(first) == 2 and first == score_briefs.choose(rows, profiles, [], 2, 5)
    assert [p.id for p in score_briefs.choose(rows, profiles, ["slogan"], None, 0)] == ["b2/p77", "b2/p78"]


def test_wrong_arguments(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert score_files(files, "--results", str(files / "none.jsonl")) == 2
    assert score_files(files, "--run", 'echo "say {brief} now"') == 2
    assert "quoted string" in capsys.readouterr().err
    (files / "briefs.jsonl").write_text(json.dumps(BRIEFS[0] | {"checks": {"shine": 1}}), encoding="utf-8")
    assert score_files(files, "--run", "true") == 2


def test_lone_surrogate_breaks_nothing(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = "printf '%s' " + shlex.quote(json.dumps({"text": ENGLISH + "\ud83d", "parts": {"headlines": ["\ud83d"]}}))
    out = files / "out.jsonl"
    assert (
        score_files(files, "--run", command, "--out", str(out), "--report", str(files / "r.json"), "--kinds", "ad") == 0
    )
    assert score_briefs.read_jsonl(out)[0]["text"].endswith("\ud83d")


def test_fill_quotes_values_once() -> None:
    values = {"brief": "it's {kind} $(x)", "kind": "ad"}
    assert shlex.split(shell.fill("run {kind} --b='{brief}' '${HOME}'", values)) == [
        "run",
        "ad",
        "--b=it's {kind} $(x)",
        "${HOME}",
    ]


@pytest.mark.parametrize("kind", sorted(PROMPT_KINDS))
def test_image_limits_hold_for_each_prompt(kind: str) -> None:
    run = make("a long text that is shown", kind=kind, variants=["a b", "a b c"])
    assert judge_status("max_words", 3, run) == "passed" and judge_status("max_words", 2, run) == "failed"


# score_routing


ROUTING = [
    {"id": "r1", "text": "an ad\nfor tea", "family": "marketing", "kind": "ad", "lang": "en", "hard": False},
    {"id": "r2", "text": "ein Quiz", "family": "education", "kind": ["quiz", "worksheet"], "lang": "de", "hard": False},
    {
        "id": "r3",
        "text": "words under the price",
        "family": "marketing",
        "kind": "product_description",
        "lang": "en",
        "hard": True,
    },
    {"id": "r4", "text": "hola", "family": "chat", "kind": "chat", "lang": "es", "hard": True},
]
ROUTER = """
import json, sys
say = {"an ad\\nfor tea": "ad", "ein Quiz": "worksheet", "words under the price": "ad", "hola": None}
print("ready")
for i, line in enumerate(sys.stdin):
    kind = say[json.loads(line)]
    print(json.dumps({"kind": kind, "confidence": 0.5, "candidates": ["chat", "ad"], "ms": i + 1}))
"""


@pytest.fixture
def routing(tmp_path: Path) -> Path:
    (tmp_path / "data.jsonl").write_text("".join(json.dumps(r) + "\n" for r in ROUTING), encoding="utf-8")
    (tmp_path / "router.py").write_text(ROUTER, encoding="utf-8")
    return tmp_path


def test_routing(routing: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = f"{shlex.quote(sys.executable)} {shlex.quote(str(routing / 'router.py'))}"
    report = routing / "report.json"
    assert score_routing.main(["--data", str(routing / "data.jsonl"), "--run", command, "--report", str(report)]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[-1] == (
        "routing: family 75.0 %, kind 50.0 %, answered 75.0 %, kind accuracy on answered 66.7 %, "
        "hard 0.0 %, non-English 50.0 %"
    )
    assert "   1  product_description -> ad" in out and "most often asked: chat 1" in out and "2.0 / 4.0" in out
    found = json.loads(report.read_text())
    assert found["asked_with_right_candidate"] == "100.0" and found["english"] == "50.0"


@pytest.mark.parametrize(
    "command, reason",
    [
        ("exit 1", "failed"),
        ('echo \'{"kind": "ad"}\'', "1 answers to 4 texts"),
        ("yes '{}' | head -4", "without a kind"),
        ("sleep 30", "no end within"),
    ],
)
def test_broken_router(routing: Path, capsys: pytest.CaptureFixture[str], command: str, reason: str) -> None:
    assert score_routing.main(["--data", str(routing / "data.jsonl"), "--run", command, "--timeout", "0.5"]) == 2
    assert reason in capsys.readouterr().err
