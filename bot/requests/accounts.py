"""Counts what requests use: tokens, money and texts, of persons and of servers."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import dataclass, field

from bot.admission.prices import Prices
from bot.content import Checkpoint, Request, Result
from bot.engines import Engines
from bot.engines.spending import Spending
from bot.store import Store
from bot.team.figures.quotas import Quotas
from storage.errors import StorageError
from storage.usage import Used

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Accounts:
    """What is counted of requests. `quotas` are told once it is, as what is under way counts as well."""

    store: Store
    engines: Engines
    prices: Prices = field(default_factory=Prices)
    quotas: Quotas | None = None

    async def count_rest(self, request: Request, cost: Spending, kind: str) -> None:
        """Counts what was paid for nothing that is kept: a request that failed, a question about it."""
        if used := self.used(cost, kind):
            try:
                await self.store.usage.count(request.user_id, request.guild_id, used)
            except StorageError as error:  # Nothing is counted of who has paused or was forgotten.
                log.info("what was used is not counted: %s", type(error).__name__)
        await self.through(request.id)

    async def count_aside(self, request: Request, cost: Spending, kind: str, engine: str, *, made: int = 1) -> None:
        """Counts what was asked of a model for nothing that is kept, as so many requests of a kind."""
        used = self.used(cost, kind)
        if made:
            used.append(Used(kind, engine, requests=made))
        if used:
            try:
                await self.store.usage.count(request.user_id, request.guild_id, used)
            except StorageError as error:  # Nothing is counted of who has paused or was forgotten.
                log.info("what was used is not counted: %s", type(error).__name__)
        await self.through(request.id)

    async def count_once(
        self, request: Request, cost: Spending, checkpoint: Checkpoint, *, kind: str = "", engine: str = ""
    ) -> None:
        """Counts what nothing is kept of as a request for each variant, also where the job is taken up again after that.

        It counts as one of the request's own kind that the first engine made, where it is not another.
        """
        kind, engine = kind or request.kind or "", engine or self.engines.first.name

        async def count() -> bool:
            await self.count_aside(request, cost, kind, engine, made=request.variants)
            return True

        await checkpoint("count", count)
        cost.take()

    async def through(self, request_id: str) -> None:
        """The same, for all processes: nothing more comes of a request."""
        self.counted(request_id)
        with contextlib.suppress(StorageError):  # Then it counts as under way for an hour.
            await self.store.admissions.end(request_id)

    def counted(self, request_id: str) -> None:
        """From now on a request counts by what it has used, or not at all."""
        if self.quotas is not None:
            self.quotas.release(request_id)

    def used(self, cost: Spending, kind: str, result: Result | None = None) -> list[Used]:
        """What was spent since this was asked last, and the result that it was spent on."""
        used = [
            Used(
                kind, engine, tokens_in=one.read, tokens_out=one.written, estimated=one.estimated,
                cost=self.prices.cost(engine, one.read, one.written),
            )
            for engine, one in cost.take().items()
        ]  # fmt: skip
        if result is not None:
            engines = self.engines.all
            name = next((one.name for one in engines if one.label == result.engine), result.engine)
            failed = sum(not check.passed for check in result.checks)
            used.append(Used(kind, name, requests=1, failed=failed, seconds=result.seconds))
        return used
