"""Posts that wait: where approved texts alone are planned, what of a text that was changed waits until that is approved again."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from bot.errors import RefusedError
from bot.store import Store
from bot.team.review.reviewing import Reviewing
from bot.team.review.steps import Doer, Step
from bot.team.workspace.recording import Recorder
from bot.team.workspace.roles import Role
from bot.team.workspace.workspaces import Workspaces
from personas.profile import clean
from storage.assets import APPROVED
from storage.audit import Event
from storage.owners import guild_of
from storage.reviews import claim
from storage.schedule import HELD, Planned
from storage.shielded import shielded

log = logging.getLogger(__name__)


class Holding:
    """Holds posts, in the transaction in which their text is changed, and lets them go on with the version that is approved."""

    def __init__(self, store: Store, workspaces: Workspaces, recorder: Recorder, reviewing: Reviewing) -> None:
        self._store, self._workspaces, self._recorder, self._reviewing = store, workspaces, recorder, reviewing
        recorder.keep_with(self.hold)

    async def hold(self, event: Event) -> None:
        """Holds what is planned of a text that an entry of the audit tells a change of, where its server has it so."""
        if event.act != Step.EDIT.value:
            return
        if not (await self._workspaces.settings(guild_of(event.owner_id))).only_approved:
            return
        for planned in await self._store.schedule.of_asset(event.owner_id, event.about):
            if planned.reason != HELD:
                await self._store.schedule.hold(planned)

    async def go_on(self) -> None:
        """Has what is held go on whose text is approved again, as it was approved."""
        by_text: defaultdict[tuple[str, str], list[Planned]] = defaultdict(list)
        for planned in await self._store.schedule.held():
            by_text[planned.owner_id, planned.asset.partition(":")[0]].append(planned)
        for (owner_id, asset_id), found in by_text.items():
            asset = await self._store.reviews.get(owner_id, asset_id)
            if asset is not None and asset.status == APPROVED:
                try:
                    await self._let_go(owner_id, asset_id, found)
                except RefusedError as error:  # Somebody has taken a step with it meanwhile.
                    log.info("what is held waits on: %s", type(error).__name__)

    @shielded
    async def _let_go(self, owner_id: str, asset_id: str, found: Sequence[Planned]) -> None:
        async with self._recorder.acting(claim(asset_id)) as note:
            asset = await self._store.reviews.get(owner_id, asset_id)
            if asset is None or asset.status != APPROVED:
                return
            first = True
            for planned in found:
                again = replace(
                    planned, text=clean(asset.text), title=asset.title or planned.title,
                    asset=f"{asset_id}:{asset.version}", reason="",
                )  # fmt: skip
                if await self._store.schedule.change(planned.user_id, "", again) is None or not first:
                    continue
                doer = Doer(planned.user_id, frozenset({Role.EDITOR}))
                where = {
                    "channel": planned.channel_id, "due": planned.due_at.isoformat(timespec="minutes"), "planned": planned.id,
                }  # fmt: skip
                await self._reviewing.within(
                    note, guild_of(owner_id), doer, asset_id, Step.SCHEDULE, asset.version, details=where
                )
                first = False
