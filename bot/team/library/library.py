"""The service for the library: a user's own results and the server's assets in one list, and the actions on an entry."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.checks.language import identify_language
from bot.content import Request
from bot.errors import RefusedError
from bot.reading.titles import find_title
from bot.store import Store
from bot.team.review.service import GONE, ConflictError, ReviewService
from bot.team.review.steps import Step
from bot.team.workspace.recorder import Recorder
from bot.team.workspace.roles import Member, Permission, Role, any_has_permission
from bot.team.workspace.workspaces import Workspaces
from storage.assets import APPROVED, ARCHIVED, DRAFT, PUBLISHED, Asset
from storage.entries import EntryCollection, EntryFilter, EntryPlace, LibraryEntry
from storage.generations import Generation
from storage.owners import is_workspace, workspace
from storage.shielding import shield

from .search import LibrarySearch
from .templates import Blank, fill, fill_parts, find_blanks

# Entries per page.
PAGE = 5
MAX_COLLECTION_NAME = 60
# The fields of a request that are shared together with its result; none is about the user or the channel.
_SHARED_REQUEST_FIELDS = ("brief", "kind", "tone", "audience", "length", "language", "notes", "scale")
_SOMEONE_CHANGED_IT = "Someone else has just changed it. Here is how it looks now."


@dataclass(frozen=True, slots=True)
class LibraryPage:
    """A page of entries; `number` counts from 0."""

    entries: Sequence[LibraryEntry]
    number: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class Viewer:
    """A member who uses the library, their server (empty in direct messages) and their roles there."""

    member: Member
    guild_id: str = ""
    roles: frozenset[Role] = frozenset()

    @property
    def user_id(self) -> str:
        """The id of the member."""
        return self.member.user_id

    @property
    def owner_ids(self) -> list[str]:
        """The ids of the owners whose entries the member sees: their own, and the server's workspace."""
        return [self.user_id, *([workspace(self.guild_id)] if self.guild_id else [])]


class EntryConflictError(ConflictError):
    """Another member has changed the entry in the meantime."""

    def __init__(self) -> None:
        super().__init__(_SOMEONE_CHANGED_IT)


def can_edit(viewer: Viewer, entry: LibraryEntry) -> bool:
    """Return whether a viewer may change an entry: their own result, an asset they added as editor, or any asset as owner."""
    if not entry.is_workspace_owned:
        return entry.owner_id == viewer.user_id
    if entry.owner_id not in viewer.owner_ids:
        return False
    is_own = entry.author == viewer.user_id and any_has_permission(viewer.roles, Permission.FILE)
    return is_own or any_has_permission(viewer.roles, Permission.CONFIGURE)


