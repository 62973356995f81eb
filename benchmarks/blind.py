"""Blind reading: our texts and those of a plain prompt, by the same model, judged without knowing which is which.

python -m benchmarks.blind make OUT [--sample N] [--engine embedded:FILE.gguf | --played] [--without-profile] [--briefs FILE]
                                    [--profiles FILE]
python -m benchmarks.blind score OUT VERDICTS.jsonl [VERDICTS.jsonl ...]

`make` writes for each brief one text by our pipeline and one by a plain prompt: the profile as JSON, then the brief; with
`--without-profile` the brief alone, as a chat bot gets it. It continues where it was stopped. `--sample` draws so many briefs at
random, the same ones each time. With `--played` the answers are written by hand for OUT/played/wanted.jsonl
(benchmarks/played.py); run `make` again until no prompt is open. OUT then contains `page.html`, which shows the pairs in random
order and saves the reader's verdicts as a file; `pairs.jsonl`, the same for other readers; and `key.json`, which no reader may
see before the end.

A verdict is {"pair", "A": MARKS, "B": MARKS, "preferred": "A" | "B" | "neither"}, where MARKS are {"use": 3 as it is, 2 with light
edits, 1 heavy rewriting, 0 useless; "invents", "misses_form", "uses_facts": true or false}.
"""

from __future__ import annotations

import argparse
import asyncio
import html
import json
import random
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from statistics import mean

from bot.checks import Check
from bot.cli.generate import parse_profile, result_to_json
from bot.configured_engines import build_engines
from bot.content import Request
from bot.engines import Ask, Engine, Engines
from bot.errors import QuillmateError
from bot.generation.findings import describe_check
from bot.generation.pipeline import Pipeline
from bot.moderation.seam import build_moderation
from bot.settings import Settings

from .jsonl import Row, load_rows, write_rows
from .played import Played

HERE = Path(__file__).parent / "quality"
SIDES = ("A", "B")
MAX_TOKENS, MAX_CHARACTERS, MAX_SECONDS = 4_000, 60_000, 870
_PLAIN = (
    "Write the content that is asked for ({kind}), for the person in this profile. Use what the profile says where it matters. Give "
    "only the finished text.\nProfile: {profile}\nRequest: {brief}"
)
_PLAINER = "Write the content that is asked for ({kind}). Give only the finished text.\nRequest: {brief}"


async def write_ours(briefs: Sequence[Row], profiles: dict[str, Row], out: Path, engine: Engine) -> dict[str, Row]:
    """Write texts for the briefs with our pipeline; return them by id."""
    engines = Engines([engine])
    pipeline = Pipeline(engines, build_moderation(Settings(), engines, None))

    async def write(one: Row) -> Row:
        started = time.perf_counter()
        request = Request(one["id"], "cli", one["brief"], kind=one["kind"], seed=1)
        assignment = await pipeline.build_assignment(request, parse_profile(profiles[one["profile"]]))
        [result] = await pipeline.run(assignment)
        return result_to_json(result, round(1000 * (time.perf_counter() - started)))

    return await _write_missing(briefs, out / "ours.jsonl", engine, write)


async def write_plain(
    briefs: Sequence[Row], profiles: dict[str, Row], out: Path, engine: Engine, *, with_profile: bool = True
) -> dict[str, Row]:
    """Write texts for the briefs with the same model and a plain prompt; return them by id."""
    from langchain_core.messages import HumanMessage

    async def write(one: Row) -> Row:
        started = time.perf_counter()
        kind, profile = one["kind"].replace("_", " "), json.dumps(profiles[one["profile"]], ensure_ascii=False)
        asked = (_PLAIN if with_profile else _PLAINER).format(kind=kind, profile=profile, brief=one["brief"])
        text = await engine.complete(Ask([HumanMessage(asked)], None, MAX_CHARACTERS, MAX_TOKENS, 1))
        return {"text": text.strip(), "ms": round(1000 * (time.perf_counter() - started))}

    return await _write_missing(briefs, out / "plain.jsonl", engine, write)


async def _write_missing(
    briefs: Sequence[Row], file: Path, engine: Engine, write: Callable[[Row], Awaitable[Row]]
) -> dict[str, Row]:
    """Write a text for each brief that has none in the file yet, saving as it goes; return all by id."""
    made = {row["id"]: row for row in load_rows(file)}
    room = asyncio.Semaphore(1 if engine.traits.local else engine.traits.streams)

    async def work(one: Row) -> None:
        async with room:
            try:
                made[one["id"]] = {"id": one["id"], **await write(one)}
            except QuillmateError as error:
                print(f"{one['id']}: {error}", file=sys.stderr)
                return
            write_rows(file, made.values())

    await asyncio.gather(*(work(one) for one in briefs if one["id"] not in made))
    return made


