"""Proofread an existing text on request: one call of a capable model, each finding offered as an edit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bot.content import Assignment, Checkpoint
from bot.engines import Ask, Engine
from bot.errors import EngineError

from .sheet import build_proofreading_messages
from .writer import parse_object

# Findings that are shown, and characters of each of their fields.
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
    """A fault of a text in one sentence, with the passage at fault and its replacement; both empty if no edit helps."""

    what: str
    old: str = ""
    new: str = ""

    @property
    def instruction(self) -> str:
        """The instruction for the change that corrects it."""
        if not self.old:
            return self.what
        return f"Put “{self.new}” in place of “{self.old}”." if self.new else f"Take out “{self.old}”."

    def to_json(self) -> dict[str, str]:
        """Return plain data."""
        return asdict(self)


async def proofread(
    text: str, assignment: Assignment, engine: Engine, checkpoint: Checkpoint
) -> list[ProofreadFinding]:
    """Return what a model finds wrong with a text, judged by its request, facts and arithmetic.

    Raises:
        EngineError: The engine gave no answer that can be parsed.
    """
    asked = build_proofreading_messages(text, assignment, context_tokens=engine.traits.context - _TOKENS)
    ask = Ask(asked, _SCHEMA, MAX_FINDINGS * 3 * _MAX_TEXT, _TOKENS, 0, 0.0)
    answer = parse_object(await checkpoint("proofread", lambda: engine.complete(ask)))
    if not isinstance(answer.get("findings"), list):
        raise EngineError("{engine} gave no answer I can read. Try again in a moment.", engine=engine.label)
    return parse_findings(answer["findings"], text)


def parse_findings(listed: Iterable[Any], text: str) -> list[ProofreadFinding]:
    """Return the findings among some data; edits of passages that are not in the text are dropped."""
    found = []
    for one in listed:
        if isinstance(one, Mapping) and (what := str(one.get("what") or "").strip()):
            old, new = (str(one.get(name) or "").strip()[:_MAX_TEXT] for name in ("old", "new"))
            applies = bool(old) and old in text and old != new
            found.append(ProofreadFinding(what[:_MAX_TEXT], old if applies else "", new if applies else ""))
    return found[:MAX_FINDINGS]
