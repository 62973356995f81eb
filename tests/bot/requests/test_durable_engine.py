"""The private names of dbos that `bot/requests/durable_engine/` rests on, each with its purpose.

Written for dbos 3.4. Where a name is missing after an update, the test says what it is for, where to find what took its
place, and what breaks without it. Where the bot cannot even be imported, `pytest --noconftest` on this file tells the
same. A new use of a private name gets an entry here.
"""

from __future__ import annotations

import ast
import asyncio
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from dbos import DBOS, DBOSClient, DBOSConfig

from tests.owner_keys import load_key

ADAPTER = Path(__file__).parents[3] / "bot/requests/durable_engine"
QUEUE = "requests"


class Use(NamedTuple):
    """How the adapter uses a private name of an object, with advice in case it disappears."""

    owner: str
    purpose: str
    advice: str
    # The names of the arguments it is called with, given by position and by name.
    call: tuple[tuple[str, ...], tuple[str, ...]] | None = None


USES = {
    "current_owner_xid": Use(
        "dbos._context",
        "to keep the ownership token of a job's end that the database cannot record now",
        "Compare dbos/_sys_db.py's update_workflow_outcome with Worker._note_unrecorded_ends. Without the token, an end that "
        "is recorded later could overwrite the job of a process that took it over.",
        (("workflow_id",), ()),
    ),
    "snapshot_step_context": Use(
        "dbos._context",
        "to give a checkpoint its number in the job once, however often its output is saved",
        "Compare dbos/_dbos.py's StepReservation.run_async with run_step. Without it each retry would be a step of its own, "
        "and a resumed job would find other outputs than it saved.",
        ((), ()),
    ),
    "run_step_async": Use(
        "dbos._core",
        "to save a checkpoint's output",
        "Compare dbos/_dbos.py's StepReservation.run_async with run_step. DBOS.run_step_async takes a new number each time, "
        "so a checkpoint would fail, with its paid outcome lost, when the database is away for a moment.",
        (("dbos", "step_ctx", "func", "options", "args", "kwargs"), ()),
    ),
    "WorkflowHandleAsyncPolling": Use(
        "dbos._core",
        "to tell a job that dbos did not start because its id is known from one that runs",
        "Compare the end of dbos/_core.py's start_workflow_async with Worker.start. Without it a job that is submitted twice "
        "counts as running for ever, and a stop waits for it.",
    ),
    "_get_dbos_instance": Use(
        "dbos._dbos",
        "to reach the database and the active jobs of the running engine",
        "See how dbos/_dbos.py's class methods find their instance. Without it nothing below can be reached.",
        ((), ()),
    ),
    "DBOSPortableJSON": Use(
        "dbos._serialization",
        "to save rows and outputs as JSON",
        "dbos exports its class as DBOSPortableJSONSerializer. With dbos's own default, which is pickle, a database that is "
        "written by others runs their code, and rows of earlier releases cannot be read.",
    ),
    "_configure_asyncio_thread_pool": Use(
        "DBOS",
        "to prepare the loop before a checkpoint is run",
        "See what dbos/_dbos.py's StepReservation.run_async does first. Without it the threads that save outputs are those of "
        "the loop, which other work keeps busy.",
        ((), ()),
    ),
    "_sys_db": Use(
        "engine",
        "to reach the tables of the running engine",
        "See which attribute dbos/_dbos.py's retrieve_queue reads; DBOSClient has the same one.",
    ),
    "_active_workflows_set": Use(
        "engine",
        "to count the running jobs that came from the queue",
        "See what dbos/_queue.py subtracts from worker_concurrency. Without it Worker._patch_dequeuing counts these jobs "
        "twice, and a process takes half of what it has room for.",
    ),
    "count_for_queue": Use(
        "active", "to count the running jobs that came from the queue", "See above.", (("queue_name",), ())
    ),
    "_retry_connection_errors": Use(
        "database",
        "to have dbos raise connection errors at once",
        "See what dbos/_sys_db.py's db_retry reads; a client has it as an option. Without it dbos repeats a statement in a "
        "thread until the server is back, all threads are soon taken, and the bot answers nobody.",
    ),
    "update_workflow_outcome": Use(
        "database",
        "to note an end that cannot be recorded; the adapter puts its own function in its place",
        "See what dbos/_core.py calls when a workflow returns or raises. Without it a job that ended on a full disk is "
        "carried out again after a restart.",
        (("workflow_id", "status"), ("output", "error", "owner_xid")),
    ),
    "get_queue": Use(
        "database",
        "to set how many jobs are dequeued; the adapter puts its own function in its place",
        "See what the loop of dbos/_queue.py calls before it dequeues. Without it a process takes more jobs than it has room "
        "for while others are idle, or polls a database that it has to itself seven times a second.",
        (("name",), ("client_system_database",)),
    ),
    "list_queues": Use(
        "database",
        "to know the one queue without asking each second; the adapter puts its own function in its place",
        "See what the loop of dbos/_queue.py's queue_thread calls. Without it that is a statement a second, and no more.",
        ((), ("application_name",)),
    ),
    "dequeue_scopes": Use(
        "database",
        "to read queues seldom that nothing can be in; the adapter puts its own function in its place",
        "See what the loop of dbos/_queue.py calls before it dequeues. Without it an idle process spends some 5 ms a second.",
        (("queue_name",), ()),
    ),
    "start_queued_workflows": Use(
        "database",
        "to know when the queue was last read; the adapter puts its own function in its place",
        "See what the loop of dbos/_queue.py calls where it has room. Without it the jobs of a process that is gone wait ten "
        "seconds for one that has just started.",
        (
            ("queue", "executor_id", "app_version", "queue_partition_key", "local_running_count"),
            ("owner_xid", "is_latest_version"),
        ),
    ),
    "_background_jobs_stop_event": Use(
        "engine",
        "to end the thread that looks each second for delayed jobs and for time limits, of which there are none",
        "See what dbos/_dbos.py gives to background_jobs_thread. Without it that is some 2 ms a second.",
    ),
    "set": Use("stop", "to end the thread that looks for delayed jobs and for time limits", "See above.", ((), ())),
    "_worker_concurrency": Use(
        "queue",
        "to set how many jobs are dequeued",
        "See what dbos/_queue.py compares with the number of running workflows. Its public setter writes to the database, "
        "where one number counts for all processes.",
    ),
    "_polling_interval_sec": Use(
        "queue",
        "to poll often only where other processes enqueue jobs",
        "See how long the loop of dbos/_queue.py sleeps. Its public setter writes to the database, where one number counts "
        "for all processes.",
    ),
    "cancel_workflows": Use(
        "database",
        "to end a job from a thread that records ends",
        "DBOS.cancel_workflows may do. Without it a job that was refused to its user, and was saved all the same, is "
        "carried out.",
        (("workflow_ids",), ()),
    ),
    "get_pending_workflows": Use(
        "database",
        "to find the jobs of a process that is gone",
        "See how dbos/_recovery.py finds them. Without it users wait until that very process is back.",
        (("executor_id", "app_version"), ()),
    ),
    "reenqueue_for_recovery": Use(
        "database",
        "to put the jobs of a process that is gone into the queue, each once",
        "See how dbos/_recovery.py does it. Without its comparison of executors two processes carry out one job.",
        (("workflow_id", "executor_ids", "recovery_queue_name"), ()),
    ),
    "run_migrations": Use(
        "database",
        "to create the tables for a process that only enqueues",
        "run_dbos_database_migrations may do. Without it such a process cannot be the first to start.",
        ((), ()),
    ),
}


