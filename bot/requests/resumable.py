"""What sheets and campaigns share: work that is resumed where it stopped, admitted by limits, with each step paid for
once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from bot.admission.limits import LimitError
from bot.admission.quotas import QuotaError
from bot.content import Checkpoint, Request
from bot.engines.spending import restore_spending, track_spending
from bot.errors import Phrase
from bot.team.workspace.roles import Member

from .admission_control import AdmissionControl

# Retry interval while a limit is reached.
LIMIT_SECONDS = 15.0


class Identified(Protocol):
    """An object with an id."""

    @property
    def id(self) -> str:
        """The unique id."""


Job = TypeVar("Job", bound=Identified)


@dataclass(frozen=True, slots=True)
class Workers(Generic[Job]):
    """The jobs of this process, one task each; `work` runs a job as far as possible and raises nothing."""

    work: Callable[[Job], Coroutine[Any, Any, None]]
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def take_up(self, unfinished: Iterable[Job], exclude: Collection[str] = ()) -> None:
        """Start each job that this process does not run yet, except those excluded by id."""
        for one in unfinished:
            if one.id not in self._tasks and one.id not in exclude:
                self._tasks[one.id] = task = asyncio.create_task(self.work(one), name=one.id)
                task.add_done_callback(lambda done: self._tasks.pop(done.get_name()))

    def stop(self, job_id: str) -> None:
        """Cancel a job's task."""
        if task := self._tasks.get(job_id):
            task.cancel()

    async def wait_ended(self, job_id: str) -> None:
        """Wait until a job's task has ended, so that whatever it was saving is there."""
        if task := self._tasks.get(job_id):
            await asyncio.gather(task, return_exceptions=True)

    async def wait_idle(self) -> None:
        """Wait until no task is left."""
        while self._tasks:
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def end(self) -> None:
        """Cancel all tasks; the next process resumes them."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)


async def run_together(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run coroutines concurrently; cancel the others when one fails."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def build_checkpoint(
    steps: dict[str, Any], keep: Callable[[Mapping[str, Any]], Awaitable[Any]], prefix: str = ""
) -> Checkpoint:
    """Build a checkpoint function whose steps are paid for once, even over restarts: `steps` holds finished ones."""

    async def checkpoint(name: str, step: Callable[[], Awaitable[Any]]) -> Any:
        name = f"{prefix}{name}"
        if name not in steps:
            with track_spending() as cost:
                value = await step()
            steps[name] = {"value": value, "spent": cost.to_json()}
            await keep(steps)
        restore_spending(steps[name]["spent"])
        return steps[name]["value"]

    return checkpoint


async def wait_for_admission(
    admission: AdmissionControl,
    request: Request,
    member: Callable[[], Awaitable[Member]],
    under_way: Collection[str],
    *,
    report_wait: Callable[[Phrase], Awaitable[None]],
    stopping: Callable[[], bool],
) -> None:
    """Wait until limits admit a request, which counts as its owner's. `report_wait` is passed the reason.

    Raises:
        QuotaError: a quota is reached.
        RefusedError: the owner may no longer request texts there.
    """
    while not stopping():
        try:
            await admission.admit(request, await member(), under_way.__contains__)
        except QuotaError:
            raise
        except LimitError as limit:
            await report_wait(limit.phrase)
            await asyncio.sleep(LIMIT_SECONDS)
            continue
        return
    raise asyncio.CancelledError
