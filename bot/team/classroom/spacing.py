"""When a card is due again, and the probability that it is recalled: FSRS, as implemented by the `fsrs` package. No I/O.

The scheduler has that package's default parameters and aims at a recall of 90 %. A card answered wrong is repeated in the same
session; one answered right is next due after days.
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

TARGET_RECALL = 0.9
RELEARNING_DELAY = timedelta(minutes=10)


class Grade(IntEnum):
    """The grade of an answer, in this order: wrong or given as a hint, right after hints, right, and claimed as known."""

    AGAIN = 1
    HARD = 2
    GOOD = 3
    EASY = 4


@dataclass(frozen=True, slots=True)
class CardMemory:
    """The FSRS state of a card: its state, stability and difficulty, when it is due and when it was asked last."""

    state: int
    step: int | None
    stability: float
    difficulty: float
    due: datetime
    seen: datetime

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` parses."""
        return {**asdict(self), "due": self.due.isoformat(), "seen": self.seen.isoformat()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Parse stored data."""
        moments = {name: datetime.fromisoformat(data[name]) for name in ("due", "seen")}
        return cls(**{**data, **moments})


def review_card(memory: CardMemory | None, grade: Grade, now: datetime) -> CardMemory:
    """Return the FSRS state of a card after an answer; `memory` is None for a new card."""
    from fsrs import Rating

    card, _ = _build_scheduler().review_card(_build_card(memory, now), Rating(int(grade)), now)
    assert card.stability is not None
    assert card.difficulty is not None
    return CardMemory(int(card.state), card.step, card.stability, card.difficulty, card.due, now)


def estimate_recall(memory: CardMemory, now: datetime) -> float:
    """Return the probability that a card is recalled at `now`."""
    return float(_build_scheduler().get_card_retrievability(_build_card(memory, now), now))


@cache
def _build_scheduler() -> Scheduler:
    from fsrs import Scheduler

    return Scheduler(
        desired_retention=TARGET_RECALL,
        learning_steps=(RELEARNING_DELAY,),
        relearning_steps=(RELEARNING_DELAY,),
        enable_fuzzing=False,
    )


def _build_card(memory: CardMemory | None, now: datetime) -> Card:
    from fsrs import Card, State

    if memory is None:
        return Card(card_id=1, due=now)  # Without an id the constructor sleeps to generate one.
    return Card(1, State(memory.state), memory.step, memory.stability, memory.difficulty, memory.due, memory.seen)
