"""Tests of `quillmate describe` and `picture`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from image_servers import Automatic1111, Server, make_picture, read_size, serve_images

from bot.cli.doctor import DoctorFinding, check_vision
from bot.cli.pictures import alter, describe
from bot.content import Alteration
from bot.errors import QuillmateError
from bot.settings import Settings


class VisionServer(Server):
    """`/v1/chat/completions` of a vision model."""

    routes = (("POST", "/v1/chat/completions", "chat"),)

    async def chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append(body)
        said = json.dumps({"alt_text": "A navy square.", "prompt": "a navy square", "text": ""})
        return web.json_response({"choices": [{"message": {"content": said}, "finish_reason": "stop"}]})


def build_settings(tmp_path: Path, **more: Any) -> Settings:
    return Settings(data=tmp_path, engine="embedded", embeddings="none", **more)


async def test_picture_is_described(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, server = tmp_path / "a.png", VisionServer()
    file.write_bytes(make_picture(40, 30))
    async with serve_images(server) as url:
        await describe(build_settings(tmp_path, vision="openai:eyes", vision_url=f"{url}/v1"), file, "de")
    assert capsys.readouterr().out == "Alternative text: A navy square.\nPrompt: a navy square\n"
    [asked] = server.asked
    assert asked["model"] == "eyes"
    system, user = asked["messages"]
    assert "in German" in system["content"]
    assert user["content"][1]["image_url"]["url"].startswith("data:image/jpeg;base64,")
    with pytest.raises(QuillmateError, match="I have no model that can see pictures. Set QUILLMATE_VISION to one"):
        await describe(build_settings(tmp_path), file, "en")
    with pytest.raises(QuillmateError, match="cannot be read"):
        await describe(build_settings(tmp_path), tmp_path / "none.png", "en")


async def test_doctor_checks_vision_model(tmp_path: Path) -> None:
    server = VisionServer()
    async with serve_images(server) as url:
        seeing = build_settings(tmp_path, vision="openai:eyes", vision_url=f"{url}/v1")
        assert await check_vision(seeing) == DoctorFinding("Vision", "eyes sees pictures")
        server.status = 404
        blind = await check_vision(seeing)
    assert (blind.detail, "should check QUILLMATE_VISION." in blind.remedy) == ("openai:eyes", True)


async def test_rejected_key_names_its_setting(tmp_path: Path) -> None:
    file, server = tmp_path / "a.png", VisionServer()
    file.write_bytes(make_picture(40, 30))
    server.status = 401
    async with serve_images(server) as url:
        with pytest.raises(QuillmateError, match="should check QUILLMATE_VISION_KEY"):
            await describe(build_settings(tmp_path, vision="openai:eyes", vision_url=f"{url}/v1"), file, "en")


async def test_picture_is_altered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, server = tmp_path / "a.png", Automatic1111()
    file.write_bytes(make_picture(64, 48))
    async with serve_images(server) as url:
        drawn = build_settings(tmp_path, images="automatic1111", images_url=url)
        await alter(drawn, file, tmp_path / "wide.png", Alteration("widen", "a.png"), "a fox", 3)
        await alter(drawn, file, tmp_path / "v.png", Alteration("vary", "a.png"), "a fox", 3)
        with pytest.raises(QuillmateError, match="Name one of these places"):
            await alter(
                drawn, file, tmp_path / "c.png", Alteration("change", "a.png", "her hat", "a crown"), "a fox", 3
            )
    assert read_size((tmp_path / "wide.png").read_bytes()) == (96, 48)
    assert sorted(one.name for one in tmp_path.glob("v-*.png")) == ["v-1.png", "v-2.png", "v-3.png"]
    assert "Widened from 64 × 48 to 96 × 48 pixels." in capsys.readouterr().out
    with pytest.raises(QuillmateError, match="cannot do that to a picture"):
        await alter(build_settings(tmp_path), file, tmp_path / "x.png", Alteration("vary", "a.png"), "", 3)
