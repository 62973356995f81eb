"""Whether a message after a text is taken for a change or for a new request: python -m benchmarks.intents [FILE] [--ask]

The classifier decides by words and by meaning, as for small models; with `--ask` the default model decides, as for capable ones.
Prints the messages that are misjudged.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from benchmarks.jsonl import load_rows
from bot.configured_engines import build_engines
from bot.engines import Engines
from bot.engines.embeddings import Embeddings
from bot.generation.conversation import CHANGE, Turn, format_conversation
from bot.requests.routing import Routing
from bot.settings import Settings

MESSAGES = Path(__file__).parent / "quality" / "conversation_intents.jsonl"


async def main(messages: Path, ask: bool) -> None:
    """Print how many messages are judged rightly, and those that are not."""
    rows = load_rows(messages)
    async with Engines(build_engines(Settings())) as engines:
        for label, embeddings in (("words", None), ("meaning", Embeddings())):
            routing, right = Routing(engines, embeddings), 0
            await routing.warm()
            for row in rows:
                earlier = format_conversation([Turn(row["asked"], row["written"], 1)])
                intent = await routing.find_intent(row["message"], earlier) if ask else None
                is_change = intent.name == CHANGE if intent else await routing.is_change(row["message"])
                right += is_change == row["change"]
                if is_change != row["change"]:
                    print(f"{'change' if row['change'] else 'new'} after {row['kind']}: {row['message']}")
            print(f"{label}: {right} of {len(rows)} right")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("messages", type=Path, nargs="?", default=MESSAGES)
    parser.add_argument("--ask", action="store_true")
    args = parser.parse_args()
    asyncio.run(main(args.messages, args.ask))
