"""Ours and a plain prompt with the same model, read by somebody who does not know which is which.

python -m benchmarks.blind make OUT [--sample N] [--engine embedded:FILE.gguf | --played] [--without-profile] [--briefs FILE]
                                    [--profiles FILE]
python -m benchmarks.blind score OUT VERDICTS.jsonl [VERDICTS.jsonl ...]

`make` writes for each brief one text by our pipeline and one by a plain prompt: the profile as JSON, then the brief; with
`--without-profile` the brief alone, as a chat bot has it. It goes on where it was stopped; `--sample` takes so many of the briefs by
chance, the same ones each time. With `--played` whoever writes for OUT/played/wanted.jsonl is the model (benchmarks/played.py); make it
again until nothing is wanted. OUT then holds `page.html`,
which shows the pairs in random order and gives a file of verdicts to whoever has filled it in; `pairs.jsonl`, the same for other
readers; and `key.json`, which is for nobody who still reads.

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
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

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

from .played import Played

HERE = Path(__file__).parent / "quality"
SIDES = ("A", "B")
MAX_TOKENS, MAX_CHARACTERS, MAX_SECONDS = 4_000, 60_000, 870
_PLAIN = (
    "Write the content that is asked for ({kind}), for the person in this profile. Use what the profile says where it matters. Give "
    "only the finished text.\nProfile: {profile}\nRequest: {brief}"
)
_PLAINER = "Write the content that is asked for ({kind}). Give only the finished text.\nRequest: {brief}"

Row = dict[str, Any]


def rows_of(file: Path) -> list[Row]:
    """The objects of a JSONL file, none where it is not there."""
    return [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()] if file.is_file() else []


def write_rows(file: Path, rows: Iterable[Row]) -> None:
    """A JSONL file with these objects."""
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


async def ours(briefs: Sequence[Row], profiles: dict[str, Row], out: Path, engine: Engine) -> dict[str, Row]:
    """What our pipeline makes of the briefs, by id."""
    engines = Engines([engine])
    pipeline = Pipeline(engines, build_moderation(Settings(), engines, None))

    async def write(one: Row) -> Row:
        started = time.perf_counter()
        request = Request(one["id"], "cli", one["brief"], kind=one["kind"], seed=1)
        assignment = await pipeline.build_assignment(request, parse_profile(profiles[one["profile"]]))
        [result] = await pipeline.run(assignment)
        return result_to_json(result, round(1000 * (time.perf_counter() - started)))

    return await _kept(briefs, out / "ours.jsonl", engine, write)


async def plain(
    briefs: Sequence[Row], profiles: dict[str, Row], out: Path, engine: Engine, *, with_profile: bool = True
) -> dict[str, Row]:
    """What the same model makes of a plain prompt, by id."""
    from langchain_core.messages import HumanMessage

    async def write(one: Row) -> Row:
        started = time.perf_counter()
        kind, profile = one["kind"].replace("_", " "), json.dumps(profiles[one["profile"]], ensure_ascii=False)
        asked = (_PLAIN if with_profile else _PLAINER).format(kind=kind, profile=profile, brief=one["brief"])
        text = await engine.complete(Ask([HumanMessage(asked)], None, MAX_CHARACTERS, MAX_TOKENS, 1))
        return {"text": text.strip(), "ms": round(1000 * (time.perf_counter() - started))}

    return await _kept(briefs, out / "plain.jsonl", engine, write)


async def _kept(
    briefs: Sequence[Row], file: Path, engine: Engine, write: Callable[[Row], Awaitable[Row]]
) -> dict[str, Row]:
    """What is written for each brief and kept in a file; what is there already is not written again."""
    made = {row["id"]: row for row in rows_of(file)}
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


def paired(
    briefs: Sequence[Row], own: dict[str, Row], other: dict[str, Row], *, notes: bool = True
) -> tuple[list[Row], dict[str, str]]:
    """The pairs as a reader gets them, and on which side ours is."""
    chance, pairs, key = random.Random(20261126), [], {}
    for one in briefs:
        if one["id"] not in own or one["id"] not in other:
            continue
        at = chance.choice(SIDES)
        key[one["id"]] = at
        row = own[one["id"]]
        mine = "\n\n".join(filter(None, [row.get("text") or row.get("error", ""), noted(row) if notes else ""]))
        texts = {at: mine, SIDES[at == "A"]: other[one["id"]]["text"]}
        pairs.append(
            {"pair": one["id"], "kind": one["kind"], "brief": one["brief"], "profile": one["profile"]}
            | {side: texts[side] for side in SIDES}
        )
    return chance.sample(pairs, len(pairs)), key


def noted(row: Row) -> str:
    """What a person would see below the text."""
    checks = map(Check.from_json, row.get("checks", []))
    failed = (f"✗ {describe_check(check)}" for check in checks if not check.passed)
    check = f"To check: {row['to_check']}" if row.get("to_check") else ""
    return "\n".join(filter(None, [check, row.get("note", ""), *failed]))


def page(pairs: Sequence[Row], profiles: dict[str, Row]) -> str:
    """A page to read and to mark; its button gives the verdicts as a file."""
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


def scored(verdicts: Sequence[Row], key: dict[str, str], of: set[str]) -> str:
    """The figures of these pairs in a table's two rows and a sentence."""
    mine = [row[key[row["pair"]]] for row in verdicts if row["pair"] in of]
    others = [row[SIDES[key[row["pair"]] == "A"]] for row in verdicts if row["pair"] in of]
    if not mine:
        return "nothing read"
    decided = [row for row in verdicts if row["pair"] in of and row["preferred"] in SIDES]
    preferred = sum(row["preferred"] == key[row["pair"]] for row in decided)

    def line(name: str, rows: Sequence[Row], likes: int) -> str:
        usable, count = sum(row["use"] >= 2 for row in rows), len(rows)
        marks = " | ".join(f"{sum(row[mark] for row in rows)} of {count}" for mark in MARKS)
        return f"| {name} | {mean(row['use'] for row in rows):.2f} | {usable} of {count} | {marks} | {likes} |"

    return "\n".join(
        [
            f"| | mean | 2 or better | {' | '.join(MARKS.values())} | preferred |",
            "|---|---|---|---|---|---|---|",
            line("ours", mine, preferred),
            line("plain prompt", others, len(decided) - preferred),
            f"ours preferred in {preferred} of {len(decided)} decided pairs"
            + (f" ({100 * preferred / len(decided):.0f} %)" if decided else ""),
        ]
    )


