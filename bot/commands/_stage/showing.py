"""Advancing plays and interviews and showing their messages in stored order; also those an earlier process left."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord

from bot.client import QuillmateBot
from bot.commands._aside import paid_by
from bot.errors import QuillmateError, RefusedError
from bot.locales import translate_error
from bot.replies.delivery import is_temporary
from bot.replies.interviews import answer_view, summary_view
from bot.replies.plays import debrief_view, turn_view
from bot.replies.views import note_view
from bot.team.stage.plays import CASE, InterviewView, Plays, PlayView
from storage.plays import KeptPlay

log = logging.getLogger(__name__)
_SILENT = discord.AllowedMentions.none()
# The kind that plays and interviews are counted as.
STAGE = "scenario"
# A lock for each play that this process works on; idle ones are removed.
_at_work: dict[str, asyncio.Lock] = {}


def plays_of(bot: QuillmateBot) -> Plays:
    """Return the service of plays."""
    return bot.app.plays


def language_in(kept: KeptPlay) -> str:
    """Return the language of a play or an interview."""
    return str((kept.value.get("case") or kept.value.get("card") or {}).get("language", "en"))


@asynccontextmanager
async def _alone(play_id: str) -> AsyncIterator[None]:
    lock = _at_work.setdefault(play_id, asyncio.Lock())
    try:
        async with lock:
            yield
    finally:
        if not lock.locked():
            _at_work.pop(play_id, None)


async def work(bot: QuillmateBot, kept: KeptPlay, *, tell: bool = True) -> None:
    """Write and show the next messages; on failure the play keeps waiting, and its players are told."""
    async with _alone(kept.id):
        channel = bot.get_partial_messageable(
            int(kept.channel_id), guild_id=int(kept.guild_id) if kept.guild_id else None
        )
        try:
            if kept.sort == CASE:
                await _go_on(bot, kept, channel)
            else:
                await _answer(bot, kept, channel)
        except RefusedError as error:
            log.info("a play is left: %s", type(error).__name__)  # It was deleted, or ended meanwhile.
        except QuillmateError as error:
            log.warning("a play waits: %s", type(error).__name__)
            if tell:
                view = note_view(translate_error(error, language_in(kept)), wrong=True)
                await channel.send(view=view, allowed_mentions=_SILENT)
        except discord.HTTPException as error:
            if is_temporary(error.status):
                raise
            log.info("a play's channel is gone", extra={"status": error.status})
            await plays_of(bot).discard(kept)


async def work_unasked(bot: QuillmateBot, kept: KeptPlay, user_id: str, *, tell: bool = True) -> None:
    """Advance a play that ended or was left: what this uses counts for the user, but is not limited."""
    async with paid_by(bot, user_id, kept.guild_id, STAGE):
        await work(bot, kept, tell=tell)


async def _go_on(bot: QuillmateBot, kept: KeptPlay, channel: discord.PartialMessageable) -> None:
    plays = plays_of(bot)
    seen = await plays.load_view(kept.id, kept.guild_id, kept.channel_id)
    while True:
        if seen.play.state in ("waiting", "ending"):
            async with _writing(bot, kept, channel):
                seen = await plays.continue_play(seen)
        else:
            seen = await plays.continue_play(seen)
        seen = await _shown(bot, seen, channel)
        if seen.play.state != "waiting":
            return


@asynccontextmanager
async def _writing(bot: QuillmateBot, kept: KeptPlay, channel: discord.PartialMessageable) -> AsyncIterator[None]:
    """Show the typing indicator, and wait for the user's turn among all who call the model."""
    async with bot.desk.answers.model_slots.place(kept.user_id):
        with contextlib.suppress(discord.HTTPException):
            await channel.typing()
        yield


async def _shown(bot: QuillmateBot, seen: PlayView, channel: discord.PartialMessageable) -> PlayView:
    """Post the messages that are not shown yet, once; the nonce makes Discord return an earlier post whose answer was
    lost.
    """
    play, kept, locale = seen.play, seen.kept, seen.play.case.language
    lines = play.lines[play.shown :]
    if play.state == "ended" or (not lines and not play.judged):
        return seen
    run_directly = not kept.guild_id
    if lines:
        ended = bool(play.judged)
        view = turn_view(play, kept.id, lines, locale, run_directly=run_directly, ends=ended)
        await channel.send(view=view, nonce=f"p{kept.id}{len(play.lines)}"[:25], allowed_mentions=_SILENT)
    if play.judged:
        view = debrief_view(play, kept.id, locale)
        await channel.send(view=view, nonce=f"d{kept.id}"[:25], allowed_mentions=_SILENT)
    return await plays_of(bot).mark_shown(seen)


async def _answer(bot: QuillmateBot, kept: KeptPlay, channel: discord.PartialMessageable) -> None:
    plays = plays_of(bot)
    talk = await plays.load_interview(kept.id, kept.guild_id, kept.channel_id)
    if talk.interview.state == "waiting":
        async with _writing(bot, kept, channel):
            talk = await plays.answer(talk)
    await _shown_talk(plays, talk, channel)


async def _shown_talk(plays: Plays, talk: InterviewView, channel: discord.PartialMessageable) -> None:
    one, kept, locale = talk.interview, talk.kept, talk.interview.card.language
    fresh = [exchange for exchange in one.exchanges[one.shown :] if exchange.answer]
    if fresh:
        view = answer_view(one, fresh, kept.id, locale)
        await channel.send(view=view, nonce=f"q{kept.id}{len(one.exchanges)}"[:25], allowed_mentions=_SILENT)
    if one.state == "ended" and not one.told:
        view = summary_view(one, kept.id, locale)
        await channel.send(view=view, nonce=f"s{kept.id}"[:25], allowed_mentions=_SILENT)
    if fresh or (one.state == "ended" and not one.told):
        await plays.mark_interview_shown(talk)
