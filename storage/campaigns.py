"""Workspaces' campaigns and their pieces, sealed with the workspace's key."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, delete, func, select, update

from . import tables
from .crypto import OwnerKey
from .damage import open_or_none
from .database import Database
from .errors import StorageError
from .owned_items import select_with_keys
from .owners import get_guild_id, is_workspace, workspace
from .shielding import shield_methods
from .statements import to_utc

# The thread of a closed campaign was deleted, so nothing more is written for it.
CampaignState = Literal["open", "closed"]
# A piece waits to be written, was written but not shown yet, is shown, is being rewritten, or failed.
PieceState = Literal["waiting", "made", "shown", "redo", "failed"]
# States with pending work.
PENDING_STATES: tuple[PieceState, ...] = ("waiting", "made", "redo")
MAX_CAMPAIGNS = 500
_SEALED_FIELDS = ("title", "brief", "places", "channel_id", "thread_id", "board_id", "locale", "seed")
_SEALED_PIECE_FIELDS = ("name", "steps", "failure", "stale")


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign: its brief, the names of the `places` it is written for, and the thread that shows it.

    `board_id` is the message that shows its progress, `version` increases with each change of the brief. `given_by` is the user who
    created it, None once they are forgotten.
    """

    id: str
    guild_id: str
    title: str
    brief: str
    places: tuple[str, ...]
    channel_id: str
    given_by: str | None
    thread_id: str = ""
    board_id: str = ""
    locale: str = "en"
    seed: int = 0
    version: int = 1
    state: CampaignState = "open"
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def owner_id(self) -> str:
        """The owner id of its workspace."""
        return workspace(self.guild_id)


@dataclass(frozen=True, slots=True)
class CampaignPiece:
    """A text or prompt of a campaign. Number 0 is the plan, and the others are for the places of their `name`.

    `asset_id` is the asset that was written for the brief's version `made_for`; `given_by` is the user who requested it. `steps`
    are the values of completed checkpoints, `failure` says why it failed, and `stale` why it no longer fits the brief, both as JSON.
    """

    campaign_id: str
    guild_id: str
    number: int
    name: str
    given_by: str | None
    state: PieceState = "waiting"
    asset_id: str = ""
    made_for: int = 0
    steps: Mapping[str, Any] = field(default_factory=dict)
    failure: Mapping[str, Any] | None = None
    stale: Mapping[str, Any] | None = None
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def id(self) -> str:
        """The piece's id, which is also its asset's source id."""
        return f"{self.campaign_id}-{self.number}"


