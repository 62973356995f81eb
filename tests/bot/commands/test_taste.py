"""Votes with reasons, wishes, variants and own edits: what they teach, how it is said, and how it is undone."""

from __future__ import annotations

import pytest
from acting import open_more, tap
from discord_texts import (
    body,
    find_buttons,
    find_fields,
    get_answer,
    get_components,
    list_menu_values,
    list_texts,
    read_message,
    walk_components,
)
from sqlalchemy import event
from writing import format_versions

from bot.generation.tastes import QUICK_INSTRUCTIONS, REASONS
from personas.profile import Profile
from storage.errors import StorageError

BRIEF = "we close on Monday, back on Tuesday"
LONG = (
    "We're closed on Monday and we're back on Tuesday! Come by for warm scones, strong coffee and a chat by the window. "
    "The terrace is open too, dogs and wet umbrellas are welcome as always."
)


async def profile(world, member=None):
    return await world.app.store.profiles.get(str((member or world.ada).id))


async def habits(world):
    held, _ = await world.app.store.profiles.load_known(str(world.ada.id))
    return {name: entry.value for name, entry in held.sources.items()}


async def vote(world, message, sign, *reasons, by=None):
    """Vote and choose reasons; return the answer."""
    asked = await tap((by or world.ada), message, sign)
    return await (by or world.ada).select(asked.response, values=list(reasons))


async def say(world, text, **options):
    return await world.ada.send(world.channel, f"{world.me} {text}", **options)


async def test_a_preference_needs_two_votes_for_the_same_reason(world):
    first, second = (await world.post(BRIEF)).response, (await world.post(BRIEF)).response
    said = await vote(world, first, "Not for me", "long")
    assert read_message(said.response) == "Noted. I'll adjust once I hear this about two results."
    assert (await profile(world)).preferred_length == "medium"
    said = await vote(world, second, "Not for me", "long")
    assert "Learnt: Length → short" in read_message(said.response)
    assert (await profile(world)).preferred_length == "short"
    await world.post("new mugs")
    assert '"preferred_length": "short"' in world.script.drafts[-1]
    assert "preferred_length" not in world.script.drafts[0]


def record_transactions(world):
    """Return a list to which each transaction of the database that begins is added."""
    begun = []
    event.listen(world.app.store.database._engine.sync_engine, "begin", begun.append)
    return begun


@pytest.mark.parametrize("sign", ["I like it", "Not for me"])
async def test_a_vote_takes_one_transaction_besides_loading_its_result(world, sign):
    for _ in range(2):
        await vote(world, (await world.post(BRIEF)).response, "Not for me", "long")
    more = await open_more(world.ada, (await world.post(BRIEF)).response)
    begun = record_transactions(world)
    await world.ada.click(more, label=sign)
    assert len(begun) == 2
    await world.ada.click(more, label=sign)
    assert len(begun) == 4


async def test_a_vote_that_cannot_be_stored_leaves_preferences_unchanged(world, monkeypatch):
    """All of it is kept or nothing: what the earlier vote has taught stays where the newer one fails."""
    for _ in range(2):
        shown = (await world.post(BRIEF)).response
        await vote(world, shown, "Not for me", "formal")
    assert (await habits(world))["formality"] == "casual"

    async def fails(*_args, **_options):
        raise StorageError("The disk is full.")

    monkeypatch.setattr(world.app.store.generations, "record_vote", fails)
    said = await tap(world.ada, shown, "I like it")
    assert read_message(said.response) == "The disk is full."
    assert (await habits(world))["formality"] == "casual"


async def test_an_undone_preference_is_not_learnt_again_from_the_same_votes(world):
    for _ in range(2):
        said = await vote(world, (await world.post(BRIEF)).response, "Not for me", "emoji")
    assert (await profile(world)).emoji == "none"
    done = await world.ada.click(said.response, label="Undo")
    assert read_message(done.response) == "Undone: Emoji → none"
    assert (await profile(world)).emoji == "few"
    await vote(world, (await world.post(BRIEF)).response, "Not for me", "emoji")
    assert (await profile(world)).emoji == "few", "the count begins anew"
    again = await world.ada.click(said.response, label="Undo")
    assert read_message(again.response) == "That has already been undone, or it is not yours."


