"""A model of a few billion parameters: shown one example, kept to the signs and figures that it was told, asked again afresh."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from bot.content import Assignment
from bot.engines import Engine, Engines, Traits
from bot.engines.scripted import Scripted
from bot.generation.pipeline import Pipeline
from bot.generation.worked import worked_for
from bot.generation.writers.alphabet import kept_to_signs
from bot.generation.writers.capable import CAPABLE
from bot.kinds import all_kinds
from personas.profile import Profile

Assigned = Callable[..., Assignment]
FERRY = Profile.of(
    {
        "organisation": "Osel Ferry",
        "facts": ["crosses from 7:00 to 21:00", "£4 a crossing"],
        "call_to_action": {"text": "See the timetable", "link": "oselferry.example"},
    }
)
MAIL = {"subject": "The ferry rests on Monday", "preheader": "No crossing on 3 May", "greeting": "Hello,"}
PARAGRAPH = "The ferry rests on Monday, 3 May, while we paint its deck. Take the bridge that day."


def engine(answer: Callable[[Any], Any]) -> Engine:
    return Engine(Scripted(answer, traits=Traits(by_example=True, local=True)), name="model")


async def written(assignment: Assignment, answer: Callable[[Any], Any]) -> Any:
    (result,) = await Pipeline(Engines([engine(answer)])).run(assignment)
    return result


def conversation(assignment: Assignment) -> list[str]:
    return [message.text for message in CAPABLE.ask(assignment, engine(lambda _: "")).messages]


def signs(kind: str, brief: str, assigned: Assigned, profile: Profile | None = None) -> re.Pattern[str]:
    """The pattern of a plain text, or of the first text of a form."""
    ask = CAPABLE.ask(assigned(kind, brief, profile or FERRY), engine(lambda _: ""))
    pattern = ask.pattern if ask.schema is None else next(iter(ask.schema["properties"].values()))["pattern"]
    return re.compile(pattern)


def test_it_is_shown_one_example_with_its_facts_in_the_form_of_what_it_is_asked(assigned: Assigned) -> None:
    system, shown, answer, asked = conversation(assigned("email", "the ferry rests on 3 May", FERRY))
    example = worked_for(all_kinds()["email"], "en")
    assert json.loads(answer) == example.written
    assert all(fact in shown for fact in example.assignment.profile.facts)
    assert all(fact in asked for fact in FERRY.facts)
    assert not any(fact in system for fact in FERRY.facts)
    assert asked.splitlines()[-1] == shown.splitlines()[-1]


def test_the_example_is_in_the_language_of_the_text(assigned: Assigned) -> None:
    german = worked_for(all_kinds()["email"], "de").assignment.profile.organisation
    assert german in conversation(assigned("email", "die Fähre ruht am 3. Mai, auf Deutsch", FERRY))[1]


def test_what_the_brief_says_of_form_stands_in_its_order(assigned: Assigned) -> None:
    order = conversation(assigned("email", "the ferry rests on 3 May, 40 to 60 words, 3 paragraphs", FERRY))[-1]
    assert "40 to 60 words" in order
    assert "body of exactly 3 paragraphs" in order


@pytest.mark.parametrize(
    "text",
    ["The ferry rests on 3 May.", "It is £4 a crossing, from 7:00!", "Café crème “à gogo” – oui", "7:00 it is"],
)
def test_it_can_write_what_it_was_told(text: str, assigned: Assigned) -> None:
    assert signs("social_post", "the ferry rests on 3 May", assigned).fullmatch(text)


@pytest.mark.parametrize(
    "text",
    [
        "Call 555 1234.", "It is £5 a crossing.", "From 9:00 on.", "Dear [Name],", "**The ferry**", "# Ferry", "我们的 ferry",
        "The ferry rests,", "- The ferry rests.", "", "Write to a@b.example", "{ferry}",
    ],
)  # fmt: skip
def test_it_cannot_write_other_figures_markup_and_scripts(text: str, assigned: Assigned) -> None:
    assert not signs("social_post", "the ferry rests on 3 May", assigned).fullmatch(text)


def test_a_lesson_may_have_any_figures(assigned: Assigned) -> None:
    assert signs("quiz", "tides", assigned).fullmatch("Tides 24")


def test_prompts_for_machines_may_have_any_signs(assigned: Assigned) -> None:
    asked = CAPABLE.ask(assigned("image_prompt", "a ferry"), engine(lambda _: ""))
    assert kept_to_signs(asked, assigned("image_prompt", "a ferry")).schema == asked.schema


async def test_what_is_too_short_is_drawn_again_as_if_for_the_first_time(assigned: Assigned) -> None:
    asked: list[list[str]] = []

    def answer(messages: Any) -> Any:
        asked.append([message.text for message in messages])
        more = (
            "The day after you can cross by ferry again as usual, from seven in the morning on. Back on the day after."
        )
        return MAIL | {"body": [PARAGRAPH] if len(asked) == 1 else [PARAGRAPH, more]}

    brief = "the ferry rests on Monday 3 May, no crossing, we paint its deck, take the bridge, back the day after, 30 to 60 words"
    result = await written(assigned("email", brief, FERRY), answer)
    assert len(asked) == 2
    assert asked[0] == asked[1]
    assert "Back on the day after." in result.content.text


async def test_a_draft_that_is_no_better_does_not_take_the_place_of_the_first(assigned: Assigned) -> None:
    drafts = iter([[PARAGRAPH], ["No."], ["No."]])
    result = await written(
        assigned("email", "the ferry rests on 3 May, 30 to 60 words", FERRY), lambda _: MAIL | {"body": next(drafts)}
    )
    assert PARAGRAPH in result.content.text


async def test_a_text_that_is_the_brief_once_more_is_drawn_again(assigned: Assigned) -> None:
    asked = []

    def answer(messages: Any) -> Any:
        asked.append(messages[-1].text)
        return (
            "Why does a ferry need a rope over the river? A rope over the river."
            if len(asked) == 1
            else "The river pushes the ferry to one side. The rope holds it, so the push turns into a slow ride across the water. "
            "Without it the boat would drift down to the sea. With it the stream does the work, and the motor can stay off all day."
        )

    result = await written(assigned("explanation", "why does a ferry need a rope over the river?", FERRY), answer)
    assert len(asked) == 2
    assert "slow ride" in result.content.text


async def test_a_rewrite_that_is_the_text_once_more_is_drawn_again(assigned: Assigned) -> None:
    drafts = iter(["Payment is due on 3 May.", "Please pay by 3 May, so that we can keep your place."])
    assignment = assigned("rewrite", "make this friendlier: Payment is due on 3 May.", FERRY)
    result = await written(assignment, lambda _: next(drafts))
    assert result.content.text == "Please pay by 3 May, so that we can keep your place."


async def test_what_is_taken_from_the_example_is_drawn_again(assigned: Assigned) -> None:
    example = worked_for(all_kinds()["email"], "en").written
    drafts = iter([example["body"], [PARAGRAPH]])
    result = await written(
        assigned("email", "the ferry rests on 3 May", FERRY), lambda _: MAIL | {"body": next(drafts)}
    )
    assert PARAGRAPH in result.content.text
    assert example["body"][0] not in result.content.text


async def test_facts_names_and_the_link_of_the_example_are_drawn_again(assigned: Assigned) -> None:
    profile = worked_for(all_kinds()["email"], "en").assignment.profile
    for foreign in (profile.facts[0], profile.link, " ".join(profile.organisation.split()[-2:])):
        drafts = iter([[f"{PARAGRAPH} See {foreign}."], [PARAGRAPH]])
        assignment = assigned("email", "the ferry rests on 3 May", FERRY)
        result = await written(assignment, lambda _, drafts=drafts: MAIL | {"body": next(drafts)})
        assert foreign not in result.content.text


async def test_a_long_paragraph_becomes_two_between_sentences(assigned: Assigned) -> None:
    halves = [
        "The ferry rests on Monday, 3 May. We paint its deck that day. The old paint is dull and lets the rain in. Nobody should slip. "
        "The ferry is hauled out in the morning. We wash it first. Its rail is sanded too, and the rust comes off first.",
        "Take the bridge that day. It is a walk of some minutes along the bank. We cross again on the day after, as usual in spring. "
        "Take bags that are not too heavy. There are steps at its far end. Boats of the village carry whoever cannot walk so far.",
    ]
    asked = []

    def answer(messages: Any) -> Any:
        asked.append(messages)
        return MAIL | {"body": [" ".join(halves)]}

    result = await written(assigned("email", f"the ferry rests on 3 May. {' '.join(halves)}", FERRY), answer)
    assert "\n\n".join(halves) in result.content.text
    assert len(asked) == 1


async def test_an_opening_line_of_so_many_characters_is_a_line(assigned: Assigned) -> None:
    opening, rest = (
        "The ferry rests on 3 May.",
        "We paint its deck that day, so take the bridge. We are back on Tuesday.",
    )
    assignment = assigned("social_post", "linkedin: the ferry rests on 3 May, opening line max 40 characters", FERRY)
    result = await written(assignment, lambda _: f"{opening} {rest}")
    assert result.content.text.startswith(f"{opening}\n\n{rest}")
    assert next(check for check in result.checks if check.id == "opening line length").passed
    result = await written(assignment, lambda _: f"{opening[:-1]}, so that we can paint its deck, which is old. {rest}")
    assert not next(check for check in result.checks if check.id == "opening line length").passed


async def test_a_sentence_that_comes_twice_is_drawn_again(assigned: Assigned) -> None:
    again = "Take the bridge that day, it is a walk of some minutes."
    drafts = iter([f"The ferry rests on 3 May. {again} {again}", f"The ferry rests on 3 May. {again}"])
    result = await written(assigned("social_post", "the ferry rests on 3 May", FERRY), lambda _: next(drafts))
    assert result.content.text.count(again) == 1


async def test_entries_that_come_twice_come_once(assigned: Assigned) -> None:
    twice = ["The ferry rests", "Back on 4 May", "The ferry rests.", "Back on 4 May", "Take the bridge"]
    ad = {
        "primary_text": "The ferry rests on 3 May and is back on 4 May.",
        "headlines": twice,
        "descriptions": ["It rests on 3 May."],
    }
    result = await written(
        assigned("ad", "ad: the ferry rests on 3 May, back on 4 May", FERRY), lambda _: json.dumps(ad)
    )
    assert result.content.parts["headlines"] == ["The ferry rests", "Back on 4 May", "Take the bridge"]


def test_a_greeting_is_no_first_sentence(assigned: Assigned) -> None:
    ask = CAPABLE.ask(assigned("email", "the ferry rests on 3 May", FERRY), engine(lambda _: ""))
    assert ask.schema is not None
    greeting = re.compile(ask.schema["properties"]["greeting"]["pattern"])
    assert greeting.fullmatch("Dear members,")
    assert greeting.fullmatch("¡Hola a todos!")
    assert not greeting.fullmatch("Dear members, we have painted the deck and")
    ask = CAPABLE.ask(assigned("email", "mail to the parents of 3B, swimming is at 8:15", FERRY), engine(lambda _: ""))
    assert ask.schema is not None
    greeting = re.compile(ask.schema["properties"]["greeting"]["pattern"])
    assert greeting.fullmatch("Dear parents of 3B,")
    assert not greeting.fullmatch("Dear parents of   B,")
    assert not greeting.fullmatch("Dear parents of 5B,")


def test_figures_do_not_make_others(assigned: Assigned) -> None:
    brief = signs("social_post", "the ferry rests on 3 May, back at 20:15", assigned)
    assert brief.fullmatch("It rests on 3 May, back at 20:15. From 7:00 on it is £4.")
    assert not brief.fullmatch("It is back at 3:20:15 again.")
    assert not brief.fullmatch("It is back at 4.20:15 again.")


def test_a_figure_may_be_written_as_its_language_writes_it(assigned: Assigned) -> None:
    brief = signs("social_post", "12000 euros for a lift, 1.250 members, open 9 to 18, at 20:15, 4.50 each", assigned)
    for text in (
        "We get €12,000 for a lift.",
        "12.000 Euro für einen Lift",
        "1,250 members, open 9:00 to 18:00, at 20.15",
        "4,50 €",
    ):
        assert brief.fullmatch(text), text
    assert not brief.fullmatch("We get 12,500 for a lift.")
    assert not brief.fullmatch("Open from 9:30.")


def test_it_is_told_the_figures_that_the_text_must_have(assigned: Assigned) -> None:
    order = conversation(assigned("social_post", "the ferry rests on 3 May, tickets are £4.50", FERRY))[-1]
    assert "It names 3 May, £4.50." in order


def test_a_most_is_told_as_what_to_aim_at(assigned: Assigned) -> None:
    order = conversation(assigned("social_post", "the ferry rests, under 90 words", FERRY))[-1]
    assert "about 60 words" in order
    assert "at most" not in order


async def test_hashtags_beyond_the_brief_go_from_the_end(assigned: Assigned) -> None:
    text = "The ferry rests on 3 May. #ferry #rest #osel #boat"
    result = await written(assigned("social_post", "the ferry rests on 3 May, 2 hashtags", FERRY), lambda _: text)
    assert re.findall(r"#\w+", result.content.text) == ["#ferry", "#rest"]


async def test_lines_that_are_too_long_are_those_of_another_draft(assigned: Assigned) -> None:
    drafts = iter(
        [
            ["Cross with us", "The ferry is the way over the whole wide river", "Step on board"],
            ["The ferry that takes you over the whole wide river", "Over in no time", "Take the ferry"],
        ]
    )
    assignment = assigned("slogan", "3 slogans for our ferry, 4 words max", FERRY)
    result = await written(assignment, lambda _: {"slogans": next(drafts)})
    lines = [line.removeprefix("- ") for line in result.content.text.splitlines()]
    assert len(lines) == 3
    assert all(len(line.split()) <= 4 for line in lines)


async def test_a_picture_shows_what_its_brief_lists(assigned: Assigned) -> None:
    scene = {
        "subject": "a ferry on a river", "setting": "a wide valley", "light": "soft light", "mood": "calm",
        "style": "watercolour", "composition": "from above", "palette": ["blue", "grey"],
    }  # fmt: skip
    brief = "a ferry on a river, a lantern at its bow, a heron in the reeds"
    result = await written(assigned("image_prompt", brief), lambda _: scene)
    assert "a lantern at its bow" in result.content.parts["prompt"]
    assert "a heron in the reeds" in result.content.parts["prompt"]
    assert result.content.parts["prompt"].count("ferry") == 1


async def test_what_comes_out_of_the_example_is_drawn_without_it(assigned: Assigned) -> None:
    example, told = worked_for(all_kinds()["image_prompt"], "en").written, list[int]()

    def answer(messages: Any) -> Any:
        told.append(len(messages))
        return (
            example if len(told) == 1 else example | {"subject": "a ferry", "setting": "a river", "composition": "near"}
        )

    await written(assigned("image_prompt", "a ferry on a river"), answer)
    assert told[1] == told[0] - 2


async def test_a_text_in_the_language_of_its_brief_is_translated(assigned: Assigned) -> None:
    german = "Die Fähre ruht am 3. Mai, weil wir das Deck streichen. Nehmt an diesem Tag bitte die Brücke."

    def answer(messages: Any) -> Any:
        return PARAGRAPH if messages[-1].text.startswith("Translate into English") else german

    profile = Profile.of({"output_language": "de"})
    result = await written(assigned("social_post", "Post auf Englisch: die Fähre ruht am 3. Mai", profile), answer)
    assert PARAGRAPH in result.content.text


def test_who_asks_in_their_language_for_another_gets_a_draft_in_their_own(assigned: Assigned) -> None:
    brief = "text message: the ferry rests on 3 May, most of them speak spanish at home so in spanish pls"
    *_, asked = conversation(assigned("sms", brief, FERRY))
    assert "in English" in asked
    assert "panish" not in asked
    # What is known of a German is German, whatever they type in.
    *_, asked = conversation(assigned("sms", brief, Profile.of({"output_language": "de"})))
    assert "in Spanish" in asked


async def test_a_prompt_is_in_english_whatever_its_brief_is_in(assigned: Assigned) -> None:
    shown = worked_for(all_kinds()["logo"], "en").written | {"motif": "mouette avec un gilet de sauvetage"}

    def answer(messages: Any) -> Any:
        return "a seagull in a life vest." if messages[-1].text.startswith("Translate into English") else shown

    result = await written(assigned("logo", "logo: une mouette avec un gilet de sauvetage, deux couleurs"), answer)
    assert "a seagull in a life vest" in result.content.parts["prompt"]
    assert "mouette" not in result.content.text


def test_criteria_that_the_brief_lists_are_those_of_the_rubric(assigned: Assigned) -> None:
    brief = "rubric for the ferry model: hull, rope drive, written report, 3 levels"
    ask = CAPABLE.ask(assigned("rubric", brief), engine(lambda _: ""))
    assert ask.schema is not None
    criteria = ask.schema["properties"]["criteria"]
    assert criteria["items"]["properties"]["name"] == {
        "type": "string",
        "enum": ["hull", "rope drive", "written report"],
    }
    assert (criteria["minItems"], criteria["maxItems"]) == (3, 3)


def test_a_brief_that_tells_much_is_told_few_facts_and_no_other_aim(assigned: Assigned) -> None:
    news = "closed on 27 and 28 January for a new deck, each ticket runs 2 days longer, nobody needs to do anything for that"
    order = conversation(assigned("email", news, FERRY))[-1]
    assert "crosses from 7:00" not in order
    assert "See the timetable" not in order
    short = conversation(assigned("email", "the ferry rests", FERRY))[-1]
    assert "crosses from 7:00" in short
    assert "See the timetable" in short


async def test_news_that_a_draft_leaves_out_are_told_in_another(assigned: Assigned) -> None:
    drafts = iter(["Come and see us on a day that suits you best, dear friends.", PARAGRAPH])
    brief = "the ferry rests on Monday 3 May while we paint its deck, take the bridge that day"
    result = await written(assigned("social_post", brief, FERRY), lambda _: next(drafts))
    assert PARAGRAPH in result.content.text


async def test_another_currency_is_found(assigned: Assigned) -> None:
    result = await written(
        assigned("social_post", "a crossing is £4.50 from May on", FERRY), lambda _: "A crossing is 4.50 € from May on."
    )
    (check,) = [one for one in result.checks if one.name == "figures from you"]
    assert check.value == ("4.50 €",)


async def test_a_description_of_one_paragraph_has_no_points(assigned: Assigned) -> None:
    brief = "description of our rope, 30 m, one paragraph"
    ask = CAPABLE.ask(assigned("product_description", brief), engine(lambda _: ""))
    assert ask.schema is not None
    assert "bullets" not in ask.schema["properties"]


async def test_a_subject_that_stays_too_long_ends_where_a_phrase_can_and_is_told(assigned: Assigned) -> None:
    long = "The ferry rests on Monday 3 May, as we paint the deck and the rail and the roof of the cabin"
    mail = MAIL | {"subject": long, "body": [PARAGRAPH]}
    result = await written(assigned("email", f"{long}. {PARAGRAPH}", FERRY), lambda _: mail)
    subject = result.content.parts["emails"][0]["subject"]
    assert subject == "The ferry rests on Monday 3 May, as we paint the deck"
    assert "longer than fits" in str(result.note)


async def test_the_examples_link_is_the_persons_own(assigned: Assigned) -> None:
    shown = worked_for(all_kinds()["email"], "en").assignment.profile.link
    mail = MAIL | {"body": [f"{PARAGRAPH} Look at {shown}."]}
    result = await written(
        assigned("email", "mail: the ferry rests on Monday, 3 May, we paint its deck", FERRY),
        lambda _: json.dumps(mail),
    )
    assert shown not in result.content.text
    assert "oselferry.example" in result.content.text


async def test_titles_that_stay_too_long_end_where_a_phrase_can(assigned: Assigned) -> None:
    page = worked_for(all_kinds()["seo_meta"], "en").written | {
        "titles": ["Osel Ferry timetable for spring - every crossing from 7:00 to 21:00 - £4 a crossing and more"]
    }
    result = await written(
        assigned("seo_meta", "title and description for the timetable page", FERRY), lambda _: json.dumps(page)
    )
    assert "**Title:** Osel Ferry timetable for spring\n" in result.content.text


async def test_backs_that_have_more_words_than_the_brief_wants_end_where_a_clause_does(assigned: Assigned) -> None:
    long = "where the cell keeps its genes and its plans, it is responsible for all that the cell does and it has two skins"
    cards = {
        "title": "Cells",
        "cards": [{"term": term, "meaning": long} for term in ("nucleus", "kernel", "core", "heart")],
    }
    result = await written(
        assigned("flashcards", "4 cards on the cell, back: 12 words tops"), lambda _: json.dumps(cards)
    )
    assert "it is responsible" not in result.content.text
    assert "where the cell keeps its genes" in result.content.text


async def test_a_text_that_breaks_off_where_its_room_ends_is_ended_at_a_clause(assigned: Assigned) -> None:
    whole = "the change of water from liquid to gas in the air, caused by the sun that warms it up and lets it rise"
    cut = f"{whole}, and then the cold of the high air makes it heavy again, so that the drops of it c"
    cards = {
        "title": "Water",
        "cards": [{"term": term, "meaning": cut} for term in ("steam", "vapour", "cloud", "rain")],
    }
    result = await written(assigned("flashcards", "4 cards on water"), lambda _: json.dumps(cards))
    backs = {card["back"] for card in result.content.parts["cards"]}
    assert backs == {
        "the change of water from liquid to gas in the air, caused by the sun that warms it up and lets it rise"
    }


@pytest.mark.parametrize(
    ("brief", "least"),
    [("email of 150 words", 3), ("email in 2 paragraphs, 200 words", 2), ("email, max 80 words", 1), ("email", 1)],
)
def test_so_many_words_need_so_many_paragraphs(brief: str, least: int, assigned: Assigned) -> None:
    ask = CAPABLE.ask(assigned("email", f"{brief}: we close on Monday", FERRY), engine(lambda _: ""))
    assert ask.schema is not None
    assert ask.schema["properties"]["body"]["minItems"] == least
