"""A conversation goes on: replies, direct messages and threads know what came before; a writer may ask one question."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import discord
import pytest
from acting import tap
from discord_texts import body, find_buttons, find_fields, list_file_names, read_message
from docx import Document
from writing import extract_instruction

from bot.client import QuillmateBot
from bot.errors import EngineError
from bot.generation.conversation import CHANGE

POST = "We close on Monday and are back on Tuesday."
SHORT = "Closed Monday, back Tuesday."


def script_texts(world, *answers, meant=CHANGE):
    """Let the model write these texts in turn; asked what a message is meant for, it says `meant`; asked for its kind, it is unsure."""
    given = iter(answers)

    def answer(messages):
        if messages[0].text.startswith("Which one of these"):
            return "unsure"
        return meant if messages[0].text.startswith("Somebody goes on") else next(given, "1. A")

    world.script.answer = answer


def get_last_prompt(world):
    """Return the last prompt of the model."""
    return world.script.prompts[-1]


async def test_a_direct_message_about_the_last_result_changes_it(world):
    script_texts(world, POST, SHORT)
    await world.ada.send_dm("a tweet: we close on Monday, back on Tuesday")
    await world.ada.send_dm("shorter please")
    kept = await world.app.store.generations.list_latest(str(world.ada.id), 2)
    assert [one.text for one in kept] == [SHORT, POST]
    assert kept[0].parent_id == kept[1].id


async def test_a_new_text_is_written_with_the_earlier_conversation(world):
    script_texts(world, POST, "Subject: Monday\n\nWe close on Monday.", meant="email")
    await world.ada.send_dm("a tweet: we close on Monday, back on Tuesday")
    await world.ada.send_dm("and now a newsletter email to our subscribers about it")
    assert "What came before in this conversation:" in get_last_prompt(world)
    assert POST in get_last_prompt(world)
    [mail, _] = await world.app.store.generations.list_latest(str(world.ada.id), 2)
    assert (mail.kind, mail.parent_id) == ("email", None)


async def test_a_reply_that_asks_for_another_kind_makes_it_from_the_result(world):
    script_texts(world, POST, "1. What day is it closed?\nA) Monday\nB) Tuesday\n\nKey: 1 A", meant="quiz")
    await world.post()
    await world.ada.send(world.channel, f"{world.me} make a quiz with one question about it", reply_to=world.last)
    [quiz, _] = await world.app.store.generations.list_latest(str(world.ada.id), 2)
    assert quiz.kind == "quiz"
    assert POST in world.script.drafts[-1]


async def test_a_file_named_in_the_brief_comes_with_the_text_and_its_changes(world):
    script_texts(world, "Dear parents,\n\nwe close on Monday.", "Dear parents,\n\nclosed Monday.")
    await world.ada.send_dm("a letter to parents as a Word file: we close on Monday")
    answer = world.ada.user.dm_channel.last_message
    assert "we close on Monday" in body(answer)
    assert [file.rpartition(".")[2] for file in list_file_names(answer)] == ["docx"]
    await world.ada.send_dm("shorter please")
    [file] = world.ada.user.dm_channel.last_message.attachments
    assert "closed Monday." in [one.text for one in Document(io.BytesIO(await file.read())).paragraphs]


async def test_an_earlier_text_comes_as_a_file_without_being_written_again(world):
    script_texts(world, POST, meant="file 1")
    await world.ada.send_dm("a tweet: we close on Monday, back on Tuesday")
    await world.ada.send_dm("can I have that as a PDF and as an Anki deck please")
    answer = world.ada.user.dm_channel.last_message
    assert read_message(answer).startswith("Here it is.\nThis text has nothing that a .apkg file could contain.")
    [file] = answer.attachments
    assert (await file.read()).startswith(b"%PDF")
    assert len(await world.app.store.generations.list_latest(str(world.ada.id), 5)) == 1
    await world.ada.send_dm("it says something about a file")
    assert not world.ada.user.dm_channel.last_message.attachments, "no format is named"


def script_small_model(world, *answers):
    """Let a small model write these texts in turn; it is not asked what a message is meant for."""
    world.script.provider.traits = replace(world.script.provider.traits, small=True)
    script_texts(world, *answers, meant="hm")


async def test_a_small_model_is_not_asked_whether_a_message_is_a_change(world):
    quiz = "1. What is it?\nA) An acid\nB) A base\n\nKey: 1 A"
    script_small_model(world, quiz, quiz.replace("acid", "isotope"), quiz.replace("acid", "ester"))
    await world.ada.send_dm("a quiz on acids for grade 9, 1 question")
    await world.ada.send_dm("change question 1: ask about isotopes")
    await world.ada.send_dm("a quiz on esters and fats for grade 9, 1 question, 2 options each")
    esters, isotopes, acids = await world.app.store.generations.list_latest(str(world.ada.id), 3)
    assert (isotopes.parent_id, esters.parent_id) == (acids.id, None)
    assert not any(prompt.startswith("Somebody goes on") for prompt in world.script.prompts)


@pytest.mark.parametrize(
    "change", ["shorter please", "the second sentence should say when we are back", "und auf Deutsch"]
)
async def test_a_mention_that_asks_for_a_change_changes_the_last_text_and_any_other_begins_anew(world, change):
    script_small_model(world, POST, SHORT, "New mugs are here.")
    await world.post()
    await world.ada.send(world.channel, f"{world.me} {change}")
    assert SHORT in body(world.last)
    await world.ada.send(world.channel, f"{world.me} something nice about the new mugs in our shop window")
    newest, changed, first = await world.app.store.generations.list_latest(str(world.ada.id), 3)
    assert (newest.parent_id, changed.parent_id) == (None, first.id)
    assert POST not in get_last_prompt(world)


@pytest.mark.parametrize("meant", ["social_post 0", "hm"])
async def test_a_mention_in_a_channel_starts_a_new_conversation(world, meant):
    script_texts(world, POST, "New mugs are here.", meant=meant)
    await world.post()
    await world.ada.send(world.channel, f"{world.me} a tweet that we have new mugs")
    assert POST not in get_last_prompt(world)


async def test_messages_of_others_and_old_messages_are_not_remembered(world):
    script_texts(world, POST, SHORT, "New mugs are here.")
    await world.ada.send_dm("a tweet: we close on Monday, back on Tuesday")
    [old] = await world.app.store.generations.list_latest(str(world.ada.id), 1)
    earlier = replace(old, id="old", created_at=datetime.now(UTC) - timedelta(hours=2))
    await world.app.store.generations.add(earlier)
    await world.ben.send_dm("a tweet that we have new mugs")
    assert POST not in get_last_prompt(world)


async def test_a_reply_that_discord_hides_is_answered_with_a_hint(world):
    script_texts(world, POST, SHORT)
    shown = (await world.post()).response
    await world.ada.send(world.channel, "shorter", reply_to=shown)
    hint = world.last
    assert read_message(hint).startswith("Discord hides replies to a command's answer from me.")
    await world.ada.send(world.channel, "shorter", reply_to=hint)
    assert extract_instruction(world.script.provider.model.calls[-1]) == "shorter"
    assert SHORT in body(world.last)
    script_texts(world, POST)
    await world.ada.send(world.channel, "longer", reply_to=world.last)
    assert POST in body(world.last), "the answer to a message has replies that Discord shows"
    script_texts(world, SHORT)
    modal = await tap(world.ada, hint, "Change…")
    assert "What you would like changed" in find_fields(modal.modal)
    await world.ada.submit_modal(
        modal, {find_fields(modal.modal)["What you would like changed"]["custom_id"]: "shorter"}
    )
    assert SHORT in body(world.last)


@pytest.fixture
def _portal_grants_message_content(monkeypatch):
    granted = discord.ApplicationFlags(gateway_message_content_limited=True)
    monkeypatch.setattr(QuillmateBot, "application_flags", granted)


@pytest.mark.usefixtures("_portal_grants_message_content")
async def test_with_message_content_a_reply_to_a_command_changes_its_text(world):
    script_texts(world, POST, SHORT)
    shown = (await world.post()).response
    await world.ada.send(world.channel, "shorter", reply_to=shown)
    assert SHORT in body(world.last)
    count = len(world.channel.history())
    await world.ada.send(world.channel, "what a nice post")
    assert len(world.channel.history()) == count + 1, "what is not meant for the bot is not read"


async def test_the_buttons_of_a_question_are_in_its_language(world):
    script_texts(world, "<ask>Worüber soll der Beitrag sein? | Öffnungszeiten</ask>")
    await world.ada.send(world.channel, f"{world.me} mach mal was")
    assert list(find_buttons(world.last)) == ["Öffnungszeiten", "Andere Antwort …"]


@pytest.mark.parametrize("press", ["Opening hours", "Another answer…"])
async def test_a_writer_asks_one_question_and_continues_from_the_answer(world, press):
    script_texts(world, "<ask>What should this week's posts be about? | Opening hours | New bread</ask>", POST)
    await world.ada.send(world.channel, f"{world.me} can you write this week's posts?")
    asked = world.last
    assert "What should this week's posts be about?" in read_message(asked)
    assert list(find_buttons(asked)) == ["Opening hours", "New bread", "Another answer…"]
    shown = await world.ada.click(asked, label=press)
    if press == "Another answer…":
        answer = find_fields(shown.modal)["Your answer"]["custom_id"]
        await world.ada.submit_modal(shown, {answer: "Opening hours"})
    assert "Request: can you write this week's posts?\nOpening hours" in get_last_prompt(world)
    assert POST in body(world.last)


async def test_a_text_that_no_kind_covers_is_still_written(world):
    script_texts(world, "To Ana, who stopped to help.")
    await world.ada.send(world.channel, f"{world.me} a toast for my sister's wedding, she met him at the bakery")
    [toast] = await world.app.store.generations.list_latest(str(world.ada.id), 1)
    assert (toast.kind, toast.text) == ("text", "To Ana, who stopped to help.")


async def test_a_toast_after_a_tweet_is_a_new_text(world):
    script_texts(world, POST, "To Jo, who retires.", meant="text")
    await world.ada.send_dm("a tweet: we close on Monday, back on Tuesday")
    await world.ada.send_dm("a toast for our baker Jo who retires after 30 years")
    [toast, _] = await world.app.store.generations.list_latest(str(world.ada.id), 2)
    assert (toast.kind, toast.parent_id) == ("text", None)


async def test_a_model_that_names_no_text_falls_back_to_the_wording(world):
    script_texts(world, POST, SHORT, meant="hm")
    await world.ada.send_dm("a tweet: we close on Monday, back on Tuesday")
    await world.ada.send_dm("shorter please")
    kept = await world.app.store.generations.list_latest(str(world.ada.id), 2)
    assert [one.text for one in kept] == [SHORT, POST]


async def test_after_a_change_the_prompt_has_only_the_instruction_and_last_text(world):
    script_texts(world, POST, SHORT)
    await world.ada.send_dm("a tweet: we close on Monday, back on Tuesday")
    await world.ada.send_dm("shorter, for the ferry crew")
    script_texts(world, "A mail.", meant="email")
    await world.ada.send_dm("and now a mail")
    prompt = world.script.drafts[-1]
    assert "They asked: a tweet: we close on Monday, back on Tuesday\nshorter, for the ferry crew" in prompt
    assert SHORT in prompt
    assert POST not in prompt


@pytest.mark.parametrize("by", ["reply", "direct"])
async def test_a_typed_answer_continues_from_the_question(world, by):
    script_texts(world, POST, "<ask>What for tomorrow? | Opening hours</ask>", SHORT)
    if by == "direct":
        send, at = world.ada.send_dm, world.ada.user.dm_channel
        await send("a tweet: we close on Monday, back on Tuesday")
        world.script.answer = ask_before(SHORT)
        await send("and now something for tomorrow")
        assert "What for tomorrow?" in read_message(at.last_message)
        await send("the kitchen is closed, burgers are back on Saturday")
    else:
        await world.post()
        world.script.answer = ask_before(SHORT)
        await world.ada.send(world.channel, f"{world.me} something for tomorrow")
        assert "What for tomorrow?" in read_message(world.last)
        words = f"{world.me} the kitchen is closed, burgers are back on Saturday"
        await world.ada.send(world.channel, words, reply_to=world.last)
    [made] = await world.app.store.generations.list_latest(str(world.ada.id), 1)
    assert made.text == SHORT
    assert made.parent_id is None
    assert "something for tomorrow\nthe kitchen is closed, burgers are back on Saturday" in made.request["brief"]


def ask_before(text):
    """Return an answer function that asks one question and then writes `text`."""
    given = iter(["<ask>What for tomorrow? | Opening hours</ask>"])
    return lambda messages: "text" if "name" in messages[0].text[:120] else next(given, text)


async def test_a_conversation_in_spanish_stays_spanish_after_a_short_message(world):
    script_texts(world, "Talleres de coronas los sábados de diciembre, 25 euros.", "Talleres de coronas, 25 euros.")
    await world.ada.send_dm("un texto para Instagram: talleres de coronas los sábados de diciembre, 25 euros")
    await world.ada.send_dm("más corto")
    assert "Cambiar…" in find_buttons(world.ada.user.dm_channel.last_message)


async def test_a_user_can_go_back_to_an_earlier_version(world):
    script_texts(world, POST, SHORT)
    await world.ada.send_dm("a tweet: we close on Monday, back on Tuesday")
    await world.ada.send_dm("shorter please")
    script_texts(world, POST)
    await world.ada.send_dm("no, back to the first one")
    prompt = next(one for one in world.script.prompts[::-1] if one.endswith("Change: no, back to the first one"))
    assert f"An earlier version of the text below:\n{POST}" in prompt
    [now, *_] = await world.app.store.generations.list_latest(str(world.ada.id), 3)
    assert now.text == POST


async def test_an_intervening_question_is_not_the_text_to_change(world):
    script_texts(world, POST, "Mondays are quiet, so yes.", meant="chat")
    await world.ada.send_dm("a tweet: we close on Monday, back on Tuesday")
    await world.ada.send_dm("is Monday a good day for that, what do you think?")
    script_texts(world, SHORT)
    await world.ada.send_dm("ok, then make it shorter")
    [now, answer, first] = await world.app.store.generations.list_latest(str(world.ada.id), 3)
    assert answer.kind == "chat"
    assert (now.text, now.parent_id) == (SHORT, first.id)


async def test_an_impossible_change_leaves_the_text_and_says_why(world):
    script_texts(world, POST, "<check>There is no third line.</check>")
    await world.ada.send_dm("a tweet: we close on Monday, back on Tuesday")
    await world.ada.send_dm("take the third line out")
    shown = world.ada.user.dm_channel.last_message
    assert "To check: There is no third line." in read_message(shown)
    assert POST not in read_message(shown)


async def test_a_writer_that_returns_no_text_says_why(world):
    script_texts(world, "<check>I cannot write in Klingon.</check>")
    await world.ada.send_dm("a tweet in Klingon: we close on Monday")
    shown = world.ada.user.dm_channel.last_message
    assert "I cannot write in Klingon." in read_message(shown)
    assert list(find_buttons(shown)) == ["Answer…"]


async def test_a_reply_in_a_channel_sees_the_earlier_conversation(world):
    script_texts(world, POST, "A mail.", meant="email")
    await world.ada.send(world.channel, f"{world.me} a tweet: we close on Monday, back on Tuesday")
    await world.ada.send(world.channel, f"{world.me} and a mail", reply_to=world.last)
    script_texts(world, "A short mail.")
    await world.ada.send(world.channel, f"{world.me} shorter", reply_to=world.last)
    assert POST in next(one for one in world.script.prompts[::-1] if one.endswith("Change: shorter"))


async def test_notes_full_of_names_are_answered_in_the_servers_language(world):
    script_texts(world, "Rita on composting.")
    await world.ada.send_dm(
        "show notes ep 42, guest Rita Amaral, composting in a flat, bokashi, smell myths, her worm Gerald"
    )
    assert "Change…" in find_buttons(world.ada.user.dm_channel.last_message)


MAIL = "Subject: Monday\n\nWe close on Monday and are back on Tuesday."


async def write_post_and_email(world, send):
    """Have a post written, then an email about it."""
    script_texts(world, POST, MAIL, meant="email 1")
    await send("a tweet: we close on Monday, back on Tuesday")
    await send("and a mail about it")


def move_to_friday(text):
    """Return the change of Monday to Friday in `text`, as a search-and-replace block."""
    line = next(line for line in text.splitlines() if "Monday and" in line)
    return f"<<<<<<< OLD\n{line}\n=======\n{line.replace('Monday', 'Friday')}\n>>>>>>> NEW"


async def test_a_change_to_both_texts_is_shown_in_a_message_for_each(world):
    await write_post_and_email(world, world.ada.send_dm)
    before = len(world.ada.user.dm_channel.history())
    script_texts(world, move_to_friday(POST), move_to_friday(MAIL), meant="change 1, 2")
    await world.ada.send_dm("it's Friday, in both")
    shown = [one for one in world.ada.user.dm_channel.history()[before:] if one.author.id == world.bot.user.id]
    assert sorted(body(one) for one in shown) == sorted(
        text.replace("Monday and", "Friday and") for text in (POST, MAIL)
    )
    assert all("Change…" in find_buttons(one) for one in shown)
    mail, post, old_mail, old_post = await world.app.store.generations.list_latest(str(world.ada.id), 4)
    assert (mail.parent_id, post.parent_id) == (old_mail.id, old_post.id)
    assert [await world.generation(one) for one in shown] in ([mail, post], [post, mail])


async def test_a_change_to_an_earlier_text_leaves_the_newest_unchanged(world):
    await write_post_and_email(world, world.ada.send_dm)
    script_texts(world, move_to_friday(POST), meant="change 2")
    await world.ada.send_dm("in the tweet it is Friday")
    [now, mail, post] = await world.app.store.generations.list_latest(str(world.ada.id), 3)
    assert (now.text, now.parent_id) == (POST.replace("Monday", "Friday"), post.id)
    assert mail.text == MAIL


async def test_one_of_two_changes_can_fail_and_be_retried(world):
    await write_post_and_email(world, world.ada.send_dm)
    before = len(world.ada.user.dm_channel.history())
    is_post = [True]

    def answer(messages):
        if messages[0].text.startswith("Somebody goes on"):
            return "change 1, 2"
        about_post = "What it is: social post." in messages[1].text
        return EngineError("away") if about_post and is_post[0] else move_to_friday(POST if about_post else MAIL)

    world.script.answer = answer
    await world.ada.send_dm("it's Friday, in both")
    shown = [one for one in world.ada.user.dm_channel.history()[before:] if one.author.id == world.bot.user.id]
    [failed] = [one for one in shown if "Change…" not in find_buttons(one)]
    is_post[0] = False
    [label] = find_buttons(failed)
    await world.ada.user.click(failed, label=label)
    [now, mail] = await world.app.store.generations.list_latest(str(world.ada.id), 2)
    assert {now.text, mail.text} == {text.replace("Monday and", "Friday and") for text in (POST, MAIL)}


async def test_a_text_with_many_versions_does_not_hide_the_others(world):
    await write_post_and_email(world, world.ada.send_dm)
    for size in range(3):
        script_texts(world, f"Subject: Monday {size}\n\nClosed.", meant="change 1")
        await world.ada.send_dm("shorter")
    script_texts(world, move_to_friday(POST), meant="change 2")
    await world.ada.send_dm("in the tweet it is Friday")
    [now] = await world.app.store.generations.list_latest(str(world.ada.id), 1)
    assert now.text == POST.replace("Monday", "Friday")


async def test_a_channel_mention_continues_a_text_if_the_model_says_so(world):
    script_texts(world, POST, MAIL, meant="email 1")
    await world.post()
    await world.ada.send(world.channel, f"{world.me} and a mail about it")
    assert POST in world.script.drafts[-1]
    script_texts(world, move_to_friday(POST), move_to_friday(MAIL), meant="change 1, 2")
    await world.ada.send(world.channel, f"{world.me} it's Friday, everywhere")
    kept = await world.app.store.generations.list_latest(str(world.ada.id), 2)
    assert all("Friday and" in one.text for one in kept)


LONG = " ".join(["We close on Monday and are back on Tuesday."] * 3)


async def test_a_password_in_the_text_itself_does_not_refuse_its_change(world):
    script_texts(world, "Welcome! The password is seagull22.", "Welcome! The password is seagull22. Quiet from 11.")
    await world.ada.send_dm("a tweet that welcomes guests: wifi HarborHouse pw seagull22")
    await world.ada.send_dm("add that it is quiet from 11")
    kept = await world.app.store.generations.list_latest(str(world.ada.id), 2)
    assert kept[0].text.endswith("Quiet from 11.")
    await world.ada.send_dm("add that the password of the office is Tr0ub4dor3")
    assert "seems to contain a key or password" in read_message(world.ada.user.dm_channel.last_message)


async def test_a_withdrawn_requirement_is_not_measured_again(world):
    script_texts(world, POST)
    await world.ada.send_dm("a tweet of at most 10 words: we close on Monday, back on Tuesday")
    script_texts(world, f"{LONG}\n<skip>1</skip>")
    await world.ada.send_dm("never mind the 10 words, say more")
    asked = world.script.prompts[-1]
    assert "These measured requirements are met:\n1. 9 of 10 words" in asked
    script_texts(world, LONG.replace("Monday", "Friday"))
    await world.ada.send_dm("it's Friday")
    assert "These measured requirements" not in world.script.prompts[-1]
    assert not [one for one in world.script.prompts if "I measured your text" in one]
    assert "⚠" not in read_message(world.ada.user.dm_channel.last_message)


async def test_a_requirement_that_still_applies_is_measured_in_later_turns(world):
    script_texts(world, POST)
    await world.ada.send_dm("a tweet of at most 10 words: we close on Monday, back on Tuesday")
    script_texts(world, f"{POST} Really, we do.", SHORT)
    await world.ada.send_dm("friendlier")
    assert "It has 12 words; at most 10 fit." in world.script.prompts[-1]
    assert body(world.ada.user.dm_channel.last_message) == SHORT
