"""A quiz as a game or an exercise: what state it is in, what an answer is worth, and who stands where. Pure.

Answers are timed by Discord's own ids of the clicks, and not by when the bot gets to them: in whatever order they are handled, the
board is the same.
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
from bot.exports._parts import Question, entries, questions

from . import bkt, mastery

MIN_SECONDS, MAX_SECONDS, USUAL_SECONDS = 10, 120, 20
# A right answer is worth so much at once, and so much at the deadline.
MAX_POINTS, MIN_POINTS = 1000, 500
# A question is closed so long after its deadline: clicks from before it may still be on their way.
GRACE = timedelta(seconds=1.5)
# How long the answer is shown where the next question comes by itself.
SHOWN_SECONDS = 8
# Who was away for longer than this could take no clicks: the question that was open is open so much longer.
_AWAY = timedelta(seconds=5)
# More tries at a question bring nobody further.
MAX_TRIES = 3
MAX_ANSWER = 100
# Menus that a form has room for, and options that have a letter.
MAX_MATCHED, _MAX_OPTIONS = 5, 8
_DISCORD_EPOCH_MS = 1420070400000
_MAX_NUMBER = 40
_NO_SUCH = "That answer does not exist."

State = Literal["lobby", "open", "closed", "finished"]


def moment_of(snowflake: int | str) -> datetime:
    """When Discord made one of its ids."""
    return datetime.fromtimestamp(((int(snowflake) >> 22) + _DISCORD_EPOCH_MS) / 1000, UTC)


@dataclass(frozen=True, slots=True)
class Item:
    """A question of a quiz, and what it is about."""

    question: Question
    objective: str = ""

    @property
    def written(self) -> bool:
        """Whether it is answered in words or figures, and not by a choice."""
        return self.question.form in ("short_answer", "numeric")

    @property
    def matched(self) -> bool:
        """Whether each of several things is to be matched with an option: the answer has a place for each, in their order."""
        return self.question.form == "matching"

    @property
    def in_form(self) -> bool:
        """Whether it is answered in a form, and right or wrong as a whole."""
        return self.written or self.matched

    @property
    def several(self) -> bool:
        """Whether more than one option is right, so that all of these have to be chosen."""
        return not self.in_form and len(self.question.correct) > 1

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """As it was kept."""
        known: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in data["question"].items()
        }
        return cls(Question(**known), data["objective"])


def items_of(content: Content, topic: str) -> tuple[list[Item], int]:
    """The questions of a quiz that can be asked here, and how many cannot: those with more to match than a form has room for."""
    named = {str(one.get("question")).strip(): str(one.get("objective") or "") for one in entries(content, "items")}
    found = questions(content)
    asked = [Item(one, named.get(one.text) or topic) for one in found if _has_room(one)]
    return asked, len(entries(content, "items")) - len(asked)


def _has_room(one: Question) -> bool:
    return one.form != "matching" or (len(one.lefts) <= MAX_MATCHED and len(one.options) <= _MAX_OPTIONS)


def chosen_items(items: Sequence[Item], count: int, *, shuffled: bool, seed: int) -> list[Item]:
    """So many of some questions, all of them for 0; in another order of questions and options where they are shuffled."""
    found = list(items)
    rng = random.Random(seed)
    if shuffled:
        rng.shuffle(found)
        found = [mixed(one, rng) for one in found]
    return found[: count or len(found)]


def mixed(item: Item, rng: random.Random) -> Item:
    """A question with its options in another order, where it is a choice among them."""
    one = item.question
    if one.form != "choice":
        return item
    order = rng.sample(range(len(one.options)), len(one.options))
    feedbacks = tuple(one.feedbacks[at] for at in order) if one.feedbacks else ()
    return replace(
        item,
        question=replace(
            one, options=tuple(one.options[at] for at in order),
            correct=tuple(sorted(order.index(at) for at in one.correct)), feedbacks=feedbacks,
        ),
    )  # fmt: skip


def is_right(item: Item, choice: str) -> bool:
    """Whether an answer is right: all right options and no other, or a text or number that counts."""
    one = item.question
    if one.form == "numeric":
        given = _number(choice)
        return given is not None and given == _number(one.number)
    if one.form == "short_answer":
        given_words = normalise(choice).strip(" .!?")
        return bool(given_words) and any(given_words == normalise(option).strip(" .!?") for option in one.options)
    if item.matched:
        return [one.options[at] for at in places_of(choice)] == [one.options[at] for at in one.correct]
    return set(places_of(choice)) == set(one.correct)


def _number(text: str) -> Decimal | None:
    words = "".join(text[:_MAX_NUMBER].replace("−", "-").replace(",", ".").split())
    try:
        found = Decimal(words)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def places_of(choice: str) -> list[int]:
    """The places of the options that were chosen."""
    return [int(one) for one in choice.split(",") if one.isdecimal()]


def checked(item: Item, choice: str) -> str:
    """An answer as it is kept.

    Raises:
        RefusedError: there is no such option.
    """
    if item.written:
        return " ".join(choice.split())[:MAX_ANSWER]
    found = places_of(choice)
    places = found if item.matched else sorted(set(found))
    if not places or max(places) >= len(item.question.options):
        raise RefusedError(_NO_SUCH)
    if item.matched and len(places) != len(item.question.lefts):
        raise RefusedError(_NO_SUCH)
    return ",".join(map(str, places))


def matches_of(item: Item, choice: str) -> list[str]:
    """What was matched with what, in words."""
    one = item.question
    return [f"{left}: {one.options[at]}" for left, at in zip(one.lefts, places_of(choice), strict=False)]


@dataclass(frozen=True, slots=True)
class Click:
    """An answer: whose, to which question, which, by the id of the click, and how many seconds it took."""

    user_id: str
    number: int
    choice: str
    id: int
    took: float


def points(took: float, seconds: float) -> int:
    """What a right answer is worth that took so long of the time there is."""
    share = min(1.0, max(0.0, took / seconds))
    return round(MAX_POINTS - (MAX_POINTS - MIN_POINTS) * share)


@dataclass(frozen=True, slots=True)
class Game:
    """A game that is played in a channel. `number` is the question that is open, was closed last, or in the lobby comes first.

    `tallies` are how often each option of the closed questions was chosen, of those in a form how many were right and wrong; `players`
    how many people have answered anything, so that a board that misses one can say so.
    """

    title: str
    items: tuple[Item, ...]
    seconds: int = USUAL_SECONDS
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
    def item(self) -> Item:
        """The question that it is about now."""
        return self.items[self.number]

    @property
    def last(self) -> bool:
        """Whether no question follows."""
        return self.number + 1 >= len(self.items)

    @property
    def due_at(self) -> datetime | None:
        """When it goes on by itself."""
        if self.deadline is None or self.state not in ("open", "closed"):
            return None
        if self.state == "open":
            return self.deadline + GRACE
        return self.deadline + GRACE + timedelta(seconds=SHOWN_SECONDS) if self.auto else None

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        known = {name: getattr(self, name) for name in self.__dataclass_fields__}
        moments = {name: at.isoformat() if (at := known[name]) else None for name in ("opened_at", "deadline")}
        return {**known, **moments, "items": [one.to_json() for one in self.items]}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """As it was kept."""
        moments = {
            name: datetime.fromisoformat(data[name]) if data[name] else None for name in ("opened_at", "deadline")
        }
        tallies = tuple(map(tuple, data["tallies"]))
        return cls(**{**data, **moments, "items": tuple(map(Item.of, data["items"])), "tallies": tallies})


def opened(game: Game, now: datetime) -> Game:
    """The game with its next question open, the first from the lobby."""
    number = 0 if game.state == "lobby" else game.number + 1
    return replace(game, state="open", number=number, opened_at=now, deadline=now + timedelta(seconds=game.seconds))


def called_in(game: Game, at: datetime) -> Game:
    """The game whose open question ends at a moment, where it would have gone on for longer."""
    assert game.deadline is not None
    assert game.opened_at is not None
    return replace(game, deadline=min(game.deadline, max(at, game.opened_at)))


def closed(game: Game, clicks: Iterable[Click]) -> Game:
    """The game with its question closed by what came in."""
    every = list(clicks)
    here = [one for one in every if one.number == game.number]
    players = max(game.players, len({one.user_id for one in every}))
    return replace(game, state="closed", tallies=(*game.tallies, tally(game.item, here)), players=players)


def finished(game: Game) -> Game:
    """The game after its end."""
    return replace(game, state="finished", deadline=None)


def resumed(game: Game, seen_at: datetime, now: datetime) -> Game:
    """The game after nobody was there to take clicks since a moment: what is open is open so much longer."""
    away = now - max(seen_at, game.opened_at or seen_at)
    if game.state != "open" or away <= _AWAY or game.deadline is None or game.opened_at is None:
        return game
    if seen_at >= game.deadline:  # It was over when it was seen last.
        return game
    return replace(game, opened_at=game.opened_at + away, deadline=game.deadline + away)


def in_time(game: Game, click_id: int | str, number: int) -> float | None:
    """How many seconds a click took that answers the open question; None where it is too late, or for another one."""
    if game.state != "open" or number != game.number or game.opened_at is None or game.deadline is None:
        return None
    at = moment_of(click_id)
    if at > game.deadline:
        return None
    return min(float(game.seconds), max(0.0, (at - game.opened_at).total_seconds()))


def tally(item: Item, clicks: Iterable[Click]) -> tuple[int, ...]:
    """How often each option was chosen; of one that is answered in a form how many answers were right, and how many wrong."""
    found = list(clicks)
    if item.in_form:
        right = sum(is_right(item, one.choice) for one in found)
        return right, len(found) - right
    counted = Counter(at for one in found for at in places_of(one.choice))
    return tuple(counted.get(at, 0) for at in range(len(item.question.options)))


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands: their place, which people with as many points share, points, right answers and seconds."""

    user_id: str
    place: int
    points: int
    right: int
    seconds: float
    clicks: Mapping[int, Click] = field(default_factory=dict)


