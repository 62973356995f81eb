"""Owners of rows: a user, by their Discord id, or a workspace, which is a Discord server, by its scope."""

from __future__ import annotations

from collections.abc import Collection

from personas.ledger import guild

_WORKSPACE = guild("")


def workspace(guild_id: str | int) -> str:
    """Return the owner id of a server. What it owns is visible in all of it, so this is its scope as well."""
    return guild(guild_id)


def is_workspace(owner_id: str) -> bool:
    """Return whether an owner is a workspace rather than a user."""
    return owner_id.startswith(_WORKSPACE)


def get_guild_id(owner_id: str) -> str:
    """Return the server id of a workspace."""
    return owner_id.removeprefix(_WORKSPACE)


def describe_owners(owner_ids: Collection[str]) -> str:
    """Count owners in words: "2 people", "1 person and 3 servers"."""
    servers = sum(map(is_workspace, owner_ids))
    people = len(owner_ids) - servers
    parts = [f"{people} {'person' if people == 1 else 'people'}"] if people or not servers else []
    return " and ".join([*parts, *([f"{servers} {'server' if servers == 1 else 'servers'}"] if servers else [])])
