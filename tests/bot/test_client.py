"""The client: commands in every language, syncing, errors, stopping."""

from __future__ import annotations

import io
import json
import re
import sqlite3
from contextlib import closing

import discord
import pytest
from acting import act_at_once, act_in_language, tap
from catalogues import load_catalogue
from discord_texts import find_buttons, find_fields, get_answer, list_message_bodies, read_message, read_title

from bot.app import App
from bot.client import QuillmateBot
from bot.runtime import logs
from bot.runtime.lease import Lease

LOCALES = ("es-ES", "fr", "de", "pt-BR")
REFERENCE = re.compile(r"reference: ([0-9a-f]{8})$")


class Boom(QuillmateBot):
    """The bot with a command and a listener that raise, as only a bug could."""

    async def setup_hook(self):
        @self.tree.command(name="boom", description="Breaks")
        async def boom(_interaction: discord.Interaction) -> None:
            raise RuntimeError("the boiler")

        @self.tree.command(name="late", description="Breaks after it has answered")
        async def late(interaction: discord.Interaction) -> None:
            await interaction.response.defer(ephemeral=True)
            raise RuntimeError("the boiler")

        @self.listen("on_message")
        async def listener(message: discord.Message) -> None:
            if "boiler" in message.content:
                raise RuntimeError("the boiler")

        await super().setup_hook()


@pytest.fixture
def simcord_bot(app):
    return Boom(app, shard_count=1)


def list_synced_commands(env):
    """List the commands that were sent to Discord, one list for each time."""
    return [
        request.json for request in env.http_requests if request.method == "PUT" and request.path.endswith("/commands")
    ]


def find_descriptions(command, path=""):
    """Yield the descriptions of a command, its subcommands and options, in English and all other languages."""
    here = f"{path} {command['name']}".strip()
    if command.get("description"):
        yield here, command["description"], command.get("description_localizations") or {}
    for option in command.get("options") or []:
        yield from find_descriptions(option, here)


async def test_every_command_is_described_in_every_language_with_a_catalogue(world):
    (commands,) = list_synced_commands(world.env)
    untold = [
        (path, locale)
        for command in commands
        for path, english, languages in find_descriptions(command)
        for locale in LOCALES
        if languages.get(locale, english) != load_catalogue(locale.partition("-")[0]).get(english, english)
    ]
    assert untold == []
    paths = [path for command in commands for path, _, _ in find_descriptions(command)]
    assert {"copy brief", "lesson kind", "profile edit section", "persona use name", "help"} <= set(paths)
    menus = {command["name"]: command["name_localizations"] for command in commands if command.get("type") == 3}
    assert set(menus) >= {
        "Rewrite",
        "Make a quiz",
        "Image prompt from this",
        "Use as brand sample",
        "Save to the team's library",
    }
    told = {
        name: {locale for locale in LOCALES if load_catalogue(locale.partition("-")[0]).get(name)} for name in menus
    }
    assert all(told[name] <= set(names or {}) for name, names in menus.items())


async def test_descriptions_fit_discord(world):
    (commands,) = list_synced_commands(world.env)
    for command in commands:
        for path, _, languages in find_descriptions(command):
            assert all(1 <= len(text) <= 100 for text in languages.values()), path


async def test_the_bots_own_words_are_in_the_readers_language(world):
    shown = await act_in_language(world, "de", world.ada.slash, world.channel, "copy", kind="ad")
    assert shown.modal["title"] != "What should I make?"
    first = (
        await act_in_language(world, "fr", world.ada.slash, world.channel, "copy", kind="ad", brief="boots")
    ).response
    assert "Another" not in find_buttons(first)


async def test_refusals_are_in_the_readers_language(world):
    first = (await world.post()).response
    refused = await act_in_language(world, "de", world.ben.click, first, label="Another")
    assert read_message(refused.response).startswith("Nur wer darum gebeten hat, kann es ändern.")
    nothing = await act_in_language(world, "es-ES", world.ben.slash, world.channel, "profile why")
    assert read_message(nothing.response) == "Aún no he hecho nada para ti. Prueba /copy."
    options = {"field": "shoe size", "value": "42"}
    unknown = await act_in_language(world, "fr", world.ben.slash, world.channel, "profile correct", **options)
    assert read_message(unknown.response).startswith("Il n’y a pas de champ appelé «\u00a0shoe size\u00a0».")


async def test_a_client_is_complete_before_it_connects(app: App) -> None:
    lease = Lease(app.store.leases, "0", "here")
    bot = QuillmateBot(app, lease=lease, shard_count=1)
    assert (bot.app, bot.desk.answers.bot, bot.desk.answers.holds_lease) == (app, bot, lease.is_held)
    assert bot.desk.jobs.running_count == 0
    await bot.end_work(0)  # As when somebody stops it while it still starts.


async def test_commands_are_synced_only_if_they_changed(world, settings, script):
    assert len(list_synced_commands(world.env)) == 1
    await world.app.__aexit__(None, None, None)
    router = world.app.routing._router
    async with App(settings, engines=[script.engine()]) as app:
        app.routing._router = router
        world.bot = Boom(app, shard_count=1)
        await world.env.restart_bot(world.bot)
        assert len(list_synced_commands(world.env)) == 1, "the same commands are not synced again"
    async with App(settings, engines=[script.engine()]) as app:
        app.routing._router = router
        world.bot = QuillmateBot(app, shard_count=1)
        await world.env.restart_bot(world.bot)
        assert len(list_synced_commands(world.env)) == 2, "other commands are"
        assert {command["name"] for command in list_synced_commands(world.env)[1]}.isdisjoint({"boom", "late"})


