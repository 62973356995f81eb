"""Tables made up from words alone: "200 patients of a made-up clinic: age, sex, ICD-10 code, HbA1c, visits".

Whoever a row is about has an age, a sex and a diagnosis, whether or not these are columns; measures and drugs follow
from them. Codes and reference values stand in `clinic.toml`. Rows may be orders of a shop (`shop.py`): then whoever they are about
comes again.
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

from .columns import Array, Column, Sort, table_of
from .keys import made
from .shapes import WORD
from .shop import Orders, are_orders, cells_of, column_of, in_english, language_of, orders, reckoned
from .table import LIMITS, Table

_ROWS, _MAX_ROWS, _MAX_DIGITS = 100, 100_000, 15
_WHICH = "Tell me which columns you want, for example: 200 patients: age, sex, ICD-10 code, HbA1c, visits."
# Characters that are read of what describes a table, and of one column of it, as patterns look from each word on.
MAX_READ, MAX_FIELD = 4_000, 600
_COUNT = re.compile(r"\b(\d{1,3}(?:[,.]\d{3})+|\d+)\b")
_OLDER = re.compile(r"\b(?:over|above|older than|at least|from)\s+(\d{1,3})\b", re.IGNORECASE)
_YOUNGER = re.compile(r"\b(?:under|below|younger than|up to|at most)\s+(\d{1,3})\b", re.IGNORECASE)
_BETWEEN = re.compile(r"\b(?:aged|between)\s+(\d{1,3})\s*(?:-|–|to|and)\s*(\d{1,3})\b", re.IGNORECASE)
_WORKING = re.compile(
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
_COMMAS = re.compile(rf"(?:[,;\n]|\band\b|(?<=\s)(?:und|et|y|e)(?=\s))(?![^(]{{0,{MAX_FIELD}}}\))", re.IGNORECASE)
# What of a table's columns of orders each row has by itself where rows are about something else, by the name of what makes it then.
_BESIDE_ORDERS = {
    "date": "date", "delivered": "date", "price": "price", "total": "price", "subtotal": "price", "shipping": "price",
    "quantity": "quantity", "order_id": "order id", "state": "status", "discount": "quantity",
}  # fmt: skip
# What belongs to an order and not to whoever has ordered.
_OF_ORDERS = re.compile(r"dates?|rating|stars|status|quantity|orders|(patient|user|case|person)? ?(id|number|mrn)")
_CITIES = (
    "Altenried", "Brunnhafen", "Corvale", "Dunmere", "Eichtal", "Farnholt",
    "Glenport", "Hollsted", "Karvik", "Lindau Bay", "Morwen", "Norfell",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class People:
    """Whoever the rows are about."""

    age: Array
    sex: Array
    # Of each one the place of a diagnosis in the list.
    diagnosis: Array
    # What is measured of them, which goes together: weight with height and BMI, creatinine with the filtration rate.
    measures: dict[str, Array]
    rng: np.random.Generator
    orders: Orders
    # Where rows are orders: whoever has ordered, each once.
    customers: People | None = None

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.age)


Make = Callable[[People], list[str]]


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns of a table, by what makes each; and who its rows are about."""

    rows: int
    columns: dict[str, Make]
    sex: str = ""
    low: int = 0
    high: int = 99
    notes: tuple[Phrase, ...] = ()
    are_orders: bool = False
    # Columns that follow from others: dates that come after some, mails that are of names.
    after: dict[str, str] = field(default_factory=dict)
    mails: dict[str, str] = field(default_factory=dict)
    # The columns of an invoice that are reckoned: what is net, its tax, and both together.
    taxed: tuple[str, str, str] = ("", "", "")


@cache
def _clinic() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "clinic.toml").read_text())


