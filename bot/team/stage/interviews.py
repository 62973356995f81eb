"""The service for interviews with invented people in channels, which continue after a restart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.errors import RefusedError
from bot.simulation import interview as interviews
from bot.simulation.interview import Interview, InterviewCard
from bot.team.workspace.roles import Member, Permission
from bot.team.workspace.workspaces import Workspaces
from storage.plays import StoredPlay

from .records import GONE, INTERVIEW, NOT_HOST, STILL_ANSWERING, StageRecords, clean_speech
from .writer import StageWriter


@dataclass(frozen=True, slots=True)
class InterviewView:
    """An interview with its stored row."""

    record: StoredPlay
    interview: Interview


@dataclass(frozen=True, slots=True)
class Interviews:
    """The service for interviews."""

    records: StageRecords
    workspaces: Workspaces
    writer: StageWriter

    async def check_can_open(self, member: Member, guild_id: str, card: InterviewCard) -> None:
        """Check that a member may start an interview, before a thread is created. Raises the same errors as `open`."""
        await self.records.check_can_start(guild_id, member)
        await self.writer.check_text("\n".join([card.name, *card.statements]), card.language)

    async def open(self, card: InterviewCard, member: Member, guild_id: str, channel_id: str) -> InterviewView:
        """Create an interview.

        Raises:
            PausedError: the member has paused storage.
            RefusedError: the member may not start it, the card is refused, or the channel is in use.
        """
        await self.check_can_open(member, guild_id, card)
        interview = Interview(card)
        record = await self.records.add(member.user_id, guild_id, channel_id, INTERVIEW, interview)
        return InterviewView(record, interview)

    async def load_view(self, interview_id: str, guild_id: str, channel_id: str) -> InterviewView:
        """Return the interview with an id in a channel.

        Raises:
            RefusedError: the interview does not exist.
        """
        record = await self.records.load(interview_id, guild_id, channel_id, INTERVIEW)
        return InterviewView(record, _parse_interview(record))

    async def ask(self, view: InterviewView, member: Member, question: str) -> InterviewView:
        """Store a member's question, which `answer` answers.

        Raises:
            PausedError: the member has paused storage.
            RefusedError: the member may not ask, an answer is pending, or the question is refused.
        """
        question = clean_speech(question)
        if view.record.guild_id:
            await self.workspaces.require(view.record.guild_id, member, Permission.MAKE)
        await self.writer.check_text(question, view.interview.card.language)

        def change(interview: Interview) -> Interview:
            self.check_accepts_question(replace(view, interview=interview))
            return interviews.add_question(interview, member.user_id, question)

        return await self._update(view, change)

    async def answer(self, view: InterviewView) -> InterviewView:
        """Write the pending answer, once for concurrent callers.

        Raises:
            EngineError: no model could answer; the answer stays pending.
        """
        async with self.records.get_lock(view.record):
            view = await self.load_view(view.record.id, view.record.guild_id, view.record.channel_id)
            if view.interview.state == "waiting":
                seed = int(view.record.id[:6], 16) + len(view.interview.exchanges)
                answered_interview = await self.writer.write_answer(view.interview, seed)
                view = await self._update(view, lambda _: answered_interview)
        return view

    def check_accepts_question(self, view: InterviewView) -> None:
        """Check that a question is accepted now.

        Raises:
            RefusedError: an answer is pending, or the interview is over.
        """
        if view.interview.state != "open":
            raise RefusedError(STILL_ANSWERING if view.interview.state == "waiting" else GONE)

    async def end(self, view: InterviewView, user_id: str) -> InterviewView:
        """End an interview on behalf of its host.

        Raises:
            RefusedError: the user is not the host.
        """
        if user_id != view.record.user_id:
            raise RefusedError(NOT_HOST)
        return await self._update(view, lambda interview: replace(interview, state="ended"))

    async def mark_shown(self, view: InterviewView) -> InterviewView:
        """Record that all answers have been posted, and of a finished interview the summary."""
        answer_count = sum(bool(exchange.answer) for exchange in view.interview.exchanges)
        view = await self._update(
            view,
            lambda interview: replace(interview, shown_count=answer_count, summary_posted=interview.state == "ended"),
        )
        if view.interview.state == "ended":
            self.records.release(view.record)
        return view

    async def _update(self, view: InterviewView, change: Callable[[Interview], Interview]) -> InterviewView:
        return InterviewView(*await self.records.update(view.record, view.interview, change, _parse_interview))


def _parse_interview(record: StoredPlay) -> Interview:
    return Interview.from_json(record.value, record.utterances)
