"""What roles may do, over every role and every set of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from bot.team.workspace.roles import Member, Permission, Role, any_has_permission, has_permission, resolve_roles

ids = some.sampled_from(["1", "2", "3", "4"])
members = some.builds(Member, some.just("7"), some.frozensets(ids), some.booleans())
grants = some.dictionaries(some.sampled_from(Role), some.lists(ids, max_size=3).map(tuple))
roles = some.sampled_from(Role)


def test_each_role_has_exactly_these_permissions() -> None:
    assert {role: {act.value for act in Permission if has_permission(role, act)} for role in Role} == {
        Role.OWNER: {"see", "make", "file", "review", "settle"},
        Role.EDITOR: {"see", "make", "file"},
        Role.REVIEWER: {"see", "review"},
        Role.VIEWER: {"see"},
    }


@given(roles, some.sampled_from(Permission))
def test_owners_have_every_permission_and_only_they_configure(role: Role, act: Permission) -> None:
    assert has_permission(Role.OWNER, act)
    assert has_permission(role, Permission.SEE)
    assert has_permission(role, Permission.CONFIGURE) is (role is Role.OWNER)


@given(some.sets(roles, min_size=1), some.sampled_from(Permission))
def test_several_roles_combine_their_permissions(several: set[Role], act: Permission) -> None:
    assert any_has_permission(several, act) is any(has_permission(role, act) for role in several)


@given(members, grants, roles)
def test_every_member_has_a_role(member: Member, given_by: dict[Role, tuple[str, ...]], otherwise: Role) -> None:
    found = resolve_roles(member, given_by, otherwise)
    if member.manages:
        assert found == {Role.OWNER}, "nobody can lock out who manages the server"
        return
    named = {role for role, role_ids in given_by.items() for one in role_ids if one in member.role_ids}
    assert found == (named or {otherwise})


@given(members, grants, roles, ids)
def test_an_additional_discord_role_removes_nothing_but_the_default(
    member: Member, given_by: dict[Role, tuple[str, ...]], otherwise: Role, more: str
) -> None:
    before = resolve_roles(member, given_by, otherwise)
    after = resolve_roles(Member(member.user_id, member.role_ids | {more}, member.manages), given_by, otherwise)
    assert before <= after or before == {otherwise}
