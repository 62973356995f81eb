"""`quillmate describe` and `quillmate picture`: pictures on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from image_servers import Automatic1111, Server, picture, serving, size_of

from bot.cli.doctor import DoctorFinding, check_vision
from bot.cli.pictures import alter, describe
from bot.content import Alteration
from bot.errors import QuillmateError
from bot.settings import Settings


class Seeing(Server):
    """`/v1/chat/completions` of a model that sees."""

    routes = (("POST", "/v1/chat/completions", "chat"),)

    async def chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append(body)
        said = json.dumps({"alt_text": "A navy square.", "prompt": "a navy square", "text": ""})
        return web.json_response({"choices": [{"message": {"content": said}, "finish_reason": "stop"}]})


def settings(tmp_path: Path, **more: Any) -> Settings:
    return Settings(data=tmp_path, engine="embedded", embeddings="none", **more)


async def test_a_file_is_described_by_a_model_that_sees(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, server = tmp_path / "a.png", Seeing()
    file.write_bytes(picture(40, 30))
    async with serving(server) as url:
        await describe(settings(tmp_path, check_vision="openai:eyes", vision_url=f"{url}/v1"), file, "de")
    assert capsys.readouterr().out == "Alternative text: A navy square.\nPrompt: a navy square\n"
    [asked] = server.asked
    assert asked["model"] == "eyes"
    system, user = asked["messages"]
    assert "in German" in system["content"]
    assert user["content"][1]["image_url"]["url"].startswith("data:image/jpeg;base64,")
    with pytest.raises(QuillmateError, match="I have no model that can see pictures. Set QUILLMATE_VISION to one"):
        await describe(settings(tmp_path), file, "en")
    with pytest.raises(QuillmateError, match="cannot be read"):
        await describe(settings(tmp_path), tmp_path / "none.png", "en")


async def test_the_doctor_shows_the_model_a_picture(tmp_path: Path) -> None:
    server = Seeing()
    async with serving(server) as url:
        seeing = settings(tmp_path, check_vision="openai:eyes", vision_url=f"{url}/v1")
        assert await check_vision(seeing) == DoctorFinding("Vision", "eyes sees pictures")
        server.status = 404
        blind = await check_vision(seeing)
    assert (blind.said, "should check QUILLMATE_VISION." in blind.remedy) == ("openai:eyes", True)


async def test_a_key_that_is_refused_names_its_own_setting(tmp_path: Path) -> None:
    file, server = tmp_path / "a.png", Seeing()
    file.write_bytes(picture(40, 30))
    server.status = 401
    async with serving(server) as url:
        with pytest.raises(QuillmateError, match="should check QUILLMATE_VISION_KEY"):
            await describe(settings(tmp_path, check_vision="openai:eyes", vision_url=f"{url}/v1"), file, "en")


async def test_a_picture_is_made_of_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, server = tmp_path / "a.png", Automatic1111()
    file.write_bytes(picture(64, 48))
    async with serving(server) as url:
        drawn = settings(tmp_path, images="automatic1111", images_url=url)
        await alter(drawn, file, tmp_path / "wide.png", Alteration("widen", "a.png"), "a fox", 3)
        await alter(drawn, file, tmp_path / "v.png", Alteration("vary", "a.png"), "a fox", 3)
        with pytest.raises(QuillmateError, match="Name one of these places"):
            await alter(
                drawn, file, tmp_path / "c.png", Alteration("change", "a.png", "her hat", "a crown"), "a fox", 3
            )
    assert size_of((tmp_path / "wide.png").read_bytes()) == (96, 48)
    assert sorted(one.name for one in tmp_path.glob("v-*.png")) == ["v-1.png", "v-2.png", "v-3.png"]
    assert "Widened from 64 × 48 to 96 × 48 pixels." in capsys.readouterr().out
    with pytest.raises(QuillmateError, match="cannot do that to a picture"):
        await alter(settings(tmp_path), file, tmp_path / "x.png", Alteration("vary", "a.png"), "", 3)
