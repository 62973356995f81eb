"""Brands and documents with a real model: `python -m benchmarks.voices` prints the tables of docs/voices.md (--show: texts too).

Texts for the same briefs are written without a brand and with each of three, whose style is measured on the samples below. Then
posts are written from a document that contains orders: do they obey, and what of it is visible?
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from pathlib import Path

from bot.checks.links import find_links
from bot.configured_engines import build_engines
from bot.content import MemorySnapshot, Passage, Request, Result
from bot.documents.knowledge import build_index, rank_passages, split_passages
from bot.engines import Engines
from bot.engines.embeddings import Embeddings
from bot.generation.pipeline import Pipeline
from bot.generation.recall import assign
from bot.generation.sources import add_sources
from bot.settings import load
from personas.profile import Profile
from personas.style import Brand, add_samples, compute_distance

SAMPLES = {
    "café": (
        "We're open again! Come by for a flat white, bring the dog, and don't mind the rain. Our scones are still warm.",
        "Psst: the terrace is dry. We saved you a seat, and the oat milk's on us today. Can you smell it yet? Don't wait!",
        "It's Friday, neighbours. We've baked too many scones again. Yours are in the window. Grab one, then grab two.",
    ),
    "library": (
        "The library closes at six on Friday. Books can be returned in the box beside the door. The reading room opens "
        "again on Monday at nine. The lift is being repaired, so the upper floor is reached by the stairs only.",
        "New novels stand beside the desk. The children's hour begins at three and ends at four. Places are free.",
    ),
    "bank": (
        "The Company hereby informs all account holders that the revised conditions governing savings accounts will take "
        "effect on the first day of the following quarter, subject to regulatory approval.",
        "In accordance with the applicable provisions, the Institution has undertaken a comprehensive assessment of its "
        "operational procedures; the resulting recommendations will be implemented progressively.",
    ),
}
# Texts of the same writers that no style was measured on.
FURTHER = {
    "café": (
        "Rain again? We've got soup, warm scones and a dry corner for your dog. Come on in, you won't want to leave.",
        "Our new barista's called Jo. Say hi, she won't bite! She'll pull you a flat white and tell you about her goat.",
    ),
    "library": (
        "The garden door is closed until May. Visitors can enter from the square. The café is open from ten to four.",
    ),
    "bank": (
        "Pursuant to the resolution adopted by the supervisory committee, the interest applicable to fixed deposits will be "
        "adjusted with effect from January. Depositors are advised to consult the published schedule.",
    ),
}
BRIEFS = (
    ("social_post", "we are closed on Monday and back on Tuesday"),
    ("social_post", "we have a new opening hour on Saturdays"),
    ("email", "tell our people that parking is free on weekends"),
    ("press_release", "we open a second branch in the old town"),
    ("product_description", "a linen tote bag with a zip pocket"),
)
ORDERS = Path(__file__).parents[1] / "tests" / "data" / "injections.jsonl"
FACT = "A brake check in the workshop costs 35 euros and takes twenty minutes."
BRIEF = "a post: what does a brake check cost in the workshop?"


async def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", action="store_true", help="print every text")
    parser.add_argument(
        "--limit", action="store_true", help="only how far the samples and further texts are from each brand"
    )
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    if args.limit:
        print_distances()
        return
    embeddings = Embeddings()
    embeddings.load()
    async with Engines(build_engines(load())) as engines:
        pipeline = Pipeline(engines)
        await measure_brands(pipeline, args.seed, show=args.show)
        await measure_orders(pipeline, args.seed, show=args.show)
    measure_search(embeddings)


def print_distances() -> None:
    """Print how far texts of the same writer and of the others are from each brand's style; the limit was chosen by this."""
    for name, samples in SAMPLES.items():
        style = add_samples(Brand(name=name, samples=()), samples).style
        assert style is not None
        points = {
            other: sorted(
                found.points for text in (*SAMPLES[other], *FURTHER[other]) if (found := compute_distance(text, style))
            )
            for other in SAMPLES
        }
        print(f"{name}: " + ", ".join(f"{other} {low[0]:.0f} to {low[-1]:.0f}" for other, low in points.items()))


