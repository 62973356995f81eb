"""Ten requested changes to ten texts: is each carried out, and does the rest stay as it is?

python -m benchmarks.changes OUT [--texts FOLDER] [--engine NAME | --played]

The texts are those of a blind reading (benchmarks/quality/blind/eighth), the requests those of benchmarks/quality/changes.jsonl.
Prints each request with the lines that were removed and added; a reader judges whether it was carried out. With `--played` the
answers are written by hand for OUT/wanted.jsonl (benchmarks/played.py).
"""

from __future__ import annotations

import argparse
import asyncio
import difflib
from pathlib import Path

from bot.cli.generate import parse_profile
from bot.configured_engines import build_engines
from bot.content import Request, Version
from bot.engines import Engines
from bot.errors import QuillmateError
from bot.generation.pipeline import Pipeline
from bot.settings import Settings

from .blind import HERE, MAX_SECONDS
from .jsonl import Row, load_rows
from .played import Played


async def change(pipeline: Pipeline, brief: Row, profile: Row, text: str, wish: str) -> tuple[str, str]:
    """Have the text changed; return the new text and what its writer says to check."""
    before = Version(text=text)
    request = Request(brief["id"], "cli", brief["brief"], kind=brief["kind"], seed=1, notes=(wish,), before=before)
    [result] = await pipeline.run(await pipeline.build_assignment(request, parse_profile(dict(profile))))
    return result.content.text, result.to_check


async def main() -> None:
    """Print each change with the lines that it removed and added."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--texts", type=Path, default=HERE / "blind" / "eighth")
    parser.add_argument("--engine", default="embedded")
    parser.add_argument("--played", action="store_true")
    wanted = parser.parse_args()
    briefs = {row["id"]: row for row in load_rows(HERE / "blind_briefs_6.jsonl")}
    profiles = {row.pop("id"): row for row in load_rows(HERE / "blind_profiles_6.jsonl")}
    texts = {row["id"]: row["text"] for row in load_rows(wanted.texts / "ours.jsonl")}
    played = Played(wanted.out) if wanted.played else None
    engine = played.build_engine() if played else build_engines(Settings(engine=wanted.engine, timeout=MAX_SECONDS))[0]
    async with Engines([engine]) as engines:
        for row in load_rows(HERE / "changes.jsonl"):
            brief, text = briefs[row["id"]], texts[row["id"]]
            print(f"\n{row['id']} {brief['kind']}: {row['wish']}")
            try:
                after, check = await change(Pipeline(engines), brief, profiles[brief["profile"]], text, row["wish"])
            except QuillmateError as error:
                print(error)
                continue
            lines = difflib.unified_diff(text.splitlines(), after.splitlines(), n=0, lineterm="")
            print("\n".join(line for line in lines if not line.startswith(("---", "+++", "@@"))))
            print(f"To check: {check}" if check else "")
    if played and played.open_count:
        print(f"{played.open_count} prompts wait for an answer in {wanted.out / 'wanted.jsonl'}")


if __name__ == "__main__":
    asyncio.run(main())
