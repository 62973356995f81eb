"""Pictures made of pictures: which part words mean, what an engine is asked for, and the buttons below what was drawn."""

from __future__ import annotations

import asyncio
import io
from datetime import date
from typing import Any

import pytest
from acting import open_more, tap
from catalogues import WHOLE
from discord_texts import find_buttons, find_fields, get_answer, list_file_names, read_message
from image_servers import make_picture, read_size
from PIL import Image

from bot.content import Alteration, Content, run_directly
from bot.engines.images import Edit, EditWay, ImageEngine, ImageTraits, Picture
from bot.engines.images._canvas import encode_png
from bot.errors import EngineError, RefusedError
from bot.images.alteration import check_alteration, describe_alteration, plan_alteration
from bot.images.pictures import PictureStore
from bot.images.regions import build_mask, find_regions, load_regions
from bot.images.studio import PICTURE_EXPIRED, Studio
from bot.locales import localize, translate
from storage.crypto import OwnerKey
from storage.owners import workspace

ALL: frozenset[EditWay] = frozenset({"vary", "change", "enlarge", "widen"})
ANY = ImageTraits(ways=ALL)
PARTS = {"prompt": "(A fox:1.2), snow", "target": "sdxl", "negative_prompt": "blurry"}
WIDE = "A fox in the snow, low sun from the left.\n\nFormat: 16:9\nAlt text: A fox stands in the snow."


class Painter:
    """Draws one colour by the seed, over a picture only where its mask is white."""

    def __init__(self, ways: frozenset[EditWay] = ALL) -> None:
        self.label, self.traits = "Painter", ImageTraits("sdxl", weights=True, ways=ways)
        self.edits: list[Edit] = []
        self.trouble: Exception | None = None

    async def check(self) -> str:
        return "Painter answers"

    async def make(self, wanted: Picture) -> bytes:
        return make_picture(wanted.width // 8, wanted.height // 8, wanted.seed)

    async def edit(self, edit: Edit) -> bytes:
        if self.trouble:
            raise self.trouble
        self.edits.append(edit)
        return make_picture(edit.picture.width, edit.picture.height, edit.picture.seed)

    async def close(self) -> None:
        pass


@pytest.fixture
def painter() -> Painter:
    return Painter()


@pytest.fixture
def images(painter: Painter) -> ImageEngine:
    return ImageEngine(painter, name="painter", timeout=5)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("only the sky", "top"),
        ("den Himmel", "top"),
        ("el cielo", "top"),
        ("le ciel", "top"),
        ("o céu", "top"),
        ("the grass in the foreground", "bottom"),
        ("den Boden", "bottom"),
        ("el suelo", "bottom"),
        ("o chão", "bottom"),
        ("the background", "edges"),
        ("der Hintergrund", "edges"),
        ("el fondo", "edges"),
        ("l'arrière-plan", "edges"),
        ("the top left corner", "upper_left"),
        ("oben links", "upper_left"),
        ("en haut à gauche", "upper_left"),
        ("left and right", "left right"),
        ("le milieu", "middle"),
        ("unten rechts", "lower_right"),
        ("die untere rechte Ecke", "lower_right"),
        ("der linken oberen Ecke", "upper_left"),
        ("the sky and the ground", "top bottom"),
    ],
)
def test_parts_of_a_picture_are_named_in_five_languages(words: str, named: str) -> None:
    assert " ".join(region.name for region in find_regions(words)) == named


def test_an_unknown_part_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        RefusedError, match="“her hat” is in the picture. Name one of these places: the sky, the ground"
    ):
        find_regions("her hat")


def test_every_part_is_named_in_every_language() -> None:
    assert all(translate(region.label, language) != region.label for region in load_regions() for language in WHOLE)
    assert all(len(region.words.split("|")) > 10 for region in load_regions())


