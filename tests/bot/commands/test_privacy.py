"""/privacy: what is kept of a person, counted, given, deleted and stopped; counts for a server's admins."""

from __future__ import annotations

import base64
import json
import re
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import discord
import pytest
from acting import act_at_once, tap, wait_until
from discord_texts import (
    body,
    find_buttons,
    find_fields,
    get_answer,
    get_components,
    list_menu_values,
    read_message,
    unzip_attachments,
    walk_components,
)
from documents import build_pdf_pages
from image_servers import make_picture
from quizzing import ITEMS, give_quiz, press_button, use_simulated_time

from bot.commands import privacy
from bot.engines.images import ImageEngine, ImageTraits
from bot.runtime import logs
from personas.profile import Profile
from storage.assets import Asset
from storage.plays import StoredPlay
from storage.polls import Poll
from storage.reviews import ReviewMark
from storage.table_jobs import TableJob

FERN = Profile(organisation="Fern & Fog Coffee", role="owner", facts=("open 7:30 to 15:00", "dogs welcome"))


async def tell(world, member, profile):
    await world.app.store.profiles.update(str(member.id), lambda _before: profile)


async def load_profile(world, member):
    return await world.app.store.profiles.get(str(member.id))


async def test_forget_confirms_and_then_deletes_every_row(world, settings):
    await tell(world, world.ada, FERN)
    await tell(world, world.ben, Profile(organisation="Oakline"))
    first = (await world.post()).response
    bens = (await world.ben.slash(world.channel, "copy", kind="social_post", brief="new mugs")).response
    await world.ada.slash(world.channel, "persona use", name="teacher")
    await tap(world.ada, bens, "I like it")
    await tap(world.ada, first, "I like it")
    await tap(world.ben, first, "Not for me")
    asked = await world.ada.slash(world.channel, "privacy forget")
    assert asked.response.ephemeral
    assert read_message(asked.response).startswith("Delete everything I store about you")
    assert await load_profile(world, world.ada) == FERN, "nothing is deleted before the answer"
    done = await world.ada.click(asked.response, label="Delete everything")
    assert get_answer(done).ephemeral
    assert read_message(get_answer(done)).startswith("Done. I no longer have any data about you")
    with closing(sqlite3.connect(settings.data / "quillmate.db")) as connection:
        for table, column in (
            ("owners", "owner_id"),
            *((name, "user_id") for name in ("preferences", "generations", "feedback")),
        ):
            rows = connection.execute(f"SELECT count(*) FROM {table} WHERE {column} = ?", (str(world.ada.id),))
            assert rows.fetchone() == (0,), table
    with closing(sqlite3.connect(settings.data / "jobs.db")) as connection:
        left = [row[0] for row in connection.execute("SELECT inputs FROM workflow_input")]
    assert left, "others' jobs stay"
    assert not any(str(world.ada.id) in inputs for inputs in left)
    assert (await load_profile(world, world.ben)).organisation == "Oakline"
    assert await world.generation(bens) is not None


async def test_forget_cancels_running_requests(world, settings):
    world.script.provider.model.pause = 0.2
    asked = await world.ada.slash(world.channel, "privacy forget")
    result, _, done, _ = await act_at_once(
        world.env,
        lambda: world.ada.slash(world.channel, "copy", kind="social_post", brief="new mugs"),
        lambda: wait_until(lambda: world.desk.jobs.running_count == 1),
        lambda: world.ada.click(asked.response, label="Delete everything"),
        lambda: wait_until(lambda: world.desk.jobs.running_count == 0),
    )
    assert read_message(get_answer(done)).startswith("Done. I no longer have any data about you")
    assert read_message(get_answer(result)) == "I stopped, because you asked me to forget you and your requests."
    assert get_answer(result).ephemeral
    assert await world.app.store.generations.count_results_and_votes(str(world.ada.id)) == (0, 0)
    with closing(sqlite3.connect(settings.data / "jobs.db")) as connection:
        assert connection.execute("SELECT count(*) FROM workflow_input").fetchone() == (0,)


