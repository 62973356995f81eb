"""What sheets and campaigns share: work that is taken up where it was left, and done as limits let it in, each step paid for once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from bot.admission.limits import LimitError
from bot.admission.quotas import QuotaError
from bot.content import Checkpoint, Request
from bot.engines.spending import spending, spent_before
from bot.errors import Phrase
from bot.team.workspace.roles import Member

from .door import Door

# After so many seconds it is looked again whether a limit lets the next one in.
LIMIT_SECONDS = 15.0


class Named(Protocol):
    """Something with an id."""

    @property
    def id(self) -> str:
        """Which it is."""


Job = TypeVar("Job", bound=Named)


@dataclass(frozen=True, slots=True)
class Workers(Generic[Job]):
    """What this process is at, a task for each; `work` makes one as far as it goes and fails with nothing."""

    work: Callable[[Job], Coroutine[Any, Any, None]]
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def take_up(self, unfinished: Iterable[Job], but_for: Collection[str] = ()) -> None:
        """Begins with each that this process is not at yet, but for some by their ids."""
        for one in unfinished:
            if one.id not in self._tasks and one.id not in but_for:
                self._tasks[one.id] = task = asyncio.create_task(self.work(one), name=one.id)
                task.add_done_callback(lambda done: self._tasks.pop(done.get_name()))

    def stop(self, job_id: str) -> None:
        """Lets go of one."""
        if task := self._tasks.get(job_id):
            task.cancel()

    async def ended(self, job_id: str) -> None:
        """Waits until nothing is made of one any more: what was being kept when it was let go is there then."""
        if task := self._tasks.get(job_id):
            await asyncio.gather(task, return_exceptions=True)

    async def idle(self) -> None:
        """Waits until nothing is made any more."""
        while self._tasks:
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def end(self) -> None:
        """Lets go of all; the next process takes them up."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)


async def together(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Does some things at once; where one fails, lets go of the others."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def paid_once(
    steps: dict[str, Any], keep: Callable[[Mapping[str, Any]], Awaitable[Any]], prefix: str = ""
) -> Checkpoint:
    """Checkpoints that are paid for once, also where the process dies before all are through: `steps` has those that are."""

    async def checkpoint(name: str, step: Callable[[], Awaitable[Any]]) -> Any:
        name = f"{prefix}{name}"
        if name not in steps:
            with spending() as cost:
                value = await step()
            steps[name] = {"value": value, "spent": cost.to_json()}
            await keep(steps)
        spent_before(steps[name]["spent"])
        return steps[name]["value"]

    return checkpoint


async def let_in(
    door: Door,
    request: Request,
    member: Callable[[], Awaitable[Member]],
    under_way: Collection[str],
    *,
    waits: Callable[[Phrase], Awaitable[None]],
    stopping: Callable[[], bool],
) -> None:
    """Waits until limits let a request in: it counts as one of its owner's. `waits` is told what for.

    Raises:
        QuotaError: a quota is reached.
        RefusedError: they may not ask for texts there any more.
    """
    while not stopping():
        try:
            await door.admit(request, await member(), under_way.__contains__)
        except QuotaError:
            raise
        except LimitError as limit:
            await waits(limit.phrase)
            await asyncio.sleep(LIMIT_SECONDS)
            continue
        return
    raise asyncio.CancelledError
