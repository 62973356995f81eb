"""What our checks say of good drafts, and of the same with one fault of fact: python -m benchmarks.drafts FILE...

Each line of a file has a brief with its kind, a `good` draft, a `bad` one and its `flaw`, written by an author who saw no code. A good
draft that fails a check is harmed, as a model is told to change it; a fault of fact that fails none goes out. Limits that a brief does
not set, such as an SMS that fills one message, are told apart: they are habits of the kind.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.checks import Check
from bot.content import Request
from bot.content.requests import Remembered
from bot.generation.check import run_checks
from bot.generation.languages import in_language_wanted
from bot.generation.recall import assign
from bot.kinds import kind_named
from personas.profile import Profile

HABITS = ("kind", "place")


def failed(line: dict[str, Any], which: str) -> Iterator[Check]:
    """The checks that a draft fails, each a text of its kind as it stands."""
    kind, draft = kind_named(line["kind"]), line[which]
    request = Request("1", "7", line["brief"], kind=line["kind"], asked=line.get("asked", ""))
    assignment = replace(in_language_wanted(assign(request, Remembered(Profile())), None), as_written=True)
    output = kind.output.model_validate({"text": draft} if isinstance(draft, str) else draft)
    content = kind.compose(output, assignment)
    yield from (check for check in run_checks(output.model_dump(), content, assignment) if not check.passed)


def main() -> None:
    """Prints what each draft fails, and how many good ones were harmed and faults noticed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--say", action="store_true", help="print what each draft fails")
    asked = parser.parse_args()
    for file in asked.files:
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        harmed = habits = noticed = 0
        for line in lines:
            good, bad = (list(failed(line, which)) for which in ("good", "bad"))
            by_facts = [one for one in good if one.asked_by not in HABITS]
            known = {(one.id, str(one.value)) for one in good}
            new = [one for one in bad if (one.id, str(one.value)) not in known and one.asked_by not in HABITS]
            harmed, habits, noticed = harmed + bool(by_facts), habits + (len(by_facts) < len(good)), noticed + bool(new)
            if asked.say:
                print(line["id"], line["language"], line["kind"], [(one.id, one.value) for one in by_facts],
                      "| fault:", [(one.id, one.value) for one in new], "|", line["flaw"])  # fmt: skip
        print(f"{file.name}: {len(lines)} drafts, {harmed} good ones harmed, {habits} beyond a habit of their kind, "
              f"{noticed} faults noticed")  # fmt: skip


if __name__ == "__main__":
    main()
