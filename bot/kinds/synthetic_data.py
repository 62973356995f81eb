"""Synthetic rows: a model chooses columns and values, code generates the table and its CSV."""

from __future__ import annotations

import csv
import io
import random
import re
from datetime import date, timedelta
from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks import AskedBy, Check, build_range_check
from bot.checks.units import format_count
from bot.composition.drawing import compute_bounds, join_paragraphs
from bot.content import Assignment, Choice, Composer, Content, Count, Kind, Size
from bot.reading.surrounding_labels import translate_label_around_prompt

TYPES = (
    "id", "name", "email", "phone", "city", "date", "time", "age", "quantity", "price", "percent", "rating", "yes_no",
    "choice",
)  # fmt: skip


class DataColumn(BaseModel):
    """A column: its name, its type, and values to draw from if those are words."""

    name: Annotated[str, Size(24, low=2)]
    type: Annotated[str, Choice(TYPES)]
    values: Annotated[list[Annotated[str, Size(36, low=1)]], Count(1, 8, 4)]


DEFAULT_ROWS, MAX_ROWS, MAX_VISIBLE_ROWS = 10, 500, 10
ROWS = Count(1, MAX_ROWS, DEFAULT_ROWS, (
    "row", "record", "entry", "entries", "line", "customer", "user", "people", "person", "patient", "student", "transaction", "review", "order",
    "product", "member", "invoice", "booking", "item", "employee", "contact", "lead", "sale", "pupil", "kid", "child", "children", "value",
    "reading", "household", "sample", "observation", "event", "loan", "ticket", "payment", "account", "response", "survey answer", "visit",
    "visitor", "guest", "registration", "address", "delivery", "deliveries", "company", "companies", "client", "supplier", "purchase",
    "subscriber", "donor", "donation", "appointment", "reservation", "recipe", "book", "movie", "film", "song", "name", "post", "message",
))  # fmt: skip


class DataTable(BaseModel):
    """What a model writes: the columns, and the number of rows if the brief gives none."""

    columns: Annotated[list[DataColumn], Count(1, 12, 4, ("column", "field", "attribute"))]
    rows: Annotated[int, ROWS] = DEFAULT_ROWS


# Words in a column's name that indicate its type.
_TYPE_WORDS = {
    "id": (" id", "number", "nr", "sku", "code"), "email": ("mail",), "phone": ("phone", "tel", "mobile"),
    "name": ("name", "customer", "guest", "person", "nombre", "nom", "nama"), "city": ("city", "town", "place", "ciudad", "ville", "stadt", "kota"),
    "date": ("date", "day", "birth", "fecha", "datum", "tanggal"), "time": ("time", "hour"), "age": ("age", "edad", "alter", "umur"),
    "price": ("price", "amount", "cost", "total", "salary", "revenue", "precio", "preis", "prix", "harga"), "percent": ("percent", "rate", "share"),
    "rating": ("rating", "stars", "score", "grade"), "quantity": ("quantity", "qty", "count", "stock", "pieces", "minutes", "visits"),
    "yes_no": ("active", "paid", "is_", "has_", "subscribed", "opt"),
}  # fmt: skip
_FIRST = [
    "Ada", "Bela", "Chidi", "Dora", "Emre", "Farah", "Goran", "Hana", "Ines", "Jonas", "Kemal", "Leila", "Mina", "Nils",
    "Oda", "Petra", "Quentin", "Rosa", "Samir", "Tara", "Uma", "Viktor", "Wanda", "Yusuf", "Zoe",
]  # fmt: skip
_LAST = [
    "Abara", "Berg", "Costa", "Duran", "Eriksen", "Fabre", "Grau", "Hoshi", "Ivers", "Jansen", "Kowal", "Lind", "Moreau",
    "Novak", "Okoye", "Pires", "Rossi", "Silva", "Toth", "Weber",
]  # fmt: skip
_CITIES = [
    "Alderholt", "Brunsee", "Casteldoro", "Dunmara", "Elvik", "Fontreal", "Grauberg", "Hollmouth", "Isenau", "Jorvika",
]  # fmt: skip
_START = date(2026, 1, 5)


