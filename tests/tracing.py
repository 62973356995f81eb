"""Chooses the tests that coverage is counted on: as few as reach what all of them reach, quick ones first.

    python -m pytest --numprocesses=3 --dist=worksteal --trace-all --cov --cov-context=test --cov-report= --durations=0 | tee FILE
    python tests/tracing.py .coverage FILE

Run it when the figure of coverage has fallen below its floor though the tests reach what is new. Files of tests that the list does
not name are newer than it: they are traced whole.
"""

from __future__ import annotations

import heapq
import re
import sqlite3
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIST = ROOT / "tests/data/traced.txt"
# Of what all reach, the rest is not worth its tests: they take two fifths of the time. And what a test costs beside its own seconds.
ENOUGH, OVERHEAD = 0.993, 0.05
_TOOK = re.compile(r"\s*([\d.]+)s (?:call|setup)\s+(\S.*)")


def reached(file: Path) -> dict[str, set[tuple[int, int, int]]]:
    """What each test reaches: (file, from line, to line)."""
    wanted = "SELECT context.context, file_id, fromno, tono FROM arc JOIN context ON context.id = context_id"
    found = defaultdict(set)
    with sqlite3.connect(file) as data:
        for name, *arc in data.execute(wanted):
            if test := name.rpartition("|")[0]:
                found[test].add((arc[0], arc[1], arc[2]))
    return dict(found)


def seconds(lines: list[str]) -> dict[str, float]:
    """How long each test took, from what pytest says of the slowest."""
    found = defaultdict(float)
    for line in lines:
        if told := _TOOK.match(line):
            found[told[2].strip()] += float(told[1])
    return found


def chosen(reach: dict[str, set[tuple[int, int, int]]], took: dict[str, float]) -> list[str]:
    """The tests to trace, by the greedy rule for covering a set: the one that adds most for a second comes next."""

    def rate(test: str, new: int) -> float:
        return new / (took.get(test, 0.0) + OVERHEAD)

    everything = set().union(*reach.values())
    covered, found = set[tuple[int, int, int]](), list[str]()
    waiting = [(-rate(test, len(arcs)), test) for test, arcs in reach.items()]
    heapq.heapify(waiting)
    while waiting and len(covered) < ENOUGH * len(everything):
        _, test = heapq.heappop(waiting)
        new = rate(test, len(reach[test] - covered))
        if waiting and new < -waiting[0][0]:  # It has less to add than when it was weighed.
            heapq.heappush(waiting, (-new, test))
            continue
        covered |= reach[test]
        found.append(test)
    return sorted(found)


def main() -> None:
    """Writes the list."""
    data, log = sys.argv[1:]
    reach = reached(Path(data))
    took = seconds(Path(log).read_text().splitlines())
    found = chosen(reach, took)
    known = {file.relative_to(ROOT).as_posix() for file in (ROOT / "tests").rglob("test_*.py")}
    LIST.write_text("\n".join(sorted(known | {*found})) + "\n")
    spent, whole = (sum(took.get(test, 0.0) for test in tests) for tests in (found, reach))
    print(f"{len(found)} of {len(reach)} tests, {spent:.0f} of {whole:.0f} s")


if __name__ == "__main__":
    main()
