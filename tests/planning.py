"""Helpers for tests of planned posts: a settable clock, the loop's run, and forms."""

from __future__ import annotations

from collections.abc import AsyncIterator, Container
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
from discord_texts import find_fields, get_answer, read_message

from bot.app import App
from bot.client import QuillmateBot


class Clock:
    """The clock of the bot's calendar."""

    def __init__(self, world: Any, now: datetime) -> None:
        self.now = now
        self.set_for(world.bot)

    def set_for(self, bot: Any) -> None:
        """Use this clock for a bot's calendar."""
        bot.app.calendar.now = lambda: self.now
        bot.app.pacer._clock = lambda: self.now.timestamp()

    def pass_(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)


# A Wednesday, noon in Berlin.
NOON = datetime(2026, 10, 14, 10, 0, tzinfo=UTC)


async def run_schedule(bot: Any) -> int:
    """Run the periodic loop once."""
    return int(await bot.get_cog("ScheduleCommand").run_once())


async def submit(who: Any, shown: Any, **values: Any) -> Any:
    """Submit a form by the beginnings of its labels, with "_" for spaces."""
    found = {label.casefold(): field["custom_id"] for label, field in find_fields(shown.modal).items()}
    named = {}
    values = {name: value if isinstance(value, str | list) else [value] for name, value in values.items()}
    for beginning, value in values.items():
        [custom_id] = [known for label, known in found.items() if label.startswith(beginning.replace("_", " "))]
        named[custom_id] = value
    for field in find_fields(shown.modal).values():  # Unchanged fields are submitted with their values.
        standing = _get_default(who, field)
        if field["custom_id"] not in named and standing is not None:
            named[field["custom_id"]] = standing
    return await who.submit_modal(shown, named)


def _get_default(who: Any, field: dict[str, Any]) -> Any:
    """Return the initial value of a field."""
    if chosen := [str(one["id"]) for one in field.get("default_values") or ()]:
        return [one for one in who.guild.channels.values() if str(one.id) in chosen]
    if options := [one["value"] for one in field.get("options") or () if one.get("default")]:
        return options
    return field.get("value") or None


def list_posts(world: Any, channel: Any, but: Container[int] = ()) -> list[str]:
    """List the bot's posts in a channel that are no answers, except some messages."""
    stored = [one for number, one in world.env.backend.messages[channel.id].items() if number not in but]
    mine = [one for one in stored if one.author_id == world.bot.user.id and not one.is_ephemeral]
    return [read_message({"components": one.components}) if one.components else one.content for one in mine]


def list_direct_messages(world: Any, who: Any) -> list[str]:
    """List the bot's direct messages to a user."""
    dms = [one for one in world.env.backend.channels.values() if who.id in (getattr(one, "recipient_ids", None) or ())]
    return [text for channel in dms for text in list_posts(world, channel)]


@asynccontextmanager
async def restart_process(world: Any, settings: Any, script: Any, clock: Clock | None = None) -> AsyncIterator[None]:
    """Replace the bot's process, as after a crash: everything in memory is lost."""
    router = world.app.routing._router
    await world.app.__aexit__(None, None, None)
    async with App(settings, engines=[script.engine()]) as app:
        app.routing._router = router
        world.bot = QuillmateBot(app, shard_count=1)
        if clock is not None:
            clock.set_for(world.bot)
        settle = world.env._settle_internal

        async def settle_patiently(**options: Any) -> None:
            """Wait as long as for any other action: a busy machine is no fault of the bot."""
            await settle(**{**options, "timeout": None})

        world.env._settle_internal = settle_patiently
        try:
            await world.env.restart_bot(world.bot)
        finally:
            world.env._settle_internal = settle
        yield


async def set_berlin_timezone(world: Any, *people: Any) -> None:
    """Set the time zone of users' profiles to Berlin."""
    for one in people:
        await world.app.store.profiles.update(
            str(one.id), lambda known: known.model_copy(update={"timezone": "Europe/Berlin"})
        )


def create_manager(world: Any, name: str = "boss") -> Any:
    """Create a member who may manage the server."""
    role = world.guild.create_role(name, permissions=discord.Permissions(manage_guild=True))
    return world.guild.add_member(world.env.create_user(name), roles=[role])


def read_refusal(result: Any) -> str:
    """Read a private answer."""
    shown = get_answer(result)
    assert shown.ephemeral
    return read_message(shown)