async def test_a_model_failure_is_reported_in_one_sentence(world):
    world.script.says(ValueError("secret thing at 0x7f"))
    result = await world.post()
    assert read_message(get_answer(result)) == "Scripted could not answer. Try again in a moment."
    assert set(find_buttons(get_answer(result))) == {"Retry"}
    await world.ada.send(world.channel, f"{world.me} write a tweet that we close on Monday")
    assert read_message(world.last) == "Scripted could not answer. Try again in a moment."
    # The next request is served.
    world.script.says("We are closed on Monday and back on Tuesday.")
    assert read_title((await world.post()).response) == "Social post"


@pytest.mark.parametrize("command", ["boom", "late"])
async def test_an_unexpected_error_shows_the_reference_that_is_logged(world, quiet_logs, command):
    world.expected = (RuntimeError,)
    written = io.StringIO()
    logs.setup("INFO", file=written)
    result = await world.ada.slash(world.channel, command)
    said = [read_message(message) for message in (result.response, *result.followups) if message and message.ephemeral]
    reference = REFERENCE.search(said[-1])
    assert reference, said
    assert "boiler" not in said[-1]
    line = next(entry for entry in map(json.loads, written.getvalue().splitlines()) if "reference" in entry)
    assert line["reference"] == reference[1]
    assert line["exception"].endswith("RuntimeError"), "what it is and where, without its text, which may be a user's"
    assert read_title((await world.post()).response) == "Social post"


async def test_an_unexpected_error_in_a_message_has_a_reference(world):
    world.expected = (RuntimeError,)
    said = await world.ada.send(world.channel, f"{world.me} the boiler")
    posted = world.env.backend.messages[world.channel.id].values()
    answers = [read_message(message) for message in posted if message.author_id == world.bot.user.id]
    assert len([answer for answer in answers if REFERENCE.search(answer)]) == 1
    assert all(message.reference["message_id"] == str(said.id) for message in posted if message.id > said.id)


async def test_an_unexpected_error_in_a_job_has_a_reference(world, settings):
    """The database loses a table under the bot: no result can be kept."""
    with closing(sqlite3.connect(settings.data / "quillmate.db")) as connection:
        connection.execute("DROP TABLE generations")
        connection.commit()
    result = await world.post()
    text = read_message(result.response)
    assert text
    assert "Traceback" not in text
    assert "sqlite" not in text.lower()
    assert find_buttons(result.response) == {}


async def test_a_request_that_cannot_be_saved_is_not_acknowledged(world, settings):
    with closing(sqlite3.connect(settings.data / "jobs.db")) as connection:
        connection.execute("ALTER TABLE workflow_status RENAME TO elsewhere")
        connection.commit()
    result = await world.post()
    assert result.response.ephemeral
    assert read_message(result.response).startswith(
        "I cannot save anything right now, so I could not do that. Try again in a minute."
    )
    assert {"type": 5} not in [request.json for request in world.env.http_requests], "it was never 'thinking'"
    await world.ada.send(world.channel, f"{world.me} write a tweet that we close on Monday")
    assert read_message(world.last).startswith("I cannot save anything right now, so")
    assert world.script.prompts == []
    assert world.desk.jobs.running_count == 0
    with closing(sqlite3.connect(settings.data / "jobs.db")) as connection:
        connection.execute("ALTER TABLE elsewhere RENAME TO workflow_status")
        connection.commit()
    assert read_title((await world.post()).response) == "Social post"


async def test_a_stopping_bot_takes_no_requests(world):
    first = (await world.post()).response
    shown = await world.ada.slash(world.channel, "copy", kind="ad")
    made = len(world.script.prompts)
    world.bot.stopping = True
    refused = [
        await world.post(),
        await tap(world.ada, first, "Another"),
        await world.ada.submit_modal(shown, {find_fields(shown.modal)["Brief"]["custom_id"]: "boots that stay dry"}),
    ]
    for result in refused:
        assert result.response.ephemeral
        assert read_message(result.response).startswith("I am restarting. Try again in a minute")
    await world.ada.send(world.channel, f"{world.me} write a tweet that we close on Monday")
    assert read_message(world.last).startswith("I am restarting. Try again")
    assert await world.ada.autocomplete(world.channel, "copy", "kind", "") == []
    assert len(world.script.prompts) == made


async def test_an_interaction_is_saved_before_it_is_acknowledged(world, settings):
    """The row is in the file of jobs by the time Discord receives the deferred response."""
    rows = []
    emit = world.env.backend.emit

    def read_rows_and_emit(event, *args, **options):
        if event == "MESSAGE_CREATE":  # The deferred answer appears.
            with closing(sqlite3.connect(settings.data / "jobs.db")) as connection:
                rows.append(connection.execute("SELECT workflow_uuid FROM workflow_status").fetchall())
        return emit(event, *args, **options)

    world.env.backend.emit = read_rows_and_emit
    result = await world.post()
    world.env.backend.emit = emit
    assert ((await world.generation(result.response)).id,) in rows[0]


async def test_concurrent_users_each_get_their_own_answer(world):
    people = [world.guild.add_member(world.env.create_user(f"member{number}")) for number in range(8)]

    def ask(person, number):
        return lambda: person.slash(world.channel, "copy", kind="social_post", brief=f"offer number {number}")

    results = await act_at_once(world.env, *(ask(person, number) for number, person in enumerate(people)))
    for number, (person, result) in enumerate(zip(people, results, strict=True)):
        kept = await world.generation(result.response)
        assert kept.user_id == str(person.id)
        assert kept.request["brief"] == f"offer number {number}"
    assert not any("went wrong" in str(one) for one in list_message_bodies(world.env))
