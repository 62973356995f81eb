"""A Hugging Face model in this process, on a GPU if there is one: "transformers:NAME_OR_FOLDER", or a .gguf file."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.errors import EngineError, SettingsError
from bot.runtime.extras import require_torch

from . import Ask, Traits
from .embedded import build_grammar

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

# Smaller models can write, but not answer questions.
MIN_CAPABLE_PARAMETERS = 2_000_000_000


def provider(name: str, *, url: str, key: str) -> Transformers:
    """Build the provider for "transformers:NAME_OR_FOLDER".

    Raises:
        SettingsError: no name or folder follows the colon.
    """
    source = name.partition(":")[2]
    if not source:
        raise SettingsError('QUILLMATE_ENGINE is "transformers"; it should be transformers:NAME_OR_FOLDER.')
    return Transformers(source)


class Transformers:
    """The provider of a causal language model; it writes one text at a time, in a thread."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._chat: Any = None
        name = Path(source).stem if source.endswith(".gguf") else source.rstrip("/").split("/")[-1]
        self.label = f"{name}, in-process"
        self.traits = Traits(streams=1, local=True)

    async def open(self) -> BaseChatModel:
        """Load torch and the weights in a thread.

        Raises:
            EngineError: torch is not installed, or there is no such model.
        """
        try:
            self._chat = await asyncio.to_thread(_load, self._source)
        except (OSError, ValueError, ImportError) as error:
            raise EngineError(
                f"The model {self._source} cannot be loaded. QUILLMATE_ENGINE should name a folder with a model, a .gguf "
                "file, or a model that this machine can download."
            ) from error
        if self._chat.parameters < MIN_CAPABLE_PARAMETERS:
            self.traits = Traits(capable=False, small=True, context=self._chat.context, streams=1, local=True)
        model: BaseChatModel = self._chat
        return model

    async def close(self) -> None:
        """Release the weights."""
        self._chat = None

    def arguments(self, ask: Ask) -> dict[str, Any]:
        """Return sampling parameters, with a grammar for the schema of a call."""
        return {
            "max_tokens": ask.max_tokens,
            "temperature": ask.temperature,
            "seed": ask.seed,
            "grammar": build_grammar(ask),
        }


def _load(source: str) -> Any:
    require_torch()
    from ._transformers_chat import TransformersChat

    return TransformersChat.load(source, *_resolve_source(source))


def _resolve_source(source: str) -> tuple[str, dict[str, Any]]:
    """Return the folder or name to load a model from with transformers, and further arguments."""
    path = Path(source).expanduser()
    if path.suffix == ".gguf":
        return str(path.parent), {"gguf_file": path.name, "local_files_only": True}
    return str(path if path.is_dir() else source), {"local_files_only": path.is_dir()}
