"""What keeps games going: closes questions whose time is over, and shows where each game is."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from datetime import datetime, timedelta

import aiohttp
import discord
from discord.ext import commands, tasks

from bot.client import QuillmateBot
from bot.commands._looking import Looking
from bot.commands._names import names_in
from bot.errors import QuillmateError
from bot.exports._drawing import render_png
from bot.locales import translate
from bot.replies.files import attachment
from bot.replies.traffic import use_call
from bot.team.classroom.board import MAX_LISTED_NAMES, WIDTH, PodiumRow, draw_podium
from bot.team.classroom.quiz_game import Game, build_scoreboard
from storage.games import FINISHED, Kept

from .views import Scoreboard, game_view, players_line, points_line, right_line

log = logging.getLogger(__name__)

# While a game is played it is looked at so often; else only for what an earlier process left.
TICK_SECONDS, LOOK_SECONDS = 1.0, 60.0
# That somebody is there to take answers is noted so often.
_BEAT = timedelta(seconds=2)
_TIDY_EVERY = timedelta(hours=6)
_SILENT = discord.AllowedMentions.none()
# Names that are looked up one by one for a picture or a file.
_MAX_NAMES = 200


class Live(Looking):
    """Closes questions whose time is over and shows where games are, those too that an earlier process left."""

    SECONDS = LOOK_SECONDS

    def __init__(self, bot: QuillmateBot) -> None:
        super().__init__(bot)
        self._classroom = bot.app.classroom
        self._picked_up = self._woken = False
        self._tidied: datetime | None = None
        # What is shown of each game: its version, and how many had answered.
        self._shown: dict[str, tuple[int, int]] = {}
        self._beats: dict[str, datetime] = {}
        # Games by the messages that show them.
        self._messages: dict[str, str] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def cog_unload(self) -> None:
        """Ends with the bot."""
        await super().cog_unload()
        self.ticking.cancel()

    async def look(self) -> None:
        """Takes up what an earlier process left, and forgets what is over for long."""
        try:
            if self._bot.stopping or not await self._bot.desk.answers.in_charge():
                return
            found = await self._classroom.list_live()
            if not self._picked_up:
                for kept, game in found:
                    if self._is_here(kept):
                        await self._classroom.resume(kept, game)
                self._picked_up = True
            self._messages = {kept.message_id: kept.id for kept, _ in found}
            if any(_moves(game) for _, game in found):
                self.wake()
            now = self._classroom.clock()
            if self._tidied is None or now - self._tidied > _TIDY_EVERY:
                await self._classroom.tidy()
                self._tidied = now
        except QuillmateError as error:
            log.warning("quizzes not looked at: %s", type(error).__name__)
        except Exception:  # The loop goes on.
            log.exception("quizzes not looked at")

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Forgets a game whose message was deleted: nobody can play it any more."""
        game_id = self._messages.pop(str(payload.message_id), None)
        if game_id is not None and (found := await self._classroom.find_game(game_id)) is not None:
            await self._classroom.discard(found[0])

    def watch(self, kept: Kept, message_id: str) -> None:
        """Notes which message shows a game."""
        self._messages[message_id] = kept.id

    def wake(self) -> None:
        """Looks at games every second as long as something of one goes on by itself."""
        self._woken = True
        if not self.ticking.is_running() and not self._bot.stopping:
            self.ticking.start()

    @tasks.loop(seconds=TICK_SECONDS)
    async def ticking(self) -> None:
        """Does what is due, and shows how many have answered."""
        try:
            if self._bot.stopping or not self._picked_up or not await self._bot.desk.answers.in_charge():
                return  # Before it is known how long nobody was there, nothing is noted of who is.
            self._woken = False  # What is pressed while this looks is looked at once more.
            found = [one for one in await self._classroom.list_live() if self._is_here(one[0])]
            for kept, game in found:
                await self._tend(kept, game)
            waits = not any(_moves(game) or self._shown.get(kept.id, (0, 0))[0] != kept.version for kept, game in found)
            if waits and not self._woken:
                self.ticking.stop()
            if not found:
                for known in (self._shown, self._beats, self._locks):
                    known.clear()
        except QuillmateError as error:
            log.warning("quizzes not looked at: %s", type(error).__name__)
        except Exception:  # The loop goes on.
            log.exception("quizzes not looked at")

    def _is_here(self, kept: Kept) -> bool:
        """Whether this process is the one that sees a game's server."""
        return self._bot.get_guild(int(kept.guild_id)) is not None

    async def _tend(self, kept: Kept, game: Game) -> None:
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
        except Exception:  # One that cannot be shown must not keep the others back.
            log.exception("a quiz is left for later")

    async def show(self, game_id: str) -> None:
        """Shows a game as it is now, unless that is shown; how many have answered only where there is room for that."""
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
            except discord.NotFound:  # Somebody has deleted it: nobody can play it any more.
                await self._classroom.discard(kept)
                return
            finally:
                self._bot.app.pacer.mark_answered(call)
            self._shown[game_id] = (kept.version, answered)
            self.watch(kept, kept.message_id)
            if game.state == FINISHED:
                await self._classroom.mark_shown(kept)

    async def _edit(self, kept: Kept, game: Game, answered: int) -> None:
        board = await self.board(kept, game)
        picture = await self._picture(kept, game, board) if game.state == FINISHED and board.rows else None
        channel = self._bot.get_partial_messageable(int(kept.channel_id), guild_id=int(kept.guild_id))
        await channel.get_partial_message(int(kept.message_id)).edit(
            view=game_view(game, kept.id, board, answered, picture),
            attachments=[picture] if picture else [],
            allowed_mentions=_SILENT,
        )

    async def board(self, kept: Kept, game: Game) -> Scoreboard:
        """Where everybody stands."""
        rows = build_scoreboard(game, await self._classroom.load_responses(kept)) if game.tallies else []
        return Scoreboard(rows, max(0, game.players - len(rows)))

    async def _picture(self, kept: Kept, game: Game, board: Scoreboard) -> discord.File:
        locale, asked = game.locale, len(game.tallies)
        names = await self.names(kept.guild_id, [one.user_id for one in board.rows[: 3 + MAX_LISTED_NAMES]], locale)
        rows = [
            PodiumRow(
                one.place, names[one.user_id], points_line(one.points, locale), right_line(one.right, asked, locale)
            )
            for one in board.rows[: 3 + MAX_LISTED_NAMES]
        ]
        svg = draw_podium(game.title, players_line(game, locale), rows)
        body = await asyncio.to_thread(render_png, svg, WIDTH)
        told = "\n".join(f"{row.place}. {row.name}: {row.points}, {row.detail}" for row in rows)
        return attachment("results.png", body, f"{game.title}\n{told}"[:1024])

    async def names(self, guild_id: str, user_ids: list[str], locale: str) -> dict[str, str]:
        """What people are called in a server; somebody who is not there any more is somebody."""
        somebody = dict.fromkeys(user_ids, translate("somebody", locale))
        return somebody | await names_in(self._bot, guild_id, user_ids[:_MAX_NAMES])


def _moves(game: Game) -> bool:
    """Whether something of a game goes on by itself, or its end is still to be shown."""
    return game.due_at is not None or game.state == FINISHED


def live_of(bot: QuillmateBot) -> Live:
    """What keeps the games of a client going."""
    found = bot.get_cog("Live")
    assert isinstance(found, Live)
    return found