async def test_a_withdrawn_vote_removes_the_preference_that_rests_on_it(world):
    first, second = (await world.post(BRIEF)).response, (await world.post(BRIEF)).response
    await vote(world, first, "Not for me", "formal")
    await vote(world, second, "Not for me", "formal")
    assert (await habits(world))["formality"] == "casual"
    back = await tap(world.ada, second, "Not for me")
    assert read_message(back.response) == "Vote removed.\n-# No longer applies: Formality → casual"
    assert "formality" not in await habits(world)


async def test_voting_again_on_the_same_result_is_not_a_second_signal(world):
    first = (await world.post(BRIEF)).response
    await vote(world, first, "Not for me", "loud")
    await tap(world.ada, first, "I like it")
    await vote(world, first, "Not for me", "loud")
    assert await habits(world) == {}


async def test_a_disliked_word_is_asked_for_and_avoided_after_the_second_vote(world):
    for _ in range(2):
        shown = await vote(world, (await world.post(BRIEF)).response, "Not for me", "word")
        assert shown.modal["title"] == "Which word?"
        inputs = find_fields(shown.modal)
        said = await world.ada.submit_modal(shown, {inputs["A word or phrase to avoid"]["custom_id"]: "bespoke"})
    assert "Learnt: Words to avoid → bespoke" in read_message(said.response)
    assert (await profile(world)).avoid_words == ("bespoke",)
    await world.post(BRIEF)
    assert '"avoid_words": ["bespoke"]' in world.script.drafts[-1]


async def test_each_disliked_word_can_be_undone_separately(world):
    said = {}
    for word in ("bespoke", "bespoke", "artisan", "artisan"):
        shown = await vote(world, (await world.post(BRIEF)).response, "Not for me", "word")
        inputs = find_fields(shown.modal)
        said[word] = await world.ada.submit_modal(shown, {inputs["A word or phrase to avoid"]["custom_id"]: word})
    assert (await profile(world)).avoid_words == ("bespoke", "artisan")
    done = await world.ada.click(said["bespoke"].response, label="Undo")
    assert read_message(done.response) == "Undone: Words to avoid → bespoke"
    assert (await profile(world)).avoid_words == ("artisan",)
    await world.post(BRIEF)
    assert '"avoid_words": ["artisan"]' in world.script.drafts[-1]


@pytest.mark.parametrize(("sign", "name"), [("I like it", "up"), ("Not for me", "down")])
async def test_every_reason_is_offered_and_can_be_picked(world, sign, name):
    message = (await world.post(BRIEF)).response
    for reason in REASONS[name]:
        asked = await tap(world.ada, message, sign)
        assert set(list_menu_values(asked.response)) - {"word"} == set(REASONS[name])
        said = await world.ada.select(asked.response, values=[reason])
        assert read_message(said.response).startswith(("Noted", "Thanks"))
        await tap(world.ada, message, sign)


async def test_liked_habits_appear_in_the_prompt_and_the_text(world):
    world.script.says("We would like to tell you that we are closed on Monday and open again on Tuesday. Do come by.")
    for _ in range(2):
        said = await vote(world, (await world.post(BRIEF)).response, "I like it", "tone")
    assert "Learnt: Formality → formal" in read_message(said.response)
    world.script.says("We're closed on Monday! It's Tuesday that we can't wait for.")
    result = (await world.post(BRIEF)).response
    assert '"formality": "formal"' in world.script.drafts[-1]
    assert body(result) == "We're closed on Monday! It's Tuesday that we can't wait for."


SHORT_AND_CALM = "We are closed on Monday. See you on Tuesday."
LONG_AND_LOUD = " ".join(["Monday is our day off! The oven rests, the cups rest and so do all of us here!"] * 4)


async def vote_without_reason(world, sign, text, who=None):
    """Vote on a text without a reason; return the text's message and the answer to the vote."""
    world.script.says(text)
    message = (await world.post(BRIEF)).response
    return message, await tap((who or world.ada), message, sign)