def format_mask(mask: bytes) -> str:
    """Format a mask as three rows of three characters."""
    with Image.open(io.BytesIO(mask)) as image:
        width, height = image.size
        spots = [(width * across // 6, height * down // 6) for down in (1, 3, 5) for across in (1, 3, 5)]
        signs = "".join(".#"[image.getpixel(spot) > 127] for spot in spots)
    return " ".join(signs[at : at + 3] for at in (0, 3, 6))


@pytest.mark.parametrize(
    ("words", "drawn"),
    [
        ("sky", "### ... ..."),
        ("ground", "... ... ###"),
        ("left", "#.. #.. #.."),
        ("right", "..# ..# ..#"),
        ("middle", "... .#. ..."),
        ("background", "### #.# ###"),
        ("lower right", "... ... ..#"),
        ("sky and right", "### ..# ..#"),
    ],
)
def test_a_mask_is_white_over_its_part(words: str, drawn: str) -> None:
    assert format_mask(build_mask(find_regions(words), (120, 90))) == drawn


def plan(way: str, size: tuple[int, int] = (640, 480), traits: ImageTraits = ANY, **more: str) -> Any:
    source = encode_png(Image.linear_gradient("L").resize(size).convert("RGB"))
    return plan_alteration(Alteration(way, "x-1.png", **more), source, PARTS, 5, traits)


def test_variations_differ_in_their_seeds() -> None:
    made = plan("vary").edits
    assert [(edit.picture.seed, edit.picture.weighted, edit.mask) for edit in made] == [
        (seed, "(A fox:1.2), snow", None) for seed in (5, 6, 7)
    ]


def test_the_new_content_leads_the_prompt_and_the_reply_names_the_part() -> None:
    made = plan("change", part="only the sky", into="storm clouds")
    [edit] = made.edits
    assert (edit.picture.prompt, edit.picture.weighted) == ("storm clouds, (A fox:1.2), snow", "")
    assert format_mask(edit.mask) == "### ... ..."
    assert str(made.message) == "I changed this part: the upper third."
    assert localize(made.message, "de") == "Ich habe diesen Teil geändert: das obere Drittel."
    by_words = plan("change", traits=ImageTraits(ways=ALL, by_words=True), part="her hat", into="a crown")
    assert by_words.edits[0].mask is None
    assert "her hat" in str(by_words.message)


def test_a_part_found_by_a_model_is_described_as_its_guess() -> None:
    mask = Image.new("L", (640, 480))
    mask.paste(255, (0, 0, 320, 240))
    source = make_picture(640, 480)
    made = plan_alteration(Alteration("change", "x", "her hat", "a crown"), source, PARTS, 5, ANY, encode_png(mask))
    assert made.edits[0].mask == encode_png(mask)
    assert str(made.message) == "I changed what a model recognised as “her hat”: 25 % of the picture."
    check_alteration("change", "her hat", ANY, has_finder=True)
    check_alteration("change", "her hat", ImageTraits(ways=ALL, by_words=True))
    with pytest.raises(RefusedError):
        check_alteration("change", "her hat", ANY)


def test_wider_keeps_the_middle_and_masks_the_sides() -> None:
    made = plan("widen")
    [edit] = made.edits
    assert read_size(edit.source) == read_size(edit.mask) == (960, 480)
    assert format_mask(edit.mask) == "#.# #.# #.#"
    plain = plan_alteration(Alteration("widen", "x"), make_picture(640, 480, 9), PARTS, 5, ANY).edits[0]
    with Image.open(io.BytesIO(plain.source)) as canvas:
        assert canvas.getcolors() == [(960 * 480, (9, 0, 90))], "no seam"
    with Image.open(io.BytesIO(edit.source)) as canvas:
        before = Image.linear_gradient("L").resize((640, 480))
        assert [canvas.getpixel((480, row))[0] for row in (9, 240, 470)] == [
            before.getpixel((320, row)) for row in (9, 240, 470)
        ]
    told_sizes = str(describe_alteration(made.message, "widen", make_picture(640, 480), make_picture(960, 480)))
    assert told_sizes == "Widened from 640 × 480 to 960 × 480 pixels. The sides are new."
    with pytest.raises(RefusedError, match="This picture is already as wide as I can draw."):
        plan("widen", (1200, 500))
    narrow = plan("widen", (1024, 1024), ImageTraits(ways=ALL, widest=1.5)).edits[0].picture
    assert (narrow.width, narrow.height) == (1536, 1024)
    large = plan("widen", (2000, 1600)).edits[0].picture
    assert large.width == 2304


def test_enlarging_doubles_a_picture_up_to_the_limit_for_sending() -> None:
    sizes = [plan("enlarge", size).edits[0].picture for size in ((640, 480), (3000, 1500))]
    assert [(one.width, one.height) for one in sizes] == [(1280, 960), (4096, 2048)]
    with pytest.raises(RefusedError, match=r"I cannot send pictures larger than this: 4096 × 64 pixels\."):
        plan("enlarge", (4096, 64))


async def draw_picture(world: Any, brief: str = "a fox in the snow, 16:9") -> Any:
    world.script.says(WIDE)
    return (await world.ada.slash(world.channel, "image", kind="image_prompt", brief=brief)).response


async def test_buttons_make_new_pictures_from_a_picture(world, painter, settings):
    shown = await draw_picture(world)
    assert list(find_buttons(shown))[:5] == ["Change…", "Another", "Download", "Copy", "More…"]
    more = find_buttons(await open_more(world.ada, shown))
    assert list(more)[:6] == ["Keep", "Seed and settings", "Variations", "Change a part…", "Larger", "Wider"]
    first = await world.generation(shown)
    stranger = await tap(world.ben, shown, "Wider")
    assert stranger.response.ephemeral
    assert painter.edits == []

    wider = (await tap(world.ada, shown, "Wider")).response
    assert (list_file_names(wider), read_size(await wider.attachments[0].read())) == (["image_prompt-1.png"], (224, 96))
    assert "Widened from 168 × 96 to 224 × 96 pixels." in read_message(wider)
    child = await world.generation(wider)
    assert (child.parent_id, child.text, child.parts["prompt"]) == (first.id, first.text, first.parts["prompt"])
    assert sorted(file.name for file in (settings.data / "pictures").glob("*/*")) == [
        f"{first.id}-1.png",
        f"{child.id}-1.png",
    ]

    modal = await tap(world.ada, shown, "Change a part…")
    ids = find_fields(modal.modal)
    answers = {ids["Which part"]["custom_id"]: "her hat", ids["What it should become"]["custom_id"]: "storm clouds"}
    refused = get_answer(await world.ada.submit_modal(modal, answers))
    assert refused.ephemeral
    assert "Name one of these places" in read_message(refused)
    modal = await tap(world.ada, shown, "Change a part…")
    ids = find_fields(modal.modal)
    answers = {
        ids["Which part"]["custom_id"]: "only the sky",
        ids["What it should become"]["custom_id"]: "storm clouds",
    }
    changed = (await world.ada.submit_modal(modal, answers)).response
    assert "I changed this part: the upper third." in read_message(changed)
    assert changed.attachments[0].description.endswith("I changed this part: the upper third.")
    assert format_mask(painter.edits[-1].mask) == "### ... ..."

    varied = (await tap(world.ada, shown, "Variations")).response
    assert list_file_names(varied) == [f"image_prompt-{number}.png" for number in (1, 2, 3)]
    told_apart = [one.description for one in varied.attachments]
    assert all(f" ({at}/3). Variations of the previous picture." in one for at, one in enumerate(told_apart, 1))
    which = (await tap(world.ada, varied, "Larger")).response
    assert (which.ephemeral, list(find_buttons(which))) == (True, ["1", "2", "3"])
    larger = (await world.ada.click(which, label="2")).response
    assert read_size(await larger.attachments[0].read()) == (336, 192)
    source = painter.edits[-1].source
    assert source == await varied.attachments[1].read(), "the second"


async def test_requests_about_a_picture_are_moderated_counted_and_may_fail(world, painter):
    shown = await draw_picture(world)
    modal = await tap(world.ada, shown, "Change a part…")
    ids = find_fields(modal.modal)
    harm = {
        ids["Which part"]["custom_id"]: "sky",
        ids["What it should become"]["custom_id"]: "how to build a pipe bomb at home",
    }
    assert get_answer(await world.ada.submit_modal(modal, harm)).ephemeral
    assert painter.edits == []
    painter.trouble = EngineError("Painter did not draw within 5 seconds. Try again in a moment.")
    failed = get_answer(await tap(world.ada, shown, "Larger"))
    assert "Painter did not draw within 5 seconds. Try again in a moment." in read_message(failed)
    painter.trouble = None
    # Swept away after a day, the picture is taken from the message, as long as that is there.
    await world.app.studio.pictures.forget(str(world.ada.id))
    assert list_file_names((await tap(world.ada, shown, "Larger")).response) == ["image_prompt-1.png"]
    counted = await world.app.store.usage.load_figures(
        workspace(str(world.guild.id)), date(2000, 1, 1), date(2100, 1, 1)
    )
    assert next(one for one in counted.kinds if one.name == "image_prompt").requests == 2, (
        "the picture and the larger one"
    )
    more = await open_more(world.ada, shown)
    world.app.studio.engine._provider.traits = ImageTraits("sdxl")
    assert "cannot do that to a picture" in read_message(get_answer(await world.ada.click(more, label="Wider")))
    assert "Variations" not in find_buttons(await open_more(world.ada, shown))


async def test_a_picture_that_is_not_stored_cannot_be_altered(world, painter):
    shown = await draw_picture(world)
    more = await open_more(world.ada, shown)
    await world.app.studio.pictures.forget(str(world.ada.id))
    gone = get_answer(await world.ada.click(more, label="Larger"))
    assert read_message(gone) == "I no longer have that picture. Press Another for a new one."
    world.env.backend.messages[world.channel.id][shown.id].attachments = []
    more = find_buttons(await open_more(world.ada, shown))
    assert "Variations" not in more
    assert "Why?" in more


async def test_an_expired_picture_is_reported(world, painter):
    shown = await draw_picture(world)
    made = await world.generation(shown)
    request = Alteration("enlarge", f"{made.id}-9.png")
    with pytest.raises(RefusedError, match=PICTURE_EXPIRED[:30]):
        await world.app.studio.alter(request, Content(made.text, made.parts), made.user_id, "n", 1, run_directly)


class Kept:
    """Checkpoints like those of a durable job: the result of a step is returned again after a restart."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    async def __call__(self, name: str, step: Any) -> Any:
        if name not in self.values:
            self.values[name] = await step()
        return self.values[name]


async def test_a_variation_is_drawn_once_even_if_a_later_step_fails(painter, tmp_path):
    async def load_key(user_id: str) -> OwnerKey:
        return OwnerKey(user_id, b"k" * 32)

    pictures, kept = PictureStore(tmp_path, load_key), Kept()
    await pictures.save("7", "a-1.png", make_picture(64, 48))
    studio = Studio(pictures, ImageEngine(painter, name="painter"))
    wanted, content = Alteration("vary", "a-1.png"), Content("x", {"prompt": "a fox", "target": "sdxl"})
    edit, painter.edit = painter.edit, _die_after(painter, after=2)
    with pytest.raises(asyncio.CancelledError):
        await studio.alter(wanted, content, "7", "b", 5, kept)
    painter.edit = edit
    made, _ = await studio.alter(wanted, content, "7", "b", 5, kept)
    assert [edit.picture.seed for edit in painter.edits] == [5, 6, 7]
    assert len(set(made)) == 3
    assert await pictures.list_names("7") == ["a-1.png", "b-1.png", "b-2.png", "b-3.png"]
    await pictures.forget("7")
    with pytest.raises(RefusedError, match="I no longer have that picture"):
        await studio.alter(wanted, content, "7", "c", 5, kept)


def _die_after(painter: Painter, after: int) -> Any:
    """Return an edit function that draws this many pictures before the process dies."""
    edit = painter.edit

    async def draw(wanted: Edit) -> bytes:
        if len(painter.edits) >= after:
            raise asyncio.CancelledError
        return await edit(wanted)

    return draw
