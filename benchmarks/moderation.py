"""How much of the harm the rules stop, and how much of the harmless: `python -m benchmarks.moderation`.

The third that was put aside ("kept") comes first; the rules were tuned on the rest. Then by language and by category. "honest" are
briefs as customers type them, far from harm, with their own third that was put aside; "customers" those of `benchmarks/quality`,
"texts" what was written for such briefs and read blind.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

from bot.moderation.rules import category_of

BRIEFS = Path(__file__).parents[1] / "tests/data/moderation.jsonl"
MORE = BRIEFS.with_name("moderation_more.jsonl")
HONEST = BRIEFS.with_name("honest_briefs.jsonl")
QUALITY = Path(__file__).with_name("quality")
CUSTOMERS = ("readings_dev", "readings_more", "readings_new", "blind_briefs", "briefs_dev", "briefs_more")


def main() -> None:
    rows = [json.loads(line) for line in BRIEFS.read_text(encoding="utf-8").splitlines()]
    found: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for row in rows:
        outcome = bool(row["harm"]), bool(category_of(row["text"]))
        for name in (row["split"], "all", row["language"], f"category {row['harm']}" if row["harm"] else "harmless"):
            found[name].append(outcome)
    for row in map(json.loads, MORE.read_text(encoding="utf-8").splitlines()):
        found["more"].append((row["harm"], bool(category_of(row["text"]))))
    for row in map(json.loads, HONEST.read_text(encoding="utf-8").splitlines()):
        found[f"honest, {row['split']}"].append((False, bool(category_of(row["text"]))))
    for name in CUSTOMERS:
        for row in map(json.loads, (QUALITY / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()):
            found["customers"].append((False, bool(category_of(row["brief"]))))
    for file in sorted((QUALITY / "blind").rglob("pairs.jsonl")):
        for row in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
            for side in ("A", "B"):
                found["texts"].append((False, bool(category_of(row[side], context=row["brief"], result=True))))
    first = ("kept", "tuned", "all", "more", "honest, kept", "honest, tuned", "customers", "texts")
    order = [*first, *sorted(name for name in found if name not in first)]
    print("| briefs | harm stopped | harmless stopped |\n|---|---|---|")
    for name in order:
        harm = [stopped for is_harm, stopped in found[name] if is_harm]
        harmless = [stopped for is_harm, stopped in found[name] if not is_harm]
        print(f"| {name} | {_share(harm)} | {_share(harmless)} |")


def _share(stopped: list[bool]) -> str:
    return f"{sum(stopped)} of {len(stopped)} ({100 * sum(stopped) / len(stopped):.1f} %)" if stopped else "–"


if __name__ == "__main__":
    main()
