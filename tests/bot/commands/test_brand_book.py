"""A brand's book in Discord: written on a page, by whoever may, at once and after restarts; used by those who choose the brand."""

from __future__ import annotations

import io
import json
import tomllib

import discord
import pytest
from acting import act_at_once, tap
from discord_texts import find_buttons, find_fields, get_answer, get_components, read_message, walk_components
from PIL import Image
from planning import restart_process

from bot.team.workspace.settings import WorkspaceSettings
from personas.book import AvoidedWord, Book, BrandFact, Colour, LegalLine
from personas.style import Brand
from storage.owners import workspace

NOT_OWNERS = (
    "Only owners of this server can change that brand. They can allow editors or individual people with /brand edit."
)
CHOSEN = (
    "Only owners of this server and the people they chose can change that brand. Owners can allow more "
    "people with /brand edit."
)
LEGAL = "Repairs at your own risk."


@pytest.fixture
def boss(world):
    """Somebody who may manage the server."""
    role = world.guild.create_role("boss", permissions=discord.Permissions(manage_guild=True))
    return world.guild.add_member(world.env.create_user("boss"), roles=[role])


@pytest.fixture
async def viewer(world, boss):
    """Somebody who only reads along."""
    role = world.guild.create_role("readers")
    settings = world.app.store.workspace_settings
    await settings.change(
        str(world.guild.id),
        lambda data: WorkspaceSettings.from_json(data).with_values(roles={"viewer": [str(role.id)]}).to_json(),
    )
    return world.guild.add_member(world.env.create_user("vera"), roles=[role])


async def add_server_brand(world, name="Ours", **book):
    """Add a brand of the server's own; return its id."""
    owner = workspace(world.guild.id)
    kept = await world.app.store.brands.add(owner, Brand(name=name, samples=(), book=Book(**book)), scope=owner)
    return kept.id


async def get_brand_name(world, brand_id):
    """Return the name of a brand of the server."""
    return (await world.app.store.brands.get(str(world.ada.id), brand_id, (f"guild:{world.guild.id}",))).value.name


async def book_of(world, brand_id, owner=None):
    kept = await world.app.store.brands.get(owner or workspace(world.guild.id), brand_id)
    return kept.value.book


def find_action_ids(shown, action):
    """Map sections of a page to the custom ids of an action."""
    found = [
        part["custom_id"]
        for part in walk_components(get_components(shown))
        if part.get("custom_id", "").startswith("quillbrand:")
    ]
    return {one.split(":")[3]: one for one in found if one.split(":")[1] == action}


async def open_brand(world, who, name="Ours"):
    return (await who.slash(world.channel, "brand edit", name=name)).response


async def form(who, page, section):
    return await who.click(page, custom_id=find_action_ids(page, "edit")[section])


async def fill_in_section(who, page, section, **texts):
    """Submit the form of a section; return the answer."""
    return get_answer(await who.submit_modal(await form(who, page, section), texts))


def forge(world, message, old, new):
    """Change a message's buttons, which Discord would let nobody do."""
    stored = world.env.backend.messages[world.channel.id][message.id]
    stored.components = json.loads(json.dumps(stored.components).replace(old, new))


def fits_discord(shown):
    parts = list(walk_components(get_components(shown)))
    assert len(parts) <= 40
    assert len(read_message(shown)) <= 4000


