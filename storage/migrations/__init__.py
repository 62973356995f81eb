"""Alembic's migrations, run on a connection that the caller owns."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from storage.crypto import Keyring


def config(connection: Connection | None = None, keys: Keyring | None = None) -> Config:
    """Alembic's configuration, without an .ini file. `keys` seal what an older version kept in plain text."""
    made = Config(attributes={"connection": connection, "keys": keys})
    made.set_main_option("script_location", str(Path(__file__).parent))
    made.set_main_option("path_separator", "os")
    return made


def upgrade(connection: Connection, keys: Keyring | None = None) -> None:
    """Brings the tables behind the connection to the newest revision, in the caller's transaction."""
    command.upgrade(config(connection, keys), "head")
