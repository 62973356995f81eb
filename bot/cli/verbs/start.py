"""Verbs that start the bot."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.errors import SettingsError

from ._app import app, configure_logs, load_settings_and_secure_data, run_async


@app.command(epilog="Example: `quillmate preview --port 9000 --no-browser`")
def preview(
    port: Annotated[int, typer.Option(help="Port of the page.", min=1, max=65535)] = 8421,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
    model: Annotated[
        str, typer.Option(help="Get this model first where it is not here: default, small, or a name of `model list`.")
    ] = "",
) -> None:
    """Try the real bot on a local page that looks like Discord. Needs no account."""
    settings = load_settings_and_secure_data()
    if model:
        from bot.cli.model import select_model

        settings = select_model(settings, model)
    configure_logs("WARNING" if settings.log == "INFO" else settings.log)
    try:
        from bot.preview import serve_playground
    except ImportError as error:
        raise SettingsError("The preview needs another package. Run: pip install 'quillmate[preview]'") from error
    run_async(serve_playground(settings, port=port, browser=not no_browser))


@app.command(epilog="Example: `DISCORD_TOKEN=... quillmate run`")
def run(
    no_work: Annotated[
        bool, typer.Option("--no-work", help="Leave requests to other processes on the same PostgreSQL database.")
    ] = False,
) -> None:
    """Run the bot on Discord. Needs DISCORD_TOKEN and nothing else."""
    from bot.cli.run import run_bot

    settings = load_settings_and_secure_data()
    configure_logs(settings.log)
    run_async(run_bot(settings, works=not no_work))


@app.command(epilog="Example: `DISCORD_TOKEN=... quillmate worker`")
def worker() -> None:
    """Carry out requests that `quillmate run` takes on the same PostgreSQL database. Has no connection to Discord's gateway."""
    from bot.cli.run import run_bot

    settings = load_settings_and_secure_data()
    configure_logs(settings.log)
    run_async(run_bot(settings, hears=False))


@app.command(epilog="Example: `quillmate mcp --user 80351110224678912 --server 197038439483310086`")
def mcp(
    user: Annotated[str, typer.Option(help="Discord id of the user it writes for and stores texts of.")] = "local",
    server: Annotated[str, typer.Option(help="Discord id of a server: its library, brand, limits and quotas.")] = "",
    role: Annotated[
        list[str] | None, typer.Option(help="Discord id of a role the user has in that server; may be repeated.")
    ] = None,
    profile: Annotated[
        Path | None, typer.Option(help="JSON file with a profile, for a user without a stored one.")
    ] = None,
    listen: Annotated[
        str, typer.Option(help="Serve over HTTP at this address, such as 127.0.0.1:8765. Needs QUILLMATE_MCP_TOKEN.")
    ] = "",
) -> None:
    """Let other assistants have texts written and search the library, by the Model Context Protocol."""
    from bot.cli.mcp import serve

    settings = load_settings_and_secure_data()
    configure_logs("WARNING" if settings.log == "INFO" else settings.log)
    run_async(serve(settings, user=user, server=server, roles=role or [], profile_file=profile, listen=listen))
