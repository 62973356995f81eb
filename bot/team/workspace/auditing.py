"""The audit of a workspace for those who own it: read, given as a file, checked."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot.checks.cells import is_formula
from bot.store import Store
from storage.audit import Event, Verdict
from storage.entries import ALL, LibraryEntry
from storage.owners import workspace
from storage.shielded import shielded

from .roles import Act, Member
from .workspaces import Workspaces

PAGE = 8
Form = Literal["jsonl", "csv"]
_COLUMNS = ("number", "at", "act", "who", "person", "about", "details", "hash")


# Acts that are about a planned post, and about a campaign, and not about a text.
OF_POSTS = frozenset({"plan", "move", "cancel", "posted"})
OF_CAMPAIGNS = frozenset({"campaign", "brief"})


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are wanted: those about a thing or by a person; all where nothing is said."""

    about: str = ""
    user_id: str = ""


@dataclass(frozen=True, slots=True)
class Auditing:
    """What owners see of an audit; nobody changes it."""

    store: Store
    workspaces: Workspaces

    @shielded
    async def page(
        self, guild_id: str, member: Member, wanted: AuditFilter, before: int | None = None, most: int = PAGE + 1
    ) -> list[Event]:
        """So many entries at most that come before a number, the newest first.

        Raises:
            RefusedError: they do not own the workspace.
        """
        await self.workspaces.allow(guild_id, member, Act.SETTLE)
        return await self.store.audit.page(
            workspace(guild_id), about=wanted.about, user_id=wanted.user_id, before=before, most=most
        )

    async def newest_texts(self, guild_id: str, most: int) -> list[LibraryEntry]:
        """The newest texts of a team's, which entries can be asked for by."""
        return await self.store.entries.newest([workspace(guild_id)], ALL, 0, most)

    async def titles(self, guild_id: str, events: Sequence[Event]) -> Mapping[str, str]:
        """The titles of what entries are about, by id, without what is gone: texts, planned posts, campaigns."""
        owner_id, abouts = workspace(guild_id), {one.about: one.act for one in events if one.about}
        found = {
            one.id: one.title
            for one in await self.store.entries.entries([owner_id], [(owner_id, about) for about in abouts])
        }
        for about, act in abouts.items():
            if act in OF_POSTS and (planned := await self.store.schedule.get(about, "", guild_id)):
                found[about] = planned.title
            elif act in OF_CAMPAIGNS and (campaign := await self.store.campaigns.get(guild_id, about)):
                found[about] = campaign.title
        return found

    @shielded
    async def export(self, guild_id: str, member: Member, form: Form, wanted: AuditFilter) -> bytes:
        """The wanted entries as a file, the oldest first: a line of JSON each, or a table.

        Raises:
            RefusedError: they do not own the workspace.
        """
        await self.workspaces.allow(guild_id, member, Act.SETTLE)
        found: list[Event] = []
        async with self.store.database.reading():
            last = 0
            while batch := await self.store.audit.after(workspace(guild_id), last):
                last = batch[-1].number
                found += [one for one in batch if _is_wanted(one, wanted)]
        rows = [_row(event) for event in found]
        return _as_lines(rows) if form == "jsonl" else _as_table(rows)

    @shielded
    async def verify(self, guild_id: str, member: Member) -> Verdict:
        """Reckons the hashes anew.

        Raises:
            RefusedError: they do not own the workspace.
        """
        await self.workspaces.allow(guild_id, member, Act.SETTLE)
        async with self.store.database.reading():
            return await self.store.audit.verify(workspace(guild_id))


def _is_wanted(event: Event, wanted: AuditFilter) -> bool:
    return (not wanted.about or event.about == wanted.about) and (not wanted.user_id or event.person == wanted.user_id)


def _row(event: Event) -> dict[str, Any]:
    return {**event.hashed, "hash": event.hash, "person": event.person}


def _as_lines(rows: Sequence[Mapping[str, Any]]) -> bytes:
    return "".join(f"{json.dumps(row, sort_keys=True, ensure_ascii=False)}\n" for row in rows).encode(
        "utf-8", "replace"
    )


def _as_table(rows: Sequence[Mapping[str, Any]]) -> bytes:
    made = io.StringIO(newline="")
    table = csv.DictWriter(made, _COLUMNS)
    table.writeheader()
    for row in rows:
        details = json.dumps(row["details"], sort_keys=True, ensure_ascii=False)
        table.writerow({name: _cell(value) for name, value in {**row, "details": details}.items()})
    return made.getvalue().encode("utf-8-sig", "replace")


def _cell(value: Any) -> str:
    text = str(value)
    return f"'{text}" if is_formula(text) else text
