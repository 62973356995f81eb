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
    metavar="OUT", help="The file for the made-up rows: .csv, .xlsx, .json or .parquet, or - for standard output."
)


_CONDITION = Annotated[
    str, typer.Option("--where", help="Make only these rows, such as 'age > 60 and sex = F' or 'women over 60'.")
]


_COLUMNS_LEFT_OUT = Annotated[list[str] | None, typer.Option(help="A column to leave out; can be repeated.")]
_EPSILON = Annotated[
    float, typer.Option(help="Use differential privacy with this epsilon (copula only); 0 for none.", min=0.0)
]
_EPOCHS = Annotated[
    int, typer.Option(help="The maximum number of epochs; 0 chooses one that suits the table.", min=0, max=5000)
]
_MINUTES = Annotated[float, typer.Option(help="Stop learning after this many minutes; 0 for no limit.", min=0.0)]
_PERSONAL_COLUMNS = Annotated[
    list[str] | None,
    typer.Option(
        help="A column with personal data to replace by made-up values, such as contact or contact='phone number'."
    ),
]
_REAL_COLUMNS = Annotated[
    list[str] | None, typer.Option(help="A column whose real values are kept, even if it looks personal.")
]
_RULES = Annotated[
    list[str] | None,
    typer.Option(
        help="A rule that holds in every row: 'end >= start', 'tax = net * 19 %', or 'city, postcode' for values that belong together."
    ),
]
_SECOND_TABLE = Annotated[
    tuple[Path, Path] | None,
    typer.Option(
        "--with",
        metavar="IN OUT",
        help="A second table whose rows belong to rows of the first, and the file for its made-up rows.",
    ),
]
_KEY = Annotated[str, typer.Option(help="The column that links rows of the second table to rows of the first.")]


@tables.command(
    "make", epilog="Example: `quillmate data make IN.csv OUT.csv --model gan --rows 1000 --report report.json`"
)
def make_data(
    source: Annotated[
        Path, typer.Argument(metavar="IN", help="The table to learn from: a .csv or .xlsx file with headings.")
    ],
    out: Annotated[Path, _OUT],
    model: Annotated[
        Method, typer.Option(help="The model to learn with; auto chooses one that suits the table.")
    ] = Method.auto,
    rows: Annotated[int, typer.Option(help="The number of rows; 0 for as many as the table has.", min=0)] = 0,
    seed: _SEED = 1,
    without: _COLUMNS_LEFT_OUT = None,
    condition: _CONDITION = "",
    entity: Annotated[str, typer.Option(help="The column that says who or what a row belongs to, for rnn.")] = "",
    time: Annotated[str, typer.Option(help="The column with the time of each row, for rnn.")] = "",
    epsilon: _EPSILON = 0.0,
    epochs: _EPOCHS = 0,
    minutes: _MINUTES = 0.0,
    report: Annotated[
        Path | None, typer.Option(help="Write the report to this file, with a .pdf and a .png next to it.")
    ] = None,
    save: Annotated[Path | None, typer.Option(help="Save the learnt model to this file, for `data more`.")] = None,
    personal: _PERSONAL_COLUMNS = None,
    keep: _REAL_COLUMNS = None,
    rule: _RULES = None,
    second: _SECOND_TABLE = None,
    key: _KEY = "",
    language: Annotated[str, typer.Option(help="The language of the report: en, de, es, fr, pt.")] = "en",
) -> None:
    """Learn a table on this machine and make up rows. If it is interrupted, running it again continues at the same epoch."""
    _limit_threads()
    from bot.cli.data import TableRequest, make
    from bot.cli.data_files import load_or_create_people_secret

    secret = load_or_create_people_secret(load_settings_and_secure_data().data)
    request = TableRequest(
        method=model.value,
        rows=rows,
        seed=seed,
        dropped_columns=tuple(without or ()),
        condition=condition,
        entity=entity,
        time=time,
        epsilon=epsilon,
        epochs=epochs,
        minutes=minutes,
        report=report,
        save=save,
        language=language,
        personal_columns=tuple(personal or ()),
        real_columns=tuple(keep or ()),
        rules=tuple(rule or ()),
        second_source=second[0] if second else None,
        second_out=second[1] if second else None,
        key=key,
        secret=secret,
    )
    raise typer.Exit(make(source, out, request))


@tables.command(
    "more", epilog="Example: `quillmate data more clinic.model MORE.csv --rows 500 --where 'women over 60'`"
)
def more_data(
    model_file: Annotated[Path, typer.Argument(metavar="MODEL", help="The model file that `data make --save` wrote.")],
    out: Annotated[Path, _OUT],
    rows: Annotated[int, typer.Option(help="The number of rows.", min=1)] = 100,
    seed: _SEED = 2,
    condition: _CONDITION = "",
) -> None:
    """Make more rows from a saved model, without the table."""
    _limit_threads()
    from bot.cli.data import generate_more

    raise typer.Exit(generate_more(model_file, out, rows, seed, condition))


@tables.command(
    "invent", epilog="Example: `quillmate data invent '200 patients: age, sex, ICD-10 code, HbA1c, visits' OUT.csv`"
)
def invent_data(
    words: Annotated[str, typer.Argument(help="What the rows are, and their columns.")],
    out: Annotated[Path, _OUT],
    rows: Annotated[int, typer.Option(help="The number of rows; 0 for as many as the description says.", min=0)] = 0,
    seed: _SEED = 1,
) -> None:
    """Make up a table from a description."""
    from bot.cli.data import invent

    raise typer.Exit(invent(words, out, rows, seed))


def _limit_threads() -> None:
    from bot.synthesis.learning import ONE_THREAD

    for name, value in ONE_THREAD.items():
        os.environ.setdefault(name, value)
