"""Handle messages sent to a play or an interview: all messages in direct messages, elsewhere mentions of the bot and
replies to it.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord

from bot.admission.quotas import QuotaNotification
from bot.client import QuillmateBot, build_member
from bot.content import Request
from bot.errors import RefusedError
from bot.interactions.side_calls import admit_side_request, send_quota_notifications_directly
from bot.interactions.stage.views import STAGE, advance
from bot.team.stage.records import CASE
from bot.team.workspace.roles import Member, Permission
from storage.plays import StoredPlay

_STOPPING = "I am restarting. Try again in a minute."


async def handle_stage_message(bot: QuillmateBot, message: discord.Message) -> bool:
    """Pass a message to the play or interview running in its channel; return whether there was one to take it.

    Raises:
        QuillmateError: it is refused.
    """
    record = await bot.app.stage_records.find_running(str(message.channel.id))
    me = bot.user
    if record is None or me is None or record.guild_id != str(message.guild.id if message.guild else ""):
        return False
    text = re.sub(rf"<@!?{me.id}>", " ", message.content).strip()
    if not text:
        return False
    plays, interviews, member = bot.app.plays, bot.app.interviews, build_member(message.author)
    if record.kind != CASE:
        interview = await interviews.load_view(record.id, record.guild_id, record.channel_id)
        async with admit_turn(bot, record, member, str(message.id)) as notifications:
            await advance(bot, (await interviews.ask(interview, member, text)).record)
        await send_quota_notifications_directly(bot, message, notifications)
        return True
    view = await plays.load_view(record.id, record.guild_id, record.channel_id)
    if view.play.find_role(member.user_id) is None or view.play.state == "lobby":
        return False
    async with admit_turn(bot, record, member, str(message.id)) as notifications:
        await advance(bot, (await plays.say(view, member.user_id, text)).record)
    await send_quota_notifications_directly(bot, message, notifications)
    return True


@asynccontextmanager
async def admit_turn(
    bot: QuillmateBot, record: StoredPlay, member: Member, request_id: str
) -> AsyncIterator[list[QuotaNotification]]:
    """Admit a message as a request by its author, and count its usage; viewers may play, too.

    Raises:
        RefusedError: the bot is stopping, or a limit or a quota of the server is exceeded.
    """
    if bot.stopping:
        raise RefusedError(_STOPPING)
    request = build_request(record, member.user_id, request_id)
    async with admit_side_request(bot, request, member, bot.app.engines.first.name, Permission.SEE) as notifications:
        yield notifications


def build_request(record: StoredPlay, user_id: str, request_id: str) -> Request:
    """Build the request that a message in a play is counted as."""
    return Request(request_id, user_id, "", kind=STAGE, guild_id=record.guild_id, channel_id=record.channel_id)
