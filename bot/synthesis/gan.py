"""A conditional generative adversarial network for tables, after CTGAN in Xu et al. (2019): a generator draws rows, a
critic that sees ten at once distinguishes them from real ones, and each row is conditioned on one level of one
discrete feature, including rare ones. Unlike there, rows are drawn with weights averaged over the last steps, and
corrected afterwards (`networks.py`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .columns import Array
from .frame import Feature, Frame
from .models import WantedLevels
from .modes import FeatureSpan, MatrixLayout, build_layout
from .networks import Correction, arrays_to_weights, fit_correction, sample_choices, score_similarity, weights_to_arrays
from .training import TrainingSettings, limit_epochs, train

_NOISE, _HIDDEN, _ROWS_PER_SAMPLE, _BATCH = 128, 256, 10, 500
_RATE, _DECAY, _BETAS = 2e-4, 1e-6, (0.5, 0.9)
_PENALTY, _TEMPERATURE, _SLOPE, _DROPOUT = 10.0, 0.2, 0.2, 0.5
_AVERAGE_DECAY, _MAX_SCORED_ROWS = 0.98, 1_000


def choose_epochs(frame: Frame) -> int:
    """Return the default number of epochs."""
    return limit_epochs(frame, _BATCH, most=300, steps=5_000)


class LevelConditions:
    """The levels of discrete features that rows are conditioned on, and the real rows that have them."""

    def __init__(self, layout: MatrixLayout, frame: Frame | None, shares: Array | None = None) -> None:
        self.spans = [span for span in layout.spans if span.feature.size]
        self.starts = np.cumsum([0, *(span.one_hot_size for span in self.spans)])
        self.width = int(self.starts[-1])
        self.at = {span.feature.name: index for index, span in enumerate(self.spans)}
        # Real rows grouped by feature and level; the start and size of each group.
        self.rows, self.first, self.counts = np.zeros(0, dtype=np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)
        self.rare = list[Array]()
        if frame is not None:
            levels = [frame.data[span.feature.name] for span in self.spans]
            counts = [
                np.bincount(row_levels, minlength=span.one_hot_size)
                for row_levels, span in zip(levels, self.spans, strict=True)
            ]
            for level_counts in counts:
                self.rare.append(np.cumsum(np.log1p(level_counts) / np.log1p(level_counts).sum()))
            if levels:
                self.rows = np.concatenate([np.argsort(row_levels, kind="stable") for row_levels in levels])
                self.counts = np.concatenate(counts)
                self.first = np.cumsum(self.counts) - self.counts
            shares = self.counts / frame.row_count
        assert shares is not None
        self.shares = shares

    def sample_training(self, count: int, rng: np.random.Generator) -> tuple[Array, Array, Array]:
        """Sample a feature and level for each row, rare levels more often than they occur; and real rows that have
        them.
        """
        which = rng.integers(0, len(self.spans), count)
        chance, levels = rng.random(count), np.zeros(count, dtype=np.int64)
        for index in range(len(self.spans)):
            here = which == index
            levels[here] = np.searchsorted(self.rare[index], chance[here], side="right").clip(
                0, self.spans[index].one_hot_size - 1
            )
        at = self.starts[which] + levels
        rows = self.rows[self.first[at] + (rng.random(count) * self.counts[at]).astype(np.int64)]
        return which, levels, rows

    def sample_real(self, count: int, rng: np.random.Generator, wanted: WantedLevels) -> tuple[Array, Array]:
        """Sample a feature and level for each row by their real frequency; for `wanted` features only wanted levels."""
        names = [name for name in wanted if name in self.at]
        which = np.array([self.at[name] for name in names] or range(len(self.spans)))[
            rng.integers(0, len(names) or len(self.spans), count)
        ]
        levels = np.zeros(count, dtype=np.int64)
        for index, span in enumerate(self.spans):
            here = which == index
            shares = self.shares[self.starts[index] : self.starts[index + 1]].copy()
            if span.feature.name in wanted:
                kept = np.zeros(span.one_hot_size)
                kept[list(wanted[span.feature.name])] = 1.0
                shares = shares * kept if (shares * kept).sum() > 0 else kept
            levels[here] = rng.choice(span.one_hot_size, size=int(here.sum()), p=shares / shares.sum())
        return which, levels

    def encode(self, which: Array, levels: Array) -> Array:
        """Encode conditions one-hot."""
        rows = np.zeros((len(which), self.width), dtype=np.float32)
        rows[np.arange(len(which)), self.starts[which] + levels] = 1.0
        return rows


class Gan:
    """A trained generator with the correction of its rows."""

    def __init__(
        self, layout: MatrixLayout, weights: dict[str, Any], conditions: LevelConditions, correction: Correction
    ) -> None:
        self.layout, self.weights, self.conditions, self.correction = layout, weights, conditions, correction

    def sample(self, rows: int, seed: int, wanted: WantedLevels) -> Frame:
        """Return rows, the same for the same seed; with the wanted levels where possible."""
        bias = self.correction.bias
        return self.correction.apply(
            _sample_frame(self.layout, self.weights, self.conditions, rows, seed, bias, wanted)
        )

    def to_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Return the complete state: JSON-compatible data, and arrays."""
        arrays = {**self.layout.to_state(), **self.correction.to_state(self.layout.features)}
        return {}, arrays | {"shares": self.conditions.shares} | weights_to_arrays(self.weights)

    @classmethod
    def from_state(cls, features: tuple[Feature, ...], arrays: dict[str, Array]) -> Gan:
        """Rebuild a model from its `state`."""
        import torch

        layout = MatrixLayout.from_state(features, arrays)
        conditions = LevelConditions(layout, None, arrays["shares"])
        return cls(layout, arrays_to_weights(torch, arrays), conditions, Correction.from_state(features, arrays))


