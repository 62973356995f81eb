"""Typing on the playground's page, with real keys: commands as the welcome has them, dialogs, mentions; and being let in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
from browser import IN_BROWSER
from playing import SECONDS, Playground, get_last_message, open_page, open_playground, type_keys, wait_until_ready
from playwright.async_api import Locator, Page, Route, expect
from router_cache import install_router

pytestmark = IN_BROWSER


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, trained: Path) -> Iterator[Playground]:
    """One playground for all of these tests, as starting it takes long."""
    folder = tmp_path_factory.mktemp("playground")
    install_router(trained, folder / "preview")
    with open_playground(folder) as house:
        yield house


async def start(page: Page, house: Playground) -> None:
    await house.invite(page)
    await open_page(page, f"{house.bare}enter/again")
    rooms = page.get_by_role("navigation", name="Channels")
    if "marketing" not in await page.evaluate("location.hash"):
        async with page.expect_event("load"):
            await rooms.get_by_text("#marketing", exact=True).click()
        await wait_until_ready(page)
    await page.get_by_label("Message", exact=True).click()


async def list_plain_messages(page: Page) -> list[str]:
    """List the texts that users posted as plain messages."""
    texts = await page.locator("#channel-message-list article.channel-message").all_inner_texts()
    return [text for text in texts if "APP" not in text]


async def test_the_welcome_examples_work_as_typed(house: Playground, page: Page) -> None:
    await start(page, house)
    welcome = page.locator("article.channel-message", has_text="Welcome to the studio")
    examples = list(dict.fromkeys(await welcome.locator("code").all_inner_texts()))  # One is named twice.
    assert len(examples) == 5
    for example in examples:
        await type_keys(page, f"{example}\n")
        if example == "/profile edit":
            dialog = page.get_by_role("dialog")
            await expect(dialog.get_by_label("Organisation")).to_be_focused(timeout=SECONDS)
            await type_keys(page, "Fern & Fog Coffee\n")
            await expect(dialog).to_have_count(0, timeout=SECONDS)
            await expect(page.get_by_text("From now on, I'll write with that in mind").first).to_be_visible(
                timeout=SECONDS
            )
        elif example.startswith("/"):
            await expect(get_last_message(page)).to_contain_text(f"used {example.split()[0]}", timeout=SECONDS)
        else:
            await expect(get_last_message(page)).not_to_contain_text(example, timeout=SECONDS)
            await expect(get_last_message(page)).to_contain_text("Quillmate", timeout=SECONDS)
        await expect(page.get_by_label("Message", exact=True)).to_have_value("", timeout=SECONDS)
    commands = [example for example in examples if example.startswith("/")]
    assert [text for text in await list_plain_messages(page) if any(command in text for command in commands)] == []


async def test_no_keystroke_is_lost_while_a_command_is_picked_or_sent(house: Playground, page: Page) -> None:
    await start(page, house)
    for pick in ("Enter", "Tab"):
        await type_keys(page, "/copy")
        await page.keyboard.press(pick)
        await type_keys(page, "tweet: we are closed next Monday\nand this is next")
        await expect(get_last_message(page)).to_contain_text("used /copy", timeout=SECONDS)
        await expect(get_last_message(page)).to_contain_text("More…", timeout=SECONDS)
        field = page.get_by_label("Message", exact=True)
        await expect(field).to_have_value("and this is next", timeout=SECONDS)
        await field.fill("")
    await type_keys(page, "first\nsecond\nthird\n")
    await expect(get_last_message(page)).to_contain_text("third", timeout=SECONDS)
    assert [text.split()[-1] for text in await list_plain_messages(page)][-3:] == ["first", "second", "third"]


async def test_a_message_that_addresses_nobody_is_explained(house: Playground, page: Page) -> None:
    await start(page, house)
    await type_keys(page, "we need a notice about the lift\n")
    notice = page.locator("#playground-notice")
    await expect(notice).to_have_text(
        "In a channel, Quillmate answers commands, replies to its messages, and messages that mention it: @Quillmate …",
        timeout=SECONDS,
    )
    await type_keys(page, "@quillmate notice: the lift is out of order\n")
    await expect(notice).to_be_hidden(timeout=SECONDS)


async def test_an_unknown_command_is_answered_and_stays_editable(house: Playground, page: Page) -> None:
    await start(page, house)
    before = await page.locator("article.channel-message").count()
    await type_keys(page, "/cpy tweet: closed\n")
    alert = page.locator("#playground-notice")
    await expect(alert).to_have_text("There is no command /cpy here. Type “/” to see all commands.", timeout=SECONDS)
    await expect(page.locator("article.channel-message")).to_have_count(before)
    field = page.get_by_label("Message", exact=True)
    await expect(field).to_have_value("/cpy tweet: closed")
    await page.keyboard.press("Home")
    for _ in range(2):
        await page.keyboard.press("ArrowRight")
    await type_keys(page, "o")
    await expect(alert).to_be_hidden()
    await page.keyboard.press("Enter")
    await expect(get_last_message(page)).to_contain_text("used /copy", timeout=SECONDS)


async def test_a_refused_command_gets_only_the_refusal(house: Playground, page: Page) -> None:
    """The terminal stays quiet too: `opened` looks for tracebacks at its end."""
    await start(page, house)
    await type_keys(page, "/whatif is it good for us\n")
    await expect(get_last_message(page)).to_contain_text(
        "I could not read “is it good for us” as an assumption", timeout=SECONDS
    )
    await expect(page.get_by_label("Message", exact=True)).to_have_value("", timeout=SECONDS)
    await expect(page.locator("#action-status")).not_to_have_attribute("data-said", "That did not work. Try again.")


async def test_the_page_is_branded_quillmate(house: Playground, page: Page) -> None:
    await start(page, house)
    await expect(page).to_have_title("#marketing – Quillmate", timeout=SECONDS)
    toolbar = page.locator("#toolbar")
    assert (await toolbar.locator(".preview-brand").inner_text()).split() == ["Quillmate", "Playground"]
    assert await page.locator(".brand-mark").evaluate("mark => mark.naturalWidth") > 0
    icon = await page.locator("link[rel=icon]").get_attribute("href")
    kind = await page.evaluate("async href => (await fetch(href)).headers.get('content-type')", icon)
    assert kind.startswith("image/svg+xml")
    seen = await page.locator("body").inner_text()
    assert not any(
        word in seen for word in ("SimCord", "Capture", "Inspector", "preview session", "Filter", "message ID")
    )
    await toolbar.get_by_text("More", exact=True).click()
    await toolbar.get_by_role("button", name="Inspector").click()
    await expect(page.get_by_role("heading", name="Recent activity")).to_be_visible()


async def test_the_chosen_user_is_kept_across_channels(house: Playground, page: Page) -> None:
    await start(page, house)
    who = page.get_by_label("You are")
    assert await who.locator("option:checked").inner_text() == "Ada"
    await who.select_option(label="Ben")
    rooms = page.get_by_role("navigation", name="Channels")
    for room in ("#classroom", "#marketing"):
        async with page.expect_event("load"):
            await rooms.get_by_text(room, exact=True).click()
        await wait_until_ready(page)
        assert await who.locator("option:checked").inner_text() == "Ben"
    await page.reload()
    await wait_until_ready(page)
    await page.get_by_label("Message", exact=True).click()
    await type_keys(page, "it is me\n")
    await expect(get_last_message(page)).to_contain_text("Ben", timeout=SECONDS)
    async with page.expect_event("load"):
        await rooms.get_by_text("@Ada (DM)", exact=True).click()
    await wait_until_ready(page)
    assert await who.locator("option:checked").inner_text() == "Ada"


async def test_the_bare_address_admits_only_invited_users(house: Playground, page: Page) -> None:
    async with aiohttp.ClientSession() as session, session.get(house.bare) as answer:
        text = await answer.text()
        assert answer.status == 403
        assert "contains /enter/." in text
        assert not answer.cookies
        assert house.address.rpartition("/")[2] not in text
    await page.goto(house.bare)
    await expect(page.get_by_role("heading")).to_have_text("This is Quillmate’s playground")
    await start(page, house)
    await page.goto("about:blank")
    await open_page(page, house.bare)
    await expect(page).to_have_title("#marketing – Quillmate", timeout=SECONDS)
    async with page.expect_event("load"):
        await page.get_by_role("navigation", name="Channels").get_by_text("#art", exact=True).click()
    await expect(page).to_have_title("#art – Quillmate", timeout=SECONDS)
    await page.goto("about:blank")
    await open_page(page, house.bare)
    await expect(page).to_have_title("#art – Quillmate", timeout=SECONDS)
    secret = (await page.evaluate("location.hash"))[1:].partition(".")[0]
    async with aiohttp.ClientSession() as session, session.get(house.bare) as answer:
        assert secret not in await answer.text()


async def test_an_at_sign_offers_and_completes_quillmate(house: Playground, page: Page) -> None:
    await start(page, house)
    offered = page.get_by_role("option", name="@Quillmate")
    field = page.get_by_label("Message", exact=True)
    for way in ("Tab", "Enter", "click"):
        await type_keys(page, "hello @qui")
        await expect(offered).to_be_visible()
        await (offered.click() if way == "click" else page.keyboard.press(way))
        await expect(field).to_have_value("hello @Quillmate ")
        await expect(offered).to_be_hidden()
        await field.fill("")
    await type_keys(page, "a@b")
    await expect(offered).to_be_hidden()
    await field.fill("")
    before = await page.locator("article.channel-message").count()
    await type_keys(page, "@quillmate what can you do?\n")
    await expect(page.locator("article.channel-message")).to_have_count(before + 2, timeout=SECONDS)
    await expect(get_last_message(page)).to_contain_text("APP", timeout=SECONDS)


async def test_enter_submits_a_dialog_and_shift_enter_adds_a_line(house: Playground, page: Page) -> None:
    await start(page, house)
    await type_keys(page, "Our shop is closed on the day of Monday.\n")
    await expect(get_last_message(page)).to_contain_text("the day of Monday", timeout=SECONDS)
    await get_last_message(page).click(button="right")
    await page.get_by_role("menu", name="Apps").get_by_text("Rewrite", exact=True).click()
    field = page.get_by_role("dialog").get_by_label("What should it be like?")
    await field.click()
    await type_keys(page, "shorter")
    if await field.evaluate("one => one.matches('textarea')"):
        await page.keyboard.press("Shift+Enter")
        await type_keys(page, "and kinder")
        assert await field.input_value() == "shorter\nand kinder"
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_have_count(0, timeout=SECONDS)
    await expect(get_last_message(page)).to_contain_text("More…", timeout=SECONDS)


async def open_settings(page: Page) -> Locator:
    """Send /settings; return its message once it appears below those of earlier tests."""
    messages = page.locator("article.channel-message")
    count = await messages.count()
    await type_keys(page, "/settings\n")
    await expect(messages).to_have_count(count + 1, timeout=SECONDS)
    return messages.nth(count)


async def test_an_option_picked_while_a_command_runs_is_picked_afterwards(house: Playground, page: Page) -> None:
    await start(page, house)
    picked = asyncio.Event()

    async def end_late(route: Route) -> None:
        response = await route.fetch()
        await picked.wait()
        await route.fulfill(response=response)

    await page.route("**/api/action", end_late, times=1)
    menu = (await open_settings(page)).locator(".select-trigger").first
    await menu.click()
    await page.get_by_role("option", name="Roles").click()
    await expect(menu).not_to_have_text("Owners")
    picked.set()
    await expect(menu).to_have_text("Owners", timeout=SECONDS)


async def test_a_menu_in_anothers_place_shows_its_own_choice(house: Playground, page: Page) -> None:
    await start(page, house)
    settings = await open_settings(page)
    await settings.locator(".select-trigger").first.click()
    await page.get_by_role("option", name="Roles").click()
    owners = settings.locator(".select-trigger").first
    await expect(owners).to_have_text("Owners", timeout=SECONDS)
    await owners.click()
    # The page draws the list anew once it is loaded, and forgets what was chosen before.
    await expect(settings).not_to_contain_text("Loading options", timeout=SECONDS)
    await page.get_by_role("option", name="Reviewers").click()
    await page.get_by_role("button", name="Apply").click()
    await expect(settings).to_contain_text("Owners: @Reviewers", timeout=SECONDS)
