"""When a card is due again, and how well it is recalled by then: FSRS, as `fsrs` of Open Spaced Repetition reckons it. Pure.

The scheduler is that package's with its usual parameters, and aims at nine of ten recalled. A card that was not known comes again in
the same sitting; one that was is spaced by days at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from fsrs import Card, Scheduler

RETENTION = 0.9
AGAIN_AFTER = timedelta(minutes=10)


class Grade(IntEnum):
    """How an answer went: wrong or shown, right with hints, right, and known without being asked."""

    AGAIN = 1
    HARD = 2
    GOOD = 3
    EASY = 4


@dataclass(frozen=True, slots=True)
class Memory:
    """How well somebody has a card in mind since it was asked last, by FSRS: its state, how stable and difficult, when it is due."""

    state: int
    step: int | None
    stability: float
    difficulty: float
    due: datetime
    seen: datetime

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {**asdict(self), "due": self.due.isoformat(), "seen": self.seen.isoformat()}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """As it was kept."""
        moments = {name: datetime.fromisoformat(data[name]) for name in ("due", "seen")}
        return cls(**{**data, **moments})


def reviewed(memory: Memory | None, grade: Grade, now: datetime) -> Memory:
    """The memory of a card after an answer; None for one that was never asked."""
    from fsrs import Rating

    card, _ = _scheduler().review_card(_card(memory, now), Rating(int(grade)), now)
    assert card.stability is not None
    assert card.difficulty is not None
    return Memory(int(card.state), card.step, card.stability, card.difficulty, card.due, now)


def recall(memory: Memory, now: datetime) -> float:
    """How likely it is recalled at a moment."""
    return float(_scheduler().get_card_retrievability(_card(memory, now), now))


@cache
def _scheduler() -> Scheduler:
    from fsrs import Scheduler

    return Scheduler(
        desired_retention=RETENTION,
        learning_steps=(AGAIN_AFTER,),
        relearning_steps=(AGAIN_AFTER,),
        enable_fuzzing=False,
    )


def _card(memory: Memory | None, now: datetime) -> Card:
    from fsrs import Card, State

    if memory is None:
        return Card(card_id=1, due=now)  # Without an id it would sleep for one.
    return Card(1, State(memory.state), memory.step, memory.stability, memory.difficulty, memory.due, memory.seen)