async def test_a_brand_is_created_and_filled_in_on_its_page(world):
    page = (await world.ada.slash(world.channel, "brand make", name="Fern & Fog")).response
    assert page.ephemeral
    assert read_message(page).startswith(
        "### Fern & Fog\n**Facts**\n-# What texts may say about you, such as opening hours."
    )
    page = await fill_in_section(
        world.ada, page, "facts", about="We mend bikes.", facts="Hours: Mon–Fri 8–18\nA visit: 6 pounds"
    )
    assert "**Facts**\nWe mend bikes.\nHours: Mon–Fri 8–18\nA visit: 6 pounds" in read_message(page)
    for section, texts in {
        "links": {"links": "Shop: https://fern.example"},
        "boilerplate": {"boilerplate": "Fern & Fog mends bikes.\nSince 1998."},
        "legal": {"legal": f"posts: {LEGAL}"},
        "claims": {"claims": "Voted best workshop in Kiel"},
        "words": {"prefer": "tune-up", "avoid": "cheap: good value"},
    }.items():
        page = await fill_in_section(world.ada, page, section, **texts)
    fits_discord(page)
    for line in ("Shop: https://fern.example", f"posts: {LEGAL}", "tune-up\n✗ cheap → good value"):
        assert line in read_message(page)
    filled = find_fields((await form(world.ada, page, "words")).modal)
    assert filled["Words to avoid: “word: what to say instead”"]["value"] == "cheap: good value"
    world.script.says("We mend bikes and more. Come by for a tune-up on Monday, it is easy.")
    await world.ada.slash(world.channel, "brand use", name="Fern & Fog")
    result = (await world.post()).response
    assert f"\n\n{LEGAL}" in read_message(result)
    assert "Hours: Mon–Fri 8–18" in world.script.drafts[-1]
    assert "Voted best workshop in Kiel" in world.script.drafts[-1]
    assert "✗" not in read_message(result)
    for label, text in (("Shorter", "Come by for a tune-up on Monday."), ("Another", "Tune-ups on Monday.")):
        world.script.says(text)
        result = (await tap(world.ada, result, label)).response
        assert read_message(result).count(LEGAL) == 1


async def test_a_full_brand_page_fits_discord(world):
    page = (await world.ada.slash(world.channel, "brand make", name="N" * 48)).response
    lines = {
        "facts": "\n".join(f"{n}: {'x' * 60}" for n in range(55)),
        "links": "\n".join(f"L: https://a{n}.example/{'y' * 90}" for n in range(20)),
        "palette": "\n".join(f"{'c' * 40} {n}: #12345{n}" for n in range(10)),
        "boilerplate": "z" * 1500,
        "legal": "\n".join(f"{n} {'l' * 280}" for n in range(8)),
        "claims": "\n".join(f"{n} {'m' * 120}" for n in range(30)),
    }
    for section, text in lines.items():
        page = await fill_in_section(world.ada, page, section, **{section: text})
    fits_discord(page)
    assert "and 27 more" in read_message(page)


async def test_the_palette_is_a_picture_with_a_text_description(world):
    page = (await world.ada.slash(world.channel, "brand make", name="Fern")).response
    page = await fill_in_section(world.ada, page, "palette", palette="Moss: #14532D\nCream: #FFF6E3")
    (picture,) = page.attachments
    assert Image.open(io.BytesIO(await picture.read())).format == "PNG"
    gallery = next(part for part in walk_components(get_components(page)) if part.get("type") == 12)
    said = "Moss: #14532D, on white 9.1, on black 2.3; Cream: #FFF6E3, on white 1.1, on black 19.5"
    assert gallery["items"][0]["description"] == said
    assert "**Palette**\nMoss: #14532D\nCream: #FFF6E3" in read_message(page)


async def test_an_invalid_line_is_named_and_no_input_is_lost(world):
    page = (await world.ada.slash(world.channel, "brand make", name="Fern")).response
    refused = await fill_in_section(
        world.ada, page, "links", links="Shop: https://fern.example\nDocs: javascript:alert(1)"
    )
    assert "Line 2 needs an address that begins with https:// or http://" in read_message(refused)
    again = await world.ada.click(refused, label="Edit again")
    (field,) = find_fields(again.modal).values()
    assert field["value"].endswith("javascript:alert(1)")
    [kept] = await world.app.store.brands.list_all(str(world.ada.id))
    assert kept.value.book == Book()


