"""Why? tells what was understood of a brief, what of it nothing measures, and who wrote it in how long; the result says none of it."""

from __future__ import annotations

import re

from acting import act_in_language, read_reasons, tap
from discord_texts import body, list_texts, read_message

BRIEF = "linkedin post on our mugs: two pages, 5 to 400 words, no hashtags, never say 'Blumenthal'"


async def test_reasons_list_what_was_understood_and_not_measured(world):
    result = (await world.ada.slash(world.channel, "copy", kind="social_post", brief=BRIEF)).response
    assert "for LinkedIn" not in read_message(result)
    assert "not checked:" not in read_message(result)
    asked = (await tap(world.ada, result, "Why?")).response
    assert asked.ephemeral
    lines = read_message(asked).splitlines()
    at = lines.index("**How I read your request**")
    assert lines[at + 1] == "2 pages · 5 to 400 words · for LinkedIn · without hashtags · without “Blumenthal”"
    assert lines[at + 2] == "-# not checked: 2 pages"


async def test_reasons_name_the_writer_and_the_duration(world):
    result = (await world.ada.slash(world.channel, "copy", kind="social_post", brief=BRIEF)).response
    small = [text for text in list_texts(result) if text.startswith("-# ")]
    assert small[0] == "-# Social post · LinkedIn"
    assert "Scripted" not in read_message(result)
    assert not re.search(r"\d s\b", "\n".join(small)), "no seconds"
    assert re.search(
        r"\*\*Written by\*\*: Scripted\n-# one call wrote it, [a-z ]+ · \d+\.\d s",
        await read_reasons(world.ada, result),
    )
    german = await act_in_language(world, "de", lambda: read_reasons(world.ada, result, "Warum?"))
    assert re.search(r"\*\*Geschrieben von\*\*: Scripted\n-# .+ · \d+,\d s", german)


async def test_a_brief_without_requirements_is_not_mentioned(world):
    result = (await world.ada.slash(world.channel, "copy", kind="social_post", brief="our mugs are blue")).response
    assert body(result)
    page = await read_reasons(world.ada, result)
    assert "How I read your request" not in page
    assert "not checked:" not in page
