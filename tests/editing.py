"""What a model that is asked to edit is given, read back, and an obliging answer to it."""

from __future__ import annotations

from typing import Any


def numbered_lines(messages: Any) -> dict[int, tuple[str, str]]:
    """The lines of a version that is to be edited, by number: where each stands, and its text."""
    told = messages[1].text.partition("The version so far:\n")[2].partition("\n</material>")[0]
    rows = [row.split(" | ", 2) for row in told.splitlines()]
    return {int(row[0]): (row[1], row[2] if len(row) > 2 else "") for row in rows if row[0].strip().isdigit()}


def obliging_edit(messages: Any) -> dict[str, Any]:
    """What an obliging model changes: of the last sentence half goes where it is to be shorter, else a new one stands behind it."""
    last, text = max((number, text) for number, (_, text) in numbered_lines(messages).items() if text)
    if "Wish: Make it shorter" in messages[1].text:
        half = text.split()[: (len(text.split()) + 1) // 2]
        return {"changes": [{"line": last, "how": "replace", "text": " ".join(half)}]}
    return {"changes": [{"line": last, "how": "after", "text": "The shed keeps it dry and the rain stays out of it."}]}
