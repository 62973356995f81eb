"""Runs games: closes expired questions, and keeps the message of each game up to date."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

import aiohttp
import discord
from discord.ext import commands, tasks

from bot.client import QuillmateBot
from bot.commands.quiz.views import Scoreboard, build_game_view, format_participation, format_points, format_right_count
from bot.errors import QuillmateError
from bot.exports._drawing import render_png
from bot.interactions.names import find_names
from bot.interactions.periodic import PeriodicCog
from bot.locales import translate
from bot.replies.files import attachment
from bot.replies.traffic import use_call
from bot.team.classroom.board import MAX_LISTED_NAMES, WIDTH, PodiumRow, draw_podium
from bot.team.classroom.quiz_game import Game, ScoreboardRow, build_scoreboard
from storage.games import FINISHED, StoredGame

log = logging.getLogger(__name__)

# Interval of checks while games run, and of searches for games that an earlier process left.
TICK_SECONDS, LOOK_SECONDS = 1.0, 60.0
# Interval at which a running process records its presence.
_HEARTBEAT_INTERVAL = timedelta(seconds=2)
_TIDY_INTERVAL = timedelta(hours=6)
_SILENT = discord.AllowedMentions.none()
# Maximum names fetched for a picture or a file.
_MAX_NAMES = 200


class Live(PeriodicCog):
    """Closes expired questions and updates the messages of games, including those that an earlier process left."""

    SECONDS = LOOK_SECONDS

    def __init__(self, bot: QuillmateBot) -> None:
        super().__init__(bot)
        self._quizzes = bot.app.live_quizzes
        self._has_resumed = self._is_woken = False
        self._tidied_at: datetime | None = None
        # By game id: the version and the number of answers that its message shows.
        self._shown_states: dict[str, tuple[int, int]] = {}
        self._heartbeats: dict[str, datetime] = {}
        # Game ids by message id.
        self._game_ids: dict[str, str] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def cog_unload(self) -> None:
        """Stop the checks."""
        await super().cog_unload()
        self.tick_loop.cancel()

    async def run_once(self) -> None:
        """Resume the games that an earlier process left, and delete old ones."""
        try:
            if self._bot.stopping or not await self._bot.desk.answers.holds_lease():
                return
            games = await self._quizzes.list_live()
            if not self._has_resumed:
                for stored_game, game in games:
                    if self._serves(stored_game):
                        await self._quizzes.resume(stored_game, game)
                self._has_resumed = True
            self._game_ids = {stored_game.message_id: stored_game.id for stored_game, _ in games}
            if any(_advances(game) for _, game in games):
                self.wake()
            now = self._quizzes.clock()
            if self._tidied_at is None or now - self._tidied_at > _TIDY_INTERVAL:
                await self._quizzes.tidy()
                self._tidied_at = now
        except QuillmateError as error:
            log.warning("quizzes could not be checked: %s", type(error).__name__)
        except Exception:  # The loop continues.
            log.exception("quizzes could not be checked")

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Delete a game whose message was deleted, as it can no longer be played."""
        game_id = self._game_ids.pop(str(payload.message_id), None)
        if game_id is not None and (stored := await self._quizzes.find_game(game_id)) is not None:
            await self._quizzes.discard(stored[0])

    def watch(self, stored_game: StoredGame, message_id: str) -> None:
        """Record which message shows a game."""
        self._game_ids[message_id] = stored_game.id

    def wake(self) -> None:
        """Check games every second until none advances by itself."""
        self._is_woken = True
        if not self.tick_loop.is_running() and not self._bot.stopping:
            self.tick_loop.start()

    @tasks.loop(seconds=TICK_SECONDS)
    async def tick_loop(self) -> None:
        """Advance games that are due, and show how many players have answered."""
        try:
            if self._bot.stopping or not self._has_resumed or not await self._bot.desk.answers.holds_lease():
                return  # The presence must not be recorded before games have been resumed after an absence.
            self._is_woken = False  # A press during this check sets it again, for another check.
            games = [(stored, game) for stored, game in await self._quizzes.list_live() if self._serves(stored)]
            for stored_game, game in games:
                await self._advance(stored_game, game)
            is_idle = not any(
                _advances(game) or self._shown_states.get(stored_game.id, (0, 0))[0] != stored_game.version
                for stored_game, game in games
            )
            if is_idle and not self._is_woken:
                self.tick_loop.stop()
            if not games:
                for cache in (self._shown_states, self._heartbeats, self._locks):
                    cache.clear()
        except QuillmateError as error:
            log.warning("quizzes could not be checked: %s", type(error).__name__)
        except Exception:  # The loop continues.
            log.exception("quizzes could not be checked")

    def _serves(self, stored_game: StoredGame) -> bool:
        """Return whether this process serves a game's server."""
        return self._bot.get_guild(int(stored_game.guild_id)) is not None

    async def _advance(self, stored_game: StoredGame, game: Game) -> None:
        try:
            settled = await self._quizzes.settle(stored_game, game)
            if settled is not None:
                stored_game, game = settled
            now = self._quizzes.clock()
            if (
                game.state == "open"
                and now - self._heartbeats.get(stored_game.id, stored_game.created_at) >= _HEARTBEAT_INTERVAL
            ):
                self._heartbeats[stored_game.id] = now
                await self._quizzes.record_heartbeat(stored_game)
            await self.show(stored_game.id)
        except (QuillmateError, discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.warning("a quiz will be retried later: %s", type(error).__name__)
        except Exception:  # A game that cannot be shown must not block the others.
            log.exception("a quiz will be retried later")

    async def show(self, game_id: str) -> None:
        """Update the message of a game if it is out of date. A new number of answers alone is shown only if the rate limit leaves
        room.
        """
        async with self._locks[game_id]:
            stored = await self._quizzes.find_game(game_id)
            if stored is None or not stored[0].message_id:
                return
            stored_game, game = stored
            answer_count = await self._quizzes.count_answers(stored_game) if game.state == "open" else 0
            shown_state = self._shown_states.get(game_id)
            if shown_state == (stored_game.version, answer_count):
                return
            window = self._bot.app.pacer.edit_window(int(stored_game.channel_id))
            if shown_state is not None and shown_state[0] == stored_game.version:
                call = self._bot.app.pacer.take_spare(window)
                if call is None:
                    return
            else:
                call = await self._bot.app.pacer.turn(window, stored_game.user_id)
            try:
                with use_call(call):
                    await self._edit(stored_game, game, answer_count)
            except discord.NotFound:  # Deleted, so it can no longer be played.
                await self._quizzes.discard(stored_game)
                return
            finally:
                self._bot.app.pacer.mark_answered(call)
            self._shown_states[game_id] = (stored_game.version, answer_count)
            self.watch(stored_game, stored_game.message_id)
            if game.state == FINISHED:
                await self._quizzes.mark_shown(stored_game)

    async def _edit(self, stored_game: StoredGame, game: Game, answer_count: int) -> None:
        board = await self.board(stored_game, game)
        # Nobody stands on the podium without a point.
        winners = [row for row in board.rows if row.points] if game.state == FINISHED else []
        picture = await self._render_picture(stored_game, game, winners) if winners else None
        channel = self._bot.get_partial_messageable(int(stored_game.channel_id), guild_id=int(stored_game.guild_id))
        await channel.get_partial_message(int(stored_game.message_id)).edit(
            view=build_game_view(game, stored_game.id, board, answer_count, picture),
            attachments=[picture] if picture else [],
            allowed_mentions=_SILENT,
        )

    async def board(self, stored_game: StoredGame, game: Game) -> Scoreboard:
        """Build the scoreboard of a game."""
        rows = build_scoreboard(game, await self._quizzes.load_responses(stored_game)) if game.tallies else []
        return Scoreboard(rows, max(0, game.players - len(rows)))

    async def _render_picture(
        self, stored_game: StoredGame, game: Game, winners: Sequence[ScoreboardRow]
    ) -> discord.File:
        locale, question_count = game.locale, len(game.tallies)
        names = await self.names(stored_game.guild_id, [row.user_id for row in winners[: 3 + MAX_LISTED_NAMES]], locale)
        rows = [
            PodiumRow(
                row.place,
                names[row.user_id],
                format_points(row.points, locale),
                format_right_count(row.right, question_count, locale),
            )
            for row in winners[: 3 + MAX_LISTED_NAMES]
        ]
        svg = draw_podium(game.title, format_participation(game, locale), rows)
        body = await asyncio.to_thread(render_png, svg, WIDTH)
        description = "\n".join(f"{row.place}. {row.name}: {row.points}, {row.detail}" for row in rows)
        return attachment("results.png", body, f"{game.title}\n{description}"[:1024])

    async def names(self, guild_id: str, user_ids: list[str], locale: str) -> dict[str, str]:
        """Return the display names of members by id, with a placeholder for those who have left."""
        placeholders = dict.fromkeys(user_ids, translate("somebody", locale))
        return placeholders | await find_names(self._bot, guild_id, user_ids[:_MAX_NAMES])


def _advances(game: Game) -> bool:
    """Return whether a game advances by itself, or its final state has not been shown yet."""
    return game.due_at is not None or game.state == FINISHED


def get_live(bot: QuillmateBot) -> Live:
    """Return the cog that runs a client's games."""
    cog = bot.get_cog("Live")
    assert isinstance(cog, Live)
    return cog
