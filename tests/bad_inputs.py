"""The cases of data/bad_inputs.jsonl: what people send that should do no harm.

An input is a text or a recipe for one, such as {"repeat": "a", "times": 2001}, so that the file holds nothing long and
nothing that looks like a key.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from documents import zipped

FILE = Path(__file__).parent / "data" / "bad_inputs.jsonl"


def cases() -> list[dict[str, Any]]:
    """All cases, with their inputs and forbidden strings built."""
    found = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
    for case in found:
        case["input"] = built(case["input"])
        for key in ("forbid", "forbid_in_logs"):
            case[key] = [built(text) for text in case.get(key, [])]
    return found


def built(recipe: Any) -> Any:
    """The text, bytes, file or fields that a recipe makes."""
    match recipe:
        case str():
            return recipe
        case {"repeat": text, "times": times}:
            return built(text) * times
        case {"concat": parts}:
            return "".join(map(built, parts))
        case {"codepoints": points, **rest}:
            return "".join(map(chr, points)) * rest.get("times", 1)
        case {"nested_json": depth}:
            return "[" * depth + "]" * depth
        case {"zip": members}:
            return zipped(*((member["name"], as_bytes(built(member["body"]))) for member in members))
        case {"file": file}:
            return {"name": built(file["name"]), "body": as_bytes(built(file["body"]))}
        case {"option": name, "value": value}:
            return {"option": name, "value": built(value)}
        case {"fields": fields}:
            return {"fields": {name: built(value) for name, value in fields.items()}}
        case {"describe": text}:
            return text
        case {"actions": _}:
            return recipe
    raise ValueError(f"no recipe: {recipe}")


def as_bytes(value: str | bytes) -> bytes:
    """Bytes as they are, text as UTF-8."""
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