async def test_permission_to_edit_a_brand_is_checked_at_every_entry_point(world, boss, viewer):
    brand_id = await add_server_brand(world, facts=(BrandFact(value="We mend."),))
    for who in (world.ben, viewer):
        assert read_message(get_answer(await who.slash(world.channel, "brand edit", name="Ours"))) == NOT_OWNERS
        assert read_message(get_answer(await who.slash(world.channel, "brand export", name="Ours"))) == NOT_OWNERS
        taken = await who.slash(world.channel, "brand import", file=("a.json", b'{"name": "Ours", "facts": ["x"]}'))
        assert read_message(get_answer(taken)) == NOT_OWNERS
        seen = (await who.slash(world.channel, "brand show", name="Ours")).response
        assert "We mend." in read_message(seen)
        assert find_buttons(seen) == {}
    page = await open_brand(world, boss)
    # Discord would not let anybody press another's button; the service does not either.
    own = (await world.ben.slash(world.channel, "brand make", name="Bens")).response
    [bens] = await world.app.store.brands.list_all(str(world.ben.id))
    forge(world, own, bens.id, brand_id)
    for custom_id in (find_action_ids(page, "edit")["facts"], f"quillbrand:export:{brand_id}:"):
        assert read_message(get_answer(await world.ben.click(own, custom_id=custom_id))) == NOT_OWNERS
    forge(world, own, f"export:{brand_id}", f"who:{brand_id}")
    shared = await world.ben.click(own, custom_id=f"quillbrand:who:{brand_id}:")
    assert read_message(get_answer(shared)) == "Only owners can decide who may edit a brand of this server."
    who = (await boss.click(page, custom_id=f"quillbrand:who:{brand_id}:")).response
    await boss.select(who, ["editors"], custom_id=f"quillbrand:open:{brand_id}:")
    assert read_message(get_answer(await viewer.slash(world.channel, "brand edit", name="Ours"))) == CHOSEN
    bens = await open_brand(world, world.ben)
    assert f"quillbrand:who:{brand_id}:" not in find_buttons(bens).values()
    typing = await form(world.ben, bens, "facts")
    page = get_answer(await world.ben.submit_modal(typing, {"facts": "We sew."}))
    assert "We sew." in read_message(page)
    typing = await form(world.ben, bens, "facts")
    await boss.select(who, ["owners"], custom_id=f"quillbrand:open:{brand_id}:")
    late = get_answer(await world.ben.submit_modal(typing, {"facts": "We are pirates."}))
    assert NOT_OWNERS in read_message(late)
    assert (await book_of(world, brand_id)).facts == (BrandFact(value="We sew."),)


async def test_individual_members_can_be_editors_until_they_are_forgotten(world, boss, viewer):
    brand_id = await add_server_brand(world)
    page = await open_brand(world, boss)
    who = (await boss.click(page, custom_id=f"quillbrand:who:{brand_id}:")).response
    shown = (await boss.select(who, [viewer], custom_id=f"quillbrand:named:{brand_id}:")).response
    assert f"Owners, <@{viewer.id}>" in read_message(shown)
    back = (await boss.click(shown, label="Back")).response
    assert f"**Who can edit**\nOwners, <@{viewer.id}>" in read_message(back)
    hers = await open_brand(world, viewer)
    await fill_in_section(viewer, hers, "facts", facts="We sew.")
    assert (await book_of(world, brand_id)).facts == (BrandFact(value="We sew."),)
    assert read_message(get_answer(await world.ben.slash(world.channel, "brand edit", name="Ours"))) == CHOSEN
    await world.desk.privacy.forget(str(viewer.id))
    kept = await book_of(world, brand_id)
    assert (kept.named, kept.facts) == ((), (BrandFact(value="We sew."),))


