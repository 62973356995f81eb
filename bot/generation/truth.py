"""What of a draft can be known to be wrong: figures that are reckoned wrongly, days of the week that do not fit their dates. Pure.

Texts that state nothing, such as tasks and wrong options (`Kind.unstated`), are not looked at, nor is what is made up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from bot.checks import Check, bounded, free_of
from bot.checks.equations import wrong_answer
from bot.checks.reckoning import Reckoned, reckoned, wants_mistakes
from bot.checks.weekdays import NamedDay, misnamed_days, named_days, weekdays_near
from bot.content import Assignment

from .shape import shape_of, texts

# Families whose texts state what is so; pictures, songs and made-up data do not.
_STATING = frozenset({"marketing", "education", "chat", "text"})
_SHOWN = 60
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Untrue:
    """Words of a draft that are known to be wrong, with what would be right there; empty where that is open.

    `given` says that the request has them so.
    """

    path: str
    said: str
    stated: str
    right: str
    start: int
    end: int
    given: bool = False


def truth_checks(data: dict[str, Any], assignment: Assignment) -> Iterator[Check]:
    """A check for each sort of what can be known that a draft states."""
    right, wrong = reckoned_in(data, assignment)
    if wrong:
        first = [one for one in wrong if one.path == wrong[0].path]
        yield free_of(
            "arithmetic", [_short(wrong[0].said)], wanted=tuple(filter(None, [wrong[0].right])), path=wrong[0].path,
            hint=" ".join(map(_reckoned_hint, first)), asked_by="house",
        )  # fmt: skip
    elif right:
        yield bounded("arithmetic", right, unit="right", asked_by="house")
    if answers := wrong_answers(data, assignment):
        hint = f"“{answers[0].said}” comes to {answers[0].right}."
        yield bounded("sums", len(answers), high=0, unit="answers", path=answers[0].path, hint=hint, asked_by="house")
    days = days_in(data, assignment)
    if own := [one for one in days if not one.given]:
        first = [one for one in own if one.path == own[0].path]
        yield _named_wrongly("weekdays", own[0], " ".join(map(_day_hint, first)))
    if given := [one for one in days if one.given]:
        yield replace(_named_wrongly("weekday asked for", given[0], _day_hint(given[0])), repairable=False)


def _named_wrongly(name: str, one: Untrue, hint: str) -> Check:
    right = tuple(filter(None, [one.right]))
    return free_of(name, [_short(one.said)], wanted=right, path=one.path, hint=hint, asked_by="house")


def _reckoned_hint(one: Untrue) -> str:
    return f"“{one.said}” is wrong: {one.right} is right, not {one.stated}." if one.right else f"“{one.said}” is wrong."


def _day_hint(one: Untrue) -> str:
    fits = f": that date is {one.right}" if one.right else ""
    return f"“{one.said}” is wrong{fits}. Keep the date."


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def reckoned_in(data: dict[str, Any], assignment: Assignment) -> tuple[int, list[Untrue]]:
    """How many statements of a draft are reckoned rightly, and those that are not."""
    if assignment.kind.family not in _STATING or wants_mistakes(assignment.brief):
        return 0, []
    right, wrong = 0, list[Untrue]()
    given = " ".join(assignment.request.material.split()) if assignment.kind.needs_text else ""
    for path, text in _stated(data, assignment):
        found = _reckoned(text, assignment.language)
        right += found.right
        for one in found.wrong:
            # Somebody's own text keeps its figures, and "1 + 1 = 3" is a figure of speech where nothing is taught.
            own = bool(assignment.kind.needs_text) and _is_given(one.said, given or assignment.brief)
            speech = assignment.kind.family != "education" and all(
                len(number) == 1 for number in _NUMBER.findall(one.said)
            )
            if not own and not speech:
                wrong.append(Untrue(path, one.said, one.stated, one.right, one.start, one.end))
    return right, wrong


def _is_given(said: str, source: str) -> bool:
    return "".join(said.split()) in "".join(source.split())


def wrong_answers(data: dict[str, Any], assignment: Assignment) -> list[Untrue]:
    """The answers of a draft that are not what their tasks come to, where those ask for nothing but that."""
    if assignment.kind.solved is None:
        return []
    task, answer = assignment.kind.solved
    told = {path: text for path, _, text in texts(shape_of(assignment.kind.output), data)}
    found = []
    for path, text in told.items():
        entry, _, name = path.rpartition(".")
        asked = told.get(f"{entry}.{task}", "") if name == answer else ""
        if asked and (right := wrong_answer(asked, text, assignment.language)):
            found.append(Untrue(path, asked, text, right, 0, len(text)))
    return found


def untrue(data: dict[str, Any], assignment: Assignment) -> list[Untrue]:
    """All that is known to be wrong in a draft."""
    return [*reckoned_in(data, assignment)[1], *wrong_answers(data, assignment), *days_in(data, assignment)]


def days_in(data: dict[str, Any], assignment: Assignment) -> list[Untrue]:
    """The days of a draft that do not fit their dates."""
    if assignment.kind.family not in _STATING:
        return []
    found = list[Untrue]()
    for path, text in _stated(data, assignment):
        for one in misnamed_days(text, assignment.language, assignment.day, assignment.brief):
            given = _is_named(one.day, assignment)
            found.append(Untrue(path, one.day.said, one.stated, one.right, one.start, one.end, given))
    return found


def _is_named(one: NamedDay, assignment: Assignment) -> bool:
    """Whether the request itself names that weekday: beside the date in any of its sources, or near it in the brief."""
    spoken = {assignment.language, "en"}
    if any(one.weekday in weekdays_near(assignment.brief, language, one.day) for language in spoken):
        return True
    return any(
        one.pairing == day.pairing
        for source in assignment.sources
        for language in spoken
        for day in named_days(source, language)
    )


def _stated(data: dict[str, Any], assignment: Assignment) -> Iterator[tuple[str, str]]:
    """The texts of a draft that state something, with their paths."""
    kind = assignment.kind
    for path, field, text in texts(shape_of(kind.output), data):
        if not field.choice and not any(step in kind.unstated for step in path.split(".")):
            yield path, text


@lru_cache(maxsize=256)
def _reckoned(text: str, language: str) -> Reckoned:
    """A text's statements; a draft is looked at again after each repair."""
    return reckoned(text, language)
