"""The playground's own process, and what people do on its page in a browser."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

from playwright.async_api import Locator, Page

REPOSITORY = Path(__file__).parents[1]
SECONDS = 20_000


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def serve(folder: Path, port: int, browser: str = "") -> tuple[asyncio.subprocess.Process, str]:
    """The process and the address that it prints."""
    program = str(REPOSITORY / "tests/processes/playground.py")
    process = await asyncio.create_subprocess_exec(
        sys.executable, program, str(folder), str(port), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={**{k: v for k, v in os.environ.items() if k != "BROWSER"}, **({"BROWSER": browser} if browser else {})},
    )  # fmt: skip
    assert process.stdout is not None
    try:
        address = await asyncio.wait_for(process.stdout.readline(), 60)
    except TimeoutError:
        process.kill()
        raise
    return process, address.decode().strip()


async def end(process: asyncio.subprocess.Process) -> str:
    """Ends it as Ctrl-C does; what it had to say on standard error."""
    if process.returncode is None:
        process.send_signal(signal.SIGINT)
    _, said = await asyncio.wait_for(process.communicate(), 30)
    return said.decode()


async def open_page(page: Page, address: str) -> None:
    await page.goto(address)
    await ready(page)


async def ready(page: Page) -> None:
    async with asyncio.timeout(20):
        while not await page.evaluate("Boolean(window.simcordPreview?.ready)"):
            await asyncio.sleep(0.05)


async def slash(page: Page, name: str, **options: str) -> None:
    """Types a command, picks it, fills its options, and sends it."""
    await page.get_by_label("Message", exact=True).fill(f"/{name}")
    await page.locator(".command-entry", has_text=f"/{name}").first.click()
    for option, value in options.items():
        field = page.locator(f"input.command-option-input[data-option={option}]")
        if not await field.count():
            await page.locator(".command-chip").first.click()
            await page.locator(".command-suggestion", has_text=option).first.click()
        await field.fill(value)
    await page.locator("#send-message").click()


def last(page: Page) -> Locator:
    return page.locator("#channel-message-list article.channel-message").last


def button(message: Locator, label: str) -> Locator:
    return message.locator("button[data-control-key*=':component:']", has_text=label)


async def drafts(message: Locator) -> list[str]:
    """The different texts that a message shows until it is finished."""
    seen: list[str] = []
    async with asyncio.timeout(30):
        while not seen or "Regenerate" not in seen[-1]:
            text = await message.inner_text()
            if not seen or seen[-1] != text:
                seen.append(text)
            await asyncio.sleep(0.05)
    return seen
