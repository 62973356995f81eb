"""The world that tests act in: a scripted model at the seam, a fresh folder, and no network but loopback."""

from __future__ import annotations

import asyncio
import gc
import importlib
import itertools
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from pathlib import Path
from typing import Any, Self

import discord
import hypothesis
import pytest
import pytest_asyncio
import pytest_socket
import simcord
import simulated_discord
from dbos._sys_db_sqlite import SQLiteSystemDatabase
from discord.ext import tasks
from discord_texts import can_notify, list_message_bodies
from router_cache import restore_router, train_shared_router
from servers import create_database, run_postgres
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simulated_discord import SETTLE_SECONDS
from sqlalchemy import Engine as DatabaseEngine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine
from tracing_control import disable_tracing, load_modules, trace_own_threads
from writing import find_requested_kind, good_answer

import storage.transactions
from bot.app import App
from bot.client import QuillmateBot
from bot.engines import Engine, Traits
from bot.engines.images import ImageEngine
from bot.engines.scripted import ScriptedProvider
from bot.engines.sound import SoundEngines
from bot.errors import QuillmateError
from bot.requests.desk import RequestDesk
from bot.settings import Settings
from storage.database import Database

# Threads of OpenMP that wait spin, beside other processes of tests for nothing; read when PyTorch or llama.cpp are loaded.
os.environ.setdefault("GOMP_SPINCOUNT", "300")

DATA = Path(__file__).parent / "data"
_FINISHED = itertools.count(1)
# Where no test says otherwise, the data folder is an empty one: whoever develops may have a large model in theirs.
_HOME = tempfile.TemporaryDirectory(prefix="quillmate-tests-")
os.environ["XDG_DATA_HOME"] = _HOME.name


# Those that start programs take seconds each: they come first, so that no process has one left when the others are done.
LONG = {
    "test_transformers.py",
    "test_real_models.py",
    "test_playground.py",
    "test_playground_in_german.py",
    "test_playground_typing.py",
    "test_kill.py",
    "test_run.py",
    "test_commandline.py",
    "test_data_commands.py",
}


