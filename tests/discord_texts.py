"""Reads what people see out of Discord's messages, modals and requests."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

TEXT, BUTTON = 10, 2


def tree(shown: Any) -> list[dict[str, Any]]:
    """The components of a message, a response or a modal, as plain data."""
    if isinstance(shown, dict):
        return list(shown.get("components", []))
    return [part if isinstance(part, dict) else part.to_dict() for part in shown.components]


def walk(parts: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every component, outer ones first, in the order they are seen."""
    for part in parts:
        yield part
        yield from walk(part.get("components") or [])
        for single in ("accessory", "component"):
            if part.get(single):
                yield from walk([part[single]])


def texts(shown: Any) -> list[str]:
    """The text displays, one an entry."""
    return [part["content"] for part in walk(tree(shown)) if part.get("type") == TEXT]


def read(shown: Any) -> str:
    """All that can be read in a message: its plain content and its text displays."""
    return "\n".join(filter(None, [getattr(shown, "content", ""), *texts(shown)]))


def told(result: Any) -> Any:
    """What a person was answered: the response, or where that was taken back, the private message in its place."""
    return result.response or result.followups[-1]


def title(shown: Any) -> str:
    """What a result is called: the small print above it begins with that."""
    return texts(shown)[0].splitlines()[0].removeprefix("-# ").partition(" · ")[0]


def body(shown: Any) -> str:
    """The content of a result: what stands between the small print above it and that below."""
    found = list(itertools.takewhile(lambda text: not text.startswith("-# "), texts(shown)[1:]))
    return "\n\n".join(found)


def buttons(shown: Any) -> dict[str, str]:
    """Custom ids by label, by emoji for buttons without one."""
    found = {}
    for part in walk(tree(shown)):
        if part.get("type") == BUTTON:
            found[part.get("label") or part["emoji"]["name"]] = part["custom_id"]
    return found


def menu(shown: Any) -> list[str]:
    """The values that a message's menu offers."""
    return [option["value"] for part in walk(tree(shown)) for option in part.get("options") or []]


def fields(modal: Any) -> dict[str, dict[str, Any]]:
    """The inputs of a modal by the label above them."""
    return {part["label"]: part["component"] for part in tree(modal) if part.get("component")}


def http_bodies(env: Any) -> list[dict[str, Any]]:
    """The bodies of the requests that made or changed a message, without those that show something else."""
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


def pings(body: dict[str, Any]) -> bool:
    """Whether a message could notify somebody: what it holds is parsed unless it says that nothing is."""
    return body.get("allowed_mentions", {}).get("parse") != [] or any(
        body["allowed_mentions"].get(who) for who in ("users", "roles", "replied_user")
    )


def uploads(env: Any, other_than: tuple[str, ...] = ()) -> list[str]:
    """The names of files that the bot uploaded, without those with certain endings."""
    bot = env.backend.bot_user.id
    posted = [message for channel in env.backend.messages.values() for message in channel.values()]
    names = [file["filename"] for message in posted if message.author_id == bot for file in message.attachments]
    return [name for name in names if not name.endswith(other_than)] if other_than else names


def everything_sent(env: Any) -> str:
    """All that the bot told Discord, but for its files, as one text to search."""
    return "\n".join(json.dumps(request.json, ensure_ascii=False, default=str) for request in env.http_requests)


def uploaded(message: Any) -> list[str]:
    """The names of the files at a message."""
    return [file.filename for file in message.attachments]
