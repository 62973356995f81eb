"""The service for quizzes: live games in channels, practice runs, homework, and members' mastery of objectives for their teachers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.errors import RefusedError
from bot.store import Store
from bot.team.workspace.roles import Member, Permission, any_has_permission
from bot.team.workspace.workspaces import Workspaces
from storage.errors import PausedError
from storage.games import FINISHED, GameAnswer, StoredGame
from storage.owners import workspace

from . import mastery, quiz_game
from .course import Course
from .mastery import Record
from .quiz_game import Game, QuizItem, QuizResponse, Run

MAX_PUPILS = 40
# How long games and practice runs are retained after they were created, and homework after its deadline.
RETENTION_PERIOD = timedelta(days=30)
# Without activity for this long, a game no longer blocks its channel.
_ABANDONED_AFTER = timedelta(hours=3)
# How long before the deadline pupils are reminded, and the minimum time to the deadline for which there is a reminder at all.
_REMINDER_LEAD, _MIN_REMINDER_SPAN = timedelta(hours=24), timedelta(hours=36)

_NO_SERVER = "Quizzes are played in the channels of a server. To practise on your own, use /quiz practice."
_NO_QUESTIONS = "That quiz has no questions that can be asked here. Choose another one."
_ALREADY_PLAYING = "A quiz is already running in this channel. Its host can end it."
_GONE = "That quiz is over."
_NOT_HOST = "Only the person who started the quiz can do that. You answer with the buttons below each question."
_NOT_HOSTS = "Only the person who started the quiz, or an owner of this server, can end it."
_MOVED_ON = "The quiz has moved on. See where it is now."
_TOO_LATE = "That came after time was up, so it does not count."
_CLOSED = "That question is closed and no longer accepts answers."
_NOT_YOURS = "These questions are for someone else. Get your own with /quiz practice."
_ALREADY_ANSWERED = "You have already answered that. Continue with the latest question."
_NO_HOMEWORK = "I no longer have that homework."
_NOT_ASSIGNED = "That homework was not set for you."
_NOT_TEACHER = (
    "Only the person who set that homework and the editors and owners chosen in /setup can see how others are doing."
)
_FULL = "That homework already has {most} pupils, which is the maximum. Set it again for the others."
_DUE_PAST = "That time has passed. Choose a time in the future."


@dataclass(frozen=True, slots=True)
class HomeworkProgress:
    """A pupil's progress with their homework; `channel_id` is the channel that shows their copy."""

    user_id: str
    run: Run
    channel_id: str


