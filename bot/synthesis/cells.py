"""Functions that make the cells of a column for a population."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

import numpy as np

from bot.errors import Phrase, RefusedError

from .columns import Column, ColumnType, format_table
from .keys import generate_keys
from .population import CellMaker, Population, load_clinic
from .shapes import EMAIL_TEMPLATE, NAME_TEMPLATE
from .shop import build_cells


def make_order_cells(name: str, language: str, order_columns: frozenset[str], people: Population) -> list[str]:
    """Make the cells of a column of the shop's orders."""
    return build_cells(name, people.orders, language, order_columns)


def make_customer_emails(people: Population) -> list[str]:
    """Make the customers' e-mail addresses."""
    mailboxes = [re.sub(r"\W+", ".", str(name).casefold()) for name in people.orders.names]
    return [f"{mailboxes[index]}@example.org" for index in people.orders.customer]


def make_customer_cells(make_cells: CellMaker, people: Population) -> list[str]:
    """Make cells that are the same in all orders of a customer."""
    assert people.customers is not None
    cells = make_cells(people.customers)
    return [cells[index] for index in people.orders.customer]


def build_range(name: str, low: str, high: str) -> tuple[str, CellMaker, Phrase | None]:
    """Return the name of a column of numbers within a range, the function that makes it, and no note.

    Raises:
        RefusedError: the lower end is not below the upper end.
    """
    low_end, high_end = float(low), float(high)
    if low_end >= high_end:
        raise RefusedError(
            '"{name}" goes from {low} to {high}, which is not a range. Write the smaller value first.',
            name=name,
            low=low,
            high=high,
        )
    decimals = max(len(end.partition(".")[2]) for end in (low, high))
    column = Column(name, ColumnType.NUMBER, low=low_end, high=high_end, decimals=decimals, fixed=True)

    def make_numbers(people: Population) -> list[str]:
        values = low_end + people.rng.beta(2.5, 2.5, people.count) * (high_end - low_end)
        return format_table({name: np.round(values, decimals)}, [column]).columns[name]

    return name, make_numbers, None


def make_choices(choices: Sequence[str], people: Population) -> list[str]:
    """Draw choices, earlier ones more often."""
    weights = 1 / np.arange(1, len(choices) + 1) ** 0.6
    return [choices[index] for index in people.rng.choice(len(choices), size=people.count, p=weights / weights.sum())]


def make_measurements(name: str, decimals: int, people: Population) -> list[str]:
    """Format a measure of the people."""
    return [f"{value:.{decimals}f}" for value in people.measures[name]]


def make_diagnoses(part: str, people: Population) -> list[str]:
    """Format a part of the people's diagnoses: "code" or "name"."""
    diagnoses = load_clinic()["diagnoses"]
    return [str(diagnoses[index][part]) for index in people.diagnosis]


def make_drugs(as_codes: bool, people: Population) -> list[str]:
    """Draw drugs that fit the diagnoses; empty cells where there are none."""
    names, diagnoses = load_clinic()["drugs"], load_clinic()["diagnoses"]
    cells = list[str]()
    for index, draw in zip(people.diagnosis, people.rng.random(people.count), strict=True):
        drugs = diagnoses[index].get("drugs", [])
        code = drugs[int(draw * len(drugs))] if drugs else ""
        cells.append(code if as_codes or not code else names[code])
    return cells


def make_counts(mean: float, people: Population) -> list[str]:
    """Draw counts, with higher means for older people."""
    expected = mean * (0.6 + people.age / 90) * people.rng.gamma(2.0, 0.5, people.count)
    return [str(count) for count in people.rng.poisson(expected)]


def _make_dates(days: int, people: Population) -> list[str]:
    dates = np.datetime64("2026-01-01") - people.rng.integers(0, days, people.count)
    return [str(date) for date in dates]


def make_birth_dates(people: Population) -> list[str]:
    """Make dates of birth that fit the ages."""
    days = (people.age * 365.25 + people.rng.integers(0, 365, people.count)).astype(np.int64)
    return [str(date) for date in np.datetime64("2026-01-01") - days]


def make_keys(shape: str, unique: bool, people: Population) -> list[str]:
    """Generate keys of a shape (see `shapes.detect_shape`), or cells of a template."""
    column = Column("id", ColumnType.KEY, shapes=((shape, 1),), unique=unique)
    return [str(key) for key in generate_keys(column, people.count, people.rng, lambda _: False)]


def make_amounts(median: float, people: Population) -> list[str]:
    """Draw log-normally distributed amounts around a median."""
    return [f"{amount:.2f}" for amount in median * np.exp(0.5 * people.rng.standard_normal(people.count))]


def make_times(people: Population) -> list[str]:
    """Draw times in the 90 days before 2026-01-01."""
    times = np.datetime64("2026-01-01T00:00") - people.rng.integers(0, 90 * 24 * 60, people.count)
    return [str(time).replace("T", " ") for time in times]


def make_name_parts(part: int, people: Population) -> list[str]:
    """Generate names and return one part of each: 0 is the given name, -1 the surname."""
    return [name.split()[part] for name in MAKE_NAMES(people)]


MAKE_DATES, MAKE_HIRE_DATES = partial(_make_dates, 730), partial(_make_dates, 3650)
DATE_MAKERS = (MAKE_DATES, MAKE_HIRE_DATES)
MAKE_NAMES, MAKE_EMAILS = partial(make_keys, NAME_TEMPLATE, False), partial(make_keys, EMAIL_TEMPLATE, True)
