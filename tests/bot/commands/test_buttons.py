"""A result and its buttons, for its owner and for others."""

from __future__ import annotations

import io
import json
import re
import sqlite3
from contextlib import closing

import pytest
from acting import act_at_once, act_in_language, open_more, read_reasons, tap
from discord_texts import (
    body,
    find_buttons,
    find_fields,
    get_answer,
    list_menu_values,
    list_texts,
    read_message,
    read_title,
)
from docx import Document
from writing import ADDED

from bot.client import QuillmateBot
from bot.generation.tastes import QUICK_INSTRUCTIONS

BRIEF = "we close on Monday, back on Tuesday"


async def test_a_result_shows_its_kind_audience_and_five_controls(world):
    await world.app.store.profiles.update(
        str(world.ada.id),
        lambda profile: profile.model_copy(update={"organisation": "Fern & Fog Coffee", "audience": "neighbours"}),
    )
    world.script.says("Closed on Monday, back on Tuesday with warm scones.")
    result = (await world.post(BRIEF)).response
    shown = list_texts(result)
    assert shown == [
        "-# Social post · for Fern & Fog Coffee",
        "Closed on Monday, back on Tuesday with warm scones.",
    ], "what is fine needs no word"
    assert list(find_buttons(result)) == ["Change…", "Another", "Download", "Submit for review", "More…"]


@pytest.mark.parametrize(
    ("command", "kind", "fourth"),
    [("copy", "social_post", "Schedule…"), ("lesson", "quiz", "Play…"), ("image", "image_prompt", "Copy")],
)
async def test_the_fourth_control_is_the_most_likely_action(world, command, kind, fourth):
    brief = "3 questions on magnets"
    public = (await world.ada.slash(world.channel, command, kind=kind, brief=brief)).response
    assert list(find_buttons(public))[3] == ("Submit for review" if kind == "social_post" else fourth)
    private = (await world.ada.user.slash(command, kind=kind, brief=brief)).response
    assert list(find_buttons(private)) == ["Change…", "Another", "Download", fourth, "More…"]
    more = await open_more(world.ada.user, private)
    assert "Keep" not in find_buttons(more), "there is no team"
    assert ("Schedule…" in find_buttons(more)) is (kind == "quiz")


async def test_more_privately_shows_all_other_actions(world):
    first = (await world.post(BRIEF)).response
    for who in (world.ada, world.ben):
        more = (await who.click(first, label="More…")).response
        assert more.ephemeral
        assert read_message(more) == "What else would you like to do with it?"
        assert list(find_buttons(more)) == [
            "Copy",
            "Schedule…",
            "Keep",
            "Shorter",
            "Longer",
            "Variants",
            "Check it",
            "I like it",
            "Not for me",
            "Versions",
            "Why?",
        ]
        assert list_menu_values(more) == list(QUICK_INSTRUCTIONS)
    german = await act_in_language(world, "de", lambda: open_more(world.ada, first))
    assert read_message(german) == "Was möchtest du noch damit tun?"
    assert "Gefällt mir" in find_buttons(german)


async def test_a_failed_check_is_shown_with_figures_and_why_names_its_source(world):
    world.script.says(f"We mend ☕ {'bikes ' * 60}")
    made = (await world.post("tweet: we mend bikes, without emoji")).response
    assert (
        next(text for text in list_texts(made) if "✗" in text)
        == "-# ✗ 370 of 280 characters as X counts them · ✗ emoji you did not want: ☕"
    )
    page = await read_reasons(world.ada, made)
    assert "**Not as requested**" in page
    assert "- 370 of 280 characters as X counts them\n-# " in page
    assert "\n-# from your brief" in page


@pytest.mark.parametrize("label", ["Another", "Shorter", "Longer"])
async def test_a_button_makes_a_child_result(world, label):
    first = (await world.post(BRIEF)).response
    parent = await world.generation(first)
    before = body(first)
    result = await tap(world.ada, first, label)
    child = await world.generation(result.response)
    assert result.response.id != first.id
    assert not result.response.ephemeral, "also where it was asked for behind More…"
    assert read_title(result.response) == "Social post"
    assert (child.parent_id, child.user_id, child.kind) == (parent.id, parent.user_id, parent.kind)
    assert child.request["brief"] == BRIEF
    words, had = len(child.text.split()), len(parent.text.split())
    assert {"Another": words == had, "Shorter": words < had, "Longer": words > had}[label]
    assert body(first) == before, "the first result stays as it was"


