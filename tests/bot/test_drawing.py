"""Pictures in replies: drawn below their prompt by a server on loopback, kept beside the job, told to those who do not see."""

from __future__ import annotations

from typing import Any

import pytest
from discord_texts import body, buttons, read, uploaded, walk
from discord_texts import tree as parts_of
from image_servers import picture, size_of

from bot.drawing import CONNECT
from bot.engines.images import ImageEngine, ImageTraits, Picture
from bot.errors import EngineError
from bot.settings import Settings

GALLERY, FILE = 12, 13


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
        return picture(wanted.width // 8, wanted.height // 8, wanted.seed)

    async def close(self) -> None:
        pass


@pytest.fixture
def painter() -> Painter:
    return Painter()


@pytest.fixture
def images(painter: Painter) -> ImageEngine:
    return ImageEngine(painter, name="painter", timeout=5)


def gallery(shown: Any) -> list[dict[str, Any]]:
    return [item for part in walk(parts_of(shown)) if part["type"] == GALLERY for item in part["items"]]


def pictures_kept(settings: Settings) -> list[str]:
    return sorted(file.name for file in (settings.data / "pictures").glob("*/*"))


async def ask(world: Any, brief: str = "a fox in the snow, 16:9, seed 42", kind: str = "image_prompt") -> Any:
    return (await world.ada.slash(world.channel, "image", kind=kind, brief=brief)).response


async def test_a_picture_stands_below_its_prompt_with_alternative_text(world, painter, settings):
    shown = await ask(world)
    kept = await world.generation(shown)
    [drawn] = painter.drawn
    assert (drawn.seed, drawn.width, drawn.height) == (42, 1344, 768)
    assert drawn.weighted == kept.parts["raw"]
    assert drawn.negative_prompt == kept.parts["negative_prompt"]
    assert uploaded(shown) == ["image_prompt-1.png"]
    assert size_of(await shown.attachments[0].read()) == (168, 96)
    [item] = gallery(shown)
    assert item["description"] == kept.parts["alt_text"]
    assert kept.parts["raw"] in body(shown)
    assert CONNECT not in read(shown)
    assert pictures_kept(settings) == [f"{kept.id}-1.png"]


async def test_vary_draws_with_another_seed(world, painter):
    shown = await ask(world)
    varied = (await world.ada.click(shown, label="Vary")).response
    assert [drawn.seed == 42 for drawn in painter.drawn] == [True, False]
    assert painter.drawn[0].prompt == painter.drawn[1].prompt
    assert (await world.generation(varied)).parts["seed"] == painter.drawn[1].seed
    assert uploaded(varied) == ["image_prompt-1.png"]


async def test_remix_keeps_the_seed_that_the_brief_names(world, painter):
    from discord_texts import fields

    shown = await world.ada.click(await ask(world), label="Remix…")
    wish = fields(shown.modal)["Your wish"]["custom_id"]
    await world.ada.submit_modal(shown, {wish: "at night"})
    assert [drawn.seed for drawn in painter.drawn] == [42, 42]


async def test_a_grid_is_drawn_up_to_four_pictures_of_one_seed(world, painter):
    shown = await ask(world, "a {fox|hare|owl} in {snow|fog}, seed 7")
    assert [drawn.seed for drawn in painter.drawn] == [7] * 4
    assert len({drawn.prompt for drawn in painter.drawn}) == len({drawn.weighted for drawn in painter.drawn}) == 4
    assert uploaded(shown) == [f"image_prompt-{number}.png" for number in (1, 2, 3, 4)]
    assert len(gallery(shown)) == 4


async def test_what_cannot_be_drawn_is_told_below_the_prompt(world, painter):
    painter.trouble = (1, EngineError("Painter did not draw within 5 seconds."))
    shown = await ask(world)
    assert "-# Painter did not draw within 5 seconds." in read(shown)
    assert (await world.generation(shown)).parts["raw"] in body(shown)
    assert (uploaded(shown), gallery(shown)) == ([], [])
    assert "Vary" in buttons(shown)


async def test_of_a_grid_what_was_drawn_is_shown(world, painter):
    painter.trouble = (3, RuntimeError("secret detail"))
    shown = await ask(world, "a {fox|hare|owl}")
    assert len(gallery(shown)) == 2
    assert "-# Painter could not draw this. Try again in a moment." in read(shown)
    assert "secret" not in read(shown)


async def test_the_picture_of_another_models_prompt_is_drawn_without_its_flags(world, painter):
    shown = await ask(world, "tall poster of a fox, midjourney")
    [drawn] = painter.drawn
    assert "--" not in drawn.prompt
    assert drawn.weighted == ""
    assert drawn.width < drawn.height
    assert "--ar 2:3" in body(shown)


@pytest.mark.parametrize("painter", [Painter("flux", weights=False)])
async def test_the_prompt_is_in_the_dialect_of_the_engine(world, painter):
    made = (await world.generation(await ask(world, "a fox"))).parts
    assert (made["target"], painter.drawn[0].weighted) == ("flux", "")
    named = (await world.generation(await ask(world, "a fox, sdxl"))).parts
    assert named["target"] == "sdxl"


async def test_forgetting_deletes_the_pictures(world, settings):
    await ask(world)
    assert pictures_kept(settings)
    shown = (await world.ada.slash(world.channel, "profile forget")).response
    await world.ada.click(shown, label=next(iter(buttons(shown))))
    assert pictures_kept(settings) == []


@pytest.mark.parametrize("kind", ["logo", "layout"])
async def test_drawings_are_shown_without_an_engine(kind, world, painter):
    shown = await ask(world, "round logo of an owl" if kind == "logo" else "landing page", kind)
    assert painter.drawn == []
    assert uploaded(shown) == [f"{kind}.png"]
    [item] = gallery(shown)
    assert item["description"]
    width, height = size_of(await shown.attachments[0].read())
    assert max(width, height) == 1600


async def test_texts_have_no_pictures(world, painter):
    shown = (await world.post()).response
    assert (painter.drawn, uploaded(shown), gallery(shown)) == ([], [], [])
