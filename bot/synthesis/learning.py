"""How a table is learnt, and how far that is; without arrays, so that whoever only waits for it need not load them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Way(StrEnum):
    """How a table is learnt."""

    AUTO = "auto"
    COPULA = "copula"
    GAN = "gan"
    VAE = "vae"
    RNN = "rnn"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far training is: epochs done and planned, seconds that are left as far as can be told, and how near the rows
    come, from 0 to 1.
    """

    epoch: int
    epochs: int
    seconds: float
    score: float


Tell = Callable[[Progress], None]