def passed_falsely(verdicts: Sequence[Row], key: dict[str, str], own: dict[str, Row]) -> str:
    """Of how many of our texts all checks passed though their form was missed."""
    missed = [row["pair"] for row in verdicts if row[key[row["pair"]]]["misses_form"]]
    passed = [pair for pair in missed if all(check["passed"] for check in own[pair].get("checks", []))]
    return f"all checks passed though the form was missed: {len(passed)} of {len(verdicts)} ({', '.join(passed)})"


async def _both(
    briefs: Sequence[Row], profiles: dict[str, Row], out: Path, wanted: argparse.Namespace, played: Played | None
) -> tuple[dict[str, Row], dict[str, Row]]:
    """Our texts and those of the plain prompt, by the same model."""
    engine = played.engine() if played else build_engines(Settings(engine=wanted.engine, timeout=MAX_SECONDS))[0]
    async with Engines([engine]):
        own = await ours(briefs, profiles, out, engine)
        return own, await plain(briefs, profiles, out, engine, with_profile=not wanted.without_profile)


def main() -> None:
    """The command line."""
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
    briefs = rows_of(wanted.briefs)
    profiles = {row.pop("id"): row for row in rows_of(wanted.profiles)}
    out: Path = wanted.out
    if wanted.command == "make":
        out.mkdir(parents=True, exist_ok=True)
        if wanted.sample:
            briefs = random.Random(1).sample(briefs, min(wanted.sample, len(briefs)))
        played = Played(out / "played") if wanted.played else None
        for name in ("ours.jsonl", "plain.jsonl") if played else ():
            (out / name).unlink(
                missing_ok=True
            )  # Answers cost nothing twice, and a text whose second call was open is not whole.
        own, other = asyncio.run(_both(briefs, profiles, out, wanted, played))
        if played and played.open:
            print(f"{played.open} prompts wait for an answer in {out / 'played' / 'wanted.jsonl'}")
            return
        pairs, key = paired(briefs, own, other, notes=not wanted.notes_hidden)
        write_rows(out / "pairs.jsonl", pairs)
        (out / "key.json").write_text(json.dumps(key), "utf-8")
        (out / "page.html").write_text(page(pairs, profiles), "utf-8")
        print(f"{len(pairs)} pairs in {out / 'page.html'}")
        return
    key = json.loads((out / "key.json").read_text("utf-8"))
    groups: dict[str, set[str]] = {"all": set()}
    for brief in briefs:
        for name in ("all", brief.get("language", "en"), brief.get("family", "")):
            groups.setdefault(name, set()).add(brief["id"])
    for file in wanted.verdicts:
        verdicts = rows_of(file)
        for name, of in groups.items():
            if name and any(row["pair"] in of for row in verdicts):
                print(f"\n{file.name}, {name}\n\n{scored(verdicts, key, of)}")
        print(f"\n{passed_falsely(verdicts, key, {row['id']: row for row in rows_of(out / 'ours.jsonl')})}")


if __name__ == "__main__":
    main()