@pytest.mark.parametrize("first", ["regenerate", "forget"])
async def test_a_request_at_the_moment_of_forgetting_leaves_no_data(world, settings, first):
    """Regenerate and "Delete everything" within milliseconds, in either order."""
    result = (await world.post()).response
    asked = await world.ada.slash(world.channel, "privacy forget")
    acts = [
        lambda: tap(world.ada, result, "Another"),
        lambda: world.ada.click(asked.response, label="Delete everything"),
    ]
    await act_at_once(world.env, *(acts if first == "regenerate" else acts[::-1]))
    await wait_until(lambda: world.desk.jobs.running_count == 0)
    ada = str(world.ada.id)
    assert await world.app.store.generations.count_results_and_votes(ada) == (0, 0)
    if first == "regenerate":
        assert not any((await world.desk.privacy.count_all(ada)).values())
        assert [name for name, body in read_data_files(settings).items() if ada.encode() in body] == []


async def test_a_request_being_accepted_while_its_user_is_forgotten_is_refused(world, settings, monkeypatch):
    """The request is read and about to be kept when everything is deleted."""
    result = (await world.post()).response
    ada, submit = str(world.ada.id), world.desk.jobs.submit

    async def late(*args):
        await world.desk.privacy.forget(ada)
        await submit(*args)

    monkeypatch.setattr(world.desk.jobs, "submit", late)
    refused = await tap(world.ada, result, "Another")
    assert read_message(get_answer(refused)).startswith("You have since asked me to forget you, so I")
    assert not any((await world.desk.privacy.count_all(ada)).values())
    assert [name for name, body in read_data_files(settings).items() if ada.encode() in body] == []


async def test_a_result_that_finishes_after_forgetting_is_not_saved(world, settings, monkeypatch):
    add = world.app.store.generations.add

    async def late(generation, used=()):
        await world.app.store.people.forget(generation.user_id)
        return await add(generation, used)

    monkeypatch.setattr(world.app.store.generations, "add", late)
    refused = await world.post()
    assert read_message(get_answer(refused)).startswith("You have since asked me to forget you, so I")
    assert not any((await world.app.store.people.count_rows(str(world.ada.id))).values())


async def test_no_file_names_a_forgotten_user_while_the_bot_runs(world, settings):
    await world.post()
    asked = await world.ada.slash(world.channel, "privacy forget")
    await world.ada.click(asked.response, label="Delete everything")
    assert [name for name, body in read_data_files(settings).items() if str(world.ada.id).encode() in body] == []


