"""Made-up rows: a model says which columns and values there are, code makes the table and its CSV."""

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
from bot.content import Assignment, Choice, Composer, Content, Count, Kind, Size
from bot.kinds._labels import translate_surrounding_label
from bot.kinds._shared import compute_bounds, join_paragraphs

TYPES = (
    "id", "name", "email", "phone", "city", "date", "time", "age", "quantity", "price", "percent", "rating", "yes_no",
    "choice",
)  # fmt: skip


class Column(BaseModel):
    """A column: what it is called, what stands in it, and values to draw from where those are words."""

    name: Annotated[str, Size(24, low=2)]
    type: Annotated[str, Choice(TYPES)]
    values: Annotated[list[Annotated[str, Size(36, low=1)]], Count(1, 8, 4)]


USUAL_ROWS, MAX_ROWS, SHOWN_ROWS = 10, 500, 10
ROWS = Count(1, MAX_ROWS, USUAL_ROWS, (
    "row", "record", "entry", "entries", "line", "customer", "user", "people", "person", "patient", "student", "transaction", "review", "order",
    "product", "member", "invoice", "booking", "item", "employee", "contact", "lead", "sale", "pupil", "kid", "child", "children", "value",
    "reading", "household", "sample", "observation", "event", "loan", "ticket", "payment", "account", "response", "survey answer", "visit",
    "visitor", "guest", "registration", "address", "delivery", "deliveries", "company", "companies", "client", "supplier", "purchase",
    "subscriber", "donor", "donation", "appointment", "reservation", "recipe", "book", "movie", "film", "song", "name", "post", "message",
))  # fmt: skip


class Table(BaseModel):
    """What a model writes: the columns, and how many rows where the brief names no number."""

    columns: Annotated[list[Column], Count(1, 12, 4, ("column", "field", "attribute"))]
    rows: Annotated[int, ROWS] = USUAL_ROWS


# Words in a column's name that tell its type.
_TELLING = {
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


def rows_wanted(assignment: Assignment, written: int = USUAL_ROWS) -> int:
    """How many rows there are: as many as the brief asks for, else as were written."""
    return (
        compute_bounds(ROWS, assignment.requirements)[1]
        if "row" in assignment.requirements.counts
        else min(max(written, 1), MAX_ROWS)
    )


def type_of(name: str, written: str = "choice") -> str:
    """The type that a column's name tells, else the one that was written."""
    said = f" {name.casefold().replace('_', ' ')}"
    return next((kind for kind, words in _TELLING.items() if any(word in said for word in words)), written)


def _header(name: str) -> str:
    return re.sub(r"\W+", "_", name.strip().casefold()).strip("_") or "column"


def cell(column: Column, number: int, person: tuple[str, str], rng: random.Random) -> str:
    """One value. People are invented, mail goes to example.com, and phone numbers are those that reach nobody."""
    match type_of(column.name, column.type):
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


def compose(output: Table, assignment: Assignment) -> Content:
    """The table as CSV; the reply shows its first rows."""
    rng = random.Random(assignment.request.seed)
    headers = list(dict.fromkeys(_header(column.name) for column in output.columns))
    columns = [next(one for one in output.columns if _header(one.name) == header) for header in headers]
    rows = []
    for number in range(1, rows_wanted(assignment, output.rows) + 1):
        person = rng.choice(_FIRST), rng.choice(_LAST)
        rows.append([cell(column, number, person, rng) for column in columns])
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(headers)
    writer.writerows(rows)
    whole = table.getvalue().strip()
    shown = "\n".join(whole.splitlines()[: SHOWN_ROWS + 1])
    row, several, column, columns_told, made_up, first = (
        translate_surrounding_label(name, assignment)
        for name in ("row", "rows", "column", "columns", "all made up", "the first {number} are shown")
    )
    about = f"{format_count(len(rows), row, several)}, {format_count(len(headers), column, columns_told)}, {made_up}"
    about += f"; {first.format(number=SHOWN_ROWS)}" if len(rows) > SHOWN_ROWS else ""
    return Content(join_paragraphs(about, f"```csv\n{shown}\n```"), {"columns": headers, "rows": rows, "csv": whole})


def examine(output: Table, content: Content, assignment: Assignment) -> list[Check]:
    """As many rows as wanted."""
    rows, wanted = len(content.parts["rows"]), rows_wanted(assignment, output.rows)
    asked_by: AskedBy = "brief" if "row" in assignment.requirements.counts else "kind"
    return [build_range_check("rows", rows, wanted, wanted, "rows", asked_by=asked_by)]


KIND = Kind(
    name="synthetic_data",
    family="data",
    title="Synthetic data",
    description="Made-up data as CSV, with the columns and number of rows you ask for.",
    task="Plan a table of made-up data. For each column, those that the request names first, give its name, its type, and a few values that "
    "could stand in it. Columns of words have type choice.",
    composer=Composer(output=Table, compose=compose, examine=examine),
    exports=("csv", "xlsx", "md", "txt"),
    form=Form("row", entries={"lines": "row"}),
    likely_exports=("csv", "xlsx", "copy"),
    pasted_parts=("csv",),
)
