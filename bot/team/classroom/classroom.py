"""Quizzes as they are played in channels, practised alone and set as homework, and what teachers see of who knows what."""

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
from storage.games import FINISHED, Answer, Kept
from storage.owners import workspace

from . import mastery, quiz_game
from .course import Course
from .mastery import Record
from .quiz_game import Click, Game, Item, Run

MAX_PUPILS = 40
# Games and exercises are kept for so long, and homework for so long after it was due.
KEPT_FOR = timedelta(days=30)
# A game with which nobody has gone on for so long is in nobody's way.
_LEFT = timedelta(hours=3)
# Who has not finished is reminded so long before it is due, unless it was set only so long before that.
REMINDED, _SET_BEFORE = timedelta(hours=24), timedelta(hours=36)

_NO_SERVER = "Quizzes are played in the channels of a server. To practise on your own, use /quiz practice."
_NO_QUESTIONS = "That quiz has no questions that can be asked here. Choose another one."
_PLAYING = "A quiz is already running in this channel. Its host can end it."
_GONE = "That quiz is over."
_NOT_HOST = "Only the person who started the quiz can do that. You answer with the buttons below each question."
_NOT_HOSTS = "Only the person who started the quiz, or an owner of this server, can end it."
_MEANWHILE = "The quiz has moved on in the meantime. Look at where it is now."
_TOO_LATE = "That came after time was up, so it does not count."
_CLOSED = "That question is closed and no longer accepts answers."
_NOT_YOURS = "These questions are for someone else. Get your own with /quiz practice."
_ANSWERED = "You have already answered that. Continue with the latest question."
_NO_HOMEWORK = "I no longer have that homework."
_FOR_OTHERS = "That homework was not set for you."
_NOT_TEACHER = (
    "Only the person who set that homework can see how far others are, and the editors and owners chosen in /setup."
)
_FULL = "That homework already has {most} pupils, which is the maximum. Set it again for the others."
_DUE_PAST = "That time has passed. Choose a time in the future."


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a pupil is with their homework."""

    user_id: str
    run: Run
    channel_id: str


@dataclass(frozen=True, slots=True)
class Classroom:
    """The quizzes of servers and people. `clock` says what time it is."""

    store: Store
    workspaces: Workspaces
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    async def start(self, guild_id: str, channel_id: str, member: Member, game: Game) -> Kept:
        """Keeps a game that is to begin in a channel, for who may ask for texts there.

        Raises:
            PausedError: they want nothing to be kept.
            RefusedError: they may not, there is nothing to play, or a quiz is played there already.
        """
        if not guild_id:
            raise RefusedError(_NO_SERVER)
        await self.workspaces.require(guild_id, member, Permission.MAKE)
        _check_items(game.items)
        kept = Kept(workspace(guild_id), member.user_id, "live", game.as_json(), channel_id, created_at=self.clock())
        if not await self.store.games.add(kept):
            await self._let_go_of_left(kept.owner_id, channel_id)
            if not await self.store.games.add(kept):
                raise RefusedError(_PLAYING)
        return kept

    async def _let_go_of_left(self, owner_id: str, channel_id: str) -> None:
        """Forgets a game of a channel with which nobody has gone on for long, so that it is in nobody's way."""
        now = self.clock()
        for one in await self.store.games.live():
            left = one.state in ("lobby", "closed") and now - (one.seen_at or one.created_at) > _LEFT
            if left and (one.owner_id, one.channel_id) == (owner_id, channel_id):
                await self.store.games.drop(one.id)

    async def posted(self, kept: Kept, message_id: str) -> None:
        """Notes which message shows a game."""
        await self.store.games.posted(kept.id, kept.channel_id, message_id)

    async def give_up(self, kept: Kept) -> None:
        """Forgets a game or exercise that could not be shown."""
        await self.store.games.drop(kept.id)

    async def game(self, game_id: str) -> tuple[Kept, Game] | None:
        """A game as it is kept, None where there is none (any more)."""
        kept = await self.store.games.get(game_id)
        return (kept, Game.of(kept.value)) if kept is not None and kept.sort == "live" else None

    async def live(self) -> list[tuple[Kept, Game]]:
        """All games that are played, and those whose end is not shown yet."""
        return [(kept, Game.of(kept.value)) for kept in await self.store.games.live()]

    async def go_on(self, game_id: str, guild_id: str, channel_id: str, member: Member, step: int) -> tuple[Kept, Game]:
        """The host opens the next question, or after the last one ends the game; gives it as it is then.

        Raises:
            RefusedError: they are not its host, or it has gone on meanwhile.
        """
        kept, game = await self._hosted(game_id, guild_id, channel_id, member)
        if game.state not in ("lobby", "closed") or game.number != step:
            raise RefusedError(_MEANWHILE)
        return await self._next(kept, game)

    async def call_in(
        self, game_id: str, guild_id: str, channel_id: str, member: Member, step: int, click_id: int
    ) -> tuple[Kept, Game]:
        """The host ends the time of the open question with a click; what was clicked before that still counts. Raises as `go_on`."""
        kept, game = await self._hosted(game_id, guild_id, channel_id, member)
        if game.state != "open" or game.number != step:
            raise RefusedError(_MEANWHILE)
        return await self._kept(kept, quiz_game.called_in(game, quiz_game.moment_of(click_id)))

    async def end(self, game_id: str, guild_id: str, channel_id: str, member: Member) -> tuple[Kept, Game]:
        """The host or an owner ends a game with what is closed; gives it as it is then.

        Raises:
            RefusedError: they may not, or it is over.
        """
        kept, game = await self._here(game_id, guild_id, channel_id)
        if kept.user_id != member.user_id:
            if not any_has_permission(await self.workspaces.find_roles(guild_id, member), Permission.CONFIGURE):
                raise RefusedError(_NOT_HOSTS)
        else:
            await self.workspaces.require(guild_id, member, Permission.MAKE)
        return await self._finish(kept, game)

    async def answer(
        self, game_id: str, guild_id: str, channel_id: str, member: Member, step: int, choice: str, click_id: int
    ) -> bool:
        """Keeps an answer to the open question; False where an earlier one of that person counts.

        Raises:
            PausedError: they want nothing to be kept.
            RefusedError: they may not, it came too late, or there is no such option.
        """
        kept, game = await self._here(game_id, guild_id, channel_id)
        await self.workspaces.require(guild_id, member, Permission.SEE)
        if game.state != "open" or game.number != step:
            raise RefusedError(_CLOSED)
        choice = quiz_game.checked(game.item, choice)
        took = quiz_game.in_time(game, click_id, step)
        if took is None:
            raise RefusedError(_TOO_LATE)
        done = await self.store.games.answer(kept.id, Answer(member.user_id, step, str(click_id), choice, took))
        if done is None:
            raise RefusedError(_CLOSED)
        return done

    async def open_question(self, game_id: str, guild_id: str, channel_id: str, member: Member, step: int) -> Item:
        """The question that somebody is about to answer in writing. Raises as `answer`."""
        _, game = await self._here(game_id, guild_id, channel_id)
        await self.workspaces.require(guild_id, member, Permission.SEE)
        if game.state != "open" or game.number != step:
            raise RefusedError(_CLOSED)
        return game.item

    async def clicks(self, kept: Kept) -> list[Click]:
        """The answers of a game."""
        found = await self.store.games.answers(kept.id)
        return [Click(one.user_id, one.number, one.choice, int(one.click_id), one.took) for one in found]

    async def answered(self, kept: Kept) -> int:
        """How many have answered the open question."""
        return await self.store.games.count(kept.id, kept.step)

    async def results(self, game_id: str, guild_id: str, channel_id: str, member: Member) -> tuple[Kept, Game]:
        """A game for its host, to see every answer.

        Raises:
            RefusedError: they are not its host, or it is not kept any more.
        """
        return await self._hosted(game_id, guild_id, channel_id, member)

    async def beat(self, kept: Kept) -> None:
        """Notes that somebody is there to take answers."""
        await self.store.games.beat(kept.id, self.clock())

    async def shown(self, kept: Kept) -> None:
        """Notes that the end of a game is shown."""
        await self.store.games.beat(kept.id, None)

    async def settle(self, kept: Kept, game: Game) -> tuple[Kept, Game] | None:
        """Does what is due by itself: closes a question, or opens the next; None where nothing is, or somebody was quicker."""
        if game.due_at is None or game.due_at > self.clock():
            return None
        try:
            if game.state == "open":
                over = quiz_game.closed(game, await self.clicks(kept))
                # Closed late, its answer is still shown for as long before the next question comes by itself.
                shown_from = self.clock() - quiz_game.GRACE
                return await self._kept(kept, replace(over, deadline=max(over.deadline or shown_from, shown_from)))
            return await self._next(kept, game)
        except RefusedError:
            return None

    async def pick_up(self, kept: Kept, game: Game) -> tuple[Kept, Game]:
        """A game that an earlier process left: what was open while nobody took clicks is open for as much longer."""
        now = self.clock()
        back = quiz_game.resumed(game, kept.seen_at or now, now)
        if back == game:
            return kept, game
        try:
            return await self._kept(kept, back)
        except RefusedError:
            return await self.game(kept.id) or (kept, game)

    async def _next(self, kept: Kept, game: Game) -> tuple[Kept, Game]:
        if game.state == "closed" and game.last:
            return await self._finish(kept, game)
        return await self._kept(kept, quiz_game.opened(game, self.clock()))

    async def _finish(self, kept: Kept, game: Game) -> tuple[Kept, Game]:
        clicks = await self.clicks(kept)
        asked = {one.user_id: one.clicks for one in quiz_game.standings(game, clicks)}
        said = {
            user_id: quiz_game.by_objective(
                game.items, {number: quiz_game.is_right(game.items[number], one.choice) for number, one in mine.items()}
            )
            for user_id, mine in asked.items()
        }
        return await self._kept(kept, quiz_game.finished(game), said)

    async def _kept(
        self, kept: Kept, game: Game, said: Mapping[str, Sequence[tuple[str, int]]] | None = None
    ) -> tuple[Kept, Game]:
        """Keeps a game as it has become.

        Raises:
            RefusedError: somebody was quicker.
        """
        changed = replace(
            kept, value=game.as_json(), state=game.state, step=game.number, due_at=game.due_at, seen_at=self.clock()
        )
        done = await self.store.games.change(changed, said, mastery.added)
        if done is None:
            raise RefusedError(_MEANWHILE)
        return done, game

    async def _here(self, game_id: str, guild_id: str, channel_id: str) -> tuple[Kept, Game]:
        found = await self.game(game_id)
        if found is None or (found[0].guild_id, found[0].channel_id) != (guild_id, channel_id):
            raise RefusedError(_GONE)
        if found[1].state == FINISHED:
            raise RefusedError(_GONE)
        return found

    async def _hosted(self, game_id: str, guild_id: str, channel_id: str, member: Member) -> tuple[Kept, Game]:
        found = await self.game(game_id)
        if found is None or (found[0].guild_id, found[0].channel_id) != (guild_id, channel_id):
            raise RefusedError(_GONE)
        if found[0].user_id != member.user_id:
            raise RefusedError(_NOT_HOST)
        await self.workspaces.require(guild_id, member, Permission.MAKE)
        return found

    async def practise(self, user_id: str, run: Run) -> Kept:
        """Keeps an exercise of a person's own.

        Raises:
            PausedError: they want nothing to be kept.
            RefusedError: there is nothing to ask.
        """
        _check_items(run.items)
        kept = Kept(user_id, user_id, "practice", run.as_json(), state="open", created_at=self.clock())
        await self.store.games.add(kept)
        return kept

    async def run(self, run_id: str, user_id: str) -> tuple[Kept, Run]:
        """An exercise or piece of homework of somebody's own.

        Raises:
            RefusedError: it is not theirs, or gone.
        """
        kept = await self.store.games.get(run_id)
        if kept is None or kept.sort not in ("practice", "pupil"):
            raise RefusedError(_GONE)
        if kept.user_id != user_id:
            raise RefusedError(_NOT_YOURS)
        return kept, Run.of(kept.value)

    async def respond(self, run_id: str, user_id: str, turn: int, choice: str) -> tuple[Kept, Run]:
        """Keeps the answer to the question that an exercise is at; gives it as it is then.

        Raises:
            PausedError: they want nothing to be kept.
            RefusedError: it is not theirs, that question was answered already, or there is no such option.
        """
        kept, run = await self.run(run_id, user_id)
        if run.turn != turn or run.over:
            raise RefusedError(_ANSWERED)
        if await self.store.people.paused(user_id):
            raise PausedError
        choice = quiz_game.checked(run.items[run.queue[0]], choice)
        after = quiz_game.answered(run, choice, self.clock())
        said = {user_id: quiz_game.by_objective(run.items, after.firsts)} if after.over else None
        state = FINISHED if after.over else kept.state
        changed = replace(kept, value=after.as_json(), state=state, step=len(after.firsts))
        done = await self.store.games.change(changed, said, mastery.added)
        if done is None:
            raise RefusedError(_ANSWERED)
        return done, after

    async def set_homework(self, guild_id: str, channel_id: str, member: Member, run: Run) -> Kept:
        """Keeps homework that a teacher sets.

        Raises:
            PausedError: they want nothing to be kept.
            RefusedError: they may not, it is due in the past, or there is nothing to ask.
        """
        if not guild_id:
            raise RefusedError(_NO_SERVER)
        await self.workspaces.require(guild_id, member, Permission.FILE)
        _check_items(run.items)
        now = self.clock()
        if run.due_at is not None and run.due_at <= now:
            raise RefusedError(_DUE_PAST)
        kept = Kept(
            workspace(guild_id), member.user_id, "homework", run.as_json(), channel_id, state="open",
            due_at=run.due_at, created_at=now,
        )  # fmt: skip
        await self.store.games.add(kept)
        return kept

    async def taken(self, homework_id: str, guild_id: str, member: Member) -> Kept:
        """The homework that a pupil takes by its button.

        Raises:
            RefusedError: it is gone, or for others.
        """
        kept = await self.store.games.get(homework_id)
        if kept is None or kept.sort != "homework" or kept.guild_id != guild_id:
            raise RefusedError(_NO_HOMEWORK)
        await self.workspaces.require(guild_id, member, Permission.SEE)
        role_id = Run.of(kept.value).role_id
        if role_id != guild_id and role_id not in member.role_ids:  # The role of everybody has the server's id.
            raise RefusedError(_FOR_OTHERS)
        return kept

    async def hand_out(self, homework: Kept, user_id: str) -> Kept | None:
        """Keeps a pupil's own copy of homework; None where they have it. `placed` says where it is shown.

        Raises:
            PausedError: that pupil wants nothing to be kept.
            RefusedError: as many have it as can.
        """
        if len(await self.store.games.listed("pupil", parent_id=homework.id)) >= MAX_PUPILS:
            raise RefusedError(_FULL, most=MAX_PUPILS)
        now = self.clock()
        reminds = homework.due_at is not None and homework.due_at - now > _SET_BEFORE
        kept = Kept(
            homework.owner_id, user_id, "pupil", homework.value, parent_id=homework.id,
            state="open" if reminds else "told", due_at=homework.due_at, created_at=now,
        )  # fmt: skip
        return kept if await self.store.games.add(kept) else None

    async def copy_of(self, homework_id: str, user_id: str) -> Kept | None:
        """A pupil's own copy of homework, None where they have none."""
        found = await self.store.games.listed("pupil", user_id=user_id, parent_id=homework_id)
        return found[0] if found else None

    async def placed(self, kept: Kept, channel_id: str, message_id: str) -> None:
        """Notes where a pupil's copy is shown."""
        await self.store.games.change(replace(kept, channel_id=channel_id, message_id=message_id))

    async def homework(self, guild_id: str, member: Member) -> list[Kept]:
        """The homework of a server, newest first, for who may file there: all of it for who teaches, else what they have set.

        Raises:
            RefusedError: they may not.
        """
        await self.workspaces.require(guild_id, member, Permission.FILE)
        own = None if await self._teaches(guild_id, member) else member.user_id
        return await self.store.games.listed("homework", owner_id=workspace(guild_id), user_id=own)

    async def _teaches(self, guild_id: str, member: Member) -> bool:
        """Whether somebody sees what all others know: a role lets them that was given to them, and not one that all have."""
        return any_has_permission(await self.workspaces.find_assigned_roles(guild_id, member), Permission.FILE)

    async def progress(self, homework_id: str, guild_id: str, member: Member) -> tuple[Kept, Run, list[Progress]]:
        """A piece of homework and how far each pupil is with it, for who has set it, as long as they may file there, and who teaches.

        Raises:
            RefusedError: it is not theirs to see, or gone.
        """
        await self.workspaces.require(guild_id, member, Permission.FILE)
        kept = await self.store.games.get(homework_id)
        if kept is None or kept.sort != "homework" or kept.guild_id != guild_id:
            raise RefusedError(_NO_HOMEWORK)
        if kept.user_id != member.user_id and not await self._teaches(guild_id, member):
            raise RefusedError(_NOT_TEACHER)
        pupils = await self.store.games.listed("pupil", parent_id=homework_id)
        found = [Progress(one.user_id, Run.of(one.value), one.channel_id) for one in pupils]
        return kept, Run.of(kept.value), sorted(found, key=lambda one: (one.run.over, one.run.late, one.user_id))

    async def take_back(self, homework_id: str, guild_id: str, member: Member) -> None:
        """Forgets a piece of homework with the copies of its pupils. Raises as `progress`."""
        await self.progress(homework_id, guild_id, member)
        await self.store.games.drop(homework_id)

    async def to_remind(self) -> list[tuple[Kept, Run]]:
        """The homework of pupils that is due soon and not finished, each once."""
        now = self.clock()
        soon = await self.store.games.due("pupil", "open", now + REMINDED)
        found = []
        for one in soon:
            told = await self.store.games.change(replace(one, state="told"))
            if told is not None and one.due_at is not None and one.due_at > now:
                found.append((told, Run.of(told.value)))
        return found

    async def mastery(self, guild_id: str, member: Member) -> tuple[dict[str, Record], bool]:
        """What people know by their ids, and whether that is of others too.

        In a server who teaches sees everybody's, with what these have learnt by themselves and let who teaches see. Others see their
        own, and as long as they may file, what those who answered their quizzes or homework know of what these ask.
        """
        own = member.user_id
        if not guild_id:
            return dict(await self.store.games.mastery(own, own)), False
        await self.workspaces.require(guild_id, member, Permission.SEE)
        if await self._teaches(guild_id, member):
            known = await self.store.games.mastery(workspace(guild_id))
            return await self._with_shared(guild_id, known), True
        files = any_has_permission(await self.workspaces.find_roles(guild_id, member), Permission.FILE)
        asked = await self._asked_by(guild_id, own) if files else {}
        if not asked.keys() - {own}:
            return dict(await self.store.games.mastery(workspace(guild_id), own)), False
        known = await self.store.games.mastery(workspace(guild_id))
        return {
            who: {name: bits for name, bits in record.items() if who == own or name in asked[who]}
            for who, record in known.items()
            if who == own or who in asked
        }, True

    async def _with_shared(self, guild_id: str, known: Mapping[str, Record]) -> dict[str, Record]:
        """What is known of people in a server, and of what they learn by themselves what they let who teaches there see."""
        found = dict(known)
        objectives: defaultdict[str, set[str]] = defaultdict(set)
        for kept in await self.store.courses.shared(guild_id):
            objectives[kept.user_id] |= set(Course.of(kept.value).objectives)
        for user_id, names in objectives.items():
            own = (await self.store.games.mastery(user_id, user_id)).get(user_id, {})
            answers = [(name, one) for name in own if name in names for one in own[name]]
            found[user_id] = mastery.added(found.get(user_id, {}), answers)
        return found

    async def _asked_by(self, guild_id: str, user_id: str) -> dict[str, set[str]]:
        """What somebody has asked others in a server: the objectives that each of these has answered questions on."""
        asked: defaultdict[str, set[str]] = defaultdict(set)
        games, owner_id = self.store.games, workspace(guild_id)
        for kept in await games.listed("live", owner_id=owner_id, user_id=user_id):
            items = Game.of(kept.value).items
            for one in await self.clicks(kept):
                asked[one.user_id].add(items[one.number].objective)
        for homework in await games.listed("homework", owner_id=owner_id, user_id=user_id):
            for pupil in await games.listed("pupil", parent_id=homework.id):
                run = Run.of(pupil.value)
                asked[pupil.user_id] |= {run.items[number].objective for number in run.firsts}
        return dict(asked)

    async def tidy(self) -> None:
        """Forgets what is over for long."""
        await self.store.games.expire(self.clock() - KEPT_FOR)


def _check_items(items: Sequence[Item]) -> None:
    if not items:
        raise RefusedError(_NO_QUESTIONS)
