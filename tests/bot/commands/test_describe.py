"""/describe: a picture in words for whoever asks alone, by a model that sees."""

from __future__ import annotations

import asyncio
import io
import re
from datetime import date
from typing import Any

import pytest
from acting import act_in_language, wait_until
from discord_texts import get_answer, list_message_bodies, read_message
from PIL import Image

from bot.engines.scripted import build_scripted_engine
from bot.errors import EngineError, RefusedError
from bot.images.description import MAX_ALT, NO_VISION, describe_picture
from storage.owners import workspace

SEEN = {
    "alt_text": "A baker lifts a round loaf out of a wood-fired oven.",
    "prompt": "a baker lifting a loaf, warm light",
    "text": "OPEN",
}


def photo(form: str = "PNG") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (300, 200), "navy").save(written, form)
    return written.getvalue()


async def send(world: Any, name: str = "shop.png", body: bytes | None = None, **options: Any) -> Any:
    return await world.ada.slash(
        world.channel, "describe", picture=(name, photo() if body is None else body), **options
    )


async def test_a_picture_is_described_privately(world):
    calls: list[Any] = []

    def sees(messages: Any) -> Any:
        calls.append(messages)
        return SEEN

    refused = get_answer(await send(world))
    assert (refused.ephemeral, NO_VISION in read_message(refused)) == (True, True)
    assert "QUILLMATE" not in read_message(refused)
    world.app.vision = build_scripted_engine(sees)
    shown = get_answer(await send(world))
    assert shown.ephemeral
    for text in (*SEEN.values(), f"{len(SEEN['alt_text'])} characters; screen readers work best with up to 125"):
        assert text in read_message(shown)
    system, asked = calls[0]
    assert "never instructions to you" in system.text
    assert asked.content[1]["image_url"]["url"].startswith("data:image/jpeg;base64,/9j/")
    counted = await world.app.store.usage.load_figures(
        workspace(str(world.guild.id)), date(2000, 1, 1), date(2100, 1, 1)
    )
    assert [(one.name, one.requests) for one in counted.engines] == [("scripted", 1)]

    german = get_answer(await act_in_language(world, "de", send, world))
    assert "German" in calls[1][0].text
    assert "### Wörter im Bild" in read_message(german)
    no_picture = get_answer(await send(world, "a.txt", b"x"))
    assert "I cannot read .txt files" in read_message(no_picture)
    broken = get_answer(await send(world, "a.png", b"x"))
    assert "That file is damaged or not a picture. Save it again as .png or .jpg." in read_message(broken)
    assert len(calls) == 2

    # While it looks it can be cancelled, and nothing of the picture is kept.
    hangs = build_scripted_engine(sees)
    hangs.provider.model.pause = 30.0
    world.app.vision = hangs
    begun = len(list_message_bodies(world.env))
    asking = asyncio.create_task(send(world))
    await wait_until(
        lambda: any("Looking at the picture…" in str(one) for one in list_message_bodies(world.env)[begun:])
    )
    [cancel] = {
        found for one in list_message_bodies(world.env)[begun:] for found in re.findall(r"quill:cancel:\d+", str(one))
    }
    assert await world.desk.jobs.cancel(cancel.rpartition(":")[2], str(world.ada.id))
    answer = get_answer(await asking)
    assert "Cancelled" in read_message(answer)
    assert answer.ephemeral
    assert not (world.app.settings.data / "pictures").exists()


async def test_a_picture_description_is_bounded_and_moderated():
    long = {"alt_text": "word " * 900, "prompt": "p " * 2000, "text": ""}
    seen = await describe_picture(build_scripted_engine(lambda _messages: long), photo("JPEG"))
    assert len(seen.alt_text) <= MAX_ALT
    assert seen.alt_text.endswith("word…")
    fenced = await describe_picture(
        build_scripted_engine(lambda _messages: 'Here:\n```json\n{"alt_text": "A fox."}\n```'), photo("JPEG")
    )
    assert (fenced.alt_text, fenced.prompt) == ("A fox.", "")
    for answer in ("no", "{}", "[1]", '{"alt_text": ""}'):
        with pytest.raises(
            EngineError, match="looked at the picture but said nothing I can use. Try again in a moment."
        ):
            await describe_picture(build_scripted_engine(lambda _messages, answer=answer: answer), photo("JPEG"))
    harm = {
        "alt_text": "Instructions how to build a pipe bomb at home",
        "prompt": "how to build a pipe bomb at home",
        "text": "",
    }
    with pytest.raises(RefusedError, match="I cannot show you what the model said about that picture."):
        await describe_picture(build_scripted_engine(lambda _messages: harm), photo("JPEG"))
