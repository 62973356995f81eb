"""Requests from the client of another assistant: in this process, over HTTP, and to a program that it starts."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx2
import pytest
from docx import Document
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from writing import format_versions

from bot.admission.limits import RateLimiter, parse_limits
from bot.app import App
from bot.mcp.server import build_server, serve_http
from bot.mcp.service import Service
from bot.team.workspace.roles import Member, Role
from bot.team.workspace.settings import WorkspaceSettings
from personas.profile import Profile

ADA, GUILD = "7", "30"
TOKEN = "a-token-of-thirty-two-characters"
BRIEF = "We close on Monday, back on Tuesday."


@pytest.fixture
def service(app: App) -> Service:
    return Service(app, Member(ADA, manages=True), GUILD)


class Assistant:
    """The client of another assistant, which connects for each call."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def __getattr__(self, name: str) -> Any:
        async def call_once(*arguments: Any) -> Any:
            failure: MCPError | None = None
            async with Client(build_server(self._service)) as client:
                try:
                    return await getattr(client, name)(*arguments)
                except MCPError as error:  # Inside the context, it would be raised as an exception group.
                    failure = error
            raise failure

        return call_once


@pytest.fixture
def client(service: Service) -> Any:
    """A client that connects for each call: anyio requires the task that opened a connection to close it, not a fixture's."""
    return Assistant(service)


async def call(client: Any, tool: str, **arguments: Any) -> Any:
    """Call a tool; return its structured result. Fails with its message if it is an error."""
    answer = await client.call_tool(tool, arguments)
    assert not answer.is_error, answer.content[0].text
    return answer.structured_content


async def get_refusal(client: Any, tool: str, **arguments: Any) -> str:
    """Call a tool that refuses; return its message."""
    answer = await client.call_tool(tool, arguments)
    assert answer.is_error
    return answer.content[0].text


async def read_resource(client: Any, uri: str) -> Any:
    return (await client.read_resource(uri)).contents[0].text


async def test_a_text_is_written_found_changed_and_exported(client: Any, service: Service) -> None:
    await service.app.store.profiles.update(ADA, lambda _old: Profile(organisation="Fern & Fog Coffee"))
    (text,) = (await call(client, "generate", brief=BRIEF, kind="social_post"))["result"]
    assert text["stored"]
    assert "docx" in text["formats"]
    assert json.loads(await read_resource(client, "quillmate://profile"))["organisation"] == "Fern & Fog Coffee"
    assert await read_resource(client, f"quillmate://texts/{text['id']}") == text["text"]
    changed = await call(client, "change_text", id=text["id"], instruction="Say that the bar stays open.")
    assert changed["id"] != text["id"]
    found = await call(client, "search_library", query="closed Monday")
    assert {one["id"] for one in found["texts"]} == {text["id"], changed["id"]}
    (file,) = (await client.call_tool("export_text", {"id": text["id"], "format": "docx"})).content
    words = "\n".join(one.text for one in Document(BytesIO(base64.b64decode(file.resource.blob))).paragraphs)
    assert text["text"].splitlines()[0].strip("*# ") in words


async def test_the_brief_and_the_profile_reach_the_writer(client: Any, service: Service, script: Any) -> None:
    await service.app.store.profiles.update(ADA, lambda _old: Profile(organisation="Fern & Fog Coffee"))
    await call(client, "generate", brief=BRIEF, kind="social_post", tone="dry", audience="regulars", language="German")
    assert all(word in script.drafts[-1] for word in (BRIEF, "Fern & Fog Coffee", "dry", "regulars", "German"))


async def test_variants_are_returned_as_several_texts(client: Any, script: Any) -> None:
    script.says(
        format_versions("Closed on Monday.", "We rest on Monday: see you on Tuesday, early.", "Tuesday is our Monday.")
    )
    texts = (await call(client, "generate", brief=BRIEF, kind="social_post", variants=3))["result"]
    assert len({one["id"] for one in texts}) == len(texts) > 1


async def test_texts_are_visible_only_to_their_own_user(client: Any, service: Service) -> None:
    (text,) = (await call(client, "generate", brief=BRIEF, kind="social_post"))["result"]
    other = Assistant(Service(service.app, Member("8"), GUILD))
    assert (await call(other, "search_library"))["texts"] == []
    assert "not yours" in await get_refusal(other, "export_text", id=text["id"], format="docx")
    assert "change" in await get_refusal(other, "change_text", id=text["id"], instruction="Shorter.")
    with pytest.raises(MCPError, match="not yours"):
        await other.read_resource(f"quillmate://texts/{text['id']}")


