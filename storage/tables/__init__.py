"""The database's tables. A change needs a migration in migrations/versions/."""

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

# Tables of rows that belong to a workspace (`owner_id`) and to a user (`user_id`): the user's export contains them, and they
# are deleted when the user is forgotten. Of `usage`, figures without the user's id remain.
made_for_workspaces = (schedule, review_marks, aliases, usage, games, mastery)

# The columns that identify an owner: a user or a workspace, or always a user. The first that a table has counts.
_OWNER_COLUMNS = ("owner_id", "user_id")

# Every table with an owner column. Dependent tables are deleted with its rows, by their foreign keys.
owned_tables = tuple(table for table in metadata.sorted_tables if set(table.c.keys()) & set(_OWNER_COLUMNS))

# Those whose rows a workspace may own.
workspace_tables = tuple(table for table in owned_tables if "owner_id" in table.c)


def can_person_own(table: Table) -> bool:
    """Return whether a user may own rows of an owned table."""
    return not table.info.get(WORKSPACES_ONLY_KEY)


def get_owner_column(table: Table) -> Column[Any]:
    """Return the owner column of an owned table."""
    return next(table.c[name] for name in _OWNER_COLUMNS if name in table.c)


def belongs_to(table: Table, owner_id: str) -> ColumnElement[bool]:
    """Return the condition that a row looked up by its id belongs to an owner.

    The expression hides the column's index from SQLite, which would otherwise scan all rows of the owner.
    """
    return get_owner_column(table).concat("") == owner_id


def build_purpose(table: Table, row: Mapping[str, Any] | RowMapping) -> str:
    """Return the purpose a row is sealed for: its table, its primary key, and the columns that decide who sees it.

    Without the owner, which is part of every seal.
    """
    table_name = table.info.get(SEALED_AS_KEY, table.name)
    key = [str(row[column.name]) for column in table.primary_key if column.name not in _OWNER_COLUMNS]
    bound_values = [str(row[name] or "") for name in table.info.get(BOUND_KEY, ())]
    return "/".join([table_name, *key, *bound_values])
