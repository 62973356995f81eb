"""The service for role plays in channels, which continue after a restart.

A user's speech is stored first; then the answer is written, stored and posted, so that `StageRecords.list_pending` finds unfinished
work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.errors import RefusedError
from bot.simulation import play as plays
from bot.simulation.case import Case
from bot.simulation.play import Play
from bot.team.workspace.roles import Member, Permission
from bot.team.workspace.workspaces import Workspaces
from storage.plays import StoredPlay

from .records import CASE, GONE, NOT_HOST, STILL_ANSWERING, StageRecords, clean_speech
from .writer import StageWriter

_NOT_BEGUN = "It has not started yet. Take a role, then press Begin."
_IS_PAUSED = "It is paused. Press Continue first."
_NOT_YOURS = "You are not taking part here. Start one of your own with /scenario play."
_NO_ROLE_TAKEN = "Nobody has taken a role yet. Take one, then press Begin."
_ROLE_IS_TAKEN = "Someone else already has that role. Choose another one."
_ALREADY_STARTED = "It has already started, so roles can no longer change."


@dataclass(frozen=True, slots=True)
class PlayView:
    """A play with its stored row."""

    record: StoredPlay
    play: Play


@dataclass(frozen=True, slots=True)
class Plays:
    """The service for plays."""

    records: StageRecords
    workspaces: Workspaces
    writer: StageWriter

    async def check_can_open(self, member: Member, guild_id: str, case: Case) -> None:
        """Check that a member may start a play, before a thread is created. Raises the same errors as `open`."""
        await self.records.check_can_start(guild_id, member)
        await self.writer.check_case(case)

    async def open(self, case: Case, member: Member, guild_id: str, channel_id: str) -> PlayView:
        """Create a play in its lobby; the host has the role for a solo player.

        Raises:
            PausedError: the member has paused storage.
            RefusedError: the member may not start it, the case is refused, or the channel is in use.
        """
        await self.check_can_open(member, guild_id, case)
        play = plays.take_role(Play(case, {}), member.user_id, case.solo_role.name)
        return PlayView(await self.records.add(member.user_id, guild_id, channel_id, CASE, play), play)

    async def restart(self, play_id: str, member: Member, guild_id: str, channel_id: str) -> PlayView:
        """Create another play of the same case in the same channel. Raises the same errors as `open`."""
        return await self.open(
            (await self.load_view(play_id, guild_id, channel_id)).play.case, member, guild_id, channel_id
        )

    async def load_view(self, play_id: str, guild_id: str, channel_id: str) -> PlayView:
        """Return the play with an id in a channel.

        Raises:
            RefusedError: the play does not exist.
        """
        record = await self.records.load(play_id, guild_id, channel_id, CASE)
        return PlayView(record, _parse_play(record))

    async def take_role(self, view: PlayView, member: Member, role: str) -> PlayView:
        """Give a member a role, or free the role if they already have it.

        Raises:
            PausedError: the member has paused storage.
            RefusedError: the play has started, or the role is taken.
        """
        if view.record.guild_id:
            await self.workspaces.require(view.record.guild_id, member, Permission.SEE)

        def change(play: Play) -> Play:
            if play.state != "lobby":
                raise RefusedError(_ALREADY_STARTED)
            if play.players.get(role, member.user_id) != member.user_id:
                raise RefusedError(_ROLE_IS_TAKEN)
            return plays.take_role(play, member.user_id, role)

        return await self._update(view, change)

    async def begin(self, view: PlayView, user_id: str) -> PlayView:
        """Begin a play on behalf of its host. Raises the same errors as `take_role`."""
        _refuse_non_hosts(view, user_id)

        def change(play: Play) -> Play:
            if play.state != "lobby":
                raise RefusedError(_ALREADY_STARTED)
            if not play.players:
                raise RefusedError(_NO_ROLE_TAKEN)
            return plays.start(play, self.records.clock())

        return await self._update(view, change)

    async def say(self, view: PlayView, user_id: str, text: str, *, visible: bool = True) -> PlayView:
        """Store a player's speech, which `continue_play` answers. If not yet `visible` in the channel, it is posted with the answer.

        Raises:
            PausedError: the player has paused storage.
            RefusedError: the user has no role, the play is not open, or the text is refused.
        """
        text = clean_speech(text)
        _refuse_non_players(view.play, user_id)
        await self.writer.check_text(text, view.play.case.language)

        def change(play: Play) -> Play:
            _refuse_unless_open(play, several=len(play.players) > 1)
            if plays.is_over(play, self.records.clock()):
                return replace(play, state="ending")
            return plays.add_player_line(play, user_id, text, visible=visible)

        return await self._update(view, change)

    async def continue_play(self, view: PlayView) -> PlayView:
        """Write the pending answer or debrief, once for concurrent callers.

        Raises:
            EngineError: no model could answer; the answer stays pending.
        """
        async with self.records.get_lock(view.record):
            view = await self.load_view(view.record.id, view.record.guild_id, view.record.channel_id)
            seed = int(view.record.id[:6], 16) + view.play.turn_count
            if view.play.state == "open" and plays.is_over(view.play, self.records.clock()):
                view = await self._update(view, lambda play: replace(play, state="ending"))
            if view.play.state == "waiting":
                base = view.play
                answered_play = await self.writer.write_turn(base, seed)
                view = await self._update(view, lambda play: _merge_answer(play, base, answered_play))
            if view.play.state == "ending" and not view.play.judgements:
                debriefed_play = await self.writer.write_debrief(view.play, seed)
                view = await self._update(view, lambda _: debriefed_play)
        return view

    async def give_hint(self, view: PlayView, user_id: str) -> tuple[PlayView, str]:
        """Return the play and its next hint, empty if there is none left. Raises the same errors as `say`."""
        _refuse_non_players(view.play, user_id)
        hints: list[str] = []

        def change(play: Play) -> Play:
            _refuse_unless_open(play, several=True)
            new_play, hint = plays.give_hint(play)
            hints[:] = [hint]  # `_update` may call this more than once.
            return new_play

        return await self._update(view, change), hints[0]

    async def pause(self, view: PlayView, user_id: str, *, resumes: bool) -> PlayView:
        """Pause or resume the clock on behalf of a player. Raises the same errors as `say`."""
        _refuse_non_players(view.play, user_id)

        def change(play: Play) -> Play:
            if resumes:
                return plays.resume(play, self.records.clock()) if play.state == "paused" else play
            _refuse_unless_open(play, several=False)
            return plays.pause(play, self.records.clock())

        return await self._update(view, change)

    async def end(self, view: PlayView, user_id: str) -> PlayView:
        """End a play on behalf of a player; in the lobby, its host cancels it without a debrief. Raises the same errors as `say`."""
        if view.play.state == "lobby":
            _refuse_non_hosts(view, user_id)
            await self.records.discard(view.record)
            return replace(view, play=replace(view.play, state="ended"))
        if user_id != view.record.user_id:
            _refuse_non_players(view.play, user_id)

        def change(play: Play) -> Play:
            if play.state in ("ending", "ended"):
                raise RefusedError(GONE)
            return replace(play, state="ending", paused_at=None)

        return await self._update(view, change)

    async def mark_shown(self, view: PlayView) -> PlayView:
        """Record that all lines have been posted; once the debrief has, the play is over."""
        line_count, has_debrief = len(view.play.lines), bool(view.play.judgements)

        def change(play: Play) -> Play:
            state: plays.State = "ended" if has_debrief and play.judgements else play.state
            return replace(play, shown_count=max(play.shown_count, line_count), state=state)

        view = await self._update(view, change)
        if view.play.state == "ended":
            self.records.release(view.record)
        return view

    def check_can_say(self, view: PlayView, user_id: str) -> None:
        """Check that a user could speak now. Raises the same errors as `say`."""
        _refuse_non_players(view.play, user_id)
        _refuse_unless_open(view.play, several=len(view.play.players) > 1)

    def check_is_player(self, view: PlayView, user_id: str) -> None:
        """Check that a user has a role in the play.

        Raises:
            RefusedError: the user has no role.
        """
        _refuse_non_players(view.play, user_id)

    async def _update(self, view: PlayView, change: Callable[[Play], Play]) -> PlayView:
        return PlayView(*await self.records.update(view.record, view.play, change, _parse_play))


def _parse_play(record: StoredPlay) -> Play:
    return Play.from_json(record.value, record.utterances)


def _merge_answer(current: Play, base: Play, answered: Play) -> Play:
    """Merge `answered`, which continues `base`, into the current play. Lines that players added meanwhile precede the answer and
    wait for an answer of their own.
    """
    if current.state in ("ending", "ended"):
        return current
    added_lines = current.lines[len(base.lines) :]
    if not added_lines:
        return replace(
            answered, hint_count=max(current.hint_count, answered.hint_count), shown_count=current.shown_count
        )
    return replace(
        answered,
        lines=(*current.lines, *answered.lines[len(base.lines) :]),
        turn_count=current.turn_count,
        scene_turn_count=answered.scene_turn_count + len(added_lines),
        shown_count=current.shown_count,
        state="waiting" if answered.state == "open" else answered.state,
    )


def _refuse_non_players(play: Play, user_id: str) -> None:
    if play.find_role(user_id) is None:
        raise RefusedError(_NOT_YOURS)


def _refuse_non_hosts(view: PlayView, user_id: str) -> None:
    if view.record.user_id != user_id:
        raise RefusedError(NOT_HOST)


def _refuse_unless_open(play: Play, *, several: bool) -> None:
    """Raise RefusedError unless the play is open; with `several` players, they may also speak while an answer is written."""
    match play.state:
        case "lobby":
            raise RefusedError(_NOT_BEGUN)
        case "paused":
            raise RefusedError(_IS_PAUSED)
        case "ending" | "ended":
            raise RefusedError(GONE)
        case "waiting" if not several:
            raise RefusedError(STILL_ANSWERING)
