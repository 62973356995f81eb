"""Every check catches the draft that breaks just it, and lets the sound one pass."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from bot.checks import Check
from bot.content import Assignment
from bot.generation.check import run_checks
from bot.generation.findings import for_model
from bot.kinds import all_kinds
from personas.profile import Profile

Assigned = Callable[..., Assignment]
PROFILE = Profile(
    organisation="Fern", facts=("We open at 8",), avoid_words=("artisan",), emoji="few", reading_level="CEFR B1"
)
HARD = (
    "Comprehensive institutional accountability necessitates extraordinarily considerate administrative collaboration. "
)
POST = "The cellar café opens its old door on 5 March. Come along with a friend and stay for a slow cup by the stove."
MAIL = {
    "subject": "Our door is open again",
    "preheader": "Bring a friend and stay for a slow cup.",
    "greeting": "Hello neighbours,",
    "body": ["The cellar café opens its old door on 5 March. Come along with a friend and stay for a slow cup."],
}
AD = {
    "primary_text": "A slow cup by the stove, two steps down from the street.",
    "headlines": ["A Slow Cup Awaits", "Warm Up Down Here", "Coffee by the Stove"],
    "descriptions": ["Two steps down and you are warm.", "Sit by the stove as long as you like."],
}
ITEM = {
    "question": "Which drink is warm?",
    "right": "tea",
    "wrong": ["ice", "snow", "hail"],
    "feedback": "Tea is made hot.",
    "also_right": [],
    "why_wrong": [],
    "pairs": [],
}
QUIZ = {"title": "Warm things", "items": [ITEM, {**ITEM, "question": "Which one is not cold?"}]}
PLAN = {
    "title": "Warm and cold",
    "objectives": ["Name three warm things", "Explain why wool is warm"],
    "materials": ["wool", "cups"],
    "activities": [
        {"name": f"Step {name}", "description": "Pairs say what they feel and write it down."}
        for name in ("one", "two", "three")
    ],
    "assessment": "Each learner tells a partner why wool is warm.",
    "support": "Give a drawing with the words to place on it.",
    "challenge": "Ask what would happen in the snow outside.",
}
SOUND: dict[str, tuple[str, dict[str, Any]]] = {
    "social_post": ("tweet: we open on 5 March", {"text": POST}),
    "email": ("email: we open on 5 March", MAIL),
    "ad": ("google ads, 3 headlines and 2 descriptions", AD),
    "quiz": ("quiz with 2 questions", QUIZ),
    "lesson_plan": ("30 minute lesson on warmth, 3 activities", PLAN),
    "explanation": (
        "why is wool warm",
        {
            "text": "Wool keeps you warm. It holds small bits of air, and air lets little heat out. Try it with your own coat."
        },
    ),
}


def faults(kind: str, data: dict[str, Any], assignment: Assignment) -> list[Check]:
    content = assignment.kind.compose(assignment.kind.output.model_validate(data), assignment)
    return [check for check in run_checks(data, content, assignment) if not check.passed]


def put(data: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    made: Any = copy.deepcopy(data)
    *way, last = path.split(".")
    at = made
    for step in way:
        at = at[int(step)] if isinstance(at, list) else at[step]
    at[int(last) if isinstance(at, list) else last] = value
    return made  # type: ignore[no-any-return]


@pytest.mark.parametrize("kind", SOUND)
def test_a_sound_draft_passes(kind: str, assigned: Assigned) -> None:
    brief, data = SOUND[kind]
    assert faults(kind, data, assigned(kind, brief, PROFILE)) == []


BROKEN = [
    ("social_post", "text", POST + " Sit down." * 20, "length in weighted characters", "text"),
    ("social_post", "text", POST + " An artisan cup.", "avoided words", "text"),
    ("social_post", "text", POST + " Yours, [Name]", "placeholders", "text"),
    ("social_post", "text", POST + " All 99 of you.", "figures from you", "text"),
    ("social_post", "text", POST.replace("5 March", "spring"), "brief's figures", ""),
    ("social_post", "text", POST + " ☕🥐🍰🫖", "emoji", ""),
    ("social_post", "text", POST + " Come! Come! Come!", "exclamation marks", ""),
    ("social_post", "text", f"On 5 March. {HARD}{HARD}", "reading grade", ""),
    ("social_post", "text", "Am 5 March öffnet unser Café wieder, komm mit Freunden und bleib sitzen.", "language", ""),
    ("social_post", "text", "On 5 March we bring tools, tea and people who like bolts.", "own words", ""),
    ("email", "subject", "An open door " * 5, "subject length", "subject"),
    ("email", "preheader", "Too short.", "preheader length", "preheader"),
    ("email", "body", [*MAIL["body"], *(f"{n} " + "come and sit with us " * 12 for n in range(4))], "body length", "body"),
    ("ad", "headlines.2", "A headline of more signs than fit", "headlines length", "headlines.2"),
    ("ad", "headlines", AD["headlines"][:2], "headlines", "headlines"),
    ("ad", "headlines.1", "a slow cup awaits", "different headlines", "headlines"),
    ("ad", "descriptions.1", "Sit by the stove with our artisan cups.", "avoided words", "descriptions.1"),
    ("quiz", "items", [ITEM], "items", "items"),
    ("quiz", "items.1.wrong", ["ice"], "wrong", "items.1.wrong"),
    ("quiz", "items.0.wrong.0", "Tea", "different options", "items.0"),
    ("quiz", "items.1.question", ITEM["question"], "different questions", "items"),
    ("quiz", "items.0.feedback", "Hot.", "feedback length", "items.0.feedback"),
    ("lesson_plan", "activities", PLAN["activities"][:2], "activities", "activities"),  # type: ignore[index]
    ("lesson_plan", "support", "A drawing with ☕☕☕☕ on it.", "emoji", ""),
    ("explanation", "text", "Wool holds air. " + HARD * 2, "reading grade", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "path", "value", "name", "where"), BROKEN, ids=[f"{one[0]} {one[3]}" for one in BROKEN]
)
def test_each_check_catches_what_breaks_it(
    kind: str, path: str, value: Any, name: str, where: str, assigned: Assigned
) -> None:
    brief, data = SOUND[kind]
    found = faults(kind, put(data, path, value), assigned(kind, brief, PROFILE))
    assert [(check.name, check.path) for check in found] == [(name, where)]
    assert found[0].limit


def test_an_unknown_figure_is_named(assigned: Assigned) -> None:
    (found,) = faults(
        "social_post", {"text": POST + " All 99 of you."}, assigned("social_post", SOUND["social_post"][0])
    )
    assert (found.measured, found.limit) == ("99", "brief or profile")


@pytest.mark.parametrize(
    ("emoji", "text", "passes"),
    [
        ("none", "Come by.", True), ("none", "Come by ☕", False), ("few", "☕☕☕", True), ("few", "☕☕☕☕", False),
        ("many", "☕", False), ("many", "☕🥐", True), ("many", "☕" * 12, True), ("many", "☕" * 13, False),
    ],
)  # fmt: skip
def test_emoji_as_the_profile_likes_them(emoji: str, text: str, passes: bool, assigned: Assigned) -> None:
    assignment = assigned("social_post", "tweet: come", Profile(emoji=emoji))
    checks = run_checks({"text": text}, content_of(text, assignment), assignment)
    assert next(check.passed for check in checks if check.name == "emoji") is passes


@pytest.mark.parametrize(
    ("kind", "brief", "text", "passes"),
    [
        ("social_post", "tweet: come, max 2 emojis", "☕☕☕", False),
        ("social_post", "tweet: come, max 2 emojis", "☕☕", True),
        ("sms", "whatsapp: come, 1 emoji at most", "Come by ☕", True),
        ("sms", "whatsapp: come", "Come by ☕", False),
    ],
)
def test_the_emoji_that_a_brief_counts_go_before_the_profiles(
    kind: str, brief: str, text: str, passes: bool, assigned: Assigned
) -> None:
    assignment = assigned(kind, brief, Profile(emoji="few"))
    checks = run_checks({"text": text}, content_of(text, assignment), assignment)
    assert all(check.passed for check in checks if check.name == "emoji") is passes


def content_of(text: str, assignment: Assignment) -> Any:
    from bot.content import Content

    return Content(text, {})


def test_the_wanted_language_passes(assigned: Assigned) -> None:
    german = "Am Samstag öffnet unser Café wieder, komm mit Freunden und bleib lange sitzen."
    assignment = assigned("social_post", "tweet", language="de")
    checks = {check.name: check for check in run_checks({"text": german}, content_of(german, assignment), assignment)}
    assert checks["language"].passed
    assert "reading grade" not in checks


@pytest.mark.parametrize("kind", all_kinds())
def test_an_empty_draft_fails_and_does_not_raise(kind: str, assigned: Assigned) -> None:
    from bot.generation.draft import read
    from bot.generation.writers.small import candidate_of

    assignment = assigned(kind, "about bread")
    found = candidate_of(read("", assignment.kind), assignment)
    assert found.faults or assignment.kind.plain


def test_the_hint_says_how_much(assigned: Assigned) -> None:
    assignment = assigned("email", "email: we open on 5 March")
    long = faults("email", put(MAIL, "subject", "x" * 61), assignment)[0]
    short = faults("email", put(MAIL, "subject", "x"), assignment)[0]
    assert for_model(long) == "It has 61 characters; at most 60 fit."
    assert (for_model(short), short.limit) == ("It has 1 character; it needs at least 8.", "8 to 60 characters")


@pytest.mark.parametrize(
    ("kind", "brief", "profile", "name", "asked_by", "place"),
    [
        ("social_post", "tweet: we open", {}, "length in weighted characters", "place", "x"),
        ("social_post", "tweet of at most 200 characters: we open", {}, "length in characters", "brief", ""),
        ("email", "email: we open on 5 March", {}, "greeting length", "kind", ""),
        ("email", "email: we open on 5 March, subject max 40 characters", {}, "subject length", "brief", ""),
        ("ad", "google ad for our bike shop", {}, "headlines length", "place", "google_ads"),
        ("ad", "google ad for our bike shop", {}, "headlines", "kind", ""),
        ("ad", "google ad for our bike shop, 4 headlines", {}, "headlines", "brief", ""),
        ("social_post", "tweet: we open", {"emoji": "none"}, "emoji", "profile", ""),
        ("social_post", "tweet: we open", {}, "emoji", "house", ""),
        ("social_post", "tweet: we open", {"avoid_words": ("artisan",)}, "avoided words", "profile", ""),
        ("social_post", "tweet: we open", {"output_language": "de"}, "language", "profile", ""),
        ("social_post", "tweet in German: we open", {}, "language", "brief", ""),
    ],
)
def test_a_check_says_who_asked_for_it(
    kind: str, brief: str, profile: dict[str, Any], name: str, asked_by: str, place: str, assigned: Assigned
) -> None:
    assignment = assigned(kind, brief, Profile(**profile))
    data = assignment.kind.examples[0].output.model_dump(mode="json")
    content = assignment.kind.compose(assignment.kind.output.model_validate(data), assignment)
    check = next(one for one in run_checks(data, content, assignment) if one.id == name)
    assert (check.asked_by, check.place) == (asked_by, place)
