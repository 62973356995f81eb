"""Three people's first quarter of an hour in the playground, with real keys and clicks, from the welcome to a file that they use.

With QUILLMATE_SCREENSHOT=FOLDER each important step is kept as a picture, to be looked at.
"""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import IN_BROWSER, open_browser_page
from docx import Document
from playing import (
    SECONDS,
    Playground,
    find_button,
    get_last_message,
    get_newest_message,
    open_page,
    open_playground,
    tap,
    type_keys,
    wait_until_ready,
)
from playwright.async_api import Locator, Page, expect
from processes.good_writer import PICTURE, POST, QUIZ, SAID_SHORTER
from pypdf import PdfReader
from router_cache import install_router

from bot.content import MemorySnapshot, Request
from bot.generation.drafts import read_parts
from bot.generation.recall import assign

pytestmark = [*IN_BROWSER, pytest.mark.looking]
# What would stand in a German result if something of it were left in English.
ENGLISH = re.compile(
    r"\b(?:Another|More|Submit|review|Shorter|Longer|Change|Variants|Copy|Download|Make it|Why|for|figures|characters|wanted"
    r"|in German|Social post|Seed and|Not for me|Keep|Paste|quick questions|Ask me|Which file|Choose)\b"
)
# The label under each result from which files are taken.
FINISHED = re.compile("Download|Herunterladen")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, trained: Path) -> Iterator[Playground]:
    """One playground for all three users, as starting it takes long."""
    folder = tmp_path_factory.mktemp("playground")
    install_router(trained, folder / "preview")
    with open_playground(folder, "good_writer.py") as house:
        yield house


async def enter(page: Page, house: Playground, room: str, who: str) -> None:
    """Open the page, choose who is writing, and go to a channel."""
    await house.invite(page)
    await open_page(page, f"{house.bare}enter/again")
    await page.locator("#viewer-picker").select_option(label=who)
    link = page.locator("#playground-rooms").get_by_text(room, exact=True)
    if await link.get_attribute("aria-current") != "page":
        async with page.expect_event("load"):
            await link.click()
        await wait_until_ready(page)
    await page.locator("#channel-composer-input").click()


async def save_screenshot(page: Page, name: str) -> None:
    """Save a screenshot if the environment names a folder for them."""
    if folder := os.environ.get("QUILLMATE_SCREENSHOT"):
        await asyncio.sleep(0.7)  # The page asks for news every half second.
        Path(folder).mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=f"{folder}/{name}.png")


async def wait_for_result(page: Page, text: str) -> Locator:
    """Return the newest message once it is a result with that text; stays the same when others follow."""
    await expect(get_last_message(page)).to_contain_text(text, timeout=SECONDS)
    await expect(get_last_message(page).locator("button", has_text=FINISHED)).to_be_visible(timeout=SECONDS)
    return await get_newest_message(page)


async def press(page: Page, result: Locator, label: str, answer: str) -> Locator:
    """Press a result's button; return the newest message once it contains the answer."""
    await tap(page, result, label)
    await expect(get_last_message(page)).to_contain_text(answer, timeout=SECONDS)
    return get_last_message(page)


async def download_file(page: Page, folder: Path) -> Path:
    """Download the file of the newest message to the user's own disk."""
    await expect(get_last_message(page).locator(".file-download")).to_be_visible(timeout=SECONDS)
    async with page.expect_download() as waiting:
        await get_last_message(page).locator(".file-download").click()
    file = await waiting.value
    await file.save_as(folder / file.suggested_filename)
    return folder / file.suggested_filename


