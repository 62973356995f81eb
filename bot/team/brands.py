"""What brands hold, and who may change it: a person's own is theirs, a server's is its owners', and of whom these let."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.content import Request
from bot.errors import RefusedError
from bot.generation.branded import places_known
from bot.store import Store
from bot.team.workspace.recording import Recorder
from bot.team.workspace.roles import Act, Member, Role, any_may
from bot.team.workspace.workspaces import Workspaces
from personas.book import Book, format_field, list_changes, merge_data, set_field
from personas.style import Brand
from storage.owned import Owned
from storage.owners import is_workspace, workspace
from storage.shielded import shielded

# The sections of a brand's page, each with the fields that are written together.
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "facts": ("about", "country", "facts"), "links": ("links",), "palette": ("palette",), "boilerplate": ("boilerplate",),
    "legal": ("legal",), "claims": ("claims",), "words": ("prefer", "avoid"),
}  # fmt: skip
_GONE = "That brand no longer exists here."
_LENT = "Only the person who made that brand can change it."
_OWNERS = (
    "Only owners of this server can change that brand. They can allow editors or individual people with /brand edit."
)
_CHOSEN = (
    "Only owners of this server and the people they chose can change that brand. Owners can allow more "
    "people with /brand edit."
)
_WHO = "Only owners can decide who may edit a brand of this server."
_TAKEN = (
    "Someone else changed this while you were writing, so your changes were not saved. Look at it again and "
    "repeat them."
)


class TakenError(RefusedError):
    """Somebody else changed a section while it was being written; the book is as it stands now, `changed` what became other."""

    def __init__(self, said: str, book: Book, changed: Sequence[str]) -> None:
        super().__init__(said)
        self.book, self.changed = book, changed


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and where: the server, empty for none, and the scopes that are in force there."""

    member: Member
    guild_id: str = ""
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """A brand as somebody sees it: whether they may edit it, and say who else may."""

    brand: Owned[Brand]
    may_edit: bool
    may_share: bool

    @property
    def is_shared(self) -> bool:
        """Whether it is a server's own."""
        return is_workspace(self.brand.owner_id)


def same(one: Book, other: Book, names: Iterable[str]) -> bool:
    """Whether two books say the same in some fields."""
    return all(format_field(one, name) == format_field(other, name) for name in names)


