"""A quiz as a live game: its states, the points of answers, and the scoreboard. No I/O.

An answer's time is that in the Discord id of its click, not when the bot handles it, so the scoreboard does not depend on the order
in which answers are handled.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Self

from .quiz_items import QuizItem, is_right, parse_option_indexes

MIN_SECONDS, MAX_SECONDS, DEFAULT_SECONDS = 10, 120, 20
# Points for a right answer given immediately, and for one at the deadline.
MAX_POINTS, MIN_POINTS = 1000, 500
# A question is closed this long after its deadline, as clicks made in time may still be on their way.
GRACE = timedelta(seconds=1.5)
# How long the answer is displayed before the next question opens automatically.
ANSWER_SECONDS = 8
# The open question is extended by an absence of the bot that is longer than this.
_MIN_ABSENCE = timedelta(seconds=5)
_DISCORD_EPOCH_MS = 1420070400000
State = Literal["lobby", "open", "closed", "finished"]


def parse_snowflake_time(snowflake: int | str) -> datetime:
    """Return the creation time of a Discord id."""
    return datetime.fromtimestamp(((int(snowflake) >> 22) + _DISCORD_EPOCH_MS) / 1000, UTC)


@dataclass(frozen=True, slots=True)
class QuizResponse:
    """A player's answer to a question. `seconds` is the time from the opening of the question to the click."""

    user_id: str
    number: int
    choice: str
    click_id: int
    seconds: float


def compute_points(seconds: float, available_seconds: float) -> int:
    """Return the points for a right answer that took `seconds` of the available seconds."""
    share = min(1.0, max(0.0, seconds / available_seconds))
    return round(MAX_POINTS - (MAX_POINTS - MIN_POINTS) * share)


@dataclass(frozen=True, slots=True)
class Game:
    """A live game in a channel. `number` is the index of the current question: the first, the open one, or the one closed last.

    `seconds` is the time for a question; with `auto`, the next question opens automatically. `skipped` counts the questions that
    cannot be asked. `tallies` has one tuple for each closed question, as `count_choices` returns it; `players` counts the users who
    have answered at least once, so that a scoreboard can tell if one of them is missing.
    """

    title: str
    items: tuple[QuizItem, ...]
    seconds: int = DEFAULT_SECONDS
    auto: bool = False
    locale: str = "en"
    skipped: int = 0
    state: State = "lobby"
    number: int = 0
    opened_at: datetime | None = None
    deadline: datetime | None = None
    tallies: tuple[tuple[int, ...], ...] = ()
    players: int = 0

    @property
    def item(self) -> QuizItem:
        """The current question."""
        return self.items[self.number]

    @property
    def is_last(self) -> bool:
        """Whether the current question is the last."""
        return self.number + 1 >= len(self.items)

    @property
    def due_at(self) -> datetime | None:
        """When the game continues automatically; None if it waits for its host."""
        if self.deadline is None or self.state not in ("open", "closed"):
            return None
        if self.state == "open":
            return self.deadline + GRACE
        return self.deadline + GRACE + timedelta(seconds=ANSWER_SECONDS) if self.auto else None

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` parses."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        moments = {name: moment.isoformat() if (moment := fields[name]) else None for name in ("opened_at", "deadline")}
        return {**fields, **moments, "items": [item.to_json() for item in self.items]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Parse stored data."""
        moments = {
            name: datetime.fromisoformat(data[name]) if data[name] else None for name in ("opened_at", "deadline")
        }
        tallies = tuple(map(tuple, data["tallies"]))
        return cls(**{**data, **moments, "items": tuple(map(QuizItem.from_json, data["items"])), "tallies": tallies})


def open_next_question(game: Game, now: datetime) -> Game:
    """Return the game with its next question open."""
    number = 0 if game.state == "lobby" else game.number + 1
    return replace(game, state="open", number=number, opened_at=now, deadline=now + timedelta(seconds=game.seconds))


def end_question_early(game: Game, end: datetime) -> Game:
    """Return the game with its open question ending at `end`, or at its deadline if that is earlier."""
    assert game.deadline is not None
    assert game.opened_at is not None
    return replace(game, deadline=min(game.deadline, max(end, game.opened_at)))


def close_question(game: Game, responses: Iterable[QuizResponse]) -> Game:
    """Return the game with its question closed and its responses counted. `responses` are those of all questions."""
    all_responses = list(responses)
    question_responses = [response for response in all_responses if response.number == game.number]
    players = max(game.players, len({response.user_id for response in all_responses}))
    return replace(
        game, state="closed", tallies=(*game.tallies, count_choices(game.item, question_responses)), players=players
    )


def finish_game(game: Game) -> Game:
    """Return the finished game."""
    return replace(game, state="finished", deadline=None)


def resume_game(game: Game, seen_at: datetime, now: datetime) -> Game:
    """Return the game with its open question extended by an absence of the bot since `seen_at`."""
    absence = now - max(seen_at, game.opened_at or seen_at)
    if game.state != "open" or absence <= _MIN_ABSENCE or game.deadline is None or game.opened_at is None:
        return game
    if seen_at >= game.deadline:  # It was over before.
        return game
    return replace(game, opened_at=game.opened_at + absence, deadline=game.deadline + absence)


def measure_seconds(game: Game, click_id: int | str, number: int) -> float | None:
    """Return the seconds from the opening of the open question to a click; None if too late, or on another question than `number`."""
    if game.state != "open" or number != game.number or game.opened_at is None or game.deadline is None:
        return None
    clicked_at = parse_snowflake_time(click_id)
    if clicked_at > game.deadline:
        return None
    return min(float(game.seconds), max(0.0, (clicked_at - game.opened_at).total_seconds()))


def count_choices(item: QuizItem, responses: Iterable[QuizResponse]) -> tuple[int, ...]:
    """Count how often each option was chosen, or the right and the wrong answers of a question answered in a form."""
    all_responses = list(responses)
    if item.needs_form:
        right_count = sum(is_right(item, response.choice) for response in all_responses)
        return right_count, len(all_responses) - right_count
    counts = Counter(index for response in all_responses for index in parse_option_indexes(response.choice))
    return tuple(counts.get(index, 0) for index in range(len(item.question.options)))


@dataclass(frozen=True, slots=True)
class ScoreboardRow:
    """A player on the scoreboard. `place` is shared by players with equal points; `right` counts the right answers."""

    user_id: str
    place: int
    points: int
    right: int
    seconds: float
    responses: Mapping[int, QuizResponse] = field(default_factory=dict)


def build_scoreboard(game: Game, responses: Iterable[QuizResponse]) -> list[ScoreboardRow]:
    """Build the scoreboard of the closed questions, best player first; a player's first answer to a question counts."""
    closed_count = len(game.tallies)
    responses_by_user: dict[str, dict[int, QuizResponse]] = defaultdict(dict)
    for response in sorted(responses, key=lambda response: response.click_id):
        if response.number < closed_count:
            responses_by_user[response.user_id].setdefault(response.number, response)
    rows = []
    for user_id, answers in responses_by_user.items():
        right_responses = [
            response for number, response in answers.items() if is_right(game.items[number], response.choice)
        ]
        points = sum(compute_points(response.seconds, game.seconds) for response in right_responses)
        rows.append(
            ScoreboardRow(
                user_id,
                0,
                points,
                len(right_responses),
                round(sum(answer.seconds for answer in answers.values()), 1),
                answers,
            )
        )
    rows.sort(key=lambda row: (-row.points, row.seconds, row.user_id))
    return [replace(row, place=1 + sum(other.points > row.points for other in rows)) for row in rows]
