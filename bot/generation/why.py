"""What shaped a result: the entries of the ledger behind it, the voice, the earlier results it was led by. Pure."""

from __future__ import annotations

from typing import Any

from bot.content import Assignment
from personas.ledger import brand
from personas.profile import Profile

# What is no matter of how a text turns out.
_UNUSED = ("display_name", "locale", "timezone")


def why(assignment: Assignment) -> dict[str, Any]:
    """What shaped an assignment's result, as JSON, to be kept with it.

    `understood` is the reading of the brief, `said` are the fields that the request decided, `entries` those that the ledger did,
    `persona` the voice with who chose it ("request", "me" or "kind"), `brands` the name of the brand in use by its scope,
    `examples` the briefs of the liked results shown, `avoid` what was to be unlike others.
    """
    memory, request = assignment.memory, assignment.request
    entries = [
        {
            "field": entry.field,
            "value": entry.value,
            "scope": entry.scope,
            "origin": entry.origin,
            "evidence": entry.evidence,
            "at": entry.created_at.isoformat(timespec="seconds"),
        }
        for name, entry in memory.sources.items()
        if name not in memory.said and name not in _UNUSED and entry.value != _default(name)
    ]
    chosen_by = "request" if request.persona else "me" if memory.persona or memory.own_persona else "kind"
    return {
        "understood": assignment.reading.understood(),
        "said": list(memory.said),
        "notes": list(request.notes),
        "entries": entries,
        "persona": {"name": assignment.persona.title, "by": chosen_by},
        "brand": memory.brand.name if memory.brand and assignment.style else "",
        "brands": {brand(memory.brand_id): memory.brand.name} if memory.brand else {},
        "sources": list(dict.fromkeys(passage.source for passage in memory.passages)),
        "examples": [{"id": one.id, "brief": one.brief[:120]} for one in memory.liked],
        "avoid": list(memory.avoid),
    }


def _default(name: str) -> Any:
    return Profile().model_dump(mode="json").get(name, "")
