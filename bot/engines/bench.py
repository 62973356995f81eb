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
# (Repetitions of the sentence to read, tokens to write) of two runs. The long one gives stable timings and is skipped if the
# short one took `_QUICK_SECONDS` or more.
_SHORT_RUN, _LONG_RUN, _QUICK_SECONDS = (2, 8), (13, 48), 2.0
_TIMEOUT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Speeds:
    """The speeds of reading the prompt and of writing, in tokens per second, and the loading time in seconds."""

    read_rate: float
    write_rate: float
    loading_seconds: float


async def measure_speeds(provider: Embedded) -> Speeds:
    """Load the model, time it on one or two runs, and release it.

    Raises:
        EngineError: it cannot be loaded.
    """
    clock = asyncio.get_running_loop().time
    began = clock()
    await provider.open()
    try:
        loading_seconds = clock() - began
        timings = await asyncio.to_thread(_measure_timings, *provider.address)
    finally:
        await provider.close()
    return Speeds(timings["prompt_per_second"], timings["predicted_per_second"], loading_seconds)


def _measure_timings(url: str, key: str) -> dict[str, Any]:
    began = time.monotonic()
    timings = _request_timings(url, key, *_SHORT_RUN)
    return _request_timings(url, key, *_LONG_RUN) if time.monotonic() - began < _QUICK_SECONDS else timings


def _request_timings(url: str, key: str, repetitions: int, max_tokens: int) -> dict[str, Any]:
    """Have the model read the prompt without a cache and write exactly `max_tokens` tokens; return the timings."""
    body = {
        "prompt": _SENTENCE * repetitions,
        "n_predict": max_tokens,
        "cache_prompt": False,
        "ignore_eos": True,
        "seed": 1,
    }
    request = urllib.request.Request(  # noqa: S310 - the address is loopback, our own
        f"{url}/completion",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=_TIMEOUT_SECONDS) as answer:
        return dict(json.load(answer)["timings"])
