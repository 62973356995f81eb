from __future__ import annotations

import datetime

import numpy as np
import pytest

from bot.synthesis.table import Table


@pytest.fixture(scope="session")
def clinic() -> Table:
    """Visits of a clinic, one a row: two ordered dates, a sum, missing cells, a key."""
    rng, rows = np.random.default_rng(5), list[list[str]]()
    for number in range(240):
        came = datetime.date(2024, 1, 1) + datetime.timedelta(days=int(rng.integers(0, 500)))
        went = came + datetime.timedelta(days=int(rng.integers(0, 20)))
        sex, age = "FM"[rng.integers(2)], int(rng.integers(20, 90))
        drugs, care = int(rng.integers(10, 900)), int(rng.integers(100, 4000))
        sugar = f"{5 + age / 60 + rng.normal() / 3:.1f}" if rng.random() > 0.2 else ""
        rows.append(
            [f"P-{number:04d}", str(came), str(went), sex, str(age), sugar, str(drugs), str(care), str(drugs + care)]
        )
    names = ["patient id", "came", "went", "sex", "age", "HbA1c", "drugs", "care", "cost"]
    return Table({name: [row[at] for row in rows] for at, name in enumerate(names)})


@pytest.fixture(scope="session")
def measurement_series() -> Table:
    """Measures of 40 people over time: constant sex, varying weight."""
    rng, rows = np.random.default_rng(6), list[list[str]]()
    for number in range(40):
        when, sex, weight = (
            datetime.date(2024, 1, 1) + datetime.timedelta(days=int(rng.integers(90))),
            "FM"[rng.integers(2)],
            80.0,
        )
        for _ in range(int(rng.integers(2, 7))):
            rows.append([f"K{number:03d}", str(when), sex, f"{weight:.1f}"])
            when, weight = when + datetime.timedelta(days=int(rng.integers(7, 40))), weight + rng.normal()
    return Table({name: [row[at] for row in rows] for at, name in enumerate(["person id", "day", "sex", "weight"])})


@pytest.fixture(autouse=True)
def _shrink_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reduce batch sizes to those of the test tables."""
    monkeypatch.setattr("bot.synthesis.gan._BATCH_SIZE", 120)
    monkeypatch.setattr("bot.synthesis.networks._MIN_ROWS", 200)
    monkeypatch.setattr("bot.synthesis.networks._MAX_ROWS", 300)
    monkeypatch.setattr("bot.synthesis.sampling._MIN_BATCH_ROWS", 400)
