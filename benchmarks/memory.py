"""Memory of the packages that the bot is built on, of the bot, and of the servers that it is in.

    python -m benchmarks.memory [--servers 10000]

Resident memory in MiB, read from /proc (Linux); each line includes what the lines before it took. A server has 20 channels, ten
roles and 30 emoji, and arrives as Discord sends it.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import importlib
import os
import tempfile
from pathlib import Path
from typing import Any

PACKAGES = (
    "discord", "sqlalchemy.ext.asyncio", "aiosqlite", "dbos", "langchain_core.language_models.chat_models",
    "cryptography.hazmat.primitives.ciphers.aead", "pydantic_settings", "structlog",
)  # fmt: skip


def measure_resident() -> float:
    """Return the resident memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def build_server(number: int) -> dict[str, Any]:
    """Build a server as GUILD_CREATE has it."""
    first = 10**17 + number * 1000
    colours = {"primary_color": 0, "secondary_color": None, "tertiary_color": None}
    roles = [
        {"id": str(first + n), "name": f"role {number} {n}", "permissions": "104324673", "position": n, "color": 0, "hoist": False,
         "managed": False, "mentionable": False, "flags": 0, "colors": colours}
        for n in range(10)
    ]  # fmt: skip
    overwrites = [{"id": str(first + 1), "type": 0, "allow": "1024", "deny": "0"}]
    channels = [
        {"id": str(first + 100 + n), "type": 0, "name": f"channel {number} {n}", "position": n, "permission_overwrites": overwrites,
         "nsfw": False, "topic": f"What people of server {number} talk about in channel {n}", "rate_limit_per_user": 0}
        for n in range(20)
    ]  # fmt: skip
    emoji = [
        {"id": str(first + 200 + n), "name": f"emoji_{number}_{n}", "roles": [], "require_colons": True, "managed": False,
         "animated": False, "available": True}
        for n in range(30)
    ]  # fmt: skip
    return {
        "id": str(first), "name": f"Server {number}", "roles": roles, "channels": channels, "members": [], "emojis": emoji,
        "stickers": [], "features": ["COMMUNITY"], "owner_id": "8", "member_count": 200, "preferred_locale": "en-US", "threads": [],
        "presences": [], "voice_states": [], "stage_instances": [], "guild_scheduled_events": [], "icon": "0" * 32, "large": False,
    }  # fmt: skip


async def measure_servers(count: int) -> None:
    """Print the memory of the bot in no server, and in so many."""
    from bot.app import App
    from bot.client import QuillmateBot
    from bot.runtime.heap import trim_heap
    from bot.settings import Settings

    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), engine="openai:stub", embeddings="none")  # type: ignore[arg-type]
        async with App(settings) as app:
            bot = QuillmateBot(app, shard_count=1)
            print(f"{'the bot in no server':<48} {measure_resident():.0f}")
            for number in range(count):
                bot._connection.parse_guild_create(build_server(number))  # type: ignore[arg-type]
            gc.collect()
            trim_heap()
            print(f"{f'in {len(bot.guilds):,} servers':<48} {measure_resident():.0f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--servers", type=int, default=10_000)
    servers = parser.parse_args().servers
    print(f"{'python itself':<48} {measure_resident():.0f}")
    for name in PACKAGES:
        importlib.import_module(name)
        print(f"{name:<48} {measure_resident():.0f}")
    for name in ("bot.cli.run", "bot.requests.jobs", "bot.engines._completions"):
        importlib.import_module(name)
    importlib.import_module("bot.kinds").load_kinds()
    print(f"{'and the bot itself':<48} {measure_resident():.0f}")
    for name in importlib.import_module("bot.extensions").list_extensions():
        importlib.import_module(name)
    print(f"{'with its commands':<48} {measure_resident():.0f}")
    asyncio.run(measure_servers(servers))
