"""What people see when Discord refuses what the bot shows: never nothing, and never "thinking…" for good."""

from __future__ import annotations

import pytest
from discord_texts import get_answer, read_message

REFUSALS = [(400, 50035), (403, 50013), (404, 10015), (413, 40005)]


async def list_direct_messages(world, person):
    """List the messages in a user's private channel with the bot."""
    backend = world.env.backend
    private = [channel for channel in backend.channels.values() if person.id in getattr(channel, "recipient_ids", ())]
    return [message for channel in private for message in backend.messages[channel.id].values()]


@pytest.mark.parametrize(("status", "code"), REFUSALS)
async def test_an_answer_whose_response_is_refused_for_good_is_posted_elsewhere(world, status, code):
    world.env.inject_error("PATCH", "/webhooks/*", status=status, code=code, times=None)
    await world.post()
    seen = [read_message(message) for message in world.channel.history(viewer=world.ben)]
    assert any("Social post" in text for text in seen)
    assert not any("thinking" in text for text in seen)


@pytest.mark.parametrize(("status", "code"), REFUSALS)
async def test_an_answer_refused_once_is_shown_in_a_plainer_form(world, status, code):
    world.env.inject_error("PATCH", "/webhooks/*", status=status, code=code, times=1)
    result = (await world.post()).response
    shown = [read_message(message) for message in world.channel.history(viewer=world.ada)]
    assert shown, result
    assert shown[-1]


@pytest.mark.parametrize("status", [400, 413])
async def test_a_refused_page_is_shown_in_a_plainer_form(world, status):
    world.env.inject_error("POST", "/interactions/*", status=status, times=1)
    result = await world.ada.slash(world.channel, "help")
    assert get_answer(result).ephemeral
    assert read_message(get_answer(result))


async def test_an_oversized_file_is_refused_with_a_reason(world):
    result = (await world.post()).response
    menu = (await world.ada.click(result, label="Download")).response
    world.env.inject_error("POST", "/webhooks/*", status=413, code=40005, times=1)
    shown = await world.ada.select(menu, values=["md"])
    assert "too large or not allowed here" in read_message(get_answer(shown))


async def test_a_mention_without_write_access_is_answered_privately(world):
    world.env.inject_error("POST", f"/channels/{world.channel.id}/messages", status=403, code=50013, times=None)
    await world.ada.send(world.channel, f"{world.me} a tweet that we close on Monday")
    [message] = await list_direct_messages(world, world.ada)
    assert "I could not answer where you asked, so here is my answer." in str(message)


async def test_an_error_without_write_access_is_reported_privately(world):
    world.env.inject_error("POST", f"/channels/{world.channel.id}/messages", status=403, code=50013, times=None)
    await world.ada.send(world.channel, f"{world.me} !!!")
    [message] = await list_direct_messages(world, world.ada)
    assert "What should I make?" in str(message)
