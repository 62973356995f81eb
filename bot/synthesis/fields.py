"""The columns that a description of a table may name, and the functions that make their cells."""

from __future__ import annotations

import re
from functools import partial

from bot.errors import Phrase, RefusedError

from .cells import (
    MAKE_DATES,
    MAKE_EMAILS,
    MAKE_HIRE_DATES,
    MAKE_NAMES,
    build_range,
    make_amounts,
    make_birth_dates,
    make_choices,
    make_counts,
    make_customer_cells,
    make_customer_emails,
    make_diagnoses,
    make_drugs,
    make_keys,
    make_measurements,
    make_name_parts,
    make_order_cells,
    make_times,
)
from .population import CellMaker, load_clinic
from .shop import find_column, translate_heading

# Places that do not exist.
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
# A field with its choices or its range: "triage (red, green)", "score 0-10".
_CHOICES = re.compile(r"(?P<name>[^(]+)\((?P<choices>[^)]*)\) ?")
_RANGE = re.compile(
    r"^(?P<name>.+?) ?[(:]? ?(?<!\d)(?P<low>-?\d{1,15}+(\.\d{1,15}+)?) ?(?:-|–|to) ?(?P<high>-?\d{1,15}+(\.\d{1,15}+)?)\)?"
)
# Columns of orders that other tables may have, too, mapped to the field that makes them there.
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
# Fields that differ between the orders of a customer.
_ORDER_FIELD = re.compile(r"dates?|rating|stars|status|quantity|orders|(patient|user|case|person)? ?(id|number|mrn)")


def parse_field(
    description: str, language: str, order_columns: frozenset[str] | None
) -> tuple[str, CellMaker, Phrase | None]:
    """Parse the description of a column; return its heading, the function that makes its cells, and a note or None.
    `order_columns` are all columns of the shop's orders that the table has, or None if its rows are not orders.

    Raises:
        RefusedError: the column is unknown and has neither a range nor choices, or its range is empty.
    """
    if (match := _CHOICES.fullmatch(description)) and re.search("[,/|]", match["choices"]):
        choices = [choice.strip() for choice in re.split(r"[,/|]", match["choices"]) if choice.strip()]
        return match["name"].strip(), partial(make_choices, choices), None
    if (match := _RANGE.fullmatch(description)) and re.search("[^\\W\\d]", match["name"]):
        return build_range(match["name"].strip(" (:"), match["low"], match["high"])
    field_name = description.casefold().replace("_", " ").strip()
    if order_column := find_column(normalise_heading(description), language):
        if order_columns is not None or order_column not in _NON_ORDER_FIELDS:
            note = Phrase("in %") if order_column == "discount" else None
            return description, partial(make_order_cells, order_column, language, order_columns or frozenset()), note
        field_name = _NON_ORDER_FIELDS[order_column]
    field_name = translate_heading(field_name)
    if order_columns is not None and re.fullmatch(r"e-?mails?( address)?", field_name):
        return description, make_customer_emails, Phrase("at example.org")
    for name, measure in load_clinic()["measures"].items():
        if field_name in measure["words"]:
            return (
                description,
                partial(make_measurements, name, measure["decimals"]),
                Phrase("LOINC {code}, in {unit}", code=measure["loinc"], unit=measure["unit"]),
            )
    for pattern, make_cells, note in (*_FIELDS, *_FIELDS_BY_WORD):
        if re.fullmatch(pattern, field_name):
            is_customer_field = (
                order_columns is not None and not _ORDER_FIELD.fullmatch(field_name) and _is_customer_field(make_cells)
            )
            return description, partial(make_customer_cells, make_cells) if is_customer_field else make_cells, note
    raise RefusedError(
        'I do not know how "{name}" is distributed. Give its range, "{name} 0-100", or its choices, "{name} (low, high)".',
        name=description[:60],
    )


def _is_customer_field(make_cells: CellMaker) -> bool:
    """Whether a function makes cells about the customer, not about the order."""
    is_by_word = any(make_cells is make_word_cells for _, make_word_cells, _ in _FIELDS_BY_WORD)
    return not is_by_word or make_cells is MAKE_NAMES or getattr(make_cells, "func", None) is make_name_parts


def normalise_heading(name: str) -> str:
    """Return a heading in lower case and without its unit: "price" for "Price (EUR)"."""
    return re.sub(r" ?\([^)]*\)$| in (?:€|\$|£|eur|usd|gbp|brl|%)$", "", name.casefold().replace("_", " ")).strip()


