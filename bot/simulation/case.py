"""A case of a role play: its roles, facts, scenes with exits, and objectives.

Three are built in, in five languages (`worked/`, a file per case and language); others are made from texts of the kind `scenario`.
Pure.
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

# The default and the maximum numbers of players' turns, and the maximum minutes.
DEFAULT_TURNS, MAX_TURNS, MAX_MINUTES = 10, 40, 120
_BUILTIN_FOLDER = "worked"
# Turns until the next twist of a case made from a text.
_TURNS_PER_TWIST = 3
_SENTENCE = re.compile(r"(?<=[.!?…。])\s+")
_NUMBERED = re.compile(r"^\d{1,2}\.\s+")


@dataclass(frozen=True, slots=True)
class Role:
    """A role: what it wants, and what it hides until asked."""

    name: str
    wants: str
    hides: str = ""
    # Whether a solo player takes it.
    yours: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of the case; `against` are words that contradict it.

    A `hidden` fact is known only to the other roles, for a solo player to find out.
    """

    text: str
    against: tuple[str, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Exit:
    """An exit of a scene: `when` in words for a model, `signs` as groups of words to be mentioned, or `after` so many turns."""

    to: str
    when: str = ""
    signs: tuple[tuple[str, ...], ...] = ()
    after: int = 0


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene. `told` is its narration at the beginning; a scene that `ends` ends the play."""

    name: str
    told: str = ""
    hints: tuple[str, ...] = ()
    exits: tuple[Exit, ...] = ()
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Objective:
    """An objective of the players; `signs` as those of an exit, `next` is the advice if it was missed."""

    text: str
    signs: tuple[tuple[str, ...], ...] = ()
    next: str = ""
    # Whether it is shown only at the end.
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A case in a language, limited by players' turns, or by minutes unless these are 0."""

    title: str
    language: str
    situation: str
    roles: tuple[Role, ...]
    facts: tuple[Fact, ...]
    opening: str
    scenes: tuple[Scene, ...]
    objectives: tuple[Objective, ...]
    questions: tuple[str, ...] = ()
    turns: int = DEFAULT_TURNS
    minutes: int = 0

    @property
    def solo_role(self) -> Role:
        """The role of a solo player."""
        return next((role for role in self.roles if role.yours), self.roles[0])

    def scene(self, name: str) -> Scene:
        """Return the scene of a name, the first one if there is none."""
        return next((scene for scene in self.scenes if scene.name == name), self.scenes[0])

    def with_minutes(self, minutes: int) -> Case:
        """Return the case limited by minutes instead of turns; unchanged for 0."""
        return replace(self, minutes=min(minutes, MAX_MINUTES)) if minutes > 0 else self

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` parses."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Parse the data of `to_json`, or of a file."""
        scenes = tuple(
            Scene(
                **{
                    **scene,
                    "hints": _read_tuple(scene, "hints"),
                    "exits": tuple(map(_parse_exit, scene.get("exits", ()))),
                }
            )
            for scene in value["scenes"]
        )
        objectives = tuple(
            Objective(**{**objective, "signs": _read_groups(objective)}) for objective in value["objectives"]
        )
        facts = tuple(
            Fact(fact["text"], _read_tuple(fact, "against"), fact.get("hidden", False)) for fact in value["facts"]
        )
        roles = tuple(Role(**role) for role in value["roles"])
        more: dict[str, Any] = {"roles": roles, "facts": facts, "scenes": scenes, "objectives": objectives}
        return cls(**{**value, **more, "questions": _read_tuple(value, "questions")})


def _read_tuple(value: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(value.get(name, ()))


def _read_groups(value: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(group) for group in value.get("signs", ()))


def _parse_exit(value: Mapping[str, Any]) -> Exit:
    return Exit(**{**value, "signs": _read_groups(value)})


@cache
def load_builtin_cases() -> dict[str, dict[str, Case]]:
    """Load the built-in cases by name and language."""
    found: dict[str, dict[str, Case]] = {}
    for file in sorted((files("bot.simulation") / _BUILTIN_FOLDER).iterdir(), key=lambda file: file.name):
        name, _, language = file.name.removesuffix(".toml").rpartition(".")
        if file.name.endswith(".toml"):
            value = tomllib.loads(file.read_text(encoding="utf-8"))
            found.setdefault(name, {})[language] = Case.from_json({**value, "language": language})
    return found


def find_builtin_case(name: str, language: str) -> Case | None:
    """Return the built-in case of a name, or of its title in any language, in a language or else English; None if unknown."""
    wanted = normalise(name.replace("_", " "))
    for known, by_language in load_builtin_cases().items():
        titles = {normalise(known.replace("_", " ")), *(normalise(case.title) for case in by_language.values())}
        if wanted in titles:
            return by_language.get(language, by_language["en"])
    return None


def build_case(parts: Mapping[str, Any], language: str) -> Case | None:
    """Build the case from the parts of a text of the kind `scenario`; return None if it cannot be played."""
    sections, roles = parts.get("sections"), parts.get("roles")
    if not isinstance(sections, Mapping) or not isinstance(roles, Sequence) or len(roles) < 2:
        return None
    known = tuple(
        Role(str(role["name"]), str(role["wants"]), str(role["hides"]), yours=not at) for at, role in enumerate(roles)
    )
    situation = str(sections.get("situation", ""))
    facts = tuple(Fact(sentence) for sentence in _SENTENCE.split(situation) if sentence.strip())
    twists = [_NUMBERED.sub("", line) for line in str(sections.get("turns", "")).splitlines() if line.strip()]
    names = ["start", *(f"twist {number}" for number in range(1, len(twists) + 1))]
    after = [Exit(name, after=_TURNS_PER_TWIST) for name in names[1:]]
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
        *(Objective(f"{role.name} {role.hides}", hidden=True) for role in others if role.hides),
    )
    turns = min(MAX_TURNS, max(DEFAULT_TURNS, _TURNS_PER_TWIST * (len(twists) + 1) + 1))
    return Case(
        str(parts.get("title", "")),
        language,
        situation,
        known,
        facts,
        str(sections.get("opening", "")),
        scenes,
        objectives,
        questions,
        turns,
    )
