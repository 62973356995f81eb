"""What is set for a workspace: a value, and the ways in which it is changed. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bot.admission.quotas import MAX_QUOTAS, Quota
from bot.checks.language import NAMES
from bot.content import Family, Usual
from bot.errors import Phrase, RefusedError
from bot.kinds import all_kinds, of_family
from personas.profile import Profile, ProfileError

from .roles import Act, Role, may

# Channels of a server that something is set for. Roles of Discord that give a role: a menu of Discord's takes so many.
MAX_CHANNELS, MAX_ROLES = 100, 25
MAX_APPROVALS = 10
# Roles of Discord that a refusal names.
_MAX_NAMED = 6
FAMILIES: tuple[str, ...] = get_args(Family)


def _known_languages(codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for code in codes if code in NAMES))


def _known_family(name: str) -> str:
    return name if name in FAMILIES else ""


def _known_kind(name: str) -> str:
    return name if name in all_kinds() else ""


def _zone(name: str) -> str:
    try:
        return Profile.parse({"timezone": name}).timezone
    except ProfileError:
        return ""


def _country(code: str) -> str:
    return code if re.fullmatch("[A-Z]{2}", code) else ""


def _approvals(count: int) -> int:
    return max(1, min(MAX_APPROVALS, count))


@dataclass(frozen=True, slots=True)
class Rules:
    """What a team wants: so many `approvals`, one of them by somebody of a `role` where one is named; whether one's own counts."""

    approvals: int = 1
    role: Role | None = None
    own: bool = False


class Channel(BaseModel):
    """What a channel is for: texts of a family or of one kind, by a persona and in a brand's voice; empty says nothing.

    `persona` is the name of one that ships or the id of one of the server's own, `brand` the id of one of its own.
    """

    model_config = ConfigDict(frozen=True)

    family: Annotated[str, AfterValidator(_known_family)] = ""
    kind: Annotated[str, AfterValidator(_known_kind)] = ""
    persona: str = ""
    brand: str = ""