def build_schema(words: str) -> Schema:
    """The schema that words describe: how many of whom, a colon, and the columns.

    Raises:
        RefusedError: they name no columns, or one that I do not know and that has neither choices nor a range.
    """
    words = words[:MAX_READ]
    who, colon, listed = words.partition(":")
    if not colon:
        who, listed = "", words
        if found := re.search(r"\b(?:with|columns|mit|avec|con|com)\b", words, re.IGNORECASE):
            who, listed = words[: found.start()], words[found.end() :]
    names = [name for part in _COMMAS.split(listed) if (name := " ".join(part[:MAX_FIELD].split()).strip(" ."))]
    if not names:
        raise RefusedError(_WHICH)
    if len(names) > LIMITS.columns:
        raise RefusedError(
            "That is {count:,} columns; I can make at most {most}. Leave some out.",
            count=len(names),
            most=LIMITS.columns,
        )
    columns, notes, kept = dict[str, Make](), list[Phrase](), dict[str, str]()
    said = [_said(name) for name in names]
    language = language_of(said)
    shop = {column_of(one, language): name for one, name in zip(said, names, strict=True)}
    ordered = are_orders(re.findall(r"\w+", who.casefold()), shop.keys())
    for name in names:
        try:
            heading, make, note = _field(name, language, frozenset(shop) if ordered else None)
        except RefusedError as error:
            # One thing alone that is no column says whose rows are wanted, and not which.
            raise RefusedError(_WHICH) if len(names) == 1 and not who.strip() else error from error
        if heading.casefold() in {one.casefold() for one in columns}:
            raise RefusedError('Two columns are called "{name}". Rename one of them.', name=heading)
        columns[heading] = make
        kept[column_of(_said(heading), language)] = heading
        notes += [Phrase("{name}: {note}.", name=heading, note=note)] if note else []
    if ordered and "total" in kept and (sum_of := reckoned(kept)):
        notes.append(Phrase("{name}: {note}.", name=kept["total"], note=sum_of))
    taxed = _taxed(columns)
    if all(taxed[:2]):
        notes.append(
            Phrase("{name}: {note}.", name=taxed[1], note=Phrase("{share} % of {net}", share=20, net=taxed[0]))
        )
    low, high = _ages(who)
    count = _COUNT.search(_BETWEEN.sub(" ", _OLDER.sub(" ", _YOUNGER.sub(" ", who))))
    rows = int(re.sub(r"[,.]", "", count[1])[:_MAX_DIGITS]) if count else _ROWS
    if not 1 <= rows <= _MAX_ROWS:
        raise RefusedError("I can make 1 to {most:,} rows, not {count:,}.", most=_MAX_ROWS, count=rows)
    sex = next((code for code, pattern in _SEXES.items() if pattern.search(who)), "")
    return Schema(
        rows, columns, sex, low, high, tuple(notes), ordered, _after(columns), {} if ordered else _mails(columns), taxed
    )


def invented(schema: Schema, rows: int, seed: int) -> Table:
    """So many rows of a schema, the same for the same seed.

    Raises:
        RefusedError: there cannot be so many.
    """
    if not 1 <= rows <= _MAX_ROWS:
        raise RefusedError("I can make 1 to {most:,} rows, not {count:,}.", most=_MAX_ROWS, count=rows)
    # Orders have chances of their own, so that the same seed gives the same people with and without them.
    found = orders(rows, np.random.default_rng([seed, 1]), come_again=schema.are_orders)
    people = _people(schema, len(found.names) if schema.are_orders else rows, np.random.default_rng(seed), found)
    if schema.are_orders:
        which = found.customer
        people = replace(
            people, age=people.age[which], sex=people.sex[which], diagnosis=people.diagnosis[which], customers=people,
            measures={name: values[which] for name, values in people.measures.items()},
        )  # fmt: skip
    cells = {name: make(people) for name, make in schema.columns.items()}
    for later, earlier in schema.after.items():
        stays = next((cells[name] for name in cells if _STAY.fullmatch(name.strip())), None)
        cells[later] = _dates_after(cells[earlier], stays, people.rng)
    for mail, name in schema.mails.items():
        cells[mail] = _mails_of(cells[name])
    net, tax, gross = schema.taxed
    if net and tax:
        hundredths = [round(float(one) * 100) for one in cells[net]]
        cells[tax] = [f"{round(one * _TAX) / 100:.2f}" for one in hundredths]
        if gross:
            cells[gross] = [f"{(one + round(one * _TAX)) / 100:.2f}" for one in hundredths]
    return Table(cells)


def _taxed(columns: dict[str, Make]) -> tuple[str, str, str]:
    """The columns that hold what is net, its tax, and both together; empty for those that there are not."""
    net, tax, gross = (
        next((name for name in columns if one.fullmatch(_said(name))), "") for one in (_NET, _VAT, _GROSS)
    )
    return net, tax, gross


def _after(columns: dict[str, Make]) -> dict[str, str]:
    """Which dates come after which: that of a discharge after that of the admission."""
    dates = [
        name for name, make in columns.items()
        if make in _DATES or (isinstance(make, partial) and make.func is _ordered and make.args[0] == "date")
    ]  # fmt: skip
    first = next((name for name in dates if not _LATER.search(name)), "")
    return {name: first for name in dates if first and _LATER.search(name)}