def pair_texts(
    briefs: Sequence[Row], own: dict[str, Row], other: dict[str, Row], *, notes: bool = True
) -> tuple[list[Row], dict[str, str]]:
    """Return the pairs in random order as a reader gets them, and for each pair the side on which our text is."""
    chance, pairs, key = random.Random(20261126), [], {}
    for one in briefs:
        if one["id"] not in own or one["id"] not in other:
            continue
        at = chance.choice(SIDES)
        key[one["id"]] = at
        row = own[one["id"]]
        mine = "\n\n".join(filter(None, [row.get("text") or row.get("error", ""), format_notes(row) if notes else ""]))
        texts = {at: mine, SIDES[at == "A"]: other[one["id"]]["text"]}
        pairs.append(
            {"pair": one["id"], "kind": one["kind"], "brief": one["brief"], "profile": one["profile"]}
            | {side: texts[side] for side in SIDES}
        )
    return chance.sample(pairs, len(pairs)), key


def format_notes(row: Row) -> str:
    """Return what a user would see below the text."""
    checks = map(Check.from_json, row.get("checks", []))
    failed = (f"✗ {describe_check(check)}" for check in checks if not check.passed)
    check = f"To check: {row['to_check']}" if row.get("to_check") else ""
    return "\n".join(filter(None, [check, row.get("note", ""), *failed]))


def render_page(pairs: Sequence[Row], profiles: dict[str, Row]) -> str:
    """Render the page for reading and marking the pairs; its button saves the verdicts as a file."""
    parts = []
    for number, one in enumerate(pairs, 1):
        person = html.escape(json.dumps(profiles[one["profile"]], ensure_ascii=False, indent=1))
        sides = "".join(
            f"<section><h3>{side}</h3><pre>{html.escape(one[side])}</pre>"
            + f'<label>Use <select name="{side}.use"><option value="">?</option>'
            + "".join(f'<option value="{value}">{value} {name}</option>' for value, name in USES.items())
            + "</select></label>"
            + "".join(
                f'<label><input type="checkbox" name="{side}.{mark}"> {name}</label>' for mark, name in MARKS.items()
            )
            + "</section>"
            for side in SIDES
        )
        choices = "".join(
            f'<label><input type="radio" name="preferred" value="{value}"> {value}</label>'
            for value in (*SIDES, "neither")
        )
        parts.append(
            f'<form data-pair="{html.escape(one["pair"])}"><h2>{number}. {html.escape(one["kind"].replace("_", " "))}</h2>'
            f"<p>{html.escape(one['brief'])}</p><details><summary>Who asks</summary><pre>{person}</pre></details>"
            f"<div>{sides}</div><p>Preferred: {choices}</p></form>"
        )
    return PAGE.replace("<!--pairs-->", "\n".join(parts))


