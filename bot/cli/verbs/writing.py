"""Commands that write texts, and show how a brief is parsed."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ._app import app, load_settings, load_settings_and_secure_data, run_async


class Length(StrEnum):
    """How long a text should be."""

    short = "short"
    medium = "medium"
    long = "long"


@app.command(epilog="Example: `quillmate generate social_post 'tweet: we close on Monday' --profile me.json`")
def generate(
    kind: Annotated[str, typer.Argument(help="What to make, such as social_post, quiz or image_prompt.")],
    brief: Annotated[
        str, typer.Argument(help="What it should say, in your own words; - reads it from standard input.")
    ],
    profile: Annotated[Path | None, typer.Option(help="A JSON file with the profile to write for.")] = None,
    persona: Annotated[str | None, typer.Option(help="The persona to write as.")] = None,
    engine: Annotated[str | None, typer.Option(help="The model to use, such as embedded or openai:gpt-5.")] = None,
    variants: Annotated[int, typer.Option(help="The number of variants.", min=1, max=20)] = 1,
    seed: Annotated[int, typer.Option(help="With a local model, the same seed gives the same draft.", min=0)] = 0,
    length: Annotated[Length | None, typer.Option(help="How long it should be.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the result as a JSON object on the last line.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Also write a file, such as .docx, .pdf or .kahoot.xlsx.")] = None,
) -> None:
    """Write one text and print it."""
    from bot.cli.generate import generate_one, read_brief
    from bot.content import Request

    request = Request(
        "cli",
        "cli",
        read_brief(sys.stdin) if brief == "-" else brief,
        kind=kind,
        persona=persona,
        seed=seed,
        variants=variants,
        length=length.value if length else None,
    )
    run_async(generate_one(load_settings(engine), request, profile, as_json=as_json, out=out))


@app.command(epilog="Example: `quillmate export quiz.json docx`, or `quillmate export results.jsonl kahoot --id 7`")
def export(
    result: Annotated[Path, typer.Argument(help="The output of `generate --json` or `batch`.")],
    file_format: Annotated[
        str, typer.Argument(metavar="FORMAT", help="The file format, such as docx, pdf, kahoot or apkg.")
    ],
    out: Annotated[Path | None, typer.Argument(help="The file to write; by default named after the result.")] = None,
    result_id: Annotated[str, typer.Option("--id", help="The result to export, if the file has several.")] = "",
) -> None:
    """Export an existing result to a file, without calling a model."""
    from bot.cli.export import export_result

    export_result(result, file_format, out, result_id=result_id)


@app.command(epilog="Example: `quillmate batch jobs.jsonl results.jsonl`")
def batch(
    jobs: Annotated[
        Path, typer.Argument(help='A JSONL or CSV file with "id", "kind", "brief" and, optionally, "profile".')
    ],
    out: Annotated[Path, typer.Argument(help="The JSONL file to write; jobs already in it are skipped.")],
    engine: Annotated[str | None, typer.Option(help="The model to use, such as embedded or openai:gpt-5.")] = None,
    seed: Annotated[int, typer.Option(help="The seed for all jobs.", min=0)] = 0,
) -> None:
    """Write many texts. Run it again to write only the missing ones."""
    from bot.cli.batch import generate_many

    run_async(generate_many(load_settings(engine), jobs, out, seed=seed))


@app.command(epilog="Example: `quillmate learn cards.csv --questions 20`")
def learn(
    file: Annotated[Path, typer.Argument(help="Cards as .csv or .apkg, or the output of `generate quiz ... --json`.")],
    questions: Annotated[
        int, typer.Option(help="Stop after this many questions; 0 continues until nothing is due.", min=0)
    ] = 0,
    ahead: Annotated[bool, typer.Option("--ahead", help="Also ask questions that are not due yet.")] = False,
    restart: Annotated[bool, typer.Option("--anew", help="Start over and forget your progress.")] = False,
) -> None:
    """Study the questions in a file, in the order that teaches you most. Review dates are stored on this machine."""
    from bot.cli.learn import CourseTerminal, run_study_session

    def ask(question: str) -> str | None:
        try:
            return input(question)
        except EOFError:
            return None

    data_folder = load_settings_and_secure_data().data
    terminal = CourseTerminal(ask, print)
    raise typer.Exit(
        run_study_session(file, terminal, data_folder, max_questions=questions, ahead=ahead, restart=restart)
    )


@app.command(epilog="""Example: `echo '"a quiz on the water cycle"' | quillmate route`""")
def route() -> None:
    """Detect the kind of text each request asks for: one JSON string per line in, one JSON object per line out."""
    from bot.cli.generate import route_lines
    from bot.runtime.files import restrict_umask
    from bot.runtime.streams import read_rows

    restrict_umask()  # Routing caches its trained classifier in the data folder.
    run_async(route_lines(load_settings(None), read_rows(sys.stdin), sys.stdout))


@app.command(
    epilog="""Example: `echo '{"id": 1, "kind": "slogan", "brief": "8 slogans, 5 words tops"}' | quillmate understand`"""
)
def understand() -> None:
    """Show what each brief requires of the form, such as length: one JSON object per line in, one per line out."""
    from bot.cli.generate import understand_lines
    from bot.runtime.streams import read_rows

    raise typer.Exit(understand_lines(read_rows(sys.stdin), sys.stdout))
