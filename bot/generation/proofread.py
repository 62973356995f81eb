"""Has a capable model check a text that is there, when somebody asks for it: one call, each finding offered as an edit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bot.content import Assignment, Checkpoint
from bot.engines import Ask, Engine
from bot.errors import EngineError

from .desk import object_in
from .sheet import proofreading_messages

# Findings that are shown, and characters of each of their texts.
MAX_FINDINGS, _MAX_TEXT = 5, 600
_TOKENS = 2_000
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "findings": {
            "type": "array",
            "maxItems": MAX_FINDINGS,
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("what", "old", "new")},
                "required": ["what", "old", "new"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["findings"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class ProofreadFinding:
    """What is wrong with a text, in a sentence; the passage that is at fault and what would stand there, empty where no edit helps."""

    what: str
    old: str = ""
    new: str = ""

    @property
    def instruction(self) -> str:
        """The change that puts it right, in words."""
        if not self.old:
            return self.what
        return f"Put “{self.new}” in place of “{self.old}”." if self.new else f"Take out “{self.old}”."

    def to_json(self) -> dict[str, str]:
        """Plain data."""
        return asdict(self)


async def proofread(text: str, assignment: Assignment, engine: Engine, checkpoint: Checkpoint) -> list[ProofreadFinding]:
    """What a model finds wrong with a text, measured against its request, facts and arithmetic.

    Raises:
        EngineError: it did not answer, or in no form that can be read.
    """
    asked = proofreading_messages(text, assignment, tokens=engine.traits.context - _TOKENS)
    ask = Ask(asked, _SCHEMA, MAX_FINDINGS * 3 * _MAX_TEXT, _TOKENS, 0, 0.0)
    answer = object_in(await checkpoint("proofread", lambda: engine.complete(ask)))
    if not isinstance(answer.get("findings"), list):
        raise EngineError("{engine} gave no answer I can read. Try again in a moment.", engine=engine.label)
    return findings_of(answer["findings"], text)


def findings_of(listed: Iterable[Any], text: str) -> list[ProofreadFinding]:
    """The findings among some data; an edit of a passage that does not stand in the text is none."""
    found = []
    for one in listed:
        if isinstance(one, Mapping) and (what := str(one.get("what") or "").strip()):
            old, new = (str(one.get(name) or "").strip()[:_MAX_TEXT] for name in ("old", "new"))
            stands = bool(old) and old in text and old != new
            found.append(ProofreadFinding(what[:_MAX_TEXT], old if stands else "", new if stands else ""))
    return found[:MAX_FINDINGS]
