"""How often a small model refuses honest requests in words.

python -m benchmarks.refusals FILE.gguf [--seeds 3] [--briefs FILE] [--profiles FILE]

The model gets each brief with our sheet, once per seed, and writes only the first tokens of each answer. The bot's own classifier
finds the refusals.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from benchmarks.jsonl import load_rows
from bot.cli.generate import parse_profile
from bot.configured_engines import build_engines
from bot.content import Request
from bot.engines import Ask, Engines
from bot.engines.embeddings import Embeddings
from bot.generation.pipeline import Pipeline
from bot.generation.sheet import build_draft_messages
from bot.moderation.classifier import Classifier
from bot.settings import Settings

_QUALITY = Path(__file__).parent / "quality"
_TOKENS, _CHARACTERS, _TEMPERATURE = 24, 200, 0.2


async def measure(model: str, briefs: Path, profiles: Path, seed_count: int) -> None:
    """Print each refusal, and how many of the answers refuse."""
    engines = Engines(build_engines(Settings(engine=[f"embedded:{model}"])))
    pipeline, classifier = Pipeline(engines), Classifier(Embeddings())
    refusal_count = answer_count = 0
    profiles_by_id = {row["id"]: row for row in load_rows(profiles)}
    async with engines:
        for row in load_rows(briefs):
            profile = {name: value for name, value in profiles_by_id[row["profile"]].items() if name != "id"}
            request = Request(row["id"], "cli", row["brief"], kind=row["kind"], seed=1)
            assignment = await pipeline.build_assignment(request, parse_profile(profile))
            messages = build_draft_messages(assignment, engines.first.traits, context_tokens=4_000)
            for seed in range(1, seed_count + 1):
                ask = Ask(messages, None, _CHARACTERS, _TOKENS, seed, _TEMPERATURE)
                answer = await engines.first.complete(ask)
                answer_count += 1
                if classifier.is_refusal(answer):
                    refusal_count += 1
                    print(f"{row['id']} {row['kind']} (seed {seed}): {answer}")
    print(f"{refusal_count} of {answer_count} answers refuse.")


def main() -> None:
    """Run the measurement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a GGUF file")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--briefs", type=Path, default=_QUALITY / "blind_briefs_13.jsonl")
    parser.add_argument("--profiles", type=Path, default=_QUALITY / "blind_profiles_10.jsonl")
    options = parser.parse_args()
    asyncio.run(measure(options.model, options.briefs, options.profiles, options.seeds))


if __name__ == "__main__":
    main()
