"""How much of the harm moderation stops, and how much of the harmless: `python -m benchmarks.moderation [learn]`.

A row shows what the rules stop, what the classifier is sure of, and what both together stop: the classifier clears some of what
the rules suspect. The classifier is trained on all groups but "kept", "customers", "unseen", "unseen_2", "fresh" and "minors"; each
fifth of the others is judged by a classifier that was not trained on it. "honest" are briefs as customers type them, far from
harm, a third of which was put aside; "customers" are those of `benchmarks/quality`; "texts" are those written for such briefs and
read blind.
`learn` retrains the classifier and writes `bot/moderation/classifier.npz`.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.jsonl import load_rows
from bot.engines.embeddings import Embeddings
from bot.kinds import load_kinds
from bot.moderation import CATEGORIES, GRAVEST_CATEGORIES
from bot.moderation.classifier import Classifier, ClassifierModel, compute_kernel
from bot.moderation.rules import find_category, find_excuses

DATA = Path(__file__).parents[1] / "tests/data"
LEARNT = Path(__file__).parents[1] / "bot/moderation/classifier.npz"
QUALITY = Path(__file__).with_name("quality")
CUSTOMERS = ("readings_dev", "readings_more", "readings_new", "blind_briefs", "briefs_dev", "briefs_more")
UNLEARNT = ("kept", "honest, kept", "honest, fresh", "customers", "unseen", "fresh", "unseen_2", "minors")
# Number of landmarks among the briefs that are far from harm; all of these are trained on.
_FAR, _RIDGE, _FIFTHS = 1000, 0.1, 5


@dataclass(frozen=True, slots=True)
class Brief:
    """A brief of a group, with the category of its harm, empty for none."""

    text: str
    harm: str
    group: str
    language: str = ""

    @property
    def near(self) -> bool:
        """Whether it asks for harm or was written to come near it."""
        return self.group in ("tuned", "more", "languages")


def load_briefs() -> Iterator[Brief]:
    """Yield every labelled brief."""
    for row in load_rows(DATA / "moderation.jsonl"):
        yield Brief(row["text"], row["harm"] or "", row["split"], row["language"])
    for row in load_rows(DATA / "moderation_more.jsonl"):
        yield Brief(row["text"], (find_category(row["text"]) or "other") if row["harm"] else "", "more")
    for name in ("languages", "unseen", "fresh", "unseen_2", "minors"):
        for row in load_rows(DATA / f"moderation_{name}.jsonl"):
            yield Brief(row["text"], row["harm"], name, row["language"])
    for row in load_rows(DATA / "honest_briefs.jsonl"):
        yield Brief(row["text"], "", f"honest, {row['split']}", row["language"])
    for kind in load_kinds().values():
        yield from (Brief(text, "", "utterances") for text in kind.utterances)
    for name in CUSTOMERS:
        yield from (Brief(row["brief"], "", "customers") for row in load_rows(QUALITY / f"{name}.jsonl"))


def learn(rows: Sequence[Brief], vectors: NDArray[np.float32]) -> ClassifierModel:
    """Train a classifier of briefs whose embeddings are `vectors`, shape (briefs, 512)."""
    far = [number for number, row in enumerate(rows) if not row.near]
    chosen = np.random.RandomState(1).choice(far, min(_FAR, len(far)), replace=False)
    at = np.sort(np.concatenate([[number for number, row in enumerate(rows) if row.near], chosen])).astype(int)
    scale = float(np.abs(vectors[at]).max()) / 127
    landmarks = np.round(vectors[at] / scale).astype(np.int8)
    shown = landmarks.astype(np.float32) * scale
    # Half of the weight is that of harm; what was written to come near it weighs as much as all that is far from it.
    group = [0 if row.harm else 1 if row.near else 2 for row in rows]
    weight = np.sqrt(len(rows) * np.array([0.5, 0.25, 0.25]) / np.bincount(group))[group][:, None]
    wanted = np.array([[bool(row.harm), *(row.harm == name for name in CATEGORIES)] for row in rows]) * 2.0 - 1
    near, between = compute_kernel(vectors, shown).astype(float), compute_kernel(shown, shown).astype(float)
    system = near.T @ (near * weight) + _RIDGE * (between + 1e-4 * np.eye(len(at)))
    weights = np.linalg.solve(system, near.T @ (weight * wanted)).astype(np.float32)
    return ClassifierModel(landmarks, scale, weights, CATEGORIES)


def main() -> None:
    """Print the table; with `learn`, write the classifier first."""
    rows = list(load_briefs())
    embeddings = Embeddings()
    vectors = embeddings.embed([row.text for row in rows])
    learnt = np.array([row.group not in UNLEARNT for row in rows])
    if sys.argv[1:] == ["learn"]:
        found = learn([row for row, held in zip(rows, learnt, strict=True) if held], vectors[learnt])
        np.savez_compressed(
            LEARNT, landmarks=found.landmarks, scale=found.scale, weights=found.weights, categories=found.categories
        )
    fifths = np.random.RandomState(2).randint(0, _FIFTHS, len(rows))
    found_in: dict[str, list[tuple[bool, ...]]] = defaultdict(list)
    for fifth in range(_FIFTHS + 1):
        held_out = learnt & (fifths == fifth) if fifth < _FIFTHS else ~learnt
        others = learnt & ~held_out
        classifier = Classifier(
            embeddings, learn([row for row, held in zip(rows, others, strict=True) if held], vectors[others])
        )
        for number in np.flatnonzero(held_out):
            _count(rows[number], classifier, found_in)
    for file in sorted((QUALITY / "blind").rglob("pairs.jsonl")):
        for row in load_rows(file):
            for side in ("A", "B"):
                stopped = bool(find_category(row[side], excused=find_excuses(row["brief"]), result=True))
                found_in["texts (rules alone)"].append((False, stopped, False, stopped))
    print("| briefs | | rules | classifier | together |\n|---|---|---|---|---|")
    for name, outcomes in found_in.items():
        for harm in (True, False):
            of = [outcome[1:] for outcome in outcomes if outcome[0] is harm]
            if of:
                shares = [_share(list(column)) for column in zip(*of, strict=True)]
                print(f"| {name} | {'harm' if harm else 'harmless'} | {' | '.join(shares)} |")


def _count(row: Brief, classifier: Classifier, found: dict[str, list[tuple[bool, ...]]]) -> None:
    category, is_sure = find_category(row.text), classifier.judge(row.text).sure
    is_cleared = bool(category) and category not in GRAVEST_CATEGORIES and classifier.is_harmless(row.text)
    outcome = bool(row.harm), bool(category), is_sure, is_sure or (bool(category) and not is_cleared)
    found[row.group].append(outcome)
    if row.group in ("languages", "unseen", "unseen_2"):
        found[f"{row.group}, {row.language}"].append(outcome)
        found[f"{row.group}, {row.harm or 'near'}"].append(outcome)


def _share(stopped: list[bool]) -> str:
    return f"{sum(stopped)} of {len(stopped)} ({100 * sum(stopped) / len(stopped):.1f} %)"


if __name__ == "__main__":
    main()
