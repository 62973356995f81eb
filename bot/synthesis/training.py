"""Training in epochs: progress, checkpoints, and early stopping. Each epoch's random numbers depend only on its index
and the seed, so training resumed from a checkpoint gives the same rows as uninterrupted training.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from bot.errors import FileError

from .frame import Frame
from .learning import EpochCallback, TrainingProgress

MAX_THREADS = 1
# Evaluations of the score per training, and how many of them without any gain end it.
_MAX_EVALUATIONS, _MAX_EVALUATIONS_WITHOUT_GAIN = 20, 6
# Minimum interval between checkpoints, as writing one takes a while itself.
MIN_CHECKPOINT_SECONDS = 2.0


class Learner(Protocol):
    """A model that is trained in epochs."""

    def train_epoch(self) -> None:
        """Train on all rows once."""

    def score(self) -> float:
        """Return the similarity of its rows, from 0 to 1."""

    def copy_weights(self) -> dict[str, Any]:
        """Return the weights to sample with."""

    def get_state(self) -> dict[str, Any]:
        """Return the state needed to resume."""

    def load(self, state: dict[str, Any]) -> None:
        """Resume from a state."""


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """The settings of a training run: the maximum number of epochs, a seed, callbacks for progress and checkpoints,
    and the `checkpoint` to resume from.
    """

    epochs: int
    seed: int
    on_progress: EpochCallback = lambda _: None
    save_checkpoint: Callable[[bytes], None] | None = None
    checkpoint: bytes = b""
    max_seconds: float = float("inf")


def train(learner: Learner, settings: TrainingSettings) -> dict[str, Any]:
    """Train a model; return the weights with the best score."""
    import torch

    every = max(1, settings.epochs // _MAX_EVALUATIONS)
    done, best, at, weights = 0, -1.0, 0, learner.copy_weights()
    if settings.checkpoint:
        saved_state = _load(settings.checkpoint)
        done, best, at, weights = saved_state["done"], saved_state["best"], saved_state["at"], saved_state["weights"]
        learner.load(saved_state["learner"])
    started_at, saved_at, before = time.monotonic(), time.monotonic(), done
    with _limit_threads(), torch.random.fork_rng(devices=[]):
        while done < settings.epochs and not _has_converged(done, at, every):
            torch.manual_seed(settings.seed * 100_003 + done)
            learner.train_epoch()
            done += 1
            if done % every == 0 or done == settings.epochs:
                score = learner.score()
                if score > best:
                    best, at, weights = score, done, learner.copy_weights()
            passed = time.monotonic() - started_at
            left = passed / (done - before) * (settings.epochs - done)
            settings.on_progress(TrainingProgress(done, settings.epochs, left, max(best, 0.0)))
            if settings.save_checkpoint is not None and (
                time.monotonic() - saved_at > MIN_CHECKPOINT_SECONDS or done == settings.epochs
            ):
                saved_state = {"done": done, "best": best, "at": at, "weights": weights, "learner": learner.get_state()}
                settings.save_checkpoint(_dump(saved_state))
                saved_at = time.monotonic()
            if passed > settings.max_seconds:
                break
    return weights


def _has_converged(done: int, at: int, every: int) -> bool:
    """Whether the score has stopped improving. Never in the first half, where networks still vary a lot."""
    return done >= every * _MAX_EVALUATIONS // 2 and done - at >= _MAX_EVALUATIONS_WITHOUT_GAIN * every


@contextmanager
def _limit_threads() -> Any:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(min(MAX_THREADS, os.cpu_count() or 1))
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _dump(saved_state: dict[str, Any]) -> bytes:
    import torch

    body = io.BytesIO()
    torch.save(saved_state, body)
    return body.getvalue()


def _load(body: bytes) -> dict[str, Any]:
    import torch

    try:
        saved_state: dict[str, Any] = torch.load(io.BytesIO(body), weights_only=True)
    except Exception as error:  # torch raises errors of many sorts on damaged files.
        raise FileError("The saved training is damaged. Start it again.") from error
    return saved_state


def limit_epochs(frame: Frame, batch: int, *, most: int, steps: int) -> int:
    """Return the number of epochs for a frame: fewer for long tables, whose epochs have many steps."""
    return max(20, min(most, steps // max(1, frame.row_count // batch)))