@dataclass(frozen=True, slots=True)
class Library:
    """The service for the library; every method takes the viewer on whose behalf it acts."""

    store: Store
    search: LibrarySearch
    workspaces: Workspaces
    recorder: Recorder
    reviewing: ReviewService

    async def load_viewer(self, guild_id: str, member: Member) -> Viewer:
        """Return the viewer for a member with their roles in the server; `guild_id` is empty in direct messages."""
        roles = await self.workspaces.find_roles(guild_id, member) if guild_id else frozenset()
        return Viewer(member, guild_id, roles)

    async def load_page(
        self, viewer: Viewer, words: str, entry_filter: EntryFilter, number: int, language: str = "en"
    ) -> LibraryPage:
        """Return a page of the filtered entries: best matches for `words` first, or the newest first if that is empty."""
        owner_ids, offset = viewer.owner_ids, number * PAGE
        if entry_filter.brand:  # An older result has its brand only once it is indexed.
            for owner_id in owner_ids:
                await self.search.index_pending(owner_id)
        if words:
            places = await self.search.search(owner_ids, words, entry_filter, language)
            entries = await self.store.entries.load_entries(owner_ids, places[offset : offset + PAGE])
            return LibraryPage(entries, number, len(places) > offset + PAGE)
        entries = await self.store.entries.list_newest(owner_ids, entry_filter, offset, PAGE + 1)
        return LibraryPage(entries[:PAGE], number, len(entries) > PAGE)

    async def list_of_kind(self, viewer: Viewer, kind: str, limit: int) -> list[LibraryEntry]:
        """Return up to `limit` entries of a kind, newest first."""
        return await self.store.entries.list_newest(viewer.owner_ids, EntryFilter(kind=kind), 0, limit)

    async def list_approved(self, viewer: Viewer, limit: int) -> list[LibraryEntry]:
        """Return up to `limit` of the team's approved texts: unpublished ones first, then published ones."""
        owner_ids = [owner_id for owner_id in viewer.owner_ids if is_workspace(owner_id)]
        filters = (EntryFilter(status=APPROVED), EntryFilter(status=PUBLISHED))
        if not owner_ids:
            return []
        pages = [await self.store.entries.list_newest(owner_ids, entry_filter, 0, limit) for entry_filter in filters]
        return [entry for page in pages for entry in page][:limit]

    async def load_entry(self, viewer: Viewer, place: EntryPlace) -> LibraryEntry:
        """Return an entry that a viewer can see.

        Raises:
            RefusedError: the entry does not exist, or the viewer cannot see it.
        """
        entries = await self.store.entries.load_entries(viewer.owner_ids, [place])
        if not entries:
            raise RefusedError(GONE)
        return entries[0]

    @shield
    async def add_result(self, generation: Generation, viewer: Viewer) -> tuple[LibraryEntry, bool]:
        """Add a viewer's own result to the server's library; return the entry, and whether it was added only now.

        Raises:
            PausedError: the viewer has paused storage.
            RefusedError: the result is another user's, there is no server, or the viewer is not an editor there.
            StorageError: the server has the maximum number of assets.
        """
        if not viewer.guild_id:
            raise RefusedError("A library belongs to a server. Do this in a channel of that server.")
        if generation.user_id != viewer.user_id:
            raise RefusedError("Only the person who asked for it can give it to the team.")
        await self.workspaces.require(viewer.guild_id, viewer.member, Permission.FILE)
        owner_id = workspace(viewer.guild_id)
        asset = Asset(
            generation.kind,
            find_title(generation.text, generation.parts),
            generation.text,
            generation.parts,
            strip_personal_fields(generation.request),
            generation.checks,
            generation.id,
            viewer.user_id,
            generation.brand,
            str(generation.why.get("to_check", "")),
        )
        async with self.recorder.transaction() as record:
            if is_new := await self.store.assets.add(owner_id, asset):
                await record(viewer.guild_id, "keep", viewer.user_id, asset.id, {"kind": asset.kind})
        asset_id = asset.id if is_new else await self.store.assets.find_by_source(owner_id, generation.id)
        return await self.load_entry(viewer, (owner_id, asset_id)), is_new

    async def star(self, viewer: Viewer, place: EntryPlace, *, starred: bool) -> LibraryEntry:
        """Star or unstar an entry; return the updated entry.

        Raises:
            RefusedError: the entry is deleted, the viewer cannot change it, or another member has changed it in the meantime.
        """
        return await self._mark(viewer, place, {"star": starred}, {"star": not starred})

    async def archive(self, viewer: Viewer, place: EntryPlace, *, archived: bool) -> LibraryEntry:
        """Archive an entry or restore it as a draft; return the updated entry. Raises the same errors as `star`."""
        if is_workspace(place[0]):
            step = Step.ARCHIVE if archived else Step.RESTORE
            entry = await self.load_editable(viewer, place)
            await self.reviewing.take_step(viewer.guild_id, viewer.member, entry.id, step, entry.version)
            return await self.load_entry(viewer, place)
        old_status, new_status = (DRAFT, ARCHIVED) if archived else (ARCHIVED, DRAFT)
        return await self._mark(viewer, place, {"status": new_status}, {"status": old_status})

    async def _mark(
        self, viewer: Viewer, place: EntryPlace, values: Mapping[str, Any], expected: Mapping[str, Any]
    ) -> LibraryEntry:
        """Set marks of an entry if it still has the expected values. Raises the same errors as `star`."""
        await self.load_editable(viewer, place)
        if not await self.store.entries.mark(*place, values, expected):
            raise EntryConflictError
        return await self.load_entry(viewer, place)

    async def set_collection(self, viewer: Viewer, place: EntryPlace, name: str, before: str | None) -> LibraryEntry:
        """Move an entry from the collection `before` to another, or to none if the name is empty. Raises the same errors as `star`."""
        await self.load_editable(viewer, place)
        if not await self.store.entries.set_collection(*place, " ".join(name.split())[:MAX_COLLECTION_NAME], before):
            raise EntryConflictError
        return await self.load_entry(viewer, place)

    async def load_editable(self, viewer: Viewer, place: EntryPlace) -> LibraryEntry:
        """Return an entry that a viewer may change.

        Raises:
            RefusedError: the entry is deleted, or the viewer cannot change it.
        """
        entry = await self.load_entry(viewer, place)
        if not can_edit(viewer, entry):
            raise RefusedError("Only the person who gave it to the team and owners can change it.")
        return entry

    async def list_collections(self, viewer: Viewer) -> list[EntryCollection]:
        """Return the collections that a viewer can see, in alphabetical order."""
        return await self.store.entries.list_collections(viewer.owner_ids)

    async def find_blanks(self, entry: LibraryEntry) -> list[Blank]:
        """Return the blanks of an entry used as a template.

        Raises:
            RefusedError: the entry has none.
        """
        blanks = await asyncio.to_thread(lambda: find_blanks(entry.text, identify_language(entry.text) or "en"))
        if not blanks:
            raise RefusedError("There is nothing to fill in: it has no names, dates, figures or prices.")
        return blanks

    async def use_template(
        self, viewer: Viewer, entry: LibraryEntry, values: Mapping[str, str], result_id: str
    ) -> LibraryEntry:
        """Create a result of the viewer from an entry, with new `values` (by old value) in its blanks.

        Raises:
            PausedError: the viewer has paused storage.
        """
        request = Request(result_id, viewer.user_id, str(entry.request.get("brief", "")), kind=entry.kind)
        generation = Generation(
            result_id,
            viewer.user_id,
            entry.kind,
            request.to_json(),
            fill(entry.text, values),
            fill_parts(entry.parts, values),
            [],
            persona="",
            engine="",
            seed=0,
            seconds=0.0,
        )
        await self.store.generations.add(generation)
        return await self.load_entry(viewer, (viewer.user_id, result_id))


def strip_personal_fields(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a request that may be shared with its result."""
    return {name: request[name] for name in _SHARED_REQUEST_FIELDS if request.get(name)}
