"""Libraries tried instead of own code: routing by scikit-learn, search by bm25s, splitting by langchain-text-splitters.

pip install --target /tmp/tried bm25s langchain-text-splitters scikit-learn   # none of these is a dependency
PYTHONPATH=/tmp/tried python -m benchmarks.libraries

Routing is measured by cross-validation over the kinds' own utterances. Search and splitting are measured on this project's docs/:
a heading is the query for the passages below it, whose texts do not contain it, and briefs that no document bears on should find
nothing.
"""

from __future__ import annotations

import json
import re
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bot.documents.index import Index, score_overlap
from bot.documents.knowledge import MAX_WORDS, MIN_OVERLAP, TARGET_WORDS, split_passages
from bot.generation.route import Router
from bot.kinds import load_kinds
from storage.documents import StoredPassage

ROOT = Path(__file__).parents[1]
FOLDS = 5
# The most passages that a text is written from.
FOUND = 5


def measure_routing() -> None:
    """Print what is right at first choice, the seconds of training and the milliseconds of a route."""
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.linear_model import LogisticRegression, RidgeClassifier
    from sklearn.pipeline import make_pipeline, make_union
    from sklearn.svm import LinearSVC

    def build_vectorizer() -> Any:
        return make_union(
            HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5), n_features=2**14),
            HashingVectorizer(analyzer="word", ngram_range=(1, 2), n_features=2**14),
        )

    def build_trainer(model: Any) -> Callable[[dict[str, Sequence[str]]], Callable[[str], str]]:
        def train(utterances: dict[str, Sequence[str]]) -> Callable[[str], str]:
            texts = [text for phrases in utterances.values() for text in phrases]
            names = [name for name, phrases in utterances.items() for _ in phrases]
            fitted = make_pipeline(build_vectorizer(), model()).fit(texts, names)
            return lambda text: str(fitted.predict([text])[0])

        return train

    def train_own_router(utterances: dict[str, Sequence[str]]) -> Callable[[str], str]:
        router = Router(utterances)
        return lambda text: next(iter(router.route(text).candidates), "")

    tried = {
        "own ridge regression": train_own_router,
        "RidgeClassifier": build_trainer(lambda: RidgeClassifier(class_weight="balanced")),
        "LogisticRegression": build_trainer(lambda: LogisticRegression(C=30, max_iter=300, class_weight="balanced")),
        "LinearSVC": build_trainer(lambda: LinearSVC(class_weight="balanced")),
    }
    kinds = load_kinds()
    for name, train in tried.items():
        right = total = 0
        training, routes = 0.0, []
        for fold in range(FOLDS):
            began = time.perf_counter()
            route = train(
                {one: [p for n, p in enumerate(k.utterances) if n % FOLDS != fold] for one, k in kinds.items()}
            )
            training += time.perf_counter() - began
            for one, kind in kinds.items():
                for phrase in kind.utterances[fold::FOLDS]:
                    began = time.perf_counter()
                    right += route(phrase) == one
                    routes.append(time.perf_counter() - began)
                    total += 1
        took = statistics.median(routes) * 1000
        print(f"{name:<22} right {100 * right / total:.1f} %  training {training / FOLDS:.1f} s  a route {took:.2f} ms")


def load_documents() -> dict[str, str]:
    """Return the texts of docs/ by file name."""
    return {file.name: file.read_text(encoding="utf-8") for file in sorted((ROOT / "docs").glob("*.md"))}


def list_headings(parts: Sequence[StoredPassage]) -> list[tuple[str, set[int]]]:
    """Return the headings of several words, each with the numbers of the passages below it."""
    sections: dict[str, set[int]] = {}
    for number, part in enumerate(parts):
        sections.setdefault(part.section, set()).add(number)
    return [(name, found) for name, found in sections.items() if len(re.findall(r"\w{4,}", name)) >= 2]