async def test_the_first_of_two_concurrent_edits_wins(world, boss):
    brand_id = await add_server_brand(world, facts=(BrandFact(label="Hours", value="8–18"),), open_to="editors")
    mine, bens = await open_brand(world, boss), await open_brand(world, world.ben)
    forms = [await form(boss, mine, "facts"), await form(world.ben, bens, "facts")]
    await boss.submit_modal(forms[0], {"facts": "Hours: 9–18"})
    told_ben = get_answer(await world.ben.submit_modal(forms[1], {"facts": "Hours: 8–18\nWe sew."}))
    said = read_message(told_ben)
    assert said.startswith("Someone else changed this while you were writing, so your")
    assert "\\- Hours: 8–18\n+ Hours: 9–18" in said
    assert (await book_of(world, brand_id)).facts == (BrandFact(label="Hours", value="9–18"),)
    again = await world.ben.click(told_ben, label="Edit again")
    assert find_fields(again.modal)["Facts, one per line: “label: value”"]["value"] == "Hours: 8–18\nWe sew."
    await world.ben.submit_modal(again, {"facts": "Hours: 9–18\nWe sew."})
    assert len((await book_of(world, brand_id)).facts) == 2
    # Another section is nobody's concern.
    late = await form(boss, mine, "claims")
    await fill_in_section(world.ben, bens, "words", prefer="tune-up")
    await boss.submit_modal(late, {"claims": "Best in Kiel"})
    assert (await book_of(world, brand_id)).claims == ("Best in Kiel",)
    audit = read_message(get_answer(await boss.slash(world.channel, "audit")))
    assert audit.count("changed the brand") == 4, "who was refused is not noted"
    assert f"<@{boss.id}> changed the brand “{(await get_brand_name(world, brand_id))}”: claims" in audit


async def test_one_of_two_simultaneous_presses_is_saved(world, boss):
    brand_id = await add_server_brand(world, open_to="editors")
    mine, bens = await open_brand(world, boss), await open_brand(world, world.ben)
    forms = [await form(boss, mine, "claims"), await form(world.ben, bens, "claims")]
    results = await act_at_once(
        world.env,
        lambda: boss.submit_modal(forms[0], {"claims": "A"}),
        lambda: world.ben.submit_modal(forms[1], {"claims": "B"}),
    )
    kept = (await book_of(world, brand_id)).claims
    assert kept in (("A",), ("B",))
    assert len(results) == 2


async def test_buttons_work_after_a_restart(world, settings, script, boss):
    brand_id = await add_server_brand(world)
    page = await open_brand(world, boss)
    who = (await boss.click(await open_brand(world, boss), custom_id=f"quillbrand:who:{brand_id}:")).response
    async with restart_process(world, settings, script):
        await fill_in_section(boss, page, "facts", facts="We sew.")
        await boss.select(who, ["editors"], custom_id=f"quillbrand:open:{brand_id}:")
        kept = await book_of(world, brand_id)
        assert (kept.facts, kept.open_to) == ((BrandFact(value="We sew."),), "editors")
        await world.app.store.brands.delete(workspace(world.guild.id), brand_id)
        gone = await boss.click(page, custom_id=find_action_ids(page, "edit")["facts"])
        assert read_message(get_answer(gone)) == "That brand no longer exists here."


async def test_texts_use_only_their_own_of_three_brands(world, boss):
    names = ("Aster", "Birch", "Clover")
    words = ("zebra", "quagga", "dodo")
    brands = [
        await add_server_brand(
            world, name, facts=(BrandFact(value=f"We keep a {word}."),), legal=(LegalLine(text=f"Mind the {word}."),)
        )
        for name, word in zip(names, words, strict=True)
    ]
    channel = world.guild.create_text_channel("birch")
    settings = world.app.store.workspace_settings
    await settings.change(
        str(world.guild.id),
        lambda data: (
            WorkspaceSettings.from_json(data)
            .with_values(brand=brands[0])
            .with_channel(str(channel.id), brand=brands[1])
            .to_json()
        ),
    )
    await world.ben.slash(world.channel, "brand use", name="Clover")
    world.script.says("We open on Monday, and you are all welcome to come by and see us.")
    for who, place, at in ((world.ada, world.channel, 0), (world.ada, channel, 1), (world.ben, channel, 2)):
        before = len(world.script.prompts)
        result = (await who.slash(place, "copy", kind="social_post", brief="We keep opening on Monday.")).response
        seen = "\n".join([read_message(result), *world.script.prompts[before:]])
        assert [word in seen for word in words] == [number == at for number in range(3)]
        assert f"Mind the {words[at]}." in read_message(result)
    listed = read_message((await world.ada.slash(world.channel, "brand show")).response)
    assert all(f"**{name}** (belongs to this server)" in listed for name in names)


