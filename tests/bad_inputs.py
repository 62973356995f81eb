"""The cases of data/bad_inputs.jsonl: harmful user input. An input is a text or a recipe for one, such as {"repeat":
"a", "times": 2001}, so that the file has no long values and nothing that looks like a key.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from documents import build_zip

FILE = Path(__file__).parent / "data" / "bad_inputs.jsonl"


def load_cases() -> list[dict[str, Any]]:
    """Load all cases, with their inputs and forbidden strings built."""
    found = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
    for case in found:
        case["input"] = build_input(case["input"])
        for key in ("forbid", "forbid_in_logs"):
            case[key] = [build_input(text) for text in case.get(key, [])]
    return found


def build_input(recipe: Any) -> Any:
    """Build the text, bytes, file or fields of a recipe."""
    match recipe:
        case str():
            return recipe
        case {"repeat": text, "times": times}:
            return build_input(text) * times
        case {"concat": parts}:
            return "".join(map(build_input, parts))
        case {"codepoints": points, **rest}:
            return "".join(map(chr, points)) * rest.get("times", 1)
        case {"nested_json": depth}:
            return "[" * depth + "]" * depth
        case {"zip": members}:
            return build_zip(*((member["name"], to_bytes(build_input(member["body"]))) for member in members))
        case {"file": file}:
            return {"name": build_input(file["name"]), "body": to_bytes(build_input(file["body"]))}
        case {"option": name, "value": value}:
            return {"option": name, "value": build_input(value)}
        case {"fields": fields}:
            return {"fields": {name: build_input(value) for name, value in fields.items()}}
        case {"describe": text}:
            return text
        case {"actions": _}:
            return recipe
    raise ValueError(f"no recipe: {recipe}")


def to_bytes(value: str | bytes) -> bytes:
    """Return bytes unchanged, and text as UTF-8."""
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
