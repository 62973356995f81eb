"""What jobs do with checks: a text that is there is read against its request by a model, once, also over restarts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import discord

from bot.content import Checkpoint, Request
from bot.errors import RefusedError
from bot.generation.pipeline import Pipeline
from bot.generation.proofread import ProofreadFinding, parse_findings, proofread
from bot.people.memory import Memory
from bot.people.results import Results
from bot.replies.address import Address
from bot.replies.checking import ALL, findings_view, fix_action
from bot.store import Store
from storage.errors import PausedError
from storage.generations import Generation

from .changes import changed_request

_GONE = "I no longer have that text, so I cannot check it."
_TOO_SMALL = "The model here is too small to check texts. My operator can connect a larger one."
_OLD_FINDING = "I no longer have that finding. Check the text again."


@dataclass(frozen=True, slots=True)
class Checking:
    """Checks in the jobs of a client."""

    store: Store
    memory: Memory
    results: Results
    pipeline: Pipeline

    async def made(self, request: Request, address: Address, checkpoint: Checkpoint) -> discord.ui.LayoutView:
        """What is wrong with the text that a request wants checked, with buttons that put it right.

        Raises:
            EngineError: no model could answer.
            RefusedError: the text is not kept any more, or no model here can check it.
        """
        engine = self.pipeline.engines.first
        if not engine.can_be_asked or engine.traits.small:
            raise RefusedError(_TOO_SMALL)
        checked = await self.store.generations.get(str(request.parent_id), request.user_id)
        if checked is None:
            raise RefusedError(_GONE)
        written_for = replace(Request.from_json(checked.request), id=request.id, kind=checked.kind, before=None)
        assignment = await self.pipeline.build_assignment(written_for, await self.memory.recall(written_for))
        await self.pipeline.moderation.check(assignment, checkpoint)
        found = await proofread(checked.text, assignment, engine, checkpoint)
        kept = await self._keep(request, found)
        return findings_view(found, request.id, address.locale, buttons=kept)

    async def _keep(self, request: Request, found: Sequence[ProofreadFinding]) -> bool:
        """Keeps the findings, so that their buttons work after a restart; tells whether they could be."""
        blank = Generation(
            id=request.id, user_id=request.user_id, kind="", request=request.to_json(), text="", parts={}, checks=[],
            persona="", engine="", seed=request.seed, seconds=0.0,
            guild_id=request.guild_id or None, channel_id=request.channel_id or None,
            why={"findings": [one.to_json() for one in found]},
        )  # fmt: skip
        try:
            await self.store.generations.add(blank)
        except PausedError:
            return False
        return True

    async def put_right(self, check_id: str, action: str, user_id: str, channel_id: str, request_id: str) -> Request:
        """The request that puts a finding right, or all of them.

        Raises:
            RefusedError: the check or its text is another's, or not kept any more.
        """
        check = await self.results.own(check_id, user_id, channel_id)
        checked = await self.results.own(str(check.request.get("parent_id")), user_id, channel_id)
        found = parse_findings(check.why.get("findings") or (), checked.text)
        wanted = [one for number, one in enumerate(found) if one.old and action in (ALL, fix_action(number))]
        if not wanted:
            raise RefusedError(_OLD_FINDING)
        return changed_request(checked, request_id, note=" ".join(one.instruction for one in wanted))
