"""The playground in a browser, as a newcomer meets it: type /copy, watch the draft grow, use the buttons, tell a profile."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
from browser import IN_BROWSER
from playing import (
    SECONDS,
    Playground,
    collect_drafts,
    find_button,
    free_port,
    get_last_message,
    interrupt_process,
    open_page,
    open_playground,
    slash,
    start_playground,
    tap,
    wait_until_ready,
)
from playwright.async_api import Page, expect
from router_cache import install_router

pytestmark = IN_BROWSER


@pytest.fixture
def tmp_path(tmp_path: Path, trained: Path) -> Path:
    """A folder with the trained classifier, as left by an earlier playground."""
    install_router(trained, tmp_path / "preview")
    return tmp_path


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, trained: Path) -> Iterator[Playground]:
    """One playground for the tests that need none of their own, as starting it takes long."""
    folder = tmp_path_factory.mktemp("playground")
    install_router(trained, folder / "preview")
    with open_playground(folder) as house:
        yield house


async def test_a_newcomer_tries_the_playground(tmp_path: Path, page: Page) -> None:
    process, address = await start_playground(tmp_path, free_port())
    try:
        await open_page(page, address)
        await expect(page.get_by_text("Welcome to the studio").first).to_be_visible(timeout=SECONDS)
        assert time.strftime("%Y") in await page.locator("#channel-message-list").inner_text()

        await slash(page, "copy", brief="tweet: we are closed next Monday")
        await expect(get_last_message(page)).to_contain_text("used /copy", timeout=SECONDS)
        seen = await collect_drafts(get_last_message(page))
        growing = [text for text in seen if "will be closed" in text or "We" in text]
        assert len(growing) >= 3, seen
        assert "characters" not in seen[-1], "what fits needs no word"

        await find_button(get_last_message(page), "Another").click()
        await expect(page.locator("article.channel-message")).to_have_count(3, timeout=SECONDS)
        await collect_drafts(get_last_message(page))

        await slash(page, "profile edit")
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Organisation").fill("Fern & Fog Coffee")
        await dialog.get_by_label("Call to action: words, then a link").fill("Pop in before 3: fernandfog.example")
        await dialog.get_by_role("button", name="Submit").click()
        await expect(page.get_by_text("From now on, I'll write with that in mind").first).to_be_visible(timeout=SECONDS)

        await slash(page, "copy", brief="tweet: we are closed next Monday, with our link")
        await expect(get_last_message(page)).to_contain_text("Fern & Fog Coffee will be closed", timeout=SECONDS)
        final = (await collect_drafts(get_last_message(page)))[-1]
        assert "fernandfog.example" in final
        if os.environ.get("QUILLMATE_SCREENSHOT"):
            await get_last_message(page).scroll_into_view_if_needed()
            await page.screenshot(path=os.environ["QUILLMATE_SCREENSHOT"])
    finally:
        said = await interrupt_process(process)
    assert process.returncode == 0
    assert "Traceback" not in said


async def test_a_drawing_is_visible_in_its_message(house: Playground, page: Page) -> None:
    await house.invite(page)
    await open_page(page, f"{house.bare}enter/again")
    await slash(page, "image", brief="round logo of an owl, navy and cream")
    await expect(get_last_message(page)).to_contain_text("More…", timeout=SECONDS)
    picture = get_last_message(page).locator("img[alt^='Logo']").first
    await expect(picture).to_be_visible(timeout=SECONDS)
    await picture.scroll_into_view_if_needed()
    async with asyncio.timeout(20):
        while await picture.evaluate("one => one.naturalWidth") < 300:
            await asyncio.sleep(0.05)
    if os.environ.get("QUILLMATE_SCREENSHOT"):
        await page.screenshot(path=os.environ["QUILLMATE_SCREENSHOT"])


async def test_messages_have_a_menu_and_channels_can_be_switched(house: Playground, page: Page) -> None:
    await house.invite(page)
    await open_page(page, f"{house.bare}enter/again")
    for room in ("#classroom", "@Ben (DM)", "#marketing"):
        async with page.expect_event("load"):
            await page.get_by_role("navigation", name="Channels").get_by_text(room, exact=True).click()
        await expect(page).to_have_title(f"{room} – Quillmate", timeout=SECONDS)
        await wait_until_ready(page)
    await page.get_by_label("Message", exact=True).fill("Our shop is going to be closed on the day of Monday.")
    await page.locator("#send-message").click()
    await expect(get_last_message(page)).to_contain_text("the day of Monday", timeout=SECONDS)
    await get_last_message(page).click(button="right")
    entries = page.get_by_role("menu", name="Apps").get_by_role("menuitem")
    assert {"Rewrite", "Make a quiz", "Image prompt from this"} <= set(await entries.all_inner_texts())
    await entries.get_by_text("Rewrite", exact=True).click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("What should it be like?").fill("shorter")
    await dialog.get_by_role("button", name="Submit").click()
    await expect(get_last_message(page)).to_contain_text("More…", timeout=SECONDS)
    await expect(get_last_message(page)).to_contain_text("Rewrite", timeout=SECONDS)


@pytest.mark.nightly
async def test_loading_the_model_is_shown_on_a_terminal(tmp_path: Path) -> None:
    """The program as it is installed, with the model that ships; its standard error is a terminal."""
    ours, theirs = pty.openpty()
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "preview",
        "--no-browser",
        "--port",
        str(port),
        env={**os.environ, "QUILLMATE_DATA": str(tmp_path), "TERM": "xterm"},
        stdout=asyncio.subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    assert process.stdout is not None
    printed = asyncio.create_task(process.stdout.readline())
    seen: list[tuple[int, str]] = []
    async with asyncio.timeout(60), aiohttp.ClientSession() as session:
        while not seen or seen[-1][0] == 503:
            with contextlib.suppress(aiohttp.ClientConnectionError):
                async with session.get(f"http://127.0.0.1:{port}/") as answer:
                    seen.append((answer.status, await answer.text()))
    assert {status for status, _ in seen[:-1]} == {503}
    assert all("Quillmate is loading. This page refreshes by itself." in text for _, text in seen[:-1])
    assert seen[-1][0] == 403, "this browser has not been invited"
    address = await asyncio.wait_for(printed, 60)
    assert address.startswith(b"http://127.0.0.1:")
    said = os.read(ours, 100_000).decode()
    assert "Loading SmolLM2 135M, local…" in said
    assert "error" not in said
    process.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(process.wait(), 60) == 0
    os.close(ours)


async def test_the_profile_persists_across_starts(tmp_path: Path, page: Page) -> None:
    for visit in range(2):
        process, address = await start_playground(tmp_path, free_port())
        try:
            await open_page(page, address)
            if visit == 0:
                await slash(page, "profile edit")
                await page.get_by_role("dialog").get_by_label("Organisation").fill("Cedar Hollow")
                await page.get_by_role("dialog").get_by_role("button", name="Submit").click()
                await expect(page.get_by_text("From now on").first).to_be_visible(timeout=SECONDS)
            else:
                await slash(page, "profile show")
                await expect(page.get_by_text("Cedar Hollow").first).to_be_visible(timeout=SECONDS)
            await page.goto("about:blank")
        finally:
            await interrupt_process(process)


async def test_a_port_in_use_is_reported_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "preview",
            "--no-browser",
            "--port",
            str(port),
            env={**os.environ, "QUILLMATE_DATA": str(tmp_path)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 2
    assert err.decode().strip() == f"Port {port} is already in use; choose another one with --port."
    assert out == b""


async def test_a_browser_that_does_not_start_is_reported_in_one_sentence(tmp_path: Path) -> None:
    odd = tmp_path / "chromium"
    odd.write_text("#!/bin/sh\necho 'No usable sandbox!' >&2\nexit 1\n")
    odd.chmod(0o755)
    process, address = await start_playground(tmp_path, free_port(), browser=str(odd))
    assert address.startswith("http://127.0.0.1:")
    assert process.stderr is not None
    said = ""
    async with asyncio.timeout(20):
        while "open the address above yourself" not in said:
            said += (await process.stderr.readline()).decode()
    assert "--no-sandbox" in said
    assert "Traceback" not in said + await interrupt_process(process)


async def test_an_invitation_address_works_once(tmp_path: Path, page: Page) -> None:
    """The browser's arguments are in the list of processes, which everybody on the machine can read."""
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened.part\nmv {tmp_path}/opened.part {tmp_path}/opened\n')
    browser.chmod(0o755)
    process, printed = await start_playground(tmp_path, free_port(), browser=str(browser))
    try:
        async with asyncio.timeout(20):
            while not (tmp_path / "opened").exists():
                await asyncio.sleep(0.02)
        opened_url = (tmp_path / "opened").read_text().strip()
        assert opened_url != printed
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            async with session.get(opened_url, allow_redirects=False) as answer:
                assert answer.status == 303
                cookie = answer.headers["Set-Cookie"]
                assert "HttpOnly" in cookie
                assert "SameSite=Strict" in cookie
                capability = answer.headers["Location"].partition("#")[2]
            async with session.get(printed, allow_redirects=False) as answer:
                assert answer.status == 303, "the same browser may open any of them again"
        headers = {"X-Simcord-Capability": capability}
        async with aiohttp.ClientSession() as session:
            async with session.get(opened_url, allow_redirects=False) as answer:
                assert (answer.status, "has been used" in await answer.text()) == (403, True)
            api = f"{opened_url.partition('/enter')[0]}/api/playground"
            async with session.get(api, headers=headers) as answer:
                assert answer.status == 401, "the room's own word is not enough"
        for _ in range(2):
            await open_page(page, printed)
        await expect(page.get_by_text("Welcome to the studio").first).to_be_visible(timeout=SECONDS)
        await page.context.clear_cookies()
        assert (await page.goto(printed)).status == 403
    finally:
        said = await interrupt_process(process)
    assert "Traceback" not in said


