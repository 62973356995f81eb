"""Trains networks in epochs, with progress, checkpoints and early stopping. The random numbers of an epoch depend only on
its index and the seed, so training resumed from a checkpoint gives the same weights as uninterrupted training.
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
# The score is evaluated this many times per training, which ends after this many evaluations without a gain.
_MAX_EVALUATIONS, _MAX_EVALUATIONS_WITHOUT_GAIN = 20, 6
# Minimum interval between checkpoints, as writing them takes time.
MIN_CHECKPOINT_SECONDS = 2.0


class Learner(Protocol):
    """A model that is trained in epochs."""

    def train_epoch(self) -> None:
        """Train for one epoch."""

    def score(self) -> float:
        """Return how good the model is, from 0 to 1."""

    def copy_weights(self) -> dict[str, Any]:
        """Return the weights to sample with."""

    def get_state(self) -> dict[str, Any]:
        """Return the state needed to resume."""

    def load_state(self, state: dict[str, Any]) -> None:
        """Resume from a state."""


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """The settings of a training run: the maximum number of epochs, a seed, callbacks for progress and checkpoints, the
    `checkpoint` to resume from, and the maximum duration.
    """

    epochs: int
    seed: int
    on_progress: EpochCallback = lambda _: None
    save_checkpoint: Callable[[bytes], None] | None = None
    checkpoint: bytes = b""
    max_seconds: float = float("inf")


def train(learner: Learner, settings: TrainingSettings) -> dict[str, Any]:
    """Train a model; return the weights with the best score.

    Raises:
        FileError: the checkpoint is damaged.
    """
    import torch

    evaluation_interval = max(1, settings.epochs // _MAX_EVALUATIONS)
    epoch, best_score, best_epoch, weights = 0, -1.0, 0, learner.copy_weights()
    if settings.checkpoint:
        saved_state = _load(settings.checkpoint)
        epoch, best_score, best_epoch, weights = (
            saved_state["done"],
            saved_state["best"],
            saved_state["at"],
            saved_state["weights"],
        )
        learner.load_state(saved_state["learner"])
    started_at, saved_at, first_epoch = time.monotonic(), time.monotonic(), epoch
    with _limit_threads(), torch.random.fork_rng(devices=[]):
        while epoch < settings.epochs and not _has_converged(epoch, best_epoch, evaluation_interval):
            torch.manual_seed(settings.seed * 100_003 + epoch)
            learner.train_epoch()
            epoch += 1
            if epoch % evaluation_interval == 0 or epoch == settings.epochs:
                score = learner.score()
                if score > best_score:
                    best_score, best_epoch, weights = score, epoch, learner.copy_weights()
            elapsed = time.monotonic() - started_at
            seconds_left = elapsed / (epoch - first_epoch) * (settings.epochs - epoch)
            settings.on_progress(TrainingProgress(epoch, settings.epochs, seconds_left, max(best_score, 0.0)))
            if settings.save_checkpoint is not None and (
                time.monotonic() - saved_at > MIN_CHECKPOINT_SECONDS or epoch == settings.epochs
            ):
                saved_state = {
                    "done": epoch,
                    "best": best_score,
                    "at": best_epoch,
                    "weights": weights,
                    "learner": learner.get_state(),
                }
                settings.save_checkpoint(_dump(saved_state))
                saved_at = time.monotonic()
            if elapsed > settings.max_seconds:
                break
    return weights


def _has_converged(epoch: int, best_epoch: int, evaluation_interval: int) -> bool:
    """Whether the score has stopped improving; always false in the first half, in which scores vary a lot."""
    return (
        epoch >= evaluation_interval * _MAX_EVALUATIONS // 2
        and epoch - best_epoch >= _MAX_EVALUATIONS_WITHOUT_GAIN * evaluation_interval
    )


@contextmanager
def _limit_threads() -> Any:
    import torch

    previous = torch.get_num_threads()
    torch.set_num_threads(min(MAX_THREADS, os.cpu_count() or 1))
    try:
        yield
    finally:
        torch.set_num_threads(previous)


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


def limit_epochs(frame: Frame, batch_size: int, *, max_epochs: int, max_steps: int) -> int:
    """Return the number of epochs for a frame: at least 20, fewer for long tables, whose epochs have many steps."""
    return max(20, min(max_epochs, max_steps // max(1, frame.row_count // batch_size)))
