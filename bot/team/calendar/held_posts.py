"""Posts held until their text is approved again: an approval was withdrawn, more approvals are required, or, if only approved
texts can be scheduled, the text was changed.
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
from storage.audit import AuditEntry
from storage.owners import get_guild_id
from storage.reviews import build_asset_claim
from storage.schedule import HELD, ScheduledPost
from storage.shielding import shield

log = logging.getLogger(__name__)

# Acts after which a text may not be approved any more.
_APPROVAL_ENDING_ACTS = frozenset(one.value for one in (Step.EDIT, Step.UNAPPROVE, Step.LACK))
_BOT = ReviewActor("", frozenset())


class HeldPosts:
    """Holds posts in the transaction that changes their text, and releases them with the version that is approved."""

    def __init__(self, store: Store, workspaces: Workspaces, recorder: Recorder, reviewing: ReviewService) -> None:
        self._store, self._workspaces, self._recorder, self._reviewing = store, workspaces, recorder, reviewing
        recorder.add_transaction_hook(self.hold_for_entry)

    async def hold_for_entry(self, event: AuditEntry) -> None:
        """Hold the posts of a text whose approval an audit entry ends.

        Posts of an earlier, approved version still go out, unless the server only allows approved texts.
        """
        if event.act not in _APPROVAL_ENDING_ACTS:
            return
        edited = event.act == Step.EDIT.value
        if edited and not (await self._workspaces.load_settings(get_guild_id(event.owner_id))).only_approved:
            return
        if not edited and event.details.get("status") != SUBMITTED:
            return  # It has enough approvals without that one.
        for post in await self._store.schedule.list_of_asset(event.owner_id, event.about):
            is_affected = edited or post.asset.partition(":")[2] == str(event.details.get("version"))
            if is_affected and post.reason != HELD:
                await self._store.schedule.hold(post)

    @shield
    async def hold_if_unapproved(self, post: ScheduledPost) -> bool:
        """Hold a due post whose text has fewer approvals than now required; return whether it was held."""
        if not post.asset or post.state != "planned":
            return False
        asset_id, _, version = post.asset.partition(":")
        async with self._recorder.transaction(build_asset_claim(asset_id)) as record:
            view = await self._reviewing.load_public_view(post.guild_id, asset_id)
            if (
                view is None
                or str(view.review.version) != version
                or not is_step_open(view.review, Step.LACK, view.rules)
            ):
                return False
            await self._reviewing.apply_step(record, post.guild_id, _BOT, asset_id, Step.LACK, int(version))
        return True

    async def release_approved(self) -> None:
        """Release the held posts whose text is approved again, in the approved version."""
        by_text: defaultdict[tuple[str, str], list[ScheduledPost]] = defaultdict(list)
        for post in await self._store.schedule.list_held():
            by_text[post.owner_id, post.asset.partition(":")[0]].append(post)
        for (owner_id, asset_id), text_posts in by_text.items():
            asset = await self._store.reviews.get(owner_id, asset_id)
            if asset is not None and asset.status == APPROVED:
                try:
                    await self._release(owner_id, asset_id, text_posts)
                except RefusedError as error:  # Its review has changed in the meantime.
                    log.info("a post stays held: %s", type(error).__name__)

    @shield
    async def _release(self, owner_id: str, asset_id: str, posts: Sequence[ScheduledPost]) -> None:
        async with self._recorder.transaction(build_asset_claim(asset_id)) as record:
            asset = await self._store.reviews.get(owner_id, asset_id)
            if asset is None or asset.status != APPROVED:
                return
            is_first = True
            for post in posts:
                released_post = replace(
                    post,
                    text=clean(asset.text),
                    title=asset.title or post.title,
                    asset=f"{asset_id}:{asset.version}",
                    reason="",
                )
                if await self._store.schedule.change(post.user_id, "", released_post) is None or not is_first:
                    continue
                actor = ReviewActor(post.user_id, frozenset({Role.EDITOR}))
                where = {
                    "channel": post.channel_id,
                    "due": post.due_at.isoformat(timespec="minutes"),
                    "planned": post.id,
                }
                await self._reviewing.apply_step(
                    record, get_guild_id(owner_id), actor, asset_id, Step.SCHEDULE, asset.version, details=where
                )
                is_first = False
