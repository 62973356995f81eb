"""Owner ids: a user's is their Discord id, a workspace's (a Discord server's) is its scope."""

from __future__ import annotations

from collections.abc import Collection

from personas.ledger import guild

_WORKSPACE_PREFIX = guild("")


def workspace(guild_id: str | int) -> str:
    """Return the owner id of a server, which is also its scope: what a server owns is visible throughout it."""
    return guild(guild_id)


def is_workspace(owner_id: str) -> bool:
    """Return whether an owner is a workspace rather than a user."""
    return owner_id.startswith(_WORKSPACE_PREFIX)


def get_guild_id(owner_id: str) -> str:
    """Return the server id of a workspace."""
    return owner_id.removeprefix(_WORKSPACE_PREFIX)


def describe_owners(owner_ids: Collection[str]) -> str:
    """Describe the number of owners, as in "2 people" or "1 person and 3 servers"."""
    server_count = sum(map(is_workspace, owner_ids))
    user_count = len(owner_ids) - server_count
    parts = []
    if user_count or not server_count:
        parts.append(f"{user_count} {'person' if user_count == 1 else 'people'}")
    if server_count:
        parts.append(f"{server_count} {'server' if server_count == 1 else 'servers'}")
    return " and ".join(parts)
