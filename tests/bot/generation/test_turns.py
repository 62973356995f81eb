"""Long texts: the outline first, then one entry after another."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from bot.checks.units import words
from bot.content import Assignment
from bot.engines import Engine, Engines, Traits
from bot.engines.scripted import Scripted
from bot.generation.draft import Nobody
from bot.generation.pipeline import Pipeline
from bot.generation.writers.small import fresh

Assigned = Callable[..., Assignment]
HEADINGS = ["Start with a small box", "Feed it green and brown", "Turn it each month"]
_NOUNS = "barn cart drum fern gate hill iron jug kite lamp mill nest oven pond quilt rope shed tray urn vine".split()  # noqa: SIM905


class Writer:
    """Writes the outline first and then texts of so many sentences that all differ."""

    def __init__(self, sentences: int) -> None:
        self.sentences, self.written, self.asked = sentences, 0, []

    def __call__(self, messages: Any) -> Any:
        asked = messages[-1].text
        self.asked.append(asked)
        if "keys title, intro, sections" in "".join(message.text for message in messages):
            sections = [{"heading": heading} for heading in HEADINGS]
            return {"title": "Composting at home", "intro": "Scraps turn into soil. " * 3, "sections": sections}
        return " ".join(self._sentence() for _ in range(self.sentences))

    def _sentence(self) -> str:
        self.written += 1
        first, second = divmod(self.written, len(_NOUNS))
        one, other = _NOUNS[first % 20] + _NOUNS[second], _NOUNS[second] + _NOUNS[first % 20]
        return f"Every {one} wants its own {other} near the tall old garden wall."


# Tokens of a context that has no room for the whole text.
SMALL = 3_000


async def article(assignment: Assignment, writer: Writer, watcher: Any = None, **traits: Any) -> Any:
    engine = Engine(Scripted(writer, traits=Traits(**{"context": SMALL, **traits})), name="writer")
    (result,) = await Pipeline(Engines([engine])).run(assignment, watcher=watcher)
    return result


@pytest.mark.parametrize("capable", [True, False])
@pytest.mark.parametrize("sentences", [3, 6, 12, 40])
async def test_a_text_is_as_long_as_asked_however_much_a_model_writes(
    capable: bool, sentences: int, assigned: Assigned
) -> None:
    writer = Writer(sentences)
    result = await article(
        assigned("article", "article of 350 words on composting, 3 headings"), writer, capable=capable
    )
    assert 350 * 0.87 <= words(result.content.text) <= 350 * 1.15
    assert result.content.parts["headings"] == HEADINGS


class Straying(Writer):
    """Each of its texts has one word of a worked example in its first sentence and another in its last but one."""

    def _sentence(self) -> str:
        said = super()._sentence()
        at = self.written % self.sentences
        return said.replace("tall", {1: "winter", self.sentences - 1: "shelter"}.get(at, "tall"))


async def test_no_section_falls_out_for_what_is_harmless_sentence_by_sentence(assigned: Assigned) -> None:
    result = await article(
        assigned("article", "article of 350 words on composting, 3 headings"), Straying(14), capable=False
    )
    assert result.content.parts["headings"] == HEADINGS
    assert 350 * 0.87 <= words(result.content.text) <= 350 * 1.15
    assert not {"winter", "shelter"} & set(result.content.text.split())


async def test_each_part_knows_the_outline_and_what_was_said_last(assigned: Assigned) -> None:
    writer = Writer(12)
    await article(assigned("article", "article of 350 words on composting, 3 headings"), writer)
    outline, first, second, third = (asked for asked in writer.asked if "Fault:" not in asked)
    assert "Feed it" not in outline
    for part in (first, second, third):
        assert "1. Start with a small box\n2. Feed it green and brown\n3. Turn it each month" in part
    assert "The part before ended" not in first
    assert "The part before ended: …" in second
    assert second.endswith("Feed it green and brown")
    assert third.endswith("Turn it each month")


async def test_each_part_is_paid_for_once(assigned: Assigned) -> None:
    kept: dict[str, Any] = {}

    async def checkpoint(name: str, step: Any) -> Any:
        if name not in kept:
            kept[name] = json.loads(json.dumps(await step()))
        return kept[name]

    assignment, writer = assigned("article", "article of 350 words on composting, 3 headings"), Writer(8)
    engines = Engines([Engine(Scripted(writer, traits=Traits(context=SMALL)), name="writer")])
    first = await Pipeline(engines).run(assignment, checkpoint=checkpoint)
    calls = len(writer.asked)
    again = await Pipeline(engines).run(assignment, checkpoint=checkpoint)
    assert len(writer.asked) == calls == len(kept)
    assert again[0].content == first[0].content


async def test_what_a_context_has_room_for_is_written_in_one_go(assigned: Assigned) -> None:
    sections = [
        {"heading": heading, "text": " ".join(Writer(10)._sentence() for _ in range(9))} for heading in HEADINGS
    ]
    told = []

    def whole(messages: Any) -> Any:
        told.append(messages)
        return {"title": "Composting at home", "intro": "Scraps turn into soil. " * 3, "sections": sections}

    model = Scripted(whole)
    brief = "article of 350 words on composting, 3 headings"
    (result,) = await Pipeline(Engines([Engine(model, name="writer")])).run(assigned("article", brief))
    assert result.content.parts["headings"] == HEADINGS
    assert sections[2]["text"] in result.content.text
    assert not any("is asked for afterwards" in message.text for message in told[0])
    assert not any("Write only the text of the part" in message.text for messages in told for message in messages)


async def test_whoever_watches_sees_it_grow(assigned: Assigned) -> None:
    class Eyes(Nobody):
        watching, seen = True, ""

        async def draft(self, render: Callable[[], str]) -> None:
            shown = render()
            assert "{" not in shown
            self.seen = shown
            await asyncio.sleep(0)

    eyes = Eyes()
    await article(assigned("article", "article of 350 words on composting, 3 headings"), Writer(8), eyes)
    assert "Turn it each month" in eyes.seen
    assert eyes.seen.count("garden wall") > 15


@pytest.mark.parametrize(
    ("text", "said", "kept"),
    [
        ("Worms like it dark. Worms like it dark.", [], "Worms like it dark."),
        ("Worms like dark soil. Leaves go on top.", ["Worms like dark soil!"], "Leaves go on top."),
        ("Leaves go on top. And then the", [], "Leaves go on top."),
        ("This article tells all. Leaves go on top. As I said, stir it.", [], "Leaves go on top."),
        ("", ["x"], ""),
    ],
)
def test_only_whole_new_sentences_are_kept(text: str, said: list[str], kept: str) -> None:
    assert fresh(text, said) == kept