def _mails(columns: dict[str, Make]) -> dict[str, str]:
    names = [name for name, make in columns.items() if make is _NAMES]
    return {name: names[0] for name, make in columns.items() if names and make is _MAILS}


def _dates_after(earlier: Sequence[str], stays: Sequence[str] | None, rng: np.random.Generator) -> list[str]:
    days = (
        np.array(stays, dtype=np.int64) if stays is not None else 1 + rng.poisson(8 * rng.gamma(2.0, 0.5, len(earlier)))
    )
    return [str(one) for one in np.array(earlier, dtype="datetime64[D]") + days]


def _mails_of(names: Sequence[str]) -> list[str]:
    """A mail for each name, each once."""
    seen, mails = dict[str, int](), list[str]()
    for name in names:
        mail = re.sub(r"\W+", ".", name.casefold())
        seen[mail] = seen.get(mail, 0) + 1
        mails.append(f"{mail}{seen[mail] if seen[mail] > 1 else ''}@example.org")
    return mails


def _said(name: str) -> str:
    """What a column is called, without its unit: "Price (EUR)" is a price."""
    return re.sub(r" ?\([^)]*\)$| in (?:€|\$|£|eur|usd|gbp|brl|%)$", "", name.casefold().replace("_", " ")).strip()


def _ages(who: str) -> tuple[int, int]:
    if found := _BETWEEN.search(who):
        low, high = int(found[1]), int(found[2])
    else:
        older, younger = _OLDER.search(who), _YOUNGER.search(who)
        low = int(older[1]) + (older[0].lower().startswith(("over", "above", "older"))) if older else 0
        high = int(younger[1]) - (younger[0].lower().startswith(("under", "below", "younger"))) if younger else 99
        if re.search(r"\bchildren\b", who, re.IGNORECASE):
            high = min(high, 17)
        elif not older and not younger:
            low, high = 18, 66 if _WORKING.search(who) else high
    if not 0 <= low <= high <= 120:
        raise RefusedError("Nobody is {low} to {high} years old. Choose other ages.", low=low, high=high)
    return low, high


def _people(schema: Schema, rows: int, rng: np.random.Generator, found: Orders) -> People:
    ages = np.arange(schema.low, schema.high + 1)
    # Whoever comes to a clinic is older than people are on the whole.
    weights = np.exp(-(((ages - 58) / 24.0) ** 2) / 2) + 0.05
    age = rng.choice(ages, size=rows, p=weights / weights.sum())
    sex = np.array([schema.sex] * rows) if schema.sex else np.where(rng.random(rows) < 0.53, "F", "M")
    diagnoses = _clinic()["diagnoses"]
    chances = np.stack([_chances(one, age, sex) for one in diagnoses], axis=1)
    chances /= chances.sum(axis=1, keepdims=True)
    which = (chances.cumsum(axis=1) < rng.random((rows, 1))).sum(axis=1).clip(0, len(diagnoses) - 1)
    return People(age, sex, which, _measures(age, sex, which, rng), rng, found)


def _chances(diagnosis: dict[str, Any], age: Array, sex: Array) -> Array:
    low, high = diagnosis["ages"]
    fits = (age >= low) & (age <= high) & np.isin(sex, list(diagnosis.get("sex", "FM")))
    return np.asarray(fits * diagnosis["weight"] * np.exp(diagnosis["ageing"] * (age - 55) / 30.0))


