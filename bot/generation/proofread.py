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

# Maximum findings, and maximum characters of each of their fields.
MAX_FINDINGS, _MAX_FIELD_CHARACTERS = 5, 600
_MAX_TOKENS = 2_000
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
    messages = build_proofreading_messages(text, assignment, context_tokens=engine.traits.context - _MAX_TOKENS)
    ask = Ask(messages, _SCHEMA, MAX_FINDINGS * 3 * _MAX_FIELD_CHARACTERS, _MAX_TOKENS, 0, 0.0)
    answer = parse_object(await checkpoint("proofread", lambda: engine.complete(ask)))
    if not isinstance(answer.get("findings"), list):
        raise EngineError("{engine} gave no answer I can read. Try again in a moment.", engine=engine.label)
    return parse_findings(answer["findings"], text)


def parse_findings(items: Iterable[Any], text: str) -> list[ProofreadFinding]:
    """Return the findings among a model's items; edits of passages that are not in the text are dropped."""
    findings = []
    for item in items:
        if not isinstance(item, Mapping):
            continue
        what, old, new = (str(item.get(name) or "").strip()[:_MAX_FIELD_CHARACTERS] for name in ("what", "old", "new"))
        is_applicable = bool(old) and old in text and old != new
        if what:
            findings.append(ProofreadFinding(what, old, new) if is_applicable else ProofreadFinding(what))
    return findings[:MAX_FINDINGS]
