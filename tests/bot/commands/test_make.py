"""/copy, /lesson, /image and /ask, as people use them."""

from __future__ import annotations

import pytest
from discord_texts import body, find_buttons, find_fields, get_answer, list_texts, read_message, read_title
from documents import build_pdf, docx

from bot.kinds import find_kind, load_kinds

# Letters that no utterance has in that order, so that no kind is likely.
# Asks a command for what it does not make.
ELSEWHERE = "three tweets about our sale"


async def test_a_command_makes_the_named_kind(world):
    for command, kind in (
        ("copy", "social_post"),
        ("copy", "ad"),
        ("lesson", "quiz"),
        ("lesson", "lesson_plan"),
        ("image", "image_prompt"),
    ):
        result = await world.ada.slash(world.channel, command, brief="the tide pools at our beach", kind=kind)
        assert result.acknowledged
        assert not result.ephemeral
        assert read_title(result.response) == find_kind(kind).title
        assert body(result.response)
        assert world.script.drafts[-1].endswith("the tide pools at our beach")
        kept = await world.generation(result.response)
        assert (kept.kind, kept.user_id, kept.parent_id) == (kind, str(world.ada.id), None)
        assert kept.text.startswith(body(result.response)[:40])


async def test_options_appear_in_the_prompt(world):
    await world.ada.slash(
        world.channel,
        "copy",
        brief="open late on Friday",
        kind="social_post",
        tone="stern",
        audience="night owls",
        length="long",
        language="German",
    )
    assert "Language: German\nLength: long\nTone: stern\nReaders: night owls\n" in world.script.drafts[0]


async def test_the_audience_of_the_request_is_shown(world):
    result = await world.post(audience="night owls")
    assert list_texts(result.response)[0] == "-# Social post · for night owls"


async def test_a_missing_kind_is_found_within_the_commands_family(world):
    result = await world.ada.slash(world.channel, "copy", brief="tweet that we close on Monday")
    assert read_title(result.response) == "Social post"
    result = await world.ada.slash(world.channel, "lesson", brief="ten multiple choice questions on the water cycle")
    assert read_title(result.response) == "Quiz"
    # A matter without a kind is the command's own, whatever it sounds like.
    result = await world.ada.slash(world.channel, "lesson", brief="the roman baths in our town")
    assert find_kind(read_title(result.response)).family == "education"


@pytest.mark.parametrize(
    ("command", "brief", "other"),
    [
        ("image", "three tweets about our sale", "Social post"),
        ("copy", "a quiz on the water cycle, 5 questions", "Quiz"),
        ("lesson", "an instagram caption for our cake", "Social post"),
    ],
)
async def test_a_brief_that_clearly_asks_for_another_kind_is_confirmed(world, command, brief, other):
    asked = await world.ada.slash(world.channel, command, brief=brief)
    assert read_message(asked.response).startswith("That does not sound like a job for this command. What")
    family = {"copy": "marketing", "lesson": "education", "image": "image"}[command]
    label, own = find_buttons(asked.response)
    assert label == other
    assert find_kind(own).family == family
    assert world.script.drafts == []
    for wanted in (other, own):
        result = await world.ada.click(asked.response, label=wanted)
        assert read_title(result.response) == wanted
        assert brief in world.script.drafts[-1]


async def test_a_kind_named_in_the_command_is_not_confirmed(world):
    result = await world.ada.slash(world.channel, "image", brief="three tweets about our sale", kind="image_prompt")
    assert read_title(result.response) == "Image prompt"


async def test_a_paused_user_gets_the_commands_own_kind_without_a_question(world):
    await world.ada.slash(world.channel, "privacy pause")
    result = await world.ada.slash(world.channel, "image", brief="three tweets about our sale")
    assert read_title(result.response) == "Image prompt"
    assert "I guessed what you meant" in read_message(result.response)


async def test_autocomplete_offers_the_family(world):
    for command, family in (("copy", "marketing"), ("lesson", "education"), ("image", "image")):
        expected = {kind.name for kind in load_kinds().values() if kind.family == family}
        offered = await world.ada.autocomplete(world.channel, command, "kind", "")
        assert {choice["value"] for choice in offered} == expected
        some = next(iter(expected))
        narrowed = await world.ada.autocomplete(world.channel, command, "kind", find_kind(some).title.upper())
        assert some in {choice["value"] for choice in narrowed}
        assert await world.ada.autocomplete(world.channel, command, "kind", "zebra") == []


async def test_a_modal_asks_for_a_missing_brief(world):
    shown = await world.ada.slash(world.channel, "copy", kind="ad", audience="walkers")
    inputs = find_fields(shown.modal)
    brief, audience = inputs["Brief"], inputs["Audience (if different from your profile)"]
    assert audience["value"] == "walkers"
    assert world.script.prompts == []
    result = await world.ada.submit_modal(
        shown, {brief["custom_id"]: "boots that stay dry", audience["custom_id"]: "hikers"}
    )
    assert read_title(result.response) == "Ad"
    assert world.script.drafts[0].endswith("boots that stay dry")
    assert "Readers: hikers\n" in world.script.drafts[0]