async def test_change_asks_for_an_instruction(world):
    first = (await world.post(BRIEF)).response
    parent = await world.generation(first)
    shown = await world.ada.click(first, label="Change…")
    assert shown.modal["title"] == "What should change?"
    assert len(world.script.drafts) == 1
    wish = find_fields(shown.modal)["What you would like changed"]["custom_id"]
    result = await world.ada.submit_modal(shown, {wish: "mention the free coffee"})
    child = await world.generation(result.response)
    assert child.parent_id == parent.id
    assert any(prompt.endswith("Change: mention the free coffee") for prompt in world.script.prompts)
    assert child.request["notes"] == ["mention the free coffee"]
    assert child.request["before"] is None, "the version before is kept as a result of its own, and only there"
    assert child.text == f"{parent.text} {ADDED}"


async def test_an_empty_instruction_is_refused(world):
    first = (await world.post(BRIEF)).response
    shown = await world.ada.click(first, label="Change…")
    result = await world.ada.submit_modal(
        shown, {find_fields(shown.modal)["What you would like changed"]["custom_id"]: "  "}
    )
    assert result.response.ephemeral
    assert len(world.script.drafts) == 1


async def test_a_copy_is_private_and_contains_only_the_text(world):
    first = (await world.post(BRIEF)).response
    result = await tap(world.ada, first, "Copy")
    assert result.response.ephemeral
    assert result.response.content == (await world.generation(first)).text
    assert not result.followups


async def test_an_email_is_copied_in_pieces_in_order(world):
    made = await world.ada.slash(world.channel, "copy", kind="email", brief="we open at 9:30 on 3 May")
    mail = (await world.generation(made.response)).parts["emails"][0]
    result = await act_in_language(world, "es-ES", lambda: tap(world.ada, made.response, "Copiar"))
    assert result.response.content == "-# Para copiar uno a uno: 1. Asunto · 2. Texto de vista previa · 3. Texto"
    subject, preview, text = (one.content for one in result.followups)
    assert (subject, preview) == (mail["subject"], mail["preheader"])
    assert text.startswith("```\nHello and welcome,"), "with its list as it stands"
    assert "You can take three packets of seeds" in text
    assert "**" not in text
    assert all(one.ephemeral for one in (result.response, *result.followups))


async def test_a_copy_with_discord_markup_is_a_code_block(world):
    world.script.says("We close *early* on Monday, so come by on Sunday.")
    first = (await world.post(BRIEF)).response
    result = await tap(world.ada, first, "Copy")
    assert result.response.content == f"```\n{(await world.generation(first)).text}\n```"


async def test_a_copy_that_exceeds_the_message_limit_is_a_file(world):
    world.script.says("\n\n".join(f"Paragraph {number} tells of the sea. " * 12 for number in range(1, 32)))
    first = (await world.ada.slash(world.channel, "ask", question="make this clearer: We swim at dawn.")).response
    result = await tap(world.ada, first, "Copy")
    assert result.response.ephemeral
    assert result.response.content.startswith("That is too long to copy from messages")
    [file] = result.response.attachments
    assert re.fullmatch(r"Paragraph-1-tells-of-the-sea\.-Paragraph-1-tells-\d+\.txt", file.filename)
    assert (await file.read()).decode("utf-8-sig") == (await world.generation(first)).text


@pytest.mark.parametrize(
    ("command", "options", "label", "begins"),
    [
        ("lesson", {"kind": "quiz", "brief": "3 questions on magnets"}, "PDF", b"%PDF"),
        ("lesson", {"kind": "quiz", "brief": "3 questions on magnets"}, "Word", b"PK"),
        ("lesson", {"kind": "flashcards", "brief": "parts of a flower"}, "Anki", b"PK"),
        (
            "copy",
            {"kind": "campaign", "brief": "a campaign for our repair café, from 30 November"},
            "Calendar",
            b"BEGIN:VCALENDAR",
        ),
        ("image", {"kind": "logo", "brief": "round logo of an owl, navy"}, "Picture (PNG)", b"\x89PNG"),
    ],
)
async def test_the_likeliest_file_takes_one_click(world, command, options, label, begins):
    first = (await world.ada.slash(world.channel, command, **options)).response
    for who in (world.ada, world.ben):
        sent = get_answer(await tap(who, first, label))
        assert sent.ephemeral
        [file] = sent.attachments
        assert re.match(r"[A-Z][A-Za-z-]+-\d+\.[a-z]+$", file.filename)
        assert (await file.read()).startswith(begins)


