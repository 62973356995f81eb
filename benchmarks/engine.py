"""Tokens a second of the embedded engine as Quillmate reads it, compared with llama.cpp itself for the same calls.

python benchmarks/engine.py
"""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request

from langchain_core.messages import HumanMessage

from bot.engines import Ask, Engine, Engines, build
from bot.engines.embedded import Embedded

TOKENS = 200
PROMPT = "Write a long story about a baker, a cat and a lighthouse."


def build_ask(seed: int) -> Ask:
    """Build the call, which is the same for both ways."""
    return Ask([HumanMessage(PROMPT)], None, 4000, TOKENS, seed)


def complete_directly(provider: Embedded, seed: int) -> int:
    """Get one answer whole from llama.cpp, which nothing disturbs by reading it piece by piece; return its number of tokens."""
    assert provider._server is not None
    body = {"messages": [{"role": "user", "content": PROMPT}], **provider.arguments(build_ask(seed))}
    request = urllib.request.Request(
        f"{provider._server.listening_address}/v1/chat/completions",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {provider._key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return int(json.load(answer)["timings"]["predicted_n"])


async def read_stream(engine: Engine, seed: int) -> None:
    """Read one answer, streamed as the bot streams it."""
    async for _ in engine.stream(build_ask(seed)):
        pass


async def main() -> None:
    """Print the table."""
    async with Engines([build("embedded")]) as engines:
        engine = engines.first
        started = time.perf_counter()
        await engine.load()
        print(f"load {time.perf_counter() - started:.2f} s")
        provider = engine.provider
        assert isinstance(provider, Embedded)
        for streams, rounds in ((1, 30), (8, 6)):
            spent: dict[str, list[float]] = {"own": [], "read": []}
            written: list[int] = []
            for turn in range(2 * rounds + 2):
                seeds = range(turn // 2 * streams, (turn // 2 + 1) * streams)
                # The order alternates, as the second finds the prompt in llama.cpp's cache.
                way = ("own", "read")[(turn + turn // 2) % 2]
                begun = time.perf_counter()
                if way == "own":
                    written.append(
                        sum(await asyncio.gather(*(asyncio.to_thread(complete_directly, provider, at) for at in seeds)))
                    )
                else:
                    await asyncio.gather(*(read_stream(engine, at) for at in seeds))
                spent[way].append(time.perf_counter() - begun)
            # The first calls fill caches.
            own, as_read = (sum(written[1:]) / sum(spent[way][1:]) for way in ("own", "read"))
            print(
                f"{streams} stream(s): llama.cpp {own:.1f} tokens/s, as read {as_read:.1f}, {100 * as_read / own:.1f} %"
            )


if __name__ == "__main__":
    asyncio.run(main())
