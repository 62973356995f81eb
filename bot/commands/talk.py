"""Mentions, replies, direct messages and /ask: builds a request from each message, or answers small talk and saves texts
that users edited and sent back.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from dataclasses import replace

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot, whisper
from bot.content import AttachedFile, Request
from bot.errors import QuillmateError
from bot.generation.tastes import MIN_EDITED_WORDS, is_edited
from bot.interactions.chat import TryButton, chat_view, find_small_talk
from bot.interactions.conversation import build_follow_up, is_question, list_recent_turns
from bot.interactions.missed_messages import MissedMessages
from bot.interactions.requests import USE_FILE, check_attachment, find_voice_message, generate_seed
from bot.interactions.results import find_question_id, find_result_id
from bot.interactions.stage.speaking import handle_stage_message
from bot.interactions.taste import save_edit
from bot.moderation import DespairError
from bot.replies.address import find_locale
from bot.replies.result_views import hidden_reply_view
from bot.requests.changes import build_answer_request
from bot.requests.intake import MAX_CHARACTERS, clean_brief
from bot.requests.members import add_place
from bot.runtime.logs import request_id
from storage.generations import Generation
from storage.owner_keys import begin_work

# How many of a user's newest results a pasted text is compared with.
_MAX_NEWEST_RESULTS = 5
_MAX_REMEMBERED_MESSAGES = 1000


class Talk(commands.Cog):
    """Listens to messages to the bot."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._bot = bot
        # Messages may arrive twice: when a session is resumed, and when missed ones are fetched.
        self._handled_ids: deque[int] = deque(maxlen=_MAX_REMEMBERED_MESSAGES)

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Answer users' direct messages and, elsewhere, their mentions of the bot and replies to it."""
        if self.is_addressed(message):
            begin_work()
            await self.answer(message)

    def is_addressed(self, message: discord.Message) -> bool:
        """Return whether a message is addressed to the bot by a user."""
        me = self._bot.user
        is_user_message = message.type in (discord.MessageType.default, discord.MessageType.reply)
        if message.author.bot or me is None or not is_user_message:
            return False
        return message.guild is None or me in message.mentions or _find_replied_message(message, me.id) is not None

    async def answer(self, message: discord.Message) -> None:
        """Answer a message addressed to the bot; a second call for the same message does nothing."""
        me = self._bot.user
        if me is None or message.id in self._handled_ids:
            return
        self._handled_ids.append(message.id)
        request_id.set(str(message.id))
        try:
            if await handle_stage_message(self._bot, message):
                return
            text = re.sub(rf"<@!?{me.id}>", " ", message.content).strip()
            replied_result = await self._find_replied_result(message, me.id)
            is_empty = not text and not message.attachments and not message.flags.voice
            if replied_result is not None and is_empty:
                await self._bot.reply(message, hidden_reply_view(replied_result.id, find_locale(message)))
                return
            if (voice := find_voice_message(self._bot, message)) is not None:
                await self._bot.take_message(message, _build_voice_request(message, voice, replied_result))
                return
            if await self._answer_small_talk(message, text, replied_result):
                return
            original = await self._find_original(message, text, replied_result)
            if original is not None:
                await save_edit(self._bot, message, original, text)
                return
            await self._bot.take_message(message, await self._build_request(message, text, replied_result))
        except QuillmateError as error:
            # Help lines are always sent, other refusals only so often.
            if isinstance(error, DespairError) or self._bot.app.rate_limiter.can_notify(str(message.author.id), error):
                await self._bot.refuse_message(message, error)

    async def _answer_small_talk(self, message: discord.Message, text: str, replied_result: Generation | None) -> bool:
        """Answer small talk, except from users who chat too often; return whether the text was small talk."""
        small_talk = None if message.attachments else await find_small_talk(text)
        if small_talk is None:
            return False
        if self._bot.app.rate_limiter.can_chat(str(message.author.id)):
            request = Request(id=str(message.id), user_id=str(message.author.id), brief=text)
            request = add_place(
                request, message.guild.id if message.guild else None, message.channel.id, message.channel
            )
            view = await chat_view(self._bot, small_talk, request, find_locale(message), replied_result)
            await self._bot.reply(message, view)
        return True

    async def _find_replied_result(self, message: discord.Message, bot_id: int) -> Generation | None:
        """Return the author's own text or open question that a message replies to; None if there is none."""
        replied_message = _find_replied_message(message, bot_id)
        generation_id = replied_message and (find_result_id(replied_message) or find_question_id(replied_message))
        if not generation_id:
            return None
        result = await self._bot.app.results.find(generation_id, str(message.author.id))
        return result if result is not None and (result.text or is_question(result)) else None

    async def _find_original(
        self, message: discord.Message, text: str, replied_result: Generation | None
    ) -> Generation | None:
        """Return the result that a text is an edited version of: the one that the message replies to, or else one of the
        author's newest; None if the text is no edited version.
        """
        if len(text.split()) < MIN_EDITED_WORDS:
            return None
        candidates = [replied_result] if replied_result else None
        if candidates is None:
            candidates = await self._bot.app.results.list_newest(str(message.author.id), _MAX_NEWEST_RESULTS)
        for result in candidates:
            if await asyncio.to_thread(_is_edited_version, result, text):
                return result
        return None

    async def _build_request(self, message: discord.Message, text: str, replied_result: Generation | None) -> Request:
        """Build the request for a message, with the earlier turns if it is part of a conversation."""
        file = check_attachment(message.attachments[0] if message.attachments else None)
        brief = clean_brief(text or (USE_FILE if file else ""))
        user_id = str(message.author.id)
        request = Request(id=str(message.id), user_id=user_id, brief=brief, file=file, seed=generate_seed())
        begins_anew = replied_result is None and not self._is_in_conversation(message)
        turns = await list_recent_turns(self._bot, user_id, str(message.channel.id))
        if replied_result:
            # A reply is not about an open question, unless it replies to that.
            turns = [replied_result, *(turn for turn in turns if turn.id != replied_result.id and turn.text)]
        if turns and is_question(turns[0]):
            return replace(build_answer_request(turns[0], request.id, brief), file=file)
        request = replace(request, begins_anew=begins_anew)
        return await build_follow_up(request, turns, self._bot.app.routing, replied=replied_result is not None)

    def _is_in_conversation(self, message: discord.Message) -> bool:
        """Return whether a message certainly continues a conversation, as it is in direct messages or a thread, or replies
        to the bot. For other mentions a capable model decides; without one they begin anew, unless they ask for a change.
        """
        me = self._bot.user
        is_thread = isinstance(message.channel, discord.Thread)
        return (
            message.guild is None or is_thread or (me is not None and _find_replied_message(message, me.id) is not None)
        )


