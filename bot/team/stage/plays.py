"""The service for plays and interviews in channels, which continue after a restart.

What a user says is stored first; then the answer is written, stored and shown, so that `list_pending` finds unfinished work.
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
# Attempts at a change when others change the same play.
_MAX_TRIES = 5
CASE, INTERVIEW = "case", "interview"
# Characters that a user can say at once.
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
    """A play and its stored row."""

    record: StoredPlay
    play: Play


@dataclass(frozen=True, slots=True)
class InterviewView:
    """An interview and its stored row."""

    record: StoredPlay
    interview: Interview


@dataclass(frozen=True, slots=True)
class Plays:
    """The service for the plays and interviews of channels."""

    store: Store
    workspaces: Workspaces
    writing: StageWriter
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    _locks: dict[str, asyncio.Lock] = field(default_factory=dict)
    # The channels with a running play or interview, under the key "" once they are loaded.
    _places: dict[str, set[str]] = field(default_factory=dict)

    # Cases.

    async def check_can_open(
        self, member: Member, guild_id: str, case: Case | None = None, card: InterviewCard | None = None
    ) -> None:
        """Check that a member may start a case or an interview, before a channel is created. Raises as `open` does."""
        await self._require_start(guild_id, member)
        if await self.store.people.is_paused(member.user_id):
            raise PausedError
        if case is not None:
            await self.writing.check_case(case)
        if card is not None:
            await self.writing.check_text("\n".join([card.name, *card.statements]), card.language)

    async def open(self, case: Case, member: Member, guild_id: str, channel_id: str) -> PlayView:
        """Create a play, in which its host has the role for a solo player.

        Raises:
            PausedError: the member has paused storage.
            RefusedError: they may not start it, the case is refused, or the channel is in use.
        """
        await self.check_can_open(member, guild_id, case)
        play = plays.take_role(Play(case, {}), member.user_id, case.solo_role.name)
        record = self._build_row(member.user_id, guild_id, channel_id, CASE, play)
        if not await self.store.plays.add(record):
            raise RefusedError(_NOT_HERE)
        (await self._load_places()).add(channel_id)
        return PlayView(record, play)

    async def again(self, play_id: str, member: Member, guild_id: str, channel_id: str) -> PlayView:
        """Start the case of a finished play again in the same channel. Raises as `open` does."""
        return await self.open(
            (await self.load_view(play_id, guild_id, channel_id)).play.case, member, guild_id, channel_id
        )

    async def load_view(self, play_id: str, guild_id: str, channel_id: str) -> PlayView:
        """Return a play in its channel.

        Raises:
            RefusedError: it does not exist.
        """
        record = await self.store.plays.get(play_id)
        if record is None or (record.guild_id, record.channel_id, record.sort) != (guild_id, channel_id, CASE):
            raise RefusedError(_GONE)
        return PlayView(record, _parse_play(record))

    async def find_running(self, channel_id: str) -> StoredPlay | None:
        """Return the running play or interview of a channel, None if there is none."""
        return await self.store.plays.find_active(channel_id) if channel_id in await self._load_places() else None

    async def _load_places(self) -> set[str]:
        """Load the channels in use once, so that messages elsewhere need no query."""
        if "" not in self._places:
            self._places[""] = await self.store.plays.list_active_channels()
        return self._places[""]

    async def take_role(self, view: PlayView, member: Member, role: str) -> PlayView:
        """Take a role on behalf of a member, or give it back.

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
        """Begin a play on behalf of its host. Raises as `take_role` does."""
        _refuse_non_hosts(view, user_id)

        def change(play: Play) -> Play:
            if play.state != "lobby":
                raise RefusedError(_ALREADY_STARTED)
            if not play.players:
                raise RefusedError(_NO_ROLE_TAKEN)
            return plays.start(play, self.clock())

        return await self._update(view, change)

    async def say(self, view: PlayView, user_id: str, text: str, *, visible: bool = True) -> PlayView:
        """Store what a player says; `continue_play` answers it. What is not yet `visible` in the channel is shown with the answer.

        Raises:
            PausedError: the player has paused storage.
            RefusedError: the user has no role, the play is not open, or the text is refused.
        """
        text = " ".join(text.split())
        if len(text) > MAX_SPEECH_CHARACTERS:
            raise RefusedError(_TOO_LONG, count=len(text), most=MAX_SPEECH_CHARACTERS)
        _refuse_non_players(view.play, user_id)
        await self.writing.check_text(text, view.play.case.language)

        def change(play: Play) -> Play:
            _refuse_unless_open(play, several=len(play.players) > 1)
            if plays.is_over(play, self.clock()):
                return replace(play, state="ending")
            return plays.say(play, user_id, text, visible=visible)

        return await self._update(view, change)

    async def continue_play(self, view: PlayView) -> PlayView:
        """Write the pending answer or debrief, once for concurrent callers.

        Raises:
            EngineError: no model could answer; it stays pending.
        """
        async with self._locks.setdefault(view.record.id, asyncio.Lock()):
            view = await self.load_view(view.record.id, view.record.guild_id, view.record.channel_id)
            seed = int(view.record.id[:6], 16) + view.play.turns
            if view.play.state == "open" and plays.is_over(view.play, self.clock()):
                view = await self._update(view, lambda play: replace(play, state="ending"))
            if view.play.state == "waiting":
                before = view.play
                new_play = await self.writing.write_turn(before, seed)
                view = await self._update(view, lambda play: _merge_answer(play, before, new_play))
            if view.play.state == "ending" and not view.play.judged:
                debriefed_play = await self.writing.write_debrief(view.play, seed)
                view = await self._update(view, lambda _: debriefed_play)
        return view

    async def give_hint(self, view: PlayView, user_id: str) -> tuple[PlayView, str]:
        """Return the next hint for a player, empty if there is none left. Raises as `say` does."""
        _refuse_non_players(view.play, user_id)
        given: list[str] = []

        def change(play: Play) -> Play:
            _refuse_unless_open(play, several=True)
            after, words = plays.give_hint(play)
            given[:] = [words]
            return after

        return await self._update(view, change), given[0]

    async def pause(self, view: PlayView, user_id: str, *, resumes: bool) -> PlayView:
        """Pause or resume the clock on behalf of a player. Raises as `say` does."""
        _refuse_non_players(view.play, user_id)

        def change(play: Play) -> Play:
            if resumes:
                return plays.resume(play, self.clock()) if play.state == "paused" else play
            _refuse_unless_open(play, several=False)
            return plays.pause(play, self.clock())

        return await self._update(view, change)

    async def end(self, view: PlayView, user_id: str) -> PlayView:
        """End a play on behalf of a player; in the lobby, the host cancels it without a debrief. Raises as `say` does."""
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
        """Record that all lines are posted; with the debrief the play ends."""
        count, judged = len(view.play.lines), bool(view.play.judged)

        def change(play: Play) -> Play:
            state: plays.State = "ended" if judged and play.judged else play.state
            return replace(play, shown=max(play.shown, count), state=state)

        view = await self._update(view, change)
        if view.play.state == "ended":
            self._release(view.record)
        return view

    def _release(self, record: StoredPlay) -> None:
        self._locks.pop(record.id, None)
        self._places.get("", set()).discard(record.channel_id)

    async def list_pending(self) -> list[StoredPlay]:
        """Return the rows with a pending answer, or whose time is over."""
        return await self.store.plays.list_pending(self.clock())

    async def discard(self, record: StoredPlay) -> None:
        """Delete a play or interview that could not be posted, or whose channel is deleted."""
        await self.store.plays.delete(record.id)
        self._release(record)

    def refuse_silent(self, view: PlayView, user_id: str) -> None:
        """Check that a user could say something now. Raises as `say` does."""
        _refuse_non_players(view.play, user_id)
        _refuse_unless_open(view.play, several=len(view.play.players) > 1)

    def refuse_strangers(self, view: PlayView, user_id: str) -> None:
        """Raise RefusedError for a user without a role in the play."""
        _refuse_non_players(view.play, user_id)

    # Interviews.

    async def open_interview(
        self, card: InterviewCard, member: Member, guild_id: str, channel_id: str
    ) -> InterviewView:
        """Create an interview. Raises as `open` does."""
        await self.check_can_open(member, guild_id, card=card)
        talk = Interview(card)
        record = self._build_row(member.user_id, guild_id, channel_id, INTERVIEW, talk)
        if not await self.store.plays.add(record):
            raise RefusedError(_NOT_HERE)
        (await self._load_places()).add(channel_id)
        return InterviewView(record, talk)

    async def load_interview(self, play_id: str, guild_id: str, channel_id: str) -> InterviewView:
        """Return an interview in its channel.

        Raises:
            RefusedError: it does not exist.
        """
        record = await self.store.plays.get(play_id)
        if record is None or (record.guild_id, record.channel_id, record.sort) != (guild_id, channel_id, INTERVIEW):
            raise RefusedError(_GONE)
        return InterviewView(record, _parse_interview(record))

    async def ask(self, talk: InterviewView, member: Member, question: str) -> InterviewView:
        """Store a question; `answer` answers it. Raises as `say` does."""
        question = " ".join(question.split())
        if len(question) > MAX_SPEECH_CHARACTERS:
            raise RefusedError(_TOO_LONG, count=len(question), most=MAX_SPEECH_CHARACTERS)
        if talk.record.guild_id:
            await self.workspaces.require(talk.record.guild_id, member, Permission.MAKE)
        await self.writing.check_text(question, talk.interview.card.language)

        def change(interview: Interview) -> Interview:
            self.refuse_unless_asked(replace(talk, interview=interview))
            return interviews.add_question(interview, member.user_id, question)

        return await self._update_interview(talk, change)

    async def answer(self, talk: InterviewView) -> InterviewView:
        """Write the pending answer, once for concurrent callers.

        Raises:
            EngineError: no model could answer; it stays pending.
        """
        async with self._locks.setdefault(talk.record.id, asyncio.Lock()):
            talk = await self.load_interview(talk.record.id, talk.record.guild_id, talk.record.channel_id)
            if talk.interview.state == "waiting":
                seed = int(talk.record.id[:6], 16) + len(talk.interview.exchanges)
                updated_interview = await self.writing.write_answer(talk.interview, seed)
                talk = await self._update_interview(talk, lambda _: updated_interview)
        return talk

    def refuse_unless_asked(self, talk: InterviewView) -> None:
        """Raise RefusedError if no question is accepted now."""
        if talk.interview.state != "open":
            raise RefusedError(_STILL_ANSWERING if talk.interview.state == "waiting" else _GONE)

    async def end_interview(self, talk: InterviewView, user_id: str) -> InterviewView:
        """End an interview on behalf of its host.

        Raises:
            RefusedError: the user is not the host.
        """
        if user_id != talk.record.user_id:
            raise RefusedError(_NOT_HOST)
        return await self._update_interview(talk, lambda one: replace(one, state="ended"))

    async def mark_interview_shown(self, talk: InterviewView) -> InterviewView:
        """Record that all answers are posted."""
        count = sum(bool(exchange.answer) for exchange in talk.interview.exchanges)
        talk = await self._update_interview(
            talk, lambda one: replace(one, shown_count=count, summary_posted=one.state == "ended")
        )
        if talk.interview.state == "ended":
            self._release(talk.record)
        return talk

    # Both.

    async def _require_start(self, guild_id: str, member: Member) -> None:
        if guild_id:
            await self.workspaces.require(guild_id, member, Permission.MAKE)

    def _build_row(self, user_id: str, guild_id: str, channel_id: str, sort: str, play: Play | Interview) -> StoredPlay:
        now = self.clock()
        return StoredPlay(
            user_id,
            guild_id,
            channel_id,
            sort,
            play.state,
            play.to_json(),
            play.texts_to_json(),
            created_at=now,
            updated_at=now,
        )

    async def _update(self, view: PlayView, change: Callable[[Play], Play]) -> PlayView:
        """Apply a change to a play and save it, again on the newer one if others were quicker."""
        for _ in range(_MAX_TRIES):
            play = change(view.play)
            due = due_at(play) if play.state in ("open", "waiting") else None
            record = await self._save(view.record, play, due)
            if record is not None:
                return PlayView(record, play)
            view = await self.load_view(view.record.id, view.record.guild_id, view.record.channel_id)
        raise RefusedError(_SOMEONE_WAS_QUICKER)

    async def _update_interview(self, talk: InterviewView, change: Callable[[Interview], Interview]) -> InterviewView:
        for _ in range(_MAX_TRIES):
            updated_interview = change(talk.interview)
            record = await self._save(talk.record, updated_interview, None)
            if record is not None:
                return InterviewView(record, updated_interview)
            talk = await self.load_interview(talk.record.id, talk.record.guild_id, talk.record.channel_id)
        raise RefusedError(_SOMEONE_WAS_QUICKER)

    async def _save(self, record: StoredPlay, play: Play | Interview, due: datetime | None) -> StoredPlay | None:
        now, after = self.clock(), play.texts_to_json()
        column = "waiting" if has_unshown(play) else play.state
        changed_texts = {key: text for key, text in after.items() if record.words.get(key) != text}
        removed_texts: dict[tuple[str, int], None] = {key: None for key in record.words if key not in after}
        updated = replace(record, value=play.to_json(), state=column, due_at=due, updated_at=now)
        changes: dict[tuple[str, int], dict[str, Any] | None] = {**changed_texts, **removed_texts}
        return await self.store.plays.change(updated, changes)


