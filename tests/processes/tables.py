"""Learn tables until killed or finished: python tables.py FOLDER [EPOCH [new]].

It hangs after EPOCH, if given. With "new" it begins with a new table. It prints each finished epoch, and finally what it delivers.
Learning counts epochs and continues from its checkpoints like the real one, but takes no processor time.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import discord

import bot.requests.synthetic_tables
from bot.app import App
from bot.engines.scripted import build_scripted_engine
from bot.settings import Settings
from bot.synthesis.learning import TrainingProgress
from bot.synthesis.worker import TableOrder, WorkerMessage
from bot.team.workspace.roles import Member
from storage.table_jobs import TableJob

ADA, EPOCHS, EPOCH_SECONDS = "7", 40, 0.02
LAST = int(sys.argv[2]) if len(sys.argv) > 2 else EPOCHS


async def run_counted_epochs(
    order: TableOrder, bodies: Mapping[str, bytes], *, checkpoint_seconds: float
) -> AsyncIterator[WorkerMessage]:
    """Report epochs from the checkpoint on, each with a checkpoint of its own."""
    for epoch in range(int(bodies.get("checkpoint", b"0")) + 1, EPOCHS + 1):
        await asyncio.sleep(EPOCH_SECONDS)
        yield WorkerMessage("checkpoint", {}, {"checkpoint": str(epoch).encode()})
        yield WorkerMessage("progress", {"epoch": epoch, "epochs": EPOCHS, "seconds": 1.0, "score": 0.5})
        await asyncio.sleep(600 if LAST <= epoch < EPOCHS else 0)
    yield WorkerMessage("done", {"rows": order.rows}, {"table": b"sex"})


class ProgressPrinter:
    """Prints what a message would show."""

    async def show(self, job: TableJob, progress: TrainingProgress | None) -> None:
        if progress is not None:
            print("epoch", progress.epoch, flush=True)

    async def give(self, job: TableJob, about: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
        print("given", about["rows"], flush=True)


async def load_source() -> bytes:
    return b"sex\nF\n"


async def main(folder: Path, begins: bool) -> None:
    bot.requests.synthetic_tables.run_worker = run_counted_epochs
    settings = Settings(data=folder, embeddings="none", limits="none")
    async with App(settings, engines=[build_scripted_engine(lambda _: "")]) as app:
        desk = app.build_desk(discord.Client(intents=discord.Intents.none()))
        await app.hold(desk)
        if begins:
            job, _ = await desk.synthetic_tables.open(
                "1",
                load_source,
                TableOrder("clinic.csv", rows=20, model="vae"),
                Member(ADA),
                kept_as="",
                guild_id="",
                channel_id="2",
                locale="en",
                is_under_way=lambda _: False,
            )
            await desk.synthetic_tables.set_message(job, "3")
        for job in await desk.synthetic_tables.list_unfinished():
            await desk.synthetic_tables.work(job, ProgressPrinter(), lambda: False)
        print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), len(sys.argv) > 3))
