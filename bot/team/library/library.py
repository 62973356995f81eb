"""The library of a team: own results and the server's assets as one list, and what people do with an entry."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.checks.language import identify_language
from bot.content import Request
from bot.errors import RefusedError
from bot.store import Store
from bot.team.review.service import GONE, MovedOnError, ReviewService
from bot.team.review.steps import Step
from bot.team.titles import title_of
from bot.team.workspace.recorder import Recorder
from bot.team.workspace.roles import Member, Permission, Role, any_has_permission
from bot.team.workspace.workspaces import Workspaces
from storage.assets import APPROVED, ARCHIVED, DRAFT, PUBLISHED, Asset
from storage.entries import EntryFilter, Group, LibraryEntry, Place
from storage.generations import Generation
from storage.owners import is_workspace, workspace
from storage.shielded import shielded

from .finding import Finding
from .templates import Blank, blanks, filled, filled_parts

# Entries that a page has room for.
PAGE = 5
MAX_COLLECTION_NAME = 60
# What of a request tells how a text came to be, and not whose it was or where.
_OF_REQUEST = ("brief", "kind", "tone", "audience", "length", "language", "notes", "scale")
_TAKEN = "Someone else has just changed it. Here is how it looks now."


@dataclass(frozen=True, slots=True)
class LibraryPage:
    """A page of a list, from 0: its entries, and whether there are more behind it."""

    entries: Sequence[LibraryEntry]
    number: int
    goes_on: bool


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, and where: a person, the server they are in, and what they are in that."""

    member: Member
    guild_id: str = ""
    roles: frozenset[Role] = frozenset()

    @property
    def user_id(self) -> str:
        """The id of the person."""
        return self.member.user_id

    @property
    def owner_ids(self) -> list[str]:
        """Whose entries they see."""
        return [self.user_id, *([workspace(self.guild_id)] if self.guild_id else [])]


class TakenError(MovedOnError):
    """Somebody else changed an entry while it was on the screen."""

    def __init__(self) -> None:
        super().__init__(_TAKEN)


def may_edit(viewer: Viewer, entry: LibraryEntry) -> bool:
    """Whether somebody may change an entry: their own; of the server's what they gave as long as they file, or all as its owner."""
    if not entry.shared:
        return entry.owner_id == viewer.user_id
    if entry.owner_id not in viewer.owner_ids:
        return False
    gave = entry.author == viewer.user_id and any_has_permission(viewer.roles, Permission.FILE)
    return gave or any_has_permission(viewer.roles, Permission.CONFIGURE)


