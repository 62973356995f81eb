"""The audit log of a workspace for its owners: pages, exports and verification."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot.checks.cells import is_formula
from bot.store import Store
from storage.audit import AuditEntry, AuditVerdict
from storage.entries import ALL, LibraryEntry
from storage.owners import workspace
from storage.shielding import shield

from .roles import Member, Permission
from .workspaces import Workspaces

PAGE = 8
ExportFormat = Literal["jsonl", "csv"]
_COLUMNS = ("number", "at", "act", "who", "person", "about", "details", "hash")
# Acts about scheduled posts and about campaigns; all others are about texts.
OF_POSTS = frozenset({"plan", "move", "cancel", "posted"})
OF_CAMPAIGNS = frozenset({"campaign", "brief"})


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Selects the entries about a text, post or campaign (by id) or by a user; an empty field matches all."""

    about: str = ""
    user_id: str = ""


@dataclass(frozen=True, slots=True)
class AuditService:
    """Read access to the audit log for owners."""

    store: Store
    workspaces: Workspaces

    @shield
    async def load_page(
        self, guild_id: str, member: Member, criteria: AuditFilter, before: int | None = None, limit: int = PAGE + 1
    ) -> list[AuditEntry]:
        """Return up to `limit` entries before a number, newest first.

        Raises:
            RefusedError: the member is not an owner.
        """
        await self.workspaces.require(guild_id, member, Permission.CONFIGURE)
        return await self.store.audit.list_page(
            workspace(guild_id), about=criteria.about, user_id=criteria.user_id, before=before, limit=limit
        )

    async def list_newest_texts(self, guild_id: str, limit: int) -> list[LibraryEntry]:
        """Return the newest texts of a team, which are offered as filters."""
        return await self.store.entries.list_newest([workspace(guild_id)], ALL, 0, limit)

    async def load_titles(self, guild_id: str, events: Sequence[AuditEntry]) -> Mapping[str, str]:
        """Return the titles of the texts, posts and campaigns that entries are about, by id; deleted ones are left out."""
        owner_id, acts_by_id = workspace(guild_id), {event.about: event.act for event in events if event.about}
        titles = {
            entry.id: entry.title
            for entry in await self.store.entries.load_entries([owner_id], [(owner_id, about) for about in acts_by_id])
        }
        for about, act in acts_by_id.items():
            if act in OF_POSTS and (post := await self.store.schedule.get(about, "", guild_id)):
                titles[about] = post.title
            elif act in OF_CAMPAIGNS and (campaign := await self.store.campaigns.get(guild_id, about)):
                titles[about] = campaign.title
        return titles

    @shield
    async def export(self, guild_id: str, member: Member, form: ExportFormat, criteria: AuditFilter) -> bytes:
        """Export the matching entries, oldest first, as JSON lines or CSV.

        Raises:
            RefusedError: the member is not an owner.
        """
        await self.workspaces.require(guild_id, member, Permission.CONFIGURE)
        entries: list[AuditEntry] = []
        async with self.store.database.share_read():
            last_number = 0
            while batch := await self.store.audit.list_after(workspace(guild_id), last_number):
                last_number = batch[-1].number
                entries += [entry for entry in batch if _matches(entry, criteria)]
        rows = [_to_row(event) for event in entries]
        return _render_jsonl(rows) if form == "jsonl" else _render_csv(rows)

    @shield
    async def verify(self, guild_id: str, member: Member) -> AuditVerdict:
        """Verify the hash chain of a server's audit log.

        Raises:
            RefusedError: the member is not an owner.
        """
        await self.workspaces.require(guild_id, member, Permission.CONFIGURE)
        async with self.store.database.share_read():
            return await self.store.audit.verify(workspace(guild_id))


def _matches(event: AuditEntry, criteria: AuditFilter) -> bool:
    return (not criteria.about or event.about == criteria.about) and (
        not criteria.user_id or event.actor_id == criteria.user_id
    )


def _to_row(event: AuditEntry) -> dict[str, Any]:
    return {**event.hash_input, "hash": event.hash, "person": event.actor_id}


def _render_jsonl(rows: Sequence[Mapping[str, Any]]) -> bytes:
    return "".join(f"{json.dumps(row, sort_keys=True, ensure_ascii=False)}\n" for row in rows).encode(
        "utf-8", "replace"
    )


def _render_csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    output = io.StringIO(newline="")
    table = csv.DictWriter(output, _COLUMNS)
    table.writeheader()
    for row in rows:
        details = json.dumps(row["details"], sort_keys=True, ensure_ascii=False)
        table.writerow({name: _format_cell(value) for name, value in {**row, "details": details}.items()})
    return output.getvalue().encode("utf-8-sig", "replace")


def _format_cell(value: Any) -> str:
    text = str(value)
    return f"'{text}" if is_formula(text) else text
