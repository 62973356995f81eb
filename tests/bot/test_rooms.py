"""What the contracts of import-linter cannot see: whether one room reaches through another's attributes."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2] / "bot"


def test_commands_and_the_client_use_services_and_no_store():
    reached = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for room in ("commands", "interactions", "client.py")
        for file in ([ROOT / room] if room.endswith(".py") else sorted((ROOT / room).rglob("*.py")))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("store", "_store")
    ]
    assert reached == []
