"""Run the steps of jobs on results until killed, against a stand-in for Discord's REST: python making.py FOLDER URL [new].

With "new" there are two variants: one is to be read aloud, one to be played, readers are to choose between them, and a picture is
to be described. Each engine then hangs after some steps. Each call is a line of FOLDER/asked. Prints how many steps of each job are
stored.
"""

import asyncio
import io
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from zlib import crc32

import discord
import numpy as np
from langchain_core.messages import BaseMessage
from PIL import Image

from bot.app import App
from bot.content import AttachedFile, Request
from bot.engines import Engine, Traits
from bot.engines.scripted import ScriptedProvider
from bot.engines.sound import SoundEngine, SoundEngines, SoundTraits
from bot.replies.address import Address
from bot.requests.answers import build_job
from bot.settings import Settings
from bot.waves import Wave
from storage.generations import Generation

ADA, READERS = "7", 5
# What is made before it hangs, so that some of it is kept and some under way.
ENOUGH = {"compare": 6, "speak": 3, "compose": 1, "see": 1}
VARIANTS = [
    f"We close on Monday {way}. We are back on Tuesday. There are scones then. Do come and have one."
    for way in ("for repairs", "at last")
]
ASKED = {
    "aloud": {"sound": "aloud"},
    "music": {"sound": "music", "seconds": 2},
    "readers": {"readers": READERS, "variants": 2, "audience": "café owners"},
    "seen": {
        "sees": True,
        "kind": "image_prompt",
        "parent_id": None,
        "file": AttachedFile("shop.png", "https://cdn/shop.png", "image/png"),
    },
}


class CountingEngines:
    """Engines that compare, speak and compose, slowly, so that several run at once."""

    label, traits = "hands", SoundTraits(characters=30)

    def __init__(self, folder: Path, hangs: bool) -> None:
        self.file, self.hangs, self.done = folder / "asked", hangs, Counter[str]()
        self.writer = ScriptedProvider(self.compare, pause=0.01, traits=Traits(streams=3), label=self.label)
        self.eyes = ScriptedProvider(self.see, pause=0.01, label="eyes")

    def record(self, what: str, of: str) -> bool:
        """Record a call; return whether it is to hang."""
        with self.file.open("a") as asked:
            asked.write(f"{what} {of}\n")
        self.done[what] += 1
        return self.hangs and self.done[what] >= ENOUGH[what]

    def compare(self, messages: Sequence[BaseMessage]) -> dict[str, Any]:
        if self.record("compare", str(crc32("".join(one.text for one in messages).encode()))):
            self.writer.model.pause = 600.0
        return {"why": "It is short.", "choice": "A"}

    def see(self, _messages: Sequence[BaseMessage]) -> dict[str, Any]:
        if self.record("see", "shop"):
            self.eyes.model.pause = 600.0
        return {"alt_text": "A shop at dawn.", "prompt": "a shop at dawn", "text": ""}

    async def speak(self, text: str, _language: str) -> Wave:
        return await self.make_sound("speak", text)

    async def compose(self, words: str, _seconds: int, _seed: int, _progress: Any) -> Wave:
        return await self.make_sound("compose", words)

    async def make_sound(self, what: str, of: str) -> Wave:
        await asyncio.sleep(600.0 if self.record(what, of.replace(" ", "_")) else 0.0)
        return Wave(8_000, np.zeros(4_000, np.float32))

    async def close(self) -> None:
        """Do nothing: there is nothing to release."""


async def load_picture(_url: str) -> bytes:
    """Return the picture that the content network has."""
    written = io.BytesIO()
    Image.new("RGB", (30, 20), "navy").save(written, "PNG")
    return written.getvalue()


def build_variant(number: int) -> Generation:
    request = Request(f"made-{number + 1}", ADA, "we close on Monday")
    return Generation(
        request.id,
        ADA,
        "social_post",
        request.to_json(),
        VARIANTS[number],
        {"prompt": "slow strings"},
        [],
        "",
        "",
        1,
        0.1,
        why={"variants": ["made-1", "made-2"]},
    )


async def main(folder: Path, url: str, begins: bool) -> None:
    discord.http.Route.BASE = url
    hands = CountingEngines(folder, begins)
    speech, music = (
        SoundEngine(hands, name="hands", setting="", task=task, timeout=900) for task in ("speaking", "composing")
    )
    settings = Settings(data=folder, embeddings="none", limits="none")
    writer = Engine(hands.writer, name="hands", timeout=900)
    sound, vision = SoundEngines(speech=[speech], music=[music]), Engine(hands.eyes, name="eyes", timeout=900)
    async with App(settings, engines=[writer], sound=sound, vision=vision) as app:
        client = discord.Client(intents=discord.Intents.none())
        client.http.get_from_cdn = load_picture
        await client.login("token")
        for number in range(2 if begins else 0):
            await app.store.generations.add(build_variant(number))
        desk = app.build_desk(client)
        await app.hold(desk)
        for number, (name, wanted) in enumerate(ASKED.items() if begins else ()):
            request = replace(Request(f"job-{name}", ADA, "", kind="social_post", parent_id="made-1"), **wanted)
            address = Address(
                user_id=int(ADA), channel_id=2, created=time.time(), application_id=3, token=f"token-{number}"
            )
            await desk.jobs.submit(request.id, ADA, build_job(request, address))
        while True:
            kept = {one["id"].removeprefix("job-"): len(one["checkpoints"]) for one in await desk.jobs.load_all(ADA)}
            print(*(kept.get(name, 0) for name in ASKED), flush=True)
            await asyncio.sleep(0.05)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], len(sys.argv) > 3))
