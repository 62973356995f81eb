"""The drafts of the best writer that tests play back: those of tests/bot/generation/unharmed/, whose form test_unharmed.py tells."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.content import Assignment, Kind, Remembered, Request
from bot.generation.recall import assign
from bot.generation.shape import completed, shape_of, texts
from personas.habits import Habits
from personas.profile import Profile

# The day that the cases are asked on, as their briefs name days of the week beside dates of that year.
ASKED = "2025-01-15T09:00:00+00:00"
FOLDER = Path(__file__).parent / "bot/generation/unharmed"


def own_texts(draft: dict[str, Any], kind: Kind) -> Iterator[tuple[str, str]]:
    """Where each text of a draft stands, without those that are picked from a list; all texts of a piece of another kind."""
    shape = shape_of(kind.output)
    if set(draft) <= {name for name, _ in shape.fields}:
        yield from ((path, text) for path, node, text in texts(shape, completed(shape, draft)) if not node.choice)
    else:
        for name, value in draft.items():
            yield from ((name, text) for text in (value if isinstance(value, list) else [value]))


@dataclass(frozen=True)
class Case:
    """One request with the drafts of the best writer."""

    id: str
    kind: str
    brief: str
    drafts: list[dict[str, Any]]
    language: str = ""
    added: list[str] = field(default_factory=list)
    profile: dict[str, Any] = field(default_factory=dict)
    habits: dict[str, Any] = field(default_factory=dict)
    request: dict[str, Any] = field(default_factory=dict)
    unshown: list[str] = field(default_factory=list)
    misread: str = ""
    excused: list[str] = field(default_factory=list)

    def assignment(self) -> Assignment:
        """What the pipeline is given."""
        memory = Remembered(Profile.of(self.profile), habits=Habits.model_validate(self.habits))
        asked = Request(
            "1", "7", self.brief, kind=self.kind, language=self.language, **{"asked": ASKED, **self.request}
        )
        return assign(asked, memory)


def cases() -> Iterator[Case]:
    """All cases of all files."""
    for file in sorted(FOLDER.glob("*.toml")):
        for raw in tomllib.loads(file.read_text(encoding="utf-8"))["case"]:
            drafts = raw.pop("drafts", None) or [raw.pop("draft")]
            yield Case(drafts=drafts, **raw)


CASES = list(cases())
