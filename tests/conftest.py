"""The world that tests act in: a scripted model at the seam, a fresh folder, and no network but loopback."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.app import App
from bot.client import QuillmateBot
from bot.engines import Engine, Traits
from bot.engines.scripted import Scripted
from bot.kinds import all_kinds
from bot.settings import Settings

DATA = Path(__file__).parent / "data"


def good_answer(messages: Any) -> str:
    """What an obliging model answers: a worked example of the kind that it was asked for."""
    asked = messages[0].text
    for kind in all_kinds().values():
        if kind.prompt in asked:
            example = kind.examples[0].output.model_dump(mode="json")
            return example["text"] if kind.plain else json.dumps(example)
    return "chat"


class Script:
    """What the scripted model says; tests change it as they go. `calls` holds the prompts it was given."""

    def __init__(self) -> None:
        self.answer: Callable[[Any], Any] = good_answer
        self.provider = Scripted(lambda messages: self.answer(messages), traits=Traits(streams=64))

    def says(self, answer: Any) -> None:
        """From now on it always says this."""
        self.answer = lambda _messages: answer

    @property
    def prompts(self) -> list[str]:
        """The text of every prompt so far."""
        return ["\n".join(message.text for message in call) for call in self.provider.model.calls]

    def engine(self) -> Engine:
        return Engine(self.provider, name="scripted")


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, engine="embedded", embeddings="none")


@pytest_asyncio.fixture
async def app(settings: Settings, script: Script) -> AsyncIterator[App]:
    async with App(settings, engines=[script.engine()]) as app:
        yield app


@pytest.fixture
def simcord_bot(app: App) -> QuillmateBot:
    return QuillmateBot(app, shard_count=1)
