"""Proofread jobs: an existing text is checked against its request by a model, once, even over restarts."""

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
from bot.replies.proofreading import ALL, build_fix_action, findings_view
from bot.store import Store
from storage.errors import PausedError
from storage.generations import Generation

from .changes import build_change_request

_GONE = "I no longer have that text, so I cannot check it."
_TOO_SMALL = "The model here is too small to check texts. My operator can connect a larger one."
_OLD_FINDING = "I no longer have that finding. Check the text again."


@dataclass(frozen=True, slots=True)
class ProofreadJobs:
    """Proofreading in the jobs of a client."""

    store: Store
    memory: Memory
    results: Results
    pipeline: Pipeline

    async def run(self, request: Request, address: Address, checkpoint: Checkpoint) -> discord.ui.LayoutView:
        """Return what is wrong with the text of a request, with buttons that fix it.

        Raises:
            EngineError: no model could answer.
            RefusedError: the text is no longer stored, or no model here can check it.
        """
        engine = self.pipeline.engines.first
        if not engine.can_answer_questions or engine.traits.small:
            raise RefusedError(_TOO_SMALL)
        checked = await self.store.generations.get(str(request.parent_id), request.user_id)
        if checked is None:
            raise RefusedError(_GONE)
        written_for = replace(Request.from_json(checked.request), id=request.id, kind=checked.kind, before=None)
        assignment = await self.pipeline.build_assignment(written_for, await self.memory.recall(written_for))
        await self.pipeline.moderation.check(assignment, checkpoint)
        findings = await proofread(checked.text, assignment, engine, checkpoint)
        saved = await self._save(request, findings)
        return findings_view(findings, request.id, address.locale, buttons=saved)

    async def _save(self, request: Request, findings: Sequence[ProofreadFinding]) -> bool:
        """Save the findings, so that their buttons work after a restart; return whether they could be saved."""
        blank = Generation(
            id=request.id,
            user_id=request.user_id,
            kind="",
            request=request.to_json(),
            text="",
            parts={},
            checks=[],
            persona="",
            engine="",
            seed=request.seed,
            seconds=0.0,
            guild_id=request.guild_id or None,
            channel_id=request.channel_id or None,
            why={"findings": [one.to_json() for one in findings]},
        )
        try:
            await self.store.generations.add(blank)
        except PausedError:
            return False
        return True

    async def build_fix_request(
        self, check_id: str, action: str, user_id: str, channel_id: str, request_id: str
    ) -> Request:
        """Build the request that fixes one finding or all of them.

        Raises:
            RefusedError: the check or its text is another user's, or no longer stored.
        """
        check = await self.results.get_own(check_id, user_id, channel_id)
        checked = await self.results.get_own(str(check.request.get("parent_id")), user_id, channel_id)
        findings = parse_findings(check.why.get("findings") or (), checked.text)
        wanted = [one for number, one in enumerate(findings) if one.old and action in (ALL, build_fix_action(number))]
        if not wanted:
            raise RefusedError(_OLD_FINDING)
        return build_change_request(checked, request_id, note=" ".join(one.instruction for one in wanted))
