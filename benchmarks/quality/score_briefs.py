"""Run briefs with profiles through a product, or read stored results, and score every check of CHECKS.md."""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import shell
from checks import CHECKS
from parts import PartError, Run, split_text
from units import NotMeasured

Row = dict[str, Any]
PASSED, FAILED, NOT_MEASURED = "passed", "failed", "not measured"
ENGLISH_ONLY = {"reading_grade_max", "avg_sentence_words_max"}


@dataclass(frozen=True)
class Pair:
    """A brief to be run with a profile."""

    brief: Row
    profile: Row

    @property
    def id(self) -> str:
        """The name of the pair in jobs and reports."""
        return f"{self.brief['id']}/{self.profile['id']}"

    def build_run(self, text: str = "", parts: Row | None = None) -> Run:
        """Return the pair with a result."""
        return Run(
            self.brief["id"],
            self.profile["id"],
            self.brief["kind"],
            self.brief["brief"],
            self.profile,
            self.brief["checks"],
            text,
            parts or {},
        )


@dataclass(frozen=True)
class Outcome:
    """What one check said about one run."""

    run: str
    kind: str
    check: str
    status: str
    detail: str = ""


def read_jsonl(path: Path) -> list[Row]:
    """Read the objects of a JSONL file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


def choose(briefs: list[Row], profiles: list[Row], kinds: list[str], limit: int | None, seed: int) -> list[Pair]:
    """Return the pairs to run: all of the kinds, or a random draw of `limit` of them in file order."""
    by_id = {p["id"]: p for p in profiles}
    unknown = {name for b in briefs for name in b["checks"]} - set(CHECKS)
    if unknown:
        raise ValueError(f"no such check: {', '.join(sorted(unknown))}")
    pairs = [Pair(b, by_id[i]) for b in briefs if not kinds or b["kind"] in kinds for i in b["profile_ids"]]
    if limit is None or limit >= len(pairs):
        return pairs
    return [pairs[i] for i in sorted(random.Random(seed).sample(range(len(pairs)), limit))]


# Sources of results: each yields one row per pair, {"brief_id", "profile_id", "text", "parts", ...} or with "error".


def read_stored(pairs: list[Pair], path: Path) -> Iterator[Row]:
    """Yield the results of an earlier run; the last line of a pair counts."""
    found = {f"{r['brief_id']}/{r['profile_id']}": r for r in read_jsonl(path)}
    for pair in pairs:
        yield found.get(pair.id) or {"error": "no result in the file"}


def parse_last_object(out: str) -> Row:
    """Parse the JSON object on the last line of an output."""
    lines = out.strip().splitlines()
    try:
        value = json.loads(lines[-1]) if lines else None
    except json.JSONDecodeError:
        value = None
    return value if isinstance(value, dict) else {"error": "last line of the output is no JSON object"}


def _drop_id(profile: Row) -> Row:
    """Return a profile as a product gets it: without the id, which is the data set's own."""
    return {k: v for k, v in profile.items() if k != "id"}


def run_each(pairs: list[Pair], template: str, timeout: float) -> Iterator[Row]:
    """Call the command once per pair."""
    with tempfile.TemporaryDirectory() as folder:
        for pair in pairs:
            profile = Path(folder, f"{pair.profile['id']}.json")
            profile.write_text(json.dumps(_drop_id(pair.profile), ensure_ascii=False), encoding="utf-8")
            values = {"kind": pair.brief["kind"], "brief": pair.brief["brief"], "profile_file": str(profile)}
            done = shell.run(shell.fill(template, values), timeout)
            yield {"error": done.error} if done.error else parse_last_object(done.out)


