"""How long recall takes: profile, habits, and the liked and disliked results of a kind, opened and ranked.

python benchmarks/recall.py                      # 10,000 results of one person; 1,000 and 1,000,000 rows of all
python benchmarks/recall.py --rows 100000        # fewer rows of all
python benchmarks/recall.py --only documents     # only a search in 4,000 passages

On SQLite. Every liked result has an embedding. Recall is timed with the brief's embedding, made by the model that ships (MiniLM),
and without embeddings. Rows of others are as large as real ones, and as spread over kinds and time.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import secrets
import sqlite3
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from bot.content import Request
from bot.documents.index import Index
from bot.documents.knowledge import TARGET_WORDS, Knowledge
from bot.engines.embeddings import Embeddings
from bot.people.memory import Memory
from bot.store import Store
from personas.word_frequency import load_frequencies
from storage.documents import Document, StoredPassage
from storage.generations import Generation

KINDS = ("social_post", "email", "ad", "explanation", "quiz")
WORDS = "closed Monday Tuesday scones coffee terrace dogs quiz water cycle spring sale mugs roof evening jazz night poster".split()
ROUNDS = 200
ME = "7"
DOCUMENTS, PASSAGES, SEARCHES = 10, 4_000, 40
RESULT_BYTES, VOTE_BYTES = 900, 1500


def build_brief(number: int) -> str:
    return "a post: " + " ".join(random.Random(number).choices(WORDS, k=8))


def build_result(number: int, user: str) -> Generation:
    text = " ".join(random.Random(-number).choices(WORDS, k=45))
    return Generation(
        f"{user}-{number}",
        user,
        KINDS[0],
        {"brief": build_brief(number)},
        text,
        {"posts": [text]},
        [],
        "Copywriter",
        "stub",
        1,
        0.5,
        written={"text": text},
        created_at=datetime.now(UTC) - timedelta(hours=number),
    )


async def fill_own(store: Store, file: Path, count: int, embeddings: Embeddings) -> None:
    """Add results of one person, all of a kind and all liked, in one transaction, sealed as the store seals them."""
    vectors = embeddings.embed([build_brief(number) for number in range(min(count, 500))]).astype("float16")
    await store.profiles.add_entries(
        ME, {"tone": ["warm"], "emoji": "none", "formality": "casual", "avoid_words": ["bespoke"]}
    )
    key = await store.database.owners.load_key(ME)
    import base64

    with sqlite3.connect(file) as connection:
        for number in range(count):
            made = build_result(number, ME)
            whole = {"request": made.request, "text": made.text, "parts": made.parts, "checks": [], "persona": "Host"}
            whole |= {"engine": "e", "seed": 1, "seconds": 0.5, "written": made.written, "why": {}}
            moment = made.created_at.strftime("%Y-%m-%d %H:%M:%S.%f")
            connection.execute(
                "INSERT INTO generations (id, user_id, profile, kind, sealed, created_at) VALUES (?, ?, '', ?, ?, ?)",
                (made.id, ME, made.kind, key.seal(whole, f"generations/{made.id}"), moment),
            )
            kept = {"brief": build_brief(number), "text": made.text, "written": made.written}
            kept["vector"] = base64.b64encode(vectors[number % len(vectors)].tobytes()).decode()
            connection.execute(
                "INSERT INTO feedback (generation_id, user_id, profile, kind, vote, sealed, updated_at) "
                "VALUES (?, ?, '', ?, ?, ?, ?)",
                (made.id, ME, made.kind, 1, key.seal(kept, f"feedback/{made.id}"), moment),
            )


def fill_others(file: Path, rows: int) -> None:
    """Add rows of other people, half of them results and half of them votes; 500 rows a person."""
    noise = os.urandom(1 << 20)
    now = datetime.now(UTC)

    def draw_bytes(size: int) -> bytes:
        start = random.randrange(len(noise) - 2 * size)
        return noise[start : start + size + random.randrange(size // 2)]

    def draw_rows() -> Any:
        for number in range(rows // 2):
            user = f"u{number % max(1, rows // 500)}"
            moment = (now - timedelta(minutes=number % 500_000)).strftime("%Y-%m-%d %H:%M:%S.%f")
            yield f"{user}-{number}-{secrets.token_hex(3)}", user, KINDS[number % len(KINDS)], moment

    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        for name, user, kind, moment in draw_rows():
            connection.execute(
                "INSERT INTO generations (id, user_id, profile, kind, sealed, created_at) VALUES (?, ?, '', ?, ?, ?)",
                (name, user, kind, draw_bytes(RESULT_BYTES), moment),
            )
            connection.execute(
                "INSERT INTO feedback (generation_id, user_id, profile, kind, vote, sealed, updated_at) "
                "VALUES (?, ?, '', ?, ?, ?, ?)",
                (name, user, kind, 1, draw_bytes(VOTE_BYTES), moment),
            )


async def time_recall(memory: Memory) -> tuple[float, float]:
    """Return the median and 95th percentile of recall in ms, without the first ten."""
    times = []
    for number in range(ROUNDS + 10):
        request = Request("r", ME, build_brief(-number), kind=KINDS[0], guild_id="1", channel_id="2")
        started = time.perf_counter()
        found = await memory.recall(request)
        times.append(1000 * (time.perf_counter() - started))
        assert len(found.liked_results) == 3
    times = sorted(times[10:])
    return statistics.median(times), times[int(0.95 * len(times))]


def draw_text(number: int, vocabulary: list[str]) -> str:
    """Draw as many words as a passage usually has, the common ones as often as in any text."""
    drawn = random.Random(number)
    ranks = (int(20 * drawn.paretovariate(0.6)) for _ in range(TARGET_WORDS))
    return " ".join(vocabulary[min(rank, len(vocabulary) - 1)] for rank in ranks)


async def fill_documents(store: Store, bare: int, vocabulary: list[str]) -> None:
    """Add documents of one person, the first `bare` of them without vectors."""
    each = PASSAGES // DOCUMENTS
    for number in range(DOCUMENTS):
        texts = [draw_text(number * each + at, vocabulary) for at in range(each)]
        # Random, as embedding them would take minutes; the values do not affect the time of a search.
        vectors = np.random.default_rng(number).normal(size=(each, 384)).astype(np.float32) / 384**0.5
        index = Index.build(texts, None if number < bare else vectors)
        document, parts = Document(f"{number}.md", 0, each), [StoredPassage(text) for text in texts]
        await store.documents.add_with_passages(ME, document, parts, index=index.pack())


async def measure_search(embeddings: Embeddings) -> None:
    """Print for each way to search how long it takes in 4,000 passages, and how long the query's own embedding takes."""
    vocabulary = list(load_frequencies("en"))
    heads = ("documents", "passages", "the first search", "search, median / p95", "of it the query's embedding")
    print(f"\n| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for label, bare in (("by words", DOCUMENTS), ("by words and vectors", 0), ("one of them without vectors", 1)):
        with tempfile.TemporaryDirectory() as folder:
            async with Store(f"sqlite:///{Path(folder) / 'q.db'}") as store:
                await fill_documents(store, bare, vocabulary)
                knowledge = Knowledge(store.documents, None if bare == DOCUMENTS else embeddings)
                whole, own = [], []
                for number in range(SEARCHES):
                    query = f"a post: {draw_text(-1 - number, vocabulary)[:80]}"
                    started = time.perf_counter()
                    await knowledge.search(ME, ("me",), query)
                    between = time.perf_counter()
                    if knowledge.embeddings:
                        knowledge.embeddings.embed([query])
                    whole.append(1000 * (between - started))
                    own.append(1000 * (time.perf_counter() - between))
        first, later = whole[0], sorted(whole[1:])
        print(
            f"| {DOCUMENTS}, {label} | {PASSAGES:,} | {first:.0f} ms | {statistics.median(later):.1f} / "
            f"{later[int(0.95 * len(later))]:.1f} ms | {statistics.median(own):.1f} ms |",
            flush=True,
        )


async def main() -> None:
    """Print one table or both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--only", choices=["results", "documents"], help="one of the two tables")
    args = parser.parse_args()
    embeddings = Embeddings()
    embeddings.load()
    if args.only != "documents":
        await measure_recall(args.rows, embeddings)
    if args.only != "results":
        await measure_search(embeddings)


async def measure_recall(rows: int, embeddings: Embeddings) -> None:
    """Print for each number of rows how long recall takes, without and with the brief's embedding."""
    print(
        "| one person's results | rows of others | recall, median / p95 | with the brief's embedding |\n|---|---|---|---|"
    )
    medians: dict[int, tuple[float, float]] = {}
    for own, others in ((10_000, 0), (200, 1_000), (200, rows)):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "q.db"
            async with Store(f"sqlite:///{file}") as store:
                await fill_own(store, file, own, embeddings)
                fill_others(file, others)
                plain = await time_recall(Memory(store, Knowledge(store.documents)))
                near = await time_recall(Memory(store, Knowledge(store.documents, embeddings), embeddings))
                print(
                    f"| {own:,} | {others:,} | {plain[0]:.1f} / {plain[1]:.1f} ms | {near[0]:.1f} / {near[1]:.1f} ms |",
                    flush=True,
                )
                medians[others] = plain[0], near[0]
    without, with_it = (medians[rows][at] / medians[1_000][at] for at in (0, 1))
    print(f"\n{rows:,} rows of others: {without:.2f} times as slow as 1,000; with the embedding {with_it:.2f} times")


if __name__ == "__main__":
    asyncio.run(main())
