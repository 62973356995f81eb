"""Mentions, replies, direct messages and /ask: free text that is routed to a kind, or an instruction for the result that it
replies to.
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
from bot.requests.intake import MAX_CHARACTERS, brief_of
from bot.requests.members import add_place
from bot.runtime.logs import request_id
from storage.generations import Generation
from storage.owner_keys import begin_work

# Maximum of a user's newest results that a pasted text is compared with.
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
        return message.guild is None or me in message.mentions or _is_reply_to_bot(message, me.id)

    async def answer(self, message: discord.Message) -> None:
        """Answer a message addressed to the bot; a second call for the same message does nothing."""
        me = self._bot.user
        if me is None or message.id in self._handled_ids:
            return
        self._handled_ids.append(message.id)
        is_reply = _is_reply_to_bot(message, me.id)
        request_id.set(str(message.id))
        try:
            if await handle_stage_message(self._bot, message):
                return
            text = re.sub(rf"<@!?{me.id}>", " ", message.content).strip()
            earlier = await self._find_replied_result(message, me.id)
            if is_reply and earlier is not None and not text and not message.attachments and not message.flags.voice:
                await self._bot.reply(message, hidden_reply_view(earlier.id, find_locale(message)))
                return
            if (voice := find_voice_message(self._bot, message)) is not None:
                await self._bot.take_message(message, _build_voice_request(message, voice, earlier))
                return
            if await self._answer_small_talk(message, text, earlier):
                return
            original = await self._find_original(message, text, earlier)
            if original is not None:
                await save_edit(self._bot, message, original, text)
                return
            await self._bot.take_message(message, await self._build_request(message, text, earlier))
        except QuillmateError as error:
            if isinstance(error, DespairError) or self._bot.app.rate_limiter.can_notify(str(message.author.id), error):
                await self._bot.refuse_message(message, error)

    async def _answer_small_talk(self, message: discord.Message, text: str, earlier: Generation | None) -> bool:
        """Answer small talk, except from users who chat too often; return whether the text was small talk."""
        talk = None if message.attachments else await find_small_talk(text)
        if talk is None:
            return False
        if self._bot.app.rate_limiter.can_chat(str(message.author.id)):
            request = Request(id=str(message.id), user_id=str(message.author.id), brief=text)
            request = add_place(
                request, message.guild.id if message.guild else None, message.channel.id, message.channel
            )
            view = await chat_view(self._bot, talk, request, find_locale(message), earlier)
            await self._bot.reply(message, view)
        return True

    async def _find_replied_result(self, message: discord.Message, me: int) -> Generation | None:
        """Return the author's own result that a message replies to; None if there is none."""
        reference = message.reference.resolved if message.reference else None
        if not isinstance(reference, discord.Message) or reference.author.id != me:
            return None
        generation_id = find_result_id(reference) or find_question_id(reference)
        results, author = self._bot.app.results, str(message.author.id)
        result = await results.find(generation_id, author) if generation_id else None
        return result if result is not None and (result.text or is_question(result)) else None

    async def _find_original(
        self, message: discord.Message, text: str, earlier: Generation | None
    ) -> Generation | None:
        """Return the result that a text is an edited version of: the one it replies to or, without one, one of the
        author's newest; None if it is no edited version.
        """
        if len(text.split()) < MIN_EDITED_WORDS:
            return None
        newest = (
            await self._bot.app.results.list_newest(str(message.author.id), _MAX_NEWEST_RESULTS) if not earlier else []
        )
        for result in [earlier] if earlier else newest:
            if await asyncio.to_thread(_is_edited_version, result, text):
                return result
        return None

    async def _build_request(self, message: discord.Message, text: str, earlier: Generation | None) -> Request:
        """Turn a message into a request, with the earlier turns if it is part of a conversation."""
        file = check_attachment(message.attachments[0] if message.attachments else None)
        brief = brief_of(text or (USE_FILE if file else ""))
        user_id = str(message.author.id)
        request = Request(id=str(message.id), user_id=user_id, brief=brief, file=file, seed=generate_seed())
        routing = self._bot.app.routing
        begins_anew = earlier is None and not self._is_conversation(message)
        if begins_anew and not routing.can_ask:
            return request
        turns = await list_recent_turns(self._bot, user_id, str(message.channel.id))
        if earlier:
            turns = [earlier, *(turn for turn in turns if turn.id != earlier.id and turn.text)]
        if turns and is_question(turns[0]):
            return replace(build_answer_request(turns[0], request.id, brief), file=file)
        route = None if routing.can_ask else await routing.guess(brief)
        request = replace(request, begins_anew=begins_anew)
        return build_follow_up(request, turns, route, replied=earlier is not None)

    def _is_conversation(self, message: discord.Message) -> bool:
        """Return whether a message certainly continues a conversation: in direct messages, in a thread, or as a reply to
        the bot. For mentions in a channel a capable model decides; without one they begin anew.
        """
        me = self._bot.user
        is_thread = isinstance(message.channel, discord.Thread)
        return message.guild is None or is_thread or (me is not None and _is_reply_to_bot(message, me.id))


@app_commands.command(name="ask", description="Ask for anything; I'll work out what to make")
@app_commands.describe(question="What you need, in your own words", file="A .txt, .md, .pdf or .docx file to work from")
async def ask(
    interaction: Interaction,
    question: app_commands.Range[str, 0, MAX_CHARACTERS],
    file: discord.Attachment | None = None,
) -> None:
    """Submit free text as a request; small talk is answered privately instead."""
    talk = None if file else await find_small_talk(question)
    if talk is not None:
        request = Request(id=str(interaction.id), user_id=str(interaction.user.id), brief=question)
        request = add_place(request, interaction.guild_id, interaction.channel_id, interaction.channel)
        view = await chat_view(interaction.client, talk, request, interaction.locale.value)
        await whisper(interaction, view)
        return
    brief = brief_of(question)
    request = Request(
        id=str(interaction.id),
        user_id=str(interaction.user.id),
        brief=brief,
        file=check_attachment(file),
        seed=generate_seed(),
    )
    await interaction.client.take(interaction, request)


def _is_reply_to_bot(message: discord.Message, me: int) -> bool:
    """Return whether a message replies to one of the bot's."""
    reference = message.reference.resolved if message.reference else None
    return isinstance(reference, discord.Message) and reference.author.id == me


def _build_voice_request(message: discord.Message, voice: AttachedFile, earlier: Generation | None) -> Request:
    """Build the request of a voice message, whose text is known after transcription; a reply to a result is an
    instruction.
    """
    return Request(
        id=str(message.id),
        user_id=str(message.author.id),
        brief="",
        file=voice,
        parent_id=earlier.id if earlier else None,
        seed=generate_seed(),
    )


def _is_edited_version(result: Generation, text: str) -> bool:
    return is_edited(result.text, text, str(result.request.get("brief", "")))


async def setup(bot: QuillmateBot) -> None:
    """Add the listener and the command, and register the buttons of answers, so that old ones work, too."""
    bot.add_dynamic_items(TryButton)
    bot.tree.add_command(ask)
    talk = Talk(bot)
    await bot.add_cog(talk)
    await bot.add_cog(MissedMessages(bot, talk.is_addressed, talk.answer))
