"""Three people's first quarter of an hour in the playground, from the welcome to a file that they use."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import NEEDS_CHROMIUM, new_page
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
    await expect(last(page).locator("button[data-control-key*=':component:']", has_text=re.compile("Download|Herunterladen"))).to_be_visible(timeout=SECONDS)
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
    for answer in ("Rye & Shine", "baker, with classes on Saturdays", "members of our bread club"):
        await keys(page, f"{answer}\t")
    await page.keyboard.press("Tab")
    await keys(page, "Book your place: ryeandshine.example\n")
    await expect(last(page)).to_contain_text("From now on I write with that in mind", timeout=SECONDS)
    await seen(page, "baker-4-saved")

    await keys(page, "/copy mail to our members: sourdough class on 14 March, 45 euros, in our bakery on Mill Lane\n")
    mail = await finished(page, "Hello members")
    await seen(page, "baker-5-mail")
    told = await mail.inner_text()
    print(told)
    await button(mail, "Shorter").click()
    await expect(last(page)).to_contain_text("You shape a loaf", timeout=SECONDS)
    shorter = await kept(page, await finished(page, "You shape a loaf"))
    print(await shorter.inner_text())
    await seen(page, "baker-6-shorter")
    await button(shorter, "Copy").click()
    await expect(last(page)).to_contain_text("Only you can see this", timeout=SECONDS)
    await asyncio.sleep(1)
    await seen(page, "baker-7-copy")
    file = await downloaded(page, shorter, "Word", tmp_path)
    await seen(page, "baker-8-word")
    print(file)


async def kept(page: Page, message: Locator) -> Locator:
    """The message itself, wherever it stands later."""
    return page.locator(f"article.channel-message[data-message-id='{await message.get_attribute('data-message-id')}']")


async def downloaded(page: Page, result: Locator, label: str, folder: Path) -> Path:
    """The file that one click on a result's button brings, once it is taken from its message."""
    before = await page.locator(".file-download").count()
    await button(result, label).click()
    await expect(page.locator(".file-download")).to_have_count(before + 1, timeout=SECONDS)
    return await taken(page, folder)


async def taken(page: Page, folder: Path) -> Path:
    async with page.expect_download() as waiting:
        await page.locator(".file-download").last.click()
    file = await waiting.value
    await file.save_as(folder / file.suggested_filename)
    return folder / file.suggested_filename


async def test_a_teacher_of_grade_5(house: House, page: Page, tmp_path: Path) -> None:
    await enter(page, house, "#classroom", "Ben")
    await keys(page, "@qui")
    await expect(page.get_by_role("option", name="@Quillmate")).to_be_visible()
    await seen(page, "teacher-1-completion")
    await keys(page, "\ta quiz on the water cycle for grade 5, 5 questions\n")
    quiz = await kept(page, await finished(page, "water cycle"))
    await seen(page, "teacher-2-quiz")
    print(await quiz.inner_text())
    await quiz.locator("header").scroll_into_view_if_needed()
    await seen(page, "teacher-3-quiz-above")
    print(await downloaded(page, quiz, "PDF", tmp_path))
    await seen(page, "teacher-4-pdf")
    await button(quiz, "Download").click()
    await asyncio.sleep(2)
    await seen(page, "teacher-5-download")
    print(await last(page).inner_html())


async def test_a_colleague_who_writes_german(house: House, tmp_path: Path) -> None:
    async with new_page("de-DE") as page:
        await german(house, page, tmp_path)


async def german(house: House, page: Page, tmp_path: Path) -> None:
    await enter(page, house, "#art", "Ben")
    await keys(page, "@Quillmate Schreib einen Post für Facebook: Basar der Grundschule am Samstag von 10 bis 14 Uhr in der Turnhalle, wir suchen noch Kuchen, mit 2 Hashtags\n")
    await expect(last(page)).to_contain_text("Social-Media-Post", timeout=SECONDS)
    post = await kept(page, await finished(page, "Darüber"))
    await seen(page, "german-1-post")
    print(await last(page).inner_text())
    for at, label in enumerate(("Kopieren", "Warum", "Herunterladen", "Kürzer")):
        found = button(post, label)
        if not await found.count():
            print("NO", label); continue
        await found.click()
        await asyncio.sleep(2)
        await seen(page, f"german-2-{at}")
        print(await last(page).inner_text())
    await page.get_by_label("Message", exact=True).click()
    await keys(page, "@Quillmate Bild für den Aushang: ein langer Tisch mit Kuchen in der Turnhalle, oben Platz für Text\n")
    await asyncio.sleep(4)
    await seen(page, "german-3-picture")
    print(await last(page).inner_text())
