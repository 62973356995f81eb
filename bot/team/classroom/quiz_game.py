"""A quiz as a live game or as one user's run: its states, the points of answers, and the scoreboard. No I/O.

An answer's time is that in the Discord id of its click, not when the bot handles it, so the scoreboard does not depend on the order
in which answers are handled.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, Self

from bot.checks.terms import normalise
from bot.content import Content
from bot.errors import RefusedError
from bot.exports._parts import QuizQuestion, collect_questions, get_entries

from . import bkt, mastery

MIN_SECONDS, MAX_SECONDS, DEFAULT_SECONDS = 10, 120, 20
# Points for a right answer given immediately, and for one at the deadline.
MAX_POINTS, MIN_POINTS = 1000, 500
# A question is closed this long after its deadline, as clicks made in time may still be on their way.
GRACE = timedelta(seconds=1.5)
# How long the answer is displayed before the next question opens automatically.
ANSWER_SECONDS = 8
# The open question is extended by an absence of the bot that is longer than this.
_MIN_ABSENCE = timedelta(seconds=5)
# Maximum attempts at a question of a run.
MAX_TRIES = 3
MAX_ANSWER_CHARACTERS = 100
# Maximum pairs of a matching question, as a form has room for five menus, and of its options, as each has a letter.
MAX_PAIRS, _MAX_OPTIONS = 5, 8
_DISCORD_EPOCH_MS = 1420070400000
_MAX_NUMBER_CHARACTERS = 40
_NO_SUCH_ANSWER = "That answer does not exist."

State = Literal["lobby", "open", "closed", "finished"]


def parse_snowflake_time(snowflake: int | str) -> datetime:
    """Return the creation time of a Discord id."""
    return datetime.fromtimestamp(((int(snowflake) >> 22) + _DISCORD_EPOCH_MS) / 1000, UTC)


@dataclass(frozen=True, slots=True)
class QuizItem:
    """A question of a quiz with its objective."""

    question: QuizQuestion
    objective: str = ""

    @property
    def is_written(self) -> bool:
        """Whether the answer is typed: a short text or a number."""
        return self.question.form in ("short_answer", "numeric")

    @property
    def is_matching(self) -> bool:
        """Whether it is a matching question; its answer has the index of an option for each left side, in order."""
        return self.question.form == "matching"

    @property
    def needs_form(self) -> bool:
        """Whether it is answered in a form instead of by buttons or a menu."""
        return self.is_written or self.is_matching

    @property
    def has_several_answers(self) -> bool:
        """Whether more than one option is right; all of them have to be chosen."""
        return not self.needs_form and len(self.question.correct) > 1

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` parses."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Parse stored data."""
        fields: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in data["question"].items()
        }
        return cls(QuizQuestion(**fields), data["objective"])


def parse_items(content: Content, topic: str) -> tuple[list[QuizItem], int]:
    """Return the questions of a quiz that can be asked, and the number of those that cannot. `topic` is the default objective."""
    objectives_by_text = {
        str(entry.get("question")).strip(): str(entry.get("objective") or "") for entry in get_entries(content, "items")
    }
    questions = collect_questions(content)
    quiz_items = [
        QuizItem(question, objectives_by_text.get(question.text) or topic)
        for question in questions
        if _fits_form(question)
    ]
    return quiz_items, len(get_entries(content, "items")) - len(quiz_items)


def _fits_form(quiz_question: QuizQuestion) -> bool:
    return quiz_question.form != "matching" or (
        len(quiz_question.lefts) <= MAX_PAIRS and len(quiz_question.options) <= _MAX_OPTIONS
    )


def select_items(items: Sequence[QuizItem], count: int, *, shuffled: bool, seed: int) -> list[QuizItem]:
    """Return the first `count` questions, all if 0; if `shuffled`, questions and options are put in random order first."""
    selected = list(items)
    rng = random.Random(seed)
    if shuffled:
        rng.shuffle(selected)
        selected = [shuffle_options(item, rng) for item in selected]
    return selected[: count or len(selected)]


def shuffle_options(item: QuizItem, rng: random.Random) -> QuizItem:
    """Return a choice question with its options in random order; any other question unchanged."""
    question = item.question
    if question.form != "choice":
        return item
    order = rng.sample(range(len(question.options)), len(question.options))
    feedbacks = tuple(question.feedbacks[index] for index in order) if question.feedbacks else ()
    return replace(
        item,
        question=replace(
            question,
            options=tuple(question.options[index] for index in order),
            correct=tuple(sorted(order.index(index) for index in question.correct)),
            feedbacks=feedbacks,
        ),
    )


def is_right(item: QuizItem, choice: str) -> bool:
    """Return whether an answer is right: exactly the right options, or an accepted text or number."""
    question = item.question
    if question.form == "numeric":
        number = _parse_number(choice)
        return number is not None and number == _parse_number(question.numeric_answer)
    if question.form == "short_answer":
        given_text = normalise(choice).strip(" .!?")
        return bool(given_text) and any(given_text == normalise(option).strip(" .!?") for option in question.options)
    if item.is_matching:
        return [question.options[index] for index in parse_option_indexes(choice)] == [
            question.options[index] for index in question.correct
        ]
    return set(parse_option_indexes(choice)) == set(question.correct)


def _parse_number(text: str) -> Decimal | None:
    compact_text = "".join(text[:_MAX_NUMBER_CHARACTERS].replace("−", "-").replace(",", ".").split())
    try:
        number = Decimal(compact_text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def parse_option_indexes(choice: str) -> list[int]:
    """Parse the indexes of the chosen options from a stored answer, such as "0,2"."""
    return [int(part) for part in choice.split(",") if part.isdecimal()]


def validate_choice(item: QuizItem, choice: str) -> str:
    """Return an answer as it is stored: a normalised text, or comma-separated option indexes.

    Raises:
        RefusedError: an option does not exist, or a pair is missing.
    """
    if item.is_written:
        return " ".join(choice.split())[:MAX_ANSWER_CHARACTERS]
    chosen_indexes = parse_option_indexes(choice)
    indexes = chosen_indexes if item.is_matching else sorted(set(chosen_indexes))
    if not indexes or max(indexes) >= len(item.question.options):
        raise RefusedError(_NO_SUCH_ANSWER)
    if item.is_matching and len(indexes) != len(item.question.lefts):
        raise RefusedError(_NO_SUCH_ANSWER)
    return ",".join(map(str, indexes))


def format_matches(item: QuizItem, choice: str) -> list[str]:
    """Format the pairs of a matching answer, one string each."""
    question = item.question
    return [
        f"{left}: {question.options[index]}"
        for left, index in zip(question.lefts, parse_option_indexes(choice), strict=False)
    ]


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


def list_objective_answers(items: Sequence[QuizItem], rights: Mapping[int, bool]) -> list[tuple[str, int]]:
    """Return pairs of objective and encoded answer for the mastery records; `rights` has whether each question was answered right."""
    return [
        (items[number].objective, mastery.encode_answer(right=right, guess=bkt.estimate_guess(items[number].question)))
        for number, right in sorted(rights.items())
    ]
