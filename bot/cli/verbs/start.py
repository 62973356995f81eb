"""Verbs that start the bot."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.errors import SettingsError

from ._app import app, configure_logs, load_settings_and_secure_data, run_async


@app.command(epilog="Example: `quillmate preview --port 9000 --no-browser`")
def preview(
    port: Annotated[int, typer.Option(help="The port of the page.", min=1, max=65535)] = 8421,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
    model: Annotated[
        str,
        typer.Option(help="Download this model first, if it is missing: default, small, or a name from `model list`."),
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
    """Run the bot on Discord. Needs only DISCORD_TOKEN."""
    from bot.cli.run import run_bot

    settings = load_settings_and_secure_data()
    configure_logs(settings.log)
    run_async(run_bot(settings, works=not no_work))


@app.command(epilog="Example: `DISCORD_TOKEN=... quillmate worker`")
def worker() -> None:
    """Carry out the requests that `quillmate run` accepts on the same PostgreSQL database, without a gateway connection."""
    from bot.cli.run import run_bot

    settings = load_settings_and_secure_data()
    configure_logs(settings.log)
    run_async(run_bot(settings, hears=False))


@app.command(epilog="Example: `quillmate mcp --user 80351110224678912 --server 197038439483310086`")
def mcp(
    user: Annotated[str, typer.Option(help="Discord ID of the user to write and store texts for.")] = "local",
    server: Annotated[
        str, typer.Option(help="Discord ID of a server, whose library, brand, limits and quotas apply.")
    ] = "",
    role: Annotated[
        list[str] | None, typer.Option(help="Discord ID of a role the user has in that server; can be repeated.")
    ] = None,
    profile: Annotated[
        Path | None, typer.Option(help="JSON file with a profile, for a user who has no stored one.")
    ] = None,
    listen: Annotated[
        str, typer.Option(help="Serve over HTTP at this address, such as 127.0.0.1:8765. Needs QUILLMATE_MCP_TOKEN.")
    ] = "",
) -> None:
    """Let other assistants write texts and search the library through the Model Context Protocol."""
    from bot.cli.mcp import serve

    settings = load_settings_and_secure_data()
    configure_logs("WARNING" if settings.log == "INFO" else settings.log)
    run_async(serve(settings, user=user, server=server, roles=role or [], profile_file=profile, listen=listen))
