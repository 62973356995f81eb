"""A quiz that one user works through at their own pace, for practice or as homework. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from .quiz_items import QuizItem, is_right

# Maximum attempts at a question of a run.
MAX_TRIES = 3


@dataclass(frozen=True, slots=True)
class Run:
    """A quiz that one user works through at their own pace. Questions are identified by their index in `items`.

    `queue` has the questions to come; `firsts` has, for each answered question, whether the first answer was right, and `tries`
    the number of answers. `shown` is the last answered question and its answer. `role_id` is the Discord role that may take the
    homework.
    """

    title: str
    items: tuple[QuizItem, ...]
    queue: tuple[int, ...]
    firsts: Mapping[int, bool] = field(default_factory=dict)
    tries: Mapping[int, int] = field(default_factory=dict)
    shown: tuple[int, str] | None = None
    locale: str = "en"
    skipped: int = 0
    due_at: datetime | None = None
    finished_at: datetime | None = None
    role_id: str = ""

    @property
    def turn(self) -> int:
        """The number of answers given."""
        return sum(self.tries.values())

    @property
    def is_over(self) -> bool:
        """Whether no question is left."""
        return not self.queue

    @property
    def score(self) -> int:
        """The number of questions answered right at the first attempt."""
        return sum(self.firsts.values())

    @property
    def is_late(self) -> bool:
        """Whether it was finished after the deadline."""
        return bool(self.finished_at and self.due_at and self.finished_at > self.due_at)

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` parses."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        moments = {name: moment.isoformat() if (moment := fields[name]) else None for name in ("due_at", "finished_at")}
        counts = {name: {str(key): value for key, value in fields[name].items()} for name in ("firsts", "tries")}
        return {**fields, **moments, **counts, "items": [item.to_json() for item in self.items]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Parse stored data."""
        moments = {
            name: datetime.fromisoformat(data[name]) if data[name] else None for name in ("due_at", "finished_at")
        }
        counts = {name: {int(key): value for key, value in data[name].items()} for name in ("firsts", "tries")}
        shown = tuple(data["shown"]) if data["shown"] else None
        lists = {
            "queue": tuple(data["queue"]),
            "items": tuple(map(QuizItem.from_json, data["items"])),
        }
        return cls(**{**data, **moments, **counts, **lists, "shown": shown})


def create_run(title: str, items: Sequence[QuizItem], **options: Any) -> Run:
    """Create a run without answers; `options` are fields of `Run`."""
    return Run(title, tuple(items), tuple(range(len(items))), **options)


def record_answer(run: Run, choice: str, now: datetime) -> Run:
    """Return the run after the next answer; a question answered wrong is asked again at the end, up to `MAX_TRIES` times in all."""
    number, *remaining = run.queue
    is_right_answer = is_right(run.items[number], choice)
    tries = {**run.tries, number: run.tries.get(number, 0) + 1}
    is_repeated = not is_right_answer and tries[number] < MAX_TRIES
    queue = (*remaining, number) if is_repeated else tuple(remaining)
    return replace(
        run,
        queue=queue,
        tries=tries,
        firsts={number: is_right_answer, **run.firsts},
        shown=(number, choice),
        finished_at=None if queue else now,
    )
