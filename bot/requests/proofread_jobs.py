"""Proofread jobs: an existing text is checked against its request by a model, once, even over restarts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.content import Request
from bot.errors import RefusedError
from bot.generation.pipeline import Pipeline
from bot.generation.proofread import ProofreadFinding, parse_findings, proofread
from bot.people.memory import Memory
from bot.people.results import Results
from bot.replies.proofreading import ALL, build_fix_action, findings_view
from bot.store import Store
from storage.errors import PausedError

from .answer_context import Answer, AnswerContext
from .changes import build_change_request
from .open_requests import OpenRequestStore

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
    open_requests: OpenRequestStore

    async def run(self, context: AnswerContext) -> Answer:
        """Return what is wrong with the text of a request, with buttons that fix it.

        Raises:
            EngineError: no model could answer.
            RefusedError: the text is no longer stored, or no model here can check it.
        """
        request, checkpoint = context.request, context.checkpoint
        engine = self.pipeline.engines.first
        if not engine.can_answer_questions:
            raise RefusedError(_TOO_SMALL)
        checked = await self.store.generations.get(str(request.parent_id), request.user_id)
        if checked is None:
            raise RefusedError(_GONE)
        written_for = replace(Request.from_json(checked.request), id=request.id, kind=checked.kind, before=None)
        assignment = await self.pipeline.build_assignment(written_for, await self.memory.recall(written_for))
        await self.pipeline.moderation.check(assignment, checkpoint)
        findings = await proofread(checked.text, assignment, engine, checkpoint)
        saved = await self._save(request, findings)
        return findings_view(findings, request.id, context.locale, buttons=saved), ()

    async def _save(self, request: Request, findings: Sequence[ProofreadFinding]) -> bool:
        """Save the findings, so that their buttons work after a restart; return whether they could be saved."""
        try:
            await self.open_requests.save(request, {"findings": [one.to_json() for one in findings]})
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
