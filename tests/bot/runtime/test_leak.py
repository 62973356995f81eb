"""discord.py keeps nothing of what the bot has shown: buttons are found by their custom ids, and memory stays flat."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest
from acting import tap
from discord_texts import find_buttons, find_fields

from bot.errors import EngineError
from bot.interactions.components import FORM_SECONDS, UNSAVED_SECONDS

STORES = ("_views", "_synced_message_views", "_modals")


def list_stored_views(world):
    """List everything that discord.py stores of views and modals."""
    store = world.bot._connection._view_store
    return [entry for name in STORES for entry in getattr(store, name).values()]


async def test_results_edits_private_answers_and_errors_leave_nothing_in_memory(world):
    for number in range(3):
        result = (await world.post(f"We close on Monday, week {number}.")).response
        for label in ("Another", "Copy", "Download", "Why?"):
            await tap(world.ada, result, label)
        liked = (await tap(world.ada, result, "I like it")).response
        await world.ada.select(liked, values=["tone"])
        variants = (await tap(world.ada, result, "Variants")).response
        await world.ada.click(variants, custom_id=find_buttons(variants)["Use this"])
        await world.ada.send(world.channel, f"{world.me} a tweet that we close on Monday")
        await world.ada.send(world.channel, f"{world.me} !!!")
        await world.ada.slash(world.channel, "help")
        await world.ada.slash(world.channel, "profile show")
        await world.ada.slash(world.channel, "copy", brief="tweet", kind="no such kind")
    world.script.says(EngineError("Scripted is too busy right now. Try again in a minute."))
    await world.post()
    assert list_stored_views(world) == []
    desk = world.desk
    assert not desk.answers.acknowledgements
    assert desk.jobs.running_count == 0
    assert (desk.jobs._seals, desk.jobs._starting) == ({}, {})
    assert desk.answers.slots.reply_slots._turns.last == desk.answers.slots.model_slots._turns.last == {}
    assert not desk.answers.slots.user_slots


async def test_a_button_with_state_is_stored_until_it_expires(world):
    await world.ada.slash(world.channel, "ask", question="tweet that we close")
    refused = await world.ada.slash(world.channel, "copy")
    await world.ada.submit_modal(refused, {find_fields(refused.modal)["Brief"]["custom_id"]: "   "})
    assert list_stored_views(world), "it can be opened again"
    await world.env.advance_time(UNSAVED_SECONDS + 1)
    assert list_stored_views(world) == []


async def test_a_dismissed_modal_expires_from_the_store(world):
    await world.ada.slash(world.channel, "copy")
    assert list_stored_views(world)
    await world.env.advance_time(FORM_SECONDS + 1)
    assert list_stored_views(world) == []


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="Only glibc keeps what is free.")
def test_free_memory_is_returned_to_the_system() -> None:
    """In a process of its own: pieces that are free below one that is not go back to the machine."""
    code = """
import resource
from bot.runtime.heap import trim_heap

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()

held = [bytes(4_000) for _ in range(20_000)]
del held[:-1]
before = resident()
trim_heap()
print(before - resident())
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(found.stdout) > 20 * 2**20


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="Only glibc has heaps for threads.")
def test_threads_share_one_heap() -> None:
    """In a process of its own, which has anonymous memory of 64 MiB reserved for each heap of a thread."""
    code = """
import re, sys, threading
from bot.runtime.heap import use_one_arena

def reserved():
    sizes = (line.split()[0].split("-") for line in open("/proc/self/maps") if line.count(" ") and line.split()[-1] == "0")
    return sum(int(end, 16) - int(start, 16) for start, end in sizes)

if "one" in sys.argv:
    use_one_arena()
together = threading.Barrier(5)
def work():
    held = [bytes(4_000) for _ in range(100)]
    together.wait()
    together.wait()
for _ in range(4):
    threading.Thread(target=work).start()
together.wait()
print(reserved())
together.wait()
"""
    shared, apart = (
        int(subprocess.run([sys.executable, "-c", code, *how], capture_output=True, text=True, check=True).stdout)
        for how in (["one"], [])
    )
    assert apart - shared > 100 * 2**20
