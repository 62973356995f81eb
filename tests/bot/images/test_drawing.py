"""Pictures in replies: drawn below their prompt by a server on loopback, kept beside the job, told to those who do not see."""

from __future__ import annotations

import asyncio
import io
import json
import os
from dataclasses import replace
from typing import Any

import pytest
from acting import act_in_language, open_more, tap
from catalogues import WHOLE
from discord_texts import (
    body,
    find_buttons,
    find_fields,
    get_answer,
    list_file_names,
    list_texts,
    read_message,
    walk_components,
)
from discord_texts import get_components as parts_of
from image_servers import make_picture, read_size
from pypdf import PdfReader
from writing import build_content

from bot.engines.images import ImageEngine, ImageTraits, Picture
from bot.errors import EngineError
from bot.images.pictures import PictureStore
from bot.images.studio import CONNECT, CONNECT_OPERATOR, Studio
from bot.locales import translate
from bot.requests.illustrations import Illustrations
from bot.settings import Settings
from storage.crypto import OwnerKey

GALLERY, FILE = 12, 13


async def load_key(user_id: str) -> OwnerKey:
    return OwnerKey(user_id, b"k" * 32)


class Painter:
    """Draws one colour; `trouble` is raised instead, from the picture of that number on."""

    def __init__(self, dialect: str = "sdxl", *, weights: bool = True) -> None:
        self.label, self.traits = "Painter", ImageTraits(dialect, weights)
        self.drawn: list[Picture] = []
        self.trouble: tuple[int, Exception] | None = None

    async def check(self) -> str:
        return "Painter answers"

    async def make(self, wanted: Picture) -> bytes:
        if self.trouble and len(self.drawn) + 1 >= self.trouble[0]:
            raise self.trouble[1]
        self.drawn.append(wanted)
        return make_picture(wanted.width // 8, wanted.height // 8, wanted.seed)

    async def close(self) -> None:
        pass


@pytest.fixture
def painter() -> Painter:
    return Painter()


@pytest.fixture
def images(painter: Painter) -> ImageEngine:
    return ImageEngine(painter, name="painter", timeout=5)


def list_gallery_items(shown: Any) -> list[dict[str, Any]]:
    return [item for part in walk_components(parts_of(shown)) if part["type"] == GALLERY for item in part["items"]]


def list_picture_files(settings: Settings) -> list[str]:
    return sorted(file.name for file in (settings.data / "pictures").glob("*/*"))


FOX = "A red fox in the snow, low sun from the left.\n\nFormat: 16:9\nKeep out: people\nAlt text: A fox stands in the snow."
SEEDED = f"{FOX}\nSeed: 42"
GRID = "\n\n".join(
    f"### Prompt {number}\n\n```\na {animal} in the snow\n```"
    for number, animal in enumerate(("fox", "hare", "owl", "wolf", "lynx"), 1)
)


async def ask(
    world: Any, text: str = FOX, brief: str = "a fox in the snow, 16:9, no people", kind: str = "image_prompt"
) -> Any:
    """Return the answer to a brief for which the model writes this text."""
    if text:
        world.script.says(text)
    return (await world.ada.slash(world.channel, "image", kind=kind, brief=brief)).response


async def test_a_picture_is_shown_below_its_prompt_with_alt_text(world, painter, settings):
    shown = await ask(world, SEEDED)
    kept = await world.generation(shown)
    [drawn] = painter.drawn
    assert (drawn.seed, drawn.width, drawn.height) == (42, 1344, 768)
    assert drawn.weighted == kept.parts["prompt"] == FOX.partition("\n")[0]
    assert drawn.negative_prompt == kept.parts["negative_prompt"] == "people"
    assert list_file_names(shown) == ["image_prompt-1.png"]
    assert read_size(await shown.attachments[0].read()) == (168, 96)
    [item] = list_gallery_items(shown)
    assert item["description"] == kept.parts["alt_text"]
    assert kept.parts["raw"] in body(shown)
    assert CONNECT not in read_message(shown)
    assert list_picture_files(settings) == [f"{kept.id}-1.png"]


async def test_another_draws_with_a_different_seed(world, painter):
    shown = await ask(world)
    varied = (await tap(world.ada, shown, "Another")).response
    assert painter.drawn[0].seed != painter.drawn[1].seed
    assert painter.drawn[0].prompt == painter.drawn[1].prompt
    assert list_file_names(varied) == ["image_prompt-1.png"]


async def test_a_change_keeps_the_seed_named_in_the_prompt(world, painter):
    shown = await tap(world.ada, await ask(world, SEEDED), "Change…")
    world.script.says(SEEDED.replace("low sun", "full moon"))
    wish = find_fields(shown.modal)["What you would like changed"]["custom_id"]
    await world.ada.submit_modal(shown, {wish: "at night"})
    assert [drawn.seed for drawn in painter.drawn] == [42, 42]
    assert "full moon" in painter.drawn[1].prompt


async def test_a_grid_draws_up_to_four_pictures_with_one_seed(world, painter):
    shown = await ask(world, f"{GRID}\n\nSeed: 7", "five animals in the snow")
    assert [drawn.seed for drawn in painter.drawn] == [7] * 4
    assert len({drawn.prompt for drawn in painter.drawn}) == len({drawn.weighted for drawn in painter.drawn}) == 4
    assert list_file_names(shown) == [f"image_prompt-{number}.png" for number in (1, 2, 3, 4)]
    assert len(list_gallery_items(shown)) == 4


async def test_a_failure_to_draw_is_reported_below_the_prompt(world, painter):
    painter.trouble = (1, EngineError("Painter did not draw within 5 seconds. Try again in a moment."))
    shown = await ask(world)
    assert "-# Painter did not draw within 5 seconds. Try again in a moment." in read_message(shown)
    assert (await world.generation(shown)).parts["raw"] in body(shown)
    assert (list_file_names(shown), list_gallery_items(shown)) == ([], [])
    assert "Another" in find_buttons(shown)
    assert "Variations" not in find_buttons(await open_more(world.ada, shown))


async def test_the_finished_pictures_of_a_failed_grid_are_shown(world, painter):
    painter.trouble = (3, RuntimeError("secret detail"))
    shown = await ask(world, GRID, "animals in the snow")
    assert len(list_gallery_items(shown)) == 2
    assert "-# Painter could not draw this. Try again in a moment." in read_message(shown)
    assert "secret" not in read_message(shown)


async def test_a_prompt_for_another_model_is_drawn_without_its_flags(world, painter):
    text = "```\na red fox in the snow --ar 2:3 --no people\n```"
    shown = await ask(world, text, "tall poster of a fox, midjourney")
    [drawn] = painter.drawn
    assert "--" not in drawn.prompt
    assert drawn.weighted == ""
    assert drawn.width < drawn.height
    assert "--ar 2:3" in body(shown)


@pytest.mark.parametrize("painter", [Painter("flux", weights=False)])
async def test_the_prompt_is_in_the_dialect_of_the_engine(world, painter):
    made = (await world.generation(await ask(world, brief="a fox"))).parts
    assert (made["target"], painter.drawn[0].weighted) == ("flux", "")
    named = (await world.generation(await ask(world, brief="a fox, sdxl"))).parts
    assert named["target"] == "sdxl"


async def test_forget_deletes_the_pictures(world, settings):
    await ask(world)
    assert list_picture_files(settings)
    shown = (await world.ada.slash(world.channel, "privacy forget")).response
    await world.ada.click(shown, label=next(iter(find_buttons(shown))))
    assert list_picture_files(settings) == []


@pytest.mark.parametrize("kind", ["logo", "layout"])
async def test_drawings_are_shown_without_an_engine(kind, world, painter):
    shown = await ask(world, "", "round logo of an owl" if kind == "logo" else "landing page", kind)
    assert painter.drawn == []
    assert list_file_names(shown) == [f"{kind}.png"]
    [item] = list_gallery_items(shown)
    assert item["description"]
    width, height = read_size(await shown.attachments[0].read())
    assert max(width, height) == 1600


async def test_texts_have_no_pictures(world, painter):
    shown = (await world.post()).response
    assert (painter.drawn, list_file_names(shown), list_gallery_items(shown)) == ([], [], [])


nothing_draws = pytest.mark.parametrize("images", [None])


@nothing_draws
async def test_without_an_engine_the_prompt_is_shown_with_advice_on_pictures(world):
    shown = await ask(world)
    assert f"-# {CONNECT}" in list_texts(shown)
    assert (await world.generation(shown)).parts["raw"] in body(shown)
    assert (list_file_names(shown), list_gallery_items(shown)) == ([], [])


@nothing_draws
async def test_the_advice_on_pictures_is_in_the_readers_language(world):
    world.script.says(FOX)
    asked = {"kind": "image_prompt", "brief": "a fox, no people"}
    shown = (await act_in_language(world, "de", world.ada.slash, world.channel, "image", **asked)).response
    assert translate(CONNECT, "de") in read_message(shown)
    # It is for people in a channel, who have no settings to name.
    assert "QUILLMATE" not in read_message(shown)
    assert all(translate(CONNECT, language) != CONNECT for language in WHOLE)


async def test_each_shot_of_a_storyboard_is_drawn_and_on_its_contact_sheet(world, painter):
    shown = (
        await world.ada.slash(world.channel, "ask", question="storyboard for our kite shop, 3 shots, 20 seconds")
    ).response
    kept = await world.generation(shown)
    assert kept.kind == "storyboard"
    assert [drawn.prompt for drawn in painter.drawn] == kept.parts["variants"]
    assert list_file_names(shown) == ["storyboard-sheet-1.png", *(f"storyboard-{number}.png" for number in (1, 2, 3))]
    each = [one.description for one in shown.attachments][1:]
    assert each == [shot["seen"] for shot in kept.parts["shots"]], "each picture is described by itself"
    [file] = get_answer(await tap(world.ada, shown, "Contact sheet")).attachments
    (page,) = PdfReader(io.BytesIO(await file.read())).pages
    assert {one.image.size for one in page.images} == {(168, 96)}, "the pictures that were drawn"


@nothing_draws
async def test_a_storyboard_without_an_engine_has_empty_frames(world):
    shown = (
        await world.ada.slash(world.channel, "ask", question="storyboard for our kite shop, 3 shots, 20 seconds")
    ).response
    assert list_file_names(shown) == []
    assert CONNECT in read_message(shown)
    [file] = get_answer(await tap(world.ada, shown, "Contact sheet")).attachments
    (page,) = PdfReader(io.BytesIO(await file.read())).pages
    assert len(page.images) == 0
    assert "kite" in page.extract_text()


@nothing_draws
async def test_operators_are_told_where_to_read_about_connecting_an_engine(world):
    world.desk.answers.text_jobs.results.illustrations = Illustrations(replace(world.app.studio, read_by_operator=True))
    assert f"-# {CONNECT_OPERATOR}" in list_texts(await ask(world))
    assert "QUILLMATE" not in CONNECT_OPERATOR


async def test_a_prompt_has_no_picture_to_download(world):
    menu = (await world.ada.click(await ask(world), label="Download")).response
    [select] = [part for part in walk_components(parts_of(menu)) if part["type"] == 3]
    assert {"png", "svg"}.isdisjoint(option["value"] for option in select["options"])


class Kept:
    """Checkpoints like those of a durable job: the result of a step is returned again after a restart."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    async def __call__(self, name: str, step: Any) -> Any:
        if name not in self.values:
            self.values[name] = json.loads(json.dumps(await step()))
        return self.values[name]


async def test_a_picture_is_drawn_once_even_if_a_later_step_fails(assigned, painter, tmp_path):
    assignment, kept = assigned("image_prompt", "a fox and a hare"), Kept()
    content = build_content(assignment, GRID.partition("\n\n### Prompt 3")[0])

    def build_studio() -> Studio:
        return Studio(PictureStore(tmp_path, load_key), ImageEngine(painter, name="painter"))

    painter.trouble = (2, asyncio.CancelledError())
    with pytest.raises(asyncio.CancelledError):
        await build_studio().draw(content, assignment, kept)
    painter.trouble = None
    made, said = await build_studio().draw(content, assignment, kept)
    assert (len(made), len(set(made)), said) == (2, 1, None)
    assert len(painter.drawn) == 2
    assert max(len(json.dumps(value)) for value in kept.values.values()) < 100, "the job's row stays small"
    await PictureStore(tmp_path, load_key).forget("7")
    made, said = await build_studio().draw(content, assignment, kept)
    assert (made, str(said)) == ([], "I no longer have that picture. Press Another for a new one.")


async def test_pictures_are_private_to_their_owner_and_expire_after_a_day(tmp_path):
    pictures = PictureStore(tmp_path, load_key)
    assert await pictures.save("7", "g-1.png", b"a") == "g-1.png"
    await pictures.save("8", "g-1.png", b"b")
    assert (
        await pictures.read("7", "g-1.png"),
        await pictures.read("8", "g-1.png"),
        await pictures.read("9", "g-1.png"),
    ) == (
        b"a",
        b"b",
        None,
    )
    os.utime(tmp_path / "8" / "g-1.png", (0, 0))
    await pictures.save("7", "g-1.png", b"c")
    assert (await pictures.read("7", "g-1.png"), await pictures.read("8", "g-1.png")) == (b"c", None)
    await pictures.forget("7")
    await pictures.forget("nobody")
    assert await pictures.read("7", "g-1.png") is None


@pytest.mark.parametrize("name", ["../x.png", "/etc/x.png", "..", ".", "", "a/../../x.png"])
async def test_picture_names_cannot_leave_their_folder(name, tmp_path):
    folder = tmp_path / "pictures"
    await PictureStore(folder, load_key).save(name, name, b"a")
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert len(files) == 1
    assert files[0].parent.parent == folder
