"""Invented tables, described in words: "200 patients of a made-up clinic: age, sex, ICD-10 code, HbA1c, visits". The
person of a row has an age, a sex and a diagnosis, even if these are not columns; measures and drugs depend on them.
Codes and reference values are in `clinic.toml`. Rows may be orders of a shop (`shop.py`); then people repeat as
customers.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from bot.errors import Phrase, RefusedError

from .columns import Array, Column, ColumnType, format_table
from .keys import generate_keys
from .shapes import WORD
from .shop import (
    ShopOrders,
    build_cells,
    detect_heading_language,
    find_column,
    format_total_formula,
    generate_orders,
    is_order_table,
    translate_heading,
)
from .table import LIMITS, Table

DEFAULT_ROWS, _MAX_ROWS, _MAX_DIGITS = 100, 100_000, 15
_COLUMNS_NEEDED = "Tell me which columns you want, for example: 200 patients: age, sex, ICD-10 code, HbA1c, visits."
# Longer descriptions of a table or a column are truncated, as patterns are searched from each word.
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
_CHOICES = re.compile(r"(?P<name>[^(]+)\((?P<choices>[^)]*)\) ?")
_RANGE = re.compile(
    r"^(?P<name>.+?) ?[(:]? ?(?<!\d)(?P<low>-?\d{1,15}+(\.\d{1,15}+)?) ?(?:-|–|to) ?(?P<high>-?\d{1,15}+(\.\d{1,15}+)?)\)?"
)
_SEPARATORS = re.compile(
    rf"(?:[,;\n]|\band\b|(?<=\s)(?:und|et|y|e)(?=\s))(?![^(]{{0,{MAX_FIELD_CHARACTERS}}}\))", re.IGNORECASE
)
# Order columns that rows about something else can have, too, mapped to the field that makes them then.
_NON_ORDER_FIELDS = {
    "date": "date",
    "delivered": "date",
    "price": "price",
    "total": "price",
    "subtotal": "price",
    "shipping": "price",
    "quantity": "quantity",
    "order_id": "order id",
    "state": "status",
    "discount": "quantity",
}
# Fields that belong to an order, not to the customer.
_ORDER_FIELD = re.compile(r"dates?|rating|stars|status|quantity|orders|(patient|user|case|person)? ?(id|number|mrn)")
_CITIES = (
    "Altenried",
    "Brunnhafen",
    "Corvale",
    "Dunmere",
    "Eichtal",
    "Farnholt",
    "Glenport",
    "Hollsted",
    "Karvik",
    "Lindau Bay",
    "Morwen",
    "Norfell",
)


@dataclass(frozen=True, slots=True)
class Population:
    """The people whom the rows are about."""

    age: Array
    sex: Array
    # Indices of diagnoses in the list.
    diagnosis: Array
    # Correlated measures: weight depends on height and BMI, creatinine on the filtration rate.
    measures: dict[str, Array]
    rng: np.random.Generator
    orders: ShopOrders
    # If rows are orders: the customers, each once.
    customers: Population | None = None

    @property
    def count(self) -> int:
        """The number of people."""
        return len(self.age)


CellMaker = Callable[[Population], list[str]]


@dataclass(frozen=True, slots=True)
class TableSchema:
    """The columns of a table with the function that makes each; and the people whom its rows are about."""

    rows: int
    columns: dict[str, CellMaker]
    sex: str = ""
    low: int = 0
    high: int = 99
    notes: tuple[Phrase, ...] = ()
    is_order_table: bool = False
    # Columns that depend on others: later dates on earlier ones, e-mail addresses on names.
    earlier_dates: dict[str, str] = field(default_factory=dict)
    name_columns: dict[str, str] = field(default_factory=dict)
    # The computed columns of an invoice: net amount, tax, and gross amount.
    tax_columns: tuple[str, str, str] = ("", "", "")


@cache
def _load_clinic() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "clinic.toml").read_text())


def build_schema(words: str) -> TableSchema:
    """Build the schema that words describe: the number and sort of rows, a colon, and the columns.

    Raises:
        RefusedError: they name no columns, or an unknown one without choices or a range.
    """
    words = words[:MAX_DESCRIPTION_CHARACTERS]
    who, colon, column_list = words.partition(":")
    if not colon:
        who, column_list = "", words
        if found := re.search(r"\b(?:with|columns|mit|avec|con|com)\b", words, re.IGNORECASE):
            who, column_list = words[: found.start()], words[found.end() :]
    names = [
        name
        for part in _SEPARATORS.split(column_list)
        if (name := " ".join(part[:MAX_FIELD_CHARACTERS].split()).strip(" ."))
    ]
    if not names:
        raise RefusedError(_COLUMNS_NEEDED)
    if len(names) > LIMITS.columns:
        raise RefusedError(
            "That is {count:,} columns; I can make at most {most}. Leave some out.",
            count=len(names),
            most=LIMITS.columns,
        )
    columns, notes, kept = dict[str, CellMaker](), list[Phrase](), dict[str, str]()
    said = [_normalise_heading(name) for name in names]
    language = detect_heading_language(said)
    shop = {find_column(one, language): name for one, name in zip(said, names, strict=True)}
    has_orders = is_order_table(re.findall(r"\w+", who.casefold()), shop.keys())
    for name in names:
        try:
            heading, maker, note = _parse_field(name, language, frozenset(shop) if has_orders else None)
        except RefusedError as error:
            # A single phrase that is no column describes the rows, not the columns.
            raise RefusedError(_COLUMNS_NEEDED) if len(names) == 1 and not who.strip() else error from error
        if heading.casefold() in {one.casefold() for one in columns}:
            raise RefusedError('Two columns are called "{name}". Rename one of them.', name=heading)
        columns[heading] = maker
        kept[find_column(_normalise_heading(heading), language)] = heading
        notes += [Phrase("{name}: {note}.", name=heading, note=note)] if note else []
    if has_orders and "total" in kept and (sum_of := format_total_formula(kept)):
        notes.append(Phrase("{name}: {note}.", name=kept["total"], note=sum_of))
    tax_columns = _find_tax_columns(columns)
    if all(tax_columns[:2]):
        notes.append(
            Phrase(
                "{name}: {note}.", name=tax_columns[1], note=Phrase("{share} % of {net}", share=20, net=tax_columns[0])
            )
        )
    low, high = _parse_ages(who)
    count = _COUNT.search(_AGE_RANGE.sub(" ", _MIN_AGE.sub(" ", _MAX_AGE.sub(" ", who))))
    rows = int(re.sub(r"[,.]", "", count[1])[:_MAX_DIGITS]) if count else DEFAULT_ROWS
    if not 1 <= rows <= _MAX_ROWS:
        raise RefusedError("I can make 1 to {most:,} rows, not {count:,}.", most=_MAX_ROWS, count=rows)
    sex = next((code for code, pattern in _SEXES.items() if pattern.search(who)), "")
    return TableSchema(
        rows,
        columns,
        sex,
        low,
        high,
        tuple(notes),
        has_orders,
        _find_later_dates(columns),
        {} if has_orders else _find_mail_columns(columns),
        tax_columns,
    )


def generate_table(schema: TableSchema, rows: int, seed: int) -> Table:
    """Generate rows of a schema, the same for the same seed.

    Raises:
        RefusedError: the number of rows is out of range.
    """
    if not 1 <= rows <= _MAX_ROWS:
        raise RefusedError("I can make 1 to {most:,} rows, not {count:,}.", most=_MAX_ROWS, count=rows)
    # Orders have their own random numbers, so that a seed gives the same people with and without them.
    found = generate_orders(rows, np.random.default_rng([seed, 1]), has_returning_customers=schema.is_order_table)
    people = _generate_population(
        schema, len(found.names) if schema.is_order_table else rows, np.random.default_rng(seed), found
    )
    if schema.is_order_table:
        which = found.customer
        people = replace(
            people,
            age=people.age[which],
            sex=people.sex[which],
            diagnosis=people.diagnosis[which],
            customers=people,
            measures={name: values[which] for name, values in people.measures.items()},
        )
    cells = {name: maker(people) for name, maker in schema.columns.items()}
    for later, earlier in schema.earlier_dates.items():
        stays = next((cells[name] for name in cells if _STAY.fullmatch(name.strip())), None)
        cells[later] = _generate_later_dates(cells[earlier], stays, people.rng)
    for mail, name in schema.name_columns.items():
        cells[mail] = _build_mails(cells[name])
    net, tax, gross = schema.tax_columns
    if net and tax:
        hundredths = [round(float(one) * 100) for one in cells[net]]
        cells[tax] = [f"{round(one * _TAX) / 100:.2f}" for one in hundredths]
        if gross:
            cells[gross] = [f"{(one + round(one * _TAX)) / 100:.2f}" for one in hundredths]
    return Table(cells)


def _find_tax_columns(columns: dict[str, CellMaker]) -> tuple[str, str, str]:
    """Return the columns with the net amount, the tax, and the gross amount; "" for missing ones."""
    net, tax, gross = (
        next((name for name in columns if one.fullmatch(_normalise_heading(name))), "") for one in (_NET, _VAT, _GROSS)
    )
    return net, tax, gross


def _find_later_dates(columns: dict[str, CellMaker]) -> dict[str, str]:
    """Map later dates to earlier ones: the discharge to the admission."""
    dates = [
        name
        for name, maker in columns.items()
        if maker in _DATE_MAKERS
        or (isinstance(maker, partial) and maker.func is _make_order_cells and maker.args[0] == "date")
    ]
    first = next((name for name in dates if not _LATER_DATE.search(name)), "")
    return {name: first for name in dates if first and _LATER_DATE.search(name)}


def _find_mail_columns(columns: dict[str, CellMaker]) -> dict[str, str]:
    names = [name for name, maker in columns.items() if maker is _MAKE_NAMES]
    return {name: names[0] for name, maker in columns.items() if names and maker is _MAKE_MAILS}


def _generate_later_dates(earlier: Sequence[str], stays: Sequence[str] | None, rng: np.random.Generator) -> list[str]:
    days = (
        np.array(stays, dtype=np.int64) if stays is not None else 1 + rng.poisson(8 * rng.gamma(2.0, 0.5, len(earlier)))
    )
    return [str(one) for one in np.array(earlier, dtype="datetime64[D]") + days]


def _build_mails(names: Sequence[str]) -> list[str]:
    """Build a unique e-mail address for each name."""
    seen, name_columns = dict[str, int](), list[str]()
    for name in names:
        mail = re.sub(r"\W+", ".", name.casefold())
        seen[mail] = seen.get(mail, 0) + 1
        name_columns.append(f"{mail}{seen[mail] if seen[mail] > 1 else ''}@example.org")
    return name_columns


def _normalise_heading(name: str) -> str:
    """Return a heading without its unit: "Price (EUR)" is a price."""
    return re.sub(r" ?\([^)]*\)$| in (?:€|\$|£|eur|usd|gbp|brl|%)$", "", name.casefold().replace("_", " ")).strip()


def _parse_ages(who: str) -> tuple[int, int]:
    if found := _AGE_RANGE.search(who):
        low, high = int(found[1]), int(found[2])
    else:
        older, younger = _MIN_AGE.search(who), _MAX_AGE.search(who)
        low = int(older[1]) + (older[0].lower().startswith(("over", "above", "older"))) if older else 0
        high = int(younger[1]) - (younger[0].lower().startswith(("under", "below", "younger"))) if younger else 99
        if re.search(r"\bchildren\b", who, re.IGNORECASE):
            high = min(high, 17)
        elif not older and not younger:
            low, high = 18, 66 if _EMPLOYEES.search(who) else high
    if not 0 <= low <= high <= 120:
        raise RefusedError("Nobody is {low} to {high} years old. Choose other ages.", low=low, high=high)
    return low, high


def _generate_population(schema: TableSchema, rows: int, rng: np.random.Generator, found: ShopOrders) -> Population:
    ages = np.arange(schema.low, schema.high + 1)
    # Patients are older than the general population.
    weights = np.exp(-(((ages - 58) / 24.0) ** 2) / 2) + 0.05
    age = rng.choice(ages, size=rows, p=weights / weights.sum())
    sex = np.array([schema.sex] * rows) if schema.sex else np.where(rng.random(rows) < 0.53, "F", "M")
    diagnoses = _load_clinic()["diagnoses"]
    chances = np.stack([_compute_weights(one, age, sex) for one in diagnoses], axis=1)
    chances /= chances.sum(axis=1, keepdims=True)
    which = (chances.cumsum(axis=1) < rng.random((rows, 1))).sum(axis=1).clip(0, len(diagnoses) - 1)
    return Population(age, sex, which, _generate_measures(age, sex, which, rng), rng, found)


def _compute_weights(diagnosis: dict[str, Any], age: Array, sex: Array) -> Array:
    low, high = diagnosis["ages"]
    fits = (age >= low) & (age <= high) & np.isin(sex, list(diagnosis.get("sex", "FM")))
    return np.asarray(fits * diagnosis["weight"] * np.exp(diagnosis["ageing"] * (age - 55) / 30.0))


def _parse_field(
    words: str, language: str, order_columns: frozenset[str] | None
) -> tuple[str, CellMaker, Phrase | None]:
    """Parse the description of a column; return its heading, the function that makes it, and a note. `order_columns`
    are the table's columns of orders, if rows are orders.
    """
    if (found := _CHOICES.fullmatch(words)) and re.search("[,/|]", found["choices"]):
        choices = [one.strip() for one in re.split(r"[,/|]", found["choices"]) if one.strip()]
        return found["name"].strip(), partial(_make_choices, choices), None
    if (found := _RANGE.fullmatch(words)) and re.search("[^\\W\\d]", found["name"]):
        return _build_range(found["name"].strip(" (:"), found["low"], found["high"])
    said = words.casefold().replace("_", " ").strip()
    if shop := find_column(_normalise_heading(words), language):
        if order_columns is not None or shop not in _NON_ORDER_FIELDS:
            note = Phrase("in %") if shop == "discount" else None
            return words, partial(_make_order_cells, shop, language, order_columns or frozenset()), note
        said = _NON_ORDER_FIELDS[shop]
    said = translate_heading(said)
    if order_columns is not None and re.fullmatch(r"e-?mails?( address)?", said):
        return words, _make_customer_mails, Phrase("at example.org")
    for name, measure in _load_clinic()["measures"].items():
        if said in measure["words"]:
            return (
                words,
                partial(_make_measurements, name, measure["decimals"]),
                Phrase("LOINC {code}, in {unit}", code=measure["loinc"], unit=measure["unit"]),
            )
    for pattern, maker, note in (*_FIELDS, *_FIELDS_BY_WORD):
        if re.fullmatch(pattern, said):
            of_customers = order_columns is not None and not _ORDER_FIELD.fullmatch(said) and _is_customer_field(maker)
            return words, partial(_make_customer_cells, maker) if of_customers else maker, note
    raise RefusedError(
        'I do not know how "{name}" is distributed. Give its range, "{name} 0-100", or its choices, "{name} (low, high)".',
        name=words[:60],
    )


def _is_customer_field(maker: CellMaker) -> bool:
    """Whether a column is about the customer, and not about the order."""
    by_word = any(maker is one for _, one, _ in _FIELDS_BY_WORD)
    return not by_word or maker is _MAKE_NAMES or getattr(maker, "func", None) is _make_name_parts


def _make_order_cells(name: str, language: str, order_columns: frozenset[str], people: Population) -> list[str]:
    return build_cells(name, people.orders, language, order_columns)


def _make_customer_mails(people: Population) -> list[str]:
    name_columns = [re.sub(r"\W+", ".", str(name).casefold()) for name in people.orders.names]
    return [f"{name_columns[at]}@example.org" for at in people.orders.customer]


def _make_customer_cells(maker: CellMaker, people: Population) -> list[str]:
    """Make cells that are the same in all orders of a customer."""
    assert people.customers is not None
    cells = maker(people.customers)
    return [cells[at] for at in people.orders.customer]


def _build_range(name: str, low: str, high: str) -> tuple[str, CellMaker, Phrase | None]:
    ends = float(low), float(high)
    if ends[0] >= ends[1]:
        raise RefusedError(
            '"{name}" goes from {low} to {high}, which is not a range. Write the smaller value first.',
            name=name,
            low=low,
            high=high,
        )
    decimals = max(len(one.partition(".")[2]) for one in (low, high))
    column = Column(name, ColumnType.NUMBER, low=ends[0], high=ends[1], decimals=decimals, fixed=True)

    def maker(people: Population) -> list[str]:
        values = ends[0] + people.rng.beta(2.5, 2.5, people.count) * (ends[1] - ends[0])
        return format_table({name: np.round(values, decimals)}, [column]).columns[name]

    return name, maker, None


def _make_choices(choices: Sequence[str], people: Population) -> list[str]:
    weights = 1 / np.arange(1, len(choices) + 1) ** 0.6
    return [choices[at] for at in people.rng.choice(len(choices), size=people.count, p=weights / weights.sum())]


def _make_measurements(name: str, decimals: int, people: Population) -> list[str]:
    return [f"{value:.{decimals}f}" for value in people.measures[name]]


def _generate_measures(age: Array, sex: Array, diagnosis: Array, rng: np.random.Generator) -> dict[str, Array]:
    found = {
        name: _draw_measure(name, one, age, sex, diagnosis, rng) for name, one in _load_clinic()["measures"].items()
    }
    found["diastolic"] = np.minimum(found["diastolic"], found["systolic"] - 15)
    found["ldl"] = np.minimum(found["ldl"], found["cholesterol"] - found["hdl"] - 8).clip(min=25)
    stage = np.array([one["code"] == "N18.3" for one in _load_clinic()["diagnoses"]])[diagnosis]
    found["egfr"] = np.where(stage, rng.uniform(30, 59, len(age)), np.maximum(found["egfr"], 60))
    found["creatinine"] = _compute_creatinine(found["egfr"], age, sex)
    grown = 75 + 7 * age.clip(max=15) + np.where(sex == "M", 0.0, -12.0) * (age >= 15)
    found["height"] = (grown + 6.5 * rng.standard_normal(len(age)) * (0.3 + age.clip(max=15) / 21)).clip(50, 215)
    found["bmi"] = found["bmi"] - (15 - age.clip(max=15)) * 0.55
    found["weight"] = found["bmi"] * (found["height"] / 100) ** 2
    return found


def _draw_measure(
    name: str, measure: dict[str, Any], age: Array, sex: Array, diagnosis: Array, rng: np.random.Generator
) -> Array:
    raised = np.array([one.get("raises", {}).get(name, 0.0) for one in _load_clinic()["diagnoses"]])[diagnosis]
    middle = measure["middle"] + measure["ageing"] * (age - 45.0) + raised * rng.uniform(0.5, 1.5, len(age))
    if name == "haemoglobin":
        middle = middle + np.where(sex == "M", 0.7, -0.7)
    # Values of ill people vary more.
    spread = measure["spread"] + 0.3 * np.abs(raised)
    return np.asarray((middle + spread * rng.standard_normal(len(age))).clip(*measure["range"]))


def _compute_creatinine(rate: Array, age: Array, sex: Array) -> Array:
    """Compute the creatinine of a filtration rate by the inverted equation CKD-EPI 2021 (without race)."""
    woman = sex == "F"
    middle, power = np.where(woman, 0.7, 0.9), np.where(woman, -0.241, -0.302)
    share = rate / (142 * 0.9938**age * np.where(woman, 1.012, 1.0))
    return np.asarray((middle * np.where(share < 1, share ** (-1 / 1.2), share ** (1 / power))).clip(0.3, 12))


def _make_diagnoses(part: str, people: Population) -> list[str]:
    diagnoses = _load_clinic()["diagnoses"]
    return [str(diagnoses[at][part]) for at in people.diagnosis]


def _make_drugs(coded: bool, people: Population) -> list[str]:
    names, diagnoses = _load_clinic()["drugs"], _load_clinic()["diagnoses"]
    found = list[str]()
    for at, chance in zip(people.diagnosis, people.rng.random(people.count), strict=True):
        drugs = diagnoses[at].get("drugs", [])
        code = drugs[int(chance * len(drugs))] if drugs else ""
        found.append(code if coded or not code else names[code])
    return found


def _make_counts(mean: float, people: Population) -> list[str]:
    """Draw counts, with higher means for older people."""
    expected = mean * (0.6 + people.age / 90) * people.rng.gamma(2.0, 0.5, people.count)
    return [str(one) for one in people.rng.poisson(expected)]


def _make_dates(days: int, people: Population) -> list[str]:
    when = np.datetime64("2026-01-01") - people.rng.integers(0, days, people.count)
    return [str(one) for one in when]


def _make_birth_dates(people: Population) -> list[str]:
    days = (people.age * 365.25 + people.rng.integers(0, 365, people.count)).astype(np.int64)
    return [str(one) for one in np.datetime64("2026-01-01") - days]


def _make_keys(shape: str, unique: bool, people: Population) -> list[str]:
    column = Column("id", ColumnType.KEY, shapes=((shape, 1),), unique=unique)
    return [str(one) for one in generate_keys(column, people.count, people.rng, lambda _: False)]


def _make_amounts(middle: float, people: Population) -> list[str]:
    return [f"{one:.2f}" for one in middle * np.exp(0.5 * people.rng.standard_normal(people.count))]


def _make_times(people: Population) -> list[str]:
    when = np.datetime64("2026-01-01T00:00") - people.rng.integers(0, 90 * 24 * 60, people.count)
    return [str(one).replace("T", " ") for one in when]


def _make_name_parts(part: int, people: Population) -> list[str]:
    return [name.split()[part] for name in _MAKE_NAMES(people)]


_MAKE_DATES, _MAKE_HIRE_DATES = partial(_make_dates, 730), partial(_make_dates, 3650)
_DATE_MAKERS = (_MAKE_DATES, _MAKE_HIRE_DATES)
_MAKE_NAMES, _MAKE_MAILS = partial(_make_keys, WORD, False), partial(_make_keys, "<mail>", True)
# Dates after another one of the same row.
_LATER_DATE = re.compile(
    r"\b(due|end|discharged?|return|expiry|expiration|closing|closed|completion|leaving|check-?out|payment|paid)\b|entlass|fällig|"
    r"\bende|enddatum|\balta\b|vencimi?ento|\bfin\b|échéance|sortie|\bfim\b",
    re.IGNORECASE,
)
_TAX = 0.2
_NET = re.compile(
    r"net( amount| price)?|netto(betrag|preis)?|neto|base|(montant )?ht|hors taxes|líquido", re.IGNORECASE
)
_VAT = re.compile(r"vat|tax|sales tax|mwst\.?|ust\.?|mehrwertsteuer|umsatzsteuer|iva|tva|imposto", re.IGNORECASE)
_GROSS = re.compile(
    r"gross( amount| price)?|total|brutto(betrag|preis)?|summe|gesamt(betrag)?|(montant )?ttc|bruto", re.IGNORECASE
)
_STAY = re.compile(r"length of stay|los|verweildauer", re.IGNORECASE)
_FIELDS: tuple[tuple[str, CellMaker, Phrase | None], ...] = (
    (r"(patient )?age( in years)?|alter", lambda people: [str(one) for one in people.age], Phrase("in years")),
    (r"sex|gender|geschlecht", lambda people: [str(one) for one in people.sex], Phrase("F or M")),
    (r"(date of birth|birth ?date|dob|born)", _make_birth_dates, Phrase("matches the age on 2026-01-01")),
    (r"icd[- ]?(10)?( codes?)?|diagnos(is|es) codes?", partial(_make_diagnoses, "code"), Phrase("ICD-10 (WHO, 2019)")),
    (r"diagnos(is|es)|condition", partial(_make_diagnoses, "name"), Phrase("named as in ICD-10 (WHO, 2019)")),
    (r"atc( codes?)?|drug codes?", partial(_make_drugs, True), Phrase("ATC; empty where there is no drug")),
    (
        r"drugs?|medications?|medicines?|treatment",
        partial(_make_drugs, False),
        Phrase("international names; empty where there is none"),
    ),
    (r"(number of )?visits( per year)?|consultations|appointments", partial(_make_counts, 3.0), Phrase("per year")),
    (r"admissions|hospitali[sz]ations|stays", partial(_make_counts, 0.3), Phrase("per year")),
    (r"length of stay|los", partial(_make_counts, 4.0), Phrase("in days")),
    (r"(visit|admission|sampling|test|order|purchase|signup|sign-up)? ?dates?", _MAKE_DATES, None),
    (r"hire dates?", _MAKE_HIRE_DATES, None),
    (r"phone", partial(_make_keys, "+999 00 0000000", True), Phrase("no country has that code")),
    (r"(body )?height", partial(_make_measurements, "height", 0), Phrase("LOINC 8302-2, in cm")),
    (r"(body )?weight", partial(_make_measurements, "weight", 1), Phrase("LOINC 29463-7, in kg")),
    (r"smok(er|ing)( status)?", partial(_make_choices, ["never", "former", "current"]), None),
    (r"insurance", partial(_make_choices, ["public", "private", "none"]), None),
    (r"blood (group|type)", partial(_make_choices, ["O+", "A+", "B+", "O-", "A-", "AB+", "B-", "AB-"]), None),
    (
        r"(patient|customer|user|order|case|person|employee)? ?(id|number|mrn)",
        partial(_make_keys, "A000000", True),
        None,
    ),
    (r"(full |patient |customer )?names?", _MAKE_NAMES, Phrase("not a real person's name")),
    (r"e-?mails?( address)?", _MAKE_MAILS, Phrase("at example.org")),
    (r"city|town|place", partial(_make_choices, _CITIES), Phrase("these places do not exist")),
    (r"price|amount|revenue|total", partial(_make_amounts, 40.0), None),
    (r"salary|income", partial(_make_amounts, 42_000.0), Phrase("per year")),
    (r"quantity|items|orders", partial(_make_counts, 3.0), None),
    (r"rating|stars", partial(_make_choices, ["5", "4", "3", "1", "2"]), Phrase("from 1 to 5")),
    (r"status", partial(_make_choices, ["active", "inactive", "pending"]), None),
)
# Fields recognised by a single word of their name, in five languages.
_FIELDS_BY_WORD: tuple[tuple[str, CellMaker, Phrase | None], ...] = (
    (
        r"(first|given) names?|vorname|prénom|nombre de pila|primeiro nome",
        partial(_make_name_parts, 0),
        Phrase("not a real person's name"),
    ),
    (
        r"(last|family) names?|surname|nachname|apellidos?|sobrenome",
        partial(_make_name_parts, -1),
        Phrase("not a real person's name"),
    ),
    (
        r"(patient|contact|doctor|teacher|student|manager|owner|author) name",
        _MAKE_NAMES,
        Phrase("not a real person's name"),
    ),
    (
        r".+ date|date of .+|\w*datum|(aufnahme|entlassung|fälligkeit)(sdatum)?|fecha (de|del) .+|date (de |d')\w+|data d[aeo] .+"
        r"|admitted|discharged",
        _MAKE_DATES,
        None,
    ),
    (r"(.+ )?time( ?stamp)?|zeitstempel|uhrzeit|hora|heure|date and time", _make_times, None),
    (
        r"(number|count) of .+|.+ (count|days|hours|minutes|times)|anzahl (der )?\w+|\w*tage|número de .+|nombre de .+",
        partial(_make_counts, 4.0),
        None,
    ),
    (
        r"(.+ )?(costs?|prices?|fees?|amount|sales|balance|budget|expenses|payment|net|gross|vat|tax)|\w*(kosten|preis|betrag|umsatz)"
        r"|costes?|importe|coût|montant|custo|valor|netto|brutto|neto|bruto|líquido|ht|ttc|mwst\.?|ust\.?|mehrwertsteuer|umsatzsteuer"
        r"|iva|tva|imposto",
        partial(_make_amounts, 40.0),
        None,
    ),
    (r"(.+ )?(percentage|percent|share|rate)|anteil|quote", _build_range("%", "0", "100.0")[1], Phrase("in %")),
    (
        r"(.+ )?(score|points)|punkte|puntos|points|pontos",
        _build_range("score", "0", "100")[1],
        Phrase("from 0 to 100"),
    ),
    (r".+ (id|no\.?|number|code)|\w+nummer", partial(_make_keys, "A000000", True), None),
    (r"(is|has) .+|active|paid|consent", partial(_make_choices, ["yes", "no"]), None),
)
