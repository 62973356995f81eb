"""Advancing plays and interviews and showing their messages in stored order; also those an earlier process left."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord

from bot.client import QuillmateBot
from bot.commands._side_calls import count_side_call
from bot.errors import QuillmateError, RefusedError
from bot.locales import translate_error
from bot.replies.delivery import is_temporary
from bot.replies.interviews import answer_view, summary_view
from bot.replies.plays import debrief_view, turn_view
from bot.replies.views import note_view
from bot.team.stage.plays import CASE, InterviewView, Plays, PlayView
from storage.plays import StoredPlay

log = logging.getLogger(__name__)
_SILENT = discord.AllowedMentions.none()
# The kind that plays and interviews are counted as.
STAGE = "scenario"
# A lock for each play that this process works on; idle ones are removed.
_locks: dict[str, asyncio.Lock] = {}


def get_plays(bot: QuillmateBot) -> Plays:
    """Return the service of plays."""
    return bot.app.plays


def get_language(stored: StoredPlay) -> str:
    """Return the language of a play or an interview."""
    return str((stored.value.get("case") or stored.value.get("card") or {}).get("language", "en"))


@asynccontextmanager
async def _lock_play(play_id: str) -> AsyncIterator[None]:
    lock = _locks.setdefault(play_id, asyncio.Lock())
    try:
        async with lock:
            yield
    finally:
        if not lock.locked():
            _locks.pop(play_id, None)


async def advance(bot: QuillmateBot, stored: StoredPlay, *, notify: bool = True) -> None:
    """Write and show the next messages; on failure the play keeps waiting, and its players are told."""
    async with _lock_play(stored.id):
        channel = bot.get_partial_messageable(
            int(stored.channel_id), guild_id=int(stored.guild_id) if stored.guild_id else None
        )
        try:
            if stored.sort == CASE:
                await _advance_case(bot, stored, channel)
            else:
                await _answer_interview(bot, stored, channel)
        except RefusedError as error:
            log.info("a play is left: %s", type(error).__name__)  # It was deleted, or ended meanwhile.
        except QuillmateError as error:
            log.warning("a play waits: %s", type(error).__name__)
            if notify:
                view = note_view(translate_error(error, get_language(stored)), wrong=True)
                await channel.send(view=view, allowed_mentions=_SILENT)
        except discord.HTTPException as error:
            if is_temporary(error.status):
                raise
            log.info("a play's channel is gone", extra={"status": error.status})
            await get_plays(bot).discard(stored)


async def advance_uncounted(bot: QuillmateBot, stored: StoredPlay, user_id: str, *, notify: bool = True) -> None:
    """Advance a play that ended or was left: what this uses counts for the user, but is not limited."""
    async with count_side_call(bot, user_id, stored.guild_id, STAGE):
        await advance(bot, stored, notify=notify)


async def _advance_case(bot: QuillmateBot, stored: StoredPlay, channel: discord.PartialMessageable) -> None:
    plays = get_plays(bot)
    view = await plays.load_view(stored.id, stored.guild_id, stored.channel_id)
    while True:
        if view.play.state in ("waiting", "ending"):
            async with _typing(bot, stored, channel):
                view = await plays.continue_play(view)
        else:
            view = await plays.continue_play(view)
        view = await _show_case(bot, view, channel)
        if view.play.state != "waiting":
            return


@asynccontextmanager
async def _typing(bot: QuillmateBot, stored: StoredPlay, channel: discord.PartialMessageable) -> AsyncIterator[None]:
    """Show the typing indicator, and wait for the user's turn among all who call the model."""
    async with bot.desk.answers.slots.model_slots.place(stored.user_id):
        with contextlib.suppress(discord.HTTPException):
            await channel.typing()
        yield


async def _show_case(bot: QuillmateBot, play_view: PlayView, channel: discord.PartialMessageable) -> PlayView:
    """Post the messages that are not shown yet, once; the nonce makes Discord return an earlier post whose answer was
    lost.
    """
    play, stored, locale = play_view.play, play_view.record, play_view.play.case.language
    lines = play.lines[play.shown :]
    if play.state == "ended" or (not lines and not play.judged):
        return play_view
    is_dm = not stored.guild_id
    if lines:
        is_over = bool(play.judged)
        view = turn_view(play, stored.id, lines, locale, is_dm=is_dm, ends=is_over)
        await channel.send(view=view, nonce=f"p{stored.id}{len(play.lines)}"[:25], allowed_mentions=_SILENT)
    if play.judged:
        view = debrief_view(play, stored.id, locale)
        await channel.send(view=view, nonce=f"d{stored.id}"[:25], allowed_mentions=_SILENT)
    return await get_plays(bot).mark_shown(play_view)


async def _answer_interview(bot: QuillmateBot, stored: StoredPlay, channel: discord.PartialMessageable) -> None:
    plays = get_plays(bot)
    view = await plays.load_interview(stored.id, stored.guild_id, stored.channel_id)
    if view.interview.state == "waiting":
        async with _typing(bot, stored, channel):
            view = await plays.answer(view)
    await _show_interview(plays, view, channel)


async def _show_interview(plays: Plays, talk: InterviewView, channel: discord.PartialMessageable) -> None:
    interview, stored, locale = talk.interview, talk.record, talk.interview.card.language
    answered = [exchange for exchange in interview.exchanges[interview.shown_count :] if exchange.answer]
    if answered:
        view = answer_view(interview, answered, stored.id, locale)
        await channel.send(view=view, nonce=f"q{stored.id}{len(interview.exchanges)}"[:25], allowed_mentions=_SILENT)
    if interview.state == "ended" and not interview.summary_posted:
        view = summary_view(interview, stored.id, locale)
        await channel.send(view=view, nonce=f"s{stored.id}"[:25], allowed_mentions=_SILENT)
    if answered or (interview.state == "ended" and not interview.summary_posted):
        await plays.mark_interview_shown(talk)
