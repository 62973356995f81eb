"""Generates the people in the rows of a table, with diagnoses and measures that fit their ages."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from .columns import Array
from .shop import ShopOrders


@dataclass(frozen=True, slots=True)
class Population:
    """The people in the rows of a table, as arrays with an element per person; `diagnosis` are indices in `clinic.toml`."""

    age: Array
    sex: Array
    diagnosis: Array
    # Measures by name. Some are correlated: weight depends on height and BMI, creatinine on the filtration rate.
    measures: dict[str, Array]
    rng: np.random.Generator
    # Generated when a column first needs them: most tables have none, and a name for each of 100,000 customers takes a minute.
    load_orders: Callable[[], ShopOrders]
    # If rows are orders: the customers without repetition.
    customers: Population | None = None

    @property
    def count(self) -> int:
        """The number of people."""
        return len(self.age)

    @property
    def orders(self) -> ShopOrders:
        """The shop's orders, one per row."""
        return self.load_orders()


CellMaker = Callable[[Population], list[str]]


@cache
def load_clinic() -> dict[str, Any]:
    """Load the diagnoses, drugs and measures of `clinic.toml`."""
    return tomllib.loads((Path(__file__).parent / "clinic.toml").read_text())


def generate_population(
    count: int,
    ages: tuple[int, int],
    only_sex: str,
    rng: np.random.Generator,
    load_orders: Callable[[], ShopOrders],
) -> Population:
    """Generate people within a range of ages; of both sexes, unless `only_sex` is "F" or "M"."""
    low, high = ages
    years = np.arange(low, high + 1)
    # Patients are older than the general population.
    weights = np.exp(-(((years - 58) / 24.0) ** 2) / 2) + 0.05
    age = rng.choice(years, size=count, p=weights / weights.sum())
    sex = np.array([only_sex] * count) if only_sex else np.where(rng.random(count) < 0.53, "F", "M")
    diagnoses = load_clinic()["diagnoses"]
    probabilities = np.stack([_compute_weights(diagnosis, age, sex) for diagnosis in diagnoses], axis=1)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    diagnosis = (probabilities.cumsum(axis=1) < rng.random((count, 1))).sum(axis=1).clip(0, len(diagnoses) - 1)
    return Population(age, sex, diagnosis, _generate_measures(age, sex, diagnosis, rng), rng, load_orders)


def _compute_weights(diagnosis: dict[str, Any], age: Array, sex: Array) -> Array:
    low, high = diagnosis["ages"]
    is_possible = (age >= low) & (age <= high) & np.isin(sex, list(diagnosis.get("sex", "FM")))
    return np.asarray(is_possible * diagnosis["weight"] * np.exp(diagnosis["ageing"] * (age - 55) / 30.0))


def _generate_measures(age: Array, sex: Array, diagnosis_indices: Array, rng: np.random.Generator) -> dict[str, Array]:
    measures = {
        name: _draw_measure(name, measure, age, sex, diagnosis_indices, rng)
        for name, measure in load_clinic()["measures"].items()
    }
    measures["diastolic"] = np.minimum(measures["diastolic"], measures["systolic"] - 15)
    measures["ldl"] = np.minimum(measures["ldl"], measures["cholesterol"] - measures["hdl"] - 8).clip(min=25)
    has_kidney_disease = np.array([diagnosis_data["code"] == "N18.3" for diagnosis_data in load_clinic()["diagnoses"]])[
        diagnosis_indices
    ]
    measures["egfr"] = np.where(has_kidney_disease, rng.uniform(30, 59, len(age)), np.maximum(measures["egfr"], 60))
    measures["creatinine"] = _compute_creatinine(measures["egfr"], age, sex)
    mean_height = 75 + 7 * age.clip(max=15) + np.where(sex == "M", 0.0, -12.0) * (age >= 15)
    measures["height"] = (mean_height + 6.5 * rng.standard_normal(len(age)) * (0.3 + age.clip(max=15) / 21)).clip(
        50, 215
    )
    measures["bmi"] = measures["bmi"] - (15 - age.clip(max=15)) * 0.55
    measures["weight"] = measures["bmi"] * (measures["height"] / 100) ** 2
    return measures


def _draw_measure(
    name: str, measure: dict[str, Any], age: Array, sex: Array, diagnosis_indices: Array, rng: np.random.Generator
) -> Array:
    increase = np.array(
        [diagnosis_data.get("raises", {}).get(name, 0.0) for diagnosis_data in load_clinic()["diagnoses"]]
    )[diagnosis_indices]
    mean = measure["middle"] + measure["ageing"] * (age - 45.0) + increase * rng.uniform(0.5, 1.5, len(age))
    if name == "haemoglobin":
        mean = mean + np.where(sex == "M", 0.7, -0.7)
    # The values of ill people vary more.
    spread = measure["spread"] + 0.3 * np.abs(increase)
    return np.asarray((mean + spread * rng.standard_normal(len(age))).clip(*measure["range"]))


def _compute_creatinine(rate: Array, age: Array, sex: Array) -> Array:
    """Compute creatinine from the filtration rate: the CKD-EPI equation of 2021, solved for creatinine."""
    is_female = sex == "F"
    constant, power = np.where(is_female, 0.7, 0.9), np.where(is_female, -0.241, -0.302)
    rate_ratio = rate / (142 * 0.9938**age * np.where(is_female, 1.012, 1.0))
    return np.asarray(
        (constant * np.where(rate_ratio < 1, rate_ratio ** (-1 / 1.2), rate_ratio ** (1 / power))).clip(0.3, 12)
    )
