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
# The sentences to read and the tokens to write in two runs. The long one gives stable timings; it is skipped if the short one
# is not quick.
_SHORT_RUN, _LONG_RUN, _QUICK_SECONDS = (2, 8), (13, 48), 2.0
_TIMEOUT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Speeds:
    """How quickly a model reads and writes, in tokens per second, and how long it takes to load."""

    read_rate: float
    write_rate: float
    loading_seconds: float


async def measure_speeds(provider: Embedded) -> Speeds:
    """Load the model, time one or two runs, and release it.

    Raises:
        EngineError: the model cannot be loaded.
    """
    started_at = time.monotonic()
    await provider.open()
    try:
        loading_seconds = time.monotonic() - started_at
        timings = await asyncio.to_thread(_measure_timings, *provider.address)
    finally:
        await provider.close()
    return Speeds(timings["prompt_per_second"], timings["predicted_per_second"], loading_seconds)


def _measure_timings(url: str, key: str) -> dict[str, Any]:
    started_at = time.monotonic()
    timings = _request_timings(url, key, *_SHORT_RUN)
    is_quick = time.monotonic() - started_at < _QUICK_SECONDS
    return _request_timings(url, key, *_LONG_RUN) if is_quick else timings


def _request_timings(url: str, key: str, sentence_count: int, token_count: int) -> dict[str, Any]:
    """Let the model read a prompt without its cache and write exactly so many tokens; return llama.cpp's timings."""
    body = {
        "prompt": _SENTENCE * sentence_count,
        "n_predict": token_count,
        "cache_prompt": False,
        "ignore_eos": True,
        "seed": 1,
    }
    request = urllib.request.Request(  # noqa: S310 - the address is loopback, our own
        f"{url}/completion",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
        request, timeout=_TIMEOUT_SECONDS
    ) as response:
        return dict(json.load(response)["timings"])
