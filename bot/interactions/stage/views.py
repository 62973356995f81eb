"""Advance plays and interviews and post their messages in the stored order, including those that an earlier process did
not post.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord

from bot.client import QuillmateBot
from bot.errors import QuillmateError, RefusedError
from bot.interactions.side_calls import count_side_call
from bot.locales import translate_error
from bot.replies.delivery import is_temporary
from bot.replies.interviews import answer_view, summary_view
from bot.replies.plays import debrief_view, turn_view
from bot.replies.views import note_view
from bot.team.stage.interviews import Interviews, InterviewView
from bot.team.stage.plays import PlayView
from bot.team.stage.records import CASE
from storage.plays import StoredPlay

log = logging.getLogger(__name__)
_SILENT = discord.AllowedMentions.none()
# The kind that plays and interviews are counted as.
STAGE = "scenario"
# A lock for each play that this process works on; idle ones are removed.
_locks: dict[str, asyncio.Lock] = {}


def get_language(record: StoredPlay) -> str:
    """Return the language of a play or an interview."""
    return str((record.value.get("case") or record.value.get("card") or {}).get("language", "en"))


@asynccontextmanager
async def _lock_play(play_id: str) -> AsyncIterator[None]:
    lock = _locks.setdefault(play_id, asyncio.Lock())
    try:
        async with lock:
            yield
    finally:
        if not lock.locked():
            _locks.pop(play_id, None)


async def advance(bot: QuillmateBot, record: StoredPlay, *, notify: bool = True) -> None:
    """Write and post the next messages; on failure the play keeps waiting, and its players are notified."""
    async with _lock_play(record.id):
        channel = bot.get_partial_messageable(
            int(record.channel_id), guild_id=int(record.guild_id) if record.guild_id else None
        )
        try:
            if record.kind == CASE:
                await _advance_case(bot, record, channel)
            else:
                await _answer_interview(bot, record, channel)
        except RefusedError as error:
            log.info("a play was not advanced: %s", type(error).__name__)  # It has been deleted or has ended.
        except QuillmateError as error:
            log.warning("a play is waiting after an error: %s", type(error).__name__)
            if notify:
                view = note_view(translate_error(error, get_language(record)), wrong=True)
                await channel.send(view=view, allowed_mentions=_SILENT)
        except discord.HTTPException as error:
            if is_temporary(error.status):
                raise
            log.info("a play's channel is gone", extra={"status": error.status})
            await bot.app.stage_records.discard(record)


async def advance_uncounted(bot: QuillmateBot, record: StoredPlay, user_id: str, *, notify: bool = True) -> None:
    """Advance a play that has ended or was abandoned, counting its usage for the user without applying limits."""
    async with count_side_call(bot, user_id, record.guild_id, STAGE):
        await advance(bot, record, notify=notify)


async def _advance_case(bot: QuillmateBot, record: StoredPlay, channel: discord.PartialMessageable) -> None:
    plays = bot.app.plays
    view = await plays.load_view(record.id, record.guild_id, record.channel_id)
    while True:
        if view.play.state in ("waiting", "ending"):
            async with _typing(bot, record, channel):
                view = await plays.continue_play(view)
        else:
            view = await plays.continue_play(view)
        view = await _show_case(bot, view, channel)
        if view.play.state != "waiting":
            return


@asynccontextmanager
async def _typing(bot: QuillmateBot, record: StoredPlay, channel: discord.PartialMessageable) -> AsyncIterator[None]:
    """Wait for the user's turn to call the model, then show the typing indicator."""
    async with bot.desk.answers.slots.model_slots.place(record.user_id):
        with contextlib.suppress(discord.HTTPException):
            await channel.typing()
        yield


async def _show_case(bot: QuillmateBot, play_view: PlayView, channel: discord.PartialMessageable) -> PlayView:
    """Post the messages that have not been posted yet. The nonce prevents a duplicate if the response to an earlier post was
    lost.
    """
    play, record, locale = play_view.play, play_view.record, play_view.play.case.language
    lines = play.lines[play.shown_count :]
    if play.state == "ended" or (not lines and not play.judgements):
        return play_view
    is_dm = not record.guild_id
    if lines:
        is_over = bool(play.judgements)
        view = turn_view(play, record.id, lines, locale, is_dm=is_dm, ends=is_over)
        await channel.send(view=view, nonce=f"p{record.id}{len(play.lines)}"[:25], allowed_mentions=_SILENT)
    if play.judgements:
        view = debrief_view(play, record.id, locale)
        await channel.send(view=view, nonce=f"d{record.id}"[:25], allowed_mentions=_SILENT)
    return await bot.app.plays.mark_shown(play_view)


async def _answer_interview(bot: QuillmateBot, record: StoredPlay, channel: discord.PartialMessageable) -> None:
    interviews = bot.app.interviews
    view = await interviews.load_view(record.id, record.guild_id, record.channel_id)
    if view.interview.state == "waiting":
        async with _typing(bot, record, channel):
            view = await interviews.answer(view)
    await _show_interview(interviews, view, channel)


async def _show_interview(
    interviews: Interviews, interview_view: InterviewView, channel: discord.PartialMessageable
) -> None:
    interview, record, locale = interview_view.interview, interview_view.record, interview_view.interview.card.language
    answered_exchanges = [exchange for exchange in interview.exchanges[interview.shown_count :] if exchange.answer]
    if answered_exchanges:
        view = answer_view(interview, answered_exchanges, record.id, locale)
        await channel.send(view=view, nonce=f"q{record.id}{len(interview.exchanges)}"[:25], allowed_mentions=_SILENT)
    if interview.state == "ended" and not interview.summary_posted:
        view = summary_view(interview, record.id, locale)
        await channel.send(view=view, nonce=f"s{record.id}"[:25], allowed_mentions=_SILENT)
    if answered_exchanges or (interview.state == "ended" and not interview.summary_posted):
        await interviews.mark_shown(interview_view)
