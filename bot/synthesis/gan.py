"""A conditional generative adversarial network for tables, after CTGAN in Xu et al. (2019): a generator draws rows, a
critic that looks at ten at once tells them from real ones, and each row is asked for with one level of one discrete
feature, rare ones as well.

Other than there, rows are drawn from weights averaged over the last steps, and set right afterwards (`networks.py`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .columns import Array
from .frame import Feature, Frame
from .models import Wanted
from .modes import Layout, Span, layout_of
from .networks import Correction, arrays_to_weights, chosen, corrected, nearness, weights_to_arrays
from .training import Course, epochs_of, trained

_NOISE, _HIDDEN, _TOGETHER, _BATCH = 128, 256, 10, 500
_RATE, _DECAY, _BETAS = 2e-4, 1e-6, (0.5, 0.9)
_PENALTY, _HEAT, _SLOPE, _DROPPED = 10.0, 0.2, 0.2, 0.5
_AVERAGED, _LOOKED_AT = 0.98, 1_000


def epochs(frame: Frame) -> int:
    """How many epochs it learns for, unless told."""
    return epochs_of(frame, _BATCH, most=300, steps=5_000)


class Conditions:
    """Which level of which discrete feature rows are asked for with, and the real rows that have it."""

    def __init__(self, layout: Layout, frame: Frame | None, shares: Array | None = None) -> None:
        self.spans = [span for span in layout.spans if span.feature.size]
        self.starts = np.cumsum([0, *(span.size for span in self.spans)])
        self.width = int(self.starts[-1])
        self.at = {span.feature.name: index for index, span in enumerate(self.spans)}
        # Real rows by feature and level, one behind the other; where those of each start, and how many there are.
        self.rows, self.first, self.often = np.zeros(0, dtype=np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)
        self.rare = list[Array]()
        if frame is not None:
            levels = [frame.data[span.feature.name] for span in self.spans]
            counts = [np.bincount(one, minlength=span.size) for one, span in zip(levels, self.spans, strict=True)]
            for often in counts:
                self.rare.append(np.cumsum(np.log1p(often) / np.log1p(often).sum()))
            if levels:
                self.rows = np.concatenate([np.argsort(one, kind="stable") for one in levels])
                self.often = np.concatenate(counts)
                self.first = np.cumsum(self.often) - self.often
            shares = self.often / frame.rows
        assert shares is not None
        self.shares = shares

    def drawn(self, count: int, rng: np.random.Generator) -> tuple[Array, Array, Array]:
        """For so many rows which feature and level each is asked for with, rare levels more often than they come; and
        real rows that have it.
        """
        which = rng.integers(0, len(self.spans), count)
        chance, levels = rng.random(count), np.zeros(count, dtype=np.int64)
        for index in range(len(self.spans)):
            here = which == index
            levels[here] = np.searchsorted(self.rare[index], chance[here], side="right").clip(
                0, self.spans[index].size - 1
            )
        at = self.starts[which] + levels
        rows = self.rows[self.first[at] + (rng.random(count) * self.often[at]).astype(np.int64)]
        return which, levels, rows

    def usual(self, count: int, rng: np.random.Generator, wanted: Wanted) -> tuple[Array, Array]:
        """As `drawn`, by how often levels come; of features that are `wanted` only with levels that are."""
        names = [name for name in wanted if name in self.at]
        which = np.array([self.at[name] for name in names] or range(len(self.spans)))[
            rng.integers(0, len(names) or len(self.spans), count)
        ]
        levels = np.zeros(count, dtype=np.int64)
        for index, span in enumerate(self.spans):
            here = which == index
            shares = self.shares[self.starts[index] : self.starts[index + 1]].copy()
            if span.feature.name in wanted:
                kept = np.zeros(span.size)
                kept[list(wanted[span.feature.name])] = 1.0
                shares = shares * kept if (shares * kept).sum() > 0 else kept
            levels[here] = rng.choice(span.size, size=int(here.sum()), p=shares / shares.sum())
        return which, levels

    def vectors(self, which: Array, levels: Array) -> Array:
        """Conditions as rows of zeros with a one."""
        rows = np.zeros((len(which), self.width), dtype=np.float32)
        rows[np.arange(len(which)), self.starts[which] + levels] = 1.0
        return rows


class Gan:
    """A generator that has learnt, with what sets its rows right."""

    def __init__(self, layout: Layout, weights: dict[str, Any], conditions: Conditions, correction: Correction) -> None:
        self.layout, self.weights, self.conditions, self.correction = layout, weights, conditions, correction

    def sample(self, rows: int, seed: int, wanted: Wanted) -> Frame:
        """Rows, the same for the same seed; with the levels that are wanted where it can."""
        bias = self.correction.bias
        return self.correction.apply(_drawn(self.layout, self.weights, self.conditions, rows, seed, bias, wanted))

    def state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """All of it: plain data, and arrays."""
        arrays = {**self.layout.state(), **self.correction.state(self.layout.features)}
        return {}, arrays | {"shares": self.conditions.shares} | weights_to_arrays(self.weights)

    @classmethod
    def from_state(cls, features: tuple[Feature, ...], arrays: dict[str, Array]) -> Gan:
        """The model whose `state` that is."""
        import torch

        layout = Layout.from_state(features, arrays)
        conditions = Conditions(layout, None, arrays["shares"])
        return cls(layout, arrays_to_weights(torch, arrays), conditions, Correction.from_state(features, arrays))


def learnt(frame: Frame, course: Course) -> Gan:
    """The model of a frame."""
    layout = layout_of(frame, course.seed)
    conditions = Conditions(layout, frame)
    weights = trained(_Learner(layout, conditions, frame, course.seed), course)
    correction = corrected(
        layout,
        frame,
        lambda rows, seed, bias: _drawn(layout, weights, conditions, rows, course.seed + seed, bias, {}),
    )
    return Gan(layout, weights, conditions, correction)


def _generator(width: int, condition: int) -> Any:
    import torch
    from torch import nn

    class Residual(nn.Module):
        """A layer whose input stands beside what it makes of it."""

        def __init__(self, size: int) -> None:
            super().__init__()
            self.layers = nn.Sequential(nn.Linear(size, _HIDDEN), nn.BatchNorm1d(_HIDDEN), nn.ReLU())

        def forward(self, rows: Any) -> Any:
            return torch.cat([self.layers(rows), rows], dim=1)

    size = _NOISE + condition
    return nn.Sequential(Residual(size), Residual(size + _HIDDEN), nn.Linear(size + 2 * _HIDDEN, width))


def _critic(width: int) -> Any:
    from torch import nn

    layers = list[Any]()
    for size in (width * _TOGETHER, _HIDDEN):
        layers += [nn.Linear(size, _HIDDEN), nn.LeakyReLU(_SLOPE), nn.Dropout(_DROPPED)]
    return nn.Sequential(*layers, nn.Linear(_HIDDEN, 1))


class _Learner:
    """Generator and critic as they learn from each other."""

    def __init__(self, layout: Layout, conditions: Conditions, frame: Frame, seed: int) -> None:
        import torch

        self.torch, self.layout, self.conditions, self.seed = torch, layout, conditions, seed
        rng = np.random.default_rng(seed)
        self.real = frame.take(rng.permutation(frame.rows)[:_LOOKED_AT])
        self.data = torch.from_numpy(layout.encoded(frame, rng))
        self.steps = max(1, frame.rows // _BATCH)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.generator = _generator(layout.width, conditions.width)
            self.critic = _critic(layout.width + conditions.width)
        self.averaged = {name: value.clone() for name, value in self.generator.state_dict().items()}
        self.optimizers = [
            torch.optim.Adam(self.generator.parameters(), lr=_RATE, betas=_BETAS, weight_decay=_DECAY),
            torch.optim.Adam(self.critic.parameters(), lr=_RATE, betas=_BETAS),
        ]
        self.choices = _Choices(torch, layout)

    def epoch(self) -> None:
        """As many steps as the rows fill."""
        rng = np.random.default_rng(int(self.torch.randint(0, 2**31, (1,))))
        self.generator.train()
        for _ in range(self.steps):
            self._teach_critic(rng)
            self._teach_generator(rng)
            self._average()

    def _asked(self, rng: np.random.Generator) -> tuple[Any, Any, Array, Array]:
        """Conditions of a batch, and real rows that meet them."""
        if not self.conditions.width:
            empty = np.zeros(0, dtype=np.int64)
            rows = rng.integers(0, len(self.data), _BATCH)
            return self.torch.zeros((_BATCH, 0)), self.data[rows], empty, empty
        which, levels, rows = self.conditions.drawn(_BATCH, rng)
        return self.torch.from_numpy(self.conditions.vectors(which, levels)), self.data[rows], which, levels

    def _made(self, asked: Any) -> tuple[Any, Any]:
        noise = self.torch.randn((_BATCH, _NOISE))
        logits = self.generator(self.torch.cat([noise, asked], dim=1))
        return logits, self.choices(logits)

    def _teach_critic(self, rng: np.random.Generator) -> None:
        torch = self.torch
        asked, real, _, _ = self._asked(rng)
        with torch.no_grad():
            _, made = self._made(asked)
        real, made = (torch.cat([rows, asked], dim=1).reshape(_BATCH // _TOGETHER, -1) for rows in (real, made))
        loss = self.critic(made).mean() - self.critic(real).mean() + self._penalty(real, made)
        self.optimizers[1].zero_grad(set_to_none=True)
        loss.backward()
        self.optimizers[1].step()

    def _penalty(self, real: Any, made: Any) -> Any:
        """What keeps the critic's slope near 1 between real and made rows (Gulrajani et al. 2017)."""
        torch = self.torch
        share = torch.rand((len(real), 1))
        between = (share * real + (1 - share) * made).requires_grad_(True)
        (slope,) = torch.autograd.grad(self.critic(between).sum(), between, create_graph=True)
        return _PENALTY * (slope.norm(2, dim=1) - 1).square().mean()

    def _teach_generator(self, rng: np.random.Generator) -> None:
        torch = self.torch
        asked, _, which, levels = self._asked(rng)
        logits, made = self._made(asked)
        together = torch.cat([made, asked], dim=1).reshape(_BATCH // _TOGETHER, -1)
        loss = -self.critic(together).mean()
        for index in np.unique(which):
            here = torch.from_numpy(np.flatnonzero(which == index))
            wanted = torch.from_numpy(levels[which == index])
            choice = logits[here, self.conditions.spans[index].choice]
            loss = loss + torch.nn.functional.cross_entropy(choice, wanted, reduction="sum") / _BATCH
        self.optimizers[0].zero_grad(set_to_none=True)
        loss.backward()
        self.optimizers[0].step()

    def _average(self) -> None:
        for name, value in self.generator.state_dict().items():
            if value.dtype.is_floating_point:
                self.averaged[name].lerp_(value, 1 - _AVERAGED)

    def score(self) -> float:
        """How near its rows come."""
        bias = np.zeros(self.layout.width)
        made = _drawn(self.layout, self.averaged, self.conditions, _LOOKED_AT, self.seed, bias, {})
        return nearness(self.real, made)

    def weights(self) -> dict[str, Any]:
        """What rows are made of."""
        return {name: value.clone() for name, value in self.averaged.items()}

    def state(self) -> dict[str, Any]:
        """All that is needed to go on."""
        return {
            "generator": self.generator.state_dict(), "critic": self.critic.state_dict(), "averaged": self.averaged,
            "optimizers": [one.state_dict() for one in self.optimizers],
        }  # fmt: skip

    def load(self, state: dict[str, Any]) -> None:
        """Goes on from there."""
        self.generator.load_state_dict(state["generator"])
        self.critic.load_state_dict(state["critic"])
        self.averaged = state["averaged"]
        for optimizer, kept in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(kept)


class _Choices:
    """Soft choices of all spans at once (Gumbel softmax), which gradients pass through."""

    def __init__(self, torch: Any, layout: Layout) -> None:
        self.torch = torch
        self.places = torch.tensor([span.start for span in layout.spans if not span.feature.size], dtype=torch.long)
        at, owner = list[int](), list[int]()
        for index, span in enumerate(layout.spans):
            at += range(span.choice.start, span.choice.stop)
            owner += [index] * span.size
        self.at, self.owner = torch.tensor(at), torch.tensor(owner)
        self.member = torch.nn.functional.one_hot(self.owner, len(layout.spans)).float()
        # Where each part of a row stands once places and choices stand one behind the other.
        self.back = torch.argsort(torch.cat([self.places, self.at]))

    def __call__(self, logits: Any) -> Any:
        torch = self.torch
        chosen = logits[:, self.at]
        noise = torch.empty_like(chosen).exponential_().clamp_(min=1e-20).log_()
        heated = (chosen - noise) / _HEAT
        with torch.no_grad():
            most = torch.full((len(logits), self.member.shape[1]), -1e9)
            most.scatter_reduce_(1, self.owner.expand(len(logits), -1), heated, "amax")
        raised = torch.exp(heated - most[:, self.owner])
        shares = raised / (raised @ self.member)[:, self.owner]
        return torch.cat([torch.tanh(logits[:, self.places]), shares], dim=1)[:, self.back]


def _drawn(
    layout: Layout, weights: dict[str, Any], conditions: Conditions, rows: int, seed: int, bias: Array, wanted: Wanted
) -> Frame:
    import torch

    net = _generator(layout.width, conditions.width)
    net.load_state_dict(weights)
    net.eval()
    generator, rng = torch.Generator().manual_seed(seed), np.random.default_rng(seed)
    asked, which, levels = np.zeros((rows, 0), dtype=np.float32), None, None
    if conditions.width:
        which, levels = conditions.usual(rows, rng, wanted)
        asked = conditions.vectors(which, levels)
    with torch.no_grad():
        noise = torch.randn((rows, _NOISE), generator=generator)
        logits = net(torch.cat([noise, torch.from_numpy(asked)], dim=1))
        places = [span.start for span in layout.spans if not span.feature.size]
        logits[:, places] = torch.tanh(logits[:, places])
        logits = logits + torch.from_numpy(np.asarray(bias, dtype=np.float32))
        frame = layout.decoded(chosen(torch, layout, logits, generator).numpy())
    if wanted and which is not None and levels is not None:
        _hold(frame, conditions.spans, which, levels)
    return frame


def _hold(frame: Frame, spans: list[Span], which: Array, levels: Array) -> None:
    """Gives rows the level that they were asked for with, whatever came."""
    for index, span in enumerate(spans):
        here = which == index
        frame.data[span.feature.name][here] = levels[here]