@app_commands.command(name="ask", description="Ask for anything; I'll work out what to make")
@app_commands.describe(question="What you need, in your own words", file="A .txt, .md, .pdf or .docx file to work from")
async def ask(
    interaction: Interaction,
    question: app_commands.Range[str, 0, MAX_CHARACTERS],
    file: discord.Attachment | None = None,
) -> None:
    """Submit free text as a request; small talk is answered privately instead."""
    small_talk = None if file else await find_small_talk(question)
    if small_talk is not None:
        request = Request(id=str(interaction.id), user_id=str(interaction.user.id), brief=question)
        request = add_place(request, interaction.guild_id, interaction.channel_id, interaction.channel)
        view = await chat_view(interaction.client, small_talk, request, interaction.locale.value)
        await whisper(interaction, view)
        return
    brief = clean_brief(question)
    request = Request(
        id=str(interaction.id),
        user_id=str(interaction.user.id),
        brief=brief,
        file=check_attachment(file),
        seed=generate_seed(),
    )
    await interaction.client.take(interaction, request)


def _find_replied_message(message: discord.Message, bot_id: int) -> discord.Message | None:
    """Return the bot's message that a message replies to; None if there is none."""
    replied_message = message.reference.resolved if message.reference else None
    if isinstance(replied_message, discord.Message) and replied_message.author.id == bot_id:
        return replied_message
    return None


def _build_voice_request(message: discord.Message, voice: AttachedFile, replied_result: Generation | None) -> Request:
    """Build the request for a voice message. Its brief is empty until the transcription; if the message replies to a
    result, it is an instruction for that.
    """
    return Request(
        id=str(message.id),
        user_id=str(message.author.id),
        brief="",
        file=voice,
        parent_id=replied_result.id if replied_result else None,
        seed=generate_seed(),
    )


def _is_edited_version(result: Generation, text: str) -> bool:
    return is_edited(result.text, text, str(result.request.get("brief", "")))


async def setup(bot: QuillmateBot) -> None:
    """Add the cogs and /ask, and register the Try button, so that it still works in messages sent before a restart."""
    bot.add_dynamic_items(TryButton)
    bot.tree.add_command(ask)
    cog = Talk(bot)
    await bot.add_cog(cog)
    await bot.add_cog(MissedMessages(bot, cog.is_addressed, cog.answer))