async def test_an_empty_brief_in_the_modal_is_refused(world):
    shown = await world.ada.slash(world.channel, "copy", kind="ad")
    result = await world.ada.submit_modal(shown, {find_fields(shown.modal)["Brief"]["custom_id"]: "   "})
    assert result.response.ephemeral
    assert read_message(result.response).startswith("What should I make?")
    assert world.script.prompts == []


async def test_an_attachment_is_material(world):
    for name, content in (
        ("notes.txt", b"The harbour swim starts at dawn."),
        ("notes.MD", b"# Plan\n\nThe harbour swim starts at dawn."),
        ("notes.txt", "The harbour swim starts at dawn.".encode("utf-16")),
        ("notes.docx", docx("Plan", "The harbour swim starts at dawn.")),
        ("notes.pdf", build_pdf("The harbour swim starts at dawn.")),
    ):
        result = await world.post("invite people", file=(name, content))
        assert read_title(result.response) == "Social post"
        prompt = world.script.drafts[-1]
        material = prompt[prompt.rindex("<material>") : prompt.rindex("</material>")]
        assert "The harbour swim starts at dawn." in material
        assert prompt.endswith("invite people")


async def test_a_file_without_a_brief_is_enough(world):
    result = await world.ada.slash(world.channel, "copy", kind="social_post", file=("a.txt", b"The mill opens in May."))
    assert read_title(result.response) == "Social post"
    assert "The mill opens in May." in world.script.drafts[0]


async def test_invalid_requests_are_refused_privately(world):
    for options, said in (
        ({"kind": "sonnet"}, 'There is no kind called "sonnet"'),
        ({"kind": "quiz"}, "Quiz is not available with this command"),
        ({"language": "Klingon"}, 'I do not know the language "Klingon"'),
        ({"file": ("run.exe", b"MZ")}, "I cannot read .exe files."),
        ({"file": ("empty.txt", b"  \n")}, "There is no text in that file."),
        (
            {"file": ("broken.pdf", b"%PDF-1.4 no more")},
            "That .pdf file is damaged. Export it again",
        ),
        ({"brief": "???"}, "What should I make?"),
    ):
        result = await world.ada.slash(world.channel, "copy", **{"brief": "open on Sunday", **options})
        assert get_answer(result).ephemeral
        assert read_message(get_answer(result)).startswith(said)
        assert world.script.prompts == []
        assert world.channel.history(viewer=world.ben) == []
        assert (await world.app.store.generations.count_results_and_votes(str(world.ada.id)))[0] == 0


async def test_ask_finds_the_kind_to_make(world):
    result = await world.ada.slash(world.channel, "ask", question="tweet that we close on Monday")
    assert read_title(result.response) == "Social post"
    result = await world.ada.slash(
        world.channel, "ask", question="make a multiple choice quiz from this", file=("a.txt", b"Bees dance.")
    )
    assert read_title(result.response) == "Quiz"
    assert "<material>\nBees dance.\n</material>" in world.script.drafts[-1]


async def test_a_command_asks_before_it_makes_a_kind_outside_its_family(world):
    asked = await world.ada.slash(world.channel, "image", brief=ELSEWHERE)
    offered = find_buttons(asked.response)
    assert read_message(asked.response).startswith("That does not sound like a job for this command. What")
    assert 2 <= len(offered) <= 5
    assert world.script.drafts == []
    label = next(iter(offered))
    result = await world.ada.click(asked.response, label=label)
    assert read_title(result.response) == label
    assert world.script.drafts[0].endswith(ELSEWHERE)


async def test_a_text_that_no_kind_covers_is_written_without_a_question(world):
    shown = await world.ada.slash(world.channel, "ask", question="xqzt wvk")
    assert read_title(shown.response) == "Text"


async def test_only_the_user_who_was_asked_can_answer_a_question(world):
    asked = await world.ada.slash(world.channel, "image", brief=ELSEWHERE)
    result = await world.ben.click(asked.response, label=next(iter(find_buttons(asked.response))))
    assert result.response.ephemeral
    assert world.script.drafts == []


async def test_a_capable_model_decides_the_kind_if_the_wording_does_not(world):
    usual = world.script.answer
    world.script.answer = lambda messages: "email" if "Which one of these" in messages[0].text else usual(messages)
    result = await world.ada.slash(world.channel, "ask", question="xqzt wvk")
    assert read_title(result.response) == "Email"


async def test_the_same_commands_work_in_direct_messages(world):
    result = await world.ada.user.slash("copy", brief="open on Sunday", kind="social_post")
    assert read_title(result.response) == "Social post"


async def test_without_a_picture_engine_the_refusal_avoids_technical_terms(world):
    made = await world.ada.slash(world.channel, "image", brief="a red fox in the snow", kind="image_prompt")
    assert "-# Paste the prompt into an image model, or ask the people who run this bot" in read_message(made.response)
    assert not made.response.attachments
    assert "QUILLMATE" not in read_message(made.response)
