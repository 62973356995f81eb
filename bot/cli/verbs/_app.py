"""The command line: command groups, exit codes, and the settings of commands."""

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

EXIT_OK, EXIT_FAILED, EXIT_USAGE = 0, 1, 2

app = typer.Typer(
    name="quillmate",
    help="The content assistant that lives in your team's Discord.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
database = typer.Typer(help="Maintain the database.", no_args_is_help=True)
app.add_typer(database, name="db")
models = typer.Typer(
    help="See and choose the model that writes; download, remove and measure models.", invoke_without_command=True
)
app.add_typer(models, name="model")
tables = typer.Typer(help="Make up tables that behave like real ones.", no_args_is_help=True)
app.add_typer(tables, name="data")


# Disk full, quota exceeded or file too large.
_DISK_FULL_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def main() -> None:
    """Run the command line. Errors are one line on standard error; docs/command-line.md lists the exit codes."""
    raise_gc_threshold()
    replace_unencodable()
    if not sys.warnoptions:  # Hide library warnings from users; `python -W` shows them.
        warnings.simplefilter("ignore")
    if sys.argv[1:2] == ["run"]:
        use_one_arena()
        _exit_on_sigterm()
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
    except QuillmateError as error:
        _print_error(str(error))
        code = EXIT_FAILED if isinstance(error, EngineError) else EXIT_USAGE
    except typer.TyperException as error:
        _print_error(_format_usage_error(error))
        code = EXIT_USAGE
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    except Exception as error:  # The edge of the process: users see a sentence, not a traceback.
        if isinstance(error, OSError) and error.errno in _DISK_FULL_ERRORS:
            _print_error(f"The output cannot be written: {error.strerror}.")
        else:
            print(describe_error(error), file=sys.stderr)
        code = EXIT_FAILED
        _discard_output()
    sys.exit(code)


def _discard_output() -> None:
    """Discard unwritable output, so that Python does not try to write it again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _print_error(line: str) -> None:
    from rich.console import Console

    from bot.runtime.credentials import mask_credentials

    Console(stderr=True, highlight=False).print(mask_credentials(line), style="red", markup=False, soft_wrap=True)


def _format_usage_error(error: typer.TyperException) -> str:
    """Format a usage error with a pointer to the help. If no arguments were given, the message already is the help (of
    several lines) and is returned unchanged.
    """
    message, context = error.format_message().strip(), getattr(error, "ctx", None)
    return (
        message
        if "\n" in message or context is None
        else f"{message.rstrip('.')}. Try `{context.command_path} --help`."
    )


def run_async(work: Coroutine[Any, Any, int | None]) -> None:
    try:
        code = asyncio.run(work)
    except BrokenPipeError:  # The reader has closed the pipe. Caught here, as typer would exit with 1.
        _discard_output()
        code = EXIT_OK
    if code:
        raise typer.Exit(code)


def _exit_on_sigterm() -> None:
    """Exit immediately on SIGTERM until the bot handles signals: nothing has been started that could be lost."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: os._exit(EXIT_OK))


def configure_logs(level: str) -> None:
    from bot.runtime.logs import setup

    setup(level)


@app.callback(invoke_without_command=True)
def _print_version(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        print(__version__)
        raise typer.Exit


def load_settings_and_secure_data() -> Any:
    """Load the settings for commands that write to the data folder, and make that folder private to this user."""
    from bot.runtime.data_folder import secure_data_folder
    from bot.settings import load

    settings = load()
    secure_data_folder(settings.data)
    return settings


def load_settings(engine: str | None) -> Any:
    """Load the settings, with another engine if one is given, and configure logging; only errors by default."""
    from bot.settings import load

    settings = load(**({"engine": engine} if engine else {}))
    configure_logs("ERROR" if settings.log == "INFO" else settings.log)
    return settings
