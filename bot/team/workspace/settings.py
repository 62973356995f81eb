"""The settings of a workspace as an immutable value. No I/O."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bot.admission.quotas import MAX_QUOTAS, Quota
from bot.checks.language import NAMES
from bot.content import Defaults, Family
from bot.errors import Phrase, RefusedError
from bot.kinds import list_family_kinds, load_kinds
from personas.profile import Profile, ProfileError

from .roles import Permission, Role, has_permission

# Maximum channels with settings of their own, and Discord roles for one role, as a Discord menu has at most 25 options.
MAX_CHANNELS, MAX_ROLES = 100, 25
MAX_APPROVALS = 10
# Maximum Discord roles listed in a refusal.
_MAX_LISTED_ROLES = 6
FAMILIES: tuple[str, ...] = get_args(Family)


def _filter_languages(codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for code in codes if code in NAMES))


def _validate_family(name: str) -> str:
    return name if name in FAMILIES else ""


def _validate_kind(name: str) -> str:
    return name if name in load_kinds() else ""


def _validate_timezone(name: str) -> str:
    try:
        return Profile.parse({"timezone": name}).timezone
    except ProfileError:
        return ""


def _validate_country(code: str) -> str:
    return code if re.fullmatch("[A-Z]{2}", code) else ""


def _clamp_approvals(count: int) -> int:
    return max(1, min(MAX_APPROVALS, count))


@dataclass(frozen=True, slots=True)
class ReviewRules:
    """What a text needs to be approved: the number of `approvals`, a `role` that one approver must have (None for any), and whether its
    authors may approve it themselves.
    """

    approvals: int = 1
    role: Role | None = None
    allows_own: bool = False


class ChannelSettings(BaseModel):
    """The defaults of a channel: a family or a kind of texts, a persona and a brand; empty for those of the server.

    `persona` is the name of a built-in persona or the id of one of the server's, `brand` the id of one of the server's brands.
    """

    model_config = ConfigDict(frozen=True)

    family: Annotated[str, AfterValidator(_validate_family)] = ""
    kind: Annotated[str, AfterValidator(_validate_kind)] = ""
    persona: str = ""
    brand: str = ""


class WorkspaceSettings(BaseModel):
    """The settings that the owners of a workspace have chosen; values unknown to this release are dropped.

    Attributes:
        languages: the default language of texts, then the other ones.
        country: the two-letter code of the country whose holidays the calendar shows.
        step: where the setup was interrupted, empty once it is finished.
        approvals: how many approvals a text needs.
        approver: the role that one of the approvers must have, None for any.
        own_approvals: whether an author's own approval counts.
        only_approved: whether only approved texts can be scheduled.
        review_channel: the channel in which reviews are shown; if empty, that in which the text was submitted.
        feed: the secret of the calendar feed; empty while the feed is closed.
    """

    model_config = ConfigDict(frozen=True)

    languages: Annotated[tuple[str, ...], AfterValidator(_filter_languages)] = ()
    persona: str = ""
    brand: str = ""
    timezone: Annotated[str, AfterValidator(_validate_timezone)] = ""
    country: Annotated[str, AfterValidator(_validate_country)] = ""
    roles: Mapping[Role, tuple[str, ...]] = Field(default_factory=dict)
    default_role: Role = Role.EDITOR
    channels: Mapping[str, ChannelSettings] = Field(default_factory=dict)
    step: str = ""
    quotas: tuple[Quota, ...] = ()
    approvals: Annotated[int, AfterValidator(_clamp_approvals)] = 1
    approver: Role | None = None
    own_approvals: bool = False
    only_approved: bool = False
    review_channel: str = ""
    feed: str = ""

    @property
    def review_rules(self) -> ReviewRules:
        """The review rules as one value."""
        return ReviewRules(self.approvals, self.approver, self.own_approvals)

    @property
    def reviewer_role_ids(self) -> tuple[str, ...]:
        """The ids of the Discord roles of reviewers, or those of owners if there are none."""
        return self.roles.get(Role.REVIEWER, ()) or self.roles.get(Role.OWNER, ())

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Parse settings from plain data, dropping the values that are invalid."""
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            invalid = {str(details["loc"][0]) for details in error.errors(include_url=False) if details["loc"]}
            return cls.model_validate({name: value for name, value in data.items() if name not in invalid})

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` parses."""
        return self.model_dump(mode="json")

    def with_values(self, **values: Any) -> Self:
        """Return a copy with other values, validated."""
        return type(self).model_validate({**self.to_json(), **values})

    def with_main_language(self, code: str) -> Self:
        """Return a copy with another main language; an empty code removes all languages."""
        return self.with_values(languages=(code, *self.languages[1:]) if code else ())

    def with_other_languages(self, codes: Collection[str]) -> Self:
        """Return a copy with other languages after the main one; if there is no main one, the first of them becomes the main one."""
        return self.with_values(languages=(*self.languages[:1], *codes))

    def with_role(self, role: Role, role_ids: Iterable[str]) -> Self:
        """Return a copy with a role assigned to some Discord roles."""
        return self.with_values(roles={**self.roles, role: tuple(role_ids)[:MAX_ROLES]})

    def with_channel(self, channel_id: str, **values: str) -> Self:
        """Return a copy with other settings for a channel.

        Raises:
            RefusedError: the maximum number of channels already have settings.
        """
        old_settings = self.channels.get(channel_id, ChannelSettings())
        channel = ChannelSettings.model_validate({**old_settings.model_dump(), **values})
        if channel.kind not in {kind.name for kind in list_family_kinds(channel.family)}:
            channel = channel.model_copy(update={"kind": ""})
        others = {other_id: channel for other_id, channel in self.channels.items() if other_id != channel_id}
        if channel == ChannelSettings():
            return self.with_values(channels=others)
        if len(others) >= MAX_CHANNELS:
            raise RefusedError(
                "At most {most} channels of a server can have their own settings. Reset one of them first.",
                most=MAX_CHANNELS,
            )
        return self.with_values(channels={**others, channel_id: channel})

    def with_quota(self, quota: Quota) -> Self:
        """Return a copy with a quota that replaces the one with the same key; a quota of zero only removes it.

        Raises:
            RefusedError: the maximum number of quotas is set.
        """
        others = [other for other in self.quotas if other.key != quota.key]
        if len(others) >= MAX_QUOTAS and quota.most:
            raise RefusedError("A server can have at most {most} quotas. Remove one first.", most=MAX_QUOTAS)
        return self.with_values(quotas=[*others, *([quota] if quota.most else [])])

    def without_quota(self, menu_value: str) -> Self:
        """Return a copy without the quota with a menu value."""
        return self.with_values(quotas=[quota for quota in self.quotas if quota.menu_value != menu_value])

    def without_role_quotas(self, role_id: str) -> Self:
        """Return a copy without the quotas of a Discord role."""
        return self.with_values(quotas=[quota for quota in self.quotas if quota.role_id != role_id])

    def without_channel(self, channel_id: str) -> Self:
        """Return a copy without the settings of a channel."""
        others = {other_id: channel for other_id, channel in self.channels.items() if other_id != channel_id}
        return self.with_values(
            channels=others, review_channel="" if self.review_channel == channel_id else self.review_channel
        )


def build_refusal(message: str, settings: WorkspaceSettings, permission: Permission) -> RefusedError:
    """Build the refusal of an action; the message lists the Discord roles that have the permission."""
    role_ids = dict.fromkeys(
        role_id for role in Role if has_permission(role, permission) for role_id in settings.roles.get(role, ())
    )
    who = Phrase("Here, that means everyone who can manage this server.")
    if role_ids:
        roles = ", ".join(f"<@&{role_id}>" for role_id in list(role_ids)[:_MAX_LISTED_ROLES])
        who = Phrase("Here, that means {roles} and everyone who can manage this server.", roles=roles)
    return RefusedError("{why} {who}", why=Phrase(message), who=who)


def resolve_defaults(settings: WorkspaceSettings, *channel_ids: str) -> Defaults:
    """Return the defaults of the first of the channels (a thread before its parent) that has settings, then those of the server."""
    channel_settings = next(
        (settings.channels[channel_id] for channel_id in channel_ids if channel_id in settings.channels),
        ChannelSettings(),
    )
    of_channel = {name for name in ("family", "kind", "persona", "brand") if getattr(channel_settings, name)}
    return Defaults(
        family=channel_settings.family,
        kind=channel_settings.kind,
        persona=channel_settings.persona or settings.persona,
        brand=channel_settings.brand or settings.brand,
        timezone=settings.timezone,
        languages=settings.languages,
        of_channel=frozenset(of_channel),
    )
