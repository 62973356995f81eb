"""Tokens a second of the embedded engine as Quillmate reads it, beside llama.cpp's own timing of the same streams.

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
ROUNDS = 3
PROMPT = "Write a long story about a baker, a cat and a lighthouse."


def own_rate(provider: Embedded) -> float:
    """Tokens a second that llama.cpp reports for one stream that nobody reads piece by piece."""
    assert provider._server is not None
    body = json.dumps(
        {"messages": [{"role": "user", "content": PROMPT}], "max_tokens": TOKENS, "seed": 1, "ignore_eos": True}
    )
    request = urllib.request.Request(
        f"{provider._server.listening_address}/v1/chat/completions",
        body.encode(),
        {"Authorization": f"Bearer {provider._key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return float(json.load(answer)["timings"]["predicted_per_second"])


async def streamed(engine: Engine, seed: int) -> tuple[int, float]:
    """Pieces of one stream and the seconds from the first to the last."""
    ask = Ask([HumanMessage(PROMPT)], None, 4000, TOKENS, seed)
    count, first = 0, 0.0
    async for _ in engine.stream(ask):
        first = first or time.perf_counter()
        count += 1
    return count, time.perf_counter() - first


async def main() -> None:
    """Prints the table."""
    async with Engines([build("embedded")]) as engines:
        engine = engines.first
        started = time.perf_counter()
        await engine.load()
        print(f"load {time.perf_counter() - started:.2f} s")
        assert isinstance(engine.provider, Embedded)
        await streamed(engine, 0)
        own = max([await asyncio.to_thread(own_rate, engine.provider) for _ in range(ROUNDS)])
        print(f"llama.cpp's own timing, 1 stream: {own:.1f} tokens/s")
        for streams in (1, 8):
            rates = []
            for _ in range(ROUNDS):
                begun = time.perf_counter()
                done = await asyncio.gather(*(streamed(engine, seed) for seed in range(streams)))
                rates.append(sum(count for count, _ in done) / (time.perf_counter() - begun))
                alone = done[0][0] / done[0][1]
            print(
                f"{streams} stream(s) as read: {max(rates):.1f} tokens/s in all, prompt included; one of them {alone:.1f}"
            )


if __name__ == "__main__":
    asyncio.run(main())
