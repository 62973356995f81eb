"""Engines with the shipped weights: llama.cpp in-process, and a remote engine for llama.cpp's server."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest
import pytest_asyncio
from langchain_core.messages import HumanMessage

from bot.content import MemorySnapshot, Request
from bot.engines import Ask, Engine, Engines, build
from bot.engines.embedded import Embedded
from bot.engines.embeddings import Embeddings
from bot.errors import EngineError
from bot.generation.pipeline import Pipeline
from bot.generation.recall import assign
from personas.profile import Profile


@pytest_asyncio.fixture
async def embedded() -> AsyncIterator[Engine]:
    async with Engines([build("embedded")]) as engines:
        yield engines.first


def build_ask(schema: dict[str, object] | None = None, seed: int = 1) -> Ask:
    return Ask([HumanMessage("Write a post about fresh bread.")], schema, 200, 40, seed)


async def test_embedded_streams_and_follows_the_schema(embedded: Engine) -> None:
    pieces = [piece async for piece in embedded.stream(build_ask())]
    assert len(pieces) > 1
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string", "maxLength": 30}},
        "required": ["a"],
        "additionalProperties": False,
    }
    written = await asyncio.gather(*(embedded.complete(build_ask(schema, seed)) for seed in range(3)))
    assert [list(json.loads(text)) for text in written] == [["a"]] * 3


@pytest.mark.nightly
async def test_embedded_repeats_itself_for_the_same_seed(embedded: Engine) -> None:
    assert await embedded.complete(build_ask(seed=3)) == await embedded.complete(build_ask(seed=3))


@pytest.mark.nightly
async def test_the_bundled_model_writes_through_the_pipeline(embedded: Engine) -> None:
    pipeline = Pipeline(Engines([embedded]))
    profile = Profile(organisation="Fern Bakery", facts=("open on Sunday from 8 to 12",))
    request = Request("1", "7", "the bakery opens on Sunday", kind="social_post", length="short")
    result, *_ = await pipeline.run(assign(request, MemorySnapshot(profile)))
    assert len(result.content.text.split()) > 5
    assert result.calls[0] == "text"
    assert len(result.calls) <= 3


@pytest.mark.nightly
async def test_a_remote_server_is_reached_by_its_address(embedded: Engine) -> None:
    await embedded.load()
    server = embedded.provider
    assert isinstance(server, Embedded)
    assert server._server is not None
    async with Engines([build("openai:any", url=f"{server._server.listening_address}/v1", key=server._key)]) as engines:
        pieces = [piece async for piece in engines.first.stream(build_ask())]
    assert len("".join(pieces)) > 20


@pytest.mark.nightly
def test_embeddings_are_closer_for_similar_texts() -> None:
    query, near, far = Embeddings().embed(["fresh bread", "a warm loaf from the oven", "tax law for companies"])
    assert near @ query > far @ query + 0.2


def test_embedding_many_texts_stops_after_the_current_batch() -> None:
    embeddings = Embeddings()
    embeddings.load()
    with ThreadPoolExecutor() as pool:
        many = pool.submit(embeddings.embed, ["fresh bread and more of it"] * 20_000)
        wait([many], timeout=0.2)
        embeddings.stop()
        with pytest.raises(EngineError, match="being stopped"):
            many.result(timeout=30)


def load_in_subprocess(before: str = "", **more: str) -> str:
    """Return what another process writes to standard error while it loads the embedded model."""
    code = f"{before}\nfrom bot.engines.embedded import Embedded\nEmbedded()._start()"
    environment = {name: value for name, value in os.environ.items() if name != "GOMP_SPINCOUNT"}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment | more, capture_output=True, text=True, check=True
    ).stderr


@pytest.mark.nightly
def test_waiting_llama_cpp_threads_do_not_spin_for_long() -> None:
    assert "GOMP_SPINCOUNT = '300'" in load_in_subprocess(OMP_DISPLAY_ENV="verbose")
    assert "GOMP_SPINCOUNT = '7'" in load_in_subprocess(OMP_DISPLAY_ENV="verbose", GOMP_SPINCOUNT="7")


@pytest.mark.nightly
@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="Linux tells what is loaded.")
def test_without_openmp_that_of_torch_is_used() -> None:
    lacking = """
import sys
from pathlib import Path

class Lacking:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "xllamacpp" and "torch/lib/libgomp" not in Path("/proc/self/maps").read_text():
            raise ImportError("libgomp.so.1: cannot open shared object file: No such file or directory")

sys.meta_path.insert(0, Lacking)
"""
    load_in_subprocess(lacking)
