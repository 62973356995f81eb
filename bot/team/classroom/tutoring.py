"""Courses that people learn from, each for themselves: begun, answered, hinted at, and shown to who teaches where they want that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bot.errors import RefusedError
from bot.store import Store
from storage.courses import KeptCourse
from storage.errors import PausedError

from . import course as courses
from . import mastery
from .course import Course, Lesson, Standing
from .mastery import Record
from .quiz_game import Item, checked

_NO_QUESTIONS = "There is nothing in that to learn from. Choose a quiz or flashcards."
_GONE = "I no longer have that course. Start another one with /learn."
_MEANWHILE = "You have already answered that. Continue with the latest question."
_NOTHING_ASKED = "No question is open. Press Continue."
_NO_SERVER = "Teachers can only see this in a server. Press this button in the server of the teacher who may see it."


@dataclass(frozen=True, slots=True)
class Sitting:
    """A course as it is, with what is known of its person, and what time it is."""

    kept: KeptCourse
    course: Course
    record: Record
    now: datetime

    @property
    def standings(self) -> list[Standing]:
        """How they stand with each objective."""
        return courses.standings(self.course, self.record, self.now)

    @property
    def next_due(self) -> datetime | None:
        """When the first question is due."""
        return courses.next_due(self.course)


@dataclass(frozen=True, slots=True)
class Tutoring:
    """The courses of people: each call names whose. `clock` says what time it is."""

    store: Store
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    async def begin(self, user_id: str, lesson: Lesson) -> Sitting:
        """Goes on with the course of a lesson that somebody learns from already, else keeps a new one.

        Raises:
            PausedError: they want nothing to be kept.
            RefusedError: there is nothing to learn from.
            StorageError: as many are kept as can be.
        """
        if not lesson.items:
            raise RefusedError(_NO_QUESTIONS)
        record = await self._record(user_id)
        for kept in await self.store.courses.all(user_id):
            course = Course.of(kept.value)
            if lesson.source and course.lesson.source == lesson.source:
                return await self._sit(kept, course, record)
        course = courses.sat_down(Course(lesson), record, self.clock())
        kept = await self.store.courses.add(user_id, course.to_json(), self.clock())
        return Sitting(kept, course, record, self.clock())

    async def newest(self, user_id: str) -> Sitting | None:
        """Goes on with the course of somebody in which most is due, else the one they learnt from last; None where they have none."""
        now = self.clock()
        found = [(kept, Course.of(kept.value)) for kept in await self.store.courses.all(user_id)]
        if not found:
            return None
        kept, course = max(found, key=lambda one: len(courses.due(one[1], now)))
        return await self._sit(kept, course, await self._record(user_id))

    async def all(self, user_id: str) -> list[tuple[KeptCourse, Course]]:
        """The courses of somebody, the one they learnt from last first."""
        return [(kept, Course.of(kept.value)) for kept in await self.store.courses.all(user_id)]

    async def look(self, course_id: str, user_id: str) -> Sitting:
        """A course of somebody's own as it is.

        Raises:
            RefusedError: it is not theirs, or gone.
        """
        kept = await self.store.courses.get(course_id, user_id)
        if kept is None:
            raise RefusedError(_GONE)
        return Sitting(kept, Course.of(kept.value), await self._record(user_id), self.clock())

    async def sit_down(self, course_id: str, user_id: str, *, ahead: bool = False) -> Sitting:
        """Begins a sitting; `ahead` also where nothing is to be asked for now. Raises as `answer`."""
        seen = await self.look(course_id, user_id)
        return await self._sit(seen.kept, seen.course, seen.record, ahead=ahead)

    async def open_question(self, course_id: str, user_id: str, turn: int) -> Item:
        """The question that somebody is about to answer in a form. Raises as `answer`."""
        return (await self._asked(course_id, user_id, turn)).course.item

    async def answer(self, course_id: str, user_id: str, turn: int, choice: str) -> Sitting:
        """Keeps the answer to the question that is asked.

        Raises:
            PausedError: they want nothing to be kept.
            RefusedError: it is not theirs, was answered already, or there is no such option.
        """
        seen = await self._asked(course_id, user_id, turn)
        choice = checked(seen.course.item, choice)
        return await self._kept(seen, *courses.answered(seen.course, choice, seen.record, seen.now))

    async def hint(self, course_id: str, user_id: str, turn: int) -> Sitting:
        """Gives one more hint. Raises as `answer`."""
        seen = await self._asked(course_id, user_id, turn)
        return await self._kept(seen, *courses.hinted(seen.course, seen.record, seen.now))

    async def claim(self, course_id: str, user_id: str, turn: int) -> Sitting:
        """Notes that they say they know it. Raises as `answer`."""
        seen = await self._asked(course_id, user_id, turn)
        return await self._kept(seen, *courses.claimed(seen.course, seen.record, seen.now))

    async def stop(self, course_id: str, user_id: str) -> Sitting:
        """Ends a sitting. Raises as `answer`."""
        seen = await self.look(course_id, user_id)
        return seen if seen.course.at is None else await self._kept(seen, courses.stopped(seen.course), [])

    async def share(self, course_id: str, user_id: str, guild_id: str, *, shown: bool) -> Sitting:
        """Lets who teaches in a server see what they know of it, or no more. Raises as `answer`, and where there is no server."""
        if shown and not guild_id:
            raise RefusedError(_NO_SERVER)
        seen = await self.look(course_id, user_id)
        kept = replace(seen.kept, guild_id=guild_id if shown else "")
        return await self._kept(replace(seen, kept=kept), seen.course, [])

    async def forget(self, course_id: str, user_id: str) -> None:
        """Forgets a course; what was learnt by objective stays.

        Raises:
            RefusedError: it is not theirs, or gone.
        """
        if not await self.store.courses.drop(course_id, user_id):
            raise RefusedError(_GONE)

    async def _record(self, user_id: str) -> Record:
        return (await self.store.games.mastery(user_id, user_id)).get(user_id, {})

    async def _asked(self, course_id: str, user_id: str, turn: int) -> Sitting:
        seen = await self.look(course_id, user_id)
        if seen.course.turn != turn:
            raise RefusedError(_MEANWHILE)
        if seen.course.at is None:
            raise RefusedError(_NOTHING_ASKED)
        return seen

    async def _sit(self, kept: KeptCourse, course: Course, record: Record, *, ahead: bool = False) -> Sitting:
        seen = Sitting(kept, course, record, self.clock())
        after = courses.sat_down(course, record, seen.now, ahead=ahead)
        return seen if after == course else await self._kept(seen, after, [])

    async def _kept(self, seen: Sitting, course: Course, said: courses.Said) -> Sitting:
        """Keeps a course as it has become, with what the answer says of its objective.

        Raises:
            PausedError: they want nothing to be kept.
            RefusedError: another press was quicker.
        """
        if await self.store.people.paused(seen.kept.user_id):
            raise PausedError
        kept = replace(seen.kept, value=course.to_json(), updated_at=seen.now)
        done = await self.store.courses.change(kept, said, mastery.added)
        if done is None:
            raise RefusedError(_MEANWHILE)
        return Sitting(done, course, mastery.added(seen.record, said), seen.now)
