"""Generates tables from a description such as "200 patients of a made-up clinic: age, sex, ICD-10 code, HbA1c, visits",
without any real data. The person of each row has an age, a sex and a diagnosis, even if these are not columns, and
measures and drugs depend on them. Codes and reference values are in `clinic.toml`. Rows may also be orders of a shop
(`shop.py`), whose customers have several orders.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial

import numpy as np

from bot.errors import Phrase, RefusedError

from .cells import DATE_MAKERS, MAKE_EMAILS, MAKE_NAMES, make_order_cells
from .columns import Array, take_rows
from .fields import normalise_heading, parse_field
from .population import CellMaker, Population, generate_population
from .shop import detect_heading_language, find_column, format_total_formula, generate_orders, is_order_table
from .table import LIMITS, Table

DEFAULT_ROWS, _MAX_ROWS = 100, 100_000
# Digits of the number of rows that are parsed.
_MAX_DIGITS = 15
_COLUMNS_NEEDED = "Tell me which columns you want, for example: 200 patients: age, sex, ICD-10 code, HbA1c, visits."
# Longer descriptions of a table or a column are truncated, as some patterns search ahead from each word.
MAX_DESCRIPTION_CHARACTERS, MAX_FIELD_CHARACTERS = 4_000, 600
_COUNT = re.compile(r"\b(\d{1,3}(?:[,.]\d{3})+|\d+)\b")
_MIN_AGE = re.compile(r"\b(?:over|above|older than|at least|from)\s+(\d{1,3})\b", re.IGNORECASE)
_MAX_AGE = re.compile(r"\b(?:under|below|younger than|up to|at most)\s+(\d{1,3})\b", re.IGNORECASE)
_AGE_RANGE = re.compile(r"\b(?:aged|between)\s+(\d{1,3})\s*(?:-|–|to|and)\s*(\d{1,3})\b", re.IGNORECASE)
_EMPLOYEES = re.compile(
    r"\b(employees?|staff|workers|mitarbeiter\w*|angestellten?|empleados|empleadas|employés|salariés|funcionários)\b",
    re.I,
)
_SEXES = {
    "F": re.compile(r"\b(women|woman|females?|girls)\b", re.I),
    "M": re.compile(r"\b(men|man|males?|boys)\b", re.I),
}
_SEPARATORS = re.compile(
    rf"(?:[,;\n]|\band\b|(?<=\s)(?:und|et|y|e)(?=\s))(?![^(]{{0,{MAX_FIELD_CHARACTERS}}}\))", re.IGNORECASE
)
# Headings of dates that follow another date of the row.
_LATER_DATE = re.compile(
    r"\b(due|end|discharged?|return|expiry|expiration|closing|closed|completion|leaving|check-?out|payment|paid)\b|entlass|fällig|"
    r"\bende|enddatum|\balta\b|vencimi?ento|\bfin\b|échéance|sortie|\bfim\b",
    re.IGNORECASE,
)
_TAX_RATE = 0.2
_NET = re.compile(
    r"net( amount| price)?|netto(betrag|preis)?|neto|base|(montant )?ht|hors taxes|líquido", re.IGNORECASE
)
_VAT = re.compile(r"vat|tax|sales tax|mwst\.?|ust\.?|mehrwertsteuer|umsatzsteuer|iva|tva|imposto", re.IGNORECASE)
_GROSS = re.compile(
    r"gross( amount| price)?|total|brutto(betrag|preis)?|summe|gesamt(betrag)?|(montant )?ttc|bruto", re.IGNORECASE
)
_STAY = re.compile(r"length of stay|los|verweildauer", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TableSchema:
    """The columns of a table with the function that makes each, and the sex and ages of the people in its rows."""

    row_count: int
    columns: dict[str, CellMaker]
    sex: str = ""
    min_age: int = 0
    max_age: int = 99
    notes: tuple[Phrase, ...] = ()
    is_order_table: bool = False
    # Columns that depend on others: later dates on earlier ones, e-mail addresses on names.
    earlier_dates: dict[str, str] = field(default_factory=dict)
    name_columns: dict[str, str] = field(default_factory=dict)
    # The computed columns of an invoice: net amount, tax, and gross amount.
    tax_columns: tuple[str, str, str] = ("", "", "")


def build_schema(text: str) -> TableSchema:
    """Build a schema from a description: the number of rows and what they are, a colon, and the columns.

    Raises:
        RefusedError: the description names no columns, or an unknown one without choices or a range; or a number of
            columns, of rows or an age is out of range.
    """
    row_description, names = _split_description(text[:MAX_DESCRIPTION_CHARACTERS])
    headings = [normalise_heading(name) for name in names]
    language = detect_heading_language(headings)
    order_columns = {find_column(heading, language) for heading in headings}
    has_orders = is_order_table(re.findall(r"\w+", row_description.casefold()), order_columns)
    columns, notes = _parse_columns(
        names, language, frozenset(order_columns) if has_orders else None, is_only_list=not row_description.strip()
    )
    shop_columns = {find_column(normalise_heading(heading), language): heading for heading in columns}
    if has_orders and "total" in shop_columns and (formula := format_total_formula(shop_columns)):
        notes.append(Phrase("{name}: {note}.", name=shop_columns["total"], note=formula))
    net, tax, gross = _find_tax_columns(columns)
    if net and tax:
        notes.append(
            Phrase(
                "{name}: {note}.", name=tax, note=Phrase("{share} % of {net}", share=round(100 * _TAX_RATE), net=net)
            )
        )
    low, high = _parse_ages(row_description)
    return TableSchema(
        _parse_row_count(row_description),
        columns,
        _find_only_sex(row_description),
        low,
        high,
        tuple(notes),
        has_orders,
        _find_later_dates(columns),
        {} if has_orders else _find_email_columns(columns),
        (net, tax, gross),
    )


def _split_description(text: str) -> tuple[str, list[str]]:
    """Split a description into what the rows are, and the descriptions of the columns.

    Raises:
        RefusedError: there are no columns, or too many.
    """
    row_description, colon, column_list = text.partition(":")
    if not colon:
        row_description, column_list = "", text
        if preposition := re.search(r"\b(?:with|columns|mit|avec|con|com)\b", text, re.IGNORECASE):
            row_description, column_list = text[: preposition.start()], text[preposition.end() :]
    parts = _SEPARATORS.split(column_list)
    names = [name for part in parts if (name := " ".join(part[:MAX_FIELD_CHARACTERS].split()).strip(" ."))]
    if not names:
        raise RefusedError(_COLUMNS_NEEDED)
    if len(names) > LIMITS.columns:
        raise RefusedError(
            "That is {count:,} columns; I can make at most {most}. Leave some out.",
            count=len(names),
            most=LIMITS.columns,
        )
    return row_description, names


def _parse_columns(
    names: Sequence[str], language: str, order_columns: frozenset[str] | None, *, is_only_list: bool
) -> tuple[dict[str, CellMaker], list[Phrase]]:
    """Return the function that makes each column, and notes on the columns. With `is_only_list`, the description
    does not say what the rows are.

    Raises:
        RefusedError: a column is unknown, or two have the same name.
    """
    columns, notes = dict[str, CellMaker](), list[Phrase]()
    for name in names:
        try:
            heading, make_cells, note = parse_field(name, language, order_columns)
        except RefusedError as error:
            # A single phrase that is no column describes the rows, not the columns.
            raise RefusedError(_COLUMNS_NEEDED) if len(names) == 1 and is_only_list else error from error
        if heading.casefold() in {column.casefold() for column in columns}:
            raise RefusedError('Two columns are called "{name}". Rename one of them.', name=heading)
        columns[heading] = make_cells
        notes += [Phrase("{name}: {note}.", name=heading, note=note)] if note else []
    return columns, notes


def _find_only_sex(row_description: str) -> str:
    """Return the sex of the people that a description names, "F" or "M"; empty if it names both or none."""
    sexes = [code for code, pattern in _SEXES.items() if pattern.search(row_description)]
    return sexes[0] if len(sexes) == 1 else ""


def _parse_row_count(row_description: str) -> int:
    """Return the number of rows: the first number that is not an age, or the default.

    Raises:
        RefusedError: the number is out of range.
    """
    count = _COUNT.search(_AGE_RANGE.sub(" ", _MIN_AGE.sub(" ", _MAX_AGE.sub(" ", row_description))))
    row_count = int(re.sub(r"[,.]", "", count[1])[:_MAX_DIGITS]) if count else DEFAULT_ROWS
    if not 1 <= row_count <= _MAX_ROWS:
        raise RefusedError("I can make 1 to {most:,} rows, not {count:,}.", most=_MAX_ROWS, count=row_count)
    return row_count


def generate_table(schema: TableSchema, row_count: int, seed: int) -> Table:
    """Generate rows of a schema, the same for the same seed.

    Raises:
        RefusedError: the number of rows is out of range.
    """
    if not 1 <= row_count <= _MAX_ROWS:
        raise RefusedError("I can make 1 to {most:,} rows, not {count:,}.", most=_MAX_ROWS, count=row_count)
    # Orders have their own random generator, so that a seed gives the same people with and without them.
    order_rng = np.random.default_rng([seed, 1])
    load_orders = cache(partial(generate_orders, row_count, order_rng, has_returning_customers=schema.is_order_table))
    people = generate_population(
        len(load_orders().names) if schema.is_order_table else row_count,
        (schema.min_age, schema.max_age),
        schema.sex,
        np.random.default_rng(seed),
        load_orders,
    )
    if schema.is_order_table:
        people = _repeat_customers(people, people.orders.customer)
    cells = {name: make_cells(people) for name, make_cells in schema.columns.items()}
    for later, earlier in schema.earlier_dates.items():
        stays = next((cells[name] for name in cells if _STAY.fullmatch(name.strip())), None)
        cells[later] = _generate_later_dates(cells[earlier], stays, people.rng)
    for email, name in schema.name_columns.items():
        cells[email] = _build_emails(cells[name])
    return Table(cells | _compute_taxes(cells, *schema.tax_columns))


def _repeat_customers(customers: Population, customer_of_row: Array) -> Population:
    """Return the people of the rows of orders: the customer of each."""
    return replace(
        customers,
        age=customers.age[customer_of_row],
        sex=customers.sex[customer_of_row],
        diagnosis=customers.diagnosis[customer_of_row],
        customers=customers,
        measures=take_rows(customers.measures, customer_of_row),
    )


def _compute_taxes(cells: dict[str, list[str]], net: str, tax: str, gross: str) -> dict[str, list[str]]:
    """Return the cells of the columns with the tax and the gross amount; none without a net and a tax column."""
    if not net or not tax:
        return {}
    net_cents = [round(float(cell) * 100) for cell in cells[net]]
    tax_cents = [round(cents * _TAX_RATE) for cents in net_cents]
    tax_cells = {tax: [f"{cents / 100:.2f}" for cents in tax_cents]}
    if not gross:
        return tax_cells
    return tax_cells | {gross: [f"{sum(cents) / 100:.2f}" for cents in zip(net_cents, tax_cents, strict=True)]}


def _find_tax_columns(columns: dict[str, CellMaker]) -> tuple[str, str, str]:
    """Return the columns with the net amount, the tax, and the gross amount; "" for missing ones."""
    net, tax, gross = (
        next((name for name in columns if pattern.fullmatch(normalise_heading(name))), "")
        for pattern in (_NET, _VAT, _GROSS)
    )
    return net, tax, gross


def _find_later_dates(columns: dict[str, CellMaker]) -> dict[str, str]:
    """Map later dates, such as the discharge, to the first earlier one, such as the admission."""
    dates = [
        name
        for name, make_cells in columns.items()
        if make_cells in DATE_MAKERS
        or (isinstance(make_cells, partial) and make_cells.func is make_order_cells and make_cells.args[0] == "date")
    ]
    first_date = next((name for name in dates if not _LATER_DATE.search(name)), "")
    return {name: first_date for name in dates if first_date and _LATER_DATE.search(name)}


def _find_email_columns(columns: dict[str, CellMaker]) -> dict[str, str]:
    """Map columns with e-mail addresses to the first column with names; empty without names."""
    names = [name for name, make_cells in columns.items() if make_cells is MAKE_NAMES]
    return {name: names[0] for name, make_cells in columns.items() if names and make_cells is MAKE_EMAILS}


def _generate_later_dates(earlier: Sequence[str], stays: Sequence[str] | None, rng: np.random.Generator) -> list[str]:
    days = (
        np.array(stays, dtype=np.int64) if stays is not None else 1 + rng.poisson(8 * rng.gamma(2.0, 0.5, len(earlier)))
    )
    return [str(date) for date in np.array(earlier, dtype="datetime64[D]") + days]


def _build_emails(names: Sequence[str]) -> list[str]:
    """Build an e-mail address for each name, with a number for repeated names."""
    counts, emails = dict[str, int](), list[str]()
    for name in names:
        mailbox = re.sub(r"\W+", ".", name.casefold())
        counts[mailbox] = counts.get(mailbox, 0) + 1
        emails.append(f"{mailbox}{counts[mailbox] if counts[mailbox] > 1 else ''}@example.org")
    return emails


def _parse_ages(row_description: str) -> tuple[int, int]:
    """Return the minimum and the maximum age.

    Raises:
        RefusedError: the range is empty or out of bounds.
    """
    if age_range := _AGE_RANGE.search(row_description):
        low, high = int(age_range[1]), int(age_range[2])
    else:
        min_age, max_age = _MIN_AGE.search(row_description), _MAX_AGE.search(row_description)
        low = int(min_age[1]) + (min_age[0].lower().startswith(("over", "above", "older"))) if min_age else 0
        high = int(max_age[1]) - (max_age[0].lower().startswith(("under", "below", "younger"))) if max_age else 99
        if re.search(r"\bchildren\b", row_description, re.IGNORECASE):
            high = min(high, 17)
        elif not min_age and not max_age:
            low, high = 18, 66 if _EMPLOYEES.search(row_description) else high
    if not 0 <= low <= high <= 120:
        raise RefusedError("Nobody is {low} to {high} years old. Choose other ages.", low=low, high=high)
    return low, high