# Patterns of field names, with the function that makes the cells and a note.
_FIELDS: tuple[tuple[str, CellMaker, Phrase | None], ...] = (
    (r"(patient )?age( in years)?|alter", lambda people: [str(age) for age in people.age], Phrase("in years")),
    (r"sex|gender|geschlecht", lambda people: [str(sex) for sex in people.sex], Phrase("F or M")),
    (r"(date of birth|birth ?date|dob|born)", make_birth_dates, Phrase("matches the age on 2026-01-01")),
    (r"icd[- ]?(10)?( codes?)?|diagnos(is|es) codes?", partial(make_diagnoses, "code"), Phrase("ICD-10 (WHO, 2019)")),
    (r"diagnos(is|es)|condition", partial(make_diagnoses, "name"), Phrase("named as in ICD-10 (WHO, 2019)")),
    (r"atc( codes?)?|drug codes?", partial(make_drugs, True), Phrase("ATC; empty where there is no drug")),
    (
        r"drugs?|medications?|medicines?|treatment",
        partial(make_drugs, False),
        Phrase("international names; empty where there is none"),
    ),
    (r"(number of )?visits( per year)?|consultations|appointments", partial(make_counts, 3.0), Phrase("per year")),
    (r"admissions|hospitali[sz]ations|stays", partial(make_counts, 0.3), Phrase("per year")),
    (r"length of stay|los", partial(make_counts, 4.0), Phrase("in days")),
    (r"(visit|admission|sampling|test|order|purchase|signup|sign-up)? ?dates?", MAKE_DATES, None),
    (r"hire dates?", MAKE_HIRE_DATES, None),
    (r"phone", partial(make_keys, "+999 00 0000000", True), Phrase("no country has that code")),
    (r"(body )?height", partial(make_measurements, "height", 0), Phrase("LOINC 8302-2, in cm")),
    (r"(body )?weight", partial(make_measurements, "weight", 1), Phrase("LOINC 29463-7, in kg")),
    (r"smok(er|ing)( status)?", partial(make_choices, ["never", "former", "current"]), None),
    (r"insurance", partial(make_choices, ["public", "private", "none"]), None),
    (r"blood (group|type)", partial(make_choices, ["O+", "A+", "B+", "O-", "A-", "AB+", "B-", "AB-"]), None),
    (
        r"(patient|customer|user|order|case|person|employee)? ?(id|number|mrn)",
        partial(make_keys, "A000000", True),
        None,
    ),
    (r"(full |patient |customer )?names?", MAKE_NAMES, Phrase("not a real person's name")),
    (r"e-?mails?( address)?", MAKE_EMAILS, Phrase("at example.org")),
    (r"city|town|place", partial(make_choices, _CITIES), Phrase("these places do not exist")),
    (r"price|amount|revenue|total", partial(make_amounts, 40.0), None),
    (r"salary|income", partial(make_amounts, 42_000.0), Phrase("per year")),
    (r"quantity|items|orders", partial(make_counts, 3.0), None),
    (r"rating|stars", partial(make_choices, ["5", "4", "3", "1", "2"]), Phrase("from 1 to 5")),
    (r"status", partial(make_choices, ["active", "inactive", "pending"]), None),
)


# Fields recognised by a word of their heading, in five languages.
_FIELDS_BY_WORD: tuple[tuple[str, CellMaker, Phrase | None], ...] = (
    (
        r"(first|given) names?|vorname|prénom|nombre de pila|primeiro nome",
        partial(make_name_parts, 0),
        Phrase("not a real person's name"),
    ),
    (
        r"(last|family) names?|surname|nachname|apellidos?|sobrenome",
        partial(make_name_parts, -1),
        Phrase("not a real person's name"),
    ),
    (
        r"(patient|contact|doctor|teacher|student|manager|owner|author) name",
        MAKE_NAMES,
        Phrase("not a real person's name"),
    ),
    (
        r".+ date|date of .+|\w*datum|(aufnahme|entlassung|fälligkeit)(sdatum)?|fecha (de|del) .+|date (de |d')\w+|data d[aeo] .+"
        r"|admitted|discharged",
        MAKE_DATES,
        None,
    ),
    (r"(.+ )?time( ?stamp)?|zeitstempel|uhrzeit|hora|heure|date and time", make_times, None),
    (
        r"(number|count) of .+|.+ (count|days|hours|minutes|times)|anzahl (der )?\w+|\w*tage|número de .+|nombre de .+",
        partial(make_counts, 4.0),
        None,
    ),
    (
        r"(.+ )?(costs?|prices?|fees?|amount|sales|balance|budget|expenses|payment|net|gross|vat|tax)|\w*(kosten|preis|betrag|umsatz)"
        r"|costes?|importe|coût|montant|custo|valor|netto|brutto|neto|bruto|líquido|ht|ttc|mwst\.?|ust\.?|mehrwertsteuer|umsatzsteuer"
        r"|iva|tva|imposto",
        partial(make_amounts, 40.0),
        None,
    ),
    (r"(.+ )?(percentage|percent|share|rate)|anteil|quote", build_range("%", "0", "100.0")[1], Phrase("in %")),
    (
        r"(.+ )?(score|points)|punkte|puntos|points|pontos",
        build_range("score", "0", "100")[1],
        Phrase("from 0 to 100"),
    ),
    (r".+ (id|no\.?|number|code)|\w+nummer", partial(make_keys, "A000000", True), None),
    (r"(is|has) .+|active|paid|consent", partial(make_choices, ["yes", "no"]), None),
)
