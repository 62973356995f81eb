"""Which language the playground's Discord has: that of the browser it is opened in."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser import NEEDS_CHROMIUM, open_browser_page
from playing import SECONDS, free_port, interrupt_process, open_page, start_playground
from playwright.async_api import expect
from router_cache import install_router

from bot.preview.world import choose_discord_locale


@pytest.mark.parametrize(
    ("accepted", "locale"),
    [
        ("de-DE,de;q=0.9,en;q=0.8", "de"),
        ("de-AT", "de"),
        ("pt", "pt-BR"),
        ("pt-PT,pt;q=0.9", "pt-BR"),
        ("es-MX", "es-419"),
        ("es-419", "es-419"),
        ("en-GB,en;q=0.9", "en-GB"),
        ("en", "en-US"),
        ("tlh", "en-US"),
        ("*", "en-US"),
        ("", "en-US"),
    ],
)
def test_the_browsers_first_language_becomes_the_discord_locale(accepted: str, locale: str) -> None:
    assert choose_discord_locale(accepted) == locale


@NEEDS_CHROMIUM
@pytest.mark.nightly
async def test_a_german_browser_is_welcomed_in_german(tmp_path: Path, trained: Path) -> None:
    install_router(trained, tmp_path / "preview")
    process, address = await start_playground(tmp_path, free_port())
    try:
        async with open_browser_page("de-DE") as page:
            await open_page(page, address)
            await expect(page.get_by_text("Willkommen im Studio").first).to_be_visible(timeout=SECONDS)
    finally:
        said = await interrupt_process(process)
    assert "Traceback" not in said
