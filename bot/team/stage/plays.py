"""Cases and interviews as they go on in a channel: who may do what, and how each stands; a restart in the middle goes on.

What somebody says is kept first; the answer is written, kept, and then shown. So whatever is left undone is found by `left`.
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
from bot.simulation.interview import Card, Interview
from bot.simulation.play import Play, due_at
from bot.store import Store
from bot.team.workspace.roles import Member, Permission
from bot.team.workspace.workspaces import Workspaces
from storage.errors import PausedError
from storage.plays import KeptPlay

from .writing import Writing

log = logging.getLogger(__name__)
# How often a change is tried anew, as somebody else was quicker.
_TRIES = 5
CASE, INTERVIEW = "case", "interview"
# Characters of what somebody says at a time.
MAX_SAID = 1_500
_GONE = "That is over, or I no longer have it."
_NOT_HERE = "Something is already running in this channel. End it first, or start somewhere else."
_NOT_BEGUN = "It has not started yet. Take a role, then press Begin."
_STANDS = "It is paused. Press Continue first."
_WAIT = "I am still answering. Wait for my answer, then continue."
_NOT_YOURS = "You are not taking part here. Start one of your own with /scenario play."
_NOT_HOST = "Only the person who started it can do that."
_NO_PLAYER = "Nobody has taken a role yet. Take one, then press Begin."
_TAKEN = "Someone else already has that role. Choose another one."
_BEGUN = "It has already started, so roles can no longer change."
_TOO_LONG = "That has {count:,} characters; you can write at most {most:,} at a time. Shorten it."
_MEANWHILE = "Someone else was quicker. Look at how things are now and try again."


@dataclass(frozen=True, slots=True)
class Seen:
    """A play as it is kept and as it stands."""

    kept: KeptPlay
    play: Play


@dataclass(frozen=True, slots=True)
class Talk:
    """An interview as it is kept and as it stands."""

    kept: KeptPlay
    interview: Interview


@dataclass(frozen=True, slots=True)
class Plays:
    """The plays and interviews of channels."""

    store: Store
    workspaces: Workspaces
    writing: Writing
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    _locks: dict[str, asyncio.Lock] = field(default_factory=dict)
    # The channels in which something goes on, once they are read.
    _places: dict[str, set[str]] = field(default_factory=dict)

    # Cases.

    async def may_open(self, member: Member, guild_id: str, case: Case | None = None, card: Card | None = None) -> None:
        """Lets somebody go on who may start a case or an interview; before there is a channel for it. Raises as `open`."""
        await self._may_start(guild_id, member)
        if await self.store.people.paused(member.user_id):
            raise PausedError
        if case is not None:
            await self.writing.look_at_case(case)
        if card is not None:
            await self.writing.look("\n".join([card.name, *card.statements]), card.language)

    async def open(self, case: Case, member: Member, guild_id: str, channel_id: str) -> Seen:
        """Keeps a new play, in which whoever starts it has the role that is meant for one who plays alone.

        Raises:
            PausedError: they want nothing to be kept.
            RefusedError: they may not, the case is refused, or something is played there already.
        """
        await self.may_open(member, guild_id, case)
        play = plays.taken(Play(case, {}), member.user_id, case.yours.name)
        kept = self._new(member.user_id, guild_id, channel_id, CASE, play)
        if not await self.store.plays.add(kept):
            raise RefusedError(_NOT_HERE)
        (await self._known_places()).add(channel_id)
        return Seen(kept, play)

    async def again(self, play_id: str, member: Member, guild_id: str, channel_id: str) -> Seen:
        """Starts the case of a play that is over once more, in the same channel. Raises as `open`."""
        return await self.open((await self.seen(play_id, guild_id, channel_id)).play.case, member, guild_id, channel_id)

    async def seen(self, play_id: str, guild_id: str, channel_id: str) -> Seen:
        """A play where it is shown.

        Raises:
            RefusedError: there is none.
        """
        kept = await self.store.plays.get(play_id)
        if kept is None or (kept.guild_id, kept.channel_id, kept.sort) != (guild_id, channel_id, CASE):
            raise RefusedError(_GONE)
        return Seen(kept, _play(kept))

    async def here(self, channel_id: str) -> KeptPlay | None:
        """What goes on in a channel."""
        return await self.store.plays.here(channel_id) if channel_id in await self._known_places() else None

    async def _known_places(self) -> set[str]:
        """The channels in which something goes on: else each message in a server were looked up."""
        if "" not in self._places:
            self._places[""] = await self.store.plays.places()
        return self._places[""]

    async def take(self, seen: Seen, member: Member, role: str) -> Seen:
        """Has somebody take a role, or give it back.

        Raises:
            PausedError: they want nothing to be kept.
            RefusedError: it has begun, or somebody else has that role.
        """
        if seen.kept.guild_id:
            await self.workspaces.require(seen.kept.guild_id, member, Permission.SEE)

        def change(play: Play) -> Play:
            if play.state != "lobby":
                raise RefusedError(_BEGUN)
            if play.players.get(role, member.user_id) != member.user_id:
                raise RefusedError(_TAKEN)
            return plays.taken(play, member.user_id, role)

        return await self._changed(seen, change)

    async def begin(self, seen: Seen, user_id: str) -> Seen:
        """Begins it, for who started it. Raises as `take`."""
        _refuse_others(seen, user_id)

        def change(play: Play) -> Play:
            if play.state != "lobby":
                raise RefusedError(_BEGUN)
            if not play.players:
                raise RefusedError(_NO_PLAYER)
            return plays.begun(play, self.clock())

        return await self._changed(seen, change)

    async def say(self, seen: Seen, user_id: str, text: str, *, visible: bool = True) -> Seen:
        """Keeps what somebody says, which is answered by `go_on`; what is not `visible` in the channel yet is shown with the answer.

        Raises:
            PausedError: they want nothing to be kept.
            RefusedError: they have no part in it, it does not go on, or what they say is refused.
        """
        text = " ".join(text.split())
        if len(text) > MAX_SAID:
            raise RefusedError(_TOO_LONG, count=len(text), most=MAX_SAID)
        _refuse_strangers(seen.play, user_id)
        await self.writing.look(text, seen.play.case.language)

        def change(play: Play) -> Play:
            _refuse_unless_open(play, several=len(play.players) > 1)
            if plays.is_over(play, self.clock()):
                return replace(play, state="ending")
            return plays.spoken(play, user_id, text, visible=visible)

        return await self._changed(seen, change)

    async def go_on(self, seen: Seen) -> Seen:
        """Writes what is waited for: the answer to what was said last, or the debrief; once, however many ask.

        Raises:
            EngineError: no model could answer; it is still waited for.
        """
        async with self._locks.setdefault(seen.kept.id, asyncio.Lock()):
            seen = await self.seen(seen.kept.id, seen.kept.guild_id, seen.kept.channel_id)
            seed = int(seen.kept.id[:6], 16) + seen.play.turns
            if seen.play.state == "open" and plays.is_over(seen.play, self.clock()):
                seen = await self._changed(seen, lambda play: replace(play, state="ending"))
            if seen.play.state == "waiting":
                before = seen.play
                after = await self.writing.turn(before, seed)
                seen = await self._changed(seen, lambda play: _joined(play, before, after))
            if seen.play.state == "ending" and not seen.play.judged:
                ended = await self.writing.debrief(seen.play, seed)
                seen = await self._changed(seen, lambda _: ended)
        return seen

    async def hint(self, seen: Seen, user_id: str) -> tuple[Seen, str]:
        """The next hint for somebody who plays, empty where there is none left. Raises as `say`."""
        _refuse_strangers(seen.play, user_id)
        given: list[str] = []

        def change(play: Play) -> Play:
            _refuse_unless_open(play, several=True)
            after, words = plays.hint(play)
            given[:] = [words]
            return after

        return await self._changed(seen, change), given[0]

    async def pause(self, seen: Seen, user_id: str, *, goes_on: bool) -> Seen:
        """Has the clock stand, or go on, for somebody who plays. Raises as `say`."""
        _refuse_strangers(seen.play, user_id)

        def change(play: Play) -> Play:
            if goes_on:
                return plays.resumed(play, self.clock()) if play.state == "paused" else play
            _refuse_unless_open(play, several=False)
            return plays.stopped(play, self.clock())

        return await self._changed(seen, change)

    async def end(self, seen: Seen, user_id: str) -> Seen:
        """Ends it for somebody who plays; before it has begun, for who started it, without a debrief. Raises as `say`."""
        if seen.play.state == "lobby":
            _refuse_others(seen, user_id)
            await self.give_up(seen.kept)
            return replace(seen, play=replace(seen.play, state="ended"))
        if user_id != seen.kept.user_id:
            _refuse_strangers(seen.play, user_id)

        def change(play: Play) -> Play:
            if play.state in ("ending", "ended"):
                raise RefusedError(_GONE)
            return replace(play, state="ending", paused=None)

        return await self._changed(seen, change)

    async def shown(self, seen: Seen) -> Seen:
        """Notes that all that was said so far is posted; with the debrief it has ended."""
        count, judged = len(seen.play.lines), bool(seen.play.judged)

        def change(play: Play) -> Play:
            state: plays.State = "ended" if judged and play.judged else play.state
            return replace(play, shown=max(play.shown, count), state=state)

        seen = await self._changed(seen, change)
        if seen.play.state == "ended":
            self._let_go(seen.kept)
        return seen

    def _let_go(self, kept: KeptPlay) -> None:
        self._locks.pop(kept.id, None)
        self._places.get("", set()).discard(kept.channel_id)

    async def left(self) -> list[KeptPlay]:
        """What somebody waits for, or whose time is over."""
        return await self.store.plays.left(self.clock())

    async def give_up(self, kept: KeptPlay) -> None:
        """Forgets one that could not be posted, or whose channel is gone."""
        await self.store.plays.drop(kept.id)
        self._let_go(kept)

    def refuse_silent(self, seen: Seen, user_id: str) -> None:
        """Refuses who could say nothing now. Raises as `say`."""
        _refuse_strangers(seen.play, user_id)
        _refuse_unless_open(seen.play, several=len(seen.play.players) > 1)

    def refuse_strangers(self, seen: Seen, user_id: str) -> None:
        """Raises RefusedError for who has no part in a play."""
        _refuse_strangers(seen.play, user_id)

    # Interviews.

    async def interview(self, card: Card, member: Member, guild_id: str, channel_id: str) -> Talk:
        """Keeps a new interview. Raises as `open`."""
        await self.may_open(member, guild_id, card=card)
        talk = Interview(card)
        kept = self._new(member.user_id, guild_id, channel_id, INTERVIEW, talk)
        if not await self.store.plays.add(kept):
            raise RefusedError(_NOT_HERE)
        (await self._known_places()).add(channel_id)
        return Talk(kept, talk)

    async def talk(self, play_id: str, guild_id: str, channel_id: str) -> Talk:
        """An interview where it is shown.

        Raises:
            RefusedError: there is none.
        """
        kept = await self.store.plays.get(play_id)
        if kept is None or (kept.guild_id, kept.channel_id, kept.sort) != (guild_id, channel_id, INTERVIEW):
            raise RefusedError(_GONE)
        return Talk(kept, _interview(kept))

    async def ask(self, talk: Talk, member: Member, question: str) -> Talk:
        """Keeps a question, which is answered by `answer`. Raises as `say`."""
        question = " ".join(question.split())
        if len(question) > MAX_SAID:
            raise RefusedError(_TOO_LONG, count=len(question), most=MAX_SAID)
        if talk.kept.guild_id:
            await self.workspaces.require(talk.kept.guild_id, member, Permission.MAKE)
        await self.writing.look(question, talk.interview.card.language)

        def change(one: Interview) -> Interview:
            self.refuse_unless_asked(replace(talk, interview=one))
            return interviews.asked(one, member.user_id, question)

        return await self._changed_talk(talk, change)

    async def answer(self, talk: Talk) -> Talk:
        """Writes the answer that is waited for, once.

        Raises:
            EngineError: no model could answer; it is still waited for.
        """
        async with self._locks.setdefault(talk.kept.id, asyncio.Lock()):
            talk = await self.talk(talk.kept.id, talk.kept.guild_id, talk.kept.channel_id)
            if talk.interview.state == "waiting":
                seed = int(talk.kept.id[:6], 16) + len(talk.interview.exchanges)
                after = await self.writing.answer(talk.interview, seed)
                talk = await self._changed_talk(talk, lambda _: after)
        return talk

    def refuse_unless_asked(self, talk: Talk) -> None:
        """Raises RefusedError where no question is taken now."""
        if talk.interview.state != "open":
            raise RefusedError(_WAIT if talk.interview.state == "waiting" else _GONE)

    async def end_talk(self, talk: Talk, user_id: str) -> Talk:
        """Ends an interview, for who began it.

        Raises:
            RefusedError: it was somebody else.
        """
        if user_id != talk.kept.user_id:
            raise RefusedError(_NOT_HOST)
        return await self._changed_talk(talk, lambda one: replace(one, state="ended"))

    async def shown_talk(self, talk: Talk) -> Talk:
        """Notes that all answers are posted."""
        count = sum(bool(one.answer) for one in talk.interview.exchanges)
        talk = await self._changed_talk(talk, lambda one: replace(one, shown=count, told=one.state == "ended"))
        if talk.interview.state == "ended":
            self._let_go(talk.kept)
        return talk

    # Both.

    async def _may_start(self, guild_id: str, member: Member) -> None:
        if guild_id:
            await self.workspaces.require(guild_id, member, Permission.MAKE)

    def _new(self, user_id: str, guild_id: str, channel_id: str, sort: str, one: Play | Interview) -> KeptPlay:
        now = self.clock()
        return KeptPlay(
            user_id, guild_id, channel_id, sort, one.state, one.as_json(), one.words(), created_at=now, updated_at=now
        )

    async def _changed(self, seen: Seen, change: Callable[[Play], Play]) -> Seen:
        """A play as it is kept after a change, which is made anew where somebody else was quicker."""
        for _ in range(_TRIES):
            play = change(seen.play)
            due = due_at(play) if play.state in ("open", "waiting") else None
            kept = await self._kept(seen.kept, play, due)
            if kept is not None:
                return Seen(kept, play)
            seen = await self.seen(seen.kept.id, seen.kept.guild_id, seen.kept.channel_id)
        raise RefusedError(_MEANWHILE)

    async def _changed_talk(self, talk: Talk, change: Callable[[Interview], Interview]) -> Talk:
        for _ in range(_TRIES):
            one = change(talk.interview)
            kept = await self._kept(talk.kept, one, None)
            if kept is not None:
                return Talk(kept, one)
            talk = await self.talk(talk.kept.id, talk.kept.guild_id, talk.kept.channel_id)
        raise RefusedError(_MEANWHILE)

    async def _kept(self, kept: KeptPlay, one: Play | Interview, due: datetime | None) -> KeptPlay | None:
        now, after = self.clock(), one.words()
        column = "waiting" if is_unshown(one) else one.state
        words = {place: said for place, said in after.items() if kept.words.get(place) != said}
        gone: dict[tuple[str, int], None] = {place: None for place in kept.words if place not in after}
        changed = replace(kept, value=one.as_json(), state=column, due_at=due, updated_at=now)
        changes: dict[tuple[str, int], dict[str, Any] | None] = {**words, **gone}
        return await self.store.plays.change(changed, changes)


def is_unshown(one: Play | Interview) -> bool:
    """Whether something was written that is not posted yet."""
    if isinstance(one, Interview):
        answers = sum(bool(exchange.answer) for exchange in one.exchanges)
        return one.shown < answers if one.state != "ended" else not one.told
    return one.state == "open" and one.shown < len(one.lines)


def _play(kept: KeptPlay) -> Play:
    return Play.of(kept.value, kept.words)


def _interview(kept: KeptPlay) -> Interview:
    return Interview.of(kept.value, kept.words)


def _joined(now: Play, before: Play, after: Play) -> Play:
    """The play after an answer that was written while others went on: what they said meanwhile stands before it, and waits."""
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


def _refuse_strangers(play: Play, user_id: str) -> None:
    if play.role_of(user_id) is None:
        raise RefusedError(_NOT_YOURS)


def _refuse_others(seen: Seen, user_id: str) -> None:
    if seen.kept.user_id != user_id:
        raise RefusedError(_NOT_HOST)


def _refuse_unless_open(play: Play, *, several: bool) -> None:
    """Refuses where it does not go on; of `several` who play, each may speak while an answer is written."""
    match play.state:
        case "lobby":
            raise RefusedError(_NOT_BEGUN)
        case "paused":
            raise RefusedError(_STANDS)
        case "ending" | "ended":
            raise RefusedError(_GONE)
        case "waiting" if not several:
            raise RefusedError(_WAIT)
