"""What prompts begin with is read before anybody asks, by a model that keeps what it read, and only while nobody waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bot.content import Assignment
from bot.engines import Engine, Traits
from bot.engines.scripted import Scripted
from bot.generation.early import FIRST_KINDS, head_of, read_early
from bot.generation.writers import writer_for

LOCAL = Traits(by_example=True, shares_prompt=True, local=True)


def engine_of(traits: Traits = LOCAL) -> tuple[Engine, Scripted]:
    provider = Scripted(lambda _: "Hi.", traits=traits)
    return Engine(provider, name="scripted"), provider


@pytest.mark.parametrize("kind", FIRST_KINDS)
def test_what_is_read_early_is_how_a_request_of_a_newcomer_begins(
    kind: str, assigned: Callable[..., Assignment]
) -> None:
    engine, _ = engine_of()
    early = head_of(kind, engine)
    asked = writer_for(engine).ask(assigned(kind, "we close on Monday, back on Tuesday"), engine)
    assert early.messages[:-1] == asked.messages[:-1]
    assert len(early.messages) >= 4, "the craft, and a worked example"
    assert early.max_tokens == 1


async def test_a_local_model_reads_the_heads_of_what_is_asked_for_first() -> None:
    engine, provider = engine_of()
    assert await read_early(engine, lambda: False) == len(FIRST_KINDS)
    assert len(provider.model.calls) == len(FIRST_KINDS)


@pytest.mark.parametrize(
    "traits", [Traits(), Traits(local=True), Traits(capable=False, local=True, shares_prompt=True)]
)
async def test_others_read_nothing(traits: Traits) -> None:
    engine, provider = engine_of(traits)
    assert await read_early(engine, lambda: False) == 0
    assert provider.model.calls == []


async def test_it_gives_way_to_whoever_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, _ = engine_of()
    cut = asyncio.Event()
    asked = 0

    async def slow(_: Any) -> str:
        nonlocal asked
        asked += 1
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cut.set()
            raise
        return ""

    monkeypatch.setattr(engine, "complete", slow)
    assert await read_early(engine, lambda: asked > 0) == 0
    await cut.wait()
