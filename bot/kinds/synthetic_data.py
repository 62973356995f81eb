"""Made-up rows: a model says which columns and values there are, code makes the table and its CSV."""

from __future__ import annotations

import csv
import io
import random
import re
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks import AskedBy, Check, bounded
from bot.checks.units import counted
from bot.content import Assignment, Content, Count, Example, Kind, OneOf, Size
from bot.kinds._labels import label_around
from bot.kinds._shared import bounds, paragraphs

TYPES = (
    "id",
    "name",
    "email",
    "phone",
    "city",
    "date",
    "time",
    "age",
    "quantity",
    "price",
    "percent",
    "rating",
    "yes_no",
    "choice",
)


class Column(BaseModel):
    """A column: what it is called, what stands in it, and values to draw from where those are words."""

    name: Annotated[str, Size(24, least=2, form="phrase")]
    type: Annotated[str, OneOf(TYPES)]
    values: Annotated[list[Annotated[str, Size(36, least=1, form="phrase")]], Count(1, 8, 4)]


class Table(BaseModel):
    """What a model writes."""

    columns: Annotated[list[Column], Count(1, 12, 4, ("column", "field", "attribute"))]


USUAL_ROWS, MOST_ROWS, SHOWN_ROWS = 10, 500, 10
ROWS = Count(1, MOST_ROWS, USUAL_ROWS, (
    "row", "record", "entry", "entries", "line", "customer", "user", "people", "person", "patient", "student", "transaction", "review", "order",
    "product", "member", "invoice", "booking", "item", "employee", "contact", "lead", "sale", "pupil", "kid", "child", "children", "value",
    "reading", "household", "sample", "observation", "event", "loan", "ticket", "payment", "account", "response", "survey answer", "visit",
    "visitor", "guest", "registration", "address", "delivery", "deliveries", "company", "companies", "client", "supplier", "purchase",
    "subscriber", "donor", "donation", "appointment", "reservation", "recipe", "book", "movie", "film", "song", "name", "post", "message",
))  # fmt: skip
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
    "Ada",
    "Bela",
    "Chidi",
    "Dora",
    "Emre",
    "Farah",
    "Goran",
    "Hana",
    "Ines",
    "Jonas",
    "Kemal",
    "Leila",
    "Mina",
    "Nils",
    "Oda",
    "Petra",
    "Quentin",
    "Rosa",
    "Samir",
    "Tara",
    "Uma",
    "Viktor",
    "Wanda",
    "Yusuf",
    "Zoe",
]
_LAST = [
    "Abara",
    "Berg",
    "Costa",
    "Duran",
    "Eriksen",
    "Fabre",
    "Grau",
    "Hoshi",
    "Ivers",
    "Jansen",
    "Kowal",
    "Lind",
    "Moreau",
    "Novak",
    "Okoye",
    "Pires",
    "Rossi",
    "Silva",
    "Toth",
    "Weber",
]
_CITIES = [
    "Alderholt",
    "Brunsee",
    "Casteldoro",
    "Dunmara",
    "Elvik",
    "Fontreal",
    "Grauberg",
    "Hollmouth",
    "Isenau",
    "Jorvika",
]
_START = date(2026, 1, 5)


def rows_wanted(assignment: Assignment) -> int:
    """How many rows the brief asks for."""
    return bounds(ROWS, assignment.wishes)[1] if "row" in assignment.wishes.counts else USUAL_ROWS


def type_of(name: str, written: str = "choice") -> str:
    """The type that a column's name tells, else the one that was written."""
    said = f" {name.casefold().replace('_', ' ')}"
    return next((kind for kind, words in _TELLING.items() if any(word in said for word in words)), written)


def complete(data: dict[str, Any], assignment: Assignment) -> dict[str, Any]:
    """The columns that the brief lists, in its order, else those that were written."""
    written: list[dict[str, Any]] = data["columns"]
    named = assignment.reading.listed("columns")
    if not named:
        return data
    by_name = {_header(one["name"]): one for one in written}
    fresh = (
        {"name": name, "type": type_of(name), "values": [f"{_header(name)} {sign}" for sign in "ABC"]} for name in named
    )
    return data | {"columns": [by_name.get(_header(str(one["name"])), one) for one in fresh][:12]}


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
    for number in range(1, rows_wanted(assignment) + 1):
        person = rng.choice(_FIRST), rng.choice(_LAST)
        rows.append([cell(column, number, person, rng) for column in columns])
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(headers)
    writer.writerows(rows)
    whole = table.getvalue().strip()
    shown = "\n".join(whole.splitlines()[: SHOWN_ROWS + 1])
    row, several, column, columns_told, made_up, first = (
        label_around(name, assignment)
        for name in ("row", "rows", "column", "columns", "all made up", "the first {number} are shown")
    )
    about = f"{counted(len(rows), row, several)}, {counted(len(headers), column, columns_told)}, {made_up}"
    about += f"; {first.format(number=SHOWN_ROWS)}" if len(rows) > SHOWN_ROWS else ""
    return Content(paragraphs(about, f"```csv\n{shown}\n```"), {"columns": headers, "rows": rows, "csv": whole})


def examine(_output: Table, content: Content, assignment: Assignment) -> list[Check]:
    """As many rows as wanted, and every column that the brief lists."""
    rows, wanted = len(content.parts["rows"]), rows_wanted(assignment)
    asked_by: AskedBy = "brief" if "row" in assignment.wishes.counts else "kind"
    return [bounded("rows", rows, wanted, wanted, "rows", asked_by=asked_by)]


KIND = Kind(
    name="synthetic_data",
    family="data",
    title="Synthetic data",
    description="Made-up rows as CSV, with the columns and as many rows as you ask for.",
    output=Table,
    prompt="Plan a table of made-up data. For each column give its name, its type, and a few values that could stand in it. "
    "Columns of words have type choice.",
    examples=(
        Example(
            "8 rows of library loans, 3 columns",
            Table(
                columns=[
                    Column(name="loan id", type="id", values=["1001"]),
                    Column(name="genre", type="choice", values=["crime", "travel", "poetry", "comics"]),
                    Column(name="due", type="date", values=["2026-03-02"]),
                ]
            ),
        ),
        Example(
            "fake orders for testing my pizza shop",
            Table(
                columns=[
                    Column(name="customer", type="name", values=["Ada Berg"]),
                    Column(name="pizza", type="choice", values=["margherita", "funghi", "quattro stagioni"]),
                    Column(name="price", type="price", values=["9.50"]),
                    Column(name="paid", type="yes_no", values=["yes", "no"]),
                ]
            ),
        ),
    ),
    compose=compose,
    counted=(ROWS,),
    written=_header,
    examine=examine,
    complete=complete,
    facts=False,
    for_machines=True,
    exports=("csv", "xlsx", "md", "txt"),
    form=Form(
        "row",
        entries={"lines": "row"},
        lists={"columns": "column(s)|field(s)|columnas|colonnes|spalten|colunas|kolom|with"},
    ),
    likeliest=("csv", "xlsx", "copy"),
    copied=("csv",),
)