def train_gan(frame: Frame, settings: TrainingSettings) -> Gan:
    """Train a model on a frame."""
    layout = build_layout(frame, settings.seed)
    conditions = LevelConditions(layout, frame)
    weights = train(_Learner(layout, conditions, frame, settings.seed), settings)
    correction = fit_correction(
        layout,
        frame,
        lambda rows, seed, bias: _sample_frame(layout, weights, conditions, rows, settings.seed + seed, bias, {}),
    )
    return Gan(layout, weights, conditions, correction)


def _build_generator(width: int, condition: int) -> Any:
    import torch
    from torch import nn

    class Residual(nn.Module):
        """A layer that concatenates its input and its output."""

        def __init__(self, size: int) -> None:
            super().__init__()
            self.layers = nn.Sequential(nn.Linear(size, _HIDDEN), nn.BatchNorm1d(_HIDDEN), nn.ReLU())

        def forward(self, rows: Any) -> Any:
            return torch.cat([self.layers(rows), rows], dim=1)

    size = _NOISE + condition
    return nn.Sequential(Residual(size), Residual(size + _HIDDEN), nn.Linear(size + 2 * _HIDDEN, width))


def _build_critic(width: int) -> Any:
    from torch import nn

    layers = list[Any]()
    for size in (width * _ROWS_PER_SAMPLE, _HIDDEN):
        layers += [nn.Linear(size, _HIDDEN), nn.LeakyReLU(_SLOPE), nn.Dropout(_DROPOUT)]
    return nn.Sequential(*layers, nn.Linear(_HIDDEN, 1))


