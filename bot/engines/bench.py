"""How quickly a local model reads and writes, as llama.cpp itself measures it."""

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
# How often the sentence is read, and tokens that are written after it: first a few, which is all that a slow machine is asked for,
# then enough for the time of a token to hold still.
_FEW, _MANY, _QUICK_SECONDS = (2, 8), (13, 48), 2.0
_LATEST_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Speeds:
    """Tokens a second that one text is read and written with; `loading` is in seconds."""

    read: float
    written: float
    loading: float


async def speeds_of(provider: Embedded) -> Speeds:
    """Loads the model, has it read and write once, and lets it go.

    Raises:
        EngineError: it cannot be loaded.
    """
    clock = asyncio.get_running_loop().time
    began = clock()
    await provider.open()
    try:
        loading = clock() - began
        timings = await asyncio.to_thread(_timings, *provider.address)
    finally:
        await provider.close()
    return Speeds(timings["prompt_per_second"], timings["predicted_per_second"], loading)


def _timings(url: str, key: str) -> dict[str, Any]:
    began = time.monotonic()
    timings = _timed(url, key, *_FEW)
    return _timed(url, key, *_MANY) if time.monotonic() - began < _QUICK_SECONDS else timings


def _timed(url: str, key: str, sentences: int, written: int) -> dict[str, Any]:
    """Nothing of it is read already, and no end is written before its time."""
    body = {"prompt": _SENTENCE * sentences, "n_predict": written, "cache_prompt": False, "ignore_eos": True, "seed": 1}
    request = urllib.request.Request(  # noqa: S310 - the address is loopback, our own
        f"{url}/completion", json.dumps(body).encode(),
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )  # fmt: skip
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=_LATEST_SECONDS) as answer:
        return dict(json.load(answer)["timings"])