@dataclass(frozen=True, slots=True)
class Classroom:
    """The service for the quizzes of servers and users."""

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
        _check_items(game.items)
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
            if stored_game is not None and stored_game.sort == "live"
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
        choice = quiz_game.validate_choice(game.item, choice)
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
            user_id: quiz_game.list_objective_answers(
                game.items,
                {
                    number: quiz_game.is_right(game.items[number], response.choice)
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

    async def practise(self, user_id: str, run: Run) -> StoredGame:
        """Create a practice run of a user.

        Raises:
            PausedError: the user has paused storage.
            RefusedError: the quiz has no questions.
        """
        _check_items(run.items)
        stored_game = StoredGame(user_id, user_id, "practice", run.to_json(), state="open", created_at=self.clock())
        await self.store.games.add(stored_game)
        return stored_game

    async def load_run(self, run_id: str, user_id: str) -> tuple[StoredGame, Run]:
        """Return a user's own practice or homework run.

        Raises:
            RefusedError: the run is another user's, or does not exist.
        """
        stored_game = await self.store.games.get(run_id)
        if stored_game is None or stored_game.sort not in ("practice", "pupil"):
            raise RefusedError(_GONE)
        if stored_game.user_id != user_id:
            raise RefusedError(_NOT_YOURS)
        return stored_game, Run.from_json(stored_game.value)

    async def respond(self, run_id: str, user_id: str, turn: int, choice: str) -> tuple[StoredGame, Run]:
        """Store the answer to the current question of a run; return the updated run.

        Raises:
            PausedError: the user has paused storage.
            RefusedError: it is another user's run, the question is answered already, or the option does not exist.
        """
        stored_game, run = await self.load_run(run_id, user_id)
        if run.turn != turn or run.is_over:
            raise RefusedError(_ALREADY_ANSWERED)
        if await self.store.people.is_paused(user_id):
            raise PausedError
        choice = quiz_game.validate_choice(run.items[run.queue[0]], choice)
        new_run = quiz_game.record_answer(run, choice, self.clock())
        answers_by_user = (
            {user_id: quiz_game.list_objective_answers(run.items, new_run.firsts)} if new_run.is_over else None
        )
        state = FINISHED if new_run.is_over else stored_game.state
        updated = replace(stored_game, value=new_run.to_json(), state=state, step=len(new_run.firsts))
        saved_game = await self.store.games.change(updated, answers_by_user, mastery.add_answers)
        if saved_game is None:
            raise RefusedError(_ALREADY_ANSWERED)
        return saved_game, new_run

    async def set_homework(self, guild_id: str, channel_id: str, member: Member, run: Run) -> StoredGame:
        """Create homework on behalf of a teacher.

        Raises:
            PausedError: the teacher has paused storage.
            RefusedError: the member may not set homework, the deadline is past, or the quiz has no questions.
        """
        if not guild_id:
            raise RefusedError(_NO_SERVER)
        await self.workspaces.require(guild_id, member, Permission.FILE)
        _check_items(run.items)
        now = self.clock()
        if run.due_at is not None and run.due_at <= now:
            raise RefusedError(_DUE_PAST)
        stored_game = StoredGame(
            workspace(guild_id),
            member.user_id,
            "homework",
            run.to_json(),
            channel_id,
            state="open",
            due_at=run.due_at,
            created_at=now,
        )
        await self.store.games.add(stored_game)
        return stored_game

    async def take_homework(self, homework_id: str, guild_id: str, member: Member) -> StoredGame:
        """Return homework for a pupil who has pressed its button.

        Raises:
            RefusedError: the homework does not exist, or was not set for this member.
        """
        stored_game = await self.store.games.get(homework_id)
        if stored_game is None or stored_game.sort != "homework" or stored_game.guild_id != guild_id:
            raise RefusedError(_NO_HOMEWORK)
        await self.workspaces.require(guild_id, member, Permission.SEE)
        role_id = Run.from_json(stored_game.value).role_id
        if role_id != guild_id and role_id not in member.role_ids:  # The @everyone role has the server's id.
            raise RefusedError(_NOT_ASSIGNED)
        return stored_game

    async def hand_out(self, homework: StoredGame, user_id: str) -> StoredGame | None:
        """Create a pupil's copy of homework; return None if they already have one. `record_copy_message` stores where it is displayed.

        Raises:
            PausedError: the pupil has paused storage.
            RefusedError: the homework has the maximum number of pupils.
        """
        if len(await self.store.games.list_by_sort("pupil", parent_id=homework.id)) >= MAX_PUPILS:
            raise RefusedError(_FULL, most=MAX_PUPILS)
        now = self.clock()
        has_reminder = homework.due_at is not None and homework.due_at - now > _MIN_REMINDER_SPAN
        stored_game = StoredGame(
            homework.owner_id,
            user_id,
            "pupil",
            homework.value,
            parent_id=homework.id,
            state="open" if has_reminder else "told",
            due_at=homework.due_at,
            created_at=now,
        )
        return stored_game if await self.store.games.add(stored_game) else None

    async def find_copy(self, homework_id: str, user_id: str) -> StoredGame | None:
        """Return a pupil's copy of homework; None if they have none."""
        copies = await self.store.games.list_by_sort("pupil", user_id=user_id, parent_id=homework_id)
        return copies[0] if copies else None

    async def record_copy_message(self, stored_game: StoredGame, channel_id: str, message_id: str) -> None:
        """Store the message that shows a pupil's copy."""
        await self.store.games.change(replace(stored_game, channel_id=channel_id, message_id=message_id))

    async def list_homework(self, guild_id: str, member: Member) -> list[StoredGame]:
        """Return the homework of a server, newest first: all of it for a teacher, otherwise only what the member has set.

        Raises:
            RefusedError: the member is not an editor.
        """
        await self.workspaces.require(guild_id, member, Permission.FILE)
        author_id = None if await self._is_teacher(guild_id, member) else member.user_id
        return await self.store.games.list_by_sort("homework", owner_id=workspace(guild_id), user_id=author_id)

    async def _is_teacher(self, guild_id: str, member: Member) -> bool:
        """Return whether a member is a teacher: an editor by an assigned role, not merely by default."""
        return any_has_permission(await self.workspaces.find_assigned_roles(guild_id, member), Permission.FILE)

    async def load_progress(
        self, homework_id: str, guild_id: str, member: Member
    ) -> tuple[StoredGame, Run, list[HomeworkProgress]]:
        """Return homework and the progress of its pupils, for the editor who set it and for teachers.

        Raises:
            RefusedError: the member may not see the progress, or the homework does not exist.
        """
        await self.workspaces.require(guild_id, member, Permission.FILE)
        stored_game = await self.store.games.get(homework_id)
        if stored_game is None or stored_game.sort != "homework" or stored_game.guild_id != guild_id:
            raise RefusedError(_NO_HOMEWORK)
        if stored_game.user_id != member.user_id and not await self._is_teacher(guild_id, member):
            raise RefusedError(_NOT_TEACHER)
        pupils = await self.store.games.list_by_sort("pupil", parent_id=homework_id)
        pupil_progress = [
            HomeworkProgress(pupil.user_id, Run.from_json(pupil.value), pupil.channel_id) for pupil in pupils
        ]
        return (
            stored_game,
            Run.from_json(stored_game.value),
            sorted(
                pupil_progress,
                key=lambda progress: (progress.run.is_over, progress.run.is_late, progress.user_id),
            ),
        )

    async def withdraw_homework(self, homework_id: str, guild_id: str, member: Member) -> None:
        """Delete homework with its pupils' copies. Raises the same errors as `load_progress`."""
        await self.load_progress(homework_id, guild_id, member)
        await self.store.games.delete(homework_id)

    async def take_reminders(self) -> list[tuple[StoredGame, Run]]:
        """Return the unfinished copies of homework that are due soon, each only once, and mark them as reminded."""
        now = self.clock()
        due_copies = await self.store.games.list_due("pupil", "open", now + _REMINDER_LEAD)
        reminders = []
        for stored_game in due_copies:
            updated = await self.store.games.change(replace(stored_game, state="told"))
            if updated is not None and stored_game.due_at is not None and stored_game.due_at > now:
                reminders.append((updated, Run.from_json(updated.value)))
        return reminders

    async def load_mastery(self, guild_id: str, member: Member) -> tuple[dict[str, Record], bool]:
        """Return the mastery records that a member may see, by user id, and whether they may include other users'.

        A teacher sees all members' records, including the courses that members share with their teachers. Any other member sees
        their own record; an editor also sees the members who answered their quizzes or homework, limited to the objectives of those.
        """
        own_id = member.user_id
        if not guild_id:
            return dict(await self.store.games.load_mastery(own_id, own_id)), False
        await self.workspaces.require(guild_id, member, Permission.SEE)
        if await self._is_teacher(guild_id, member):
            records = await self.store.games.load_mastery(workspace(guild_id))
            return await self._add_shared(guild_id, records), True
        is_editor = any_has_permission(await self.workspaces.find_roles(guild_id, member), Permission.FILE)
        asked_objectives = await self._load_asked_objectives(guild_id, own_id) if is_editor else {}
        if not asked_objectives.keys() - {own_id}:
            return dict(await self.store.games.load_mastery(workspace(guild_id), own_id)), False
        records = await self.store.games.load_mastery(workspace(guild_id))
        return {
            user_id: {
                name: answers
                for name, answers in record.items()
                if user_id == own_id or name in asked_objectives[user_id]
            }
            for user_id, record in records.items()
            if user_id == own_id or user_id in asked_objectives
        }, True

    async def _add_shared(self, guild_id: str, records: Mapping[str, Record]) -> dict[str, Record]:
        """Return members' records, merged with the answers in the courses that they share with the server's teachers."""
        merged = dict(records)
        objectives: defaultdict[str, set[str]] = defaultdict(set)
        for stored_course in await self.store.courses.list_shared(guild_id):
            objectives[stored_course.user_id] |= set(Course.from_json(stored_course.value).objectives)
        for user_id, names in objectives.items():
            course_record = (await self.store.games.load_mastery(user_id, user_id)).get(user_id, {})
            answers = [(name, answer) for name in course_record if name in names for answer in course_record[name]]
            merged[user_id] = mastery.add_answers(merged.get(user_id, {}), answers)
        return merged

    async def _load_asked_objectives(self, guild_id: str, user_id: str) -> dict[str, set[str]]:
        """Return the objectives that members have answered questions on in a user's quizzes and homework, by the members' ids."""
        objectives: defaultdict[str, set[str]] = defaultdict(set)
        games, owner_id = self.store.games, workspace(guild_id)
        for stored_game in await games.list_by_sort("live", owner_id=owner_id, user_id=user_id):
            items = Game.from_json(stored_game.value).items
            for response in await self.load_responses(stored_game):
                objectives[response.user_id].add(items[response.number].objective)
        for homework in await games.list_by_sort("homework", owner_id=owner_id, user_id=user_id):
            for pupil in await games.list_by_sort("pupil", parent_id=homework.id):
                run = Run.from_json(pupil.value)
                objectives[pupil.user_id] |= {run.items[number].objective for number in run.firsts}
        return dict(objectives)

    async def tidy(self) -> None:
        """Delete games and homework past their retention period."""
        await self.store.games.delete_expired(self.clock() - RETENTION_PERIOD)


def _check_items(items: Sequence[QuizItem]) -> None:
    if not items:
        raise RefusedError(_NO_QUESTIONS)
