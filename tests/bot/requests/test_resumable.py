"""What sheets and campaigns share: each is worked at once, and what fails lets go of what goes on beside it."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from bot.admission.limits import LimitError
from bot.admission.quotas import QuotaError
from bot.content import Request
from bot.requests import resumable
from bot.requests.admission_control import ClosedError
from bot.requests.resumable import Workers, build_checkpoint, run_together, wait_for_admission
from bot.team.workspace.roles import Member

REQUEST = Request("1", "2", "A post")


def build_jobs(*ids):
    return [SimpleNamespace(id=one) for one in ids]


async def test_a_job_starts_at_once_and_again_only_after_it_ends():
    begun, gate = [], asyncio.Event()

    async def work(job):
        begun.append(job.id)
        await gate.wait()

    workers = Workers(work)
    workers.take_up(build_jobs("a", "b", "opening"), exclude={"opening"})
    workers.take_up(build_jobs("a", "b"))
    await asyncio.sleep(0)
    assert begun == ["a", "b"]
    workers.stop("a")
    gate.set()
    await workers.wait_idle()
    workers.take_up(build_jobs("a"))
    await workers.wait_idle()
    assert begun == ["a", "b", "a"]


async def test_unstarted_jobs_can_be_cancelled_and_restarted():
    done = []

    async def work(job):
        done.append(job.id)

    workers = Workers(work)
    workers.take_up(build_jobs("a"))
    await workers.end()
    await workers.wait_idle()
    assert done == []
    workers.take_up(build_jobs("a"))
    await workers.wait_idle()
    assert done == ["a"]


async def test_one_failure_cancels_the_others():
    let_go = []

    async def wait_forever():
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            let_go.append(True)
            raise

    async def fail():
        await asyncio.sleep(0)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await run_together([wait_forever(), fail(), wait_forever()])
    assert let_go == [True, True]


async def test_finished_steps_are_not_repeated():
    kept, made = [], []

    async def step():
        made.append(True)
        return "text"

    async def keep(steps):
        kept.append(sorted(steps))

    steps = {}
    assert await build_checkpoint(steps, keep, "2 ")("draft", step) == "text"
    assert kept == [["2 draft"]]
    assert await build_checkpoint(steps, keep, "2 ")("draft", step) == "text"
    assert len(made) == 1
    assert await build_checkpoint(steps, keep, "3 ")("draft", step) == "text"
    assert len(made) == 2, "of another version it is"


class Full:
    """An admission check that raises these errors, one a call, and then admits."""

    def __init__(self, *errors):
        self.errors = list(errors)

    async def admit(self, _request, _member, _is_under_way):
        if self.errors:
            raise self.errors.pop(0)


async def test_limits_are_waited_for_and_quotas_raise_errors(monkeypatch):
    monkeypatch.setattr(resumable, "LIMIT_SECONDS", 0.0)
    told = []

    async def load_member():
        return Member("2")

    async def report_wait(why):
        told.append(why)

    async def knock(door, *, stopping=lambda: False):
        await wait_for_admission(door, REQUEST, load_member, set(), report_wait=report_wait, stopping=stopping)

    await knock(Full(LimitError("Too much."), LimitError("Too much.")))
    assert len(told) == 2
    await knock(Full(ClosedError("Paused.")))
    assert len(told) == 3, "what an operator has paused goes on when it is resumed"
    with pytest.raises(QuotaError):
        await knock(Full(QuotaError("All is used.")))
    with pytest.raises(asyncio.CancelledError):
        await knock(Full(LimitError("Too much.")), stopping=lambda: True)
