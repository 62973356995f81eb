"""Generates the orders of a fictional shop, and the columns about them in five languages. Each product has one price,
customers return, orders are delivered later, and totals are computed from the other columns. Column names and products
are in `shop.toml`.
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

from .columns import Array, Column, ColumnType
from .keys import generate_keys
from .shapes import NAME_TEMPLATE

_LANGUAGES = ("en", "de", "es", "fr", "pt")
_CUSTOMERS_PER_ORDER = 0.4
# Orders are from this many days before the end date.
_PERIOD_DAYS, _END_DATE = 730, np.datetime64("2026-01-01")
# Orders below the amount pay for shipping.
_FREE_SHIPPING_AMOUNT, _SHIPPING_PRICE = 50.0, 4.9
_DISCOUNTS, _DISCOUNT_WEIGHTS = (0, 5, 10, 15, 20), (0.7, 0.1, 0.1, 0.05, 0.05)
_FIRST_ORDER_NUMBER = 100_001
# The terms of the formula of a total, for the columns that a table has.
_TOTAL_TERMS = {"price": "{}", "quantity": " × {}", "discount": " × (1 − {} / 100)", "shipping": " + {}"}


@dataclass(frozen=True, slots=True)
class ShopOrders:
    """Orders in chronological order, as arrays with an element per order, except `names`: those of the customers.
    `customer` and `product` are indices; `discount` is in percent.
    """

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
        """The number of orders."""
        return len(self.customer)


@cache
def _load_shop() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "shop.toml").read_text(encoding="utf-8"))


@cache
def _map_column_names() -> Mapping[str, Mapping[str, str]]:
    """Map the headings of each language to columns of orders."""
    columns = _load_shop()["columns"]
    return {
        language: {word: name for name, words in columns.items() for word in words[language]} for language in _LANGUAGES
    }


@cache
def _map_synonyms() -> Mapping[str, str]:
    return {word: name for name, words in _load_shop()["same"].items() for word in words}


def translate_heading(heading: str) -> str:
    """Return the English heading of a synonym in any language; the heading itself if it is unknown."""
    return _map_synonyms().get(heading, heading)


def find_column(heading: str, language: str) -> str:
    """Return the column of orders with this heading in a language, or else in any; "" if there is none."""
    return next(
        (column for candidate in (language, *_LANGUAGES) if (column := _map_column_names()[candidate].get(heading))), ""
    )


def detect_heading_language(headings: Iterable[str]) -> str:
    """Return the language of most headings; English if none is known."""
    counts = Counter(language for word in headings for language in _LANGUAGES if word in _map_column_names()[language])
    return max(_LANGUAGES, key=lambda language: counts[language])


def is_order_table(words: Iterable[str], columns: Collection[str]) -> bool:
    """Whether each row is an order: stated by a word of the description, or implied by columns for a product and an
    amount.
    """
    order_words = set(_load_shop()["orders"]["words"])
    return any(word in order_words for word in words) or (
        "product" in columns and bool({"price", "quantity", "total"} & {*columns})
    )


def generate_orders(count: int, rng: np.random.Generator, *, has_returning_customers: bool) -> ShopOrders:
    """Generate orders; unless customers return, each order has a customer of its own."""
    customer_count = max(1, round(count * _CUSTOMERS_PER_ORDER)) if has_returning_customers else count
    weights = 1 / np.arange(1, customer_count + 1) ** 0.5
    customer = (
        rng.choice(customer_count, size=count, p=weights / weights.sum())
        if has_returning_customers
        else np.arange(count)
    )
    prices = np.array([product["price"] for product in _load_shop()["products"]])
    popularity = 1 / np.arange(1, len(prices) + 1) ** 0.7
    product = rng.choice(len(prices), size=count, p=popularity / popularity.sum())
    price = prices[product]
    quantity = 1 + rng.poisson((30 / price).clip(0.1, 2.5))
    days = _END_DATE - np.arange(_PERIOD_DAYS, 0, -1)
    # Sales rise towards the end of the year, and on weekends.
    months = days.astype("datetime64[M]").astype(np.int64) % 12
    is_weekend = (days.astype("datetime64[D]").astype(np.int64) + 3) % 7 >= 5
    day_weights = 1 + 0.6 * (months >= 10) + 0.3 * is_weekend
    day = np.sort(rng.choice(days, size=count, p=day_weights / day_weights.sum()))
    names = generate_keys(
        Column("customer", ColumnType.TEXT, shapes=((NAME_TEMPLATE, 1),), unique=True),
        customer_count,
        rng,
        lambda _: False,
    )
    discount = rng.choice(_DISCOUNTS, size=count, p=_DISCOUNT_WEIGHTS)
    return ShopOrders(customer, product, names, day, 1 + rng.poisson(2.0, count), price, quantity, discount, rng)


def build_cells(name: str, orders: ShopOrders, language: str, other_columns: Collection[str]) -> list[str]:
    """Build the cells of a column of orders; totals take account of discounts and shipping only if these are among
    `other_columns`.
    """
    products = _load_shop()["products"]
    match name:
        case "customer":
            return [str(orders.names[index]) for index in orders.customer]
        case "customer_id":
            numbers = (
                10_000 + orders.rng.permutation(90_000)[: len(orders.names)] if len(orders.names) < 90_000 else None
            )
            return [f"C{index + 1:06d}" if numbers is None else f"C{numbers[index]}" for index in orders.customer]
        case "order_id":
            return [str(_FIRST_ORDER_NUMBER + index) for index in range(orders.count)]
        case "date":
            return [str(day) for day in orders.day]
        case "delivered":
            return [str(day) for day in orders.day + orders.days_to_deliver]
        case "product":
            return [products[index][language] for index in orders.product]
        case "category":
            return [_load_shop()["groups"][products[index]["group"]][language] for index in orders.product]
        case "sku":
            return [f"SKU-{1001 + 7 * index}" for index in orders.product]
        case "price":
            return _format_money(orders.price)
        case "quantity":
            return [str(quantity) for quantity in orders.quantity]
        case "discount":
            return [str(discount) for discount in orders.discount]
        case "subtotal":
            return _format_money(_compute_net(orders, other_columns))
        case "shipping":
            return _format_money(_compute_shipping(orders, other_columns))
        case "total":
            return _format_money(
                _compute_net(orders, other_columns)
                + (_compute_shipping(orders, other_columns) if "shipping" in other_columns else 0.0)
            )
        case _:
            choices = _load_shop()["choices"][name][language]
            weights = 1 / np.arange(1, len(choices) + 1) ** 0.6
            return [
                choices[index]
                for index in orders.rng.choice(len(choices), size=orders.count, p=weights / weights.sum())
            ]


def format_total_formula(headings: Mapping[str, str]) -> str:
    """Format the formula of the total with the headings of the columns; "" without a price or quantity."""
    if not {"price", "quantity"} <= headings.keys():
        return ""
    return "".join(part.format(headings[name]) for name, part in _TOTAL_TERMS.items() if name in headings)


def _compute_net(orders: ShopOrders, other_columns: Collection[str]) -> Array:
    share = 1 - orders.discount / 100 if "discount" in other_columns else 1.0
    # Round half up to cents.
    return np.asarray(np.floor(orders.price * orders.quantity * share * 100 + 0.5 + 1e-6) / 100)


def _compute_shipping(orders: ShopOrders, other_columns: Collection[str]) -> Array:
    return np.where(_compute_net(orders, other_columns) < _FREE_SHIPPING_AMOUNT, _SHIPPING_PRICE, 0.0)


def _format_money(values: Array) -> list[str]:
    return [f"{amount:.2f}" for amount in values]
