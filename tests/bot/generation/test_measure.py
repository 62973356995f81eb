"""Measurements of a text: limits as the places count them, the brief's numbers, words, signs, language, links."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from bot.briefs import extract_reading
from bot.checks import build_absence_check, build_presence_check, build_range_check
from bot.checks.limits import load_limits
from bot.checks.units import UNITS
from bot.content import Assignment, Content, MemorySnapshot, Request
from bot.generation.drafts import read_parts
from bot.generation.fields import iter_fields
from bot.generation.measure import find_new_failures, find_unmeasured, is_doubtful, measure
from bot.generation.recall import assign
from bot.kinds import load_kinds
from personas.habits import Habits
from personas.profile import CallToAction, Profile


def measure_text(
    text: str, brief: str, kind: str = "social_post", memory: MemorySnapshot | None = None, **request: Any
) -> dict[str, Any]:
    """Return the checks of a text by name."""
    assignment = assign(Request("1", "7", brief, kind=kind, **request), memory or MemorySnapshot())
    content = Content(text, read_parts(text, assignment))
    return {check.name: check for check in measure(content, assignment)}


def build_memory(**fields: Any) -> MemorySnapshot:
    return MemorySnapshot(Profile(**fields))


@pytest.mark.parametrize(
    ("brief", "text", "name", "passes"),
    [
        ("tweet about tea", "a" * 280, "text weighted characters", True),
        ("tweet about tea", "a" * 281, "text weighted characters", False),
        ("tweet about tea", f"{'a' * 256} https://fern.example/{'b' * 99}", "text weighted characters", True),
        ("bluesky post about tea", "👩‍👩‍👧‍👦" * 300, "text graphemes", True),
        ("bluesky post about tea", "👩‍👩‍👧‍👦" * 301, "text graphemes", False),
        ("post about tea, at most 5 words", "Tea is here for you.", "text words", True),
        ("post about tea, at most 5 words", "Tea is here for you now.", "text words", False),
        ("post about tea, exactly 2 hashtags", "Tea. #tea #leaf", "hashtags", True),
        ("post about tea, exactly 2 hashtags", "Tea. #tea", "hashtags", False),
        ("post about tea without emoji", "Tea ☕", "emoji", False),
        ("post about tea, avoid the word cheap", "Cheap tea.", "avoided words", False),
        ('post about tea, it must say "open till nine"', "Tea. Open till nine.", "words that must stand in it", True),
        ('post about tea, it must say "open till nine"', "Tea. Open late.", "words that must stand in it", False),
    ],
)
def test_limits_and_requirements_of_a_post_are_measured(brief: str, text: str, name: str, passes: bool) -> None:
    assert measure_text(text, brief)[name].passed is passes


def test_a_quoted_review_is_answered_not_repeated() -> None:
    for review in (
        "Two stars. Food was sweet but they came an hour late to the party.",
        "the bread was dry and they charged my card twice, nobody answers the phone",
    ):
        brief = f'reply to this review: "{review}" - Tolu'
        assert "words that must stand in it" not in measure_text("Dear Tolu, we are sorry.", brief)
    for words in ("Dr. Oetker", "Open late. Kids free."):
        assert "words that must stand in it" in measure_text("Tea.", f'a post about tea, it must say "{words}"')


def test_words_that_the_writer_withdrew_are_not_measured_again() -> None:
    brief = 'post about tea, it must say "open till nine"'
    missing = measure_text("Tea. Open late.", brief)["words that must stand in it"]
    assert missing.name not in measure_text("Tea. Open late.", brief, withdrawn=(missing.requirement,))
    assert missing.name in measure_text("Tea. Open late.", f'{brief} and "with cake"', withdrawn=(missing.requirement,))


@pytest.mark.parametrize(
    ("brief", "note", "text", "name", "passes"),
    [
        ("post about tea", "no emoji please", "Tea ☕", "emoji", False),
        ("post about tea", "ohne Hashtags", "Tee. #tee", "hashtags", False),
        ("post about tea", "leave out the word cheap", "Cheap tea.", "avoided words", False),
        ("post about tea without hashtags", "now no emoji", "Tea. #tea", "hashtags", False),
        ("post about tea without hashtags", "add a hashtag", "Tea. #tea", "hashtags", None),
    ],
)
def test_things_ruled_out_by_a_note_are_measured(
    brief: str, note: str, text: str, name: str, passes: bool | None
) -> None:
    check = measure_text(text, brief, notes=(note,)).get(name)
    assert (check and check.passed) is passes


@pytest.mark.parametrize(
    ("barred", "text", "found"),
    [
        ("boats", "A calm harbour with a small boat.", ("boats",)),
        ("boat", "A calm harbour with boats.", ("boat",)),
        ("red berries", "A hand with a red berry.", ("red berries",)),
        ("boxes, wolves, people", "A wolf beside a box, one person.", ("boxes", "wolves", "people")),
        ("boats, glass, cars", "A boatman reads with care, by a glade.", ()),
        ("boats", "A calm harbour.\n\nFormat: 3:2\nNegative prompt: boats, people\nAlt text: a harbour", ()),
    ],
)
def test_exclusions_of_a_picture_match_singular_and_plural(barred: str, text: str, found: tuple[str, ...]) -> None:
    memory = build_memory(avoid_words=barred.split(", "))
    assert measure_text(text, "a harbour at dawn", "image_prompt", memory)["avoided words"].value == found


def test_avoided_words_of_a_text_match_exactly() -> None:
    assert measure_text("A new boat.", "a post", memory=build_memory(avoid_words=["news", "boats"]))[
        "avoided words"
    ].passed


def test_nothing_is_measured_without_a_requirement() -> None:
    assert measure_text("A post of some length, with a claim: the best tea of 1994!", "post about tea") == {}


def test_small_numbers_of_lines_or_sentences_are_not_measured() -> None:
    text = "# Bronze\n\nLong copy.\n\nMore copy.\n\nAbout us\n\nTwo lines.\nNo more."
    assert measure_text(text, "press release on the bronze, then a two-line bit about us", "press_release") == {}
    assert measure_text(text, "explain it, with a sentence on why", "explanation") == {}


def test_stage_directions_are_not_counted() -> None:
    script = "| Picture | Voice |\n|---|---|\n| Wide shot of the boat on the water at dawn | Listen. |"
    assert measure_text(script, "a script for the boat, 5 words spoken", "script") == {}


def test_a_size_that_only_a_part_fits_is_not_measured() -> None:
    cards = "| Front | Back |\n|---|---|\n| Lock | Basin with gates that lifts and lowers boats (see the hall by the stairs) |"
    brief = "flashcards: a word, its definition in at most 9 words and in brackets where it is shown"
    assert "back words" not in measure_text(cards, brief, "flashcards")
    text = "Thanks for your order.\n\n| Size | Price |\n|---|---|\n| Small | 4 |\n| Large | 6 |\n\nSee you soon."
    brief = "a text on the order with a table of prices, {size} words not counting the table"
    assert "text words" not in measure_text(text, brief.format(size="at most 8"), "text")
    assert measure_text(text, brief.format(size="at least 20"), "text")["text words"].value == 13
    subject = "Subject: New opening hours from Monday, also on holidays (Easter)\n\nHello, we open at seven."
    assert "subject characters" not in measure_text(
        subject, "email: subject max 50 characters, we open at seven", "email"
    )


@pytest.mark.parametrize(
    ("subject", "is_named"), [("New opening hours", False), ("New hours from Monday (Easter)", True)]
)
def test_a_size_that_was_not_measured_is_named(subject: str, is_named: bool) -> None:
    text, brief = (
        f"Subject: {subject}\n\nHello, we open at seven.",
        "email: subject max 25 characters, we open at seven",
    )
    email = load_kinds()["email"]
    checks = list(measure_text(text, brief, "email").values())
    assert bool(find_unmeasured(extract_reading(brief, email.brief_form), email, checks).size) == is_named


def test_a_code_with_a_digit_is_required_word_for_word() -> None:
    found = measure_text("Tea.", "post about tea with the code GLOW30")
    assert not found["words that must stand in it"].passed


def test_addresses_in_code_are_ignored() -> None:
    text = 'Title: Tea\n\n```json\n{"@context": "https://schema.org"}\n```\n\nSee https://made-up.example/tea.'
    assert measure_text(text, "a page about tea", "landing_page")["links from you"].value == ("made-up.example",)


def test_each_post_of_a_thread_is_measured_separately() -> None:
    fits, over = "a" * 250, "a" * 300
    assert measure_text(f"{fits}\n\n---\n\n{fits}", "thread of 2 tweets about tea")["text weighted characters"].passed
    found = measure_text(f"{fits}\n\n---\n\n{over}", "thread of 2 tweets about tea")
    assert found["text weighted characters"].value == 300


QUIZ = "**1. What is tea?**\nA) a leaf\nB) a stone\n\n**2. Where does it grow?**\nA) on hills\nB) in caves\n\nAnswers: 1 A, 2 A"


def test_the_number_of_main_entries_is_measured() -> None:
    assert measure_text(QUIZ, "quiz on tea, 2 questions", "quiz")["items"].passed
    [check] = measure_text(QUIZ, "quiz on tea, 3 questions", "quiz").values()
    assert (check.value, check.low, check.passed) == (2, 3, False)
    worded = QUIZ.replace("**1. ", "**Question 1: ").replace("**2. ", "**Question 2: ")
    assert measure_text(worded, "quiz on tea, 2 questions", "quiz")["items"].passed


RUBRIC = "| Criterion | Good | Poor |\n|---|---|---|\n| Aroma | like leaves | like dust |\n| Cup | It is warm. | It is cold. |"


@pytest.mark.parametrize(
    ("text", "brief", "kind", "name", "value", "passes"),
    [
        (QUIZ, "quiz on tea, 2 questions, 2 options each", "quiz", "options", 2, True),
        (QUIZ, "quiz on tea, 2 questions, 4 options each", "quiz", "options", 2, False),
        (RUBRIC, "rubric for a cup of tea with 2 levels", "rubric", "cells", 2, True),
        (RUBRIC, "rubric for a cup of tea with 4 levels", "rubric", "cells", 2, False),
    ],
)
def test_what_each_entry_has_is_measured(text: str, brief: str, kind: str, name: str, value: int, passes: bool) -> None:
    check = measure_text(text, brief, kind)[name]
    assert (check.value, check.passed) == (value, passes)


def test_a_number_beside_something_ruled_out_is_not_its_number() -> None:
    found = measure_text("We hire. #jobs", "LinkedIn post without hashtags about hiring 2 bakers")
    assert [check.asked_by for check in found.values() if check.unit == "hashtags"] == []
    assert not found["hashtags"].passed


def test_options_are_not_measured_if_questions_differ() -> None:
    mixed = QUIZ.replace("B) in caves", "B) in caves\nC) at sea")
    assert "options" not in measure_text(mixed, "quiz on tea: 2 questions, multiple choice with 3 options", "quiz")


def test_a_count_that_the_text_does_not_confirm_is_not_measured() -> None:
    slides = "\n\n".join(
        f"**Slide {2 * number}: question**\nWhich one?\nA. Tea\nB. Milk\n\n"
        f"**Slide {2 * number + 1}: answer**\n**A. Tea**\nIt is a leaf."
        for number in (1, 2, 3)
    )
    assert all(check.passed for check in measure_text(slides, "quiz for the screen, 3 questions", "quiz").values())
    steps = "1. Dig.\n2. Plant.\n3. Water.\n\n## Questions\n\n**May I?** Ask.\n\n**Must I?** No."
    assert measure_text(steps, "page with three numbered steps and two FAQs", "landing_page") == {}


MAIL = "**Subject:** New opening hours from Monday\n\nHello,\n\nfrom Monday we open at seven.\n\nFern"


def test_the_size_of_an_email_is_that_of_its_body() -> None:
    found = measure_text(MAIL, "email: we open at seven, subject max 30 characters, 10 words at most", "email")
    assert found["subject characters"].value == len("New opening hours from Monday")
    assert found["subject characters"].passed
    assert found["body words"].value == 8


def test_profile_preferences_are_measured_unless_the_brief_overrides_them() -> None:
    memory = MemorySnapshot(Profile(avoid_words=("artisan",), emoji="none"), habits=Habits(exclamation_marks="none"))
    found = measure_text("Artisan tea! ☕", "post about tea", memory=memory)
    assert {name: check.passed for name, check in found.items()} == {
        "avoided words": False,
        "emoji": False,
        "exclamation marks": False,
    }
    assert {check.asked_by for check in found.values()} == {"profile"}
    assert (
        "emoji" not in measure_text("Tea ☕", "post about tea with one emoji", memory=build_memory(emoji="none"))
        or measure_text("Tea ☕", "post about tea with one emoji", memory=build_memory(emoji="none"))["emoji"].passed
    )
    kept = measure_text("Artisan tea", "post: say artisan tea", memory=build_memory(avoid_words=("artisan",)))
    assert kept["avoided words"].passed if "avoided words" in kept else True


def test_the_chosen_language_is_measured() -> None:
    german = "Der Tee ist da und wir haben für euch auch Kuchen auf dem Tisch."
    assert not measure_text(german, "post about tea", language="en")["language"].passed
    assert measure_text(german, "post about tea", language="de")["language"].passed
    assert "language" not in measure_text(german, "post about tea"), "nobody chose one"


def test_unknown_links_are_measured() -> None:
    memory = build_memory(call_to_action=CallToAction(text="Pop in", link="https://fern.example/menu"))
    assert "links from you" not in measure_text("Tea: fern.example/menu", "post about tea", memory=memory)
    assert "links from you" not in measure_text("Tea: tea.example", "post about tea, link tea.example", memory=memory)
    found = measure_text("Tea: www.other.example", "post about tea", memory=memory)["links from you"]
    assert found.value == ("other.example",)


def test_only_new_failures_of_a_change_are_revised() -> None:
    found = tuple(measure_text("a" * 281, "tweet about tea without emoji").values())
    assert [check.name for check in find_new_failures(found, ())] == ["text weighted characters"]
    assert find_new_failures(found, ("text weighted characters",)) == ()


LIMITS = [limit for limit in load_limits() if not limit.advice]


@pytest.mark.parametrize("limit", LIMITS, ids=[f"{one.place}-{one.field}-{one.unit}" for one in LIMITS])
def test_every_limit_is_measured_at_its_edge(limit: Any) -> None:
    """One character more than a place accepts fails its check, for every kind with the place."""
    kinds = [kind for kind in load_kinds().values() if limit.place in kind.places]
    assert kinds, f"no kind is for {limit.place}"
    measured_by = []
    for kind, over in itertools.product(kinds, (False, True)):
        assignment = assign(Request("1", "7", "about tea", kind=kind.name), MemorySnapshot())
        assignment = replace(assignment, requirements=replace(assignment.requirements, place=limit.place))
        parts = _build_parts(limit, assignment, over=over)
        if parts is None:
            continue
        content = Content(
            parts.get("text") if isinstance(parts.get("text"), str) else _build_filler(limit, over=over), parts
        )
        found = [one for one in measure(content, assignment) if one.place == limit.place and one.unit == limit.unit]
        found = [one for one in found if one.name.startswith(limit.field)]
        if found:
            assert found[0].passed is not over
            measured_by.append(kind.name)
    assert measured_by, "no kind has that field"


def _build_filler(limit: Any, *, over: bool) -> str:
    signs = "#aa " if limit.unit == "hashtags" else "wa " if limit.unit == "words" else "a"
    text = signs * limit.max if limit.unit in ("hashtags", "words") else ""
    while not text or UNITS[limit.unit](text) < limit.max:
        text += "a" if limit.unit not in ("CLIP tokens",) else "a "
        step = (limit.max - UNITS[limit.unit](text)) // 40
        text += ("a" if limit.unit != "CLIP tokens" else "a ") * max(0, step)
    while UNITS[limit.unit](text) > limit.max:
        text = text[:-1]
    while over and UNITS[limit.unit](text) <= limit.max:
        text += signs if limit.unit in ("hashtags", "words") else "aa" if limit.unit != "CLIP tokens" else " a"
    return text


def _build_parts(limit: Any, assignment: Assignment, *, over: bool) -> dict[str, Any] | None:
    """Return parts of a kind with a text at a limit in its field; None if the kind has no such field."""
    text = _build_filler(limit, over=over)
    if limit.field in ("text", "prompt"):
        return {}
    shape = assignment.kind.shape
    for parts in ({limit.field: text}, {limit.field: [text]}, {"emails": [{limit.field: text}]}):
        if any(one.name == limit.field for one in iter_fields(shape, parts)):
            return parts
    return None


@pytest.mark.parametrize(("text", "passes"), [("Tea", True), ("Tea ☕", False)])
def test_an_emoji_ban_in_the_profile_is_measured(text: str, passes: bool) -> None:
    assert measure_text(text, "post about tea", memory=build_memory(emoji="none"))["emoji"].passed is passes


@pytest.mark.parametrize(("text", "passes"), [("Tea.", True), ("Tea!", False)])
def test_a_learnt_exclamation_mark_ban_is_measured(text: str, passes: bool) -> None:
    memory = MemorySnapshot(habits=Habits(exclamation_marks="none"))
    assert measure_text(text, "post about tea", memory=memory)["exclamation marks"].passed is passes


@pytest.mark.parametrize(
    ("thing", "text", "found"),
    [
        ("exclamation marks", "Tea!", ("!",)),
        ("hashtags", "#tea #leaf", ("#",)),
        ("links", "a.example b.example c.example d.example", ("a.example", "b.example", "c.example")),
    ],
)
def test_things_that_a_brief_rules_out_are_listed(thing: str, text: str, found: tuple[str, ...]) -> None:
    checks = measure_text(text, f"post about tea without {thing}")
    name = next(name for name, check in checks.items() if check.id == thing)
    assert (checks[name].value, checks[name].passed) == (found, not found)


@pytest.mark.parametrize(
    ("sizes", "value"), [((3, 5, 4), 5), ((3, 12, 4), 12), ((1, 5, 4), 1), ((1, 12, 4), 12), ((1, 11, 5), 1)]
)
def test_the_part_that_misses_its_size_most_is_shown(sizes: tuple[int, ...], value: int) -> None:
    cards = "| Front | Back |\n|---|---|\n" + "\n".join(f"| Lock | {' '.join(['basin'] * size)} |" for size in sizes)
    checks = measure_text(cards, "flashcards: a word, its definition in 3 to 10 words", "flashcards")
    assert [check.value for check in checks.values() if check.unit == "words"] == [value]


@pytest.mark.parametrize(
    ("value", "low", "high", "doubtful"),
    [
        (151, 0, 100, True),
        (150, 0, 100, False),
        (66, 100, 0, True),
        (67, 100, 0, False),
        (101, 0, 100, False),
        (99, 100, 200, False),
        (0, 0, 0, False),
    ],
)
def test_a_size_missed_by_half_was_probably_misread(value: int, low: int, high: int, doubtful: bool) -> None:
    check = build_range_check("text words", value, low or None, high or None, "words", sort="size", asked_by="brief")
    assert is_doubtful(check) is doubtful
    assert not is_doubtful(replace(check, asked_by="place"))
    assert not is_doubtful(replace(check, passed=True))


@pytest.mark.parametrize(
    ("missing", "doubtful"),
    [(["Total: 50 marks"], True), (["você"], True), (["GLOW30"], False), (["new / old", "#okapi"], False)],
)
def test_a_missing_phrase_was_probably_misread_but_a_code_was_not(missing: list[str], doubtful: bool) -> None:
    check = build_presence_check("words", missing, len(missing), hint="", asked_by="brief")
    assert is_doubtful(check) is doubtful
    assert not is_doubtful(build_absence_check("words", ["all in"], asked_by="brief"))