async def test_the_download_menu_can_copy(world):
    first = (await world.ada.slash(world.channel, "lesson", kind="quiz", brief="3 questions on magnets")).response
    offered = (await world.ada.click(first, label="Download")).response
    assert list_menu_values(offered)[:6] == ["pdf", "docx", "apkg", "kahoot", "gift", "copy"]
    copied = get_answer(await world.ada.select(offered, values=["copy"]))
    assert copied.ephemeral
    assert "**" not in copied.content
    assert "||" not in copied.content


async def test_variant_labels_are_in_the_readers_language(world):
    made = await act_in_language(
        world, "de", world.ada.slash, world.channel, "image", kind="logo", brief="an owl, navy"
    )
    assert "Herunterladen" in find_buttons(made.response)
    more = await act_in_language(world, "de", lambda: open_more(world.ada, made.response))
    assert list(find_buttons(more))[:2] == ["Bild (PNG)", "Zeichnung (SVG)"]


async def test_a_code_fence_is_longer_than_any_in_the_text(world):
    text = "Run this: ```` and you are done here."
    world.script.says(text)
    first = (await world.post(BRIEF)).response
    assert (await world.generation(first)).text == text
    result = await tap(world.ada, first, "Copy")
    assert result.response.content == f"`````\n{text}\n`````"


async def test_a_long_text_is_copied_in_pieces(world):
    paragraphs = [f"Paragraph {number} tells of the sea. " * 12 for number in range(1, 12)]
    world.script.says("\n\n".join(paragraphs))
    first = (await world.ada.slash(world.channel, "ask", question="make this clearer: We swim at dawn.")).response
    assert read_title(first) == "Rewrite"
    result = await tap(world.ada, first, "Copy")
    pieces = [result.response.content, *[one.content for one in result.followups]]
    assert len(pieces) > 1
    assert all(len(piece) <= 2000 and piece.startswith("```\n") and piece.endswith("\n```") for piece in pieces)
    revealed = " ".join(piece.strip("`\n") for piece in pieces)
    assert revealed.split() == (await world.generation(first)).text.split()
    assert all(one.ephemeral for one in result.followups)


async def pick(world, shown, value, by=None):
    """Choose a file in the private menu of Download; return its name and content."""
    result = await (by or world.ada).select(shown, values=[value])
    [file] = get_answer(result).attachments
    return file.filename, await file.read()


async def test_download_offers_fitting_formats_and_sends_files_privately(world):
    first = (await world.post(BRIEF)).response
    result = await world.ada.click(first, label="Download")
    assert result.response.ephemeral
    assert read_message(result.response) == "Which file would you like?"
    assert list_menu_values(result.response) == ["copy", "csv", "docx", "md", "pdf", "txt", "xlsx"], (
        "the likeliest first"
    )
    text = "Come early. The left chair goes fast."
    name, body = await pick(world, result.response, "txt")
    assert re.fullmatch(r"Two-old-armchairs-one-tall-lamp-and-a-window-\d+\.txt", name)
    assert text in body.decode()
    name, body = await pick(world, result.response, "docx")
    assert text in [paragraph.text for paragraph in Document(io.BytesIO(body)).paragraphs]
    name, body = await pick(world, result.response, "pdf")
    assert body.startswith(b"%PDF")


async def test_a_quiz_offers_formats_for_teaching_software(world):
    first = (await world.ada.slash(world.channel, "lesson", kind="quiz", brief="3 questions on magnets")).response
    result = await world.ada.click(first, label="Download")
    assert {"apkg", "gift", "kahoot", "qti", "quizlet", "pdf"} <= set(list_menu_values(result.response))
    name, body = await pick(world, result.response, "kahoot")
    assert name.endswith(".kahoot.xlsx")
    assert body.startswith(b"PK")


