"""The service for brand books. Users edit those of their own brands; owners and chosen editors edit those of a server's brands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.content import Request
from bot.errors import RefusedError
from bot.generation.branding import list_legal_line_scopes
from bot.store import Store
from bot.team.workspace.recorder import Recorder
from bot.team.workspace.roles import Member, Permission, Role, any_has_permission
from bot.team.workspace.workspaces import Workspaces
from personas.book import Book
from personas.book_fields import format_field, list_changes, merge_data, set_field
from personas.style import Brand
from storage.owned_items import OwnedItem
from storage.owners import is_workspace, workspace
from storage.shielding import shield

# The sections of a brand's page, each with the fields that are edited together.
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "facts": ("about", "country", "facts"),
    "links": ("links",),
    "palette": ("palette",),
    "boilerplate": ("boilerplate",),
    "legal": ("legal",),
    "claims": ("claims",),
    "words": ("prefer", "avoid"),
}
_GONE = "That brand no longer exists here."
_ONLY_AUTHOR = "Only the person who made that brand can change it."
_ONLY_OWNERS = (
    "Only owners of this server can change that brand. They can allow editors or individual people with /brand edit."
)
_ONLY_NAMED_EDITORS = (
    "Only owners of this server and the people they chose can change that brand. Owners can allow more "
    "people with /brand edit."
)
_ONLY_OWNERS_SHARE = "Only owners can decide who may edit a brand of this server."
_SOMEONE_CHANGED_IT = (
    "Someone else changed this while you were writing, so your changes were not saved. Check it and make them again."
)


class SectionConflictError(RefusedError):
    """Another member has changed the section meanwhile; `book` is the current book, `changes` lists that member's changes."""

    def __init__(self, message: str, book: Book, changes: Sequence[str]) -> None:
        super().__init__(message)
        self.book, self.changes = book, changes


@dataclass(frozen=True, slots=True)
class BrandActor:
    """The member who acts, their server (empty in direct messages), and the scopes in force there."""

    member: Member
    guild_id: str = ""
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BrandView:
    """A brand as one member sees it, with whether they may edit it and choose its editors."""

    brand: OwnedItem[Brand]
    can_edit: bool
    can_share: bool

    @property
    def is_shared(self) -> bool:
        """Whether the brand belongs to a server."""
        return is_workspace(self.brand.owner_id)


def has_same_values(first: Book, second: Book, names: Iterable[str]) -> bool:
    """Return whether two books have the same values in the named fields."""
    return all(format_field(first, name) == format_field(second, name) for name in names)


