"""How many mutants of the code its tests detect: python -m benchmarks.mutation [--sample 25] [--only MODULE]

Mutates a sample of each measuring and parsing module in a copy of the repository, and runs the tests of its package on each
mutant. Needs cosmic-ray (`pip install cosmic-ray`, also in an environment of its own: --cosmic-ray PATH).
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = {
    "bot/generation/measure.py": "tests/bot/generation/test_measure.py tests/bot/generation/test_pipeline.py",
    "bot/generation/answer.py": "tests/bot/generation/test_answer.py",
    "bot/generation/requirements.py": "tests/bot/generation/test_requirements.py tests/bot/generation/test_recall.py",
    "bot/checks/units.py": "tests/bot/checks/test_units.py tests/bot/checks/test_limits.py",
    "bot/briefs/quantities.py": "tests/bot/briefs",
    "bot/reading/questions.py": "tests/bot/kinds/test_quiz.py tests/bot/kinds/test_education.py",
    "bot/reading/question_items.py": "tests/bot/kinds/test_quiz.py tests/bot/kinds/test_education.py",
}
TIMEOUT_SECONDS = 90


def run(cosmic_ray: str, module: str, tests: str, sample: int, copy: Path) -> tuple[int, list[str]]:
    """Run a sample of a module's mutants; return how many there were and the diffs of those that no test noticed."""
    config, session = copy / "mutation.toml", copy / "mutation.sqlite"
    command = f"{sys.executable} -m pytest -x -q -p no:xdist -p no:cacheprovider -p no:randomly {tests}"
    config.write_text(
        f'[cosmic-ray]\nmodule-path = "{module}"\ntimeout = {TIMEOUT_SECONDS}\nexcluded-modules = []\n'
        f"test-command = {json.dumps(command)}\n[cosmic-ray.distributor]\nname = 'local'\n"
    )
    session.unlink(missing_ok=True)
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([cosmic_ray, "init", str(config), str(session)], cwd=copy, env=environment, check=True)
    with sqlite3.connect(session) as rows:
        # Hashes of ids are as good as chance, and the same in every run.
        jobs = [
            job
            for (job,) in rows.execute(
                "SELECT job_id FROM mutation_specs ORDER BY module_path, start_pos_row, start_pos_col, operator_name, occurrence"
            )
        ]
        kept = jobs[:: max(1, len(jobs) // sample)][:sample]
        marks = ",".join("?" * len(kept))
        rows.execute(f"DELETE FROM mutation_specs WHERE job_id NOT IN ({marks})", kept)
        rows.execute(f"DELETE FROM work_items WHERE job_id NOT IN ({marks})", kept)
    subprocess.run([cosmic_ray, "exec", str(config), str(session)], cwd=copy, env=environment, check=True)
    with sqlite3.connect(session) as rows:
        found = rows.execute("SELECT test_outcome, diff FROM work_results").fetchall()
    return len(found), [diff for outcome, diff in found if "SURVIVED" in str(outcome)]


def main() -> None:
    """Print for each module how many mutants were noticed, and the diffs of the others."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sample", type=int, default=25)
    parser.add_argument("--only", default="")
    parser.add_argument("--cosmic-ray", default="cosmic-ray")
    args = parser.parse_args()
    all_of, missed = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(copy)], check=True)
        for module, tests in ROOMS.items():
            if args.only in module:
                count, survivors = run(args.cosmic_ray, module, tests, args.sample, copy)
                all_of, missed = all_of + count, missed + len(survivors)
                print(f"{module}: {count - len(survivors)} of {count} noticed", flush=True)
                print("".join(f"{diff}\n" for diff in survivors), flush=True)
    print(f"all: {all_of - missed} of {all_of} noticed ({100 * (all_of - missed) / max(all_of, 1):.0f} %)")


if __name__ == "__main__":
    main()