async def test_a_failed_export_says_why_and_names_another_format(world):
    first = (await world.ada.slash(world.channel, "lesson", kind="quiz", brief="3 questions on magnets")).response
    result = await world.ada.click(first, label="Download")
    store = world.app.store.generations
    kept = await world.generation(first)
    kept.parts["items"][1]["question"] = "Why " * 40
    await store.add(kept)
    refused = await world.ada.select(result.response, values=["kahoot"])
    assert read_message(get_answer(refused)) == (
        "Too long for Kahoot: question 2 (159 characters; the limit is 120). Try .apkg instead."
    )


async def test_downloading_a_deleted_result_says_that_it_is_gone(world):
    first = (await world.post(BRIEF)).response
    result = await world.ada.click(first, label="Download")
    await world.app.store.people.forget(str(world.ada.id))
    refused = await world.ada.select(result.response, values=["txt"])
    assert "I no longer have" in read_message(get_answer(refused))


async def test_votes_can_be_cast_changed_and_withdrawn(world):
    first = (await world.post(BRIEF)).response
    generation_id, me = (await world.generation(first)).id, str(world.ada.id)

    async def press(label: str) -> tuple[str, int]:
        result = await tap(world.ada, first, label)
        assert result.response.ephemeral
        return read_message(result.response), await world.app.store.generations.get_vote(generation_id, me)

    assert await press("I like it") == ("Thanks! Good to know.", 1)
    said, votes = await press("Not for me")
    assert said.startswith("Thanks for telling me.")
    assert votes == -1
    assert await press("Not for me") == ("Vote removed.", 0)


async def test_others_cannot_change_a_result(world):
    first = (await world.post(BRIEF)).response
    before = body(first)
    for label in ("Another", "Shorter", "Longer", "Change…"):
        result = await tap(world.ben, first, label)
        assert result.modal is None
        assert result.response.ephemeral
        assert read_message(result.response).startswith("Only the person who asked for it can change it.")
        assert body(first) == before
        assert len(world.script.drafts) == 1


async def test_others_can_copy_download_and_vote(world):
    first = (await world.post(BRIEF)).response
    copied = await tap(world.ben, first, "Copy")
    assert "The reading corner is ready." in copied.response.content
    downloaded = await world.ben.click(first, label="Download")
    name, _ = await pick(world, downloaded.response, "md", by=world.ben)
    assert name.endswith(".md")
    await tap(world.ben, first, "I like it")
    generation_id = (await world.generation(first)).id
    assert await world.app.store.generations.get_vote(generation_id, str(world.ben.id)) == 1


async def test_buttons_work_after_a_restart(world, settings, script):
    from bot.app import App

    quiz = (await world.ada.slash(world.channel, "lesson", kind="quiz", brief="3 questions on magnets")).response
    first = (await world.post(BRIEF)).response
    parent = await world.generation(first)
    # The process before is gone; a new one opens the same folder.
    await world.app.__aexit__(None, None, None)
    async with App(settings, engines=[script.engine()]) as app:
        app.routing._router = world.app.routing._router
        world.bot = QuillmateBot(app, shard_count=1)
        await world.env.restart_bot(world.bot)
        result = await tap(world.ada, first, "Shorter")
        assert (await world.generation(result.response)).parent_id == parent.id
        shown = await world.ada.click(first, label="Change…")
        assert shown.modal["title"] == "What should change?"
        copied = await tap(world.ada, first, "Copy")
        assert parent.text in copied.response.content
        [file] = get_answer(await tap(world.ada, quiz, "PDF")).attachments
        assert (await file.read()).startswith(b"%PDF")


@pytest.mark.parametrize("label", ["Another", "Shorter"])
async def test_a_button_pressed_twice_at_once_makes_one_result(world, label):
    first = (await world.post(BRIEF)).response
    shown = await open_more(world.ada, first, label)

    async def press():
        return await world.ada.click(shown, label=label)

    world.script.provider.model.pause = 0.03  # Or the first may be done before the second has been looked up.
    one, two = await act_at_once(world.env, press, press)
    world.script.provider.model.pause = 0.0
    assert one.acknowledged
    assert two.acknowledged
    assert len(world.script.drafts) == 2
    assert (await world.app.store.generations.count_results_and_votes(str(world.ada.id)))[0] == 2
    # Once it is there, the button is good for another.
    await press()
    assert (await world.app.store.generations.count_results_and_votes(str(world.ada.id)))[0] == 3


