"""What shaped a result: ledger entries, the voice, the earlier results used as examples. Pure."""

from __future__ import annotations

import re
from typing import Any

from bot.checks.terms import normalise
from bot.content import Assignment
from personas.ledger import Entry, brand
from personas.profile import Profile

# Fields that do not influence a text.
_IRRELEVANT_FIELDS = ("display_name", "locale", "timezone")
# Fields that a text quotes verbatim or nearly, and the minimum share of their significant words that it has to contain.
_QUOTABLE_FIELDS = ("facts", "call_to_action", "prefer_terms", "greeting", "closing")
_MIN_SHARE, _MIN_LETTERS = 0.5, 4
_WORD = re.compile(r"[^\W_]+")


def build_provenance(assignment: Assignment, text: str | None = None) -> dict[str, Any]:
    """Build the JSON stored with a result on what shaped it; of quotable fields only what its `text` contains.

    `understood` is the reading of the brief, `said` the fields that the request decided, `entries` those from the ledger, `usual`
    those from the place's defaults, `of_channel` the title of a kind that the channel is for, `persona` the voice with its origin
    ("request", "me", "channel", "guild" or "kind"), `brands` the name of the active brand by scope, `brand_by` the origin of that,
    `examples` the briefs of the liked results in the prompt, `avoid` what was to be avoided, `faults` the faults of an earlier
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
        if name not in memory.request_fields
        and name not in _IRRELEVANT_FIELDS
        and _is_meaningful(entry)
        and (value := _select_used(entry, text))
    ]
    default_origin = memory.defaults.get("persona", "me")
    chosen_by = "request" if request.persona else default_origin if memory.persona or memory.own_persona else ""
    usual = [
        {"field": name, "value": str(getattr(memory.profile, name)), "by": by}
        for name, by in memory.defaults.items()
        if name in ("output_language", "timezone") and name not in memory.request_fields
    ]
    return {
        "understood": assignment.reading.to_json(),
        "said": list(memory.request_fields),
        "notes": list(request.notes),
        "entries": entries,
        "persona": {"name": assignment.persona.title, "by": chosen_by},
        "usual": usual,
        "of_channel": assignment.kind.title if request.of_channel else "",
        "brand": memory.brand.name if memory.brand and (assignment.style or assignment.book.has_content) else "",
        "brand_by": memory.defaults.get("brand", "me"),
        "brands": {brand(memory.brand_id): memory.brand.name} if memory.brand else {},
        "sources": list(dict.fromkeys(passage.source for passage in memory.passages)),
        "examples": [{"id": liked.id, "brief": liked.brief[:120]} for liked in memory.liked_results],
        "avoid": list(memory.avoid),
        "faults": list(request.faults),
    }


def _is_meaningful(entry: Entry) -> bool:
    """Whether an entry is informative; an explicit choice is even if it equals the default."""
    return bool(entry.value) and (entry.origin != "learnt" or entry.value != _find_default(entry.field))


def _select_used(entry: Entry, text: str | None) -> Any:
    """Return the part of an entry that shaped a text: of a quotable field only what the text contains, else all of it."""
    if text is None or entry.field not in _QUOTABLE_FIELDS:
        return entry.value
    used_words = set(_WORD.findall(normalise(text)))
    if isinstance(entry.value, list):
        return [item for item in entry.value if _is_mentioned(str(item), used_words)]
    parts = entry.value.values() if isinstance(entry.value, dict) else [entry.value]
    return entry.value if any(part and _is_mentioned(str(part), used_words) for part in parts) else None


def _is_mentioned(value: str, used_words: set[str]) -> bool:
    """Return whether a text uses enough of the significant words of a value."""
    words = [word for word in _WORD.findall(normalise(value)) if len(word) >= _MIN_LETTERS or word.isdigit()]
    return sum(word in used_words for word in words) >= max(1, len(words) * _MIN_SHARE)


def _find_default(name: str) -> Any:
    return Profile().model_dump(mode="json").get(name, "")