def _field(words: str, language: str, beside: frozenset[str] | None) -> tuple[str, Make, Phrase | None]:
    """The heading of a column, what makes it, and what is to be known of it. Where rows are orders, `beside` are what columns of
    orders there are.
    """
    if (found := _CHOICES.fullmatch(words)) and re.search("[,/|]", found["choices"]):
        choices = [one.strip() for one in re.split(r"[,/|]", found["choices"]) if one.strip()]
        return found["name"].strip(), partial(_one_of, choices), None
    if (found := _RANGE.fullmatch(words)) and re.search("[^\\W\\d]", found["name"]):
        return _ranged(found["name"].strip(" (:"), found["low"], found["high"])
    said = words.casefold().replace("_", " ").strip()
    if shop := column_of(_said(words), language):
        if beside is not None or shop not in _BESIDE_ORDERS:
            note = Phrase("in %") if shop == "discount" else None
            return words, partial(_ordered, shop, language, beside or frozenset()), note
        said = _BESIDE_ORDERS[shop]
    said = in_english(said)
    if beside is not None and re.fullmatch(r"e-?mails?( address)?", said):
        return words, _customers_mail, Phrase("at example.org")
    for name, measure in _clinic()["measures"].items():
        if said in measure["words"]:
            return (
                words,
                partial(_measured, name, measure["decimals"]),
                Phrase("LOINC {code}, in {unit}", code=measure["loinc"], unit=measure["unit"]),
            )
    for pattern, make, note in (*_FIELDS, *_BY_THEIR_WORDS):
        if re.fullmatch(pattern, said):
            of_customers = beside is not None and not _OF_ORDERS.fullmatch(said) and _is_theirs(make)
            return words, partial(_of_customers, make) if of_customers else make, note
    raise RefusedError(
        'I do not know how "{name}" is distributed. Give its range, "{name} 0-100", or its choices, "{name} (low, high)".',
        name=words[:60],
    )


def _is_theirs(make: Make) -> bool:
    """Whether a column is about whoever has ordered, and not about the order."""
    by_word = any(make is one for _, one, _ in _BY_THEIR_WORDS)
    return not by_word or make is _NAMES or getattr(make, "func", None) is _part_of_names


def _ordered(name: str, language: str, beside: frozenset[str], people: People) -> list[str]:
    return cells_of(name, people.orders, language, beside)


def _customers_mail(people: People) -> list[str]:
    mails = [re.sub(r"\W+", ".", str(name).casefold()) for name in people.orders.names]
    return [f"{mails[at]}@example.org" for at in people.orders.customer]


def _of_customers(make: Make, people: People) -> list[str]:
    """What stays the same however often somebody orders."""
    assert people.customers is not None
    cells = make(people.customers)
    return [cells[at] for at in people.orders.customer]


def _ranged(name: str, low: str, high: str) -> tuple[str, Make, Phrase | None]:
    ends = float(low), float(high)
    if ends[0] >= ends[1]:
        raise RefusedError(
            '"{name}" goes from {low} to {high}, which is not a range. Write the smaller value first.',
            name=name,
            low=low,
            high=high,
        )
    decimals = max(len(one.partition(".")[2]) for one in (low, high))
    column = Column(name, Sort.NUMBER, low=ends[0], high=ends[1], decimals=decimals, fixed=True)

    def make(people: People) -> list[str]:
        values = ends[0] + people.rng.beta(2.5, 2.5, people.count) * (ends[1] - ends[0])
        return table_of({name: np.round(values, decimals)}, [column]).columns[name]

    return name, make, None


def _one_of(choices: Sequence[str], people: People) -> list[str]:
    weights = 1 / np.arange(1, len(choices) + 1) ** 0.6
    return [choices[at] for at in people.rng.choice(len(choices), size=people.count, p=weights / weights.sum())]


def _measured(name: str, decimals: int, people: People) -> list[str]:
    return [f"{value:.{decimals}f}" for value in people.measures[name]]


def _measures(age: Array, sex: Array, diagnosis: Array, rng: np.random.Generator) -> dict[str, Array]:
    found = {name: _drawn(name, one, age, sex, diagnosis, rng) for name, one in _clinic()["measures"].items()}
    found["diastolic"] = np.minimum(found["diastolic"], found["systolic"] - 15)
    found["ldl"] = np.minimum(found["ldl"], found["cholesterol"] - found["hdl"] - 8).clip(min=25)
    stage = np.array([one["code"] == "N18.3" for one in _clinic()["diagnoses"]])[diagnosis]
    found["egfr"] = np.where(stage, rng.uniform(30, 59, len(age)), np.maximum(found["egfr"], 60))
    found["creatinine"] = _creatinine(found["egfr"], age, sex)
    grown = 75 + 7 * age.clip(max=15) + np.where(sex == "M", 0.0, -12.0) * (age >= 15)
    found["height"] = (grown + 6.5 * rng.standard_normal(len(age)) * (0.3 + age.clip(max=15) / 21)).clip(50, 215)
    found["bmi"] = found["bmi"] - (15 - age.clip(max=15)) * 0.55
    found["weight"] = found["bmi"] * (found["height"] / 100) ** 2
    return found


