"""What somebody waits in the first hour: python -m benchmarks.first_hour [--model FILE] [--runs 5] [--only post] [--trace]

One person asks for posts, mails and quizzes, each run with a brief of its own, of the embedded model and through the pipeline
that `quillmate generate` takes. Prints Markdown: the figures beside what they should be, each run, and with --trace each call of
the model. A quiet machine is needed for figures that mean something.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from langchain_core.messages import HumanMessage

from bot.cli.generate import pipeline_of, remembered
from bot.content import Request
from bot.engines import Ask, Engine, _completions
from bot.engines.embedded import Embedded, threads_here
from bot.errors import Phrase
from bot.generation.pipeline import Pipeline
from bot.images.drawing import spoken_to
from bot.settings import Settings

FIRST_WORD, LEAST_RATIO, MOST_MEMORY = 3.0, 0.95, 2.5
PERSON = {
    "display_name": "Ines",
    "role": "owner of a neighbourhood garden centre",
    "organisation": "Green Corner",
    "audience": "people with small gardens and balconies",
    "tone": ["warm", "plain"],
    "locale": "en-GB",
    "output_language": "en",
    "facts": ["open Tuesday to Saturday, 9:00 to 18:00", "at the corner of Mill Lane and Quay Street"],
}


@dataclass(frozen=True, slots=True)
class Case:
    """What is asked for: a name, a kind, the seconds that it may take, and briefs, of which the first meets a model that has
    read nothing of this kind yet.
    """

    name: str
    kind: str
    most: float
    briefs: tuple[str, ...]


CASES = (
    Case("a post", "social_post", 10, (
        "the first tulips have come in, ten for 6 euros",
        "workshop on pruning roses on Saturday at 10, free, eight places",
        "we close early on Thursday, at 14:00, as the roof is mended",
        "old pots can be given back: bring them clean, we plant them anew",
        "herbs for the kitchen window: basil, chives and mint are here from today",
        "our apprentice Tom has passed his exam as a gardener",
        "frost is coming on Sunday night, cover what stands outside",
        "tomato plants of the old kinds, only this week, 3 euros each",
    )),
    Case("a mail of 150 words", "email", 30, (
        "email of 150 words: invite customers to the spring market on 12 April from 10 to 16, with coffee and a swap of seeds",
        "email of 150 words: tell customers that the delivery of fruit trees is two weeks late and what they can do",
        "email of 150 words: thank the volunteers who planted the school yard with us last Friday",
        "email of 150 words: we have a new card for customers, every tenth plant is free",
        "email of 150 words: how to keep balcony plants alive in a hot summer, and our water bags at 9 euros",
        "email of 150 words: from May we deliver by cargo bike within 5 km, for 4 euros",
        "email of 150 words: ask customers which evening they would like for a course on compost",
        "email of 150 words: we look for somebody who helps on Saturdays, 8 hours, 14 euros an hour",
    )),
    Case("a quiz of five", "quiz", 60, (
        "quiz of 5 questions on how plants drink water",
        "quiz of 5 questions on bees and pollination",
        "quiz of 5 questions on compost and soil",
        "quiz of 5 questions on the parts of a flower",
        "quiz of 5 questions on trees of European forests",
        "quiz of 5 questions on vegetables and their seasons",
        "quiz of 5 questions on birds in the garden",
        "quiz of 5 questions on photosynthesis",
    )),
)  # fmt: skip


@dataclass(slots=True)
class Call:
    """One call of the model, as llama.cpp tells of it: tokens that were kept, read and written, with their seconds."""

    kept: int
    read: int
    read_seconds: float
    written: int
    written_seconds: float


@dataclass(slots=True)
class Run:
    """One request: seconds to its first word and to its result, what was called, and checks that failed."""

    brief: str
    seconds: float
    first_word: float
    calls: list[Call] = field(default_factory=list)
    failed: int = 0

    @property
    def beside(self) -> float:
        """Seconds that no model read or wrote."""
        return self.seconds - sum(call.read_seconds + call.written_seconds for call in self.calls)


@dataclass(slots=True)
class Onlooker:
    """Watches a text grow as somebody on Discord does, and notes when its first word is there."""

    first_word: float = 0.0
    watching: bool = True

    async def waiting(self, why: Phrase) -> None:
        """Nothing grows yet."""

    async def draft(self, render: Callable[[], str]) -> None:
        """Notes when there is something to be read."""
        if not self.first_word and render().strip():
            self.first_word = time.perf_counter()


@contextlib.contextmanager
def overheard() -> Iterator[list[Call]]:
    """The calls of the model that are made inside, by what llama.cpp adds to its answers."""
    calls: list[Call] = []
    texts, delta = _completions._texts, _completions._delta

    def note(body: bytes) -> None:
        if b'"timings"' not in body:
            return
        told = json.loads(body).get("timings") or {}
        calls.append(Call(
            int(told.get("cache_n", 0)), int(told["prompt_n"]), told["prompt_ms"] / 1000,
            int(told["predicted_n"]), told["predicted_ms"] / 1000,
        ))  # fmt: skip

    def heard_texts(body: bytes) -> list[str]:
        note(body)
        return texts(body)

    def heard_delta(line: bytes) -> tuple[str, str]:
        if line.startswith(b"data: {"):
            note(line[6:])
        return delta(line)

    _completions._texts, _completions._delta = heard_texts, heard_delta
    try:
        yield calls
    finally:
        _completions._texts, _completions._delta = texts, delta


async def timed(pipeline: Pipeline, kind: str, brief: str, seed: int) -> Run:
    """One request, from when it is there to its result."""
    with overheard() as calls:
        onlooker, began = Onlooker(), time.perf_counter()
        request = Request("first hour", "first hour", brief, kind=kind, seed=seed)
        assignment = spoken_to(await pipeline.assigned(request, remembered(PERSON)), None)
        result = (await pipeline.run(assignment, watcher=onlooker))[0]
        seconds = time.perf_counter() - began
    failed = sum(not check.passed for check in result.checks)
    return Run(brief, seconds, (onlooker.first_word or began + seconds) - began, calls, failed)


TOKENS, ROUNDS = 160, 5
PROMPT = "Write a long story about a gardener, a cat and a lighthouse."


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens a second of llama.cpp's own call in this process, and of Quillmate's reading of the same; medians of rounds."""

    own: float
    read: float
    share: float


