"""A variational autoencoder for tables, after TVAE in Xu et al. (2019): a row is compressed to a few numbers and
decoded again. Unlike there, rows are drawn from the distribution of encoded rows, not from the prior, and corrected
afterwards (`networks.py`).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from .columns import Array
from .frame import Feature, Frame
from .models import WantedLevels
from .modes import MatrixLayout, build_layout
from .networks import Correction, arrays_to_weights, fit_correction, sample_choices, score_similarity, weights_to_arrays
from .training import TrainingSettings, limit_epochs, train

_HIDDEN, _DEPTH, _BATCH = 128, 128, 500
_RECONSTRUCTION_FACTOR, _RATE, _DECAY = 2.0, 1e-3, 1e-5
_MAX_SCORED_ROWS = 1_000


def choose_epochs(frame: Frame) -> int:
    """Return the default number of epochs."""
    return limit_epochs(frame, _BATCH, most=300, steps=9_000)


class Vae:
    """A trained network with what is needed to sample from it."""

    def __init__(self, layout: MatrixLayout, weights: dict[str, Any], latent: Array, correction: Correction) -> None:
        # Mean of the encoded rows above the root of their covariance.
        self.layout, self.weights, self.latent, self.correction = layout, weights, latent, correction

    def sample(self, rows: int, seed: int, wanted: WantedLevels) -> Frame:
        """Return rows, the same for the same seed."""
        return self.correction.apply(
            _sample_frame(self.layout, self.weights, self.latent, rows, seed, self.correction.bias)
        )

    def to_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Return the complete state: JSON-compatible data, and arrays."""
        arrays = {"latent": self.latent, **self.layout.to_state(), **self.correction.to_state(self.layout.features)}
        return {}, arrays | weights_to_arrays(self.weights)

    @classmethod
    def from_state(cls, features: tuple[Feature, ...], arrays: dict[str, Array]) -> Vae:
        """Rebuild a model from its `state`."""
        import torch

        correction = Correction.from_state(features, arrays)
        weights = arrays_to_weights(torch, arrays)
        return cls(MatrixLayout.from_state(features, arrays), weights, arrays["latent"], correction)


def train_vae(frame: Frame, settings: TrainingSettings) -> Vae:
    """Train a model on a frame."""
    layout = build_layout(frame, settings.seed)
    learner = _Learner(layout, frame, settings.seed)
    weights = train(learner, settings)
    latent = learner.compute_latent(weights)
    correction = fit_correction(
        layout, frame, lambda rows, seed, bias: _sample_frame(layout, weights, latent, rows, settings.seed + seed, bias)
    )
    return Vae(layout, weights, latent, correction)


def _build_network(width: int) -> Any:
    from torch import nn

    def build_layers(*sizes: int) -> list[Any]:
        return [layer for pair in pairwise(sizes) for layer in (nn.Linear(*pair), nn.ReLU())]

    encoder = nn.Sequential(*build_layers(width, _HIDDEN, _HIDDEN), nn.Linear(_HIDDEN, 2 * _DEPTH))
    decoder = nn.Sequential(*build_layers(_DEPTH, _HIDDEN, _HIDDEN), nn.Linear(_HIDDEN, width))
    return nn.ModuleDict({"encoder": encoder, "decoder": decoder, "spread": nn.ParameterList([_build_spreads(width)])})


def _build_spreads(width: int) -> Any:
    import torch

    return torch.nn.Parameter(torch.full((width,), 0.1))


