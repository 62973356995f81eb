"""How busy `quillmate batch` keeps a server of 8 slots: jobs per minute, and the share of time in which the slots write.

python benchmarks/batch.py [--jobs 200] [--rate 100]

The server is a stub on loopback that speaks OpenAI's protocol: calls wait for a free slot, and each slot writes RATE tokens a
second. It answers with the good texts of tests/data/texts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

REPOSITORY = Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY))
from tests.writing import good_answer  # noqa: E402

SLOTS = 8
KINDS = ("social_post", "email", "ad", "explanation", "quiz")
TOKENS = 80
CHARACTERS_A_TOKEN = 4


def choose_answer(messages: list[dict[str, Any]]) -> str:
    """Return the good text of the requested kind; a text that is sent back is returned unchanged."""
    return good_answer([Message(str(one["content"])) for one in messages])


@dataclass(frozen=True)
class Message:
    """The part of a message that `good_answer` reads."""

    text: str


class Stub:
    """A server that counts how long its slots write."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.slots = asyncio.Semaphore(SLOTS)
        self.calls = 0
        self.busy = 0.0
        self.first, self.last = float("inf"), 0.0

    async def complete(self, request: web.Request) -> web.StreamResponse:
        """Write one answer, as a stream if the request asks for one."""
        body = await request.json()
        text = choose_answer(body["messages"])
        tokens = max(TOKENS, len(text) // CHARACTERS_A_TOKEN)
        self.calls += 1
        self.first = min(self.first, time.monotonic())
        async with self.slots:
            begun = time.monotonic()
            await asyncio.sleep(tokens / self.rate)
            self.last = time.monotonic()
            self.busy += self.last - begun
        if not body.get("stream"):
            return web.json_response({"choices": [{"message": {"role": "assistant", "content": text}}]})
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(f"data: {json.dumps({'choices': [{'delta': {'content': text}}]})}\n\n".encode())
        await response.write(b"data: [DONE]\n\n")
        return response

    @property
    def busy_share(self) -> float:
        """Share of the time from the first call to the last answer in which the slots wrote."""
        return self.busy / (SLOTS * (self.last - self.first))


async def measure(jobs: int, rate: float) -> None:
    """Run the batch in a process of its own and print the figures."""
    stub = Stub(rate)
    app = web.Application(client_max_size=2**24)
    app.router.add_post("/v1/chat/completions", stub.complete)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    with tempfile.TemporaryDirectory() as folder:
        asked, out = Path(folder, "jobs.jsonl"), Path(folder, "out.jsonl")
        rows = [
            {"id": f"{at}", "kind": KINDS[at % len(KINDS)], "brief": f"We close on Monday, {at} guests are told."}
            for at in range(jobs)
        ]
        asked.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        environment = {
            **os.environ,
            "QUILLMATE_ENGINE": "openai:stub",
            "QUILLMATE_ENGINE_URL": f"http://127.0.0.1:{runner.addresses[0][1]}/v1",
            "QUILLMATE_DATA": folder,
            "PYTHONPATH": str(REPOSITORY),
        }
        begun = time.monotonic()
        batch = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "batch", str(asked), str(out), env=environment
        )
        code = await batch.wait()
        seconds = time.monotonic() - begun
        done = sum("error" not in json.loads(line) for line in out.read_text(encoding="utf-8").splitlines())
    await runner.cleanup()
    print(f"{done} of {jobs} jobs with {stub.calls} calls in {seconds:.1f} s, exit code {code}")
    print(
        f"{60 * done / seconds:.0f} jobs/minute; the {SLOTS} slots were busy {100 * stub.busy_share:.1f} % of the time"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--rate", type=float, default=100.0, help="tokens a second that each slot writes")
    args = parser.parse_args()
    asyncio.run(measure(args.jobs, args.rate))
