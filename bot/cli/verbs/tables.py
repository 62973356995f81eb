"""Verbs that generate tables."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ._app import load_settings_and_secure_data, tables


class Method(StrEnum):
    """The method by which a table is learnt."""

    auto = "auto"
    copula = "copula"
    gan = "gan"
    vae = "vae"
    rnn = "rnn"


_SEED = Annotated[int, typer.Option(help="The same seed gives the same rows.", min=0, max=2**31 - 1)]


_OUT = typer.Argument(
    metavar="OUT", help="Where the made-up rows go: a .csv, .xlsx, .json or .parquet, or - for standard output."
)


_CONDITION = Annotated[
    str, typer.Option("--where", help="Only rows such as 'age > 60 and sex = F', or 'women over 60'.")
]


_COLUMNS_LEFT_OUT = Annotated[list[str] | None, typer.Option(help="A column to leave out; more than once for several.")]
_EPSILON = Annotated[float, typer.Option(help="Differential privacy with this epsilon (copula); 0 for none.", min=0.0)]
_EPOCHS = Annotated[int, typer.Option(help="At most so many epochs; 0 for what suits the table.", min=0, max=5000)]
_MINUTES = Annotated[float, typer.Option(help="Stop learning after so many minutes; 0 for no limit.", min=0.0)]
_PERSONAL_COLUMNS = Annotated[
    list[str] | None,
    typer.Option(
        help="A column that holds people or what is theirs, as contact or contact='phone number'; it is made up anew."
    ),
]
_REAL_COLUMNS = Annotated[
    list[str] | None, typer.Option(help="A column that keeps its real values, whatever it looks like.")
]
_RULES = Annotated[
    list[str] | None,
    typer.Option(
        help="What holds in every row: 'end >= start', 'tax = net * 19 %', or 'city, postcode' for values that belong together."
    ),
]
_SECOND_TABLE = Annotated[
    tuple[Path, Path] | None,
    typer.Option(
        "--with",
        metavar="IN OUT",
        help="A second table, of the rows that belong to those of the first, and its result.",
    ),
]
_KEY = Annotated[str, typer.Option(help="The column by which rows of the second table belong to those of the first.")]


@tables.command(
    "make", epilog="Example: `quillmate data make IN.csv OUT.csv --model gan --rows 1000 --report report.json`"
)
def make_data(
    source: Annotated[Path, typer.Argument(metavar="IN", help="The table to learn: a .csv or .xlsx with headings.")],
    out: Annotated[Path, _OUT],
    model: Annotated[Method, typer.Option(help="How it is learnt; auto chooses by the table.")] = Method.auto,
    rows: Annotated[int, typer.Option(help="How many rows; 0 for as many as the table has.", min=0)] = 0,
    seed: _SEED = 1,
    without: _COLUMNS_LEFT_OUT = None,
    condition: _CONDITION = "",
    entity: Annotated[str, typer.Option(help="The column that says whose a row is, for rnn.")] = "",
    time: Annotated[str, typer.Option(help="The column that says when a row was, for rnn.")] = "",
    epsilon: _EPSILON = 0.0,
    epochs: _EPOCHS = 0,
    minutes: _MINUTES = 0.0,
    report: Annotated[Path | None, typer.Option(help="Write the figures here, with a .pdf and .png beside.")] = None,
    save: Annotated[Path | None, typer.Option(help="Save what was learnt in this file, for `data more`.")] = None,
    personal: _PERSONAL_COLUMNS = None,
    keep: _REAL_COLUMNS = None,
    rule: _RULES = None,
    second: _SECOND_TABLE = None,
    key: _KEY = "",
    language: Annotated[str, typer.Option(help="The language of the report: en, de, es, fr, pt.")] = "en",
) -> None:
    """Learn a table on this machine and make rows up. Killed and started again, it goes on at the epoch where it was."""
    _limit_threads()
    from bot.cli.data import TableRequest, load_people_secret, make

    secret = load_people_secret(load_settings_and_secure_data().data)
    request = TableRequest(
        model.value,
        rows,
        seed,
        tuple(without or ()),
        condition,
        entity,
        time,
        epsilon,
        epochs,
        minutes,
        report,
        save,
        language,
        tuple(personal or ()),
        tuple(keep or ()),
        tuple(rule or ()),
        second,
        key,
        secret,
    )
    raise typer.Exit(make(source, out, request))


@tables.command(
    "more", epilog="Example: `quillmate data more clinic.model MORE.csv --rows 500 --where 'women over 60'`"
)
def more_data(
    model_file: Annotated[Path, typer.Argument(metavar="MODEL", help="What `data make --save` wrote.")],
    out: Annotated[Path, _OUT],
    rows: Annotated[int, typer.Option(help="How many rows.", min=1)] = 100,
    seed: _SEED = 2,
    condition: _CONDITION = "",
) -> None:
    """Make more rows of what was learnt, without the table."""
    _limit_threads()
    from bot.cli.data import more

    raise typer.Exit(more(model_file, out, rows, seed, condition))


@tables.command(
    "invent", epilog="Example: `quillmate data invent '200 patients: age, sex, ICD-10 code, HbA1c, visits' OUT.csv`"
)
def invent_data(
    words: Annotated[str, typer.Argument(help="What rows there are and which columns they have.")],
    out: Annotated[Path, _OUT],
    rows: Annotated[int, typer.Option(help="How many rows; 0 for as many as the words say.", min=0)] = 0,
    seed: _SEED = 1,
) -> None:
    """Make a table up from words alone."""
    from bot.cli.data import invent

    raise typer.Exit(invent(words, out, rows, seed))


def _limit_threads() -> None:
    from bot.synthesis.learning import ONE_THREAD

    for name, value in ONE_THREAD.items():
        os.environ.setdefault(name, value)