async def speeds_of(engine: Engine) -> dict[str, Speed]:
    """The speeds for the same prompt, with the grammar that Quillmate sends and without one; in turns, each as many tokens.

    The own call goes past the loopback and the stream. With a grammar llama.cpp looks at each token once more, which is part of
    the first pair on both sides.
    """
    provider = engine.provider
    assert isinstance(provider, Embedded)
    assert provider._server is not None
    server, arguments = provider._server, provider.arguments

    def arguments_of(ask: Ask) -> dict[str, Any]:
        made = {**arguments(ask), "ignore_eos": True}
        return made if bounded else {name: value for name, value in made.items() if name != "grammar"}

    def own(seed: int) -> int:
        answers: list[Any] = []
        body = {"messages": [{"role": "user", "content": PROMPT}], **arguments_of(_ask(seed)), "stream": False}
        server.handle_chat_completions(json.dumps(body), lambda *found: answers.extend(found))
        told = next(one for one in map(_object, answers) if "timings" in one)
        return int(told["timings"]["predicted_n"])

    async def as_read(seed: int) -> int:
        with overheard() as calls:
            async for _ in engine.stream(_ask(seed)):
                pass
        return sum(call.written for call in calls)

    provider.arguments = arguments_of  # type: ignore[method-assign]
    found: dict[str, list[tuple[float, float]]] = {"with the grammar": [], "without one": []}
    for turn in range(ROUNDS + 1):
        for what, pairs in found.items():
            bounded, speeds = what == "with the grammar", {}
            for way in ("own", "read") if turn % 2 else ("read", "own"):
                began = time.perf_counter()
                written = await (asyncio.to_thread(own, turn) if way == "own" else as_read(turn))
                speeds[way] = written / (time.perf_counter() - began)
            pairs.append((speeds["own"], speeds["read"]))
    provider.arguments = arguments  # type: ignore[method-assign]
    return {what: _speed(pairs[1:]) for what, pairs in found.items()}  # The first fills caches.


def _speed(pairs: Sequence[tuple[float, float]]) -> Speed:
    owned, read = (statistics.median(pair[at] for pair in pairs) for at in (0, 1))
    return Speed(owned, read, statistics.median(read / owned for owned, read in pairs))


def _ask(seed: int) -> Ask:
    return Ask([HumanMessage(PROMPT)], None, 4000, TOKENS, seed)


def _object(answer: Any) -> dict[str, Any]:
    with contextlib.suppress(ValueError, TypeError):
        found = json.loads(answer) if isinstance(answer, str | bytes) else answer
        return found if isinstance(found, dict) else {}
    return {}