async def test_limits_apply_and_are_reported(client: Any, service: Service) -> None:
    service.app.rate_limiter = RateLimiter(parse_limits("person 2/hour"))
    for _ in range(2):
        await call(client, "generate", brief=BRIEF, kind="social_post")
    assert "limit" in (await get_refusal(client, "generate", brief=BRIEF, kind="social_post")).casefold()


async def test_requests_refused_in_discord_are_refused_here(client: Any, script: Any) -> None:
    script.judges("scam")
    assert await get_refusal(client, "generate", brief="Write a phishing mail that steals bank passwords", kind="email")
    assert "988" in await get_refusal(client, "generate", brief="I want to kill myself tonight")
    assert not script.drafts


async def test_help_lines_are_those_of_the_users_country(client: Any, service: Service) -> None:
    await service.app.store.profiles.update(ADA, lambda _old: Profile(timezone="Europe/Berlin"))
    assert "0800 111 0 111" in await get_refusal(client, "generate", brief="I want to kill myself tonight")


async def test_invalid_arguments_are_refused_with_a_reason(client: Any) -> None:
    for arguments, sentence in (
        ({"brief": " "}, "What should I make?"),
        ({"brief": BRIEF, "kind": "opera"}, "opera"),
        ({"brief": BRIEF, "language": "Klingon"}, "Klingon"),
        ({"brief": BRIEF, "length": "endless"}, "short, medium or long"),
        ({"brief": BRIEF, "variants": 9}, "variants"),
    ):
        assert sentence in await get_refusal(client, "generate", **arguments)


async def test_nothing_is_stored_for_a_paused_user(client: Any, service: Service) -> None:
    await service.app.store.people.pause(ADA)
    (text,) = (await call(client, "generate", brief=BRIEF, kind="social_post"))["result"]
    assert text["text"]
    assert not text["stored"]
    assert text["formats"] == []
    assert "paused" in text["notice"]
    assert (await call(client, "search_library"))["texts"] == []


async def test_a_viewer_cannot_generate_in_the_server(service: Service) -> None:
    only_editors = WorkspaceSettings(roles={Role.EDITOR: ("99",)}, default_role=Role.VIEWER).to_json()
    await service.app.store.workspace_settings.change(GUILD, lambda _old: only_editors)
    reader = Assistant(Service(service.app, Member("9"), GUILD))
    assert "editor" in await get_refusal(reader, "generate", brief=BRIEF, kind="social_post")
    writer = Assistant(Service(service.app, Member("9", frozenset({"99"})), GUILD))
    assert await call(writer, "generate", brief=BRIEF, kind="social_post")


async def test_kinds_and_limits_are_resources(client: Any) -> None:
    assert json.loads(await read_resource(client, "quillmate://kinds"))["quiz"]["family"] == "education"
    assert any(row["max"] == 280 for row in json.loads(await read_resource(client, "quillmate://limits/x")))
    with pytest.raises(MCPError, match="choose one of"):
        await client.read_resource("quillmate://limits/nowhere")
    assert await read_resource(client, "quillmate://brand") == "{}"


async def test_http_requires_a_token(service: Service) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serving = asyncio.create_task(serve_http(service, "127.0.0.1", port, TOKEN))
    address = f"http://127.0.0.1:{port}/mcp"
    try:
        async with httpx2.AsyncClient() as web:
            while True:
                try:
                    answer = await web.post(address, json={})
                    break
                except httpx2.ConnectError:
                    await asyncio.sleep(0.02)
            assert answer.status_code == 401
            assert (await web.post(address, headers={"Authorization": "Bearer wrong"})).status_code == 401
        async with (
            httpx2.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}) as web,
            Client(streamable_http_client(address, http_client=web)) as client,
        ):
            (text,) = (await call(client, "generate", brief=BRIEF, kind="social_post"))["result"]
            assert text["text"]
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


async def test_a_client_can_start_the_server_over_stdio(tmp_path: Path) -> None:
    profile = tmp_path / "me.json"
    profile.write_text(json.dumps({"organisation": "Fern & Fog Coffee"}))
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "bot", "mcp", "--profile", str(profile)],
        cwd=str(tmp_path),
        env={
            "PYTHONPATH": str(Path(__file__).parents[3]),
            "QUILLMATE_DATA": str(tmp_path / "data"),
            "QUILLMATE_ENGINE": "none:none",
        },
    )
    async with Client(command) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == {
            "generate",
            "change_text",
            "export_text",
            "search_library",
        }
        assert json.loads(await read_resource(client, "quillmate://profile"))["organisation"] == "Fern & Fog Coffee"
