"""Layouts as web pages, before an accessibility checker that others wrote: axe-core, in Chromium."""

from __future__ import annotations

from collections.abc import Callable

from axe_playwright_python.async_playwright import Axe
from browser import NEEDS_CHROMIUM, open_browser_page
from lxml import html
from writing import build_content

from bot.content import Assignment, Content
from bot.exports import export_content
from bot.kinds.layout import Layout, LayoutRegion

DESKTOP = [
    LayoutRegion(name="header", holds="logo and search", width="full", height="small"),
    LayoutRegion(name="nav", holds="five links", width="full", height="small"),
    LayoutRegion(name="hero", holds="picture and one line", width="full", height="large"),
    LayoutRegion(name="sidebar", holds="filters", width="third", height="large"),
    LayoutRegion(name="results", holds="cards of rooms", width="half", height="large"),
    LayoutRegion(name="cta button", holds="book now", width="quarter", height="small"),
    LayoutRegion(name="nav footer", holds="links to pages", width="full", height="small"),
    LayoutRegion(name="footer", holds="imprint and contact", width="full", height="small"),
]
# Without a header or footer, and with two of each where no page has them.
PHONE = [region for region in DESKTOP if region.name in ("hero", "results", "cta button")]
ODD = [DESKTOP[7], DESKTOP[0], DESKTOP[2], DESKTOP[0], DESKTOP[1], DESKTOP[7], DESKTOP[7]]


def page_of(
    brief: str,
    regions: list[LayoutRegion],
    assigned: Callable[..., Assignment],
    language: str = "en",
    viewport: str = "desktop",
) -> str:
    assignment = assigned("layout", brief)
    parts = build_content(assignment, Layout(viewport=viewport, columns="12", regions=regions).model_dump_json()).parts
    return export_content("html", "Layout <b>", Content("", parts), language).decode()


@NEEDS_CHROMIUM
async def test_a_checker_finds_nothing_wrong_with_layouts(assigned: Callable[..., Assignment]) -> None:
    pages = [
        page_of("desktop page, 12 columns, navy on cream", DESKTOP, assigned),
        page_of("booking page on a phone, white text on yellow", PHONE, assigned, viewport="mobile"),
        page_of("poster for the fair, 2 columns, red and grey", ODD, assigned, viewport="print"),
    ]
    async with open_browser_page() as page:
        for shown in pages:
            await page.set_content(shown)
            found = await Axe().run(page)
            told = [(one["id"], [node["html"] for node in one["nodes"]]) for one in found.response["violations"]]
            assert told == []
            assert {"color-contrast", "landmark-one-main", "page-has-heading-one", "region"} <= {
                one["id"] for one in found.response["passes"]
            }
        # The checker does find what is wrong.
        await page.set_content(pages[0].replace("<main>", "<div>").replace("--ink: ", "--ink: #fff; --other: "))
        wrong = {one["id"] for one in (await Axe().run(page)).response["violations"]}
        assert {"landmark-one-main", "color-contrast"} <= wrong


def test_a_page_says_its_language_and_keeps_the_order_of_its_regions(assigned: Callable[..., Assignment]) -> None:
    page = html.document_fromstring(page_of("desktop page", [*DESKTOP, DESKTOP[0]], assigned, "de"))
    assert page.get("lang") == "de"
    assert len(page.xpath("//header")) == len(page.xpath("//main")) == 1
    shown = page.xpath("//*[@data-region]")
    assert [one.get("data-region") for one in shown][:3] == ["header", "nav", "hero"]
    assert [one.tag for one in shown][:3] == ["header", "nav", "section"]
