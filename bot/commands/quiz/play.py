"""Quizzes as games in a channel: the start, buttons and answers, the scoreboard, and the host's table of results."""

from __future__ import annotations

from typing import Any

import discord

from bot.client import Interaction, build_member
from bot.commands.quiz.live import get_live
from bot.commands.quiz.sources import Quiz, build_quiz
from bot.commands.quiz.views import Scoreboard, build_game_view, build_scoreboard_view, format_scoreboard_lines
from bot.content import Content
from bot.errors import RefusedError
from bot.exports import export_content
from bot.interactions.components import Form, PersistentItem, refuse_while_stopping
from bot.interactions.questions import LETTERS, AnswerInputs, format_choice
from bot.interactions.results import load_result
from bot.locales import translate
from bot.replies.files import attachment
from bot.replies.ledger import plain
from bot.replies.views import file_view, note_view
from bot.team.classroom.quiz_game import DEFAULT_SECONDS, Game
from bot.team.classroom.quiz_items import QuizItem, is_right, parse_option_indexes, select_items

_SILENT = discord.AllowedMentions.none()
_NOT_A_MEMBER = "I am not a member of this server, so I cannot run a quiz here."
_CANNOT_WRITE = "I am not allowed to write in this channel. Ask somebody who manages the server to allow it."
_GONE = "That quiz is over."
_GAME = r"(?P<game_id>[0-9a-f]{16})"


async def start_game(
    interaction: Interaction,
    quiz: Quiz,
    *,
    seconds: int = DEFAULT_SECONDS,
    count: int = 0,
    shuffled: bool = False,
    auto: bool = False,
) -> None:
    """Post the lobby of a game, which its host can start.

    Raises:
        RefusedError: the user may not start games, or it cannot be played here.
    """
    refuse_while_stopping(interaction)
    _require_can_post(interaction)
    items = select_items(quiz.items, count, shuffled=shuffled, seed=interaction.id)
    game = Game(
        quiz.title, tuple(items), seconds=seconds, auto=auto, locale=interaction.locale.value, skipped=quiz.skipped
    )
    quizzes = interaction.client.app.live_quizzes
    stored_game = await quizzes.start(
        str(interaction.guild_id or ""), str(interaction.channel_id), build_member(interaction.user), game
    )
    try:
        await interaction.response.send_message(
            view=build_game_view(game, stored_game.id, Scoreboard(())), allowed_mentions=_SILENT
        )
        message = await interaction.original_response()
        await quizzes.record_message(stored_game, str(message.id))
        get_live(interaction.client).watch(stored_game, str(message.id))
    except BaseException:  # Including cancellation: a game without a message cannot be played.
        await quizzes.discard(stored_game)
        raise


def _require_can_post(interaction: Interaction) -> None:
    """Raise RefusedError if the bot cannot post in the channel."""
    if interaction.guild_id is None:
        return  # The service refuses games outside of servers.
    if interaction.client.get_guild(interaction.guild_id) is None:
        raise RefusedError(_NOT_A_MEMBER)
    permissions = interaction.app_permissions
    is_thread = isinstance(interaction.channel, discord.Thread)
    if not (
        permissions.view_channel and (permissions.send_messages_in_threads if is_thread else permissions.send_messages)
    ):
        raise RefusedError(_CANNOT_WRITE)


