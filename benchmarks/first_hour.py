"""A newcomer's way to the first text, timed: python -m benchmarks.first_hour OUT [--model FILE.gguf] [--installed]

Times `make preview` in a fresh copy of this commit, where nothing is installed, until its page is ready in a browser; then, in a
playground with the model, the seconds from Enter to a finished tweet on a desktop screen, and again on a phone's. For each, counts
the controls and checks whether the text is in sight without scrolling. Pictures go to OUT. `--installed` leaves the installation
out. Needs a quiet machine for meaningful figures, Chromium, and the packages of the tests.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from playwright.async_api import Browser, Locator, Page, async_playwright

from bot.preview.welcome import TYPED

from .playground import SMALL, find_free_port, launch_chromium, run_playground, send_brief, wait_until_ready

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 760}
# Seconds that each may take, on a quiet machine.
PAGE, TWEET, CONTROLS = 90, 12, 5
_ADDRESS = re.compile(rb"http://127\.0\.0\.1:\d+/enter/\S+")


async def measure_first_page(browser: Browser) -> float:
    """Return the seconds from `make preview` in a fresh copy to a page that is ready."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "quillmate"
        clone = ["git", "clone", "--quiet", str(Path(__file__).parents[1]), str(copy)]
        await asyncio.to_thread(subprocess.run, clone, check=True)
        started = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            "make",
            "preview",
            f"PORT={find_free_port()}",
            f"MODEL={SMALL}",
            cwd=copy,
            env={**os.environ, "BROWSER": "true", "XDG_DATA_HOME": folder},
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        assert process.stdout is not None
        try:
            while (found := _ADDRESS.search(line := await process.stdout.readline())) is None:
                if not line:
                    raise SystemExit("`make preview` ended without an address; see its output above.")
            page = await browser.new_page()
            await page.goto(found[0].decode())
            await wait_until_ready(page)
            return time.monotonic() - started
        finally:
            os.killpg(process.pid, signal.SIGINT)
            await process.wait()


async def inspect_result(page: Page, result: Locator, file: Path) -> tuple[int, bool]:
    """Save a screenshot; return the number of the result's controls, and whether its whole text is on the screen."""
    await asyncio.sleep(1)  # The page settles.
    await page.screenshot(path=file)
    text = await result.locator(".component-container").first.bounding_box()
    assert text is not None and page.viewport_size is not None
    in_sight = text["y"] >= 0 and text["y"] + text["height"] <= page.viewport_size["height"]
    return await result.locator(".component-container button").count(), in_sight


async def main(out: Path, model: str, *, installed: bool) -> None:
    """Print what was measured and what it should be at most."""
    out.mkdir(parents=True, exist_ok=True)
    engine = f"embedded:{model if model == SMALL else Path(model).resolve()}"
    async with async_playwright() as playwright:
        browser = await launch_chromium(playwright)
        if not installed:
            print(f"page after `make preview`: {await measure_first_page(browser):.0f} s (at most {PAGE})", flush=True)
        with tempfile.TemporaryDirectory() as data:
            async with run_playground(Path(data), engine) as address:
                page = await browser.new_page(viewport=DESK, locale="en-US")
                await page.goto(address)
                await wait_until_ready(page)
                for name, size in (("desk", DESK), ("phone", PHONE)):
                    await page.set_viewport_size(size)
                    timing, result = await send_brief(page, TYPED[0])
                    controls, in_sight = await inspect_result(page, result, out / f"{name}.png")
                    print(
                        f"{name}: first word {timing.first:.1f} s, finished {timing.finished:.1f} s (at most {TWEET}), "
                        f"{controls} controls (at most {CONTROLS}), text in sight: {'yes' if in_sight else 'no'}",
                        flush=True,
                    )
        await browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("out", type=Path, help="where the pictures go")
    parser.add_argument("--model", default=SMALL, help="a GGUF file, or small, which is the default")
    parser.add_argument("--installed", action="store_true", help="skip `make preview` in a fresh copy")
    wanted = parser.parse_args()
    asyncio.run(main(wanted.out, wanted.model, installed=wanted.installed))
