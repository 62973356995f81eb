"""Routing by cross-validation over the utterances, or on a file of labelled texts.

python benchmarks/routing.py                       # five folds, with and without embeddings
python benchmarks/routing.py benchmarks/quality/routing_dev.jsonl
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from bot.engines.embeddings import Embeddings
from bot.generation.conversation import CHANGE
from bot.generation.route import Route, Router
from bot.kinds import load_kinds
from bot.requests.routing import elsewhere, load_utterances

FOLDS = 5


def cross_validate() -> tuple[int, int, int, int]:
    """Print what is right over held-out fifths, with words alone and with embeddings."""
    kinds = load_kinds()
    embeddings = Embeddings()
    for embed in (None, cache_embeddings(embeddings)):
        right = family = asked = total = 0
        seen: list[tuple[str, str, Route]] = []
        for fold in range(FOLDS):
            train = {
                name: [p for n, p in enumerate(kind.utterances) if n % FOLDS != fold] for name, kind in kinds.items()
            }
            router = Router(train, embed)
            for name, kind in kinds.items():
                for phrase in kind.utterances[fold::FOLDS]:
                    route = router.route(phrase)
                    seen.append((phrase, kind.family, route))
                    best = route.candidates[0] if route.candidates else ""
                    total += 1
                    right += best == name
                    family += bool(best) and kinds[best].family == kind.family
                    asked += route.kind is None
        name = "with embeddings" if embed else "words alone"
        print(
            f"{name:<18} kinds {100 * right / total:.1f} %  families {100 * family / total:.1f} %  asked {100 * asked / total:.1f} %"
        )
        print_command_shares(seen, name)
    return right, family, asked, total


def print_command_shares(rows: list[tuple[str, str, Route]], embed: str) -> None:
    """Print how many texts a command of each family asks about: of its own texts, and of those of other families."""
    kinds = load_kinds()
    for family in ("marketing", "education", "image"):
        asks = [
            (own == family, bool(elsewhere(text, family, route)))
            for text, own, route in rows
            if own in {kind.family for kind in kinds.values()}
        ]
        mine, others = [asked for own, asked in asks if own], [asked for own, asked in asks if not own]
        print(
            f"{embed:<18} command of {family:<10} asks about {100 * sum(mine) / max(1, len(mine)):.1f} % of its {len(mine)}, "
            f"{100 * sum(others) / max(1, len(others)):.1f} % of {len(others)} others"
        )


def cache_embeddings(embeddings: Embeddings) -> Any:
    """Return a function that embeds each text once."""
    known: dict[str, Any] = {}

    def embed(texts: list[str]) -> Any:
        new = [text for text in texts if text not in known]
        known.update(zip(new, embeddings.embed(new), strict=True))
        return np.stack([known[text] for text in texts])

    return embed


def score_file(path: Path) -> None:
    """Score the rows whose kinds exist, then all rows, with words alone and with embeddings."""
    kinds = load_kinds()
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for embed in (None, Embeddings().embed):
        router = Router(load_utterances(), embed)
        for label, chosen in (
            ("kinds there are", [r for r in rows if _list_kinds(r) & set(kinds)]),
            ("all rows", rows),
        ):
            times, right, family, asked, wrong = [], 0, 0, 0, []
            seen = [(row["text"], row["family"], router.route(row["text"], CHANGE)) for row in chosen]
            for row in chosen:
                started = time.perf_counter()
                route = router.route(row["text"], CHANGE)
                times.append(time.perf_counter() - started)
                best = route.candidates[0] if route.candidates else ""
                asked += route.kind is None
                right += best in _list_kinds(row)
                family += bool(best) and kinds[best].family == row["family"]
                if best not in _list_kinds(row):
                    wrong.append((row["text"][:70], row["kind"], best, route.confidence))
            n = len(chosen)
            print(
                f"{'embeddings' if embed else 'words'} {label:<16} n {n}  kinds {100 * right / n:.1f} %  "
                f"families {100 * family / n:.1f} %  asked {100 * asked / n:.1f} %  median {1000 * float(np.median(times)):.1f} ms"
            )
            print_command_shares(seen, "embeddings" if embed else "words")
            if "-v" in sys.argv:
                print(*wrong, sep="\n")


def _list_kinds(row: dict[str, Any]) -> set[str]:
    return set(row["kind"]) if isinstance(row["kind"], list) else {row["kind"]}


if __name__ == "__main__":
    if len(sys.argv) > 1:
        score_file(Path(sys.argv[1]))
    else:
        cross_validate()
