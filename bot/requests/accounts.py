"""Accounting of requests: the tokens, money and texts used by users and servers."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import dataclass, field

from bot.admission.prices import Prices
from bot.content import Checkpoint, Request, Result
from bot.engines import Engines
from bot.engines.spending import Spending
from bot.store import Store
from bot.team.figures.quotas import QuotaService
from storage.errors import StorageError
from storage.usage import EngineUsage

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Accounts:
    """Counts what requests use. `quotas` are notified once a request is counted, as they also count those in progress."""

    store: Store
    engines: Engines
    prices: Prices = field(default_factory=Prices)
    quotas: QuotaService | None = None

    async def count_rest(self, request: Request, cost: Spending, kind: str) -> None:
        """Count what was spent without a saved result: a failed request, or a question about it."""
        if used := self.take_usage(cost, kind):
            try:
                await self.store.usage.count(request.user_id, request.guild_id, used)
            except StorageError as error:  # Nothing is counted for users who paused the bot or were erased.
                log.info("usage is not counted: %s", type(error).__name__)
        await self.finish(request.id)

    async def count_aside(self, request: Request, cost: Spending, kind: str, engine: str, *, made: int = 1) -> None:
        """Count model calls without a saved result as `made` requests of a kind."""
        used = self.take_usage(cost, kind)
        if made:
            used.append(EngineUsage(kind, engine, requests=made))
        if used:
            try:
                await self.store.usage.count(request.user_id, request.guild_id, used)
            except StorageError as error:  # Nothing is counted for users who paused the bot or were erased.
                log.info("usage is not counted: %s", type(error).__name__)
        await self.finish(request.id)

    async def count_once(
        self, request: Request, cost: Spending, checkpoint: Checkpoint, *, kind: str = "", engine: str = ""
    ) -> None:
        """Count an unsaved result as one request for each variant, only once even if the job is resumed.

        It counts as the request's own kind and the first engine unless others are given.
        """
        kind, engine = kind or request.kind or "", engine or self.engines.first.name

        async def count() -> bool:
            await self.count_aside(request, cost, kind, engine, made=request.variants)
            return True

        await checkpoint("count", count)
        cost.take()

    async def finish(self, request_id: str) -> None:
        """Note in all processes that a request has ended."""
        self.release_reservation(request_id)
        with contextlib.suppress(StorageError):  # Then it counts as in progress for an hour.
            await self.store.admissions.finish(request_id)

    def release_reservation(self, request_id: str) -> None:
        """Release the quota reserved for a request: from now on its recorded usage counts."""
        if self.quotas is not None:
            self.quotas.release(request_id)

    def take_usage(self, cost: Spending, kind: str, result: Result | None = None) -> list[EngineUsage]:
        """Take what was spent since the last call as usage records, including the result it was spent on."""
        used = [
            EngineUsage(
                kind,
                engine,
                tokens_in=one.read,
                tokens_out=one.written,
                estimated=one.estimated,
                cost=self.prices.cost(engine, one.read, one.written),
            )
            for engine, one in cost.take().items()
        ]
        if result is not None:
            engines = self.engines.all
            name = next((one.name for one in engines if one.label == result.engine), result.engine)
            failed = sum(not check.passed for check in result.checks)
            used.append(EngineUsage(kind, name, requests=1, failed=failed, seconds=result.seconds))
        return used