def get_wanted_rows(assignment: Assignment, written: int = DEFAULT_ROWS) -> int:
    """Return the number of rows: as the brief asks, else as written."""
    return (
        compute_bounds(ROWS, assignment.requirements)[1]
        if "row" in assignment.requirements.counts
        else min(max(written, 1), MAX_ROWS)
    )


def infer_type(name: str, written: str = "choice") -> str:
    """Return the type that a column's name indicates, else the written one."""
    said = f" {name.casefold().replace('_', ' ')}"
    return next((kind for kind, words in _TYPE_WORDS.items() if any(word in said for word in words)), written)


def _format_header(name: str) -> str:
    return re.sub(r"\W+", "_", name.strip().casefold()).strip("_") or "column"


def generate_cell(column: DataColumn, number: int, person: tuple[str, str], rng: random.Random) -> str:
    """Return one value. Persons are invented, email addresses are at example.com, and phone numbers are unassigned."""
    match infer_type(column.name, column.type):
        case "id":
            return f"{1000 + number}"
        case "name":
            return " ".join(person)
        case "email":
            return f"{person[0]}.{person[1]}{number}@example.com".lower()
        case "phone":
            return f"555-01{number % 100:02d}"
        case "city":
            return rng.choice(_CITIES)
        case "date":
            return (_START + timedelta(days=rng.randrange(330))).isoformat()
        case "time":
            return f"{rng.randrange(8, 20):02d}:{rng.choice((0, 15, 30, 45)):02d}"
        case "age":
            return str(rng.randrange(18, 80))
        case "quantity":
            return str(rng.randrange(1, 40))
        case "price":
            return f"{rng.randrange(300, 9900) / 100:.2f}"
        case "percent":
            return str(rng.randrange(0, 101))
        case "rating":
            return str(rng.randrange(1, 6))
        case "yes_no":
            return rng.choice(("yes", "no"))
        case _:
            return rng.choice(column.values or ["unknown"])


def compose(output: DataTable, assignment: Assignment) -> Content:
    """Compose the table as CSV; the reply shows its first rows."""
    rng = random.Random(assignment.request.seed)
    headers = list(dict.fromkeys(_format_header(column.name) for column in output.columns))
    columns = [next(one for one in output.columns if _format_header(one.name) == header) for header in headers]
    rows = []
    for number in range(1, get_wanted_rows(assignment, output.rows) + 1):
        person = rng.choice(_FIRST), rng.choice(_LAST)
        rows.append([generate_cell(column, number, person, rng) for column in columns])
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(headers)
    writer.writerows(rows)
    whole = table.getvalue().strip()
    shown = "\n".join(whole.splitlines()[: MAX_VISIBLE_ROWS + 1])
    row, several, column, columns_told, made_up, first = (
        translate_label_around_prompt(name, assignment)
        for name in ("row", "rows", "column", "columns", "all made up", "the first {number} are shown")
    )
    about = f"{format_count(len(rows), row, several)}, {format_count(len(headers), column, columns_told)}, {made_up}"
    about += f"; {first.format(number=MAX_VISIBLE_ROWS)}" if len(rows) > MAX_VISIBLE_ROWS else ""
    return Content(join_paragraphs(about, f"```csv\n{shown}\n```"), {"columns": headers, "rows": rows, "csv": whole})


def examine(output: DataTable, content: Content, assignment: Assignment) -> list[Check]:
    """Check the number of rows."""
    rows, wanted = len(content.parts["rows"]), get_wanted_rows(assignment, output.rows)
    asked_by: AskedBy = "brief" if "row" in assignment.requirements.counts else "kind"
    return [build_range_check("rows", rows, wanted, wanted, "rows", asked_by=asked_by)]


KIND = Kind(
    name="synthetic_data",
    family="data",
    title="Synthetic data",
    description="Made-up data as CSV, with the columns and number of rows you ask for.",
    task="Plan a table of made-up data. For each column, those that the request names first, give its name, its type, and a few values that "
    "could stand in it. Columns of words have type choice.",
    composer=Composer(output=DataTable, compose=compose, examine=examine),
    exports=("csv", "xlsx", "md", "txt"),
    form=Form("row", entries={"lines": "row"}),
    likely_exports=("csv", "xlsx", "copy"),
    pasted_parts=("csv",),
)