def has_unshown(play: Play | Interview) -> bool:
    """Return whether something was written that is not posted yet."""
    if isinstance(play, Interview):
        answers = sum(bool(exchange.answer) for exchange in play.exchanges)
        return play.shown_count < answers if play.state != "ended" else not play.summary_posted
    return play.state == "open" and play.shown < len(play.lines)


def _parse_play(record: StoredPlay) -> Play:
    return Play.from_json(record.value, record.words)


def _parse_interview(record: StoredPlay) -> Interview:
    return Interview.from_json(record.value, record.words)


def _merge_answer(now: Play, before: Play, after: Play) -> Play:
    """Merge an answer into a play that others continued meanwhile: their lines come before it, and wait for an answer."""
    if now.state in ("ending", "ended"):
        return now
    meanwhile = now.lines[len(before.lines) :]
    if not meanwhile:
        return replace(after, hints=max(now.hints, after.hints), shown=now.shown)
    lines = (*now.lines, *after.lines[len(before.lines) :])
    state: plays.State = "waiting" if after.state == "open" else after.state
    return replace(
        after, lines=lines, turns=now.turns, in_scene=after.in_scene + len(meanwhile), shown=now.shown, state=state
    )


def _refuse_non_players(play: Play, user_id: str) -> None:
    if play.role_of(user_id) is None:
        raise RefusedError(_NOT_YOURS)


def _refuse_non_hosts(view: PlayView, user_id: str) -> None:
    if view.record.user_id != user_id:
        raise RefusedError(_NOT_HOST)


def _refuse_unless_open(play: Play, *, several: bool) -> None:
    """Raise RefusedError if the play is not open; with `several` players each may speak while an answer is written."""
    match play.state:
        case "lobby":
            raise RefusedError(_NOT_BEGUN)
        case "paused":
            raise RefusedError(_IS_PAUSED)
        case "ending" | "ended":
            raise RefusedError(_GONE)
        case "waiting" if not several:
            raise RefusedError(_STILL_ANSWERING)
