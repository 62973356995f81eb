"""Whose text is it? Texts are written for each profile from briefs that name nothing, and a matcher guesses for whom.

python benchmarks/personal.py benchmarks/quality/profiles_more.jsonl            # the table of docs/quality.md
python benchmarks/personal.py PROFILES --show                                   # with the texts

The matcher is blind: it compares embeddings (MiniLM) of a result and of each profile's text, both with organisations, names and
links masked. Profiles whose results are not in English are left out.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from bot.configured_engines import build_engines
from bot.content import MemorySnapshot, Request, Result
from bot.engines import Engines
from bot.engines.embeddings import Embeddings
from bot.generation.pipeline import Pipeline
from bot.generation.recall import assign
from bot.settings import load
from personas.profile import Profile

# A kind and a brief; none says who asks, for whom, or about what.
BRIEFS = (
    ("social_post", "we are closed on Monday"),
    ("email", "ask our people for a review"),
    ("ad", "describe our best offer"),
    ("slogan", "three slogans for us"),
    ("explanation", "explain what we do"),
    ("image_prompt", "a picture for our home page"),
)
RUN = 5


async def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("profiles", type=Path)
    parser.add_argument("--show", action="store_true", help="print every text")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    rows = [json.loads(line) for line in args.profiles.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row.get("output_language", "en") == "en"]
    profiles = [Profile.parse({name: value for name, value in row.items() if name != "id"}) for row in rows]
    embeddings = Embeddings()
    embeddings.load()
    known = embeddings.embed([mask_names(describe_profile(profile), profiles) for profile in profiles])
    async with Engines(build_engines(load())) as engines:
        pipeline = Pipeline(engines)
        print(f"{len(profiles)} profiles, {len(BRIEFS)} briefs, chance {100 / len(profiles):.0f} %")
        print("| | matched | checks passed | runs with all checks | copied five-word runs |\n|---|---|---|---|---|")
        for name, given in (("with the profile", True), ("no profile", False)):
            made = [
                (at, kind, brief, await write(pipeline, kind, brief, profile if given else Profile(), args.seed + at))
                for at, profile in enumerate(profiles)
                for kind, brief in BRIEFS
            ]
            print(format_row(name, made, profiles, embeddings, known, show=args.show), flush=True)


async def write(pipeline: Pipeline, kind: str, brief: str, profile: Profile, seed: int) -> Result:
    """Write one text for a profile."""
    request = Request(id="benchmark", user_id="benchmark", brief=brief, kind=kind, seed=seed)
    return (await pipeline.run(assign(request, MemorySnapshot(profile))))[0]


def format_row(
    name: str,
    made: list[tuple[int, str, str, Result]],
    profiles: list[Profile],
    embeddings: Any,
    known: Any,
    *,
    show: bool,
) -> str:
    """Return a row of the table; print every text if `show`."""
    vectors = embeddings.embed([mask_names(result.content.text, profiles) for _, _, _, result in made])
    best = np.argmax(vectors @ known.T, axis=1)
    right = [int(found) == at for (at, *_), found in zip(made, best, strict=True)]
    checks = [check.passed for *_, result in made for check in result.checks]
    copied = [compute_copied_share(result.content.text, describe_profile(profiles[at])) for at, _, _, result in made]
    by_kind = Counter(kind for (_, kind, _, _), hit in zip(made, right, strict=True) if hit)
    if show:
        for (at, kind, brief, result), found, share in zip(made, best, copied, strict=True):
            faults = ", ".join(check.name for check in result.checks if not check.passed)
            print(
                f"\n--- {profiles[at].organisation} · {kind}: {brief} · taken for {profiles[int(found)].organisation}"
                f" · copied {share:.0%} {('· ✗ ' + faults) if faults else ''}\n{result.content.text}"
            )
    passed = [result.passed for *_, result in made]
    detail = ", ".join(f"{kind} {by_kind[kind]}" for kind, _ in BRIEFS)
    return (
        f"| {name} | {np.mean(right):.0%} ({detail}) | {np.mean(checks):.1%} | {np.mean(passed):.0%} "
        f"| mean {np.mean(copied):.0%}, over 20 %: {sum(share > 0.2 for share in copied)} of {len(copied)} |"
    )


def describe_profile(profile: Profile) -> str:
    """Return what a profile says as one text."""
    values: list[str] = []
    for value in profile.model_dump().values():
        if isinstance(value, dict):
            values += value.values()
        elif isinstance(value, str):
            values.append(value)
        elif value:
            values += value
    return ". ".join(filter(None, values))


def mask_names(text: str, profiles: list[Profile]) -> str:
    """Replace organisations, names and links."""
    for profile in profiles:
        for name in filter(None, (profile.link, profile.organisation, profile.display_name)):
            text = re.sub(re.escape(name), "X", text, flags=re.IGNORECASE)
            hashtag = re.sub(r"\W", "", name)
            text = re.sub(rf"#{re.escape(hashtag)}\b", "X", text, flags=re.IGNORECASE)
    return re.sub(r"\S+\.example\S*|https?://\S+", "X", text)


def compute_copied_share(text: str, source: str) -> float:
    """Return the share of a text's runs of five words that are in the source word for word."""
    runs, known = _split_runs(text), set(_split_runs(source))
    return sum(run in known for run in runs) / len(runs) if runs else 0.0


def _split_runs(text: str) -> list[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return [tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)]


if __name__ == "__main__":
    asyncio.run(main())
