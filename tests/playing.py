"""The playground's process, and actions on its page in a browser."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import re
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import process_fork
from browser import SECONDS
from playwright.async_api import Locator, Page, expect
from process_fork import ForkedProcess

REPOSITORY = Path(__file__).parents[1]
KEYS = {"\n": "Enter", "\t": "Tab"}
# The button with further actions on a result.
MORE = re.compile("More…|Mehr…")


# Below the ephemeral ports; each test process has its own range.
_PORTS = itertools.count(10_000 + os.getpid() * 50 % 20_000)


def free_port() -> int:
    """Return an unused port that no other test process gets."""
    for port in _PORTS:
        with socket.socket() as found, contextlib.suppress(OSError):
            found.bind(("127.0.0.1", port))
            return port
    raise AssertionError


async def start_playground(folder: Path, port: int, browser: str = "") -> tuple[ForkedProcess, str]:
    """Start the playground; return its process and the printed address."""
    given = {**{k: v for k, v in os.environ.items() if k != "BROWSER"}, **({"BROWSER": browser} if browser else {})}
    process = await process_fork.start("playground.py", str(folder), str(port), environment=given)
    try:
        address = await asyncio.wait_for(process.stdout.readline(), 60)
    except TimeoutError:
        process.kill()
        raise
    return process, address.decode().strip()


async def interrupt_process(process: ForkedProcess) -> str:
    """Interrupt the process like Ctrl-C; return its standard error."""
    process.send_signal(signal.SIGINT)
    _, said = await asyncio.wait_for(process.communicate(), 30)
    return said.decode()


@dataclass(frozen=True)
class Playground:
    """An open playground with the cookie for its browsers."""

    address: str
    cookie: tuple[str, str]

    @property
    def bare(self) -> str:
        """The address without its code."""
        return f"{self.address.partition('/enter')[0]}/"

    async def invite(self, page: Page) -> None:
        """Give the page's browser access as if it had opened the address."""
        name, value = self.cookie
        await page.context.add_cookies([{"name": name, "value": value, "url": self.bare, "sameSite": "Strict"}])


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirects, so that the response with the cookie is seen."""

    def redirect_request(self, *_: object) -> None:  # type: ignore[override]
        """Return None, which raises the response as an error."""


@contextmanager
def open_playground(folder: Path, program: str = "playground.py", language: str = "en") -> Iterator[Playground]:
    """Run a program of tests/processes as a playground in a language, for as long as its tests run.

    Raises:
        AssertionError: it printed a traceback.
    """
    paths = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "tests"), os.environ.get("PYTHONPATH", "")])
    given = {**os.environ, "PYTHONPATH": paths}
    process, *descriptors = process_fork.fork(program, str(folder), str(free_port()), environment=given)
    assert process.pid is not None
    stdout, stderr = map(os.fdopen, descriptors)
    try:
        address = stdout.readline().strip()
        try:
            asked = urllib.request.Request(address, headers={"Accept-Language": language})
            urllib.request.build_opener(NoRedirect).open(asked)
            raise AssertionError("it did not go on to the page")
        except urllib.error.HTTPError as answer:
            name, _, value = answer.headers["Set-Cookie"].partition(";")[0].partition("=")
        yield Playground(address, (name, value))
    finally:
        if process.exitcode is None:
            os.kill(process.pid, signal.SIGINT)
        process.join(60)
        assert process.exitcode is not None
        with stdout, stderr:
            said = stderr.read()
    assert "Traceback" not in said, said


async def type_keys(page: Page, text: str, *, after: int = 0) -> None:
    """Type quickly, with `after` milliseconds between keys; a newline is Enter, a tab Tab. Letters missing on an
    English keyboard are inserted as composed text.
    """
    for key in text:
        if key.isascii():
            await page.keyboard.press(KEYS.get(key, key), delay=after)
        else:
            await page.keyboard.insert_text(key)


async def open_page(page: Page, address: str) -> None:
    await page.goto(address)
    await wait_until_ready(page)


async def wait_until_ready(page: Page) -> None:
    async with asyncio.timeout(SECONDS / 1000):
        while not await page.evaluate("Boolean(window.simcordPreview?.ready)"):
            await asyncio.sleep(0.05)


async def slash(page: Page, name: str, **options: str) -> None:
    """Type a command, choose it, fill its options, and send it."""
    await page.get_by_label("Message", exact=True).fill(f"/{name}")
    await page.locator(".command-entry", has_text=f"/{name}").first.click()
    for option, value in options.items():
        field = page.locator(f"input.command-option-input[data-option={option}]")
        if not await field.count():
            await page.locator(".command-chip").first.click()
            await page.locator(".command-suggestion", has_text=option).first.click()
        await field.fill(value)
    await page.locator("#send-message").click()


def get_last_message(page: Page) -> Locator:
    return page.locator("#channel-message-list article.channel-message").last


def find_button(message: Locator, label: str | re.Pattern[str]) -> Locator:
    return message.locator("button[data-control-key*=':component:']", has_text=label)


async def tap(page: Page, result: Locator, label: str) -> None:
    """Press a button of a result, also one behind "More…"."""
    shown = result
    if not await find_button(result, label).count():
        await find_button(result, MORE).click()
        await expect(find_button(get_last_message(page), label)).to_be_visible()
        shown = await get_newest_message(page)
    await find_button(shown, label).click()
    # The next message can arrive before the press that opened it has ended: the page then asks to press again.
    early = shown.get_by_text("Wait for the current action")
    async with asyncio.timeout(SECONDS / 1000):
        while await early.is_visible():
            await asyncio.sleep(0.2)
            await find_button(shown, label).click()


async def get_newest_message(page: Page) -> Locator:
    """Return the newest message; stays the same when others follow."""
    name = await get_last_message(page).get_attribute("data-message-id")
    return page.locator(f"article.channel-message[data-message-id='{name}']")


async def collect_drafts(message: Locator) -> list[str]:
    """Collect the different texts of a message until it is finished."""
    seen: list[str] = []
    async with asyncio.timeout(SECONDS / 1000):
        while not seen or "More…" not in seen[-1]:
            text = await message.inner_text()
            if not seen or seen[-1] != text:
                seen.append(text)
            await asyncio.sleep(0.05)
    return seen
