"""Readers of what users see in Discord's messages, modals and requests."""

from __future__ import annotations

import io
import itertools
import json
import zipfile
from collections.abc import Iterator
from typing import Any

TEXT, BUTTON = 10, 2


def get_components(shown: Any) -> list[dict[str, Any]]:
    """Return the components of a message, a response or a modal as plain data."""
    if isinstance(shown, dict):
        return list(shown.get("components", []))
    return [part if isinstance(part, dict) else part.to_dict() for part in shown.components]


def walk_components(parts: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield all components in visual order, outer ones first."""
    for part in parts:
        yield part
        yield from walk_components(part.get("components") or [])
        for single in ("accessory", "component"):
            if part.get(single):
                yield from walk_components([part[single]])


def list_texts(shown: Any) -> list[str]:
    """List the text displays."""
    return [part["content"] for part in walk_components(get_components(shown)) if part.get("type") == TEXT]


def read_message(shown: Any) -> str:
    """Read all text of a message: its plain content and its text displays."""
    return "\n".join(filter(None, [getattr(shown, "content", ""), *list_texts(shown)]))


def get_answer(result: Any) -> Any:
    """Return the response to an interaction, or the private message that replaced it."""
    return result.response or result.followups[-1]


def get_last_answer(result: Any) -> Any:
    """Return the last of the messages that answered an interaction."""
    return result.followups[-1] if getattr(result, "followups", None) else result.response


def read_title(shown: Any) -> str:
    """Read the title of a result, which begins the small print above it."""
    return list_texts(shown)[0].splitlines()[0].removeprefix("-# ").partition(" · ")[0]


def body(shown: Any) -> str:
    """Return the content of a result, between the small print above and below it; an answer to a user has none above."""
    texts = itertools.dropwhile(lambda text: text.startswith("-# "), list_texts(shown)[:2])
    found = list(itertools.takewhile(lambda text: not text.startswith("-# "), [*texts, *list_texts(shown)[2:]]))
    return "\n\n".join(found)


def find_buttons(shown: Any) -> dict[str, str]:
    """Map labels of buttons to custom ids, or emoji if there is no label."""
    found = {}
    for part in walk_components(get_components(shown)):
        if part.get("type") == BUTTON:
            found[part.get("label") or part["emoji"]["name"]] = part["custom_id"]
    return found


def find_button_id(shown: Any, label: str) -> str:
    """Return the custom id of the first button whose label begins with `label`."""
    return next(
        part["custom_id"]
        for part in walk_components(get_components(shown))
        if str(part.get("label", "")).startswith(label)
    )


def list_menu_values(shown: Any) -> list[str]:
    """List the values of a message's menu."""
    return [option["value"] for part in walk_components(get_components(shown)) for option in part.get("options") or []]


def find_fields(modal: Any) -> dict[str, dict[str, Any]]:
    """Map the labels of a modal to its inputs."""
    return {part["label"]: part["component"] for part in get_components(modal) if part.get("component")}


def list_message_bodies(env: Any) -> list[dict[str, Any]]:
    """List the bodies of the requests that created or changed a message."""
    found = []
    for request in env.http_requests:
        data = request.json
        if not isinstance(data, dict) or request.method not in ("POST", "PATCH"):
            continue
        inner = data.get("data") if request.path.endswith("/callback") else data
        if not isinstance(inner, dict) or "custom_id" in inner:  # A modal has one, a message has not.
            continue
        if {"content", "components", "embeds", "attachments"} & set(inner):
            found.append(inner)
    return found


def can_notify(body: dict[str, Any]) -> bool:
    """Whether a message could notify someone: mentions are parsed unless disabled."""
    return body.get("allowed_mentions", {}).get("parse") != [] or any(
        body["allowed_mentions"].get(who) for who in ("users", "roles", "replied_user")
    )


def list_uploads(env: Any, other_than: tuple[str, ...] = ()) -> list[str]:
    """List the names of uploaded files, without those with certain extensions."""
    bot = env.backend.bot_user.id
    posted = [message for channel in env.backend.messages.values() for message in channel.values()]
    names = [file["filename"] for message in posted if message.author_id == bot for file in message.attachments]
    return [name for name in names if not name.endswith(other_than)] if other_than else names


def dump_requests(env: Any) -> str:
    """Return everything that the bot sent to Discord, except files, as one text."""
    return "\n".join(json.dumps(request.json, ensure_ascii=False, default=str) for request in env.http_requests)


def list_file_names(message: Any) -> list[str]:
    """List the names of a message's files."""
    return [file.filename for file in message.attachments]


async def unzip_attachments(result: Any) -> dict[str, bytes]:
    """Map the files in the ZIP files of a private answer to their bytes."""
    files = {}
    for message in [result.response, *result.followups]:
        for file in getattr(message, "attachments", None) or []:
            assert message.ephemeral
            with zipfile.ZipFile(io.BytesIO(await file.read())) as archive:
                assert archive.testzip() is None
                files |= {name: archive.read(name) for name in archive.namelist()}
    return files
