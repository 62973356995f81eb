"""Posts that are held until their library text is approved again.

They are held if an approval was withdrawn, if more approvals are required than before, or, in servers that allow only approved
texts, if the text was changed.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from bot.errors import QuillmateError, RefusedError
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
from storage.reviews import build_asset_lock_name
from storage.schedule import HELD, ScheduledPost
from storage.shielding import shield

from .posts import build_audit_details

log = logging.getLogger(__name__)

# Acts after which a text may no longer be approved.
_APPROVAL_ENDING_ACTS = frozenset(step.value for step in (Step.EDIT, Step.UNAPPROVE, Step.LACK))
_BOT = ReviewActor("", frozenset())


class HeldPosts:
    """Holds posts in the transaction that changes their text, and releases them with the approved version."""

    def __init__(self, store: Store, workspaces: Workspaces, recorder: Recorder, reviewing: ReviewService) -> None:
        self._store, self._workspaces, self._recorder, self._reviewing = store, workspaces, recorder, reviewing
        recorder.add_transaction_hook(self.hold_for_entry)

    async def hold_for_entry(self, event: AuditEntry) -> None:
        """Hold the posts of a text if an audit entry ends its approval.

        After an edit, posts of the approved version are still sent, unless the server only allows approved texts.
        """
        if event.act not in _APPROVAL_ENDING_ACTS:
            return
        is_edit = event.act == Step.EDIT.value
        if is_edit and not (await self._workspaces.load_settings(get_guild_id(event.owner_id))).only_approved:
            return
        if not is_edit and event.details.get("status") != SUBMITTED:
            return  # The remaining approvals are enough.
        for post in await self._store.schedule.list_by_asset(event.owner_id, event.about):
            is_affected = is_edit or post.asset.partition(":")[2] == str(event.details.get("version"))
            if is_affected and post.reason != HELD:
                await self._store.schedule.hold(post)

    @shield
    async def hold_if_unapproved(self, post: ScheduledPost) -> bool:
        """Hold a due post if its text has fewer approvals than now required; return whether it was held."""
        if not post.asset or post.state != "planned":
            return False
        asset_id, _, version = post.asset.partition(":")
        async with self._recorder.transaction(build_asset_lock_name(asset_id)) as record:
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
        """Release the held posts whose text is approved again, with the approved version."""
        posts_by_text: defaultdict[tuple[str, str], list[ScheduledPost]] = defaultdict(list)
        for post in await self._store.schedule.list_held():
            posts_by_text[post.owner_id, post.asset.partition(":")[0]].append(post)
        for (owner_id, asset_id), text_posts in posts_by_text.items():
            asset = await self._store.reviews.get(owner_id, asset_id)
            if asset is not None and asset.status == APPROVED:
                try:
                    await self._release(owner_id, asset_id, text_posts)
                except RefusedError as error:  # The review has changed in the meantime.
                    log.info("a post stays held: %s", type(error).__name__)
                except QuillmateError:
                    raise
                # The edge of a loop over all servers: a defect at one text must not keep the others held.
                except Exception:
                    log.exception("a post stays held")

    @shield
    async def _release(self, owner_id: str, asset_id: str, posts: Sequence[ScheduledPost]) -> None:
        async with self._recorder.transaction(build_asset_lock_name(asset_id)) as record:
            asset = await self._store.reviews.get(owner_id, asset_id)
            if asset is None or asset.status != APPROVED:
                return
            is_first = True  # The step follows from the first post; the others share its text.
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
                await self._reviewing.apply_step(
                    record,
                    get_guild_id(owner_id),
                    actor,
                    asset_id,
                    Step.SCHEDULE,
                    asset.version,
                    details=build_audit_details(post),
                )
                is_first = False
