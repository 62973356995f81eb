"""What the packages that the bot is built on take when they are imported, and nothing else is done: python benchmarks/memory.py

Resident memory in MiB, read from /proc (Linux), each line with what the lines before it took.
"""

from __future__ import annotations

import importlib
import os
from pathlib import Path

PACKAGES = (
    "discord", "sqlalchemy.ext.asyncio", "aiosqlite", "dbos", "langchain_core.language_models.chat_models",
    "cryptography.hazmat.primitives.ciphers.aead", "pydantic_settings", "structlog",
)  # fmt: skip


def resident() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    print(f"{'python itself':<48} {resident():.0f}")
    for name in PACKAGES:
        importlib.import_module(name)
        print(f"{name:<48} {resident():.0f}")
    for name in ("bot.cli.run", "bot.requests.jobs", "bot.engines._completions"):
        importlib.import_module(name)
    importlib.import_module("bot.kinds").all_kinds()
    print(f"{'and the bot itself':<48} {resident():.0f}")
    for name in importlib.import_module("bot.client").extensions():
        importlib.import_module(name)
    print(f"{'with its commands':<48} {resident():.0f}")