def run_batch(pairs: list[Pair], template: str, timeout: float) -> Iterator[Row]:
    """Call the command once for all pairs; what it wrote before it failed still counts."""
    with tempfile.TemporaryDirectory() as folder:
        jobs, out = Path(folder, "jobs.jsonl"), Path(folder, "out.jsonl")
        lines = (
            {"id": p.id, "kind": p.brief["kind"], "brief": p.brief["brief"], "profile": _drop_id(p.profile)}
            for p in pairs
        )
        jobs.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
        done = shell.run(shell.fill(template, {"jobs": str(jobs), "out": str(out)}), timeout * len(pairs))
        found: dict[str, Row] = {}
        for line in out.read_text(encoding="utf-8").split("\n") if out.exists() else []:
            row = parse_last_object(line)
            found[str(row.get("id"))] = row
    for pair in pairs:
        yield found.get(pair.id) or {"error": done.error or "no line for this id"}


def find_fault(row: Row) -> str:
    """Return why a row is no result, empty if it is one."""
    if row.get("error"):
        return str(row["error"]).encode("utf-8", "backslashreplace").decode()
    if not isinstance(row.get("text"), str) or not row["text"].strip():
        return "no text"
    return "" if isinstance(row.get("parts") or {}, dict) else "parts is no object"


def judge(run: Run, name: str) -> tuple[str, str]:
    """Return status and detail of one check on one run."""
    try:
        problems = CHECKS[name](run, run.checks[name])
    except NotMeasured as reason:
        return NOT_MEASURED, str(reason)
    except PartError as reason:
        return FAILED, str(reason)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, ZeroDivisionError) as reason:
        return FAILED, f"malformed part: {reason!r}"
    return (FAILED, "; ".join(problems)) if problems else (PASSED, "")


def score(pair: Pair, row: Row) -> list[Outcome]:
    """Return one outcome per check of the brief; without a result every check that could be measured has failed."""
    kind, names, error = pair.brief["kind"], pair.brief["checks"], find_fault(row)
    if error:
        silent = set() if pair.build_run().language == "en" else ENGLISH_ONLY
        return [Outcome(pair.id, kind, name, NOT_MEASURED if name in silent else FAILED, error) for name in names]
    parts = row.get("parts") or split_text(row["text"], names.get("sections_required", []))
    run = pair.build_run(row["text"], parts)
    return [Outcome(pair.id, kind, name, *judge(run, name)) for name in names]


def collect(pairs: list[Pair], rows: Iterable[Row], out: Path | None) -> tuple[list[Outcome], dict[str, str]]:
    """Return the outcomes of all runs, and the errors of those without a result; write the rows to `out`."""
    outcomes: list[Outcome] = []
    errors: dict[str, str] = {}
    keep = out.open("w", encoding="utf-8", errors="backslashreplace") if out else None
    try:
        for pair, row in zip(pairs, rows, strict=True):
            if keep:
                kept = row | {"brief_id": pair.brief["id"], "profile_id": pair.profile["id"]}
                keep.write(json.dumps(kept, ensure_ascii=False) + "\n")
                keep.flush()
            if error := find_fault(row):
                errors[pair.id] = error
            outcomes += score(pair, row)
    finally:
        if keep:
            keep.close()
    return outcomes, errors


def tally(outcomes: Iterable[Outcome]) -> Row:
    """Count a group of outcomes."""
    status = Counter(o.status for o in outcomes)
    return {"measured": status[PASSED] + status[FAILED], "passed": status[PASSED], "not_measured": status[NOT_MEASURED]}


def summarise(outcomes: list[Outcome], errors: dict[str, str]) -> Row:
    """Build the report: totals, per kind, per check, failures."""
    kinds, checks, runs = defaultdict(list), defaultdict(list), defaultdict(list)
    for o in outcomes:
        kinds[o.kind].append(o)
        checks[o.check].append(o)
        runs[o.run].append(o)
    good = {run for run, found in runs.items() if all(o.status != FAILED for o in found)} - set(errors)

    def _tally_runs(found: list[Outcome]) -> Row:
        names = {o.run for o in found}
        return {"runs": len(names), "passed_runs": len(names & good), **tally(found)}

    return {
        "total": _tally_runs(outcomes) | {"failed_to_run": len(errors)},
        "kinds": {kind: _tally_runs(found) for kind, found in sorted(kinds.items())},
        "checks": {name: tally(found) for name, found in sorted(checks.items())},
        "errors": errors,
        "failures": [asdict(o) for o in outcomes if o.status == FAILED and o.run not in errors],
    }


