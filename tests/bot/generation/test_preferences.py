"""What a request says goes before what is remembered, in the prompt and in what is repaired; and what is no wish at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from discord_texts import body, read

from bot.content import Assignment, Remembered, Request
from bot.generation.recall import assign
from bot.generation.repairs import repair
from bot.generation.why import why
from bot.generation.writers.capable_prompt import messages_for
from personas.habits import Habits
from personas.ledger import ME, Entry
from personas.profile import Profile
from personas.style import Brand, with_samples

REMEMBERED: dict[str, dict[str, Any]] = {
    "profile": {"reading_level": "CEFR C1", "preferred_length": "long", "prefer_terms": ["bespoke", "warm"]},
    "habits": {"formality": "formal", "person": "we", "greeting": "Hello neighbours,", "closing": "See you soon,"},
}


def asked(kind: str, brief: str, *notes: str, **more: Any) -> Assignment:
    """A request of somebody of whom much is remembered."""
    memory = Remembered(Profile.of(REMEMBERED["profile"]), habits=Habits.of(REMEMBERED["habits"]))
    return assign(Request("1", "7", brief, kind=kind, notes=notes, **more), memory)


def prompt(assignment: Assignment) -> str:
    return messages_for(assignment)[0].text


def changed(assignment: Assignment) -> dict[str, Any]:
    """What does not hold as it is remembered."""
    now = {**assignment.profile.model_dump(mode="json"), **assignment.habits.model_dump(mode="json")}
    usual = {**Profile().model_dump(mode="json"), **Habits().model_dump(mode="json")}
    before = {**usual, **REMEMBERED["profile"], **REMEMBERED["habits"]}
    return {name: value for name, value in now.items() if value != before[name]}


CASES = [
    ("email", "mail: we are closed", ["Less formal."], {"formality": "casual"}, "Casual, as among friends"),
    ("email", "a more casual mail to the staff", [], {"formality": "casual"}, "Casual, as among friends"),
    ("email", "mail to the board, casual please", [], {"formality": "casual"}, "Casual, as among friends"),
    ("email", "mail to the board, make it less formal", [], {"formality": "casual"}, "Casual, as among friends"),
    ("email", "mail to parents. Short, and don't be too formal.", [],
     {"formality": "casual", "preferred_length": "short"}, "Casual, as among friends"),
    ("email", "mail to parents", ["not formal please"], {"formality": "casual"}, "Casual, as among friends"),
    ("email", "casual mail", ["more formal"], {}, "Formal: no contractions"),
    ("explanation", "the tides for CEFR A2 readers", [], {"reading_level": "CEFR A2"}, "Reading level: CEFR A2."),
    ("explanation", "the tides, at b1 level", [], {"reading_level": "CEFR B1"}, "Reading level: CEFR B1."),
    ("explanation", "the tides for my A2 class", [], {"reading_level": "CEFR A2"}, "Reading level: CEFR A2."),
    ("explanation", "the tides for 5th graders", [], {"reading_level": "US grade 5"}, "Reading level: US grade 5."),
    ("explanation", "the tides in plain English", [], {"reading_level": "CEFR B1"}, "Reading level: CEFR B1."),
    ("explanation", "the tides", ["Simpler words."], {"reading_level": "CEFR B2"}, "Reading level: CEFR B2."),
    ("explanation", "the tides", ["Harder words."], {"reading_level": "CEFR C2"}, "Reading level: CEFR C2."),
    ("explanation", "the tides for A2 readers", ["B1"], {"reading_level": "CEFR B1"}, "Reading level: CEFR B1."),
    ("explanation", "inflation. simple words. for our club", [], {"reading_level": "CEFR B1"}, "Reading level: CEFR B1."),
    ("quiz", "grammar check-up, a2, some and any", [], {"reading_level": "CEFR A2"}, "Reading level: CEFR A2."),
    ("quiz", "a quiz for grade 5 about magnets", [], {"reading_level": "US grade 5"}, "Reading level: US grade 5."),
    ("rewrite", "Simplify to B1: notwithstanding the rain", [], {"reading_level": "CEFR B1"}, "Reading level: CEFR B1."),
    ("social_post", "short n punchy: mugs are back", [], {"preferred_length": "short"}, "About 30 words"),
    ("social_post", "a short post about mugs", [], {"preferred_length": "short"}, "About 30 words"),
    ("social_post", "mugs, keep it short", [], {"preferred_length": "short"}, "About 30 words"),
    ("social_post", "a shorter post about mugs", [], {"preferred_length": "medium"}, "About 45 words"),
    ("social_post", "mugs, short and friendly", [], {"preferred_length": "short"}, "About 30 words"),
    ("social_post", "a short Instagram post about mugs", ["longer"], {"preferred_length": "medium"}, "About 45 words"),
    ("social_post", "not a long post about mugs", [], {"preferred_length": "short"}, "About 30 words"),
    ("email", 'begin with "Dear Mr Brown,"', [], {"greeting": "Dear Mr Brown,"}, "it is: Dear Mr Brown,"),
    ("email", "start with Dear Mr. Brown, tell him", [], {"greeting": "Dear Mr. Brown,"}, "it is: Dear Mr. Brown,"),
    ("email", "greeting: “Good morning team,”", [], {"greeting": "Good morning team,"}, "it is: Good morning team,"),
    ("email", 'mail, "Dear Ms Green," at the top', [], {"greeting": "Dear Ms Green,"}, "it is: Dear Ms Green,"),
    ("email", "mail. Sign off with 'Cheers,'", [], {"closing": "Cheers,"}, "it is: Cheers,"),
    ("email", "mail", ["End with kind regards"], {"closing": "kind regards,"}, "it is: kind regards,"),
    ("email", "mail, in the first person singular", [], {"person": "I"}, "The writer speaks as I."),
    ("email", 'mail, use "I"', [], {"person": "I"}, "The writer speaks as I."),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "brief", "notes", "wanted", "line"), CASES, ids=[f"{c[1]} {c[2]}" for c in CASES])
def test_what_the_request_says_holds(
    kind: str, brief: str, notes: Sequence[str], wanted: dict[str, Any], line: str
) -> None:
    assignment = asked(kind, brief, *notes)
    assert changed(assignment) == wanted
    assert line in prompt(assignment)
    assert set(wanted) <= set(assignment.memory.said)


@pytest.mark.parametrize(
    ("brief", "field", "gone"),
    [
        ("mail, no greeting", "greeting", "neighbours"),
        ("mail, greet them by their first names", "greeting", "neighbours"),
        ('begin with "We regret this very much"', "greeting", "neighbours"),
        ("mail without a closing", "closing", "See you soon"),
        ("mail in the third person", "person", "speak as we"),
    ],
)
def test_a_habit_goes_that_the_request_speaks_against(brief: str, field: str, gone: str) -> None:
    assignment = asked("email", brief)
    assert changed(assignment) == {field: ""}
    assert gone not in prompt(assignment)


@pytest.mark.parametrize(
    ("kind", "brief", "note"),
    [
        ("social_post", "a short history of the mug", ""),
        ("social_post", "news from our formal garden", ""),
        ("social_post", "tweet: our short post about bread is online", ""),
        ("social_post", "tweet about short post office queues", ""),
        ("social_post", "post: long weekend, long queues, parking on level B2", ""),
        ("social_post", "our A2 learners won a prize", ""),
        ("social_post", "shorter queues and simpler check-in from Monday", ""),
        ("social_post", "mugs", "mention the longer opening hours"),
        ("social_post", "mugs", "add the formal garden"),
        ("email", "the dress code is formal on Friday", ""),
        ("email", "casual Friday is back", ""),
        ("email", 'mail about our evening "Short and casual"', ""),
        ("email", 'mail: the concert starts with "Hello, world" and ends with "Nimrod"', ""),
        ("email", "mail to members, start with the price and end with the date", ""),
        ("email", "write we are closed", ""),
        ("email", "a third person has joined us; the lesson is on first person singular", ""),
        ("product_description", "linen shirt, casual, short, blue", ""),
        ("product_description", "short description and long description of a dog lead", ""),
        ("social_post", "rooms: A2, B1", ""),
        ("rewrite", "fix the typos: we are closed, keep it short, casual please", ""),
    ],
)
def test_what_is_about_the_matter_is_no_wish(kind: str, brief: str, note: str) -> None:
    assignment = asked(kind, brief, *filter(None, [note]))
    assert changed(assignment) == {}
    assert set(assignment.memory.said) <= {"audience"}


MAIL = {
    "subject": "Closed on Monday",
    "preheader": "We are back on Tuesday with warm scones.",
    "greeting": "Hello all,",
    "body": ["We're closed on Monday, and we don't bake then.", "It's Tuesday when we're back with scones for all."],
}


def test_a_mail_is_repaired_as_the_request_says() -> None:
    usual = repair(MAIL, asked("email", "mail: we are closed"))
    assert usual["greeting"] == "Hello neighbours,"
    assert usual["body"][0] == "We are closed on Monday, and we do not bake then."
    assignment = asked("email", 'mail, begin with "Dear Mr Brown," and sign off with "Cheers,"', "Less formal.")
    repaired = repair(MAIL, assignment)
    assert repaired["greeting"] == "Dear Mr Brown,"
    assert repaired["body"] == MAIL["body"]
    content = assignment.kind.compose(assignment.kind.output.model_validate(repaired), assignment)
    assert "Cheers," in content.text
    assert "See you soon" not in content.text


HARD = (
    "The tide is the rise of the sea. The gravitational interaction between astronomical bodies necessitates periodic"
    " redistribution of oceanic volumes. The moon pulls the sea. The sea comes up and goes down two times a day."
)


def test_a_text_is_as_easy_as_the_request_says() -> None:
    usual = asked("social_post", "the tides")
    easy = asked("social_post", "the tides for CEFR A2 readers")
    assert "gravitational" in repair({"text": HARD}, usual)["text"]
    assert "gravitational" not in repair({"text": HARD}, easy)["text"]


def test_what_the_request_says_goes_before_the_brand() -> None:
    text = "We regret that the office remains closed on Monday. Kindly accept our apologies for the inconvenience."
    brand = with_samples(Brand(name="Ours", samples=()), [text * 3, f"{text} We thank you."])
    memory = Remembered(Profile(), habits=Habits(formality="formal"), brand=brand)
    usual = prompt(assign(Request("1", "7", "mail to all", kind="email"), memory))
    assert "Only what was asked for" not in usual
    system = prompt(assign(Request("1", "7", "a casual mail to all", kind="email"), memory))
    _, _, after = system.partition("The brand's voice, before all else: ")
    assert "Only what was asked for goes before it: Casual, as among friends" in after


def test_a_word_to_avoid_is_no_liked_word() -> None:
    assignment = asked("social_post", "mugs, avoid the word bespoke")
    assert assignment.profile.avoid_words == ("bespoke",)
    assert assignment.profile.prefer_terms == ("warm",)


@pytest.mark.parametrize(
    ("brief", "notes", "picked", "words"),
    [
        ("a short post", [], "long", 90),
        ("mugs", ["shorter"], "long", 45),
        ("a short post", ["longer"], "medium", 90),
        ("about 40 words on mugs", ["shorter"], None, 24),
        ("about 40 words on mugs", ["about 30 words"], None, 30),
    ],
)
def test_a_picked_length_and_a_number_hold_until_a_wish_comes_after(
    brief: str, notes: Sequence[str], picked: Any, words: int
) -> None:
    assert asked("social_post", brief, *notes, length=picked).words == words


def test_the_newest_wish_about_form_holds() -> None:
    assignment = asked("social_post", "a post on Instagram in German with 5 hashtags", "on X", "in French, 3 hashtags")
    assert (assignment.place, assignment.language) == ("x", "fr")
    assert assignment.wishes.counts["hashtag"] == (3, 3)


def test_why_names_no_entry_that_the_request_overrules() -> None:
    entries = {name: Entry("1", name, REMEMBERED["habits"][name], ME, "learnt") for name in ("formality", "greeting")}
    memory = Remembered(Profile(), sources=entries, habits=Habits.of(REMEMBERED["habits"]))
    shaped = why(assign(Request("1", "7", "mail", kind="email", notes=("less formal",)), memory))
    assert [entry["field"] for entry in shaped["entries"]] == ["greeting"]
    assert shaped["said"] == ["formality"]


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(
    "part",
    [
        "please ",
        "please be ",
        "short, ",
        "start with ",
        "mention ",
        '"',
        "very ",
        "a long ",
        "for A2 ",
        "greet a ",
        "Mr. ",
    ],
)
def test_any_text_is_read_at_once(part: str) -> None:
    long = part * (6000 // len(part))
    asked("email", long, long[:2000], long[:2000])


async def test_less_formal_is_less_formal_though_formal_was_learnt(world: Any) -> None:
    await world.ada.slash(world.channel, "profile correct", field="formality", value="formal")
    world.script.says("We're closed on Monday. We don't bake then.")
    result = (await world.post("we close on Monday")).response
    assert body(result) == "We're closed on Monday. We don't bake then."
    assert "Formal: no contractions" in world.script.drafts[0]
    assert "✗ contractions" in read(result)
    changed = (await world.ada.select(result, values=["casual"])).response
    assert "Casual, as among friends" in world.script.drafts[-1]
    assert "Formal: no contractions" not in world.script.drafts[-1]
    assert body(changed) == "We're closed on Monday. We don't bake then."