async def test_the_likeliest_file_downloads_in_one_click(house: Playground, page: Page) -> None:
    """A teacher downloads a plan as a Word file, a baker only the text of a post."""
    await house.invite(page)
    await open_page(page, f"{house.bare}enter/again")
    await slash(page, "lesson", brief="lesson plan on how plants drink, 40 minutes")
    await collect_drafts(get_last_message(page))
    await expect(get_last_message(page)).to_contain_text("Lesson plan", timeout=SECONDS)
    await tap(page, get_last_message(page), "Word")
    await expect(get_last_message(page)).to_contain_text("How-plants-drink-", timeout=SECONDS)
    async with page.expect_download(timeout=SECONDS) as coming:
        await get_last_message(page).locator("button[aria-label*='ownload'], a[download]").first.click()
    file = await coming.value
    assert file.suggested_filename.endswith(".docx")
    assert (await asyncio.to_thread(Path(await file.path()).read_bytes)).startswith(b"PK")

    await slash(page, "copy", brief="tweet: we are closed next Monday")
    await collect_drafts(get_last_message(page))
    await tap(page, get_last_message(page), "Copy")
    await expect(get_last_message(page)).to_contain_text("will be closed next Monday", timeout=SECONDS)
    copied = await get_last_message(page).inner_text()
    assert "Social post" not in copied
    assert "More…" not in copied

    # Pressed further up, the page goes to the answer.
    plan = page.locator("#channel-message-list [data-message-id]", has_text="Lesson plan").first
    await tap(page, plan, "Word")
    await expect(get_last_message(page)).to_contain_text("How-plants-drink-", timeout=SECONDS)
    await expect(get_last_message(page)).to_be_in_viewport(timeout=SECONDS)
    if os.environ.get("QUILLMATE_SCREENSHOT"):
        await get_last_message(page).scroll_into_view_if_needed()
        await page.screenshot(path=os.environ["QUILLMATE_SCREENSHOT"])