def format_percent(part: int, whole: int) -> str:
    """Format a share in percent with one decimal, n/a of nothing."""
    return f"{100 * part / whole:.1f}" if whole else "n/a"


def show(report: Row) -> None:
    """Print the report; the last line is the summary."""
    print(f"{'kind':<22}{'runs':>6}{'all pass':>10}{'checks passed':>15}")
    for kind, n in report["kinds"].items():
        print(f"{kind:<22}{n['runs']:>6}{n['passed_runs']:>10}{format_percent(n['passed'], n['measured']):>13} %")
    print(f"\n{'check':<28}{'measured':>9}{'passed':>8}{'share':>9}{'not measured':>14}")
    for name, n in report["checks"].items():
        share = format_percent(n["passed"], n["measured"])
        print(f"{name:<28}{n['measured']:>9}{n['passed']:>8}{share:>7} %{n['not_measured']:>14}")
    shown: Counter[str] = Counter()
    for f in sorted(report["failures"], key=lambda f: f["check"]):
        shown[f["check"]] += 1
        if shown[f["check"]] <= 5:
            print(("\n" if shown[f["check"]] == 1 else "") + f"{f['check']}  {f['run']}  {f['detail'][:160]}")
    for number, (run, error) in enumerate(report["errors"].items()):
        if number < 5:
            print(("\n" if not number else "") + f"failed to run  {run}  {error[:160]}")
    n = report["total"]
    print(
        f"\nbriefs: {n['passed_runs']}/{n['runs']} runs pass every check ({format_percent(n['passed_runs'], n['runs'])} %), "
        f"{n['passed']}/{n['measured']} checks ({format_percent(n['passed'], n['measured'])} %), "
        f"failures to run: {n['failed_to_run']}"
    )


def parse_arguments(argv: list[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--briefs", type=Path, required=True, help="JSONL of briefs")
    parser.add_argument("--profiles", type=Path, required=True, help="JSONL of profiles")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--results", type=Path, help="JSONL of results, such as an earlier --out")
    source.add_argument("--run", metavar="COMMAND", help="called per run; {kind} {brief} {profile_file}")
    source.add_argument("--batch", metavar="COMMAND", help="called once; {jobs} {out}")
    parser.add_argument("--limit", type=int, help="draw so many runs")
    parser.add_argument("--seed", type=int, default=0, help="of the draw of --limit")
    parser.add_argument("--kinds", default="", help="only these, comma-separated")
    parser.add_argument("--timeout", type=float, default=120, help="seconds per run; a batch has runs x timeout")
    parser.add_argument("--out", type=Path, help="keep raw results here (JSONL)")
    parser.add_argument("--report", type=Path, help="write the report here (JSON)")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Score the results; return 0, or 2 for wrong arguments or data."""
    args = parse_arguments(argv)
    kinds = [k.strip() for k in args.kinds.split(",") if k.strip()]
    try:
        pairs = choose(read_jsonl(args.briefs), read_jsonl(args.profiles), kinds, args.limit, args.seed)
        if args.results:
            rows = iter(list(read_stored(pairs, args.results)))  # read before --out, which may be the same file
        elif args.run:
            rows = run_each(pairs, args.run, args.timeout)
        else:
            rows = run_batch(pairs, args.batch, args.timeout)
        outcomes, errors = collect(pairs, rows, args.out)
    except (OSError, ValueError, KeyError) as problem:
        print(f"score_briefs: {problem}", file=sys.stderr)
        return 2
    report = summarise(outcomes, errors)
    if args.report:
        args.report.write_text(
            json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", errors="backslashreplace"
        )
    show(report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
