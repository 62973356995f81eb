"""Owners of rows: a person, by their Discord id, or a workspace, which is a Discord server, by its scope."""

from __future__ import annotations

from personas.ledger import guild

_WORKSPACE = guild("")


def workspace(guild_id: str | int) -> str:
    """The owner that a server is. What it owns is seen in all of it, so this is its scope as well."""
    return guild(guild_id)


def is_workspace(owner_id: str) -> bool:
    """Whether an owner is a workspace and no person."""
    return owner_id.startswith(_WORKSPACE)
