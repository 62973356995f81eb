"""Games in their channels: what keeps them going, and the buttons of who plays and who hosts."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import discord
from discord.ext import commands, tasks

from bot.client import Interaction, QuillmateBot, member_of
from bot.commands._components import Form, Found, refuse_while_stopping
from bot.commands._looking import Looking
from bot.commands._results import kept as kept_result
from bot.content import Content
from bot.errors import QuillmateError, RefusedError
from bot.exports import export
from bot.exports._drawing import rendered
from bot.locales import translate
from bot.replies.files import attachment
from bot.replies.ledger import plain
from bot.replies.traffic import paced
from bot.replies.views import note_view
from bot.team.classroom.board import MORE, WIDTH, Ranked, podium
from bot.team.classroom.quiz_game import (
    MOST_ANSWER,
    USUAL_SECONDS,
    Game,
    chosen_items,
    is_right,
    places_of,
    standings,
)
from storage.games import FINISHED, Kept

from .sources import Quiz, quiz_in
from .views import LETTERS, Scoreboard, board_lines, game_view, places_view, players_line, points_line, right_line

log = logging.getLogger(__name__)

# While a game is played it is looked at so often; else only for what an earlier process left.
TICK_SECONDS, LOOK_SECONDS = 1.0, 60.0
# That somebody is there to take answers is noted so often.
_BEAT = timedelta(seconds=2)
_TIDY_EVERY = timedelta(hours=6)
_SILENT = discord.AllowedMentions.none()
_AWAY = "I am not a member of this server, so I can play nothing in it."
_NO_ROOM = "I may not write in this channel. Whoever manages the server can let me."
_GONE = "That quiz is over."
# Names that are looked up one by one for a picture or a file.
_MOST_NAMES = 200
_GAME = r"(?P<game_id>[0-9a-f]{16})"


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
            found = await self._classroom.live()
            if not self._picked_up:
                for kept, game in found:
                    if self._is_here(kept):
                        await self._classroom.pick_up(kept, game)
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
        if game_id is not None and (found := await self._classroom.game(game_id)) is not None:
            await self._classroom.give_up(found[0])

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
            found = [one for one in await self._classroom.live() if self._is_here(one[0])]
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
                await self._classroom.beat(kept)
            await self.show(kept.id)
        except (QuillmateError, discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.warning("a quiz is left for later: %s", type(error).__name__)
        except Exception:  # One that cannot be shown must not keep the others back.
            log.exception("a quiz is left for later")

    async def show(self, game_id: str) -> None:
        """Shows a game as it is now, unless that is shown; how many have answered only where there is room for that."""
        async with self._locks[game_id]:
            found = await self._classroom.game(game_id)
            if found is None or not found[0].message_id:
                return
            kept, game = found
            answered = await self._classroom.answered(kept) if game.state == "open" else 0
            before = self._shown.get(game_id)
            if before == (kept.version, answered):
                return
            window = self._bot.app.pacer.edit_window(int(kept.channel_id))
            if before is not None and before[0] == kept.version:
                call = self._bot.app.pacer.spare(window)
                if call is None:
                    return
            else:
                call = await self._bot.app.pacer.turn(window, kept.user_id)
            try:
                with paced(call):
                    await self._edit(kept, game, answered)
            except discord.NotFound:  # Somebody has deleted it: nobody can play it any more.
                await self._classroom.give_up(kept)
                return
            finally:
                self._bot.app.pacer.answered(call)
            self._shown[game_id] = (kept.version, answered)
            self.watch(kept, kept.message_id)
            if game.state == FINISHED:
                await self._classroom.shown(kept)

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
        rows = standings(game, await self._classroom.clicks(kept)) if game.tallies else []
        return Scoreboard(rows, max(0, game.players - len(rows)))

    async def _picture(self, kept: Kept, game: Game, board: Scoreboard) -> discord.File:
        locale, asked = game.locale, len(game.tallies)
        names = await self.names(kept.guild_id, [one.user_id for one in board.rows[: 3 + MORE]], locale)
        rows = [
            Ranked(one.place, names[one.user_id], points_line(one.points, locale), right_line(one.right, asked, locale))
            for one in board.rows[: 3 + MORE]
        ]
        svg = podium(game.title, players_line(game, locale), rows)
        body = await asyncio.to_thread(rendered, svg, WIDTH)
        told = "\n".join(f"{row.place}. {row.name}: {row.points}, {row.detail}" for row in rows)
        return attachment("results.png", body, f"{game.title}\n{told}"[:1024])

    async def names(self, guild_id: str, user_ids: list[str], locale: str) -> dict[str, str]:
        """What people are called in a server; somebody who is not there any more is somebody."""
        guild = self._bot.get_guild(int(guild_id)) if guild_id else None
        found = dict.fromkeys(user_ids, translate("somebody", locale))
        for user_id in user_ids[:_MOST_NAMES] if guild is not None else ():
            assert guild is not None
            member = guild.get_member(int(user_id))
            if member is None:
                with contextlib.suppress(discord.HTTPException):
                    member = await guild.fetch_member(int(user_id))
            if member is not None:
                found[user_id] = member.display_name
        return found


def _moves(game: Game) -> bool:
    """Whether something of a game goes on by itself, or its end is still to be shown."""
    return game.due_at is not None or game.state == FINISHED


def live_of(bot: QuillmateBot) -> Live:
    """What keeps the games of a client going."""
    found = bot.get_cog("Live")
    assert isinstance(found, Live)
    return found


async def start_game(
    interaction: Interaction,
    quiz: Quiz,
    *,
    seconds: int = USUAL_SECONDS,
    count: int = 0,
    shuffled: bool = False,
    auto: bool = False,
) -> None:
    """Posts a game that its host can start.

    Raises:
        RefusedError: they may not, or it cannot be played here.
    """
    refuse_while_stopping(interaction)
    _check_place(interaction)
    items = chosen_items(quiz.items, count, shuffled=shuffled, seed=interaction.id)
    game = Game(
        quiz.title, tuple(items), seconds=seconds, auto=auto, locale=interaction.locale.value, skipped=quiz.skipped
    )
    classroom = interaction.client.app.classroom
    kept = await classroom.start(
        str(interaction.guild_id or ""), str(interaction.channel_id), member_of(interaction.user), game
    )
    try:
        await interaction.response.send_message(view=game_view(game, kept.id, Scoreboard(())), allowed_mentions=_SILENT)
        message = await interaction.original_response()
        await classroom.posted(kept, str(message.id))
        live_of(interaction.client).watch(kept, str(message.id))
    except BaseException:
        await classroom.give_up(kept)
        raise


def _check_place(interaction: Interaction) -> None:
    """Raises RefusedError where the bot cannot post."""
    if interaction.guild_id is None:
        return  # The service says that it is for servers.
    if interaction.client.get_guild(interaction.guild_id) is None:
        raise RefusedError(_AWAY)
    allowed = interaction.app_permissions
    in_thread = isinstance(interaction.channel, discord.Thread)
    if not (allowed.view_channel and (allowed.send_messages_in_threads if in_thread else allowed.send_messages)):
        raise RefusedError(_NO_ROOM)


class GameButton(
    Found[discord.ui.Button[Any]], template=rf"quillquiz:(?P<action>[a-z]+\d?):{_GAME}:(?P<step>\d{{1,3}})"
):
    """A button of a game: an answer, or what its host does. It carries the question that it belongs to."""

    def __init__(self, action: str, game_id: str, step: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillquiz:{action}:{game_id}:{step}"))
        self._action, self._game_id, self._step = action, game_id, int(step)

    async def act(self, interaction: Interaction) -> None:
        """Does what the button says, for who may."""
        refuse_while_stopping(interaction)
        if self._action[0] == "a" and self._action[1:].isdecimal():
            await keep_answer(interaction, self._game_id, self._step, self._action[1:])
            return
        classroom, place = interaction.client.app.classroom, _place(interaction)
        match self._action:
            case "text":
                item = await classroom.open_question(self._game_id, *place, self._step)
                await interaction.response.send_modal(
                    AnswerModal(item.question.text, self._game_id, self._step, interaction.locale.value)
                )
            case "next":
                await classroom.go_on(self._game_id, *place, self._step)
                await self._show(interaction)
            case "close":
                await classroom.call_in(self._game_id, *place, self._step, interaction.id)
                await self._show(interaction)
            case "end":
                await classroom.end(self._game_id, *place)
                await self._show(interaction)
            case "places":
                await show_places(interaction, self._game_id, 0)
            case "csv":
                await _send_results(interaction, self._game_id)
            case _:
                raise RefusedError("I do not know that button any more.")

    async def _show(self, interaction: Interaction) -> None:
        await interaction.response.defer()
        live = live_of(interaction.client)
        live.wake()
        await live.show(self._game_id)


class PickMenu(Found[discord.ui.Select[Any]], template=rf"quillquizpick:{_GAME}:(?P<step>\d{{1,3}})"):
    """The menu of a question of which several options are right."""

    def __init__(self, game_id: str, step: str) -> None:
        super().__init__(discord.ui.Select(custom_id=f"quillquizpick:{game_id}:{step}"))
        self._game_id, self._step = game_id, int(step)

    async def act(self, interaction: Interaction) -> None:
        """Keeps what was chosen."""
        refuse_while_stopping(interaction)
        await keep_answer(interaction, self._game_id, self._step, ",".join(self.item.values))


class PlacesButton(Found[discord.ui.Button[Any]], template=rf"quillquizplaces:{_GAME}:(?P<page>-?\d{{1,3}})"):
    """Turns the pages of all places."""

    def __init__(self, game_id: str, page: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillquizplaces:{game_id}:{page}"))
        self._game_id, self._page = game_id, int(page)

    async def act(self, interaction: Interaction) -> None:
        """Shows another page in the place of this one."""
        await show_places(interaction, self._game_id, self._page, again=True)


class FromResult(Found[discord.ui.Button[Any]], template=r"quillquizfrom:here:(?P<generation_id>[\w-]{1,40})"):
    """Plays the quiz of a result where it is pressed."""

    def __init__(self, generation_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillquizfrom:here:{generation_id}"))
        self._result_id = generation_id

    async def act(self, interaction: Interaction) -> None:
        """Posts the game."""
        await start_game(interaction, quiz_in(await kept_result(interaction, self._result_id)))


class AnswerModal(Form):
    """Asks for an answer in words or figures; it is timed by when it is sent."""

    def __init__(self, question: str, game_id: str, step: int, locale: str) -> None:
        super().__init__(title=translate("Your answer", locale))
        self._game_id, self._step = game_id, step
        self.answer: discord.ui.TextInput[AnswerModal] = discord.ui.TextInput(max_length=MOST_ANSWER)
        self.add_item(discord.ui.Label(text=cut_label(question), component=self.answer))

    async def act(self, interaction: Interaction) -> None:
        """Keeps it."""
        refuse_while_stopping(interaction)
        await keep_answer(interaction, self._game_id, self._step, self.answer.value, written=True)


def cut_label(text: str) -> str:
    """A question as Discord takes it above an input."""
    return text if len(text) <= 45 else f"{text[:44].rstrip()}…"


async def keep_answer(interaction: Interaction, game_id: str, step: int, choice: str, *, written: bool = False) -> None:
    """Keeps an answer, and tells whoever gave it alone, not whether it is right."""
    locale = interaction.locale.value
    counts = await interaction.client.app.classroom.answer(game_id, *_place(interaction), step, choice, interaction.id)
    named = " ".join(choice.split()) if written else ", ".join(LETTERS[at] for at in places_of(choice))
    words = "Your answer is kept: {answer}." if counts else "Your first answer counts, so this one does not."
    text = translate(words, locale).format(answer=plain(named))
    live_of(interaction.client).wake()
    await interaction.response.send_message(
        view=note_view(text, locale=locale), ephemeral=True, allowed_mentions=_SILENT
    )


async def show_places(interaction: Interaction, game_id: str, page: int, *, again: bool = False) -> None:
    """Shows a page of all places to whoever asks alone."""
    found = await interaction.client.app.classroom.game(game_id)
    if found is None or found[0].channel_id != str(interaction.channel_id):
        raise RefusedError(_GONE)
    kept, game = found
    board = await live_of(interaction.client).board(kept, game)
    view = places_view(game, game_id, board, page, interaction.locale.value)
    if again:
        await interaction.response.edit_message(view=view)
    else:
        await interaction.response.send_message(view=view, ephemeral=True, allowed_mentions=_SILENT)


async def _send_results(interaction: Interaction, game_id: str) -> None:
    """Sends the host alone a table of everybody's answers."""
    kept, game = await interaction.client.app.classroom.results(game_id, *_place(interaction))
    await interaction.response.defer(ephemeral=True, thinking=True)
    live, locale = live_of(interaction.client), interaction.locale.value
    board = await live.board(kept, game)
    names = await live.names(kept.guild_id, [one.user_id for one in board.rows], locale)
    content = Content("", results_table(game, board, names, locale))
    body = export("csv", game.title, content, locale)
    text = "\n".join(board_lines(board, locale, 3)) or "…"
    await interaction.followup.send(
        view=file_view(text, "results.csv"), file=attachment("results.csv", body), ephemeral=True,
        allowed_mentions=_SILENT,
    )  # fmt: skip