async def test_forget_says_when_erasure_will_be_complete(world, settings):
    await world.post()
    world.app.store.database.keys.parents = None
    async with world.app.store.database.write() as connection:
        await connection.run_sync(lambda plain: plain.exec_driver_sql("DELETE FROM owners"))
    await world.post()
    asked = await world.ada.slash(world.channel, "privacy forget")
    with closing(sqlite3.connect(settings.data / "quillmate.db")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM owners").fetchone()
        done = await world.ada.click(asked.response, label="Delete everything")
    assert "Done. I no longer have any data about you that I could read" in read_message(get_answer(done))
    assert await world.app.store.database.owners.count_pending_erasures() == 1
    await world.desk.privacy.settle()
    assert await world.app.store.database.owners.count_pending_erasures() == 0


PLACES = (
    "profile",
    "brief",
    "material",
    "result",
    "wish",
    "secret",
    "voice",
    "card",
    "brand",
    "sample",
    "document",
    "page",
    "word",
    "collection",
)
WORDS = tuple(f"zebra{place}" for place in PLACES)


def read_data_files(settings):
    """Map each file in the data folder to its bytes."""
    return {
        str(file.relative_to(settings.data)): file.read_bytes() for file in settings.data.rglob("*") if file.is_file()
    }


def find_words(settings, *words):
    """List the words that stand in each file in UTF-8, UTF-16 or base64, as a neighbour would find them."""
    return [
        (name, word)
        for name, body in read_data_files(settings).items()
        for word in words
        if word.encode() in body or word.encode("utf-16-le") in body or base64.b64encode(word.encode()) in body
    ]


class Draws:
    """An engine that draws one colour."""

    label, traits = "Draws", ImageTraits("sdxl", True)

    async def check(self):
        return "Draws answers"

    async def make(self, wanted):
        return make_picture(64, 64, wanted.seed)

    async def close(self):
        pass


@pytest.fixture
def images():
    return ImageEngine(Draws(), name="draws", timeout=5)


async def add_own_items(world):
    """Create and import personas, a brand and a document for Ada; return the answers."""
    shown = await world.ada.slash(world.channel, "persona make")
    said = [await world.ada.submit_modal(shown, {"title": "Night Owl", "voice": "You write as zebravoice."})]
    card = b'title = "Lark"\nvoice = "You write as zebracard."'
    said.append(await world.ada.slash(world.channel, "persona import", file=("lark.toml", card)))
    samples = ("ours.txt", b"We mend what others throw away, dear zebrasample. " * 8)
    shown = await world.ada.slash(world.channel, "brand learn", name="zebrabrand", file=samples)
    said.append(await world.ada.click(get_answer(shown), label="Save"))
    body = b"# Workshop\n\nThe zebrapage costs 35 euros."
    said.append(await world.ada.slash(world.channel, "knowledge add", file=("zebradocument.md", body)))
    return [read_message(get_answer(one)) for one in said]


async def dislike_word(world, shown):
    """Name the word that Ada did not like."""
    word = find_fields(shown.modal)["A word or phrase to avoid"]["custom_id"]
    return await world.ada.submit_modal(shown, {word: "zebraword"})


async def use_everything(world):
    """Use every door as Ada, each with a word of its own; a model fails with a text that repeats its prompt."""
    shown = await world.ada.slash(world.channel, "profile edit")
    await world.ada.submit_modal(shown, {"facts": "zebraprofile"})
    await add_own_items(world)
    await world.app.store.courses.add(str(world.ada.id), {"title": "zebracourse"})
    said = {(str(world.ada.id), 1): {"text": "zebraline"}}
    assert await world.app.store.plays.add(
        StoredPlay(str(world.ada.id), "", "1", "case", "open", {"title": "zebraplay"}, said)
    )
    table = TableJob("adas", str(world.ada.id), str(world.channel.id), "zebratable.csv", {})
    await world.app.store.made_tables.add(table, b"zebracell")
    await world.ada.slash(world.channel, "persona use", name="teacher")
    obliging = world.script.answer
    world.script.says("A swim at dawn with zebraresult for you all.")
    made = (await world.post("tell of zebrabrief", file=("a.txt", b"zebramaterial"))).response
    assert "zebraresult" in read_message(made)
    shown = await world.ada.click(made, label="Change…")
    await world.ada.submit_modal(
        shown, {find_fields(shown.modal)["What you would like changed"]["custom_id"]: "mention zebrawish"}
    )
    await tap(world.ada, made, "I like it")
    disliked = (await world.post("we open late")).response
    asked = await tap(world.ada, disliked, "Not for me")
    await dislike_word(world, await world.ada.select(asked.response, values=["word"]))
    await world.ada.slash(world.channel, "image", kind="image_prompt", brief="a zebrabrief")
    world.script.says(RuntimeError("the provider refuses: tell of zebrasecret"))
    await world.post("tell of zebrasecret")
    await world.ada.send(world.channel, f"{world.me} write a tweet on zebrabrief")
    await world.ada.slash(world.channel, "schedule", when="in 3 days at 9:00", text="Come to the zebraresult.")
    sheet = ("teas.csv", b"Tea,For\nzebraresult,walkers\n")
    await world.ada.slash(world.channel, "bulk", sheet=sheet, kind="ad", brief="An ad for {tea}")
    world.script.answer = obliging
    await collect_and_find(world)
    await vote_in_poll(world, made)
    await play_quiz(world)
    await request_changes(world)
    return made


async def play_quiz(world):
    """Play a quiz of Ada's and end it after a question; what users see of quizzes has tests of its own."""
    use_simulated_time(world, world.app)
    items = [{**one, "question": f"{one['question']} zebraquestion"} for one in ITEMS]
    await give_quiz(world, items=items, title="zebraquiz")
    lobby = (await world.ada.slash(world.channel, "quiz play")).response
    for label in ("Start", "B"):
        await press_button(world, world.ada, lobby, label)
    await world.env.advance_time(23)
    await press_button(world, world.ada, lobby, "Next")
    await press_button(world, world.ada, lobby, "End")


async def collect_and_find(world):
    """Put the newest entry of Ada's library into a collection, and find another by its words."""
    shown = get_answer(await world.ada.slash(world.channel, "library"))
    [newest, *_] = [one for one in buttons_of(shown) if one.startswith("quilllib:open:")]
    entry = get_answer(await world.ada.click(shown, custom_id=newest))
    form = await world.ada.click(entry, label="Collection…")
    await world.ada.submit_modal(form, {next(iter(find_fields(form.modal).values()))["custom_id"]: "zebracollection"})
    assert "zebraresult" in read_message(
        get_answer(await world.ada.slash(world.channel, "library", words="zebraresult"))
    )


def buttons_of(shown):
    return [part["custom_id"] for part in walk_components(get_components(shown)) if part.get("custom_id")]


async def vote_in_poll(world, made):
    """Vote as Ada in a poll on a result; what users see of polls has tests of its own."""
    polls, now = world.app.store.polls, datetime.now(UTC)
    on = (await world.generation(made)).id
    place = {"guild_id": str(world.guild.id), "channel_id": str(world.channel.id)}
    poll = Poll(
        "poll", **place, user_id=str(world.ada.id), variants=(on,), quorum=2, closes_at=now + timedelta(hours=1)
    )
    await polls.add(poll, now)
    await polls.record_vote(poll.id, str(world.ada.id), 0)


async def request_changes(world):
    """Request changes of a text of Ben's as Ada; what users see of reviews has tests of its own."""
    store, owner_id = world.app.store, f"guild:{world.guild.id}"
    asset = Asset("ad", "Mugs", "New mugs.", {}, {}, [], source_id="bens", given_by=str(world.ben.id))
    await store.assets.add(owner_id, asset)
    asked = ReviewMark(str(world.ada.id), "asked", 1, words="zebrasecret")
    await store.reviews.set_status(owner_id, asset.id, ("draft", 1), "draft", [asked])


async def asked_to_forget(world):
    asked = await world.ada.slash(world.channel, "privacy forget")
    done = await world.ada.click(asked.response, label="Delete everything")
    assert read_message(get_answer(done)) == "Done. I no longer have any data about you."


async def unseen_for_a_year(world):
    await world.desk.privacy.tidy(datetime.now(UTC) + timedelta(days=366))


@pytest.mark.parametrize("forgotten", [asked_to_forget, unseen_for_a_year])
@pytest.mark.looking
async def test_files_hold_no_user_text_after_forget_and_no_plain_text_before(world, settings, quiet_logs, forgotten):
    log = settings.data / "bot.log"
    with log.open("w", encoding="utf-8") as written:
        logs.setup("INFO", file=written)
        await use_everything(world)
        bens = (await world.ben.slash(world.channel, "copy", kind="social_post", brief="new mugs")).response
        names = set(read_data_files(settings))
        assert {"quillmate.db", "quillmate.db-wal", "jobs.db", "bot.log"} <= names
        assert any(name.startswith("pictures/") for name in names)
        assert find_words(settings, *WORDS) == [], "sealed, not plain"
        assert not any(
            b"PNG" in body for name, body in read_data_files(settings).items() if name.startswith("pictures/")
        )
        with closing(sqlite3.connect(settings.data / "quillmate.db")) as connection:
            wrapped, sealed = connection.execute(
                "SELECT wrapped_key, g.sealed FROM owners JOIN generations g ON user_id = owner_id WHERE owner_id = ?",
                (str(world.ada.id),),
            ).fetchone()
        whole = read_data_files(settings)
        assert any(sealed in body for body in whole.values()), "the search finds what is there"
        counts = await world.desk.privacy.count_all(str(world.ada.id))
        unused = sorted(name for name, count in counts.items() if not count)
        assert unused == ["admissions", "departures", "failed_checks", "given", "notice_ways", "quota_notes"], (
            "every door was used"
        )

        await forgotten(world)
        written.flush()
    after = read_data_files(settings)
    assert find_words(settings, *WORDS) == []
    for part in (wrapped, sealed):
        assert [name for name, body in after.items() if part in body] == [], "nor what was sealed, nor its key"
    assert set((await world.desk.privacy.count_all(str(world.ada.id))).values()) == {0}
    assert not (settings.data / "pictures" / str(world.ada.id)).exists()
    if forgotten is asked_to_forget:  # In a year Ben is not seen either.
        assert await world.generation(bens) is not None, "others' stay"


@pytest.mark.looking
async def test_export_contains_everything_in_readable_form(world):
    made = await use_everything(world)
    started = time.monotonic()
    files = await unzip_attachments(await world.ada.slash(world.channel, "privacy export"))
    assert time.monotonic() - started < 60
    assert b"What is stored about you" in files["README.md"]
    everything = b"\n".join(files.values()).decode(errors="replace")
    assert [word for word in WORDS if word not in everything] == []
    kept = await world.generation(made)
    [text] = [body.decode() for name, body in files.items() if kept.id in name and name.endswith(".md")]
    assert text == kept.text
    [entry] = json.loads(files["profile.json"])
    assert (entry["field"], entry["value"], entry["origin"]) == ("facts", ["zebraprofile"], "told")
    assert [one["vote"] for one in json.loads(files["votes.json"])] == [1, -1]
    assert "zebraword" in [one["value"] for one in json.loads(files["signals.json"])]
    assert {one["title"] for one in json.loads(files["personas.json"])} == {"Night Owl", "Lark"}
    assert [one["name"] for one in json.loads(files["brands.json"])] == ["zebrabrand"]
    assert [one["name"] for one in json.loads(files["documents.json"])] == ["zebradocument.md"]
    assert files["documents/zebradocument.md"].decode() == "## Workshop\n\nThe zebrapage costs 35 euros.\n"
    readme = files["README.md"].decode()
    assert [name for name in files if f"`{name}`" not in readme] == [], "the README names every file"
    assert [line for line in readme.splitlines() if line.startswith("- `") and ": " not in line] == []
    assert json.loads(files["account.json"])[0]["persona"] == "teacher"
    assert any(name.startswith("pending/") for name in files)
    [image] = [body for name, body in files.items() if name.startswith("pictures/")]
    assert image.startswith(b"\x89PNG")
    for hidden in ("wrapped_key", "sealed", "simcord_interaction_"):
        assert hidden not in everything, "no keys, and no token of the bot's"


@pytest.mark.looking
async def test_an_export_above_the_discord_size_limit_is_split(world, monkeypatch):
    await use_everything(world)
    whole = await unzip_attachments(await world.ada.slash(world.channel, "privacy export"))
    emit = world.env.backend.emit

    def small(event, payload, *more, **named):
        if event == "INTERACTION_CREATE":
            payload["attachment_size_limit"] = 4000
        return emit(event, payload, *more, **named)

    monkeypatch.setattr(world.env.backend, "emit", small)
    result = await world.ada.slash(world.channel, "privacy export")
    sent = [file for one in [result.response, *result.followups] for file in getattr(one, "attachments", None) or []]
    assert len(sent) > 1
    assert all(file.size <= 4000 for file in sent)
    assert re.fullmatch(r"quillmate-1-of-\d+\.zip", sent[0].filename)
    files = await unzip_attachments(result)
    missing = {name for name in whole if name not in files and not name.startswith("pending/")}
    if missing:
        assert all(name in "\n".join(map(read_message, result.followups)) for name in missing)


async def test_an_export_without_data_is_answered(world):
    files = await unzip_attachments(await world.ada.slash(world.channel, "privacy export"))
    assert list(files) == ["README.md"]


@pytest.mark.looking
async def test_show_lists_counts_and_retention_periods(world):
    await use_everything(world)
    page = (await world.ada.slash(world.channel, "privacy show")).response
    assert page.ephemeral
    said = read_message(page)
    for line in (
        "Profile entries: 1",
        "Votes: 2",
        "Pictures in the last day: 1",
        "It is encrypted with a key used only for your data.",
    ):
        assert line in said
    assert "If you do not use me for 365 days, everything is deleted." in said
    assert not any(word in said for word in WORDS)
    counted = set(await world.app.store.people.count_rows(str(world.ada.id)))
    assert counted <= {*privacy._LABELS, *privacy._HIDDEN_COUNTS}, "a table is told in words, or not counted"


async def test_a_paused_user_gets_results_and_nothing_is_stored(world, settings):
    await tell(world, world.ada, FERN)
    said = await world.ada.slash(world.channel, "privacy pause")
    assert read_message(said.response).startswith("Paused: I store nothing new about you,")
    made = (await world.post("we close on Monday")).response
    assert "The reading corner is ready." in read_message(made)
    assert "You have paused me, so I did not" in read_message(made)
    assert "Fern & Fog Coffee" in world.script.drafts[-1], "what was told before is still used"
    assert (find_buttons(made), list_menu_values(made)) == ({}, []), "they would find nothing"
    shown = await world.ada.slash(world.channel, "profile edit")
    refused = await world.ada.submit_modal(shown, {"role": "baker"})
    assert "You have paused me, so I save nothing about" in read_message(refused.response)
    counts = await world.desk.privacy.count_all(str(world.ada.id))
    assert (counts["generations"], counts["feedback"]) == (0, 0)
    assert await load_profile(world, world.ada) == FERN
    assert read_message((await world.ada.slash(world.channel, "privacy show")).response).count("Paused:") == 1

    await world.ada.slash(world.channel, "privacy resume")
    made = (await world.post("we close on Monday")).response
    assert await world.generation(made) is not None
    assert "You have paused me," not in read_message(made)


async def test_an_unclear_message_of_a_paused_user_is_guessed_at_and_not_stored(world):
    """A question would have buttons that find nothing."""
    await world.ada.slash(world.channel, "privacy pause")
    before = await world.app.store.people.export(str(world.ada.id))
    shown = (await world.ada.slash(world.channel, "image", brief="three tweets about our sale")).response
    assert body(shown)
    assert " · I guessed what you meant, because I cannot ask you questions while you have paused me." in read_message(
        shown
    )
    assert "You have paused me, so I did not" in read_message(shown)
    assert not [one for one in find_buttons(shown).values() if ":kind-" in one]
    assert await world.app.store.people.export(str(world.ada.id)) == before


async def test_every_entry_point_stores_nothing_for_paused_users_and_says_so(world):
    first, second = (await world.post()).response, (await world.post()).response
    menus = [await tap(world.ada, one, "Not for me") for one in (first, second)]
    shown = await world.ada.select(menus[0].response, values=["word"])
    third = (await world.post()).response
    before = await world.app.store.people.export(str(world.ada.id))
    await world.ada.slash(world.channel, "privacy pause")

    said = await add_own_items(world)
    said.append(read_message(get_answer(await dislike_word(world, shown))))
    said.append(read_message(get_answer(await world.ada.select(menus[1].response, values=["long"]))))
    said += [read_message(get_answer(await tap(world.ada, third, vote))) for vote in ("I like it", "Not for me")]
    assert [one for one in said if not one.startswith("You have paused me, so I save nothing about")] == []
    after = await world.app.store.people.export(str(world.ada.id))
    assert {**after, "owners": []} == {**before, "owners": []}
    assert after["owners"][0] == before["owners"][0] | {"paused_at": after["owners"][0]["paused_at"]}


@pytest.mark.looking
async def test_admins_see_counts_and_no_texts(world):
    await world.let_lend()
    await use_everything(world)
    boss = world.guild.add_member(
        world.env.create_user("boss"),
        roles=[world.guild.create_role("boss", permissions=discord.Permissions(manage_guild=True))],
    )
    page = (await boss.slash(world.channel, "privacy server")).response
    assert page.ephemeral
    said = read_message(page)
    results = (await world.app.store.people.count_rows(str(world.ada.id)))["generations"]
    assert f"- People: 1\n- Results: {results}\n" in said
    assert "- Documents: 0\n" in said
    await world.ben.slash(world.channel, "knowledge add", file=("menu.md", b"Soup costs 4 euros."), to="channel")
    lent = read_message((await boss.slash(world.channel, "privacy server")).response)
    assert f"- People: 2\n- Results: {results}\n- Documents: 1\n" in lent
    assert not any(word in said for word in WORDS)
    refused = await world.ben.slash(world.channel, "privacy server")
    assert read_message(refused.response) == "Only people who can manage this server can see that."


async def test_open_forms_and_buttons_do_not_restore_forgotten_data(world):
    """Neither a brand to be saved, nor a voice to replace one, nor a form that is still open or was refused."""
    await add_own_items(world)
    sample = ("ours.txt", b"We mend what others throw away, dear zebrasample. " * 8)
    learnt = get_answer(await world.ada.slash(world.channel, "brand learn", name="Fern", file=sample))
    lark = ("lark.toml", b'title = "Lark"\nvoice = "You write as zebravoice."')
    replacing = get_answer(await world.ada.slash(world.channel, "persona import", file=lark))
    shown = await world.ada.slash(world.channel, "profile edit", section="form")
    refused = (await world.ada.submit_modal(shown, {"preferred_length": "epic", "display_name": "Zebra"})).response
    opened = await world.ada.slash(world.channel, "profile edit")
    await asked_to_forget(world)
    pressed = [
        await world.ada.click(message, label=label)
        for message, label in ((learnt, "Save"), (replacing, "Replace"), (refused, "Edit again"))
    ]
    pressed.append(await world.ada.submit_modal(opened, {"facts": "zebraprofile"}))
    for one in pressed:
        assert one.modal is None
        assert (
            read_message(get_answer(one))
            == "You have since asked me to forget you, so I have not saved this. Start over."
        )
        assert find_buttons(get_answer(one)) == {}
    assert set((await world.desk.privacy.count_all(str(world.ada.id))).values()) == {0}
    again = await world.ada.slash(world.channel, "profile edit")
    await world.ada.submit_modal(again, {"facts": "something new"})
    assert (await load_profile(world, world.ada)).facts == ("something new",), "what is begun anew is kept"


async def test_undo_does_not_restore_forgotten_data(world):
    await world.ada.slash(world.channel, "profile correct", field="role", value="baker")
    page = (await world.ada.slash(world.channel, "profile history")).response
    await asked_to_forget(world)
    said = await world.ada.click(page, label="Undo")
    assert read_message(said.response) == "That has already been undone, or it is not yours."
    assert set((await world.desk.privacy.count_all(str(world.ada.id))).values()) == {0}


async def test_children_of_a_paused_users_result_have_no_buttons(world):
    """Variants, and a result of before that is made anew."""
    made = (await world.post()).response
    await world.ada.slash(world.channel, "privacy pause")
    for label in ("Variants", "Another"):
        shown = (await tap(world.ada, made, label)).response
        assert "You have paused me, so I did not" in read_message(shown)
        assert (find_buttons(shown), list_menu_values(shown)) == ({}, [])
    assert "Another" in find_buttons(made), "of what is kept they still work"


async def test_documents_are_exported_in_full_under_their_own_names(world):
    await world.let_lend()
    long = "# Prices\n\n" + "\n\n".join(
        f"Item {number} costs {number} euros, " + "as it always did. " * 30 for number in range(20)
    )
    kitchen = world.guild.create_text_channel("kitchen")
    await world.ada.slash(world.channel, "knowledge add", file=("price list.txt", long.encode()))
    await world.ada.slash(kitchen, "knowledge add", file=("price list.txt", b"Tea costs 3 euros."), to="channel")
    await world.ada.slash(
        world.channel, "knowledge add", file=("handbook.pdf", build_pdf_pages("We began.", "We mend."))
    )
    files = await unzip_attachments(await world.ada.slash(world.channel, "privacy export"))
    texts = {name: body.decode() for name, body in files.items() if name.startswith("documents/")}
    assert set(texts) == {"documents/price list.txt", "documents/price list (2).txt", "documents/handbook.pdf.md"}
    assert texts["documents/price list.txt"].split() == ["##", *long.split()[1:]]
    assert texts["documents/price list (2).txt"] == "Tea costs 3 euros.\n"
    assert texts["documents/handbook.pdf.md"] == "*Page 1*\n\nWe began.\n\n*Page 2*\n\nWe mend.\n"
    readme = files["README.md"].decode()
    assert [name for name in files if f"`{name}`" not in readme] == []
