"""A variational autoencoder for tables, after TVAE in Xu et al. (2019): it encodes rows as latent vectors and decodes
these. Unlike TVAE, it samples latent vectors from the distribution of the encoded rows, not from the prior, and corrects
the rows afterwards (`networks.py`).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from .columns import Array
from .frame import Feature, Frame
from .models import WantedLevels
from .modes import MatrixLayout, build_layout
from .networks import Correction, arrays_to_weights, fit_correction, sample_levels, score_similarity, weights_to_arrays
from .training import TrainingSettings, limit_epochs, train

_HIDDEN_SIZE, _LATENT_SIZE, _BATCH_SIZE = 128, 128, 500
_RECONSTRUCTION_FACTOR, _LEARNING_RATE, _WEIGHT_DECAY = 2.0, 1e-3, 1e-5
_MAX_SCORED_ROWS = 1_000


def choose_epochs(frame: Frame) -> int:
    """Return the default number of epochs."""
    return limit_epochs(frame, _BATCH_SIZE, max_epochs=300, max_steps=9_000)


class Vae:
    """A trained autoencoder with the distribution of encoded rows and the correction of its rows."""

    def __init__(self, layout: MatrixLayout, weights: dict[str, Any], latent: Array, correction: Correction) -> None:
        # `latent` has the mean of the encoded rows in its first row, and below it the root of their covariance.
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
        """Rebuild a model from its `to_state`."""
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
    import torch
    from torch import nn

    def build_layers(*sizes: int) -> list[Any]:
        return [layer for pair in pairwise(sizes) for layer in (nn.Linear(*pair), nn.ReLU())]

    encoder = nn.Sequential(*build_layers(width, _HIDDEN_SIZE, _HIDDEN_SIZE), nn.Linear(_HIDDEN_SIZE, 2 * _LATENT_SIZE))
    decoder = nn.Sequential(*build_layers(_LATENT_SIZE, _HIDDEN_SIZE, _HIDDEN_SIZE), nn.Linear(_HIDDEN_SIZE, width))
    stds = torch.nn.Parameter(torch.full((width,), 0.1))
    return nn.ModuleDict({"encoder": encoder, "decoder": decoder, "spread": nn.ParameterList([stds])})


class _Learner:
    """Trains the network."""

    def __init__(self, layout: MatrixLayout, frame: Frame, seed: int) -> None:
        import torch

        self.torch, self.layout, self.seed = torch, layout, seed
        rng = np.random.default_rng(seed)
        self.real = frame.take(rng.permutation(frame.row_count)[:_MAX_SCORED_ROWS])
        self.data = torch.from_numpy(layout.encode(frame, rng))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.net = _build_network(layout.width)
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=_LEARNING_RATE, weight_decay=_WEIGHT_DECAY)
        self.offset_columns = torch.tensor(
            [span.start for span in layout.spans if not span.feature.size], dtype=torch.long
        )

    def train_epoch(self) -> None:
        """Train on all rows once."""
        self.net.train()
        order = self.torch.randperm(len(self.data))
        for start in range(0, len(order), _BATCH_SIZE):
            loss = self._compute_loss(self.data[order[start : start + _BATCH_SIZE]])
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
            self.net["spread"][0].data.clamp_(0.01, 1.0)

    def _compute_loss(self, rows: Any) -> Any:
        torch, functional = self.torch, self.torch.nn.functional
        mean, log_variance = self.net["encoder"](rows).chunk(2, dim=1)
        log_variance = log_variance.clamp(-8, 8)
        latent = mean + torch.exp(log_variance / 2) * torch.randn_like(mean)
        logits = self.net["decoder"](latent)
        std = self.net["spread"][0][self.offset_columns]
        errors = rows[:, self.offset_columns] - torch.tanh(logits[:, self.offset_columns])
        reconstruction_loss = (errors.square() / (2 * std.square()) + torch.log(std)).sum()
        for span in self.layout.spans:
            levels = rows[:, span.one_hot].argmax(dim=1)
            reconstruction_loss = reconstruction_loss + functional.cross_entropy(
                logits[:, span.one_hot], levels, reduction="sum"
            )
        divergence = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum()
        return (_RECONSTRUCTION_FACTOR * reconstruction_loss + divergence) / len(rows)

    def compute_latent(self, weights: dict[str, Any]) -> Array:
        """Return the distribution of encoded rows: the mean in the first row, and below it the root of the covariance."""
        torch = self.torch
        net = _build_network(self.layout.width)
        net.load_state_dict(weights)
        with torch.no_grad():
            mean, log_variance = net["encoder"](self.data[:20_000]).chunk(2, dim=1)
            means = mean.double().numpy()
            variances = log_variance.clamp(-8, 8).exp().double().mean(dim=0).numpy()
        # Variances are positive, so the root exists.
        root = np.linalg.cholesky(np.cov(means.T) + np.diag(variances) if len(means) > 1 else np.diag(variances))
        return np.vstack([means.mean(axis=0), root.T])

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

    def load_state(self, state: dict[str, Any]) -> None:
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
        noise = torch.randn((rows, _LATENT_SIZE), generator=generator).double().numpy()
        latent_rows = torch.from_numpy((noise @ latent[1:] + latent[0]).astype(np.float32))
        logits = net["decoder"](latent_rows)
        offset_columns = [span.start for span in layout.spans if not span.feature.size]
        std = net["spread"][0][offset_columns]
        logits[:, offset_columns] = torch.tanh(logits[:, offset_columns]) + std * torch.randn(
            (rows, len(offset_columns)), generator=generator
        )
        logits = logits + torch.from_numpy(np.asarray(bias, dtype=np.float32))
        return layout.decode(sample_levels(torch, layout, logits, generator).numpy())
