"""Verbs that look: at the limits of places, and at what is missing here."""

from __future__ import annotations

from typing import Annotated

import typer

from ._app import app, configure_logs, load_settings_and_secure_data, run_async


@app.command(epilog="Example: `quillmate limits instagram`")
def limits(
    place: Annotated[str, typer.Argument(help="Only of this place, such as x or google_ads.")] = "",
) -> None:
    """Print what each place takes: the most of which unit in which field, who says so, and when that was read."""
    from bot.cli.limits import print_limits

    raise typer.Exit(print_limits(place))


@app.command(epilog="Example: `quillmate status --once`")
def status(
    url: Annotated[
        str, typer.Option(help="Address of the bot, such as http://10.0.0.5:9100; else that of QUILLMATE_WATCH_LISTEN.")
    ] = "",
    once: Annotated[bool, typer.Option("--once", help="Look once and end.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="Look once and print an object.")] = False,
) -> None:
    """Watch a running bot: requests, seconds, tokens, what they cost, and whether it is well. Ctrl-C ends it."""
    from bot.cli.status import show_status

    run_async(show_status(url or load_settings_and_secure_data().watch_listen, live=not once, as_json=json_))


@app.command(epilog="Example: `quillmate doctor --offline`")
def doctor(
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody on the network.")] = False,
) -> None:
    """Check token, database, model, disk and clock, and say what to do about what is wrong."""
    from bot.cli.doctor import run_checks

    settings = load_settings_and_secure_data()
    configure_logs("CRITICAL")
    run_async(run_checks(settings, offline=offline))


@app.command()
def plugins() -> None:
    """List the plugins of other packages with their versions, and what is wrong with those left out."""
    from bot.cli.plugins import print_plugins

    configure_logs("CRITICAL")
    raise typer.Exit(print_plugins())
