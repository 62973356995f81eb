"""Headless Chromium for tests of web pages."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, async_playwright, expect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
# Timeout for pages: generous, as the machine may be busy.
SECONDS = 60_000
expect.set_options(timeout=SECONDS)
NEEDS_CHROMIUM = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; get it with: apt-get install chromium")


@asynccontextmanager
async def open_browser_page(locale: str = "en-US") -> AsyncIterator[Page]:
    """Open a page in a new browser with a language."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport={"width": 1280, "height": 900}, locale=locale)
        page.set_default_timeout(SECONDS)
        yield page
        await browser.close()