@dataclass(frozen=True, slots=True)
class BrandBooks:
    """The books of brands. Whatever asks, who may do something is decided here."""

    store: Store
    workspaces: Workspaces
    recorder: Recorder

    async def in_use(self, request: Request) -> Owned[Brand] | None:
        """The brand in whose voice a request is written: whoever asks has chosen it, or it is usual there; None for none."""
        usual, scopes = await self.workspaces.usual(request), request.scopes
        _, choices = await self.store.profiles.known(request.user_id, scopes, usual_brand=usual.brand)
        brand_id = choices.brand_among(usual.brand)
        return await self.store.brands.get(request.user_id, brand_id, scopes) if brand_id else None

    async def open(self, asker: Asker, brand_id: str) -> Opened:
        """A brand of that id that somebody may use here: their own, the server's, or one that is lent to the place.

        Raises:
            RefusedError: there is none.
        """
        found = await self.store.brands.get(asker.member.user_id, brand_id, asker.scopes)
        if found is None:
            raise RefusedError(_GONE)
        if found.owner_id == asker.member.user_id:
            return Opened(found, may_edit=True, may_share=False)
        if found.owner_id != workspace(asker.guild_id or 0):
            return Opened(found, may_edit=False, may_share=False)
        roles = await self.workspaces.roles(asker.guild_id, asker.member)
        return Opened(found, _may_edit(found.value.book, asker.member, roles), any_may(roles, Act.SETTLE))

    async def editable(self, asker: Asker, brand_id: str) -> Opened:
        """A brand that somebody may edit.

        Raises:
            RefusedError: there is none of that id, or they may not; the sentence says who may.
        """
        opened = await self.open(asker, brand_id)
        if not opened.may_edit:
            raise _refusal(opened.brand)
        return opened

    async def write(
        self, asker: Asker, brand_id: str, texts: Mapping[str, str], was: Book | None = None
    ) -> tuple[Book, list[str]]:
        """Puts what somebody wrote into some fields; gives the book then, and what became other.

        `was` is the book as it was when they began to write, None where that does not matter.

        Raises:
            BookError: a field cannot hold that.
            TakenError: somebody else was quicker.
            RefusedError: there is no such brand, or they may not edit it.
        """

        def change(book: Book) -> Book:
            for name, text in texts.items():
                book = set_field(book, name, text, places_known())
            return book

        return await self._changed(asker, brand_id, change, tuple(texts), was)

    async def take(self, asker: Asker, brand_id: str, data: object) -> tuple[Book, list[str]]:
        """Puts what a file holds into a brand.

        Raises:
            BookError: it holds what no brand can.
            RefusedError: there is no such brand, or they may not edit it.
        """
        names = tuple(name for names in SECTIONS.values() for name in names)
        return await self._changed(asker, brand_id, lambda book: merge_data(book, data, places_known()), names, None)

    async def share(self, asker: Asker, brand_id: str, **who: Any) -> Book:
        """Says who may edit a brand of a server beside its owners: `open_to` its editors or nobody else, and the people `named`.

        Raises:
            RefusedError: it is none of the server's, or whoever asks is no owner.
        """
        opened = await self.open(asker, brand_id)
        if not opened.may_share:
            raise RefusedError(_WHO)
        checked = Book.model_validate({**opened.brand.value.book.model_dump(), **who})
        values = {name: getattr(checked, name) for name in who}
        return await self._keep(
            asker, opened, lambda brand: _with(brand, brand.book.model_copy(update=values)), lambda: ["editors"]
        )

    async def _changed(
        self, asker: Asker, brand_id: str, change: Any, names: Sequence[str], was: Book | None
    ) -> tuple[Book, list[str]]:
        opened = await self.editable(asker, brand_id)
        roles = await self.workspaces.roles(asker.guild_id, asker.member) if opened.is_shared else frozenset[Role]()
        told = list[str]()

        def changed(brand: Brand) -> Brand:
            # Who may edit it can have become other since it was read.
            if opened.is_shared and not _may_edit(brand.book, asker.member, roles):
                raise _refusal(opened.brand)
            after = change(brand.book)
            if was is not None and not same(brand.book, was, names) and not same(brand.book, after, names):
                raise TakenError(_TAKEN, brand.book, list_changes(was, brand.book, names))
            told[:] = list_changes(brand.book, after, names)
            return _with(brand, after)

        # Names of fields are enough: what a brand holds stands in the brand.
        return await self._keep(asker, opened, changed, lambda: list(names) if told else []), told

    @shielded
    async def _keep(
        self, asker: Asker, opened: Opened, change: Callable[[Brand], Brand], fields: Callable[[], list[str]]
    ) -> Book:
        """Changes a brand; of a server's it is noted by whom, and which fields."""
        brand = opened.brand
        if not opened.is_shared:
            kept = await self.store.brands.change(brand.owner_id, brand.id, change)
        else:
            async with self.recorder.acting(f"brands {brand.owner_id}") as note:
                kept = await self.store.brands.change(brand.owner_id, brand.id, change)
                if kept is not None and (changed := fields()):
                    details = {"brand": kept.name, "changed": changed}
                    await note(asker.guild_id, "brand", asker.member.user_id, brand.id, details)
        if kept is None:
            raise RefusedError(_GONE)
        return kept.book


def _with(brand: Brand, book: Book) -> Brand:
    return brand.model_copy(update={"book": book})


def _may_edit(book: Book, member: Member, roles: Collection[Role]) -> bool:
    if any_may(roles, Act.SETTLE) or member.user_id in book.named:
        return True
    return book.open_to == "editors" and any_may(roles, Act.FILE)


def _refusal(brand: Owned[Brand]) -> RefusedError:
    if not is_workspace(brand.owner_id):
        return RefusedError(_LENT)
    if brand.value.book.named or brand.value.book.open_to == "editors":
        return RefusedError(_CHOSEN)
    return RefusedError(_OWNERS)
