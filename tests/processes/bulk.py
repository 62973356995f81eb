"""Make the rows of sheets until killed or finished: python bulk.py FOLDER [ROWS].

With ROWS it begins with a new sheet of this many rows. For each answer of the model, FOLDER/answered gets a line with the
row's number.
"""

import asyncio
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import discord
from langchain_core.messages import BaseMessage

from bot.app import App
from bot.documents.materials import Sheet
from bot.engines import Traits
from bot.engines.scripted import build_scripted_engine
from bot.errors import Phrase
from bot.settings import Settings
from bot.team.workspace.roles import Member
from storage.bulk import BulkJob

# Slow enough that a kill meets rows in every state.
PAUSE_SECONDS = 0.005
ADA = "7"
ENOUGH = "Tea number {number} keeps you warm on a long walk. Pour it hot and take your time."


class ProgressPrinter:
    """Prints each row that is finished."""

    async def show(self, job: BulkJob, note: Phrase | None = None) -> None:
        print("a row is through", flush=True)


async def main(folder: Path, rows: int) -> None:
    settings = Settings(data=folder, embeddings="none", limits="none")

    def answer(messages: Sequence[BaseMessage]) -> str:
        number = re.findall(r"Tea number (\d+)", messages[-1].text)[0]
        with (folder / "answered").open("a") as answered:
            answered.write(f"{number}\n")
        return ENOUGH.format(number=number)

    engine = build_scripted_engine(answer, pause=PAUSE_SECONDS, traits=Traits(streams=4, capable=True))
    async with App(settings, engines=[engine]) as app:
        desk = app.build_desk(discord.Client(intents=discord.Intents.none()))
        await app.hold(desk)
        if rows:
            sheet = Sheet(("Product",), tuple((f"Tea number {number}",) for number in range(1, rows + 1)))
            job = await desk.bulk.open(
                "1",
                sheet,
                Member(ADA),
                name="teas.csv",
                brief="A post for {product}",
                kind="social_post",
                guild_id="",
                channel_id="2",
                locale="en",
                seed=1,
            )
            await desk.bulk.sample(job)
        while found := await app.store.bulk.list_running():
            ended = await desk.bulk.work(found[0], ProgressPrinter(), lambda: False)
            if ended is not None and ended.state == "sampled":
                await desk.bulk.start(ended)
        print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int((sys.argv[2:] or ["0"])[0])))