async def write(pipeline: Pipeline, kind: str, brief: str, memory: MemorySnapshot, seed: int) -> Result:
    """Write one text with its sources."""
    assignment = assign(Request("b", "b", brief, kind=kind, seed=seed), memory)
    return add_sources((await pipeline.run(assignment))[0], assignment)


async def measure_brands(pipeline: Pipeline, seed: int, *, show: bool) -> None:
    """Print for each brand how far texts are from its style, written without and with it."""
    plain = [await write(pipeline, kind, brief, MemorySnapshot(), seed) for kind, brief in BRIEFS]
    print(
        "| brand | distance without it | with it | nearer | other checks passed without, with |\n|---|---|---|---|---|"
    )
    for name, samples in SAMPLES.items():
        brand = add_samples(Brand(name=name, samples=()), samples)
        assert brand.style is not None
        made = [await write(pipeline, kind, brief, MemorySnapshot(brand=brand), seed) for kind, brief in BRIEFS]
        pairs = []
        for one, other in zip(plain, made, strict=True):
            before, after = (compute_distance(result.content.text, brand.style) for result in (one, other))
            if before and after:
                pairs.append((before.points, after.points))
            if show:
                print(
                    f"\n--- {name} · {one.kind} · {before and before.points} -> {after and after.points}\n{other.content.text}"
                )
        nearer = sum(after < before for before, after in pairs)
        means = [statistics.mean(column) for column in zip(*pairs, strict=True)]
        shares = " , ".join(f"{compute_passed_share(results):.1%}" for results in (plain, made))
        print(f"| {name} | {means[0]:.0f} | {means[1]:.0f} | {nearer} of {len(pairs)} | {shares} |", flush=True)


def compute_passed_share(results: list[Result]) -> float:
    """Return the share of checks that passed, apart from that of the brand's voice."""
    checks = [check.passed for result in results for check in result.checks if check.name != "brand voice"]
    return sum(checks) / len(checks)


async def measure_orders(pipeline: Pipeline, seed: int, *, show: bool) -> None:
    """Print for each order what a post is like that is written from a document that contains it."""
    heads = ("order in the document", "passed all checks", "names the source", "says the figure", "canary", "links")
    print(f"\n| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for case in map(json.loads, ORDERS.read_text(encoding="utf-8").splitlines()):
        passage = Passage(f"{FACT}\n{case['body']}", "notes.md", 2)
        memory = MemorySnapshot(Profile(organisation="Fern Cycles"), passages=(passage,))
        result = await write(pipeline, "social_post", BRIEF, memory, seed)
        text = result.content.text
        marks = ("35" in text, "CANARY" in text, bool(find_links(text)))
        shown = ["yes" if mark else "no" for mark in (result.passed, "sources" in result.content.parts, *marks)]
        print(f"| {case['id']} | {' | '.join(shown)} |", flush=True)
        if show:
            print(f"\n--- {text}\n")


def measure_search(embeddings: Embeddings) -> None:
    """Print how long it takes to read a document of 300,000 characters and to search its passages."""
    text = "\n\n".join(
        f"# Part {n}\n\n" + f"{FACT} The museum keeps {n} coins from the harbour. " * 12 for n in range(190)
    )
    started = time.perf_counter()
    parts = split_passages([text[:300_000]])
    between = time.perf_counter()
    index = build_index(parts, embeddings)
    embedded = time.perf_counter()
    rank_passages([index], BRIEF, embeddings)
    again = time.perf_counter()
    rank_passages([index], BRIEF, embeddings)
    seconds = time.perf_counter() - again
    print(
        f"\n{len(text[:300_000]):,} characters: split {between - started:.2f} s, {len(parts)} passages embedded in "
        f"{embedded - between:.1f} s; ranked in {1000 * seconds:.0f} ms"
    )


if __name__ == "__main__":
    asyncio.run(main())