@pytest.fixture
def owners(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """The objects that own the names, of an engine that runs nothing."""
    url = f"sqlite:///{tmp_path / 'jobs.db'}"
    engine = DBOS(
        config=DBOSConfig(
            name="quillmate",
            system_database_url=url,
            notification_listener_polling_interval_sec=0.02,
            log_level="WARNING",
        )
    )
    DBOS.launch()
    client = DBOSClient(system_database_url=url)
    DBOS.register_queue(QUEUE)
    yield {
        **{name: importlib.import_module(name) for name in {use.owner for use in USES.values()} if "." in name},
        "DBOS": DBOS,
        "engine": engine,
        "client": client,
        "database": getattr(client, "_sys_db", None),
        "queue": DBOS.retrieve_queue(QUEUE),
        "active": getattr(engine, "_active_workflows_set", None),
        "stop": getattr(engine, "_background_jobs_stop_event", None),
    }
    client.destroy()
    DBOS.destroy(workflow_completion_timeout_sec=0, destroy_registry=False)


def describe_fault(name: str, use: Use, owner: object) -> str | None:
    """Describe a name's fault to the developer who updates dbos; None if the name is as the adapter expects."""
    found = getattr(owner, name, owners)
    if found is owners:
        return f"dbos has no {name} at {use.owner} any more, which is used {use.purpose}. {use.advice}"
    if use.call is None:
        return None
    by_position, by_name = use.call
    signature = inspect.signature(found)
    try:
        signature.bind(*by_position, **dict.fromkeys(by_name))
    except TypeError:
        return f"dbos calls {name} as {name}{signature} now; it is used {use.purpose}. {use.advice}"
    taken = tuple(signature.parameters)[: len(by_position)]
    if taken != by_position:
        return (
            f"The arguments of dbos's {name} were {by_position} and are {taken}; it is used {use.purpose}. {use.advice}"
        )
    return None


def test_dbos_has_the_private_names_the_adapter_uses(owners: dict[str, Any]) -> None:
    faults = [describe_fault(name, use, owners[use.owner]) for name, use in USES.items()]
    faults.append(describe_fault("_sys_db", USES["_sys_db"], owners["client"]))
    told = "\n".join(filter(None, faults))
    assert not told, told


def list_private_names(source: str) -> Iterator[str]:
    """Yield the names imported from dbos's private modules, and the undocumented members used of its objects."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dbos._"):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Attribute):
            match node.value:
                case ast.Name(id="self"):
                    continue
                case ast.Name(id="database") | ast.Attribute(value=ast.Name(id="engine")):
                    yield node.attr
                case _ if node.attr.startswith("_") and not node.attr.startswith("__"):
                    yield node.attr


def test_each_private_name_in_the_adapter_has_an_entry() -> None:
    sources = [file.read_text(encoding="utf-8") for file in ADAPTER.glob("*.py")]
    assert {name for source in sources for name in list_private_names(source)} == set(USES)


async def test_jobs_are_dequeued_as_there_is_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So the adapter's own `get_queue` is called, and the number that it sets counts."""
    from acting import wait_until

    from bot.requests.jobs import Jobs

    for name in ("QUEUE_SECONDS", "SHARED_QUEUE_SECONDS", "LISTENER_POLLING_SECONDS"):
        monkeypatch.setattr(f"bot.requests.durable_engine.worker.{name}", 0.02)
    places, looks, done = 0, list[int](), list[str]()

    def look() -> int:
        looks.append(places)
        return places

    async def work(job: dict[str, Any], _checkpoint: Any, *, again: bool) -> None:
        done.append(job["name"])

    url = f"sqlite:///{tmp_path / 'jobs.db'}"
    async with Jobs(url, work, load_key, company=lambda: True, places=look) as jobs:
        await jobs.submit("job-a", "a", {"name": "a"})
        await jobs.submit("job-b", "b", {"name": "b"})
        looks.clear()
        await wait_until(lambda: len(looks) > 2)
        assert done == []
        places = 1
        await wait_until(lambda: sorted(done) == ["a", "b"])


async def test_a_starting_process_without_room_dequeues_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine may poll before it asks for the number of places."""
    from acting import wait_until
    from dbos import DBOS

    from bot.requests.jobs import Jobs

    monkeypatch.setattr("bot.requests.durable_engine.worker.SHARED_QUEUE_SECONDS", 0.02)
    monkeypatch.setattr("bot.requests.durable_engine.worker.QUEUE_SECONDS", 0.02)
    looks, done, retrieve = list[int](), list[str](), DBOS.retrieve_queue_async

    def look() -> int:
        looks.append(0)
        return 0

    async def work(job: dict[str, Any], _checkpoint: Any, *, again: bool) -> None:
        done.append(job["name"])

    async def retrieve_late(name: str) -> Any:
        await asyncio.sleep(1.5)  # The engine looks for new queues each second.
        return await retrieve(name)

    url = f"sqlite:///{tmp_path / 'jobs.db'}"
    async with Jobs(url, work, load_key, company=lambda: True, places=look) as jobs:
        await jobs.submit("job-a", "a", {"name": "a"})
    monkeypatch.setattr(DBOS, "retrieve_queue_async", retrieve_late)
    looks.clear()
    async with Jobs(url, work, load_key, company=lambda: True, places=look):
        await wait_until(lambda: len(looks) > 2)
        assert done == []


async def test_a_resumed_job_may_take_steps_that_differ_from_its_checkpoints(tmp_path: Path) -> None:
    """As after an upgrade, or where a classifier has learnt more since: the request is answered, if at double cost."""
    from acting import wait_until

    from bot.requests.jobs import Jobs

    made, stalled = list[str](), asyncio.Event()

    async def make(name: str) -> str:
        made.append(name)
        return name

    async def write(job: dict[str, Any], checkpoint: Any, *, again: bool) -> None:
        if again:
            made.append(await checkpoint("route", lambda: make("route")) + " again")
        made.append(await checkpoint("text", lambda: make("text")) + " done")
        if not again:
            stalled.set()
            await asyncio.Event().wait()

    url = f"sqlite:///{tmp_path / 'jobs.db'}"
    async with Jobs(url, write, load_key) as jobs:
        await jobs.submit("job-a", "a", {"name": "a"})
        await stalled.wait()
    assert made == ["text", "text done"]
    async with Jobs(url, write, load_key):
        await wait_until(lambda: made[2:] == ["route", "route again", "text", "text done"])
