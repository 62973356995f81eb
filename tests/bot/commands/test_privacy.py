"""/privacy: what is kept of a person, counted, given, deleted and stopped; counts for a server's admins."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from acting import at_once, until
from discord_texts import buttons, read, told

from personas.profile import Profile

FERN = Profile(organisation="Fern & Fog Coffee", role="owner", facts=("open 7:30 to 15:00", "dogs welcome"))


async def tell(world, member, profile):
    await world.app.store.profiles.update(str(member.id), lambda _before: profile)


async def known(world, member):
    return await world.app.store.profiles.get(str(member.id))


async def test_forget_asks_and_then_deletes_every_row(world, settings):
    await tell(world, world.ada, FERN)
    await tell(world, world.ben, Profile(organisation="Oakline"))
    first = (await world.post()).response
    bens = (await world.ben.slash(world.channel, "copy", kind="social_post", brief="new mugs")).response
    await world.ada.slash(world.channel, "persona use", name="teacher")
    await world.ada.click(bens, custom_id=buttons(bens)["👍"])
    await world.ada.click(first, custom_id=buttons(first)["👍"])
    await world.ben.click(first, custom_id=buttons(first)["👎"])
    asked = await world.ada.slash(world.channel, "privacy forget")
    assert asked.response.ephemeral
    assert read(asked.response).startswith("Delete all that I keep of you")
    assert await known(world, world.ada) == FERN, "nothing is deleted before the answer"
    done = await world.ada.click(asked.response, label="Delete everything")
    assert told(done).ephemeral
    assert read(told(done)).startswith("Forgotten")
    with closing(sqlite3.connect(settings.data / "quillmate.db")) as connection:
        for table in ("users", "preferences", "generations", "feedback"):
            rows = connection.execute(f"SELECT count(*) FROM {table} WHERE user_id = ?", (str(world.ada.id),))
            assert rows.fetchone() == (0,), table
    with closing(sqlite3.connect(settings.data / "jobs.db")) as connection:
        left = [row[0] for row in connection.execute("SELECT inputs FROM workflow_input")]
    assert left, "others' jobs stay"
    assert not any(str(world.ada.id) in inputs for inputs in left)
    assert (await known(world, world.ben)).organisation == "Oakline"
    assert await world.generation(bens) is not None


async def test_forget_ends_what_still_runs(world, settings):
    world.script.provider.model.pause = 0.2
    asked = await world.ada.slash(world.channel, "privacy forget")
    result, _, done = await at_once(
        world.env,
        lambda: world.ada.slash(world.channel, "copy", kind="social_post", brief="new mugs"),
        lambda: until(lambda: world.app.jobs.running == 1),
        lambda: world.ada.click(asked.response, label="Delete everything"),
    )
    assert read(told(done)).startswith("Forgotten")
    assert read(told(result)) == "I stopped: you asked me to forget you, and this request with it."
    assert told(result).ephemeral
    assert await world.app.store.generations.counts(str(world.ada.id)) == (0, 0)
    with closing(sqlite3.connect(settings.data / "jobs.db")) as connection:
        assert connection.execute("SELECT count(*) FROM workflow_input").fetchone() == (0,)


async def test_nobody_forgets_for_somebody_else(world):
    await tell(world, world.ada, FERN)
    asked = await world.ada.slash(world.channel, "privacy forget")
    # Discord shows a private message to nobody else; a forged click is refused all the same.
    stored = world.env.backend.messages[world.channel.id][asked.response.id]
    stored.flags &= ~64
    result = await world.ben.click(asked.response, label="Delete everything")
    assert read(told(result)) == "This button is not yours."
    assert await known(world, world.ada) == FERN
