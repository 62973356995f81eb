"""Mentions, replies and direct messages."""

from __future__ import annotations

from acting import tap
from discord_texts import body, find_buttons, read_message, read_title
from writing import ADDED

WISH = "say that dogs are welcome"


async def test_a_mention_is_answered_with_a_reply(world):
    said = await world.ada.send(world.channel, f"{world.me} write a tweet that we close on Monday")
    answer = world.last
    assert read_title(answer) == "Social post"
    assert answer.reference.message_id == said.id
    assert world.script.drafts[0].endswith(": write a tweet that we close on Monday")
    kept = await world.generation(answer)
    assert (kept.id, kept.user_id) == (str(said.id), str(world.ada.id))


async def test_one_message_gets_one_answer(world):
    await world.ada.send(world.channel, f"{world.me} write a tweet that we close on Monday")
    posts = [one for one in world.env.http_requests if one.method == "POST" and one.path.endswith("/messages")]
    assert len(posts) == 1
    assert len(world.env.backend.messages[world.channel.id]) == 2


async def test_a_direct_message_needs_no_mention(world):
    await world.ada.send_dm("write a tweet that we close on Monday")
    answer = world.ada.user.dm_channel.last_message
    assert read_title(answer) == "Social post"
    await tap(world.ada.user, answer, "Shorter")
    assert (await world.generation(world.ada.user.dm_channel.last_message)).parent_id == find_buttons(answer)[
        "Another"
    ].rpartition(":")[2]


async def test_a_mention_with_a_file_is_read(world):
    await world.ada.send(
        world.channel, f"{world.me} write a tweet about this", attachments=[("a.txt", b"The mill opens in May.")]
    )
    assert read_title(world.last) == "Social post"
    assert "<material>\nThe mill opens in May.\n</material>" in world.script.drafts[0]


async def test_a_reply_to_a_result_is_an_instruction(world):
    first = (await world.post("we close on Monday")).response
    parent = await world.generation(first)
    await world.ada.send(world.channel, f"{world.me} {WISH}", reply_to=first)
    child = await world.generation(world.last)
    assert child.id != parent.id
    assert (child.parent_id, child.kind) == (parent.id, "social_post")
    prompt = next(one for one in world.script.prompts if one.endswith(f"Change: {WISH}"))
    assert "The request it was written for: we close on Monday\n" in prompt
    assert f"<text>\n{parent.text}\n</text>" in prompt


async def test_instructions_add_up(world):
    await world.post("we close on Monday")
    for wish in (WISH, "and cats too"):
        await world.ada.send(world.channel, f"{world.me} {wish}", reply_to=world.last)
    kept = await world.generation(world.last)
    assert kept.request["notes"] == [WISH, "and cats too"]
    assert kept.text.count(ADDED) == 2, "what the first one changed is still there"


async def test_another_users_reply_is_a_request_of_their_own(world):
    first = (await world.post("we close on Monday")).response
    before = body(first)
    await world.ben.send(world.channel, f"{world.me} write a tweet that we have new mugs", reply_to=first)
    kept = await world.generation(world.last)
    assert (kept.user_id, kept.parent_id) == (str(world.ben.id), None)
    assert "we close on Monday" not in world.script.drafts[-1]
    assert body(first) == before


async def test_messages_not_meant_for_the_bot_are_ignored(world):
    said = await world.ada.send(world.channel, "write a tweet that we close on Monday")
    assert world.last.id == said.id
    said = await world.ada.send(world.channel, f"{world.ben.mention} write a tweet that we close on Monday")
    assert world.last.id == said.id
    said = await world.ada.send(world.channel, "write a tweet about @everyone")
    assert world.last.id == said.id
    assert world.script.prompts == []


async def test_bots_are_ignored(world):
    other = world.guild.add_member(world.env.create_user("parrot", bot=True))
    said = await other.send(world.channel, f"{world.me} write a tweet that we close on Monday")
    hook = world.guild.create_webhook(world.channel)
    await hook.send(f"{world.me} write a tweet that we close on Monday")
    assert world.last.id != said.id
    assert world.last.author.name != world.bot.user.name
    assert world.script.prompts == []


async def test_an_empty_mention_is_asked_what_to_make(world):
    said = await world.ada.send(world.channel, f"{world.me}  ")
    assert read_message(world.last).startswith("What should I make?")
    assert world.last.reference.message_id == said.id
    assert world.script.prompts == []


async def test_a_meaningless_mention_is_asked_back(world):
    await world.ada.send(world.channel, f"{world.me} ???")
    assert read_message(world.last).startswith("What should I make? Tell me in a few words")
    assert world.script.prompts == []


async def test_an_unreadable_file_is_reported(world):
    await world.ada.send(world.channel, f"{world.me} write a tweet", attachments=[("a.png", b"\x89PNG")])
    assert read_message(world.last).startswith("I cannot read .png files.")
    assert world.script.prompts == []


async def test_a_channel_without_write_access_is_handled(world):
    world.env.inject_error("POST", "/channels/*/messages", status=403, code=50013, times=None)
    said = await world.ada.send(world.channel, f"{world.me} write a tweet that we close on Monday")
    assert world.last.id == said.id
    # What was made is kept all the same, and the next request is served.
    assert (await world.app.store.generations.count_results_and_votes(str(world.ada.id)))[0] == 1
    assert read_title((await world.post()).response) == "Social post"
