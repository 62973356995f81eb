"""Rows of JSONL files."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def load_rows(file: Path) -> list[Row]:
    """Return the objects of a JSONL file, or none if it does not exist."""
    return [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()] if file.is_file() else []


def write_rows(file: Path, rows: Iterable[Row]) -> None:
    """Write objects to a JSONL file."""
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
