"""Posts that wait until their text is approved again: an approval was taken back, more are wanted by now, or, where approved texts
alone are planned, it was changed.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from bot.errors import RefusedError
from bot.store import Store
from bot.team.review.service import ReviewService
from bot.team.review.steps import ReviewActor, Step, is_step_open
from bot.team.workspace.recorder import Recorder
from bot.team.workspace.roles import Role
from bot.team.workspace.workspaces import Workspaces
from personas.profile import clean
from storage.assets import APPROVED, SUBMITTED
from storage.audit import Event
from storage.owners import guild_of
from storage.reviews import claim
from storage.schedule import HELD, Planned
from storage.shielded import shielded

log = logging.getLogger(__name__)

# After these a text may be approved no more.
_ENDING = frozenset(one.value for one in (Step.EDIT, Step.UNAPPROVE, Step.LACK))
_ITSELF = ReviewActor("", frozenset())


class Holding:
    """Holds posts, in the transaction in which their text is changed, and lets them go on with the version that is approved."""

    def __init__(self, store: Store, workspaces: Workspaces, recorder: Recorder, reviewing: ReviewService) -> None:
        self._store, self._workspaces, self._recorder, self._reviewing = store, workspaces, recorder, reviewing
        recorder.add_transaction_hook(self.hold)

    async def hold(self, event: Event) -> None:
        """Holds what is planned of a text that an entry of the audit tells is approved no more.

        What was approved of an earlier version goes out all the same, unless its server has approved texts alone planned.
        """
        if event.act not in _ENDING:
            return
        edited = event.act == Step.EDIT.value
        if edited and not (await self._workspaces.load_settings(guild_of(event.owner_id))).only_approved:
            return
        if not edited and event.details.get("status") != SUBMITTED:
            return  # As many as are wanted have approved it without that one.
        for planned in await self._store.schedule.of_asset(event.owner_id, event.about):
            same = edited or planned.asset.partition(":")[2] == str(event.details.get("version"))
            if same and planned.reason != HELD:
                await self._store.schedule.hold(planned)

    @shielded
    async def hold_lacking(self, planned: Planned) -> bool:
        """Holds what is due of a text that fewer have approved than its server wants by now; tells whether it did."""
        if not planned.asset or planned.state != "planned":
            return False
        asset_id, _, version = planned.asset.partition(":")
        async with self._recorder.transaction(claim(asset_id)) as note:
            seen = await self._reviewing.load_public_view(planned.guild_id, asset_id)
            if (
                seen is None
                or str(seen.review.version) != version
                or not is_step_open(seen.review, Step.LACK, seen.rules)
            ):
                return False
            await self._reviewing.apply_step(note, planned.guild_id, _ITSELF, asset_id, Step.LACK, int(version))
        return True

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
        async with self._recorder.transaction(claim(asset_id)) as note:
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
                doer = ReviewActor(planned.user_id, frozenset({Role.EDITOR}))
                where = {
                    "channel": planned.channel_id, "due": planned.due_at.isoformat(timespec="minutes"), "planned": planned.id,
                }  # fmt: skip
                await self._reviewing.apply_step(
                    note, guild_of(owner_id), doer, asset_id, Step.SCHEDULE, asset.version, details=where
                )
                first = False
