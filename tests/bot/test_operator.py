"""What an operator is told: damage, a full disk, settings that cannot be meant, and never a key."""

from __future__ import annotations

import logging
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from image_servers import OpenAI, serve_images
from sqlalchemy.exc import OperationalError

from bot.briefs import extract_reading
from bot.engines.images import Picture, build_images
from bot.errors import EngineError, SettingsError
from bot.kinds import find_kind
from bot.requests.job_errors import JobsError
from bot.requests.jobs import Jobs
from bot.runtime.credentials import mask_setting
from bot.settings import load
from storage import alerts
from storage.crypto import Keyring
from storage.database import Database
from storage.errors import StorageError

Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def _awake() -> None:
    alerts._reported_at.clear()


def fill(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS filler (id INTEGER PRIMARY KEY, body TEXT)")
        connection.executemany("INSERT INTO filler (body) VALUES (?)", [("x" * 900,) for _ in range(400)])
        connection.execute("CREATE INDEX IF NOT EXISTS filled ON filler (body)")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def overwrite(file: Path, pages: int) -> None:
    """Overwrite random pages in the latter half of a file, where its table of contents is not."""
    body, chance = bytearray(file.read_bytes()), random.Random(7)
    for page in chance.sample(range(len(body) // 8192 + 10, len(body) // 4096), pages):
        body[page * 4096 : (page + 1) * 4096] = chance.randbytes(4096)
    file.write_bytes(body)


@pytest.mark.parametrize(("name", "heading"), [("quillmate.db", "Database"), ("jobs.db", "Pending jobs")])
def test_doctor_finds_overwritten_pages(run: Run, tmp_path: Path, name: str, heading: str) -> None:
    run("db", "upgrade")
    fill(tmp_path / "data" / name)
    assert f"✓ {heading}" in run("doctor", "--offline").stdout
    overwrite(tmp_path / "data" / name, 20)
    result = run("doctor", "--offline")
    assert result.exit_code == 1
    assert f"✗ {heading}" in result.stdout
    assert "damaged" in result.stdout


async def test_the_damage_check_reads_every_table_on_a_server(postgres_url: str) -> None:
    database = Database(postgres_url, Keyring.create_ephemeral())
    await database.upgrade()
    assert await database.find_damage() == ""
    async with database.write() as connection:
        await connection.exec_driver_sql("DROP TABLE feedback")
    with pytest.raises(StorageError):
        await database.find_damage()
    await database.close()


async def write_too_much(database: Database) -> None:
    """Write more than the file may hold."""
    async with database.write() as connection:
        await connection.exec_driver_sql("CREATE TABLE more (body TEXT)")
        await connection.exec_driver_sql("INSERT INTO more VALUES (hex(zeroblob(900000)))")


async def test_a_full_disk_logs_one_line_to_alert_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Database(f"sqlite:///{tmp_path / 'q.db'}") as database:
        async with database.write() as connection:
            pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar()
            await connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        for _ in range(3):
            with pytest.raises(StorageError, match="disk is full"):
                await write_too_much(database)
    lines = [one for one in caplog.records if one.message == "storage_unwritable"]
    assert [(one.levelno, one.store, one.reason) for one in lines] == [
        (logging.ERROR, "database", "OperationalError SQLITE_FULL")
    ]
    monkeypatch.setattr(alerts, "MIN_INTERVAL_SECONDS", 0)
    alerts.report_unwritable("database", OSError(28, "No space"))
    assert caplog.records[-1].reason == "OSError errno 28"


async def test_jobs_that_cannot_be_saved_log_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(*_: object, **__: object) -> None: ...

    async with (
        Database(f"sqlite:///{tmp_path / 'q.db'}") as database,
        Jobs(f"sqlite:///{tmp_path / 'jobs.db'}", work, database.owners.load_key) as jobs,
    ):

        async def raise_disk_full(*_: object, **__: object) -> None:
            raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))

        monkeypatch.setattr("bot.requests.durable_engine.worker.DBOS.start_workflow_async", raise_disk_full)
        for number in range(3):
            with pytest.raises(JobsError):
                await jobs.submit(str(number), "7", {"brief": "secret"})
    lines = [one for one in caplog.records if one.message == "storage_unwritable"]
    assert [(one.store, one.reason) for one in lines] == [("jobs", "OperationalError")]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DATA", "", 'QUILLMATE_DATA is ""; it should name a folder; leave it out for the default one.'),
        ("DATA", "  ", "it should name a folder"),
        ("EMBEDDINGS", " ", "it should be auto, all or none."),
        ("TIMEOUT", "", "should be a valid number"),
        ("TIMEOUT", "nan", "QUILLMATE_TIMEOUT is"),
        ("TIMEOUT", "inf", "QUILLMATE_TIMEOUT is"),
        ("GRACE", "nan", "QUILLMATE_GRACE is"),
        ("KEEP_RESULTS_DAYS", "1" * 5000, "QUILLMATE_KEEP_RESULTS_DAYS is"),
        ("ENGINE_URL", "http://host:99999/v1", "should be an address such as"),
        ("ENGINE_URL", "http://:8000", "should be an address such as"),
        ("ENGINE_URL", "http://a b/v1", "should be an address such as"),
        ("SLOT", "", "should be a word of letters"),
        ("LOG", "", "should be DEBUG"),
    ],
)
def test_nonsensical_settings_are_refused_with_a_reason(
    name: str, value: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUILLMATE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv(f"QUILLMATE_{name}", value)
    with pytest.raises(SettingsError) as told:
        load()
    assert sentence in str(told.value)
    assert not list(tmp_path.glob("*.db"))


def test_a_tilde_in_the_data_folder_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("QUILLMATE_DATA", "~/quill")
    assert load().data == tmp_path / "quill"


KEYS = ("sk-proj-abcDEF123456789", "0f3a9c7be1d24f6a8890", "AbCdEfGhIjKlMnOpQrStUv", "hf_QwErTy1234567890")


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("name", ["ENGINE_URL", "IMAGES_URL", "ENGINE", "IMAGES", "LOG", "TIMEOUT", "DATABASE", "SLOT"])
def test_a_misplaced_key_is_never_shown(run: Run, monkeypatch: pytest.MonkeyPatch, name: str, key: str) -> None:
    for value in (key, f"ftp://{key}@host", f"ftp://user:{key}@host/v1", f"ftp://host/v1?api_key={key}"):
        monkeypatch.setenv(f"QUILLMATE_{name}", value)
        if name in ("ENGINE", "IMAGES"):  # Those are looked at by what builds them.
            from bot.configured_engines import build_engines, build_image_engine

            said = ""
            try:
                (build_engines if name == "ENGINE" else build_image_engine)(load())
            except SettingsError as error:
                said = str(error)
            assert key not in said
            continue
        result = run("doctor", "--offline")
        assert key not in result.stdout + str(result.exception)


def test_addresses_are_shown_without_their_secrets() -> None:
    shown = Database("postgresql://u:sesame@h/q?password=swordfish&ssl=require").display_url
    assert "sesame" not in shown
    assert "swordfish" not in shown
    assert "ssl=require" in shown
    assert mask_setting("http://127.0.0.1:8000/v1") == "http://127.0.0.1:8000/v1"
    assert mask_setting("openai:gpt-5, embedded") == "openai:gpt-5, embedded"


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:{port}/x.png",
        "http://localhost:{own}/files/0.webp",
        "file:///etc/passwd",
        "::",
    ],
)
async def test_a_picture_is_fetched_only_from_its_own_server(address: str) -> None:
    server, other = OpenAI(), OpenAI()
    async with serve_images(server) as url, serve_images(other) as elsewhere:
        port, own = elsewhere.rpartition(":")[2], url.rpartition(":")[2]
        server.form, server.address = "url", address.format(port=port, own=own)
        async with build_images("openai:flux", url=f"{url}/v1", key="k") as engine:
            with pytest.raises(EngineError, match="answered with a link to another server, which I do not follow. My"):
                await engine.make(Picture("a fox"))
    assert other.keys == []