@pytest.mark.parametrize("ending", ["json", "toml"])
async def test_a_brand_survives_export_and_import(world, ending):
    page = (await world.ada.slash(world.channel, "brand make", name="Fern")).response
    await fill_in_section(world.ada, page, "facts", facts="Hours: 8–18\nA “quote”: \\ and 日本")
    await fill_in_section(world.ada, page, "palette", palette="Moss: #14532D")
    sent = await world.ada.slash(world.channel, "brand export", name="Fern", form=ending)
    body = await sent.response.attachments[0].read()
    data = (tomllib.loads if ending == "toml" else json.loads)(body.decode())
    assert data["facts"][0] == "Hours: 8–18"
    taken = (await world.ben.slash(world.channel, "brand import", file=(f"fern.{ending}", body))).response
    assert "Hours: 8–18" in read_message(taken)
    [bens] = await world.app.store.brands.list_all(str(world.ben.id))
    assert bens.value.book.palette == (Colour(name="Moss", hex="#14532D"),)


async def test_an_invalid_brand_file_creates_no_brand(world):
    for name, body, said in (
        ("a.json", b"[]", "That file does not contain a brand."),
        ("a.json", b"{", "That file is neither JSON nor TOML."),
        ("a.toml", b"facts = 3\nname = 'x'", "“facts” in that file must be a text or a list of lines."),
        ("a.json", b'{"name": "x", "palette": ["green"]}', "Line 1 needs a six-digit colour code"),
        ("a.json", b'{"facts": ["We mend."]}', "A brand needs a name"),
        ("a.json", b"x" * 70_000, "That file has 70,000 bytes; the limit for a brand is 64,000."),
    ):
        refused = await world.ada.slash(world.channel, "brand import", file=(name, body))
        assert said in read_message(get_answer(refused))
        assert await world.app.store.brands.list_all(str(world.ada.id)) == []


async def test_a_brand_given_again_keeps_the_servers_brand_book(world, boss):
    await add_server_brand(world, facts=(BrandFact(value="We mend."),))
    shown = await boss.slash(
        world.channel, "brand learn", name="Ours", file=("a.txt", b"We mend what you bring us. " * 20)
    )
    await boss.click(get_answer(shown), label="Save")
    await boss.slash(world.channel, "brand lend", name="Ours", to="workspace")
    [kept] = await world.app.store.brands.list_all(workspace(world.guild.id))
    assert kept.value.style is not None
    assert kept.value.book.facts == (BrandFact(value="We mend."),)


async def test_a_shared_brand_can_be_used_but_not_edited_by_others(world, boss):
    page = (await boss.slash(world.channel, "brand make", name="Fern")).response
    await fill_in_section(boss, page, "facts", facts="We keep a zebra.")
    await boss.slash(world.channel, "brand lend", name="Fern", to="channel")
    refused = await world.ben.slash(world.channel, "brand edit", name="Fern")
    assert read_message(get_answer(refused)) == "Only the person who made that brand can change it."
    await world.app.store.profiles.update(
        str(world.ben.id), lambda known: known.model_copy(update={"facts": ("My secret is quagga",)})
    )
    await world.ben.slash(world.channel, "brand use", name="Fern")
    await world.ben.slash(world.channel, "copy", kind="social_post", brief="We open on Monday.")
    assert "zebra" in world.script.drafts[-1]
    assert "quagga" not in world.script.drafts[-1]


async def test_the_audit_log_shows_the_brand_name_as_written(world, boss):
    """A link in it is in full view, and nothing in it is a heading or a ping."""
    details = {"brand": "[Approve](https://evil.example) @everyone", "changed": ["facts"]}
    async with world.app.recorder.transaction() as note:
        await note(str(world.guild.id), "brand", str(boss.id), "b1", details)
    shown = read_message(get_answer(await boss.slash(world.channel, "audit")))
    assert "evil.example" in shown
    assert "[Approve](" not in shown.replace("\\[", "")
    assert "@everyone" not in shown


