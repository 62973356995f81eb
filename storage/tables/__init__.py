"""The tables. A change here goes with a migration in migrations/versions/."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, ColumnElement, RowMapping, Table

from ._base import BOUND_KEY, SEALED_AS_KEY, WORKSPACES_ONLY_KEY, metadata
from .figures import admissions, failed_checks, quota_notes, usage
from .jobs import bulk_jobs, bulk_rows, leases, made_table_parts, made_tables
from .learning import courses, game_answers, games, mastery, play_words, plays
from .people import departures, feedback, forgotten, generations, owners, preferences, signals
from .shelves import brands, collections, documents, indexes, own_personas, passages, shareable, shelves
from .teams import (
    AUDIT_TRIGGERS,
    aliases,
    asset_versions,
    assets,
    audit,
    audit_heads,
    campaign_assets,
    campaigns,
    givable,
    guilds,
    notice_marks,
    notice_ways,
    poll_votes,
    polls,
    review_marks,
    schedule,
    webhook_messages,
    webhooks,
    workspace_settings,
)

__all__ = [
    "AUDIT_TRIGGERS",
    "BOUND_KEY",
    "SEALED_AS_KEY",
    "WORKSPACES_ONLY_KEY",
    "admissions",
    "aliases",
    "asset_versions",
    "assets",
    "audit",
    "audit_heads",
    "belongs_to",
    "brands",
    "build_purpose",
    "bulk_jobs",
    "bulk_rows",
    "campaign_assets",
    "campaigns",
    "can_person_own",
    "collections",
    "courses",
    "departures",
    "documents",
    "failed_checks",
    "feedback",
    "forgotten",
    "game_answers",
    "games",
    "generations",
    "get_owner_column",
    "givable",
    "guilds",
    "indexes",
    "leases",
    "made_for_workspaces",
    "made_table_parts",
    "made_tables",
    "mastery",
    "metadata",
    "notice_marks",
    "notice_ways",
    "own_personas",
    "owned_tables",
    "owners",
    "passages",
    "play_words",
    "plays",
    "poll_votes",
    "polls",
    "preferences",
    "quota_notes",
    "review_marks",
    "schedule",
    "shareable",
    "shelves",
    "signals",
    "usage",
    "webhook_messages",
    "webhooks",
    "workspace_settings",
    "workspace_tables",
]

# What people have made for workspaces and is not given to them: it is told to its maker as well, and goes with them.
made_for_workspaces = (schedule, review_marks, aliases, usage, games, mastery)

# The columns that say whose a row is: of what may be a workspace's, and of what is always a person's.
_OWNER = ("owner_id", "user_id")

# What is owned: every table that names an owner. Those that hang on such a table go with its rows.
owned_tables = tuple(table for table in metadata.sorted_tables if set(table.c.keys()) & set(_OWNER))

# Of those, what may be a workspace's.
workspace_tables = tuple(table for table in owned_tables if _OWNER[0] in table.c)


def can_person_own(table: Table) -> bool:
    """Return whether a user may own rows of an owned table."""
    return not table.info.get(WORKSPACES_ONLY_KEY)


def get_owner_column(table: Table) -> Column[Any]:
    """Return the owner's column of an owned table."""
    return next(table.c[name] for name in _OWNER if name in table.c)


def belongs_to(table: Table, owner_id: str) -> ColumnElement[bool]:
    """That a row which is looked up by its id is an owner's.

    Said so that a database finds it by the id: SQLite would else go through all rows of the owner.
    """
    return get_owner_column(table).concat("") == owner_id


def build_purpose(table: Table, row: Mapping[str, Any] | RowMapping) -> str:
    """Return what a row is sealed for: its table, its primary key, and the columns that decide who sees it.

    Without the owner, who is part of every seal.
    """
    key = [str(row[column.name]) for column in table.primary_key if column.name not in _OWNER]
    name = table.info.get(SEALED_AS_KEY, table.name)
    return "/".join([name, *key, *(str(row[name] or "") for name in table.info.get(BOUND_KEY, ()))])
