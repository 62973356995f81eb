"""Verbs that simulate: budgets, scenes, interviews and readers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._app import app, load_settings, run_async

_LANGUAGE = Annotated[str, typer.Option(help="The language to use: en, de, es, fr, pt.")]


@app.command(
    epilog="Example: `quillmate whatif 'budget 2000 €, CPC 0.40 to 0.90, conversion 1 to 3 %, order value 45'`"
)
def whatif(
    assumptions: Annotated[str, typer.Argument(help="Names, each with a figure, a range or an approximate value.")],
    out: Annotated[Path | None, typer.Option(help="A file to write: .xlsx, .png or .md.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same simulation.")] = 1,
    language: Annotated[str, typer.Option(help="The language of the result: en, de, es, fr, pt.")] = "en",
    distribution: Annotated[
        str,
        typer.Option(
            help="How ranges are distributed: pert, triangular or uniform. Write it after a range to set only that one."
        ),
    ] = "pert",
) -> None:
    """Simulate what a campaign's budget could bring in: the chance of a profit, and what drives it."""
    from bot.cli.simulate import print_budget

    print_budget(assumptions, out, seed, language, distribution)


@app.command(
    epilog="Example: `quillmate scenario sales_call`, or `quillmate scenario 'a tenant complains about noise'`"
)
def scenario(
    case: Annotated[
        str,
        typer.Argument(help="A built-in case (sales_call, patient_talk or fire_drill), or a brief to make one from."),
    ],
    language: _LANGUAGE = "en",
    role: Annotated[str, typer.Option(help="The role you play; by default the one meant for you.")] = "",
    minutes: Annotated[
        int, typer.Option(help="Play against the clock for this many minutes, instead of in turns.", min=0, max=120)
    ] = 0,
    engine: Annotated[str | None, typer.Option(help="The model to use, such as embedded or openai:gpt-5.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="With a local model, the same seed gives the same output.")] = 0,
    out: Annotated[Path | None, typer.Option(help="A .md file for the transcript and the debrief.")] = None,
) -> None:
    """Role-play a case: a model plays the other roles, and a debrief quotes what you said. Nothing is stored."""
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
    who: Annotated[str, typer.Argument(help="A persona, or a person in your own words: a name and a few facts.")],
    language: _LANGUAGE = "en",
    engine: Annotated[str | None, typer.Option(help="The model to use, such as embedded or openai:gpt-5.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="With a local model, the same seed gives the same output.")] = 0,
    out: Annotated[Path | None, typer.Option(help="A .md file for the transcript and a summary.")] = None,
) -> None:
    """Interview a made-up person: a model answers from their card. This does not replace research."""
    from bot.cli.stage import StageTerminal, run_interview

    settings = load_settings(engine)
    run_async(run_interview(settings, who, StageTerminal(_read_line, print), language=language, seed=seed, out=out))


@app.command(epilog="Example: `quillmate readers a.txt b.txt --audience 'café owners, students' --out readers.png`")
def readers(
    files: Annotated[list[Path], typer.Argument(help="The texts to choose from, one per file: 2 to 5.")],
    audience: Annotated[str, typer.Option(help="Who the readers represent.")] = "",
    purpose: Annotated[str, typer.Option(help="What the texts are for.")] = "",
    count: Annotated[int, typer.Option("--readers", help="The number of readers: 5 to 12.")] = 5,
    language: _LANGUAGE = "en",
    engine: Annotated[str | None, typer.Option(help="The model to use, such as embedded or openai:gpt-5.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same readers.")] = 1,
    out: Annotated[Path | None, typer.Option(help="A .png or .md file to write.")] = None,
) -> None:
    """Let simulated readers choose among texts, each pair in both orders. This is a model's guess, not a survey."""
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
