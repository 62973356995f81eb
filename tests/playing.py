"""The playground's own process, and what people do on its page in a browser."""

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

import forked
from browser import SECONDS
from forked import Forked
from playwright.async_api import Locator, Page, expect

REPOSITORY = Path(__file__).parents[1]
KEYS = {"\n": "Enter", "\t": "Tab"}
# What opens whatever else can be done with a result.
MORE = re.compile("More…|Mehr…")


# Below those that systems give to whoever asks for any; each process of tests has some of its own.
_PORTS = itertools.count(10_000 + os.getpid() * 50 % 20_000)


def free_port() -> int:
    """A port that nobody listens at, and that nobody is given before a program of the test takes it."""
    for port in _PORTS:
        with socket.socket() as found, contextlib.suppress(OSError):
            found.bind(("127.0.0.1", port))
            return port
    raise AssertionError


async def serve(folder: Path, port: int, browser: str = "") -> tuple[Forked, str]:
    """The process and the address that it prints."""
    given = {**{k: v for k, v in os.environ.items() if k != "BROWSER"}, **({"BROWSER": browser} if browser else {})}
    process = await forked.start("playground.py", str(folder), str(port), environment=given)
    try:
        address = await asyncio.wait_for(process.stdout.readline(), 60)
    except TimeoutError:
        process.kill()
        raise
    return process, address.decode().strip()


async def end(process: Forked) -> str:
    """Ends it as Ctrl-C does; what it had to say on standard error."""
    process.send_signal(signal.SIGINT)
    _, said = await asyncio.wait_for(process.communicate(), 30)
    return said.decode()


@dataclass(frozen=True)
class House:
    """A playground that is open, and what its browsers are let in by."""

    address: str
    cookie: tuple[str, str]

    @property
    def bare(self) -> str:
        """The address without its code."""
        return f"{self.address.partition('/enter')[0]}/"

    async def invite(self, page: Page) -> None:
        """The page's browser is let in as if it had opened the address."""
        name, value = self.cookie
        await page.context.add_cookies([{"name": name, "value": value, "url": self.bare, "sameSite": "Strict"}])


class Stay(urllib.request.HTTPRedirectHandler):
    """Goes nowhere, so that the answer with the cookie is seen."""

    def redirect_request(self, *_: object) -> None:  # type: ignore[override]
        """None: it is an error to be caught."""


@contextmanager
def opened(folder: Path, program: str = "playground.py", language: str = "en") -> Iterator[House]:
    """A playground that is open as long as its tests run, by a program of tests/processes; it says welcome in a language.

    Raises:
        AssertionError: it had an error to tell.
    """
    paths = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "tests"), os.environ.get("PYTHONPATH", "")])
    given = {**os.environ, "PYTHONPATH": paths}
    process, *descriptors = forked.fork(program, str(folder), str(free_port()), environment=given)
    assert process.pid is not None
    stdout, stderr = map(os.fdopen, descriptors)
    try:
        address = stdout.readline().strip()
        try:
            asked = urllib.request.Request(address, headers={"Accept-Language": language})
            urllib.request.build_opener(Stay).open(asked)
            raise AssertionError("it did not go on to the page")
        except urllib.error.HTTPError as answer:
            name, _, value = answer.headers["Set-Cookie"].partition(";")[0].partition("=")
        yield House(address, (name, value))
    finally:
        if process.exitcode is None:
            os.kill(process.pid, signal.SIGINT)
        process.join(60)
        assert process.exitcode is not None
        with stdout, stderr:
            said = stderr.read()
    assert "Traceback" not in said, said


async def keys(page: Page, text: str, *, after: int = 0) -> None:
    """Types as fast as a machine can, with `after` milliseconds between keys; a newline is Enter, a tab Tab.

    Letters that an English keyboard lacks come as from one that composes them.
    """
    for key in text:
        if key.isascii():
            await page.keyboard.press(KEYS.get(key, key), delay=after)
        else:
            await page.keyboard.insert_text(key)


async def open_page(page: Page, address: str) -> None:
    await page.goto(address)
    await ready(page)


async def ready(page: Page) -> None:
    async with asyncio.timeout(SECONDS / 1000):
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


def button(message: Locator, label: str | re.Pattern[str]) -> Locator:
    return message.locator("button[data-control-key*=':component:']", has_text=label)


async def tap(page: Page, result: Locator, label: str) -> None:
    """Presses a button of a result; one that stands behind "More…" is looked for there."""
    shown = result
    if not await button(result, label).count():
        await button(result, MORE).click()
        await expect(button(last(page), label)).to_be_visible()
        shown = await newest(page)
    await button(shown, label).click()
    # What stands behind it can be there before the press that brought it has ended: the page asks to press again then.
    early = shown.get_by_text("Wait for the current action")
    async with asyncio.timeout(SECONDS / 1000):
        while await early.is_visible():
            await asyncio.sleep(0.2)
            await button(shown, label).click()


async def newest(page: Page) -> Locator:
    """The newest message; it stays the same one when others follow."""
    name = await last(page).get_attribute("data-message-id")
    return page.locator(f"article.channel-message[data-message-id='{name}']")


async def drafts(message: Locator) -> list[str]:
    """The different texts that a message shows until it is finished."""
    seen: list[str] = []
    async with asyncio.timeout(SECONDS / 1000):
        while not seen or "More…" not in seen[-1]:
            text = await message.inner_text()
            if not seen or seen[-1] != text:
                seen.append(text)
            await asyncio.sleep(0.05)
    return seen
