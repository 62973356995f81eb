"""Shows what is written in plays and interviews, in the order that it is kept; what was left by an earlier process too."""

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
# The kind that plays and interviews count as.
STAGE = "scenario"
# Of each play, who is at work on it in this process; those that nobody is at work on go.
_at_work: dict[str, asyncio.Lock] = {}


def plays_of(bot: QuillmateBot) -> Plays:
    """The service that keeps plays."""
    return bot.app.plays


def language_in(kept: KeptPlay) -> str:
    """The language that a play or an interview is in."""
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
    """Writes and shows what is waited for; where that fails it is waited for still, and whoever plays is told."""
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
            log.info("a play is left: %s", type(error).__name__)  # It is gone, or was ended meanwhile.
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
    """The same where it is the end of what has begun, or was left: what it takes counts as somebody's, and stops nothing."""
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
    """Says that something is written, and waits for the turn of whoever asked, beside all others who ask the model."""
    async with bot.desk.answers.model_slots.place(kept.user_id):
        with contextlib.suppress(discord.HTTPException):
            await channel.typing()
        yield


async def _shown(bot: QuillmateBot, seen: PlayView, channel: discord.PartialMessageable) -> PlayView:
    """Posts what is not shown yet, once; of a post whose answer was lost Discord gives the first one back."""
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