def _drawn(
    name: str, measure: dict[str, Any], age: Array, sex: Array, diagnosis: Array, rng: np.random.Generator
) -> Array:
    raised = np.array([one.get("raises", {}).get(name, 0.0) for one in _clinic()["diagnoses"]])[diagnosis]
    middle = measure["middle"] + measure["ageing"] * (age - 45.0) + raised * rng.uniform(0.5, 1.5, len(age))
    if name == "haemoglobin":
        middle = middle + np.where(sex == "M", 0.7, -0.7)
    # Whoever is ill varies more.
    spread = measure["spread"] + 0.3 * np.abs(raised)
    return np.asarray((middle + spread * rng.standard_normal(len(age))).clip(*measure["range"]))


def _creatinine(rate: Array, age: Array, sex: Array) -> Array:
    """The creatinine of a filtration rate, by the equation CKD-EPI 2021 (without race) read backwards."""
    woman = sex == "F"
    middle, power = np.where(woman, 0.7, 0.9), np.where(woman, -0.241, -0.302)
    share = rate / (142 * 0.9938**age * np.where(woman, 1.012, 1.0))
    return np.asarray((middle * np.where(share < 1, share ** (-1 / 1.2), share ** (1 / power))).clip(0.3, 12))


def _diagnosis(part: str, people: People) -> list[str]:
    diagnoses = _clinic()["diagnoses"]
    return [str(diagnoses[at][part]) for at in people.diagnosis]


def _drug(coded: bool, people: People) -> list[str]:
    names, diagnoses = _clinic()["drugs"], _clinic()["diagnoses"]
    found = list[str]()
    for at, chance in zip(people.diagnosis, people.rng.random(people.count), strict=True):
        drugs = diagnoses[at].get("drugs", [])
        code = drugs[int(chance * len(drugs))] if drugs else ""
        found.append(code if coded or not code else names[code])
    return found


def _counted(mean: float, people: People) -> list[str]:
    """How often something was, more often for whoever is older."""
    expected = mean * (0.6 + people.age / 90) * people.rng.gamma(2.0, 0.5, people.count)
    return [str(one) for one in people.rng.poisson(expected)]


def _dated(days: int, people: People) -> list[str]:
    when = np.datetime64("2026-01-01") - people.rng.integers(0, days, people.count)
    return [str(one) for one in when]


def _born(people: People) -> list[str]:
    days = (people.age * 365.25 + people.rng.integers(0, 365, people.count)).astype(np.int64)
    return [str(one) for one in np.datetime64("2026-01-01") - days]


def _shaped(shape: str, unique: bool, people: People) -> list[str]:
    column = Column("id", Sort.KEY, shapes=((shape, 1),), unique=unique)
    return [str(one) for one in made(column, people.count, people.rng, lambda _: False)]


def _money(middle: float, people: People) -> list[str]:
    return [f"{one:.2f}" for one in middle * np.exp(0.5 * people.rng.standard_normal(people.count))]


def _timed(people: People) -> list[str]:
    when = np.datetime64("2026-01-01T00:00") - people.rng.integers(0, 90 * 24 * 60, people.count)
    return [str(one).replace("T", " ") for one in when]


def _part_of_names(part: int, people: People) -> list[str]:
    return [name.split()[part] for name in _NAMES(people)]


