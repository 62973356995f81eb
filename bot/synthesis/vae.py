"""A variational autoencoder for tables, after TVAE in Xu et al. (2019): a row is pressed into a few numbers and
unfolded again.

Other than there, rows are drawn from what the encoder fills, not from the prior, and set right afterwards
(`networks.py`).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from .columns import Array
from .frame import Feature, Frame
from .models import Wanted
from .modes import Layout, layout_of
from .networks import Correction, arrays_to_weights, chosen, corrected, nearness, weights_to_arrays
from .training import Course, epochs_of, trained

_HIDDEN, _DEPTH, _BATCH = 128, 128, 500
_FACTOR, _RATE, _DECAY = 2.0, 1e-3, 1e-5
_LOOKED_AT = 1_000


def epochs(frame: Frame) -> int:
    """How many epochs it learns for, unless told."""
    return epochs_of(frame, _BATCH, most=300, steps=9_000)


class Vae:
    """A network that has learnt, with what draws from it."""

    def __init__(self, layout: Layout, weights: dict[str, Any], latent: Array, correction: Correction) -> None:
        # The middle of what the encoder fills above the root of its covariance.
        self.layout, self.weights, self.latent, self.correction = layout, weights, latent, correction

    def sample(self, rows: int, seed: int, wanted: Wanted) -> Frame:
        """Rows, the same for the same seed."""
        return self.correction.apply(_drawn(self.layout, self.weights, self.latent, rows, seed, self.correction.bias))

    def state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """All of it: plain data, and arrays."""
        arrays = {"latent": self.latent, **self.layout.state(), **self.correction.state(self.layout.features)}
        return {}, arrays | weights_to_arrays(self.weights)

    @classmethod
    def from_state(cls, features: tuple[Feature, ...], arrays: dict[str, Array]) -> Vae:
        """The model whose `state` that is."""
        import torch

        correction = Correction.from_state(features, arrays)
        weights = arrays_to_weights(torch, arrays)
        return cls(Layout.from_state(features, arrays), weights, arrays["latent"], correction)


def learnt(frame: Frame, course: Course) -> Vae:
    """The model of a frame."""
    layout = layout_of(frame, course.seed)
    learner = _Learner(layout, frame, course.seed)
    weights = trained(learner, course)
    latent = learner.latent(weights)
    correction = corrected(
        layout, frame, lambda rows, seed, bias: _drawn(layout, weights, latent, rows, course.seed + seed, bias)
    )
    return Vae(layout, weights, latent, correction)


def _network(width: int) -> Any:
    from torch import nn

    def layers(*sizes: int) -> list[Any]:
        return [layer for pair in pairwise(sizes) for layer in (nn.Linear(*pair), nn.ReLU())]

    encoder = nn.Sequential(*layers(width, _HIDDEN, _HIDDEN), nn.Linear(_HIDDEN, 2 * _DEPTH))
    decoder = nn.Sequential(*layers(_DEPTH, _HIDDEN, _HIDDEN), nn.Linear(_HIDDEN, width))
    return nn.ModuleDict({"encoder": encoder, "decoder": decoder, "spread": nn.ParameterList([_spreads(width)])})


def _spreads(width: int) -> Any:
    import torch

    return torch.nn.Parameter(torch.full((width,), 0.1))


class _Learner:
    """The network as it learns."""

    def __init__(self, layout: Layout, frame: Frame, seed: int) -> None:
        import torch

        self.torch, self.layout, self.seed = torch, layout, seed
        rng = np.random.default_rng(seed)
        self.real = frame.take(rng.permutation(frame.rows)[:_LOOKED_AT])
        self.data = torch.from_numpy(layout.encoded(frame, rng))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.net = _network(layout.width)
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=_RATE, weight_decay=_DECAY)
        self.places = torch.tensor([span.start for span in layout.spans if not span.feature.size], dtype=torch.long)

    def epoch(self) -> None:
        """Goes through the rows once."""
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
            which = rows[:, span.choice].argmax(dim=1)
            loss = loss + functional.cross_entropy(logits[:, span.choice], which, reduction="sum")
        prior = -0.5 * (1 + log_spread - middle.square() - log_spread.exp()).sum()
        return (_FACTOR * loss + prior) / len(rows)

    def latent(self, weights: dict[str, Any]) -> Array:
        """What the encoder of these weights fills: the middle above the root of the covariance."""
        torch = self.torch
        net = _network(self.layout.width)
        net.load_state_dict(weights)
        with torch.no_grad():
            middle, log_spread = net["encoder"](self.data[:20_000]).chunk(2, dim=1)
            inner = middle.double().numpy()
            spread = log_spread.clamp(-8, 8).exp().double().mean(dim=0).numpy()
        # Spreads are above 0, so there is a root.
        root = np.linalg.cholesky(np.cov(inner.T) + np.diag(spread) if len(inner) > 1 else np.diag(spread))
        return np.vstack([inner.mean(axis=0), root.T])

    def score(self) -> float:
        """How near its rows come."""
        weights = self.weights()
        made = _drawn(self.layout, weights, self.latent(weights), _LOOKED_AT, self.seed, np.zeros(self.layout.width))
        return nearness(self.real, made)

    def weights(self) -> dict[str, Any]:
        """What rows are made of."""
        return {name: value.clone() for name, value in self.net.state_dict().items()}

    def state(self) -> dict[str, Any]:
        """All that is needed to go on."""
        return {"net": self.net.state_dict(), "optimizer": self.optimizer.state_dict()}

    def load(self, state: dict[str, Any]) -> None:
        """Goes on from there."""
        self.net.load_state_dict(state["net"])
        self.optimizer.load_state_dict(state["optimizer"])


def _drawn(layout: Layout, weights: dict[str, Any], latent: Array, rows: int, seed: int, bias: Array) -> Frame:
    import torch

    net = _network(layout.width)
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
        return layout.decoded(chosen(torch, layout, logits, generator).numpy())