class GameButton(
    PersistentItem[discord.ui.Button[Any]], template=rf"quillquiz:(?P<action>[a-z]+\d?):{_GAME}:(?P<step>\d{{1,3}})"
):
    """A button of a game: an answer, or an action of the host. `step` is the number of the question that it belongs to."""

    def __init__(self, action: str, game_id: str, step: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillquiz:{action}:{game_id}:{step}"))
        self._action, self._game_id, self._step = action, game_id, int(step)

    async def act(self, interaction: Interaction) -> None:
        """Run the button's action; the service refuses it to users who may not."""
        refuse_while_stopping(interaction)
        if self._action[0] == "a" and self._action[1:].isdecimal():
            await submit_answer(interaction, self._game_id, self._step, self._action[1:])
            return
        quizzes, place_and_member = interaction.client.app.live_quizzes, _get_place_and_member(interaction)
        match self._action:
            case "text":
                item = await quizzes.load_open_question(self._game_id, *place_and_member, self._step)
                await interaction.response.send_modal(
                    AnswerModal(item, self._game_id, self._step, interaction.locale.value)
                )
            case "next":
                await quizzes.advance(self._game_id, *place_and_member, self._step)
                await self._show(interaction)
            case "close":
                await quizzes.end_question_early(self._game_id, *place_and_member, self._step, interaction.id)
                await self._show(interaction)
            case "end":
                await quizzes.end(self._game_id, *place_and_member)
                await self._show(interaction)
            case "places":
                await show_scoreboard(interaction, self._game_id, 0)
            case "csv":
                await _send_results(interaction, self._game_id)
            case _:
                raise RefusedError("That button no longer works.")

    async def _show(self, interaction: Interaction) -> None:
        await interaction.response.defer()
        live = get_live(interaction.client)
        live.wake()
        await live.show(self._game_id)


class AnswerMenu(PersistentItem[discord.ui.Select[Any]], template=rf"quillquizpick:{_GAME}:(?P<step>\d{{1,3}})"):
    """The menu of a question with several right answers."""

    def __init__(self, game_id: str, step: str) -> None:
        super().__init__(discord.ui.Select(custom_id=f"quillquizpick:{game_id}:{step}"))
        self._game_id, self._step = game_id, int(step)

    async def act(self, interaction: Interaction) -> None:
        """Submit the choice."""
        refuse_while_stopping(interaction)
        await submit_answer(interaction, self._game_id, self._step, ",".join(self.item.values))


class ScoreboardPageButton(
    PersistentItem[discord.ui.Button[Any]], template=rf"quillquizplaces:{_GAME}:(?P<page>-?\d{{1,3}})"
):
    """A button that turns the page of the scoreboard."""

    def __init__(self, game_id: str, page: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillquizplaces:{game_id}:{page}"))
        self._game_id, self._page = game_id, int(page)

    async def act(self, interaction: Interaction) -> None:
        """Show the other page in place of the current one."""
        await show_scoreboard(interaction, self._game_id, self._page, replace=True)


class PlayQuizButton(
    PersistentItem[discord.ui.Button[Any]], template=r"quillquizfrom:here:(?P<generation_id>[\w-]{1,40})"
):
    """A button that starts a game with the quiz of a result."""

    def __init__(self, generation_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillquizfrom:here:{generation_id}"))
        self._result_id = generation_id

    async def act(self, interaction: Interaction) -> None:
        """Post the lobby of the game."""
        await start_game(interaction, build_quiz(await load_result(interaction, self._result_id)))


class AnswerModal(Form):
    """Ask for an answer that has to be typed, or for the pairs of a matching question; the time of submission counts."""

    def __init__(self, item: QuizItem, game_id: str, step: int, locale: str) -> None:
        super().__init__(title=translate("Your answer", locale))
        self._game_id, self._step, self._item = game_id, step, item
        self.inputs = AnswerInputs(self, item)

    async def act(self, interaction: Interaction) -> None:
        """Submit the answer."""
        refuse_while_stopping(interaction)
        await submit_answer(interaction, self._game_id, self._step, self.inputs.choice, self._item)


async def submit_answer(
    interaction: Interaction, game_id: str, step: int, choice: str, item: QuizItem | None = None
) -> None:
    """Store an answer and confirm it privately, without saying whether it is right. `item` is the question of an answer from a
    form.
    """
    locale = interaction.locale.value
    counts = await interaction.client.app.live_quizzes.answer(
        game_id, *_get_place_and_member(interaction), step, choice, interaction.id
    )
    letters = ", ".join(LETTERS[index] for index in parse_option_indexes(choice)) if item is None else ""
    answer_text = " ".join(format_choice(item, choice).split()) if item is not None else letters
    message = "Answer saved: {answer}." if counts else "Only your first answer counts, so this one was ignored."
    text = translate(message, locale).format(answer=plain(answer_text))
    get_live(interaction.client).wake()
    await interaction.response.send_message(
        view=note_view(text, locale=locale), ephemeral=True, allowed_mentions=_SILENT
    )


async def show_scoreboard(interaction: Interaction, game_id: str, page: int, *, replace: bool = False) -> None:
    """Show a page of the scoreboard privately."""
    stored = await interaction.client.app.live_quizzes.find_game(game_id)
    if stored is None or stored[0].channel_id != str(interaction.channel_id):
        raise RefusedError(_GONE)
    stored_game, game = stored
    board = await get_live(interaction.client).board(stored_game, game)
    view = build_scoreboard_view(game, game_id, board, page, str(interaction.user.id), interaction.locale.value)
    if replace:
        await interaction.response.edit_message(view=view)
    else:
        await interaction.response.send_message(view=view, ephemeral=True, allowed_mentions=_SILENT)


async def _send_results(interaction: Interaction, game_id: str) -> None:
    """Send the host a table of all answers, privately."""
    stored_game, game = await interaction.client.app.live_quizzes.load_results(
        game_id, *_get_place_and_member(interaction)
    )
    await interaction.response.defer(ephemeral=True, thinking=True)
    live, locale = get_live(interaction.client), interaction.locale.value
    board = await live.board(stored_game, game)
    names = await live.names(stored_game.guild_id, [row.user_id for row in board.rows], locale)
    content = Content("", build_results_table(game, board, names, locale))
    body = export_content("csv", game.title, content, locale)
    text = "\n".join(format_scoreboard_lines(board, locale, 3)) or "…"
    await interaction.followup.send(
        view=file_view(text, "results.csv"),
        file=attachment("results.csv", body),
        ephemeral=True,
        allowed_mentions=_SILENT,
    )


def build_results_table(game: Game, board: Scoreboard, names: dict[str, str], locale: str) -> dict[str, Any]:
    """Build the table of results: each player's points and, for each question, whether the answer was right and the seconds it
    took.
    """
    question_numbers = range(len(game.tallies))
    columns = [translate(name, locale) for name in ("Rank", "Name", "Points", "Right")]
    for number in question_numbers:
        title = f"{number + 1}. {game.items[number].question.text}"
        columns += [title, f"{number + 1}. {translate('seconds', locale)}"]
    rows = []
    for player in board.rows:
        row = [str(player.place), names[player.user_id], str(player.points), str(player.right)]
        for number in question_numbers:
            response = player.responses.get(number)
            if response is None:
                row += ["", ""]
            else:
                was_right = is_right(game.items[number], response.choice)
                row += [translate("right" if was_right else "wrong", locale), f"{response.seconds:.1f}"]
        rows.append(row)
    return {"columns": columns, "rows": rows}


def _get_place_and_member(interaction: Interaction) -> tuple[str, str, Any]:
    """Return the ids of the server and the channel, and the user as a member."""
    return str(interaction.guild_id or ""), str(interaction.channel_id or ""), build_member(interaction.user)