async def choose_file(page: Page, result: Locator, label: str, file: str) -> None:
    """Press a result's button for more files, and choose one from the list that it opens."""
    before = await page.locator("article.channel-message").count()
    await find_button(result, label).click()
    await expect(page.locator("article.channel-message")).to_have_count(before + 1, timeout=SECONDS)
    await get_last_message(page).get_by_role("combobox").click()
    await save_screenshot(page, f"files-{file}")
    option, early = (
        get_last_message(page).get_by_role("option", name=file),
        get_last_message(page).get_by_text("Wait for the current action"),
    )
    await option.click()
    # The list can stand there before the press that brought it has ended: the page asks to choose again then.
    async with asyncio.timeout(SECONDS / 1000):
        while await early.is_visible():
            await asyncio.sleep(0.2)
            await option.click()


def read_word_file(file: Path) -> str:
    """Return the text of a Word file, one line a paragraph."""
    return "\n".join(paragraph.text for paragraph in Document(str(file)).paragraphs)


async def test_a_baker_writes_an_email_to_the_members(house: Playground, page: Page, tmp_path: Path) -> None:
    await enter(page, house, "#marketing", "Ada")
    welcome = page.locator("article.channel-message", has_text="Welcome to the studio")
    await expect(welcome).to_be_visible(timeout=SECONDS)
    await save_screenshot(page, "baker-1-welcome")
    await type_keys(page, f"{await welcome.locator('li code').first.inner_text()}\n")
    await wait_for_result(page, "We are closed next Monday")
    await save_screenshot(page, "baker-2-tweet")

    await type_keys(page, "/profile edit\n")
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_label("Organisation")).to_be_focused(timeout=SECONDS)
    await expect(dialog.get_by_label("Call to action")).to_be_in_viewport(ratio=1)
    await save_screenshot(page, "baker-3-profile")
    await type_keys(page, "Rye & Shine\tbaker with a class on Saturdays\tmembers of our bread club\t")
    await type_keys(page, "\tBook your place: ryeandshine.example\n")
    await expect(get_last_message(page)).to_contain_text("From now on, I'll write with that in mind", timeout=SECONDS)
    await save_screenshot(page, "baker-4-saved")

    await type_keys(
        page, "/copy mail to our members: sourdough class on 14 March, 45 euros, in our bakery on Mill Lane\n"
    )
    mail = await wait_for_result(page, "Hello members,")
    assert "✗" not in await mail.inner_text()
    await save_screenshot(page, "baker-5-mail")
    less = next(iter(SAID_SHORTER.values()))
    await tap(page, mail, "Shorter")
    shorter = await wait_for_result(page, less)
    await save_screenshot(page, "baker-6-shorter")
    copied = await press(page, shorter, "Copy", "Only you can see this")
    for line in ("Hello members,", less, "Book your place: ryeandshine.example"):
        await expect(copied).to_contain_text(line, timeout=SECONDS)
    await save_screenshot(page, "baker-7-copy")
    await press(page, shorter, "Word", ".docx")
    await save_screenshot(page, "baker-8-word")
    text = read_word_file(await download_file(page, tmp_path))
    for part in ("A sourdough class on 14 March", "45 euros", "on Mill Lane", less, "ryeandshine.example"):
        assert part in text


