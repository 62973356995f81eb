"""The playground with a model that always answers the same at once: python playground.py FOLDER PORT."""

import asyncio
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from langchain_core.messages import BaseMessage
from writing import find_requested_kind, load_good_text

from bot.engines.scripted import build_scripted_engine
from bot.preview import serve_playground
from bot.settings import Settings

PAUSE_SECONDS = 0.06


def answer(messages: Sequence[BaseMessage]) -> str:
    """Answer like a good writer; a post names the organisation of the profile and its link, if it has them."""
    if find_requested_kind(messages) not in ("", "social_post"):
        return load_good_text(find_requested_kind(messages))
    named = re.search(r'"organisation": "([^"]+)"', messages[-1].text)
    who = named[1] if named else "We"
    link = re.search(r'"link": "([^"]+)"', messages[-1].text)
    text = f"{who} will be closed next Monday. Come back on Tuesday at eight, when the ovens are warm again and the cat is fed."
    return f"{text} {link[1]}" if link else text


async def main(folder: str, port: int) -> None:
    settings = Settings(data=Path(folder), embeddings="none")
    # A browser opens only where a test names one.
    await serve_playground(
        settings,
        port=port,
        browser="BROWSER" in os.environ,
        engines=[build_scripted_engine(answer, pause=PAUSE_SECONDS)],
    )


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