@pytest.mark.parametrize("inside", [True, False])
async def test_a_redirect_is_followed_only_within_the_server(inside: bool) -> None:
    server, other = OpenAI(), OpenAI()
    async with serve_images(server) as url, serve_images(other) as elsewhere:
        server.form, server.address = "url", f"{url}/moved"
        server.moved = f"{url if inside else elsewhere}/files/0.webp"
        async with build_images("openai:flux", url=f"{url}/v1", key="k") as engine:
            if inside:
                assert (await engine.make(Picture("a fox"))).startswith(b"\x89PNG")
                return
            with pytest.raises(EngineError, match="another server"):
                await engine.make(Picture("a fox"))
    assert other.keys == []


def find_accessible_files(folder: Path) -> list[str]:
    """Find the files that users other than the owner may read, write or run."""
    return [str(one) for one in (folder, *folder.rglob("*")) if one.lstat().st_mode & 0o077 and not one.is_symlink()]


@pytest.mark.parametrize("word", ["upgrade", "doctor"])
def test_the_data_folder_is_accessible_only_to_its_user(run: Run, tmp_path: Path, word: str) -> None:
    data = tmp_path / "data"
    (data / "pictures" / "7").mkdir(parents=True)
    outside = tmp_path / "notes"
    outside.write_text("mine")
    outside.chmod(0o644)
    (data / "pictures" / "link").symlink_to(outside)
    for name in ("jobs.db", "quillmate.db-old", "pictures/7/1.png", "alive", "synced-commands"):
        (data / name).write_bytes(b"")
        (data / name).chmod(0o644)
    data.chmod(0o755)
    run(*(("db", "upgrade") if word == "upgrade" else ("doctor", "--offline")))
    assert (data / "quillmate.db").exists()
    assert find_accessible_files(data) == []
    assert outside.stat().st_mode & 0o777 == 0o644, "what a link leads to is not of the folder"


def test_files_of_others_keep_their_permissions_and_are_reported(run: Run, tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "site").mkdir(parents=True)
    (data / "site" / "index.html").write_text("mine")
    for folder in (data, data / "site"):  # Whatever the umask, which a bot in this process restricts.
        folder.chmod(0o755)
    said = run("db", "upgrade").stderr
    assert f"Other users of this machine have access to {data}, which could not be changed." in said
    assert {one.stat().st_mode & 0o777 for one in (data, data / "site")} == {0o755}
    assert (data / "quillmate.db").stat().st_mode & 0o777 == 0o600


def test_a_number_of_thousands_of_digits_in_a_brief_is_ignored() -> None:
    form, digits = find_kind("campaign").brief_form, "7" * 5000
    for brief in (f"{digits} posts", f"a campaign of {digits} weeks", f"at most {digits} words", f"{digits}:{digits}"):
        reading = extract_reading(brief, form)
        assert (reading.count, reading.size, reading.shape) == ((), (), "")