@dataclass(frozen=True, slots=True)
class BrandBooks:
    """The service for brand books; it checks all permissions."""

    store: Store
    workspaces: Workspaces
    recorder: Recorder

    async def find_active(self, request: Request) -> OwnedItem[Brand] | None:
        """Return the brand for a request: the user's choice, else the default of the channel or server; None if there is none."""
        defaults, scopes = await self.workspaces.load_defaults(request), request.scopes
        _, choices = await self.store.profiles.load_known(request.user_id, scopes, default_brand=defaults.brand)
        brand_id = choices.resolve_brand(defaults.brand)
        return await self.store.brands.get(request.user_id, brand_id, scopes) if brand_id else None

    async def open(self, actor: BrandActor, brand_id: str) -> BrandView:
        """Return the view of a brand that a member can use: their own, the server's, or one shared in the actor's scopes.

        Raises:
            RefusedError: no such brand exists.
        """
        brand = await self.store.brands.get(actor.member.user_id, brand_id, actor.scopes)
        if brand is None:
            raise RefusedError(_GONE)
        if brand.owner_id == actor.member.user_id:
            return BrandView(brand, can_edit=True, can_share=False)
        if brand.owner_id != workspace(actor.guild_id or 0):
            return BrandView(brand, can_edit=False, can_share=False)
        roles = await self.workspaces.find_roles(actor.guild_id, actor.member)
        return BrandView(
            brand, _can_edit(brand.value.book, actor.member, roles), any_has_permission(roles, Permission.CONFIGURE)
        )

    async def load_editable(self, actor: BrandActor, brand_id: str) -> BrandView:
        """Return the view of a brand that a member may edit.

        Raises:
            RefusedError: the brand does not exist, or the member may not edit it; the message says who may.
        """
        view = await self.open(actor, brand_id)
        if not view.can_edit:
            raise _build_refusal(view.brand)
        return view

    async def write(
        self, actor: BrandActor, brand_id: str, texts: Mapping[str, str], base: Book | None = None
    ) -> tuple[Book, list[str]]:
        """Set fields of a book from texts by field name; return the new book and the changes.

        `base` is the book that the member has edited, by which conflicts are found; None skips this check.

        Raises:
            BookError: a text is not valid for its field.
            SectionConflictError: another member has changed the fields in the meantime.
            RefusedError: the brand does not exist, or the member may not edit it.
        """

        def change(book: Book) -> Book:
            for name, text in texts.items():
                book = set_field(book, name, text, list_legal_line_scopes())
            return book

        return await self._change_book(actor, brand_id, change, tuple(texts), base)

    async def import_book(self, actor: BrandActor, brand_id: str, data: object) -> tuple[Book, list[str]]:
        """Merge the data of a file into a brand's book; return the new book and the changes.

        Raises:
            BookError: the data is not valid.
            RefusedError: the brand does not exist, or the member may not edit it.
        """
        names = tuple(name for names in SECTIONS.values() for name in names)
        return await self._change_book(
            actor, brand_id, lambda book: merge_data(book, data, list_legal_line_scopes()), names, None
        )

    async def set_editors(self, actor: BrandActor, brand_id: str, **editors: Any) -> Book:
        """Set who may edit a server's brand besides its owners: the fields `open_to` (all editors or nobody) and `named` (user ids).

        Raises:
            RefusedError: the brand is not the server's, or the member is not an owner.
        """
        view = await self.open(actor, brand_id)
        if not view.can_share:
            raise RefusedError(_ONLY_OWNERS_SHARE)
        validated = Book.model_validate({**view.brand.value.book.model_dump(), **editors})
        values = {name: getattr(validated, name) for name in editors}
        return await self._save(
            actor, view, lambda brand: _with_book(brand, brand.book.model_copy(update=values)), lambda: ["editors"]
        )

    async def _change_book(
        self, actor: BrandActor, brand_id: str, change: Any, names: Sequence[str], base: Book | None
    ) -> tuple[Book, list[str]]:
        view = await self.load_editable(actor, brand_id)
        roles = await self.workspaces.find_roles(actor.guild_id, actor.member) if view.is_shared else frozenset[Role]()
        changes = list[str]()

        def change_brand(brand: Brand) -> Brand:
            # The editors may have changed since the brand was loaded.
            if view.is_shared and not _can_edit(brand.book, actor.member, roles):
                raise _build_refusal(view.brand)
            new_book = change(brand.book)
            if (
                base is not None
                and not has_same_values(brand.book, base, names)
                and not has_same_values(brand.book, new_book, names)
            ):
                raise SectionConflictError(_SOMEONE_CHANGED_IT, brand.book, list_changes(base, brand.book, names))
            changes[:] = list_changes(brand.book, new_book, names)
            return _with_book(brand, new_book)

        # The audit log has only the names of the fields.
        return await self._save(actor, view, change_brand, lambda: list(names) if changes else []), changes

    @shield
    async def _save(
        self, actor: BrandActor, view: BrandView, change: Callable[[Brand], Brand], fields: Callable[[], list[str]]
    ) -> Book:
        """Change a brand; for a server's brand, record the changed fields in the audit log. `fields` is called after the change."""
        brand = view.brand
        if not view.is_shared:
            saved_brand = await self.store.brands.change(brand.owner_id, brand.id, change)
        else:
            async with self.recorder.transaction(f"brands {brand.owner_id}") as record:
                saved_brand = await self.store.brands.change(brand.owner_id, brand.id, change)
                if saved_brand is not None and (changed_fields := fields()):
                    details = {"brand": saved_brand.name, "changed": changed_fields}
                    await record(actor.guild_id, "brand", actor.member.user_id, brand.id, details)
        if saved_brand is None:
            raise RefusedError(_GONE)
        return saved_brand.book


def _with_book(brand: Brand, book: Book) -> Brand:
    return brand.model_copy(update={"book": book})


def _can_edit(book: Book, member: Member, roles: Collection[Role]) -> bool:
    if any_has_permission(roles, Permission.CONFIGURE) or member.user_id in book.named:
        return True
    return book.open_to == "editors" and any_has_permission(roles, Permission.FILE)


def _build_refusal(brand: OwnedItem[Brand]) -> RefusedError:
    if not is_workspace(brand.owner_id):
        return RefusedError(_ONLY_AUTHOR)
    if brand.value.book.named or brand.value.book.open_to == "editors":
        return RefusedError(_ONLY_NAMED_EDITORS)
    return RefusedError(_ONLY_OWNERS)
