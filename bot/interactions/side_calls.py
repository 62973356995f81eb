"""Side calls: model calls other than requests for texts, which are admitted and counted like those but not stored."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import discord

from bot.admission.quotas import QuotaNotification
from bot.client import Interaction, QuillmateBot, build_member, whisper
from bot.content import Request
from bot.engines import Engine
from bot.engines.spending import track_spending
from bot.locales import localize
from bot.replies.address import find_locale
from bot.replies.views import note_view
from bot.runtime.active_requests import track_request
from bot.team.workspace.roles import Member, Permission

log = logging.getLogger(__name__)
_SILENT = discord.AllowedMentions.none()


@asynccontextmanager
async def admit_side_call(
    interaction: Interaction, kind: str, engine: Engine | None = None, *, count: int = 1
) -> AsyncIterator[list[QuotaNotification]]:
    """Admit a call of a kind by the user, for an engine if there is one, and count its usage as `count` requests.
    Yields the quota notifications, which `send_quota_notifications` sends once there is an answer.

    Raises:
        LimitError: a rate limit or a quota of the server is exceeded.
        RefusedError: the user lacks the permission in that server.
    """
    request = Request(
        str(interaction.id),
        str(interaction.user.id),
        "",
        kind=kind,
        variants=count,
        guild_id=str(interaction.guild_id or ""),
        channel_id=str(interaction.channel_id or ""),
    )
    name = engine.name if engine is not None else ""
    async with admit_side_request(interaction.client, request, build_member(interaction.user), name) as notifications:
        yield notifications


@asynccontextmanager
async def admit_side_request(
    bot: QuillmateBot, request: Request, member: Member, engine: str, permission: Permission = Permission.MAKE
) -> AsyncIterator[list[QuotaNotification]]:
    """Admit a call by a member who sent a message, without an interaction; `permission` is required.

    Raises:
        LimitError: a rate limit or a quota of the server is exceeded.
        RefusedError: the member lacks the permission.
    """
    desk, request_count = bot.desk, 0
    bot.aside.add(request.id)
    try:
        notifications = await desk.admission.admit(
            request, member, bot.is_under_way, pending=lambda: desk.jobs.count_pending(request.user_id), act=permission
        )
        with track_spending() as cost, track_request(request.id, request.kind or ""):
            try:
                yield notifications
                request_count = request.variants
            finally:
                await desk.answers.accounts.count_aside(request, cost, request.kind or "", engine, made=request_count)
    finally:
        bot.aside.discard(request.id)


@asynccontextmanager
async def count_side_call(bot: QuillmateBot, user_id: str, guild_id: str, kind: str) -> AsyncIterator[None]:
    """Count usage for a user without an admission check, for work that completes what was admitted before."""
    request = Request("", user_id, "", kind=kind, guild_id=guild_id)
    with track_spending() as cost:
        try:
            yield
        finally:
            await bot.desk.answers.accounts.count_aside(request, cost, kind, "", made=0)


async def require_within_limits(
    bot: QuillmateBot, request: Request, member: Member, permission: Permission = Permission.MAKE
) -> None:
    """Count a request that calls no model towards the limits, and refuse it if a model call would be refused.

    Raises:
        LimitError: a rate limit or a quota of the server is exceeded.
        RefusedError: the user lacks the permission in that server.
    """
    bot.aside.add(request.id)
    try:
        await bot.desk.admission.admit(request, member, bot.is_under_way, act=permission)
    finally:
        bot.aside.discard(request.id)
        await bot.desk.answers.accounts.finish(request.id)


async def send_quota_notifications_directly(
    bot: QuillmateBot, message: discord.Message, notifications: Sequence[QuotaNotification]
) -> None:
    """Send quota notifications to a message's author in a direct message, since a channel message would be public."""
    user_id, guild_id = str(message.author.id), str(message.guild.id if message.guild else "")
    for notification in notifications:
        if await bot.app.quotas.claim_notification(user_id, guild_id, notification.name):
            try:
                await message.author.send(
                    view=note_view(localize(notification.phrase, find_locale(message))), allowed_mentions=_SILENT
                )
            except discord.HTTPException:
                log.info("a quota notification could not be sent")


async def send_quota_notifications(interaction: Interaction, notifications: Sequence[QuotaNotification]) -> None:
    """Send quota notifications to the user in ephemeral messages, after the answer, each once."""
    user_id, guild_id = str(interaction.user.id), str(interaction.guild_id or "")
    for notification in notifications:
        if await interaction.client.app.quotas.claim_notification(user_id, guild_id, notification.name):
            await whisper(interaction, localize(notification.phrase, interaction.locale.value))
