"""A result says what was understood of its brief; Why? tells whoever asked all of it."""

from __future__ import annotations

from discord_texts import buttons, read, texts

BRIEF = "linkedin post on our mugs: two pages, 5 to 400 words, no hashtags, never say 'Blumenthal'"


async def test_a_result_says_what_was_understood(world):
    result = await world.ada.slash(world.channel, "copy", kind="social_post", brief=BRIEF)
    lines = texts(result.response)[1].splitlines()
    assert lines == ["-# 2 pages · 5 to 400 words · for LinkedIn · without hashtags", "-# not measured: 2 pages"]
    asked = await world.ada.click(result.response, custom_id=buttons(result.response)["Why?"])
    assert "without “Blumenthal”" in read(asked.response)
    assert asked.response.ephemeral


async def test_nothing_is_said_of_a_brief_that_says_nothing_of_form(world):
    result = await world.ada.slash(world.channel, "copy", kind="social_post", brief="our mugs are blue")
    assert not any(text.startswith("-# 2 ") or "not measured" in text for text in texts(result.response))
