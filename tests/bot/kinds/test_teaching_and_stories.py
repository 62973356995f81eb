"""Study guides, passages, cards, lyrics, scripts, scenarios and tables: what code adds, and what it catches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bot.generation.repairs import repair
from bot.generation.shape import apart_list, schema_for

from bot.checks.readability import grade
from bot.content import Assignment
from bot.exports import export, fitting
from bot.kinds import kind_named
from bot.kinds.lesson_plan import BLOOM, vague
from personas.profile import Profile

Assigned = Callable[..., Assignment]
GUIDE, LYRICS, SCENARIO = kind_named("study_guide"), kind_named("lyrics"), kind_named("scenario")
HARD = "Photosynthetic organisms systematically manufacture carbohydrates utilising electromagnetic radiation."
PASSAGE = "reading passage on lighthouses with a glossary of 2 words"


def failed(kind: str, output: Any, assignment: Assignment) -> list[str]:
    one = assignment.kind
    made = one.output.model_validate(output)
    return [check.name for check in one.examine(made, one.compose(made, assignment), assignment) if not check.passed]


def guide(**parts: Any) -> dict[str, Any]:
    return {**GUIDE.examples[0].output.model_dump(), **parts}


def test_a_study_guide_has_its_four_sections(assigned: Assigned) -> None:
    content = GUIDE.compose(GUIDE.examples[0].output, assigned("study_guide", "the seasons"))
    assert list(content.parts["sections"]) == ["key_ideas", "key_terms", "common_mistakes", "self_check"]
    assert "- **tilt**: the way the Earth leans to one side" in content.text
    assert content.text.endswith("1. Why are summer days long?\n2. What would happen without the tilt?")
    assert {"term": "orbit", "explanation": "the path round the Sun"} in content.parts["key_terms"]


@pytest.mark.parametrize(
    ("terms", "names"),
    [
        ([{"term": "orbit", "explanation": "path"}, {"term": "Orbit", "explanation": "way"}], ["different terms"]),
        ([{"term": "orbit", "explanation": ""}], ["explained terms"]),
        ([{"term": "orbit", "explanation": "Orbit"}], ["explained terms"]),
        ([{"term": "orbit", "explanation": "the path round the Sun"}], []),
    ],
)
def test_terms_are_explained(terms: list[dict[str, str]], names: list[str], assigned: Assigned) -> None:
    assert failed("study_guide", guide(key_terms=terms), assigned("study_guide", "space")) == names


@pytest.mark.parametrize(("brief", "left"), [("study guide on plants", 3), ("study guide on plants, 4 key ideas", 4)])
def test_the_hardest_entries_go_where_others_are_enough(brief: str, left: int, assigned: Assigned) -> None:
    easy = ["Plants need light.", "Roots drink water.", "Leaves make food."]
    assignment = assigned("study_guide", brief, Profile(reading_level="US grade 3"))
    kept = repair(guide(key_ideas=[easy[0], HARD, *easy[1:]]), assignment)["key_ideas"]
    assert len(kept) == left
    assert (HARD in kept) is (left == 4)
    text = GUIDE.compose(GUIDE.output(**guide(key_ideas=kept)), assignment).text
    assert left == 4 or (grade(text) or 0) <= 3
    assert repair(guide(key_ideas=[easy[0], HARD]), assigned("study_guide", brief))["key_ideas"] == [easy[0], HARD]


def test_a_passage_has_a_glossary_of_its_words(assigned: Assigned) -> None:
    assignment = assigned("explanation", PASSAGE)
    kind = assignment.kind
    assert (kind.name, kind.plain, kind_named("explanation").plain) == ("explanation", False, True)
    content = kind.compose(kind.examples[0].output, assignment)
    assert "sends a **beam** far out" in content.text
    assert content.text.endswith(
        "**Glossary**\n- **beam**: a long line of light\n- **crew**: the people who work on a ship"
    )
    assert schema_for(assignment)["properties"]["glossary"]["maxItems"] == 2
    assert {"apkg", "xlsx"} & {one.name for one in fitting(content)} == {"xlsx"}


def test_words_that_the_passage_does_not_hold_leave_the_glossary(assigned: Assigned) -> None:
    assignment = assigned("explanation", PASSAGE)
    data = assignment.kind.examples[0].output.model_dump()
    strange = {**data, "glossary": [*data["glossary"], {"term": "harbour", "explanation": "where ships rest"}]}
    assert failed("explanation", strange, assignment) == ["glossary"]
    assert assignment.kind.complete(strange, assignment) == data


@pytest.mark.parametrize("brief", ["why does bread go hard?", "explain what a gloss is", "what are glosses"])
def test_other_explanations_stay_a_text(brief: str, assigned: Assigned) -> None:
    assert assigned("explanation", brief).kind.plain


@pytest.mark.parametrize(
    ("objective", "wrong"),
    [
        ("Explain how water moves", False), ("explain how water moves", False), ("To compare two stems", False),
        ("Learners can build a pump", False), ("be able to judge a source", False), ("Understand plants", True),
        ("Know the parts of a plant", True), ("Plants and water", True), ("", True),
    ],
)  # fmt: skip
def test_objectives_begin_with_what_one_can_see(objective: str, wrong: bool, assigned: Assigned) -> None:
    assert (vague([objective]) == [0]) is wrong
    plan = {**kind_named("lesson_plan").examples[0].output.model_dump(), "objectives": [objective]}
    assert (failed("lesson_plan", plan, assigned("lesson_plan", "plants")) == ["objectives' verbs"]) is wrong
    assert failed("lesson_plan", plan, assigned("lesson_plan", "plants", language="de")) == []


def test_each_step_of_the_taxonomy_has_verbs_of_its_own() -> None:
    verbs = [verb for step in BLOOM.values() for verb in step]
    assert len(BLOOM) == 6
    assert len(set(verbs)) == len(verbs)


@pytest.mark.parametrize(
    ("term", "sentence", "front"),
    [
        ("loan", ["The bank gave her a loan."], "The bank gave her a _____."),
        ("loan", ["Loans must be paid back."], "_____ must be paid back."),
        ("loan", ["She pays it back."], "_____: money to pay back"),
        ("loan", [], "_____: money to pay back"),
    ],
)
def test_cloze_cards_have_a_gap_that_their_back_fills(
    term: str, sentence: list[str], front: str, assigned: Assigned
) -> None:
    cards = kind_named("flashcards")
    output = cards.output(title="Money", cards=[{"term": term, "meaning": "money to pay back", "sentence": sentence}])
    content = cards.compose(output, assigned("flashcards", "cloze cards on money"))
    assert content.parts["cards"] == [{"front": front, "back": term}]
    basic = cards.compose(output, assigned("flashcards", "cards on money"))
    assert basic.parts["cards"] == [{"front": term, "back": "money to pay back"}]


def test_cards_are_written_one_at_a_time(assigned: Assigned) -> None:
    """A small model repeats itself in a long list; entries that stand apart are drawn until there are enough."""
    assert apart_list(assigned("flashcards", "12 cards on the water cycle")) == ("cards", 12)
    assert apart_list(assigned("flashcards", "12 cloze cards on the water cycle")) == ("cards", 12)


def test_the_chorus_comes_after_each_verse(assigned: Assigned) -> None:
    content = LYRICS.compose(LYRICS.examples[0].output, assigned("lyrics", "a late bus"))
    marks = [line.strip("*") for line in content.text.splitlines() if line.startswith("**")]
    assert marks == ["Verse 1", "Chorus", "Verse 2", "Chorus"]
    assert list(content.parts["sections"]) == ["verse_1", "verse_2", "chorus"]
    assert content.text.count(content.parts["sections"]["chorus"]) == 2


def test_a_song_for_a_model_that_sings_has_its_tags(assigned: Assigned) -> None:
    content = LYRICS.compose(LYRICS.examples[0].output, assigned("lyrics", "suno lyrics: a late bus"))
    lines = content.parts["lyrics"].splitlines()
    assert [line for line in lines if line.startswith("[")] == ["[Verse 1]", "[Chorus]", "[Verse 2]", "[Chorus]"]
    assert lines[1] == "Rain on the shelter, rain on my shoe"
    assert f"```\n{content.parts['lyrics']}\n```" in content.text


@pytest.mark.parametrize(("place", "most"), [("suno", 200), ("udio", 400)])
def test_the_style_of_a_piece_is_as_long_as_its_model_reads(place: str, most: int, assigned: Assigned) -> None:
    music = kind_named("music")
    many = [f"a slowly bowed {one}" for one in ("cello", "saw", "viola", "zither", "fiddle", "double bass")]
    output = music.examples[0].output.model_copy(update={"genre": "slow chamber music", "instruments": many * 3})
    prompt = music.compose(output, assigned("music", f"{place} prompt, calm, 80 bpm")).parts["prompt"]
    assert len(prompt) <= most
    assert "80 bpm" in prompt
    assert prompt.startswith("slow chamber music, ")
    assert prompt.endswith("no vocals")
    assert len(prompt.split()) <= 15 or place == "suno"


def test_a_song_without_a_chorus_has_none(assigned: Assigned) -> None:
    output = LYRICS.output(title="Rain", chorus=[], verses=[{"lines": ["Rain on the roof", "rain on the road"]}])
    assert "Chorus" not in LYRICS.compose(output, assigned("lyrics", "rain")).text


def test_a_line_that_comes_twice_is_caught(assigned: Assigned) -> None:
    verses = [{"lines": ["Rain on the roof", "wind"]}, {"lines": ["rain on the  roof", "sun"]}]
    song = {"title": "Rain", "chorus": ["Fall"], "verses": verses}
    assert failed("lyrics", song, assigned("lyrics", "rain")) == ["different lines"]


def test_what_a_role_hides_stands_behind_a_spoiler(assigned: Assigned) -> None:
    content = SCENARIO.compose(SCENARIO.examples[0].output, assigned("scenario", "library"))
    assert (
        "- **Librarian** wants quiet without sending anybody away. ||Secret: knows that a group room is free||"
        in content.text
    )
    assert list(content.parts["sections"]) == ["situation", "roles", "opening", "turns", "debrief"]
    assert [role["name"] for role in content.parts["roles"]] == ["Librarian", "Student"]
    output = SCENARIO.examples[0].output.model_copy(deep=True)
    output.roles[0].hides = "knows a||b"  # type: ignore[attr-defined]
    assert SCENARIO.compose(output, assigned("scenario", "library")).text.count("||") == 4


def test_two_roles_of_one_name_are_caught(assigned: Assigned) -> None:
    data = SCENARIO.examples[0].output.model_dump()
    data["roles"][1]["name"] = "librarian"
    assert failed("scenario", data, assigned("scenario", "library")) == ["different roles"]


@pytest.mark.parametrize(
    ("brief", "seconds"),
    [("30 second spot", 30), ("a 2 minute sketch", 120), ("script about tea", 60), ("Spot, 15 Sekunden", 15)],
)
def test_scenes_fill_the_time(brief: str, seconds: int, assigned: Assigned) -> None:
    script = kind_named("script")
    for example in script.examples:
        content = script.compose(example.output, assigned("script", brief))
        assert sum(scene["seconds"] for scene in content.parts["scenes"]) == content.parts["seconds"] == seconds
        assert "**0:00 to " in content.text


def test_made_up_rows_leave_as_tables(assigned: Assigned) -> None:
    data = kind_named("synthetic_data")
    content = data.compose(data.examples[0].output, assigned("synthetic_data", "8 rows of library loans"))
    assert [one.name for one in fitting(content, data.exports)] == ["csv", "md", "txt", "xlsx"]
    lines = export("csv", "Loans", content).decode("utf-8-sig").splitlines()
    assert lines[0] == "loan_id,genre,due"
    assert len(lines) == 9
    assert lines[1:] == content.parts["csv"].splitlines()[1:]


@pytest.mark.parametrize("kind", ["rubric", "study_guide", "script", "lyrics", "scenario", "flashcards", "worksheet"])
def test_there_is_more_than_one_worked_example(kind: str) -> None:
    assert len(kind_named(kind).examples) >= 2


def test_no_question_goes_because_it_is_hard(assigned: Assigned) -> None:
    quiz = kind_named("quiz").examples[0].output.model_dump()
    asked = [f"Which electromagnetic characteristics necessitate {one}?" for one in ("iron", "copper", "zinc")]
    items = [{**item, "question": question} for item, question in zip(quiz["items"], asked, strict=True)]
    assignment = assigned("quiz", "quiz on magnets", Profile(reading_level="US grade 3"))
    assert len(repair({**quiz, "items": items}, assignment)["items"]) == 3
