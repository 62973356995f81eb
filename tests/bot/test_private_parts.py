"""Private parts of simcord and discord.py that the bot rests on: what each is for, and what to do where a new version lacks it."""

from __future__ import annotations

from typing import Any

import discord
import pytest
import simcord._clock
import simcord._dpy_internals
import simcord._settlement
from discord.webhook import async_
from discord.webhook.async_ import AsyncWebhookAdapter
from simcord.env import Env
from simcord.preview import Preview, _action_plans, _component_projection
from simcord.preview._server import PreviewServer

CLIENT = discord.Client(intents=discord.Intents.none())
PREVIEW = (
    "bot/preview/world.py makes simcord's test world one that runs in real time; compare its new Env with LiveEnv."
)
PAGE = "bot/preview/page.py lets several people use one page; compare the new simcord/preview with LivePreview and _RoomServer."

CONTROLS = "bot/preview/controls.py tells controls in the same place apart; see whether simcord now does."
WEBHOOK = (
    "bot/replies/channels.py edits an interaction's answer by its token alone, after a restart too, which discord.py offers on an "
    "Interaction only; see what Interaction.edit_original_response calls now."
)


@pytest.mark.parametrize(
    ("owner", "name", "remedy"),
    [
        (Env, "_settle_internal", PREVIEW),
        (Env, "_schedule_timer", PREVIEW),
        (Env, "_record_error", PREVIEW),
        (Env, "_notify_dispatch_observers", PREVIEW),
        (Env, "_settlement_state", PREVIEW),
        (Env, "_process_resource_deadlines", PREVIEW),
        (
            Env,
            "_bot_scope",
            "bot/preview/__init__.py acts as the bot in it; look for what runs `self.bot` in the new Env.",
        ),
        (
            simcord._settlement,
            "_active_callbacks",
            "LiveEnv.tidy drops cancelled timers by it, or memory grows with each draft.",
        ),
        (simcord._dpy_internals, "real_monotonic", "simcord replaces time.monotonic; this is the clock before that."),
        (simcord._clock, "Clock", "LiveBackend has the wall clock in its place; see RealClock."),
        (Preview, "_action", PAGE),
        (Preview, "_open_page", PAGE),
        (PreviewServer, "_state", PAGE),
        (
            Env(CLIENT),
            "_preview",
            "bot/preview/__init__.py puts a facade of all open pages in its place; see what reads it.",
        ),
        (_component_projection, "_control_key", CONTROLS),
        (_action_plans, "_component_key", CONTROLS),
        (CLIENT, "_connection", WEBHOOK),
        (async_, "async_context", WEBHOOK),
        (AsyncWebhookAdapter, "edit_original_interaction_response", WEBHOOK),
        (AsyncWebhookAdapter, "delete_original_interaction_response", WEBHOOK),
    ],
)
def test_private_attributes_the_bot_relies_on_exist(owner: Any, name: str, remedy: str) -> None:
    assert hasattr(owner, name), remedy
