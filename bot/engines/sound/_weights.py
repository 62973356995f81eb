"""Shared by providers whose model runs in this process: loaded at first use, from a folder or by name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.errors import EngineError
from bot.runtime.extras import require_torch


class LocalWeights:
    """A model with its tokenizer. `load` is called with the source, in a thread; `failed` builds the error if that
    fails.
    """

    def __init__(
        self, source: str, load: Callable[[str], tuple[Any, Any]], failed: Callable[[str], EngineError]
    ) -> None:
        folder = Path(source).expanduser()
        self._source, self._load, self._failed = str(folder if folder.is_dir() else source), load, failed
        self.label = f"{source.rstrip('/').split('/')[-1]}, in-process"
        self._parts: tuple[Any, Any] | None = None
        self._loading = asyncio.Lock()

    async def check(self) -> str:
        """Check that the model loads."""
        await self.load_parts()
        return f"{self.label} is loaded"

    async def load_parts(self) -> tuple[Any, Any]:
        """Return the model and its tokenizer, loaded at the first call.

        Raises:
            EngineError: it cannot be loaded, or not be used here; where PyTorch is missing, how to install it.
        """
        async with self._loading:
            if self._parts is None:
                require_torch()
                try:
                    self._parts = await asyncio.to_thread(self._load, self._source)
                except EngineError:
                    raise
                except Exception as error:  # Readers of a folder with other contents raise any error.
                    raise self._failed(self._source) from error
            return self._parts

    async def close(self) -> None:
        """Release the weights."""
        self._parts = None


def silence_transformers() -> None:
    """Stop transformers from logging how it loads."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
