"""Three people's first quarter of an hour in the playground, from the welcome to a file that they use."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import NEEDS_CHROMIUM
from playing import SECONDS, House, button, keys, last, open_page, opened, ready
from playwright.async_api import Locator, Page, expect
from trained import give

pytestmark = NEEDS_CHROMIUM


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, trained: Path) -> Iterator[House]:
    """One playground for the three: its start is what takes long."""
    folder = tmp_path_factory.mktemp("playground")
    give(trained, folder / "preview")
    with opened(folder, "good_writer.py") as house:
        yield house


async def enter(page: Page, house: House, room: str = "#marketing", who: str = "Ada") -> None:
    """Somebody opens the page, says who they are, and goes to a channel."""
    await house.invite(page)
    await open_page(page, f"{house.bare}enter/again")
    await page.get_by_label("You are").select_option(label=who)
    link = page.get_by_role("navigation", name="Channels").get_by_text(room, exact=True)
    if await link.get_attribute("aria-current") != "page":
        async with page.expect_event("load"):
            await link.click()
        await ready(page)
    await page.get_by_label("Message", exact=True).click()


async def seen(page: Page, name: str) -> None:
    """A picture of what stands on the screen, where QUILLMATE_SCREENSHOT names a folder."""
    if folder := os.environ.get("QUILLMATE_SCREENSHOT"):
        await asyncio.sleep(0.7)  # The page asks every half second.
        Path(folder).mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=f"{folder}/{name}.png")


def messages(page: Page) -> Locator:
    return page.locator("#channel-message-list article.channel-message")


async def finished(page: Page, text: str) -> Locator:
    """The newest message, once it is a result with that text."""
    await expect(last(page)).to_contain_text(text, timeout=SECONDS)
    await expect(button(last(page), "Download")).to_be_visible(timeout=SECONDS)
    return last(page)


async def test_a_baker(house: House, page: Page, tmp_path: Path) -> None:
    await enter(page, house)
    welcome = page.locator("article.channel-message", has_text="Welcome to the studio")
    await expect(welcome).to_be_visible(timeout=SECONDS)
    await seen(page, "baker-1-welcome")
    await keys(page, f"{await welcome.locator('li code').first.inner_text()}\n")
    await finished(page, "We are closed next Monday")
    await seen(page, "baker-2-tweet")

    await keys(page, "/profile edit\n")
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_label("Organisation")).to_be_focused(timeout=SECONDS)
    await seen(page, "baker-3-profile")
    print(await dialog.inner_text())
    await keys(page, "Rye & Shine\n")
    await seen(page, "baker-4-saved")