def standings(game: Game, clicks: Iterable[Click]) -> list[Standing]:
    """Everybody who has answered a question that is closed, best first; of one person's answers to a question the first counts."""
    over = len(game.tallies)  # What is open is not told yet.
    mine: dict[str, dict[int, Click]] = defaultdict(dict)
    for one in sorted(clicks, key=lambda click: click.id):
        if one.number < over:
            mine[one.user_id].setdefault(one.number, one)
    rows = []
    for user_id, answers in mine.items():
        right = [one for number, one in answers.items() if is_right(game.items[number], one.choice)]
        worth = sum(points(one.took, game.seconds) for one in right)
        rows.append(
            Standing(user_id, 0, worth, len(right), round(sum(one.took for one in answers.values()), 1), answers)
        )
    rows.sort(key=lambda one: (-one.points, one.seconds, one.user_id))
    return [replace(one, place=1 + sum(other.points > one.points for other in rows)) for one in rows]


@dataclass(frozen=True, slots=True)
class Run:
    """A quiz that one person goes through at their own pace. `queue` are the numbers of the questions to come.

    `firsts` says of each question that was answered whether its first answer was right, `tries` how many it had; `shown` is the
    question that was answered last, and that answer. Of homework `role_id` is the role of Discord that may take it.
    """

    title: str
    items: tuple[Item, ...]
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
        """How many answers were given."""
        return sum(self.tries.values())

    @property
    def over(self) -> bool:
        """Whether nothing is to come."""
        return not self.queue

    @property
    def score(self) -> int:
        """How many were right at the first try."""
        return sum(self.firsts.values())

    @property
    def late(self) -> bool:
        """Whether it was finished after it was due."""
        return bool(self.finished_at and self.due_at and self.finished_at > self.due_at)

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        known = {name: getattr(self, name) for name in self.__dataclass_fields__}
        moments = {name: at.isoformat() if (at := known[name]) else None for name in ("due_at", "finished_at")}
        counted = {name: {str(key): value for key, value in known[name].items()} for name in ("firsts", "tries")}
        return {**known, **moments, **counted, "items": [one.to_json() for one in self.items]}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """As it was kept."""
        moments = {
            name: datetime.fromisoformat(data[name]) if data[name] else None for name in ("due_at", "finished_at")
        }
        counted = {name: {int(key): value for key, value in data[name].items()} for name in ("firsts", "tries")}
        shown = tuple(data["shown"]) if data["shown"] else None
        lists = {
            "queue": tuple(data["queue"]),
            "items": tuple(map(Item.of, data["items"])),
        }
        return cls(**{**data, **moments, **counted, **lists, "shown": shown})


def begun(title: str, items: Sequence[Item], **more: Any) -> Run:
    """A quiz before its first answer."""
    return Run(title, tuple(items), tuple(range(len(items))), **more)


def answered(run: Run, choice: str, now: datetime) -> Run:
    """The quiz after the next answer: what was wrong comes again at the end, a few times."""
    number, *rest = run.queue
    right = is_right(run.items[number], choice)
    tries = {**run.tries, number: run.tries.get(number, 0) + 1}
    again = not right and tries[number] < MAX_TRIES
    queue = (*rest, number) if again else tuple(rest)
    return replace(
        run, queue=queue, tries=tries, firsts={number: right, **run.firsts}, shown=(number, choice),
        finished_at=None if queue else now,
    )  # fmt: skip


def by_objective(items: Sequence[Item], rights: Mapping[int, bool]) -> list[tuple[str, int]]:
    """What answers say about objectives, in the order of the questions."""
    return [
        (items[number].objective, mastery.sign(right=right, guess=bkt.guess_of(items[number].question)))
        for number, right in sorted(rights.items())
    ]
