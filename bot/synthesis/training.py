"""Epochs one after another: how far it is, what is kept to go on from, and when it is enough.

Whatever an epoch draws is drawn from its own number and the seed, so who goes on from a checkpoint comes to the same
rows as who never stopped.
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
from .learning import Progress, Tell

MAX_THREADS = 1
# How often in all rows are looked at, and how many looks without any gain end it.
_LOOKS, _PATIENCE = 20, 6
# Checkpoints stand at least so many seconds apart, as writing one takes a while itself.
_BETWEEN = 2.0


class Learner(Protocol):
    """What learns in epochs."""

    def epoch(self) -> None:
        """Goes through the rows once."""

    def score(self) -> float:
        """How near its rows come, from 0 to 1."""

    def weights(self) -> dict[str, Any]:
        """What rows are made of."""

    def state(self) -> dict[str, Any]:
        """All that is needed to go on."""

    def load(self, state: dict[str, Any]) -> None:
        """Goes on from there."""


@dataclass(frozen=True, slots=True)
class Course:
    """How training goes: at most so many epochs from a seed, told to `tell`; `save` keeps a checkpoint and `last` is
    the one to go on from.
    """

    epochs: int
    seed: int
    tell: Tell = lambda _: None
    save: Callable[[bytes], None] | None = None
    last: bytes = b""
    seconds: float = float("inf")


def trained(learner: Learner, course: Course) -> dict[str, Any]:
    """Trains, and gives the weights whose rows came nearest."""
    import torch

    every = max(1, course.epochs // _LOOKS)
    done, best, at, weights = 0, -1.0, 0, learner.weights()
    if course.last:
        kept = _opened(course.last)
        done, best, at, weights = kept["done"], kept["best"], kept["at"], kept["weights"]
        learner.load(kept["learner"])
    began, saved, before = time.monotonic(), time.monotonic(), done
    with _two_threads(), torch.random.fork_rng(devices=[]):
        while done < course.epochs and not _enough(done, at, every):
            torch.manual_seed(course.seed * 100_003 + done)
            learner.epoch()
            done += 1
            if done % every == 0 or done == course.epochs:
                score = learner.score()
                if score > best:
                    best, at, weights = score, done, learner.weights()
            passed = time.monotonic() - began
            left = passed / (done - before) * (course.epochs - done)
            course.tell(Progress(done, course.epochs, left, max(best, 0.0)))
            if course.save is not None and (time.monotonic() - saved > _BETWEEN or done == course.epochs):
                kept = {"done": done, "best": best, "at": at, "weights": weights, "learner": learner.state()}
                course.save(_closed(kept))
                saved = time.monotonic()
            if passed > course.seconds:
                break
    return weights


def _enough(done: int, at: int, every: int) -> bool:
    """Whether nothing was gained for long. Not in the first half of the looks, where networks still find their way."""
    return done >= every * _LOOKS // 2 and done - at >= _PATIENCE * every


@contextmanager
def _two_threads() -> Any:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(min(MAX_THREADS, os.cpu_count() or 1))
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _closed(kept: dict[str, Any]) -> bytes:
    import torch

    body = io.BytesIO()
    torch.save(kept, body)
    return body.getvalue()


def _opened(body: bytes) -> dict[str, Any]:
    import torch

    try:
        kept: dict[str, Any] = torch.load(io.BytesIO(body), weights_only=True)
    except Exception as error:
        raise FileError("The saved training is damaged. Start it again.") from error
    return kept


def epochs_of(frame: Frame, batch: int, *, most: int, steps: int) -> int:
    """How many epochs a frame is trained for: fewer for long tables, whose epochs have many steps."""
    return max(20, min(most, steps // max(1, frame.rows // batch)))
