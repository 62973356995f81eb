"""Model calls besides requests for texts: admitted and counted like those, but nothing of them is stored."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import discord

from bot.admission.quotas import QuotaNotification
from bot.client import Interaction, QuillmateBot, build_member, find_locale, whisper
from bot.content import Request
from bot.engines import Engine
from bot.engines.spending import spending
from bot.locales import localize
from bot.replies.views import note_view
from bot.runtime.progress import track_request
from bot.team.workspace.roles import Member, Permission

log = logging.getLogger(__name__)
_SILENT = discord.AllowedMentions.none()


@asynccontextmanager
async def asked_aside(
    interaction: Interaction, kind: str, engine: Engine | None = None, *, count: int = 1
) -> AsyncIterator[list[QuotaNotification]]:
    """Admit a call of a kind by the user, for an engine if there is one, and count what it used as `count` requests.
    Yields the quota notifications, which `send_quota_notifications` sends once there is an answer.

    Raises:
        LimitError: a rate limit or a quota of the server is exceeded.
        RefusedError: the user lacks the permission in that server.
    """
    request = Request(
        str(interaction.id), str(interaction.user.id), "", kind=kind, variants=count,
        guild_id=str(interaction.guild_id or ""), channel_id=str(interaction.channel_id or ""),
    )  # fmt: skip
    name = engine.name if engine is not None else ""
    async with asked_by(interaction.client, request, build_member(interaction.user), name) as notes:
        yield notes


@asynccontextmanager
async def asked_by(
    bot: QuillmateBot, request: Request, member: Member, engine: str, act: Permission = Permission.MAKE
) -> AsyncIterator[list[QuotaNotification]]:
    """Admit a call by a member who sent a message and has no interaction; `act` is the permission they need."""
    desk, made = bot.desk, 0
    bot.aside.add(request.id)
    try:
        notes = await desk.admission.admit(
            request, member, bot.is_under_way, pending=lambda: desk.jobs.count_pending(request.user_id), act=act
        )
        with spending() as cost, track_request(request.id, request.kind or ""):
            try:
                yield notes
                made = request.variants
            finally:
                await desk.answers.accounts.count_aside(request, cost, request.kind or "", engine, made=made)
    finally:
        bot.aside.discard(request.id)


@asynccontextmanager
async def paid_by(bot: QuillmateBot, user_id: str, guild_id: str, kind: str) -> AsyncIterator[None]:
    """Count what is used for a user without an admission check, as it completes what they have begun."""
    request = Request("", user_id, "", kind=kind, guild_id=guild_id)
    with spending() as cost:
        try:
            yield
        finally:
            await bot.desk.answers.accounts.count_aside(request, cost, kind, "", made=0)


async def refuse_over(bot: QuillmateBot, request: Request, member: Member, act: Permission = Permission.MAKE) -> None:
    """Count a request that calls no model towards the limits, and refuse it where a model call would be refused.

    Raises:
        LimitError: a rate limit or a quota of the server is exceeded.
        RefusedError: the user lacks the permission in that server.
    """
    bot.aside.add(request.id)
    try:
        await bot.desk.admission.admit(request, member, bot.is_under_way, act=act)
    finally:
        bot.aside.discard(request.id)
        await bot.desk.answers.accounts.finish(request.id)


async def tell_notes_directly(bot: QuillmateBot, message: discord.Message, notes: Sequence[QuotaNotification]) -> None:
    """Send quota notifications to a message's author in a direct message, as everyone would read them in the channel."""
    user_id, guild_id = str(message.author.id), str(message.guild.id if message.guild else "")
    for note in notes:
        if await bot.app.quotas.is_first_notice(user_id, guild_id, note.name):
            try:
                await message.author.send(
                    view=note_view(localize(note.phrase, find_locale(message))), allowed_mentions=_SILENT
                )
            except discord.HTTPException:
                log.info("no direct message can be sent")


async def tell_notes(interaction: Interaction, notes: Sequence[QuotaNotification]) -> None:
    """Send quota notifications privately to the user, each once, after the answer."""
    user_id, guild_id = str(interaction.user.id), str(interaction.guild_id or "")
    for note in notes:
        if await interaction.client.app.quotas.is_first_notice(user_id, guild_id, note.name):
            await whisper(interaction, localize(note.phrase, interaction.locale.value))
