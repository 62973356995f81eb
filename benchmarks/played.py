"""A model whose answers are written by hand: by a person, or by a model that is only reachable in a chat.

It answers from `answers.jsonl` of a folder ({"id", "answer"} a line). A prompt without an answer goes to `wanted.jsonl`
({"id", "messages"}), and its text fails; run again once it is answered. The id is the prompt's hash, so that answers stay valid.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.engines import Engine, Traits
from bot.engines.scripted import ScriptedProvider
from bot.errors import EngineError

from .jsonl import load_rows


class Played:
    """The answers and the open prompts of a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._answers = {row["id"]: row["answer"] for row in load_rows(folder / "answers.jsonl")}
        self._wanted = folder / "wanted.jsonl"
        self._wanted.unlink(missing_ok=True)
        self._asked: set[str] = set()

    def answer(self, messages: Sequence[Any]) -> str | Exception:
        """Return the answer to a prompt, or an error if it is not written yet."""
        shown = [{"role": message.type, "text": message.text} for message in messages]
        name = hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()[:12]
        if name in self._answers:
            return str(self._answers[name])
        if name not in self._asked:
            self._asked.add(name)
            with self._wanted.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"id": name, "messages": shown}, ensure_ascii=False) + "\n")
        return EngineError("This prompt is not answered yet.")

    @property
    def open_count(self) -> int:
        """How many prompts wait for an answer."""
        return len(self._asked)

    def build_engine(self, *, small: bool = False) -> Engine:
        """Build an engine that returns these answers."""
        return Engine(ScriptedProvider(self.answer, traits=Traits(small=small), label="Played"), name="played")
