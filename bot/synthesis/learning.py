"""Learning methods and training progress, in a module that does not import NumPy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

# The environment for subprocesses, as it must be set before NumPy is loaded: on tables of this size a second BLAS thread
# takes as much CPU time as the first and gains nothing.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class Method(StrEnum):
    """A method of learning a table; `AUTO` chooses one by the table."""

    AUTO = "auto"
    COPULA = "copula"
    GAN = "gan"
    VAE = "vae"
    RNN = "rnn"


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """The progress of training: epochs completed and planned, estimated seconds left, and the best score so far, from
    0 to 1.
    """

    epoch: int
    epochs: int
    seconds: float
    score: float


EpochCallback = Callable[[TrainingProgress], None]