async def test_votes_without_a_reason_teach_what_distinguishes_liked_texts(world):
    for sign, text in (("I like it", SHORT_AND_CALM), ("Not for me", LONG_AND_LOUD)) * 2:
        _, said = await vote_without_reason(world, sign, text)
        assert "Learnt" not in read_message(said.response)
    _, said = await vote_without_reason(world, "I like it", SHORT_AND_CALM)
    assert "Learnt" not in read_message(said.response), "it is one sign, and takes two"
    assert await habits(world) == {}
    last, said = await vote_without_reason(world, "Not for me", LONG_AND_LOUD)
    page = read_message(said.response)
    assert "Learnt: Exclamation marks → none" in page
    assert "Learnt: Length → short" in page
    assert await habits(world) == {"exclamation_marks": "none", "preferred_length": "short"}
    history = read_message((await world.ada.slash(world.channel, "profile history")).response)
    assert "I learnt it (2 votes)" in history
    reasoned = (await world.ada.select(said.response, values=["formal"])).response
    assert "Learnt: Exclamation marks → none" in read_message(reasoned)
    assert "Undo" in find_buttons(reasoned)
    back = await tap(world.ada, last, "Not for me")
    assert "No longer applies: Exclamation marks → none" in read_message(back.response)
    assert await habits(world) == {}
    again = await tap(world.ada, last, "Not for me")
    undone = [
        part["custom_id"]
        for part in walk_components(get_components(again.response))
        if ":undo:" in part.get("custom_id", "")
    ]
    for button in undone:
        await world.ada.click(again.response, custom_id=button)
    assert len(undone) == 2
    assert await habits(world) == {}


async def test_a_reason_outranks_what_votes_without_a_reason_suggest(world):
    for sign, text in (("I like it", SHORT_AND_CALM), ("Not for me", LONG_AND_LOUD)) * 2:
        await vote_without_reason(world, sign, text)
    asked = (await vote_without_reason(world, "I like it", SHORT_AND_CALM))[1]
    await world.ada.select(asked.response, values=["length"])
    await vote_without_reason(world, "Not for me", LONG_AND_LOUD)
    assert await habits(world) == {"exclamation_marks": "none"}


async def test_votes_without_a_reason_do_not_override_stated_preferences(world):
    await world.app.store.profiles.add_entries(str(world.ada.id), {"preferred_length": "long"})
    for sign, text in (("I like it", SHORT_AND_CALM), ("Not for me", LONG_AND_LOUD)) * 4:
        await vote_without_reason(world, sign, text)
    assert (await profile(world)).preferred_length == "long"


async def test_votes_without_a_reason_on_results_of_others_teach_nothing(world):
    for sign, text in (("I like it", SHORT_AND_CALM), ("Not for me", LONG_AND_LOUD)) * 4:
        await vote_without_reason(world, sign, text, world.ben)
    for one in (world.ada, world.ben):
        assert await world.app.store.profiles.list_entries(str(one.id)) == []


async def test_votes_of_others_teach_the_owner_nothing(world):
    for _ in range(2):
        first = (await world.post(BRIEF)).response
        asked = await tap(world.ben, first, "Not for me")
        assert list_menu_values(asked.response) == [], "others are not asked for reasons"
    assert await habits(world) == {}


async def test_pressing_shorter_twice_is_learnt_and_noted_below_the_result(world):
    first = (await world.post(BRIEF)).response
    second = (await tap(world.ada, first, "Shorter")).response
    assert "Learnt" not in read_message(second)
    third = (await tap(world.ada, second, "Shorter")).response
    assert "-# I learnt something from this." in list_texts(third)
    assert (await profile(world)).preferred_length == "short"
    seen = get_answer(await world.ada.click(third, custom_id=find_buttons(third)["View"]))
    assert "-# 💡 Learnt: Length → short" in list_texts(seen)
    await world.ada.click(seen, custom_id=find_buttons(seen)["Undo"])
    assert (await profile(world)).preferred_length == "medium"


