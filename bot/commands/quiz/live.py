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
        self._shown: dict[str, tuple[int, int]] = {}
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
            found = await self._classroom.list_live()
            if not self._picked_up:
                for kept, game in found:
                    if self._serves(kept):
                        await self._classroom.resume(kept, game)
                self._picked_up = True
            self._messages = {kept.message_id: kept.id for kept, _ in found}
            if any(_advances(game) for _, game in found):
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
        if game_id is not None and (found := await self._classroom.find_game(game_id)) is not None:
            await self._classroom.discard(found[0])

    def watch(self, kept: StoredGame, message_id: str) -> None:
        """Record which message shows a game."""
        self._messages[message_id] = kept.id

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
            found = [one for one in await self._classroom.list_live() if self._serves(one[0])]
            for kept, game in found:
                await self._advance(kept, game)
            waits = not any(
                _advances(game) or self._shown.get(kept.id, (0, 0))[0] != kept.version for kept, game in found
            )
            if waits and not self._woken:
                self.tick_loop.stop()
            if not found:
                for known in (self._shown, self._beats, self._locks):
                    known.clear()
        except QuillmateError as error:
            log.warning("quizzes not looked at: %s", type(error).__name__)
        except Exception:  # The loop continues.
            log.exception("quizzes not looked at")

    def _serves(self, kept: StoredGame) -> bool:
        """Return whether this process serves a game's server."""
        return self._bot.get_guild(int(kept.guild_id)) is not None

    async def _advance(self, kept: StoredGame, game: Game) -> None:
        try:
            settled = await self._classroom.settle(kept, game)
            if settled is not None:
                kept, game = settled
            now = self._classroom.clock()
            if game.state == "open" and now - self._beats.get(kept.id, kept.created_at) >= _BEAT:
                self._beats[kept.id] = now
                await self._classroom.record_heartbeat(kept)
            await self.show(kept.id)
        except (QuillmateError, discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.warning("a quiz is left for later: %s", type(error).__name__)
        except Exception:  # A game that cannot be shown must not keep the others back.
            log.exception("a quiz is left for later")

    async def show(self, game_id: str) -> None:
        """Show the current state of a game, unless it is shown; the number of answers only within Discord's limits."""
        async with self._locks[game_id]:
            found = await self._classroom.find_game(game_id)
            if found is None or not found[0].message_id:
                return
            kept, game = found
            answered = await self._classroom.count_answers(kept) if game.state == "open" else 0
            before = self._shown.get(game_id)
            if before == (kept.version, answered):
                return
            window = self._bot.app.pacer.edit_window(int(kept.channel_id))
            if before is not None and before[0] == kept.version:
                call = self._bot.app.pacer.take_spare(window)
                if call is None:
                    return
            else:
                call = await self._bot.app.pacer.turn(window, kept.user_id)
            try:
                with use_call(call):
                    await self._edit(kept, game, answered)
            except discord.NotFound:  # It was deleted: it cannot be played any more.
                await self._classroom.discard(kept)
                return
            finally:
                self._bot.app.pacer.mark_answered(call)
            self._shown[game_id] = (kept.version, answered)
            self.watch(kept, kept.message_id)
            if game.state == FINISHED:
                await self._classroom.mark_shown(kept)

    async def _edit(self, kept: StoredGame, game: Game, answered: int) -> None:
        board = await self.board(kept, game)
        picture = await self._render_picture(kept, game, board) if game.state == FINISHED and board.rows else None
        channel = self._bot.get_partial_messageable(int(kept.channel_id), guild_id=int(kept.guild_id))
        await channel.get_partial_message(int(kept.message_id)).edit(
            view=game_view(game, kept.id, board, answered, picture),
            attachments=[picture] if picture else [],
            allowed_mentions=_SILENT,
        )

    async def board(self, kept: StoredGame, game: Game) -> Scoreboard:
        """Return the scoreboard."""
        rows = build_scoreboard(game, await self._classroom.load_responses(kept)) if game.tallies else []
        return Scoreboard(rows, max(0, game.players - len(rows)))

    async def _render_picture(self, kept: StoredGame, game: Game, board: Scoreboard) -> discord.File:
        locale, asked = game.locale, len(game.tallies)
        names = await self.names(kept.guild_id, [row.user_id for row in board.rows[: 3 + MAX_LISTED_NAMES]], locale)
        rows = [
            PodiumRow(
                row.place,
                names[row.user_id],
                format_points(row.points, locale),
                format_right_count(row.right, asked, locale),
            )
            for row in board.rows[: 3 + MAX_LISTED_NAMES]
        ]
        svg = draw_podium(game.title, format_players(game, locale), rows)
        body = await asyncio.to_thread(render_png, svg, WIDTH)
        told = "\n".join(f"{row.place}. {row.name}: {row.points}, {row.detail}" for row in rows)
        return attachment("results.png", body, f"{game.title}\n{told}"[:1024])

    async def names(self, guild_id: str, user_ids: list[str], locale: str) -> dict[str, str]:
        """Return members' names, with a placeholder for those who have left."""
        somebody = dict.fromkeys(user_ids, translate("somebody", locale))
        return somebody | await find_names(self._bot, guild_id, user_ids[:_MAX_NAMES])


def _advances(game: Game) -> bool:
    """Return whether a game advances by itself, or its end is still to be shown."""
    return game.due_at is not None or game.state == FINISHED


def get_live(bot: QuillmateBot) -> Live:
    """Return the cog that runs a client's games."""
    found = bot.get_cog("Live")
    assert isinstance(found, Live)
    return found
