"""Review notifications: of waiting texts to reviewers, and of steps and comments to authors, bundled over a short time.

They are derived from the audit log, so any process can send them. Each entry is sent at most once: a crash while sending loses it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.store import Store
from bot.team.workspace.recorder import Recorder
from bot.team.workspace.roles import Member
from bot.team.workspace.workspaces import Workspaces
from storage.audit import AuditEntry
from storage.notifications import NotificationMode
from storage.owners import get_guild_id
from storage.shielding import shield_methods

from .service import COMMENT, ReviewService
from .steps import ReviewActor, Step, explain_refusal
from .views import ReviewView

# Entries within this time after the first are sent together with it.
BUNDLE_DELAY = timedelta(minutes=1)
_SUBMIT_ACT = Step.SUBMIT.value
# Acts of which the authors and the assignee of a text are notified.
_AUTHOR_ACTS = frozenset(
    {Step.REQUEST_CHANGES.value, Step.APPROVE.value, Step.UNAPPROVE.value, Step.LACK.value, COMMENT}
)
# Acts after which a text waits for reviewers.
_REVIEWER_ACTS = frozenset({Step.SUBMIT.value, Step.UNAPPROVE.value, Step.LACK.value})
_ASSIGN_ACT = Step.ASSIGN.value


@dataclass(frozen=True, slots=True)
class ReviewNews:
    """An audit entry of which a user is notified; `view` is the public view of the text."""

    event: AuditEntry
    view: ReviewView


@dataclass(frozen=True, slots=True)
class NoticeBundle:
    """The notifications of one server: the texts waiting for review, and the news and notification modes by user id."""

    guild_id: str
    waiting: Sequence[ReviewView]
    news: Mapping[str, Sequence[ReviewNews]]
    modes: Mapping[str, NotificationMode]


@shield_methods
class ReviewNotices:
    """Schedules notifications and bundles the due ones."""

    def __init__(
        self,
        store: Store,
        workspaces: Workspaces,
        recorder: Recorder,
        reviewing: ReviewService,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store, self._workspaces, self._reviewing, self.now = store, workspaces, reviewing, clock
        recorder.add_transaction_hook(self._enqueue)

    async def _enqueue(self, event: AuditEntry) -> None:
        """Schedule notifications for an audit entry, in its transaction."""
        if event.act in (*_AUTHOR_ACTS, _SUBMIT_ACT, _ASSIGN_ACT):
            await self._store.notices.schedule(event.owner_id, event.number, self.now() + BUNDLE_DELAY)

    async def load_mode(self, guild_id: str, user_id: str) -> NotificationMode:
        """Return how a user is notified in a server."""
        return (await self._store.notices.list_modes(guild_id)).get(user_id, "mention")

    async def set_mode(self, guild_id: str, user_id: str, mode: NotificationMode) -> None:
        """Set how a user is notified in a server.

        Raises:
            PausedError: the user has paused storage.
        """
        await self._store.notices.set_mode(user_id, guild_id, mode)

    async def take(self, serves: Callable[[str], bool]) -> Sequence[NoticeBundle]:
        """Claim the due bundles of the servers that this process `serves`; the caller has to send them."""
        now, bundles = self.now(), []
        for owner_id in await self._store.notices.list_due(now):
            if not serves(get_guild_id(owner_id)):
                continue
            last_number = await self._store.notices.claim_due(owner_id, now)
            if last_number is not None:
                bundles.append(await self._build_bundle(owner_id, last_number))
        return bundles

    async def _build_bundle(self, owner_id: str, last_number: int) -> NoticeBundle:
        guild_id, events = get_guild_id(owner_id), await self._store.audit.list_after(owner_id, last_number)
        views = {
            event.about: await self._reviewing.load_public_view(guild_id, event.about)
            for event in events
            if event.about
        }
        waiting = dict[str, ReviewView]()
        news: defaultdict[str, list[ReviewNews]] = defaultdict(list)
        for event in events:
            view = views.get(event.about)
            if view is None:
                continue
            if event.act in _REVIEWER_ACTS and view.review.status == "submitted":
                waiting[event.about] = view
            for user_id in _find_recipients(event, view) - {event.actor_id, ""}:
                news[user_id].append(ReviewNews(event, view))
        return NoticeBundle(guild_id, list(waiting.values()), news, await self._store.notices.list_modes(guild_id))

    async def can_review(self, guild_id: str, member: Member, view: ReviewView) -> bool:
        """Return whether a member can approve a text."""
        actor = ReviewActor(member.user_id, await self._workspaces.find_roles(guild_id, member))
        return not explain_refusal(view.review, Step.APPROVE, actor, view.rules, view.asset.given_by or "")


def _find_recipients(event: AuditEntry, view: ReviewView) -> frozenset[str]:
    """Return the ids of the users to be notified of an entry; may contain an empty id."""
    if event.act in _AUTHOR_ACTS:
        return view.review.authors | {view.review.assigned}
    if event.act == _ASSIGN_ACT:
        return frozenset({event.user_ids.get(str(event.details.get("to", "")), "")})
    return frozenset({view.review.assigned}) if event.act == _SUBMIT_ACT else frozenset()
