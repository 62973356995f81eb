"""Workspaces: what they own outlives who gave it, and goes with them; and databases of before there were any."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from test_forgetting import (
    build_keyring,
    can_open,
    find_neighbour,
    load_wrapped_key,
    open_database,
    read_parent_keys,
    store_profiles,
)

from bot.documents.knowledge import Knowledge
from bot.store import Store
from personas.learning import Signal
from personas.ledger import ME, channel, guild
from personas.persona import build_persona
from personas.style import Brand
from storage import migrations, owner_rows, tables
from storage.crypto import Keyring
from storage.database import Database
from storage.documents import Document, Documents, StoredPassage
from storage.errors import ForgottenError, PausedError, StorageError
from storage.generations import Generation
from storage.owner_keys import begin_work, begun_at
from storage.people import People
from storage.profiles import Profiles
from storage.retention import LEFT_RETENTION, Retention, ServerCounts
from storage.voices import Brands, OwnPersonas
from storage.workspaces import Workspaces

OPERATOR = b"k" * 32
ADA, BEN, SERVER = "7", "8", "1"
HERE = guild(SERVER)
OWL = build_persona({"title": "Night owl", "voice": "You write at night."})
OURS = Brand(name="Ours", samples=("We mend.",))
BEFORE = Path(__file__).parent / "data" / "before_owners.json"


async def give_things(database: Database, user_id: str = ADA) -> list[str]:
    """Give the server a persona, a brand and a document of a user; return their ids."""
    personas, brands, documents = OwnPersonas(database), Brands(database), Documents(database)
    made = [
        await personas.add(user_id, OWL),
        await brands.add(user_id, OURS),
        await documents.add_with_passages(
            user_id, Document("prices.md", 0, 1), [StoredPassage("35 euros.")], index=b"index"
        ),
    ]
    for things, one in zip((personas, brands, documents), made, strict=True):
        assert await things.give(user_id, one.id, SERVER)
    return [one.id for one in made]


async def load_visible(database: Database, user_id: str, *scopes: str) -> list[Any]:
    """Return what a user sees of personas, brands, documents, their indexes and passages."""
    documents = Documents(database)
    searched = await documents.list_searchable(user_id, scopes)
    parts = await documents.load_passages(user_id, [(one.id, 0) for one in searched], scopes)
    voices = [one.value for things in (OwnPersonas, Brands) for one in await things(database).list_all(user_id, scopes)]
    return [*voices, *(one.name for one in searched), *(one.open_index() for one in searched), *parts.values()]


EVERYTHING = [OWL, OURS, "prices.md", b"index", StoredPassage("35 euros.")]


async def test_workspace_items_outlive_their_giver_without_the_givers_id(database: Database) -> None:
    ids = await give_things(database)
    assert await load_visible(database, BEN, HERE, ME) == await load_visible(database, ADA, HERE, ME) == EVERYTHING
    assert await load_visible(database, ADA, ME) == [], "it is hers no more"
    assert [record["id"] for record in await People(database).list_contributions(ADA)] == [ids[1], ids[0], ids[2]]
    await People(database).forget(ADA)
    assert await load_visible(database, BEN, HERE, ME) == EVERYTHING
    assert await People(database).list_contributions(ADA) == []
    async with database.read() as connection:
        for table in tables.metadata.sorted_tables:
            assert ADA not in [value for row in await connection.execute(sa.select(table)) for value in row], table.name
    exported = await Workspaces(database).export(SERVER)
    assert {record["given_by"] for name in ("brands", "own_personas", "documents") for record in exported[name]} == {
        None
    }
    assert "35 euros." in repr(exported["passages"])


async def test_only_its_owner_gives_an_item_and_only_the_workspace_deletes_it(database: Database) -> None:
    personas = OwnPersonas(database)
    kept = await personas.add(ADA, OWL, HERE)
    assert not await personas.give(BEN, kept.id, SERVER)
    assert await personas.give(ADA, kept.id, SERVER)
    for user_id in (ADA, BEN):
        assert not await personas.give(user_id, kept.id, "2")
        assert not await personas.share(user_id, kept.id, ME)
        assert not await personas.put(user_id, kept.id, OWL)
        assert not await personas.delete(user_id, kept.id)
    assert not await personas.unshare(HERE, kept.id), "it is not lent"
    assert not await personas.delete(guild("2"), kept.id)
    assert await personas.delete(HERE, kept.id)
    assert await load_visible(database, ADA, HERE, ME) == []


async def test_a_given_item_can_replace_an_older_one_within_the_limit(database: Database) -> None:
    personas = OwnPersonas(database)
    personas._max_items = 1
    old, new = await personas.add(ADA, OWL), await personas.add(BEN, OWL)
    assert await personas.give(ADA, old.id, SERVER)
    with pytest.raises(StorageError, match="I can keep up to 1 of these for a server"):
        await personas.give(BEN, new.id, SERVER)
    assert [one.id for one in await personas.list_all(BEN)] == [new.id], "it is still his"
    assert await personas.give(BEN, new.id, SERVER, [old.id])
    assert [(one.id, one.given_by) for one in await personas.list_all("9", [HERE])] == [(new.id, BEN)]


async def test_a_paused_user_cannot_give_items(database: Database) -> None:
    kept = await OwnPersonas(database).add(ADA, OWL)
    await People(database).pause(ADA)
    with pytest.raises(PausedError):
        await OwnPersonas(database).give(ADA, kept.id, SERVER)
    with pytest.raises(PausedError):
        await Documents(database).add_with_passages(HERE, Document("a.md"), [], HERE, index=b"", given_by=ADA)


async def test_no_copy_of_a_forgotten_workspace_can_be_decrypted(url: str, tmp_path: Path) -> None:
    friend, file = find_neighbour(HERE), tmp_path / "parents.key"
    async with await open_database(url, build_keyring(tmp_path)) as database:
        await store_profiles(database, friend, ADA)
        await give_things(database)
        lent = await Brands(database).add(BEN, OURS, HERE)
        there = await Brands(database).add(BEN, OURS, channel("77"))
        elsewhere = await Brands(database).add(BEN, OURS, channel("88"))
        await Retention(database).record_join(SERVER, ["77"])
        await Retention(database).set_limits(SERVER, "person 3/minute")
        await Retention(database).allow_sharing(SERVER, allowed=True)
        copy = await load_wrapped_key(database, HERE)
        assert can_open(copy, HERE, read_parent_keys(file))
        assert (await Workspaces(database).forget(SERVER)).complete
        assert not can_open(copy, HERE, [OPERATOR, *read_parent_keys(file)])
        assert await load_visible(database, ADA, HERE, ME) == []
        assert not any((await Workspaces(database).count_rows(SERVER)).values())
        assert set(await Workspaces(database).export(SERVER)) == {"guilds"}, "that it is there"
        assert await Retention(database).get_limits(SERVER) == ""
        assert not await Retention(database).is_sharing_allowed(SERVER)
        scopes = {one.id: one.scope for one in await Brands(database).list_all(BEN)}
        assert scopes == {lent.id: ME, there.id: ME, elsewhere.id: channel("88")}, "what is lent here goes back"
        for user_id in (friend, ADA):
            assert (await Profiles(database).get(user_id)).role == "lamplighter", "what members wrote is theirs"


async def test_an_action_begun_before_does_not_restore_a_forgotten_workspace(database: Database) -> None:
    await give_things(database)
    kept = await OwnPersonas(database).add(BEN, OWL)
    token = begun_at.set(None)
    begin_work()
    try:
        await Workspaces(database).forget(SERVER)
        with pytest.raises(ForgottenError, match="forget this server"):
            await OwnPersonas(database).give(BEN, kept.id, SERVER)
    finally:
        begun_at.reset(token)
    assert await OwnPersonas(database).give(BEN, kept.id, SERVER), "what is begun after that is kept"


async def test_a_workspace_is_erased_thirty_days_after_the_bot_was_removed(database: Database) -> None:
    await give_things(database)
    await Brands(database).add(BEN, OURS, HERE)
    retention, now = Retention(database), datetime.now(UTC)
    assert await retention.count_rows(SERVER) == ServerCounts(1, 0, 1, 2, 1, 0), "of one person, beside what is its own"
    await retention.record_removal(SERVER, now=now)
    await retention.delete_expired(now=now + LEFT_RETENTION - timedelta(hours=1))
    assert (await load_visible(database, "9", HERE))[0] == OWL
    await retention.record_join(SERVER)
    await retention.delete_expired(now=now + 2 * LEFT_RETENTION)
    assert (await load_visible(database, "9", HERE))[0] == OWL, "the bot was added again"
    await retention.record_removal(SERVER, now=now)
    await retention.delete_expired(now=now + LEFT_RETENTION + timedelta(hours=1))
    assert await load_visible(database, "9", HERE) == []
    assert not any((await Workspaces(database).count_rows(SERVER)).values())
    assert [one.scope for one in await Brands(database).list_all(BEN)] == [ME]


async def test_erasing_a_server_without_data_rotates_no_keys(url: str, tmp_path: Path) -> None:
    async with await open_database(url, build_keyring(tmp_path)) as database:
        await store_profiles(database, find_neighbour(HERE))
        before = (tmp_path / "parents.key").read_text()
        retention, now = Retention(database), datetime.now(UTC)
        await retention.record_removal(SERVER, now=now)
        await retention.delete_expired(now=now + LEFT_RETENTION + timedelta(hours=1))
        assert (tmp_path / "parents.key").read_text() == before, "no neighbour was given a new parent"
        async with database.read() as connection:
            assert (await connection.execute(sa.select(tables.forgotten))).all() == []
            assert (await connection.execute(sa.select(tables.guilds))).all() == []


async def test_items_of_a_member_who_left_stay(database: Database) -> None:
    await give_things(database)
    retention, now = Retention(database), datetime.now(UTC)
    assert await retention.list_inactive_members(SERVER, now + timedelta(days=1)) == [], "a workspace is no member"
    await retention.record_membership(SERVER, ADA, is_member=False, now=now)
    await retention.delete_expired(now=now + LEFT_RETENTION + timedelta(hours=1))
    assert await load_visible(database, BEN, HERE) == EVERYTHING
    assert await People(database).list_contributions(ADA) == []
    assert await retention.list_unseen(now + timedelta(days=9)) == [ADA], "a workspace is never unseen"


async def test_a_key_rotation_includes_workspaces(url: str, tmp_path: Path) -> None:
    async with await open_database(url, build_keyring(tmp_path)) as database:
        await give_things(database)
        before = await load_wrapped_key(database, HERE)
        assert sorted(await database.owners.rewrap()) == [ADA, HERE]
        assert await load_wrapped_key(database, HERE) != before
        assert await load_visible(database, BEN, HERE) == EVERYTHING
    (tmp_path / "parents.key").unlink()
    unopened = Database(url, build_keyring(tmp_path))
    assert {one for those in (await unopened.owners.list_owners_by_lost_key()).values() for one in those} == {ADA, HERE}
    await unopened.close()


# Each moves something to where others would read it, or another thing into its place, and takes one text away.
MOVES = {
    "a document of a person's to a workspace": (
        "UPDATE documents SET owner_id = 'guild:1', scope = 'guild:1' WHERE id = :mine",
        "mine",
    ),
    "a document of a workspace's to a person": (
        "UPDATE documents SET owner_id = '9', scope = 'me' WHERE id = :ours",
        "ours",
    ),
    "a document of a workspace's to another": (
        "UPDATE documents SET owner_id = 'guild:2', scope = 'guild:2' WHERE id = :ours",
        "ours",
    ),
    "a document of a workspace's to a channel": ("UPDATE documents SET scope = 'channel:9' WHERE id = :ours", "ours"),
    "a document of a person's to a channel": ("UPDATE documents SET scope = 'channel:9' WHERE id = :mine", "mine"),
    "the seal of a document to one that is lent": (
        "UPDATE documents SET sealed = (SELECT o.sealed FROM documents o WHERE o.id = :mine) WHERE id = :lent",
        "lent",
    ),
    "the seal of a passage to one of a document that is lent": (
        "UPDATE passages SET sealed = (SELECT o.sealed FROM passages o WHERE o.document_id = :mine)"
        " WHERE document_id = :lent",
        "lent",
    ),
    "a passage to a document that is lent": (
        "UPDATE passages SET document_id = :lent, position = 1 WHERE document_id = :mine",
        "mine",
    ),
    "a passage of a person's to a workspace's document": (
        "UPDATE passages SET document_id = :ours, position = 1 WHERE document_id = :mine",
        "mine",
    ),
}


@pytest.mark.parametrize("how", sorted(MOVES))
async def test_a_row_moved_in_the_database_is_hidden_and_reported(database: Database, how: str) -> None:
    documents, scopes = Documents(database), ("guild:1", "guild:2", "channel:9")
    ids = {}
    for name, owner_id, scope in (("mine", ADA, ME), ("lent", ADA, channel("9")), ("ours", HERE, HERE)):
        ids[name] = (
            await documents.add_with_passages(owner_id, Document(name), [StoredPassage(name)], scope, index=b"i")
        ).id
    for owner_id in ("9", guild("2")):  # Each has a key of its own.
        await documents.add_with_passages(owner_id, Document("theirs"), [], owner_id, index=b"")
    places = [(one, at) for one in ids.values() for at in (0, 1)]

    async def load_texts(user_id: str) -> set[str]:
        return {part.text for part in (await documents.load_passages(user_id, places, scopes)).values()}

    assert (await load_texts("9"), await load_texts(ADA)) == ({"lent", "ours"}, {"mine", "lent", "ours"})
    words, lost = MOVES[how]
    async with database.write() as connection:
        await connection.execute(sa.text(words), {name: one for name, one in ids.items() if f":{name}" in words})
    assert (await load_texts("9"), await load_texts(ADA)) == (
        {"lent", "ours"} - {lost},
        {"mine", "lent", "ours"} - {lost},
    )
    owners = ADA, "9", HERE, guild("2")
    whole = 0 if "passage" in how else 1
    assert len({one.id for user_id in owners for one in await documents.list_all(user_id, scopes)}) == 5 - whole
    assert sum([len(await documents.list_damaged_ids(one)) for one in owners]) == whole
    exported = [await People(database).export(ADA), await People(database).export("9")]
    exported += [await Workspaces(database).export(one) for one in "12"]
    unreadable = [row for found in exported for rows in found.values() for row in rows if row.get("unreadable")]
    assert len({row.get("document_id") or row["id"] for row in unreadable}) == 1
    assert lost not in repr(unreadable)
    assert sum((await owner_rows.count_damaged_by_table(database)).values()) == len(unreadable), (
        "the operator is told of the same"
    )


async def test_a_row_moved_in_the_database_is_not_reencrypted_for_its_new_place(database: Database) -> None:
    """A later change, loan or gift must not do so."""
    personas = OwnPersonas(database)
    kept = await personas.add(ADA, OWL)
    async with database.write() as connection:
        await connection.execute(sa.text("UPDATE own_personas SET scope = 'channel:9'"))
    assert not await personas.put(ADA, kept.id, OWL)
    assert not await personas.share(ADA, kept.id, channel("9"))
    with pytest.raises(StorageError, match="does not match its key"):
        await personas.give(ADA, kept.id, SERVER)
    assert await personas.list_all("9", [channel("9")]) == await personas.list_all(ADA) == []
    assert await personas.get(ADA, kept.id) is None
    assert await personas.list_damaged_ids(ADA) == [kept.id]
    assert await personas.delete(ADA, kept.id), "its owner can be rid of it"
    assert await personas.list_damaged_ids(ADA) == []


async def test_sharing_or_giving_an_item_reencrypts_it(database: Database) -> None:
    personas = OwnPersonas(database)
    kept = await personas.add(ADA, OWL)
    for scope in (channel("9"), HERE, ME):
        assert await personas.share(ADA, kept.id, scope)
        assert [one.scope for one in await personas.list_all(ADA)] == [scope]
    assert await personas.give(ADA, kept.id, SERVER)
    assert [one.scope for one in await personas.list_all(BEN, [HERE])] == [HERE]
    assert await personas.list_damaged_ids(ADA) == await personas.list_damaged_ids(HERE) == []


async def test_one_damaged_row_does_not_hide_the_others(database: Database) -> None:
    profiles = Profiles(database)
    await profiles.update(ADA, lambda known: known.model_copy(update={"role": "baker", "organisation": "Fern & Fog"}))
    await profiles.use_persona(ADA, "teacher")
    await profiles.learn(ADA, [Signal("tone", "dry", "wish", "r"), Signal("tone", "kind", "wish", "r")], lambda *_: [])
    async with database.write() as connection:
        role = next(one.id for one in await profiles.list_entries(ADA) if one.field == "role")
        for words in (
            f"UPDATE preferences SET scope = 'channel:9' WHERE id = '{role}'",
            "UPDATE signals SET id = 'x' WHERE id = (SELECT min(id) FROM signals)",
            "UPDATE owners SET sealed = wrapped_key",
        ):
            await connection.execute(sa.text(words))
    held, choices = await profiles.load_known(ADA)
    assert (held.profile.role, held.profile.organisation, choices.persona) == ("", "Fern & Fog", None)
    assert [one.field for one in await profiles.list_entries(ADA)] == ["organisation"]
    assert await People(database).count_damaged(ADA) == 3
    await profiles.use_persona(ADA, "host")
    assert await profiles.get_persona(ADA) == "host"
    assert await People(database).count_damaged(ADA) == 2


async def migrate_old_database(url: str) -> Database:
    """Open a database that the version before workspaces wrote, migrated to this version."""
    kept = json.loads(BEFORE.read_text())
    old = Database(url, Keyring((OPERATOR,)))

    def write_old_rows(connection: sa.Connection) -> None:
        command.upgrade(migrations.config(connection, old.keys), kept["revision"])
        known = sa.MetaData()
        known.reflect(connection)
        for name, rows in kept["tables"].items():
            connection.execute(
                known.tables[name].insert(), [{k: _decode_value(v) for k, v in row.items()} for row in rows]
            )

    async with old.write() as connection:
        await connection.run_sync(write_old_rows)
    if not old.is_embedded:
        await old.upgrade()
    await old.close()
    return Database(url, Keyring((OPERATOR,)))


def _decode_value(kept: Any) -> Any:
    if not isinstance(kept, dict):
        return kept
    return bytes.fromhex(kept["hex"]) if "hex" in kept else datetime.fromisoformat(kept["at"]).replace(tzinfo=UTC)


async def test_rows_of_an_old_database_are_readable_and_keep_their_owners(empty_url: str) -> None:
    async with await migrate_old_database(empty_url):
        pass
    async with Store(empty_url, Keyring((OPERATOR,))) as store:
        for who, other in ((ADA, BEN), (BEN, ADA)):
            assert await store.people.count_damaged(who) == 0
            for scope in (ME, HERE, channel("11")):
                assert (await store.profiles.get(who, (scope,))).role == f"{scope} of {who}"
            assert await store.profiles.get_persona(who) == "teacher"
            [result] = await store.generations.list_latest(who, 9)
            assert (result.id, result.text, result.channel_id) == (f"r{who}", f"Mugs of {who}", "11")
            assert isinstance(await store.generations.get(f"r{who}", other, "11"), Generation)
            assert [vote.details for vote in (await store.generations.list_votes(who, "ad", {1: 5}))[1]] == [
                {"text": f"Mugs of {who}"}
            ]
            assert [one.value for one in await store.signals.list_all(who)] == ["dry"]
            assert [one.value.name for one in await store.brands.list_all(who)] == [f"Brand of {who}"]
            seen = await store.personas.list_all("9", [HERE])
            assert {one.value.title for one in seen} == {"Owl of 7", "Owl of 8"}
            [mine] = await store.documents.list_all(who)
            assert await store.documents.load_passages("9", [(mine.id, 0)], [channel("11")]) == {
                (mine.id, 0): StoredPassage(f"Prices of {who}.")
            }
            assert {one.open_index() for one in await store.documents.list_searchable("9", [channel("11")])} == {
                b"7",
                b"8",
            }
        assert await store.retention.get_limits(SERVER) == "person 3/minute"
        [mine] = await store.documents.list_all(ADA)
        assert await store.documents.give(ADA, mine.id, SERVER)
        await store.people.forget(ADA)
        assert [one.value.name for one in await store.documents.list_all("9", [HERE])] == ["7.md"]
        assert not any((await store.people.count_rows(ADA)).values())


async def test_a_downgrade_keeps_the_data_of_users(url: str) -> None:
    async with await open_database(url, Keyring((OPERATOR,))) as database:
        await give_things(database)
        await Brands(database).add(BEN, OURS)
        async with database.write() as connection:
            await connection.run_sync(lambda plain: command.downgrade(migrations.config(plain, database.keys), "0004"))
            owners = list(await connection.scalars(sa.text("SELECT user_id FROM brands")))
            keys = set(await connection.scalars(sa.text("SELECT user_id FROM users")))
    assert (owners, keys) == ([BEN], {ADA, BEN})
    database = await open_database(url, Keyring((OPERATOR,)))
    async with database:
        assert [one.value for one in await Brands(database).list_all(BEN)] == [OURS]


async def test_an_index_moved_in_the_database_finds_nothing(database: Database) -> None:
    knowledge = Knowledge(Documents(database))
    for name, text in (("a.md", b"Mugs cost 9 euros."), ("b.md", b"Bowls cost 12 euros.")):
        await knowledge.add(ADA, ME, name, text)
    assert [one.source for one in await knowledge.search(ADA, (), "mugs cost")] == ["a.md"]
    async with database.write() as connection:
        await connection.execute(sa.text("UPDATE indexes SET packed = (SELECT max(o.packed) FROM indexes o)"))
    found = [one.source for words in ("mugs cost", "bowls cost") for one in await knowledge.search(ADA, (), words)]
    assert len(found) == 1