async def test_a_kind_button_pressed_twice_at_once_makes_one_result(world):
    asked = (await world.ada.slash(world.channel, "image", brief="three tweets about our sale")).response
    label = next(iter(find_buttons(asked)))

    async def press():
        return await world.ada.click(asked, label=label)

    world.script.provider.model.pause = 0.03
    await act_at_once(world.env, press, press)
    assert len(world.script.drafts) == 1


async def test_a_forgotten_result_says_so_at_every_button(world):
    labels = ("Another", "Change…", "Copy", "Download", "I like it", "Keep", "Submit for review", "Versions", "Why?")
    first = (await world.post(BRIEF)).response
    shown = {label: await open_more(world.ada, first, label) for label in labels} | {"More…": first}
    await world.app.store.people.forget(str(world.ada.id))
    for label, where in shown.items():
        result = await world.ada.click(where, label=label)
        assert result.response.ephemeral, label
        assert read_message(result.response) == "I no longer have that result.", label
    assert len(world.script.drafts) == 1


async def test_a_change_of_a_result_forgotten_meanwhile_is_answered(world):
    """The wish comes when the result is gone: it is told or made anew, but nothing breaks."""
    first = (await world.post(BRIEF)).response
    shown = await world.ada.click(first, label="Change…")
    await world.app.store.people.forget(str(world.ada.id))
    result = await world.ada.submit_modal(
        shown, {find_fields(shown.modal)["What you would like changed"]["custom_id"]: "say it nicer"}
    )
    assert read_message(result.response)


async def test_a_button_of_a_removed_kind_says_so(world, settings):
    first = (await world.post(BRIEF)).response
    with closing(sqlite3.connect(settings.data / "quillmate.db")) as connection:
        connection.execute("UPDATE generations SET kind = 'haiku'")
        connection.commit()
    for label in ("Another", "Download", "More…"):
        result = await world.ada.click(first, label=label)
        assert 'There is no kind called "haiku"' in read_message(get_answer(result))
        assert get_answer(result).ephemeral


async def test_a_picture_can_be_regenerated_and_its_settings_shown(world):
    world.script.says("a fox in a wood at dawn, ink\n\nFormat: 1:1\nSeed: 42\nAlt text: A fox in a wood.")
    made = (await world.ada.slash(world.channel, "image", kind="image_prompt", brief="a fox, sd 1.5, seed 42")).response
    told_all = (await tap(world.ben, made, "Seed and settings")).response
    assert told_all.ephemeral
    known = json.loads(told_all.content.removeprefix("```").removesuffix("```"))
    assert (known["target"], known["seed"], known["width"]) == ("sd15", 42, 512)
    varied = (await tap(world.ada, made, "Another")).response
    assert (await world.generation(varied)).parent_id == (await world.generation(made)).id


async def test_a_file_is_named_after_the_title_of_its_text(world):
    world.script.says("# Magnets: what sticks?\n\n1. Name a magnetic metal. ____\n\n**Answer key**\n1. Iron")
    made = await world.ada.slash(world.channel, "lesson", kind="worksheet", brief="3 questions on magnets")
    [file] = get_answer(await tap(world.ada, made.response, "PDF")).attachments
    assert re.fullmatch(r"Magnets-what-sticks-\d+\.pdf", file.filename)


async def test_a_file_is_named_in_the_readers_language(world):
    world.script.says("1. Name a magnetic metal. ____\n\n**Answer key**\n1. Iron")
    made = await world.ada.slash(world.channel, "lesson", kind="worksheet", brief="3 questions on magnets")
    taken = await act_in_language(world, "de", lambda: tap(world.ada, made.response, "PDF"))
    [file] = get_answer(taken).attachments
    assert re.fullmatch(r"Arbeitsblatt-\d+\.pdf", file.filename)