class _Learner:
    """Generator and critic during training."""

    def __init__(self, layout: MatrixLayout, conditions: LevelConditions, frame: Frame, seed: int) -> None:
        import torch

        self.torch, self.layout, self.conditions, self.seed = torch, layout, conditions, seed
        rng = np.random.default_rng(seed)
        self.real = frame.take(rng.permutation(frame.row_count)[:_MAX_SCORED_ROWS])
        self.data = torch.from_numpy(layout.encode(frame, rng))
        self.steps = max(1, frame.row_count // _BATCH)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.generator = _build_generator(layout.width, conditions.width)
            self.critic = _build_critic(layout.width + conditions.width)
        self.averaged = {name: value.clone() for name, value in self.generator.state_dict().items()}
        self.optimizers = [
            torch.optim.Adam(self.generator.parameters(), lr=_RATE, betas=_BETAS, weight_decay=_DECAY),
            torch.optim.Adam(self.critic.parameters(), lr=_RATE, betas=_BETAS),
        ]
        self.choices = _Choices(torch, layout)

    def train_epoch(self) -> None:
        """Train for as many steps as the rows fill."""
        rng = np.random.default_rng(int(self.torch.randint(0, 2**31, (1,))))
        self.generator.train()
        for _ in range(self.steps):
            self._teach_critic(rng)
            self._teach_generator(rng)
            self._average()

    def _sample_batch(self, rng: np.random.Generator) -> tuple[Any, Any, Array, Array]:
        """Return the conditions of a batch, and real rows that meet them."""
        if not self.conditions.width:
            empty = np.zeros(0, dtype=np.int64)
            rows = rng.integers(0, len(self.data), _BATCH)
            return self.torch.zeros((_BATCH, 0)), self.data[rows], empty, empty
        which, levels, rows = self.conditions.sample_training(_BATCH, rng)
        return self.torch.from_numpy(self.conditions.encode(which, levels)), self.data[rows], which, levels

    def _generate(self, row_conditions: Any) -> tuple[Any, Any]:
        noise = self.torch.randn((_BATCH, _NOISE))
        logits = self.generator(self.torch.cat([noise, row_conditions], dim=1))
        return logits, self.choices(logits)

    def _teach_critic(self, rng: np.random.Generator) -> None:
        torch = self.torch
        row_conditions, real, _, _ = self._sample_batch(rng)
        with torch.no_grad():
            _, generated = self._generate(row_conditions)
        real, generated = (
            torch.cat([rows, row_conditions], dim=1).reshape(_BATCH // _ROWS_PER_SAMPLE, -1)
            for rows in (real, generated)
        )
        loss = self.critic(generated).mean() - self.critic(real).mean() + self._compute_penalty(real, generated)
        self.optimizers[1].zero_grad(set_to_none=True)
        loss.backward()
        self.optimizers[1].step()

    def _compute_penalty(self, real: Any, generated: Any) -> Any:
        """Compute the penalty that keeps the critic's slope near 1 between real and generated rows (Gulrajani et al. 2017)."""
        torch = self.torch
        share = torch.rand((len(real), 1))
        between = (share * real + (1 - share) * generated).requires_grad_(True)
        (slope,) = torch.autograd.grad(self.critic(between).sum(), between, create_graph=True)
        return _PENALTY * (slope.norm(2, dim=1) - 1).square().mean()

    def _teach_generator(self, rng: np.random.Generator) -> None:
        torch = self.torch
        row_conditions, _, which, levels = self._sample_batch(rng)
        logits, generated = self._generate(row_conditions)
        together = torch.cat([generated, row_conditions], dim=1).reshape(_BATCH // _ROWS_PER_SAMPLE, -1)
        loss = -self.critic(together).mean()
        for index in np.unique(which):
            here = torch.from_numpy(np.flatnonzero(which == index))
            wanted = torch.from_numpy(levels[which == index])
            choice = logits[here, self.conditions.spans[index].one_hot]
            loss = loss + torch.nn.functional.cross_entropy(choice, wanted, reduction="sum") / _BATCH
        self.optimizers[0].zero_grad(set_to_none=True)
        loss.backward()
        self.optimizers[0].step()

    def _average(self) -> None:
        for name, value in self.generator.state_dict().items():
            if value.dtype.is_floating_point:
                self.averaged[name].lerp_(value, 1 - _AVERAGE_DECAY)

    def score(self) -> float:
        """Return the similarity of its rows, from 0 to 1."""
        bias = np.zeros(self.layout.width)
        generated = _sample_frame(self.layout, self.averaged, self.conditions, _MAX_SCORED_ROWS, self.seed, bias, {})
        return score_similarity(self.real, generated)

    def copy_weights(self) -> dict[str, Any]:
        """Return the weights to sample with."""
        return {name: value.clone() for name, value in self.averaged.items()}

    def get_state(self) -> dict[str, Any]:
        """Return the state needed to resume."""
        return {
            "generator": self.generator.state_dict(),
            "critic": self.critic.state_dict(),
            "averaged": self.averaged,
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
        }

    def load(self, state: dict[str, Any]) -> None:
        """Resume from a state."""
        self.generator.load_state_dict(state["generator"])
        self.critic.load_state_dict(state["critic"])
        self.averaged = state["averaged"]
        for optimizer, kept in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(kept)


class _Choices:
    """Soft choices of all spans at once (Gumbel softmax), differentiable."""

    def __init__(self, torch: Any, layout: MatrixLayout) -> None:
        self.torch = torch
        self.places = torch.tensor([span.start for span in layout.spans if not span.feature.size], dtype=torch.long)
        at, owner = list[int](), list[int]()
        for index, span in enumerate(layout.spans):
            at += range(span.one_hot.start, span.one_hot.stop)
            owner += [index] * span.one_hot_size
        self.at, self.owner = torch.tensor(at), torch.tensor(owner)
        self.member = torch.nn.functional.one_hot(self.owner, len(layout.spans)).float()
        # The position of each part of a row after places and choices are concatenated.
        self.back = torch.argsort(torch.cat([self.places, self.at]))

    def __call__(self, logits: Any) -> Any:
        torch = self.torch
        chosen = logits[:, self.at]
        noise = torch.empty_like(chosen).exponential_().clamp_(min=1e-20).log_()
        heated = (chosen - noise) / _TEMPERATURE
        with torch.no_grad():
            most = torch.full((len(logits), self.member.shape[1]), -1e9)
            most.scatter_reduce_(1, self.owner.expand(len(logits), -1), heated, "amax")
        raised = torch.exp(heated - most[:, self.owner])
        shares = raised / (raised @ self.member)[:, self.owner]
        return torch.cat([torch.tanh(logits[:, self.places]), shares], dim=1)[:, self.back]


def _sample_frame(
    layout: MatrixLayout,
    weights: dict[str, Any],
    conditions: LevelConditions,
    rows: int,
    seed: int,
    bias: Array,
    wanted: WantedLevels,
) -> Frame:
    import torch

    net = _build_generator(layout.width, conditions.width)
    net.load_state_dict(weights)
    net.eval()
    generator, rng = torch.Generator().manual_seed(seed), np.random.default_rng(seed)
    row_conditions, which, levels = np.zeros((rows, 0), dtype=np.float32), None, None
    if conditions.width:
        which, levels = conditions.sample_real(rows, rng, wanted)
        row_conditions = conditions.encode(which, levels)
    with torch.no_grad():
        noise = torch.randn((rows, _NOISE), generator=generator)
        logits = net(torch.cat([noise, torch.from_numpy(row_conditions)], dim=1))
        places = [span.start for span in layout.spans if not span.feature.size]
        logits[:, places] = torch.tanh(logits[:, places])
        logits = logits + torch.from_numpy(np.asarray(bias, dtype=np.float32))
        frame = layout.decode(sample_choices(torch, layout, logits, generator).numpy())
    if wanted and which is not None and levels is not None:
        _apply_levels(frame, conditions.spans, which, levels)
    return frame


def _apply_levels(frame: Frame, spans: list[FeatureSpan], which: Array, levels: Array) -> None:
    """Set rows to the levels that they were conditioned on."""
    for index, span in enumerate(spans):
        here = which == index
        frame.data[span.feature.name][here] = levels[here]
