"""How a table is learnt, and the progress of training; without arrays, so that importing it does not load NumPy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

# Must be set before NumPy is loaded. On tables of this size a second BLAS thread uses as much CPU as the first
# without any gain.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class Method(StrEnum):
    """The method by which a table is learnt."""

    AUTO = "auto"
    COPULA = "copula"
    GAN = "gan"
    VAE = "vae"
    RNN = "rnn"


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """The progress of training: epochs completed and planned, estimated seconds left, and the similarity of the rows,
    from 0 to 1.
    """

    epoch: int
    epochs: int
    seconds: float
    score: float


EpochCallback = Callable[[TrainingProgress], None]
