"""The weights of models that run in this process: loaded at first use, from a folder or by name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.errors import EngineError
from bot.runtime.extras import require_torch


class LocalWeights:
    """A model with its tokenizer, loaded from a source by `load` in a thread; `build_error` builds the error if that fails."""

    def __init__(
        self, source: str, load: Callable[[str], tuple[Any, Any]], build_error: Callable[[str], EngineError]
    ) -> None:
        folder = Path(source).expanduser()
        self._source, self._load, self._build_error = str(folder if folder.is_dir() else source), load, build_error
        self.label = f"{source.rstrip('/').split('/')[-1]}, in-process"
        self._model_and_tokenizer: tuple[Any, Any] | None = None
        self._loading = asyncio.Lock()

    async def check(self) -> str:
        """Check that the model can be loaded, and return a short status."""
        await self.load_model()
        return f"{self.label} is loaded"

    async def load_model(self) -> tuple[Any, Any]:
        """Return the model and its tokenizer, loaded by the first call.

        Raises:
            EngineError: PyTorch is not installed, or the model cannot be loaded or used here.
        """
        async with self._loading:
            if self._model_and_tokenizer is None:
                require_torch()
                try:
                    self._model_and_tokenizer = await asyncio.to_thread(self._load, self._source)
                except EngineError:
                    raise
                except Exception as error:  # A folder with something else leads to errors of any class.
                    raise self._build_error(self._source) from error
            return self._model_and_tokenizer

    async def close(self) -> None:
        """Release the weights."""
        self._model_and_tokenizer = None


def silence_transformers() -> None:
    """Keep transformers from logging warnings and progress while it loads a model."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
