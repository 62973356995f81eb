"""Things that are lent: personas, brands and documents, by owner and scope."""

from __future__ import annotations

import asyncio

import pytest

from personas.book import Book
from personas.ledger import ME, channel, guild
from personas.persona import Persona, build_persona
from personas.style import Brand
from storage import tables
from storage.database import Database
from storage.documents import Document, Documents, PassagePlace, StoredPassage
from storage.errors import StorageError
from storage.owners import workspace
from storage.voices import Brands, OwnPersonas

OWL = build_persona({"title": "Night owl", "voice": "You write at night."})
LARK = build_persona({"title": "Lark", "voice": "You write at dawn."})
HERE, ELSEWHERE = guild(1), guild(2)


@pytest.fixture
def personas(database: Database) -> OwnPersonas:
    return OwnPersonas(database)


async def test_a_shared_item_is_visible_only_where_it_is_shared(personas: OwnPersonas) -> None:
    kept = await personas.add("7", OWL)
    assert await personas.get("8", kept.id, (HERE,)) is None
    assert await personas.share("7", kept.id, HERE)
    for scopes, seen in (((HERE, ME), True), ((ELSEWHERE, ME), False), ((channel(1), ME), False), ((ME,), False)):
        found = await personas.get("8", kept.id, scopes)
        assert (found.value if found else None) == (OWL if seen else None)
        assert [one.value for one in await personas.list_all("8", scopes)] == ([OWL] if seen else [])
    assert [one.scope for one in await personas.list_all("7")] == [HERE]


async def test_only_its_owner_changes_shares_or_deletes_an_item(personas: OwnPersonas) -> None:
    kept = await personas.add("7", OWL, HERE)
    assert not await personas.put("8", kept.id, LARK)
    assert not await personas.share("8", kept.id, ELSEWHERE)
    assert not await personas.delete("8", kept.id)
    assert await personas.put("7", kept.id, LARK)
    assert [one.value for one in await personas.list_all("8", (HERE,))] == [LARK]
    assert await personas.delete("7", kept.id)
    assert await personas.list_all("7", (HERE,)) == []


async def test_managers_can_remove_items_shared_with_their_server(personas: OwnPersonas) -> None:
    kept = await personas.add("7", OWL, HERE)
    assert not await personas.unshare(ELSEWHERE, kept.id)
    assert not await personas.unshare(ME, kept.id)
    assert await personas.unshare(HERE, kept.id)
    assert await personas.list_all("8", (HERE,)) == []
    assert [one.scope for one in await personas.list_all("7")] == [ME]


async def test_the_number_of_items_is_limited(personas: OwnPersonas) -> None:
    personas._max_items = 2
    for _ in range(2):
        await personas.add("7", OWL)
    with pytest.raises(StorageError, match="I can keep up to 2 of these"):
        await personas.add("7", OWL)
    await personas.add("8", OWL)


async def test_a_document_is_searched_and_opened_only_where_it_is_visible(database: Database) -> None:
    documents = Documents(database)
    parts = [StoredPassage("One.", 1, "Opening"), StoredPassage("Two.", 2)]
    mine = await documents.add_with_passages("7", Document("a.pdf", 2, 2), parts, index=b"mine")
    theirs = await documents.add_with_passages(
        "8", Document("b.pdf", 0, 1), [StoredPassage("Theirs.")], HERE, index=b"theirs"
    )
    first, second, other = (mine.id, 0), (mine.id, 1), (theirs.id, 0)

    async def load_visible(user_id: str, *scopes: str) -> tuple[dict[str, bytes], dict[PassagePlace, StoredPassage]]:
        found = await documents.list_searchable(user_id, scopes)
        opened = await documents.load_passages(user_id, [second, first, other, (mine.id, 7), ("none", 0)], scopes)
        return {one.name: one.open_index() for one in found}, opened

    own = dict(zip((first, second), parts, strict=True))
    assert await load_visible("7", ME) == ({"a.pdf": b"mine"}, own)
    assert await load_visible("7", HERE, ME) == (
        {"a.pdf": b"mine", "b.pdf": b"theirs"},
        {**own, other: StoredPassage("Theirs.")},
    )
    assert await load_visible("9", HERE, ME) == ({"b.pdf": b"theirs"}, {other: StoredPassage("Theirs.")})
    assert await load_visible("9", ME) == await load_visible("9", ELSEWHERE, ME) == ({}, {})
    assert await documents.share("7", mine.id, ELSEWHERE)
    assert await load_visible("7", HERE, ME) == await load_visible("7", HERE), "its owner has it everywhere"
    assert "a.pdf" in (await load_visible("7", HERE, ME))[0]
    assert await documents.delete("7", mine.id)
    assert await load_visible("7", ME) == ({}, {})
    async with database.read() as connection:
        for table in (tables.passages, tables.indexes):
            rows = await connection.execute(table.select())
            assert {row.document_id for row in rows} == {theirs.id}, "nothing is left of it"


