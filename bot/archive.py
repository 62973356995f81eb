"""All that is kept of a person as ZIP files that they can read: texts as Markdown, everything else as JSON, and a README."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# A record as its person reads it.
Record = Mapping[str, Any]
Files = dict[str, bytes]
# What a ZIP file needs around its entries, at most: their names stand in it twice.
_EACH, _END = 260, 200

_README = """# What is kept of you

This is everything that the bot keeps of you, as it was on {day}.

- `profile.json`: what you told it and what it learnt of you, with the origin of each, and what no longer holds.
- `results/`: each text that was made for you, and beside it the request that it was made from, its parts and its checks.
- `votes.json`: your votes.
- `account.json`: what you chose, when it first met you, and when it last did.
- `pending/`: requests of the last hour, with what was made for them. `pictures/`: pictures of the last day.
- Other files are named after what they hold.

JSON is text: any editor opens it. Moments are in ISO 8601 and UTC. The key that your data is encrypted with is not among it.
"""
_NAMES = {"users": "account", "preferences": "profile", "feedback": "votes", "own_personas": "personas"}


def files_of(tables: Mapping[str, Sequence[Record]], jobs: Sequence[Record], pictures: Files, day: str) -> Files:
    """The files of an archive by their names."""
    files = {"README.md": _README.format(day=day).encode()}
    for table, records in tables.items():
        if table == "generations":
            for record in records:
                name = f"results/{record['created_at'][:10]}-{_bare(record['kind'] or 'question')}-{record['id']}"
                files[f"{name}.json"] = _json(record)
                if record.get("text"):
                    files[f"{name}.md"] = str(record["text"]).encode("utf-8", "replace")
        elif records:
            files[f"{_NAMES.get(table, table)}.json"] = _json(records)
    for job in jobs:
        files[f"pending/{_bare(str(job['id']))}.json"] = _json(job)
    return files | {f"pictures/{name}": body for name, body in pictures.items()}


def zipped(files: Mapping[str, bytes], most: int) -> tuple[list[bytes], list[str]]:
    """ZIP files of at most so many bytes that hold the files between them, and the names of files too large for any."""
    packed = {name: _packed({name: body}) for name, body in files.items()}
    too_large = [name for name, body in packed.items() if len(body) > most]
    parts: list[list[str]] = [[]]
    room = most - _END
    for name in files:
        need = len(packed[name]) + _EACH
        if name in too_large:
            continue
        if parts[-1] and need > room:
            parts.append([])
            room = most - _END
        parts[-1].append(name)
        room -= need
    return [_packed({name: files[name] for name in part}) for part in parts if part], too_large


def _packed(files: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()  # In memory: a temporary file would be one more place with somebody's words.
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return made.getvalue()


def _json(value: Record | Iterable[Record]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str).encode("utf-8", "replace")


def _bare(name: str) -> str:
    return re.sub(r"[^\w-]+", "-", name)
