"""Verbs that simulate: budgets, scenes, interviews and readers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._app import app, load_settings, run_async

_LANGUAGE = Annotated[str, typer.Option(help="The language that is spoken: en, de, es, fr, pt.")]


@app.command(
    epilog="Example: `quillmate whatif 'budget 2000 €, CPC 0.40 to 0.90, conversion 1 to 3 %, order value 45'`"
)
def whatif(
    assumptions: Annotated[str, typer.Argument(help="Names with a figure, a range, or about so much.")],
    out: Annotated[Path | None, typer.Option(help="A file to write: .xlsx, .png or .md.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same number draws the same again.")] = 1,
    language: Annotated[str, typer.Option(help="How figures are written: en, de, es, fr, pt.")] = "en",
    distribution: Annotated[
        str,
        typer.Option(help="How ranges are drawn: pert, triangular or uniform. Behind a range it counts for that one."),
    ] = "pert",
) -> None:
    """Tell what may come of a campaign's budget: its chances, and what moves the profit."""
    from bot.cli.simulate import print_budget

    print_budget(assumptions, out, seed, language, distribution)


@app.command(
    epilog="Example: `quillmate scenario sales_call`, or `quillmate scenario 'a tenant complains about noise'`"
)
def scenario(
    case: Annotated[
        str,
        typer.Argument(
            help="sales_call, patient_talk or fire_drill, which stand ready, or a brief that one is made of."
        ),
    ],
    language: _LANGUAGE = "en",
    role: Annotated[str, typer.Option(help="Whom you play; left out, the one that is meant for you.")] = "",
    minutes: Annotated[
        int, typer.Option(help="Play by a clock of so many minutes instead of turns.", min=0, max=120)
    ] = 0,
    engine: Annotated[str | None, typer.Option(help="The model, such as embedded or openai:gpt-5.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same with a local model.")] = 0,
    out: Annotated[Path | None, typer.Option(help="A .md to write: all that was said, and the debrief.")] = None,
) -> None:
    """Play a case here: a model plays the others. A debrief tells what you reached, with your own words. Nothing is kept."""
    from bot.cli.stage import StageTerminal, play_scenario

    terminal = StageTerminal(_read_line, print)
    settings = load_settings(engine)
    run_async(
        play_scenario(settings, case, terminal, language=language, role=role, minutes=minutes, seed=seed, out=out)
    )


@app.command(
    epilog="Example: `quillmate interview 'Marta, 41, runs a café; counts every euro; has no time in the morning'`"
)
def interview(
    who: Annotated[str, typer.Argument(help="A persona, or somebody in words: a name, and what is known of them.")],
    language: _LANGUAGE = "en",
    engine: Annotated[str | None, typer.Option(help="The model, such as embedded or openai:gpt-5.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same with a local model.")] = 0,
    out: Annotated[Path | None, typer.Option(help="A .md to write: all that was said, and a summary.")] = None,
) -> None:
    """Ask somebody made up: a model answers from their card and from nothing else. It is no research."""
    from bot.cli.stage import StageTerminal, run_interview

    settings = load_settings(engine)
    run_async(run_interview(settings, who, StageTerminal(_read_line, print), language=language, seed=seed, out=out))


@app.command(epilog="Example: `quillmate readers a.txt b.txt --audience 'café owners, students' --out readers.png`")
def readers(
    files: Annotated[list[Path], typer.Argument(help="Texts to choose from, one a file: 2 to 5.")],
    audience: Annotated[str, typer.Option(help="Whom the readers stand for.")] = "",
    purpose: Annotated[str, typer.Option(help="What the texts are for.")] = "",
    count: Annotated[int, typer.Option("--readers", help="How many read: 5 to 12.")] = 5,
    language: _LANGUAGE = "en",
    engine: Annotated[str | None, typer.Option(help="The model, such as embedded or openai:gpt-5.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same readers.")] = 1,
    out: Annotated[Path | None, typer.Option(help="A .png or .md to write.")] = None,
) -> None:
    """Have simulated readers choose among texts, each pair in both orders. They are a model's guess, and no survey."""
    from bot.cli.stage import StageTerminal, run_panel

    terminal, settings = StageTerminal(_read_line, print), load_settings(engine)
    run_async(
        run_panel(
            settings,
            files,
            terminal,
            audience=audience,
            purpose=purpose,
            count=count,
            language=language,
            seed=seed,
            out=out,
        )
    )


def _read_line(question: str) -> str | None:
    try:
        return input(question)
    except EOFError:
        return None
