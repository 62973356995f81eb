"""What shaped a result: the entries of the ledger behind it, the voice, the earlier results it was led by. Pure."""

from __future__ import annotations

import re
from typing import Any

from bot.checks.terms import norm
from bot.content import Assignment
from personas.ledger import Entry, brand
from personas.profile import Profile

# What is no matter of how a text turns out.
_UNUSED = ("display_name", "locale", "timezone")
# What stands in a text word for word, or in about its own words: this share of those that are long enough to tell.
_SAID = ("facts", "call_to_action", "prefer_terms", "greeting", "closing")
_SHARE, _MIN_LETTERS = 0.5, 4
_WORD = re.compile(r"[^\W_]+")


def why(assignment: Assignment, text: str | None = None) -> dict[str, Any]:
    """What shaped an assignment's result, as JSON, to be kept with it; of what would stand in its `text` only what does.

    `understood` is the reading of the brief, `said` are the fields that the request decided, `entries` those that the ledger did,
    `usual` those that the place did, `of_channel` the title of a kind that its channel is for, `persona` the voice with who chose it
    ("request", "me", "channel", "guild" or "kind"), `brands` the name of the brand in use by its scope, `brand_by` who chose that,
    `examples` the briefs of the liked results shown, `avoid` what was to be unlike others, `faults` what was wrong with an earlier
    version.
    """
    memory, request = assignment.memory, assignment.request
    entries = [
        {
            "field": entry.field,
            "value": value,
            "scope": entry.scope,
            "origin": entry.origin,
            "evidence": entry.evidence,
            "at": entry.created_at.isoformat(timespec="seconds"),
        }
        for name, entry in memory.sources.items()
        if name not in memory.said and name not in _UNUSED and _holds(entry) and (value := _shown(entry, text))
    ]
    by_place = memory.usual.get("persona", "me")
    chosen_by = "request" if request.persona else by_place if memory.persona or memory.own_persona else ""
    usual = [
        {"field": name, "value": str(getattr(memory.profile, name)), "by": by}
        for name, by in memory.usual.items()
        if name in ("output_language", "timezone") and name not in memory.said
    ]
    return {
        "understood": assignment.reading.as_json(),
        "said": list(memory.said),
        "notes": list(request.notes),
        "entries": entries,
        "persona": {"name": assignment.persona.title, "by": chosen_by},
        "usual": usual,
        "of_channel": assignment.kind.title if request.of_channel else "",
        "brand": memory.brand.name if memory.brand and (assignment.style or assignment.book.has_content) else "",
        "brand_by": memory.usual.get("brand", "me"),
        "brands": {brand(memory.brand_id): memory.brand.name} if memory.brand else {},
        "sources": list(dict.fromkeys(passage.source for passage in memory.passages)),
        "examples": [{"id": one.id, "brief": one.brief[:120]} for one in memory.liked],
        "avoid": list(memory.avoid),
        "faults": list(request.faults),
    }


def _holds(entry: Entry) -> bool:
    """Whether an entry says anything; what somebody chose does so also where everybody's texts are like that."""
    return bool(entry.value) and (entry.origin != "learnt" or entry.value != _default(entry.field))


def _shown(entry: Entry, text: str | None) -> Any:
    """What of an entry shaped a text: of what would stand in it only what does; tastes of how it is written are in all of it."""
    if text is None or entry.field not in _SAID:
        return entry.value
    said = set(_WORD.findall(norm(text)))
    if isinstance(entry.value, list):
        return [one for one in entry.value if _is_said(str(one), said)]
    parts = entry.value.values() if isinstance(entry.value, dict) else [entry.value]
    return entry.value if any(one and _is_said(str(one), said) for one in parts) else None


def _is_said(one: str, said: set[str]) -> bool:
    words = [word for word in _WORD.findall(norm(one)) if len(word) >= _MIN_LETTERS or word.isdigit()]
    return sum(word in said for word in words) >= max(1, len(words) * _SHARE)


def _default(name: str) -> Any:
    return Profile().model_dump(mode="json").get(name, "")
