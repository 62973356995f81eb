"""Verbs that look after the database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._app import database, load_settings_and_secure_data, run_async


@database.command("upgrade")
def upgrade() -> None:
    """Upgrade the database's tables to this version."""
    from bot.store import load_keyring
    from storage.database import REVISION, Database

    settings = load_settings_and_secure_data()

    async def work() -> None:
        opened = Database(settings.database_url, load_keyring(settings))
        try:
            done = await opened.upgrade()
        finally:
            await opened.close()
        print(f"The tables are at {REVISION}." if done else f"The tables were at {REVISION} already.")

    run_async(work())


@database.command("backup")
def backup(folder: Annotated[Path, typer.Argument(help="The folder to put the backup in.")]) -> None:
    """Back up the database and its keys, even while the bot is running. The operator's key is not included."""
    from bot.cli.backup import back_up

    run_async(back_up(load_settings_and_secure_data(), folder))


@database.command("restore")
def restore(
    folder: Annotated[Path, typer.Argument(help="A folder made by `db backup`.")],
    yes: Annotated[bool, typer.Option("--yes", help="Replace without asking.")] = False,
) -> None:
    """Replace the database with a backup. Stop the bot first."""
    from bot.cli.backup import restore

    if not yes and not typer.confirm("Replace everything in the database?"):
        raise typer.Exit(1)
    run_async(restore(load_settings_and_secure_data(), folder))


@database.command(
    "copy", epilog="Example: `quillmate db copy sqlite:////data/quillmate.db postgresql://quillmate:...@host/quillmate`"
)
def copy(
    source: Annotated[str, typer.Argument(help="The URL of the database to copy.")],
    target: Annotated[str, typer.Argument(help="The URL of the database to copy to.")],
    replace: Annotated[bool, typer.Option("--replace", help="Delete what is in the target first.")] = False,
) -> None:
    """Move an installation between SQLite and PostgreSQL, comparing every row. Stop the bot first."""
    from bot.cli.backup import copy

    run_async(copy(load_settings_and_secure_data(), source, target, replace=replace))


@database.command("rotate-key")
def rotate_key() -> None:
    """Encrypt all users' keys with a new operator's key. Stop the bot first."""
    from bot.cli.keys import rotate

    run_async(rotate(load_settings_and_secure_data()))


@database.command("forget-lost")
def forget_lost(
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
) -> None:
    """Delete data encrypted with an operator's key that is lost. Stop the bot first."""
    from bot.cli.keys import forget_lost

    run_async(forget_lost(load_settings_and_secure_data(), lambda question: yes or typer.confirm(question)))


@database.command("forget")
def forget(
    discord_id: Annotated[str, typer.Argument(help="The Discord ID of a user or, with --server, of a server.")],
    server: Annotated[bool, typer.Option("--server", help="Delete what the server itself owns.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
) -> None:
    """Delete all data of a user who cannot ask for it in Discord, or of a server. Stop the bot first."""
    from bot.cli.keys import forget_person, forget_server

    forget = forget_server if server else forget_person
    run_async(forget(load_settings_and_secure_data(), discord_id, lambda question: yes or typer.confirm(question)))
