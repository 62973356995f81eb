"""Messages to a play or an interview: all in direct messages, elsewhere mentions of the bot and replies to it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord

from bot.admission.quotas import QuotaNotification
from bot.client import QuillmateBot, build_member
from bot.commands._aside import asked_by, tell_notes_directly
from bot.content import Request
from bot.errors import RefusedError
from bot.team.stage.plays import CASE
from bot.team.workspace.roles import Member, Permission
from storage.plays import KeptPlay

from .showing import STAGE, plays_of, work

_STOPPING = "I am restarting. Try again in a minute."


async def on_stage(bot: QuillmateBot, message: discord.Message) -> bool:
    """Pass a message to the play of its channel; return whether it was meant for that.

    Raises:
        QuillmateError: it is refused.
    """
    kept = await plays_of(bot).find_running(str(message.channel.id))
    me = bot.user
    if kept is None or me is None or kept.guild_id != str(message.guild.id if message.guild else ""):
        return False
    text = re.sub(rf"<@!?{me.id}>", " ", message.content).strip()
    if not text:
        return False
    plays, member = plays_of(bot), build_member(message.author)
    if kept.sort != CASE:
        talk = await plays.load_interview(kept.id, kept.guild_id, kept.channel_id)
        async with turn_of(bot, kept, member, str(message.id)) as notes:
            await work(bot, (await plays.ask(talk, member, text)).kept)
        await tell_notes_directly(bot, message, notes)
        return True
    seen = await plays.load_view(kept.id, kept.guild_id, kept.channel_id)
    if seen.play.role_of(member.user_id) is None or seen.play.state == "lobby":
        return False
    async with turn_of(bot, kept, member, str(message.id)) as notes:
        await work(bot, (await plays.say(seen, member.user_id, text)).kept)
    await tell_notes_directly(bot, message, notes)
    return True


@asynccontextmanager
async def turn_of(
    bot: QuillmateBot, kept: KeptPlay, member: Member, request_id: str
) -> AsyncIterator[list[QuotaNotification]]:
    """Admit a message as a request of its author, and count what it uses; readers may play, too.

    Raises:
        RefusedError: the bot is stopping, or a limit or a quota of the server is exceeded.
    """
    if bot.stopping:
        raise RefusedError(_STOPPING)
    request = request_in(kept, member.user_id, request_id)
    async with asked_by(bot, request, member, bot.app.engines.first.name, Permission.SEE) as notes:
        yield notes


def request_in(kept: KeptPlay, user_id: str, request_id: str) -> Request:
    """Return the request that a message in a play is counted as."""
    return Request(request_id, user_id, "", kind=STAGE, guild_id=kept.guild_id, channel_id=kept.channel_id)
