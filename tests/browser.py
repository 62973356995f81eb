"""Headless Chromium for tests of web pages."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Timeout for pages: generous, as the machine may be busy.
SECONDS = 60_000
expect.set_options(timeout=SECONDS)
NEEDS_CHROMIUM = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; get it with: apt-get install chromium")

# Tests that use the fixture `page`, whose browser is the module's.
IN_BROWSER = [NEEDS_CHROMIUM, pytest.mark.asyncio(loop_scope="module")]


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Open a browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@asynccontextmanager
async def open_tab(browser: Browser, locale: str = "en-US") -> AsyncIterator[Page]:
    """Open a page of a profile of its own, with a language."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900}, locale=locale)
    page = await context.new_page()
    page.set_default_timeout(SECONDS)
    yield page
    await context.close()


@asynccontextmanager
async def open_browser_page(locale: str = "en-US") -> AsyncIterator[Page]:
    """Open a page in a new browser with a language."""
    async with open_browser() as browser, open_tab(browser, locale) as page:
        yield page