async def test_a_brand_is_shown_on_one_page_with_machine_readable_colours(world):
    colours = (("Crust", "#A8431F"), ("Crème", "#FFF6E3"), ("Sage", "#8FA58A"))
    book = Book(
        about="Bread from a wood oven.",
        avoid=(AvoidedWord(word="cheap", instead="fair"),),
        palette=tuple(Colour(name=name, hex=digits) for name, digits in colours),
    )
    await world.app.store.brands.add(str(world.ada.id), Brand(name="Bakery Lamp", samples=(), book=book))
    shown = get_answer(await world.ada.slash(world.channel, "brand sheet", name="Bakery Lamp"))
    assert shown.ephemeral
    page, css, tokens = shown.attachments
    assert Image.open(io.BytesIO(await page.read())).width == 1320
    assert "Crème / Crust 5.6 : 1 AA" in page.description
    assert "Crème / Crust 5.6 : 1 AA" in read_message(shown), "in words too, to be copied"
    assert "Sage / Crème" not in page.description, "2.5 to 1 is no contrast for text"
    assert "Words to avoid: cheap: fair" in page.description
    assert "--creme: #FFF6E3;" in (await css.read()).decode()
    made = json.loads(await tokens.read())["color"]
    assert made["crust"]["$value"] == {
        "colorSpace": "srgb",
        "components": [0.6588, 0.2627, 0.1216],
        "hex": "#a8431f",
    }
    only = get_answer(await world.ada.slash(world.channel, "brand sheet"))
    assert only.attachments[0].description == page.description, "the only one there is needs no name"
    await world.app.store.brands.add(str(world.ada.id), Brand(name="Kiosk", samples=(), book=Book()))
    several = get_answer(await world.ada.slash(world.channel, "brand sheet"))
    assert "Which brand? Choose one of these: Bakery Lamp, Kiosk." in read_message(several)
    assert "There is no brand yet." in read_message(get_answer(await world.ben.slash(world.channel, "brand sheet")))
    refused = get_answer(await world.ben.slash(world.channel, "brand sheet", name="Bakery Lamp"))
    assert "There is no brand" in read_message(refused)


async def test_a_palette_is_generated_from_words_and_saved_in_a_brand(world):
    brand = await world.app.store.brands.add(str(world.ada.id), Brand(name="Bakery Lamp", samples=(), book=Book()))
    shown = get_answer(
        await world.ada.slash(world.channel, "brand palette", words="warm, a bakery, #7a3e1d", keep="Bakery Lamp")
    )
    assert shown.ephemeral
    page, css, gpl, tokens = shown.attachments
    assert Image.open(io.BytesIO(await page.read())).width == 1320
    assert "Primary · Chestnut: #7A3E1D" in page.description
    assert "--primary: #7A3E1D;" in (await css.read()).decode()
    assert (await gpl.read()).startswith(b"GIMP Palette\nName: warm, a bakery")
    assert json.loads(await tokens.read())["color"]["primary-chestnut"]["$value"]["hex"] == "#7a3e1d"
    assert "-# What I understood: warm, bakery, \\#7A3E1D" in read_message(
        shown
    ) or "What I understood: warm, bakery, #7A3E1D" in read_message(shown)
    assert "This is now the palette of Bakery Lamp." in read_message(shown)
    assert "\n**Readable combinations**\n- Text on Background: " in read_message(shown), (
        "its headings and lists are shown as such"
    )
    [kept] = [one for one in await world.app.store.brands.list_all(str(world.ada.id)) if one.id == brand.id]
    assert Colour(name="Primary · Chestnut", hex="#7A3E1D") in kept.value.book.palette
    refused = get_answer(await world.ada.slash(world.channel, "brand palette", words="for Bob"))
    assert "I do not recognise a colour or a mood in" in read_message(refused)
    others = get_answer(await world.ben.slash(world.channel, "brand palette", words="warm", keep="Bakery Lamp"))
    assert "There is no brand" in read_message(others)