@shield_methods
class Campaigns:
    """Campaigns by workspace. Callers check permissions in a transaction with the lock `build_campaign_lock_name`."""

    def __init__(self, database: Database, max_campaigns: int = MAX_CAMPAIGNS) -> None:
        self._database, self._max_campaigns = database, max_campaigns

    async def add(self, campaign: Campaign, pieces: Sequence[CampaignPiece]) -> bool:
        """Store a new campaign with its pieces; return False if there is one with its id.

        Raises:
            PausedError: the user who creates it has paused storage.
            StorageError: the workspace has the maximum number of campaigns, or the owner is no workspace.
        """
        table, owner_id = tables.campaigns, campaign.owner_id
        if not is_workspace(owner_id) or not campaign.guild_id:
            raise StorageError("Campaigns are only available in servers.")
        async with self._database.write(f"{table.name} {owner_id}") as connection:
            if await connection.scalar(select(table.c.id).where(table.c.id == campaign.id)):
                return False
            if campaign.given_by:
                await self._database.owners.require_key(connection, campaign.given_by)
            key = await self._database.owners.require_key(connection, owner_id)
            query = select(func.count()).select_from(table).where(table.c.owner_id == owner_id)
            if int(await connection.scalar(query) or 0) >= self._max_campaigns:
                raise StorageError(
                    "I can keep up to {most} of these for a server. Delete one that is no longer needed.",
                    most=self._max_campaigns,
                )
            await connection.execute(table.insert().values(**_build_values(campaign, key)))
            await connection.execute(
                tables.campaign_assets.insert(), [_build_piece_values(piece, key) for piece in pieces]
            )
        return True

    async def get(self, guild_id: str, campaign_id: str) -> Campaign | None:
        """Return a campaign of a server; None if it does not exist (any more) or was tampered with."""
        table = tables.campaigns
        condition = (table.c.id == campaign_id) & _belongs_to_guild(table, guild_id)
        return next(iter(await self._load_where(condition)), None)

    async def list_all(self, guild_id: str) -> list[Campaign]:
        """List all campaigns of a server, newest first."""
        return await self._load_where(tables.campaigns.c.owner_id == workspace(guild_id))

    async def list_pending(self) -> list[Campaign]:
        """List the open campaigns of all servers with pieces to write or show."""
        table, pieces = tables.campaigns, tables.campaign_assets
        pending_ids = select(pieces.c.campaign_id).where(pieces.c.state.in_(PENDING_STATES))
        return await self._load_where((table.c.state == "open") & table.c.id.in_(pending_ids))

    async def list_pieces(self, campaign: Campaign) -> list[CampaignPiece]:
        """List a campaign's pieces in order; those that were tampered with are omitted."""
        return await self._load_pieces_where(tables.campaign_assets.c.campaign_id == campaign.id)

    async def find_piece_of_asset(self, guild_id: str, asset_id: str) -> CampaignPiece | None:
        """Return the piece that an asset of a server was written for; otherwise None."""
        table = tables.campaign_assets
        condition = (table.c.asset_id == asset_id) & _belongs_to_guild(table, guild_id)
        return next(iter(await self._load_pieces_where(condition)), None) if asset_id else None

    async def change(self, campaign: Campaign, **changes: Any) -> Campaign | None:
        """Change a campaign if its brief is still at that version; return the changed campaign, None if it is not or was deleted."""
        table = tables.campaigns
        async with self._database.write(build_campaign_lock_name(campaign.id)) as connection:
            condition = (table.c.id == campaign.id) & (table.c.version == campaign.version)
            query = select_with_keys(table).where(condition).with_for_update(of=table)
            row = (await connection.execute(query)).one_or_none()
            stored_campaign = self._open_campaign(row) if row else None
            if stored_campaign is None or row is None:
                return None
            updated = replace(stored_campaign, **changes)
            values = _build_values(updated, self._unwrap_key(row))
            del values["id"]
            await connection.execute(update(table).where(condition).values(**values))
        return updated

    async def change_piece(
        self, piece: CampaignPiece, expected: Collection[PieceState], **changes: Any
    ) -> CampaignPiece | None:
        """Change a piece if its state is one of `expected`; return the changed piece, None if it is not or was deleted.

        Raises:
            PausedError: the user who requested it has paused storage.
        """
        table = tables.campaign_assets
        async with self._database.write(build_campaign_lock_name(piece.campaign_id)) as connection:
            if changes.get("given_by"):
                await self._database.owners.require_key(connection, changes["given_by"])
            condition = (table.c.id == piece.id) & _belongs_to_guild(table, piece.guild_id)
            condition &= table.c.state.in_(tuple(expected))
            query = select_with_keys(table).where(condition).with_for_update(of=table)
            row = (await connection.execute(query)).one_or_none()
            stored_piece = self._open_piece(row) if row else None
            if stored_piece is None or row is None:
                return None
            updated = replace(stored_piece, **changes)
            values = _build_piece_values(updated, self._unwrap_key(row))
            del values["id"]
            await connection.execute(update(table).where(table.c.id == piece.id).values(**values))
        return updated

    async def delete(self, campaign: Campaign) -> None:
        """Delete a campaign; its assets stay."""
        table = tables.campaigns
        async with self._database.write(build_campaign_lock_name(campaign.id)) as connection:
            await connection.execute(
                delete(table).where(table.c.id == campaign.id, _belongs_to_guild(table, campaign.guild_id))
            )

    async def _load_where(self, condition: ColumnElement[bool]) -> list[Campaign]:
        table = tables.campaigns
        query = select_with_keys(table).where(condition).order_by(table.c.created_at.desc(), table.c.id)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [campaign for row in rows if (campaign := self._open_campaign(row)) is not None]

    async def _load_pieces_where(self, condition: ColumnElement[bool]) -> list[CampaignPiece]:
        table = tables.campaign_assets
        async with self._database.read() as connection:
            rows = (await connection.execute(select_with_keys(table).where(condition).order_by(table.c.number))).all()
        return [piece for row in rows if (piece := self._open_piece(row)) is not None]

    def _unwrap_key(self, row: Row[Any]) -> OwnerKey:
        return self._database.keys.unwrap(row.owner_id, row.wrapped_key, row.key_id)

    def _open_campaign(self, row: Row[Any]) -> Campaign | None:
        fields = open_or_none(self._unwrap_key(row), row.sealed, tables.build_purpose(tables.campaigns, row._mapping))
        if fields is None:
            return None
        columns = {name: getattr(row, name) for name in ("id", "state", "version", "given_by")}
        fields["places"] = tuple(fields["places"])
        return Campaign(guild_id=get_guild_id(row.owner_id), created_at=to_utc(row.created_at), **columns, **fields)

    def _open_piece(self, row: Row[Any]) -> CampaignPiece | None:
        fields = open_or_none(
            self._unwrap_key(row), row.sealed, tables.build_purpose(tables.campaign_assets, row._mapping)
        )
        if fields is None:
            return None
        names = ("campaign_id", "number", "state", "asset_id", "made_for", "given_by")
        columns = {name: getattr(row, name) for name in names}
        return CampaignPiece(
            guild_id=get_guild_id(row.owner_id), created_at=to_utc(row.created_at), **columns, **fields
        )


def build_campaign_lock_name(campaign_id: str) -> str:
    """Return the name of the lock for transactions that read and change a campaign."""
    return f"campaign {campaign_id}"


def _belongs_to_guild(table: Any, guild_id: str) -> ColumnElement[bool]:
    return tables.belongs_to(table, workspace(guild_id))


def _build_values(campaign: Campaign, key: OwnerKey) -> dict[str, Any]:
    names = ("id", "owner_id", "state", "version", "created_at", "given_by")
    row = {name: getattr(campaign, name) for name in names}
    fields = {name: getattr(campaign, name) for name in _SEALED_FIELDS}
    return {**row, "sealed": key.seal(fields, tables.build_purpose(tables.campaigns, row))}


def _build_piece_values(piece: CampaignPiece, key: OwnerKey) -> dict[str, Any]:
    names = ("id", "campaign_id", "number", "state", "asset_id", "made_for", "created_at", "given_by")
    row = {"owner_id": workspace(piece.guild_id), **{name: getattr(piece, name) for name in names}}
    fields = {name: getattr(piece, name) for name in _SEALED_PIECE_FIELDS}
    fields["steps"] = dict(piece.steps)
    return {**row, "sealed": key.seal(fields, tables.build_purpose(tables.campaign_assets, row))}
