"""How long it takes to search and page through a library: one person's, or half theirs and half a server's.

    python -m benchmarks.library [--results 100000]

Texts are drawn from the 7,800 commonest words of English, about 120 words each, and stored in SQLite, sealed as the bot seals
them. A search is timed from the command to its page: rank, filter, open five entries.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from bot.engines.embeddings import Embeddings
from bot.store import Store
from bot.team.library.search import LibrarySearch
from personas.word_frequency import load_frequencies
from storage import tables
from storage.assets import DRAFT
from storage.entries import EntryFilter
from storage.owners import workspace

ME, SERVER = "7", workspace("1")
KINDS = ("social_post", "email", "quiz", "ad", "rewrite")
ROUNDS = 60


class DrawnEmbeddings(Embeddings):
    """Random vectors: computing 100,000 takes a quarter of an hour, and the values do not affect the time of a search."""

    loaded = True

    def __init__(self) -> None:
        self._draw = np.random.default_rng(1)

    def embed(self, texts):
        drawn = self._draw.normal(size=(len(texts), 384)).astype(np.float32)
        return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def draw_text(drawn: random.Random, vocabulary: list[str], count: int) -> str:
    """Draw words, the common ones as often as in any text."""
    ranks = (int(20 * drawn.paretovariate(0.6)) for _ in range(count))
    return " ".join(vocabulary[min(rank, len(vocabulary) - 1)] for rank in ranks)


async def fill(store: Store, owner_id: str, count: int, vocabulary: list[str]) -> None:
    """Add results of a person or assets of a server, as the stores write them, many in a transaction."""
    shared = owner_id == SERVER
    table = tables.assets if shared else tables.generations
    drawn, now = random.Random(owner_id), datetime.now(UTC)
    async with store.database.write() as connection:
        key = await store.database.owners.require_key(connection, owner_id)
        for start in range(0, count, 2000):
            rows = []
            for number in range(start, min(count, start + 2000)):
                text = draw_text(drawn, vocabulary, 120)
                request = {"brief": " ".join(text.split()[:8])}
                whole = {"text": text, "parts": {"text": text}, "request": request, "checks": []}
                at = now - timedelta(minutes=count - number)
                row = {"id": f"{owner_id[-1]}{number}", "kind": KINDS[number % len(KINDS)], "created_at": at}
                if shared:
                    whole["title"] = text[:60]
                    row |= {
                        "owner_id": SERVER,
                        "scope": SERVER,
                        "given_by": ME,
                        "brand": "",
                        "status": DRAFT,
                        "star": False,
                        "source_id": f"s{number}",
                        "updated_at": at,
                    }
                else:
                    whole |= {
                        "persona": "Host",
                        "engine": "e",
                        "seed": 1,
                        "seconds": 0.5,
                        "written": {},
                        "why": {},
                        "brand": "",
                    }
                    row |= {"user_id": ME, "guild_id": "1", "channel_id": "2", "parent_id": None}
                rows.append({**row, "sealed": key.seal(whole, tables.build_purpose(table, row))})
            await connection.execute(table.insert(), rows)


async def measure_call(label: str, call, rounds: int = ROUNDS) -> None:
    """Print a row: median and 95th percentile, and the median of processor time, which other programs do not lengthen."""
    times, worked = [], []
    for number in range(rounds + 3):
        started, before = time.perf_counter(), time.process_time()
        await call(number)
        times.append(1000 * (time.perf_counter() - started))
        worked.append(1000 * (time.process_time() - before))
    times = sorted(times[3:])
    p95 = times[int(0.95 * len(times))]
    print(
        f"| {label} | {statistics.median(times):.0f} / {p95:.0f} ms | {statistics.median(worked[3:]):.0f} ms |",
        flush=True,
    )


async def measure_searches(
    store: Store, owners: list[str], embeddings: Embeddings | None, vocabulary: list[str]
) -> None:
    """Print a row for each way in which people search a library."""
    finding, drawn = LibrarySearch(store, embeddings), random.Random(5)
    queries = [" ".join(drawn.sample(vocabulary[300:12_000], 3)) for _ in range(ROUNDS + 3)]
    often = [" ".join(drawn.sample(vocabulary[100:1000], 3)) for _ in range(ROUNDS + 3)]
    how = "by words and meaning" if embeddings else "by words"

    async def search(number: int, wanted: EntryFilter = EntryFilter(), words: list[str] = queries) -> None:
        found = await finding.search(owners, words[number], wanted)
        await store.entries.load_entries(owners, found[:5])

    await measure_call(f"search {how}, three words", search)
    await measure_call(f"search {how}, three of the commonest words", lambda n: search(n, words=often))
    await measure_call(
        f"search {how}, of one kind since last week",
        lambda n: search(n, EntryFilter(kind="quiz", since=datetime.now(UTC) - timedelta(days=7)), often),
    )


async def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=int, default=100_000)
    args = parser.parse_args()
    vocabulary = list(load_frequencies("en"))
    print("| what | median / p95 | processor time |\n|---|---|---|")
    for owners in ([ME], [ME, SERVER]):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "q.db"
            async with Store(f"sqlite:///{file}") as store:
                each = args.results // len(owners)
                for owner_id in owners:
                    await fill(store, owner_id, each, vocabulary)
                before = file.stat().st_size
                drawn = DrawnEmbeddings()
                for owner_id in owners:
                    started = time.perf_counter()
                    await LibrarySearch(store, drawn).index_pending(owner_id)
                    print(f"put up {each:,} of {owner_id}: {time.perf_counter() - started:.0f} s", flush=True)
                await store.database.checkpoint()
                print(f"{before / 1e6:.0f} MB of results, {(file.stat().st_size - before) / 1e6:.0f} MB of shelves")
                print(f"| {args.results:,} results of {len(owners)} owner(s) | | |")
                await measure_searches(store, owners, None, vocabulary)
                await measure_searches(store, owners, drawn, vocabulary)
                await measure_call("the newest five", lambda n: store.entries.list_newest(owners, EntryFilter(), 0, 6))
                await measure_call("page 100", lambda n: store.entries.list_newest(owners, EntryFilter(), 500, 6))
                await measure_call(
                    "the newest five of a kind, starred",
                    lambda n: store.entries.list_newest(owners, EntryFilter(kind="quiz", starred=True), 0, 6),
                )


if __name__ == "__main__":
    asyncio.run(main())
