"""Verbs that look: at the limits of places, and at what is missing here."""

from __future__ import annotations

from typing import Annotated

import typer

from ._app import app, configure_logs, load_settings_and_secure_data, run_async


@app.command(epilog="Example: `quillmate limits instagram`")
def limits(
    place: Annotated[str, typer.Argument(help="Only the limits of this platform, such as x or google_ads.")] = "",
) -> None:
    """Print each platform's limits: the maximum for each field, its source, and when it was last checked."""
    from bot.cli.limits import print_limits

    raise typer.Exit(print_limits(place))


@app.command(epilog="Example: `quillmate status --once`")
def status(
    url: Annotated[
        str, typer.Option(help="Address of the bot, such as http://10.0.0.5:9100; by default QUILLMATE_WATCH_LISTEN.")
    ] = "",
    once: Annotated[bool, typer.Option("--once", help="Print the status once and exit.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print the status once, as JSON.")] = False,
) -> None:
    """Watch a running bot: requests, times, tokens, costs and health. Stop with Ctrl-C."""
    from bot.cli.status import show_status

    run_async(show_status(url or load_settings_and_secure_data().watch_listen, live=not once, as_json=json_))


@app.command(epilog="Example: `quillmate doctor --offline`")
def doctor(
    offline: Annotated[bool, typer.Option("--offline", help="Skip checks that need the network.")] = False,
) -> None:
    """Check token, database, model, disk and clock, and say how to fix any problem."""
    from bot.cli.doctor import run_checks

    settings = load_settings_and_secure_data()
    configure_logs("CRITICAL")
    run_async(run_checks(settings, offline=offline))


@app.command()
def plugins() -> None:
    """List installed plugins with their versions, and why any of them were not loaded."""
    from bot.cli.plugins import print_plugins

    configure_logs("CRITICAL")
    raise typer.Exit(print_plugins())
