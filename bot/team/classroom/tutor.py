"""The service for courses: study sessions, answers, hints, and progress that users can share with their teachers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bot.errors import RefusedError
from bot.store import Store
from storage.courses import StoredCourse
from storage.errors import PausedError

from . import course as courses
from . import mastery
from .course import Course, Lesson, ObjectiveProgress
from .mastery import Record
from .quiz_items import QuizItem, validate_choice

_NO_QUESTIONS = "There is nothing in that to learn from. Choose a quiz or flashcards."
_GONE = "I no longer have that course. Start another one with /learn."
_MOVED_ON = "You have already answered that. Continue with the latest question."
_NO_OPEN_QUESTION = "No question is open. Press Continue."
_NO_SERVER = "Teachers can only see this in a server. Press this button in the server of the teacher who may see it."


@dataclass(frozen=True, slots=True)
class StudySession:
    """A loaded course, with the learner's mastery record and the current time."""

    stored_course: StoredCourse
    course: Course
    record: Record
    now: datetime

    @property
    def objective_progress(self) -> list[ObjectiveProgress]:
        """The progress with each objective."""
        return courses.list_objective_progress(self.course, self.record, self.now)

    @property
    def next_due(self) -> datetime | None:
        """When the next question is due."""
        return courses.find_next_due(self.course)


@dataclass(frozen=True, slots=True)
class Tutor:
    """The service for the courses of users."""

    store: Store
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    async def begin(self, user_id: str, lesson: Lesson) -> StudySession:
        """Continue the user's course of a lesson, or create one.

        Raises:
            PausedError: the user has paused storage.
            RefusedError: the lesson has no questions.
            StorageError: the user has the maximum number of courses.
        """
        if not lesson.items:
            raise RefusedError(_NO_QUESTIONS)
        record = await self._load_record(user_id)
        for stored_course in await self.store.courses.list_all(user_id):
            course = Course.from_json(stored_course.value)
            if lesson.source and course.lesson.source == lesson.source:
                return await self._begin_session(stored_course, course, record)
        course = courses.begin_session(Course(lesson), record, self.clock())
        stored_course = await self.store.courses.add(user_id, course.to_json(), self.clock())
        return StudySession(stored_course, course, record, self.clock())

    async def continue_newest(self, user_id: str) -> StudySession | None:
        """Continue the user's course with the most due questions, the newest of equal ones; return None if the user has no course."""
        now = self.clock()
        stored_courses = [
            (stored_course, Course.from_json(stored_course.value))
            for stored_course in await self.store.courses.list_all(user_id)
        ]
        if not stored_courses:
            return None
        stored_course, course = max(stored_courses, key=lambda pair: len(courses.list_due(pair[1], now)))
        return await self._begin_session(stored_course, course, await self._load_record(user_id))

    async def load_session(self, course_id: str, user_id: str) -> StudySession:
        """Return a user's own course.

        Raises:
            RefusedError: the course is another user's, or does not exist.
        """
        stored_course = await self.store.courses.get(course_id, user_id)
        if stored_course is None:
            raise RefusedError(_GONE)
        return StudySession(
            stored_course, Course.from_json(stored_course.value), await self._load_record(user_id), self.clock()
        )

    async def begin_session(self, course_id: str, user_id: str, *, ahead: bool = False) -> StudySession:
        """Begin a study session; with `ahead`, questions are asked even if none is due. Raises the same errors as `answer`."""
        session = await self.load_session(course_id, user_id)
        return await self._begin_session(session.stored_course, session.course, session.record, ahead=ahead)

    async def load_open_question(self, course_id: str, user_id: str, turn: int) -> QuizItem:
        """Return the open question, to be answered in a form. Raises the same errors as `answer`."""
        return (await self._load_open(course_id, user_id, turn)).course.item

    async def answer(self, course_id: str, user_id: str, turn: int, choice: str) -> StudySession:
        """Store the answer to the open question.

        Raises:
            PausedError: the user has paused storage.
            RefusedError: the course is another user's, the question is answered already, or the option does not exist.
        """
        session = await self._load_open(course_id, user_id, turn)
        choice = validate_choice(session.course.item, choice)
        return await self._save(session, *courses.record_answer(session.course, choice, session.record, session.now))

    async def give_hint(self, course_id: str, user_id: str, turn: int) -> StudySession:
        """Give one more hint. Raises the same errors as `answer`."""
        session = await self._load_open(course_id, user_id, turn)
        return await self._save(session, *courses.give_hint(session.course, session.record, session.now))

    async def record_claim(self, course_id: str, user_id: str, turn: int) -> StudySession:
        """Record that the user claims to know the answer. Raises the same errors as `answer`."""
        session = await self._load_open(course_id, user_id, turn)
        return await self._save(session, *courses.record_claim(session.course, session.record, session.now))

    async def end_session(self, course_id: str, user_id: str) -> StudySession:
        """End a study session. Raises the same errors as `answer`."""
        session = await self.load_session(course_id, user_id)
        return (
            session
            if session.course.open_number is None
            else await self._save(session, courses.end_session(session.course), [])
        )

    async def share(self, course_id: str, user_id: str, guild_id: str, *, is_shared: bool) -> StudySession:
        """Share the mastery of a course with the teachers of a server, or stop sharing.

        Raises the same errors as `answer`, and RefusedError if `guild_id` is needed but empty.
        """
        if is_shared and not guild_id:
            raise RefusedError(_NO_SERVER)
        session = await self.load_session(course_id, user_id)
        stored_course = replace(session.stored_course, guild_id=guild_id if is_shared else "")
        return await self._save(replace(session, stored_course=stored_course), session.course, [])

    async def forget(self, course_id: str, user_id: str) -> None:
        """Delete a course; the user's mastery record stays.

        Raises:
            RefusedError: the course is another user's, or does not exist.
        """
        if not await self.store.courses.delete(course_id, user_id):
            raise RefusedError(_GONE)

    async def _load_record(self, user_id: str) -> Record:
        return (await self.store.games.load_mastery(user_id, user_id)).get(user_id, {})

    async def _load_open(self, course_id: str, user_id: str, turn: int) -> StudySession:
        session = await self.load_session(course_id, user_id)
        if session.course.turn != turn:
            raise RefusedError(_MOVED_ON)
        if session.course.open_number is None:
            raise RefusedError(_NO_OPEN_QUESTION)
        return session

    async def _begin_session(
        self, stored_course: StoredCourse, course: Course, record: Record, *, ahead: bool = False
    ) -> StudySession:
        session = StudySession(stored_course, course, record, self.clock())
        updated_course = courses.begin_session(course, record, session.now, ahead=ahead)
        return session if updated_course == course else await self._save(session, updated_course, [])

    async def _save(self, session: StudySession, course: Course, answers: courses.RecordedAnswers) -> StudySession:
        """Save an updated course with the answers for the mastery record.

        Raises:
            PausedError: the user has paused storage.
            RefusedError: the course has changed in the meantime.
        """
        if await self.store.people.is_paused(session.stored_course.user_id):
            raise PausedError
        stored_course = replace(session.stored_course, value=course.to_json(), updated_at=session.now)
        saved_course = await self.store.courses.change(stored_course, answers, mastery.add_answers)
        if saved_course is None:
            raise RefusedError(_MOVED_ON)
        return StudySession(saved_course, course, mastery.add_answers(session.record, answers), session.now)
