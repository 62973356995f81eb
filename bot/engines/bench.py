"""Measures how quickly a local model reads and writes, with llama.cpp's own timings."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .embedded import Embedded

_SENTENCE = "The bakery on the corner opens at seven, and the first bread leaves the oven an hour before. "
# Repetitions of the sentence to read, and tokens to write after it: a short run, which is all on a slow machine, then one long
# enough for stable timings.
_SHORT_RUN, _LONG_RUN, _QUICK_SECONDS = (2, 8), (13, 48), 2.0
_TIMEOUT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Speeds:
    """Tokens per second that one text is read and written with; `loading` is in seconds."""

    read: float
    written: float
    loading: float


async def measure_speeds(provider: Embedded) -> Speeds:
    """Load the model, have it read and write once, and release it.

    Raises:
        EngineError: it cannot be loaded.
    """
    clock = asyncio.get_running_loop().time
    began = clock()
    await provider.open()
    try:
        loading = clock() - began
        timings = await asyncio.to_thread(_measure_timings, *provider.address)
    finally:
        await provider.close()
    return Speeds(timings["prompt_per_second"], timings["predicted_per_second"], loading)


def _measure_timings(url: str, key: str) -> dict[str, Any]:
    began = time.monotonic()
    timings = _request_timings(url, key, *_SHORT_RUN)
    return _request_timings(url, key, *_LONG_RUN) if time.monotonic() - began < _QUICK_SECONDS else timings


def _request_timings(url: str, key: str, sentences: int, written: int) -> dict[str, Any]:
    """Request an uncached reading and a text without an early end; return its timings."""
    body = {"prompt": _SENTENCE * sentences, "n_predict": written, "cache_prompt": False, "ignore_eos": True, "seed": 1}
    request = urllib.request.Request(  # noqa: S310 - the address is loopback, our own
        f"{url}/completion",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=_TIMEOUT_SECONDS) as answer:
        return dict(json.load(answer)["timings"])
