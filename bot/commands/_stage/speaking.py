"""Messages that reach a play or an interview: all in direct messages, elsewhere those that mention the bot or reply to it."""

from __future__ import annotations

import re

import discord

from bot.client import QuillmateBot, member_of
from bot.commands._requests import counted
from bot.errors import RefusedError
from bot.team.stage.plays import CASE
from storage.plays import KeptPlay

from .showing import plays_of, work

_STOPPING = "I am being restarted. Try again in a minute."


async def on_stage(bot: QuillmateBot, message: discord.Message) -> bool:
    """Hands what somebody says to what goes on in its channel; tells whether it was meant for that.

    Raises:
        QuillmateError: it is refused.
    """
    kept = await plays_of(bot).here(str(message.channel.id))
    me = bot.user
    if kept is None or me is None or kept.guild_id != str(message.guild.id if message.guild else ""):
        return False
    text = re.sub(rf"<@!?{me.id}>", " ", message.content).strip()
    if not text:
        return False
    said = await _said(bot, kept, message, text)
    if said is None:
        return False
    await work(bot, said)
    return True


async def _said(bot: QuillmateBot, kept: KeptPlay, message: discord.Message, text: str) -> KeptPlay | None:
    """What goes on, after somebody has said something in it; None where they have no part in it."""
    plays, member = plays_of(bot), member_of(message.author)
    if kept.sort != CASE:
        talk = await plays.talk(kept.id, kept.guild_id, kept.channel_id)
        await admit(bot, kept, member.user_id)
        return (await plays.ask(talk, member, text)).kept
    seen = await plays.seen(kept.id, kept.guild_id, kept.channel_id)
    if seen.play.role_of(member.user_id) is None or seen.play.state == "lobby":
        return None
    await admit(bot, kept, member.user_id)
    return (await plays.say(seen, member.user_id, text)).kept


async def admit(bot: QuillmateBot, kept: KeptPlay, user_id: str) -> None:
    """Counts an answer as a request.

    Raises:
        RefusedError: the bot stops, or more was asked for than is answered in a while.
    """
    if bot.stopping:
        raise RefusedError(_STOPPING)
    await counted(bot, user_id, kept.guild_id, kept.channel_id)
