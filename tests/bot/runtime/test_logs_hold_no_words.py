"""What people write and what is written for them never stands in a log; neither do tokens."""

from __future__ import annotations

import io
import json

from acting import tap
from discord_texts import find_fields, read_title

from bot.runtime import logs

BRIEF, RESULT, WISH, MATERIAL, FACT = "zebrabrief", "quaggaresult", "okapiwish", "tapirmaterial", "dodofact"


async def use_everything(world):
    """Use every feature once; return the message of the last result."""
    shown = await world.ada.slash(world.channel, "profile edit")
    await world.ada.submit_modal(shown, {"facts": FACT})
    world.script.says(f"A swim at dawn with {RESULT} for you all.")
    first = (await world.post(f"tell of {BRIEF}", file=("a.txt", MATERIAL.encode()))).response
    assert read_title(first) == "Social post"
    await world.ada.send(world.channel, f"{world.me} write a tweet on {BRIEF}")
    await world.ada.send_dm(f"write a tweet on {BRIEF}")
    shown = await world.ada.click(first, label="Change…")
    await world.ada.submit_modal(shown, {find_fields(shown.modal)["What you would like changed"]["custom_id"]: WISH})
    for label in ("Copy", "Download", "I like it", "Submit for review"):
        await tap(world.ada, first, label)
    await world.ada.slash(world.channel, "profile show")
    return first


async def test_at_info_no_line_contains_a_brief_a_result_or_a_token(world, quiet_logs):
    written = io.StringIO()
    logs.setup("INFO", file=written)
    await use_everything(world)
    world.script.says(RuntimeError("no answer"))
    await world.post(BRIEF)
    lines = written.getvalue()
    for word in (BRIEF, RESULT, WISH, MATERIAL, FACT, "simcord_interaction_"):
        assert word not in lines
    entries = [json.loads(line) for line in lines.splitlines()]
    answered = [entry for entry in entries if entry["event"] == "answered"]
    assert len(answered) == 4
    assert all(entry["request"] for entry in answered)
    assert {entry["kind"] for entry in answered} <= {"social_post", None}
    assert any(entry["event"] == "engine failed" for entry in entries)


async def test_every_line_of_a_request_has_its_id(world, quiet_logs):
    written = io.StringIO()
    logs.setup("INFO", file=written)
    first = await world.generation((await world.post()).response)
    second = await world.generation((await world.post()).response)
    found = [json.loads(line).get("request") for line in written.getvalue().splitlines()]
    assert {first.id, second.id} <= set(found)


async def test_every_entry_point_logs_the_request_id(world, quiet_logs):
    first = (await world.post()).response
    written = io.StringIO()
    logs.setup("INFO", file=written)
    world.script.says(RuntimeError("no answer"))
    await world.post()
    await world.ada.send(world.channel, f"{world.me} write a tweet on mugs")
    await tap(world.ada, first, "Another")
    shown = await world.ada.click(first, label="Change…")
    await world.ada.submit_modal(
        shown, {find_fields(shown.modal)["What you would like changed"]["custom_id"]: "shorter"}
    )
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    failed = [line["request"] for line in lines if line["event"] == "engine failed"]
    assert len(set(failed)) == 4
    assert [line for line in lines if line["logger"].startswith("bot.") and not line.get("request")] == []


async def test_at_debug_the_bots_own_lines_contain_no_user_text(world, quiet_logs):
    written = io.StringIO()
    logs.setup("DEBUG", file=written)
    await use_everything(world)
    ours = [
        line for line in written.getvalue().splitlines() if json.loads(line)["logger"].startswith(("bot.", "storage"))
    ]
    assert ours
    for word in (BRIEF, RESULT, WISH, MATERIAL, FACT):
        assert not any(word in line for line in ours)
