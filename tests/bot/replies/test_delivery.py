"""What Discord refuses, loses or gives back twice arrives all the same: in a plainer form, elsewhere, or edited."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
import pytest_asyncio
from rest import DIRECT, RestServer, Rule, serve_rest

from bot.replies import surface as room
from bot.replies.address import Address
from bot.replies.delivery import ELSEWHERE, SENTENCE, WITHOUT_FILES, DeliveryForm, deliver, find_plainer_form
from bot.replies.files import attachment
from bot.replies.pacer import Pacer
from bot.replies.surface import Surface, direct_surface, surface_for
from bot.replies.views import draft_view, note_view

CHANNEL, ADA, MESSAGE = "20", 7, 1000


@pytest_asyncio.fixture
async def there(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[RestServer, discord.Client]]:
    """The stand-in for Discord and a client of it, without long waits."""
    monkeypatch.setattr(room, "_MIN_RETRY_SECONDS", 0.0)
    async with serve_rest(monkeypatch) as both:
        yield both


def build_mention() -> Address:
    return Address(ADA, int(CHANNEL), time.time(), message_id=MESSAGE)


def build_interaction() -> Address:
    return Address(ADA, int(CHANNEL), time.time(), application_id=3, token="token-1")


def build_answer(files: bool = False) -> tuple[discord.ui.LayoutView, list[discord.File]]:
    """Build a view with a text and a button, and with a file that it shows."""
    view = note_view("We close on Monday.")
    button: discord.ui.Button[discord.ui.LayoutView] = discord.ui.Button(label="Another", custom_id="quill:again:1")
    view.add_item(discord.ui.ActionRow(button))
    if files:
        view.add_item(discord.ui.File("attachment://Whole.md"))
    return view, [attachment("Whole.md", b"All of it.")] if files else []


def dump_components(message: dict[str, Any] | None) -> str:
    return json.dumps(message and message["components"], ensure_ascii=False)


def list_file_names(message: dict[str, Any]) -> list[str]:
    return [file["filename"] for file in message["attachments"]]


async def show(
    client: discord.Client, address: Address, files: bool = False, *, surface: Surface | None = None
) -> int | None:
    """Deliver an answer as bot/requests/answer_delivery.py does: where it was asked for, in the channel, in private."""
    pacer = Pacer()
    first = surface or surface_for(client, address, pacer, kind="chat", again=False)
    late = surface_for(client, Address(ADA, address.channel_id, 0.0, token="token-1"), pacer, kind="chat", again=False)
    places = [first.finish, *([late.finish] if address.token else []), direct_surface(client, address, pacer).finish]
    return await deliver(*build_answer(files), "en", places)


@pytest.mark.parametrize("files", [False, True])
async def test_a_post_whose_reply_was_lost_becomes_the_answer(
    there: tuple[RestServer, discord.Client], files: bool
) -> None:
    rest, client = there
    surface = surface_for(client, build_mention(), Pacer(), kind="chat", again=False)
    rest.lost = 1
    surface.begin()
    await asyncio.sleep(0)
    assert await show(client, build_mention(), files, surface=surface) == 0
    [message] = rest.list_messages(CHANNEL)
    assert "We close on Monday." in dump_components(message)
    assert "quill:again:1" in dump_components(message)
    assert list_file_names(message) == (["Whole.md"] if files else [])


async def test_an_answer_whose_response_was_lost_appears_once(
    there: tuple[RestServer, discord.Client],
) -> None:
    rest, client = there
    edits: list[str] = []
    rest.refuses = lambda method, path, _: edits.append(path) if method == "PATCH" else None  # type: ignore[func-returns-value]
    rest.lost = 2
    assert await show(client, build_mention()) == 0
    [message] = rest.list_messages(CHANNEL)
    assert "quill:again:1" in dump_components(message)
    assert edits == []


async def test_an_undetected_draft_of_a_predecessor_becomes_the_answer(
    there: tuple[RestServer, discord.Client],
) -> None:
    rest, client = there
    place = client.get_partial_messageable(int(CHANNEL))
    await place.send(view=draft_view("chat", "grow"), nonce=str(MESSAGE))
    assert await show(client, build_mention()) == 0
    [message] = rest.list_messages(CHANNEL)
    assert "We close on Monday." in dump_components(message)


async def test_a_deleted_reply_is_posted_again(there: tuple[RestServer, discord.Client]) -> None:
    rest, client = there
    surface = surface_for(client, build_mention(), Pacer(), kind="chat", again=False)
    surface.begin()
    while not rest.messages:
        await asyncio.sleep(0.01)
    rest.messages.clear()
    rest.by_nonce = dict.fromkeys(rest.by_nonce, "none")
    assert await show(client, build_mention(), surface=surface) == 0
    assert "We close on Monday." in dump_components(rest.list_messages(CHANNEL)[0])


async def test_without_read_access_the_answer_is_not_a_reply(there: tuple[RestServer, discord.Client]) -> None:
    rest, client = there
    rest.refuses = lambda _method, _path, body: (403, 160002) if "message_reference" in body else None
    assert await show(client, build_mention()) == 0
    assert "We close on Monday." in dump_components(rest.list_messages(CHANNEL)[0])


def refuse_in(place: str, refusal: tuple[int, int], when: Any = lambda body: True) -> Rule:
    return lambda method, path, body: refusal if method != "DELETE" and place in path and when(body) else None


def dump_body(body: dict[str, Any]) -> str:
    return json.dumps(body.get("components", []))


@pytest.mark.parametrize("address", [build_mention, build_interaction])
@pytest.mark.parametrize(
    ("refusal", "when", "form"),
    [
        ((413, 40005), lambda body: bool(body["files"]), "without files"),
        ((403, 50013), lambda body: bool(body["files"]), "without files"),
        ((400, 50035), lambda body: "Whole.md" in body["files"], "without files"),
        ((400, 50035), lambda body: "quill:again" in dump_body(body), "text file"),
        ((400, 200000), lambda body: "Monday" in dump_body(body) or body["files"], "sentence"),
    ],
)
async def test_refused_views_are_sent_in_a_plainer_form(
    there: tuple[RestServer, discord.Client], address: Any, refusal: tuple[int, int], when: Any, form: str
) -> None:
    rest, client = there
    rest.refuses = refuse_in("/", refusal, when)
    assert await show(client, address(), files=True) == 0
    [message] = [*filter(None, rest.originals.values()), *rest.messages.values()]
    if form == "without files":
        assert "We close on Monday." in dump_components(message)
        assert "quill:again:1" in dump_components(message)
        assert WITHOUT_FILES in dump_components(message)
        assert list_file_names(message) == []
    elif form == "text file":
        assert list_file_names(message) == ["Answer.md"]
    else:
        assert SENTENCE in dump_components(message)


@pytest.mark.parametrize("refusal", [(403, 50001), (403, 50013), (404, 10003), (400, 50083)])
async def test_without_channel_access_the_answer_is_sent_privately(
    there: tuple[RestServer, discord.Client], refusal: tuple[int, int]
) -> None:
    rest, client = there
    rest.refuses = refuse_in(f"/channels/{CHANNEL}/", refusal)
    assert await show(client, build_mention(), files=True) == 1
    [message] = rest.messages.values()
    assert message["channel_id"] == f"{DIRECT}{ADA}"
    assert "We close on Monday." in dump_components(message)
    assert ELSEWHERE in dump_components(message)
    assert list_file_names(message) == ["Whole.md"]


@pytest.mark.parametrize("refusal", [(401, 50027), (404, 10015)])
async def test_with_an_expired_token_the_answer_goes_to_the_channel_or_privately(
    there: tuple[RestServer, discord.Client], refusal: tuple[int, int]
) -> None:
    rest, client = there
    rest.refuses = refuse_in("/webhooks/", refusal)
    assert await show(client, build_interaction()) == 1
    assert "We close on Monday." in dump_components(rest.list_messages(CHANNEL)[0])
    rest.messages.clear()
    rest.by_nonce.clear()
    rest.refuses = lambda method, path, body: (
        refusal if "/webhooks/" in path else (403, 50013) if f"/{CHANNEL}/" in path else None
    )
    assert await show(client, build_interaction()) == 2
    assert "We close on Monday." in dump_components(rest.list_messages(f"{DIRECT}{ADA}")[0])


async def test_an_undeliverable_answer_is_logged_without_its_text(
    there: tuple[RestServer, discord.Client], caplog: pytest.LogCaptureFixture
) -> None:
    rest, client = there
    rest.refuses = lambda _method, path, _body: (403, 50007) if path.endswith("/messages") else None
    with caplog.at_level(logging.WARNING):
        assert await show(client, build_mention()) is None
    assert {(record.__dict__["status"], record.__dict__["code"]) for record in caplog.records[:-1]} == {(403, 50007)}
    assert caplog.records[-1].getMessage() == "answer not delivered"
    assert "Monday" not in caplog.text


async def test_a_rate_limit_is_not_a_refusal(there: tuple[RestServer, discord.Client]) -> None:
    rest, client = there
    answers = iter([(408, 0)])
    rest.refuses = lambda method, *_: next(answers, None) if method == "POST" else None
    assert await show(client, build_mention()) == 0
    assert "We close on Monday." in dump_components(rest.list_messages(CHANNEL)[0])


async def test_after_a_refused_draft_no_more_are_sent(there: tuple[RestServer, discord.Client]) -> None:
    rest, client = there
    asked: list[str] = []

    def refuse(method: str, path: str, _body: dict[str, Any]) -> tuple[int, int] | None:
        asked.append(path)
        return (403, 50013) if f"/{CHANNEL}/" in path else None

    rest.refuses = refuse
    surface = surface_for(client, build_mention(), Pacer(), kind="chat", again=False)
    surface.begin()
    assert surface._show_task is not None
    await surface._show_task
    await surface.show_draft(lambda: "growing")
    await surface._show_task
    assert len(asked) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 429, 500])
@pytest.mark.parametrize("files", [False, True])
def test_falling_back_to_plainer_forms_terminates(status: int, files: bool) -> None:
    form: DeliveryForm | None = DeliveryForm.WHOLE
    tried = []
    while form is not None:
        tried.append(form)
        form = find_plainer_form(form, status, 0, files=files)
    assert tried == sorted(set(tried))
    assert (DeliveryForm.WITHOUT_FILES in tried) <= files
