"""Running games: closes expired questions, and shows the state of each game."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from datetime import datetime, timedelta

import aiohttp
import discord
from discord.ext import commands, tasks

from bot.client import QuillmateBot
from bot.commands._names import find_names
from bot.commands._periodic import PeriodicCog
from bot.errors import QuillmateError
from bot.exports._drawing import render_png
from bot.locales import translate
from bot.replies.files import attachment
from bot.replies.traffic import use_call
from bot.team.classroom.board import MAX_LISTED_NAMES, WIDTH, PodiumRow, draw_podium
from bot.team.classroom.quiz_game import Game, build_scoreboard
from storage.games import FINISHED, StoredGame

from .views import Scoreboard, format_players, format_points, format_right_count, game_view

log = logging.getLogger(__name__)

# Interval of checks while a game is played, and of those for games of an earlier process.
TICK_SECONDS, LOOK_SECONDS = 1.0, 60.0
# How often the presence of a process is recorded.
_BEAT = timedelta(seconds=2)
_TIDY_EVERY = timedelta(hours=6)
_SILENT = discord.AllowedMentions.none()
# Names that are fetched one by one for a picture or a file.
_MAX_NAMES = 200


class Live(PeriodicCog):
    """Closes expired questions and shows games, also those that an earlier process left."""

    SECONDS = LOOK_SECONDS

    def __init__(self, bot: QuillmateBot) -> None:
        super().__init__(bot)
        self._classroom = bot.app.classroom
        self._picked_up = self._woken = False
        self._tidied: datetime | None = None
        # The shown state of each game: its version, and the number of answers.
        self._shown_states: dict[str, tuple[int, int]] = {}
        self._beats: dict[str, datetime] = {}
        # Games by their messages.
        self._messages: dict[str, str] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def cog_unload(self) -> None:
        """End with the bot."""
        await super().cog_unload()
        self.tick_loop.cancel()

    async def run_once(self) -> None:
        """Resume what an earlier process left, and delete old games."""
        try:
            if self._bot.stopping or not await self._bot.desk.answers.in_charge():
                return
            games = await self._classroom.list_live()
            if not self._picked_up:
                for stored_game, game in games:
                    if self._serves(stored_game):
                        await self._classroom.resume(stored_game, game)
                self._picked_up = True
            self._messages = {stored_game.message_id: stored_game.id for stored_game, _ in games}
            if any(_advances(game) for _, game in games):
                self.wake()
            now = self._classroom.clock()
            if self._tidied is None or now - self._tidied > _TIDY_EVERY:
                await self._classroom.tidy()
                self._tidied = now
        except QuillmateError as error:
            log.warning("quizzes not looked at: %s", type(error).__name__)
        except Exception:  # The loop continues.
            log.exception("quizzes not looked at")

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Delete a game whose message was deleted: it cannot be played any more."""
        game_id = self._messages.pop(str(payload.message_id), None)
        if game_id is not None and (stored := await self._classroom.find_game(game_id)) is not None:
            await self._classroom.discard(stored[0])

    def watch(self, stored_game: StoredGame, message_id: str) -> None:
        """Record which message shows a game."""
        self._messages[message_id] = stored_game.id

    def wake(self) -> None:
        """Check games every second while one advances by itself."""
        self._woken = True
        if not self.tick_loop.is_running() and not self._bot.stopping:
            self.tick_loop.start()

    @tasks.loop(seconds=TICK_SECONDS)
    async def tick_loop(self) -> None:
        """Run what is due, and show how many have answered."""
        try:
            if self._bot.stopping or not self._picked_up or not await self._bot.desk.answers.in_charge():
                return  # The presence is only recorded once the earlier absence is known.
            self._woken = False  # Presses during this check are handled by another.
            games = [one for one in await self._classroom.list_live() if self._serves(one[0])]
            for stored_game, game in games:
                await self._advance(stored_game, game)
            waits = not any(
                _advances(game) or self._shown_states.get(stored_game.id, (0, 0))[0] != stored_game.version
                for stored_game, game in games
            )
            if waits and not self._woken:
                self.tick_loop.stop()
            if not games:
                for states_by_game in (self._shown_states, self._beats, self._locks):
                    states_by_game.clear()
        except QuillmateError as error:
            log.warning("quizzes not looked at: %s", type(error).__name__)
        except Exception:  # The loop continues.
            log.exception("quizzes not looked at")

    def _serves(self, stored_game: StoredGame) -> bool:
        """Return whether this process serves a game's server."""
        return self._bot.get_guild(int(stored_game.guild_id)) is not None

    async def _advance(self, stored_game: StoredGame, game: Game) -> None:
        try:
            settled = await self._classroom.settle(stored_game, game)
            if settled is not None:
                stored_game, game = settled
            now = self._classroom.clock()
            if game.state == "open" and now - self._beats.get(stored_game.id, stored_game.created_at) >= _BEAT:
                self._beats[stored_game.id] = now
                await self._classroom.record_heartbeat(stored_game)
            await self.show(stored_game.id)
        except (QuillmateError, discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.warning("a quiz is left for later: %s", type(error).__name__)
        except Exception:  # A game that cannot be shown must not keep the others back.
            log.exception("a quiz is left for later")

    async def show(self, game_id: str) -> None:
        """Show the current state of a game, unless it is shown; the number of answers only within Discord's limits."""
        async with self._locks[game_id]:
            stored = await self._classroom.find_game(game_id)
            if stored is None or not stored[0].message_id:
                return
            stored_game, game = stored
            answer_count = await self._classroom.count_answers(stored_game) if game.state == "open" else 0
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
            except discord.NotFound:  # It was deleted: it cannot be played any more.
                await self._classroom.discard(stored_game)
                return
            finally:
                self._bot.app.pacer.mark_answered(call)
            self._shown_states[game_id] = (stored_game.version, answer_count)
            self.watch(stored_game, stored_game.message_id)
            if game.state == FINISHED:
                await self._classroom.mark_shown(stored_game)

    async def _edit(self, stored_game: StoredGame, game: Game, answer_count: int) -> None:
        board = await self.board(stored_game, game)
        picture = (
            await self._render_picture(stored_game, game, board) if game.state == FINISHED and board.rows else None
        )
        channel = self._bot.get_partial_messageable(int(stored_game.channel_id), guild_id=int(stored_game.guild_id))
        await channel.get_partial_message(int(stored_game.message_id)).edit(
            view=game_view(game, stored_game.id, board, answer_count, picture),
            attachments=[picture] if picture else [],
            allowed_mentions=_SILENT,
        )

    async def board(self, stored_game: StoredGame, game: Game) -> Scoreboard:
        """Return the scoreboard."""
        rows = build_scoreboard(game, await self._classroom.load_responses(stored_game)) if game.tallies else []
        return Scoreboard(rows, max(0, game.players - len(rows)))

    async def _render_picture(self, stored_game: StoredGame, game: Game, board: Scoreboard) -> discord.File:
        locale, question_count = game.locale, len(game.tallies)
        names = await self.names(
            stored_game.guild_id, [row.user_id for row in board.rows[: 3 + MAX_LISTED_NAMES]], locale
        )
        rows = [
            PodiumRow(
                row.place,
                names[row.user_id],
                format_points(row.points, locale),
                format_right_count(row.right, question_count, locale),
            )
            for row in board.rows[: 3 + MAX_LISTED_NAMES]
        ]
        svg = draw_podium(game.title, format_players(game, locale), rows)
        body = await asyncio.to_thread(render_png, svg, WIDTH)
        description = "\n".join(f"{row.place}. {row.name}: {row.points}, {row.detail}" for row in rows)
        return attachment("results.png", body, f"{game.title}\n{description}"[:1024])

    async def names(self, guild_id: str, user_ids: list[str], locale: str) -> dict[str, str]:
        """Return members' names, with a placeholder for those who have left."""
        placeholders = dict.fromkeys(user_ids, translate("somebody", locale))
        return placeholders | await find_names(self._bot, guild_id, user_ids[:_MAX_NAMES])


def _advances(game: Game) -> bool:
    """Return whether a game advances by itself, or its end is still to be shown."""
    return game.due_at is not None or game.state == FINISHED


def get_live(bot: QuillmateBot) -> Live:
    """Return the cog that runs a client's games."""
    cog = bot.get_cog("Live")
    assert isinstance(cog, Live)
    return cog
