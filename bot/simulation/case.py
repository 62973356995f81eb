"""The case of a role play: its roles, facts, scenes with exits, and objectives.

Three cases are built in, in five languages (`worked/`, a file per case and language); others are built from texts of the kind
`scenario`. The field names are keys of these files and of stored plays.
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

# The default and the maximum number of players' turns, and the maximum number of minutes.
DEFAULT_TURNS, MAX_TURNS, MAX_MINUTES = 10, 40, 120
_BUILTIN_FOLDER = "worked"
# Turns until the next twist of a case made from a text.
_TURNS_PER_TWIST = 3
_SENTENCE = re.compile(r"(?<=[.!?…。])\s+")
_NUMBERED = re.compile(r"^\d{1,2}\.\s+")


@dataclass(frozen=True, slots=True)
class Role:
    """A role: what it wants, and what it hides until it is asked."""

    name: str
    wants: str
    hides: str = ""
    # Whether a solo player takes it.
    yours: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of the case. A `hidden` fact is for a solo player to find out: only the other roles know it."""

    text: str
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Exit:
    """An exit of a scene to the scene `to`. Its condition is described for a model (`when`), or consists of `signs` (groups of
    words, of each of which one has to be mentioned), or is the number of turns in the scene (`after`).
    """

    to: str
    when: str = ""
    signs: tuple[tuple[str, ...], ...] = ()
    after: int = 0


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene: the narration at its beginning (`told`), hints, and exits. A scene that `ends` ends the play."""

    name: str
    told: str = ""
    hints: tuple[str, ...] = ()
    exits: tuple[Exit, ...] = ()
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Objective:
    """An objective of the players, with signs as of an exit, and the advice for players who miss it (`next`)."""

    text: str
    signs: tuple[tuple[str, ...], ...] = ()
    next: str = ""
    # Whether it is shown only at the end.
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A case in a language, limited by minutes, or by players' turns if these are 0."""

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

    def find_scene(self, name: str) -> Scene:
        """Return the scene of a name; the first scene if there is none."""
        return next((scene for scene in self.scenes if scene.name == name), self.scenes[0])

    def with_minutes(self, minutes: int) -> Case:
        """Return the case limited by minutes instead of turns; unchanged for 0."""
        return replace(self, minutes=min(minutes, MAX_MINUTES)) if minutes > 0 else self

    def to_json(self) -> dict[str, Any]:
        """Return JSON-compatible data that `from_json` parses."""
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
        facts = tuple(Fact(fact["text"], fact.get("hidden", False)) for fact in value["facts"])
        return cls(
            **{
                **value,
                "roles": tuple(Role(**role) for role in value["roles"]),
                "facts": facts,
                "scenes": scenes,
                "objectives": objectives,
                "questions": _read_tuple(value, "questions"),
            }
        )


def _read_tuple(value: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(value.get(name, ()))


def _read_groups(value: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(group) for group in value.get("signs", ()))


def _parse_exit(value: Mapping[str, Any]) -> Exit:
    return Exit(**{**value, "signs": _read_groups(value)})


@cache
def load_builtin_cases() -> dict[str, dict[str, Case]]:
    """Load the built-in cases by name and language."""
    cases: dict[str, dict[str, Case]] = {}
    for file in sorted((files("bot.simulation") / _BUILTIN_FOLDER).iterdir(), key=lambda file: file.name):
        name, _, language = file.name.removesuffix(".toml").rpartition(".")
        if file.name.endswith(".toml"):
            value = tomllib.loads(file.read_text(encoding="utf-8"))
            cases.setdefault(name, {})[language] = Case.from_json({**value, "language": language})
    return cases


def find_builtin_case(name: str, language: str) -> Case | None:
    """Find a built-in case by its name, or by its title in any language; return it in `language`, or else in English. None if it
    is unknown.
    """
    normalised_name = normalise(name.replace("_", " "))
    for case_name, by_language in load_builtin_cases().items():
        titles = {normalise(case_name.replace("_", " ")), *(normalise(case.title) for case in by_language.values())}
        if normalised_name in titles:
            return by_language.get(language, by_language["en"])
    return None


def build_case(parts: Mapping[str, Any], language: str) -> Case | None:
    """Build a case from the parts of a text of the kind `scenario`; return None if it has no sections or fewer than two roles."""
    sections, roles = parts.get("sections"), parts.get("roles")
    if not isinstance(sections, Mapping) or not isinstance(roles, Sequence) or len(roles) < 2:
        return None
    case_roles = tuple(
        Role(str(role["name"]), str(role["wants"]), str(role["hides"]), yours=not index)
        for index, role in enumerate(roles)
    )
    situation = str(sections.get("situation", ""))
    facts = tuple(Fact(sentence) for sentence in _SENTENCE.split(situation) if sentence.strip())
    twists = [_NUMBERED.sub("", line) for line in str(sections.get("turns", "")).splitlines() if line.strip()]
    names = ["start", *(f"twist {number}" for number in range(1, len(twists) + 1))]
    exits = [Exit(name, after=_TURNS_PER_TWIST) for name in names[1:]]
    scenes = tuple(
        Scene(name, narration, exits=(exits[index],) if index < len(exits) else ())
        for index, (name, narration) in enumerate(zip(names, ["", *twists], strict=True))
    )
    questions = tuple(
        line.removeprefix("- ").strip() for line in str(sections.get("debrief", "")).splitlines() if line.strip()
    )
    solo_role, other_roles = case_roles[0], case_roles[1:]
    objectives = (
        Objective(f"{solo_role.name} {solo_role.wants}"),
        *(Objective(f"{role.name} {role.hides}", hidden=True) for role in other_roles if role.hides),
    )
    turns = min(MAX_TURNS, max(DEFAULT_TURNS, _TURNS_PER_TWIST * (len(twists) + 1) + 1))
    return Case(
        str(parts.get("title", "")),
        language,
        situation,
        case_roles,
        facts,
        str(sections.get("opening", "")),
        scenes,
        objectives,
        questions,
        turns,
    )
