"""The service for role plays and interviews in channels, which continue after a restart.

A user's speech is stored first; then the answer is written, stored and posted, so that `list_pending` finds unfinished work.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from bot.errors import RefusedError
from bot.simulation import interview as interviews
from bot.simulation import play as plays
from bot.simulation.case import Case
from bot.simulation.interview import Interview, InterviewCard
from bot.simulation.play import Play, due_at
from bot.store import Store
from bot.team.workspace.roles import Member, Permission
from bot.team.workspace.workspaces import Workspaces
from storage.errors import PausedError
from storage.plays import StoredPlay

from .writer import StageWriter

log = logging.getLogger(__name__)
# Attempts to save a change while others change the same play.
_MAX_TRIES = 5
# The sorts of stored plays.
CASE, INTERVIEW = "case", "interview"
# Maximum characters of one speech or question of a user.
MAX_SPEECH_CHARACTERS = 1_500
_GONE = "That is over, or I no longer have it."
_NOT_HERE = "Something is already running in this channel. End it first, or start somewhere else."
_NOT_BEGUN = "It has not started yet. Take a role, then press Begin."
_IS_PAUSED = "It is paused. Press Continue first."
_STILL_ANSWERING = "I am still answering. Wait for my answer, then continue."
_NOT_YOURS = "You are not taking part here. Start one of your own with /scenario play."
_NOT_HOST = "Only the person who started it can do that."
_NO_ROLE_TAKEN = "Nobody has taken a role yet. Take one, then press Begin."
_ROLE_IS_TAKEN = "Someone else already has that role. Choose another one."
_ALREADY_STARTED = "It has already started, so roles can no longer change."
_TOO_LONG = "That has {count:,} characters; you can write at most {most:,} at a time. Shorten it."
_SOMEONE_WAS_QUICKER = "Someone else was quicker. See how things are now and try again."


@dataclass(frozen=True, slots=True)
class PlayView:
    """A play with its stored row."""

    record: StoredPlay
    play: Play


@dataclass(frozen=True, slots=True)
class InterviewView:
    """An interview with its stored row."""

    record: StoredPlay
    interview: Interview


@dataclass(frozen=True, slots=True)
class Plays:
    """The service for plays and interviews in channels; each channel has at most one at a time."""

    store: Store
    workspaces: Workspaces
    writer: StageWriter
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    _locks: dict[str, asyncio.Lock] = field(default_factory=dict)
    # The ids of channels with a running play or interview, under the key "" once they are loaded.
    _active_channels: dict[str, set[str]] = field(default_factory=dict)

    # Plays.

    async def check_can_open(
        self, member: Member, guild_id: str, case: Case | None = None, card: InterviewCard | None = None
    ) -> None:
        """Check that a member may start a play or an interview, before a thread is created. Raises the same errors as `open`."""
        await self._require_start(guild_id, member)
        if await self.store.people.is_paused(member.user_id):
            raise PausedError
        if case is not None:
            await self.writer.check_case(case)
        if card is not None:
            await self.writer.check_text("\n".join([card.name, *card.statements]), card.language)

    async def open(self, case: Case, member: Member, guild_id: str, channel_id: str) -> PlayView:
        """Create a play in its lobby; the host has the role for a solo player.

        Raises:
            PausedError: the member has paused storage.
            RefusedError: the member may not start it, the case is refused, or the channel is in use.
        """
        await self.check_can_open(member, guild_id, case)
        play = plays.take_role(Play(case, {}), member.user_id, case.solo_role.name)
        record = self._build_row(member.user_id, guild_id, channel_id, CASE, play)
        if not await self.store.plays.add(record):
            raise RefusedError(_NOT_HERE)
        (await self._load_active_channels()).add(channel_id)
        return PlayView(record, play)

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
        record = await self.store.plays.get(play_id)
        if record is None or (record.guild_id, record.channel_id, record.kind) != (guild_id, channel_id, CASE):
            raise RefusedError(_GONE)
        return PlayView(record, _parse_play(record))

    async def find_running(self, channel_id: str) -> StoredPlay | None:
        """Return the running play or interview of a channel; None if there is none."""
        return (
            await self.store.plays.find_active(channel_id) if channel_id in await self._load_active_channels() else None
        )

    async def _load_active_channels(self) -> set[str]:
        """Return the channels with a running play or interview, loaded only once, so that messages elsewhere need no query."""
        if "" not in self._active_channels:
            self._active_channels[""] = await self.store.plays.list_active_channels()
        return self._active_channels[""]

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
            return plays.start(play, self.clock())

        return await self._update(view, change)

    async def say(self, view: PlayView, user_id: str, text: str, *, visible: bool = True) -> PlayView:
        """Store a player's speech, which `continue_play` answers. If not yet `visible` in the channel, it is posted with the answer.

        Raises:
            PausedError: the player has paused storage.
            RefusedError: the user has no role, the play is not open, or the text is refused.
        """
        text = " ".join(text.split())
        if len(text) > MAX_SPEECH_CHARACTERS:
            raise RefusedError(_TOO_LONG, count=len(text), most=MAX_SPEECH_CHARACTERS)
        _refuse_non_players(view.play, user_id)
        await self.writer.check_text(text, view.play.case.language)

        def change(play: Play) -> Play:
            _refuse_unless_open(play, several=len(play.players) > 1)
            if plays.is_over(play, self.clock()):
                return replace(play, state="ending")
            return plays.say(play, user_id, text, visible=visible)

        return await self._update(view, change)

    async def continue_play(self, view: PlayView) -> PlayView:
        """Write the pending answer or debrief, once for concurrent callers.

        Raises:
            EngineError: no model could answer; the answer stays pending.
        """
        async with self._locks.setdefault(view.record.id, asyncio.Lock()):
            view = await self.load_view(view.record.id, view.record.guild_id, view.record.channel_id)
            seed = int(view.record.id[:6], 16) + view.play.turns
            if view.play.state == "open" and plays.is_over(view.play, self.clock()):
                view = await self._update(view, lambda play: replace(play, state="ending"))
            if view.play.state == "waiting":
                base = view.play
                answered_play = await self.writer.write_turn(base, seed)
                view = await self._update(view, lambda play: _merge_answer(play, base, answered_play))
            if view.play.state == "ending" and not view.play.judged:
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
                return plays.resume(play, self.clock()) if play.state == "paused" else play
            _refuse_unless_open(play, several=False)
            return plays.pause(play, self.clock())

        return await self._update(view, change)

    async def end(self, view: PlayView, user_id: str) -> PlayView:
        """End a play on behalf of a player; in the lobby, its host cancels it without a debrief. Raises the same errors as `say`."""
        if view.play.state == "lobby":
            _refuse_non_hosts(view, user_id)
            await self.discard(view.record)
            return replace(view, play=replace(view.play, state="ended"))
        if user_id != view.record.user_id:
            _refuse_non_players(view.play, user_id)

        def change(play: Play) -> Play:
            if play.state in ("ending", "ended"):
                raise RefusedError(_GONE)
            return replace(play, state="ending", paused=None)

        return await self._update(view, change)

    async def mark_shown(self, view: PlayView) -> PlayView:
        """Record that all lines have been posted; once the debrief has, the play is over."""
        line_count, has_debrief = len(view.play.lines), bool(view.play.judged)

        def change(play: Play) -> Play:
            state: plays.State = "ended" if has_debrief and play.judged else play.state
            return replace(play, shown=max(play.shown, line_count), state=state)

        view = await self._update(view, change)
        if view.play.state == "ended":
            self._release(view.record)
        return view

    def _release(self, record: StoredPlay) -> None:
        self._locks.pop(record.id, None)
        self._active_channels.get("", set()).discard(record.channel_id)

    async def list_pending(self) -> list[StoredPlay]:
        """Return the rows of plays and interviews with a pending answer, and of plays whose time is over."""
        return await self.store.plays.list_pending(self.clock())

    async def discard(self, record: StoredPlay) -> None:
        """Delete a play or interview that could not be posted, or whose channel is deleted."""
        await self.store.plays.delete(record.id)
        self._release(record)

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

    # Interviews.

    async def open_interview(
        self, card: InterviewCard, member: Member, guild_id: str, channel_id: str
    ) -> InterviewView:
        """Create an interview. Raises the same errors as `open`."""
        await self.check_can_open(member, guild_id, card=card)
        interview = Interview(card)
        record = self._build_row(member.user_id, guild_id, channel_id, INTERVIEW, interview)
        if not await self.store.plays.add(record):
            raise RefusedError(_NOT_HERE)
        (await self._load_active_channels()).add(channel_id)
        return InterviewView(record, interview)

    async def load_interview(self, play_id: str, guild_id: str, channel_id: str) -> InterviewView:
        """Return the interview with an id in a channel.

        Raises:
            RefusedError: the interview does not exist.
        """
        record = await self.store.plays.get(play_id)
        if record is None or (record.guild_id, record.channel_id, record.kind) != (guild_id, channel_id, INTERVIEW):
            raise RefusedError(_GONE)
        return InterviewView(record, _parse_interview(record))

    async def ask(self, view: InterviewView, member: Member, question: str) -> InterviewView:
        """Store a member's question, which `answer` answers. Raises the same errors as `say`."""
        question = " ".join(question.split())
        if len(question) > MAX_SPEECH_CHARACTERS:
            raise RefusedError(_TOO_LONG, count=len(question), most=MAX_SPEECH_CHARACTERS)
        if view.record.guild_id:
            await self.workspaces.require(view.record.guild_id, member, Permission.MAKE)
        await self.writer.check_text(question, view.interview.card.language)

        def change(interview: Interview) -> Interview:
            self.check_accepts_question(replace(view, interview=interview))
            return interviews.add_question(interview, member.user_id, question)

        return await self._update_interview(view, change)

    async def answer(self, view: InterviewView) -> InterviewView:
        """Write the pending answer, once for concurrent callers.

        Raises:
            EngineError: no model could answer; the answer stays pending.
        """
        async with self._locks.setdefault(view.record.id, asyncio.Lock()):
            view = await self.load_interview(view.record.id, view.record.guild_id, view.record.channel_id)
            if view.interview.state == "waiting":
                seed = int(view.record.id[:6], 16) + len(view.interview.exchanges)
                updated_interview = await self.writer.write_answer(view.interview, seed)
                view = await self._update_interview(view, lambda _: updated_interview)
        return view

    def check_accepts_question(self, view: InterviewView) -> None:
        """Check that a question is accepted now.

        Raises:
            RefusedError: an answer is pending, or the interview is over.
        """
        if view.interview.state != "open":
            raise RefusedError(_STILL_ANSWERING if view.interview.state == "waiting" else _GONE)

    async def end_interview(self, view: InterviewView, user_id: str) -> InterviewView:
        """End an interview on behalf of its host.

        Raises:
            RefusedError: the user is not the host.
        """
        if user_id != view.record.user_id:
            raise RefusedError(_NOT_HOST)
        return await self._update_interview(view, lambda interview: replace(interview, state="ended"))

    async def mark_interview_shown(self, view: InterviewView) -> InterviewView:
        """Record that all answers have been posted, and of a finished interview the summary."""
        answer_count = sum(bool(exchange.answer) for exchange in view.interview.exchanges)
        view = await self._update_interview(
            view,
            lambda interview: replace(interview, shown_count=answer_count, summary_posted=interview.state == "ended"),
        )
        if view.interview.state == "ended":
            self._release(view.record)
        return view

    # Plays and interviews.

    async def _require_start(self, guild_id: str, member: Member) -> None:
        if guild_id:
            await self.workspaces.require(guild_id, member, Permission.MAKE)

    def _build_row(self, user_id: str, guild_id: str, channel_id: str, kind: str, play: Play | Interview) -> StoredPlay:
        now = self.clock()
        return StoredPlay(
            user_id,
            guild_id,
            channel_id,
            kind,
            play.state,
            play.to_json(),
            play.texts_to_json(),
            created_at=now,
            updated_at=now,
        )

    async def _update(self, view: PlayView, change: Callable[[Play], Play]) -> PlayView:
        """Apply a change to a play and save it; if others have changed the play meanwhile, load it and try again."""
        for _ in range(_MAX_TRIES):
            play = change(view.play)
            due = due_at(play) if play.state in ("open", "waiting") else None
            record = await self._save(view.record, play, due)
            if record is not None:
                return PlayView(record, play)
            view = await self.load_view(view.record.id, view.record.guild_id, view.record.channel_id)
        raise RefusedError(_SOMEONE_WAS_QUICKER)

    async def _update_interview(self, view: InterviewView, change: Callable[[Interview], Interview]) -> InterviewView:
        for _ in range(_MAX_TRIES):
            updated_interview = change(view.interview)
            record = await self._save(view.record, updated_interview, None)
            if record is not None:
                return InterviewView(record, updated_interview)
            view = await self.load_interview(view.record.id, view.record.guild_id, view.record.channel_id)
        raise RefusedError(_SOMEONE_WAS_QUICKER)

    async def _save(self, record: StoredPlay, play: Play | Interview, due: datetime | None) -> StoredPlay | None:
        now, texts = self.clock(), play.texts_to_json()
        # As "waiting", it is found by `list_pending`.
        stored_state = "waiting" if has_unposted(play) else play.state
        changed_texts = {key: text for key, text in texts.items() if record.utterances.get(key) != text}
        removed_texts: dict[tuple[str, int], None] = {key: None for key in record.utterances if key not in texts}
        updated = replace(record, value=play.to_json(), state=stored_state, due_at=due, updated_at=now)
        changes: dict[tuple[str, int], dict[str, Any] | None] = {**changed_texts, **removed_texts}
        return await self.store.plays.change(updated, changes)