async def test_only_the_newest_documents_are_searched(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.documents.MAX_SEARCHED_PASSAGES", 3)
    documents = Documents(database)
    for name in "abc":
        await documents.add_with_passages(
            "7", Document(name, 0, 2), [StoredPassage("One."), StoredPassage("Two.")], index=b""
        )
    assert [one.name for one in await documents.list_searchable("7")] == ["c", "b"]


async def test_documents_and_personas_are_not_readable_in_the_tables(database: Database) -> None:
    await Documents(database).add_with_passages(
        "7", Document("secret-name.pdf"), [StoredPassage("A secret passage.", 1)], index=b"secret"
    )
    await OwnPersonas(database).add("7", build_persona({"title": "A secret", "voice": "A secret voice."}))
    async with database.read() as connection:
        for table in (tables.documents, tables.passages, tables.indexes, tables.own_personas):
            rows = (await connection.execute(table.select())).all()
            assert rows
            assert "secret" not in str(rows)


async def test_a_change_applies_to_the_newest_value_and_an_error_changes_nothing(personas: OwnPersonas) -> None:
    kept = await personas.add("7", OWL, HERE)

    def rename(one: Persona) -> Persona:
        return one.model_copy(update={"title": f"{one.title}!"})

    def refuse(_: Persona) -> Persona:
        raise StorageError("No.")

    await asyncio.gather(*(personas.change("7", kept.id, rename) for _ in range(3)))
    with pytest.raises(StorageError, match="No"):
        await personas.change("7", kept.id, refuse)
    assert await personas.change("8", kept.id, rename) is None
    assert await personas.change("7", "none", rename) is None
    assert [one.value.title for one in await personas.list_all("8", (HERE,))] == ["Night owl!!!"]


async def test_an_item_moved_in_the_database_is_not_changed(personas: OwnPersonas, database: Database) -> None:
    kept = await personas.add("7", OWL)
    async with database.write() as connection:
        await connection.execute(tables.own_personas.update().values(scope=HERE))
    assert await personas.change("7", kept.id, lambda _: LARK) is None
    assert await personas.list_damaged_ids("7") == [kept.id]


async def test_a_forgotten_user_is_no_longer_an_editor_of_workspace_brands(database: Database) -> None:
    brands, owner = Brands(database), workspace(1)
    named = Brand(name="Ours", samples=(), book=Book(named=("7", "8"), about="We mend."))
    ours = await brands.add(owner, named, owner)
    await brands.add(owner, Brand(name="Theirs", samples=(), book=Book(named=("8",))), owner)
    own = await brands.add("9", named)
    assert await brands.forget_editor("7") == 1
    assert await brands.forget_editor("7") == 0
    books = {one.id: one.value.book for one in await brands.list_all(owner)}
    assert (books[ours.id].named, books[ours.id].about) == (("8",), "We mend.")
    kept = await brands.get("9", own.id)
    assert kept is not None
    assert kept.value.book.named == ("7", "8"), "a person's own is nobody else's to edit"