def load_unrelated_briefs() -> list[str]:
    """Return briefs that no document of this project bears on."""
    lines = (ROOT / "benchmarks/quality/briefs_dev.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["brief"] for line in lines][:200]


def measure_search() -> None:
    """Print the mean reciprocal rank of the passages that a heading asks for, and the share of unrelated briefs that get none."""
    import bm25s

    parts = [part for text in load_documents().values() for part in split_passages([text])]
    texts = [part.text for part in parts]
    index = Index.build(texts)
    tokens = bm25s.tokenize(texts, stopwords="en", show_progress=False)
    library = bm25s.BM25(k1=1.2, b=0.75)
    library.index(tokens, show_progress=False)

    def score_with_own_index(query: str) -> list[float]:
        return [float(one) for one in score_overlap(query, [index])[0] / MIN_OVERLAP]

    def score_with_bm25s(query: str) -> list[float]:
        found = bm25s.tokenize([query], stopwords="en", return_ids=False, show_progress=False)[0]
        return [float(one) for one in library.get_scores(found)]

    # A score of bm25s has no scale: the lowest bar that keeps as many right passages as ours does.
    for name, scores in (("own index", score_with_own_index), ("bm25s", score_with_bm25s)):
        ranks, best, times = [], [], []
        for query, right in list_headings(parts):
            began = time.perf_counter()
            found = scores(query)
            times.append(time.perf_counter() - began)
            order = sorted(range(len(found)), key=lambda at: -found[at])[:FOUND]
            ranks.append(
                next((1 / (place + 1) for place, at in enumerate(order) if at in right and found[at] > 0), 0.0)
            )
            best.append(max(found[at] for at in right))
        bar = (
            1.0 if name == "own index" else float(np.quantile(best, compute_missed_share(score_with_own_index, parts)))
        )
        silent = [max(scores(brief)) < bar for brief in load_unrelated_briefs()]
        print(
            f"{name:<12} mean reciprocal rank {statistics.mean(ranks):.3f}  silent where nothing bears on a brief "
            f"{100 * statistics.mean(silent):.0f} %  a search {statistics.median(times) * 1000:.2f} ms"
        )
    print(f"{len(parts)} passages, {len(list_headings(parts))} headings")


def compute_missed_share(scores: Callable[[str], list[float]], parts: Sequence[StoredPassage]) -> float:
    """Return the share of headings whose passages all stay below our bar."""
    return statistics.mean(max(scores(query)[at] for at in right) < 1 for query, right in list_headings(parts))


def measure_splitting() -> None:
    """Print passages' number, sizes and time, the share of words that are kept, and how well headings find their passages."""
    from langchain_text_splitters import MarkdownHeaderTextSplitter, RecursiveCharacterTextSplitter

    def split_with_langchain(text: str) -> list[StoredPassage]:
        heads = MarkdownHeaderTextSplitter([("#" * size, str(size)) for size in (1, 2, 3)], strip_headers=True)
        pieces = RecursiveCharacterTextSplitter(
            chunk_size=TARGET_WORDS, chunk_overlap=0, length_function=lambda piece: len(piece.split())
        )
        return [
            StoredPassage(piece, 0, next(reversed(list(page.metadata.values())), ""))
            for page in heads.split_text(text)
            for piece in pieces.split_text(page.page_content)
        ]

    for name, cut in (
        ("own split", lambda text: split_passages([text])),
        ("langchain-text-splitters", split_with_langchain),
    ):
        began = time.perf_counter()
        parts = [part for text in load_documents().values() for part in cut(text)]
        took = time.perf_counter() - began
        index = Index.build([part.text for part in parts])
        ranks = []
        for query, right in list_headings(parts):
            found = score_overlap(query, [index])[0]
            order = sorted(range(len(found)), key=lambda at: -found[at])[:FOUND]
            ranks.append(
                next((1 / (place + 1) for place, at in enumerate(order) if at in right and found[at] > 0), 0.0)
            )
        sizes = [len(part.text.split()) for part in parts]
        kept = sum(sizes) / sum(len(re.sub(r"(?m)^#.*$", "", text).split()) for text in load_documents().values())
        print(
            f"{name:<25} {len(parts)} passages, {statistics.median(sizes):.0f} words at the median, "
            f"{max(sizes)} at most (of {MAX_WORDS}), {100 * kept:.1f} % of the words, "
            f"mean reciprocal rank {statistics.mean(ranks):.3f}, {took * 1000:.0f} ms"
        )


if __name__ == "__main__":
    measure_routing()
    measure_search()
    measure_splitting()
