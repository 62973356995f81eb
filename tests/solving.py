"""A solver of quizzes that knows their drafts: what a test's model answers when it is shown questions without their key."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_LETTERS = "ABCDEFGH"


def is_solving(messages: Sequence[Any]) -> bool:
    """Whether a call shows questions without their key."""
    return str(messages[0].text).startswith("You answer a quiz")


def solved(messages: Sequence[Any], items: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The keys of the questions that are shown, by the items of their drafts."""
    blocks = re.findall(r"(?ms)^(q\d+): (.*?)(?=^q\d+: |\Z)", messages[-1].text)
    return {name: _answer(block.strip().split("\n"), items[int(name[1:]) - 1]) for name, block in blocks}


def _answer(lines: list[str], item: Mapping[str, Any]) -> str:
    options = {line[3:]: line[0] for line in lines if re.match(r"[A-H]\) ", line)}
    if item.get("pairs"):
        return ", ".join(options[pair["right"]] for pair in item["pairs"])
    rights = [item["right"], *item.get("also_right", ())]
    if not options:
        return str(item["right"])
    if any(right in options for right in rights):
        return ", ".join(sorted(options[right] for right in rights))
    return "A" if item["right"] in lines[0] or item["right"].casefold() == "true" else "B"