def file_view(text: str, name: str) -> discord.ui.LayoutView:
    """A file below a text."""
    view = note_view(text)
    view.add_item(discord.ui.File(f"attachment://{name}"))
    return view


def results_table(game: Game, board: Scoreboard, names: dict[str, str], locale: str) -> dict[str, Any]:
    """Everybody's points, and of each question whether they were right, and in how many seconds."""
    asked = range(len(game.tallies))
    columns = [translate(one, locale) for one in ("Place", "Name", "Points", "Right")]
    for number in asked:
        title = f"{number + 1}. {game.items[number].question.text}"
        columns += [title, f"{number + 1}. {translate('seconds', locale)}"]
    rows = []
    for one in board.rows:
        row = [str(one.place), names[one.user_id], str(one.points), str(one.right)]
        for number in asked:
            click = one.clicks.get(number)
            if click is None:
                row += ["", ""]
            else:
                right = is_right(game.items[number], click.choice)
                row += [translate("right" if right else "wrong", locale), f"{click.took:.1f}"]
        rows.append(row)
    return {"columns": columns, "rows": rows}


def _place(interaction: Interaction) -> tuple[str, str, Any]:
    """Where somebody acts, and who."""
    return str(interaction.guild_id or ""), str(interaction.channel_id or ""), member_of(interaction.user)
