"""How many questions simulated learners need to master a course, by the tutor and in random order: python -m benchmarks.tutor

A learner differs from the tutor's model (Bayesian knowledge tracing: known or not, nothing forgotten, the same parameters for all).
Skill is a number for each objective that grows with practice by less and less, faster for some people and objectives than for
others, more slowly until the prerequisites are mastered, and is partly forgotten between sittings. An answer is right by a logistic
curve over skill and the question's difficulty, with slips that differ from the tutor's.

An objective is mastered once the learner would answer nine of ten questions right without guessing, and a course when all its
objectives are mastered at once; this is read from the learner's state, not from the tutor's estimate. Random order shuffles all
questions, asks each once, and shuffles again. Both sit for 30 questions a day, a minute each; when the tutor has no question due,
learners go on ahead.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.exports._parts import QuizQuestion
from bot.team.classroom import mastery
from bot.team.classroom.course import Course, Lesson, begin_session, end_session, record_answer
from bot.team.classroom.quiz_items import QuizItem

BEGIN = datetime(2026, 1, 5, 9, tzinfo=UTC)
A_DAY, A_QUESTION = 30, timedelta(minutes=1)
MASTERED = 0.9
MAX_DAYS = 60
OPTIONS = 4


@dataclass
class Learner:
    """A simulated learner and their skill by objective; see above."""

    rng: random.Random
    before: dict[str, tuple[str, ...]]
    can: dict[str, float]
    pace: dict[str, float]
    slips: float
    forgetting: float
    practised: dict[str, int] = field(default_factory=dict)

    @classmethod
    def draw(cls, lesson: Lesson, seed: int) -> Learner:
        """Draw a learner who knows a part of the course already."""
        rng = random.Random(seed)
        names = list(dict.fromkeys(item.objective for item in lesson.items))
        talent = rng.gauss(0, 0.5)
        return cls(
            rng,
            dict(lesson.prerequisites),
            {name: rng.gauss(-0.6 + talent, 1.6) for name in names},
            {name: 0.7 * math.exp(rng.gauss(talent / 2, 0.4)) for name in names},
            rng.uniform(0.02, 0.15),
            rng.uniform(0.0, 0.06),
        )

    def compute_share(self, name: str) -> float:
        """Return the share of an objective's usual questions that the learner can answer."""
        return 1 / (1 + math.exp(-self.can[name]))

    @property
    def has_mastered_all(self) -> bool:
        """Whether all is mastered."""
        return all(self.compute_share(name) >= MASTERED for name in self.can)

    def answer(self, item: QuizItem, number: int) -> bool:
        """Answer a question and learn from it, a little more from a wrong answer; return whether the answer is right."""
        name = item.objective
        hard = random.Random(number).gauss(0, 0.5)
        knows = 1 / (1 + math.exp(-(self.can[name] - hard)))
        right = self.rng.random() < knows * (1 - self.slips) + (1 - knows) / OPTIONS
        ready = all(self.compute_share(one) >= MASTERED for one in self.before.get(name, ()))
        times = self.practised[name] = self.practised.get(name, 0) + 1
        self.can[name] += self.pace[name] * (1.0 if ready else 0.5) * (1.0 if right else 1.2) / math.sqrt(times)
        return right

    def forget(self) -> None:
        """Forget what a day takes."""
        for name in self.can:
            self.can[name] -= self.forgetting * max(0.0, self.can[name] + 1)


def build_lesson(objectives: int, questions: int) -> Lesson:
    """Build a course in which every third objective requires the one before it."""
    options = tuple(f"option {at}" for at in range(OPTIONS))
    names = [f"objective {at}" for at in range(objectives)]
    items = tuple(
        QuizItem(QuizQuestion(f"{name}: question {at}", options, (0,)), name)
        for at in range(questions)
        for name in names
    )
    return Lesson("Course", items, prerequisites={names[at]: (names[at - 1],) for at in range(1, objectives, 3)})


def count_tutored(lesson: Lesson, learner: Learner) -> int | None:
    """Return how many questions the learner needs with the tutor; None if MAX_DAYS are not enough."""
    course, record, asked = Course(lesson), dict[str, list[int]](), 0
    for day in range(MAX_DAYS):
        now = BEGIN + timedelta(days=day)
        course = begin_session(end_session(course), record, now)
        for _ in range(A_DAY):
            if learner.has_mastered_all:
                return asked
            if course.open_number is None:  # Nothing is to be asked for now: they go on ahead.
                course = begin_session(course, record, now, ahead=True)
            assert course.open_number is not None
            item, number = course.item, course.open_number
            right = learner.answer(item, number)
            places = [at for at in range(OPTIONS) if (at in item.question.correct) == right]
            course, said = record_answer(course, str(places[0]), record, now)
            record, asked, now = mastery.add_answers(record, said), asked + 1, now + A_QUESTION
        learner.forget()
    return asked if learner.has_mastered_all else None


def count_shuffled(lesson: Lesson, learner: Learner, seed: int) -> int | None:
    """Return how many questions the learner needs in random order; None if MAX_DAYS are not enough."""
    rng, queue, asked = random.Random(seed), list[int](), 0
    for _ in range(MAX_DAYS):
        for _ in range(A_DAY):
            if learner.has_mastered_all:
                return asked
            if not queue:
                queue = rng.sample(range(len(lesson.items)), len(lesson.items))
            number = queue.pop()
            learner.answer(lesson.items[number], number)
            asked += 1
        learner.forget()
    return asked if learner.has_mastered_all else None


def compare_orders(learners: int, objectives: int = 8, questions: int = 12) -> dict[str, tuple[float, int]]:
    """Return for both orders the mean number of questions of learners who finished in both, and how many did not finish in it."""
    lesson = build_lesson(objectives, questions)
    tutored = [count_tutored(lesson, Learner.draw(lesson, seed)) for seed in range(learners)]
    shuffled = [count_shuffled(lesson, Learner.draw(lesson, seed), seed) for seed in range(learners)]
    both = [(one, other) for one, other in zip(tutored, shuffled, strict=True) if one is not None and other is not None]
    return {
        name: (statistics.fmean(pair[at] for pair in both), sum(one is None for one in ran))
        for at, (name, ran) in enumerate((("tutor", tutored), ("random order", shuffled)))
    }


def main(learners: int) -> None:
    """Print a table for courses of several sizes."""
    begun = time.perf_counter()
    print(
        "| objectives x questions | tutor | random order | fewer | not through: tutor, random |\n|---|---|---|---|---|"
    )
    for objectives, questions in ((4, 8), (8, 12), (12, 8), (16, 12)):
        found = compare_orders(learners, objectives, questions)
        (tutor, left), (chance, left_by_chance) = found["tutor"], found["random order"]
        print(
            f"| {objectives} x {questions} | {tutor:.1f} | {chance:.1f} | {1 - tutor / chance:.0%} | {left}, {left_by_chance} |"
        )
    print(f"{learners} learners each, {time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--learners", type=int, default=300)
    main(parser.parse_args().learners)
