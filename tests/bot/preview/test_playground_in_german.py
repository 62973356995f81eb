"""A German walk through the playground: every button of a post, a quiz and a prompt is pressed, and no English word is seen.

What is English is known from the catalogue: the words of its English sentences that none of its German ones has.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import NEEDS_CHROMIUM, open_browser_page
from catalogues import load_catalogue
from playing import Playground, get_last_message, get_newest_message, open_page, open_playground
from playwright.async_api import Locator, Page
from processes.good_writer import GERMAN_QUIZ, PICTURE, POST
from router_cache import install_router

pytestmark = NEEDS_CHROMIUM
_WORD = re.compile(r"[^\W\d_]{3,}")
_CODE = re.compile(r"`[^`]*`|\{[^{}]*\}|https?://\S+")
_NAMES = re.compile(r"A good writer|marketing|news|reviews")
# All that is seen on the page or read out, but for code and what only developers open.
_SEEN = """() => {
  const shown = (one) => { const { width, height } = one.getBoundingClientRect(); return width > 1 && height > 1
    && getComputedStyle(one).visibility !== "hidden" && !one.closest("pre, code, details:not([open]) > *:not(summary)"); };
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (shown(walker.currentNode.parentElement)) found.push(walker.currentNode.data);
  for (const name of ["aria-label", "placeholder", "title", "alt"])
    for (const one of document.querySelectorAll(`[${name}]`)) if (shown(one)) found.push(one.getAttribute(name));
  return found;
}"""
LABELS = "button[data-control-key*=':component:']"
BRIEFS = (
    "@Quillmate Schreib einen Post für Facebook: Basar der Grundschule am Samstag von 10 bis 14 Uhr in der Turnhalle",
    "@Quillmate ein Quiz zum Wasserkreislauf für Klasse 5, 2 Fragen",
    "@Quillmate Bild für den Aushang: ein langer Tisch mit Kuchen in der Turnhalle",
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, trained: Path) -> Iterator[Playground]:
    folder = tmp_path_factory.mktemp("spielwiese")
    install_router(trained, folder / "preview")
    with open_playground(folder, "good_writer.py", "de-DE") as house:
        yield house


def split_words(text: str) -> set[str]:
    return set(_WORD.findall(_CODE.sub("", text).casefold()))


def load_english_words() -> set[str]:
    told = load_catalogue("de")
    return set().union(*map(split_words, told)) - set().union(*map(split_words, told.values()))


def find_english_words(texts: list[str], english_words: set[str]) -> dict[str, set[str]]:
    """Return the texts that contain English words, with these words; those of a prompt come from its writer."""
    prompt = split_words(PICTURE)
    found = {}
    for text in texts:
        said = split_words(_NAMES.sub("", text)) - split_words(GERMAN_QUIZ) - split_words(POST)
        shown = text.strip().rstrip(" …")  # While it grows it is a part of what the writer has for it.
        is_prompt = shown in PICTURE or any(phrase in shown for phrase in filter(None, re.split(r"[.,\n] ?", PICTURE)))
        if left := (said - prompt if is_prompt else said) & english_words:
            found[text] = left
    return found


async def wait_until_settled(page: Page, before: int) -> None:
    """Wait until something new, a message, a form or a list, has appeared and no longer changes."""
    popups = page.locator("[role=dialog], [role=listbox]").filter(visible=True)
    messages, seen = page.locator("article.channel-message"), ""
    async with asyncio.timeout(20):
        while await messages.count() <= before and not await popups.count():
            await asyncio.sleep(0.05)
        while (now := await get_last_message(page).inner_text()) != seen or "Denkt nach" in now:
            seen = now
            await asyncio.sleep(0.1)


async def request_result(page: Page, brief: str) -> Locator:
    before = await page.locator("article.channel-message").count()
    await page.locator("#channel-composer-input").fill(brief)
    await page.keyboard.press("Enter")
    await wait_until_settled(page, before + 1)
    async with asyncio.timeout(20):
        while "Mehr…" not in await get_last_message(page).inner_text():
            await asyncio.sleep(0.05)
    return await get_newest_message(page)


@pytest.mark.nightly
async def test_no_english_text_remains_in_german(house: Playground) -> None:
    strange, left = load_english_words(), dict[str, set[str]]()
    async with open_browser_page("de-DE") as page:

        async def look() -> None:
            left.update(find_english_words(await page.evaluate(_SEEN), strange))

        async def press_all(shown: Locator) -> list[str]:
            """Press each button of a message, and those of the message that "Mehr…" opens; return their labels."""
            labels, behind = await shown.locator(LABELS).all_inner_texts(), list[str]()
            for number, label in enumerate(labels):
                before = await page.locator("article.channel-message").count()
                await shown.locator(LABELS).nth(number).click()
                await wait_until_settled(page, before)
                more = await get_newest_message(page) if "Mehr…" in label else None
                menus = get_last_message(page).get_by_role("combobox")
                if await page.locator("article.channel-message").count() > before and await menus.count() == 1:
                    await menus.click()
                await look()
                await page.keyboard.press("Escape")
                behind += await press_all(more) if more else []
            return [*(label.split("\n")[-1].strip() for label in labels), *behind]

        await house.invite(page)
        await open_page(page, f"{house.bare}enter/again")
        await look()
        pressed = list[str]()
        for brief in BRIEFS:
            result = await request_result(page, brief)
            await look()
            pressed += await press_all(result)
    assert {"Ändern…", "Zur Freigabe", "Kürzer", "Warum?", "Spielen…", "PDF", "Seed und Einstellungen"} <= set(pressed)
    assert left == {}