@pytest.mark.parametrize(
    ("wish", "field", "value"),
    [
        ("casual", "formality", "casual"),
        ("simple", "reading_level", "CEFR B1"),
    ],
)
async def test_a_quick_change_is_applied_at_once_and_learnt_the_second_time(world, wish, field, value):
    message = (await world.post(BRIEF)).response
    refused = await world.ben.select(await open_more(world.ben, message), values=[wish])
    assert read_message(refused.response).startswith("Only the person who asked for it can change it.")
    for _ in range(2):
        message = (await world.ada.select(await open_more(world.ada, message), values=[wish])).response
        assert world.script.drafts[-1].endswith(f"{QUICK_INSTRUCTIONS[wish]}.")
    assert (await habits(world))[field] == value


@pytest.mark.parametrize(
    ("wish", "field", "value"),
    [
        ("less formal please", "formality", "casual"),
        ("avoid the word bespoke", "avoid_words", ["bespoke"]),
    ],
)
async def test_a_typed_instruction_is_parsed_for_preferences(world, wish, field, value):
    message = (await world.post(BRIEF)).response
    for _ in range(2):
        shown = await world.ada.click(message, label="Change…")
        wanted = find_fields(shown.modal)["What you would like changed"]["custom_id"]
        message = (await world.ada.submit_modal(shown, {wanted: wish})).response
    assert (await habits(world))[field] == value


async def test_an_instruction_about_content_teaches_nothing(world):
    message = (await world.post(BRIEF)).response
    for _ in range(2):
        shown = await world.ada.click(message, label="Change…")
        wanted = find_fields(shown.modal)["What you would like changed"]["custom_id"]
        message = (await world.ada.submit_modal(shown, {wanted: "mention the free coffee"})).response
    assert await habits(world) == {}


@pytest.mark.parametrize(
    ("answers", "notes"),
    [
        (("Name the street in every text.", "name the street in every text"), ["Name the street in every text"]),
        (("", ""), None),
        (("Name the street", "Never name prices"), None),
        (("unsure", "unsure"), None),
        (("x " * 300, "x " * 300), None),
    ],
    ids=["said twice", "about this text", "two different", "no instruction", "no answer"],
)
async def test_an_instruction_that_code_cannot_parse_is_read_by_the_writer(world, answers, notes):
    usual, left, listed = world.script.answer, list(answers), []

    def answer(messages):
        if "<habit>" not in messages[0].text:
            return usual(messages)
        listed.append(messages[0].text)
        habit = left.pop(0)
        return f"{usual(messages)}\n<habit>{habit}</habit>" if habit else usual(messages)

    world.script.answer = answer
    message = (await world.post(BRIEF)).response
    for wish in ("you forgot the street", "where is the street again?"):
        shown = await world.ada.click(message, label="Change…")
        wanted = find_fields(shown.modal)["What you would like changed"]["custom_id"]
        message = (await world.ada.submit_modal(shown, {wanted: wish})).response
    assert left == []
    assert "<habit>" not in read_message(message)
    assert (await habits(world)).get("notes") == notes
    if notes:
        assert "- Name the street in every text" in listed[-1], "what was wished before can be repeated"
    await world.post("new mugs")
    assert ("Name the street in every text" in world.script.drafts[-1]) is bool(notes)


async def test_an_edited_text_in_a_reply_is_saved_and_its_changes_are_learnt(world):
    world.script.says(LONG)
    said = None
    for _ in range(2):
        result = (await world.post(BRIEF)).response
        drafts = len(world.script.drafts)
        edited = "We are closed on Monday and we are back on Tuesday. Come by for warm scones and a chat."
        said = await say(world, edited, reply_to=result)
        assert len(world.script.drafts) == drafts, "an edited text is no wish"
    shown = world.last
    assert "I have saved your version and will write more like it." in read_message(shown)
    page = read_message(get_answer(await world.ada.click(shown, custom_id=find_buttons(shown)["View"])))
    for line in ("Learnt: Exclamation marks → none", "Learnt: Length → short"):
        assert line in page
    learnt = await habits(world)
    assert learnt["exclamation_marks"] == "none"
    assert learnt["preferred_length"] == "short"
    assert learnt["formality"] == "formal"
    assert said is not None