class _Learner:
    """The network during training."""

    def __init__(self, layout: MatrixLayout, frame: Frame, seed: int) -> None:
        import torch

        self.torch, self.layout, self.seed = torch, layout, seed
        rng = np.random.default_rng(seed)
        self.real = frame.take(rng.permutation(frame.row_count)[:_MAX_SCORED_ROWS])
        self.data = torch.from_numpy(layout.encode(frame, rng))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.net = _build_network(layout.width)
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=_RATE, weight_decay=_DECAY)
        self.places = torch.tensor([span.start for span in layout.spans if not span.feature.size], dtype=torch.long)

    def train_epoch(self) -> None:
        """Train on all rows once."""
        self.net.train()
        order = self.torch.randperm(len(self.data))
        for start in range(0, len(order), _BATCH):
            loss = self._loss(self.data[order[start : start + _BATCH]])
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
            self.net["spread"][0].data.clamp_(0.01, 1.0)

    def _loss(self, rows: Any) -> Any:
        torch, functional = self.torch, self.torch.nn.functional
        middle, log_spread = self.net["encoder"](rows).chunk(2, dim=1)
        log_spread = log_spread.clamp(-8, 8)
        inner = middle + torch.exp(log_spread / 2) * torch.randn_like(middle)
        logits = self.net["decoder"](inner)
        spread = self.net["spread"][0][self.places]
        apart = rows[:, self.places] - torch.tanh(logits[:, self.places])
        loss = (apart.square() / (2 * spread.square()) + torch.log(spread)).sum()
        for span in self.layout.spans:
            levels = rows[:, span.one_hot].argmax(dim=1)
            loss = loss + functional.cross_entropy(logits[:, span.one_hot], levels, reduction="sum")
        prior = -0.5 * (1 + log_spread - middle.square() - log_spread.exp()).sum()
        return (_RECONSTRUCTION_FACTOR * loss + prior) / len(rows)

    def compute_latent(self, weights: dict[str, Any]) -> Array:
        """Return the distribution of encoded rows: the mean above the root of the covariance."""
        torch = self.torch
        net = _build_network(self.layout.width)
        net.load_state_dict(weights)
        with torch.no_grad():
            middle, log_spread = net["encoder"](self.data[:20_000]).chunk(2, dim=1)
            inner = middle.double().numpy()
            spread = log_spread.clamp(-8, 8).exp().double().mean(dim=0).numpy()
        # Spreads are positive, so the root exists.
        root = np.linalg.cholesky(np.cov(inner.T) + np.diag(spread) if len(inner) > 1 else np.diag(spread))
        return np.vstack([inner.mean(axis=0), root.T])

    def score(self) -> float:
        """Return the similarity of its rows, from 0 to 1."""
        weights = self.copy_weights()
        generated = _sample_frame(
            self.layout, weights, self.compute_latent(weights), _MAX_SCORED_ROWS, self.seed, np.zeros(self.layout.width)
        )
        return score_similarity(self.real, generated)

    def copy_weights(self) -> dict[str, Any]:
        """Return the weights to sample with."""
        return {name: value.clone() for name, value in self.net.state_dict().items()}

    def get_state(self) -> dict[str, Any]:
        """Return the state needed to resume."""
        return {"net": self.net.state_dict(), "optimizer": self.optimizer.state_dict()}

    def load(self, state: dict[str, Any]) -> None:
        """Resume from a state."""
        self.net.load_state_dict(state["net"])
        self.optimizer.load_state_dict(state["optimizer"])


def _sample_frame(
    layout: MatrixLayout, weights: dict[str, Any], latent: Array, rows: int, seed: int, bias: Array
) -> Frame:
    import torch

    net = _build_network(layout.width)
    net.load_state_dict(weights)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        noise = torch.randn((rows, _DEPTH), generator=generator).double().numpy()
        inner = torch.from_numpy((noise @ latent[1:] + latent[0]).astype(np.float32))
        logits = net["decoder"](inner)
        places = [span.start for span in layout.spans if not span.feature.size]
        spread = net["spread"][0][places]
        logits[:, places] = torch.tanh(logits[:, places]) + spread * torch.randn(
            (rows, len(places)), generator=generator
        )
        logits = logits + torch.from_numpy(np.asarray(bias, dtype=np.float32))
        return layout.decode(sample_choices(torch, layout, logits, generator).numpy())