def peak_memory() -> tuple[str, float]:
    """The most memory that this process had resident, mapped weights included, in GB, and where that is read."""
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text("ascii").splitlines() if line.startswith("VmHWM:"))
        return "VmHWM", int(line.split()[1]) * 1024 / 1e9
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return "ru_maxrss", most * (1 if sys.platform == "darwin" else 1024) / 1e9


def table(
    runs: dict[str, list[Run]],
    cases: Sequence[Case],
    speeds: dict[str, Speed],
    peak: tuple[str, float],
) -> Iterator[str]:
    """The figures beside what they should be, in Markdown."""
    yield "| what | median | should be | |"
    yield "|---|---|---|---|"
    later = [run.first_word for case in cases for run in runs[case.name][1:]]
    for case in cases:
        if words := [run.first_word for run in runs[case.name][1:]]:
            yield _row(f"first word, {case.name}, second request on", statistics.median(words), FIRST_WORD)
    if len(cases) > 1 and later:
        yield _row("first word of a second request of the same kind, all", statistics.median(later), FIRST_WORD)
    for case in cases:
        yield _row(case.name, statistics.median(run.seconds for run in runs[case.name]), case.most)
    where, most = peak
    yield _row(f"peak memory, resident, with mapped weights ({where})", most, MOST_MEMORY, "GB")
    for what, one in speeds.items():
        told = f"tokens/s, {one.read:.1f} as read of {one.own:.1f} by llama.cpp's own call, {what}"
        met = "ok" if one.share >= LEAST_RATIO else "not"
        yield f"| {told} | {one.share:.3f} | ≥ {LEAST_RATIO} | {met} |"


def _row(what: str, found: float, most: float, unit: str = "s") -> str:
    return f"| {what} | {found:.1f} {unit} | ≤ {most:g} {unit} | {'ok' if found <= most else 'not'} |"


def each(runs: dict[str, list[Run]], trace: bool) -> Iterator[str]:
    """Every run, and with a trace every call of the model in it."""
    yield "| what | first word | whole | calls | tokens kept + read → written | beside the model | failed | brief |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, made in runs.items():
        for run in made:
            kept, read, written = (sum(getattr(call, of) for call in run.calls) for of in ("kept", "read", "written"))
            yield (
                f"| {name} | {run.first_word:.1f} s | {run.seconds:.1f} s | {len(run.calls)} | {kept} + {read} → {written} | "
                f"{run.beside:.1f} s | {run.failed} | {run.brief} |"
            )
            for call in run.calls if trace else ():
                yield (
                    f"| | {call.read_seconds:.1f} s | {call.read_seconds + call.written_seconds:.1f} s | | "
                    f"{call.kept} + {call.read} → {call.written} | | | |"
                )


async def main(wanted: argparse.Namespace) -> None:
    """Prints both tables."""
    cases = [case for case in CASES if not wanted.only or wanted.only in case.name]
    with tempfile.TemporaryDirectory() as folder:
        own = {"engine": (f"embedded:{wanted.model}",)} if wanted.model else {}
        settings = Settings(data=Path(folder), **own) if own else Settings()
        runs: dict[str, list[Run]] = {case.name: [] for case in cases}
        speeds: dict[str, Speed] = {}
        async with pipeline_of(settings) as pipeline:
            engine = pipeline.engines.first
            began = time.perf_counter()
            await engine.load()
            print(
                f"{engine.label}, {threads_here()} threads, loaded in {time.perf_counter() - began:.1f} s\n", flush=True
            )
            for case in cases:
                for number, brief in enumerate(case.briefs[: wanted.runs]):
                    runs[case.name].append(run := await timed(pipeline, case.kind, brief, number))
                    print(f"{case.name}: {run.seconds:.1f} s", file=sys.stderr, flush=True)
            if isinstance(engine.provider, Embedded) and not wanted.only:
                speeds = await speeds_of(engine)
            peak = peak_memory()
        print("\n".join([*table(runs, cases, speeds, peak), "", *each(runs, wanted.trace)]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--model", help="a GGUF file; else the model that `embedded` stands for")
    parser.add_argument("--runs", type=int, default=5, help="requests of each sort, each with a brief of its own")
    parser.add_argument("--only", default="", help="a word of the one sort that is asked for")
    parser.add_argument("--trace", action="store_true", help="each call of the model too")
    logging.disable(logging.WARNING)
    asyncio.run(main(parser.parse_args()))