USES = {3: "as it is", 2: "light edits", 1: "heavy rewriting", 0: "useless"}
MARKS = {"invents": "invents", "misses_form": "misses the form", "uses_facts": "uses the person's facts"}
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Blind reading</title>
<style>
body { font: 16px/1.5 system-ui; margin: 2rem auto; max-width: 76rem; padding: 0 1rem }
form { border-top: 1px solid #999; padding: 1rem 0 } form > div { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem }
section { background: #f4f4f0; padding: .5rem 1rem } pre { white-space: pre-wrap; font: inherit } label { margin-right: 1rem }
</style>
<h1>Blind reading</h1><p>Read each pair as the one who asked. Mark both texts, then which you would rather have.</p>
<!--pairs-->
<p><button type="button" onclick="save()">Save verdicts</button></p>
<script>
function save() {
  const rows = [...document.forms].map(form => {
    const side = name => ({ use: Number(form[name + ".use"].value || 0), invents: form[name + ".invents"].checked,
      misses_form: form[name + ".misses_form"].checked, uses_facts: form[name + ".uses_facts"].checked })
    return { pair: form.dataset.pair, A: side("A"), B: side("B"), preferred: form.preferred.value || "neither" }
  })
  const link = document.createElement("a")
  link.href = URL.createObjectURL(new Blob([rows.map(row => JSON.stringify(row)).join("\\n") + "\\n"]))
  link.download = "verdicts.jsonl"
  link.click()
}
</script></html>
"""


def score_verdicts(verdicts: Sequence[Row], key: dict[str, str], pair_ids: set[str]) -> str:
    """Return the figures of these pairs: two rows of a table and a sentence."""
    mine = [row[key[row["pair"]]] for row in verdicts if row["pair"] in pair_ids]
    others = [row[SIDES[key[row["pair"]] == "A"]] for row in verdicts if row["pair"] in pair_ids]
    if not mine:
        return "nothing read"
    decided = [row for row in verdicts if row["pair"] in pair_ids and row["preferred"] in SIDES]
    preferred = sum(row["preferred"] == key[row["pair"]] for row in decided)

    def format_row(name: str, rows: Sequence[Row], likes: int) -> str:
        usable, count = sum(row["use"] >= 2 for row in rows), len(rows)
        marks = " | ".join(f"{sum(row[mark] for row in rows)} of {count}" for mark in MARKS)
        return f"| {name} | {mean(row['use'] for row in rows):.2f} | {usable} of {count} | {marks} | {likes} |"

    return "\n".join(
        [
            f"| | mean | 2 or better | {' | '.join(MARKS.values())} | preferred |",
            "|---|---|---|---|---|---|---|",
            format_row("ours", mine, preferred),
            format_row("plain prompt", others, len(decided) - preferred),
            f"ours preferred in {preferred} of {len(decided)} decided pairs"
            + (f" ({100 * preferred / len(decided):.0f} %)" if decided else ""),
        ]
    )


def count_false_passes(verdicts: Sequence[Row], key: dict[str, str], own: dict[str, Row]) -> str:
    """Count our texts that passed all checks although their form was missed; return a sentence."""
    missed = [row["pair"] for row in verdicts if row[key[row["pair"]]]["misses_form"]]
    passed = [pair for pair in missed if all(check["passed"] for check in own[pair].get("checks", []))]
    return f"all checks passed though the form was missed: {len(passed)} of {len(verdicts)} ({', '.join(passed)})"


async def _write_both(
    briefs: Sequence[Row], profiles: dict[str, Row], out: Path, wanted: argparse.Namespace, played: Played | None
) -> tuple[dict[str, Row], dict[str, Row]]:
    """Write our texts and those of the plain prompt with the same model."""
    engine = played.build_engine() if played else build_engines(Settings(engine=wanted.engine, timeout=MAX_SECONDS))[0]
    async with Engines([engine]):
        own = await write_ours(briefs, profiles, out, engine)
        return own, await write_plain(briefs, profiles, out, engine, with_profile=not wanted.without_profile)


def main() -> None:
    """Make the pairs or score their verdicts, as the command line asks."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    made = commands.add_parser("make")
    made.add_argument("out", type=Path)
    made.add_argument("--engine", default="embedded")
    made.add_argument("--sample", type=int, default=0)
    made.add_argument("--played", action="store_true")
    made.add_argument("--without-profile", action="store_true")
    made.add_argument("--notes-hidden", action="store_true")
    for one in (made, read := commands.add_parser("score")):
        one.add_argument("--briefs", type=Path, default=HERE / "blind_briefs.jsonl")
        one.add_argument("--profiles", type=Path, default=HERE / "blind_profiles.jsonl")
    read.add_argument("out", type=Path)
    read.add_argument("verdicts", type=Path, nargs="+")
    wanted = parser.parse_args()
    briefs = load_rows(wanted.briefs)
    profiles = {row.pop("id"): row for row in load_rows(wanted.profiles)}
    out: Path = wanted.out
    if wanted.command == "make":
        out.mkdir(parents=True, exist_ok=True)
        if wanted.sample:
            briefs = random.Random(1).sample(briefs, min(wanted.sample, len(briefs)))
        played = Played(out / "played") if wanted.played else None
        for name in ("ours.jsonl", "plain.jsonl") if played else ():
            (out / name).unlink(
                missing_ok=True
            )  # Replaying answers is free, and a text whose second call had no answer is incomplete.
        own, other = asyncio.run(_write_both(briefs, profiles, out, wanted, played))
        if played and played.open_count:
            print(f"{played.open_count} prompts wait for an answer in {out / 'played' / 'wanted.jsonl'}")
            return
        pairs, key = pair_texts(briefs, own, other, notes=not wanted.notes_hidden)
        write_rows(out / "pairs.jsonl", pairs)
        (out / "key.json").write_text(json.dumps(key), "utf-8")
        (out / "page.html").write_text(render_page(pairs, profiles), "utf-8")
        print(f"{len(pairs)} pairs in {out / 'page.html'}")
        return
    key = json.loads((out / "key.json").read_text("utf-8"))
    groups: dict[str, set[str]] = {"all": set()}
    for brief in briefs:
        for name in ("all", brief.get("language", "en"), brief.get("family", "")):
            groups.setdefault(name, set()).add(brief["id"])
    for file in wanted.verdicts:
        verdicts = load_rows(file)
        for name, pair_ids in groups.items():
            if name and any(row["pair"] in pair_ids for row in verdicts):
                print(f"\n{file.name}, {name}\n\n{score_verdicts(verdicts, key, pair_ids)}")
        print(f"\n{count_false_passes(verdicts, key, {row['id']: row for row in load_rows(out / 'ours.jsonl')})}")


if __name__ == "__main__":
    main()