async def test_a_teacher_of_grade_5_downloads_a_quiz(house: Playground, page: Page, tmp_path: Path) -> None:
    await enter(page, house, "#classroom", "Ben")
    await expect(page.get_by_text("Nothing here yet.")).to_be_visible()
    await type_keys(page, "@qui")
    await expect(page.get_by_role("option", name="@Quillmate")).to_be_visible()
    await save_screenshot(page, "teacher-1-completion")
    await type_keys(page, "\ta quiz on the water cycle for grade 5, 5 questions\n")
    items = read_parts(QUIZ, assign(Request("1", "7", "the water cycle", kind="quiz"), MemorySnapshot()))["items"]
    quiz = await wait_for_result(page, items[4]["question"])
    told = await quiz.inner_text()
    assert "✗" not in told
    assert "Facts not checked" in told
    await save_screenshot(page, "teacher-2-quiz")
    await press(page, quiz, "PDF", ".pdf")
    await save_screenshot(page, "teacher-3-pdf")
    sheet = await download_file(page, tmp_path)
    questions, _, key = "\n".join(one.extract_text() for one in PdfReader(sheet).pages).partition("Answer key")
    questions, key = " ".join(questions.split()), " ".join(key.split())
    for item in items:
        assert item["question"] in questions
        assert all(option in questions for option in item["options"])
        assert item["feedback"] in key
        assert item["feedback"] not in questions

    await choose_file(page, quiz, "Download", "Anki")
    await expect(get_last_message(page)).to_contain_text(".apkg", timeout=SECONDS)
    await save_screenshot(page, "teacher-4-anki")
    deck = await download_file(page, tmp_path)
    with zipfile.ZipFile(deck) as packed:
        packed.extract("collection.anki2", tmp_path)
    rows = sqlite3.connect(tmp_path / "collection.anki2").execute("select flds from notes").fetchall()
    cards = [str(fields).split("\x1f") for (fields,) in rows]
    assert len(cards) == 5
    for item in items:
        front, back = next((card[0], " ".join(card[1:])) for card in cards if item["question"] in card[0])
        assert all(option in front for option in item["options"])
        assert item["options"][item["correct"][0]] in back


@pytest.mark.nightly
async def test_a_colleague_who_writes_in_german_is_answered_in_german(house: Playground, tmp_path: Path) -> None:
    async with open_browser_page("de-DE") as page:
        await enter(page, house, "#art", "Ben")
        await type_keys(page, "@Quillmate Schreib einen Post für Facebook: Basar der Grundschule am Samstag ")
        await type_keys(page, "von 10 bis 14 Uhr in der Turnhalle, wir suchen noch Kuchen\n")
        post = await wait_for_result(page, POST)
        assert "✗" not in await read_german(post)
        await save_screenshot(page, "german-1-post")
        await press(page, post, "Kopieren", POST)
        await read_german(await press(page, post, "Warum?", "Was das geprägt hat"))
        await save_screenshot(page, "german-2-why")
        await tap(page, post, "Kürzer")
        without = POST.removesuffix(" Wir freuen uns auf euch.")
        shorter = await wait_for_result(page, without)
        assert POST not in await read_german(shorter)
        await save_screenshot(page, "german-3-shorter")
        await choose_file(page, shorter, "Herunterladen", "Word")
        await expect(get_last_message(page)).to_contain_text(".docx", timeout=SECONDS)
        await save_screenshot(page, "german-4-word")
        assert without in read_word_file(await download_file(page, tmp_path))

        await type_keys(page, "@Quillmate Bild für den Aushang: ein langer Tisch mit Kuchen in der Turnhalle\n")
        picture = await wait_for_result(page, "Bilddienst")
        shown = await read_german(picture, but=PICTURE.partition("\n")[0])
        assert PICTURE.partition("\n")[0] in " ".join(shown.split())
        assert await is_at_newest(page), "who sends something looks at what comes of it"
        await save_screenshot(page, "german-5-prompt")
        await picture.click(button="right")
        menu = page.locator("#playground-apps")
        assert await menu.locator("button").all_inner_texts() == [
            "Bild-Prompt daraus machen",
            "Quiz erstellen",
            "Umschreiben",
            "In Team-Bibliothek speichern",
            "Als Markenprobe nutzen",
        ]
        await save_screenshot(page, "german-6-menu")


async def read_german(message: Locator, but: str = "") -> str:
    """Return the text of a message; check that no words of Quillmate in it are English."""
    text = await message.locator(".message-components").inner_text()
    said = " ".join(text.split())
    assert ENGLISH.findall(said.replace(but, "") if but else said) == []
    return text


async def is_at_newest(page: Page) -> bool:
    """Return whether the page shows the end of its messages."""
    left = await page.locator("#channel-timeline").evaluate(
        "one => one.scrollHeight - one.scrollTop - one.clientHeight"
    )
    return float(left) < 40
