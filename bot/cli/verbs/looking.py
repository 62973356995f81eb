"""Verbs that look: at the limits of places, and at what is missing here."""

from __future__ import annotations

from typing import Annotated

import typer

from ._app import app, own_settings, quiet_logs, run_to_end


@app.command(epilog="Example: `quillmate limits instagram`")
def limits(
    place: Annotated[str, typer.Argument(help="Only of this place, such as x or google_ads.")] = "",
) -> None:
    """Print what each place takes: the most of which unit in which field, who says so, and when that was read."""
    from bot.cli.generate import print_limits

    raise typer.Exit(print_limits(place))


@app.command(epilog="Example: `quillmate doctor --offline`")
def doctor(
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody on the network.")] = False,
) -> None:
    """Check token, database, model, disk and clock, and say what to do about what is wrong."""
    from bot.cli.doctor import examine

    settings = own_settings()
    quiet_logs("CRITICAL")
    run_to_end(examine(settings, offline=offline))
