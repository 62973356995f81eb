"""The service for quizzes played live in the channels of a server."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.errors import RefusedError
from bot.store import Store
from bot.team.workspace.roles import Member, Permission, any_has_permission
from bot.team.workspace.workspaces import Workspaces
from storage.games import FINISHED, GameAnswer, StoredGame
from storage.owners import workspace

from . import mastery, quiz_game, quiz_items
from .quiz_game import Game, QuizResponse
from .quiz_items import QuizItem, require_items

# How long games and practice runs are retained after they were created, and homework after its deadline.
RETENTION_PERIOD = timedelta(days=30)
# Without activity for this long, a game no longer blocks its channel.
_ABANDONED_AFTER = timedelta(hours=3)

_NO_SERVER = "Quizzes are played in the channels of a server. To practise on your own, use /quiz practice."
_ALREADY_PLAYING = "A quiz is already running in this channel. Its host can end it."
_GONE = "That quiz is over."
_NOT_HOST = "Only the person who started the quiz can do that. You answer with the buttons below each question."
_NOT_HOSTS = "Only the person who started the quiz, or an owner of this server, can end it."
_MOVED_ON = "The quiz has moved on. See where it is now."
_TOO_LATE = "That came after time was up, so it does not count."
_CLOSED = "That question is closed and no longer accepts answers."


@dataclass(frozen=True, slots=True)
class LiveQuizzes:
    """The service for the live games of servers."""

    store: Store
    workspaces: Workspaces
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    async def start(self, guild_id: str, channel_id: str, member: Member, game: Game) -> StoredGame:
        """Create a game in a channel, in its lobby.

        Raises:
            PausedError: the host has paused storage.
            RefusedError: the member may not host, the quiz has no questions, or a game is running in the channel.
        """
        if not guild_id:
            raise RefusedError(_NO_SERVER)
        await self.workspaces.require(guild_id, member, Permission.MAKE)
        require_items(game.items)
        stored_game = StoredGame(
            workspace(guild_id), member.user_id, "live", game.to_json(), channel_id, created_at=self.clock()
        )
        if not await self.store.games.add(stored_game):
            await self._drop_abandoned(stored_game.owner_id, channel_id)
            if not await self.store.games.add(stored_game):
                raise RefusedError(_ALREADY_PLAYING)
        return stored_game

    async def _drop_abandoned(self, owner_id: str, channel_id: str) -> None:
        """Delete the abandoned games of a channel."""
        now = self.clock()
        for stored_game in await self.store.games.list_live():
            is_abandoned = (
                stored_game.state in ("lobby", "closed")
                and now - (stored_game.seen_at or stored_game.created_at) > _ABANDONED_AFTER
            )
            if is_abandoned and (stored_game.owner_id, stored_game.channel_id) == (owner_id, channel_id):
                await self.store.games.delete(stored_game.id)

    async def record_message(self, stored_game: StoredGame, message_id: str) -> None:
        """Store the message that shows a game."""
        await self.store.games.set_message(stored_game.id, stored_game.channel_id, message_id)

    async def discard(self, stored_game: StoredGame) -> None:
        """Delete a game or run that could not be shown."""
        await self.store.games.delete(stored_game.id)

    async def find_game(self, game_id: str) -> tuple[StoredGame, Game] | None:
        """Return a live game; None if it does not exist."""
        stored_game = await self.store.games.get(game_id)
        return (
            (stored_game, Game.from_json(stored_game.value))
            if stored_game is not None and stored_game.kind == "live"
            else None
        )

    async def list_live(self) -> list[tuple[StoredGame, Game]]:
        """Return all running games, and the finished ones whose result has not been displayed yet."""
        return [(stored_game, Game.from_json(stored_game.value)) for stored_game in await self.store.games.list_live()]

    async def advance(
        self, game_id: str, guild_id: str, channel_id: str, member: Member, step: int
    ) -> tuple[StoredGame, Game]:
        """Open the next question on behalf of the host, or finish the game after the last one; return the updated game.

        `step` is the number of the question that the host saw.

        Raises:
            RefusedError: the member is not the host, or the game has moved on in the meantime.
        """
        stored_game, game = await self._load_hosted(game_id, guild_id, channel_id, member)
        if game.state not in ("lobby", "closed") or game.number != step:
            raise RefusedError(_MOVED_ON)
        return await self._advance(stored_game, game)

    async def end_question_early(
        self, game_id: str, guild_id: str, channel_id: str, member: Member, step: int, click_id: int
    ) -> tuple[StoredGame, Game]:
        """End the open question at the time of the host's click; earlier clicks still count. Raises the same errors as `advance`."""
        stored_game, game = await self._load_hosted(game_id, guild_id, channel_id, member)
        if game.state != "open" or game.number != step:
            raise RefusedError(_MOVED_ON)
        return await self._save(
            stored_game, quiz_game.end_question_early(game, quiz_game.parse_snowflake_time(click_id))
        )

    async def end(self, game_id: str, guild_id: str, channel_id: str, member: Member) -> tuple[StoredGame, Game]:
        """Finish a game on behalf of its host or an owner, with the questions closed so far; return the updated game.

        Raises:
            RefusedError: the member may not end it, or the game is over.
        """
        stored_game, game = await self._load_running(game_id, guild_id, channel_id)
        if stored_game.user_id != member.user_id:
            if not any_has_permission(await self.workspaces.find_roles(guild_id, member), Permission.CONFIGURE):
                raise RefusedError(_NOT_HOSTS)
        else:
            await self.workspaces.require(guild_id, member, Permission.MAKE)
        return await self._finish(stored_game, game)

    async def answer(
        self, game_id: str, guild_id: str, channel_id: str, member: Member, step: int, choice: str, click_id: int
    ) -> bool:
        """Store an answer to the open question; return False if the member has answered it already, as only their first answer counts.

        Raises:
            PausedError: the member has paused storage.
            RefusedError: the member may not answer, the answer came too late, or the option does not exist.
        """
        stored_game, game = await self._load_running(game_id, guild_id, channel_id)
        await self.workspaces.require(guild_id, member, Permission.SEE)
        if game.state != "open" or game.number != step:
            raise RefusedError(_CLOSED)
        choice = quiz_items.validate_choice(game.item, choice)
        seconds = quiz_game.measure_seconds(game, click_id, step)
        if seconds is None:
            raise RefusedError(_TOO_LATE)
        is_new = await self.store.games.record_answer(
            stored_game.id, GameAnswer(member.user_id, step, str(click_id), choice, seconds)
        )
        if is_new is None:
            raise RefusedError(_CLOSED)
        return is_new

    async def load_open_question(
        self, game_id: str, guild_id: str, channel_id: str, member: Member, step: int
    ) -> QuizItem:
        """Return the open question, to be answered in a form. Raises the same errors as `answer`."""
        _, game = await self._load_running(game_id, guild_id, channel_id)
        await self.workspaces.require(guild_id, member, Permission.SEE)
        if game.state != "open" or game.number != step:
            raise RefusedError(_CLOSED)
        return game.item

    async def load_responses(self, stored_game: StoredGame) -> list[QuizResponse]:
        """Return the responses of a game."""
        answers = await self.store.games.list_answers(stored_game.id)
        return [
            QuizResponse(answer.user_id, answer.number, answer.choice, int(answer.click_id), answer.took)
            for answer in answers
        ]

    async def count_answers(self, stored_game: StoredGame) -> int:
        """Return the number of answers to the open question."""
        return await self.store.games.count_answers(stored_game.id, stored_game.step)

    async def load_results(
        self, game_id: str, guild_id: str, channel_id: str, member: Member
    ) -> tuple[StoredGame, Game]:
        """Return a game for its host, who may see every answer.

        Raises:
            RefusedError: the member is not the host, or the game no longer exists.
        """
        return await self._load_hosted(game_id, guild_id, channel_id, member)

    async def record_heartbeat(self, stored_game: StoredGame) -> None:
        """Record that a process is taking answers."""
        await self.store.games.record_presence(stored_game.id, self.clock())

    async def mark_shown(self, stored_game: StoredGame) -> None:
        """Record that the result of a game has been displayed."""
        await self.store.games.record_presence(stored_game.id, None)

    async def settle(self, stored_game: StoredGame, game: Game) -> tuple[StoredGame, Game] | None:
        """Close the open question or open the next one if that is due; return None if it is not, or another process was faster."""
        if game.due_at is None or game.due_at > self.clock():
            return None
        try:
            if game.state == "open":
                closed_game = quiz_game.close_question(game, await self.load_responses(stored_game))
                # Even if the question is closed late, its answer is displayed for the full time.
                min_deadline = self.clock() - quiz_game.GRACE
                return await self._save(
                    stored_game, replace(closed_game, deadline=max(closed_game.deadline or min_deadline, min_deadline))
                )
            return await self._advance(stored_game, game)
        except RefusedError:
            return None

    async def resume(self, stored_game: StoredGame, game: Game) -> tuple[StoredGame, Game]:
        """Resume a game after a restart: extend the open question by the time in which no answers could be given."""
        now = self.clock()
        resumed_game = quiz_game.resume_game(game, stored_game.seen_at or now, now)
        if resumed_game == game:
            return stored_game, game
        try:
            return await self._save(stored_game, resumed_game)
        except RefusedError:
            return await self.find_game(stored_game.id) or (stored_game, game)

    async def _advance(self, stored_game: StoredGame, game: Game) -> tuple[StoredGame, Game]:
        if game.state == "closed" and game.is_last:
            return await self._finish(stored_game, game)
        return await self._save(stored_game, quiz_game.open_next_question(game, self.clock()))

    async def _finish(self, stored_game: StoredGame, game: Game) -> tuple[StoredGame, Game]:
        responses = await self.load_responses(stored_game)
        responses_by_user = {row.user_id: row.responses for row in quiz_game.build_scoreboard(game, responses)}
        answers_by_user = {
            user_id: quiz_items.list_objective_answers(
                game.items,
                {
                    number: quiz_items.is_right(game.items[number], response.choice)
                    for number, response in user_responses.items()
                },
            )
            for user_id, user_responses in responses_by_user.items()
        }
        return await self._save(stored_game, quiz_game.finish_game(game), answers_by_user)

    async def _save(
        self,
        stored_game: StoredGame,
        game: Game,
        answers_by_user: Mapping[str, Sequence[tuple[str, int]]] | None = None,
    ) -> tuple[StoredGame, Game]:
        """Save an updated game.

        Raises:
            RefusedError: the game has changed in the meantime.
        """
        updated = replace(
            stored_game,
            value=game.to_json(),
            state=game.state,
            step=game.number,
            due_at=game.due_at,
            seen_at=self.clock(),
        )
        saved_game = await self.store.games.change(updated, answers_by_user, mastery.add_answers)
        if saved_game is None:
            raise RefusedError(_MOVED_ON)
        return saved_game, game

    async def _load_running(self, game_id: str, guild_id: str, channel_id: str) -> tuple[StoredGame, Game]:
        game_pair = await self.find_game(game_id)
        if game_pair is None or (game_pair[0].guild_id, game_pair[0].channel_id) != (guild_id, channel_id):
            raise RefusedError(_GONE)
        if game_pair[1].state == FINISHED:
            raise RefusedError(_GONE)
        return game_pair

    async def _load_hosted(
        self, game_id: str, guild_id: str, channel_id: str, member: Member
    ) -> tuple[StoredGame, Game]:
        game_pair = await self.find_game(game_id)
        if game_pair is None or (game_pair[0].guild_id, game_pair[0].channel_id) != (guild_id, channel_id):
            raise RefusedError(_GONE)
        if game_pair[0].user_id != member.user_id:
            raise RefusedError(_NOT_HOST)
        await self.workspaces.require(guild_id, member, Permission.MAKE)
        return game_pair

    async def tidy(self) -> None:
        """Delete games and homework past their retention period."""
        await self.store.games.delete_expired(self.clock() - RETENTION_PERIOD)
