"""Roles and permissions in a workspace. No I/O.

Roles are assigned through Discord roles. A member with several roles has the permissions of all of them. Only the owner's role
includes the others, so that a team can separate writers from approvers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """A member's role in a workspace."""

    OWNER = "owner"
    EDITOR = "editor"
    REVIEWER = "reviewer"
    VIEWER = "viewer"


class Permission(StrEnum):
    """A permission in a workspace: to see the team's texts, to request texts, to add texts to the library and schedule them, to review
    them, and to change the settings.
    """

    SEE = "see"
    MAKE = "make"
    FILE = "file"
    REVIEW = "review"
    CONFIGURE = "settle"


_PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.OWNER: frozenset(Permission),
        Role.EDITOR: frozenset({Permission.SEE, Permission.MAKE, Permission.FILE}),
        Role.REVIEWER: frozenset({Permission.SEE, Permission.REVIEW}),
        Role.VIEWER: frozenset({Permission.SEE}),
    }
)


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a server: the ids of their Discord roles, and whether Discord lets them manage the server."""

    user_id: str
    role_ids: frozenset[str] = frozenset()
    manages: bool = False


def has_permission(role: Role, permission: Permission) -> bool:
    """Return whether a role has a permission."""
    return permission in _PERMISSIONS[role]


def any_has_permission(roles: Iterable[Role], permission: Permission) -> bool:
    """Return whether at least one of the roles has a permission."""
    return any(has_permission(role, permission) for role in roles)


def resolve_roles(member: Member, role_ids_by_role: Mapping[Role, Collection[str]], default: Role) -> frozenset[Role]:
    """Return the roles assigned through a member's Discord roles, or only `default` if there are none.

    A member who can manage the server is an owner, so that a server always has one.
    """
    if member.manages:
        return frozenset({Role.OWNER})
    resolved = frozenset(role for role, role_ids in role_ids_by_role.items() if member.role_ids & set(role_ids))
    return resolved or frozenset({default})
