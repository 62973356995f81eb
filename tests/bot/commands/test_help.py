"""/help."""

from __future__ import annotations

from dataclasses import replace

import pytest
from catalogues import WHOLE
from discord_texts import read_message

from bot.kinds import load_kinds
from bot.replies.writer import writer_line


def read_all_messages(result):
    """Read an answer that may take several messages."""
    return "\n".join(read_message(one) for one in (result.response, *result.followups))


async def test_every_kind_is_listed_under_the_command_that_makes_it(world):
    result = await world.ada.slash(world.channel, "help")
    assert result.response.ephemeral
    page = read_all_messages(result)
    for kind in load_kinds().values():
        assert f"- {kind.title}: {kind.description}" in page
    parts = [part.split("**", 1) for part in page.split("\n**")[1:]]
    sections = dict(parts)
    # BUG: /ask stands there twice, once for each family that has no command of its own.
    assert len(parts) == len(sections), "each command is named once"
    assert "Social post" in sections["/copy"]
    assert "Quiz" in sections["/lesson"]
    assert "Image prompt" in sections["/image"]
    assert {"Rewrite", "Chat"} <= {line[2:].partition(":")[0] for line in sections["/ask"].splitlines()}
    assert "/profile edit" in page


async def test_every_command_named_in_help_exists(world):
    available = {name.split()[0] for name in world.ada.available_commands(world.channel)}
    page = read_all_messages(await world.ada.slash(world.channel, "help"))
    for command in ("copy", "lesson", "image", "ask", "profile", "persona"):
        assert f"/{command}" in page
        assert command in available


async def test_help_names_the_writing_model_and_how_to_get_a_better_one(world):
    provider = world.app.engines.first.provider
    last = read_all_messages(await world.ada.slash(world.channel, "help")).splitlines()[-1]
    assert last == f"-# Written here by {provider.label}."
    provider.traits = replace(provider.traits, small=True)
    last = read_all_messages(await world.ada.slash(world.channel, "help")).splitlines()[-1]
    drafts = "Its texts are first drafts that need editing. Use /model to see what could write better."
    assert last == f"-# Written here by {provider.label}. {drafts}"


@pytest.mark.parametrize("language", ["en", *WHOLE])
def test_the_model_line_is_short_in_every_language(language, script):
    engine = script.engine()
    engine.provider.traits = replace(engine.provider.traits, small=True)
    line = writer_line(engine, language)
    assert engine.label in line
    assert "/model" in line
    assert ("first drafts" in line) is (language == "en")
    assert len(line) <= 140
