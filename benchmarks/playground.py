"""The README's first examples, in the real playground with a real model.

python -m benchmarks.playground OUT_FOLDER [--model FILE.gguf]

Chromium types each of them into the page that `quillmate preview` serves. Saves a picture of each whole result and prints a table:
the brief, and the seconds from Enter to the first word of the text and to the finished result. The page polls every half second,
so neither is more precise than that. Needs Chromium and the packages of the tests.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Locator, Page, Playwright, async_playwright

from bot.preview.welcome import TYPED

_TWEET, _TEXT, _, _PICTURE = TYPED
ASKED = (
    ("tweet", _TWEET),
    ("text-message", _TEXT),
    ("logo", "/image round logo of an owl, navy and cream"),
    ("image-prompt", _PICTURE),
    ("quiz", "/lesson a quiz on the water cycle, 5 questions"),
)
SMALL = "small"  # The model that ships, SmolLM2 135M.
WIDTH, HEIGHT = 1280, 900
# What a small model on a slow machine may take for one result.
MAX_SECONDS = 600
_LOOK_SECONDS = 0.05
# A draft has the name of its kind and text below it; the message before that has one line.
_BEGUN = """one => {
  const box = one.querySelector(".component-container");
  return Boolean(box) && box.innerText.trim().split("\\n").length > 1;
}"""


@dataclass(frozen=True)
class Timing:
    """A brief, and the seconds from Enter to the first word and to the finished result."""

    send_brief: str
    first: float
    finished: float


@asynccontextmanager
async def run_playground(data: Path, engine: str) -> AsyncIterator[str]:
    """Run an installed playground in a data folder of its own; yield its address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "preview",
        "--no-browser",
        "--port",
        str(find_free_port()),
        env={**os.environ, "QUILLMATE_DATA": str(data), "QUILLMATE_ENGINE": engine},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        address = (await process.stdout.readline()).decode().strip()
        if not address:
            raise SystemExit("The playground did not start; see its output above.")
        yield address
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await process.wait()


async def wait_until_ready(page: Page) -> None:
    """Wait until the page takes input."""
    while not await page.evaluate("Boolean(window.simcordPreview?.ready)"):
        await asyncio.sleep(_LOOK_SECONDS)


def find_free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def send_brief(page: Page, brief: str) -> tuple[Timing, Locator]:
    """Type a brief as a person does; return how long it took, and the result's message."""
    messages = page.locator("article.channel-message")
    before = await messages.count()
    await page.get_by_label("Message", exact=True).click()
    await page.keyboard.type(brief)
    await page.keyboard.press("Enter")
    started, first = time.monotonic(), 0.0
    async with asyncio.timeout(MAX_SECONDS):
        while True:
            if await messages.count() > before:
                result = messages.nth(before)
                if not first and await result.evaluate(_BEGUN):
                    first = time.monotonic() - started
                if await result.locator("button", has_text="Download").count():
                    return Timing(brief, first, time.monotonic() - started), result
            await asyncio.sleep(_LOOK_SECONDS)


async def save_picture(page: Page, result: Locator, file: Path) -> None:
    """Save a picture of a whole message in a window that is as high as that needs."""
    for picture in await result.locator("img").all():
        async with asyncio.timeout(20):
            while not await picture.evaluate("one => one.naturalWidth"):
                await asyncio.sleep(_LOOK_SECONDS)
    box = await result.bounding_box()
    assert box is not None
    await page.set_viewport_size({"width": WIDTH, "height": max(HEIGHT, int(box["height"]) + 220)})
    await result.evaluate("one => one.scrollIntoView({ block: 'end' })")
    await asyncio.sleep(1)  # The page settles.
    await result.screenshot(path=file)
    await page.set_viewport_size({"width": WIDTH, "height": HEIGHT})


async def launch_chromium(playwright: Playwright) -> Browser:
    """Launch the installed Chromium; exit if there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        raise SystemExit("No Chromium is here; get it with: apt-get install chromium")
    return await playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])


async def main(folder: Path, model: str) -> None:
    """Send all briefs, one after another, and print the table."""
    folder.mkdir(parents=True, exist_ok=True)
    engine = f"embedded:{model if model == SMALL else Path(model).resolve()}"
    done: list[Timing] = []
    with tempfile.TemporaryDirectory() as data:
        async with run_playground(Path(data), engine) as address, async_playwright() as playwright:
            browser = await launch_chromium(playwright)
            page = await browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, locale="en-US")
            await page.goto(address)
            await wait_until_ready(page)
            for name, brief in ASKED:
                timing, result = await send_brief(page, brief)
                await save_picture(page, result, folder / f"{name}.png")
                print(f"{name}: {timing.finished:.1f} s", file=sys.stderr)
                done.append(timing)
            await browser.close()
    width = max(len(one.asked) for one in done)
    print(f"{'asked':<{width}}  first word  finished")
    for one in done:
        print(f"{one.asked:<{width}}  {one.first:8.1f} s  {one.finished:6.1f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--model", default=SMALL, help="a GGUF file, or small, which is the default")
    arguments = parser.parse_args()
    asyncio.run(main(arguments.folder, arguments.model))
