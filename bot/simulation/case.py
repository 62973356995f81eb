"""A case that is played: who there is, what is true, scenes with exits, and what whoever plays is to reach.

Three stand ready in five languages (`worked/`, a file a case and language); any other is made of a text of the kind `scenario`. Pure.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, Self

from bot.checks.terms import normalise

# Player's turns and minutes that a play has where nothing is said of them, and at most.
TURNS, MAX_TURNS, MAX_MINUTES = 10, 40, 120
_WORKED = "worked"
# Turns in a scene after which the next twist of a made case comes.
_TWIST_AFTER = 3
_SENTENCE = re.compile(r"(?<=[.!?…。])\s+")
_NUMBERED = re.compile(r"^\d{1,2}\.\s+")


@dataclass(frozen=True, slots=True)
class Role:
    """Somebody to play: what they want, and what they do not say unasked."""

    name: str
    wants: str
    hides: str = ""
    # Whether it is the one that whoever plays alone takes.
    yours: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """What is true throughout; `against` are words that say otherwise, where a text holds them.

    What is `hidden` is for whoever plays alone to find out: only the other roles know it.
    """

    text: str
    against: tuple[str, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Exit:
    """A way out of a scene: `when` in words for a model, `signs` as groups of words to be said, `after` so many turns."""

    to: str
    when: str = ""
    signs: tuple[tuple[str, ...], ...] = ()
    after: int = 0


@dataclass(frozen=True, slots=True)
class Scene:
    """What is so for a while. `told` is said when it begins, `ends` that the play is over with it."""

    name: str
    told: str = ""
    hints: tuple[str, ...] = ()
    exits: tuple[Exit, ...] = ()
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Objective:
    """What whoever plays is to reach; `signs` as those of an exit, and `next` is what to try where it was not."""

    text: str
    signs: tuple[tuple[str, ...], ...] = ()
    next: str = ""
    # Whether it is told only at the end.
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A case to play, in a language, by so many turns of whoever plays, or minutes where these are not 0."""

    title: str
    language: str
    situation: str
    roles: tuple[Role, ...]
    facts: tuple[Fact, ...]
    opening: str
    scenes: tuple[Scene, ...]
    objectives: tuple[Objective, ...]
    questions: tuple[str, ...] = ()
    turns: int = TURNS
    minutes: int = 0

    @property
    def yours(self) -> Role:
        """The role of whoever plays alone."""
        return next((role for role in self.roles if role.yours), self.roles[0])

    def scene(self, name: str) -> Scene:
        """A scene by its name, the first where there is none of it."""
        return next((scene for scene in self.scenes if scene.name == name), self.scenes[0])

    def timed(self, minutes: int) -> Case:
        """The case by a clock of so many minutes instead of turns; 0 leaves it as it is."""
        return replace(self, minutes=min(minutes, MAX_MINUTES)) if minutes > 0 else self

    def to_json(self) -> dict[str, Any]:
        """The case as JSON takes it."""
        return asdict(self)

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Self:
        """The case of what `to_json` gave, or of a file."""
        scenes = tuple(
            Scene(**{**one, "hints": _tuple(one, "hints"), "exits": tuple(map(_exit, one.get("exits", ())))})
            for one in value["scenes"]
        )
        objectives = tuple(Objective(**{**one, "signs": _groups(one)}) for one in value["objectives"])
        facts = tuple(Fact(one["text"], _tuple(one, "against"), one.get("hidden", False)) for one in value["facts"])
        roles = tuple(Role(**one) for one in value["roles"])
        more: dict[str, Any] = {"roles": roles, "facts": facts, "scenes": scenes, "objectives": objectives}
        return cls(**{**value, **more, "questions": _tuple(value, "questions")})


def _tuple(value: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(value.get(name, ()))


def _groups(value: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(group) for group in value.get("signs", ()))


def _exit(value: Mapping[str, Any]) -> Exit:
    return Exit(**{**value, "signs": _groups(value)})


@cache
def worked() -> dict[str, dict[str, Case]]:
    """The cases that stand ready, by name and language."""
    found: dict[str, dict[str, Case]] = {}
    for file in sorted((files("bot.simulation") / _WORKED).iterdir(), key=lambda one: one.name):
        name, _, language = file.name.removesuffix(".toml").rpartition(".")
        if file.name.endswith(".toml"):
            value = tomllib.loads(file.read_text(encoding="utf-8"))
            found.setdefault(name, {})[language] = Case.of({**value, "language": language})
    return found


def worked_case(name: str, language: str) -> Case | None:
    """The case of a name, or of its title in any language, in a language, else in English; None where there is none."""
    wanted = normalise(name.replace("_", " "))
    for known, by_language in worked().items():
        titles = {normalise(known.replace("_", " ")), *(normalise(case.title) for case in by_language.values())}
        if wanted in titles:
            return by_language.get(language, by_language["en"])
    return None


def made_case(parts: Mapping[str, Any], language: str) -> Case | None:
    """The case in the parts of a text of the kind `scenario`; None where it is none that can be played."""
    sections, roles = parts.get("sections"), parts.get("roles")
    if not isinstance(sections, Mapping) or not isinstance(roles, Sequence) or len(roles) < 2:
        return None
    known = tuple(
        Role(str(one["name"]), str(one["wants"]), str(one["hides"]), yours=not at) for at, one in enumerate(roles)
    )
    situation = str(sections.get("situation", ""))
    facts = tuple(Fact(one) for one in _SENTENCE.split(situation) if one.strip())
    twists = [_NUMBERED.sub("", line) for line in str(sections.get("turns", "")).splitlines() if line.strip()]
    names = ["start", *(f"twist {number}" for number in range(1, len(twists) + 1))]
    after = [Exit(name, after=_TWIST_AFTER) for name in names[1:]]
    scenes = tuple(
        Scene(name, told, exits=(after[at],) if at < len(after) else ())
        for at, (name, told) in enumerate(zip(names, ["", *twists], strict=True))
    )
    questions = tuple(
        line.removeprefix("- ").strip() for line in str(sections.get("debrief", "")).splitlines() if line.strip()
    )
    yours, others = known[0], known[1:]
    objectives = (
        Objective(f"{yours.name} {yours.wants}"),
        *(Objective(f"{one.name} {one.hides}", hidden=True) for one in others if one.hides),
    )
    turns = min(MAX_TURNS, max(TURNS, _TWIST_AFTER * (len(twists) + 1) + 1))
    return Case(
        str(parts.get("title", "")), language, situation, known, facts, str(sections.get("opening", "")), scenes, objectives,
        questions, turns,
    )  # fmt: skip
