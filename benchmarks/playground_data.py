"""A table sent through `/data make` in the real playground: Chromium picks the file, waits for the rows, and saves a picture of them.

python -m benchmarks.playground_data OUT_FOLDER FILE.csv [--rows 10000] [--model copula]

Sends the first rows of the file and prints the seconds from sending to the table that comes back. Needs Chromium and the packages
of the tests.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import itertools
import re
import tempfile
import time
from pathlib import Path

from playwright.async_api import async_playwright

from .playground import HEIGHT, WIDTH, launch_chromium, run_playground, save_picture, wait_until_ready

_LOOK_SECONDS = 0.2


def copy_first_rows(file: Path, count: int, to: Path) -> Path:
    """Write the header and the first rows of a file to another; return the other."""
    with file.open(encoding="utf-8", newline="") as read, to.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(itertools.islice(csv.reader(read), count + 1))
    return to


async def main(folder: Path, file: Path, rows: int, model: str, longest: float) -> None:
    """Send the table and print how long the answer took."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        table = copy_first_rows(file, rows, Path(data) / "table.csv")
        async with run_playground(Path(data) / "bot", "embedded:small") as address, async_playwright() as playwright:
            browser = await launch_chromium(playwright)
            page = await browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, locale="en-US")
            await page.goto(address)
            await wait_until_ready(page)
            messages = page.locator("article.channel-message")
            before = await messages.count()
            await page.get_by_label("Message", exact=True).click()
            await page.keyboard.type("/data make")
            await page.keyboard.press("Tab")
            await page.screenshot(path=folder / "asked.png")
            await page.locator(".command-file-input").first.set_input_files(table)
            await page.get_by_role("button", name=re.compile("^(Send|Run)")).first.click()
            started = time.monotonic()
            reply = messages.nth(before)
            try:
                async with asyncio.timeout(longest):
                    while not await reply.locator("text=made-up rows").count():
                        await asyncio.sleep(_LOOK_SECONDS)
            finally:
                await page.screenshot(path=folder / "reply.png")
            print(f"{rows:,} rows by {model}: reply after {time.monotonic() - started:.0f} s")
            print(await reply.inner_text())
            await save_picture(page, reply, folder / "data.png")
            await browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the picture goes")
    parser.add_argument("file", type=Path, help="a .csv with its heads in the first line")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--model", default="auto")
    parser.add_argument("--longest", type=float, default=600, help="seconds that it may take")
    arguments = parser.parse_args()
    asyncio.run(main(arguments.folder, arguments.file, arguments.rows, arguments.model, arguments.longest))
