"""The service for quizzes that users answer on their own: practice, and homework that teachers set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.errors import RefusedError
from bot.store import Store
from bot.team.workspace.roles import Member, Permission
from bot.team.workspace.workspaces import Workspaces
from storage.errors import PausedError
from storage.games import FINISHED, StoredGame
from storage.owners import workspace

from . import mastery, quiz_items, quiz_run
from .quiz_items import require_items
from .quiz_run import Run

MAX_PUPILS = 40
# How long before the deadline pupils are reminded, and the minimum time to the deadline for which there is a reminder at all.
_REMINDER_LEAD, _MIN_REMINDER_SPAN = timedelta(hours=24), timedelta(hours=36)

_NO_SERVER = "Quizzes are played in the channels of a server. To practise on your own, use /quiz practice."
_GONE = "That quiz is over."
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
class SelfPacedQuizzes:
    """The service for the practice and homework runs of users."""

    store: Store
    workspaces: Workspaces
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    async def practise(self, user_id: str, run: Run) -> StoredGame:
        """Create a practice run of a user.

        Raises:
            PausedError: the user has paused storage.
            RefusedError: the quiz has no questions.
        """
        require_items(run.items)
        stored_game = StoredGame(user_id, user_id, "practice", run.to_json(), state="open", created_at=self.clock())
        await self.store.games.add(stored_game)
        return stored_game

    async def load_run(self, run_id: str, user_id: str) -> tuple[StoredGame, Run]:
        """Return a user's own practice or homework run.

        Raises:
            RefusedError: the run is another user's, or does not exist.
        """
        stored_game = await self.store.games.get(run_id)
        if stored_game is None or stored_game.kind not in ("practice", "pupil"):
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
        choice = quiz_items.validate_choice(run.items[run.queue[0]], choice)
        new_run = quiz_run.record_answer(run, choice, self.clock())
        answers_by_user = (
            {user_id: quiz_items.list_objective_answers(run.items, new_run.firsts)} if new_run.is_over else None
        )
        state = FINISHED if new_run.is_over else stored_game.state
        updated = replace(stored_game, value=new_run.to_json(), state=state, step=len(new_run.firsts))
        saved_game = await self.store.games.change(updated, answers_by_user, mastery.add_answers)
        if saved_game is None:
            raise RefusedError(_ALREADY_ANSWERED)
        return saved_game, new_run

    async def discard(self, stored_game: StoredGame) -> None:
        """Delete a game or run that could not be shown."""
        await self.store.games.delete(stored_game.id)

    async def set_homework(self, guild_id: str, channel_id: str, member: Member, run: Run) -> StoredGame:
        """Create homework on behalf of a teacher.

        Raises:
            PausedError: the teacher has paused storage.
            RefusedError: the member may not set homework, the deadline is past, or the quiz has no questions.
        """
        if not guild_id:
            raise RefusedError(_NO_SERVER)
        await self.workspaces.require(guild_id, member, Permission.FILE)
        require_items(run.items)
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
        if stored_game is None or stored_game.kind != "homework" or stored_game.guild_id != guild_id:
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
        if len(await self.store.games.list_by_kind("pupil", parent_id=homework.id)) >= MAX_PUPILS:
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
        copies = await self.store.games.list_by_kind("pupil", user_id=user_id, parent_id=homework_id)
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
        author_id = (
            None if await self.workspaces.has_assigned_permission(guild_id, member, Permission.FILE) else member.user_id
        )
        return await self.store.games.list_by_kind("homework", owner_id=workspace(guild_id), user_id=author_id)

    async def load_progress(
        self, homework_id: str, guild_id: str, member: Member
    ) -> tuple[StoredGame, Run, list[HomeworkProgress]]:
        """Return homework and the progress of its pupils, for the editor who set it and for teachers.

        Raises:
            RefusedError: the member may not see the progress, or the homework does not exist.
        """
        await self.workspaces.require(guild_id, member, Permission.FILE)
        stored_game = await self.store.games.get(homework_id)
        if stored_game is None or stored_game.kind != "homework" or stored_game.guild_id != guild_id:
            raise RefusedError(_NO_HOMEWORK)
        if stored_game.user_id != member.user_id and not await self.workspaces.has_assigned_permission(
            guild_id, member, Permission.FILE
        ):
            raise RefusedError(_NOT_TEACHER)
        pupils = await self.store.games.list_by_kind("pupil", parent_id=homework_id)
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
