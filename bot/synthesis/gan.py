"""A conditional generative adversarial network for tables, after CTGAN in Xu et al. (2019): a generator draws rows, a
critic tells groups of ten from real ones, and each row is conditioned on one level, maybe a rare one, of one discrete
feature. Unlike CTGAN, it samples with weights averaged over the last steps, and corrects the rows afterwards
(`networks.py`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .columns import Array
from .frame import Feature, Frame
from .models import WantedLevels
from .modes import FeatureSpan, MatrixLayout, build_layout
from .networks import Correction, arrays_to_weights, fit_correction, sample_levels, score_similarity, weights_to_arrays
from .training import TrainingSettings, limit_epochs, train

_NOISE_SIZE, _HIDDEN_SIZE, _ROWS_PER_SAMPLE, _BATCH_SIZE = 128, 256, 10, 500
_LEARNING_RATE, _WEIGHT_DECAY, _BETAS = 2e-4, 1e-6, (0.5, 0.9)
_PENALTY_FACTOR, _TEMPERATURE, _NEGATIVE_SLOPE, _DROPOUT = 10.0, 0.2, 0.2, 0.5
_AVERAGE_DECAY, _MAX_SCORED_ROWS = 0.98, 1_000


def choose_epochs(frame: Frame) -> int:
    """Return the default number of epochs."""
    return limit_epochs(frame, _BATCH_SIZE, max_epochs=300, max_steps=5_000)


class LevelConditions:
    """The levels that rows are conditioned on: their shares among the real rows, and in training (with a `frame`) the
    real rows that have them. A condition is the index of a discrete feature's span and a level of it.
    """

    def __init__(self, layout: MatrixLayout, frame: Frame | None, shares: Array | None = None) -> None:
        self.spans = [span for span in layout.spans if span.feature.size]
        self.starts = np.cumsum([0, *(span.one_hot_size for span in self.spans)])
        self.width = int(self.starts[-1])
        self.span_index = {span.feature.name: index for index, span in enumerate(self.spans)}
        # The indices of real rows grouped by feature and level; the start and size of each group.
        self.row_indices, self.group_starts, self.group_sizes = (
            np.zeros(0, dtype=np.int64),
            np.zeros(0, np.int64),
            np.zeros(0, np.int64),
        )
        # For each span the cumulative probabilities of its levels in training.
        self.training_cdfs = list[Array]()
        if frame is not None:
            levels_by_span = [frame.data[span.feature.name] for span in self.spans]
            counts = [
                np.bincount(row_levels, minlength=span.one_hot_size)
                for row_levels, span in zip(levels_by_span, self.spans, strict=True)
            ]
            for level_counts in counts:
                self.training_cdfs.append(np.cumsum(np.log1p(level_counts) / np.log1p(level_counts).sum()))
            if levels_by_span:
                self.row_indices = np.concatenate(
                    [np.argsort(row_levels, kind="stable") for row_levels in levels_by_span]
                )
                self.group_sizes = np.concatenate(counts)
                self.group_starts = np.cumsum(self.group_sizes) - self.group_sizes
            shares = self.group_sizes / frame.row_count
        assert shares is not None
        self.shares = shares

    def sample_training(self, count: int, rng: np.random.Generator) -> tuple[Array, Array, Array]:
        """Sample a condition for each row, with rare levels more often than they occur; return the span indices, the
        levels, and the indices of real rows that meet the conditions.
        """
        span_indices = rng.integers(0, len(self.spans), count)
        draws, levels = rng.random(count), np.zeros(count, dtype=np.int64)
        for index in range(len(self.spans)):
            is_of_span = span_indices == index
            levels[is_of_span] = np.searchsorted(self.training_cdfs[index], draws[is_of_span], side="right").clip(
                0, self.spans[index].one_hot_size - 1
            )
        group_indices = self.starts[span_indices] + levels
        rows = self.row_indices[
            self.group_starts[group_indices] + (rng.random(count) * self.group_sizes[group_indices]).astype(np.int64)
        ]
        return span_indices, levels, rows

    def sample_real(self, count: int, rng: np.random.Generator, wanted: WantedLevels) -> tuple[Array, Array]:
        """Sample a condition for each row by the real shares, or only wanted levels if there are any; return the span
        indices and the levels.
        """
        names = [name for name in wanted if name in self.span_index]
        span_indices = np.array([self.span_index[name] for name in names] or range(len(self.spans)))[
            rng.integers(0, len(names) or len(self.spans), count)
        ]
        levels = np.zeros(count, dtype=np.int64)
        for index, span in enumerate(self.spans):
            is_of_span = span_indices == index
            shares = self.shares[self.starts[index] : self.starts[index + 1]].copy()
            if span.feature.name in wanted:
                is_wanted = np.zeros(span.one_hot_size)
                is_wanted[list(wanted[span.feature.name])] = 1.0
                shares = shares * is_wanted if (shares * is_wanted).sum() > 0 else is_wanted
            levels[is_of_span] = rng.choice(span.one_hot_size, size=int(is_of_span.sum()), p=shares / shares.sum())
        return span_indices, levels

    def encode(self, span_indices: Array, levels: Array) -> Array:
        """Encode conditions one-hot."""
        rows = np.zeros((len(span_indices), self.width), dtype=np.float32)
        rows[np.arange(len(span_indices)), self.starts[span_indices] + levels] = 1.0
        return rows


class Gan:
    """A trained generator with its conditions and the correction of its rows."""

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
        """Rebuild a model from its `to_state`."""
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


def _build_generator(row_width: int, condition_width: int) -> Any:
    import torch
    from torch import nn

    class Residual(nn.Module):
        """A layer that concatenates its input and its output."""

        def __init__(self, size: int) -> None:
            super().__init__()
            self.layers = nn.Sequential(nn.Linear(size, _HIDDEN_SIZE), nn.BatchNorm1d(_HIDDEN_SIZE), nn.ReLU())

        def forward(self, rows: Any) -> Any:
            return torch.cat([self.layers(rows), rows], dim=1)

    size = _NOISE_SIZE + condition_width
    return nn.Sequential(Residual(size), Residual(size + _HIDDEN_SIZE), nn.Linear(size + 2 * _HIDDEN_SIZE, row_width))


def _build_critic(width: int) -> Any:
    from torch import nn

    layers = list[Any]()
    for size in (width * _ROWS_PER_SAMPLE, _HIDDEN_SIZE):
        layers += [nn.Linear(size, _HIDDEN_SIZE), nn.LeakyReLU(_NEGATIVE_SLOPE), nn.Dropout(_DROPOUT)]
    return nn.Sequential(*layers, nn.Linear(_HIDDEN_SIZE, 1))


class _Learner:
    """Trains the generator and the critic."""

    def __init__(self, layout: MatrixLayout, conditions: LevelConditions, frame: Frame, seed: int) -> None:
        import torch

        self.torch, self.layout, self.conditions, self.seed = torch, layout, conditions, seed
        rng = np.random.default_rng(seed)
        self.real = frame.take(rng.permutation(frame.row_count)[:_MAX_SCORED_ROWS])
        self.data = torch.from_numpy(layout.encode(frame, rng))
        self.steps = max(1, frame.row_count // _BATCH_SIZE)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.generator = _build_generator(layout.width, conditions.width)
            self.critic = _build_critic(layout.width + conditions.width)
        self.averaged = {name: value.clone() for name, value in self.generator.state_dict().items()}
        self.optimizers = [
            torch.optim.Adam(self.generator.parameters(), lr=_LEARNING_RATE, betas=_BETAS, weight_decay=_WEIGHT_DECAY),
            torch.optim.Adam(self.critic.parameters(), lr=_LEARNING_RATE, betas=_BETAS),
        ]
        self.activate = _Activation(torch, layout)

    def train_epoch(self) -> None:
        """Train for as many steps as the rows fill."""
        rng = np.random.default_rng(int(self.torch.randint(0, 2**31, (1,))))
        self.generator.train()
        for _ in range(self.steps):
            self._train_critic(rng)
            self._train_generator(rng)
            self._update_average()

    def _sample_batch(self, rng: np.random.Generator) -> tuple[Any, Any, Array, Array]:
        """Return the encoded conditions of a batch, real rows that meet them, and the span indices and levels."""
        if not self.conditions.width:
            empty = np.zeros(0, dtype=np.int64)
            rows = rng.integers(0, len(self.data), _BATCH_SIZE)
            return self.torch.zeros((_BATCH_SIZE, 0)), self.data[rows], empty, empty
        span_indices, levels, rows = self.conditions.sample_training(_BATCH_SIZE, rng)
        return (
            self.torch.from_numpy(self.conditions.encode(span_indices, levels)),
            self.data[rows],
            span_indices,
            levels,
        )

    def _generate(self, row_conditions: Any) -> tuple[Any, Any]:
        """Return the generator's logits for a batch, and the rows that their activation gives."""
        noise = self.torch.randn((_BATCH_SIZE, _NOISE_SIZE))
        logits = self.generator(self.torch.cat([noise, row_conditions], dim=1))
        return logits, self.activate(logits)

    def _train_critic(self, rng: np.random.Generator) -> None:
        torch = self.torch
        row_conditions, real, _, _ = self._sample_batch(rng)
        with torch.no_grad():
            _, generated = self._generate(row_conditions)
        real, generated = (
            torch.cat([rows, row_conditions], dim=1).reshape(_BATCH_SIZE // _ROWS_PER_SAMPLE, -1)
            for rows in (real, generated)
        )
        loss = (
            self.critic(generated).mean() - self.critic(real).mean() + self._compute_gradient_penalty(real, generated)
        )
        self.optimizers[1].zero_grad(set_to_none=True)
        loss.backward()
        self.optimizers[1].step()

    def _compute_gradient_penalty(self, real: Any, generated: Any) -> Any:
        """Compute the penalty that keeps the norm of the critic's gradient near 1 between real and generated samples
        (Gulrajani et al. 2017).
        """
        torch = self.torch
        share = torch.rand((len(real), 1))
        mixtures = (share * real + (1 - share) * generated).requires_grad_(True)
        (gradient,) = torch.autograd.grad(self.critic(mixtures).sum(), mixtures, create_graph=True)
        return _PENALTY_FACTOR * (gradient.norm(2, dim=1) - 1).square().mean()

    def _train_generator(self, rng: np.random.Generator) -> None:
        torch = self.torch
        row_conditions, _, span_indices, levels = self._sample_batch(rng)
        logits, generated = self._generate(row_conditions)
        samples = torch.cat([generated, row_conditions], dim=1).reshape(_BATCH_SIZE // _ROWS_PER_SAMPLE, -1)
        loss = -self.critic(samples).mean()
        for index in np.unique(span_indices):
            rows = torch.from_numpy(np.flatnonzero(span_indices == index))
            row_levels = torch.from_numpy(levels[span_indices == index])
            level_logits = logits[rows, self.conditions.spans[index].one_hot]
            loss = loss + torch.nn.functional.cross_entropy(level_logits, row_levels, reduction="sum") / _BATCH_SIZE
        self.optimizers[0].zero_grad(set_to_none=True)
        loss.backward()
        self.optimizers[0].step()

    def _update_average(self) -> None:
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

    def load_state(self, state: dict[str, Any]) -> None:
        """Resume from a state."""
        self.generator.load_state_dict(state["generator"])
        self.critic.load_state_dict(state["critic"])
        self.averaged = state["averaged"]
        for optimizer, optimizer_state in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(optimizer_state)


class _Activation:
    """The activation of the generator's logits: tanh for the offsets of numbers, and for all one-hot blocks at once a
    Gumbel softmax, a differentiable sample of a level.
    """

    def __init__(self, torch: Any, layout: MatrixLayout) -> None:
        self.torch = torch
        self.offset_columns = torch.tensor(
            [span.start for span in layout.spans if not span.feature.size], dtype=torch.long
        )
        level_columns, span_of_column = list[int](), list[int]()
        for index, span in enumerate(layout.spans):
            level_columns += range(span.one_hot.start, span.one_hot.stop)
            span_of_column += [index] * span.one_hot_size
        self.level_columns, self.span_of_column = torch.tensor(level_columns), torch.tensor(span_of_column)
        self.is_of_span = torch.nn.functional.one_hot(self.span_of_column, len(layout.spans)).float()
        # The original order of columns, after offsets and levels are concatenated.
        self.column_order = torch.argsort(torch.cat([self.offset_columns, self.level_columns]))

    def __call__(self, logits: Any) -> Any:
        torch = self.torch
        level_logits = logits[:, self.level_columns]
        noise = torch.empty_like(level_logits).exponential_().clamp_(min=1e-20).log_()
        scaled = (level_logits - noise) / _TEMPERATURE
        with torch.no_grad():
            max_by_span = torch.full((len(logits), self.is_of_span.shape[1]), -1e9)
            max_by_span.scatter_reduce_(1, self.span_of_column.expand(len(logits), -1), scaled, "amax")
        exponentials = torch.exp(scaled - max_by_span[:, self.span_of_column])
        shares = exponentials / (exponentials @ self.is_of_span)[:, self.span_of_column]
        return torch.cat([torch.tanh(logits[:, self.offset_columns]), shares], dim=1)[:, self.column_order]


def _sample_frame(
    layout: MatrixLayout,
    weights: dict[str, Any],
    conditions: LevelConditions,
    rows: int,
    seed: int,
    bias: Array,
    wanted: WantedLevels,
) -> Frame:
    """Draw rows, each conditioned on a level. With `wanted` levels, the rows are set to the levels of their conditions."""
    import torch

    net = _build_generator(layout.width, conditions.width)
    net.load_state_dict(weights)
    net.eval()
    generator, rng = torch.Generator().manual_seed(seed), np.random.default_rng(seed)
    row_conditions, span_indices, levels = np.zeros((rows, 0), dtype=np.float32), None, None
    if conditions.width:
        span_indices, levels = conditions.sample_real(rows, rng, wanted)
        row_conditions = conditions.encode(span_indices, levels)
    with torch.no_grad():
        noise = torch.randn((rows, _NOISE_SIZE), generator=generator)
        logits = net(torch.cat([noise, torch.from_numpy(row_conditions)], dim=1))
        offset_columns = [span.start for span in layout.spans if not span.feature.size]
        logits[:, offset_columns] = torch.tanh(logits[:, offset_columns])
        logits = logits + torch.from_numpy(np.asarray(bias, dtype=np.float32))
        frame = layout.decode(sample_levels(torch, layout, logits, generator).numpy())
    if wanted and span_indices is not None and levels is not None:
        _apply_levels(frame, conditions.spans, span_indices, levels)
    return frame


def _apply_levels(frame: Frame, spans: list[FeatureSpan], span_indices: Array, levels: Array) -> None:
    """Set the conditioned features of rows to the levels of the conditions."""
    for index, span in enumerate(spans):
        is_of_span = span_indices == index
        frame.data[span.feature.name][is_of_span] = levels[is_of_span]