async def test_an_edited_text_pasted_back_is_recognised(world):
    world.script.says(LONG)
    await world.post(BRIEF)
    await say(world, LONG.replace("!", ".").replace("warm scones", "cinnamon buns"))
    assert "I have saved your version and" in read_message(world.last)
    liked = await world.app.store.generations.list_votes(str(world.ada.id), "social_post", {1: 5})
    assert [vote.details["text"] for vote in liked[1]] == [
        LONG.replace("!", ".").replace("warm scones", "cinnamon buns")
    ]


async def test_a_users_own_version_of_an_email_is_an_example_for_the_next(world):
    result = (await world.ada.slash(world.channel, "copy", kind="email", brief=BRIEF)).response
    made = await world.generation(result)
    edited = made.text.replace("Hello and welcome,", "Dear all, bring a friend.")
    assert edited != made.text
    await say(world, edited, reply_to=result)
    assert "I have saved your version and" in read_message(world.last)
    kept = next(
        one for one in await world.app.store.generations.list_latest(str(world.ada.id), 5) if one.text == edited
    )
    assert kept.parts["emails"][0]["subject"] == "Welcome to the seed library", "it is read in its parts"
    await world.ada.slash(world.channel, "copy", kind="email", brief="new mugs are here")
    assert "Dear all, bring a friend." in world.script.drafts[-1]
    await world.ben.slash(world.channel, "copy", kind="email", brief="new mugs are here")
    assert "Dear all, bring a friend." not in world.script.drafts[-1]


async def test_a_picked_variant_teaches_how_it_differs_from_the_others(world):
    variants = [
        "We're closed on Monday! 🎉 Do come back on Tuesday, when the scones are warm and the coffee is strong again.",
        "Closed on Monday. Back on Tuesday with scones.",
        "Monday is our day off! ☕ On Tuesday we're here again with the oven on, the door open and time for a long chat.",
    ]
    usual = world.script.answer
    for _ in range(2):
        result = (await world.post(BRIEF)).response
        world.script.says(format_versions(*variants))
        shown = (await tap(world.ada, result, "Variants")).response
        picked = [part for part in list_texts(shown) if part in variants]
        assert len(picked) >= 2
        place = picked.index(variants[1])
        use = [
            part["custom_id"] for part in walk_components(get_components(shown)) if ":use:" in part.get("custom_id", "")
        ][place]
        said = await world.ada.click(shown, custom_id=use)
        world.script.answer = usual
    assert variants[1] in read_message(said.response)
    assert list(find_buttons(said.response))[:5] == ["Change…", "Another", "Download", "Submit for review", "More…"]
    learnt = await habits(world)
    assert learnt["emoji"] == "none"
    assert learnt["exclamation_marks"] == "none"
    assert learnt["preferred_length"] == "short"


async def test_paused_learning_learns_nothing_and_can_be_resumed(world):
    paused = await world.ada.slash(world.channel, "profile pause")
    assert read_message(paused.response).startswith("Paused:")
    message = (await world.post(BRIEF)).response
    asked = await tap(world.ada, message, "Not for me")
    assert list_menu_values(asked.response) == []
    for _ in range(3):
        message = (await tap(world.ada, message, "Shorter")).response
    assert await habits(world) == {}
    assert await world.app.store.signals.list_all(str(world.ada.id)) == []
    await world.ada.click(paused.response, label="Resume learning")
    for _ in range(2):
        message = (await tap(world.ada, message, "Shorter")).response
    assert (await habits(world))["preferred_length"] == "short"


