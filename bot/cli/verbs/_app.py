"""The command line itself: its groups of verbs, how it ends, and the settings that its verbs work with."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import sys
import threading
import warnings
from collections.abc import Coroutine
from typing import Annotated, Any

import typer

from bot import __version__
from bot.errors import EngineError, QuillmateError, describe_error
from bot.runtime.heap import raise_gc_threshold, use_one_arena
from bot.runtime.streams import replace_unencodable

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
models = typer.Typer(
    help="See and choose the model that writes; get, use, remove and measure models.", invoke_without_command=True
)
app.add_typer(models, name="model")
tables = typer.Typer(help="Make tables up that behave like real ones.", no_args_is_help=True)
app.add_typer(tables, name="data")


# No room on the disk, or within a quota or a file's limit.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def main() -> None:
    """Entry point. Errors are one line on standard error; exit codes as docs/command-line.md says."""
    raise_gc_threshold()
    replace_unencodable()
    if not sys.warnoptions:  # What libraries warn of is for whoever works on Quillmate, and for `python -W`.
        warnings.simplefilter("ignore")
    if sys.argv[1:2] == ["run"]:
        use_one_arena()
        _end_when_told()
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
    except QuillmateError as error:
        _complain(str(error))
        code = SOME_FAILED if isinstance(error, EngineError) else WRONG_USE
    except typer.TyperException as error:
        _complain(_completed(error))
        code = WRONG_USE
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _FULL:
            _complain(f"The output cannot be written: {error.strerror}.")
        else:
            print(describe_error(error), file=sys.stderr)
        code = SOME_FAILED
        _let_go_of_output()
    sys.exit(code)


def _let_go_of_output() -> None:
    """Throws away what could not be written, so that Python does not try it once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(line: str) -> None:
    from rich.console import Console

    from bot.runtime.credentials import mask_credentials

    Console(stderr=True, highlight=False).print(mask_credentials(line), style="red", markup=False, soft_wrap=True)


def _completed(error: typer.TyperException) -> str:
    """What is wrong with a line that was typed, and where it says how it is written; the help itself where nothing was."""
    said, where = error.format_message().strip(), getattr(error, "ctx", None)
    return said if "\n" in said or where is None else f"{said.rstrip('.')}. `{where.command_path} --help` tells more."


def run_to_end(work: Coroutine[Any, Any, int | None]) -> None:
    try:
        code = asyncio.run(work)
    except BrokenPipeError:  # Whoever reads has seen enough. Caught here, as typer would end with 1.
        _let_go_of_output()
        code = DONE
    if code:
        raise typer.Exit(code)


def _end_when_told() -> None:
    """Until the bot listens to signals itself, SIGTERM ends the process at once: nothing has been begun that could be lost."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: os._exit(DONE))


def quiet_logs(level: str) -> None:
    from bot.runtime.logs import setup

    setup(level)


@app.callback(invoke_without_command=True)
def _options(version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False) -> None:
    if version:
        print(__version__)
        raise typer.Exit


def own_settings() -> Any:
    """The settings, for what writes to the data folder: nobody else on the machine reads there from here on."""
    from bot.settings import load, secure_data_folder

    settings = load()
    secure_data_folder(settings)
    return settings


def settings_for(engine: str | None) -> Any:
    from bot.settings import load

    settings = load(**({"engine": engine} if engine else {}))
    quiet_logs("ERROR" if settings.log == "INFO" else settings.log)
    return settings
