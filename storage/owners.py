"""Owners of rows: a person, by their Discord id, or a workspace, which is a Discord server, by its scope."""

from __future__ import annotations

from collections.abc import Collection

from personas.ledger import guild

_WORKSPACE = guild("")


def workspace(guild_id: str | int) -> str:
    """The owner that a server is. What it owns is seen in all of it, so this is its scope as well."""
    return guild(guild_id)


def is_workspace(owner_id: str) -> bool:
    """Whether an owner is a workspace and no person."""
    return owner_id.startswith(_WORKSPACE)


def guild_of(owner_id: str) -> str:
    """The server's id of a workspace."""
    return owner_id.removeprefix(_WORKSPACE)


def how_many(owner_ids: Collection[str]) -> str:
    """Owners in words: "2 people", "1 person and 3 servers"."""
    servers = sum(map(is_workspace, owner_ids))
    people = len(owner_ids) - servers
    told = [f"{people} {'person' if people == 1 else 'people'}"] if people or not servers else []
    return " and ".join([*told, *([f"{servers} {'server' if servers == 1 else 'servers'}"] if servers else [])])