async def test_only_the_owner_sees_why_a_result_came_out_as_it_did(world):
    await world.app.store.profiles.update(
        str(world.ada.id), lambda _: Profile(organisation="Fern & Fog Coffee", tone=("warm",))
    )
    liked = (await world.post("the roof terrace is open again")).response
    await tap(world.ada, liked, "I like it")
    result = (await world.post(BRIEF, length="short", audience="regulars")).response
    page = read_message((await tap(world.ada, result, "Why?")).response)
    assert "From this request**\nLength, Who your readers are" in page
    assert "**Organisation**: Fern & Fog Coffee\n-# you told me · everywhere" in page
    assert "**Persona**" not in page, "nobody chose one"
    assert "- the roof terrace is open again" in page
    assert page == read_message((await world.ada.slash(world.channel, "profile why")).response)
    refused = await tap(world.ben, result, "Why?")
    assert read_message(refused.response) == "Only the person who asked for this can see why it came out like this."


async def test_why_without_any_result_says_so(world):
    assert "I have not made anything for you yet. Try /copy." in read_message(
        (await world.ada.slash(world.channel, "profile why")).response
    )


async def test_liked_results_are_examples_and_disliked_ones_counterexamples(world):
    world.script.says("The roof terrace is open again. Bring a hat and somebody you like.")
    liked = (await world.post("the roof terrace is open again")).response
    await tap(world.ada, liked, "I like it")
    world.script.says("Ladies and gentlemen, it is our pleasure to announce new mugs.")
    disliked = (await world.post("new mugs")).response
    await vote(world, disliked, "Not for me", "formal")
    await world.post(BRIEF)
    prompt = world.script.drafts[-1]
    assert "The roof terrace is open again. Bring a hat" in prompt
    assert "Not like this (too formal): “Ladies and gentlemen" in prompt
    await world.ben.slash(world.channel, "copy", brief=BRIEF, kind="social_post")
    assert "Bring a hat" not in world.script.drafts[-1], "what Ada liked is Ada's"


async def test_only_the_first_result_offers_three_questions(world):
    first = (await world.post(BRIEF)).response
    assert body(first), "the answer comes at once"
    asked = await world.ada.click(first, label="Ask me")
    assert asked.response.ephemeral
    for answer in ("Playful", "Short", "None"):
        assert answer in find_buttons(asked.response)
        asked = await world.ada.click(asked.response, label=answer)
    assert read_message(asked.response).startswith("Saved.")
    known = await profile(world)
    assert (known.tone, known.preferred_length, known.emoji) == (("playful",), "short", "none")
    second = (await world.post(BRIEF)).response
    assert "Ask me" not in find_buttons(second)
    refused = await world.ben.click(first, label="Ask me")
    assert read_message(refused.response).startswith("These questions are for the person who")


async def test_a_question_can_be_skipped(world):
    first = (await world.post(BRIEF)).response
    asked = await world.ada.click(first, label="Ask me")
    for _ in range(3):
        asked = await world.ada.click(asked.response, label="Skip")
    assert read_message(get_answer(asked)).startswith("Saved.")
    assert await habits(world) == {}


async def test_an_unclear_first_message_does_not_count_as_a_result(world):
    asked = (await world.ada.slash(world.channel, "image", brief="three tweets about our sale")).response
    first = (await world.ada.click(asked, custom_id=next(iter(find_buttons(asked).values())))).response
    assert "Ask me" in find_buttons(first)
    assert "Ask me" not in find_buttons((await world.post(BRIEF)).response)


async def test_a_first_result_from_a_document_offers_the_questions_too(world):
    await world.app.knowledge.add(str(world.ada.id), "me", "menu.txt", b"We close on Monday and are back on Tuesday.")
    first = (await world.post(BRIEF)).response
    assert "We close on Monday and are back" in world.script.drafts[-1]
    assert "Ask me" in find_buttons(first)