_DATED, _HIRED = partial(_dated, 730), partial(_dated, 3650)
_DATES = (_DATED, _HIRED)
_NAMES, _MAILS = partial(_shaped, WORD, False), partial(_shaped, "<mail>", True)
# Dates that come after another of the same row, and how many days lie between where a column says that.
_LATER = re.compile(
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
_FIELDS: tuple[tuple[str, Make, Phrase | None], ...] = (
    (r"(patient )?age( in years)?|alter", lambda people: [str(one) for one in people.age], Phrase("in years")),
    (r"sex|gender|geschlecht", lambda people: [str(one) for one in people.sex], Phrase("F or M")),
    (r"(date of birth|birth ?date|dob|born)", _born, Phrase("matches the age on 2026-01-01")),
    (r"icd[- ]?(10)?( codes?)?|diagnos(is|es) codes?", partial(_diagnosis, "code"), Phrase("ICD-10 (WHO, 2019)")),
    (r"diagnos(is|es)|condition", partial(_diagnosis, "name"), Phrase("named as in ICD-10 (WHO, 2019)")),
    (r"atc( codes?)?|drug codes?", partial(_drug, True), Phrase("ATC; empty where there is no drug")),
    (
        r"drugs?|medications?|medicines?|treatment",
        partial(_drug, False),
        Phrase("international names; empty where there is none"),
    ),
    (r"(number of )?visits( per year)?|consultations|appointments", partial(_counted, 3.0), Phrase("per year")),
    (r"admissions|hospitali[sz]ations|stays", partial(_counted, 0.3), Phrase("per year")),
    (r"length of stay|los", partial(_counted, 4.0), Phrase("in days")),
    (r"(visit|admission|sampling|test|order|purchase|signup|sign-up)? ?dates?", _DATED, None),
    (r"hire dates?", _HIRED, None),
    (r"phone", partial(_shaped, "+999 00 0000000", True), Phrase("no country has that code")),
    (r"(body )?height", partial(_measured, "height", 0), Phrase("LOINC 8302-2, in cm")),
    (r"(body )?weight", partial(_measured, "weight", 1), Phrase("LOINC 29463-7, in kg")),
    (r"smok(er|ing)( status)?", partial(_one_of, ["never", "former", "current"]), None),
    (r"insurance", partial(_one_of, ["public", "private", "none"]), None),
    (r"blood (group|type)", partial(_one_of, ["O+", "A+", "B+", "O-", "A-", "AB+", "B-", "AB-"]), None),
    (r"(patient|customer|user|order|case|person|employee)? ?(id|number|mrn)", partial(_shaped, "A000000", True), None),
    (r"(full |patient |customer )?names?", _NAMES, Phrase("not a real person's name")),
    (r"e-?mails?( address)?", _MAILS, Phrase("at example.org")),
    (r"city|town|place", partial(_one_of, _CITIES), Phrase("these places do not exist")),
    (r"price|amount|revenue|total", partial(_money, 40.0), None),
    (r"salary|income", partial(_money, 42_000.0), Phrase("per year")),
    (r"quantity|items|orders", partial(_counted, 3.0), None),
    (r"rating|stars", partial(_one_of, ["5", "4", "3", "1", "2"]), Phrase("from 1 to 5")),
    (r"status", partial(_one_of, ["active", "inactive", "pending"]), None),
)
# What is known by a word of its name alone, in five languages.
_BY_THEIR_WORDS: tuple[tuple[str, Make, Phrase | None], ...] = (
    (r"(first|given) names?|vorname|prénom|nombre de pila|primeiro nome", partial(_part_of_names, 0), Phrase("not "
                                                                                                             "a "
                                                                                                             "real "
                                                                                                             "person's "
                                                                                                             "name")),
    (r"(last|family) names?|surname|nachname|apellidos?|sobrenome", partial(_part_of_names, -1), Phrase("not a "
                                                                                                        "real "
                                                                                                        "person's "
                                                                                                        "name")),
    (r"(patient|contact|doctor|teacher|student|manager|owner|author) name", _NAMES, Phrase("not a real person's name")),
    (
        r".+ date|date of .+|\w*datum|(aufnahme|entlassung|fälligkeit)(sdatum)?|fecha (de|del) .+|date (de |d')\w+|data d[aeo] .+"
        r"|admitted|discharged",
        _DATED, None,
    ),
    (r"(.+ )?time( ?stamp)?|zeitstempel|uhrzeit|hora|heure|date and time", _timed, None),
    (
        r"(number|count) of .+|.+ (count|days|hours|minutes|times)|anzahl (der )?\w+|\w*tage|número de .+|nombre de .+",
        partial(_counted, 4.0), None,
    ),
    (
        r"(.+ )?(costs?|prices?|fees?|amount|sales|balance|budget|expenses|payment|net|gross|vat|tax)|\w*(kosten|preis|betrag|umsatz)"
        r"|costes?|importe|coût|montant|custo|valor|netto|brutto|neto|bruto|líquido|ht|ttc|mwst\.?|ust\.?|mehrwertsteuer|umsatzsteuer"
        r"|iva|tva|imposto",
        partial(_money, 40.0), None,
    ),
    (r"(.+ )?(percentage|percent|share|rate)|anteil|quote", _ranged("%", "0", "100.0")[1], Phrase("in %")),
    (r"(.+ )?(score|points)|punkte|puntos|points|pontos", _ranged("score", "0", "100")[1], Phrase("from 0 to 100")),
    (r".+ (id|no\.?|number|code)|\w+nummer", partial(_shaped, "A000000", True), None),
    (r"(is|has) .+|active|paid|consent", partial(_one_of, ["yes", "no"]), None),
)  # fmt: skip
