"""Mentions, replies and direct messages: free text that is routed, or a wish about the result that it replies to."""

from __future__ import annotations

import re
from dataclasses import replace

import discord
from discord.ext import commands

from bot.client import QuillmateBot
from bot.content import Request
from bot.errors import QuillmateError, sentence

from ._intake import brief_of
from .buttons import changed_request, generation_in
from .make import USE_FILE, attached, new_seed


class Talk(commands.Cog):
    """Listens to messages that are meant for the bot."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._bot = bot

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Answers people, in direct messages always and elsewhere when they mention the bot or reply to it."""
        me = self._bot.user
        if (
            message.author.bot
            or me is None
            or message.type not in (discord.MessageType.default, discord.MessageType.reply)
        ):
            return
        if message.guild is not None and me not in message.mentions:
            return
        try:
            await self._bot.take_message(message, await self._request(message, me.id))
        except QuillmateError as error:
            await self._bot.say(message, sentence(error))

    async def _request(self, message: discord.Message, me: int) -> Request:
        text = re.sub(rf"<@!?{me}>", " ", message.content).strip()
        file = attached(message.attachments[0] if message.attachments else None)
        brief = brief_of(text or (USE_FILE if file else ""))
        reference = message.reference.resolved if message.reference else None
        if isinstance(reference, discord.Message) and reference.author.id == me:
            generation_id = generation_in(reference)
            store, author = self._bot.app.store.generations, str(message.author.id)
            earlier = await store.get(generation_id, author) if generation_id else None
            if earlier is not None and earlier.text:
                again = changed_request(earlier, str(message.id), note=brief)
                return replace(again, file=file) if file else again
        return Request(id=str(message.id), user_id=str(message.author.id), brief=brief, file=file, seed=new_seed())


async def setup(bot: QuillmateBot) -> None:
    """Adds the listener."""
    await bot.add_cog(Talk(bot))
