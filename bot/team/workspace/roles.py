"""Who may do what in a workspace. Pure.

Roles are given by roles of Discord. Somebody may have several: then they may do what any of them may. None includes another but the
owner's, so that a team can tell who writes from who approves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What somebody is in a workspace."""

    OWNER = "owner"
    EDITOR = "editor"
    REVIEWER = "reviewer"
    VIEWER = "viewer"


class Act(StrEnum):
    """What can be done in a workspace: look at what the team has, ask for texts and change them, file and plan what there is,
    approve or send back, and set how the workspace works.
    """

    SEE = "see"
    MAKE = "make"
    FILE = "file"
    REVIEW = "review"
    SETTLE = "settle"


_MAY: Mapping[Role, frozenset[Act]] = MappingProxyType(
    {
        Role.OWNER: frozenset(Act),
        Role.EDITOR: frozenset({Act.SEE, Act.MAKE, Act.FILE}),
        Role.REVIEWER: frozenset({Act.SEE, Act.REVIEW}),
        Role.VIEWER: frozenset({Act.SEE}),
    }
)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who acts in a server: the ids of their roles of Discord, and whether they may manage the server there."""

    user_id: str
    role_ids: frozenset[str] = frozenset()
    manages: bool = False


def may(role: Role, act: Act) -> bool:
    """Whether a role may do something."""
    return act in _MAY[role]


def any_may(roles: Iterable[Role], act: Act) -> bool:
    """Whether one of some roles may do something."""
    return any(may(role, act) for role in roles)


def roles_of(member: Member, given: Mapping[Role, Collection[str]], otherwise: Role) -> frozenset[Role]:
    """The roles that a member has: those that their roles of Discord give, `otherwise` where that is none.

    Whoever may manage the server is an owner, so that nobody can be locked out of it.
    """
    if member.manages:
        return frozenset({Role.OWNER})
    found = frozenset(role for role, role_ids in given.items() if member.role_ids & set(role_ids))
    return found or frozenset({otherwise})
