"""Messages to a play or an interview: all in direct messages, elsewhere mentions of the bot and replies to it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord

from bot.admission.quotas import QuotaNotification
from bot.client import QuillmateBot, build_member
from bot.commands._side_calls import admit_side_request, send_quota_notifications_directly
from bot.content import Request
from bot.errors import RefusedError
from bot.team.stage.plays import CASE
from bot.team.workspace.roles import Member, Permission
from storage.plays import StoredPlay

from .views import STAGE, advance, get_plays

_STOPPING = "I am restarting. Try again in a minute."


async def handle_stage_message(bot: QuillmateBot, message: discord.Message) -> bool:
    """Pass a message to the play of its channel; return whether it was meant for that.

    Raises:
        QuillmateError: it is refused.
    """
    stored = await get_plays(bot).find_running(str(message.channel.id))
    me = bot.user
    if stored is None or me is None or stored.guild_id != str(message.guild.id if message.guild else ""):
        return False
    text = re.sub(rf"<@!?{me.id}>", " ", message.content).strip()
    if not text:
        return False
    plays, member = get_plays(bot), build_member(message.author)
    if stored.sort != CASE:
        interview = await plays.load_interview(stored.id, stored.guild_id, stored.channel_id)
        async with admit_turn(bot, stored, member, str(message.id)) as notifications:
            await advance(bot, (await plays.ask(interview, member, text)).record)
        await send_quota_notifications_directly(bot, message, notifications)
        return True
    view = await plays.load_view(stored.id, stored.guild_id, stored.channel_id)
    if view.play.role_of(member.user_id) is None or view.play.state == "lobby":
        return False
    async with admit_turn(bot, stored, member, str(message.id)) as notifications:
        await advance(bot, (await plays.say(view, member.user_id, text)).record)
    await send_quota_notifications_directly(bot, message, notifications)
    return True


@asynccontextmanager
async def admit_turn(
    bot: QuillmateBot, stored: StoredPlay, member: Member, request_id: str
) -> AsyncIterator[list[QuotaNotification]]:
    """Admit a message as a request of its author, and count what it uses; readers may play, too.

    Raises:
        RefusedError: the bot is stopping, or a limit or a quota of the server is exceeded.
    """
    if bot.stopping:
        raise RefusedError(_STOPPING)
    request = build_request(stored, member.user_id, request_id)
    async with admit_side_request(bot, request, member, bot.app.engines.first.name, Permission.SEE) as notifications:
        yield notifications


def build_request(stored: StoredPlay, user_id: str, request_id: str) -> Request:
    """Return the request that a message in a play is counted as."""
    return Request(request_id, user_id, "", kind=STAGE, guild_id=stored.guild_id, channel_id=stored.channel_id)