# How fast examples are drawn says how busy the machine is, and nothing of the code.
# The same examples in every run; `pytest --hypothesis-profile search` looks for new ones.
hypothesis.settings.register_profile(
    "house", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile("search", parent=hypothesis.settings.get_profile("house"), derandomize=False)
hypothesis.settings.load_profile("house")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Under coverage, load the project traced, in one process, and the tests untraced."""
    trace_own_threads()
    if sys.gettrace() and "PYTEST_XDIST_WORKER" not in os.environ:
        load_modules()
    with disable_tracing():
        return (yield)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONG)
    for item in items:
        if item.get_closest_marker("simcord") is None:
            item.add_marker(pytest.mark.simcord(settle_timeout=SETTLE_SECONDS))


def pytest_collection_finish() -> None:
    """Disable the garbage collector: it would go over everything in a world several times in each test."""
    gc.collect()
    gc.freeze()
    gc.disable()


def pytest_runtest_logfinish() -> None:
    """Collect the garbage of tests now and then: one world takes some megabytes."""
    if next(_FINISHED) % 250 == 0:
        gc.collect()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--strict-skips", action="store_true", help="a skipped test fails the run")


def pytest_runtest_setup() -> None:
    """Block the network: sockets to other machines raise, so that no test reaches a paid model by accident."""
    pytest_socket.socket_allow_hosts(["127.0.0.1", "localhost", "::1"], allow_unix_socket=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")  # None in a process that only runs tests.
    if session.config.getoption("--strict-skips") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


class Script:
    """The answers of the scripted model; tests change them as they go. `prompts` are the prompts it received."""

    def __init__(self) -> None:
        self.answer: Callable[[Any], Any] = good_answer
        self.provider = ScriptedProvider(lambda messages: self.answer(messages), traits=Traits(streams=64))

    def says(self, answer: Any) -> None:
        """Always answer this from now on."""
        self.answer = lambda _messages: answer

    def judges(self, category: str) -> None:
        """Find this harm when asked to moderate from now on; answer anything else as before."""
        answer = self.answer
        self.answer = lambda messages: category if messages[0].text.startswith("You moderate") else answer(messages)

    @property
    def prompts(self) -> list[str]:
        """The text of every prompt so far."""
        return ["\n".join(message.text for message in call) for call in self.provider.model.calls]

    @property
    def drafts(self) -> list[str]:
        """The prompts that asked for a new text."""
        calls = self.provider.model.calls
        return ["\n".join(one.text for one in call) for call in calls if len(call) == 2 and find_requested_kind(call)]

    def engine(self) -> Engine:
        return Engine(self.provider, name="scripted")


@pytest.fixture(scope="session")
def postgres() -> Iterator[URL]:
    """A PostgreSQL server, started when the first test needs it."""
    with run_postgres() as first:
        yield first


@pytest.fixture
def postgres_url(postgres: URL) -> Iterator[str]:
    """An empty database on the PostgreSQL server."""
    with create_database(postgres) as url:
        yield url


@pytest.fixture(scope="session")
def upgraded(postgres: URL) -> Iterator[str]:
    """The name of a database with all tables, to copy: the migrations take a second."""
    with create_database(postgres) as url:
        asyncio.run(_upgrade(url))
        yield make_url(url).database or ""


@pytest.fixture(scope="session")
def upgraded_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables, to copy."""
    file = tmp_path_factory.mktemp("upgraded") / "q.db"
    asyncio.run(_upgrade(f"sqlite:///{file}"))
    return file


async def _upgrade(url: str) -> None:
    database = Database(url)
    await database.upgrade()
    await database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with its tables, in turn an SQLite file and one on a PostgreSQL server."""
    if request.param == "sqlite":
        shutil.copy2(request.getfixturevalue("upgraded_file"), tmp_path / "q.db")
        yield f"sqlite:///{tmp_path / 'q.db'}"
        return
    first, template = (request.getfixturevalue(name) for name in ("postgres", "upgraded"))
    with create_database(first, template) as found:
        yield found


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, engine="embedded", embeddings="none", limits="none")


@pytest.fixture
def images() -> ImageEngine | None:
    """The image engine; tests of pictures override it."""
    return None


@pytest.fixture
def sound() -> SoundEngines | None:
    """The engines that hear, speak and play; tests of sound override it."""
    return None


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the word classifier; `router_cache` hands it to a program that a test starts."""
    return train_shared_router(tmp_path_factory)


@pytest.fixture(autouse=True, scope="session")
def _patched_simcord() -> Iterator[None]:
    with simulated_discord.patch():
        yield


@pytest.fixture(autouse=True, scope="session")
def _compiled_once() -> Iterator[None]:
    """Compile statements once for all databases of a kind: each test has its own engines, which would compile them anew."""
    first: dict[str, DatabaseEngine] = {}
    made_anew, of_jobs_anew = storage.transactions.create_engine, SQLiteSystemDatabase._create_engine

    def share(engine: DatabaseEngine, sort: str) -> None:
        known = first.get(sort)
        if known is None or known.dialect.server_version_info is None:  # One that never connected knows no server.
            first[sort] = engine
            return
        engine.dialect, engine._compiled_cache = known.dialect, known._compiled_cache

    def create_shared(url: URL, connections: int) -> AsyncEngine:
        engine = made_anew(url, connections)
        share(engine.sync_engine, url.get_backend_name())
        return engine

    def create_shared_for_jobs(database: SQLiteSystemDatabase, url: str, options: dict[str, Any]) -> DatabaseEngine:
        engine = of_jobs_anew(database, url, options)
        share(engine, "jobs")
        return engine

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("storage.transactions.create_engine", create_shared)
        patched.setattr(SQLiteSystemDatabase, "_create_engine", create_shared_for_jobs)
        yield


@pytest.fixture(autouse=True, scope="session")
def _quick_stops() -> Iterator[None]:
    """Let the durable engine notice a request to stop within 20 ms, so that tests end sooner."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("bot.requests.durable_engine.worker.LISTENER_POLLING_SECONDS", 0.02)
        yield


@pytest.fixture(autouse=True, scope="session")
def _quick_tries() -> Iterator[None]:
    """Shorten the pause before a model is tried again, as the models of tests are quick."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("bot.engines._retry.FIRST_PAUSE_SECONDS", 0.001)
        yield


@pytest.fixture(scope="session")
def empty_files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The database files of an unused bot; migrating them anew would take a tenth of each test's time."""
    folder = tmp_path_factory.mktemp("empty")
    asyncio.run(_open_and_close(Settings(data=folder, engine="embedded", embeddings="none", limits="none")))
    return list(folder.glob("*.db"))


async def _open_and_close(settings: Settings) -> None:
    async with App(settings, engines=[Script().engine()]) as app:
        await app.hold(app.build_desk(discord.Client(intents=discord.Intents.none())))  # Nobody asks it anything.


@pytest_asyncio.fixture
async def app(
    settings: Settings,
    script: Script,
    images: ImageEngine | None,
    sound: SoundEngines | None,
    empty_files: list[Path],
    trained: Path,
) -> AsyncIterator[App]:
    for file in empty_files:
        if not (settings.data / file.name).exists():
            shutil.copy2(file, settings.data)
    async with App(settings, engines=[script.engine()], images=images, sound=sound) as app:
        app.routing._router = restore_router(trained)
        yield app


class Payload(list[Any]):
    """The description of commands; simcord copies each request for its log, and this one is large and never changed."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


@pytest.fixture(scope="session")
def described() -> Callable[[QuillmateBot], Awaitable[Any]]:
    """The commands as described to Discord, built once for all tests: this is half of a bot's start."""
    found = Payload()

    async def describe_once(bot: QuillmateBot) -> Any:
        if not found:
            found.extend(await described_anew(bot))
        return found

    described_anew = QuillmateBot.describe_commands
    return describe_once


async def load_once(bot: QuillmateBot, name: str) -> None:
    """Set up an extension that is loaded once for all tests: discord.py would run its module anew for each bot."""
    await importlib.import_module(name).setup(bot)


@pytest.fixture(autouse=True)
def _loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Load each extension only once: a bot that unloads its extensions takes their classes away from later tests."""
    monkeypatch.setattr(QuillmateBot, "load_extension", load_once)


@pytest.fixture
def simcord_bot(
    app: App, described: Any, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> QuillmateBot:
    """The bot; its periodic tasks run only in tests marked with `looking`, as they take most of a start."""
    monkeypatch.setattr(QuillmateBot, "describe_commands", described)
    if request.node.get_closest_marker("looking") is None:
        monkeypatch.setattr(tasks.Loop, "start", lambda loop: None)
    return QuillmateBot(app, shard_count=1)


class World:
    """A server with a channel and two members, Ada and Ben, and the bot in it.

    `expected` are the kinds of errors that may reach discord.py's handlers besides the project's own sentences. `notices` says
    that the bot may ping people, as it does for reviews alone.
    """

    def __init__(self, env: simcord.Env, bot: QuillmateBot, script: Script) -> None:
        self.env, self.bot, self.script = env, bot, script
        self.guild = env.create_guild()
        self.channel: ChannelHandle = self.guild.create_text_channel("marketing")
        self.ada: MemberActor = self.guild.add_member(env.create_user("ada"))
        self.ben: MemberActor = self.guild.add_member(env.create_user("ben"))
        self.expected: tuple[type[BaseException], ...] = ()
        self.notices = False

    @property
    def app(self) -> App:
        return self.bot.app

    @property
    def desk(self) -> RequestDesk:
        return self.bot.desk

    @property
    def me(self) -> str:
        """A mention of the bot."""
        return f"<@{self.bot.user.id}>"

    @property
    def last(self) -> Any:
        return self.channel.last_message

    async def let_lend(self) -> None:
        """Let the server's managers allow all members to lend to its channels."""
        await self.app.store.retention.allow_sharing(str(self.guild.id), allowed=True)

    async def post(self, brief: str = "We close on Monday, back on Tuesday.", **options: Any) -> Any:
        """Let Ada use /copy for a social post; return simcord's result."""
        return await self.ada.slash(self.channel, "copy", brief=brief, kind="social_post", **options)

    async def generation(self, message: Any) -> Any:
        """Return the stored result that a message shows."""
        from bot.interactions.results import find_result_id

        shown = getattr(message, "message", message)
        found = find_result_id(shown)
        assert found is not None, "the message shows no result"
        members = self.guild.member_ids()
        mine = [await self.app.store.generations.get(found, str(one)) for one in members]
        return next(filter(None, mine), None)

    def list_unexpected_errors(self) -> list[BaseException]:
        """Return the errors that no handler of the project turned into a sentence."""
        causes = [getattr(error, "original", error) for error in self.env.errors]
        return [cause for cause in causes if not isinstance(cause, (QuillmateError, *self.expected))]


@pytest_asyncio.fixture
async def world(simcord_env: simcord.Env, simcord_bot: QuillmateBot, script: Script) -> AsyncIterator[World]:
    """The world to act in; afterwards, fail if anybody was pinged or an error was not handled."""
    world = World(simcord_env, simcord_bot, script)
    yield world
    assert world.list_unexpected_errors() == []
    assert world.notices or [body for body in list_message_bodies(simcord_env) if can_notify(body)] == []


@pytest.fixture
def quiet_logs() -> Any:
    """Restore the root logger after tests that call bot.runtime.logs.setup."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {
        name: logger.level for name, logger in root.manager.loggerDict.items() if isinstance(logger, logging.Logger)
    }
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