async def test_a_users_own_version_is_visible_where_it_was_posted(world):
    result = (await world.post(BRIEF)).response
    made = await world.generation(result)
    results, ada, ben = world.app.store.generations, str(world.ada.id), str(world.ben.id)

    async def seen_by_ben(text):
        kept = next(one for one in await results.list_latest(ada, 5) if one.text == text)
        return kept, await results.get(kept.id, ben, str(world.channel.id))

    private = f"{made.text} The key is under the mat, so do come in, love Ada."
    await world.ada.send_dm(private)
    kept, seen = await seen_by_ben(private)
    assert seen is None
    assert (kept.guild_id, kept.channel_id) == (None, None)

    public = f"{made.text} Bring a friend and a mug, and we will fill both of them up."
    await say(world, public, reply_to=result)
    kept, seen = await seen_by_ben(public)
    assert seen == kept
    assert kept.guild_id == str(world.guild.id)


async def dislike_with_a_word(world, message, *reasons):
    """Choose reasons and "Word choice…", which leaves the menu in place; name a word."""
    shown = await world.ada.select(message, values=[*reasons, "word"])
    [field] = find_fields(shown.modal).values()
    return (await world.ada.submit_modal(shown, {field["custom_id"]: "bespoke"})).response


async def test_the_same_reason_for_the_same_results_counts_only_once(world):
    asked = []
    for _ in range(2):
        message = (await world.post(BRIEF)).response
        asked.append((await tap(world.ada, message, "Not for me")).response)
    said = [await dislike_with_a_word(world, asked[at], "hard") for at in (0, 1, 1, 0)]
    assert read_message(said[0]) == "Noted. I'll adjust once I hear this about two results."
    for one in said[1:]:
        assert read_message(one).count("Learnt: Reading level → CEFR B1") == 1, (
            "what was learnt is shown again, with its Undo"
        )
    history = await world.app.store.profiles.list_entries(str(world.ada.id))
    assert sorted(entry.field for entry in history) == ["avoid_words", "reading_level"]
    undo = [part["accessory"]["custom_id"] for part in walk_components(get_components(said[-1])) if "accessory" in part]
    for one in undo:
        await world.ada.click(said[-1], custom_id=one)
    assert (await profile(world)) == Profile(), "each Undo takes its entry back"


async def test_the_answer_to_a_reason_is_correct_for_any_number_of_votes(world):
    said = [
        read_message((await vote(world, (await world.post(BRIEF)).response, "Not for me", "long")).response)
        for _ in range(4)
    ]
    assert said[0] == "Noted. I'll adjust once I hear this about two results."
    assert said[1].startswith("Thanks! Good to know.\n-# 💡 Learnt: Length → short")
    assert said[2] == said[3] == "Noted. I already write that way for you."
    first, second = [
        read_message((await vote(world, (await world.post(BRIEF)).response, "Not for me", "short")).response)
        for _ in range(2)
    ]
    assert first == "Noted. I'll adjust once I hear this about two results."
    assert "Learnt: Length → medium" in second


async def test_a_full_list_is_not_promised_to_grow(world):
    await world.app.store.profiles.add_entries(
        str(world.ada.id), {"avoid_words": [f"word{number}" for number in range(30)]}
    )
    for _ in range(2):
        message = (await world.post(BRIEF)).response
        asked = (await tap(world.ada, message, "Not for me")).response
        said = await dislike_with_a_word(world, asked)
    assert read_message(said) == "Noted for this result."


async def test_only_the_user_sees_what_was_learnt(world):
    """Others read along where a result stands, so it says there only that something was learnt."""
    await world.app.store.profiles.update(str(world.ada.id), lambda known: known.model_copy(update={"locale": "en"}))
    for _ in range(2):
        result = (await world.post()).response
        shorter = (await tap(world.ada, result, "Shorter")).response
    assert "I learnt something from this." in read_message(shorter)
    assert "Learnt:" not in read_message(shorter)
    assert "Preferred length" not in read_message(shorter)
    see = find_buttons(shorter)["View"]
    refused = get_answer(await world.ben.click(shorter, custom_id=see))
    assert read_message(refused) == "Only the person it is about can see what I learnt."
    mine = get_answer(await world.ada.click(shorter, custom_id=see))
    assert mine.ephemeral
    assert "Learnt:" in read_message(mine)
    await world.ada.click(mine, label="Undo")
    again = get_answer(await world.ada.click(shorter, custom_id=see))
    assert read_message(again) == "That has already been undone."
