"""Layouts exported as web pages pass an independent accessibility checker: axe-core, in Chromium."""

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
# Without a header or footer; and with two of each in unusual places.
PHONE = [region for region in DESKTOP if region.name in ("hero", "results", "cta button")]
ODD = [DESKTOP[7], DESKTOP[0], DESKTOP[2], DESKTOP[0], DESKTOP[1], DESKTOP[7], DESKTOP[7]]


def export_page(
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
async def test_an_accessibility_checker_finds_no_fault_in_layouts(assigned: Callable[..., Assignment]) -> None:
    pages = [
        export_page("desktop page, 12 columns, navy on cream", DESKTOP, assigned),
        export_page("booking page on a phone, white text on yellow", PHONE, assigned, viewport="mobile"),
        export_page("poster for the fair, 2 columns, red and grey", ODD, assigned, viewport="print"),
    ]
    async with open_browser_page() as page:
        for exported_page in pages:
            await page.set_content(exported_page)
            results = await Axe().run(page)
            violations = [
                (violation["id"], [node["html"] for node in violation["nodes"]])
                for violation in results.response["violations"]
            ]
            assert violations == []
            assert {"color-contrast", "landmark-one-main", "page-has-heading-one", "region"} <= {
                rule["id"] for rule in results.response["passes"]
            }
        # The checker does find faults.
        await page.set_content(pages[0].replace("<main>", "<div>").replace("--ink: ", "--ink: #fff; --other: "))
        rules = {violation["id"] for violation in (await Axe().run(page)).response["violations"]}
        assert {"landmark-one-main", "color-contrast"} <= rules


def test_a_page_declares_its_language_and_keeps_the_order_of_regions(assigned: Callable[..., Assignment]) -> None:
    page = html.document_fromstring(export_page("desktop page", [*DESKTOP, DESKTOP[0]], assigned, "de"))
    assert page.get("lang") == "de"
    assert len(page.xpath("//header")) == len(page.xpath("//main")) == 1
    regions = page.xpath("//*[@data-region]")
    assert [region.get("data-region") for region in regions][:3] == ["header", "nav", "hero"]
    assert [region.tag for region in regions][:3] == ["header", "nav", "section"]