@dataclass(frozen=True, slots=True)
class Library:
    """Stands between the commands and the stores: every call says who looks, and where."""

    store: Store
    finding: Finding
    workspaces: Workspaces
    recorder: Recorder
    reviewing: ReviewService

    async def viewer(self, guild_id: str, member: Member) -> Viewer:
        """Who looks, with what they are in the server; in none where that is empty."""
        roles = await self.workspaces.find_roles(guild_id, member) if guild_id else frozenset()
        return Viewer(member, guild_id, roles)

    async def page(
        self, viewer: Viewer, words: str, wanted: EntryFilter, number: int, spoken: str = "en"
    ) -> LibraryPage:
        """A page of the wanted entries: those that bear on the words, best first, or without words the newest first."""
        owner_ids, first = viewer.owner_ids, number * PAGE
        if wanted.brand:  # Which brand a result of before has is known once it stands on a shelf.
            for owner_id in owner_ids:
                await self.finding.put_up(owner_id)
        if words:
            places = await self.finding.search(owner_ids, words, wanted, spoken)
            entries = await self.store.entries.entries(owner_ids, places[first : first + PAGE])
            return LibraryPage(entries, number, len(places) > first + PAGE)
        entries = await self.store.entries.newest(owner_ids, wanted, first, PAGE + 1)
        return LibraryPage(entries[:PAGE], number, len(entries) > PAGE)

    async def of_kind(self, viewer: Viewer, kind: str, most: int) -> list[LibraryEntry]:
        """So many entries of a kind that somebody sees, newest first."""
        return await self.store.entries.newest(viewer.owner_ids, EntryFilter(kind=kind), 0, most)

    async def approved(self, viewer: Viewer, most: int) -> list[LibraryEntry]:
        """So many of the team's texts that go out as they were approved: those that wait for it, then those that did already."""
        owner_ids = [one for one in viewer.owner_ids if is_workspace(one)]
        wanted = (EntryFilter(status=APPROVED), EntryFilter(status=PUBLISHED))
        pages = [await self.store.entries.newest(owner_ids, one, 0, most) for one in wanted] if owner_ids else []
        return [entry for page in pages for entry in page][:most]

    async def entry(self, viewer: Viewer, place: Place) -> LibraryEntry:
        """An entry that somebody sees.

        Raises:
            RefusedError: there is none, or they do not see it.
        """
        found = await self.store.entries.entries(viewer.owner_ids, [place])
        if not found:
            raise RefusedError(GONE)
        return found[0]

    @shielded
    async def keep(self, generation: Generation, viewer: Viewer) -> tuple[LibraryEntry, bool]:
        """Gives somebody's own result to the library of the server they are in; tells whether it was not there yet.

        Raises:
            PausedError: they want nothing to be kept.
            RefusedError: it is another's, they are in no server, or only read along there.
            StorageError: the server has as many as are kept.
        """
        if not viewer.guild_id:
            raise RefusedError("A library belongs to a server. Do this in a channel of that server.")
        if generation.user_id != viewer.user_id:
            raise RefusedError("Only the person who asked for it can give it to the team.")
        await self.workspaces.require(viewer.guild_id, viewer.member, Permission.FILE)
        owner_id = workspace(viewer.guild_id)
        asset = Asset(
            generation.kind, title_of(generation.text, generation.parts), generation.text, generation.parts,
            without_person(generation.request), generation.checks, generation.id, viewer.user_id, generation.brand,
        )  # fmt: skip
        async with self.recorder.transaction() as note:
            if fresh := await self.store.assets.keep(owner_id, asset):
                await note(viewer.guild_id, "keep", viewer.user_id, asset.id, {"kind": asset.kind})
        kept_id = asset.id if fresh else await self.store.assets.made_of(owner_id, generation.id)
        return await self.entry(viewer, (owner_id, kept_id)), fresh

    async def star(self, viewer: Viewer, place: Place, *, starred: bool) -> LibraryEntry:
        """Puts a star on an entry, or takes it off; gives it as it stands then.

        Raises:
            RefusedError: it is gone, not theirs to change, or somebody else was quicker.
        """
        return await self._mark(viewer, place, {"star": starred}, {"star": not starred})

    async def archive(self, viewer: Viewer, place: Place, *, away: bool) -> LibraryEntry:
        """Puts an entry away, or back among the drafts; gives it as it stands then. Raises as `star` does."""
        if is_workspace(place[0]):
            step = Step.ARCHIVE if away else Step.RESTORE
            found = await self.editable(viewer, place)
            await self.reviewing.take_step(viewer.guild_id, viewer.member, found.id, step, found.version)
            return await self.entry(viewer, place)
        old, new = (DRAFT, ARCHIVED) if away else (ARCHIVED, DRAFT)
        return await self._mark(viewer, place, {"status": new}, {"status": old})

    async def _mark(
        self, viewer: Viewer, place: Place, change: Mapping[str, Any], before: Mapping[str, Any]
    ) -> LibraryEntry:
        await self.editable(viewer, place)
        if not await self.store.entries.mark(*place, change, before):
            raise TakenError
        return await self.entry(viewer, place)

    async def collect(self, viewer: Viewer, place: Place, name: str, before: str | None) -> LibraryEntry:
        """Puts an entry into a collection, or for an empty name into none, where it is in the one that was seen; raises as `star`."""
        await self.editable(viewer, place)
        if not await self.store.entries.collect(*place, " ".join(name.split())[:MAX_COLLECTION_NAME], before):
            raise TakenError
        return await self.entry(viewer, place)

    async def editable(self, viewer: Viewer, place: Place) -> LibraryEntry:
        """An entry that somebody may change.

        Raises:
            RefusedError: it is gone, or not theirs to change.
        """
        found = await self.entry(viewer, place)
        if not may_edit(viewer, found):
            raise RefusedError("Only the person who gave it to the team and owners can change it.")
        return found

    async def collections(self, viewer: Viewer) -> list[Group]:
        """The collections that somebody sees, in the order of the alphabet."""
        return await self.store.entries.collections(viewer.owner_ids)

    async def blanks_of(self, entry: LibraryEntry) -> list[Blank]:
        """What can be filled in where an entry is used as a template.

        Raises:
            RefusedError: there is nothing.
        """
        found = await asyncio.to_thread(lambda: blanks(entry.text, identify_language(entry.text) or "en"))
        if not found:
            raise RefusedError("There is nothing to fill in: it has no names, dates, figures or prices.")
        return found

    async def use_template(
        self, viewer: Viewer, entry: LibraryEntry, values: Mapping[str, str], result_id: str
    ) -> LibraryEntry:
        """A new result of somebody's own, which is an entry with other values in its blanks.

        Raises:
            PausedError: they want nothing to be kept.
        """
        request = Request(result_id, viewer.user_id, str(entry.request.get("brief", "")), kind=entry.kind)
        made = Generation(
            result_id, viewer.user_id, entry.kind, request.as_json(), filled(entry.text, values),
            filled_parts(entry.parts, values), [], persona="", engine="", seed=0, seconds=0.0,
        )  # fmt: skip
        await self.store.generations.add(made)
        return await self.entry(viewer, (viewer.user_id, result_id))


def without_person(request: Mapping[str, Any]) -> dict[str, Any]:
    """What of a request goes to the team with its result."""
    return {name: request[name] for name in _OF_REQUEST if request.get(name)}
