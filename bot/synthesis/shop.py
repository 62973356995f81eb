"""Orders of a made-up shop, which columns of tables from words are drawn from: known by name in five languages.

Prices belong to products, customers come again, what is ordered is delivered later, and totals are reckoned from the columns
beside them. Words and goods stand in `shop.toml`.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from .columns import Array, Column, Sort
from .keys import made
from .shapes import WORD

_LANGUAGES = ("en", "de", "es", "fr", "pt")
# Customers of so many orders; orders of so many days before the last.
_SHARE, _DAYS, _LAST = 0.4, 730, np.datetime64("2026-01-01")
# Below so much an order pays for its parcel.
_FREE_FROM, _PARCEL = 50.0, 4.9
_DISCOUNTS, _OFTEN = (0, 5, 10, 15, 20), (0.7, 0.1, 0.1, 0.05, 0.05)
_FIRST_ORDER = 100_001
# What a total is made of, in this order, as far as there are columns of it.
_PARTS = {"price": "{}", "quantity": " × {}", "discount": " × (1 − {} / 100)", "shipping": " + {}"}


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders, the earliest first. Of each one which customer and which product it is of, and its figures."""

    customer: Array
    product: Array
    names: Array
    day: Array
    days_to_deliver: Array
    price: Array
    quantity: Array
    discount: Array
    rng: np.random.Generator

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.customer)


@cache
def _shop() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "shop.toml").read_text(encoding="utf-8"))


@cache
def _known() -> Mapping[str, Mapping[str, str]]:
    """By language and word the column that is called so."""
    columns = _shop()["columns"]
    return {
        language: {word: name for name, words in columns.items() for word in words[language]} for language in _LANGUAGES
    }


@cache
def _english() -> Mapping[str, str]:
    return {word: name for name, words in _shop()["same"].items() for word in words}


def in_english(word: str) -> str:
    """The English name of a column that is known by one; the word itself where it is no other."""
    return _english().get(word, word)


def column_of(word: str, language: str) -> str:
    """Which column of orders is called so, in a language or else in any; empty for none."""
    return next((found for one in (language, *_LANGUAGES) if (found := _known()[one].get(word))), "")


def language_of(words: Iterable[str]) -> str:
    """The language that most of these columns are named in; English where that cannot be told."""
    found = Counter(language for word in words for language in _LANGUAGES if word in _known()[language])
    return max(_LANGUAGES, key=lambda language: found[language])


def are_orders(who: Iterable[str], columns: Collection[str]) -> bool:
    """Whether each row is an order of somebody who may order again: it is said so, or there are goods and what they cost."""
    said = set(_shop()["orders"]["words"])
    return any(word in said for word in who) or (
        "product" in columns and bool({"price", "quantity", "total"} & {*columns})
    )


def orders(count: int, rng: np.random.Generator, *, come_again: bool) -> Orders:
    """So many orders; where customers do not come again, each row is another's."""
    customers = max(1, round(count * _SHARE)) if come_again else count
    often = 1 / np.arange(1, customers + 1) ** 0.5
    which = rng.choice(customers, size=count, p=often / often.sum()) if come_again else np.arange(count)
    prices = np.array([one["price"] for one in _shop()["products"]])
    liked = 1 / np.arange(1, len(prices) + 1) ** 0.7
    product = rng.choice(len(prices), size=count, p=liked / liked.sum())
    price = prices[product]
    quantity = 1 + rng.poisson((30 / price).clip(0.1, 2.5))
    days = _LAST - np.arange(_DAYS, 0, -1)
    # More is ordered towards the end of a year, and on its weekends.
    months = days.astype("datetime64[M]").astype(np.int64) % 12
    weekend = (days.astype("datetime64[D]").astype(np.int64) + 3) % 7 >= 5
    busy = 1 + 0.6 * (months >= 10) + 0.3 * weekend
    day = np.sort(rng.choice(days, size=count, p=busy / busy.sum()))
    names = made(Column("customer", Sort.TEXT, shapes=((WORD, 1),), unique=True), customers, rng, lambda _: False)
    discount = rng.choice(_DISCOUNTS, size=count, p=_OFTEN)
    return Orders(which, product, names, day, 1 + rng.poisson(2.0, count), price, quantity, discount, rng)


def cells_of(name: str, found: Orders, language: str, beside: Collection[str]) -> list[str]:
    """The cells of a column of orders; a total is reckoned from the columns that stand `beside` it."""
    goods = _shop()["products"]
    match name:
        case "customer":
            return [str(found.names[at]) for at in found.customer]
        case "customer_id":
            numbers = 10_000 + found.rng.permutation(90_000)[: len(found.names)] if len(found.names) < 90_000 else None
            return [f"C{at + 1:06d}" if numbers is None else f"C{numbers[at]}" for at in found.customer]
        case "order_id":
            return [str(_FIRST_ORDER + at) for at in range(found.count)]
        case "date":
            return [str(day) for day in found.day]
        case "delivered":
            return [str(day) for day in found.day + found.days_to_deliver]
        case "product":
            return [goods[at][language] for at in found.product]
        case "category":
            return [_shop()["groups"][goods[at]["group"]][language] for at in found.product]
        case "sku":
            return [f"SKU-{1001 + 7 * at}" for at in found.product]
        case "price":
            return _money(found.price)
        case "quantity":
            return [str(one) for one in found.quantity]
        case "discount":
            return [str(one) for one in found.discount]
        case "subtotal":
            return _money(_net(found, beside))
        case "shipping":
            return _money(_shipping(found, beside))
        case "total":
            return _money(_net(found, beside) + (_shipping(found, beside) if "shipping" in beside else 0.0))
        case _:
            choices = _shop()["choices"][name][language]
            weights = 1 / np.arange(1, len(choices) + 1) ** 0.6
            return [choices[at] for at in found.rng.choice(len(choices), size=found.count, p=weights / weights.sum())]


def reckoned(headings: Mapping[str, str]) -> str:
    """How the total comes of the columns beside it, by their headings; empty where price or quantity is none of them."""
    if not {"price", "quantity"} <= headings.keys():
        return ""
    return "".join(part.format(headings[name]) for name, part in _PARTS.items() if name in headings)


def _net(found: Orders, beside: Collection[str]) -> Array:
    share = 1 - found.discount / 100 if "discount" in beside else 1.0
    # In hundredths, a half rounded up, as a till does.
    return np.asarray(np.floor(found.price * found.quantity * share * 100 + 0.5 + 1e-6) / 100)


def _shipping(found: Orders, beside: Collection[str]) -> Array:
    return np.where(_net(found, beside) < _FREE_FROM, _PARCEL, 0.0)


def _money(values: Array) -> list[str]:
    return [f"{one:.2f}" for one in values]