def has_unposted(play: Play | Interview) -> bool:
    """Return whether a line, an answer or a summary has not been posted yet."""
    if isinstance(play, Interview):
        answer_count = sum(bool(exchange.answer) for exchange in play.exchanges)
        return play.shown_count < answer_count if play.state != "ended" else not play.summary_posted
    return play.state == "open" and play.shown < len(play.lines)


def _parse_play(record: StoredPlay) -> Play:
    return Play.from_json(record.value, record.utterances)


def _parse_interview(record: StoredPlay) -> Interview:
    return Interview.from_json(record.value, record.utterances)


def _merge_answer(current: Play, base: Play, answered: Play) -> Play:
    """Merge `answered`, which continues `base`, into the current play. Lines that players added meanwhile precede the answer and
    wait for an answer of their own.
    """
    if current.state in ("ending", "ended"):
        return current
    added_lines = current.lines[len(base.lines) :]
    if not added_lines:
        return replace(answered, hints=max(current.hints, answered.hints), shown=current.shown)
    return replace(
        answered,
        lines=(*current.lines, *answered.lines[len(base.lines) :]),
        turns=current.turns,
        in_scene=answered.in_scene + len(added_lines),
        shown=current.shown,
        state="waiting" if answered.state == "open" else answered.state,
    )


def _refuse_non_players(play: Play, user_id: str) -> None:
    if play.role_of(user_id) is None:
        raise RefusedError(_NOT_YOURS)


def _refuse_non_hosts(view: PlayView, user_id: str) -> None:
    if view.record.user_id != user_id:
        raise RefusedError(_NOT_HOST)


def _refuse_unless_open(play: Play, *, several: bool) -> None:
    """Raise RefusedError unless the play is open; with `several` players, they may also speak while an answer is written."""
    match play.state:
        case "lobby":
            raise RefusedError(_NOT_BEGUN)
        case "paused":
            raise RefusedError(_IS_PAUSED)
        case "ending" | "ended":
            raise RefusedError(_GONE)
        case "waiting" if not several:
            raise RefusedError(_STILL_ANSWERING)