class WorkspaceSettings(BaseModel):
    """What those who own a workspace have set for it; `WorkspaceSettings()` is one for which nothing is.

    Of the languages the first is the one that texts are in where neither their writer nor their brief says another. `step` is where
    the walk through all of it was left, empty where it was ended. What an earlier release knew and this one does not is
    nothing. `country` is the one whose holidays its calendar shows, by its two letters. A text is approved by so many `approvals`,
    one of them by an `approver` where a role is named; whose it is counts where `own_approvals` are let. Where it is `only_approved`,
    no other texts are planned. Reviews are shown in the
    channel `review_channel`, where none is named in the one that a text is submitted in. Whoever knows the secret `feed` reads the
    calendar from outside; nobody where it is empty.
    """

    model_config = ConfigDict(frozen=True)

    languages: Annotated[tuple[str, ...], AfterValidator(_known_languages)] = ()
    persona: str = ""
    brand: str = ""
    timezone: Annotated[str, AfterValidator(_zone)] = ""
    country: Annotated[str, AfterValidator(_country)] = ""
    roles: Mapping[Role, tuple[str, ...]] = Field(default_factory=dict)
    default_role: Role = Role.EDITOR
    channels: Mapping[str, Channel] = Field(default_factory=dict)
    step: str = ""
    quotas: tuple[Quota, ...] = ()
    approvals: Annotated[int, AfterValidator(_approvals)] = 1
    approver: Role | None = None
    own_approvals: bool = False
    only_approved: bool = False
    review_channel: str = ""
    feed: str = ""

    @property
    def review_rules(self) -> Rules:
        """What the team wants of a review."""
        return Rules(self.approvals, self.approver, self.own_approvals)

    @property
    def reviewing_roles(self) -> tuple[str, ...]:
        """The roles of Discord that make reviewers, where there are none those that make owners."""
        return self.roles.get(Role.REVIEWER, ()) or self.roles.get(Role.OWNER, ())

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """The settings in plain data; of what cannot be read, those that can."""
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            wrong = {str(one["loc"][0]) for one in error.errors(include_url=False) if one["loc"]}
            return cls.model_validate({name: value for name, value in data.items() if name not in wrong})

    def as_json(self) -> dict[str, Any]:
        """Plain data, as `of` reads it."""
        return self.model_dump(mode="json")

    def having(self, **values: Any) -> Self:
        """The same with other values, which are checked."""
        return type(self).model_validate({**self.as_json(), **values})

    def having_main(self, code: str) -> Self:
        """The same with another main language, none for an empty one; the others stay."""
        return self.having(languages=(code, *self.languages[1:]) if code else ())

    def having_others(self, codes: Collection[str]) -> Self:
        """The same with other languages beside the main one; the first of them is that where there is none."""
        return self.having(languages=(*self.languages[:1], *codes))

    def having_role(self, role: Role, role_ids: Iterable[str]) -> Self:
        """The same with a role given by some roles of Discord."""
        return self.having(roles={**self.roles, role: tuple(role_ids)[:MAX_ROLES]})

    def having_channel(self, channel_id: str, **values: str) -> Self:
        """The same with something else set for a channel.

        Raises:
            RefusedError: something is set for as many channels as are kept.
        """
        before = self.channels.get(channel_id, Channel())
        made = Channel.model_validate({**before.model_dump(), **values})
        if made.kind not in {kind.name for kind in of_family(made.family)}:
            made = made.model_copy(update={"kind": ""})
        others = {one: channel for one, channel in self.channels.items() if one != channel_id}
        if made == Channel():
            return self.having(channels=others)
        if len(others) >= MAX_CHANNELS:
            raise RefusedError(
                "A server can have its own settings for at most {most} channels. Clear those of one channel first.",
                most=MAX_CHANNELS,
            )
        return self.having(channels={**others, channel_id: made})

    def having_quota(self, quota: Quota) -> Self:
        """The same with another quota in the place of the like one; without that, where nothing may be used of it.

        Raises:
            RefusedError: as many are set as are kept.
        """
        others = [one for one in self.quotas if one.place != quota.place]
        if len(others) >= MAX_QUOTAS and quota.most:
            raise RefusedError("A server can have at most {most} quotas. Remove one first.", most=MAX_QUOTAS)
        return self.having(quotas=[*others, *([quota] if quota.most else [])])

    def without_quota(self, key: str) -> Self:
        """The same without the quota of a key."""
        return self.having(quotas=[one for one in self.quotas if one.key != key])

    def without_role(self, role_id: str) -> Self:
        """The same without the quotas of a role of Discord."""
        return self.having(quotas=[one for one in self.quotas if one.role_id != role_id])

    def having_no(self, channel_id: str) -> Self:
        """The same without what is set for a channel."""
        others = {one: channel for one, channel in self.channels.items() if one != channel_id}
        return self.having(
            channels=others, review_channel="" if self.review_channel == channel_id else self.review_channel
        )


def refused(why: str, settings: WorkspaceSettings, act: Act) -> RefusedError:
    """What is said to somebody who may not do something, with who can: roles of Discord, and whoever manages the server."""
    ids = dict.fromkeys(one for role in Role if may(role, act) for one in settings.roles.get(role, ()))
    who = Phrase("Here that is everyone who can manage this server.")
    if ids:
        roles = ", ".join(f"<@&{one}>" for one in list(ids)[:_MAX_NAMED])
        who = Phrase("Here that is {roles}, and everyone who can manage this server.", roles=roles)
    return RefusedError("{why} {who}", why=Phrase(why), who=who)


def usual(settings: WorkspaceSettings, *channel_ids: str) -> Usual:
    """What is usual where somebody asks, a channel's before the server's; a thread is named before its channel."""
    here = next((settings.channels[one] for one in channel_ids if one in settings.channels), Channel())
    of_channel = {name for name in ("family", "kind", "persona", "brand") if getattr(here, name)}
    return Usual(
        family=here.family,
        kind=here.kind,
        persona=here.persona or settings.persona,
        brand=here.brand or settings.brand,
        timezone=settings.timezone,
        languages=settings.languages,
        of_channel=frozenset(of_channel),
    )
